//! The command line as a user meets it: exit codes, streams, files, faults, interruption.

mod calibrate;
mod check;
mod faults;
mod files;
mod interruption;
mod run;
mod trace;

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// A machine that fails every 100 h and is repaired within 1 h, in the mean.
const MACHINE: &str = r##"Net(
    parameters: {"mtbf": "100 h"},
    places: {"Up": (tokens: 1), "Down": ()},
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: {"service": "#Up > 0"},
    measures: {"repairs per day": "rate(Repair) * 1 d"},
)
"##;

/// The machine, held to its closed form.
const SCENARIO: &str = r##"Scenario(
    title: "A machine",
    method: Simulation,
    designs: {"machine": (net: "machine.ron")},
    precision: "5 %",
    expect: [(design: "machine", unavailability: "1/101", tolerance: "1 %", source: "renewal theory")],
)
"##;

fn fivenines() -> Command {
    Command::new(env!("CARGO_BIN_EXE_fivenines"))
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// The machine and its scenario.
fn machine() -> TempDir {
    folder(&[("machine.ron", MACHINE), ("scenario.ron", SCENARIO)])
}

/// What a command in a folder answers: exit code, standard output, standard error.
pub(super) fn answer(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = fivenines().current_dir(folder).args(arguments).output().expect("fivenines starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

/// The JSON of a run that ends well, without what was spent.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let (code, out, errors) = answer(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {errors}");
    unspent(&out)
}

/// A result without what was spent, which differs between runs.
fn unspent(json: &str) -> Value {
    let mut value: Value = serde_json::from_str(json).expect("one JSON object");
    assert!(value.as_object_mut().expect("an object").remove("spent").is_some(), "spent is missing");
    value
}

#[test]
fn help_and_version_are_answers_on_standard_output() {
    let help = fivenines().arg("--help").assert().code(0);
    let text = String::from_utf8(help.get_output().stdout.clone()).expect("help is UTF-8");
    for expected in ["run", "check", "trace", "builtin", "Exit codes", "130"] {
        assert!(text.contains(expected), "{expected:?} is missing from\n{text}");
    }
    fivenines().arg("--version").assert().code(0).stdout(format!("fivenines {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_are_wrong_input() {
    let wrong = [
        &["fly"][..],
        &["run"],
        &["run", "x.ron", "--json", "--csv"],
        &["run", "x.ron", "--precision", "7"],
        &["run", "x.ron", "--threads", "0"],
        &["run", "x.ron", "--set", "mtbf"],
        &["run", "x.ron", "--deny", "everything"],
        &["trace", "x.ron", "--until", "1 Hz"],
    ];
    for arguments in wrong {
        let run = fivenines().args(arguments).assert().code(2);
        assert!(run.get_output().stdout.is_empty(), "{arguments:?}");
        assert!(!run.get_output().stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn numbers_out_of_range_are_told_with_their_range() {
    for (arguments, told) in [
        (&["run", "x.ron", "--seed", "-1"][..], "from 0 to 18446744073709551615"),
        (&["run", "x.ron", "--seed", "1.5"], "from 0 to 18446744073709551615"),
        (&["run", "x.ron", "--threads", "-1"], "1..=1024"),
        (&["run", "x.ron", "--precision", "-5 %"], "between 0 and 100 %"),
        (&["run", "x.ron", "--budget", "-1"], "from 1 to 1e18"),
        (&["trace", "x.ron", "--until", "-1"], "at least 0 and finite"),
        (&["trace", "x.ron", "--until", "-1 h"], "at least 0 and finite"),
        (&["trace", "x.ron", "--firings", "-1"], "from 0 to 18446744073709551615"),
        (&["trace", "x.ron", "--replication", "-1"], "from 0 to 18446744073709551615"),
        (&["trace", "x.ron", "--last", "-1"], "from 0 to 18446744073709551615"),
    ] {
        let run = fivenines().args(arguments).assert().code(2);
        let errors = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(errors.contains(told), "{arguments:?}: {errors}");
    }
}
