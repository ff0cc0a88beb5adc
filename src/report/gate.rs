//! The gate as blocks: the verdict first, then a line for each check, then how it was decided.

use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, count, estimate, number, percent};
use super::tables::method;
use crate::experiment::gate::{Check, Gate, Reference, Ruling};
use crate::experiment::outcome::{label, values};
use crate::stats::Estimate;
use indexmap::IndexMap;

/// The gate with its heading.
pub(super) fn gate(of: &Gate) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Gate".into()), Block::Paragraph(verdict(of))];
    if !of.checks.is_empty() {
        blocks.push(Block::Table(table(of)));
    }
    let reasons = reasons(of);
    if !reasons.is_empty() {
        blocks.push(Block::List(reasons));
    }
    if !of.notes.is_empty() {
        blocks.push(Block::List(of.notes.clone()));
    }
    blocks.extend(procedure(of).map(Block::Paragraph));
    blocks
}

/// The gate in one sentence.
pub(super) fn verdict(of: &Gate) -> String {
    let all = of.checks.len();
    let are = |wanted: fn(Ruling) -> bool| of.checks.iter().filter(|check| wanted(check.ruling)).count();
    let (red, open) = (are(Ruling::is_red), are(|ruling| ruling == Ruling::Undecided));
    let noun = if all == 1 { "check" } else { "checks" };
    match of.ruling() {
        Ruling::Regression | Ruling::Missing => format!("RED: {red} of {all} {noun} failed."),
        Ruling::Interrupted => "INTERRUPTED before all was decided.".into(),
        Ruling::Undecided => format!("UNDECIDED: the budget ended before {open} of {all} {noun} could be decided."),
        Ruling::Fine => format!("GREEN: {all} of {all} {noun} within the limit."),
        Ruling::Unchanged if all == 0 => "GREEN: there was nothing to check.".into(),
        Ruling::Unchanged => format!("GREEN: unchanged, {all} of {all} {noun}."),
    }
}

/// A ruling as a reader finds it: what is wrong in capitals.
pub(super) fn word(of: Ruling) -> &'static str {
    match of {
        Ruling::Unchanged => "unchanged",
        Ruling::Fine => "fine",
        Ruling::Regression => "REGRESSION",
        Ruling::Undecided => "undecided",
        Ruling::Missing => "MISSING",
        Ruling::Interrupted => "interrupted",
    }
}

/// What a check is held against.
pub(super) fn against(of: &Check) -> String {
    match &of.reference {
        Reference::Blessed => "blessed".into(),
        Reference::Anchor => "anchor".into(),
        Reference::Objective(words) => words.clone(),
    }
}

fn table(of: &Gate) -> Table {
    let header = ["design", "at", "up", "against", "verdict", "ratio", "limit", "downtime then", "downtime now"];
    let swept = of.checks.iter().any(|check| !check.at.is_empty());
    let without_sweep = |column: usize| swept || column != 1;
    let keep = |row: Vec<String>| -> Vec<String> {
        row.into_iter().enumerate().filter(|(column, _)| without_sweep(*column)).map(|(_, cell)| cell).collect()
    };
    let names: Vec<&str> = header.iter().enumerate().filter(|(i, _)| without_sweep(*i)).map(|(_, h)| *h).collect();
    let mut table = Table::new(if swept { 5 } else { 4 }, &names);
    for check in &of.checks {
        let figure = |of: Option<&Estimate>| of.map_or(NOTHING.into(), |of| estimate(of, Kind::PerYear));
        let (ratio, limit) = match (check.ruling, &check.reference) {
            (Ruling::Unchanged, _) => ("1".into(), factor(check.limit)),
            (_, Reference::Objective(_)) => (NOTHING.into(), estimate(&yearly(check), Kind::PerYear)),
            _ => (limits(&check.value), factor(check.limit)),
        };
        table.rows.push(keep(vec![
            check.design.clone(),
            values(&check.at),
            check.condition.clone(),
            against(check),
            word(check.ruling).into(),
            ratio,
            limit,
            figure(check.then.as_ref()),
            figure(Some(&check.now)),
        ]));
    }
    table
}

/// The limit of an objective as a downtime.
fn yearly(check: &Check) -> Estimate {
    Estimate::between(Some(check.limit * crate::units::YEAR), None, check.value.confidence, "s/y")
}

/// `1.204 [1.187, 1.222]`; an end that isn't known is open.
fn limits(of: &Estimate) -> String {
    let Some(value) = of.estimate else { return NOTHING.into() };
    if of.low.is_some() && of.low == of.high {
        return number(value, Some(5e-5 * value));
    }
    let width = of.high.unwrap_or(value).max(value) - of.low.unwrap_or(value).min(value);
    let digits = Some(0.05 * width).filter(|width| *width > 0.0);
    let end = |end: Option<f64>| end.map_or("…".into(), |end| number(end, digits));
    format!("{} [{}, {}]", number(value, digits), end(of.low), end(of.high))
}

/// How each check was decided, those alike together.
fn reasons(of: &Gate) -> Vec<String> {
    let mut groups: IndexMap<String, Vec<String>> = IndexMap::new();
    for check in of.checks.iter().filter(|check| check.ruling != Ruling::Unchanged) {
        groups.entry(reason(check)).or_default().push(place(check));
    }
    groups.into_iter().map(|(reason, places)| format!("{}: {reason}", places.join("; "))).collect()
}

fn place(of: &Check) -> String {
    format!("{}, {} ({})", label(&of.design, &of.at), of.condition, against(of))
}

fn reason(of: &Check) -> String {
    let mut text = of.because.clone();
    if let (Some(how), true) = (of.method, of.observations > 0) {
        let looks = if of.looks == 1 { "1 look".into() } else { format!("{} looks", of.looks) };
        let cost = format!("{} observations of each, {} firings", count(of.observations), count(of.firings));
        text = format!("{}, {looks}, {cost}; {text}", method(how));
    } else if of.method.is_some() && of.ruling != Ruling::Interrupted {
        text = format!("exact: {text}");
    }
    match of.needs {
        Some(times) if of.ruling == Ruling::Undecided => {
            text + &format!("; about {} times the budget might decide", number(times.max(1.1), Some(0.05 * times)))
        }
        _ => text,
    }
}

/// What the verdict is worth.
fn procedure(of: &Gate) -> Option<String> {
    let against = of.against.as_ref().map(|file| format!("Held against {file}, margin {}. ", margin(of.margin)));
    let chance = of.checks.iter().any(|check| check.observations > 0);
    if of.tests > 0 && !chance {
        let exact = "Nothing was left to chance: both versions were solved exactly.";
        return Some(against.unwrap_or_default() + exact).filter(|_| of.ruling() != Ruling::Interrupted);
    }
    let tests = if of.tests == 1 { "1 test".to_owned() } else { format!("{} tests", of.tests) };
    let sure = format!(
        "Seed {} decided, which nothing was blessed with; over {tests} the chance of a false red is at most {}, and that of a \
         false green too.",
        of.seed,
        percent(of.alarm)
    );
    match (against, of.tests) {
        (None, 0) => None,
        (against, 0) => against.map(|text| text.trim_end().to_owned()),
        (against, _) => Some(against.unwrap_or_default() + &sure),
    }
}

fn margin(of: f64) -> String {
    format!("{} %", (of * 1e8).round() / 1e6)
}

/// The limit of a ratio, as it was stated.
fn factor(of: f64) -> String {
    format!("{}", (of * 1e8).round() / 1e8)
}

/// A check as a case: its name, and what is to be told of it.
pub(super) fn case(of: &Check) -> (String, String) {
    let (then, now) = (of.then.as_ref().map(|then| estimate(then, Kind::PerYear)), estimate(&of.now, Kind::PerYear));
    let figures = match (&of.reference, then) {
        (Reference::Objective(words), _) => format!("{words}: downtime {now}"),
        (_, Some(then)) => {
            let limit = factor(of.limit);
            format!("downtime {then} then, {now} now, ratio {}, limit {limit}", limits(&of.value))
        }
        (_, None) => "nothing to compare".into(),
    };
    (place(of), format!("{}: {figures}; {}", word(of.ruling), reason(of)))
}
