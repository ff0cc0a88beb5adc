//! The models and scenarios that come with fivenines, as a user runs them: every file is clean, every expectation
//! holds, and the expectations have teeth.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All `.ron` files under a folder, sorted, relative to `base`.
fn files(base: &Path, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![base.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ron") {
                let name = path.strip_prefix(base).expect("inside").to_str().expect("UTF-8");
                found.push(name.replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("a readable file")
}

fn fivenines(base: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
    command.current_dir(base).args(arguments).output().expect("fivenines starts")
}

/// Runs a scenario below `base`; its exit code and its JSON.
fn run(base: &Path, scenario: &str) -> (i32, Value) {
    let output = fivenines(base, &["run", scenario, "--json"]);
    let code = output.status.code().expect("an exit code");
    let errors = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout);
    (code, json.unwrap_or_else(|error| panic!("{scenario}: {error}\n{errors}")))
}

fn verdicts(outcome: &Value) -> &Vec<Value> {
    outcome["verdicts"].as_array().expect("verdicts")
}

#[test]
fn every_model_and_scenario_is_free_of_mistakes_and_warnings() {
    let is_module = |file: &String| text(file).contains("    ports: {");
    let (modules, nets): (Vec<_>, Vec<_>) = files(root(), "models").into_iter().partition(is_module);
    // A module has no meaning by itself: it is checked through the nets that use it.
    for module in &modules {
        let name = module.strip_prefix("models/").expect("under models");
        assert!(nets.iter().any(|net| text(net).contains(&format!("use: \"{name}\""))), "{module} is used by no net");
    }
    for file in nets.iter().chain(&files(root(), "scenarios")) {
        let output = fivenines(root(), &["check", file, "--deny", "warnings"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{file}:\n{errors}");
        assert!(!errors.contains("warning"), "{file}:\n{errors}");
    }
}

#[test]
fn every_model_and_scenario_says_what_it_is() {
    for file in files(root(), "models").iter().chain(&files(root(), "scenarios")) {
        let text = text(file);
        let doc = text.lines().find_map(|line| line.strip_prefix("    doc: \""));
        assert!(doc.is_some_and(|doc| doc.len() > 40), "{file} has no doc line");
    }
}

#[test]
fn every_textbook_net_is_held_to_its_closed_form() {
    let scenarios: Vec<String> = files(root(), "scenarios").iter().map(|file| text(file)).collect();
    for net in files(root(), "models/textbook") {
        let named = format!("\"../{net}\"");
        let held = scenarios.iter().any(|scenario| scenario.contains(&named) && scenario.contains("    expect: ["));
        assert!(held, "no scenario expects anything of {net}");
    }
}

#[test]
fn every_scenario_reaches_its_precision_and_its_expectations_hold() {
    for scenario in files(root(), "scenarios") {
        let (code, outcome) = run(root(), &scenario);
        assert!(!verdicts(&outcome).is_empty(), "{scenario} expects nothing");
        for verdict in verdicts(&outcome) {
            assert_eq!(verdict["holds"], true, "{scenario}: {verdict:#}");
            assert!(!verdict["source"].as_str().unwrap_or("").is_empty(), "{scenario}: {verdict:#}");
        }
        for point in outcome["points"].as_array().expect("points") {
            assert_eq!(point["ended"], "precision", "{scenario}: {point:#}");
        }
        assert_eq!(code, 0, "{scenario}");
    }
}

/// Copies models and scenarios to a folder of their own.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in files(root(), "models").iter().chain(&files(root(), "scenarios")) {
        let to: PathBuf = copy.path().join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(root().join(file), to).expect("a copy");
    }
    copy
}

/// Changes one text of a file of the copy, wherever it stands there.
fn doctor(copy: &Path, file: &str, from: &str, to: &str) {
    let path = copy.join(file);
    let before = fs::read_to_string(&path).expect("a copied file");
    assert!(before.contains(from), "{file} doesn't contain {from:?}");
    fs::write(path, before.replace(from, to)).expect("a doctored file");
}

#[test]
fn a_doctored_model_fails_its_expectations() {
    // What is changed, and the scenario that must notice: each change is one of 5 to 25 %, or of one rule.
    let cases = [
        ("models/monolith.ron", "Uniform(30 s, 300 s)", "Uniform(36 s, 360 s)", "scenarios/thesis-table-1.ron"),
        ("models/lib/actor.ron", "\"T1\": Timed(", "\"T1\": Timed(memory: Age, ", "scenarios/thesis-table-1.ron"),
        ("models/sip_transport.ron", "\"sigma\": \"0.4\"", "\"sigma\": \"0.5\"", "scenarios/thesis-table-2.ron"),
        ("models/lib/actor.ron", "inhibit: {\"RestartCount\": \"limit\"}", "inhibit: {\"RestartCount\": \"limit + 1\"}", "scenarios/readings-stress.ron"),
        ("models/textbook/alternating-renewal.ron", "mean: 4 h", "mean: 4.2 h", "scenarios/alternating-renewal.ron"),
        ("models/textbook/finite-queue.ron", "\"0.8 Hz\"", "\"0.84 Hz\"", "scenarios/md1k.ron"),
        ("models/textbook/duplex.ron", "\"0.9\"", "\"0.92\"", "scenarios/duplex.ron"),
        ("models/textbook/preempted-identical.ron", "memory: Identical", "memory: Enabling", "scenarios/preempted.ron"),
        ("models/textbook/preempted-age.ron", "memory: Age", "memory: Enabling", "scenarios/preempted.ron"),
        ("models/textbook/priorities.ron", "priority: \"2\"", "priority: \"1\"", "scenarios/priorities.ron"),
        ("models/textbook/two-classes.ron", "servers: Infinite", "servers: 5", "scenarios/two-classes.ron"),
        ("models/textbook/inhibitors.ron", ", inhibit: {\"Urgent\": \"1\"}", "", "scenarios/inhibitors.ron"),
    ];
    for (file, from, to, scenario) in cases {
        let copy = copy();
        doctor(copy.path(), file, from, to);
        let (code, outcome) = run(copy.path(), scenario);
        let failed = verdicts(&outcome).iter().filter(|verdict| verdict["holds"] == false).count();
        assert!(failed > 0 && code == 1, "{scenario} doesn't notice {to:?} for {from:?} in {file}");
    }
}

#[test]
fn the_thesis_tables_carry_all_published_figures() {
    // Thesis, 5.7: Table 1 (2208 h) and Table 2.
    let availability = [
        ("actor based", "2208 h", "0.9993507"),
        ("actor based", "1104 h", "0.9998218"),
        ("actor based", "552 h", "0.9997122"),
        ("standard", "2208 h", "0.9872581"),
        ("standard", "1104 h", "0.9736801"),
        ("standard", "552 h", "0.9550325"),
    ];
    let (first, second) = (text("scenarios/thesis-table-1.ron"), text("scenarios/thesis-table-2.ron"));
    for (design, mtbf, value) in availability {
        let entry = format!("(design: \"{design}\", at: {{\"mtbf\": \"{mtbf}\"}}, availability: \"{value}\",");
        assert!(second.contains(&entry), "table 2 lacks {entry}");
        if mtbf == "2208 h" {
            let entry = format!("(design: \"{design}\", availability: \"{value}\",");
            assert!(first.contains(&entry), "table 1 lacks {entry}");
        }
    }
    for (design, downtime) in [("actor based", "5 h + 41 min"), ("standard", "4 d + 15 h")] {
        let entry = format!("(design: \"{design}\", measure: \"downtime per year\", value: \"{downtime}\",");
        assert!(first.contains(&entry), "table 1 lacks {entry}");
    }
}
