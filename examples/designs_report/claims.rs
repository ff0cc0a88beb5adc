//! What the thesis claims, and under which assumptions that is so.

use crate::designs::{downtime, value};
use crate::folder::Folder;
use crate::readings::Actors;
use crate::run;
use crate::sweeps::{crossings, figure};
use crate::table::{head, row};
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Outcome, Point};
use fivenines::report::duration;
use fivenines::units::unit;
use std::path::Path;

/// How much less the thesis says that the actors are down.
const CLAIMED: f64 = 100.0;

const READINGS_PRECISION: f64 = 0.02;

/// The section, and what the readings of the actor net come to.
pub fn section(root: &Path) -> Result<(String, Actors), String> {
    let file = "scenarios/restart-time.ron";
    let outcome = run::outcome(&Folder(root), file, &Overrides::default(), &|_| true)?;
    let heading = "How fast an actor has to restart, and what the thesis claims";
    let drawn = figure("restart-time", heading, &outcome)?;
    let (readings, ordered, actors) = readings(root)?;
    let text = format!(
        "## {heading}\n\n{}\n\n{drawn}\n{}`fivenines run {file} --figures DIR` draws this, and more.\n\n{ordered}\n\n{readings}",
        claim(&outcome),
        crossings(&outcome),
    );
    Ok((text, actors))
}

fn claim(outcome: &Outcome) -> String {
    // Downtime in proportion to the restart: the least ratio at which it still is in the figures that were solved.
    let seconds = |point: &Point| point.at.values().next().and_then(|text| seconds_of(text));
    let ratio = |point: &Point| {
        let rival = outcome.points.iter().find(|other| other.at == point.at && other.design == "six sections");
        value(rival.and_then(downtime)) / value(downtime(point))
    };
    let actors = outcome.points.iter().filter(|point| point.design == "actors");
    let mut known: Vec<(f64, f64)> = actors.filter_map(|point| Some((seconds(point)?, ratio(point)))).collect();
    known.sort_by(|x, y| x.0.total_cmp(&y.0));
    let between = known.windows(2).find(|pair| pair[0].1 >= CLAIMED && pair[1].1 < CLAIMED);
    let within = between.map_or("no restart time that was tried".to_owned(), |pair| {
        let [(x, above), (y, below)] = [pair[0], pair[1]];
        let share = libm::log(above / CLAIMED) / libm::log(above / below);
        duration(x * libm::pow(y / x, share))
    });
    let one = known.iter().find(|(at, _)| *at == 1.0).map_or(f64::NAN, |(_, ratio)| *ratio);
    let slow = known.last().map_or((f64::NAN, f64::NAN), |last| *last);
    format!(
        "The thesis states a mean life of 2208 h, repairs of 30 s to 300 s for the standard server, and that the actor-based one \
         is down some two orders of magnitude less. By its own model that is so if an actor restarts within {within} in the \
         mean (at 1 s the ratio is {one:.0}), a time that the thesis does not state; with restarts of {} the actors are down \
         {:.1} times *longer*. And the model counts the software's sections alone: with process, operating system, machine and people \
         in the same list of faults, containment by actors is worth what the first table of this report shows, no more. \
         [reports/thesis.md](thesis.md) has the thesis's tables line by line.",
        duration(slow.0),
        1.0 / slow.1,
    )
}

/// `85 s` in seconds.
fn seconds_of(text: &str) -> Option<f64> {
    let (number, name) = text.split_once(' ')?;
    Some(number.parse::<f64>().ok()? * unit(name)?.0)
}

/// The other readings of the actor net: whether the order hangs on them.
fn readings(root: &Path) -> Result<(String, String, Actors), String> {
    let overrides = Overrides { precision: Some(READINGS_PRECISION), ..Overrides::default() };
    let outcome = run::outcome(&Folder(root), "scenarios/readings.ron", &overrides, &|_| true)?;
    let of = |name: &str| {
        let found = outcome.points.iter().find(|point| point.design == name);
        found.map(|point| value(downtime(point))).ok_or_else(|| format!("no reading {name}"))
    };
    let (standard, aged) = (of("six sections")?, of("six sections, clocks keep their age")?);
    let mut text = head(1, &["reading of the actor net", "downtime per year", "times six sections"]);
    let mut actors = Actors { less: Vec::new(), more: Vec::new() };
    for point in outcome.points.iter().filter(|point| !point.design.contains("sections")) {
        let rival = if point.design.contains("age") { aged } else { standard };
        let down = value(downtime(point));
        let side = if down < rival { &mut actors.less } else { &mut actors.more };
        side.push(point.design.clone());
        text += &row(&[&point.design, &duration(down), &format!("{:.2}", down / rival)]);
    }
    let (less, count) = (actors.less.len(), actors.less.len() + actors.more.len());
    let ordered = format!(
        "The figures of the thesis's text leave its actor net open in some points. With the server's own restarts of 30 s to 300 s for \
         each actor, {less} of {count} readings have the actors down less than the standard server (six sections; where clocks \
         keep their age, six that do, too):"
    );
    Ok((text, ordered, actors))
}
