//! The designs of one sweep point together: what they observe, and what is kept of it for their comparison.

use super::approach::Approach;
use super::pair::Shared;
use super::plan::Plan;
use super::resume::{Finding, Pair};
use super::run::Solved;
use super::window::Window;
use crate::stats::precedence;
use crate::syntax::ast::Method;
use std::collections::BTreeMap;
use std::ops::Range;

/// A replication becomes at most so many times as long to see what another design's sees.
const STRETCH: f64 = 4.0;

/// An observation has at least this part of the cycles that it would have alone.
const SMALLER: u64 = 16;

/// The points of each sweep point, which stand together.
pub fn ranges(plan: &Plan) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (index, planned) in plan.points.iter().enumerate() {
        match ranges.last_mut() {
            Some(range) if plan.points[range.start].at == planned.at => range.end = index + 1,
            _ => ranges.push(index..index + 1),
        }
    }
    ranges
}

/// Gives replications the same warm-up and length, the longest among them, so that they see the same faults at the same
/// time; those that differ too much form groups of their own, and what is `fixed` stays. Observations of cycles become
/// as small as the smallest, so that there are many pairs of them.
pub fn align(approaches: &mut [Approach], fixed: &[bool]) {
    let total = |approach: &Approach| approach.warmup + approach.spread + approach.length;
    let cycles = approaches.iter().filter(|a| a.method == Method::Regenerative).map(|a| a.cycles).min().unwrap_or(0);
    for (approach, _) in
        approaches.iter_mut().zip(fixed).filter(|(a, fixed)| a.method == Method::Regenerative && !**fixed)
    {
        approach.cycles = cycles.max(approach.cycles / SMALLER);
    }
    let mut rest: Vec<usize> = (0..approaches.len())
        .filter(|&i| approaches[i].method == Method::Replications && !approaches[i].still)
        .collect();
    while let Some(longest) = rest.iter().map(|&i| total(&approaches[i])).max_by(f64::total_cmp) {
        let (near, far): (Vec<usize>, Vec<usize>) =
            rest.iter().partition(|&&i| total(&approaches[i]) * STRETCH >= longest || longest <= 0.0);
        let most = |of: &dyn Fn(&Approach) -> f64| near.iter().map(|&i| of(&approaches[i])).fold(0.0, f64::max);
        let common = Window { warmup: most(&|a| a.warmup), spread: most(&|a| a.spread), length: most(&|a| a.length) };
        for &i in near.iter().filter(|&&i| !fixed[i]) {
            let approach = &mut approaches[i];
            if approach.window() != common {
                (approach.warmup, approach.spread, approach.length) = (common.warmup, common.spread, common.length);
                approach.warmup_because += "; warm-up and length as the longest of the designs compared";
            }
        }
        rest = far;
    }
}

/// What the point `index` has in common with the earlier points `group` of its sweep point.
pub(super) fn pairs(
    plan: &Plan,
    digests: &[String],
    solved: &[Solved],
    group: Range<usize>,
    of: &Finding,
) -> Vec<Pair> {
    let index = group.end;
    let planned = &plan.points[index];
    let pair = |with: usize| {
        let (other, lead) = (&solved[with], plan.points[with].primary.zip(planned.primary)?);
        let same = digests[with] == digests[index] && lead.0 == lead.1;
        let shared = if same { Shared::Same } else { Shared::of(&other.finding, of, [lead.0, lead.1]) };
        let sampled = with == group.start && !of.single_years.is_empty() && !other.finding.single_years.is_empty();
        let years = || precedence(&other.finding.single_years, &of.single_years, plan.settings.confidence);
        Some(Pair { with, shared, year: sampled.then(years) })
    };
    group.clone().filter_map(pair).collect()
}

/// When the observations of a point can be dropped: it, and any point of the same net, are compared no more.
pub struct Last(Vec<usize>);

impl Last {
    /// Of a plan's points.
    pub fn new(plan: &Plan, digests: &[String]) -> Last {
        let key = |i: usize| (&digests[i], plan.points[i].primary);
        let last: BTreeMap<_, usize> = (0..plan.points.len()).map(|i| (key(i), i)).collect();
        Last((0..plan.points.len()).map(|i| last[&key(i)]).collect())
    }

    /// Drops what isn't needed from the point `next` on.
    pub(super) fn drop_before<'f>(&self, next: usize, findings: impl Iterator<Item = &'f mut Finding>) {
        for (finding, &last) in findings.zip(&self.0) {
            if last < next {
                finding.state.tally.series = Default::default();
                finding.single_years = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approach(warmup: f64, length: f64) -> Approach {
        Approach {
            method: Method::Replications,
            because: String::new(),
            warmup,
            spread: 0.0,
            warmup_because: "pilot".into(),
            length,
            cycles: 0,
            biased: None,
            split: None,
            strata: None,
            firings: 0,
            still: false,
            warnings: Vec::new(),
        }
    }

    fn aligned(windows: &[(f64, f64)], fixed: &[bool]) -> Vec<(f64, f64)> {
        let mut approaches: Vec<Approach> = windows.iter().map(|&(w, l)| approach(w, l)).collect();
        align(&mut approaches, fixed);
        approaches.iter().map(|a| (a.warmup, a.length)).collect()
    }

    #[test]
    fn what_is_compared_sees_the_same_time() {
        assert_eq!(aligned(&[(1.0, 20.0), (2.0, 10.0)], &[false; 2]), [(2.0, 20.0); 2]);
        // One that differs too much is left alone, and so is one that is done.
        assert_eq!(
            aligned(&[(1.0, 20.0), (10.0, 900.0), (2.0, 10.0)], &[false; 3]),
            [(2.0, 20.0), (10.0, 900.0), (2.0, 20.0)]
        );
        assert_eq!(aligned(&[(1.0, 20.0), (2.0, 10.0)], &[true, false]), [(1.0, 20.0), (2.0, 20.0)]);
        assert_eq!(aligned(&[(0.0, 0.0), (0.0, 0.0)], &[false; 2]), [(0.0, 0.0); 2]);
        assert_eq!(aligned(&[], &[]), []);
    }

    #[test]
    fn cycles_are_paired_in_small_observations() {
        let cycles = |cycles| Approach { method: Method::Regenerative, cycles, ..approach(0.0, 0.0) };
        let mut all = [cycles(1024), cycles(64), cycles(8), cycles(512)];
        align(&mut all, &[false, false, false, true]);
        assert_eq!(all.map(|a| a.cycles), [64, 8, 8, 512]);
    }

    #[test]
    fn other_methods_keep_their_windows() {
        let mut both = [approach(1.0, 20.0), Approach { method: Method::Regenerative, ..approach(0.0, 0.0) }];
        let before = both.clone();
        align(&mut both, &[false; 2]);
        assert_eq!(both, before);
    }
}
