//! Random small nets with a few general clocks: the exact averages against the simulator's.
//!
//! Thresholds as for Markovian nets; what settles is compared.

use crate::exact::against_simulator::{agree, has_settled, markovian, simulated};
use crate::naive::builder::{c, lognormal, uniform};
use crate::random_nets::{Short, config, nets};
use fivenines::exact::{Limits, Process, Refusal, solve};
use fivenines::net::expr::{ArgumentExpr, LawExpr};
use fivenines::net::{Net, Servers, Timing};
use fivenines::program::compile;
use fivenines::syntax::ast::{MemoryPolicy, Renew};
use proptest::prelude::*;
use std::cell::Cell;

/// The law of this form with constant parameters.
fn law(name: &str, parameters: &[f64]) -> LawExpr {
    let form =
        fivenines::dist::forms().iter().find(|form| form.name == name && form.parameters.len() == parameters.len());
    let arguments = parameters.iter().map(|&value| ArgumentExpr::Scalar(c(value))).collect();
    LawExpr { form: form.expect("a law"), arguments }
}

/// Some clocks of a Markovian net become general ones, and in the net itself slow exponential ones, so that what
/// settles in the latter has settled in the former: a short time is likely for each of the laws.
fn general(net: &mut Net, choice: u32) -> Net {
    let laws = [
        uniform(0.0, 1.0),
        lognormal(-0.5, 0.5),
        law("Weibull", &[0.7, 0.8]),
        law("Gamma", &[1.5, 0.5]),
        law("Triangular", &[0.0, 0.0, 2.0]),
    ];
    let families = net.families.len() as u32;
    let mut general = net.clone();
    for (slow, t) in net.transitions.iter_mut().zip(&mut general.transitions) {
        let (Timing::Timed(slow), Timing::Timed(timed)) = (&mut slow.timing, &mut t.timing) else { continue };
        if t.family.0 == choice % families || t.family.0 == choice / 8 % families {
            timed.law = laws[(choice / 64 + t.family.0) as usize % laws.len()].clone().into();
            timed.renew = Renew::Tangible;
            if !choice.is_multiple_of(3) {
                (timed.servers, timed.memory, timed.speed) = (Servers::Count(1), MemoryPolicy::Enabling, None);
            }
            slow.speed = timed.speed.clone();
            slow.law = law("Exponential", &[3.0]).into();
        }
    }
    general
}

#[derive(Default)]
struct Seen {
    compared: Cell<u32>,
    semi_markov: Cell<u32>,
    regenerative: Cell<u32>,
}

fn compare(slow: &Net, net: &Net, seen: &Seen) -> Result<(), TestCaseError> {
    let program = compile(net).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let limits = Limits { states: 200, transitions: 20_000, vanishing: 1_000, ..Limits::default() };
    let Ok(solution) = solve(net, &program, &limits, &|_| false) else { return Ok(()) };
    prop_assert!(solution.residual < 1e-11 && solution.defect < 1e-11, "{:?}", solution);
    let counterpart = compile(slow).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let settled = has_settled(slow, &counterpart, &limits);
    if solution.process == Process::Markov || !matches!(settled, Ok(true)) {
        prop_assert!(!matches!(settled, Err(Refusal::Interrupted)));
        return Ok(());
    }
    let counter = match solution.process {
        Process::SemiMarkov => &seen.semi_markov,
        _ => &seen.regenerative,
    };
    let Some(simulated) = simulated(&program) else { return Ok(()) };
    let compared = agree(&solution, simulated)?;
    seen.compared.set(seen.compared.get() + compared);
    counter.set(counter.get() + u32::from(compared > 0));
    Ok(())
}

#[test]
fn random_nets_with_general_clocks_have_the_simulators_averages() {
    let seen = Seen::default();
    let mut runner = proptest::test_runner::TestRunner::new(config(600));
    let cases = (nets(), 0u32..4096).prop_map(|(net, choice)| {
        let mut slow = markovian(net);
        let general = general(&mut slow, choice);
        (Short(slow), Short(general))
    });
    let outcome = runner.run(&cases, |(slow, net)| compare(&slow.0, &net.0, &seen));
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let counts = [seen.compared, seen.semi_markov, seen.regenerative].map(Cell::into_inner);
    assert!(counts.iter().zip([40, 6, 8]).all(|(count, least)| *count >= least), "only {counts:?}");
}
