//! `fivenines run`: scenarios and nets → tables.

use super::args::{Deny, Format, Run};
use super::clock::Stopwatch;
use super::failure::Failure;
use super::gate::{self, Blessing};
use super::junit::{self, Suite};
use super::plans::{self, Wanted};
use super::screen::Screen;
use super::{builtin, exit, figures, files, interrupt};
use fivenines::experiment::gate::Ruling;
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::{Control, Progress, RunFault, Snapshot};
use fivenines::report::Report;
use serde::Serialize;
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
    targets(args, &inputs)?;
    let alone = single && !inputs[0].in_folder;
    let runner = Runner { args, screen, alone, interrupted: interrupt::watch() };
    let mut all = Results::default();
    for input in &inputs {
        let name = input.path.display().to_string();
        match runner.file(input) {
            Ok(Some(done)) => all.add(&runner, name, done)?,
            Ok(None) => {}
            Err(failure) => all.failed(name, &failure, single),
        }
        if all.code == exit::INTERRUPTED {
            break;
        }
    }
    all.write(args)
}

/// What came of one file.
struct Done {
    text: String,
    code: u8,
    report: Report,
}

/// What came of all files, and is written in the end.
#[derive(Default)]
struct Results {
    text: String,
    summary: String,
    suites: Vec<Suite>,
    code: u8,
}

impl Results {
    /// Prints at once, or collects what goes to files.
    fn add(&mut self, runner: &Runner, file: String, done: Done) -> Result<(), Failure> {
        self.code = exit::worse(self.code, done.code);
        match runner.args.output {
            None => files::print(&done.text)?,
            Some(_) => self.text += &done.text,
        }
        if let Some(folder) = &runner.args.figures
            && let Err(failure) =
                figures::write(folder, &figures::prefix(Path::new(&file)), &done.report.figures(), runner.screen)
        {
            files::say(&format!("error: {}", failure.message));
            self.code = exit::worse(self.code, failure.code);
        }
        self.summary += &done.report.summary();
        self.suites.push((file, Ok(done.report.cases())));
        Ok(())
    }

    fn failed(&mut self, file: String, failure: &Failure, single: bool) {
        self.code = exit::worse(self.code, failure.code);
        let reason = if failure.message.is_empty() { "see above" } else { &failure.message };
        if !single {
            files::say(&format!("FAILED  {file}: {reason}"));
        } else if !failure.message.is_empty() {
            files::say(&format!("error: {}", failure.message));
        }
        let line = reason.lines().next().unwrap_or_default();
        self.summary +=
            &format!("- FAILED: {}: {}\n", file.replace(['`', '<', '|'], " "), line.replace(['`', '<', '|'], " "));
        self.suites.push((file, Err(reason.to_owned())));
    }

    /// Writes the files that were asked for; the exit code.
    fn write(mut self, args: &Run) -> Result<u8, Failure> {
        let junit = args.junit.as_ref().map(|path| Ok((path, junit::xml(&self.suites)?))).transpose()?;
        let summary = args.summary.as_ref().map(|path| (path, self.summary.clone()));
        for (path, text) in junit.into_iter().chain(summary) {
            if let Err(failure) = files::write(path, &text) {
                files::say(&format!("error: {}", failure.message));
                self.code = exit::worse(self.code, failure.code);
            }
        }
        if let Some(output) = args.output.as_ref().filter(|_| self.suites.len() > 1 || !self.text.is_empty())
            && let Err(failure) = files::write(output, &self.text)
        {
            files::say(&format!("error: {}; this is the result:", failure.message));
            files::print(&self.text)?;
            self.code = exit::worse(self.code, failure.code);
        }
        Ok(self.code)
    }
}

/// Tries what is to be written in the end before hours are spent.
fn targets(args: &Run, inputs: &[Input]) -> Result<(), Failure> {
    let named = [
        ("--output", &args.output),
        ("--resume", &args.resume),
        ("--bless", &args.bless),
        ("--junit", &args.junit),
        ("--summary", &args.summary),
    ];
    let named: Vec<(&str, &PathBuf)> = named.iter().filter_map(|(name, path)| Some((*name, path.as_ref()?))).collect();
    for (i, (name, target)) in named.iter().enumerate() {
        if inputs.iter().any(|input| files::same(&input.path, target)) {
            return Err(Failure::input(format!("{} is to be run, and can't be written", target.display())));
        }
        if let Some((other, _)) = named[..i].iter().find(|(_, path)| path == target || files::same(path, target)) {
            return Err(Failure::input(format!("{other} and {name} name the same file")));
        }
        if *name != "--bless" {
            files::writable(target)?;
        }
    }
    args.figures.as_ref().map_or(Ok(()), |folder| folder_of_figures(folder, inputs))
}

/// Figures are told apart by the names of their scenarios.
fn folder_of_figures(folder: &Path, inputs: &[Input]) -> Result<(), Failure> {
    let prefixes: Vec<String> = inputs.iter().map(|input| figures::prefix(&input.path)).collect();
    if let Some(twice) = (1..prefixes.len()).find(|i| prefixes[..*i].contains(&prefixes[*i])) {
        let name = &prefixes[twice];
        return Err(Failure::input(format!("--figures: the figures of two files would both be called {name}-…")));
    }
    files::make_folder(folder)
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
        found.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
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
    /// One file and no folder.
    alone: bool,
    interrupted: &'static AtomicBool,
}

impl Runner<'_> {
    /// Runs one file; nothing when it was skipped. What is to be printed, and its exit code.
    fn file(&self, input: &Input) -> Result<Option<Done>, Failure> {
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
            memory: args.memory,
            phases: args.phases,
            years: args.years,
            causes: args.causes,
            cross_check: args.cross_check,
            refine: args.refine,
            sensitivity: args.sensitivity.as_deref(),
            targets: &args.targets,
            uncertainty: args.parameter_uncertainty,
            deny_warnings: args.deny == Some(Deny::Warnings),
        };
        let (plan, read) = plans::read(&input.path, &wanted, self.screen)?;
        // Of a folder some may have one.
        let is_swept = plan.points.iter().any(|point| !point.at.is_empty());
        let idle = args.refine.is_some() && !input.in_folder && !is_swept && plan.studies.targets.is_empty();
        if idle {
            return Err(Failure::input("--refine narrows the crossings of a sweep, or a target: there is neither"));
        }
        let blessing = Blessing::prepare(args, &input.path)?;
        let (outcome, unsaved) = self.resumable(|control| gate::run(args, &plan, control, self.screen))?;
        let mut code = self.code(&outcome);
        if let Some(blessing) = blessing {
            match blessing.bless(&plan, &outcome, &read, code) {
                Ok(told) => self.screen.note(&told),
                Err(failure) => {
                    files::say(&format!("error: {}", failure.message));
                    code = exit::worse(code, failure.code);
                }
            }
        }
        let report = Report::new(outcome);
        let text = match args.format {
            Format { json: true, .. } if !self.alone => line_of_json(&plan.file, &report),
            Format { json: false, markdown: false, .. } if input.in_folder => report.line(&plan.file) + "\n",
            format => formatted(&report, format),
        };
        if let Some(failure) = unsaved {
            files::say(&format!("error: {}", failure.message));
            code = exit::worse(code, failure.code);
        }
        Ok(Some(Done { text, code, report }))
    }

    fn control<'c>(&'c self, progress: &'c (dyn Fn(Progress) + Sync)) -> Control<'c> {
        let threads = self.args.threads.map_or_else(available, usize::from);
        Control { threads, interrupted: self.interrupted, progress, checkpoint: &|_| (), resume: None }
    }

    /// The outcome of something that can be interrupted and go on, and why its last snapshot was not saved.
    fn resumable(
        &self,
        work: impl FnOnce(&Control) -> Result<Outcome, Failure>,
    ) -> Result<(Outcome, Option<Failure>), Failure> {
        let resume = match &self.args.resume {
            Some(path) => snapshot(path)?,
            None => None,
        };
        let bar = self.screen.progress();
        let unsaved = Mutex::new(None);
        let save = |snapshot: &Snapshot| {
            if let Ok(mut unsaved) = unsaved.lock() {
                *unsaved = self.save(snapshot).err();
            }
        };
        let progress = |progress: Progress| bar.show(&progress);
        let control = Control { checkpoint: &save, resume, ..self.control(&progress) };
        let stopwatch = Stopwatch::start();
        let outcome = work(&control);
        bar.finish();
        let mut outcome = outcome?;
        outcome.spent.seconds = stopwatch.seconds();
        // A run that came to its end needs no snapshot.
        let unsaved = unsaved.into_inner().ok().flatten().filter(|_| outcome.interrupted);
        self.after(&outcome, unsaved.is_none());
        Ok((outcome, unsaved))
    }

    fn save(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let Some(path) = &self.args.resume else { return Ok(()) };
        let text = serde_json::to_string(snapshot)
            .map_err(|error| Failure::environment(format!("can't save the run: {error}")))?;
        files::write(path, &text)
    }

    /// Tells how to go on after an interruption; a finished run needs its snapshot no more.
    fn after(&self, outcome: &Outcome, saved: bool) {
        match (&self.args.resume, outcome.interrupted) {
            (Some(_), true) if !saved => {}
            (Some(path), true) => {
                let note = "interrupted; the run is saved in";
                self.screen.note(&format!("{note} {}: the same command goes on from there", path.display()));
            }
            (None, true) if self.alone => {
                self.screen.note("interrupted; with `--resume FILE` a run is saved and can be continued");
            }
            (Some(path), false) => {
                let _ = std::fs::remove_file(path);
            }
            (None, _) => {}
        }
    }

    fn code(&self, outcome: &Outcome) -> u8 {
        let missed = |ended: Ended| matches!(ended, Ended::Budget | Ended::Interrupted);
        let short = self.args.require_precision && outcome.points.iter().any(|point| missed(point.ended));
        if outcome.interrupted {
            exit::INTERRUPTED
        } else if short || !outcome.holds() {
            exit::EXPECTATION_FAILED
        } else if outcome.gate.as_ref().is_some_and(|gate| gate.ruling() == Ruling::Undecided) {
            exit::UNDECIDED
        } else {
            exit::FINE
        }
    }
}

/// One of several results: a line that tells which file it is of.
fn line_of_json(file: &str, report: &Report) -> String {
    #[derive(Serialize)]
    struct Line<'r> {
        file: &'r str,
        #[serde(flatten)]
        report: &'r Report,
    }
    // As with the report alone, this can't fail.
    serde_json::to_string(&Line { file, report }).unwrap_or_default() + "\n"
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

pub(super) fn broken(fault: &RunFault) -> Failure {
    match fault {
        RunFault::Path(path) => {
            let values: String = path.at.iter().map(|(name, value)| format!(", {name} = {value}")).collect();
            let place = format!("design {}{values}", path.design);
            // The end is what matters; a path may be long.
            Failure::run(format!("{place}: {}\n  to see it again: {} --last 20", path.fault, path.replay))
        }
        RunFault::Exact { refusal, .. } if refusal.is_fault_of_the_net() => Failure::run(fault.to_string()),
        RunFault::TooLarge { .. } | RunFault::Exact { .. } | RunFault::Resume(_) | RunFault::Baseline(_) => {
            Failure::input(fault.to_string())
        }
        RunFault::Threads(_) => Failure::environment(fault.to_string()),
    }
}
