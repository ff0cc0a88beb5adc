//! Prints `reports/replicator.md`: what others measured of live replication, beside what the emulated pair gives.
//!
//! `cargo run --release --example replicator_report > reports/replicator.md`, from the repository's root.

#[path = "../shared/ending.rs"]
mod ending;
mod fit;
mod sections;

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::emulator::findings::carry_out;
use fivenines::emulator::outcome::Control;
use fivenines::emulator::plan::{Case, Study};
use fivenines::emulator::{read, report};
use sections::{SECTIONS, Section};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

fn main() -> ExitCode {
    ending::code(page().map(|text| {
        print!("{text}");
        true
    }))
}

fn page() -> Result<String, String> {
    let mut text = sections::HEAD.to_owned();
    for section in SECTIONS {
        text += &told(section)?;
    }
    Ok(text)
}

/// A section: what came out, the command, and what we think of it.
fn told(section: &Section) -> Result<String, String> {
    let study = study(section)?;
    let control = Control {
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        interrupted: &AtomicBool::new(false),
        progress: &|_| (),
    };
    let findings = carry_out(&study, &control).map_err(|error| error.to_string())?;
    let commands: Vec<String> =
        section.plans.iter().map(|(_, file)| format!("fivenines emulate scenarios/{file}.ron")).collect();
    let more = section.more.map_or_else(String::new, |more| more());
    let (table, commands) = (report::markdown(&findings), commands.join("\n"));
    Ok(format!("\n#{table}\n```sh\n{commands}\n```\n\n{}\n{more}", section.comment))
}

/// The plans of a section; several files are the cases of one study.
fn study(section: &Section) -> Result<Study, String> {
    let mut joined: Option<Study> = None;
    for (case, file) in section.plans {
        let study = read_plans(&format!("scenarios/{file}.ron"))?;
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

fn read_plans(path: &str) -> Result<Study, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add(path, text.as_str());
    let study = read::read(source, text.as_bytes(), &mut diagnostics);
    study.ok_or_else(|| diagnostics.sorted().iter().map(|d| plain(d, &sources)).collect())
}
