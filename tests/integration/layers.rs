//! The rules of the house, read from the sources: layers, budgets, forbidden calls, cited rules.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file: its path from the repository's root, and its text.
struct File {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files under a folder, in name order.
fn rust_files(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no sources in {folder}");
    files
}

fn collect(folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
            files.push(File { path: name, text: fs::read_to_string(&path).expect("UTF-8") });
        }
    }
}

/// Whether a file belongs to the command line, which alone touches the world.
fn is_cli(path: &str) -> bool {
    path == "src/main.rs" || path.starts_with("src/cli/")
}

/// Whether a file belongs to the live lab, which alone opens sockets, and starts processes and reads a clock beside the
/// command line.
fn is_live(path: &str) -> bool {
    path.starts_with("src/emulator/live/")
}

/// The text without its `//` comments (a `//` inside a string ends the line too: such strings hold no code).
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Identifiers with the byte offset at which each begins.
fn words(code: &str) -> Vec<(usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = code[rest..].find(is_word).map(|i| rest + i) {
        let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |i| start + i);
        found.push((start, &code[start..end]));
        rest = end;
    }
    found
}

/// The modules of lib.rs in their order.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let module = |line: &str| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned);
    code(&text).lines().filter_map(|line| module(line.trim())).collect()
}

/// The modules of the crate's root that a file names through `crate::` or `super::`.
fn uses(file: &File, layers: &[String]) -> Vec<String> {
    let code = code(&file.text);
    let words = words(&code);
    let depth = module_depth(&file.path);
    let mut used = Vec::new();
    for (i, &(start, word)) in words.iter().enumerate() {
        let supers = words[i..].iter().take_while(|(_, w)| *w == "super").count();
        let first_super = word == "super" && (i == 0 || words[i - 1].1 != "super");
        let behind = match word {
            "crate" => start + word.len(),
            "super" if first_super && supers >= depth => words[i + supers - 1].0 + "super".len(),
            _ => continue,
        };
        let Some(path) = code[behind..].trim_start().strip_prefix("::") else { continue };
        used.extend(heads(path).into_iter().filter(|head| layers.contains(head)));
    }
    used
}

/// `net::Net` → [net]; `{net::{A, B}, dist}` → [net, dist].
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.trim_start().strip_prefix('{') else {
        return words(path).first().map(|(_, word)| (*word).to_owned()).into_iter().collect();
    };
    let (mut depth, mut item, mut items) = (1, String::new(), Vec::new());
    for c in group.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 || (depth == 1 && c == ',') {
            items.push(std::mem::take(&mut item));
        } else {
            item.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    items.iter().filter_map(|item| words(item).first().map(|(_, word)| (*word).to_owned())).collect()
}

/// How many `super` lead from a file's module to the crate's root.
fn module_depth(path: &str) -> usize {
    let parts = path.trim_start_matches("src/").trim_end_matches(".rs").split('/');
    parts.filter(|part| *part != "mod").count()
}

#[test]
fn every_module_uses_only_those_above_it() {
    let layers = layers();
    assert!(layers.len() >= 10, "the module list of src/lib.rs was not understood: {layers:?}");
    let mut wrong = Vec::new();
    for file in rust_files("src").iter().filter(|f| !is_cli(&f.path) && f.path != "src/lib.rs") {
        let module = file.path["src/".len()..].split(['/', '.']).next().unwrap_or("").to_owned();
        let own = layers.iter().position(|l| *l == module);
        let own = own.unwrap_or_else(|| panic!("{} belongs to no `pub mod` of src/lib.rs", file.path));
        for used in uses(file, &layers) {
            let layer = layers.iter().position(|l| *l == used);
            if layer.is_some_and(|layer| layer > own) {
                wrong.push(format!("{} uses crate::{used}, which stands below {module}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_layering_test_sees_every_way_to_name_a_module() {
    let layers: Vec<String> = ["diag", "net", "engine"].map(String::from).to_vec();
    let used = |path: &str, text: &str| uses(&File { path: path.into(), text: text.into() }, &layers);
    assert_eq!(used("src/diag.rs", "use crate::engine::Path;"), ["engine"]);
    assert_eq!(used("src/diag.rs", "use crate::{diag::Span, net::{A, engine}, engine};"), ["diag", "net", "engine"]);
    assert_eq!(used("src/diag.rs", "fn f() { super::engine::run() }"), ["engine"]);
    assert_eq!(used("src/net/mod.rs", "use super::engine;"), ["engine"]);
    assert_eq!(used("src/net/expr.rs", "use super::super::{engine};"), ["engine"]);
    assert!(used("src/net/expr.rs", "use super::engine; // crate::engine").is_empty());
}

#[test]
fn files_keep_their_budget() {
    const MOST: usize = 500;
    let length = |file: &File| file.text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count();
    let files = rust_files("src");
    let long = files
        .iter()
        .filter(|f| !f.path.ends_with("/tests.rs") && length(f) > MOST)
        .map(|f| format!("{}: {} lines", f.path, length(f)));
    let long: Vec<String> = long.collect();
    assert!(long.is_empty(), "more than {MOST} lines before the tests:\n{}", long.join("\n"));
}

#[test]
fn only_the_command_line_and_the_live_lab_touch_the_world() {
    const WORDS: [&str; 6] = ["println", "eprintln", "print", "eprint", "SystemTime", "dbg"];
    // The emulator's own Instant is virtual; std's stands in std::time.
    const PATHS: [&str; 6] = ["std::fs", "std::env", "std::process", "std::net", "std::io::std", "std::time"];
    const LIVE: [&str; 3] = ["std::process", "std::net", "std::time"];
    let mut wrong = Vec::new();
    for file in rust_files("src").iter().filter(|f| !is_cli(&f.path)) {
        let code = code(&file.text);
        let macro_or_type = |start: usize, word: &str| {
            let behind = &code[start + word.len()..];
            word.starts_with(char::is_uppercase) || behind.starts_with('!')
        };
        let words = words(&code);
        let paths = PATHS.iter().filter(|path| !(LIVE.contains(path) && is_live(&file.path)));
        let hit = words.iter().filter(|(start, word)| WORDS.contains(word) && macro_or_type(*start, word));
        wrong.extend(hit.map(|(_, word)| format!("{} uses {word}", file.path)));
        wrong.extend(paths.filter(|path| code.contains(**path)).map(|path| format!("{} uses {path}", file.path)));
    }
    let sockets = rust_files("src").into_iter().filter(|f| !is_live(&f.path) && code(&f.text).contains("std::net"));
    wrong.extend(sockets.map(|file| format!("{} uses std::net", file.path)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    // In two parts, so that this file doesn't find itself.
    let forbidden =
        [("#[ig", "nore"), ("#[should", "_panic"), ("to", "do!("), ("unimple", "mented!("), ("unsa", "fe {")];
    let mut wrong = Vec::new();
    for file in rust_files("src").iter().chain(&rust_files("tests")) {
        let code = code(&file.text);
        let hits = forbidden.iter().map(|(a, b)| format!("{a}{b}")).filter(|word| code.contains(word.as_str()));
        wrong.extend(hits.map(|word| format!("{}: {word}", file.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The numbers behind a bare `S`: "S4" is a rule, "T1S4" and "S4x" are not.
fn cited_rules(text: &str) -> Vec<u32> {
    words(text).iter().filter_map(|(_, word)| word.strip_prefix('S')?.parse().ok()).collect()
}

#[test]
fn every_cited_rule_exists() {
    let semantics = fs::read_to_string(root().join("SEMANTICS.md")).expect("SEMANTICS.md");
    let defined = |line: &str| line.strip_prefix("**S")?.split([' ', '.']).next()?.parse::<u32>().ok();
    let rules: Vec<u32> = semantics.lines().filter_map(defined).collect();
    let numbered: Vec<u32> = (1..=rules.len() as u32).collect();
    assert_eq!(rules, numbered, "the rules of SEMANTICS.md are numbered without gaps");
    let mut wrong = Vec::new();
    for file in rust_files("src").iter().chain(&rust_files("tests")) {
        let unknown = cited_rules(&file.text).into_iter().filter(|rule| !rules.contains(rule));
        wrong.extend(unknown.map(|rule| format!("{} cites S{rule}", file.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
