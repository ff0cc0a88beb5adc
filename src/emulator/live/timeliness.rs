//! Whether the machine kept its deadlines: what was late is in every measured time.

use crate::emulator::plan::Plan;
use crate::emulator::replicator::Mode;
use crate::emulator::time::Duration;
use serde::Serialize;

/// Share of the detector's silence that the p99 of all latenesses may reach.
const SHARE: u64 = 50;
/// Share of it that the greatest may reach.
const GREATEST_SHARE: u64 = 4;
/// Less than that is never too late.
const LEAST: Duration = Duration::from_millis(1);
/// Less than that is never too late for once.
const LEAST_GREATEST: Duration = Duration::from_millis(20);

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
    /// What the greatest may be, seconds: a quarter of it, 20 ms at the least.
    pub max_limit: f64,
    /// By how much the clocks of the processes may differ, seconds.
    pub clocks: f64,
    /// Whether the samples may be calibrated from.
    pub fit: bool,
}

impl Timeliness {
    /// The account of all latenesses of a plan's runs.
    pub(super) fn new(plan: &Plan, mut late: Vec<Duration>, clocks: Duration) -> Timeliness {
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
        Timeliness {
            deadlines: late.len() as u64,
            median,
            p99,
            max,
            p99_limit,
            max_limit,
            clocks: clocks.seconds(),
            fit: !late.is_empty() && p99 <= p99_limit && max <= max_limit,
        }
    }
}
