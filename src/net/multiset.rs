//! Tokens of arcs and initial markings: `2`, `2 * c`, `c + d`, `all Child - c`, `(a, b)`.

use super::evaluate::spine;
use super::flatten::Flattener;
use super::fold;
use super::scope::Scope;
use super::value::{Colour, ColourSet, Value};
use crate::diag::{Diagnostic, Span};
use crate::syntax::expr::{BinaryOp, Expr, ExprKind, Name, Quantifier, UnaryOp};
use std::rc::Rc;

/// How many tokens of each colour, by its index; whole and ≥ 0 once it is finished.
pub(super) type Bag = Vec<(usize, f64)>;

/// A part of a multiset expression.
#[derive(Debug, Clone)]
enum Term {
    /// A plain number: a factor, or a colour of an integer set.
    Number(f64),
    /// One token of this colour.
    Colour(Colour),
    Bag(Bag),
}

impl Flattener<'_, '_> {
    /// The tokens of an arc or an initial marking, checked: whole, not negative, not too many.
    pub(super) fn bag<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr, set: Option<&Rc<ColourSet>>) -> Option<Bag> {
        let bag = match set {
            None => {
                let value = self.value(scope, e);
                if let Value::Colour(colour @ (Colour::Name(_) | Colour::Tuple(_))) = &value {
                    let message = format!("this place has no colours, so it can't take a token of `{colour}`");
                    return self.error_none(Diagnostic::error("E0514", e.span, message).help("write how many: `1`"));
                }
                vec![(0, self.plain(&value, e.span)?)]
            }
            Some(set) => {
                let term = self.term(scope, e, set)?;
                let mut bag = self.finish(scope, term, set, e.span)?;
                bag.sort_by_key(|(index, _)| *index);
                bag.dedup_by(|later, first| {
                    let same = later.0 == first.0;
                    if same {
                        first.1 += later.1;
                    }
                    same
                });
                bag
            }
        };
        for (_, count) in &bag {
            self.count(scope, *count, e.span)?;
        }
        Some(bag.into_iter().filter(|(_, count)| *count > 0.0).collect())
    }

    fn count(&mut self, scope: &Scope<'_>, count: f64, span: Span) -> Option<()> {
        let problem = match count {
            c if !c.is_finite() => "isn't finite",
            c if c < 0.0 => "is negative",
            c if c.fract() != 0.0 => "is a fraction",
            c if c > f64::from(self.limits.tokens) => "is too large",
            _ => return Some(()),
        };
        let message = format!("{count} tokens: the number {problem}");
        let help = format!("a whole number from 0 to {} is needed", self.limits.tokens);
        self.fault(scope, Diagnostic::error("E0707", span, message).help(help))
    }

    fn term<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr, set: &Rc<ColourSet>) -> Option<Term> {
        match &e.kind {
            ExprKind::Binary(op, ..) if is_arithmetic(*op) => self.term_chain(scope, e, set),
            ExprKind::All(of) => self.term_all(scope, of, set),
            ExprKind::Tuple(parts) => self.term_tuple(scope, e.span, parts, set),
            ExprKind::If(c, x, y) => {
                let condition = self.value(scope, c);
                let condition = self.as_condition(&condition, c.span)?;
                let Some(truth) = fold::truth(&condition) else {
                    return self.error_none(Diagnostic::error("E0505", c.span, "a constant is needed here"));
                };
                let left = scope.quietly(!truth, |scope| self.term(scope, x, set));
                let right = scope.quietly(truth, |scope| self.term(scope, y, set));
                if truth { left } else { right }
            }
            ExprKind::Quantified { quantifier: Quantifier::Sum, variables, filter, body } => {
                self.term_sum(scope, variables, filter.as_deref(), body, set)
            }
            ExprKind::Unary(UnaryOp::Negate, x) => match self.term(scope, x, set)? {
                Term::Number(n) => Some(Term::Number(-n)),
                Term::Colour(Colour::Integer(c)) => Some(Term::Colour(Colour::Integer(-c))),
                term => Some(Term::Bag(scaled(self.bag_of(scope, term, set, x.span)?, -1.0))),
            },
            _ => {
                let value = self.value(scope, e);
                self.term_of(scope, value, e.span)
            }
        }
    }

    fn term_of(&mut self, scope: &Scope<'_>, value: Value, span: Span) -> Option<Term> {
        match value {
            Value::Poison => None,
            Value::Colour(colour) => Some(Term::Colour(colour)),
            Value::Number(..) => self.plain(&value, span).map(Term::Number),
            Value::Boolean(_) => self.as_colour(scope, &value, span).map(Term::Colour),
            Value::Set(_) => {
                let error = Diagnostic::error("E0502", span, "a colour set by itself is not a number of tokens");
                self.error_none(error.help("one token of every colour is `all Set`"))
            }
            value => self.expected(span, "a colour", &value),
        }
    }

    fn term_chain<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr, set: &Rc<ColourSet>) -> Option<Term> {
        let (first, rest) = spine(e, is_arithmetic);
        let mut left = self.term(scope, first, set);
        for (op, operand, whole) in rest {
            let right = self.term(scope, operand, set);
            left = match (left, right) {
                (Some(left), Some(right)) => self.join(scope, op, left, right, whole.span, set),
                _ => None,
            };
        }
        left
    }

    /// One operator: numbers and integer colours are reckoned with, tokens are put together.
    fn join(
        &mut self,
        scope: &Scope<'_>,
        op: BinaryOp,
        left: Term,
        right: Term,
        span: Span,
        set: &Rc<ColourSet>,
    ) -> Option<Term> {
        use Term::{Bag as Tokens, Colour as One, Number};
        match (op, left, right) {
            (BinaryOp::Multiply, Number(a), Number(b)) if !set.is_integer() => Some(Number(a * b)),
            (BinaryOp::Multiply, Number(n), other) | (BinaryOp::Multiply, other @ (One(_) | Tokens(_)), Number(n)) => {
                Some(Tokens(scaled(self.bag_of(scope, other, set, span)?, n)))
            }
            (op, Number(a), Number(b)) => Some(Number(reckon(op, a, b))),
            (op, One(Colour::Integer(a)), Number(b)) => self.integer(scope, reckon(op, a as f64, b), span),
            (op, Number(a), One(Colour::Integer(b))) => self.integer(scope, reckon(op, a, b as f64), span),
            (BinaryOp::Add | BinaryOp::Subtract, left @ (One(_) | Tokens(_)), right @ (One(_) | Tokens(_))) => {
                let sign = if op == BinaryOp::Add { 1.0 } else { -1.0 };
                let mut bag = self.bag_of(scope, left, set, span)?;
                bag.extend(scaled(self.bag_of(scope, right, set, span)?, sign));
                self.charge(bag.len() as u64 / 64, span).then_some(Tokens(bag))
            }
            _ => {
                let error = Diagnostic::error("E0502", span, "numbers and tokens can't be combined like this");
                self.error_none(error.help("tokens are written `2 * c`, `c + d`, `all Set - c`, `(a, b)`"))
            }
        }
    }

    fn integer(&mut self, scope: &Scope<'_>, x: f64, span: Span) -> Option<Term> {
        let value = Value::number(x);
        self.as_colour(scope, &value, span).map(Term::Colour)
    }

    fn term_all<'a>(&mut self, scope: &mut Scope<'a>, of: &'a Expr, set: &Rc<ColourSet>) -> Option<Term> {
        let all = self.colour_set(scope, of)?;
        if !self.charge(all.len() as u64, of.span) {
            return None;
        }
        if Rc::ptr_eq(&all, set) {
            return Some(Term::Bag((0..all.len()).map(|i| (i, 1.0)).collect()));
        }
        let mut bag = Vec::with_capacity(all.len());
        for colour in all.iter() {
            match set.index(&colour) {
                Some(index) => bag.push((index, 1.0)),
                None => return self.no_member(scope, set, &colour, of.span),
            }
        }
        Some(Term::Bag(bag))
    }

    /// `(a, b)`, where a component may itself stand for several colours: `(a, all B)`.
    fn term_tuple<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        parts: &'a [Expr],
        set: &Rc<ColourSet>,
    ) -> Option<Term> {
        let components = match &**set {
            ColourSet::Product { parts: components, .. } if components.len() == parts.len() => components.clone(),
            _ => {
                let message = format!("a tuple of {} is not a colour of {set}", parts.len());
                return self.error_none(Diagnostic::error("E0508", span, message));
            }
        };
        let mut bag: Option<Bag> = Some(vec![(0, 1.0)]);
        for (part, component) in parts.iter().zip(&components) {
            let term = self.term(scope, part, component);
            let inner = term.and_then(|term| self.finish(scope, term, component, part.span));
            let (Some(outer), Some(inner)) = (bag.take(), inner) else { continue };
            if !self.charge((outer.len() * inner.len()) as u64 / 8, span) {
                return None;
            }
            let len = component.len();
            let pairs = outer.iter().flat_map(|(i, n)| inner.iter().map(move |(j, m)| (i * len + j, n * m)));
            bag = Some(pairs.collect());
        }
        bag.map(Term::Bag)
    }

    fn term_sum<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        variables: &'a [(Name, Expr)],
        filter: Option<&'a Expr>,
        body: &'a Expr,
        set: &Rc<ColourSet>,
    ) -> Option<Term> {
        let mut sum: Option<Bag> = Some(Vec::new());
        self.each_binding(scope, variables, body.span, &mut |flattener, scope, real| {
            let holds = filter.is_none_or(|e| {
                let value = flattener.value(scope, e);
                let condition = flattener.as_condition(&value, e.span);
                condition.is_none_or(|c| fold::truth(&c) != Some(false))
            });
            let term = scope.quietly(!holds, |scope| flattener.term(scope, body, set));
            if !real || !holds {
                return;
            }
            let bag = term.and_then(|term| flattener.finish(scope, term, set, body.span));
            sum = match (sum.take(), bag) {
                (Some(mut sum), Some(bag)) => {
                    sum.extend(bag);
                    Some(sum)
                }
                _ => None,
            };
        });
        sum.map(Term::Bag)
    }

    /// The tokens of a whole expression: here a bare number is a colour, if the colours are integers.
    fn finish(&mut self, scope: &Scope<'_>, term: Term, set: &Rc<ColourSet>, span: Span) -> Option<Bag> {
        match term {
            Term::Number(0.0) if !set.is_integer() => Some(Vec::new()),
            term => self.bag_of(scope, term, set, span),
        }
    }

    fn bag_of(&mut self, scope: &Scope<'_>, term: Term, set: &Rc<ColourSet>, span: Span) -> Option<Bag> {
        match term {
            Term::Bag(bag) => Some(bag),
            Term::Colour(colour) => match set.index(&colour) {
                Some(index) => Some(vec![(index, 1.0)]),
                None => self.no_member(scope, set, &colour, span),
            },
            Term::Number(n) if set.is_integer() => {
                let index = self.member_value(scope, set, &Value::number(n), span)?;
                Some(vec![(index, 1.0)])
            }
            Term::Number(n) => {
                let message = format!("this place has the colours {set}: {n} of which?");
                let help = "write `2 * c` for a colour, or `all Set` for one of each";
                self.error_none(Diagnostic::error("E0514", span, message).help(help))
            }
        }
    }
}

fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Divide, Modulo, Multiply, Power, Subtract};
    matches!(op, Add | Subtract | Multiply | Divide | Modulo | Power)
}

fn scaled(bag: Bag, factor: f64) -> Bag {
    bag.into_iter().map(|(index, count)| (index, count * factor)).collect()
}

fn reckon(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        BinaryOp::Modulo => a.rem_euclid(b),
        _ => libm::pow(a, b),
    }
}
