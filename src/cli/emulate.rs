//! `fivenines emulate`: a fault plan → figures, and the samples of its failovers and recoveries.

use super::args::{Emulate, Format};
use super::failure::Failure;
use super::screen::Screen;
use super::{exit, files, interrupt};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::emulator::findings::{Findings, carry_out};
use fivenines::emulator::outcome::{Control, MOST_KEPT};
use fivenines::emulator::plan::Study;
use fivenines::emulator::{read, report};
use fivenines::net::load::Loader;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn emulate(args: &Emulate, screen: &Screen) -> Result<u8, Failure> {
    let mut study = study(&args.file, screen)?;
    for case in &mut study.cases {
        case.plan.seed = args.seed.unwrap_or(case.plan.seed);
        case.plan.runs = args.runs.unwrap_or(case.plan.runs);
    }
    targets(args)?;
    let findings = run(args, &study, screen)?;
    if let Some(path) = &args.samples {
        if findings.cases.values().any(|outcome| outcome.samples.len() >= MOST_KEPT) {
            screen.note(&format!("the sample of a case is its first {MOST_KEPT} takeovers"));
        }
        files::write(path, &report::samples(&findings))?;
    }
    if let Some(path) = &args.recoveries {
        if findings.cases.values().any(|outcome| outcome.recoveries.len() >= MOST_KEPT) {
            screen.note(&format!("the sample of a case is its first {MOST_KEPT} failures"));
        }
        files::write(path, &report::recoveries(&findings))?;
    }
    let text = match args.format {
        Format { json: true, .. } => report::json(&findings),
        Format { csv: true, .. } => report::csv(&findings),
        Format { markdown: true, .. } => report::markdown(&findings),
        _ => report::text(&findings),
    };
    match &args.output {
        Some(path) => files::write(path, &text)?,
        None => files::print(&text)?,
    }
    Ok(code(&findings))
}

fn code(findings: &Findings) -> u8 {
    match findings.holds() {
        _ if findings.interrupted() => exit::INTERRUPTED,
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

/// The plans of a file; what is wrong with them is shown.
fn study(path: &Path, screen: &Screen) -> Result<Study, Failure> {
    let name = files::name(path)?;
    let bytes = files::Disk::default().load(&name);
    let bytes = bytes.map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    let (study, diagnostics, sources) = read(&name, &bytes);
    screen.diagnostics(&diagnostics.sorted(), &sources, false);
    screen.dropped(diagnostics.dropped());
    study.ok_or_else(Failure::shown)
}

/// The plans of a text, and all that is wrong with them.
pub fn read(name: &str, bytes: &[u8]) -> (Option<Study>, Diagnostics, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add_bytes(name, bytes);
    let study = read::read(source, bytes, &mut diagnostics);
    (study, diagnostics, sources)
}

fn run(args: &Emulate, study: &Study, screen: &Screen) -> Result<Findings, Failure> {
    let bar = screen.runs(study.runs());
    let progress = |done: u64| bar.set_position(done);
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or_else(cores, usize::from);
    let control = Control { threads, interrupted: interrupt::watch(), progress: &progress };
    let findings = carry_out(study, &control);
    bar.finish_and_clear();
    findings.map_err(|error| Failure::environment(error.to_string()))
}
