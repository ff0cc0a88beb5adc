//! Tidy CSV: one observation a line, for spreadsheets and data frames.

use super::layout::parameters;
use crate::experiment::outcome::{Outcome, Point};
use crate::stats::{Estimate, Side};

/// The points as CSV, with a header; times in seconds, numbers with all their digits.
pub(super) fn csv(outcome: &Outcome) -> String {
    let parameters = parameters(outcome);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["design"];
    header.extend(parameters.iter().copied());
    header.extend(["up", "measure", "estimate", "low", "high", "unit", "confidence", "reached", "bound_side", "bound"]);
    // Writing to memory can't fail, and all records have the header's length.
    let _ = writer.write_record(&header);
    for point in &outcome.points {
        for (up, measure, estimate) in estimates(point) {
            let _ = writer.write_record(record(point, &parameters, [up, measure], estimate));
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Condition, measure and estimate; the condition of a model's own measure is empty.
fn estimates(point: &Point) -> impl Iterator<Item = (&str, &str, &Estimate)> {
    let of_conditions = point.up.iter().chain(&point.years);
    let named = of_conditions.flat_map(|(up, measures)| measures.iter().map(|(m, e)| (up.as_str(), m.as_str(), e)));
    named.chain(point.measures.iter().map(|(measure, estimate)| ("", measure.as_str(), estimate)))
}

fn record(point: &Point, parameters: &[&str], [up, measure]: [&str; 2], estimate: &Estimate) -> Vec<String> {
    // `{:?}` writes the shortest digits that are read back as the same number, with an exponent where it helps.
    let number = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:?}"));
    let mut record = vec![point.design.clone()];
    record.extend(parameters.iter().map(|name| point.at.get(*name).cloned().unwrap_or_default()));
    record.extend([up.to_owned(), measure.to_owned()]);
    record.extend([estimate.estimate, estimate.low, estimate.high].map(number));
    record.extend([estimate.unit.clone(), number(Some(estimate.confidence)), number(estimate.reached)]);
    let side = estimate.bound.as_ref().map_or("", |b| if b.side == Side::Upper { "upper" } else { "lower" });
    record.extend([side.to_owned(), number(estimate.bound.as_ref().map(|b| b.value))]);
    record
}
