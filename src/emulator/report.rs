//! Findings → text, Markdown, CSV, JSON, and the samples of failover and recovery times as CSV.

use super::findings::Findings;
use super::live::Timeliness;
use super::outcome::{Outcome, Recovery, SERIES, Sample, Verdict};
use super::sip_actors::Function;
use crate::report::document::{Block, Table};
use crate::report::{markdown as as_markdown, text as as_text};
use crate::stats::Estimate;
use crate::units::{YEAR, in_words};
use std::fmt::Write;

/// The figures for people.
pub fn text(findings: &Findings) -> String {
    as_text::render(&blocks(findings))
}

/// The figures as Markdown.
pub fn markdown(findings: &Findings) -> String {
    as_markdown::render(&blocks(findings))
}

fn blocks(findings: &Findings) -> Vec<Block> {
    let told = |text: &str, block: fn(String) -> Block| (!text.is_empty()).then(|| block(text.to_owned()));
    let mut blocks: Vec<Block> = told(&findings.title, Block::Title).into_iter().collect();
    blocks.extend(told(&findings.doc, Block::Paragraph));
    match findings.alone() {
        Some(outcome) => blocks.extend(figures(outcome)),
        None => blocks.push(Block::Table(comparison(findings))),
    }
    blocks.extend(functions(findings).map(Block::Table));
    blocks.extend(both_labs(findings).map(Block::Table));
    let alone = findings.alone().is_some();
    let judged: Vec<String> =
        findings.cases.iter().flat_map(|(case, outcome)| judgements(case, outcome, alone)).collect();
    blocks.extend((!judged.is_empty()).then_some(Block::List(judged)));
    blocks.extend(findings.cases.iter().filter_map(|(case, outcome)| timeliness(case, outcome)));
    blocks.push(Block::Paragraph(spent(findings)));
    blocks
}

/// Every figure of one plan but those of its functions; stages without time are only named.
fn figures(outcome: &Outcome) -> Vec<Block> {
    let idle = idle_stages(outcome);
    let of_idle = |name: &str| idle.iter().any(|stage| name == *stage || name.starts_with(&format!("{stage} ")));
    let mut table = Table::new(1, &["figure", "value", "95 % interval"]);
    for (name, estimate) in outcome.figures.iter().filter(|(name, _)| !name.contains(": ") && !of_idle(name)) {
        table.rows.push(vec![name.clone(), worth(estimate), interval(estimate)]);
    }
    let named = (!idle.is_empty()).then(|| Block::Paragraph(format!("No time at all: {}.", idle.join(", "))));
    [Block::Table(table)].into_iter().chain(named).collect()
}

/// Stages of a takeover that took no time in any: what the plan gives none.
fn idle_stages(outcome: &Outcome) -> Vec<&'static str> {
    let most = |stage: &str| outcome.figures.get(&format!("{stage} max")).and_then(|most| most.estimate);
    ["fence", "resume", "address", "announce", "client"].into_iter().filter(|stage| most(stage) == Some(0.0)).collect()
}

/// Columns of the table of functions: their heads, and the figure of each.
const COLUMNS: [(&str, &str); 12] = [
    ("failures", "failures"),
    ("recovery", "recovery"),
    ("p99", "recovery p99"),
    ("reg. failed", "registrations failed"),
    ("reg. late", "registrations delayed"),
    ("reg. resumed", "registration resumed"),
    ("bindings lost", "bindings lost"),
    ("calls refused", "calls refused"),
    ("calls late", "calls delayed"),
    ("calls lost", "calls lost"),
    ("escalations", "escalations"),
    ("process ends", "process ends"),
];

/// One row for each function that failed: what the runs of a case gave in which it alone failed; none if none did.
fn functions(findings: &Findings) -> Option<Table> {
    let cases = if findings.alone().is_some() { 0 } else { 1 };
    let heads: Vec<&str> =
        ["case", "failing function"].into_iter().skip(1 - cases).chain(COLUMNS.map(|(head, _)| head)).collect();
    let mut table = Table::new(1 + cases, &heads);
    for (case, outcome) in &findings.cases {
        for function in Function::ALL.map(Function::name) {
            let estimate = |figure: &str| outcome.figures.get(&format!("{function}: {figure}"));
            if estimate("failures").is_some() {
                let names = [case.clone(), function.to_owned()].into_iter().skip(1 - cases);
                let cells = COLUMNS.map(|(_, figure)| estimate(figure).map_or_else(|| "–".to_owned(), worth));
                table.rows.push(names.chain(cells).collect());
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The quantiles of live runs beside those of the virtual runs of the same seed and numbers; none if nothing was live.
fn both_labs(findings: &Findings) -> Option<Table> {
    let cases = usize::from(findings.alone().is_none());
    let mut heads = vec!["case", "live and virtual"];
    heads.extend(["median", "virtual", "p95", "virtual", "p99", "virtual"]);
    let mut table = Table::new(1 + cases, &heads[1 - cases..]);
    for (case, outcome) in &findings.cases {
        let Some(beside) = &outcome.beside else { continue };
        let idle = idle_stages(outcome);
        for series in SERIES.iter().filter(|series| !idle.contains(series)) {
            let cells: Option<Vec<String>> = ["median", "p95", "p99"]
                .iter()
                .flat_map(|quantile| [&outcome.figures, beside].map(|of| of.get(&format!("{series} {quantile}"))))
                .map(|estimate| estimate.map(worth))
                .collect();
            if let Some(cells) = cells {
                let names = [case.clone(), (*series).to_owned()].into_iter().skip(1 - cases);
                table.rows.push(names.chain(cells).collect());
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The figures that the study shows, case by case, beside what others published.
fn comparison(findings: &Findings) -> Table {
    let mut table = Table::new(1, &["case"]);
    let names = shown(findings);
    let verdict = |outcome: &Outcome, name: &str| {
        let published = |verdict: &&Verdict| verdict.figure == name && verdict.holds.is_none();
        outcome.verdicts.iter().find(published).map(|verdict| verdict.value)
    };
    let beside: Vec<bool> =
        names.iter().map(|name| findings.cases.values().any(|outcome| verdict(outcome, name).is_some())).collect();
    for (name, beside) in names.iter().zip(&beside) {
        table.header.push((*name).to_owned());
        table.header.extend(beside.then(|| "published".to_owned()));
    }
    for (case, outcome) in &findings.cases {
        let mut row = vec![case.clone()];
        for (name, beside) in names.iter().zip(&beside) {
            let estimate = outcome.figures.get(*name);
            row.push(estimate.map_or_else(String::new, with_error));
            let unit = estimate.map_or("", |estimate| estimate.unit.as_str());
            let published = || verdict(outcome, name).map_or_else(String::new, |stated| value(stated, unit));
            row.extend(beside.then(published));
        }
        table.rows.push(row);
    }
    table
}

/// The names of the figures that are compared.
fn shown(findings: &Findings) -> Vec<&str> {
    let stated = findings.figures.iter().map(String::as_str);
    let judged = findings.cases.values().flat_map(|outcome| &outcome.verdicts).map(|verdict| verdict.figure.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in if findings.figures.is_empty() { judged.collect::<Vec<_>>() } else { stated.collect() } {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A value in the unit of its estimate.
fn value(x: f64, unit: &str) -> String {
    match unit {
        "s" if x < 0.0 => format!("-{}", value(-x, unit)),
        "s" if x > 0.0 && x < 1.0 => format!("{:.4} ms", x * 1e3),
        "s" => in_words(x),
        _ => format!("{x:.5}"),
    }
}

fn worth(estimate: &Estimate) -> String {
    estimate.estimate.map_or_else(|| "nothing was seen".to_owned(), |point| value(point, &estimate.unit))
}

/// Both ends, if there are two.
fn ends(estimate: &Estimate) -> Option<(f64, f64)> {
    estimate.low.zip(estimate.high).filter(|(low, high)| low < high)
}

fn interval(estimate: &Estimate) -> String {
    let words = |(low, high)| format!("{} … {}", value(low, &estimate.unit), value(high, &estimate.unit));
    ends(estimate).map_or_else(String::new, words)
}

/// Decimals of a value that are told, at most.
const FINEST: i32 = 5;

/// `12.34 ms ± 0.11 ms`: half of the interval's width to two digits, the value to the last of these and in the same unit;
/// without a half-width that has no digit within what is told.
fn with_error(estimate: &Estimate) -> String {
    let half = ends(estimate).map(|(low, high)| (high - low) / 2.0);
    let Some((point, half)) = estimate.estimate.zip(half) else { return worth(estimate) };
    let (unit, size) = if estimate.unit == "s" { unit_of(point.abs()) } else { ("", 1.0) };
    let digits = 1 - libm::floor(libm::log10(half / size)) as i32;
    if digits > FINEST + 1 {
        return worth(estimate);
    }
    let digits = digits.clamp(0, FINEST) as usize;
    let told = |x: f64| {
        let number = format!("{:.digits$}", x / size);
        if unit.is_empty() { number } else { format!("{number} {unit}") }
    };
    format!("{} ± {}", told(point), told(half))
}

/// The unit in which a time is told, and its length in seconds.
fn unit_of(seconds: f64) -> (&'static str, f64) {
    match seconds {
        s if s > 0.0 && s < 1.0 => ("ms", 1e-3),
        s if s < 60.0 => ("s", 1.0),
        s if s < 3600.0 => ("min", 60.0),
        s if s < 86_400.0 => ("h", 3600.0),
        s if s < YEAR => ("days", 86_400.0),
        _ => ("years", YEAR),
    }
}

/// What was expected, and what came out; what others published too, unless the table shows it.
fn judgements(case: &str, outcome: &Outcome, alone: bool) -> Vec<String> {
    let told = outcome.verdicts.iter().filter(|verdict| alone || verdict.holds.is_some());
    told.map(|verdict| if alone { judged(verdict, outcome) } else { format!("{case}: {}", judged(verdict, outcome)) })
        .collect()
}

fn judged(verdict: &Verdict, outcome: &Outcome) -> String {
    let unit = outcome.figures.get(&verdict.figure).map_or("", |estimate| estimate.unit.as_str());
    let found = verdict.estimate.map_or("nothing".to_owned(), |estimate| value(estimate, unit));
    let word = match verdict.holds {
        None => "published",
        Some(true) => "holds",
        Some(false) => "FAILS",
    };
    let stated = value(verdict.value, unit);
    format!("{word}: {} is {found}, and {stated} by {}", verdict.figure, verdict.source)
}

/// How late the deadlines of live runs were.
fn timeliness(case: &str, outcome: &Outcome) -> Option<Block> {
    let live = outcome.live.as_ref()?;
    let time = |seconds: f64| value(seconds, "s");
    let of = if case.is_empty() { String::new() } else { format!(", {case}") };
    let verdict = if live.fit { "fit" } else { "NOT FIT" };
    Some(Block::Paragraph(format!(
        "Live{of}: {} deadlines, late by {} (median), {} (p99, at most {} to calibrate), {} (max); {} of {} runs \
         have one later than {}; the clocks agree within {}. {verdict} for calibration.",
        live.deadlines,
        time(live.median),
        time(live.p99),
        time(live.p99_limit),
        time(live.max),
        live.disturbed,
        live.runs.len(),
        time(live.max_limit),
        time(live.clocks)
    )))
}

fn spent(findings: &Findings) -> String {
    let runs: u64 = findings.cases.values().map(|outcome| outcome.runs).sum();
    let cases = if findings.alone().is_some() { String::new() } else { format!(" of {} cases", findings.cases.len()) };
    let seed = findings.cases.values().next().map_or(0, |outcome| outcome.seed);
    let ended = if findings.interrupted() { ", interrupted" } else { "" };
    format!("{runs} runs{cases}, seed {seed}{ended}.")
}

/// One JSON object: of a plan without cases what it gave, else the findings.
pub fn json(findings: &Findings) -> String {
    // Plain data with text keys always has a JSON form.
    let text = match findings.alone() {
        Some(outcome) => serde_json::to_string_pretty(outcome),
        None => serde_json::to_string_pretty(findings),
    };
    text.unwrap_or_default() + "\n"
}

/// How late the most belated deadline of a live run was, behind the other columns.
fn lateness(outcome: &Outcome, run: u64) -> String {
    let most = |live: &Timeliness| usize::try_from(run).ok().and_then(|run| live.runs.get(run).copied());
    outcome.live.as_ref().map_or_else(String::new, |live| format!(",{}", cell(most(live))))
}

/// The header of a sample.
fn with_lateness(findings: &Findings, header: &str) -> String {
    let live = findings.cases.values().any(|outcome| outcome.live.is_some());
    format!("{header}{}", if live { ",late_s" } else { "" })
}

/// The lines of each case behind its name, which is left out of a plan without cases.
fn table(findings: &Findings, header: &str, lines: fn(&Outcome) -> Vec<String>) -> String {
    let alone = findings.alone().is_some();
    let mut text = format!("{}{header}\n", if alone { "" } else { "case," });
    for (case, outcome) in &findings.cases {
        let prefix = if alone { String::new() } else { quoted(case) + "," };
        for line in lines(outcome) {
            let _ = writeln!(text, "{prefix}{line}");
        }
    }
    text
}

/// A cell of CSV (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// One line for each figure.
pub fn csv(findings: &Findings) -> String {
    table(findings, "figure,unit,estimate,low,high,confidence", |outcome| {
        let line = |(name, estimate): (&String, &Estimate)| {
            let [point, low, high] = [estimate.estimate, estimate.low, estimate.high].map(cell);
            format!("{name},{},{point},{low},{high},{}", estimate.unit, estimate.confidence)
        };
        outcome.figures.iter().map(line).collect()
    })
}

/// One line for each takeover, in seconds: the sample that calibration takes.
pub fn samples(findings: &Findings) -> String {
    let header =
        "run,takeover,failed,detect_s,fence_s,resume_s,address_s,announce_s,client_s,failover_s,censored,silence_s";
    table(findings, &with_lateness(findings, header), |outcome| {
        let line = |sample: &Sample| {
            let Sample { run, takeover, failed, censored, .. } = sample;
            let stages = [sample.detect, sample.fence, sample.resume, sample.address, sample.announce, sample.client];
            let stages = stages.map(cell).join(",");
            let (failover, silence) = (cell(sample.failover), cell(sample.silence));
            let late = lateness(outcome, *run);
            format!("{run},{takeover},{failed},{stages},{failover},{censored},{silence}{late}")
        };
        outcome.samples.iter().map(line).collect()
    })
}

/// One line for each failure of a function, in seconds: the sample that calibration takes.
pub fn recoveries(findings: &Findings) -> String {
    let header =
        "run,fault,function,failed_s,failures,escalations,process_ends,recovery_s,censored,registration_s,call_s";
    table(findings, &with_lateness(findings, header), |outcome| {
        let line = |sample: &Recovery| {
            let Recovery { run, fault, function, failed, failures, escalations, ends, recovery, censored, .. } = sample;
            let (registration, call) = (cell(sample.registration), cell(sample.call));
            format!(
                "{run},{fault},{function},{failed},{failures},{escalations},{ends},{recovery},{censored},{registration},{call}{}",
                lateness(outcome, *run)
            )
        };
        outcome.recoveries.iter().map(line).collect()
    })
}

fn cell(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_width_has_two_digits_and_the_unit_of_its_value() {
        let told = |value: f64, half: f64, unit: &str| {
            with_error(&Estimate::between(Some(value), Some((value - half, value + half)), 0.95, unit))
        };
        for (value, half, unit, wanted) in [
            (40.0213, 0.320_070_9, "s", "40.02 s ± 0.32 s"),
            (0.012_345_6, 0.000_112, "s", "12.35 ms ± 0.11 ms"),
            (0.0, 0.5, "s", "0.00 s ± 0.50 s"),
            (90.0, 120.0, "s", "1.5 min ± 2.0 min"),
            (2.0, 345.6, "s", "2 s ± 346 s"),
            (0.9876, 0.0234, "", "0.988 ± 0.023"),
            (1234.5, 120.0, "", "1234 ± 120"),
        ] {
            assert_eq!(told(value, half, unit), wanted);
        }
        assert_eq!(told(3.0, 0.0, "s"), "3 s", "without an interval");
        assert_eq!(told(0.415_094_3, 1e-10, "s"), "415.0943 ms", "with one that can't be seen");
    }
}
