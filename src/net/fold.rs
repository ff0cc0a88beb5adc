//! Building expressions over the marking so that constants are folded and sums are flat.

use super::PlaceId;
use super::expr::{Expr, FoldOp, Function, Op};

/// A constant truth value, or none when it depends on the marking.
pub(super) fn truth(e: &Expr) -> Option<bool> {
    e.constant().map(|x| x != 0.0)
}

/// x + y: tokens of different places become one list (ascending, in front), constants one number (behind).
pub(super) fn add(x: Expr, y: Expr) -> Expr {
    match (&x, &y) {
        (Expr::Constant(a), Expr::Constant(b)) => return Expr::Constant(a + b),
        (Expr::Constant(0.0), _) => return y,
        (_, Expr::Constant(0.0)) => return x,
        _ => {}
    }
    let mut parts = parts_of(FoldOp::Add, x);
    for part in parts_of(FoldOp::Add, y) {
        add_part(&mut parts, part);
    }
    if parts.len() > 1 && matches!(parts.last(), Some(Expr::Constant(0.0))) {
        parts.pop();
    }
    fold_of(FoldOp::Add, parts)
}

fn add_part(parts: &mut Vec<Expr>, part: Expr) {
    let end = parts.len() - usize::from(matches!(parts.last(), Some(Expr::Constant(_))));
    match part {
        Expr::Constant(c) => match parts.last_mut() {
            Some(Expr::Constant(sum)) => *sum += c,
            _ => parts.push(Expr::Constant(c)),
        },
        Expr::Tokens(places) => match parts.first_mut() {
            Some(Expr::Tokens(known)) => {
                let twice = merge(known, places);
                if !twice.is_empty() {
                    parts.insert(end, Expr::Tokens(twice));
                }
            }
            _ => parts.insert(0, Expr::Tokens(places)),
        },
        part => parts.insert(end, part),
    }
}

/// Merges ascending lists; returns what was in both.
fn merge(known: &mut Vec<PlaceId>, places: Vec<PlaceId>) -> Vec<PlaceId> {
    if known.last() < places.first() {
        known.extend(places);
        return Vec::new();
    }
    let mut twice = Vec::new();
    if let [place] = places[..] {
        match known.binary_search(&place) {
            Ok(_) => twice.push(place),
            Err(at) => known.insert(at, place),
        }
        return twice;
    }
    let old = std::mem::take(known);
    known.reserve(old.len() + places.len());
    let (mut a, mut b) = (old.into_iter().peekable(), places.into_iter().peekable());
    loop {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x == y => twice.extend(b.next()),
            (Some(x), Some(y)) if x > y => known.extend(b.next()),
            (None, Some(_)) => known.extend(b.next()),
            (Some(_), _) => known.extend(a.next()),
            (None, None) => return twice,
        }
    }
}

/// x − y.
pub(super) fn subtract(x: Expr, y: Expr) -> Expr {
    match (x, y) {
        (x, Expr::Constant(b)) => add(x, Expr::Constant(-b)),
        (Expr::Binary(Op::Subtract, x, less), y) => Expr::Binary(Op::Subtract, x, Box::new(add(*less, y))),
        (x, y) => Expr::Binary(Op::Subtract, Box::new(x), Box::new(y)),
    }
}

/// −x.
pub(super) fn negate(x: Expr) -> Expr {
    match x {
        Expr::Constant(a) => Expr::Constant(-a),
        Expr::Negate(x) => *x,
        x => Expr::Negate(Box::new(x)),
    }
}

/// x · y; the constant factor, if any, is in front.
pub(super) fn multiply(x: Expr, y: Expr) -> Expr {
    let (mut factor, mut parts) = (1.0, Vec::new());
    for part in parts_of(FoldOp::Multiply, x).into_iter().chain(parts_of(FoldOp::Multiply, y)) {
        match part {
            Expr::Constant(c) => factor *= c,
            part => parts.push(part),
        }
    }
    if factor == 0.0 || parts.is_empty() {
        return Expr::Constant(factor);
    }
    if factor != 1.0 {
        parts.insert(0, Expr::Constant(factor));
    }
    fold_of(FoldOp::Multiply, parts)
}

/// x ∘ y for the operators without a fold.
pub(super) fn binary(op: Op, x: Expr, y: Expr) -> Expr {
    match (&x, &y) {
        (Expr::Constant(a), Expr::Constant(b)) => Expr::Constant(op.apply(*a, *b)),
        (_, Expr::Constant(1.0)) if matches!(op, Op::Divide | Op::Power) => x,
        _ => Expr::Binary(op, Box::new(x), Box::new(y)),
    }
}

/// Conjunction (`FoldOp::And`) or disjunction (`FoldOp::Or`).
pub(super) fn logic(op: FoldOp, x: Expr, y: Expr) -> Expr {
    let decides = op == FoldOp::Or;
    match (truth(&x), truth(&y)) {
        (Some(a), _) if a == decides => Expr::Constant(f64::from(decides)),
        (_, Some(b)) if b == decides => Expr::Constant(f64::from(decides)),
        (Some(_), _) => y,
        (_, Some(_)) => x,
        _ => {
            let mut parts = parts_of(op, x);
            parts.extend(parts_of(op, y));
            fold_of(op, parts)
        }
    }
}

/// Least or greatest of two.
pub(super) fn extreme(op: FoldOp, x: Expr, y: Expr) -> Expr {
    if let (Expr::Constant(a), Expr::Constant(b)) = (&x, &y) {
        return Expr::Constant(op.apply(*a, *b));
    }
    let mut parts = parts_of(op, x);
    parts.extend(parts_of(op, y));
    fold_of(op, parts)
}

/// !x.
pub(super) fn not(x: Expr) -> Expr {
    match x {
        Expr::Constant(a) => Expr::Constant(f64::from(a == 0.0)),
        Expr::Not(x) => *x,
        x => Expr::Not(Box::new(x)),
    }
}

/// if c then x else y.
pub(super) fn choose(c: Expr, x: Expr, y: Expr) -> Expr {
    match truth(&c) {
        Some(true) => x,
        Some(false) => y,
        None => Expr::If(Box::new(c), Box::new(x), Box::new(y)),
    }
}

/// A function of one argument.
pub(super) fn apply(function: Function, x: Expr) -> Expr {
    match x {
        Expr::Constant(a) => Expr::Constant(function.apply(a)),
        x => Expr::Apply(function, Box::new(x)),
    }
}

fn parts_of(op: FoldOp, e: Expr) -> Vec<Expr> {
    match e {
        Expr::Fold(inner, parts) if inner == op => parts,
        e => vec![e],
    }
}

fn fold_of(op: FoldOp, mut parts: Vec<Expr>) -> Expr {
    match parts.len() {
        1 => parts.remove(0),
        _ => Expr::Fold(op, parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(places: &[u32]) -> Expr {
        Expr::Tokens(places.iter().map(|&p| PlaceId(p)).collect())
    }

    #[test]
    fn sums_of_tokens_become_one_list() {
        let sum = add(add(tokens(&[3]), tokens(&[1])), tokens(&[2, 5]));
        assert_eq!(sum, tokens(&[1, 2, 3, 5]));
        assert_eq!(subtract(add(sum, Expr::Constant(2.0)), Expr::Constant(2.0)).evaluate(&[1; 6]), 4.0);
    }

    #[test]
    fn a_place_added_twice_counts_twice() {
        let sum = add(tokens(&[0, 1]), tokens(&[1, 2]));
        assert_eq!(sum, Expr::Fold(FoldOp::Add, vec![tokens(&[0, 1, 2]), tokens(&[1])]));
        assert_eq!(sum.evaluate(&[1, 10, 100]), 121.0);
        assert_eq!(add(sum, tokens(&[1])).evaluate(&[1, 10, 100]), 131.0);
    }

    #[test]
    fn chains_of_differences_stay_shallow() {
        let e = subtract(subtract(tokens(&[0]), tokens(&[1])), tokens(&[2]));
        assert_eq!(e, Expr::Binary(Op::Subtract, Box::new(tokens(&[0])), Box::new(tokens(&[1, 2]))));
    }

    #[test]
    fn logic_folds_constants() {
        let c = binary(Op::Greater, tokens(&[0]), Expr::Constant(0.0));
        assert_eq!(logic(FoldOp::And, Expr::Constant(1.0), c.clone()), c);
        assert_eq!(logic(FoldOp::Or, c.clone(), Expr::Constant(1.0)), Expr::Constant(1.0));
        let both = logic(FoldOp::And, logic(FoldOp::And, c.clone(), c.clone()), c.clone());
        assert_eq!(both, Expr::Fold(FoldOp::And, vec![c.clone(), c.clone(), c]));
    }
}
