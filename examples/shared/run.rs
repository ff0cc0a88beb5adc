//! A scenario's file → its outcome, for the programs that print reports.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{self, Control, Overrides, Plan, Progress, Reading, Snapshot};
use fivenines::net::Library;
use fivenines::net::load::Loader;
use std::sync::atomic::AtomicBool;

/// Runs a scenario; of its designs only those that `wanted` takes.
pub fn outcome(
    files: &dyn Loader,
    file: &str,
    overrides: &Overrides,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Outcome, String> {
    let mut plan = plan(files, file, overrides)?;
    keep(&mut plan, &|_, design| wanted(design));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    run(&plan, threads).map_err(|fault| format!("{file}: {fault}"))
}

/// What a scenario's file asks for.
pub fn plan(files: &dyn Loader, file: &str, overrides: &Overrides) -> Result<Plan, String> {
    let (mut library, mut sources) = (Library::new(files), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(file, overrides, &mut reading);
    let told = || diagnostics.sorted().first().map_or(String::new(), |first| format!(": {}", first.message));
    plan.ok_or_else(|| format!("{file} has mistakes{}; see `fivenines check {file}`", told()))
}

/// Leaves out the points that aren't wanted, by index and design.
pub fn keep(plan: &mut Plan, wanted: &dyn Fn(usize, &str) -> bool) {
    let kept: Vec<bool> = plan.points.iter().enumerate().map(|(i, point)| wanted(i, &point.design)).collect();
    if kept.iter().all(|kept| *kept) {
        return;
    }
    let mut kept = kept.into_iter();
    plan.points.retain(|_| kept.next().unwrap_or(true));
    // What is expected of designs that are left out can't be judged.
    (plan.expectations, plan.published) = (Vec::new(), Vec::new());
}

/// Carries out a plan.
pub fn run(plan: &Plan, threads: usize) -> Result<Outcome, String> {
    let (interrupted, silent, forget) = (AtomicBool::new(false), |_: Progress| {}, |_: &Snapshot| {});
    let control = Control { threads, interrupted: &interrupted, progress: &silent, checkpoint: &forget, resume: None };
    experiment::run(plan, &control).map_err(|fault| fault.to_string())
}
