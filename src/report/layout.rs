//! Outcome → blocks: the order in which an architect reads.
//!
//! First what came out, then what others published, what was expected, how it was computed, and what to beware of.

use super::Report;
use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, brief, count, duration, estimate, number, percent, short};
use crate::experiment::outcome::{Comparison, Ended, Outcome, Point, Published, Verdict};
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use crate::units::YEAR;
use indexmap::IndexMap;

/// The whole report.
pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let outcome = &report.outcome;
    let mut blocks = vec![Block::Title(outcome.scenario.clone())];
    blocks.extend(outcome.doc.clone().map(Block::Paragraph));
    if outcome.interrupted {
        let words = "Interrupted: this is what was known by then; the precision asked for was not reached everywhere.";
        blocks.push(Block::Paragraph(words.into()));
    }
    for at in sweep_points(outcome) {
        blocks.extend(sweep_point(at, outcome));
    }
    section(&mut blocks, "Published and computed", outcome.published.iter().map(published));
    section(&mut blocks, "Comparisons", outcome.comparisons.iter().map(comparison));
    section(&mut blocks, "Expectations", outcome.verdicts.iter().map(verdict));
    blocks.extend(procedure(report));
    section(&mut blocks, "Warnings", outcome.warnings.iter().cloned());
    blocks.push(Block::Paragraph(spent(outcome)));
    blocks
}

/// One line for a run over a folder.
pub(super) fn line(outcome: &Outcome) -> String {
    let failing: Vec<&str> = outcome.verdicts.iter().filter(|v| !v.holds).map(|v| v.what.as_str()).collect();
    let all = outcome.verdicts.len();
    let name = &outcome.scenario;
    let text = match (failing.len(), all) {
        (0, 0) => format!("done    {name}: {} points, no expectations", outcome.points.len()),
        (0, _) => format!("ok      {name}: {all} of {all} expectations hold"),
        (n, _) => format!("FAILED  {name}: {n} of {all} expectations fail: {}", failing.join("; ")),
    };
    if outcome.interrupted { text + " (interrupted)" } else { text }
}

fn section(blocks: &mut Vec<Block>, heading: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        blocks.push(Block::Heading(heading.into()));
        blocks.push(Block::List(items));
    }
}

/// The distinct parameter values, in the order in which they appear.
fn sweep_points(outcome: &Outcome) -> Vec<&IndexMap<String, String>> {
    let mut found: Vec<&IndexMap<String, String>> = Vec::new();
    for point in &outcome.points {
        if !found.contains(&&point.at) {
            found.push(&point.at);
        }
    }
    found
}

/// `mtbf = 2208 h, sigma = 0.4`; empty without a sweep.
fn values(at: &IndexMap<String, String>) -> String {
    at.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// `actor at mtbf = 2208 h`.
fn label(design: &str, at: &IndexMap<String, String>) -> String {
    if at.is_empty() { design.to_owned() } else { format!("{design} at {}", values(at)) }
}

fn sweep_point(at: &IndexMap<String, String>, outcome: &Outcome) -> Vec<Block> {
    let points: Vec<&Point> = outcome.points.iter().filter(|point| point.at == *at).collect();
    let heading = if at.is_empty() { "Results".to_owned() } else { values(at) };
    let mut blocks = vec![Block::Heading(heading)];
    let (primary, others): (Vec<Row>, Vec<Row>) = rows(&points).into_iter().partition(|row| row.primary);
    let confidence = primary.first().and_then(|row| row.get("availability")).map(|e| e.confidence);
    if let Some(confidence) = confidence {
        let words = format!("The leading condition of each design, with {} intervals:", percent(confidence));
        blocks.push(Block::Paragraph(words));
    }
    blocks.extend(condition_table(&primary, true));
    if !others.is_empty() {
        blocks.push(Block::Paragraph("The other conditions:".into()));
        blocks.extend(condition_table(&others, false));
    }
    blocks.extend(measure_table("The models' own measures:", &points, |point| {
        point.measures.iter().map(|(measure, e)| (String::new(), measure.clone(), e)).collect()
    }));
    blocks.extend(measure_table("Year by year:", &points, |point| {
        let flat = |(up, measures): (&String, &'_ IndexMap<String, Estimate>)| {
            measures.keys().map(|measure| (up.clone(), measure.clone())).collect::<Vec<_>>()
        };
        let names: Vec<(String, String)> = point.years.iter().flat_map(flat).collect();
        names.into_iter().map(|(up, measure)| (up.clone(), measure.clone(), &point.years[&up][&measure])).collect()
    }));
    let reasons = bounds(&points);
    blocks.extend((!reasons.is_empty()).then_some(Block::List(reasons)));
    blocks
}

/// One condition of one design.
struct Row<'a> {
    design: &'a str,
    up: &'a str,
    primary: bool,
    measures: &'a IndexMap<String, Estimate>,
}

impl Row<'_> {
    fn get(&self, measure: &str) -> Option<&Estimate> {
        self.measures.get(measure)
    }
}

fn rows<'a>(points: &[&'a Point]) -> Vec<Row<'a>> {
    let of_point = |point: &'a Point| {
        let row = move |(up, measures): (&'a String, &'a IndexMap<String, Estimate>)| {
            let primary = point.primary.as_ref() == Some(up);
            Row { design: &point.design, up, primary, measures }
        };
        point.up.iter().map(row).collect::<Vec<_>>()
    };
    points.iter().flat_map(|point| of_point(point)).collect()
}

/// The columns of a condition table: heading, measure (S16), whether the interval is shown.
const COLUMNS: [(&str, &str, bool); 5] = [
    ("availability", "availability", true),
    ("nines", "nines", false),
    ("downtime per year", "downtime per year", true),
    ("failures/yr", "failures per year", false),
    ("mean outage", "mean outage", false),
];

fn condition_table(rows: &[Row], leading: bool) -> Option<Block> {
    if rows.is_empty() {
        return None;
    }
    let columns: Vec<_> = COLUMNS.iter().filter(|(_, measure, _)| leading || *measure != "nines").collect();
    let mut header = vec!["design", "up"];
    header.extend(columns.iter().map(|(heading, _, _)| *heading));
    let mut table = Table::new(2, &header);
    for row in rows {
        let mut cells = vec![row.design.to_owned(), row.up.to_owned()];
        cells.extend(columns.iter().map(|(_, measure, interval)| cell(row.get(measure), measure, *interval)));
        table.rows.push(cells);
    }
    Some(Block::Table(table))
}

fn cell(of: Option<&Estimate>, measure: &str, interval: bool) -> String {
    let Some(of) = of else { return NOTHING.into() };
    let kind = Kind::of(measure, &of.unit);
    let text = if interval { estimate(of, kind) } else { brief(of, kind) };
    // The column's heading says per year already.
    if of.unit == "1/y" { text.trim_end_matches("/yr").to_owned() } else { text }
}

/// Condition, measure and estimate of one point.
type Named<'a> = Vec<(String, String, &'a Estimate)>;

fn measure_table<'a>(caption: &str, points: &[&'a Point], of: impl Fn(&'a Point) -> Named<'a>) -> Vec<Block> {
    let rows: Vec<(&str, Named<'a>)> = points.iter().map(|point| (point.design.as_str(), of(point))).collect();
    let conditions = rows.iter().any(|(_, named)| named.iter().any(|(up, _, _)| !up.is_empty()));
    let header: &[&str] =
        if conditions { &["design", "up", "measure", "value"] } else { &["design", "measure", "value"] };
    let mut table = Table::new(header.len() - 1, header);
    for (design, named) in rows {
        for (up, measure, of) in named {
            let value = estimate(of, Kind::of(&measure, &of.unit));
            let up = conditions.then_some(up);
            table.rows.push([Some(design.to_owned()), up, Some(measure), Some(value)].into_iter().flatten().collect());
        }
    }
    if table.rows.is_empty() { Vec::new() } else { vec![Block::Paragraph(caption.into()), Block::Table(table)] }
}

/// Why some values are bounds: each reason once.
fn bounds(points: &[&Point]) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for point in points {
        for (up, measures) in &point.up {
            for bound in measures.values().filter_map(|e| e.bound.as_ref()) {
                let reason = format!("bounds of {} ({up}): {}", point.design, bound.because);
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
    }
    reasons
}

fn published(of: &Published) -> String {
    let up = of.up.as_ref().map_or(String::new(), |up| format!(", {up}"));
    let kind = Kind::of(&of.measure, &of.estimate.unit);
    let value = of.value;
    let theirs = match kind {
        Kind::Fraction => format!("{value} ({}/yr)", duration((1.0 - value) * YEAR, Some(last_digit(value) * YEAR))),
        Kind::Duration => duration(value, None),
        Kind::PerYear => format!("{}/yr", duration(value, None)),
        Kind::Number => short(value, 9),
    };
    let ours = match (kind, of.estimate.estimate) {
        (Kind::Fraction, Some(a)) => {
            let half = of.estimate.low.zip(of.estimate.high).map(|(low, high)| (high - low) / 2.0 * YEAR);
            format!("{} ({}/yr)", estimate(&of.estimate, kind), duration((1.0 - a) * YEAR, half))
        }
        _ => estimate(&of.estimate, kind),
    };
    let what = if kind == Kind::Fraction { "downtime" } else { "value" };
    let factor = of.factor.filter(|f| f.is_finite());
    let factor = factor.map_or(String::new(), |f| format!("; published {what} is {} times ours", short(f, 3)));
    let head = format!("{}{up}: {}", label(&of.design, &of.at), of.measure);
    format!("{head}: published {theirs} [{}]; computed {ours}{factor}", of.source)
}

/// What the last digit of a number as written stands for.
fn last_digit(value: f64) -> f64 {
    let digits = value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    libm::exp10(-(digits as f64))
}

fn comparison(of: &Comparison) -> String {
    let head = label(&of.design, &of.at);
    let ratio = estimate(&of.ratio, Kind::Number);
    let back = match of.ratio.estimate {
        Some(ratio) if ratio > 0.0 && ratio < 1.0 => {
            format!(", so {} is down {} times as long", of.against, number(1.0 / ratio, Some(0.05 / ratio)))
        }
        _ => String::new(),
    };
    let reason = of.ratio.bound.as_ref().map_or(String::new(), |bound| format!(" ({})", bound.because));
    format!("{head} is down {ratio} times as long as {}{back}{reason}", of.against)
}

fn verdict(of: &Verdict) -> String {
    let word = if of.holds { "ok" } else { "FAILED" };
    let unit = if of.estimate.unit.is_empty() { String::new() } else { format!(" {}", of.estimate.unit) };
    let plain = Estimate { unit: String::new(), ..of.estimate.clone() };
    format!(
        "{word}: {}: expected {} ± {}{unit} [{}]; computed {}{unit}",
        of.what,
        short(of.expected, 9),
        short(of.tolerance, 3),
        of.source,
        estimate(&plain, Kind::Number),
    )
}

fn procedure(report: &Report) -> Vec<Block> {
    let outcome = &report.outcome;
    let header = ["design", "method", "warm-up", "path", "observations", "outages", "firings", "precision"];
    let mut table = Table::new(2, &header);
    for point in &outcome.points {
        table.rows.push(vec![
            label(&point.design, &point.at),
            method(point.method).into(),
            duration(point.warmup.removed, None),
            duration(point.warmup.length, None),
            count(point.observations),
            count(point.outages),
            count(point.firings),
            precision(point),
        ]);
    }
    let mut notes = grouped(outcome, |point| format!("{}: {}", method(point.method), point.because));
    notes.extend(grouped(outcome, |point| format!("warm-up: {}", point.warmup.because)));
    let digests = outcome.digests.iter().map(|(design, digest)| {
        let head: String = digest.chars().take(12).collect();
        format!(", {design} {head}")
    });
    notes.push(format!("fivenines {}, seed {}{}", report.version, outcome.seed, digests.collect::<String>()));
    let mut blocks = vec![Block::Heading("How it was computed".into())];
    blocks.extend((!table.rows.is_empty()).then_some(Block::Table(table)));
    blocks.push(Block::List(notes));
    blocks
}

fn method(of: Method) -> &'static str {
    match of {
        Method::Auto => "auto",
        Method::Replications => "replications",
        Method::BatchMeans => "batch means",
        Method::Regenerative => "regenerative",
    }
}

/// The relative half-width of the primary unavailability, and whether it is what was asked for.
fn precision(point: &Point) -> String {
    let primary = point.primary.as_ref().and_then(|up| point.up.get(up));
    let reached = primary.and_then(|measures| measures.get("unavailability")).and_then(|e| e.reached);
    let reached = reached.filter(|r| r.is_finite()).map(percent);
    let missed = match point.ended {
        Ended::Precision | Ended::Replications => return reached.unwrap_or(NOTHING.into()),
        Ended::Budget => "not reached (budget spent)",
        Ended::Interrupted => "not reached (interrupted)",
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

fn spent(outcome: &Outcome) -> String {
    let spent = &outcome.spent;
    let threads = if spent.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", spent.threads) };
    let time = duration(spent.seconds, None);
    format!("Spent: {time} on {threads}, {} firings.", count(spent.firings))
}
