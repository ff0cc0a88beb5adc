//! Expressions to values: names looked up, constants folded, types and dimensions checked.

use super::expr::{Expr as Flat, FoldOp, Op};
use super::flatten::Flattener;
use super::fold;
use super::scope::Scope;
use super::value::{Colour, ColourSet, Value};
use crate::diag::{Diagnostic, Span};
use crate::syntax::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::units::Dimension;
use indexmap::{IndexMap, IndexSet};
use std::rc::Rc;

/// How deep expressions, and parameters within parameters, may nest.
const DEPTH: usize = 300;

impl Flattener<'_, '_> {
    /// The value of an expression; what is wrong is reported, and makes it [`Value::Poison`].
    pub(super) fn value<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Value {
        if !self.charge(1, e.span) {
            return Value::Poison;
        }
        if self.nesting >= DEPTH {
            self.aborted = true;
            let message = format!("expressions and parameters nest more than {DEPTH} deep here");
            return self.error(Diagnostic::error("E0715", e.span, message).help("split it up"));
        }
        self.nesting += 1;
        let value = self.value_of(scope, e);
        self.nesting -= 1;
        value
    }

    fn value_of<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Value {
        match &e.kind {
            ExprKind::Invalid => Value::Poison,
            ExprKind::Number(x) => Value::number(*x),
            ExprKind::Quantity { value, dimension, .. } => Value::Number(Flat::Constant(*value), *dimension),
            ExprKind::Boolean(x) => Value::boolean(*x),
            ExprKind::Path(path) => self.path(scope, path),
            ExprKind::Tokens(place) => self.tokens(scope, place),
            ExprKind::Unary(op, x) => self.unary(scope, *op, x),
            ExprKind::Binary(op, ..) if is_logic(*op) => self.chain_of_conditions(scope, e),
            ExprKind::Binary(..) => self.chain(scope, e),
            ExprKind::If(c, x, y) => self.choice(scope, c, x, y),
            ExprKind::Call(name, arguments) => self.call(scope, e.span, name, arguments),
            ExprKind::Quantified { quantifier, variables, filter, body } => {
                self.quantified(scope, *quantifier, variables, filter.as_deref(), body)
            }
            ExprKind::Set(items) => self.set(scope, e.span, items),
            ExprKind::Range { from, to, inclusive } => self.range(scope, e.span, from, to, *inclusive),
            ExprKind::Tuple(parts) => self.tuple(scope, parts),
            ExprKind::List(items) => {
                let values: Vec<Value> = items.iter().map(|item| self.value(scope, item)).collect();
                if self.alike(items.iter(), &values) { Value::List(values.into()) } else { Value::Poison }
            }
            ExprKind::Table(entries) if entries.is_empty() => Value::Set(Rc::new(ColourSet::Items(IndexSet::new()))),
            ExprKind::Table(entries) => self.table(scope, entries),
            ExprKind::All(_) => self.error(
                Diagnostic::error("E0502", e.span, "`all …` stands for tokens, not for a value")
                    .help("it belongs in arcs and `tokens`; count the colours of a set with `count(c in Set: true)`"),
            ),
            ExprKind::Probability { .. } | ExprKind::Expectation { .. } => self.error(
                Diagnostic::error("E0506", e.span, "an average over time has no value while the net runs")
                    .help("`P{…}`, `E{…}`, `rate(…)` and `impulse(…)` belong at the top of `measures`"),
            ),
            ExprKind::At { .. } | ExprKind::Over { .. } | ExprKind::Fate(..) => self.error(
                Diagnostic::error("E0506", e.span, "what has a time of its own has no value while the net runs")
                    .help("`… @ t`, `… over [a, b]` and `outage{…}` belong at the top of `measures`"),
            ),
        }
    }

    fn unary<'a>(&mut self, scope: &mut Scope<'a>, op: UnaryOp, x: &'a Expr) -> Value {
        let value = self.value(scope, x);
        match op {
            UnaryOp::Negate => match self.as_number(&value, x.span) {
                Some((e, dimension)) => Value::Number(fold::negate(e), dimension),
                None => Value::Poison,
            },
            UnaryOp::Not => match self.as_condition(&value, x.span) {
                Some(e) => Value::Boolean(fold::not(e)),
                None => Value::Poison,
            },
        }
    }

    /// `&&` and `||`: what a constant left side decides makes the right side a branch not taken.
    fn chain_of_conditions<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Value {
        let (first, rest) = spine(e, is_logic);
        let value = self.value(scope, first);
        let mut left = self.as_condition(&value, first.span);
        for (op, operand, _) in rest {
            let op = if op == BinaryOp::And { FoldOp::And } else { FoldOp::Or };
            let known = left.as_ref().and_then(fold::truth);
            let decided = known == Some(op == FoldOp::Or);
            let value = scope.quietly(decided, |scope| self.value(scope, operand));
            let right = self.as_condition(&value, operand.span);
            left = match (left, right) {
                (Some(left), _) if decided => Some(left),
                (Some(left), Some(right)) => Some(fold::logic(op, left, right)),
                _ => None,
            };
        }
        left.map_or(Value::Poison, Value::Boolean)
    }

    /// Arithmetic and comparisons, from left to right without recursion on the left.
    fn chain<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Value {
        let (first, rest) = spine(e, |op| !is_logic(op));
        let mut left = self.value(scope, first);
        let mut product = false;
        for (op, operand, whole) in rest {
            let right = self.value(scope, operand);
            let spans = (whole.span, first.span, operand.span);
            left = match (op, left, right) {
                (_, Value::Poison, _) | (_, _, Value::Poison) => Value::Poison,
                (BinaryOp::Multiply, Value::Set(x), Value::Set(y)) => {
                    let value = self.product_set(whole.span, x, y, product);
                    product = true;
                    value
                }
                (op, left, right) => self.combine(scope, op, left, right, spans),
            };
        }
        left
    }

    fn combine(
        &mut self,
        scope: &Scope<'_>,
        op: BinaryOp,
        left: Value,
        right: Value,
        (whole, x, y): (Span, Span, Span),
    ) -> Value {
        match (op, &left, &right) {
            (BinaryOp::Add | BinaryOp::Subtract, Value::Set(a), Value::Set(b)) => self.union(whole, op, a, b),
            (BinaryOp::Add, Value::Law(law), Value::Number(..)) => self.shifted(law, &right, y),
            (BinaryOp::Add, Value::Number(..), Value::Law(law)) => self.shifted(law, &left, x),
            (BinaryOp::Equal | BinaryOp::NotEqual, ..) => self.equal(op, left, right, whole),
            _ => {
                let (a, b) = (self.as_number(&left, x), self.as_number(&right, y));
                let (Some(a), Some(b)) = (a, b) else { return Value::Poison };
                self.arithmetic(scope, op, a, b, (whole, x, y))
            }
        }
    }

    fn arithmetic(
        &mut self,
        scope: &Scope<'_>,
        op: BinaryOp,
        (x, dx): (Flat, Dimension),
        (y, dy): (Flat, Dimension),
        spans: (Span, Span, Span),
    ) -> Value {
        let finite = constant_finite(&x) && constant_finite(&y);
        let (e, dimension) = match op {
            BinaryOp::Multiply | BinaryOp::Divide => {
                let sign = if op == BinaryOp::Multiply { 1 } else { -1 };
                let time = i32::from(dx.time) + sign * i32::from(dy.time);
                let Ok(time) = i8::try_from(time) else { return self.bad_power(spans.0) };
                let e = match op {
                    BinaryOp::Multiply => fold::multiply(x, y),
                    _ => fold::binary(Op::Divide, x, y),
                };
                (e, Dimension { time })
            }
            BinaryOp::Power => return self.power(scope, (x, dx), (y, dy), spans),
            _ if dx != dy => return self.mixed(op, dx, dy, spans),
            BinaryOp::Add => (fold::add(x, y), dx),
            BinaryOp::Subtract => (fold::subtract(x, y), dx),
            BinaryOp::Modulo => (fold::binary(Op::Modulo, x, y), dx),
            _ => return Value::Boolean(fold::binary(comparison(op), x, y)),
        };
        self.finite(scope, e, finite, spans.0).map_or(Value::Poison, |e| Value::Number(e, dimension))
    }

    /// Refuses a constant that came out infinite or without value from finite ones.
    pub(super) fn finite(&mut self, scope: &Scope<'_>, e: Flat, before: bool, span: Span) -> Option<Flat> {
        if !before || constant_finite(&e) {
            return Some(e);
        }
        let message = "this has no finite value: division by 0, or a number too large";
        self.fault(scope, Diagnostic::error("E0516", span, message))
    }

    fn power(
        &mut self,
        scope: &Scope<'_>,
        (x, dx): (Flat, Dimension),
        (y, dy): (Flat, Dimension),
        (whole, _, exponent): (Span, Span, Span),
    ) -> Value {
        let finite = constant_finite(&x) && constant_finite(&y);
        if dy != Dimension::NUMBER {
            return self.error(Diagnostic::error("E0504", exponent, format!("an exponent is a number, not {dy}")));
        }
        let time = match y.constant() {
            _ if dx == Dimension::NUMBER => 0.0,
            Some(n) => f64::from(dx.time) * n,
            None => f64::NAN,
        };
        if !(time.abs() <= 100.0 && time.fract() == 0.0) {
            return self.bad_power(whole);
        }
        let e = self.finite(scope, fold::binary(Op::Power, x, y), finite, whole);
        e.map_or(Value::Poison, |e| Value::Number(e, Dimension { time: time as i8 }))
    }

    fn bad_power(&mut self, span: Span) -> Value {
        let message = "this power of a time has no dimension";
        let help = "only constant whole powers of times and rates, up to 100, are understood";
        self.error(Diagnostic::error("E0515", span, message).help(help))
    }

    fn mixed(&mut self, op: BinaryOp, x: Dimension, y: Dimension, (whole, left, right): (Span, Span, Span)) -> Value {
        let verb = match op {
            BinaryOp::Add => "added to",
            BinaryOp::Subtract => "subtracted from",
            BinaryOp::Modulo => "taken modulo with",
            _ => "compared with",
        };
        let (a, b) = if op == BinaryOp::Subtract { (y, x) } else { (x, y) };
        let help = if (x.time - y.time).abs() == 1 && (x.time == 0 || y.time == 0) {
            "give the number a unit (`30 s`), or divide by one (`x / 1 s`)"
        } else {
            "both sides must have the same dimension"
        };
        let message = format!("{a} can't be {verb} {b}");
        self.error(
            Diagnostic::error("E0501", whole, message)
                .also(left, format!("this is {x}"))
                .also(right, format!("this is {y}"))
                .help(help),
        )
    }

    fn equal(&mut self, op: BinaryOp, left: Value, right: Value, span: Span) -> Value {
        let truth = |same: bool| Value::boolean(same == (op == BinaryOp::Equal));
        match (left, right) {
            (Value::Number(x, dx), Value::Number(y, dy)) if dx == dy => {
                Value::Boolean(fold::binary(comparison(op), x, y))
            }
            (Value::Number(x, Dimension::NUMBER), Value::Colour(Colour::Integer(c)))
            | (Value::Colour(Colour::Integer(c)), Value::Number(x, Dimension::NUMBER)) => {
                Value::Boolean(fold::binary(comparison(op), x, Flat::Constant(c as f64)))
            }
            (Value::Boolean(x), Value::Boolean(y)) => Value::Boolean(fold::binary(comparison(op), x, y)),
            (Value::Boolean(x), Value::Colour(Colour::Boolean(c)))
            | (Value::Colour(Colour::Boolean(c)), Value::Boolean(x)) => {
                Value::Boolean(fold::binary(comparison(op), x, Flat::Constant(f64::from(c))))
            }
            (Value::Set(a), Value::Set(b)) => truth(a.same(&b)),
            (Value::Colour(a), Value::Colour(b)) if std::mem::discriminant(&a) == std::mem::discriminant(&b) => {
                truth(a == b)
            }
            (left, right) => {
                let of = |v: &Value| match v {
                    Value::Colour(c) => format!("the colour `{c}`"),
                    v => v.kind(),
                };
                // The colours differ from binding to binding: one mistake, told of the first.
                let message = format!("{} can't be compared with {}", of(&left), of(&right));
                let help = "only values of one kind are equal or different";
                self.error(Diagnostic::error("E0503", span, message).help(help))
            }
        }
    }

    fn choice<'a>(&mut self, scope: &mut Scope<'a>, c: &'a Expr, x: &'a Expr, y: &'a Expr) -> Value {
        let condition = self.value(scope, c);
        let condition = self.as_condition(&condition, c.span);
        let known = condition.as_ref().and_then(fold::truth);
        let left = scope.quietly(known == Some(false), |scope| self.value(scope, x));
        let right = scope.quietly(known == Some(true), |scope| self.value(scope, y));
        if !left.admits(&right) && !right.admits(&left) {
            let message = format!("the branches differ: {} and {}", left.kind(), right.kind());
            return self.error(Diagnostic::error("E0503", x.span.to(y.span), message));
        }
        match (condition, known, left, right) {
            (_, Some(true), left, _) => left,
            (_, Some(false), _, right) => right,
            (_, _, Value::Poison, _) | (_, _, _, Value::Poison) | (None, ..) => Value::Poison,
            (Some(c), _, Value::Boolean(l), Value::Boolean(r)) => Value::Boolean(fold::choose(c, l, r)),
            (Some(c), _, left, right) => {
                let (Some((l, d)), Some((r, _))) = (self.as_number(&left, x.span), self.as_number(&right, y.span))
                else {
                    return Value::Poison;
                };
                Value::Number(fold::choose(c, l, r), d)
            }
        }
    }

    fn table<'a>(&mut self, scope: &mut Scope<'a>, entries: &'a [(Expr, Expr)]) -> Value {
        let mut table = IndexMap::new();
        let mut whole = true;
        let mut values = Vec::new();
        for (key, value) in entries {
            let colour = self.set_item(scope, key);
            let value = self.value(scope, value);
            values.push(value.clone());
            let Some(colour) = colour else {
                whole = false;
                continue;
            };
            if table.contains_key(&colour) {
                let message = format!("`{colour}` is in the table twice");
                self.error(Diagnostic::error("E0402", key.span, message).help("leave one of them out"));
            }
            table.insert(colour, value);
        }
        let alike = self.alike(entries.iter().map(|(_, value)| value), &values);
        if whole && alike { Value::Table(Rc::new(table)) } else { Value::Poison }
    }

    /// The parts of a list or table must be of one type.
    fn alike<'a>(&mut self, items: impl Iterator<Item = &'a Expr>, values: &[Value]) -> bool {
        let Some(first) = values.first() else { return true };
        for (item, value) in items.zip(values) {
            if !first.admits(value) && !value.admits(first) {
                let message = format!("{} stands among values of another kind: {}", value.kind(), first.kind());
                self.error(Diagnostic::error("E0503", item.span, message));
                return false;
            }
        }
        true
    }

    /// A number with its dimension; anything else is reported.
    pub(super) fn as_number(&mut self, value: &Value, span: Span) -> Option<(Flat, Dimension)> {
        match value {
            Value::Number(e, dimension) => Some((e.clone(), *dimension)),
            Value::Colour(Colour::Integer(x)) => Some((Flat::Constant(*x as f64), Dimension::NUMBER)),
            value => self.expected(span, "a number", value),
        }
    }

    /// A truth value; anything else is reported.
    pub(super) fn as_condition(&mut self, value: &Value, span: Span) -> Option<Flat> {
        match value {
            Value::Boolean(e) => Some(e.clone()),
            Value::Colour(Colour::Boolean(x)) => Some(Flat::Constant(f64::from(*x))),
            value => self.expected(span, "a Boolean", value),
        }
    }

    /// Reports a value of the wrong kind, unless it is poison.
    pub(super) fn expected<T>(&mut self, span: Span, wanted: &str, value: &Value) -> Option<T> {
        if matches!(value, Value::Poison) {
            return None;
        }
        let message = format!("{wanted} is needed here, and this is {}", value.kind());
        let mut error = Diagnostic::error("E0502", span, message);
        match value {
            Value::Table(_) => error = error.help("take one of its values: `table[colour]`"),
            Value::Number(..) if wanted == "a Boolean" => error = error.help("compare it: `… > 0`"),
            Value::Boolean(_) if wanted == "a number" => error = error.help("write `if … then 1 else 0`"),
            _ => {}
        }
        self.error(error);
        None
    }
}

/// The left spine of a chain of operators: its first operand, then operator, operand and whole, from left to right.
pub(super) fn spine(e: &Expr, same: impl Fn(BinaryOp) -> bool) -> (&Expr, Vec<(BinaryOp, &Expr, &Expr)>) {
    let (mut first, mut rest) = (e, Vec::new());
    while let ExprKind::Binary(op, x, y) = &first.kind {
        if !same(*op) {
            break;
        }
        rest.push((*op, &**y, first));
        first = x;
    }
    rest.reverse();
    (first, rest)
}

fn is_logic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::And | BinaryOp::Or)
}

fn constant_finite(e: &Flat) -> bool {
    e.constant().is_none_or(f64::is_finite)
}

fn comparison(op: BinaryOp) -> Op {
    match op {
        BinaryOp::NotEqual => Op::NotEqual,
        BinaryOp::Less => Op::Less,
        BinaryOp::LessEqual => Op::LessEqual,
        BinaryOp::Greater => Op::Greater,
        BinaryOp::GreaterEqual => Op::GreaterEqual,
        _ => Op::Equal,
    }
}
