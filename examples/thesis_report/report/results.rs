//! Scenario files → outcomes, and the way to a number in them.

use super::folder::Folder;
use super::run;
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Outcome, Point, Published};
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;
use std::path::Path;

/// What a scenario yields.
pub struct Results {
    file: String,
    outcome: Outcome,
}

impl Results {
    /// Runs a scenario below `root`: solved exactly where it can be.
    pub fn of(root: &Path, file: &str) -> Result<Results, String> {
        Results::with(root, file, &Overrides::default())
    }

    /// The same simulated throughout; what the exact engine can solve it must agree with.
    pub fn simulated(root: &Path, file: &str) -> Result<Results, String> {
        let overrides = Overrides { method: Some(Method::Simulation), cross_check: true, ..Overrides::default() };
        let results = Results::with(root, file, &overrides)?;
        if results.outcome.holds() { Ok(results) } else { Err(format!("{file}: the engines disagree")) }
    }

    fn with(root: &Path, file: &str, overrides: &Overrides) -> Result<Results, String> {
        let outcome = run::outcome(&Folder(root), file, overrides, &|_| true)?;
        Ok(Results { file: file.to_owned(), outcome })
    }

    /// All designs and sweep points.
    pub fn points(&self) -> &[Point] {
        &self.outcome.points
    }

    /// A design at a value of the only swept parameter; any value will do where there is no sweep.
    pub fn point(&self, design: &str, at: &str) -> Result<&Point, String> {
        let found = self.outcome.points.iter().find(|point| point.design == design && is_at(point, at));
        found.ok_or_else(|| format!("{} has no design {design} at {at}", self.file))
    }

    /// Unavailability of a design's leading condition.
    pub fn unavailability(&self, design: &str, at: &str) -> Result<&Estimate, String> {
        let point = self.point(design, at)?;
        let up = point.primary.clone().unwrap_or_default();
        of(point, &up, "unavailability")
    }

    /// The value that an expectation states for a design's leading unavailability.
    pub fn expected(&self, design: &str, at: &str) -> Result<f64, String> {
        let point = self.point(design, at)?;
        let up = point.primary.clone().unwrap_or_default();
        let place = match point.at.iter().next() {
            Some((name, value)) => format!("{design} at {name} = {value}"),
            None => design.to_owned(),
        };
        let what = format!("{place}: {up}, unavailability");
        let found = self.outcome.verdicts.iter().find(|verdict| verdict.what == what);
        found.map(|verdict| verdict.expected).ok_or_else(|| format!("{} expects nothing of {what}", self.file))
    }

    /// The value of the swept parameter, in seconds, at which the order of the two designs turns round.
    pub fn crossing(&self) -> Result<&Estimate, String> {
        match self.outcome.crossings.as_slice() {
            [one] => Ok(&one.value),
            all => Err(format!("{} has {} crossings instead of one", self.file, all.len())),
        }
    }

    /// The published availability of a design.
    pub fn published(&self, design: &str, at: &str) -> Result<&Published, String> {
        let here = |found: &&Published| {
            let at_it = found.at.is_empty() || found.at.values().any(|value| value == at);
            found.design == design && found.measure == "availability" && at_it
        };
        let found = self.outcome.published.iter().find(here);
        found.ok_or_else(|| format!("{} has nothing published of {design} at {at}", self.file))
    }
}

fn is_at(point: &Point, at: &str) -> bool {
    point.at.is_empty() || point.at.values().any(|value| value == at)
}

/// A standard measure of a condition.
pub fn of<'p>(point: &'p Point, up: &str, measure: &str) -> Result<&'p Estimate, String> {
    let found = point.up.get(up).and_then(|measures| measures.get(measure));
    found.ok_or_else(|| format!("{} has no {measure} of {up}", point.design))
}

/// A measure of the model's own.
pub fn own<'p>(point: &'p Point, measure: &str) -> Result<&'p Estimate, String> {
    point.measures.get(measure).ok_or_else(|| format!("{} has no measure {measure}", point.design))
}

/// The value of an estimate.
pub fn value(of: &Estimate) -> Result<f64, String> {
    of.estimate.ok_or_else(|| "an estimate without a value".to_owned())
}
