//! Whether the machine kept its deadlines: what was late is in every measured time.

use crate::emulator::plan::Plan;
use crate::emulator::replicator::Mode;
use crate::emulator::time::Duration;
use serde::Serialize;

/// Share of the detector's silence that the p99 of all latenesses may reach.
const SHARE: u64 = 50;
/// Share of it by which no deadline of an undisturbed run is late.
const GREATEST_SHARE: u64 = 4;
/// Less than that is never too late.
const LEAST: Duration = Duration::from_millis(1);
/// Less than that disturbs no run.
const LEAST_GREATEST: Duration = Duration::from_millis(20);
/// Of so many runs one may be disturbed.
const FEW: u64 = 100;

/// By how much the deadlines of the runs of a plan were late.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timeliness {
    /// Deadlines that were waited for.
    pub deadlines: u64,
    /// The median lateness, seconds.
    pub median: f64,
    /// The 99th percentile, seconds.
    pub p99: f64,
    /// The greatest, seconds.
    pub max: f64,
    /// What the p99 may be for a calibration, seconds: a fiftieth of the detector's silence, 1 ms at the least.
    pub p99_limit: f64,
    /// What is greater disturbs a run, seconds: a quarter of it, 20 ms at the least.
    pub max_limit: f64,
    /// Runs that were disturbed; one in a hundred may be.
    pub disturbed: u64,
    /// The greatest lateness of each run, seconds.
    #[serde(skip)]
    pub runs: Vec<f64>,
    /// By how much the clocks of the processes may differ, seconds.
    pub clocks: f64,
    /// Whether the samples may be calibrated from.
    pub fit: bool,
}

impl Timeliness {
    /// The account of all latenesses of a plan's runs, of which the greatest are `runs`.
    pub(super) fn new(plan: &Plan, mut late: Vec<Duration>, runs: Vec<f64>, clocks: Duration) -> Timeliness {
        late.sort_unstable();
        let at = |permille: usize| late.get((late.len() * permille).div_ceil(1000).saturating_sub(1)).copied();
        let seconds = |length: Option<Duration>| length.unwrap_or_default().seconds();
        let silence = match plan.pair.mode {
            Mode::Alone => Duration::ZERO,
            _ => plan.pair.detector.silence(plan.pair.priorities[1]),
        };
        let p99_limit = silence.scaled(1, SHARE).max(LEAST).seconds();
        let max_limit = silence.scaled(1, GREATEST_SHARE).max(LEAST_GREATEST).seconds();
        let (median, p99, max) = (seconds(at(500)), seconds(at(990)), seconds(late.last().copied()));
        let disturbed = runs.iter().filter(|most| **most > max_limit).count() as u64;
        Timeliness {
            deadlines: late.len() as u64,
            median,
            p99,
            max,
            p99_limit,
            max_limit,
            disturbed,
            clocks: clocks.seconds(),
            fit: !late.is_empty() && p99 <= p99_limit && disturbed * FEW <= runs.len() as u64,
            runs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnostics, Sources};
    use crate::emulator::read;

    #[test]
    fn a_sample_is_fit_if_most_deadlines_were_kept_and_few_runs_disturbed() {
        let text =
            "FaultPlan(clients: (), pair: (mode: Standby, detector: Heartbeats(interval: \"100 ms\", misses: 3)))";
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let source = sources.add("plan.ron", text);
        let study = read::read(source, text.as_bytes(), &mut diagnostics).expect("no mistakes");
        let told = |late: &[u64], runs: &[f64]| {
            let late = late.iter().map(|millis| Duration::from_millis(*millis)).collect();
            Timeliness::new(&study.cases[0].plan, late, runs.to_vec(), Duration::from_millis(2))
        };
        // A silence of 300 ms: 6 ms and 75 ms.
        let good = told(&[&[7][..], &[1; 198], &[2]].concat(), &[0.01; 100]);
        assert!(good.fit && (good.p99, good.max, good.median, good.clocks) == (1e-3, 7e-3, 1e-3, 2e-3), "{good:?}");
        assert_eq!((good.p99_limit, good.max_limit, good.deadlines), (6e-3, 75e-3, 200));
        assert!(!told(&[&[7; 3][..], &[1; 197]].concat(), &[0.01; 100]).fit);
        let one = [&[0.08][..], &[0.01; 99]].concat();
        assert!(told(&[1; 9], &one).fit && !told(&[1; 9], &one[..99]).fit && !told(&[1; 9], &[0.08]).fit);
        assert!(!told(&[], &[]).fit, "nothing is known");
    }
}
