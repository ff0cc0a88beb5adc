//! Between which values an expression lies, when every place lies between two numbers of tokens.

use crate::net::expr::{Expr, FoldOp, Function, Op};

/// Tokens of one place: at least, at most (none: no bound is known).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// At least so many.
    pub low: u32,
    /// At most so many.
    pub high: Option<u32>,
}

/// Least and greatest value. Every value that the expression can take, NaN excepted, lies between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    low: f64,
    high: f64,
}

const ANY: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
const FALSE: Interval = Interval { low: 0.0, high: 0.0 };
const TRUE: Interval = Interval { low: 1.0, high: 1.0 };
const EITHER: Interval = Interval { low: 0.0, high: 1.0 };

impl Range {
    /// Exactly so many.
    pub fn exactly(tokens: u32) -> Range {
        Range { low: tokens, high: Some(tokens) }
    }
}

impl Interval {
    /// The only value, if there is but one.
    pub fn single(self) -> Option<f64> {
        (self.low == self.high && self.low.is_finite()).then_some(self.low)
    }

    /// Certainly true, certainly false, or nothing certain.
    fn truth(self) -> Option<bool> {
        if self.low > 0.0 || self.high < 0.0 {
            Some(true)
        } else if self.low == 0.0 && self.high == 0.0 {
            Some(false)
        } else {
            None
        }
    }

    fn of(truth: Option<bool>) -> Interval {
        match truth {
            Some(true) => TRUE,
            Some(false) => FALSE,
            None => EITHER,
        }
    }

    fn negated(self) -> Interval {
        Interval { low: -self.high, high: -self.low }
    }

    fn plus(self, other: Interval) -> Interval {
        Interval { low: self.low + other.low, high: self.high + other.high }.checked()
    }

    fn times(self, other: Interval) -> Interval {
        let corners = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        if corners.iter().any(|c| c.is_nan()) {
            return ANY;
        }
        Interval {
            low: corners.iter().copied().fold(f64::INFINITY, f64::min),
            high: corners.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Nothing is known where the arithmetic of infinities has no answer.
    fn checked(self) -> Interval {
        if self.low.is_nan() || self.high.is_nan() { ANY } else { self }
    }

    fn less(self, other: Interval, or_equal: bool) -> Option<bool> {
        let certain = self.high < other.low || (or_equal && self.high <= other.low);
        let excluded = self.low > other.high || (!or_equal && self.low >= other.high);
        match (certain, excluded) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    fn equal(self, other: Interval) -> Option<bool> {
        if self.high < other.low || self.low > other.high {
            return Some(false);
        }
        (self.single().is_some() && self.single() == other.single()).then_some(true)
    }
}

/// The interval of an expression over the places' ranges (by place index).
///
/// Sound only as long as no part of it is NaN: a part that could be (a division, a root, a logarithm) counts as
/// unknown, and so do the conditions over it.
pub(super) fn interval(expr: &Expr, ranges: &[Range]) -> Interval {
    let at = |e: &Expr| interval(e, ranges);
    match expr {
        Expr::Constant(value) => Interval { low: *value, high: *value }.checked(),
        Expr::Tokens(places) => {
            let range = |p: &crate::net::PlaceId| ranges[p.0 as usize];
            let low = places.iter().map(|p| f64::from(range(p).low)).sum();
            let high = places.iter().map(|p| range(p).high.map_or(f64::INFINITY, f64::from)).sum();
            Interval { low, high }
        }
        Expr::Negate(x) => at(x).negated(),
        Expr::Not(x) => Interval::of(at(x).truth().map(|t| !t)),
        Expr::Binary(op, x, y) => binary(*op, at(x), at(y)),
        Expr::Fold(op, parts) => fold(*op, parts.iter().map(at)),
        Expr::If(c, x, y) => match at(c).truth() {
            Some(true) => at(x),
            Some(false) => at(y),
            None => {
                let (x, y) = (at(x), at(y));
                Interval { low: x.low.min(y.low), high: x.high.max(y.high) }
            }
        },
        Expr::Apply(function, x) => apply(*function, at(x)),
    }
}

fn binary(op: Op, x: Interval, y: Interval) -> Interval {
    if let (Some(a), Some(b)) = (x.single(), y.single()) {
        let value = op.apply(a, b);
        return Interval { low: value, high: value }.checked();
    }
    match op {
        Op::Subtract => x.plus(y.negated()),
        Op::Divide | Op::Modulo | Op::Power => ANY,
        Op::Equal => Interval::of(x.equal(y)),
        Op::NotEqual => Interval::of(x.equal(y).map(|t| !t)),
        Op::Less => Interval::of(x.less(y, false)),
        Op::LessEqual => Interval::of(x.less(y, true)),
        Op::Greater => Interval::of(y.less(x, false)),
        Op::GreaterEqual => Interval::of(y.less(x, true)),
    }
}

fn fold(op: FoldOp, parts: impl Iterator<Item = Interval>) -> Interval {
    let unit = Interval { low: op.unit(), high: op.unit() };
    parts.fold(unit, |x, y| match op {
        FoldOp::Add => x.plus(y),
        FoldOp::Multiply => x.times(y),
        FoldOp::Min => Interval { low: x.low.min(y.low), high: x.high.min(y.high) },
        FoldOp::Max => Interval { low: x.low.max(y.low), high: x.high.max(y.high) },
        FoldOp::And => Interval::of(both(x.truth(), y.truth())),
        FoldOp::Or => Interval::of(both(x.truth().map(|t| !t), y.truth().map(|t| !t)).map(|t| !t)),
    })
}

fn both(x: Option<bool>, y: Option<bool>) -> Option<bool> {
    match (x, y) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn apply(function: Function, x: Interval) -> Interval {
    if x == ANY {
        // It may be NaN, and then so is the value.
        return ANY;
    }
    match function {
        Function::Abs if x.low >= 0.0 => x,
        Function::Abs if x.high <= 0.0 => x.negated(),
        Function::Abs => Interval { low: 0.0, high: x.high.max(-x.low) },
        Function::Ceil | Function::Floor | Function::Exp => {
            Interval { low: function.apply(x.low), high: function.apply(x.high) }.checked()
        }
        Function::Ln if x.low >= 0.0 => Interval { low: function.apply(x.low), high: function.apply(x.high) }.checked(),
        Function::Sqrt if x.low >= 0.0 => {
            Interval { low: function.apply(x.low), high: function.apply(x.high) }.checked()
        }
        Function::Ln | Function::Sqrt => ANY,
    }
}
