//! Sweeps over ranges, crossings that are narrowed, sensitivities and targets: against closed forms, by both engines.
//!
//! A simulated interval at a false alarm of 1e-6 must contain the exact value (but for the bias that is told).

use crate::experiment::{HOUR, SURE};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::answers::{Influence, Reached, Sensitivity};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{Control, Overrides, Plan, Reading, Snapshot, plan, run};
use fivenines::net::{Library, load::Memory};
use fivenines::report::Report;
use fivenines::stats::Estimate;
use fivenines::units::YEAR;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// One unit; U = mttr / (mtbf + mttr) for any laws of these means.
const UNIT: &str = r##"Net(
    parameters: { "mtbf": "100 h", "mttr": "5 h" },
    places: { "Up": (tokens: 1), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: mttr)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "unit": "#Up == 1" },
)"##;

/// Sections whose first failure restarts all.
const SECTIONS: &str = r##"Net(
    parameters: { "mtbf": "2208 h", "sigma": "0.4", "sections": "3", "restart": "Uniform(30 s, 300 s)", "double": "2 * sigma" },
    places: { "Running": (tokens: 1), "Failed": () },
    transitions: {
        "Fail[s in 1..=sections]": Timed(delay: "LogNormal(mean: mtbf, sigma: double / 2)", from: {"Running": "1"}, to: {"Failed": "1"}),
        "Repair": Timed(delay: "restart", from: {"Failed": "1"}, to: {"Running": "1"}),
    },
    up: { "service": "#Running >= 1" },
)"##;

/// n machines with crews.
const MACHINES: &str = r##"Net(
    parameters: { "mtbf": "{a: 100 h, b: 200 h}", "mttr": "5 h", "crews": "1", "needed": "2" },
    colours: { "M": "{a, b}" },
    places: { "Up": (colour: "M", tokens: "2 * all M"), "Down": () },
    transitions: {
        "Fail[m in M]": Timed(delay: "Exponential(mean: mtbf[m])", servers: Infinite, from: {"Up": "m"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: mttr)", servers: "crews", from: {"Down": "1"}),
        "Renew": Immediate(guard: "#Up + #Down < 4 && #Up(a) < 2", to: {"Up": "a"}),
        "Again": Immediate(guard: "#Up + #Down < 4 && #Up(a) == 2", to: {"Up": "b"}),
    },
    up: { "enough": "#Up >= needed" },
    measures: { "one up": "P{#Up == 2}" },
)"##;

fn scenario(fields: &str) -> Plan {
    try_scenario(fields).unwrap_or_else(|messages| panic!("{messages:?}"))
}

fn try_scenario(fields: &str) -> Result<Plan, Vec<String>> {
    try_with(fields, &[])
}

fn try_with(fields: &str, set: &[(&str, &str)]) -> Result<Plan, Vec<String>> {
    let set = set.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    let files = Memory::new().with("unit.ron", UNIT).with("sections.ron", SECTIONS).with("machines.ron", MACHINES);
    let files = files.with("s.ron", format!("Scenario({fields})"));
    let (mut library, mut sources, mut diagnostics) =
        (Library::new(&files), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let found = plan("s.ron", &Overrides { set, ..Overrides::default() }, &mut reading);
    found.ok_or_else(|| diagnostics.sorted().into_iter().map(|d| format!("{}: {}", d.code, d.message)).collect())
}

/// Runs until so many reports of progress.
fn until(plan: &Plan, reports: usize, resume: Option<Snapshot>) -> (Outcome, Option<Snapshot>, usize) {
    let (interrupted, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let kept: Mutex<Option<Snapshot>> = Mutex::new(None);
    let progress = |_| {
        if calls.fetch_add(1, Ordering::Relaxed) + 1 >= reports {
            interrupted.store(true, Ordering::Relaxed);
        }
    };
    let checkpoint = |snapshot: &Snapshot| *kept.lock().unwrap() = Some(snapshot.clone());
    let control =
        Control { threads: 2, interrupted: &interrupted, progress: &progress, checkpoint: &checkpoint, resume };
    let outcome = run(plan, &control).expect("no fault");
    let text = kept.into_inner().unwrap().map(|snapshot| serde_json::to_string(&snapshot).unwrap());
    (outcome, text.map(|text| serde_json::from_str(&text).unwrap()), calls.into_inner())
}

fn outcome(fields: &str) -> Outcome {
    until(&scenario(fields), usize::MAX, None).0
}

fn influence<'s>(of: &'s Sensitivity, parameter: &str) -> &'s Influence {
    of.influences.iter().find(|i| i.parameter == parameter).unwrap_or_else(|| panic!("{parameter} in {of:?}"))
}

/// Whether the interval, made wider by the bias, holds the value.
fn holds(estimate: &Estimate, value: f64, bias: f64) {
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(low - bias <= value && value <= high + bias, "{value} not in {estimate:?}");
}

#[test]
fn ranges_have_their_values() {
    let plan = scenario(
        r#"designs: {"u": (net: "unit.ron")},
           sweep: {"mtbf": ["range(10 h, 2 d, points: 3)", "3 d"], "mttr": "logrange(from: 1 min, to: 100 min, points: 4)"}"#,
    );
    let at: Vec<(&str, &str)> = plan.points.iter().map(|p| (p.at["mtbf"].as_str(), p.at["mttr"].as_str())).collect();
    assert_eq!(at.len(), 16);
    let first: Vec<&str> = at.iter().step_by(4).map(|(mtbf, _)| *mtbf).collect();
    assert_eq!(first, ["10 h", "29 h", "2 d", "3 d"]);
    let second: Vec<&str> = at[..4].iter().map(|(_, mttr)| *mttr).collect();
    assert_eq!(second, ["1 min", "4.64159 min", "21.5443 min", "100 min"]);
}

/// Two like units, of which the second alone is repaired in another time: U = mttr / (100 h + mttr).
const ONE_ALONE: &str = r#"designs: {"one": (net: "unit.ron"), "the other": (net: "unit.ron")}, method: Exact,
    sweep: {"the other.mttr": ["2 h", "10 h"]}, refine: "1 %", sensitivity: ["the other.mtbf"],
    expect: [(design: "the other", at: {"the other.mttr": "2 h"}, unavailability: "2 / 102", tolerance: "1e-9 %")],
    targets: [(design: "the other", at: {"the other.mttr": "2 h"}, parameter: "mtbf", from: "1 h", to: "1 y", availability: ">= 99 %")]"#;

#[test]
fn a_parameter_of_one_design_is_swept_alone() {
    let found = outcome(ONE_ALONE);
    let u = |point: usize| found.points[point].up["unit"]["unavailability"].estimate.unwrap();
    let exact = |mttr: f64| mttr / (100.0 + mttr);
    for (point, mttr) in [(0, 5.0), (1, 2.0), (2, 5.0), (3, 10.0)] {
        assert!((u(point) / exact(mttr) - 1.0).abs() < 1e-12, "{point}: {}", u(point));
    }
    assert!(found.holds() && found.verdicts.len() == 1, "{:?}", found.verdicts);
    let crossing = &found.crossings[0];
    assert_eq!((crossing.parameter.as_str(), found.crossings.len()), ("the other.mttr", 1));
    assert!((crossing.value.estimate.unwrap() / (5.0 * HOUR) - 1.0).abs() < 1e-9, "{crossing:?}");
    // Of the first design nothing is varied.
    let varied: Vec<usize> = found.sensitivities.iter().map(|of| of.influences.len()).collect();
    assert_eq!(varied, [0, 1, 0, 1]);
    let elasticity = influence(&found.sensitivities[3], "mtbf").elasticity.estimate.unwrap();
    assert!((elasticity + 100.0 / 110.0).abs() < 1e-6, "{elasticity}");
    let solution = found.targets[0].solutions[0].value.estimate.unwrap();
    assert!((solution / (198.0 * HOUR) - 1.0).abs() < 1e-6, "{solution}");
    let csv = Report::new(found).csv();
    assert!(csv.starts_with("design,the other.mttr,up,") && csv.contains("the other,2 h,unit,"), "{csv}");
}

#[test]
fn what_is_set_for_one_design_alone_wins() {
    let repairs = |set: &[(&str, &str)]| -> Vec<String> {
        let fields = r#"designs: {"one": (net: "unit.ron", with: {"mttr": "1 h"}), "two": (net: "unit.ron")}, method: Exact,
            sweep: {"two.mttr": ["2 h", "3 h"]}"#;
        let plan = try_with(fields, set).unwrap_or_else(|messages| panic!("{messages:?}"));
        let found = until(&plan, usize::MAX, None).0;
        let u = |of: &fivenines::experiment::outcome::Point| of.up["unit"]["unavailability"].estimate.unwrap();
        found.points.iter().map(|of| format!("{:.6}", 100.0 * u(of) / (1.0 - u(of)))).collect()
    };
    let told = |values: &[f64]| -> Vec<String> { values.iter().map(|value| format!("{value:.6}")).collect() };
    assert_eq!(repairs(&[]), told(&[1.0, 2.0, 1.0, 3.0]));
    assert_eq!(repairs(&[("two.mttr", "7 h")]), told(&[1.0, 7.0]));
    assert_eq!(repairs(&[("mttr", "8 h")]), told(&[8.0, 8.0]));
    assert_eq!(repairs(&[("one.mttr", "9 h"), ("mttr", "8 h")]), told(&[9.0, 8.0]));
}

#[test]
fn what_is_swept_for_one_design_must_be_its_own_and_swept_once() {
    for (fields, code) in [
        (r#"sweep: {"u.mtbff": ["1 h"]}"#, "E0906"),
        (r#"sweep: {"v.mtbf": ["1 h"]}"#, "E0906"),
        (r#"sweep: {"u.": ["1 h"]}"#, "E0906"),
        (r#"sweep: {"u.mtbf": ["1 h"], "mtbf": ["2 h"]}"#, "E0907"),
        (r#"sweep: {"g.mtbf": ["1 h"]}"#, "E0907"),
        (r#"sensitivity: ["u.x"]"#, "E0906"),
        (
            r#"sweep: {"u.mtbf": ["1 h"]}, targets: [(design: "u", parameter: "mtbf", from: "1 h", to: "2 h", availability: "0.9")]"#,
            "E0907",
        ),
    ] {
        let designs = r#"designs: {"u": (net: "unit.ron"), "g": (net: "unit.ron", with: {"mtbf": "3 h"})}"#;
        let messages = try_scenario(&format!("{designs}, {fields}")).expect_err(fields);
        assert!(messages.iter().any(|message| message.starts_with(code)), "{fields}: {messages:?}");
    }
    // What all are given, one may be swept in.
    let fields = r#"designs: {"u": (net: "unit.ron"), "g": (net: "unit.ron")}, with: {"mtbf": "3 h"}, sweep: {"g.mtbf": ["1 h"]}"#;
    assert!(try_scenario(fields).is_ok());
}

#[test]
fn impossible_ranges_are_refused() {
    for (range, code) in [
        ("range(1 h, 2 h, points: 1e9)", "E0915"),
        ("range(1 h, 2 h, points: 2.5)", "E0917"),
        ("range(1 h, 2 h)", "E0917"),
        ("range(1 h, 2, points: 3)", "E0917"),
        ("logrange(-1 h, 2 h, points: 3)", "E0917"),
        ("range(1 h, 1 h, points: 3)", "E0917"),
        ("range(1 h, x, points: 3)", "E0903"),
        ("range(1 h * 1 h, 2 h * 1 h, points: 3)", "E0917"),
        ("rnge(1 h, 2 h, points: 3)", "E0406"),
    ] {
        let fields = format!(r#"designs: {{"u": (net: "unit.ron")}}, sweep: {{"mtbf": "{range}"}}"#);
        let messages = try_scenario(&fields).expect_err(range);
        assert!(messages.iter().any(|m| m.starts_with(code)), "{range}: {messages:?}");
    }
    // Two ranges that are too much together.
    let both = r#"designs: {"u": (net: "unit.ron")},
        sweep: {"mtbf": "range(1 h, 2 h, points: 200)", "mttr": "range(1 h, 2 h, points: 200)"}"#;
    assert!(try_scenario(both).is_err_and(|messages| messages.iter().any(|m| m.starts_with("E0915"))));
}

#[test]
fn elasticities_of_one_unit_are_its_availability() {
    let found = outcome(r#"designs: {"u": (net: "unit.ron")}, method: Exact, sensitivity: true"#);
    let of = &found.sensitivities[0];
    let a = 100.0 / 105.0;
    for (parameter, exact) in [("mtbf", -a), ("mttr", a)] {
        let Influence { elasticity, divided, multiplied, factor, .. } = influence(of, parameter);
        holds(elasticity, exact, 0.0);
        let width = elasticity.high.unwrap() - elasticity.low.unwrap();
        assert!(width < 1e-7, "{elasticity:?}");
        let (more, less) = if exact > 0.0 { (multiplied, divided) } else { (divided, multiplied) };
        let down = |ratio: f64| ratio / (1.0 + ratio) * YEAR;
        holds(more, down(0.05 * factor), 1e-6);
        holds(less, down(0.05 / factor), 1e-6);
    }
    let report = Report::new(found);
    assert!(report.text().contains("Sensitivity") && report.markdown().contains("elasticity"));
    assert!(report.csv().contains("u,unit,elasticity of downtime to mtbf,-0.95238"), "{}", report.csv());
}

#[test]
fn laws_tables_and_counts_have_their_place() {
    let found = outcome(r#"designs: {"m": (net: "sections.ron")}, method: Exact, sensitivity: true"#);
    let of = &found.sensitivities[0];
    // The least of the sections' clocks scales with their mean.
    let u = found.points[0].up["service"]["unavailability"].estimate.unwrap();
    holds(&influence(of, "mtbf").elasticity, -(1.0 - u), 1e-9);
    holds(&influence(of, "restart.low").elasticity, (1.0 - u) * 30.0 / 330.0, 1e-9);
    holds(&influence(of, "restart.high").elasticity, (1.0 - u) * 300.0 / 330.0, 1e-9);
    assert!(influence(of, "sigma").elasticity.estimate.is_some());
    let order: Vec<f64> = of.influences.iter().map(|i| i.elasticity.estimate.unwrap().abs()).collect();
    assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
    assert_eq!(of.left_out.iter().map(|l| l.parameter.as_str()).collect::<Vec<_>>(), ["double"]);
    let step = &of.steps[0];
    assert_eq!((step.parameter.as_str(), step.value), ("sections", 3.0));
    let down = &found.points[0].up["service"]["downtime per year"];
    assert!(
        step.less.as_ref().unwrap().estimate < down.estimate && down.estimate < step.more.as_ref().unwrap().estimate
    );

    let found =
        outcome(r#"designs: {"m": (net: "machines.ron")}, method: Exact, sensitivity: ["mtbf", "crews", "needed"]"#);
    let of = &found.sensitivities[0];
    // Both times scaled alike change nothing but the clock of the whole.
    let sum: f64 = ["mtbf[a]", "mtbf[b]"].iter().map(|p| influence(of, p).elasticity.estimate.unwrap()).sum();
    let all = outcome(r#"designs: {"m": (net: "machines.ron")}, method: Exact, sensitivity: ["mttr"]"#);
    holds(&influence(&all.sensitivities[0], "mttr").elasticity, -sum, 1e-8);
    assert_eq!(of.steps.iter().map(|s| s.parameter.as_str()).collect::<Vec<_>>(), ["crews", "needed"]);
    assert!(of.steps[0].less.is_none() && of.steps[0].more.is_some(), "no crew is impossible");
}

#[test]
fn simulated_elasticities_agree_with_exact_ones() {
    let confidence = format!("confidence: \"{SURE}\", seed: 3, precision: \"5 %\"");
    for net in ["unit", "sections"] {
        let fields = format!(r#"designs: {{"d": (net: "{net}.ron")}}, sensitivity: true"#);
        let exact = outcome(&format!("{fields}, method: Exact"));
        let found = outcome(&format!("{fields}, method: Regenerative, {confidence}"));
        for of in &exact.sensitivities[0].influences {
            let simulated = influence(&found.sensitivities[0], &of.parameter);
            // The term of the third order: (ln 1.1)² / 6 of a derivative that is of the order of 1 here.
            holds(&simulated.elasticity, of.elasticity.estimate.unwrap(), 0.005);
        }
    }
}

#[test]
fn an_exact_target_has_all_digits() {
    let found = outcome(
        r#"designs: {"u": (net: "unit.ron")}, method: Exact, targets: [
            (parameter: "mtbf", from: "10 h", to: "1e6 h", availability: ">= 99.9 %"),
            (parameter: "mttr", from: "1 s", to: "1 d", measure: "downtime per year", value: "<= 1 h"),
            (parameter: "mttr", from: "1 h", to: "1 d", nines: "5"),
            (parameter: "mttr", from: "1 s", to: "1 min", nines: "3"),
            (parameter: "mtbf", from: "1 h", to: "1e9 h", measure: "MTBF", value: ">= 1000 h"),
        ]"#,
    );
    let of = &found.targets;
    let near = |i: usize, exact: f64| {
        let value = &of[i].solutions[0].value;
        assert!((value.estimate.unwrap() / exact - 1.0).abs() < 1e-9, "{:?}", of[i]);
        assert!(of[i].monotone && of[i].reached == Reached::InPart && of[i].solutions.len() == 1);
    };
    near(0, 5.0 * 999.0 * HOUR);
    assert!(of[0].solutions[0].reached_above);
    let u = HOUR / YEAR;
    near(1, 100.0 * HOUR * u / (1.0 - u));
    assert!(!of[1].solutions[0].reached_above);
    assert_eq!((of[2].reached, of[3].reached), (Reached::Nowhere, Reached::Everywhere));
    near(4, 995.0 * HOUR);
    let text = Report::new(found).text();
    assert!(text.contains("takes mtbf ≥") && text.contains("no value of mttr"), "{text}");
}

#[test]
fn whole_numbers_and_bends_are_seen() {
    let found = outcome(
        r#"designs: {"m": (net: "machines.ron")}, method: Exact, targets: [
            (parameter: "needed", from: "1", to: "4", availability: ">= 99 %"),
            (parameter: "mttr", from: "1 min", to: "10000 h", measure: "one up", value: ">= 0.05"),
        ]"#,
    );
    let [whole, bent] = &found.targets[..] else { panic!("two targets") };
    let value = whole.solutions[0].value.estimate.unwrap();
    assert!(value.fract() == 0.0 && !whole.solutions[0].reached_above, "{whole:?}");
    let of = |needed: f64| whole.probed.iter().find(|p| p.value == needed).unwrap().estimate.estimate.unwrap();
    assert!(of(value) >= 0.99 && of(value + 1.0) < 0.99);
    assert_eq!((bent.solutions.len(), bent.monotone), (2, false), "{bent:?}");
    assert!(bent.solutions[0].reached_above && !bent.solutions[1].reached_above);
}

/// The long run of one lognormal crew is solved, but not the law of its outages.
#[test]
fn a_target_says_how_its_own_measure_was_found() {
    let net = r##"Net(
        parameters: { "repair": "LogNormal(mean: 4 h, sigma: 0.8)" },
        places: { "Up": (tokens: 2), "Down": () },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 50 h)", servers: Infinite, from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "repair", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up >= 1" },
        measures: { "long": "quantile(0.9, outage{service})", "two": "P{#Up == 2}" },
    )"##;
    let scenario = r##"Scenario(designs: {"crew": (net: "crew.ron")}, precision: "10 %", budget: "2e5", targets: [
        (parameter: "repair.mean", from: "1 h", to: "8 h", measure: "long", value: "<= 6 h"),
        (parameter: "repair.mean", from: "1 h", to: "8 h", measure: "two", value: ">= 0.8"),
    ])"##;
    let plan = crate::experiment_methods::read(&[("main.ron", scenario), ("crew.ron", net)]);
    let found = crate::experiment::carry_out(&plan, 2);
    let exactly: Vec<bool> = found.targets.iter().map(|target| target.how.contains("solved exactly")).collect();
    assert_eq!(exactly, [false, true], "{:?}", found.targets);
}

#[test]
fn a_simulated_target_has_an_interval_that_holds() {
    let found = outcome(&format!(
        r#"designs: {{"u": (net: "unit.ron")}}, method: Regenerative, confidence: "{SURE}", precision: "10 %", seed: 5,
           refine: "5 %", targets: [(parameter: "mtbf", from: "10 h", to: "1000 h", availability: ">= 97 %")]"#
    ));
    let of = &found.targets[0];
    let exact = 5.0 * 0.97 / 0.03 * HOUR;
    let value = &of.solutions[0].value;
    holds(value, exact, 0.0);
    assert!(value.high.unwrap() - value.low.unwrap() < 0.15 * exact, "{of:?}");
}

#[test]
fn a_crossing_is_narrowed() {
    let with = |more: &str| {
        let fields = r#"designs: {"one": (net: "unit.ron"), "other": (net: "machines.ron", with: {"needed": "3"})},
            sweep: {"mttr": "logrange(1 h, 100 h, points: 3)"}, "#;
        outcome(&format!("{fields}{more}"))
    };
    let exact = with(r#"method: Exact, refine: "1 %""#);
    let crossing = &exact.crossings[0];
    let value = crossing.value.estimate.unwrap();
    let width = crossing.value.high.unwrap() - crossing.value.low.unwrap();
    assert!(width < 1e-9 * value, "{crossing:?}");
    assert_eq!(exact.refined.len(), 2, "only the last step is told");
    // At the crossing the two are equal.
    let u =
        |of: &fivenines::experiment::outcome::Point| of.up.values().next().unwrap()["unavailability"].estimate.unwrap();
    let ratio = u(&exact.refined[0]) / u(&exact.refined[1]);
    assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");

    let rough = with(&format!(r#"method: Regenerative, confidence: "{SURE}", precision: "10 %""#));
    let fine = with(&format!(r#"method: Regenerative, confidence: "{SURE}", precision: "10 %", refine: "5 %""#));
    let half = |of: &Outcome| {
        let value = &of.crossings[0].value;
        holds(value, crossing.value.estimate.unwrap(), 0.0);
        (value.high.unwrap() - value.low.unwrap()) / 2.0 / value.estimate.unwrap()
    };
    assert!(half(&fine) < 0.06 && half(&fine) < 0.5 * half(&rough), "{} {}", half(&fine), half(&rough));
    assert!(fine.refined.len() >= 4 && fine.points.len() == rough.points.len());
    let csv = Report::new(fine).csv();
    assert!(csv.lines().next().unwrap().ends_with(",mttr in s"), "{csv}");
}

/// Two like units, of which the second alone is repaired in another time, cross where both times are equal.
#[test]
fn designs_cross_for_each_combination_of_the_other_parameters() {
    let found = outcome(
        r#"designs: {"one": (net: "unit.ron"), "the other": (net: "unit.ron")}, method: Exact, refine: "1 %",
           sweep: {"mtbf": ["100 h", "200 h"], "the other.mttr": ["2 h", "4 h", "10 h"]}"#,
    );
    let at: Vec<&str> = found.crossings.iter().map(|of| of.at["mtbf"].as_str()).collect();
    assert_eq!(at, ["100 h", "200 h"]);
    for crossing in &found.crossings {
        assert_eq!((crossing.parameter.as_str(), crossing.at.len()), ("the other.mttr", 1));
        assert!((crossing.value.estimate.unwrap() / (5.0 * HOUR) - 1.0).abs() < 1e-9, "{crossing:?}");
    }
    let refined: Vec<&str> = found.refined.iter().map(|point| point.at["mtbf"].as_str()).collect();
    assert_eq!(refined, ["100 h", "100 h", "200 h", "200 h"]);
    let report = Report::new(found);
    assert!(report.text().contains("mtbf = 200 h: one and the other are down equally long at"), "{}", report.text());
    assert!(
        report.csv().contains("200 h,") && report.csv().contains("the other.mttr of equal downtime with the other")
    );
}

/// Four sections with restarts a little longer lie between four and five sections: E(min of 4) = 1.05 · E(min of 5).
#[test]
fn a_parameter_that_counts_crosses_between_whole_numbers() {
    let with = |values: &str, more: &str| {
        outcome(&format!(
            r#"designs: {{
                "four": (net: "sections.ron", with: {{"sections": "4", "restart": "Uniform(31 s, 302 s)"}}),
                "many": (net: "sections.ron"),
            }}, method: Exact, sweep: {{"many.sections": [{values}]}}, {more}"#
        ))
    };
    let ends = |of: &Outcome| {
        let crossing = &of.crossings[0];
        assert!(crossing.counts && crossing.value.estimate.is_none(), "{crossing:?}");
        assert_eq!((crossing.better_below.as_str(), crossing.better_above.as_str()), ("many", "four"));
        [crossing.value.low.expect("an end"), crossing.value.high.expect("an end")]
    };
    assert_eq!(ends(&with("1, 4, 5, 8", "")), [4.0, 5.0]);
    let rough = ends(&with("1, 8", ""));
    assert!(rough.iter().all(|end| end.fract() == 0.0) && rough[0] >= 1.0 && rough[1] <= 8.0, "{rough:?}");
    let refined = with("1, 8", r#"refine: "0.1 %""#);
    assert_eq!(ends(&refined), [4.0, 5.0]);
    assert!(refined.crossings[0].how.ends_with("of the values were added to narrow it"), "{:?}", refined.crossings[0]);
    let text = Report::new(refined).text();
    let text: Vec<&str> = text.split_whitespace().collect();
    assert!(
        text.join(" ").contains("change their order between many.sections = 4 and 5, of whole numbers"),
        "{text:?}"
    );
}

#[test]
fn an_interrupted_run_of_all_studies_goes_on_to_the_same_bytes() {
    let plan = scenario(
        r#"designs: {"one": (net: "unit.ron"), "other": (net: "machines.ron", with: {"needed": "3"})},
           sweep: {"mttr": ["1 h", "100 h"]}, refine: "10 %", precision: "20 %", confidence: "80 %", budget: "60000", method: Regenerative,
           sensitivity: ["mtbf", "crews"],
           targets: [(design: "one", at: {"mttr": "1 h"}, parameter: "mtbf", from: "10 h", to: "1000 h", availability: ">= 97 %")]"#,
    );
    let json = |outcome: Outcome| {
        let json = Report::new(outcome).json();
        json[..json.find("\n  \"spent\": {").expect("what was spent")].to_string()
    };
    let (whole, _, all) = until(&plan, usize::MAX, None);
    let studied = (whole.refined.is_empty(), whole.sensitivities.len(), whole.targets.len());
    assert_eq!(studied, (false, 4, 1), "{:?}", whole.crossings);
    let whole = json(whole);
    for share in 1..9 {
        let (part, snapshot, _) = until(&plan, share * all / 9, None);
        assert!(part.interrupted, "at {share}/9 of {all}");
        assert!(snapshot.is_some() || share == 1);
        let (end, ..) = until(&plan, usize::MAX, snapshot);
        assert!(whole == json(end), "resumed from {share}/9 differs");
    }
    // Again and again.
    let (mut snapshot, mut rounds) = (None, 0);
    let end = loop {
        let (part, kept, _) = until(&plan, all / 3 + 2, snapshot);
        rounds += 1;
        if !part.interrupted {
            break part;
        }
        assert!(rounds < 60, "no progress");
        snapshot = kept;
    };
    assert!(rounds > 1 && whole == json(end), "after {rounds} rounds");
}

#[test]
fn mistakes_in_studies_are_told() {
    for (fields, code) in [
        (r#"sensitivity: ["mtbff"]"#, "E0906"),
        (r#"sensitivity: []"#, "E0213"),
        (r#"refine: "2""#, "E0905"),
        (r#"targets: [(parameter: "mtbf", from: "1 h", to: "1 h", availability: "0.9")]"#, "E0905"),
        (r#"targets: [(parameter: "mtbf", from: "0 h", to: "1 h", availability: "0.9")]"#, "E0905"),
        (r#"targets: [(parameter: "mtbf", from: "1 h", to: "2", availability: "0.9")]"#, "E0904"),
        (r#"targets: [(parameter: "mtbf", from: "1 h", availability: "0.9")]"#, "E0203"),
        (r#"targets: [(parameter: "x", from: "1 h", to: "2 h", availability: "0.9")]"#, "E0906"),
        (
            r#"sweep: {"mtbf": ["1 h"]}, targets: [(parameter: "mtbf", from: "1 h", to: "2 h", availability: "0.9")]"#,
            "E0907",
        ),
    ] {
        let messages = try_scenario(&format!(r#"designs: {{"u": (net: "unit.ron")}}, {fields}"#)).expect_err(fields);
        assert!(messages.iter().any(|m| m.starts_with(code)), "{fields}: {messages:?}");
    }
}
