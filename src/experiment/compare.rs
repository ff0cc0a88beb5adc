//! The designs of one sweep point against each other: ratios, differences, signs, ranks.

use super::outcome::{Comparison, Less, Pairing, Ranked, Ranking, Taken};
use super::pair::Shared;
use super::plan::Plan;
use super::resume::Pair;
use super::run::Solved;
use super::settings::Compare;
use super::stopping::projected;
use super::verdict::place;
use crate::stats::combine::{difference, ratio};
use crate::stats::{Estimate, quantile};
use crate::syntax::ast::Method;
use crate::units::YEAR;

/// Standard errors of a correlation below 0 from which on it is no noise.
const PLAIN: f64 = 3.0;

/// A band of the logarithm of a ratio that is no wider is the rounding of exact values.
const ROUNDING: f64 = 1e-12;

/// The designs of one point, as indices of points, in order.
pub(super) fn groups(solved: &[Solved]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, one) in solved.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if solved[group[0]].planned.at == one.planned.at => group.push(index),
            _ => groups.push(vec![index]),
        }
    }
    groups
}

/// Two designs with what they have in common.
struct Duel {
    ratio: Estimate,
    /// Unavailabilities.
    both: [Estimate; 2],
    shared: Shared,
    year: Option<Estimate>,
    /// Of the design with fewer.
    observations: u64,
}

/// The points of those indices, in either order; none unless both have a leading condition. The chance of a better year
/// is known of the earlier against the later one.
fn duel(plan: &Plan, solved: &[Solved], [first, second]: [usize; 2]) -> Option<Duel> {
    let [one, other] = [&solved[first], &solved[second]];
    let both = [primary_unavailability(plan, one)?, primary_unavailability(plan, other)?];
    let kept = |of: usize, with: usize| solved[of].finding.pairs.iter().find(move |pair: &&Pair| pair.with == with);
    let pair = kept(first.max(second), first.min(second));
    let shared = pair.map_or(Shared::Unknown { most: 1.0 }, |pair| pair.shared);
    let sizes = [one, other].into_iter().filter(|s| s.finding.exact.is_none()).map(|s| s.finding.state.tally.count);
    let observations = sizes.min().unwrap_or(u64::MAX);
    let confidence = plan.settings.confidence;
    let mut ratio = ratio(&both[0], &both[1], shared.tie(confidence, observations));
    if shared == Shared::Same && ratio.estimate.is_some() {
        ratio = Estimate::between(Some(1.0), Some((1.0, 1.0)), confidence, "");
    }
    Some(Duel {
        ratio,
        both,
        shared,
        year: pair.filter(|_| first < second).and_then(|pair| pair.year.clone()),
        observations,
    })
}

impl Duel {
    /// Whether the first is down less, and the chance of so clear a sign were they equal (one-sided).
    fn sign(&self) -> Option<(bool, f64)> {
        let Estimate { estimate: Some(value), low: Some(low), high: Some(high), confidence, .. } = self.ratio else {
            return None;
        };
        if value == 1.0 {
            return None;
        }
        let limit = if value < 1.0 { high } else { low };
        let distance = libm::log(limit / value).abs();
        let freedom = self.shared.freedom(self.observations);
        let z = libm::log(value).abs() * quantile::student(0.5 + 0.5 * confidence, freedom) / distance;
        Some((value < 1.0, quantile::student_survival(z, freedom)))
    }

    /// In downtime per year.
    fn difference(&self, confidence: f64) -> Estimate {
        let yearly = |of: &Estimate| {
            let scaled = |value: Option<f64>| value.map(|value| value * YEAR);
            Estimate::between(scaled(of.estimate), scaled(of.low).zip(scaled(of.high)), confidence, "s/y")
        };
        let tie = self.shared.tie(confidence, self.observations);
        let found = difference(&yearly(&self.both[0]), &yearly(&self.both[1]), tie);
        match self.shared {
            Shared::Same if found.estimate.is_some() => {
                Estimate::between(Some(0.0), Some((0.0, 0.0)), confidence, "s/y")
            }
            _ => found,
        }
    }

    fn pairing(&self) -> Pairing {
        let (pairs, correlation) = match self.shared {
            Shared::Pairs { count, correlation, .. } => (count, Some(correlation)),
            _ => (0, None),
        };
        let width = |of: &Estimate| Some(libm::log(of.high? / of.low?));
        let widths = width(&self.both[0]).zip(width(&self.both[1]));
        let saved = correlation.zip(widths).map(|(r, (x, y))| 2.0 * r * x * y / (x * x + y * y));
        let (taken, because) = because(self.shared);
        Pairing { taken, pairs, correlation, saved: saved.filter(|saved| saved.is_finite()), because }
    }
}

fn because(shared: Shared) -> (Taken, String) {
    match shared {
        Shared::Same => (Taken::Exact, "they are one and the same net".into()),
        Shared::Exact => (Taken::Exact, "an exact value is a constant".into()),
        Shared::Apart => (Taken::Independent, "the two methods draw from different replications".into()),
        Shared::Unknown { most } => {
            let because =
                format!("too little is known of what they share: a correlation down to {:.2} is allowed for", -most);
            (Taken::Bounded, because)
        }
        Shared::Pairs { count, .. } if shared.counts() => {
            (Taken::Paired, format!("{count} pairs of observations with the same random numbers"))
        }
        Shared::Pairs { freedom: 0.0, count, .. } => {
            (Taken::Independent, format!("none of {count} pairs differed, which is too little to tell them apart"))
        }
        Shared::Pairs { .. } => {
            let because = "too few outages, or pairs that differ, to rely on what they share: the interval is wider than it need be";
            (Taken::Independent, because.into())
        }
    }
}

/// The unavailability of the leading condition of a point.
fn primary_unavailability(plan: &Plan, solved: &Solved) -> Option<Estimate> {
    solved.planned.primary.map(|up| solved.unavailability(up, &plan.settings))
}

/// The first design against each other one at the same point.
pub(super) fn comparisons(plan: &Plan, solved: &[Solved]) -> Vec<Comparison> {
    let mut list = Vec::new();
    for group in groups(solved) {
        let first = group[0];
        if Some(&solved[first].planned.design) == plan.designs.first() {
            list.extend(group[1..].iter().filter_map(|&second| comparison(plan, solved, [first, second])));
        }
    }
    list
}

/// One design against another.
fn comparison(plan: &Plan, solved: &[Solved], points: [usize; 2]) -> Option<Comparison> {
    let duel = duel(plan, solved, points)?;
    let [design, against] = points.map(|point| solved[point].planned.design.clone());
    let less = duel.sign().map(|(first_less, doubt)| Less {
        design: if first_less { design.clone() } else { against.clone() },
        confidence: 1.0 - doubt,
    });
    Some(Comparison {
        at: solved[points[0]].planned.at.clone(),
        less,
        difference: duel.difference(plan.settings.confidence),
        pairing: duel.pairing(),
        year: duel.year,
        ratio: duel.ratio,
        design,
        against,
    })
}

/// How well two designs are told apart: relative half-widths.
pub(super) struct Gap {
    against: String,
    wanted: Compare,
    ratio: f64,
    difference: f64,
}

/// Of the points of those indices, the first before the second; none where there is nothing to compare.
pub(super) fn gap(plan: &Plan, solved: &[Solved], points: [usize; 2], wanted: Compare) -> Option<Gap> {
    let duel = duel(plan, solved, points)?;
    let width = |of: &Estimate| match of.low.is_some() && of.low == of.high {
        true => 0.0,
        false => of.reached.filter(|width| !width.is_nan()).unwrap_or(f64::INFINITY),
    };
    Some(Gap {
        against: solved[points[0]].planned.design.clone(),
        wanted,
        ratio: width(&duel.ratio),
        difference: width(&duel.difference(plan.settings.confidence)),
    })
}

impl Gap {
    fn goals(&self) -> impl Iterator<Item = (&'static str, f64, f64)> {
        let Gap { wanted, ratio, difference, .. } = *self;
        let all = [("ratio", ratio, wanted.ratio), ("difference", difference, wanted.difference)];
        all.into_iter().filter_map(|(name, width, wanted)| Some((name, width, wanted?)))
    }

    /// Whether all that is wanted is reached.
    pub fn reached(&self) -> bool {
        self.goals().all(|(_, width, wanted)| width <= wanted)
    }

    /// How many times the sample is projected to be needed; infinite when nothing can be projected.
    pub fn factor(&self) -> f64 {
        self.goals().map(|(_, width, wanted)| projected(width, wanted)).fold(0.0, f64::max)
    }

    /// The warning where something isn't reached.
    pub fn shortfall(&self, budget: u64) -> Option<String> {
        let (name, width, wanted) = self.goals().find(|(_, width, wanted)| width > wanted)?;
        let known = if width.is_finite() { format!("known to {:.3} %", 100.0 * width) } else { "unknown".into() };
        let needs = match self.factor() {
            factor if factor.is_finite() => {
                format!("needs about {:.1} times more than {budget} firings", factor.max(1.0))
            }
            _ => "how much more is needed can't be projected".to_string(),
        };
        Some(format!(
            "precision of the comparison not reached: the {name} with {} is {known} instead of {:.3} %; {needs}",
            self.against,
            100.0 * wanted
        ))
    }
}

/// The logarithm of the ratio of two points, and the half-width of its interval.
pub(super) fn log_ratio(plan: &Plan, solved: &[Solved], points: [usize; 2]) -> Option<(f64, f64)> {
    let Estimate { estimate, low, high, .. } = duel(plan, solved, points)?.ratio;
    let (value, low, high) = (libm::log(estimate?), libm::log(low?), libm::log(high?));
    let half = (high - value).max(value - low);
    let half = if half <= ROUNDING { 0.0 } else { half };
    (value.is_finite() && half.is_finite()).then_some((value, half))
}

/// Shared random numbers that do harm, and comparisons that had to be left out.
pub(super) fn warnings(plan: &Plan, solved: &[Solved]) -> Vec<String> {
    let harmful = |group: &Vec<usize>, second: usize| {
        let Shared::Pairs { count, correlation, .. } = duel(plan, solved, [group[0], second])?.shared else {
            return None;
        };
        let [one, other] = [group[0], second].map(|point| solved[point].planned);
        (correlation < -PLAIN / (count as f64).sqrt()).then(|| {
            format!(
                "{} and {}: shared random numbers widen the interval of their difference, since what harms one helps \
                 the other (correlation {correlation:.2}); give the streams different names",
                place(one),
                other.design
            )
        })
    };
    let groups = groups(solved);
    let harm = groups.iter().flat_map(|group| group[1..].iter().filter_map(|&second| harmful(group, second)));
    let lone = |&&point: &&usize| {
        let method = solved[point].finding.approach.method;
        !(method.makes_pairs() || method == Method::Exact)
    };
    let left = groups.iter().filter(|group| plan.settings.compare.is_some() && group.len() > 1);
    let left = left.filter_map(|group| group.iter().find(lone)).map(|&point| {
        let place = place(solved[point].planned);
        format!("{place}: `compare` is left out: by its method it can't be observed together with others")
    });
    harm.chain(left).collect()
}

/// All designs of each point by their downtime: two of them have an order where the sign of their difference is
/// significant, by Holm's procedure (1979) over all pairs of the point.
pub(super) fn rankings(plan: &Plan, solved: &[Solved]) -> Vec<Ranking> {
    groups(solved).iter().filter(|group| group.len() > 1).filter_map(|group| ranking(plan, solved, group)).collect()
}

fn ranking(plan: &Plan, solved: &[Solved], group: &[usize]) -> Option<Ranking> {
    let mut signs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, &first) in group.iter().enumerate() {
        for (j, &second) in group.iter().enumerate().skip(i + 1) {
            let sign = duel(plan, solved, [first, second])?.sign();
            signs.extend(sign.map(|(less, doubt)| if less { (2.0 * doubt, i, j) } else { (2.0 * doubt, j, i) }));
        }
    }
    let pairs = group.len() * (group.len() - 1) / 2;
    let shown = holm(signs, pairs, 1.0 - plan.settings.confidence);
    let count = |of: &dyn Fn(&(usize, usize)) -> bool| shown.iter().filter(|pair| of(pair)).count();
    let ranked = |i: usize| Ranked {
        design: solved[group[i]].planned.design.clone(),
        best: 1 + count(&|pair| pair.1 == i),
        worst: group.len() - count(&|pair| pair.0 == i),
    };
    let value = |i: usize| primary_unavailability(plan, &solved[group[i]]).and_then(|e| e.estimate).unwrap_or(0.0);
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_by(|&i, &j| value(i).total_cmp(&value(j)));
    // Two designs are compared already.
    let next = order.windows(2).filter(|_| order.len() > 2);
    Some(Ranking {
        at: solved[group[0]].planned.at.clone(),
        confidence: plan.settings.confidence,
        neighbours: next.filter_map(|pair| comparison(plan, solved, [group[pair[1]], group[pair[0]]])).collect(),
        designs: order.into_iter().map(ranked).collect(),
    })
}

/// Those of `tests` hypotheses that are rejected, by ascending chance; the rest of them have a chance of 1.
fn holm(mut chances: Vec<(f64, usize, usize)>, tests: usize, level: f64) -> Vec<(usize, usize)> {
    chances.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let rejected = chances.iter().enumerate().take_while(|(k, (chance, ..))| *chance <= level / (tests - k) as f64);
    rejected.map(|(_, &(_, less, more))| (less, more)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_goes_down_step_by_step() {
        let chances = vec![(0.024, 0, 2), (0.01, 0, 1), (0.04, 1, 2)];
        assert_eq!(holm(chances.clone(), 3, 0.05), [(0, 1), (0, 2), (1, 2)]);
        // The second fails, so the third, which would pass, isn't asked.
        assert_eq!(holm(vec![(0.01, 0, 1), (0.03, 0, 2), (0.04, 1, 2)], 3, 0.05), [(0, 1)]);
        assert_eq!(holm(chances, 6, 0.05), []);
        assert_eq!(holm(Vec::new(), 1, 0.05), []);
    }
}
