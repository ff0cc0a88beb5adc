//! Which assumption turns the ranking.

use crate::assumptions::{ASSUMPTIONS, PARAMETER};
use crate::designs::{FIVE_NINES, downtime, told};
use crate::folder::Folder;
use crate::run;
use crate::table::{head, row};
use crate::turned::Turned;
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Outcome, Point};
use std::path::Path;

/// One design of each kind.
const KINDS: [&str; 5] = ["standard", "actors", "VRRP pair", "actors, replicated", "2 of 3 balanced"];

/// Relative half-width of each, and most firings.
const PRECISION: f64 = 0.2;
const BUDGET: u64 = 500_000;

/// Confidence that is taken for shown.
const SHOWN: f64 = 0.975;

pub fn section(root: &Path) -> Result<String, String> {
    let as_it_is = turned(root, "", "", "")?;
    let mut text = format!("{HEAD}{}", heading());
    text += &line("as it is", &as_it_is);
    let (mut first, mut order, mut reach) = (Vec::new(), Vec::new(), Vec::new());
    for assumption in ASSUMPTIONS {
        for (name, instead) in assumption.turns {
            let found = turned(root, assumption.file, assumption.line, instead)?;
            let label = format!("{} → {name}", assumption.what);
            text += &line(&label, &found);
            let turns = turned_round(&as_it_is, &found);
            let best = best_of(&found);
            if best != best_of(&as_it_is) && turns.iter().any(|(less, _)| Some(less) == best.as_ref()) {
                first.push(label.clone());
            }
            if !turns.is_empty() {
                let pairs: Vec<String> = turns.iter().map(|(x, y)| format!("{x} before {y}")).collect();
                order.push(format!("{label} ({})", pairs.join(", ")));
            }
            let reaches =
                |point: &&Point| downtime(point).and_then(|of| of.high).is_some_and(|high| high <= FIVE_NINES);
            let surely: Vec<&str> = found.points.iter().filter(reaches).map(|point| point.design.as_str()).collect();
            if !surely.is_empty() {
                reach.push(format!("{label} ({})", surely.join(", ")));
            }
        }
    }
    Ok(format!(
        "{text}\nThe best design changes with: {}.\nThe order of two designs is shown (97.5 %) to turn round with: {}.\n\
         Some design is shown to reach five nines with: {}.\n",
        listed(&first),
        listed(&order),
        listed(&reach),
    ))
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "none of these".to_owned() } else { all.join("; ") }
}

fn turned(root: &Path, file: &'static str, line: &'static str, instead: &'static str) -> Result<Outcome, String> {
    let set = match file {
        PARAMETER if !line.is_empty() => vec![(line.to_owned(), instead.to_owned())],
        _ => Vec::new(),
    };
    let overrides = Overrides { precision: Some(PRECISION), budget: Some(BUDGET), set, ..Overrides::default() };
    let files = Turned { folder: Folder(root), file, line, instead };
    run::outcome(&files, "scenarios/designs.ron", &overrides, &|design| KINDS.contains(&design))
}

fn heading() -> String {
    head(1, &[&["assumption turned"], KINDS.as_slice()].concat())
}

fn line(label: &str, found: &Outcome) -> String {
    let of = |design: &&str| {
        let point = found.points.iter().find(|point| point.design == *design);
        told(point.and_then(downtime))
    };
    let cells: Vec<String> = KINDS.iter().map(of).collect();
    let cells: Vec<&str> = std::iter::once(label).chain(cells.iter().map(String::as_str)).collect();
    row(&cells)
}

fn best_of(found: &Outcome) -> Option<String> {
    found.rankings.first()?.designs.first().map(|ranked| ranked.design.clone())
}

/// Pairs whose first design was estimated to be down more and is shown to be down less.
fn turned_round(before: &Outcome, now: &Outcome) -> Vec<(String, String)> {
    let estimate = |design: &str| {
        let point = before.points.iter().find(|point| point.design == design);
        point.and_then(downtime).and_then(|of| of.estimate).unwrap_or(f64::NAN)
    };
    let shown = now.comparisons.iter().filter_map(|of| {
        let less = of.less.as_ref().filter(|less| less.confidence >= SHOWN)?;
        let more = if less.design == of.design { &of.against } else { &of.design };
        (estimate(&less.design) > estimate(more)).then(|| (less.design.clone(), more.clone()))
    });
    shown.collect()
}

const HEAD: &str = "\
## What would turn the ranking

One design of each kind, with one parameter, or one line of `models/params/`, turned at a time; downtime of call set-up a year.

";
