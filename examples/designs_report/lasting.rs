//! Outages that callers notice: those longer than they try, by service, and by how much.

use crate::designs::{Designs, SCENARIO, measure};
use crate::folder::Folder;
use crate::run;
use crate::table::{head, row};
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::Point;
use fivenines::report::duration;
use fivenines::stats::Estimate;
use indexmap::IndexMap;
use std::path::Path;

/// The practice of telecom, and what SIP's timers mask (RFC 3261, timer B): the latter is what the nets have.
const PRACTICE: &str = "30 s";
const MASKED: &str = "32 s";

/// Relative half-width, and most firings: outages beyond 30 s hardly differ from those beyond 32 s, which are known better.
const PRECISION: f64 = 0.1;
const BUDGET: u64 = 4_000_000;

/// The measure by which designs are ordered.
pub const EXCESS: &str = "set-up: excess of long outages per year";

/// The section, and the excess of set-up beyond the telecom practice, by design.
pub fn section(root: &Path, designs: &Designs) -> Result<(String, IndexMap<String, Estimate>), String> {
    let overrides = Overrides {
        precision: Some(PRECISION),
        budget: Some(BUDGET),
        set: vec![("patience".to_owned(), PRACTICE.to_owned())],
        ..Overrides::default()
    };
    let practice = run::outcome(&Folder(root), SCENARIO, &overrides, &|_| true)?;
    let found = |design: &str| practice.points.iter().find(|point| point.design == design);
    let mut text = HEAD.to_owned();
    text += &head(1, &["design", "set-up", "register", "in-dialog", "media", "set-up, longer than 30 s"]);
    for point in &designs.points {
        let mut cells: Vec<String> = ["set-up", "register", "in-dialog", "media"].map(|of| cell(point, of)).to_vec();
        cells.push(found(&point.design).map_or("–".to_owned(), |point| cell(point, "set-up")));
        let cells: Vec<&str> = std::iter::once(point.design.as_str()).chain(cells.iter().map(String::as_str)).collect();
        text += &row(&cells);
    }
    text += &format!(
        "\nAll services beyond the {PRACTICE} of telecom practice instead of {MASKED}: `fivenines run {SCENARIO} --set 'patience={PRACTICE}'`.\n"
    );
    let excess = |point: &Point| Some((point.design.clone(), point.measures.get(EXCESS)?.clone()));
    Ok((text, practice.points.iter().filter_map(excess).collect()))
}

/// `1.31 a year, 54 min 2 s`.
fn cell(point: &Point, service: &str) -> String {
    let count = measure(point, &format!("{service}: long outages per year"));
    let excess = measure(point, &format!("{service}: excess of long outages per year"));
    match (count.is_finite(), excess.is_finite()) {
        (true, true) => format!("{count:.2}, {}", duration(excess)),
        _ => "none seen".to_owned(),
    }
}

const HEAD: &str = "\
## Outages that callers notice

SIP repeats a request for 32 s, so that shorter outages delay calls instead of losing them. How many outages a year last longer,
and by how much together:

";
