//! `fivenines run`: scenarios and nets → tables.

use super::args::{Deny, Format, Run};
use super::clock::Stopwatch;
use super::failure::Failure;
use super::plans::{self, Wanted};
use super::screen::Screen;
use super::{builtin, exit, files, interrupt};
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::{self, Control, Plan, Progress, RunFault, Snapshot};
use fivenines::report::Report;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Runs the command; the worst exit code of all files.
pub fn run(args: &Run, screen: &Screen) -> Result<u8, Failure> {
    let inputs = inputs(args, screen)?;
    let single = inputs.len() == 1;
    if !single && (args.format.csv || args.resume.is_some()) {
        return Err(Failure::input("--csv and --resume are for one file, since each file has results of its own"));
    }
    let runner = Runner { args, screen, interrupted: interrupt::watch() };
    let (mut text, mut code) = (String::new(), exit::FINE);
    for input in &inputs {
        match runner.file(input) {
            Ok(Some((part, its_code))) => {
                code = exit::worse(code, its_code);
                text = runner.deliver(text, part)?;
            }
            Ok(None) => {}
            Err(failure) if single => return Err(failure),
            Err(failure) => {
                code = exit::worse(code, failure.code);
                let reason = if failure.message.is_empty() { "see above" } else { &failure.message };
                files::say(&format!("FAILED  {}: {reason}", input.path.display()));
            }
        }
        if code == exit::INTERRUPTED {
            break;
        }
    }
    if let Some(output) = &args.output {
        files::write(output, &text)?;
    }
    Ok(code)
}

/// A file to run.
struct Input {
    path: PathBuf,
    /// From a folder: one line each, and what is no scenario is skipped.
    in_folder: bool,
}

fn inputs(args: &Run, screen: &Screen) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in &args.files {
        let mut found: Vec<PathBuf> = builtin::folder(path).into_iter().map(PathBuf::from).collect();
        if found.is_empty() && !path.is_dir() {
            inputs.push(Input { path: path.clone(), in_folder: false });
            continue;
        }
        if found.is_empty() {
            found = files::scenarios(path)?;
        }
        if found.is_empty() {
            screen.note(&format!("note: no .ron files in {}", path.display()));
        }
        inputs.extend(found.into_iter().map(|path| Input { path, in_folder: true }));
    }
    if inputs.is_empty() { Err(Failure::input("there is nothing to run")) } else { Ok(inputs) }
}

/// What all files of a command share.
struct Runner<'a> {
    args: &'a Run,
    screen: &'a Screen,
    interrupted: &'static AtomicBool,
}

impl Runner<'_> {
    /// Runs one file; nothing when it was skipped. What is to be printed, and its exit code.
    fn file(&self, input: &Input) -> Result<Option<(String, u8)>, Failure> {
        if input.in_folder && !plans::is_scenario(&input.path)? {
            self.screen.note(&format!("skipped {}: not a scenario", input.path.display()));
            return Ok(None);
        }
        let args = self.args;
        let wanted = Wanted {
            set: &args.set,
            seed: args.seed,
            precision: args.precision,
            confidence: args.confidence,
            method: args.method.map(Into::into),
            budget: args.budget,
            years: args.years,
            deny_warnings: args.deny == Some(Deny::Warnings),
        };
        let plan = plans::read(&input.path, &wanted, self.screen)?;
        let outcome = self.solve(&plan)?;
        let code = self.code(&outcome);
        let report = Report::new(outcome);
        let text = if input.in_folder { self.line(&plan.file, &report) } else { formatted(&report, args.format) };
        Ok(Some((text, code)))
    }

    fn line(&self, file: &str, report: &Report) -> String {
        match self.args.format {
            Format { json: false, markdown: false, .. } => report.line(file) + "\n",
            format => formatted(report, format),
        }
    }

    /// Prints at once, or collects what goes to a file.
    fn deliver(&self, mut text: String, part: String) -> Result<String, Failure> {
        if self.args.output.is_none() {
            files::print(&part)?;
        } else {
            text.push_str(&part);
        }
        Ok(text)
    }

    fn solve(&self, plan: &Plan) -> Result<Outcome, Failure> {
        let resume = match &self.args.resume {
            Some(path) => snapshot(path)?,
            None => None,
        };
        let bar = self.screen.progress();
        let unsaved = Mutex::new(None);
        let save = |snapshot: &Snapshot| {
            if let Err(failure) = self.save(snapshot)
                && let Ok(mut unsaved) = unsaved.lock()
            {
                *unsaved = Some(failure);
            }
        };
        let threads = self.args.threads.map_or_else(available, usize::from);
        let progress = |progress: Progress| bar.show(&progress);
        let control =
            Control { threads, interrupted: self.interrupted, progress: &progress, checkpoint: &save, resume };
        let stopwatch = Stopwatch::start();
        let outcome = experiment::run(plan, &control);
        bar.finish();
        let mut outcome = outcome.map_err(|fault| broken(&fault))?;
        outcome.spent.seconds = stopwatch.seconds();
        self.after(&outcome);
        match unsaved.into_inner() {
            Ok(Some(failure)) => Err(failure),
            _ => Ok(outcome),
        }
    }

    fn save(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let Some(path) = &self.args.resume else { return Ok(()) };
        let text = serde_json::to_string(snapshot)
            .map_err(|error| Failure::environment(format!("can't save the run: {error}")))?;
        files::write(path, &text)
    }

    /// Tells how to go on after an interruption; a finished run needs its snapshot no more.
    fn after(&self, outcome: &Outcome) {
        match (&self.args.resume, outcome.interrupted) {
            (Some(path), true) => {
                let note = "interrupted; the run is saved in";
                self.screen.note(&format!("{note} {}: the same command goes on from there", path.display()));
            }
            (None, true) => {
                self.screen.note("interrupted; with `--resume FILE` a run is saved and can be continued");
            }
            (Some(path), false) => {
                let _ = std::fs::remove_file(path);
            }
            (None, false) => {}
        }
    }

    fn code(&self, outcome: &Outcome) -> u8 {
        let missed = |ended: Ended| matches!(ended, Ended::Budget | Ended::Interrupted);
        let short = self.args.require_precision && outcome.points.iter().any(|point| missed(point.ended));
        if outcome.interrupted {
            exit::INTERRUPTED
        } else if short || outcome.verdicts.iter().any(|verdict| !verdict.holds) {
            exit::EXPECTATION_FAILED
        } else {
            exit::FINE
        }
    }
}

fn formatted(report: &Report, format: Format) -> String {
    match format {
        Format { json: true, .. } => report.json(),
        Format { csv: true, .. } => report.csv(),
        Format { markdown: true, .. } => report.markdown(),
        Format { .. } => report.text(),
    }
}

/// The threads that this machine runs at once.
fn available() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Where an earlier run stopped; none when there is no such file yet.
fn snapshot(path: &Path) -> Result<Option<Snapshot>, Failure> {
    let Some(text) = files::read_if_there(path)? else { return Ok(None) };
    let parsed = serde_json::from_str(&text);
    parsed.map(Some).map_err(|error| Failure::input(format!("{} is no snapshot of a run: {error}", path.display())))
}

fn broken(fault: &RunFault) -> Failure {
    match fault {
        RunFault::Path(path) => {
            let values: String = path.at.iter().map(|(name, value)| format!(", {name} = {value}")).collect();
            let place = format!("design {}{values}", path.design);
            // The end is what matters; a path may be long.
            Failure::run(format!("{place}: {}\n  to see it again: {} --last 20", path.fault, path.replay))
        }
        RunFault::Exact { refusal, .. } if refusal.is_fault_of_the_net() => Failure::run(fault.to_string()),
        RunFault::TooLarge { .. } | RunFault::Exact { .. } | RunFault::Resume(_) => Failure::input(fault.to_string()),
        RunFault::Threads(_) => Failure::environment(fault.to_string()),
    }
}
