//! How many tokens must change until a condition is false, and which changes bring that nearer.

use crate::net::PlaceId;
use crate::net::expr::{Expr, FoldOp, Function, Op};

/// About how many tokens must change until the truth of a condition is `wanted`: 0 when it is so already.
pub(super) fn distance(condition: &Expr, marking: &[u32], wanted: bool) -> f64 {
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

/// Which change of a place's tokens is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Fewer,
    More,
    Either,
}

impl Change {
    fn reversed(self) -> Change {
        match self {
            Change::Fewer => Change::More,
            Change::More => Change::Fewer,
            Change::Either => Change::Either,
        }
    }

    fn times(self, factor: f64) -> Change {
        if factor < 0.0 { self.reversed() } else { self }
    }
}

/// Calls `visit` with the changes on the shortest ways until the truth of a condition is `wanted`.
pub(super) fn nearer(condition: &Expr, marking: &[u32], wanted: bool, visit: &mut dyn FnMut(PlaceId, Change)) {
    match condition {
        Expr::Not(x) => nearer(x, marking, !wanted, visit),
        Expr::Fold(op @ (FoldOp::And | FoldOp::Or), parts) if (*op == FoldOp::And) == wanted => {
            parts.iter().for_each(|part| nearer(part, marking, wanted, visit));
        }
        Expr::Fold(FoldOp::And | FoldOp::Or, parts) => {
            let distances: Vec<f64> = parts.iter().map(|part| distance(part, marking, wanted)).collect();
            let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
            for (part, _) in parts.iter().zip(&distances).filter(|(_, distance)| **distance == least) {
                nearer(part, marking, wanted, visit);
            }
        }
        _ if distance(condition, marking, wanted) == 0.0 => {}
        Expr::If(c, x, y) => {
            let ways = [(true, x), (false, y)];
            let long = |(holds, then): (bool, &Expr)| distance(c, marking, holds) + distance(then, marking, wanted);
            let least = ways.iter().map(|(holds, then)| long((*holds, then))).fold(f64::INFINITY, f64::min);
            for (holds, then) in ways.into_iter().filter(|(holds, then)| long((*holds, then)) == least) {
                nearer(c, marking, holds, visit);
                nearer(then, marking, wanted, visit);
            }
        }
        Expr::Binary(op, x, y) => {
            let change = of_difference(*op, x.evaluate(marking) - y.evaluate(marking), wanted);
            steps(x, change, visit);
            steps(y, change.reversed(), visit);
        }
        // It must become 0, or anything else.
        other if wanted => steps(other, Change::Either, visit),
        other => steps(other, Change::Fewer.times(other.evaluate(marking)), visit),
    }
}

/// How the difference of two sides must change.
fn of_difference(op: Op, difference: f64, wanted: bool) -> Change {
    match (op, wanted) {
        (Op::Less | Op::LessEqual, true) | (Op::Greater | Op::GreaterEqual, false) => Change::Fewer,
        (Op::Greater | Op::GreaterEqual, true) | (Op::Less | Op::LessEqual, false) => Change::More,
        (Op::Equal, true) | (Op::NotEqual, false) => Change::Fewer.times(difference),
        _ => Change::Either,
    }
}

/// The changes of places that change a number as stated.
fn steps(number: &Expr, change: Change, visit: &mut dyn FnMut(PlaceId, Change)) {
    match number {
        Expr::Tokens(places) => places.iter().for_each(|&place| visit(place, change)),
        Expr::Negate(x) => steps(x, change.reversed(), visit),
        Expr::Fold(FoldOp::Add | FoldOp::Min | FoldOp::Max, parts) => {
            parts.iter().for_each(|part| steps(part, change, visit));
        }
        Expr::Fold(FoldOp::Multiply, parts) if parts.iter().filter(|part| part.constant().is_none()).count() == 1 => {
            let factor: f64 = parts.iter().filter_map(Expr::constant).product();
            parts.iter().for_each(|part| steps(part, change.times(factor), visit));
        }
        Expr::Binary(Op::Subtract, x, y) => {
            steps(x, change, visit);
            steps(y, change.reversed(), visit);
        }
        Expr::Apply(Function::Ceil | Function::Exp | Function::Floor | Function::Ln | Function::Sqrt, x) => {
            steps(x, change, visit);
        }
        other => other.places(&mut |place| visit(place, Change::Either)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn changes(condition: &Expr, marking: &[u32]) -> Vec<(u32, Change)> {
        let mut changes = Vec::new();
        nearer(condition, marking, false, &mut |place, change| changes.push((place.0, change)));
        changes
    }

    #[test]
    fn the_nearest_part_of_a_conjunction_and_all_of_a_disjunction_are_changed() {
        let both = Expr::Fold(FoldOp::And, vec![at_least(0, 2.0), at_least(1, 1.0)]);
        let either = Expr::Fold(FoldOp::Or, vec![at_least(0, 2.0), at_least(1, 1.0)]);
        let fewer = |place| (place, Change::Fewer);
        assert_eq!(changes(&both, &[5, 3]), [fewer(1)]);
        assert_eq!(changes(&both, &[3, 2]), [fewer(0), fewer(1)]);
        assert_eq!(changes(&either, &[5, 3]), [fewer(0), fewer(1)]);
        assert_eq!(changes(&either, &[1, 3]), [fewer(1)]);
        assert_eq!(changes(&either, &[1, 0]), []);
        let negated = Expr::Not(Box::new(Expr::Not(Box::new(both))));
        assert_eq!(changes(&negated, &[5, 3]), [fewer(1)]);
    }

    #[test]
    fn signs_of_numbers_turn_the_changes_round() {
        let down = Expr::Binary(Op::Subtract, Box::new(Expr::Constant(7.0)), Box::new(tokens(0)));
        let twice = Expr::Fold(FoldOp::Multiply, vec![Expr::Constant(-2.0), tokens(1)]);
        let condition = Expr::Binary(Op::GreaterEqual, Box::new(down), Box::new(twice));
        assert_eq!(changes(&condition, &[3, 1]), [(0, Change::More), (1, Change::Fewer)]);
        let equal = Expr::Binary(Op::NotEqual, Box::new(tokens(0)), Box::new(Expr::Constant(4.0)));
        assert_eq!(changes(&equal, &[6]), [(0, Change::Fewer)]);
        assert_eq!(changes(&equal, &[1]), [(0, Change::More)]);
        let one = Expr::If(Box::new(at_least(0, 1.0)), Box::new(at_least(1, 1.0)), Box::new(at_least(2, 1.0)));
        assert_eq!(changes(&one, &[9, 2, 8]), [(1, Change::Fewer)]);
        assert_eq!(changes(&one, &[1, 5, 0]), [(0, Change::Fewer)]);
    }

    /// One step of a place that is named brings the condition nearer by what it changes.
    #[test]
    fn a_named_change_shortens_the_distance() {
        let sum = Expr::Fold(FoldOp::Add, vec![tokens(0), tokens(1)]);
        let wide = Expr::Binary(Op::Greater, Box::new(sum), Box::new(Expr::Constant(1.0)));
        let condition = Expr::Fold(FoldOp::And, vec![wide, at_least(2, 1.0)]);
        for marking in [[4, 2, 6], [1, 2, 9], [3, 3, 5], [9, 9, 2]] {
            let before = distance(&condition, &marking, false);
            let named = changes(&condition, &marking);
            assert!(!named.is_empty());
            for (place, change) in named {
                assert_eq!(change, Change::Fewer);
                let mut after = marking;
                after[place as usize] -= 1;
                assert!(distance(&condition, &after, false) < before, "{marking:?} {place}");
            }
        }
    }
}
