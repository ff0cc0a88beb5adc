//! The questions beside the answer: each a scenario, told by its figures.

use crate::designs::{downtime, value};
use crate::folder::Folder;
use crate::{run, show};
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Crossing, Outcome};
use fivenines::report::Report;
use fivenines::report::duration;
use fivenines::report::figure::file_name;
use std::path::Path;

/// A scenario and what it asks.
struct Question {
    scenario: &'static str,
    heading: &'static str,
    text: &'static str,
    /// Whether it asks where two designs change places, along a time.
    turns: bool,
    /// Whether it asks for the best value.
    best: bool,
}

pub fn section(root: &Path) -> Result<String, String> {
    let parts: Vec<String> = QUESTIONS.iter().map(|question| asked(root, question)).collect::<Result<_, _>>()?;
    Ok(parts.join("\n"))
}

fn asked(root: &Path, question: &Question) -> Result<String, String> {
    let file = format!("scenarios/{}.ron", question.scenario);
    let outcome = run::outcome(&Folder(root), &file, &Overrides::default(), &|_| true)?;
    let mut crossings = if question.turns { crossings(&outcome) } else { String::new() };
    if question.best {
        crossings += &best(&outcome);
    }
    let figure = figure(question.scenario, question.heading, &outcome)?;
    let Question { heading, text, .. } = question;
    Ok(format!(
        "## {heading}\n\n{text}\n\n{figure}\n{crossings}`fivenines run {file} --figures DIR` draws this, and more.\n"
    ))
}

/// The figure of the leading downtime, the first one.
pub fn figure(scenario: &str, heading: &str, outcome: &Outcome) -> Result<String, String> {
    match Report::new(outcome.clone()).figures().first() {
        Some(figure) => show(&file_name(scenario), heading, &figure.svg),
        None => Err(format!("scenarios/{scenario}.ron has no figure")),
    }
}

/// Where two designs change places.
pub fn crossings(outcome: &Outcome) -> String {
    let of = |crossing: &Crossing| {
        let at = match (crossing.value.estimate, crossing.value.low, crossing.value.high) {
            (Some(value), Some(low), Some(high)) if low < high => {
                format!("{} ({} to {})", duration(value), duration(low), duration(high))
            }
            (Some(value), ..) => duration(value),
            _ => "a value that isn't known".to_owned(),
        };
        let Crossing { design, against, parameter, better_below, .. } = crossing;
        format!("- {design} and {against} change places at {parameter} = {at}; below it {better_below} is down less.\n")
    };
    let all: String = outcome.crossings.iter().map(of).collect();
    if all.is_empty() { all } else { all + "\n" }
}

/// The value at which each design is down least, of those that were tried.
fn best(outcome: &Outcome) -> String {
    let mut names: Vec<&str> = outcome.points.iter().map(|point| point.design.as_str()).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    let of = |name: &&str| {
        let mine = outcome.points.iter().filter(|point| point.design == *name);
        let least = mine.min_by(|x, y| value(downtime(x)).total_cmp(&value(downtime(y))))?;
        let (parameter, at) = least.at.first()?;
        Some(format!("- {name}: least at {parameter} = {at}, {} a year.\n", duration(value(downtime(least)))))
    };
    names.iter().filter_map(of).collect::<String>() + "\n"
}

const QUESTIONS: &[Question] = &[
    Question {
        scenario: "designs-sweep",
        heading: "How good the software has to be",
        text: "Downtime against the mean life E(X) of a section of code. What containment and takeover are worth grows with \
               the number of faults; with good software the layers below it are all that is left.",
        turns: true,
        best: false,
    },
    Question {
        scenario: "n-plus-k",
        heading: "How many machines behind the balancer",
        text: "Two machines carry the load. The first spare takes away what single machines cost; what is left is what all \
               machines of a site share.",
        turns: false,
        best: false,
    },
    Question {
        scenario: "heartbeat",
        heading: "How often to ask the other machine",
        text: "Short intervals find a failure sooner and cry wolf more often: with one heartbeat in a hundred lost, each \
               number of misses has its own best interval.",
        turns: false,
        best: true,
    },
    Question {
        scenario: "poison",
        heading: "Input that kills",
        text: "Deterministic faults come back on the same input: downtime against the chance that a restart gets rid of it, for \
               supervision limits and windows.",
        turns: false,
        best: false,
    },
    Question {
        scenario: "rejuvenation",
        heading: "When to restart what hasn't failed",
        text: "With lives that wear out (lognormal, sigma 0.4) a planned restart avoids a failure: too early it costs more than \
               it saves.",
        turns: false,
        best: true,
    },
];
