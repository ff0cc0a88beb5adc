//! `method: Exact` in experiments and on the command line.

use assert_cmd::Command;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::Ended;
use fivenines::experiment::plan::{Plan, Studies};
use fivenines::experiment::{Control, Overrides, Reading, RunFault, run};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::syntax::ast::Method;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of some folders, in memory.
pub fn repository() -> Memory {
    let mut memory = Memory::new();
    for folder in [
        "models",
        "models/lib",
        "models/designs",
        "models/params",
        "models/qvbs",
        "models/rare",
        "models/textbook",
        "scenarios",
    ] {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let name = format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy());
                memory = memory.with(&name, fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    memory
}

fn plan(memory: &Memory, scenario: &str) -> Plan {
    plan_with(memory, scenario, &[])
}

/// The plan of a file with other values for some parameters.
pub fn plan_with(memory: &Memory, file: &str, set: &[(String, String)]) -> Plan {
    let (mut library, mut sources) = (Library::new(memory), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let overrides = Overrides { set: set.to_vec(), ..Overrides::default() };
    let plan = fivenines::experiment::plan(file, &overrides, &mut reading);
    plan.unwrap_or_else(|| panic!("{file}: {:?}", diagnostics.sorted()))
}

/// Scenarios whose figures are written with seven digits.
const BRIEF: [&str; 4] = ["rare-mission", "readings", "strategies", "thesis"];

/// Scenarios whose figures neglect something, or come from a quadrature of fewer digits: held to their own tolerance.
const ARGUED: [&str; 4] = ["designs", "heartbeat", "rejuvenation", "restart-time"];

/// Scenarios of designs that the exact engine refuses, after a long look at some, and one that it takes half a minute for,
/// which the cross-check of all scenarios solves anyway.
const WIDE: [&str; 6] =
    ["designs.ron", "designs-markov.ron", "designs-published.ron", "designs-sweep.ron", "n-plus-k.ron", "poison.ron"];

/// Bytes for one solution, some two million states: what is larger is left to itself.
const MEMORY: u64 = 1_500_000_000;

/// Other expectations are written with ten digits or as formulas.
#[test]
fn every_design_that_can_be_solved_meets_its_expectations_to_nine_digits() {
    let memory = repository();
    let (mut met, never) = (Vec::new(), AtomicBool::new(false));
    for entry in fs::read_dir(root().join("scenarios")).expect("a folder") {
        let file = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if file.starts_with("emulate-") || WIDE.contains(&file.as_str()) {
            continue;
        }
        let whole = plan(&memory, &format!("scenarios/{file}"));
        for (index, planned) in whole.points.iter().enumerate() {
            let mut alone = whole.clone();
            (alone.settings.method, alone.settings.memory) = (Method::Exact, MEMORY);
            alone.points = vec![planned.clone()];
            (alone.axis, alone.published, alone.studies) = (None, Vec::new(), Studies::default());
            alone.expectations.retain(|reference| reference.point == index);
            if alone.expectations.is_empty() {
                continue;
            }
            alone.expectations.iter_mut().for_each(|reference| reference.point = 0);
            let control =
                Control { threads: 1, interrupted: &never, progress: &|_| (), checkpoint: &|_| (), resume: None };
            let outcome = match run(&alone, &control) {
                Ok(outcome) => outcome,
                Err(RunFault::Exact { .. }) => continue,
                Err(fault) => panic!("{file}: {fault}"),
            };
            let point = &outcome.points[0];
            assert_eq!((point.method, point.ended, point.firings), (Method::Exact, Ended::Exact, 0));
            assert!(point.because.contains(" states") && point.because.contains("residual"), "{}", point.because);
            for verdict in outcome.verdicts {
                let found = verdict.estimate.estimate.expect("a value");
                let is_of = |list: &[&str]| list.iter().any(|start| file.starts_with(start));
                let digits = if is_of(&BRIEF) { 1e-6 } else { 1e-9 };
                let meets = (found - verdict.expected).abs() <= digits * verdict.expected.abs();
                assert!(meets || is_of(&ARGUED), "{file}: {verdict:?}");
                assert!(verdict.holds, "{verdict:?}");
                met.push(file.clone());
            }
        }
    }
    let solved = ["duplex.ron", "inhibitors.ron", "k-of-n.ron", "machine-repair.ron", "mm1k.ron"];
    let general = ["alternating-renewal.ron", "leaky-bucket.ron", "md1k.ron", "preempted.ron"];
    for scenario in solved.iter().chain(&general) {
        assert!(met.iter().any(|file| file == *scenario), "{scenario} isn't among {met:?}");
    }
}

fn answer(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
    let output = command.current_dir(root()).args(arguments).output().expect("fivenines starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_line_solves_or_names_what_stands_in_the_way() {
    let exact = |file: &str| answer(&["run", file, "--method", "exact", "--quiet"]);
    let (code, out, _) = exact("scenarios/duplex.ron");
    assert!(code == Some(0) && out.contains("4 states (immediates eliminated), 6 transitions"), "{out}");
    let (code, out, errors) = exact("scenarios/fork-join.ron");
    assert!(code == Some(2) && out.is_empty(), "{out}");
    assert!(errors.contains("Work[2]: its clock, which isn't exponential, runs on while that of Work[1]"), "{errors}");
}
