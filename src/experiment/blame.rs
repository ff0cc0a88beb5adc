//! Whose fault a mistake is that a net has for certain values only: what is given is left out in turn, and what isn't
//! wrong without it is told as a mistake of what was given, by its name.

use super::points::written;
use super::read::Reading;
use crate::diag::{Diagnostic, Diagnostics, Severity, Span};
use crate::net::Limits;
use crate::net::imported;
use crate::syntax::ast::{Definition, Document, Uncertainty};
use crate::syntax::expr::Expr;
use crate::syntax::print_expr;

/// Values that are left out in turn, at most.
const TRIED: usize = 16;

/// The mistakes of a net, those that come of something given under its name.
pub(super) fn blamed(
    (file, importance): (&str, Option<&Expr>),
    given: &[Definition],
    found: &Diagnostics,
    reading: &mut Reading,
) -> Vec<Diagnostic> {
    let mut list = found.sorted();
    // What can't be as it is evaluated; all else has its place where it is written.
    let is_open = |d: &Diagnostic| {
        let told = given.iter().any(|of| holds(of.value.span, d.primary.span));
        d.severity == Severity::Error && (d.code.starts_with("E07") || d.code == "E0503") && !told
    };
    for i in 0..given.len().min(TRIED) {
        if !list.iter().any(is_open) {
            break;
        }
        let mut others = given.to_vec();
        let Definition { name, value } = others.remove(i);
        let mut left = Diagnostics::default();
        reading.library.flatten_guided(reading.sources, (file, importance), &others, &Limits::default(), &mut left);
        let left: Vec<(&str, Span)> = left.sorted().iter().map(|d| (d.code, d.primary.span)).collect();
        let range = range(file, &name.text, reading);
        for of in list.iter_mut().filter(|d| is_open(d)) {
            if left.contains(&(of.code, of.primary.span)) {
                continue;
            }
            let label = of.primary.message.trim_start_matches("for ");
            let why = if label.is_empty() { of.message.clone() } else { format!("{}, with {label}", of.message) };
            let called = called(name.span, reading).unwrap_or_else(|| name.text.clone());
            let message = format!("`{called}` can't be {}", written(&value, reading.sources));
            let help = range.clone().or(of.help.take());
            let told = Diagnostic::error("E0920", value.span, message).also(of.primary.span, why);
            *of = Diagnostic { help, ..told };
        }
    }
    list
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// The name as it was written, a cell with its keys.
fn called(span: Span, reading: &Reading) -> Option<String> {
    let text = &reading.sources.get(span.source).text;
    let name = text.get(span.start as usize..span.end as usize)?.trim_matches('"');
    (!name.is_empty()).then(|| name.to_string())
}

/// What a parameter file says that a value may be.
fn range(net: &str, name: &str, reading: &mut Reading) -> Option<String> {
    let (_, own) = imported::parts(name)?;
    let all = reading.library.imported(net, reading.sources);
    let path = imported::having(&all, name).first()?.path.clone();
    let Some(Document::Parameters(parameters)) =
        reading.library.document(&path, reading.sources, &mut Diagnostics::default())
    else {
        return None;
    };
    let value = parameters.values.iter().find(|value| value.name.text == own)?;
    let Some(Uncertainty::Range { low, high, .. }) = &value.uncertainty else { return None };
    Some(format!("its range is {} to {} (`{path}`)", print_expr(low), print_expr(high)))
}
