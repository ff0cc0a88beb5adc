//! Paths that end early: what is told, and that the command which is told shows it again.

#![cfg(unix)]

use super::{answer, folder};
use std::path::Path;
use std::process::Command;

/// After a while, two immediates hand a token to each other for ever.
const LIVELOCK: &str = r##"Net(
    places: {"Go": (tokens: 1), "A": (), "B": ()},
    transitions: {
        "Start": Timed(delay: "Exponential(mean: 1 h)", from: {"Go": "1"}, to: {"A": "1"}),
        "There": Immediate(from: {"A": "1"}, to: {"B": "1"}),
        "Back": Immediate(from: {"B": "1"}, to: {"A": "1"}),
    },
    up: {"service": "#Go > 0"},
)"##;

/// The same at time 0.
const AT_ONCE: &str = r##"Net(
    places: {"A": (tokens: 1), "B": ()},
    transitions: {
        "There": Immediate(from: {"A": "1"}, to: {"B": "1"}),
        "Back": Immediate(from: {"B": "1"}, to: {"A": "1"}),
    },
    up: {"service": "#A > 0"},
)"##;

/// The same with timed transitions that take no time.
const STANDSTILL: &str = r##"Net(
    parameters: {"begins": "1"},
    places: {"Go": (tokens: "begins"), "A": (tokens: "1 - begins"), "B": ()},
    transitions: {
        "Start": Timed(delay: "Exponential(mean: 1 h)", from: {"Go": "1"}, to: {"A": "1"}),
        "There": Timed(delay: "0 s", from: {"A": "1"}, to: {"B": "1"}),
        "Back": Timed(delay: "0 s", from: {"B": "1"}, to: {"A": "1"}),
    },
    up: {"service": "#Go + #A > 0"},
)"##;

/// More clients arrive than are served; the sixth of a colour is one too many.
const OVERRUN: &str = r##"Net(
    colours: {"Who": "{ann, bob}"},
    parameters: {"gap": "1 h"},
    places: {"Queue": (colour: "Who", capacity: 5, overrun: Error)},
    transitions: {
        "Arrive[w in Who]": Timed(delay: "Exponential(mean: gap)", to: {"Queue": "w"}),
        "Serve[w in Who]": Timed(delay: "Exponential(mean: 90 min)", from: {"Queue": "w"}),
    },
    up: {"short": "#Queue < 5"},
)"##;

/// Runs a command that must fail with 3, and gives the command that it names to a shell; both must tell the same
/// fault. Returns the fault and the replay's output.
fn replayed(folder: &Path, arguments: &[&str]) -> (String, String) {
    let (code, out, errors) = answer(folder, arguments);
    assert_eq!((code, out.as_str()), (3, ""), "{errors}");
    let (fault, replay) = errors.trim_end().split_once("\n  to see it again: ").expect("a command that replays it");
    let program = Path::new(env!("CARGO_BIN_EXE_fivenines")).parent().expect("a folder");
    let shell = Command::new("/bin/sh").args(["-c", replay]).env("PATH", program).current_dir(folder).output();
    let shell = shell.expect("a shell");
    let again = String::from_utf8_lossy(&shell.stderr).into_owned();
    assert_eq!(shell.status.code(), Some(3), "{replay}: {again}");
    let told = again.trim_end().rsplit("error: ").next().expect("a fault");
    assert!(fault.ends_with(told), "run: {fault}\ntrace: {told}");
    (fault.to_owned(), String::from_utf8_lossy(&shell.stdout).into_owned())
}

fn assert_tells(fault: &str, expected: &[&str]) {
    for word in expected.iter().chain(&["replication", "seed 1"]) {
        assert!(fault.contains(word), "{word:?} is missing from {fault}");
    }
}

#[test]
fn a_livelock_names_its_loop_and_is_seen_again() {
    let folder = folder(&[("livelock.ron", LIVELOCK), ("at-once.ron", AT_ONCE)]);
    let (fault, shown) = replayed(folder.path(), &["run", "livelock.ron"]);
    assert_tells(&fault, &["immediate transitions fire without end: There, Back", " s of"]);
    assert!(shown.lines().count() <= 20 && shown.contains("There") && shown.contains("Back"), "{shown}");
    let (fault, shown) = replayed(folder.path(), &["run", "at-once.ron"]);
    assert_tells(&fault, &["There, Back", "at 0 s of"]);
    assert!(shown.contains("There") && shown.contains("Back"), "{shown}");
}

#[test]
fn time_that_stands_still_is_told_and_seen_again() {
    let folder = folder(&[("still.ron", STANDSTILL)]);
    let (fault, shown) = replayed(folder.path(), &["run", "still.ron"]);
    assert_tells(&fault, &["transitions fire without time passing: There, Back (at "]);
    assert!(shown.contains("There") && shown.contains("Back"), "{shown}");
    // A loop through the first marking is no regeneration: no cycle would take any time.
    let (fault, _) = replayed(folder.path(), &["run", "still.ron", "--set", "begins=0"]);
    assert_tells(&fault, &["transitions fire without time passing: ", "(at 0 s of"]);
}

#[test]
fn an_overrun_names_the_binding_and_is_seen_again() {
    let scenario = r##"Scenario(
        title: "Don't panic",
        budget: "50000",
        designs: {"safe": (net: "overrun.ron", with: {"gap": "1000 y"}), "the other one": (net: "overrun.ron")},
    )"##;
    let sweep = r##"Scenario(budget: "50000", designs: {"swept": (net: "overrun.ron")}, sweep: {"gap": ["1000 y", "45 min"]},
        expect: [(at: {"gap": "1000 y"}, measure: "availability", value: "1")])"##;
    let folder = folder(&[("overrun.ron", OVERRUN), ("it's.ron", scenario), ("sweep.ron", sweep)]);
    let (fault, shown) = replayed(folder.path(), &["run", "overrun.ron"]);
    assert_tells(&fault, &["Arrive[", "more than 5 tokens into Queue("]);
    assert!(shown.trim_end().ends_with("4 → 5"), "{shown}");
    replayed(folder.path(), &["run", "overrun.ron", "--set", "gap=20 min"]);
    replayed(folder.path(), &["run", "overrun.ron", "--method", "batch-means"]);
    replayed(folder.path(), &["run", "overrun.ron", "--method", "replications"]);
    let (fault, _) = replayed(folder.path(), &["run", "sweep.ron"]);
    assert_tells(&fault, &["design swept, gap = 45 min: Arrive["]);
    let (fault, _) = replayed(folder.path(), &["run", "it's.ron"]);
    assert_tells(&fault, &["design the other one: Arrive["]);
}

#[test]
fn an_impossible_value_in_some_marking_is_a_fault_too() {
    let net = r##"Net(
        places: {"A": (tokens: 2)},
        transitions: {"Leave": Timed(delay: "Exponential(mean: 1 h)", speed: "#A - 1.5", from: {"A": "1"})},
        up: {"service": "#A > 0"},
    )"##;
    let folder = folder(&[("speed.ron", net)]);
    let (fault, _) = replayed(folder.path(), &["run", "speed.ron"]);
    assert_tells(&fault, &["Leave", "speed"]);
}
