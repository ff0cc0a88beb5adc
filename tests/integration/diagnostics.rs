//! Everything that can be wrong with a file, as a user is told of it.

mod hostile;

use assert_cmd::Command;
use fivenines::diag::CODES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FOLDER: &str = "tests/fixtures/diagnostics";

/// Made by the hostile tests: a file that is too large, and one with too many mistakes. Those of samples are in
/// `calibrate.rs`, what can't run live in `emulator/live.rs`.
const ELSEWHERE: [&str; 9] = ["E0102", "E0109", "E1007", "E1101", "E1102", "E1103", "E1104", "E1105", "E1106"];

/// The fixtures of a folder, without `.ron`, sorted.
fn fixtures(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8"));
    let stems: BTreeSet<String> = names.filter_map(|name| Some(name.strip_suffix(".ron")?.to_owned())).collect();
    stems.into_iter().collect()
}

/// Exit code, standard output, standard error of a command about a fixture.
fn tell(command: &str, stem: &str, options: &[&str]) -> (i32, String, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_fivenines"));
    let process = process.current_dir(FOLDER).arg(command).arg(format!("{stem}.ron")).args(options);
    let output = process.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("it ends by itself"), text(output.stdout), text(output.stderr))
}

/// The command that shows a fixture: what is only wrong when it is run is right to check.
fn command(stem: &str) -> &'static str {
    if ["E0611", "E0901"].iter().any(|code| stem.starts_with(code)) { "run" } else { "check" }
}

#[test]
fn every_mistake_is_shown_with_its_place_and_what_would_be_right() {
    for stem in fixtures(FOLDER) {
        let (code, _, shown) = tell(command(&stem), &stem, &[]);
        if stem != "many-at-once" {
            let severity = if stem.starts_with('W') { "warning" } else { "error" };
            let head = format!("{severity}[{}]", &stem[..5]);
            assert!(shown.contains(&head), "{stem} doesn't show its code:\n{shown}");
        }
        assert_eq!(code, if stem.starts_with('W') { 0 } else { 2 }, "{stem}:\n{shown}");
        insta::assert_snapshot!(stem, shown);
    }
}

#[test]
fn every_code_has_a_fixture_that_yields_it() {
    let fixtures = [fixtures(FOLDER), fixtures("tests/fixtures/syntax")].concat();
    for (code, meaning) in CODES.iter().filter(|(code, _)| !ELSEWHERE.contains(code)) {
        assert!(fixtures.iter().any(|stem| stem.starts_with(code)), "{code} ({meaning}) has no fixture");
    }
    assert!(CODES.len() > 30);
}

#[test]
fn the_sources_use_no_code_without_a_meaning() {
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let mut used = BTreeSet::new();
    for file in sources(Path::new("src")) {
        let text = fs::read_to_string(file).expect("readable");
        for part in text.split('"').filter(|part| part.len() == 5 && part.starts_with(['E', 'W'])) {
            if part[1..].bytes().all(|b| b.is_ascii_digit()) && !part.ends_with("0001") {
                used.insert(part.to_owned());
            }
        }
    }
    let unknown: Vec<&String> = used.iter().filter(|code| !known.contains(code.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_code_is_in_the_reference() {
    let text = fs::read_to_string("docs/diagnostics.md").expect("the reference");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let rows: Vec<(&str, &str)> = rows.filter(|row| *row != ("code", "meaning")).collect();
    assert_eq!(rows, CODES);
}

#[test]
fn all_mistakes_are_told_in_one_go() {
    let (code, _, shown) = tell("check", "many-at-once", &[]);
    assert_eq!(code, 2);
    let codes: BTreeSet<&str> = shown.lines().filter_map(|line| Some(&line.strip_prefix("error[")?[..5])).collect();
    assert!(codes.len() >= 12, "{codes:?}");
}

#[test]
fn warnings_let_a_file_pass_unless_they_are_denied() {
    for stem in fixtures(FOLDER).iter().filter(|stem| stem.starts_with('W')) {
        for (command, options) in [("check", vec![]), ("trace", vec!["--firings", "1"])] {
            let (code, _, shown) = tell(command, stem, &options);
            assert_eq!(code, 0, "{command} {stem}:\n{shown}");
            assert!(shown.contains("warning["), "{command} {stem}:\n{shown}");
        }
        for command in ["check", "run"] {
            let (code, output, shown) = tell(command, stem, &["--deny", "warnings"]);
            assert_eq!((code, shown.contains("warning[")), (2, true), "{command} {stem}:\n{shown}");
            assert!(command == "check" || output.is_empty(), "{stem} was run");
        }
    }
}

#[test]
fn the_same_is_told_as_plain_data() {
    for stem in fixtures(FOLDER) {
        if command(&stem) == "run" {
            continue;
        }
        let (code, output, shown) = tell("check", &stem, &["--json"]);
        assert_eq!(shown, "", "{stem}");
        let json: serde_json::Value = serde_json::from_str(&output).expect("an object");
        let list = json["diagnostics"].as_array().expect("a list");
        let severe = list.iter().filter(|d| d["severity"] == "error").count();
        assert_eq!(json["errors"], severe, "{stem}");
        assert_eq!(code, if severe > 0 { 2 } else { 0 }, "{stem}");
        for diagnostic in list {
            assert!(CODES.iter().any(|(code, _)| diagnostic["code"] == *code), "{diagnostic}");
            assert!(diagnostic["line"].as_u64() >= Some(1) && diagnostic["column"].as_u64() >= Some(1));
            let file = diagnostic["file"].as_str().expect("a path");
            assert!(Path::new(FOLDER).join(file).is_file(), "{stem}: {file}");
        }
    }
}
