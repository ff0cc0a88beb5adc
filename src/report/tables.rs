//! What is told in a table: conditions, published figures, measures, how it was computed.

use super::Report;
use super::document::{Block, Table};
use super::layout::parameters;
use super::quantity::{Kind, NOTHING, brief, count, duration, estimate, percent, short};
use super::sentences::{confidence, taken, trust};
use crate::experiment::outcome::{Ended, Outcome, Point, Published, label};
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use crate::units::YEAR;
use indexmap::IndexMap;

/// A table with its swept parameters: design, parameter…, and the given columns.
fn with_parameters<'o>(outcome: &'o Outcome, words: usize, columns: &[&str]) -> (Table, Vec<&'o str>) {
    let names = parameters(outcome);
    let header = [&["design"], names.as_slice(), columns].concat();
    (Table::new(words + 1 + names.len(), &header), names)
}

/// Design and parameter values, the first cells of a row.
fn first_cells(design: &str, at: &IndexMap<String, String>, names: &[&str]) -> Vec<String> {
    let value = |name: &&str| at.get(*name).cloned().unwrap_or_default();
    std::iter::once(design.to_owned()).chain(names.iter().map(value)).collect()
}

/// The columns of a condition table: heading, measure (S16), whether the interval is shown.
const COLUMNS: [(&str, &str, bool); 5] = [
    ("availability", "availability", true),
    ("nines", "nines", false),
    ("downtime per year", "downtime per year", true),
    ("failures/yr", "failures per year", false),
    ("mean outage", "mean outage", false),
];

pub(super) fn cell(of: Option<&Estimate>, measure: &str, interval: bool) -> String {
    let Some(of) = of else { return NOTHING.into() };
    // The column's heading says per year already.
    let unit = if of.unit == "s/y" { "s" } else { of.unit.trim_start_matches("1/y") };
    let of = Estimate { unit: unit.into(), ..of.clone() };
    let kind = Kind::of(measure, unit);
    if interval { estimate(&of, kind) } else { brief(&of, kind) }
}

/// The leading condition of every design at every sweep point.
pub(super) fn leading(outcome: &Outcome) -> Vec<Block> {
    let headings: Vec<&str> = COLUMNS.iter().map(|(heading, _, _)| *heading).collect();
    let (mut table, names) = with_parameters(outcome, 0, &headings);
    let mut designs: IndexMap<&str, Vec<&str>> = IndexMap::new();
    let mut confidence = None;
    for point in &outcome.points {
        let Some((up, of)) = point.primary.as_ref().and_then(|up| point.up.get_key_value(up)) else { continue };
        let list = designs.entry(up).or_default();
        if !list.contains(&point.design.as_str()) {
            list.push(&point.design);
        }
        if !point.method.is_solved() {
            confidence = confidence.or(of.get("availability").map(|e| e.confidence));
        }
        let mut cells = first_cells(&point.design, &point.at, &names);
        cells.extend(COLUMNS.iter().map(|(_, measure, interval)| cell(of.get(*measure), measure, *interval)));
        table.rows.push(cells);
    }
    if table.rows.is_empty() {
        return Vec::new();
    }
    let approximated = outcome.points.iter().any(|point| point.method == Method::PhaseTypes);
    let solved = || if approximated { ", approximated by phase types" } else { ", solved exactly" }.to_string();
    let intervals = confidence.map_or_else(solved, |confidence| format!(", with {} intervals", percent(confidence)));
    let caption = format!("Leading condition: {}{intervals}.", leaders(&designs));
    vec![Block::Heading("Results".into()), Block::Paragraph(caption), Block::Table(table)]
}

/// Each design of a ranking beside the one before it: by how much it is down longer, and how sure that is.
pub(super) fn neighbours(outcome: &Outcome) -> Vec<Block> {
    let columns = ["against the one before", "more downtime per year", "times as long", "sign sure to", "taken as"];
    let (mut table, names) = with_parameters(outcome, 1, &columns);
    for of in outcome.rankings.iter().flat_map(|ranking| &ranking.neighbours) {
        let mut cells = first_cells(&of.design, &of.at, &names);
        cells.push(of.against.clone());
        cells.push(cell(Some(&of.difference), "", true));
        cells.push(estimate(&of.ratio, Kind::Number));
        cells.push(of.less.as_ref().map_or(NOTHING.into(), |less| confidence(less.confidence)));
        cells.push(taken(&of.pairing).to_owned());
        table.rows.push(cells);
    }
    let words = "Each design against the one before it in its ranking, by what they share; the confidence is that in the sign, \
                 of this pair alone.";
    if table.rows.is_empty() { Vec::new() } else { vec![Block::Paragraph(words.into()), Block::Table(table)] }
}

/// `"service"`, or `"all actors" (actor based), "service" (standard)`.
fn leaders(designs: &IndexMap<&str, Vec<&str>>) -> String {
    let one = |(up, of): (&&str, &Vec<&str>)| match designs.len() {
        1 => format!("\"{up}\""),
        _ => format!("\"{up}\" ({})", of.join("; ")),
    };
    designs.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Published figures beside ours.
pub(super) fn published(outcome: &Outcome) -> Vec<Block> {
    if outcome.published.is_empty() {
        return Vec::new();
    }
    let (mut table, names) = with_parameters(outcome, 1, &["measure", "published", "computed", "factor"]);
    let mut sources: Vec<&str> = Vec::new();
    for of in &outcome.published {
        let mut cells = first_cells(&of.design, &of.at, &names);
        let (theirs, ours) = figures(of);
        let factor = of.factor.filter(|f| f.is_finite()).map_or(NOTHING.into(), |f| short(f, 3));
        cells.extend([of.measure.clone(), theirs, ours, factor]);
        table.rows.push(cells);
        if !sources.contains(&of.source.as_str()) {
            sources.push(&of.source);
        }
    }
    let words = format!(
        "Published in: {}. Behind an availability stands its downtime per year; the factor is published over \
         computed downtime, or value.",
        sources.join("; ")
    );
    vec![Block::Heading("Published and computed".into()), Block::Table(table), Block::Paragraph(words)]
}

/// Theirs and ours; an availability with the downtime in a year that it means.
fn figures(of: &Published) -> (String, String) {
    let kind = Kind::of(&of.measure, &of.estimate.unit);
    let down = |availability: f64, half: f64| duration((1.0 - availability) * YEAR, Some(half * YEAR));
    match kind {
        Kind::Fraction => {
            let ours = brief(&of.estimate, kind);
            let half = of.estimate.low.zip(of.estimate.high).map_or(0.0, |(low, high)| (high - low) / 2.0);
            let ours = of.estimate.estimate.map_or(ours.clone(), |a| format!("{ours} = {}", down(a, half)));
            (format!("{} = {}", of.value, down(of.value, last_digit(of.value) / 2.0)), ours)
        }
        Kind::Duration => (duration(of.value, None), estimate(&of.estimate, kind)),
        Kind::PerYear => (format!("{}/yr", duration(of.value, None)), estimate(&of.estimate, kind)),
        Kind::Number => (short(of.value, 9), estimate(&of.estimate, kind)),
    }
}

/// What the last digit of a number as written stands for.
fn last_digit(value: f64) -> f64 {
    let digits = value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    libm::exp10(-(digits as f64))
}

/// The conditions of a point beside its leading one.
pub(super) fn conditions(point: &Point) -> Vec<Block> {
    let columns: Vec<_> = COLUMNS.iter().filter(|(_, measure, _)| *measure != "nines").collect();
    let mut header = vec!["up"];
    header.extend(columns.iter().map(|(heading, _, _)| *heading));
    let mut table = Table::new(1, &header);
    for (up, of) in point.up.iter().filter(|(up, _)| point.primary.as_ref() != Some(*up)) {
        let mut cells = vec![up.clone()];
        // Downtime and unavailability have the same relative interval: once is enough.
        let cell = |measure: &str| cell(of.get(measure), measure, measure == "downtime per year");
        cells.extend(columns.iter().map(|(_, measure, _)| cell(measure)));
        table.rows.push(cells);
    }
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Paragraph(format!("Other conditions of {}:", point.design)), Block::Table(table)]
}

/// The models' own measures.
pub(super) fn measures(points: &[&Point]) -> Vec<Block> {
    let mut table = Table::new(2, &["design", "measure", "value"]);
    for point in points {
        for (measure, of) in &point.measures {
            table.rows.push(vec![point.design.clone(), measure.clone(), estimate(of, Kind::of(measure, &of.unit))]);
        }
    }
    captioned("The models' own measures:", table)
}

/// Single years, where they were asked for.
pub(super) fn years(points: &[&Point]) -> Vec<Block> {
    let mut table = Table::new(3, &["design", "up", "measure", "value"]);
    for point in points {
        for (up, measures) in &point.years {
            for (measure, of) in measures {
                let value = estimate(of, Kind::of(measure, &of.unit));
                table.rows.push(vec![point.design.clone(), up.clone(), measure.clone(), value]);
            }
        }
    }
    captioned("Year by year:", table)
}

pub(super) fn captioned(caption: &str, table: Table) -> Vec<Block> {
    if table.rows.is_empty() { Vec::new() } else { vec![Block::Paragraph(caption.into()), Block::Table(table)] }
}

/// Method, warm-up, effort and precision of every point, and the reasons.
pub(super) fn procedure(report: &Report) -> Vec<Block> {
    let outcome = &report.outcome;
    let (mut table, names) =
        with_parameters(outcome, 1, &["method", "warm-up", "observed", "outages", "firings", "precision"]);
    for point in &outcome.points {
        let mut cells = first_cells(&point.design, &point.at, &names);
        // Of what is solved nothing is observed.
        let simulated = |text: String| if point.method.is_solved() { NOTHING.into() } else { text };
        cells.extend([
            method(point.method).into(),
            simulated(duration(point.warmup.removed, None)),
            simulated(observed(point)),
            simulated(count(point.outages)),
            simulated(count(point.firings)),
            precision(point),
        ]);
        table.rows.push(cells);
    }
    let mut notes = grouped(outcome, |point| format!("{}: {}", method(point.method), point.because));
    notes.extend(grouped(outcome, |point| format!("warm-up: {}", point.warmup.because)));
    notes.extend(outcome.points.iter().filter_map(|point| {
        let place =
            if outcome.points.len() > 1 { format!(" ({})", label(&point.design, &point.at)) } else { String::new() };
        point.trust.as_ref().map(|of| trust(of) + &place)
    }));
    let digests = outcome.digests.iter().map(|(design, digest)| {
        let head: String = digest.chars().take(12).collect();
        format!("; {design}: {head}")
    });
    let nets = digests.collect::<String>();
    notes.push(format!("fivenines {}, seed {}{nets}", report.version, outcome.seed));
    let mut blocks = vec![Block::Heading("How it was computed".into())];
    blocks.extend((!table.rows.is_empty()).then_some(Block::Table(table)));
    blocks.push(Block::List(notes));
    blocks
}

pub(super) fn method(of: Method) -> &'static str {
    match of {
        Method::Auto => "auto",
        Method::Simulation => "simulation",
        Method::Replications => "replications",
        Method::BatchMeans => "batch means",
        Method::Regenerative => "regenerative",
        Method::Stratified => "stratified cycles",
        Method::ImportanceSampling => "importance sampling",
        Method::Splitting => "splitting",
        Method::Exact => "exact",
        Method::PhaseTypes => "phase types",
    }
}

/// `128 × 6.02 y`: how many paths, batches or cycles, and how long each is (in the mean).
fn observed(point: &Point) -> String {
    let length = point.warmup.length;
    // An observation of the regenerative method is a number of cycles.
    let cycles = point.method == Method::Regenerative && length > 0.0;
    let pieces = if cycles { (point.observed / length).round() as u64 } else { point.observations };
    format!("{} × {}", count(pieces), duration(length, None))
}

/// The relative half-width of the primary unavailability, and whether it is what was asked for.
fn precision(point: &Point) -> String {
    if point.method == Method::PhaseTypes {
        return "approximate".into();
    }
    let primary = point.primary.as_ref().and_then(|up| point.up.get(up));
    let reached = primary.and_then(|measures| measures.get("unavailability")).and_then(|e| e.reached);
    let reached = reached.filter(|r| r.is_finite()).map(percent);
    let missed = match point.ended {
        Ended::Precision | Ended::Replications => return reached.unwrap_or(NOTHING.into()),
        Ended::Exact => return "exact".into(),
        Ended::Budget => "not reached",
        Ended::Interrupted => "interrupted",
    };
    reached.map_or(missed.to_owned(), |reached| format!("{reached}, {missed}"))
}

/// Each distinct note once; behind it the points that it is about, unless it is about all.
fn grouped(outcome: &Outcome, note: impl Fn(&Point) -> String) -> Vec<String> {
    let mut groups: IndexMap<String, Vec<String>> = IndexMap::new();
    for point in &outcome.points {
        groups.entry(note(point)).or_default().push(label(&point.design, &point.at));
    }
    let all = outcome.points.len();
    let line = |(note, points): (String, Vec<String>)| {
        if points.len() == all { note } else { format!("{note} ({})", points.join("; ")) }
    };
    groups.into_iter().map(line).collect()
}
