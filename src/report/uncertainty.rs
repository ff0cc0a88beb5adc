//! How uncertain the downtimes are since the parameters are, in words and tables.

use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, brief, duration, percent};
use crate::experiment::answers::{Advice, Grade, Share, Uncertain};
use crate::experiment::outcome::{Outcome, label};
use crate::syntax::ast::Evidence;

/// Everything about all points.
pub(super) fn uncertainties(outcome: &Outcome) -> Vec<Block> {
    let leading = outcome.uncertainties.iter().filter(|of| of.leading);
    let mut blocks: Vec<Block> = leading.flat_map(one).collect();
    blocks.extend(others(&outcome.uncertainties));
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading("Uncertainty of the parameters".into()));
        let words = "Parameters were drawn from their bootstrap or their ranges, and the design solved for each draw. A \
                     share is how much of the variance one of them has alone; with interactions (where all is solved exactly), \
                     how much would stay if all others were known. The last column tells the standard deviation with twice as many \
                     observations, or without the range.";
        blocks.insert(1, Block::Paragraph(words.into()));
    }
    blocks
}

fn one(of: &Uncertain) -> Vec<Block> {
    let place = format!("\"{}\", {}", of.up, label(&of.design, &of.at));
    if of.draws == 0 {
        let why = of.failed.as_deref().unwrap_or("nothing was drawn");
        return vec![Block::Paragraph(format!("{place}: {why}."))];
    }
    let time = |value: Option<f64>| value.map_or(NOTHING.into(), |value| duration(value, None) + "/yr");
    let [low, median, high] = of.quantiles;
    let mut words = format!(
        "Downtime of {place}: {} at the parameters' own values; {} draws have a mean of {}, a median of {}, and lie \
         between {} and {} for {} of them. Standard deviation by the parameters {}, by sampling {}.",
        brief(&of.downtime, Kind::PerYear),
        of.draws,
        time(Some(of.mean)),
        time(median),
        time(low),
        time(high),
        percent(of.downtime.confidence),
        time(Some(of.by_parameters)),
        time(Some(of.by_sampling)),
    );
    let most = if of.most == 1e-5 { "five nines".to_string() } else { format!("an unavailability of {}", of.most) };
    words += &format!(" The probability that it reaches {most}: {}.", chance(&of.reaches));
    if let Some(best) = &of.best {
        words += &format!(" That it is the best of {} designs: {}.", best.of, chance(&best.chance));
    }
    let mut blocks = vec![Block::Paragraph(words)];
    let table = shares(&of.shares);
    let mut notes = vec![advice(&of.advice)];
    let nothing = of.shares.len() - table.rows.len();
    notes.extend((nothing > 0).then(|| format!("{nothing} more were drawn whose share isn't told from nothing")));
    let unread = of.unread.len();
    notes.extend(
        (unread > 0).then(|| format!("{unread} more were drawn for other designs: this one's net doesn't read them")),
    );
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    notes.extend((!of.grades.is_empty()).then(|| format!("of this variance {}", grades(&of.grades))));
    notes.extend(of.failed.as_ref().map(|why| format!("some draws could not be solved: {why}")));
    blocks.push(Block::List(notes));
    blocks
}

/// The conditions that don't lead, all in one table.
fn others(all: &[Uncertain]) -> Option<Block> {
    let mut table = Table::new(2, &["design", "condition", "mean", "middle of the draws", "reaches it", "best"]);
    for of in all.iter().filter(|of| !of.leading && of.draws > 0) {
        let time = |value: Option<f64>| value.map_or(NOTHING.into(), |value| duration(value, None));
        table.rows.push(vec![
            label(&of.design, &of.at),
            of.up.clone(),
            time(Some(of.mean)),
            format!("{} to {}", time(of.quantiles[0]), time(of.quantiles[2])),
            of.reaches.estimate.map_or(NOTHING.into(), percent),
            of.best.as_ref().and_then(|best| best.chance.estimate).map_or(NOTHING.into(), percent),
        ]);
    }
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn chance(of: &crate::stats::Estimate) -> String {
    let Some(value) = of.estimate else { return NOTHING.into() };
    match of.low.zip(of.high) {
        Some((low, high)) => format!("{} [{}, {}]", percent(value), percent(low), percent(high)),
        None => percent(value),
    }
}

fn shares(list: &[Share]) -> Table {
    let header = ["drawn", "evidence", "observations", "share", "with interactions", "then"];
    let mut table = Table::new(2, &header);
    for of in list.iter().filter(|of| of.total.is_some() || of.share > 0.0) {
        let names = if of.values.len() > 1 { format!(" ({})", of.values.join(", ")) } else { String::new() };
        let error = of.error.map_or(String::new(), |error| format!(" ± {}", percent(error)));
        table.rows.push(vec![
            of.factor.clone() + &names,
            grade(of.evidence).to_string(),
            of.observations.map_or(NOTHING.into(), |n| n.to_string()),
            percent(of.share) + &error,
            of.total.map_or(NOTHING.into(), percent),
            duration(of.left, None) + "/yr",
        ]);
    }
    table
}

fn advice(of: &Advice) -> String {
    match of {
        Advice::Nothing => "no parameter matters more than the others' errors: nothing to measure first".into(),
        Advice::RunLonger => "sampling is the greater error: ask for more `--precision` before measuring more".into(),
        Advice::Extend(factor) => format!("the measurement to extend is {factor}"),
        Advice::Measure(factor) => format!("the range to replace by a measurement is {factor}"),
    }
}

/// `62 % rest on field data, 38 % on assumptions`.
pub(super) fn grades(list: &[Grade]) -> String {
    let words: Vec<String> =
        list.iter().map(|of| format!("{} rest on {}", percent(of.share), grade(of.evidence))).collect();
    words.join(", ")
}

/// On what it rests, in words.
pub(super) fn grade(of: Option<Evidence>) -> &'static str {
    match of {
        Some(Evidence::MeasuredLive) => "live measurement",
        Some(Evidence::FieldData) => "field data",
        Some(Evidence::Published) => "published figures",
        Some(Evidence::DerivedFromTimers) => "timers",
        Some(Evidence::Assumed) => "assumptions",
        None => "no stated evidence",
    }
}
