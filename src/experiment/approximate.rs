//! Points whose clocks are replaced by phases, on request: called that, with how near the phases are to the laws and by
//! how much the figures change from half as many.

use super::approach::Approach;
use super::exactly;
use super::figures::{self, described};
use super::settings::Settings;
use crate::exact::{self, Approximation, Refusal, Solution, Stop};
use crate::net::Net;
use crate::program::Program;
use crate::syntax::ast::Method;

/// Transitions that are named.
const NAMED: usize = 6;

/// Solves a net, exactly where that can be done, else with phases; how, and what came of it.
pub(super) fn solve(
    net: &Net,
    program: &Program,
    settings: &Settings,
    stop: Stop,
) -> Result<(Approach, Solution), Refusal> {
    let limits = exactly::limits(settings);
    let exact =
        exact::solve(net, program, &limits, stop).and_then(|solution| exactly::settled(solution, settings.ties));
    let obstacle = match exact {
        Ok(solution) => return Ok((figures::approach(&solution, "no approximation is needed"), solution)),
        Err(Refusal::NotMarkovian { transition, .. }) => transition,
        Err(refusal) => return Err(refusal),
    };
    let order = settings.phases;
    let with = |order: u32| exact::approximate(net, program, order, &limits, stop);
    let (solution, laws) = with(order)?;
    let change = match order / 2 {
        0 => String::new(),
        half => {
            let change = change(program, &with(half)?.0, &solution);
            format!("; from order {half} to {order} no figure changes by more than {:.2} %", 100.0 * change)
        }
    };
    let because = format!(
        "approximated by phase types of order {order}, since {obstacle} stands in the way of an exact solution: {}{change}; \
         {}",
        named(&laws),
        described(&solution)
    );
    let approach = Approach { method: Method::PhaseTypes, because, ..figures::approach(&solution, "") };
    Ok((approach, solution))
}

/// The greatest relative change of an unavailability, a rate of failures or a measure.
fn change(program: &Program, before: &Solution, after: &Solution) -> f64 {
    let values = |of: &Solution| {
        let ups = (0..program.up.len()).flat_map(|up| [Program::down(up), Program::failures(up)]);
        let mut all: Vec<f64> = ups.map(|sum| of.sums[sum]).collect();
        all.extend(program.measures.iter().map(|measure| of.measure(&measure.formula)));
        all
    };
    let both = values(before).into_iter().zip(values(after));
    both.filter(|(_, after)| *after != 0.0).map(|(before, after)| (before / after - 1.0).abs()).fold(0.0, f64::max)
}

/// The transitions with the distance of their phases.
fn named(laws: &[Approximation]) -> String {
    let inexact: Vec<&Approximation> = laws.iter().filter(|law| law.fit.distance > 0.0).collect();
    let one = |law: &&Approximation| {
        let variance = match law.fit.variance {
            Some(error) => format!("variance {:+.1} %", 100.0 * error),
            None => "variance 0 or infinite".to_string(),
        };
        format!("{} (distribution functions at most {:.2e} apart, {variance})", law.transition, law.fit.distance)
    };
    let mut list: Vec<String> = inexact.iter().take(NAMED).map(one).collect();
    if inexact.len() > NAMED {
        list.push(format!("and {} more", inexact.len() - NAMED));
    }
    list.join(", ")
}
