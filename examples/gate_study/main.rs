//! Prints `reports/gate.md`: how often the gate is red, undecided and green for edits that change nothing, for
//! regressions exactly at the margin, and for greater ones.
//!
//! `cargo run --release --example gate_study > reports/gate.md`, from the repository's root. `-- 100` makes fewer runs.

mod cases;
#[path = "../shared/ending.rs"]
mod ending;
#[path = "../shared/seeds.rs"]
mod seeds;

use cases::{BUDGET, Case, MARGIN, cases};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::gate::{Asked, Baseline, Record, Ruling, judge};
use fivenines::experiment::{self, Control, Overrides, Plan, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::stats::quantile::binomial_cdf;
use seeds::each;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

/// Runs of each case, unless another number is given.
const RUNS: u64 = 1_000;

/// The first seed; nothing was blessed with it or one of the next.
const SEED: u64 = 1_000_001;

/// Chance of an error that the gate promises to keep, and of a share above what is printed although it does.
const CHANCE: f64 = 0.05;
const SIGN: f64 = 0.02;

fn main() -> ExitCode {
    let runs = std::env::args().nth(1).map_or(Ok(RUNS), |given| given.parse());
    let Ok(runs) = runs else {
        eprintln!("the number of runs is no number");
        return ExitCode::FAILURE;
    };
    ending::code(report(runs).map(|()| true))
}

fn report(runs: u64) -> Result<(), String> {
    let chance = (0..runs).find(|&seen| binomial_cdf(seen, runs, CHANCE) >= 1.0 - SIGN).unwrap_or(runs);
    let share = format!("{:.1}", 100.0 * chance as f64 / runs.max(1) as f64);
    let head = cases::HEAD.replace("{runs}", &runs.to_string()).replace("{budget}", &BUDGET.to_string());
    print!("{}", head.replace("{chance}", &chance.to_string()).replace("{share}", &share));
    for case in cases() {
        print!("{}", row(&case, runs)?);
    }
    print!("{}", cases::TAIL);
    Ok(())
}

/// The line of a case.
fn row(case: &Case, runs: u64) -> Result<String, String> {
    let (before, after) = (plan(&case.before)?, plan(&case.after)?);
    let files = [(FILE.to_string(), case.before.clone().into_bytes())];
    let nowhere = Memory::new();
    let record =
        Record::new(&before, &experiment::run(&before, &control()).map_err(|e| e.to_string())?, &files, &nowhere)?;
    let baseline = Baseline::new("study", record, None);
    let one = |number: u64| -> Result<(Ruling, u64), String> {
        let opened = baseline.open("the baseline", &nowhere)?;
        let asked = Asked { seed: Some(SEED + number), margin: Some(MARGIN) };
        let outcome = judge(&after, Some(&opened), asked, &control()).map_err(|error| error.to_string())?;
        let ruling = outcome.gate.as_ref().map_or(Ruling::Interrupted, |gate| gate.ruling());
        Ok((ruling, outcome.spent.firings))
    };
    let all: Vec<(Ruling, u64)> = each(runs, one).into_iter().collect::<Result<_, _>>()?;
    let share = |wanted: &[Ruling]| {
        let seen = all.iter().filter(|(ruling, _)| wanted.contains(ruling)).count();
        format!("{:.1} %", 100.0 * seen as f64 / runs as f64)
    };
    let firings = all.iter().map(|(_, firings)| *firings as f64).sum::<f64>() / runs as f64;
    Ok(format!(
        "| {} | {:.4} | {} | {} | {} | {:.2} M |\n",
        case.what,
        case.ratio,
        share(&[Ruling::Regression, Ruling::Missing]),
        share(&[Ruling::Undecided]),
        share(&[Ruling::Fine, Ruling::Unchanged]),
        firings / 1e6
    ))
}

/// The only file of a case.
const FILE: &str = "net.ron";

fn plan(net: &str) -> Result<Plan, String> {
    let files = Memory::new().with(FILE, net);
    let (mut library, mut sources) = (Library::new(&files), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    // The exact engine would decide all of this without chance.
    let method = Some(fivenines::syntax::ast::Method::Regenerative);
    let overrides = Overrides { budget: Some(BUDGET), method, ..Overrides::default() };
    experiment::plan(FILE, &overrides, &mut reading).ok_or_else(|| format!("{:?}", diagnostics.sorted()))
}

fn control() -> Control<'static> {
    static NEVER: AtomicBool = AtomicBool::new(false);
    Control { threads: 1, interrupted: &NEVER, progress: &|_| (), checkpoint: &|_| (), resume: None }
}
