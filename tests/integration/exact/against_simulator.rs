//! Random small Markovian nets with every feature of the semantics: the exact averages against the simulator's.
//!
//! The simulated value is a mean over independent paths, so its distance from the exact one, in standard errors, is
//! a t variable. The threshold is set for a false alarm of 10⁻⁷ for each of the few hundred comparisons, and raised by
//! half for the skewness of short paths; what differs systematically differs by far more.

use crate::random_nets::{Short, config, nets};
use fivenines::engine::{Options, Path};
use fivenines::exact::{Limits, Refusal, Solution, explore, solve, stationary};
use fivenines::net::expr::{ArgumentExpr, Expr, LawExpr};
use fivenines::net::{Capacity, Net, Timing};
use fivenines::program::{Program, compile};
use fivenines::syntax::ast::{MemoryPolicy, Overrun, Scope};
use proptest::prelude::*;
use std::cell::Cell;

const PATHS: u64 = 400;

/// Observed on each path, seconds, after as much that isn't.
const LENGTH: f64 = 60.0;

/// Standard errors: 5.3 for 10⁻⁷ on both sides of a normal law, and half as many again.
const THRESHOLD: f64 = 8.0;

/// Fewer distinct values than that say too little about the error of a mean.
const LEAST_SEEN: usize = 40;

/// Every place bounded, every delay exponential with a mean that is moderate, every memory without a past.
pub fn markovian(mut net: Net) -> Net {
    for place in &mut net.places {
        let room = Capacity { limit: place.initial + 2, overrun: Overrun::Block };
        place.capacity = place.capacity.filter(|capacity| capacity.overrun == Overrun::Block).or(Some(room));
    }
    for (i, t) in net.transitions.iter_mut().enumerate() {
        let Timing::Timed(timed) = &mut t.timing else { continue };
        if timed.law.form.name != "Exponential" {
            timed.law = mean(0.4 + 0.3 * (i % 4) as f64).into();
        }
        if timed.memory == MemoryPolicy::Identical {
            timed.memory = MemoryPolicy::Age;
        }
        timed.scope = Scope::Binding;
    }
    net
}

pub fn mean(value: f64) -> LawExpr {
    let form =
        fivenines::dist::forms().iter().find(|form| form.name == "Exponential" && form.parameters[0].0 == "mean");
    LawExpr { form: form.expect("the exponential law"), arguments: vec![ArgumentExpr::Scalar(Expr::Constant(value))] }
}

/// Whether the law of the state has come near to its long run by the time that observation begins (Euler's method,
/// each step at most half of what the quickest state allows). Slow approaches to a dead end aren't what is tested.
pub fn has_settled(net: &Net, program: &Program, limits: &Limits) -> Result<bool, Refusal> {
    let space = explore(net, program, limits, &|_| false)?;
    let long_run = stationary(&space.chain, &space.initial, None, &|_| false)?;
    let states = space.chain.states();
    let quickest = (0..states).map(|state| space.chain.exit(state)).fold(1.0, f64::max);
    let steps = (2.0 * quickest * LENGTH).ceil();
    let step = LENGTH / steps;
    let mut law = vec![0.0; states];
    space.initial.iter().for_each(|&(state, p)| law[state as usize] = p);
    for _ in 0..steps as u64 {
        let mut next = law.clone();
        for (state, p) in law.iter().enumerate() {
            for (to, rate) in space.chain.row(state) {
                next[to] += step * rate * p;
                next[state] -= step * rate * p;
            }
        }
        law = next;
    }
    Ok(law.iter().zip(&long_run.probabilities).map(|(x, y)| (x - y).abs()).sum::<f64>() < 1e-6)
}

/// Means and standard errors of all sums per second; none where paths end in faults.
pub fn simulated(program: &Program) -> Option<Vec<(f64, f64, usize)>> {
    let mut path = Path::new(program, Options::default());
    let mut seen: Vec<Vec<f64>> = vec![Vec::new(); program.sums];
    let mut sums = vec![0.0; program.sums];
    for replication in 0..PATHS {
        path.begin(11, replication).ok()?;
        path.run_until(LENGTH, &mut ()).ok()?;
        path.take_sums(&mut sums);
        sums.fill(0.0);
        path.run_until(2.0 * LENGTH, &mut ()).ok()?;
        path.take_sums(&mut sums);
        seen.iter_mut().zip(&sums).for_each(|(list, &sum)| list.push(sum / LENGTH));
    }
    let n = PATHS as f64;
    let describe = |list: &mut Vec<f64>| {
        let mean = list.iter().sum::<f64>() / n;
        let variance = list.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0) / n;
        list.sort_by(f64::total_cmp);
        list.dedup();
        (mean, variance.sqrt(), list.len())
    };
    Some(seen.iter_mut().map(describe).collect())
}

/// Holds the exact averages to the simulated ones; how many could be compared.
pub fn agree(solution: &Solution, simulated: Vec<(f64, f64, usize)>) -> Result<u32, TestCaseError> {
    let mut compared = 0;
    for (sum, (&exact, (mean, error, distinct))) in solution.sums.iter().zip(simulated).enumerate() {
        let rounding = 1e-9 * exact.abs().max(1.0);
        // Where almost all paths agree, their spread tells little: a rare event was missed, or one end of several.
        if error > 0.0 && distinct < LEAST_SEEN || (mean - exact).abs() <= rounding {
            continue;
        }
        let scarce = 30.0 / (PATHS as f64 * LENGTH);
        let off = (mean - exact).abs() / (error + scarce / THRESHOLD);
        let process = solution.process;
        prop_assert!(off < THRESHOLD, "{:?}, sum {}: exact {}, simulated {} ± {}", process, sum, exact, mean, error);
        compared += 1;
    }
    Ok(compared)
}

fn compare(net: &Net, compared: &Cell<u32>) -> Result<(), TestCaseError> {
    let program = compile(net).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let limits = Limits { states: 300, transitions: 6_000, vanishing: 1_000, ..Limits::default() };
    let solution: Solution = match solve(net, &program, &limits, &|_| false) {
        Ok(solution) => solution,
        Err(Refusal::TooManyStates { .. } | Refusal::TooManyTransitions { .. } | Refusal::TooManyVanishing { .. }) => {
            return Ok(());
        }
        Err(refusal) => {
            prop_assert!(refusal.is_fault_of_the_net(), "{}", refusal);
            return Ok(());
        }
    };
    prop_assert!(solution.residual < 1e-11, "residual {:e}", solution.residual);
    if !has_settled(net, &program, &limits).map_err(|refusal| TestCaseError::fail(refusal.to_string()))? {
        return Ok(());
    }
    // A net without reachable faults runs without any.
    let simulated = simulated(&program).ok_or_else(|| TestCaseError::fail("the simulator finds a fault"))?;
    compared.set(compared.get() + agree(&solution, simulated)?);
    Ok(())
}

#[test]
fn random_markovian_nets_have_the_simulators_averages() {
    let compared = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(config(400));
    let outcome = runner.run(&nets().prop_map(|net| Short(markovian(net))), |net| compare(&net.0, &compared));
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(compared.get() > 150, "only {} comparisons", compared.get());
}
