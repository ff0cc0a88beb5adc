//! `--against` and `--bless`: the baseline's file, and what follows from it.

use super::args::Run;
use super::builtin;
use super::exit;
use super::failure::Failure;
use super::files::{self, Disk};
use super::screen::Screen;
use fivenines::experiment::gate::{Asked, Baseline, Record, foresee, judge, run_and_judge};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{Control, Plan, RunFault};
use fivenines::net::load::Loader;
use std::path::{Path, PathBuf};

/// What a baseline's file ends with.
const EXTENSION: &str = "json";

/// The file meant for an input: in a folder it is named like the input, and `.json` may be left out.
fn path(given: &Path, input: &Path) -> PathBuf {
    let is_builtin = given.to_str().is_some_and(|given| given.starts_with(builtin::PREFIX));
    let folder = given.is_dir() || (is_builtin && !builtin::folder(given).is_empty());
    let named = match input.file_stem() {
        Some(stem) if folder => given.join(stem),
        _ => given.to_owned(),
    };
    let lacks = named.extension().is_none_or(|extension| extension != EXTENSION);
    let complete = PathBuf::from(format!("{}.{EXTENSION}", named.display()));
    if folder || (lacks && (is_builtin || !named.is_file())) { complete } else { named }
}

/// Reads a baseline.
fn read(path: &Path) -> Result<Baseline, Failure> {
    let name = files::name(path)?;
    let bytes = Disk::default().load(&name);
    let bytes = bytes
        .map_err(|reason| Failure::environment(format!("{name}: {reason}; `--bless {name}` writes a baseline")))?;
    parse(&name, &bytes)
}

fn parse(name: &str, bytes: &[u8]) -> Result<Baseline, Failure> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Failure::input(format!("{name}: it is no baseline, nor a text")))?;
    Baseline::parse(text).map_err(|reason| Failure::input(format!("{name}: {reason}")))
}

/// What is asked of the gate.
fn asked(args: &Run) -> Asked {
    Asked { seed: args.seed, margin: args.margin }
}

/// A plan carried out and held against its objectives; or held against its baseline and not carried out by itself.
pub fn run(args: &Run, plan: &Plan, control: &Control, screen: &Screen) -> Result<Outcome, Failure> {
    let faulty = |fault: RunFault| super::run::broken(&fault);
    let Some(given) = &args.against else { return run_and_judge(plan, asked(args), control).map_err(faulty) };
    let path = path(given, Path::new(&plan.file));
    let baseline = read(&path)?;
    let (name, disk) = (files::name(&path)?, Disk::default());
    let opened = baseline.open(&name, &disk).map_err(|reason| Failure::input(format!("{name}: {reason}")))?;
    foresee(plan, &opened, asked(args)).iter().for_each(|note| screen.note(&format!("note: {note}")));
    judge(plan, Some(&opened), asked(args), control).map_err(faulty)
}

/// A baseline that is to be written.
pub struct Blessing {
    path: PathBuf,
    /// What was there.
    before: Option<Baseline>,
}

impl Blessing {
    /// Finds out before the run whether it can be done.
    pub fn prepare(args: &Run, input: &Path) -> Result<Option<Blessing>, Failure> {
        let Some(given) = &args.bless else { return Ok(None) };
        if input == Path::new(files::STDIN) {
            return Err(Failure::input(
                "--bless needs a file: what comes from standard input has no name to be found by",
            ));
        }
        let path = path(given, input);
        let name = files::name(&path)?;
        if name.starts_with(builtin::PREFIX) {
            return Err(Failure::input(format!("{name} is part of fivenines, and can't be written")));
        }
        files::writable(&path)?;
        let text = files::read_if_there(&path)?;
        let before = match text {
            // What can't be understood isn't overwritten: an anchor may be in it.
            Some(text) if !args.re_anchor => Some(parse(&name, text.as_bytes())?),
            _ => None,
        };
        Ok(Some(Blessing { path, before }))
    }

    /// Writes what came out of a run that ended with `code`, unless something failed.
    pub fn bless(
        self,
        plan: &Plan,
        outcome: &Outcome,
        read: &[(String, Vec<u8>)],
        code: u8,
    ) -> Result<String, Failure> {
        if code != exit::FINE {
            let name = self.path.display();
            return Err(Failure { code, message: format!("{name} wasn't written: the run didn't end well") });
        }
        self.write(plan, outcome, read)
    }

    /// Writes what came out; whoever reads the file meanwhile sees the old one or the new one.
    fn write(self, plan: &Plan, outcome: &Outcome, read: &[(String, Vec<u8>)]) -> Result<String, Failure> {
        let name = self.path.display().to_string();
        let record = Record::new(plan, outcome, read, &Disk::default());
        let record = record.map_err(|reason| Failure::input(format!("{name} wasn't written: {reason}")))?;
        let baseline = Baseline::new(&plan.title, record, self.before);
        files::write(&self.path, &baseline.text())?;
        let anchor = match baseline.anchors.is_empty() {
            true => "it is the anchor, too",
            false => "the anchor stays what was blessed first (`--re-anchor` would move it)",
        };
        Ok(format!("blessed: {name}; {anchor}"))
    }
}
