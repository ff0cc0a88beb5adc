//! `fivenines emulate`: a fault plan → figures, and the samples of its failovers and recoveries.

use super::args::Emulate;
use super::failure::Failure;
use super::screen::Screen;
use super::{exit, files, interrupt};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::emulator::outcome::{self, Control, MOST_KEPT, Outcome};
use fivenines::emulator::plan::Plan;
use fivenines::emulator::{read, report};
use fivenines::net::load::Loader;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn emulate(args: &Emulate, screen: &Screen) -> Result<u8, Failure> {
    let mut plan = plan(&args.file, screen)?;
    plan.seed = args.seed.unwrap_or(plan.seed);
    plan.runs = args.runs.unwrap_or(plan.runs);
    targets(args)?;
    let outcome = run(args, &plan, screen)?;
    if let Some(path) = &args.samples {
        if outcome.samples.len() >= MOST_KEPT {
            screen.note(&format!("the sample is the first {MOST_KEPT} takeovers"));
        }
        files::write(path, &report::samples(&outcome))?;
    }
    if let Some(path) = &args.recoveries {
        if outcome.recoveries.len() >= MOST_KEPT {
            screen.note(&format!("the sample is the first {MOST_KEPT} failures"));
        }
        files::write(path, &report::recoveries(&outcome))?;
    }
    let text = match (args.json, args.csv) {
        (true, _) => report::json(&outcome),
        (_, true) => report::csv(&outcome),
        _ => report::text(&outcome),
    };
    match &args.output {
        Some(path) => files::write(path, &text)?,
        None => files::print(&text)?,
    }
    Ok(code(&outcome))
}

fn code(outcome: &Outcome) -> u8 {
    match outcome.holds() {
        _ if outcome.interrupted => exit::INTERRUPTED,
        true => exit::FINE,
        false => exit::EXPECTATION_FAILED,
    }
}

/// Tries what is to be written in the end before the time is spent.
fn targets(args: &Emulate) -> Result<(), Failure> {
    let targets: Vec<&PathBuf> = args.output.iter().chain(&args.samples).chain(&args.recoveries).collect();
    for (index, target) in targets.iter().enumerate() {
        if files::same(&args.file, target) {
            return Err(Failure::input(format!("{} is to be run, and can't be written", target.display())));
        }
        files::writable(target)?;
        if targets[..index].iter().any(|other| other == target || files::same(other, target)) {
            return Err(Failure::input(format!("{} is named for two things", target.display())));
        }
    }
    Ok(())
}

/// The plan of a file; what is wrong with it is shown.
fn plan(path: &Path, screen: &Screen) -> Result<Plan, Failure> {
    let name = files::name(path)?;
    let bytes = files::Disk::default().load(&name);
    let bytes = bytes.map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    let (plan, diagnostics, sources) = read(&name, &bytes);
    screen.diagnostics(&diagnostics.sorted(), &sources, false);
    screen.dropped(diagnostics.dropped());
    plan.ok_or_else(Failure::shown)
}

/// The plan of a text, and all that is wrong with it.
pub fn read(name: &str, bytes: &[u8]) -> (Option<Plan>, Diagnostics, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add_bytes(name, bytes);
    let plan = read::read(source, bytes, &mut diagnostics);
    (plan, diagnostics, sources)
}

fn run(args: &Emulate, plan: &Plan, screen: &Screen) -> Result<Outcome, Failure> {
    let bar = screen.runs(plan.runs);
    let progress = |done: u64| bar.set_position(done);
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or_else(cores, usize::from);
    let control = Control { threads, interrupted: interrupt::watch(), progress: &progress };
    let outcome = outcome::emulate(plan, &control);
    bar.finish_and_clear();
    outcome.map_err(|error| Failure::environment(error.to_string()))
}
