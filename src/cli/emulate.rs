//! `fivenines emulate`: a fault plan → figures, and the samples of its failovers and recoveries.

use super::args::{Emulate, Format};
use super::failure::Failure;
use super::screen::Screen;
use super::{exit, files, interrupt};
use fivenines::diag::{Diagnostics, SourceId, Sources};
use fivenines::emulator::findings::{Findings, carry_out};
use fivenines::emulator::outcome::{Control, MOST_KEPT};
use fivenines::emulator::plan::Study;
use fivenines::emulator::{live, read, report};
use fivenines::net::load::Loader;
use std::path::PathBuf;

/// Runs the command.
pub fn emulate(args: &Emulate, screen: &Screen) -> Result<u8, Failure> {
    let (study, text) = study(args, screen)?;
    targets(args)?;
    let findings = run(args, (&study, &text), screen)?;
    let late = findings.late();
    let refused = !late.is_empty() && (args.samples.is_some() || args.recoveries.is_some());
    if !refused {
        samples(args, &findings, screen)?;
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
    if refused && !findings.interrupted() {
        let of = if findings.alone().is_some() { String::new() } else { format!(" ({})", late.join(", ")) };
        let message = format!("deadlines were too late to calibrate from{of}: no sample is written");
        return Err(Failure::environment(message));
    }
    Ok(code(&findings))
}

/// A process of a live run: what it is told stands on standard input, what it tells goes to standard output.
pub fn node() -> Result<(), Failure> {
    let input = std::io::BufReader::new(std::io::stdin());
    live::serve(input, Box::new(std::io::stdout())).map_err(Failure::run)
}

/// Writes the samples that are asked for.
fn samples(args: &Emulate, findings: &Findings, screen: &Screen) -> Result<(), Failure> {
    if let Some(path) = &args.samples {
        if findings.cases.values().any(|outcome| outcome.samples.len() >= MOST_KEPT) {
            screen.note(&format!("the sample of a case is its first {MOST_KEPT} takeovers"));
        }
        files::write(path, &report::samples(findings))?;
    }
    if let Some(path) = &args.recoveries {
        if findings.cases.values().any(|outcome| outcome.recoveries.len() >= MOST_KEPT) {
            screen.note(&format!("the sample of a case is its first {MOST_KEPT} failures"));
        }
        files::write(path, &report::recoveries(findings))?;
    }
    Ok(())
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

/// The plans of a file with what the options say, and its text; what is wrong with them is shown.
fn study(args: &Emulate, screen: &Screen) -> Result<(Study, String), Failure> {
    let name = files::name(&args.file)?;
    let bytes = files::Disk::default().load(&name);
    let bytes = bytes.map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    let (mut study, mut diagnostics, sources) = read(&name, &bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if let Some(study) = &mut study {
        for case in &mut study.cases {
            case.plan.seed = args.seed.unwrap_or(case.plan.seed);
            case.plan.runs = args.runs.unwrap_or(case.plan.runs);
        }
        if args.live {
            live::fits(study, (FIRST, &text), &mut diagnostics);
        }
    }
    screen.diagnostics(&diagnostics.sorted(), &sources, false);
    screen.dropped(diagnostics.dropped());
    let study = study.filter(|_| !diagnostics.has_errors()).ok_or_else(Failure::shown)?;
    Ok((study, text))
}

/// The only source of [`read`].
const FIRST: SourceId = SourceId(0);

/// The plans of a text, and all that is wrong with them.
pub fn read(name: &str, bytes: &[u8]) -> (Option<Study>, Diagnostics, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add_bytes(name, bytes);
    let study = read::read(source, bytes, &mut diagnostics);
    (study, diagnostics, sources)
}

fn run(args: &Emulate, (study, text): (&Study, &str), screen: &Screen) -> Result<Findings, Failure> {
    let bar = screen.runs(study.runs());
    let progress = |done: u64| bar.set_position(done);
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or_else(cores, usize::from);
    let control = Control { threads, interrupted: interrupt::watch(), progress: &progress };
    let findings = match args.live {
        true => program().and_then(|program| live::carry_out(&live::Job::new(program, text), study, &control)),
        false => carry_out(study, &control).map_err(|error| error.to_string()),
    };
    bar.finish_and_clear();
    findings.map_err(Failure::environment)
}

/// This program as a process of a live run.
fn program() -> Result<live::Program, String> {
    let path = std::env::current_exe().map_err(|error| format!("this program can't be found: {error}"))?;
    Ok(live::Program { path, arguments: vec!["emulate-node".into()] })
}
