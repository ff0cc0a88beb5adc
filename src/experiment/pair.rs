//! What two designs of one sweep point have in common.
//!
//! The observation of one index, replication or cycle, draws from the same streams in every design (S15), while
//! different indices are independent. So whatever windows two designs observe, their observations of equal index are
//! independent pairs, and the correlation of two estimates can be estimated; of unequal numbers of observations the
//! shared ones count. Different methods draw from different indices. The error of ln U is to first order the mean of
//! (D − U·τ) / D̄ over observations.

use super::resume::Finding;
use super::series::Series;
use crate::program::Program;
use crate::stats::combine::Tie;
use crate::stats::quantile;
use crate::syntax::ast::Method;
use serde::{Deserialize, Serialize};

/// With fewer pairs their correlation is unknown.
const LEAST: usize = 8;

/// With fewer outages of either design a positive correlation isn't relied on: that all were shared may be luck.
const FEW_OUTAGES: f64 = 30.0;

/// With fewer degrees of freedom (two and a half pairs that differ alike) the spread of the differences isn't relied on:
/// what few pairs show of it is as likely far too little, and a run that stops by it stops where it is least.
const FEW_DIFFERENCES: f64 = 5.0;

/// So many pairs more are taken to differ as much as that which differs most, or by an outage that only one of the designs
/// has, lest a few that differ seem to be all that could. Where the same outages were seen in both and only the
/// length of cycles differs, that outage is all that would tell how little the difference means.
const UNSEEN: f64 = 1.0;

/// Differences whose variance is a smaller share of that of both designs are nothing but rounding.
const ALIKE: f64 = 1e-18;

/// What is known of the dependence of two designs' estimates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// They are one net.
    Same,
    /// At least one of them is an exact value.
    Exact,
    /// They draw from different replications.
    Apart,
    /// They share replications, but in a way that isn't known; at most so strongly.
    Unknown {
        /// Bound of the correlation of the estimators.
        most: f64,
    },
    /// Known from pairs of observations.
    Pairs {
        /// How many.
        count: usize,
        /// Correlation of the estimators.
        correlation: f64,
        /// As much of it as the interval takes for granted; 0 where that is nothing.
        granted: f64,
        /// Degrees of freedom of the variance of the paired difference; 0 where no pair differed.
        freedom: f64,
        /// The same of that design's own variance that has more of them.
        own: f64,
    },
}

impl Shared {
    /// Of two designs of one point, neither of which is the other.
    pub fn of(a: &Finding, b: &Finding, lead: [usize; 2]) -> Shared {
        match [a, b].map(|finding| finding.approach.method) {
            [one, other] if one.is_solved() || other.is_solved() => Shared::Exact,
            [one, other] if one != other => Shared::Apart,
            // Two long paths.
            [Method::BatchMeans, _] => Shared::Unknown { most: 1.0 },
            _ => pairs(&Part::of(a, lead[0]), &Part::of(b, lead[1])),
        }
    }

    /// What the interval of their difference takes them as; the design with fewer observations has so many.
    pub fn tie(self, confidence: f64, observations: u64) -> Tie {
        let critical = |freedom| quantile::student(0.5 + 0.5 * confidence, freedom);
        match self {
            Shared::Unknown { most } => Tie { correlation: -most, widening: 1.0 },
            // Both intervals are as wide as their own degrees of freedom make them.
            Shared::Pairs { granted, own, .. } if granted > 0.0 => {
                let own = own.clamp(1.0, own_freedom(observations));
                Tie { correlation: granted, widening: (critical(self.freedom(observations)) / critical(own)).max(1.0) }
            }
            Shared::Pairs { granted, .. } => Tie { correlation: granted, widening: 1.0 },
            _ => Tie::NONE,
        }
    }

    /// Degrees of freedom of the interval.
    pub fn freedom(self, observations: u64) -> f64 {
        let own = own_freedom(observations);
        match self {
            Shared::Pairs { granted, freedom, .. } if granted > 0.0 => freedom.clamp(1.0, own),
            _ => own,
        }
    }

    /// Whether the interval makes use of pairs.
    pub fn counts(self) -> bool {
        matches!(self, Shared::Pairs { granted, .. } if granted != 0.0)
    }
}

fn own_freedom(observations: u64) -> f64 {
    (observations.max(2) - 1) as f64
}

/// One design's share in the pairs.
struct Part<'f> {
    series: &'f Series,
    /// Binary logarithm of the indices in one observation.
    level: u32,
    /// Indices in all.
    indices: f64,
    /// Its unavailability, its downtime and its outages.
    mean: f64,
    down: f64,
    outages: f64,
}

impl<'f> Part<'f> {
    fn of(finding: &'f Finding, up: usize) -> Part<'f> {
        let tally = &finding.state.tally;
        let (time, down) = (tally.totals[Program::TIME], tally.totals[Program::down(up)]);
        let each = finding.approach.cycles.max(1);
        Part {
            series: &tally.series,
            level: each.ilog2(),
            indices: (tally.count * each) as f64,
            mean: down / time,
            down,
            outages: tally.totals[Program::failures(up)],
        }
    }

    /// Contributions to the error of ln U, of pieces of 2^`level` indices.
    fn errors(&self, level: u32) -> impl Iterator<Item = f64> {
        let pieces = self.series.pieces(level - self.level);
        pieces.into_iter().map(|[time, down]| (down - self.mean * time) / self.down)
    }
}

fn pairs(a: &Part, b: &Part) -> Shared {
    let (fewer, more) = (a.indices.min(b.indices), a.indices.max(b.indices));
    let share = (fewer / more).sqrt();
    let level = (a.series.level() + a.level).max(b.series.level() + b.level);
    let pairs: Vec<(f64, f64)> = a.errors(level).zip(b.errors(level)).collect();
    let [x, y] = [centred(pairs.iter().map(|pair| pair.0)), centred(pairs.iter().map(|pair| pair.1))];
    let square = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
    let (xx, yy) = (square(&x), square(&y));
    // Without outages, or none that are in pairs, there is no correlation; neither is there without variance.
    if pairs.len() < LEAST || !(xx > 0.0 && yy > 0.0 && (xx + yy).is_finite()) {
        return Shared::Unknown { most: if share.is_finite() { share } else { 1.0 } };
    }
    let product: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    let correlation = (product / (xx * yy).sqrt()).clamp(-1.0, 1.0);
    let differences: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
    let spread = square(&differences);
    let (alike, few) = (spread <= ALIKE * (xx + yy), a.outages.min(b.outages) < FEW_OUTAGES);
    let outage = 1.0 / a.outages.min(b.outages);
    let most = differences.iter().fold(outage * outage, |most: f64, d| most.max(d * d));
    let freedom = if alike { 0.0 } else { freedom(&differences) };
    let granted = match correlation > 0.0 {
        true if few || freedom < FEW_DIFFERENCES => 0.0,
        true => ((xx + yy - spread - UNSEEN * most) / (2.0 * (xx * yy).sqrt())).clamp(0.0, correlation),
        false => correlation,
    };
    let own = self::freedom(&x).max(self::freedom(&y));
    Shared::Pairs { count: pairs.len(), correlation: correlation * share, granted: granted * share, freedom, own }
}

fn centred(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= mean);
    values
}

/// Degrees of freedom of the variance of centred values: a sample of kurtosis κ has 2n/(κ − 1), at most n − 1.
fn freedom(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let (second, fourth) = values.iter().fold((0.0, 0.0), |(s, f), v| (s + v * v, f + v * v * v * v));
    let kurtosis = n * fourth / (second * second);
    (2.0 * n / (kurtosis - 1.0).max(f64::MIN_POSITIVE)).min(n - 1.0)
}
