//! What the gate watches: conditions and objectives of a scenario, resolved.

use super::plan::{Gated, Objective, Reference, Target};
use super::points::{Point, suggest, written};
use super::read::Reading;
use super::references::{resolve, unavailability_at};
use crate::diag::Diagnostic;
use crate::syntax::ast::{self, Scenario};
use crate::syntax::constant::constant;
use crate::units::Dimension;
use std::collections::BTreeSet;

/// The gate's share of a scenario; none when something in it is wrong.
pub fn gated(scenario: &Scenario, points: &[Point], reading: &mut Reading) -> Option<Gated> {
    let margin = margin(scenario, reading);
    let downtimes = downtimes(scenario, points, reading);
    let mut objectives = Vec::new();
    for stated in &scenario.objectives {
        let mut found = Vec::new();
        resolve(stated, scenario, points, reading, &mut found);
        objectives.extend(found.into_iter().map_while(|one| objective(stated, &one, reading)));
    }
    Some(Gated { margin: margin?, downtimes, objectives })
}

fn margin(scenario: &Scenario, reading: &mut Reading) -> Option<f64> {
    let Some(expr) = scenario.gate.as_ref().and_then(|gate| gate.margin.as_ref()) else {
        return Some(Gated::default().margin);
    };
    let found = constant(expr, reading.diagnostics)?;
    let wrong = if found.dimension != Dimension::NUMBER {
        Diagnostic::error("E0904", expr.span, format!("a number is needed here, and this is {}", found.dimension))
    } else if !(found.value > 0.0 && found.value.is_finite()) {
        Diagnostic::error("E0905", expr.span, format!("{} is out of range", found.value))
    } else {
        return Some(found.value);
    };
    reading.diagnostics.push(wrong.help("a relative increase above 0, such as `2 %`"));
    None
}

/// The watched conditions of every point: those named, else the leading one.
fn downtimes(scenario: &Scenario, points: &[Point], reading: &mut Reading) -> Vec<(usize, usize)> {
    let named = scenario.gate.as_ref().map_or(&[][..], |gate| &gate.up[..]);
    let known: Vec<&str> = points.iter().filter_map(|point| point.net.as_ref()).flat_map(names).collect();
    for up in named.iter().filter(|up| points.iter().all(|p| p.net.is_some()) && !known.contains(&up.text.as_str())) {
        let diagnostic = Diagnostic::error("E0909", up.span, format!("no design has an `up` condition `{}`", up.text));
        let known: Vec<&str> = known.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        reading.diagnostics.push(suggest(diagnostic, &up.text, &known));
    }
    let watched = |(index, point): (usize, &Point)| -> Vec<(usize, usize)> {
        let Some(net) = &point.net else { return Vec::new() };
        if named.is_empty() {
            return point.primary.map(|up| (index, up)).into_iter().collect();
        }
        let wanted = |name: &str| named.iter().any(|up| up.text == name);
        names(net).enumerate().filter(|(_, name)| wanted(name)).map(|(up, _)| (index, up)).collect()
    };
    points.iter().enumerate().flat_map(watched).collect()
}

fn names(net: &std::sync::Arc<crate::net::Net>) -> impl Iterator<Item = &str> {
    net.up.iter().map(|up| up.name.as_str())
}

/// As an unavailability that may not be exceeded.
fn objective(stated: &ast::Reference, found: &Reference, reading: &mut Reading) -> Option<Objective> {
    let (up, name) = match &found.target {
        Target::Standard(up, name) => (*up, name.as_str()),
        Target::Measure(_) | Target::Question(_) => (0, ""),
    };
    let Some(most) = unavailability_at(name, found.value) else {
        let message = format!("an objective can't be about `{}`", stated.measure.text);
        let diagnostic = Diagnostic::error("E0916", stated.measure.span, message);
        let help = "it limits the downtime: `availability`, `unavailability`, `nines` or `downtime per year`";
        reading.diagnostics.push(diagnostic.help(help));
        return None;
    };
    let sign = if ["availability", "nines"].contains(&name) { ">=" } else { "<=" };
    if !(most > 0.0 && most < 1.0) {
        let message = format!("{} is out of range", written(&stated.value, reading.sources));
        let diagnostic = Diagnostic::error("E0905", stated.value.span, message);
        reading.diagnostics.push(diagnostic.help("an objective leaves room for some downtime, and for some up time"));
        return None;
    }
    let words = format!("{name} {sign} {}", written(&stated.value, reading.sources));
    Some(Objective { point: found.point, up, most, words })
}
