//! Other readings of the thesis's text, each computed.

use super::figures::{RESTART, break_even, factor, per_year, plain, small};
use super::results::{Results, value};
use super::table::{head, row};

/// Readings at the thesis's own parameters, with the restart time at which the order turns round under each.
pub fn readings(found: &Results, published: f64) -> Result<String, String> {
    let mut text = head(
        1,
        &["reading", "U", "closed form", "downtime per year", "published over computed", "break-even restart time"],
    );
    let sections = ["five sections", "six sections", "six sections, clocks keep their age"];
    for point in found.points() {
        let design = point.design.as_str();
        let ours = found.unavailability(design, "")?;
        let is_standard = sections.contains(&design);
        let turns = match design {
            _ if is_standard => "–".into(),
            "clocks keep their age" => break_even(ours, found.unavailability(sections[2], "")?, RESTART),
            _ => break_even(ours, found.unavailability(sections[1], "")?, RESTART),
        };
        let name = if is_standard { format!("standard: {design}") } else { format!("actor based: {design}") };
        let theirs = if is_standard { "–".into() } else { factor((1.0 - published) / value(ours)?) };
        let closed = plain(found.expected(design, "")?);
        text += &row(&[&name, &small(ours), &closed, &per_year(value(ours)?), &theirs, &turns]);
    }
    Ok(text)
}

/// The same readings under a stress that makes them part.
pub fn stress(found: &Results) -> Result<String, String> {
    let mut text = head(1, &["reading", "U, 95 %", "separate program"]);
    for point in found.points() {
        let ours = found.unavailability(&point.design, "")?;
        text += &row(&[&point.design, &small(ours), &plain(found.expected(&point.design, "")?)]);
    }
    Ok(text)
}

/// Break-even restart time of one reading.
pub fn turns(found: &Results, actors: &str, standard: &str) -> Result<String, String> {
    Ok(break_even(found.unavailability(actors, "")?, found.unavailability(standard, "")?, RESTART))
}
