//! What takes the designs down, by cause and by phase.

use crate::designs::{Designs, downtime, value};
use crate::show;
use crate::table::{head, row};
use fivenines::experiment::outcome::Point;
use fivenines::report::duration;
use fivenines::report::figure::{Axis, Stack, Stacks, Unit};
use fivenines::stats::Estimate;

/// How many causes, and phases, are told of each design.
const TOLD: usize = 4;

/// Parts of the downtime that are neither told nor drawn.
const SLIGHT: f64 = 0.005;

/// Causes by the end of their transition's name.
const CAUSES: &[(&str, &[&str])] = &[
    ("site", &["site.Strike"]),
    ("host or hypervisor", &["faults.Break"]),
    ("software fails", &["faults.Fail", "faults.Upgrade"]),
    ("a restart doesn't cure", &["ladder.Recur"]),
    ("a hang is noticed", &["ladder.Probe", "ladder.Notice"]),
    ("takeover and failback", &["Failback", "Mistake", "Detect", "Fails", "Fence", "Exclude", "Readmit"]),
];

const OTHER: &str = "other";

pub fn section(designs: &Designs) -> Result<String, String> {
    let causes = stacks("What begins the outages", designs, &|point| by_cause(point));
    let phases = stacks("What holds the outages", designs, &by_phase);
    Ok([
        HEAD.to_owned(),
        show("designs-causes", "Downtime by cause", &causes.svg())?,
        show("designs-phases", "Downtime by phase", &phases.svg())?,
        table(designs),
    ]
    .join("\n"))
}

fn stacks(title: &str, designs: &Designs, parts: &dyn Fn(&Point) -> Vec<(String, f64)>) -> Stacks {
    let all: Vec<Vec<(String, f64)>> = designs.points.iter().map(parts).collect();
    let sum = |of: &[(String, f64)]| of.iter().map(|(_, down)| down).sum::<f64>();
    let is_seen =
        |name: &str| all.iter().any(|of| of.iter().any(|(own, down)| own == name && *down >= SLIGHT * sum(of)));
    // A colour for what can't be seen in any bar would only be in the way.
    let parts = |point: &Point| parts(point).into_iter().filter(|(name, _)| is_seen(name)).collect::<Vec<_>>();
    let stack = |point: &Point| Stack {
        name: point.design.clone(),
        parts: parts(point),
        text: duration(value(downtime(point))),
    };
    Stacks {
        title: title.into(),
        axis: Axis::new("downtime per year, call set-up", Unit::Duration),
        stacks: designs.points.iter().map(stack).collect(),
        ..Stacks::default()
    }
}

fn by_cause(point: &Point) -> Vec<(String, f64)> {
    let primary = point.primary.as_deref().unwrap_or_default();
    let mut parts: Vec<(String, f64)> = CAUSES.iter().map(|(kind, _)| ((*kind).to_owned(), 0.0)).collect();
    parts.push((OTHER.to_owned(), 0.0));
    for cause in point.causes.get(primary).map(Vec::as_slice).unwrap_or_default() {
        let own = |(_, ends): &&(&str, &[&str])| ends.iter().any(|end| cause.cause.contains(end));
        let kind = CAUSES.iter().find(own).map_or(OTHER, |(kind, _)| kind);
        let down = cause.downtime.estimate.unwrap_or(0.0);
        parts.iter_mut().filter(|(name, _)| name == kind).for_each(|(_, sum)| *sum += down);
    }
    parts
}

/// Most phases with a colour of their own.
const PHASES: usize = 6;

fn by_phase(point: &Point) -> Vec<(String, f64)> {
    let primary = point.primary.as_deref().unwrap_or_default();
    let phases = point.phases.get(primary).map(Vec::as_slice).unwrap_or_default();
    let order = ["site", "repair of the machine", "reboot", "people", "detection", "detection of the pair"];
    let down = |name: &str| {
        let found = phases.iter().find(|phase| phase.phase == name);
        found.and_then(|phase| phase.downtime.estimate).unwrap_or(0.0)
    };
    let mut parts: Vec<(String, f64)> =
        order.iter().take(PHASES).map(|name| ((*name).to_owned(), down(name))).collect();
    let known: f64 = parts.iter().map(|(_, down)| down).sum();
    parts.push((OTHER.to_owned(), (value(downtime(point)) - known).max(0.0)));
    parts
}

fn table(designs: &Designs) -> String {
    let mut text = head(3, &["design", "began the outages, share of the downtime", "held them, share of the downtime"]);
    let percent = |of: &Estimate| of.estimate.map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share));
    let is_told = |of: &Estimate| of.estimate.is_some_and(|share| share >= SLIGHT);
    for point in &designs.points {
        let primary = point.primary.as_deref().unwrap_or_default();
        let causes = point.causes.get(primary).map(Vec::as_slice).unwrap_or_default();
        let began: Vec<String> = causes
            .iter()
            .filter(|of| is_told(&of.share))
            .take(TOLD)
            .map(|of| format!("`{}` {}", of.cause, percent(&of.share)))
            .collect();
        let mut phases: Vec<_> = point.phases.get(primary).map(Vec::as_slice).unwrap_or_default().iter().collect();
        phases.sort_by(|x, y| y.share.estimate.unwrap_or(0.0).total_cmp(&x.share.estimate.unwrap_or(0.0)));
        let held: Vec<String> = phases
            .iter()
            .filter(|of| is_told(&of.share))
            .take(TOLD)
            .map(|of| format!("{} {}", of.phase, percent(&of.share)))
            .collect();
        text += &row(&[&point.design, &began.join(", "), &held.join(", ")]);
    }
    text
}

const HEAD: &str = "## What takes the designs down\n";
