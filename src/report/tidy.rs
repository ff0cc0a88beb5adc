//! Tidy CSV: one observation a line, for spreadsheets and data frames; what compares designs comes last.

use super::layout::parameters;
use crate::experiment::outcome::{Comparison, Outcome, Point};
use crate::stats::{Estimate, Side};
use indexmap::IndexMap;

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
            let record = record((&point.design, &point.at), &parameters, [up, measure], estimate);
            let _ = writer.write_record(record);
        }
        for (up, measure, estimate) in account(point) {
            let record = record((&point.design, &point.at), &parameters, [up, &measure], &estimate);
            let _ = writer.write_record(record);
        }
    }
    for of in &outcome.comparisons {
        for (measure, estimate) in compared(of) {
            let _ = writer.write_record(record((&of.design, &of.at), &parameters, ["", &measure], estimate));
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

/// The account of outages, by condition.
fn account(point: &Point) -> Vec<(&str, String, Estimate)> {
    let mut all = Vec::new();
    for (up, of) in point.causes.iter().flat_map(|(up, causes)| causes.iter().map(move |of| (up, of))) {
        let cause = &of.cause;
        all.push((up.as_str(), format!("share of downtime by {cause}"), of.share.clone()));
        all.push((up, format!("downtime per year by {cause}"), of.downtime.clone()));
        all.push((up, format!("outages per year by {cause}"), of.outages.clone()));
        for (phase, &share) in &of.phases {
            let estimate = Estimate::between(Some(share), None, of.share.confidence, "");
            all.push((up, format!("share of downtime by {cause} in {phase}"), estimate));
        }
    }
    for (up, of) in point.phases.iter().flat_map(|(up, phases)| phases.iter().map(move |of| (up, of))) {
        let phase = &of.phase;
        all.push((up.as_str(), format!("share of downtime in {phase}"), of.share.clone()));
        all.push((up, format!("downtime per year in {phase}"), of.downtime.clone()));
        all.extend(of.stays.iter().map(|stays| (up.as_str(), format!("times per year in {phase}"), stays.clone())));
    }
    all
}

/// What a comparison says, in the line of its first design.
fn compared(of: &Comparison) -> impl Iterator<Item = (String, &Estimate)> {
    let against = &of.against;
    let all = [
        (format!("unavailability over that of {against}"), Some(&of.ratio)),
        (format!("downtime per year less that of {against}"), Some(&of.difference)),
        (format!("chance of less downtime in a year than {against}"), of.year.as_ref()),
    ];
    all.into_iter().filter_map(|(measure, estimate)| Some((measure, estimate?)))
}

fn record(
    (design, at): (&str, &IndexMap<String, String>),
    parameters: &[&str],
    [up, measure]: [&str; 2],
    estimate: &Estimate,
) -> Vec<String> {
    // `{:?}` writes the shortest digits that are read back as the same number, with an exponent where it helps.
    let number = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:?}"));
    let mut record = vec![design.to_owned()];
    record.extend(parameters.iter().map(|name| at.get(*name).cloned().unwrap_or_default()));
    record.extend([up.to_owned(), measure.to_owned()]);
    record.extend([estimate.estimate, estimate.low, estimate.high].map(number));
    record.extend([estimate.unit.clone(), number(Some(estimate.confidence)), number(estimate.reached)]);
    let side = estimate.bound.as_ref().map_or("", |b| if b.side == Side::Upper { "upper" } else { "lower" });
    record.extend([side.to_owned(), number(estimate.bound.as_ref().map(|b| b.value))]);
    record
}
