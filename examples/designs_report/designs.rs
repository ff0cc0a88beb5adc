//! All designs beside each other, as precisely as this report has them.

use crate::folder::Folder;
use crate::run;
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Outcome, Point};
use fivenines::report::duration;
use fivenines::stats::Estimate;
use fivenines::units::YEAR;
use std::path::Path;

pub const SCENARIO: &str = "scenarios/designs.ron";

/// Downtime a year at 99.999 % and at 99.99 %, seconds.
pub const FIVE_NINES: f64 = 1e-5 * YEAR;
pub const FOUR_NINES: f64 = 1e-4 * YEAR;

/// The condition that the design has in its own hands.
pub const WITHOUT_SITE: &str = "set-up without the site";

/// One design of each kind: those that are told apart wherever all would be too many.
pub const KINDS: [&str; 6] =
    ["standard", "actors", "VRRP pair", "active replication", "actors, replicated", "2 of 3 balanced"];

/// The designs with their causes, by downtime.
pub struct Designs {
    pub outcome: Outcome,
    pub points: Vec<Point>,
}

impl Designs {
    pub fn solved(root: &Path) -> Result<Designs, String> {
        let overrides = Overrides { causes: true, ..Overrides::default() };
        let outcome = run::outcome(&Folder(root), SCENARIO, &overrides, &|_| true)?;
        let mut points = outcome.points.clone();
        points.sort_by(|x, y| value(downtime(x)).total_cmp(&value(downtime(y))));
        if points.is_empty() { Err(format!("{SCENARIO} has no designs")) } else { Ok(Designs { outcome, points }) }
    }

    pub fn of(&self, design: &str) -> Result<&Point, String> {
        let found = self.points.iter().find(|point| point.design == design);
        found.ok_or_else(|| format!("{SCENARIO} has no design {design}"))
    }
}

/// Of a design's leading condition.
pub fn downtime(point: &Point) -> Option<&Estimate> {
    by(point, point.primary.as_ref()?)
}

/// By any condition.
pub fn by<'p>(point: &'p Point, condition: &str) -> Option<&'p Estimate> {
    point.up.get(condition)?.get("downtime per year")
}

/// A measure of the net's own.
pub fn measure(point: &Point, name: &str) -> f64 {
    point.measures.get(name).and_then(|of| of.estimate).unwrap_or(f64::NAN)
}

pub fn value(of: Option<&Estimate>) -> f64 {
    of.and_then(|of| of.estimate).unwrap_or(f64::INFINITY)
}

/// `6 min 2 s (5 min 40 s to 6 min 30 s)`.
pub fn told(of: Option<&Estimate>) -> String {
    match of.map(|of| (of.estimate, of.low, of.high)) {
        Some((Some(value), Some(low), Some(high))) if low < high => {
            format!("{} ({} to {})", duration(value), duration(low), duration(high))
        }
        Some((Some(value), ..)) => duration(value),
        _ => "none seen".to_owned(),
    }
}

/// `a, b and c`.
pub fn listed(all: &[String]) -> String {
    match all.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// `62 %`, `0.3 %`, `–` of nothing.
pub fn percent(share: f64) -> String {
    match 100.0 * share.abs() {
        x if x.is_nan() => "–".to_owned(),
        x if x > 0.0 && x < 0.95 => format!("{x:.1} %"),
        x => format!("{x:.0} %"),
    }
}
