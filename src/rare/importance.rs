//! How near a marking is to a failure: the importance along which splitting lays its levels.
//!
//! Of a net that can be explored it is the logarithm of the probability of the likeliest way down, found backwards
//! from the down markings (Dijkstra 1959) over the net's *shadow*: the same net with an exponential clock of the same
//! mean in place of each. Of a larger one it is minus the number of tokens that must change before the `up` condition
//! is false, composed along the condition: a conjunction fails by the nearest of its parts, a disjunction by all.
//! It only guides the levels: whatever it is, the estimates are unbiased.

use crate::dist::forms;
use crate::exact::{self, Markings, Space};
use crate::net::expr::{ArgumentExpr, Expr, FoldOp, LawExpr, Op};
use crate::net::{Net, Timed, Timing};
use crate::program::compile;
use crate::syntax::ast::{MemoryPolicy, Renew, Scope};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Most markings that are explored; about a hundred megabytes.
const LIMITS: exact::Limits =
    exact::Limits { states: 200_000, transitions: 4_000_000, vanishing: 10_000, memory: exact::Limits::MEMORY };

/// Shortest mean of a shadow's clock, seconds.
const SHORTEST: f64 = 1e-12;

/// Ways down whose probabilities differ by less than a factor of 2 are as good as alike.
const ALIKE: f64 = 0.7;

/// The importance of markings for one `up` condition of a net.
#[derive(Debug)]
pub struct Importance {
    kind: Kind,
    because: String,
}

#[derive(Debug)]
enum Kind {
    /// By number of the marking.
    Explored(Markings, Vec<f64>),
    Structural(Expr),
    Stated(Expr),
}

/// Room for looking up a marking, to be used again.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Vec<u8>);

impl Importance {
    /// From the net itself, for the `up` condition of index `up`; none when `stop` interrupts.
    pub fn new(net: &Net, up: usize, stop: exact::Stop) -> Option<Importance> {
        match explored(net, up, stop) {
            Ok((markings, values)) => {
                let because = format!("the likeliest way down, over {} markings", values.len());
                Some(Importance { kind: Kind::Explored(markings, values), because })
            }
            Err(exact::Refusal::Interrupted) => None,
            Err(_) => Some(Importance::structural(net, up)),
        }
    }

    /// From the structure of the `up` condition alone.
    pub fn structural(net: &Net, up: usize) -> Importance {
        let because = "the number of tokens that must change before the condition is false".to_string();
        Importance { kind: Kind::Structural(net.up[up].expr.clone()), because }
    }

    /// An expression over the marking, the greater the nearer to a failure.
    pub fn stated(expr: Expr) -> Importance {
        Importance { kind: Kind::Stated(expr), because: "stated".to_string() }
    }

    /// What it is, in words.
    pub fn because(&self) -> &str {
        &self.because
    }

    /// By how much importances may differ without meaning much: a level is laid so far below the markings it is meant for.
    pub fn margin(&self) -> f64 {
        if matches!(self.kind, Kind::Explored(..)) { ALIKE } else { 0.0 }
    }

    /// Of a tangible marking (tokens by flat place); −∞ where no way leads down.
    #[inline]
    pub fn of(&self, marking: &[u32], scratch: &mut Scratch) -> f64 {
        match &self.kind {
            Kind::Explored(markings, values) => {
                markings.find(marking, &mut scratch.0).map_or(f64::NEG_INFINITY, |state| values[state as usize])
            }
            Kind::Structural(up) => -distance(up, marking, false),
            Kind::Stated(expr) => expr.evaluate(marking),
        }
    }
}

/// The markings of the shadow with ln of the probability of the likeliest way down from each.
fn explored(net: &Net, up: usize, stop: exact::Stop) -> Result<(Markings, Vec<f64>), exact::Refusal> {
    let shadow = shadow(net);
    let limit = exact::Refusal::TooManyStates { limit: LIMITS.states };
    let program = compile(&shadow).map_err(|_| limit)?;
    let space = exact::explore(&shadow, &program, &LIMITS, stop)?;
    let values = likeliest(&space, up);
    Ok((space.into_markings(), values))
}

/// The net with exponential clocks of the same means, that forget.
fn shadow(net: &Net) -> Net {
    let marking: Vec<u32> = net.places.iter().map(|place| place.initial).collect();
    let mut shadow = net.clone();
    for transition in &mut shadow.transitions {
        if let Timing::Timed(timed) = &mut transition.timing {
            forget(timed, &marking);
        }
    }
    shadow.measures.clear();
    shadow
}

fn forget(timed: &mut Timed, marking: &[u32]) {
    (timed.memory, timed.renew, timed.scope) = (MemoryPolicy::Enabling, Renew::Tangible, Scope::Binding);
    if timed.law.form.name != "Exponential" {
        let mean = timed.law.evaluate(marking).map_or(1.0, |law| law.mean());
        let mean = if mean.is_finite() { mean.max(SHORTEST) } else { 1.0 };
        // The catalogue's first form of it is that by the mean.
        if let Some(form) = forms().iter().find(|form| form.name == "Exponential") {
            let arguments = vec![ArgumentExpr::Scalar(Expr::Constant(mean))];
            timed.law = Arc::new(LawExpr { form, arguments });
        }
    }
}

/// ln of the probability of the likeliest way from each state to one that is down; −∞ where there is none.
fn likeliest(space: &Space, up: usize) -> Vec<f64> {
    let chain = &space.chain;
    let back = chain.transposed();
    let exits: Vec<f64> = (0..chain.states()).map(|state| chain.exit(state)).collect();
    let mut costs = vec![f64::INFINITY; chain.states()];
    let mut heap = BinaryHeap::new();
    for state in (0..chain.states()).filter(|&state| !space.is_up(state, up)) {
        costs[state] = 0.0;
        heap.push(Reverse((Cost(0.0), state)));
    }
    while let Some(Reverse((Cost(cost), state))) = heap.pop() {
        if cost > costs[state] {
            continue;
        }
        for (from, rate) in back.row(state) {
            let way = cost - libm::log(rate / exits[from]).min(0.0);
            if way < costs[from] {
                costs[from] = way;
                heap.push(Reverse((Cost(way), from)));
            }
        }
    }
    costs.iter().map(|cost| 0.0 - cost).collect()
}

/// A number that is never NaN, in its order.
#[derive(Debug, PartialEq)]
struct Cost(f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Cost) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Cost) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// About how many tokens must change until the truth of a condition is `wanted`: 0 when it is so already.
fn distance(condition: &Expr, marking: &[u32], wanted: bool) -> f64 {
    let at = |part: &Expr| distance(part, marking, wanted);
    match condition {
        Expr::Not(x) => distance(x, marking, !wanted),
        Expr::Fold(op @ (FoldOp::And | FoldOp::Or), parts) => {
            let all = (*op == FoldOp::And) == wanted;
            let fold = if all { FoldOp::Add } else { FoldOp::Min };
            parts.iter().map(at).fold(fold.unit(), |x, y| fold.apply(x, y))
        }
        Expr::If(c, x, y) => {
            let branch = |holds: bool, then: &Expr| distance(c, marking, holds) + at(then);
            branch(true, x).min(branch(false, y))
        }
        Expr::Binary(op, x, y) => compared(*op, x.evaluate(marking) - y.evaluate(marking), wanted),
        other => {
            let value = other.evaluate(marking);
            match (wanted, other.constant()) {
                (_, Some(_)) if (value != 0.0) != wanted => f64::INFINITY,
                (true, _) => f64::from(value == 0.0),
                (false, _) => value.abs(),
            }
        }
    }
}

/// The same for a comparison of two numbers of tokens with that difference.
fn compared(op: Op, difference: f64, wanted: bool) -> f64 {
    let reach = |strict: bool, difference: f64| match strict {
        // To come below 0, and not only to 0.
        true if difference >= 0.0 => difference + 1.0,
        _ => difference.max(0.0),
    };
    match (op, wanted) {
        (Op::Less, true) | (Op::GreaterEqual, false) => reach(true, difference),
        (Op::LessEqual, true) | (Op::Greater, false) => reach(false, difference),
        (Op::Greater, true) | (Op::LessEqual, false) => reach(true, -difference),
        (Op::GreaterEqual, true) | (Op::Less, false) => reach(false, -difference),
        (Op::Equal, true) | (Op::NotEqual, false) => difference.abs(),
        (Op::NotEqual, true) | (Op::Equal, false) => f64::from(difference == 0.0),
        // Arithmetic, true when it isn't 0.
        (_, true) => f64::from(difference == 0.0),
        (_, false) => difference.abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::PlaceId;

    fn tokens(place: u32) -> Expr {
        Expr::Tokens(vec![PlaceId(place)])
    }

    fn at_least(place: u32, least: f64) -> Expr {
        Expr::Binary(Op::GreaterEqual, Box::new(tokens(place)), Box::new(Expr::Constant(least)))
    }

    #[test]
    fn a_conjunction_fails_by_its_nearest_part_and_a_disjunction_by_all() {
        let both = Expr::Fold(FoldOp::And, vec![at_least(0, 2.0), at_least(1, 1.0)]);
        let either = Expr::Fold(FoldOp::Or, vec![at_least(0, 2.0), at_least(1, 1.0)]);
        for (marking, nearest, all) in [([5, 3], 3.0, 7.0), ([2, 1], 1.0, 2.0), ([1, 2], 0.0, 2.0), ([0, 0], 0.0, 0.0)]
        {
            assert_eq!(distance(&both, &marking, false), nearest, "{marking:?}");
            assert_eq!(distance(&either, &marking, false), all, "{marking:?}");
            let negated = Expr::Not(Box::new(either.clone()));
            assert_eq!(distance(&negated, &marking, true), all, "{marking:?}");
        }
        assert_eq!(distance(&Expr::Constant(1.0), &[], false), f64::INFINITY);
    }

    /// 0 exactly where the condition has the wanted truth already, for every comparison.
    #[test]
    fn a_distance_is_0_where_nothing_must_change() {
        use Op::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        for op in [Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual] {
            for tokens_there in 0..7_u32 {
                let condition = Expr::Binary(op, Box::new(tokens(0)), Box::new(Expr::Constant(3.0)));
                let holds = condition.evaluate(&[tokens_there]) != 0.0;
                for wanted in [false, true] {
                    let far = distance(&condition, &[tokens_there], wanted);
                    assert_eq!(far == 0.0, holds == wanted, "{op:?} {tokens_there}");
                    assert!((0.0..5.0).contains(&far), "{op:?} {tokens_there}: {far}");
                }
            }
        }
    }
}
