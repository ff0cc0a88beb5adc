//! Laws of a fault plan: `Uniform(3 s, 4 s)`, or a bare time. There are no names to look up, so a call is a law.

use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::dist::{self, Form, Law, ParameterKind, forms};
use crate::syntax::constant::constant;
use crate::syntax::expr::{Argument, Expr, ExprKind, Name};
use crate::units::Dimension;

/// The law that an expression means; what is wrong is reported.
pub(super) fn law(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Law> {
    match &expr.kind {
        ExprKind::Call(name, arguments) if known(name).next().is_some() => call(expr, name, arguments, diagnostics),
        ExprKind::Call(name, _) if name.text.starts_with(char::is_uppercase) => {
            let diagnostic = Diagnostic::error("E0701", name.span, format!("unknown law `{}`", name.text));
            let near = nearest(&name.text, forms().iter().map(|form| form.name));
            diagnostics.push(match near {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
            None
        }
        _ => {
            let value = scalar(expr, Dimension::TIME, diagnostics)?;
            build(expr, &["Deterministic"], vec![dist::Argument::Scalar(value)], diagnostics)
        }
    }
}

/// The mean of what a law's values add to a time of that length at most, in seconds, to 5 % from below: much may lie at
/// 0 and the mean be great all the same.
pub(super) fn mean_within(law: &Law, length: f64) -> f64 {
    const STEPS: u32 = 640;
    let at = |step: u32| length * libm::exp2(-f64::from(step) / 16.0);
    let strip = |step: u32| (at(step) - at(step + 1)) * law.survival(at(step));
    (0..STEPS).map(strip).sum::<f64>() + at(STEPS) * law.survival(at(STEPS))
}

fn known(name: &Name) -> impl Iterator<Item = &'static Form> {
    forms().iter().filter(move |form| form.name == name.text)
}

fn scalar(expr: &Expr, dimension: Dimension, diagnostics: &mut Diagnostics) -> Option<f64> {
    let found = constant(expr, diagnostics)?;
    if found.dimension == dimension {
        return Some(found.value);
    }
    let message = format!("this is {}, and {dimension} is needed", found.dimension);
    diagnostics.push(Diagnostic::error("E0904", expr.span, message));
    None
}

fn call(expr: &Expr, name: &Name, arguments: &[Argument], diagnostics: &mut Diagnostics) -> Option<Law> {
    let fits = |form: &&Form| {
        let place = |(i, argument): (usize, &Argument)| place(form, i, argument).is_some();
        form.parameters.len() == arguments.len() && arguments.iter().enumerate().all(place)
    };
    let Some(form) = known(name).find(fits) else {
        let ways: Vec<String> = known(name).map(way).collect();
        let message = format!("`{}` can't be given by these parameters", name.text);
        let help = format!("write {}", ways.join(" or "));
        diagnostics.push(Diagnostic::error("E0704", name.span, message).help(help));
        return None;
    };
    let mut values: Vec<Option<dist::Argument>> = form.parameters.iter().map(|_| None).collect();
    for (i, argument) in arguments.iter().enumerate() {
        let place = place(form, i, argument)?;
        values[place] = Some(value(&argument.value, form.parameters[place].1, diagnostics)?);
    }
    let law = (form.build)(&values.into_iter().collect::<Option<Vec<_>>>()?);
    law.map_err(|error| report(expr, form.name, &error, diagnostics)).ok()
}

/// Which parameter an argument is.
fn place(form: &Form, index: usize, argument: &Argument) -> Option<usize> {
    match &argument.name {
        None => Some(index),
        Some(name) => form.parameters.iter().position(|(parameter, _)| *parameter == name.text),
    }
}

/// `Uniform(low, high)`.
fn way(form: &Form) -> String {
    let parameters: Vec<&str> = form.parameters.iter().map(|(name, _)| *name).collect();
    format!("`{}({})`", form.name, parameters.join(", "))
}

fn value(expr: &Expr, kind: ParameterKind, diagnostics: &mut Diagnostics) -> Option<dist::Argument> {
    let mut items = |what: &str| match &expr.kind {
        ExprKind::List(items) => Some(items.as_slice()),
        _ => {
            let message = format!("a list of {what} is needed, `[…]`");
            diagnostics.push(Diagnostic::error("E0705", expr.span, message));
            None
        }
    };
    Some(match kind {
        ParameterKind::Scalar(dimension) => dist::Argument::Scalar(scalar(expr, dimension, diagnostics)?),
        ParameterKind::List(dimension) => {
            let items = items("values")?;
            let values = items.iter().map(|item| scalar(item, dimension, diagnostics));
            dist::Argument::List(values.collect::<Option<_>>()?)
        }
        ParameterKind::Law => dist::Argument::Law(law(expr, diagnostics)?),
        ParameterKind::Laws => {
            let items = items("laws")?;
            dist::Argument::Laws(items.iter().map(|item| law(item, diagnostics)).collect::<Option<_>>()?)
        }
    })
}

fn build(expr: &Expr, names: &[&str], arguments: Vec<dist::Argument>, diagnostics: &mut Diagnostics) -> Option<Law> {
    let form = forms().iter().find(|form| names.contains(&form.name))?;
    (form.build)(&arguments).map_err(|error| report(expr, form.name, &error, diagnostics)).ok()
}

fn report(expr: &Expr, name: &str, error: &dist::LawError, diagnostics: &mut Diagnostics) {
    let message = format!("`{}` of `{name}` {}", error.parameter, error.requirement);
    diagnostics.push(Diagnostic::error("E0706", expr.span, message));
}
