//! The account of outages in tables: causes, phases, both together, and sequences of failures.

use super::document::{Block, Table};
use super::quantity::{Kind, NOTHING, count, estimate, percent};
use super::tables::{captioned, cell};
use crate::experiment::outcome::Point;

/// What began the outages of a point, what held them, and which failures led to them, where it was asked for.
pub(super) fn account(point: &Point) -> Vec<Block> {
    [causes(point), phases(point), cells(point), sequences(point)].concat()
}

fn causes(point: &Point) -> Vec<Block> {
    let mut table = Table::new(2, &["up", "cause", "share", "downtime per year", "outages/yr"]);
    for (up, causes) in &point.causes {
        for of in causes {
            let mut cells = vec![up.clone(), of.cause.clone()];
            cells.push(estimate(&of.share, Kind::Number));
            cells.push(cell(Some(&of.downtime), "downtime per year", true));
            cells.push(cell(Some(&of.outages), "failures per year", false));
            table.rows.push(cells);
        }
    }
    captioned(&format!("Downtime of {} by the transition that began the outage:", point.design), table)
}

fn phases(point: &Point) -> Vec<Block> {
    let mut table = Table::new(2, &["up", "phase", "share", "downtime per year", "times/yr"]);
    for (up, phases) in &point.phases {
        for of in phases {
            let mut cells = vec![up.clone(), of.phase.clone()];
            cells.push(estimate(&of.share, Kind::Number));
            cells.push(cell(Some(&of.downtime), "downtime per year", true));
            cells.push(cell(of.stays.as_ref(), "failures per year", false));
            table.rows.push(cells);
        }
    }
    captioned(&format!("Downtime of {} by the phase of the outage:", point.design), table)
}

/// Causes by phases; nothing where there is only one of either.
fn cells(point: &Point) -> Vec<Block> {
    let mut names: Vec<&str> = Vec::new();
    for phase in point.phases.values().flatten() {
        if !names.contains(&phase.phase.as_str()) {
            names.push(&phase.phase);
        }
    }
    let mut table = Table::new(2, &[&["up", "cause"], names.as_slice()].concat());
    let several = point.causes.iter().filter(|(up, causes)| {
        causes.iter().any(|of| !of.phases.is_empty()) && causes.len() > 1 && point.phases[*up].len() > 1
    });
    for (up, of) in several.flat_map(|(up, causes)| causes.iter().map(move |of| (up, of))) {
        let share = |name: &&str| of.phases.get(*name).map_or(NOTHING.into(), |&share| percent(share));
        table.rows.push([up.clone(), of.cause.clone()].into_iter().chain(names.iter().map(share)).collect());
    }
    captioned(&format!("Shares of the downtime of {}, causes by phases:", point.design), table)
}

fn sequences(point: &Point) -> Vec<Block> {
    let mut table = Table::new(2, &["up", "failures", "seen", "outages/yr", "of outages", "of downtime"]);
    for (up, sequences) in &point.sequences {
        for of in sequences {
            let mut cells = vec![up.clone(), of.failures.join(" → ")];
            cells.push(of.seen.map_or(NOTHING.into(), count));
            cells.push(cell(Some(&of.per_year), "failures per year", false));
            cells.extend([percent(of.outages), of.downtime.map_or(NOTHING.into(), percent)]);
            table.rows.push(cells);
        }
    }
    captioned(&format!("Failures that led to the outages of {}, with those while they lasted:", point.design), table)
}
