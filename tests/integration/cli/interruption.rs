//! Ctrl-C: the run ends, prints what is known, and goes on later to the very same bytes.

#![cfg(unix)]

use super::{MACHINE, answer, folder, unspent};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A short point, after which a snapshot is written, and a long one.
const LONG: &str = r##"Scenario(
    designs: {"short": (net: "machine.ron"), "long": (net: "other.ron")},
    replications: 500,
    length: "40 y",
    warmup: "1 y",
    method: Replications,
)"##;

fn start(folder: &Path, snapshot: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fivenines"))
        .current_dir(folder)
        .args(["run", "long.ron", "--json", "--threads", "1", "--resume", snapshot])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("fivenines starts")
}

/// Starts the run and interrupts it once its first point is done.
fn interrupted(folder: &Path) -> Output {
    interrupted_after(folder, "run.snap", || ())
}

/// The same with something done before the signal.
fn interrupted_after(folder: &Path, snapshot: &str, before: impl Fn()) -> Output {
    let mut child = start(folder, snapshot);
    while !folder.join(snapshot).exists() && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    before();
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    signal.expect("the kill command");
    child.wait_with_output().expect("it ends")
}

#[test]
fn an_interrupted_run_tells_what_it_knows_and_goes_on_to_the_same_bytes() {
    let folder =
        folder(&[("machine.ron", MACHINE), ("other.ron", &MACHINE.replace("100 h", "50 h")), ("long.ron", LONG)]);
    let (code, whole, _) = answer(folder.path(), &["run", "long.ron", "--json", "--threads", "2"]);
    assert_eq!(code, 0);
    // On a busy machine a run may be done before the signal comes: then once more.
    let output = (0..20).map(|_| interrupted(folder.path())).find(|output| output.status.code() != Some(0));
    let output = output.expect("one of the runs is interrupted");
    assert_eq!(output.status.code(), Some(130));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("the same command goes on"), "{errors}");
    let known = unspent(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(known["interrupted"], true);
    assert_eq!(known["points"][0]["ended"], "replications");
    let whole = unspent(&whole);
    assert_eq!(known["points"][0], whole["points"][0], "the finished point is known in full");

    let (code, out, errors) =
        answer(folder.path(), &["run", "long.ron", "--json", "--threads", "2", "--resume", "run.snap"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(unspent(&out).to_string(), whole.to_string());
    assert!(!folder.path().join("run.snap").exists(), "a finished run needs no snapshot");
}

#[test]
fn a_snapshot_of_another_run_is_refused() {
    let folder =
        folder(&[("machine.ron", MACHINE), ("other.ron", &MACHINE.replace("100 h", "50 h")), ("long.ron", LONG)]);
    let output = (0..20).map(|_| interrupted(folder.path())).find(|output| output.status.code() != Some(0));
    assert_eq!(output.expect("one of the runs is interrupted").status.code(), Some(130));
    for other in [&["--seed", "7"][..], &["--confidence", "99 %"], &["--set", "mtbf=7 h"]] {
        let run = [&["run", "long.ron", "--resume", "run.snap"], other].concat();
        let (code, out, errors) = answer(folder.path(), &run);
        assert!(code == 2 && out.is_empty() && errors.contains("can't resume"), "{other:?}: {errors}");
    }
    // Numbers that no run comes to.
    let snapshot = std::fs::read_to_string(folder.path().join("run.snap")).expect("a snapshot");
    for counter in ["cycles", "blocks", "next", "count", "firings"] {
        let (before, after) = snapshot.split_once(&format!("\"{counter}\":")).expect("a counter");
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let forged = format!("{before}\"{counter}\":{}{after}", u64::MAX);
        std::fs::write(folder.path().join("run.snap"), forged).expect("a file");
        let (code, out, errors) = answer(folder.path(), &["run", "long.ron", "--resume", "run.snap"]);
        assert!(code == 2 && out.is_empty() && errors.contains("damaged"), "{counter}: {errors}");
    }
    std::fs::write(folder.path().join("run.snap"), "{}").expect("a file");
    let (code, _, errors) = answer(folder.path(), &["run", "long.ron", "--resume", "run.snap"]);
    assert!(code == 2 && errors.contains("no snapshot"), "{errors}");
}

#[test]
fn what_is_known_is_printed_even_if_it_cannot_be_saved() {
    let folder =
        folder(&[("machine.ron", MACHINE), ("other.ron", &MACHINE.replace("100 h", "50 h")), ("long.ron", LONG)]);
    let sub = folder.path().join("sub");
    let lost = || {
        std::fs::create_dir_all(&sub).expect("a folder");
        interrupted_after(folder.path(), "sub/run.snap", || std::fs::remove_dir_all(&sub).expect("it goes"))
    };
    let output = (0..20).map(|_| lost()).find(|output| output.status.code() != Some(0));
    let output = output.expect("one of the runs is interrupted");
    assert_eq!(output.status.code(), Some(130));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("can't write sub/run.snap") && !errors.contains("goes on from there"), "{errors}");
    assert_eq!(unspent(&String::from_utf8_lossy(&output.stdout))["interrupted"], true);
}

#[test]
fn two_signals_at_once_are_one() {
    let folder =
        folder(&[("machine.ron", MACHINE), ("other.ron", &MACHINE.replace("100 h", "50 h")), ("long.ron", LONG)]);
    let twice = || {
        let mut child = start(folder.path(), "run.snap");
        while !folder.path().join("run.snap").exists() && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let process = child.id();
        let signals = Command::new("sh").args(["-c", &format!("kill -INT {process}; kill -INT {process}")]).status();
        signals.expect("a shell");
        let output = child.wait_with_output().expect("it ends");
        let _ = std::fs::remove_file(folder.path().join("run.snap"));
        output
    };
    let output = (0..20).map(|_| twice()).find(|output| output.status.code() != Some(0));
    let output = output.expect("one of the runs is interrupted");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(unspent(&String::from_utf8_lossy(&output.stdout))["interrupted"], true);
}
