//! Tidy CSV: one observation a line, for spreadsheets and data frames; what compares designs comes last.
//!
//! A swept parameter has a column as written, and one in base units where its values are quantities. Where there is a
//! gate, the last column has the verdict of its checks.

use super::gate::{against, word};
use super::layout::parameters;
use super::uncertainty::grade;
use crate::experiment::answers::{Influence, Step, Uncertain};
use crate::experiment::gate::{Check, Reference, Ruling};
use crate::experiment::outcome::{Comparison, Outcome, Point};
use crate::experiment::plan;
use crate::stats::{Estimate, Side, quantile};
use crate::units::{Dimension, unit};
use indexmap::IndexMap;

/// The points as CSV, with a header; times in seconds, numbers with all their digits.
pub(super) fn csv(outcome: &Outcome) -> String {
    let checks = outcome.gate.as_ref().map(|gate| gate.checks.as_slice());
    let parameters = swept(outcome, checks.unwrap_or_default());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["design"];
    header.extend(parameters.iter().copied());
    let numeric = numeric(outcome, checks.unwrap_or_default(), &parameters);
    header.extend(["up", "measure", "estimate", "low", "high", "unit", "confidence", "reached", "bound_side", "bound"]);
    header.extend(numeric.iter().map(|(heading, _)| heading.as_str()));
    header.extend(checks.map(|_| "verdict"));
    // Writing to memory can't fail, and all records have the header's length.
    let _ = writer.write_record(&header);
    let mut put = |place: (&str, &IndexMap<String, String>), what: [&str; 2], estimate: &Estimate, ruling: &str| {
        let mut record = record(place, &parameters, what, estimate);
        record.extend(numeric.iter().map(|(_, name)| {
            let value = place.1.get(*name).and_then(|text| quantity(text));
            value.map_or(String::new(), |(value, _)| format!("{value:?}"))
        }));
        record.extend(checks.map(|_| ruling.to_string()));
        let _ = writer.write_record(record);
    };
    let mut write = |place: (&str, &IndexMap<String, String>), what: [&str; 2], of: &Estimate| put(place, what, of, "");
    for point in outcome.points.iter().chain(&outcome.refined) {
        for (up, measure, estimate) in estimates(point) {
            write((&point.design, &point.at), [up, measure], estimate);
        }
        for (up, measure, estimate) in account(point) {
            write((&point.design, &point.at), [up, &measure], &estimate);
        }
    }
    for of in outcome.comparisons.iter().chain(outcome.rankings.iter().flat_map(|ranking| &ranking.neighbours)) {
        for (measure, estimate) in compared(of) {
            write((&of.design, &of.at), ["", &measure], estimate);
        }
    }
    for of in &outcome.crossings {
        let measure = format!("{} of equal downtime with {}", of.parameter, of.against);
        write((&of.design, &of.at), ["", &measure], &of.value);
    }
    for of in &outcome.sensitivities {
        for (measure, estimate) in of.influences.iter().flat_map(influence) {
            write((&of.design, &of.at), [&of.up, &measure], estimate);
        }
        for (measure, estimate) in of.steps.iter().flat_map(step) {
            write((&of.design, &of.at), [&of.up, &measure], estimate);
        }
    }
    for of in &outcome.uncertainties {
        for (measure, estimate) in uncertain(of) {
            write((&of.design, &of.at), [&of.up, &measure], &estimate);
        }
    }
    for of in &outcome.targets {
        let sign = if of.side == plan::Side::AtLeast { ">=" } else { "<=" };
        let measure = format!("{} for {} {sign} {:?}", of.parameter, of.measure, of.value);
        for solution in &of.solutions {
            write((&of.design, &of.at), [of.up.as_deref().unwrap_or(""), &measure], &solution.value);
        }
    }
    for of in checks.unwrap_or_default() {
        for (measure, estimate) in checked(of) {
            put((&of.design, &of.at), [&of.condition, &measure], &estimate, word(of.ruling));
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The parameters that vary among points and checks.
fn swept<'o>(outcome: &'o Outcome, checks: &'o [Check]) -> Vec<&'o str> {
    let mut names = parameters(outcome);
    for name in checks.iter().flat_map(|check| check.at.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// What a check compared, with its limit.
fn checked(of: &Check) -> Vec<(String, Estimate)> {
    let (against, limit) = (against(of), Estimate::between(Some(of.limit), None, of.value.confidence, ""));
    let what = match of.reference {
        Reference::Objective(_) => "unavailability",
        Reference::Blessed | Reference::Anchor => "ratio of downtimes",
    };
    let mut all = vec![(format!("limit of the {what} ({against})"), limit)];
    if of.ruling != Ruling::Unchanged {
        all.insert(0, (format!("{what} ({against})"), of.value.clone()));
    }
    all.extend(of.then.clone().map(|then| (format!("downtime per year then ({against})"), then)));
    all.push((format!("downtime per year now ({against})"), of.now.clone()));
    all
}

/// What a number does to the downtime.
fn influence(of: &Influence) -> [(String, &Estimate); 3] {
    let Influence { parameter, factor, .. } = of;
    [
        (format!("elasticity of downtime to {parameter}"), &of.elasticity),
        (format!("downtime per year at {parameter} / {factor}"), &of.divided),
        (format!("downtime per year at {parameter} * {factor}"), &of.multiplied),
    ]
}

/// What one less and one more do to the downtime.
fn step(of: &Step) -> impl Iterator<Item = (String, &Estimate)> {
    let of_both = [("- 1", &of.less), ("+ 1", &of.more)].into_iter();
    of_both.filter_map(|(step, of_it)| Some((format!("downtime per year at {} {step}", of.parameter), of_it.as_ref()?)))
}

/// What the parameters' uncertainty makes of a downtime.
fn uncertain(of: &Uncertain) -> Vec<(String, Estimate)> {
    let confidence = of.downtime.confidence;
    let plain = |value: Option<f64>, unit: &str| Estimate::between(value, None, confidence, unit);
    if of.draws == 0 {
        return Vec::new();
    }
    let [low, median, high] = of.quantiles;
    let middle = Estimate::between(median, low.zip(high), confidence, "s/y");
    let mut all = vec![
        ("mean downtime per year over draws".to_string(), plain(Some(of.mean), "s/y")),
        ("median downtime per year over draws".to_string(), middle),
        ("standard deviation of downtime by parameters".to_string(), plain(Some(of.by_parameters), "s/y")),
        ("standard deviation of downtime by sampling".to_string(), plain(Some(of.by_sampling), "s/y")),
        (format!("chance of an unavailability of at most {:?}", of.most), of.reaches.clone()),
    ];
    all.extend(of.best.iter().map(|best| (format!("chance to be the best of {}", best.of), best.chance.clone())));
    for share in &of.shares {
        let half = share.error.map(|error| quantile::normal(0.5 + 0.5 * confidence) * error);
        let ends = half.map(|half| (share.share - half, share.share + half));
        let factor = &share.factor;
        let alone = Estimate::between(Some(share.share), ends, confidence, "");
        all.push((format!("share of variance by {factor}"), alone));
        let with = share.total.map(|total| plain(Some(total), ""));
        all.extend(with.map(|total| (format!("share of variance by {factor} with interactions"), total)));
    }
    all.extend(
        of.grades
            .iter()
            .map(|of| (format!("share of variance resting on {}", grade(of.evidence)), plain(Some(of.share), ""))),
    );
    all
}

/// The columns of swept parameters in base units: heading and parameter, for those all of whose values are quantities.
fn numeric<'p>(outcome: &Outcome, checks: &[Check], parameters: &[&'p str]) -> Vec<(String, &'p str)> {
    let of = |name: &&'p str| {
        let places = outcome.points.iter().map(|point| &point.at).chain(checks.iter().map(|check| &check.at));
        let texts = places.filter_map(|at| at.get(*name));
        let units: Option<Vec<Dimension>> = texts.map(|text| Some(quantity(text)?.1)).collect();
        let units = units.filter(|units| units.windows(2).all(|pair| pair[0] == pair[1]))?;
        let unit = units.first()?.base_unit();
        Some((if unit.is_empty() { format!("{name} as number") } else { format!("{name} in {unit}") }, *name))
    };
    parameters.iter().filter_map(of).collect()
}

/// `2208 h` in base units; nothing for what is no plain quantity.
pub(super) fn quantity(text: &str) -> Option<(f64, Dimension)> {
    let (number, name) = text.split_once(' ')?;
    let (factor, dimension) = unit(name)?;
    Some((number.parse::<f64>().ok()? * factor, dimension))
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
