//! The exact engine: its solvers against closed forms and each other, its state spaces against the rules, and all of
//! it against the simulator.

pub mod against_simulator;
mod chains;
mod lumping;
mod nets;
mod qvbs;
mod refusals;
pub mod scenarios;
mod symmetry;
mod transient;

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::exact::{Limits, Refusal, Solution, solve};
use fivenines::net::load::Memory;
use fivenines::net::{Net, flatten};
use fivenines::program::compile;

/// The flat net of what stands inside of `Net(…)`.
pub fn net(inside: &str) -> Net {
    let memory = Memory::new().with("net.ron", format!("Net({inside})"));
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let net = flatten(&memory, &mut sources, "net.ron", &[], &fivenines::net::Limits::default(), &mut found);
    let told: Vec<String> = found.sorted().iter().map(|d| plain(d, &sources)).collect();
    net.unwrap_or_else(|| panic!("{}", told.join("\n")))
}

/// Its exact solution.
pub fn solved(inside: &str) -> Result<Solution, Refusal> {
    let net = net(inside);
    let program = compile(&net).unwrap_or_else(|error| panic!("{error}"));
    solve(&net, &program, &Limits::default(), &|_| false)
}

/// The value of the measure `name` of a net that can be solved.
pub fn measure(inside: &str, name: &str) -> f64 {
    let net = net(inside);
    let program = compile(&net).unwrap_or_else(|error| panic!("{error}"));
    let solution = solve(&net, &program, &Limits::default(), &|_| false).unwrap_or_else(|error| panic!("{error}"));
    let measure = program.measures.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("no measure {name}"));
    solution.measure(&measure.formula)
}

/// Equal but for a relative error of 10⁻¹².
#[track_caller]
pub fn close(found: f64, exact: f64) {
    assert!((found - exact).abs() <= 1e-12 * exact.abs(), "{found:e} instead of {exact:e}");
}
