//! The models and scenarios that come with fivenines, as a user runs them: every file is clean, every expectation
//! holds, and the expectations have teeth.

#[path = "../../examples/thesis_report/report/mod.rs"]
mod thesis_report;

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

/// What `fivenines emulate` runs.
fn is_fault_plan(file: &str) -> bool {
    text(file).starts_with("FaultPlan(")
}

fn fivenines(base: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
    command.current_dir(base).args(arguments).output().expect("fivenines starts")
}

/// Whether a net has an instance of a module, found by the name of its file.
fn uses(net: &str, module: &str) -> bool {
    let paths = net.split("use: \"").skip(1).filter_map(|rest| rest.split('"').next());
    paths.map(|path| path.rsplit('/').next()).any(|name| name == module.rsplit('/').next())
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
        let used = nets.iter().chain(&modules).any(|net| uses(&text(net), module));
        assert!(used, "{module} is used by no net");
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
fn every_scenario_reaches_its_precision_and_both_engines_and_its_expectations_agree() {
    let output = fivenines(root(), &["run", "scenarios", "--cross-check", "--json", "--quiet"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    let results = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let outcomes: Vec<Value> = results.collect::<Result<_, _>>().expect("one JSON object after the other");
    let scenarios = files(root(), "scenarios").into_iter().filter(|file| !is_fault_plan(file));
    assert_eq!(outcomes.len(), scenarios.count(), "{errors}");
    let mut checked = 0;
    for outcome in outcomes {
        let scenario = &outcome["scenario"];
        for check in outcome["cross_checks"].as_array().into_iter().flatten() {
            assert_ne!(check["agrees"], false, "{scenario}: {check:#}");
            checked += usize::from(check["agrees"] == true);
        }
        assert!(!verdicts(&outcome).is_empty(), "{scenario} expects nothing");
        for verdict in verdicts(&outcome) {
            assert_eq!(verdict["holds"], true, "{scenario}: {verdict:#}");
            assert!(!verdict["source"].as_str().unwrap_or("").is_empty(), "{scenario}: {verdict:#}");
        }
        for point in outcome["points"].as_array().expect("points") {
            let ended = if point["method"] == "exact" { "exact" } else { "precision" };
            assert_eq!(point["ended"], ended, "{scenario}: {point:#}");
        }
    }
    // Nets that the exact engine could solve when this was written; it mustn't come to refuse them.
    assert!(checked >= 22, "only {checked} points were solved by both engines");
    assert_eq!(output.status.code(), Some(0), "{errors}");
}

/// Copies the models and one scenario to a folder of their own.
fn copy(scenario: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in files(root(), "models").iter().map(String::as_str).chain([scenario]) {
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

/// A scenario, what is changed in a model, and an expectation that must notice. Each change is one of a number by a
/// fifth or so, or of one rule.
const DOCTORED: &[(&str, (&str, &str, &str), &str)] = &[
    (
        "alternating-renewal",
        ("textbook/alternating-renewal", "mean: 4 h", "mean: 5 h"),
        "exponential: machine, unavailability",
    ),
    ("announcement", ("params/recovery", "(15 s + 5 s)) /", "(10 s + 5 s)) /"), "broadcast reply: update"),
    ("better-detection", ("textbook/pair", "\"20 min\"", "\"40 min\""), "as it is: service, unavailability"),
    (
        "decisions",
        ("textbook/duplex", "\"reboot\": \"1 h\"", "\"reboot\": \"2 h\""),
        "fast repair at mttf = 2000 h: service, unavailability",
    ),
    (
        "designs",
        ("params/environment", "\"LogNormal(mean: 30 min", "\"LogNormal(mean: 90 min"),
        "2 of 3 balanced: set-up, downtime per year",
    ),
    (
        "designs-exact",
        ("params/recovery", "LogNormal(mean: 60 s", "LogNormal(mean: 72 s"),
        "standard: set-up, downtime per year",
    ),
    (
        "designs-markov",
        ("params/environment", "value: \"5 y\", source: \"a mistake", "value: \"4 y\", source: \"a mistake"),
        "1 of 2 balanced: set-up, downtime per year",
    ),
    (
        "designs-published",
        ("designs/single", "sigma: rates.sigma", "sigma: 2 * rates.sigma"),
        "actors: faults of software per year",
    ),
    (
        "designs-sweep",
        ("params/recovery", "LogNormal(mean: 15 min", "LogNormal(mean: 75 min"),
        "actors at mtbf = 55.2 h: set-up, downtime per year",
    ),
    ("duplex", ("textbook/duplex", "\"0.9\"", "\"0.8\""), "duplex: service, unavailability"),
    ("first-year", ("textbook/fresh-clocks", "30 s, 300 s", "60 s, 360 s"), "machines: machine 1, mean outage"),
    ("fork-join", ("textbook/fork-join", "\"tasks\": \"4\"", "\"tasks\": \"5\""), "uniform: mean job"),
    (
        "heartbeat",
        ("heartbeat", "(misses - 1) * hello", "(misses - 0.8) * hello"),
        "3 misses at hello = 30 s: service, unavailability",
    ),
    (
        "inhibitors",
        ("textbook/inhibitors", ", inhibit: {\"Urgent\": \"1\"}", ""),
        "server: room for ordinary, unavailability",
    ),
    (
        "k-of-n",
        ("textbook/k-of-n", "servers: \"crews\"", "servers: Infinite"),
        "one crew: enough machines, unavailability",
    ),
    ("leaky-bucket", ("textbook/leaky-bucket", "Deterministic(tick)", "Exponential(mean: tick)"), "bucket: loss"),
    (
        "load-balancer",
        ("load_balancer", "\"rise\": \"2 h\"", "\"rise\": \"1 h\""),
        "balancer at machines = 1: share of the demand served",
    ),
    (
        "machine-repair",
        ("textbook/k-of-n", "servers: \"crews\"", "servers: 1"),
        "general: enough machines, unavailability",
    ),
    ("md1k", ("textbook/finite-queue", "\"0.8 Hz\"", "\"0.9 Hz\""), "queue: mean queue"),
    ("mm1k", ("textbook/finite-queue", "\"room\": \"5\"", "\"room\": \"6\""), "queue: room, unavailability"),
    (
        "n-plus-k",
        ("params/environment", "\"LogNormal(mean: 30 min", "\"LogNormal(mean: 90 min"),
        "standard at machines = 3: set-up, downtime per year",
    ),
    ("pair", ("textbook/pair", "\"20 min\"", "\"24 min\""), "pair: detection"),
    (
        "poison",
        ("params/environment", "\"0.05\", source: \"comes", "\"0.15\", source: \"comes"),
        "standard at coverage.poison = 0: people called per year",
    ),
    ("preempted", ("textbook/preempted-identical", "Identical", "Enabling"), "identical: mean completion time"),
    ("preempted", ("textbook/preempted-age", "memory: Age", "memory: Enabling"), "age: mean completion time"),
    ("priorities", ("textbook/priorities", "priority: \"2\"", "priority: \"1\""), "server: urgent waiting"),
    ("qvbs-cluster", ("qvbs/cluster", "30 min", "36 min"), "cluster at N = 2: premium, unavailability"),
    ("qvbs-embedded", ("qvbs/embedded", "30 s", "36 s"), "once at max_count = 2: not shut down, MTTF"),
    ("qvbs-fms", ("qvbs/fms", "one: 5 s", "one: 6 s"), "fms at n = 1: productivity"),
    ("qvbs-kanban", ("qvbs/kanban", "0.9 Hz", "0.8 Hz"), "kanban: throughput"),
    ("qvbs-polling", ("qvbs/polling", "200 Hz", "150 Hz"), "polling at N = 3: station 1 doesn't wait, unavailability"),
    ("qvbs-tandem", ("qvbs/tandem", "1.8 Hz", "1.6 Hz"), "tandem at c = 5: customers"),
    (
        "rare-ageing",
        ("sip_transport", "\"window\": \"30 s\"", "\"window\": \"45 s\""),
        "supervisor: no escalation past the root, failures",
    ),
    ("rare-cluster", ("qvbs/cluster", "{to_left: 4 h", "{to_left: 5 h"), "cluster at N = 2: minimum, unavailability"),
    (
        "rare-escalations",
        ("sip_transport", "\"window\": \"30 s\"", "\"window\": \"36 s\""),
        "supervisor: no escalation past the root, failures",
    ),
    ("rare-mission", ("rare/mission", "\"mission\": \"100 s\"", "\"mission\": \"300 s\""), "units: lost"),
    ("rare-pipeline", ("rare/pipeline", "mu: 1.21", "mu: 1.4"), "8 pumps: flow, unavailability"),
    ("rare-queue", ("textbook/finite-queue", "mean: 1 s", "mean: 0.9 s"), "queue: room, unavailability"),
    ("rare-tandem", ("rare/tandem", "6 Hz", "5 Hz"), "tandem at room = 10: room, unavailability"),
    ("rare-units", ("textbook/k-of-n", "servers: \"crews\"", "servers: 1"), "units: enough machines, unavailability"),
    (
        "readings",
        ("monolith_aged", ", memory: Age", ""),
        "six sections, clocks keep their age: service, unavailability",
    ),
    (
        "readings-stress",
        ("lib/actor", "{\"RestartCount\": \"limit\"}", "{\"RestartCount\": \"limit + 1\"}"),
        "limit tested after counting: all actors",
    ),
    (
        "readings-stress",
        ("sip_transport", "\"crews\": \"crews\"", "\"crews\": \"4\""),
        "one restart at a time: all actors",
    ),
    (
        "rejuvenation",
        ("rejuvenation", "Deterministic(interval)", "Deterministic(1.1 * interval)"),
        "one actor at interval = 10 d: service, unavailability",
    ),
    (
        "restart-time",
        ("monolith", "Uniform(30 s, 300 s)", "Uniform(36 s, 360 s)"),
        "five sections at mean_restart = 1 s: service, unavailability",
    ),
    ("shared-hangs", ("designs/pair", "\"1 - struck[k]\"", "\"1.3 - struck[k]\""), "shared: set-up, downtime per year"),
    ("sip-server", ("sip_server", "{registrar}", "{}"), "SIP server: registrar router, unavailability"),
    (
        "strategies",
        ("sip_transport", "\"limit\": \"limit\"", "\"limit\": \"3\""),
        "limit 0: all actors, unavailability",
    ),
    (
        "strategies",
        ("sip_transport", "\"Ended\": \"Ended\"", "\"Ended\": \"{}\""),
        "sender ended: all actors, unavailability",
    ),
    (
        "thesis-restart",
        ("sip_transport", "mean_restart * 300", "mean_restart * 200"),
        "actor based at mean_restart = 80 s: all actors, unavailability",
    ),
    (
        "thesis-table-1",
        ("monolith", "Uniform(30 s, 300 s)", "Uniform(36 s, 360 s)"),
        "standard: service, unavailability",
    ),
    (
        "thesis-table-1",
        ("lib/actor", "\"T1\": Timed(", "\"T1\": Timed(memory: Age, "),
        "actor based: all actors, unavailability",
    ),
    (
        "thesis-table-2",
        ("sip_transport", "\"sigma\": \"0.4\"", "\"sigma\": \"0.8\""),
        "actor based at mtbf = 552 h: all actors, unavailability",
    ),
    ("mission", ("textbook/mission", "\"mttr\": \"10 h\"", "\"mttr\": \"20 h\""), "duplex: lost within a day"),
    (
        "outage-lengths",
        ("textbook/outage-lengths", "\"detection\": \"1 h\"", "\"detection\": \"2 h\""),
        "machine: chance of over 10 h",
    ),
    ("service-level", ("textbook/service-level", "\"mttr\": \"4 h\"", "\"mttr\": \"5 h\""), "machine: promise kept"),
    ("two-classes", ("textbook/two-classes", "servers: Infinite", "servers: 5"), "exponential: wide, unavailability"),
];

/// Scenarios that ask for little precision anyway.
const COARSE: &[&str] = &["designs-sweep", "n-plus-k", "poison"];

#[test]
fn a_doctored_model_fails_its_expectations_by_name() {
    for (scenario, (model, from, to), expectation) in DOCTORED {
        let file = format!("scenarios/{scenario}.ron");
        let copy = copy(&file);
        doctor(copy.path(), &format!("models/{model}.ron"), from, to);
        // Coarser than most scenarios ask for: the changes are great enough.
        let coarser: &[&str] = match *scenario {
            "designs" => &["--precision", "10 %"],
            scenario if COARSE.contains(&scenario) => &[],
            _ => &["--precision", "2 %"],
        };
        let output = fivenines(copy.path(), &[&["run", "scenarios", "--quiet"], coarser].concat());
        let line = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{scenario} doesn't notice {to:?} for {from:?}:\n{line}{errors}");
        assert!(line.starts_with("FAILED") && line.contains(expectation), "{scenario}, {to:?} for {from:?}:\n{line}");
    }
}

#[test]
fn every_scenario_has_a_doctored_model() {
    for file in files(root(), "scenarios").into_iter().filter(|file| !is_fault_plan(file)) {
        let doctored = DOCTORED.iter().any(|(scenario, ..)| file == format!("scenarios/{scenario}.ron"));
        assert!(doctored, "{file} is never seen to fail");
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

#[test]
fn the_report_on_the_thesis_is_what_its_command_writes() {
    let written = text("reports/thesis.md");
    let computed = thesis_report::report(root()).expect("a report");
    let differ = written.lines().zip(computed.lines()).find(|(written, computed)| written != computed);
    let command = "cargo run --release --example thesis_report > reports/thesis.md";
    assert!(written == computed, "out of date; run `{command}`; first difference:\n{differ:#?}");
}
