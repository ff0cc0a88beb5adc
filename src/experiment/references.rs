//! Published and expected values: which point and estimate each belongs to.

use super::plan::{Reference, Target};
use super::points::{Point, suggest, written};
use super::read::Reading;
use crate::diag::{Diagnostic, Diagnostics};
use crate::net::Net;
use crate::syntax::STANDARD_MEASURES;
use crate::syntax::ast::{self, Scenario};
use crate::syntax::constant::{Constant, constant};
use crate::syntax::expr::{Expr, ExprKind};
use crate::units::{Dimension, YEAR};

/// Expected and published values, resolved.
pub fn references(scenario: &Scenario, points: &[Point], reading: &mut Reading) -> (Vec<Reference>, Vec<Reference>) {
    let mut all = |list: &[ast::Reference]| {
        let mut found = Vec::new();
        for reference in list {
            resolve(reference, scenario, points, reading, &mut found);
        }
        found
    };
    (all(&scenario.expect), all(&scenario.published))
}

/// Adds one entry for each point that the reference speaks of.
pub(super) fn resolve(
    reference: &ast::Reference,
    scenario: &Scenario,
    points: &[Point],
    reading: &mut Reading,
    into: &mut Vec<Reference>,
) {
    let value = constant(&reference.value, reading.diagnostics);
    let Some(design) = design(reference, scenario, reading.diagnostics) else { return };
    check_at(reference, scenario, reading.diagnostics);
    let matching = |point: &&(usize, &Point)| {
        let agrees = |given: &ast::Definition| {
            point.1.at.iter().any(|(name, value)| *name == given.name.text && same(value, &given.value, reading))
        };
        point.1.design == design && reference.at.iter().all(agrees)
    };
    let candidates: Vec<(usize, &Point)> = points.iter().enumerate().collect();
    let found: Vec<&(usize, &Point)> = candidates.iter().filter(matching).collect();
    // A point of the file's own sweep that a value set from outside takes away is no mistake of the entry.
    if found.is_empty() && !points.is_empty() && !is_listed(reference, scenario, reading) {
        let span = reference.at.first().map_or(reference.span, |given| given.value.span);
        let diagnostic = Diagnostic::error("E0911", span, "no point of the sweep has these values");
        reading.diagnostics.push(diagnostic.help("they must be among the values that the sweep lists"));
    }
    for (index, point) in found {
        let Some(net) = &point.net else { continue };
        let Some((target, dimension)) = target(reference, point, net, reading.diagnostics) else { continue };
        let Some(value) = value.and_then(|value| fits(value, dimension, &reference.value, reading.diagnostics)) else {
            continue;
        };
        let Some(tolerance) = tolerance(reference, value, dimension, reading.diagnostics) else { continue };
        let source = reference.source.as_ref().map_or(String::new(), |source| source.text.clone());
        into.push(Reference { point: *index, target, value, tolerance, source });
    }
}

/// The design meant.
fn design(reference: &ast::Reference, scenario: &Scenario, diagnostics: &mut Diagnostics) -> Option<usize> {
    let names: Vec<&str> = scenario.designs.iter().map(|design| design.name.text.as_str()).collect();
    match &reference.design {
        None if names.len() == 1 => Some(0),
        None if names.is_empty() => None,
        None => {
            let diagnostic =
                Diagnostic::error("E0912", reference.span, "the entry doesn't say which design it is about");
            diagnostics.push(diagnostic.help(format!("write `design: \"{}\"`", names[0])));
            None
        }
        Some(wanted) => {
            let found = names.iter().position(|name| *name == wanted.text);
            if found.is_none() {
                let diagnostic =
                    Diagnostic::error("E0908", wanted.span, format!("there is no design `{}`", wanted.text));
                diagnostics.push(suggest(diagnostic, &wanted.text, &names));
            }
            found
        }
    }
}

/// Whether each value is one that the file sweeps; a parameter that isn't swept is complained of elsewhere.
fn is_listed(reference: &ast::Reference, scenario: &Scenario, reading: &Reading) -> bool {
    let swept = |given: &ast::Definition| scenario.sweep.iter().find(|(name, _)| name.text == given.name.text);
    let listed =
        |given| swept(given).is_none_or(|(_, values)| values.iter().any(|value| same(value, &given.value, reading)));
    reference.at.iter().all(listed)
}

fn check_at(reference: &ast::Reference, scenario: &Scenario, diagnostics: &mut Diagnostics) {
    let swept: Vec<&str> = scenario.sweep.iter().map(|(name, _)| name.text.as_str()).collect();
    for given in reference.at.iter().filter(|given| !swept.contains(&given.name.text.as_str())) {
        let diagnostic = Diagnostic::error("E0911", given.name.span, format!("`{}` isn't swept", given.name.text));
        diagnostics.push(suggest(diagnostic, &given.name.text, &swept));
    }
}

/// Whether two values are the same: as constants if they are some, else as written.
fn same(swept: &Expr, given: &Expr, reading: &Reading) -> bool {
    let mut unheard = Diagnostics::default();
    match (constant(swept, &mut unheard), constant(given, &mut unheard)) {
        (Some(x), Some(y)) => x.dimension == y.dimension && (x.value - y.value).abs() <= 1e-12 * x.value.abs(),
        _ => written(swept, reading.sources) == written(given, reading.sources),
    }
}

/// The estimate meant, and the dimension of its values. (Downtime per year is stated as a time.)
fn target(
    reference: &ast::Reference,
    point: &Point,
    net: &Net,
    diagnostics: &mut Diagnostics,
) -> Option<(Target, Dimension)> {
    let wanted = &reference.measure.text;
    if let Some(standard) = STANDARD_MEASURES.iter().find(|name| *name == wanted) {
        let dimension = match *standard {
            "availability" | "unavailability" | "nines" | "failures per year" => Dimension::NUMBER,
            _ => Dimension::TIME,
        };
        let up = condition(reference, point, net, diagnostics)?;
        return Some((Target::Standard(up, standard.to_string()), dimension));
    }
    if let Some(measure) = net.measures.iter().position(|measure| measure.name == *wanted) {
        return Some((Target::Measure(measure), net.measures[measure].dimension));
    }
    let questions = &net.questions.list;
    if let Some(question) = questions.iter().position(|question| question.name == *wanted) {
        return Some((Target::Question(question), questions[question].dimension));
    }
    if !wanted.is_empty() {
        let own = net.measures.iter().map(|measure| measure.name.as_str());
        let asked = questions.iter().map(|question| question.name.as_str());
        let known: Vec<&str> = own.chain(asked).chain(STANDARD_MEASURES).collect();
        let message = format!("`{}` has no measure `{wanted}`", point.name);
        diagnostics.push(suggest(Diagnostic::error("E0910", reference.measure.span, message), wanted, &known));
    }
    None
}

fn condition(reference: &ast::Reference, point: &Point, net: &Net, diagnostics: &mut Diagnostics) -> Option<usize> {
    let names: Vec<&str> = net.up.iter().map(|up| up.name.as_str()).collect();
    let Some(wanted) = &reference.up else {
        if net.up.is_empty() {
            let message = format!("`{}` has no `up` condition to have this measure", point.name);
            diagnostics.push(Diagnostic::error("E0909", reference.measure.span, message));
        }
        return point.primary;
    };
    let found = names.iter().position(|name| *name == wanted.text);
    if found.is_none() {
        let message = format!("`{}` has no `up` condition `{}`", point.name, wanted.text);
        diagnostics.push(suggest(Diagnostic::error("E0909", wanted.span, message), &wanted.text, &names));
    }
    found
}

/// The value, if it is of the dimension (0 needs no unit).
fn fits(found: Constant, dimension: Dimension, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<f64> {
    let bare_zero = found.value == 0.0 && found.dimension == Dimension::NUMBER;
    if found.dimension != dimension && !bare_zero {
        let message = format!("{dimension} is needed here, and this is {}", found.dimension);
        diagnostics.push(Diagnostic::error("E0904", expr.span, message));
        return None;
    }
    if !found.value.is_finite() {
        diagnostics.push(Diagnostic::error("E0905", expr.span, format!("{} is out of range", found.value)));
        return None;
    }
    Some(found.value)
}

/// The absolute tolerance: in the measure's unit, or a share of the value when written with `%`.
fn tolerance(
    reference: &ast::Reference,
    value: f64,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let Some(expr) = &reference.tolerance else { return Some(0.0) };
    let found = constant(expr, diagnostics)?;
    let relative = matches!(&expr.kind, ExprKind::Quantity { unit, .. } if unit == "%");
    let absolute = match relative {
        true => found.value * value.abs(),
        false => fits(found, dimension, expr, diagnostics)?,
    };
    if absolute < 0.0 || !absolute.is_finite() {
        let diagnostic = Diagnostic::error("E0913", expr.span, "a tolerance below 0 lets nothing pass");
        diagnostics.push(diagnostic.help("write a share of the value (`0.5 %`) or an amount in its unit (`3 s`)"));
        return None;
    }
    Some(absolute)
}

/// The unavailability at which a standard measure of the downtime has a value; none of another measure.
pub(super) fn unavailability_at(measure: &str, value: f64) -> Option<f64> {
    match measure {
        "availability" => Some(1.0 - value),
        "unavailability" => Some(value),
        "nines" => Some(libm::exp10(-value)),
        "downtime per year" => Some(value / YEAR),
        _ => None,
    }
}
