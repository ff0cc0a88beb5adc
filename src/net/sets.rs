//! Colour sets, and colours as members of them.

use super::flatten::Flattener;
use super::scope::{Home, Scope, bare};
use super::value::{Colour, ColourSet, Value};
use crate::diag::{Diagnostic, Span, nearest};
use crate::syntax::expr::{BinaryOp, Expr, Name};
use crate::units::Dimension;
use indexmap::IndexSet;
use std::rc::Rc;

/// Integers up to here are exact as numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Flattener<'_, '_> {
    /// `{a, b}`.
    pub(super) fn set<'a>(&mut self, scope: &mut Scope<'a>, span: Span, items: &'a [Expr]) -> Value {
        let mut set = IndexSet::new();
        let mut whole = true;
        for item in items {
            match self.set_item(scope, item) {
                None => whole = false,
                Some(colour) => {
                    if set.contains(&colour) {
                        let message = format!("`{colour}` is in the set twice");
                        self.error(Diagnostic::error("E0402", item.span, message).help("leave one of them out"));
                    }
                    if set.first().is_some_and(|first| std::mem::discriminant(first) != std::mem::discriminant(&colour))
                    {
                        let message = format!("`{colour}` is of another kind than the colours before it");
                        self.error(Diagnostic::error("E0503", item.span, message));
                        whole = false;
                    }
                    set.insert(colour);
                }
            }
        }
        if whole { self.sized(span, ColourSet::Items(set)) } else { Value::Poison }
    }

    /// A member of a set literal, or the key of a table: a new word is a new colour where sets are defined.
    pub(super) fn set_item<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Colour> {
        if let Some(word) = bare(e)
            && scope.defines
            && !self.is_known(scope, word)
        {
            return Some(Colour::Name(word.into()));
        }
        let value = self.value(scope, e);
        self.as_colour(scope, &value, e.span)
    }

    /// `1..=6`, `0..n`.
    pub(super) fn range<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        from: &'a Expr,
        to: &'a Expr,
        inclusive: bool,
    ) -> Value {
        let (Some(low), Some(high)) = (self.bound(scope, from), self.bound(scope, to)) else { return Value::Poison };
        let high = if inclusive { high } else { high - 1.0 };
        let len = (high - low + 1.0).max(0.0);
        if len > self.limits.colours as f64 {
            return self.too_large(span, &format!("{len:e}"));
        }
        Value::Set(Rc::new(ColourSet::Range { from: low as i64, len: len as usize }))
    }

    fn bound<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<f64> {
        let value = scope.within(Some("a colour set"), |scope| self.value(scope, e));
        let x = self.plain(&value, e.span)?;
        if x.fract() == 0.0 && x.abs() <= EXACT {
            return Some(x);
        }
        let message = format!("{x} can't be a colour: integers are needed here");
        self.fault(scope, Diagnostic::error("E0502", e.span, message))
    }

    /// `A * B`; a literal chain `A * B * C` has three components.
    pub(super) fn product_set(&mut self, span: Span, x: Rc<ColourSet>, y: Rc<ColourSet>, chained: bool) -> Value {
        let mut parts = match &*x {
            ColourSet::Product { parts, .. } if chained => parts.clone(),
            _ => vec![x],
        };
        parts.push(y);
        match ColourSet::product(parts.clone(), self.limits.colours) {
            Some(set) => Value::Set(Rc::new(set)),
            None => {
                let size: f64 = parts.iter().map(|p| p.len() as f64).product();
                self.too_large(span, &format!("{size:e}"))
            }
        }
    }

    /// Union (`+`) and difference (`-`).
    pub(super) fn union(&mut self, span: Span, op: BinaryOp, a: &Rc<ColourSet>, b: &Rc<ColourSet>) -> Value {
        if !self.charge((a.len() + b.len()) as u64, span) {
            return Value::Poison;
        }
        let items = match op {
            BinaryOp::Add => a.iter().chain(b.iter()).collect(),
            _ => a.iter().filter(|c| b.index(c).is_none()).collect(),
        };
        self.sized(span, ColourSet::Items(items))
    }

    fn sized(&mut self, span: Span, set: ColourSet) -> Value {
        if set.len() > self.limits.colours {
            return self.too_large(span, &set.len().to_string());
        }
        Value::Set(Rc::new(set))
    }

    fn too_large(&mut self, span: Span, size: &str) -> Value {
        let message = format!("a colour set of {size} colours is too large");
        let help = format!("at most {} are allowed", self.limits.colours);
        self.error(Diagnostic::error("E0714", span, message).help(help))
    }

    /// `(a, b)`.
    pub(super) fn tuple<'a>(&mut self, scope: &mut Scope<'a>, parts: &'a [Expr]) -> Value {
        let mut colours = Vec::with_capacity(parts.len());
        for part in parts {
            let value = self.value(scope, part);
            colours.push(self.as_colour(scope, &value, part.span));
        }
        match colours.into_iter().collect::<Option<Vec<Colour>>>() {
            Some(colours) => Value::Colour(Colour::Tuple(colours.into())),
            None => Value::Poison,
        }
    }

    /// A colour: numbers and Booleans that are constant are colours too.
    pub(super) fn as_colour(&mut self, scope: &Scope<'_>, value: &Value, span: Span) -> Option<Colour> {
        match value {
            Value::Colour(colour) => Some(colour.clone()),
            Value::Number(e, Dimension::NUMBER) => match e.constant() {
                Some(x) if x.fract() == 0.0 && x.abs() <= EXACT => Some(Colour::Integer(x as i64)),
                Some(x) => {
                    let message = format!("{x} can't be a colour: only integers can");
                    self.fault(scope, Diagnostic::error("E0502", span, message))
                }
                None => self.not_constant(span),
            },
            Value::Boolean(e) => match e.constant() {
                Some(x) => Some(Colour::Boolean(x != 0.0)),
                None => self.not_constant(span),
            },
            value => self.expected(span, "a colour", value),
        }
    }

    fn not_constant<T>(&mut self, span: Span) -> Option<T> {
        let message = "a colour may not depend on the marking";
        self.error(Diagnostic::error("E0505", span, message));
        None
    }

    /// The index of an expression's colour in a set.
    pub(super) fn member<'a>(&mut self, scope: &mut Scope<'a>, set: &ColourSet, e: &'a Expr) -> Option<usize> {
        let value = self.value(scope, e);
        self.member_value(scope, set, &value, e.span)
    }

    /// The index of a value in a set.
    pub(super) fn member_value(
        &mut self,
        scope: &Scope<'_>,
        set: &ColourSet,
        value: &Value,
        span: Span,
    ) -> Option<usize> {
        let colour = self.as_colour(scope, value, span)?;
        set.index(&colour).or_else(|| self.no_member(scope, set, &colour, span))
    }

    /// Reports a colour that isn't in a set.
    pub(super) fn no_member<T>(
        &mut self,
        scope: &Scope<'_>,
        set: &ColourSet,
        colour: &Colour,
        span: Span,
    ) -> Option<T> {
        let word = colour.to_string();
        let names: Vec<String> = set.iter().take(1000).map(|c| c.to_string()).collect();
        let error = Diagnostic::error("E0509", span, format!("the colour `{word}` is not in {set}"));
        let near = nearest(&word, names.iter().map(String::as_str)).filter(|_| matches!(colour, Colour::Name(_)));
        let error = match near {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("exclude such bindings by a guard"),
        };
        self.fault(scope, error)
    }

    /// The sets of variables; none when one of them is wrong.
    pub(super) fn variable_sets<'a>(
        &mut self,
        home: Home,
        outer: &Scope<'a>,
        variables: &'a [(Name, Expr)],
    ) -> Option<Vec<Rc<ColourSet>>> {
        let mut scope = Scope::fixed(home, "the set of a variable");
        scope.variables = outer.variables.clone();
        scope.quiet = outer.quiet;
        let sets: Vec<_> = variables.iter().map(|(_, e)| self.colour_set(&mut scope, e)).collect();
        sets.into_iter().collect()
    }

    /// A colour set; anything else is reported.
    pub(super) fn colour_set<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Rc<ColourSet>> {
        match self.value(scope, e) {
            Value::Set(set) => Some(set),
            value => self.expected(e.span, "a colour set", &value),
        }
    }

    /// A constant plain number; anything else is reported.
    pub(super) fn plain(&mut self, value: &Value, span: Span) -> Option<f64> {
        let (e, dimension) = self.as_number(value, span)?;
        if dimension != Dimension::NUMBER {
            let message = format!("a plain number is needed here, and this is {dimension}");
            self.error(Diagnostic::error("E0504", span, message).help("divide it by a unit: `x / 1 s`"));
            return None;
        }
        let constant = e.constant();
        if constant.is_none() {
            self.error(Diagnostic::error("E0505", span, "a constant is needed here"));
        }
        constant
    }
}
