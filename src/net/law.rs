//! Laws of delays: `LogNormal(mean: m, sigma: s)`, a bare time, `3 s + Law(…)`.

use super::expr::{ArgumentExpr, Expr as Flat, LawExpr};
use super::flatten::Flattener;
use super::scope::Scope;
use super::value::Value;
use crate::diag::{Diagnostic, Span, nearest};
use crate::dist::{Form, ParameterKind, forms};
use crate::syntax::expr::{Argument, Expr, ExprKind, Name};
use crate::units::Dimension;
use std::rc::Rc;

/// A parameter of a call, evaluated: its value, or none when it is wrong, and where it stands.
type Given = (Value, Span);

impl Flattener<'_, '_> {
    /// The law of a delay; a bare time is deterministic.
    pub(super) fn delay<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Rc<LawExpr>> {
        match self.value(scope, e) {
            Value::Law(law) => Some(law),
            Value::Poison => None,
            value @ Value::Number(_, Dimension::TIME) => self.deterministic(&value, e.span).map(Rc::new),
            Value::Number(_, dimension) => {
                let message = format!("a delay is a law or a time, and this is {dimension}");
                self.error_none(Diagnostic::error("E0504", e.span, message).help("give it a unit: `30 s`"))
            }
            value => self.expected(e.span, "a law or a time", &value),
        }
    }

    /// The law that is always this time.
    pub(super) fn deterministic(&mut self, value: &Value, span: Span) -> Option<LawExpr> {
        let form = forms().iter().find(|form| form.name == "Deterministic")?;
        self.law(&Scope::fixed(super::scope::Home::Frame(0), ""), form, vec![(value.clone(), span)], span)
    }

    /// `3 s + Law(…)`.
    pub(super) fn shifted(&mut self, law: &Rc<LawExpr>, offset: &Value, span: Span) -> Value {
        let Some(form) = forms().iter().find(|form| form.name == "Shifted") else { return Value::Poison };
        let given = vec![(offset.clone(), span), (Value::Law(law.clone()), span)];
        let law = self.law(&Scope::fixed(super::scope::Home::Frame(0), ""), form, given, span);
        law.map_or(Value::Poison, |law| Value::Law(Rc::new(law)))
    }

    /// A call of a law.
    pub(super) fn law_call<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        name: &'a Name,
        arguments: &'a [Argument],
    ) -> Value {
        let candidates: Vec<&'static Form> = forms().iter().filter(|form| form.name == name.text).collect();
        if let [Argument { name: None, value }] = arguments
            && let ExprKind::Table(entries) = &value.kind
            && let Some(form) = candidates.iter().find(|form| is_weighted(form))
        {
            return self.weighted(scope, form, entries, span);
        }
        let values: Vec<Given> = arguments.iter().map(|a| (self.value(scope, &a.value), a.value.span)).collect();
        let Some(form) = self.select(&candidates, arguments, name) else { return Value::Poison };
        let mut given: Vec<Option<Given>> = form.parameters.iter().map(|_| None).collect();
        for (i, (argument, value)) in arguments.iter().zip(values).enumerate() {
            let at = argument.name.as_ref().map_or(Some(i), |n| position(form, &n.text));
            if let Some(slot) = at.and_then(|at| given.get_mut(at)) {
                *slot = Some(value);
            }
        }
        let given: Option<Vec<Given>> = given.into_iter().collect();
        let law = given.and_then(|given| self.law(scope, form, given, span));
        law.map_or(Value::Poison, |law| Value::Law(Rc::new(law)))
    }

    /// The form that the given parameters fit; what doesn't fit is reported.
    fn select(&mut self, candidates: &[&'static Form], arguments: &[Argument], name: &Name) -> Option<&'static Form> {
        let positional = arguments.iter().take_while(|a| a.name.is_none()).count();
        let named: Vec<&Name> = arguments.iter().filter_map(|a| a.name.as_ref()).collect();
        if let Some(late) = arguments[positional..].iter().find(|a| a.name.is_none()) {
            let message = "a parameter without a name stands behind one with a name";
            self.error(Diagnostic::error("E0704", late.value.span, message).help("name it"));
            return None;
        }
        if let Some(unknown) = named.iter().find(|n| candidates.iter().all(|f| position(f, &n.text).is_none())) {
            self.unknown_parameter(candidates, name, unknown);
            return None;
        }
        for (i, n) in named.iter().enumerate() {
            if let Some(first) = named[..i].iter().find(|m| m.text == n.text) {
                let message = format!("`{}` is given twice", n.text);
                self.error(Diagnostic::error("E0704", n.span, message).also(first.span, "already here"));
                return None;
            }
        }
        let fits = |form: &&&'static Form| {
            arguments.len() == form.parameters.len()
                && named.iter().all(|n| position(form, &n.text).is_some_and(|at| at >= positional))
        };
        if let Some(form) = candidates.iter().find(fits) {
            return Some(form);
        }
        self.no_form(candidates, arguments.len(), &named, name);
        None
    }

    fn unknown_parameter(&mut self, candidates: &[&'static Form], law: &Name, unknown: &Name) {
        let known: Vec<&str> = candidates.iter().flat_map(|f| f.parameters.iter().map(|(p, _)| *p)).collect();
        let message = format!("`{}` has no parameter `{}`", law.text, unknown.text);
        let error = Diagnostic::error("E0702", unknown.span, message);
        let help = match nearest(&unknown.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? Write {}", ways(candidates)),
            None => format!("write {}", ways(candidates)),
        };
        self.error(error.help(help));
    }

    fn no_form(&mut self, candidates: &[&'static Form], count: usize, named: &[&Name], law: &Name) {
        let best = candidates.iter().find(|f| named.iter().all(|n| position(f, &n.text).is_some()));
        let missing = best.filter(|form| count < form.parameters.len()).and_then(|form| {
            let rest = form.parameters.iter().skip(count - named.len());
            rest.map(|(p, _)| *p).find(|p| named.iter().all(|n| n.text != *p))
        });
        let error = match (missing, best) {
            (Some(missing), _) => {
                let message = format!("`{}` lacks its parameter `{missing}`", law.text);
                Diagnostic::error("E0703", law.span, message)
            }
            (None, Some(_)) => {
                Diagnostic::error("E0704", law.span, format!("`{}` is given too many parameters", law.text))
            }
            (None, None) => {
                let message = format!("`{}` can't be given by these parameters together", law.text);
                Diagnostic::error("E0704", law.span, message)
            }
        };
        self.error(error.help(format!("write {}", ways(candidates))));
    }

    /// `Mixed({0.3: A, 0.7: B})`: weights before the colons, laws or times behind.
    fn weighted<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        form: &'static Form,
        entries: &'a [(Expr, Expr)],
        span: Span,
    ) -> Value {
        let weights: Vec<Value> = entries.iter().map(|(weight, _)| self.value(scope, weight)).collect();
        let parts: Vec<Value> = entries.iter().map(|(_, part)| self.value(scope, part)).collect();
        for ((e, _), weight) in entries.iter().zip(&weights) {
            if self.as_number(weight, e.span).is_none() {
                return Value::Poison;
            }
        }
        let given = vec![(Value::List(weights.into()), span), (Value::List(parts.into()), span)];
        let law = self.law(scope, form, given, span);
        law.map_or(Value::Poison, |law| Value::Law(Rc::new(law)))
    }

    /// Checks the kinds of the parameters and, when all are constant, their values.
    fn law(&mut self, scope: &Scope<'_>, form: &'static Form, given: Vec<Given>, span: Span) -> Option<LawExpr> {
        let mut arguments = Vec::with_capacity(given.len());
        for ((value, at), (name, kind)) in given.iter().zip(form.parameters) {
            arguments.push(self.argument(form, name, *kind, value, *at));
        }
        let law = LawExpr { form, arguments: arguments.into_iter().collect::<Option<Vec<_>>>()? };
        if law.is_constant()
            && let Err(error) = law.evaluate(&[])
        {
            let wrong = position(form, error.parameter).map(|i| &given[i]);
            let is = wrong.map_or(String::new(), |(value, _)| format!("is {}, and ", value.words()));
            let message = format!("`{}` of `{}` {is}{}", error.parameter, form.name, error.requirement);
            return self.fault(scope, Diagnostic::error("E0706", wrong.map_or(span, |given| given.1), message));
        }
        Some(law)
    }

    fn argument(
        &mut self,
        form: &Form,
        name: &str,
        kind: ParameterKind,
        value: &Value,
        span: Span,
    ) -> Option<ArgumentExpr> {
        let wrong = |found: String| {
            let message = format!("`{name}` of `{}` is {}, and this is {found}", form.name, kind_words(kind));
            let inverse = match (kind, value) {
                (ParameterKind::Scalar(Dimension::RATE), Value::Number(_, Dimension::TIME)) => {
                    ", or `1 / x` for the rate of a mean time `x`"
                }
                (ParameterKind::Scalar(Dimension::TIME), Value::Number(_, Dimension::RATE)) => {
                    ", or `1 / x` for the mean time of a rate `x`"
                }
                _ => "",
            };
            Diagnostic::error("E0705", span, message).help(format!("write {}{inverse}", ways(&[form])))
        };
        match (kind, value) {
            (_, Value::Poison) => None,
            (ParameterKind::Scalar(wanted), value) => match self.scalar(value) {
                Some((e, found)) if found == wanted => Some(ArgumentExpr::Scalar(e)),
                _ => self.error_none(wrong(value.kind())),
            },
            (ParameterKind::List(wanted), Value::List(values)) => {
                let parts = values.iter().map(|v| match self.scalar(v) {
                    Some((e, found)) if found == wanted => Ok(e),
                    _ => Err(v),
                });
                match parts.collect::<Result<Vec<Flat>, &Value>>() {
                    Ok(list) => self.charge(list.len() as u64, span).then_some(ArgumentExpr::List(list)),
                    Err(Value::Poison) => None,
                    Err(v) => self.error_none(wrong(format!("a list with {}", v.kind()))),
                }
            }
            (ParameterKind::Law, value) => match self.as_law(value, span) {
                Some(law) => Some(ArgumentExpr::Law(law)),
                None => self.error_none(wrong(value.kind())),
            },
            (ParameterKind::Laws, Value::List(values)) => {
                let laws: Option<Vec<LawExpr>> = values.iter().map(|v| self.as_law(v, span)).collect();
                match laws {
                    Some(laws) => Some(ArgumentExpr::Laws(laws)),
                    None if values.iter().any(|v| matches!(v, Value::Poison)) => None,
                    None => self.error_none(wrong("a list of something else".into())),
                }
            }
            (_, value) => self.error_none(wrong(value.kind())),
        }
    }

    fn scalar(&self, value: &Value) -> Option<(Flat, Dimension)> {
        match value {
            Value::Number(e, dimension) => Some((e.clone(), *dimension)),
            Value::Colour(super::value::Colour::Integer(x)) => Some((Flat::Constant(*x as f64), Dimension::NUMBER)),
            _ => None,
        }
    }

    fn as_law(&mut self, value: &Value, span: Span) -> Option<LawExpr> {
        match value {
            Value::Law(law) => Some((**law).clone()),
            Value::Number(_, Dimension::TIME) => self.deterministic(value, span),
            _ => None,
        }
    }
}

/// Whether a form has weights and as many parts.
fn is_weighted(form: &Form) -> bool {
    use ParameterKind::{Laws, List};
    matches!(form.parameters, [(_, List(Dimension::NUMBER)), (_, List(_) | Laws)])
}

fn position(form: &Form, parameter: &str) -> Option<usize> {
    form.parameters.iter().position(|(p, _)| *p == parameter)
}

fn kind_words(kind: ParameterKind) -> String {
    match kind {
        ParameterKind::Scalar(dimension) => dimension.to_string(),
        ParameterKind::List(Dimension::NUMBER) => "a list of numbers".into(),
        ParameterKind::List(Dimension::TIME) => "a list of times".into(),
        ParameterKind::List(Dimension::RATE) => "a list of rates".into(),
        ParameterKind::List(dimension) => format!("a list of {dimension}"),
        ParameterKind::Law => "a law".into(),
        ParameterKind::Laws => "a list of laws".into(),
    }
}

/// How a law can be written: "`Uniform(low: a time, high: a time)`".
fn ways(forms: &[&Form]) -> String {
    let way = |form: &&Form| {
        let parts: Vec<String> = form.parameters.iter().map(|(p, k)| format!("{p}: {}", kind_words(*k))).collect();
        format!("`{}({})`", form.name, parts.join(", "))
    };
    forms.iter().map(way).collect::<Vec<_>>().join(" or ")
}
