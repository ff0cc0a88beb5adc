//! The gate: what is red, green and undecided, and that it can't be fooled.

use crate::cli::answer;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::gate::{Asked, Baseline, Check, Gate, Record, Reference, Ruling, judge, run_and_judge};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{self, Control, Overrides, Plan, Reading, RunFault, Snapshot};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::report::Report;
use fivenines::syntax::ast::Method;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const NET: &str = r##"Net(
    parameters: {"repair": "4 h"},
    places: {"Up": (tokens: 1), "Down": ()},
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: 500 h)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Gamma(shape: 2, mean: repair)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: {"service": "#Up >= 1"},
)
"##;

const SCENARIO: &str = r##"Scenario(
    designs: {"one": (net: "net.ron")},
    precision: "5 %",
)
"##;

fn control(interrupted: &AtomicBool, threads: usize) -> Control<'_> {
    Control { threads, interrupted, progress: &|_| (), checkpoint: &|_| (), resume: None }
}

fn plan_with(scenario: &str, net: &str, overrides: &Overrides) -> Plan {
    let files = Memory::new().with("net.ron", net).with("scenario.ron", scenario);
    let (mut library, mut sources, mut found) = (Library::new(&files), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut found };
    let plan = experiment::plan("scenario.ron", overrides, &mut reading);
    plan.unwrap_or_else(|| panic!("{:?}", found.sorted()))
}

fn simulated(budget: u64) -> Overrides {
    Overrides { method: Some(Method::Regenerative), budget: Some(budget), ..Overrides::default() }
}

/// The record of a version as it is blessed.
fn blessed(scenario: &str, net: &str) -> Record {
    let plan = plan_with(scenario, net, &simulated(3_000_000));
    let never = AtomicBool::new(false);
    let outcome = experiment::run(&plan, &control(&never, 2)).expect("no fault");
    let files = [("net.ron", net), ("scenario.ron", scenario)];
    let files = files.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
    Record::new(&plan, &outcome, &files, &Memory::new()).expect("a record")
}

fn baseline(scenario: &str, net: &str) -> Baseline {
    Baseline::new("scenario", blessed(scenario, net), None)
}

fn try_judge(baseline: &Baseline, plan: &Plan, margin: Option<f64>, threads: usize) -> Result<Outcome, RunFault> {
    // What is judged has been through the file.
    let baseline = Baseline::parse(&baseline.text()).expect("it can be read");
    let nowhere = Memory::new();
    let opened = baseline.open("base.json", &nowhere).expect("it can be run");
    let never = AtomicBool::new(false);
    judge(plan, Some(&opened), Asked { seed: None, margin }, &control(&never, threads))
}

fn gate_of(baseline: &Baseline, plan: &Plan) -> Gate {
    try_judge(baseline, plan, None, 2).expect("no fault").gate.expect("a gate")
}

/// What came of the net after an edit, simulated and, where it can be, exactly.
fn after(edit: [&str; 2], method: Method) -> Check {
    let net = NET.replace(edit[0], edit[1]);
    assert_ne!(net, NET);
    let overrides = Overrides { method: Some(method), ..simulated(4_000_000) };
    let gate = gate_of(&baseline(SCENARIO, NET), &plan_with(SCENARIO, &net, &overrides));
    assert_eq!((gate.checks.len(), gate.tests), (1, 1));
    gate.checks[0].clone()
}

#[test]
fn the_same_net_is_green_at_once() {
    let edited = SCENARIO.replace("precision", "title: \"another\", seed: 9, confidence: \"80 %\", precision");
    for plan in [plan_with(SCENARIO, NET, &simulated(1)), plan_with(&edited, NET, &simulated(1))] {
        let outcome = try_judge(&baseline(SCENARIO, NET), &plan, None, 1).expect("no fault");
        let gate = outcome.gate.as_ref().expect("a gate");
        assert_eq!((gate.ruling(), gate.tests, outcome.spent.firings), (Ruling::Unchanged, 0, 0));
        assert!(Report::new(outcome).text().contains("GREEN: unchanged, 1 of 1 check"));
    }
}

#[test]
fn longer_repairs_are_red_and_shorter_ones_green_by_both_engines() {
    for method in [Method::Auto, Method::Exact, Method::Regenerative, Method::Replications] {
        let check = after(["\"4 h\"", "\"4.8 h\""], method);
        assert_eq!(check.ruling, Ruling::Regression, "{method:?}: {check:?}");
        let ratio = 4.8 / 504.8 * 504.0 / 4.0;
        assert!(check.value.low.unwrap() <= ratio * 1.0001 && check.value.high.unwrap() >= ratio * 0.9999, "{check:?}");
        assert_eq!(after(["\"4 h\"", "\"3 h\""], method).ruling, Ruling::Fine, "{method:?}");
    }
}

#[test]
fn the_csv_has_the_checks_with_their_verdicts() {
    let swept = SCENARIO.replace("precision", r#"sweep: {"one.repair": ["4 h", "6 h"]}, precision"#);
    let net = NET.replace("500 h", "400 h");
    let exact = Overrides { method: Some(Method::Exact), ..Overrides::default() };
    let outcome = try_judge(&baseline(&swept, NET), &plan_with(&swept, &net, &exact), None, 1).expect("no fault");
    let csv = Report::new(outcome).csv();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0][..4], ["design", "one.repair", "up", "measure"], "{csv}");
    assert_eq!(lines[0][lines[0].len() - 2..], ["one.repair in s", "verdict"], "{csv}");
    assert_eq!(lines.len(), 1 + 2 * 4, "{csv}");
    for (at, seconds, first) in [("4 h", "14400.0", 1), ("6 h", "21600.0", 5)] {
        for line in &lines[first..first + 4] {
            assert_eq!((line[1], line[2], line[line.len() - 2]), (at, "service", seconds), "{csv}");
            assert_eq!(line[line.len() - 1], "REGRESSION", "{csv}");
        }
    }
    assert_eq!(lines[1][3], "ratio of downtimes (blessed)");
    let ratio: f64 = lines[1][4].parse().expect("a number");
    assert!((ratio - 504.0 / 404.0).abs() < 1e-8 && lines[2][4] == "1.02", "{csv}");
}

#[test]
fn what_changes_nothing_is_green() {
    let halves = r##"Exponential(mean: 1000 h)", from: {"Up": "1"}, to: {"Down": "1"}),
        "FailToo": Timed(delay: "Exponential(mean: 1000 h)", from"##;
    for edit in [["Repair", "Mend"], ["Down", "Broken"], ["Exponential(mean: 500 h)\", from", halves]] {
        for method in [Method::Auto, Method::Regenerative] {
            let check = after(edit, method);
            assert_eq!(check.ruling, Ruling::Fine, "{edit:?} {method:?}: {check:?}");
        }
    }
}

#[test]
fn too_fine_a_margin_is_told_and_undecided() {
    let plan = plan_with(SCENARIO, &NET.replace("Repair", "Mend"), &simulated(20_000));
    let outcome = try_judge(&baseline(SCENARIO, NET), &plan, Some(0.001), 2).expect("no fault");
    let gate = outcome.gate.expect("a gate");
    assert_eq!(gate.ruling(), Ruling::Undecided, "{gate:?}");
    assert!(gate.notes.iter().any(|note| note.contains("is finer than")), "{:?}", gate.notes);
}

#[test]
fn threads_change_nothing_and_the_seed_is_fresh() {
    let (base, plan) =
        (baseline(SCENARIO, NET), plan_with(SCENARIO, &NET.replace("Fail", "Crash"), &simulated(4_000_000)));
    let of = |threads| try_judge(&base, &plan, None, threads).expect("no fault").gate.expect("a gate");
    let one = of(1);
    assert_eq!(one, of(3));
    assert_ne!(one.seed, base.blessed.seed);
    let other = plan_with(SCENARIO, &NET.replace("Fail", "Break"), &simulated(4_000_000));
    assert_ne!(gate_of(&base, &other).seed, one.seed);
}

#[test]
fn what_is_gone_is_red_and_what_is_new_is_told() {
    let base = baseline(SCENARIO, NET);
    let renamed = plan_with(SCENARIO, &NET.replace("service", "availability"), &simulated(1_000));
    let gate = gate_of(&base, &renamed);
    assert_eq!((gate.ruling(), gate.checks[0].ruling), (Ruling::Regression, Ruling::Missing));
    assert!(gate.notes.iter().any(|note| note.contains("new")), "{:?}", gate.notes);
    let more = r##"Scenario(designs: {"one": (net: "net.ron"), "two": (net: "net.ron", with: {"repair": "9 h"})})"##;
    let (base, gone) = (baseline(more, NET), plan_with(SCENARIO, NET, &simulated(1_000)));
    assert_eq!(gate_of(&base, &gone).ruling(), Ruling::Regression);
    let added = gate_of(&baseline(SCENARIO, NET), &plan_with(more, NET, &simulated(1_000)));
    assert!(added.ruling() == Ruling::Unchanged && added.notes.iter().any(|note| note.starts_with("two")), "{added:?}");
    let foreign = plan_with(&SCENARIO.replace("\"one\"", "\"other\""), NET, &simulated(1_000));
    assert!(matches!(try_judge(&base, &foreign, None, 1), Err(RunFault::Baseline(_))));
    // Another condition leads, and the one that was blessed is watched all the same.
    let lax = NET.replace("up: {", "up: {\"anything\": \"#Up + #Down >= 1\",").replace("\"4 h\"", "\"8 h\"");
    let gate = gate_of(&baseline(SCENARIO, NET), &plan_with(SCENARIO, &lax, &simulated(1_000_000)));
    assert!(gate.checks[0].condition == "service" && gate.ruling() == Ruling::Regression, "{gate:?}");
}

#[test]
fn a_wider_margin_or_another_window_counts_only_once_it_is_blessed() {
    let base = baseline(SCENARIO, NET);
    let lax = SCENARIO.replace("precision", "gate: (margin: \"90 %\"), warmup: \"0 s\", length: \"1 min\", precision");
    let plan = plan_with(&lax, &NET.replace("\"4 h\"", "\"5 h\""), &simulated(1_000_000));
    let gate = gate_of(&base, &plan);
    assert!(gate.ruling() == Ruling::Regression && gate.margin == 0.02, "{gate:?}");
    assert_eq!(gate.notes.len(), 2, "{:?}", gate.notes);
    let flagged = try_judge(&base, &plan, Some(0.9), 2).expect("no fault").gate.expect("a gate");
    assert_eq!(flagged.ruling(), Ruling::Fine);
}

#[test]
fn many_small_steps_are_found_by_the_anchor() {
    let of = |hours: &str| NET.replace("\"4 h\"", &format!("{hours:?}"));
    let first = baseline(SCENARIO, &of("4 h"));
    let second = Baseline::new("scenario", blessed(SCENARIO, &of("4.06 h")), Some(first));
    let plan = plan_with(SCENARIO, &of("4.12 h"), &Overrides::default());
    let gate = gate_of(&second, &plan);
    let found: Vec<(&Reference, Ruling)> = gate.checks.iter().map(|check| (&check.reference, check.ruling)).collect();
    assert_eq!(found, [(&Reference::Blessed, Ruling::Fine), (&Reference::Anchor, Ruling::Regression)]);
    // Blessed again and again, the anchor stays.
    let third = Baseline::new("scenario", blessed(SCENARIO, &of("4.12 h")), Some(second));
    assert_eq!(gate_of(&third, &plan).ruling(), Ruling::Regression);
    let back = Baseline::new("scenario", blessed(SCENARIO, &of("4 h")), Some(third));
    assert!(back.anchors.is_empty());
    // A design that comes later has its own anchor.
    let more = r##"Scenario(designs: {"one": (net: "net.ron"), "two": (net: "net.ron")})"##;
    let grown = Baseline::new("scenario", blessed(more, NET), Some(back));
    let anchored: Vec<&str> = grown.anchors.iter().flat_map(|a| &a.downtimes).map(|d| d.design.as_str()).collect();
    assert_eq!(anchored, ["one", "two"]);
}

#[test]
fn a_margin_that_grows_does_not_loosen_the_anchor() {
    let of = |hours: &str| NET.replace("\"4 h\"", &format!("{hours:?}"));
    let lax = SCENARIO.replace("precision", "gate: (margin: \"50 %\"), precision");
    let first = baseline(SCENARIO, &of("4 h"));
    let second = Baseline::new("scenario", blessed(&lax, &of("4.06 h")), Some(first));
    let gate = gate_of(&second, &plan_with(&lax, &of("5 h"), &Overrides::default()));
    let found: Vec<(f64, Ruling)> = gate.checks.iter().map(|check| (check.limit, check.ruling)).collect();
    assert_eq!(found, [(1.5, Ruling::Fine), (1.02, Ruling::Regression)]);
    assert!(gate.notes.iter().any(|note| note.contains("from 2 % to 50 %")), "{:?}", gate.notes);
    // A stricter one counts for both.
    let strict = SCENARIO.replace("precision", "gate: (margin: \"1 %\"), precision");
    let third = Baseline::new("scenario", blessed(&strict, &of("4.06 h")), Some(second));
    let gate = gate_of(&third, &plan_with(&strict, &of("4.12 h"), &Overrides::default()));
    assert!(gate.checks.iter().all(|check| check.limit == 1.01), "{gate:?}");
}

#[test]
fn no_margin_is_too_fine_for_what_is_solved() {
    let exactly = Overrides { budget: Some(20_000), ..Overrides::default() };
    let plan = plan_with(SCENARIO, &NET.replace("Repair", "Mend"), &exactly);
    let outcome = try_judge(&baseline(SCENARIO, NET), &plan, Some(0.001), 2).expect("no fault");
    let gate = outcome.gate.expect("a gate");
    assert_eq!((gate.checks[0].method, gate.ruling()), (Some(Method::Exact), Ruling::Fine), "{gate:?}");
    assert!(gate.notes.is_empty(), "{:?}", gate.notes);
}

/// Between the looks of a gate the net may come to rest: it is judged by how it rests.
#[test]
fn a_net_that_comes_to_rest_is_a_regression() {
    let dies = r##"Exponential(mean: 500 h)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Die": Timed(delay: "Exponential(mean: 1000000 h)", from: {"Up": "1"}),
        "Other": Timed(delay: "Exponential(mean: 500 h)", from"##;
    let net = NET.replace("Exponential(mean: 500 h)\", from", dies);
    let check = gate_of(&baseline(SCENARIO, NET), &plan_with(SCENARIO, &net, &simulated(4_000_000))).checks.remove(0);
    assert_eq!((check.ruling, check.method), (Ruling::Regression, Some(Method::Replications)), "{check:?}");
}

#[test]
fn never_down_and_always_down() {
    let never = NET.replace("#Up >= 1", "#Up >= 0");
    let always = NET.replace("#Up >= 1", "#Up >= 2");
    let ruling = |old: &str, new: &str, method: Method| {
        let overrides = Overrides { method: Some(method), ..simulated(200_000) };
        gate_of(&baseline(SCENARIO, old), &plan_with(SCENARIO, new, &overrides)).ruling()
    };
    let renamed = never.replace("Fail", "Crash");
    for (old, new, exact, by_chance) in [
        (NET, &never, Ruling::Fine, Ruling::Undecided),
        (&never, &NET.to_string(), Ruling::Regression, Ruling::Undecided),
        (&never, &renamed, Ruling::Fine, Ruling::Undecided),
        (NET, &always, Ruling::Regression, Ruling::Regression),
    ] {
        assert_eq!(ruling(old, new, Method::Auto), exact, "{new}");
        assert_eq!(ruling(old, new, Method::Replications), by_chance, "{new}");
    }
}

#[test]
fn objectives_are_a_gate() {
    let with = |list: &str| SCENARIO.replace("precision", &format!("objectives: [{list}], precision"));
    let judged = |list: &str, overrides: &Overrides| {
        let never = AtomicBool::new(false);
        let plan = plan_with(&with(list), NET, overrides);
        judge(&plan, None, Asked::default(), &control(&never, 2)).expect("no fault").gate.expect("a gate").ruling()
    };
    for overrides in [Overrides::default(), simulated(1_000_000)] {
        assert_eq!(judged("(availability: \"99 %\")", &overrides), Ruling::Fine);
        assert_eq!(judged("(measure: \"downtime per year\", value: \"2 d\")", &overrides), Ruling::Regression);
    }
    assert_eq!(judged("(unavailability: \"4 / 504\")", &simulated(20_000)), Ruling::Undecided);
    // One that was blessed can't be left out or loosened.
    let base = baseline(&with("(availability: \"99 %\")"), NET);
    for list in ["", "(availability: \"90 %\")"] {
        let gate = gate_of(&base, &plan_with(&with(list), NET, &Overrides::default()));
        assert_eq!(gate.ruling(), Ruling::Regression, "{list}: {gate:?}");
    }
    let tighter = gate_of(&base, &plan_with(&with("(availability: \"99.1 %\")"), NET, &Overrides::default()));
    assert_eq!(tighter.ruling(), Ruling::Fine);
}

/// What comes of work that is interrupted at so many reports of progress, the last snapshot, and the reports.
fn interrupted_at(
    reports: usize,
    resume: Option<Snapshot>,
    work: impl FnOnce(&Control) -> Result<Outcome, RunFault>,
) -> (Result<Outcome, RunFault>, Option<Snapshot>, usize) {
    let (interrupted, calls, kept) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(None));
    let progress = |_| {
        let before = calls.fetch_add(1, Ordering::Relaxed);
        interrupted.fetch_or(before + 1 >= reports, Ordering::Relaxed);
    };
    let checkpoint = |snapshot: &Snapshot| *kept.lock().unwrap() = Some(serde_json::to_string(snapshot).unwrap());
    let control =
        Control { threads: 1, interrupted: &interrupted, progress: &progress, checkpoint: &checkpoint, resume };
    let outcome = work(&control);
    let kept: Option<String> = kept.into_inner().unwrap();
    (outcome, kept.map(|text| serde_json::from_str(&text).expect("a snapshot")), calls.into_inner())
}

/// Three sweep points, each a test; interrupted at each of them and again within the second.
#[test]
fn an_interrupted_gate_goes_on_to_the_same_bytes() {
    let swept = SCENARIO.replace("precision", r#"sweep: {"repair": ["4 h", "6 h", "8 h"]}, precision"#);
    let (base, net) = (baseline(&swept, NET), NET.replace("500 h", "450 h"));
    let plan = plan_with(&swept, &net, &simulated(400_000));
    let opened = base.open("base.json", &Memory::new()).expect("it can be run");
    let until = |reports: usize, resume: Option<Snapshot>| {
        interrupted_at(reports, resume, |control| judge(&plan, Some(&opened), Asked::default(), control))
    };
    let (whole, _, all) = until(usize::MAX, None);
    let whole = whole.expect("no fault");
    assert_eq!(whole.gate.as_ref().map(|gate| gate.checks.len()), Some(3));
    let mut saved = 0;
    for share in 1..6 {
        let (part, snapshot, _) = until(share * all / 6, None);
        assert!(part.expect("no fault").interrupted, "at {share}/6 of {all}");
        let (end, _, more) = until(usize::MAX, snapshot);
        assert_eq!(Report::new(end.expect("no fault")).json(), Report::new(whole.clone()).json(), "{share}/6");
        saved += usize::from(more < all);
    }
    assert!(saved >= 3, "what is decided isn't decided again: {saved}");
    // A snapshot of another gate is refused.
    let (_, snapshot, _) = until(all / 2, None);
    let (never, elsewhere) = (AtomicBool::new(false), plan_with(&swept, &net, &simulated(500_000)));
    let control = Control { resume: snapshot, ..control(&never, 1) };
    let refused = judge(&elsewhere, Some(&opened), Asked::default(), &control);
    assert!(matches!(refused, Err(RunFault::Resume(_))), "{refused:?}");
}

/// The run is kept while its objectives are judged, and what is judged is kept too.
#[test]
fn interrupted_objectives_go_on_to_the_same_bytes() {
    let list = r#"(availability: "99 %"), (unavailability: "4 / 504"), (availability: "99.1 %")"#;
    let text = SCENARIO.replace("precision", &format!("objectives: [{list}], precision"));
    let plan = plan_with(&text, NET, &simulated(100_000));
    let until = |reports: usize, resume: Option<Snapshot>| {
        let work = |control: &Control| run_and_judge(&plan, Asked::default(), control);
        let (outcome, kept, calls) = interrupted_at(reports, resume, work);
        (outcome.expect("no fault"), kept, calls)
    };
    let (whole, _, all) = until(usize::MAX, None);
    assert_eq!((whole.points.len(), whole.gate.as_ref().map(|gate| gate.checks.len())), (1, Some(3)));
    let (mut judging, mut saved) = (0, 0);
    for share in 1..8 {
        let (part, snapshot, _) = until(share * all / 8, None);
        assert!(part.interrupted, "at {share}/8 of {all}");
        judging += usize::from(part.gate.is_some());
        let (end, _, more) = until(usize::MAX, snapshot);
        assert_eq!(Report::new(end).json(), Report::new(whole.clone()).json(), "{share}/8");
        saved += usize::from(more < all);
    }
    assert!(judging >= 3 && saved >= 5, "{judging} {saved} of {all}");
}

#[test]
fn a_file_that_is_no_baseline_is_told_so() {
    let text = baseline(SCENARIO, NET).text();
    let refused = |text: &str| Baseline::parse(text).expect_err("it is refused");
    assert!(refused("x").contains("no baseline") && refused("{}").contains("no baseline"));
    assert!(refused(&text.replace("fivenines baseline", "recipe")).contains("a `recipe`"));
    assert!(refused(&text.replace("\"schema\": 1", "\"schema\": 2")).contains("newer"));
    assert!(refused(&text.replace("\"downtimes\"", "\"x\"")).contains("damaged"));
    for (old, new) in [("500 h", "50 h"), ("\"digest\": \"", "\"digest\": \"0")] {
        let forged = Baseline::parse(&text.replace(old, new)).expect("it can be read");
        assert!(forged.open("base.json", &Memory::new()).is_err_and(|why| why.contains("isn't the one")), "{old}");
    }
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_scenarios_are_what_was_blessed() {
    let mut found = 0;
    for entry in std::fs::read_dir(root().join("reports/baseline")).expect("the baselines") {
        let name = entry.expect("a file").file_name().into_string().expect("UTF-8");
        let scenario = format!("scenarios/{}.ron", name.trim_end_matches(".json"));
        let (code, out, errors) = answer(root(), &["run", &scenario, "--against", "reports/baseline"]);
        assert_eq!(code, 0, "{name}: {out}{errors}");
        assert!(out.contains("GREEN: unchanged"), "{name}: {out}");
        found += 1;
    }
    assert!(found >= 3);
}

/// The designs with one line of their models doctored: a spare that is none. What it doesn't touch stays unchanged.
#[test]
fn a_doctored_design_is_red_and_the_others_are_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    for part in ["models", "models/lib", "models/designs", "models/params", "scenarios"] {
        std::fs::create_dir_all(folder.path().join(part)).expect("a folder");
        for entry in std::fs::read_dir(root().join(part)).expect("the files") {
            let entry = entry.expect("a file");
            if entry.path().is_file() {
                std::fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).expect("a copy");
            }
        }
    }
    let net = folder.path().join("models/designs/balanced.ron");
    let text = std::fs::read_to_string(&net).expect("the net");
    let doctored = text.replace("\"needed\": \"2\"", "\"needed\": \"3\"");
    assert_ne!(text, doctored);
    std::fs::write(&net, doctored).expect("the net");
    let baseline = root().join("reports/baseline");
    let against = baseline.to_str().expect("UTF-8");
    let (code, out, errors) =
        answer(folder.path(), &["run", "scenarios/designs.ron", "--against", against, "--budget", "100000"]);
    assert_eq!(code, 1, "{out}{errors}");
    assert!(out.contains("RED: 2 of 11"), "{out}");
}

#[test]
fn the_exit_code_tells_the_verdict() {
    let run = |arguments: &[&str]| {
        let all = [&["run", "builtin:scenarios/thesis-table-1.ron"], arguments].concat();
        answer(root(), &all)
    };
    let against = ["--against", "builtin:reports/baseline/thesis-table-1"];
    let longer = run(&[&against[..], &["--set", "restart=Uniform(36 s, 360 s)"]].concat());
    assert_eq!(longer.0, 1, "{}{}", longer.1, longer.2);
    assert!(longer.1.contains("RED: 2 of 2"), "{}", longer.1);
    assert_eq!(run(&against).0, 0);
    let close = ["--set", "mean_restart=165.01 s", "--margin", "0.006 %", "--budget", "50000"];
    let open = run(&[&against[..], &close].concat());
    assert_eq!(open.0, 5, "{}{}", open.1, open.2);
    assert_eq!(run(&["--against", "reports/baseline/none.json"]).0, 4);
    assert_eq!(run(&["--against", "reports/thesis.md"]).0, 2);
    assert_eq!(run(&["--against", "builtin:reports/baseline/thesis-table-1", "--margin", "nan"]).0, 2);
    assert_eq!(run(&["--bless", "builtin:reports/baseline/thesis-table-1"]).0, 2);
    // What a gate doesn't do isn't left out silently.
    for more in ["--causes", "--years", "--sensitivity", "--refine=1 %", "--parameter-uncertainty=9", "--figures=f"] {
        let (code, out, errors) = run(&[&against[..], &[more]].concat());
        assert!(code == 2 && out.is_empty() && errors.contains("cannot be used with"), "{more}: {errors}");
    }
    assert_eq!(run(&[&against[..], &["--target", "availability >= 0.9 by restart from 1 s to 2 s"]].concat()).0, 2);
}

#[test]
fn what_is_blessed_can_be_held_against_and_is_never_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    write("net.ron", NET);
    let run = |arguments: &[&str]| answer(folder.path(), &[&["run", "net.ron"], arguments].concat());
    assert_eq!(run(&["--bless", "base.json", "-q"]).0, 0);
    let before = read("base.json");
    // Another file of the same kind is the same design; the model may change and go.
    write("other.ron", &NET.replace("\"4 h\"", "\"8 h\"").replace("500 h", "400 h"));
    let (code, out, _) = answer(
        folder.path(),
        &["run", "other.ron", "--against", "base", "--junit", "gate.xml", "--summary", "summary.md"],
    );
    assert!(code == 1 && out.contains("REGRESSION"), "{out}");
    insta::assert_snapshot!("gate-junit", read("gate.xml"));
    insta::assert_snapshot!("gate-summary", read("summary.md"));
    // What fails isn't blessed, and what isn't a baseline isn't overwritten.
    write("failing.ron", &SCENARIO.replace("precision", "expect: [(unavailability: \"0.5\")], precision"));
    assert_eq!(answer(folder.path(), &["run", "failing.ron", "--bless", "base.json"]).0, 1);
    assert_eq!(read("base.json"), before);
    write("notes.json", "{}");
    assert_eq!((run(&["--bless", "notes.json"]).0, read("notes.json").as_str()), (2, "{}"));
    assert_eq!(run(&["--bless", "notes.json", "--re-anchor", "-q"]).0, 0);
    assert_eq!(run(&["--bless", "base.json", "--output", "base.json"]).0, 2);
}
