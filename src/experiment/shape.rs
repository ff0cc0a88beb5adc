//! Whether two nets differ in nothing but numbers that can be varied continuously.

use crate::net::expr::{ArgumentExpr, Expr, Function, LawExpr, Op};
use crate::net::{Net, Timing, Transition};

/// Whether one net becomes the other as rates, delays, weights and speeds change: what decides by comparison, and
/// everything that is counted, is the same.
pub fn alike(one: &Net, other: &Net) -> bool {
    let places = one.places.iter().map(|p| (&p.name, p.initial, p.capacity));
    let up = one.up.iter().map(|up| (&up.name, &up.expr));
    places.eq(other.places.iter().map(|p| (&p.name, p.initial, p.capacity)))
        && up.eq(other.up.iter().map(|up| (&up.name, &up.expr)))
        && one.transitions.len() == other.transitions.len()
        && one.transitions.iter().zip(&other.transitions).all(|(x, y)| transitions(x, y))
}

fn transitions(x: &Transition, y: &Transition) -> bool {
    let timing = match (&x.timing, &y.timing) {
        (
            Timing::Immediate { priority: p, weight: v, scope: s },
            Timing::Immediate { priority: q, weight: w, scope: t },
        ) => (p, s) == (q, t) && expressions(v, w),
        (Timing::Timed(a), Timing::Timed(b)) => {
            (a.memory, a.servers, a.scope, a.renew) == (b.memory, b.servers, b.scope, b.renew)
                && laws(&a.law, &b.law)
                && match (&a.speed, &b.speed) {
                    (Some(u), Some(v)) => expressions(u, v),
                    (u, v) => u.is_none() == v.is_none(),
                }
        }
        _ => false,
    };
    let arcs = |t: &Transition| [&t.inputs, &t.outputs, &t.tests, &t.inhibitors].map(Clone::clone);
    timing && (&x.name, arcs(x), &x.flushes, &x.guard) == (&y.name, arcs(y), &y.flushes, &y.guard)
}

fn laws(x: &LawExpr, y: &LawExpr) -> bool {
    let arguments = |(x, y): (&ArgumentExpr, &ArgumentExpr)| match (x, y) {
        (ArgumentExpr::Scalar(x), ArgumentExpr::Scalar(y)) => expressions(x, y),
        (ArgumentExpr::List(x), ArgumentExpr::List(y)) => all(x, y, expressions),
        (ArgumentExpr::Law(x), ArgumentExpr::Law(y)) => laws(x, y),
        (ArgumentExpr::Laws(x), ArgumentExpr::Laws(y)) => all(x, y, laws),
        _ => false,
    };
    x.form == y.form && x.arguments.len() == y.arguments.len() && x.arguments.iter().zip(&y.arguments).all(arguments)
}

fn all<T>(x: &[T], y: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    x.len() == y.len() && x.iter().zip(y).all(|(x, y)| alike(x, y))
}

/// Whether they differ in constants at most, and in none that a comparison or a rounding depends on.
fn expressions(x: &Expr, y: &Expr) -> bool {
    match (x, y) {
        (Expr::Constant(_), Expr::Constant(_)) => true,
        (Expr::Negate(x), Expr::Negate(y)) => expressions(x, y),
        (Expr::Binary(Op::Subtract | Op::Divide | Op::Power, a, b), Expr::Binary(op, c, d)) => {
            matches!(x, Expr::Binary(own, ..) if own == op) && expressions(a, c) && expressions(b, d)
        }
        (Expr::Fold(f, a), Expr::Fold(g, b)) => f == g && all(a, b, expressions),
        (Expr::If(a, b, c), Expr::If(d, e, f)) => a == d && expressions(b, e) && expressions(c, f),
        (Expr::Apply(f, a), Expr::Apply(g, b)) if !matches!(f, Function::Floor | Function::Ceil) => {
            f == g && expressions(a, b)
        }
        _ => x == y,
    }
}
