//! The law that a sample itself shows, censored values rightly counted.

use super::sample::Sample;

/// One step of the Kaplan–Meier curve.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Step {
    /// A duration at which at least one observation ended, seconds.
    pub time: f64,
    /// Estimated probability of a longer one.
    pub survival: f64,
    /// Its standard error (Greenwood 1926).
    pub error: f64,
    /// Observations still running, and already seen, just before.
    pub at_risk: u64,
    /// How many ended here.
    pub ended: u64,
}

/// The curve of Kaplan and Meier (1958), late entries taken account of; none where an observation is interval-censored,
/// left-censored or right-truncated.
pub fn kaplan_meier(sample: &Sample) -> Option<Vec<Step>> {
    sample.is_right_censored_only().then(|| steps(sample, |seen| seen.is_exact()))
}

/// The same curve of the times at which observation ended: what a bootstrap censors by.
pub(super) fn censoring(sample: &Sample) -> Vec<Step> {
    steps(sample, |seen| !seen.is_exact())
}

fn steps(sample: &Sample, ends: impl Fn(&super::sample::Observation) -> bool) -> Vec<Step> {
    let mut times: Vec<f64> = sample.observations.iter().filter(|seen| ends(seen)).map(|seen| seen.low).collect();
    times.sort_by(f64::total_cmp);
    let mut lows: Vec<f64> = sample.observations.iter().map(|seen| seen.low).collect();
    let mut entries: Vec<f64> = sample.observations.iter().map(|seen| seen.entry).collect();
    lows.sort_by(f64::total_cmp);
    entries.sort_by(f64::total_cmp);
    let (mut survival, mut variance, mut steps) = (1.0, 0.0, Vec::new());
    for equal in times.chunk_by(|a, b| a == b) {
        let (time, ended) = (equal[0], equal.len() as f64);
        // Entered before, and neither ended nor lost before.
        let at_risk = (entries.partition_point(|entry| *entry < time || *entry == 0.0) as f64)
            - lows.partition_point(|low| *low < time) as f64;
        survival *= 1.0 - ended / at_risk;
        variance += if at_risk > ended { ended / (at_risk * (at_risk - ended)) } else { 0.0 };
        let error = survival * variance.sqrt();
        steps.push(Step { time, survival, error, at_risk: at_risk as u64, ended: equal.len() as u64 });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::sample::Observation;

    fn sample(values: &[(f64, bool)]) -> Sample {
        let seen = |&(value, ended): &(f64, bool)| match ended {
            true => Observation::exact(value),
            false => Observation::between(value, f64::INFINITY),
        };
        Sample::new("x", values.iter().map(seen).collect(), 0.0).expect("a sample")
    }

    /// The remission times of Freireich et al. (1963), 6-mercaptopurine: the survival that textbooks print
    /// (Kalbfleisch and Prentice 2002, table 1.2; Collett 2003, table 2.2).
    #[test]
    fn the_curve_of_the_leukaemia_trial() {
        let (ended, lost) = ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let ended = ended.iter().map(|&t| (f64::from(t), true));
        let all: Vec<(f64, bool)> = ended.chain(lost.iter().map(|&t| (f64::from(t), false))).collect();
        let steps = kaplan_meier(&sample(&all)).expect("right-censored");
        let survival: Vec<f64> = steps.iter().map(|step| (step.survival * 1e4).round() / 1e4).collect();
        assert_eq!(survival, [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]);
        let errors: Vec<f64> = steps.iter().map(|step| (step.error * 1e4).round() / 1e4).collect();
        assert_eq!(errors, [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]);
        assert_eq!(steps[2].at_risk, 15);
    }

    #[test]
    fn without_censoring_it_is_the_empirical_law() {
        let steps = kaplan_meier(&sample(&[(3.0, true), (1.0, true), (2.0, true), (2.0, true)])).expect("complete");
        let survival: Vec<f64> = steps.iter().map(|step| step.survival).collect();
        assert_eq!(survival, [0.75, 0.25, 0.0]);
    }

    #[test]
    fn a_late_entry_is_at_risk_from_then_on_only() {
        let mut late = sample(&[(1.0, true), (4.0, true), (5.0, true)]);
        late.observations[2].entry = 2.0;
        let steps = kaplan_meier(&late).expect("right-censored");
        assert_eq!(steps[0].at_risk, 2);
        assert_eq!(steps[1].at_risk, 2);
        assert_eq!(steps[1].survival, 0.25);
    }
}
