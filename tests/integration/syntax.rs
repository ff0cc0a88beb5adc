//! Reading: every file of the repository, every diagnostic, and hostile input.

mod generate;
mod hostile;
mod ron_reader;
mod round_trip;

use fivenines::diag::{CODES, Diagnostics, Sources, plain};
use fivenines::syntax::ast::Document;
use fivenines::syntax::parse;
use std::path::{Path, PathBuf};

/// The document and everything wrong with it, as plain text.
fn read(name: &str, bytes: &[u8]) -> (Option<Document>, String) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let source = sources.add_bytes(name, bytes);
    let document = parse(source, bytes, &mut diagnostics);
    let text = diagnostics.sorted().iter().map(|diagnostic| plain(diagnostic, &sources) + "\n").collect();
    (document, text)
}

/// All RON files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut list: Vec<PathBuf> = paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    list.sort();
    list
}

#[test]
fn models_and_scenarios_are_read_without_complaint() {
    let mut list = files(Path::new("models"));
    list.extend(files(Path::new("scenarios")));
    // Fault plans are read by the emulator.
    list.retain(|path| !std::fs::read(path).expect("readable").starts_with(b"FaultPlan("));
    let complaints: String =
        list.iter().map(|path| read(&path.display().to_string(), &std::fs::read(path).expect("readable")).1).collect();
    assert_eq!(complaints, "");
    assert!(list.len() > 10, "only {} files", list.len());
}

#[test]
fn every_mistake_is_shown_where_it_is() {
    for path in files(Path::new("tests/fixtures/syntax")) {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let (_, complaints) = read(&name, &std::fs::read(&path).expect("readable"));
        assert!(complaints.contains(&format!("error[{}]", &stem[..5])), "{stem}:\n{complaints}");
        insta::assert_snapshot!(stem, complaints);
    }
}

#[test]
fn every_code_of_reading_has_a_fixture() {
    // Too large a file, and too many errors, are made by the hostile tests.
    let elsewhere = ["E0102", "E0109"];
    let names: Vec<String> =
        files(Path::new("tests/fixtures/syntax")).iter().map(|path| path.display().to_string()).collect();
    for (code, _) in CODES.iter().filter(|(code, _)| ("E01".."E04").contains(&&code[..3])) {
        let found = elsewhere.contains(code) || names.iter().any(|name| name.contains(code));
        assert!(found, "{code} has no fixture");
    }
    let mut sorted: Vec<_> = CODES.iter().map(|(code, _)| &code[1..]).collect();
    sorted.dedup();
    assert!(sorted.is_sorted() && sorted.len() == CODES.len(), "codes stand in order, each once");
}
