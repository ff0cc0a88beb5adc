//! What the structure of a flat net proves without running it.

mod change;
mod conflict;
mod farkas;
mod interval;
mod invariants;
mod live;
mod warn;

pub use conflict::conflict_sets;
pub use warn::warn;

use super::expr::Expr;
use super::{Average, Formula, Net, Place, PlaceId, TransitionId};
use interval::interval;
use invariants::Found;
use live::{Conserved, Known, Reach, reach};
use serde::Serialize;

/// How far the search for invariants goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows by which one connected part of the net may grow while it is solved; a larger part is skipped.
    pub rows: usize,
    /// Matrix entries looked at for the P-invariants, and again for the T-invariants, and arcs for what may fire (a
    /// bound of the time).
    pub work: u64,
}

impl Default for Limits {
    /// 2,000 rows; about a second.
    fn default() -> Limits {
        Limits { rows: 2_000, work: 10_000_000 }
    }
}

/// Sizes, invariants, bounds, conflicts, and what can never happen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Structure {
    /// (Place, colour) pairs.
    pub places: usize,
    /// (Transition, binding) pairs.
    pub transitions: usize,
    /// Transitions of the source, instances counted apart.
    pub families: usize,
    /// Module instances.
    pub instances: usize,
    /// Weighted sums of tokens that never change.
    pub p_invariants: Invariants,
    /// Numbers of firings that lead back to where they began.
    pub t_invariants: Invariants,
    /// Places that never hold more than so many tokens.
    pub bounds: Vec<Bound>,
    /// Extended conflict sets of the immediates (S5), in the order in which they are visited.
    pub conflict_sets: Vec<Vec<String>>,
    /// Transitions proven never to fire.
    pub dead: Vec<Dead>,
    /// `up` conditions and measures proven never to change.
    pub constant: Vec<Constant>,
}

/// The minimal non-negative invariants of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Invariants {
    /// Those that were found; all of them when nothing was skipped.
    pub list: Vec<Invariant>,
    /// Connected parts of the net whose invariants exceed the [`Limits`].
    pub skipped: usize,
    /// Places (for P) or transitions (for T) left out, since a flush changes them by an unknown number.
    pub left_out: Vec<String>,
}

/// Names with their weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invariant {
    /// Places of a P-invariant, transitions of a T-invariant, with weights ≥ 1 in lowest terms.
    pub terms: Vec<(String, u64)>,
    /// Of a P-invariant: what the weighted tokens always add up to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u64>,
}

/// Why a place is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Because {
    /// Nothing that may fire puts tokens there.
    Unfed,
    /// A P-invariant.
    Invariant,
    /// Its capacity, and no P-invariant as low.
    Capacity,
}

/// Most tokens of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// The place.
    pub place: String,
    /// Its tokens at most.
    pub tokens: u32,
    /// Why.
    pub because: Because,
}

/// A transition that can never fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dead {
    /// The transition, with its binding.
    pub transition: String,
    /// Why: "`Spare` never holds a token".
    pub because: String,
    /// Its index.
    #[serde(skip)]
    pub id: TransitionId,
}

/// What is reported as constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConstantKind {
    /// An `up` condition.
    Up,
    /// A measure.
    Measure,
}

/// An `up` condition or measure that never changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constant {
    /// Which of the two.
    pub kind: ConstantKind,
    /// Its name.
    pub name: String,
    /// Its value; conditions are 0 or 1, and NaN is a quotient without a denominator.
    pub value: f64,
    /// Its index among the net's conditions or measures.
    #[serde(skip)]
    pub index: usize,
}

/// What is proven of a net: which transitions may fire, within which ranges, and the sums that never change.
struct Proof {
    reach: Reach,
    invariants: Found,
}

impl Proof {
    fn of(net: &Net, limits: &Limits) -> Proof {
        let mut most: Vec<Option<u32>> = net.places.iter().map(capacity).collect();
        let mut found = reach(net, &Known { work: limits.work, most: &most, conserved: &[] });
        let mut invariants = invariants::places(net, &found, limits);
        // Each proof of death may free more invariants, and each invariant prove more deaths.
        for _ in 0..3 {
            let by_sums = bounds_by_sums(net, &invariants.list);
            most = most.into_iter().zip(by_sums).map(|(x, y)| least(x, y)).collect();
            let next = reach(net, &Known { work: limits.work, most: &most, conserved: &invariants.list });
            let fewer = count_dead(&next) > count_dead(&found);
            found = next;
            if !fewer {
                break;
            }
            invariants = invariants::places(net, &found, limits);
        }
        Proof { reach: found, invariants }
    }
}

/// Analyses a checked net. Everything it claims holds for every path of the net.
pub fn analyse(net: &Net, limits: &Limits) -> Structure {
    let proof = Proof::of(net, limits);
    let names = |set: &Vec<TransitionId>| set.iter().map(|t| net.transitions[t.0 as usize].name.clone()).collect();
    Structure {
        places: net.places.len(),
        transitions: net.transitions.len(),
        families: net.families.len(),
        instances: net.instances,
        bounds: bounds(net, &proof),
        t_invariants: invariants::transitions(net, &proof.reach, limits),
        conflict_sets: conflict_sets(net).iter().map(names).collect(),
        dead: dead(net, &proof.reach),
        constant: Structure::constants(net, &proof.reach),
        p_invariants: proof.invariants.named(net),
    }
}

fn capacity(place: &Place) -> Option<u32> {
    place.capacity.map(|c| c.limit.max(place.initial))
}

fn count_dead(reach: &Reach) -> usize {
    reach.dead.iter().filter(|d| d.is_some()).count()
}

fn least(x: Option<u32>, y: Option<u32>) -> Option<u32> {
    x.into_iter().chain(y).min()
}

/// Most tokens of each place that the conserved sums leave room for.
fn bounds_by_sums(net: &Net, conserved: &[Conserved]) -> Vec<Option<u32>> {
    let mut most: Vec<Option<u32>> = vec![None; net.places.len()];
    for sum in conserved {
        for (place, weight) in &sum.terms {
            let known = &mut most[place.0 as usize];
            *known = least(*known, u32::try_from(sum.value / weight).ok());
        }
    }
    most
}

fn bounds(net: &Net, proof: &Proof) -> Vec<Bound> {
    let mut fed = vec![false; net.places.len()];
    for (transition, _) in net.transitions.iter().zip(&proof.reach.dead).filter(|(_, dead)| dead.is_none()) {
        change::changes(transition).iter().for_each(|(place, change)| fed[place.0 as usize] |= change.puts());
    }
    let by_sums = bounds_by_sums(net, &proof.invariants.list);
    let bound = |index: usize| {
        let place = &net.places[index];
        let tokens = least(proof.reach.ranges[index].high, by_sums[index])?;
        let because = match (fed[index], by_sums[index]) {
            (false, _) => Because::Unfed,
            (true, Some(most)) if most <= tokens => Because::Invariant,
            _ => Because::Capacity,
        };
        Some(Bound { place: place.name.clone(), tokens, because })
    };
    (0..net.places.len()).filter_map(bound).collect()
}

fn dead(net: &Net, found: &Reach) -> Vec<Dead> {
    let each = net.transitions.iter().zip(&found.dead).enumerate();
    each.filter_map(|(index, (transition, because))| {
        let id = TransitionId(index as u32);
        Some(Dead { transition: transition.name.clone(), because: because.clone()?, id })
    })
    .collect()
}

impl Structure {
    /// Conditions and measures that no transition that may fire changes.
    fn constants(net: &Net, found: &Reach) -> Vec<Constant> {
        let found = &Fixed { found, marking: found.ranges.iter().map(|r| r.low).collect() };
        let ups = net.up.iter().enumerate().filter_map(|(index, up)| {
            let value = found.value(&up.expr)?;
            Some(Constant { kind: ConstantKind::Up, name: up.name.clone(), value: f64::from(value != 0.0), index })
        });
        let measures = net.measures.iter().enumerate().filter_map(|(index, measure)| {
            let value = found.formula(&measure.formula)?;
            // A formula without averages is constant on purpose.
            averages(&measure.formula).then(|| Constant {
                kind: ConstantKind::Measure,
                name: measure.name.clone(),
                value,
                index,
            })
        });
        ups.chain(measures).collect()
    }
}

/// What doesn't change, with the least marking for the places that don't.
struct Fixed<'f> {
    found: &'f Reach,
    marking: Vec<u32>,
}

impl Fixed<'_> {
    /// The value of an expression that no reachable marking changes.
    fn value(&self, expr: &Expr) -> Option<f64> {
        let ranges = &self.found.ranges;
        let mut exact = true;
        expr.places(&mut |p: PlaceId| exact &= ranges[p.0 as usize].high == Some(ranges[p.0 as usize].low));
        if exact { Some(expr.evaluate(&self.marking)) } else { interval(expr, ranges).single() }
    }

    fn formula(&self, formula: &Formula) -> Option<f64> {
        let at = |f: &Formula| self.formula(f);
        let all_dead = |list: &[TransitionId]| list.iter().all(|t| self.found.dead[t.0 as usize].is_some());
        Some(match formula {
            Formula::Constant(value) => *value,
            Formula::Average(Average::Reward(expr)) => self.value(expr)?,
            Formula::Average(Average::Rate(list) | Average::Impulse(list, _)) => all_dead(list).then_some(0.0)?,
            Formula::Negate(x) => -at(x)?,
            Formula::Add(x, y) => at(x)? + at(y)?,
            Formula::Subtract(x, y) => at(x)? - at(y)?,
            Formula::Multiply(x, y) => at(x)? * at(y)?,
            Formula::Divide(x, y) => at(x)? / at(y)?,
        })
    }
}

/// Whether a formula averages anything.
fn averages(formula: &Formula) -> bool {
    match formula {
        Formula::Constant(_) => false,
        Formula::Average(_) => true,
        Formula::Negate(x) => averages(x),
        Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
            averages(x) || averages(y)
        }
    }
}
