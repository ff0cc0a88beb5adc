//! What the data show at one look: limits of the ratio of two downtimes, or of one unavailability.

use super::looks::ALARM;
use super::trial::Question;
use crate::experiment::pair::Shared;
use crate::experiment::run::Solved;
use crate::experiment::sample::sample;
use crate::experiment::settings::Settings;
use crate::program::Program;
use crate::stats::Estimate;
use crate::stats::combine::ratio;

/// Least number of outages of one version at least before a look counts: of fewer, errors are lopsided.
const LEAST_OUTAGES: f64 = 30.0;

/// Relative error that rounding and quadrature may leave on exact values.
const ROUNDING: f64 = 1e-9;

/// What is shown of the value and its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It isn't above.
    Within,
    /// It is above.
    Beyond,
    /// Neither.
    Neither,
}

/// The versions of a question as they were solved, in its order.
pub struct Evidence<'e> {
    pub question: &'e Question<'e>,
    pub solved: &'e [Solved<'e>],
    pub settings: &'e Settings,
}

impl Evidence<'_> {
    /// The unavailability of a version.
    pub fn unavailability(&self, version: usize, confidence: f64) -> Estimate {
        let settings = Settings { confidence, ..self.settings.clone() };
        self.solved[version].unavailability(self.question.sides[version].up, &settings)
    }

    fn total(&self, version: usize, sum: impl Fn(usize) -> usize) -> f64 {
        self.solved[version].finding.state.tally.totals[sum(self.question.sides[version].up)]
    }

    /// Outages of a version that were seen.
    pub fn outages(&self, version: usize) -> f64 {
        let Solved { facts, layout, finding, .. } = &self.solved[version];
        let sample = sample(facts, layout, &finding.state.tally, self.settings, finding.approach.method);
        sample.outages(self.question.sides[version].up) as f64
    }

    fn is_always_down(&self, version: usize) -> bool {
        self.total(version, Program::down) >= self.total(version, |_| Program::TIME)
    }

    /// Observations of the version with fewer.
    pub fn observations(&self) -> u64 {
        self.solved.iter().map(|solved| solved.finding.state.tally.count).min().unwrap_or(0)
    }

    /// The estimate of what is asked about.
    fn point(&self) -> Option<f64> {
        let values: Vec<f64> =
            (0..self.solved.len()).map(|version| self.unavailability(version, 0.5).estimate).collect::<Option<_>>()?;
        Some(values[0] / values.get(1).unwrap_or(&1.0)).filter(|value| value.is_finite())
    }

    /// What exact values show, and the value.
    pub fn exactly(&self) -> (Shown, Estimate) {
        let values: Option<Vec<f64>> =
            (0..self.solved.len()).map(|version| self.unavailability(version, 0.5).estimate).collect();
        let shown = values.map_or(Shown::Neither, |values| {
            let most = self.question.most * values.get(1).unwrap_or(&1.0) * (1.0 + ROUNDING);
            if values[0] <= most { Shown::Within } else { Shown::Beyond }
        });
        let value = self.point();
        (shown, Estimate::between(value, value.map(|value| (value, value)), 1.0 - ALARM, ""))
    }

    /// What a look at simulated values shows, with the chances that it may err with in calling it beyond and within.
    pub fn at_look(&self, [beyond, within]: [f64; 2]) -> (Shown, Estimate) {
        let (low, high) = (self.limits(beyond).0, self.limits(within).1);
        let versions = 0..self.solved.len();
        let counts = versions.clone().any(|version| self.outages(version) >= LEAST_OUTAGES)
            || versions.clone().any(|version| self.is_always_down(version))
            || versions.clone().all(|version| self.outages(version) == 0.0);
        let shown = match (low.filter(|_| counts), high.filter(|_| counts)) {
            (Some(low), _) if low > self.question.most => Shown::Beyond,
            (_, Some(high)) if high < self.question.most => Shown::Within,
            _ => Shown::Neither,
        };
        let blank = Estimate::between(self.point(), None, 1.0 - ALARM, "");
        (
            shown,
            Estimate { low: low.filter(|low| low.is_finite()), high: high.filter(|high| high.is_finite()), ..blank },
        )
    }

    /// What the limits rest on, or why there are none.
    pub fn because(&self) -> String {
        let never = |version: usize| self.outages(version) == 0.0 && !self.is_always_down(version);
        let version = |version: usize| if version == 0 { "now" } else { "as it was" };
        let with = |what: &str, which: &dyn Fn(usize) -> bool| {
            let all = 0..self.solved.len();
            all.filter(|&i| which(i)).map(|i| format!("{what} {}", version(i))).collect::<Vec<_>>()
        };
        let odd = [with("always down", &|i| self.is_always_down(i)), with("no outage seen", &never)].concat();
        if !odd.is_empty() {
            return odd.join(", ");
        }
        let [new, old] = &self.question.sides[..] else { return self.solved[0].finding.approach.because.clone() };
        match Shared::of(&self.solved[0].finding, &self.solved[1].finding, [new.up, old.up]) {
            shared @ Shared::Pairs { correlation, .. } if shared.counts() => {
                format!("both with the same random numbers, correlation {correlation:.2}")
            }
            _ => "both taken as independent".to_string(),
        }
    }

    /// Limits below and above, each wrong with that chance.
    fn limits(&self, error: f64) -> (Option<f64>, Option<f64>) {
        let [_, old] = &self.question.sides[..] else { return self.ends(0, error) };
        let confidence = 1.0 - 2.0 * error;
        let [x, y] = [0, 1].map(|version| self.unavailability(version, confidence));
        if x.low.is_some() && y.low.is_some() {
            let [new, blessed] = [0, 1].map(|version| &self.solved[version].finding);
            let shared = Shared::of(new, blessed, [self.question.sides[0].up, old.up]);
            let found = ratio(&x, &y, shared.tie(confidence, self.observations()));
            return (found.low, found.high);
        }
        // Both limits hold at once, however they hang together.
        let [x, y] = [0, 1].map(|version| self.ends(version, 0.5 * error));
        let over = |x: Option<f64>, y: Option<f64>| Some(x? / y.filter(|&y| y > 0.0)?);
        (over(x.0, y.1), over(x.1, y.0))
    }

    /// Limits of one unavailability, each wrong with that chance; also where it is 1, or nothing was seen.
    fn ends(&self, version: usize, error: f64) -> (Option<f64>, Option<f64>) {
        let estimate = self.unavailability(version, 1.0 - 2.0 * error);
        if estimate.low.is_some() {
            return (estimate.low, estimate.high);
        }
        let finding = &self.solved[version].finding;
        if self.is_always_down(version) {
            // Of like observations a share of at most U is down throughout, and all of them were.
            let low = libm::exp(libm::log(error) / finding.state.tally.count.max(1) as f64);
            return (Some(low), Some(1.0));
        }
        // The bound is one-sided.
        let bound = self.unavailability(version, 1.0 - error).bound.map(|bound| bound.value);
        (estimate.estimate.is_none().then_some(0.0), bound)
    }
}
