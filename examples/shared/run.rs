//! A scenario's file → its outcome, for the programs that print reports.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{self, Control, Overrides, Progress, Reading, Snapshot};
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
    let (mut library, mut sources) = (Library::new(files), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(file, overrides, &mut reading);
    let mut plan = plan.ok_or_else(|| format!("{file} has mistakes: see `fivenines check {file}`"))?;
    if !plan.points.iter().all(|point| wanted(&point.design)) {
        plan.points.retain(|point| wanted(&point.design));
        // What is expected of designs that are left out can't be judged.
        (plan.expectations, plan.published) = (Vec::new(), Vec::new());
    }
    let (interrupted, silent, forget) = (AtomicBool::new(false), |_: Progress| {}, |_: &Snapshot| {});
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let control = Control { threads, interrupted: &interrupted, progress: &silent, checkpoint: &forget, resume: None };
    experiment::run(&plan, &control).map_err(|fault| format!("{file}: {fault}"))
}
