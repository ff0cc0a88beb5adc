//! What the studies of a scenario yield: the tornado of sensitivities, what it would take to reach a target.

use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, brief, estimate, number, short};
use crate::experiment::answers::{Grade, Influence, Reached, Sensitivity, Solution, Step, Target};
use crate::experiment::outcome::{Outcome, label};
use crate::experiment::plan::Side;
use crate::stats::Estimate;

/// Length of the longest bar of a tornado.
const BAR: f64 = 12.0;

/// An elasticity is told to this at most.
const FINE: f64 = 0.001;

/// All sensitivities, a table for each design at each sweep point.
pub(super) fn sensitivities(outcome: &Outcome) -> Vec<Block> {
    let mut blocks: Vec<Block> = outcome.sensitivities.iter().flat_map(sensitivity).collect();
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading("Sensitivity".into()));
        let words = "The elasticity tells by how many per cent the downtime changes with each per cent of a parameter; \
                     behind it stands the downtime per year with the parameter divided and multiplied by 1.1, or \
                     whatever factor is told.";
        blocks.insert(1, Block::Paragraph(words.into()));
    }
    blocks
}

fn sensitivity(of: &Sensitivity) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(format!("Downtime of \"{}\", {}:", of.up, label(&of.design, &of.at)))];
    let strongest = of.influences.iter().filter_map(|i| i.elasticity.estimate).fold(0.0, |m: f64, e| m.max(e.abs()));
    let mut table = Table::new(2, &["parameter", "", "value", "elasticity", "divided", "multiplied"]);
    table.rows.extend(of.influences.iter().map(|influence| row(influence, strongest)));
    blocks.extend((!table.rows.is_empty()).then_some(Block::Table(table)));
    let mut table = Table::new(1, &["counted", "value", "one less", "one more"]);
    table.rows.extend(of.steps.iter().map(step));
    blocks.extend((!table.rows.is_empty()).then_some(Block::Table(table)));
    let mut notes: Vec<String> = Vec::new();
    for influence in &of.influences {
        if !notes.contains(&influence.how) {
            notes.push(influence.how.clone());
        }
    }
    notes.extend(evidence(of));
    notes.extend(of.left_out.iter().map(|left| format!("{}: left out: {}", left.parameter, left.because)));
    if of.influences.is_empty() && of.steps.is_empty() && notes.is_empty() {
        let words = "the net has no parameter to change; what a transition takes from a parameter file counts if one of the \
                     net's own `parameters` names it";
        notes.push(words.to_owned());
    }
    blocks.extend((!notes.is_empty()).then_some(Block::List(notes)));
    blocks
}

/// On which evidence the sensitivity rests, where anything is said of that.
fn evidence(of: &Sensitivity) -> Option<String> {
    let strength = |influence: &Influence| influence.elasticity.estimate.map_or(0.0, f64::abs);
    let sum: f64 = of.influences.iter().map(strength).sum();
    if sum <= 0.0 || of.influences.iter().all(|influence| influence.evidence.is_none()) {
        return None;
    }
    let mut list: Vec<Grade> = Vec::new();
    for influence in &of.influences {
        let share = strength(influence) / sum;
        match list.iter_mut().find(|grade| grade.evidence == influence.evidence) {
            Some(grade) => grade.share += share,
            None => list.push(Grade { evidence: influence.evidence, share }),
        }
    }
    list.sort_by(|x, y| y.share.total_cmp(&x.share));
    Some(format!("of all elasticities together {}", super::uncertainty::grades(&list)))
}

fn row(of: &Influence, strongest: f64) -> Vec<String> {
    let value = of.elasticity.estimate.unwrap_or(0.0);
    let length = if strongest > 0.0 { (BAR * value.abs() / strongest).round() as usize } else { 0 };
    let sign = if value < 0.0 { "−" } else { "+" };
    let bar = if length > 0 { format!("{sign}{}", "█".repeat(length)) } else { String::new() };
    let factor = if of.factor == 1.1 { String::new() } else { format!(" (· {})", short(of.factor, 6)) };
    vec![
        format!("{}{factor}", of.parameter),
        bar,
        amount(of.value, &of.unit),
        elasticity(&of.elasticity),
        brief(&of.divided, Kind::PerYear),
        brief(&of.multiplied, Kind::PerYear),
    ]
}

fn step(of: &Step) -> Vec<String> {
    let told = |of: &Option<Estimate>| of.as_ref().map_or(NOTHING.into(), |of| brief(of, Kind::PerYear));
    vec![of.parameter.clone(), short(of.value, 9), told(&of.less), told(&of.more)]
}

/// Nobody needs more than four digits, however many are known.
fn elasticity(of: &Estimate) -> String {
    match of.estimate.zip(of.low.zip(of.high)) {
        Some((value, (low, high))) if high - low < FINE => number(value, Some(FINE)),
        _ => estimate(of, Kind::Number),
    }
}

/// A value in base units.
fn amount(value: f64, unit: &str) -> String {
    brief(&Estimate::between(Some(value), None, 0.0, unit), Kind::of("", unit))
}

/// What it would take, a sentence for each target.
pub(super) fn target(of: &Target) -> String {
    let Target { measure, parameter, unit, range: [from, to], .. } = of;
    let sign = if of.side == Side::AtLeast { "≥" } else { "≤" };
    let kind = Kind::of(measure, &of.probed.first().map_or(String::new(), |probe| probe.estimate.unit.clone()));
    let wanted = match kind {
        Kind::Fraction => of.value.to_string(),
        Kind::Duration | Kind::PerYear => super::quantity::duration(of.value, None),
        Kind::Number => number(of.value, None),
    };
    let up = of.up.as_ref().map_or(String::new(), |up| format!(" of {up}"));
    let head = format!("{}: {measure}{up} {sign} {wanted}", label(&of.design, &of.at));
    let span = format!("between {} and {}", amount(*from, unit), amount(*to, unit));
    let found = match of.reached {
        Reached::InPart => {
            let list: Vec<String> = of.solutions.iter().map(|one| solution(one, parameter, unit)).collect();
            format!("takes {}, sought {span}", list.join(" or "))
        }
        Reached::Everywhere => format!("is reached by every value of {parameter} that was probed {span}"),
        Reached::Nowhere => format!("is reached by no value of {parameter} that was probed {span}{}", best(of, kind)),
        Reached::Undecided => format!("can't be decided for {parameter} {span}"),
    };
    let caution = if of.monotone { "" } else { "; the measure doesn't rise or fall throughout the values probed" };
    format!("{head} {found}{caution} ({})", of.how)
}

fn solution(of: &Solution, parameter: &str, unit: &str) -> String {
    let sign = if of.reached_above { "≥" } else { "≤" };
    let open = match (of.value.low, of.value.high) {
        (None, Some(_)) => ", the interval goes on below the range",
        (Some(_), None) => ", the interval goes on above the range",
        (None, None) => ", the interval is wider than the range",
        _ => "",
    };
    format!("{parameter} {sign} {}{open}", estimate(&of.value, Kind::of("", unit)))
}

/// The value that comes nearest to the target.
fn best(of: &Target, kind: Kind) -> String {
    let value = |i: usize| of.probed[i].estimate.estimate.unwrap_or(f64::NAN);
    let order = |i: &usize, j: &usize| value(*i).total_cmp(&value(*j));
    let known = (0..of.probed.len()).filter(|&i| value(i).is_finite());
    let best = if of.side == Side::AtLeast { known.max_by(order) } else { known.min_by(order) };
    best.map_or(String::new(), |i| {
        let probe = &of.probed[i];
        let at = amount(probe.value, &of.unit);
        let sure = match probe.estimate.low == probe.estimate.high {
            true => String::new(),
            false => format!(", each with {} confidence", super::quantity::percent(probe.estimate.confidence)),
        };
        format!("; the best is {} at {at}{sure}", estimate(&probe.estimate, kind))
    })
}
