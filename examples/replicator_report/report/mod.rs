//! The report on live replication; a test makes parts of it again.

mod comments;
mod fit;
mod others;
pub mod sections;

#[path = "../../shared/folder.rs"]
mod folder;
#[path = "../../shared/run.rs"]
mod run;
#[path = "../../shared/table.rs"]
mod table;

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::emulator::findings::{Findings, carry_out};
use fivenines::emulator::outcome::Control;
use fivenines::emulator::plan::{Case, Study};
use fivenines::emulator::{read, report};
use sections::{HEAD, SECTIONS, Section};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The whole report; `root` is the repository's.
pub fn page(root: &Path) -> Result<String, String> {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        text += &told(root, section)?;
    }
    Ok(text + &outside_of_the_lab(root)?)
}

/// What is no emulation.
pub fn outside_of_the_lab(root: &Path) -> Result<String, String> {
    Ok(others::balancer(root)? + &others::rates(root)?)
}

/// A section: what came out, the command, and what we think of it.
pub fn told(root: &Path, section: &Section) -> Result<String, String> {
    let findings = findings(&study(root, section)?)?;
    let commands: Vec<String> =
        section.plans.iter().map(|(_, file)| format!("fivenines emulate scenarios/{file}.ron")).collect();
    let (table, commands) = (report::markdown(&findings), commands.join("\n"));
    Ok(format!("\n#{table}\n```sh\n{commands}\n```\n\n{}", (section.comment)(&findings)))
}

/// What comes out of a study.
pub fn findings(study: &Study) -> Result<Findings, String> {
    let control = Control {
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        interrupted: &AtomicBool::new(false),
        progress: &|_| (),
    };
    carry_out(study, &control).map_err(|error| error.to_string())
}

/// The plans of a section; several files are the cases of one study.
pub fn study(root: &Path, section: &Section) -> Result<Study, String> {
    let mut joined: Option<Study> = None;
    for (case, file) in section.plans {
        let study = read_plans(root, &format!("scenarios/{file}.ron"))?;
        let whole = joined.get_or_insert_with(|| Study { cases: Vec::new(), ..study.clone() });
        whole.cases.extend(study.cases.into_iter().map(|Case { name, plan }| {
            let name = if case.is_empty() { name } else { (*case).to_owned() };
            Case { name, plan }
        }));
    }
    let mut study = joined.ok_or("a section without a plan")?;
    if !section.figures.is_empty() {
        study.figures = section.figures.iter().map(|figure| (*figure).to_owned()).collect();
    }
    if let Some((title, doc)) = section.about {
        (study.title, study.doc) = (title.to_owned(), doc.to_owned());
    }
    Ok(study)
}

fn read_plans(root: &Path, path: &str) -> Result<Study, String> {
    let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add(path, text.as_str());
    let study = read::read(source, text.as_bytes(), &mut diagnostics);
    study.ok_or_else(|| diagnostics.sorted().iter().map(|d| plain(d, &sources)).collect())
}
