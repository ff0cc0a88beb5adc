//! Calls and operators over colour sets: `min(a, b)`, `sum(k in Kid: …)`.

use super::expr::{Expr as Flat, FoldOp, Function};
use super::flatten::Flattener;
use super::fold;
use super::scope::Scope;
use super::value::{Value, decode, size};
use crate::diag::{Diagnostic, Span, nearest};
use crate::dist::forms;
use crate::syntax::expr::{Argument, Expr, Name, Quantifier};
use crate::units::Dimension;

/// The functions of the language.
const FUNCTIONS: &[&str] = &["abs", "ceil", "exp", "floor", "ln", "max", "min", "sqrt"];

/// What is understood only at the top of measures.
const AVERAGES: &[&str] = &["rate", "impulse", "P", "quantile", "excess"];

impl Flattener<'_, '_> {
    /// A function or a law.
    pub(super) fn call<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        name: &'a Name,
        arguments: &'a [Argument],
    ) -> Value {
        let word = name.text.as_str();
        if forms().iter().any(|form| form.name == word) {
            return self.law_call(scope, span, name, arguments);
        }
        if AVERAGES.contains(&word) {
            let message = format!("`{word}` has no value while the net runs");
            let help = "it belongs at the top of `measures`";
            return self.error(Diagnostic::error("E0506", span, message).help(help));
        }
        let values: Vec<(Value, &'a Expr)> =
            arguments.iter().map(|a| (self.value(scope, &a.value), &a.value)).collect();
        if !FUNCTIONS.contains(&word) {
            return self.unknown_function(name);
        }
        if let Some(named) = arguments.iter().find_map(|a| a.name.as_ref()) {
            let message = format!("the arguments of `{word}` have no names");
            return self.error(Diagnostic::error("E0507", named.span, message));
        }
        self.function(scope, span, word, values)
    }

    fn unknown_function(&mut self, name: &Name) -> Value {
        let law = name.text.starts_with(char::is_uppercase);
        let (code, what) = if law { ("E0701", "law") } else { ("E0406", "function") };
        let mut known: Vec<&str> = forms().iter().map(|form| form.name).collect();
        known.extend(FUNCTIONS.iter().chain(AVERAGES));
        let error = Diagnostic::error(code, name.span, format!("there is no {what} `{}`", name.text));
        self.error(match nearest(&name.text, known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None if law => {
                known.truncate(known.len() - FUNCTIONS.len() - AVERAGES.len());
                known.dedup();
                error.help(format!("the laws are: {}", known.join(", ")))
            }
            None => error.help(format!("the functions are: {}", FUNCTIONS.join(", "))),
        })
    }

    fn function(&mut self, scope: &Scope<'_>, span: Span, word: &str, values: Vec<(Value, &Expr)>) -> Value {
        let extreme = matches!(word, "min" | "max");
        if values.is_empty() || !extreme && values.len() != 1 {
            let wanted = if extreme { "at least one argument" } else { "one argument" };
            let message = format!("`{word}` takes {wanted}, and {} are given", values.len());
            return self.error(Diagnostic::error("E0507", span, message));
        }
        let numbers: Vec<_> = values.iter().map(|(value, e)| (self.as_number(value, e.span), e.span)).collect();
        let mut list = Vec::new();
        for (number, span) in numbers {
            match number {
                Some((e, dimension)) => list.push((e, dimension, span)),
                None => return Value::Poison,
            }
        }
        if extreme {
            return self.extreme(span, if word == "min" { FoldOp::Min } else { FoldOp::Max }, list);
        }
        let (x, dimension, at) = list.swap_remove(0);
        let function = match word {
            "abs" => return Value::Number(fold::apply(Function::Abs, x), dimension),
            "sqrt" if dimension.time % 2 == 0 => {
                let finite = x.constant().is_none_or(f64::is_finite);
                let e = self.finite(scope, fold::apply(Function::Sqrt, x), finite, span);
                let half = Dimension { time: dimension.time / 2 };
                return e.map_or(Value::Poison, |e| Value::Number(e, half));
            }
            "ceil" => Function::Ceil,
            "exp" => Function::Exp,
            "floor" => Function::Floor,
            "ln" => Function::Ln,
            _ => Function::Sqrt,
        };
        if dimension != Dimension::NUMBER {
            let message = format!("`{word}` takes a plain number, and this is {dimension}");
            return self.error(Diagnostic::error("E0504", at, message).help("divide it by a unit: `x / 1 s`"));
        }
        let finite = x.constant().is_none_or(f64::is_finite);
        let e = self.finite(scope, fold::apply(function, x), finite, span);
        e.map_or(Value::Poison, |e| Value::Number(e, Dimension::NUMBER))
    }

    fn extreme(&mut self, span: Span, op: FoldOp, list: Vec<(Flat, Dimension, Span)>) -> Value {
        let mut list = list.into_iter();
        let Some((mut e, dimension, first)) = list.next() else { return Value::Poison };
        for (next, other, at) in list {
            if other != dimension {
                let message = format!("{dimension} can't be compared with {other}");
                let error = Diagnostic::error("E0501", span, message).also(first, format!("this is {dimension}"));
                return self
                    .error(error.also(at, format!("this is {other}")).help("give all of them the same dimension"));
            }
            e = fold::extreme(op, e, next);
        }
        Value::Number(e, dimension)
    }

    /// `sum(…)`, `product(…)`, `all(…)`, `any(…)`, `count(…)`.
    pub(super) fn quantified<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        quantifier: Quantifier,
        variables: &'a [(Name, Expr)],
        filter: Option<&'a Expr>,
        body: &'a Expr,
    ) -> Value {
        let mut result = Folded::new(quantifier);
        self.each_binding(scope, variables, body.span, &mut |flattener, scope, real| {
            let filter = match filter {
                None => Some(Flat::Constant(1.0)),
                Some(e) => {
                    let value = flattener.value(scope, e);
                    flattener.as_condition(&value, e.span)
                }
            };
            let out = filter.as_ref().and_then(fold::truth) == Some(false);
            let value = scope.quietly(out, |scope| flattener.value(scope, body));
            let part = match quantifier {
                Quantifier::Sum | Quantifier::Product => flattener.as_number(&value, body.span),
                _ => flattener.as_condition(&value, body.span).map(|e| (e, Dimension::NUMBER)),
            };
            let Some(dimension) = flattener.dimension_of_fold(&result, part.as_ref(), body.span) else {
                result.poisoned |= real && !out;
                return;
            };
            result.dimension = Some(dimension);
            match (filter, part) {
                _ if !real || out => {}
                (Some(filter), Some((e, _))) => result.take(filter, e),
                _ => result.poisoned = true,
            }
        });
        result.value()
    }

    /// The dimension of a fold after one more part; none when the part is wrong.
    fn dimension_of_fold(&mut self, fold: &Folded, part: Option<&(Flat, Dimension)>, span: Span) -> Option<Dimension> {
        let dimension = part?.1;
        if fold.quantifier == Quantifier::Product && dimension != Dimension::NUMBER {
            let message = format!("the factors of a `product` are plain numbers, and this is {dimension}");
            self.error(Diagnostic::error("E0504", span, message));
            return None;
        }
        match fold.dimension {
            Some(before) if before != dimension => {
                let message = format!("{before} can't be added to {dimension}: the terms differ in dimension");
                self.error(Diagnostic::error("E0501", span, message));
                None
            }
            _ => Some(dimension),
        }
    }

    /// Calls `visit` with every binding of the variables, or, when there is none or it can't be told, once with
    /// unknown values (`real` is false), so that what is wrong for any value is found.
    pub(super) fn each_binding<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        variables: &'a [(Name, Expr)],
        span: Span,
        visit: &mut dyn FnMut(&mut Self, &mut Scope<'a>, bool),
    ) {
        let outer = scope.variables.len();
        let sets = self.variable_sets(scope.home, scope, variables);
        let total = sets.as_ref().and_then(|sets| size(sets)).unwrap_or(0);
        if sets.is_none() || total == 0 {
            scope.variables.extend(variables.iter().map(|(name, _)| (name.text.as_str(), Value::Poison)));
            scope.quietly(true, |scope| visit(self, scope, false));
            scope.variables.truncate(outer);
            return;
        }
        let sets = sets.unwrap_or_default();
        for index in 0..total {
            if !self.charge(1, span) {
                break;
            }
            let colours = decode(&sets, index).into_iter().map(Value::Colour);
            scope.variables.extend(variables.iter().map(|(name, _)| name.text.as_str()).zip(colours));
            visit(self, scope, true);
            scope.variables.truncate(outer);
        }
    }
}

/// What a quantifier has gathered so far.
struct Folded {
    quantifier: Quantifier,
    e: Flat,
    dimension: Option<Dimension>,
    poisoned: bool,
}

impl Folded {
    fn new(quantifier: Quantifier) -> Folded {
        let unit = matches!(quantifier, Quantifier::Product | Quantifier::ForAll);
        Folded { quantifier, e: Flat::Constant(f64::from(unit)), dimension: None, poisoned: false }
    }

    fn take(&mut self, filter: Flat, part: Flat) {
        let before = std::mem::replace(&mut self.e, Flat::Constant(0.0));
        self.e = match self.quantifier {
            Quantifier::Sum => fold::add(before, fold::choose(filter, part, Flat::Constant(0.0))),
            Quantifier::Product => fold::multiply(before, fold::choose(filter, part, Flat::Constant(1.0))),
            Quantifier::ForAll => {
                let part = fold::logic(FoldOp::Or, fold::not(filter), part);
                fold::logic(FoldOp::And, before, part)
            }
            Quantifier::Exists => {
                let part = fold::logic(FoldOp::And, filter, part);
                fold::logic(FoldOp::Or, before, part)
            }
            Quantifier::Count => fold::add(before, fold::logic(FoldOp::And, filter, part)),
        };
    }

    fn value(self) -> Value {
        match self.quantifier {
            _ if self.poisoned => Value::Poison,
            Quantifier::ForAll | Quantifier::Exists => Value::Boolean(self.e),
            _ => Value::Number(self.e, self.dimension.unwrap_or(Dimension::NUMBER)),
        }
    }
}
