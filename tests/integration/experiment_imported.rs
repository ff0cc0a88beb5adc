//! Values of imported parameter files, given from outside: by `--set`, by a scenario, swept, varied and sought. All are
//! held against U = mttr / (mtbf + mttr) of one unit.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::Outcome;
use fivenines::experiment::{Control, Overrides, Plan, Reading, plan, run};
use fivenines::net::{Library, load::Memory};
use fivenines::units::YEAR;
use std::sync::atomic::AtomicBool;

/// The unit imports nothing itself; its module does, by another name than the file's.
const UNIT: &str = r##"Net(
    parameters: { "scale": "1" },
    places: { "Up": (tokens: 1), "Down": () },
    instances: { "life": (use: "lib/life.ron", with: {"scale": "scale"}, bind: {"Up": "Up", "Down": "Down"}) },
    up: { "unit": "#Up == 1" },
)"##;

const LIFE: &str = r##"Net(
    imports: { "rates": "../params/hosts.ron" },
    parameters: { "scale": "1" },
    ports: { "Up": (), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: scale * rates.mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "rates.repair", from: {"Down": "1"}, to: {"Up": "1"}),
    },
)"##;

/// Its parameter has its value from the file.
const TOP: &str = r##"Net(
    imports: { "rates": "params/hosts.ron" },
    parameters: { "mtbf": "rates.mtbf" },
    places: { "Up": (tokens: 1), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "rates.repair", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "unit": "#Up == 1" },
)"##;

const HOSTS: &str = r##"Parameters(values: {
    "mtbf": (value: "100 h", evidence: Assumed, range: (low: "50 h", high: "200 h")),
    "mttr": (value: "5 h", evidence: Assumed, range: (low: "1 h", high: "10 h")),
    "repair": "Exponential(mean: mttr)",
})"##;

/// Another file of the same name.
const OTHER: &str = r##"Net(
    imports: { "h": "other/hosts.ron" },
    places: { "Up": (tokens: 1), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: h.mtbf)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: h.mttr)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "unit": "#Up == 1" },
)"##;

/// Its life is a cell of a table.
const CELL: &str = r##"Net(
    imports: { "lives": "params/cells.ron" },
    colours: { "Speed": "{fast, slow}", "When": "{day, night}" },
    parameters: { "speed": "fast", "when": "day", "mttr": "{day: 5 h, night: 5 h}", "mine": "lives.life[speed]" },
    places: { "Up": (tokens: 1), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mine[when])", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: mttr[when])", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "unit": "#Up == 1" },
)"##;

const CELLS: &str = r##"Parameters(values: {
    "base": "100 h",
    "life": "{fast: {day: base, night: 10 h}, slow: {day: 20 h, night: 30 h}}",
})"##;

fn planned(fields: &str, overrides: &Overrides) -> Result<Plan, Vec<String>> {
    let files = Memory::new().with("unit.ron", UNIT).with("lib/life.ron", LIFE).with("params/hosts.ron", HOSTS);
    let files = files.with("top.ron", TOP).with("other.ron", OTHER);
    let files = files.with("other/hosts.ron", r#"Parameters(values: {"mtbf": "10 h", "mttr": "1 h"})"#);
    let files = files.with("cell.ron", CELL).with("params/cells.ron", CELLS);
    let files = files.with("s.ron", format!("Scenario({fields})"));
    let (mut library, mut sources, mut diagnostics) =
        (Library::new(&files), Sources::default(), Diagnostics::default());
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let found = plan("s.ron", overrides, &mut reading);
    found.ok_or_else(|| {
        let helps = |d: &fivenines::diag::Diagnostic| d.help.clone().unwrap_or_default();
        diagnostics.sorted().into_iter().map(|d| format!("{}: {}; {}", d.code, d.message, helps(&d))).collect()
    })
}

fn set(list: &[(&str, &str)]) -> Overrides {
    let set = list.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    Overrides { set, ..Overrides::default() }
}

fn outcome(fields: &str, overrides: &Overrides) -> Outcome {
    let plan = planned(fields, overrides).unwrap_or_else(|messages| panic!("{messages:?}"));
    let (interrupted, silent) = (AtomicBool::new(false), |_| {});
    let control =
        Control { threads: 2, interrupted: &interrupted, progress: &silent, checkpoint: &|_| {}, resume: None };
    run(&plan, &control).expect("no fault")
}

/// The unavailabilities of all points.
fn found(fields: &str, overrides: &Overrides) -> Vec<f64> {
    let value = |point: &fivenines::experiment::outcome::Point| point.up["unit"]["unavailability"].estimate.unwrap();
    outcome(fields, overrides).points.iter().map(value).collect()
}

/// mtbf and mttr, hours.
fn exactly(found: &[f64], wanted: &[(f64, f64)]) {
    assert_eq!(found.len(), wanted.len());
    for (u, (mtbf, mttr)) in found.iter().zip(wanted) {
        assert!((u * (mtbf + mttr) / mttr - 1.0).abs() < 1e-12, "{found:?} is not {wanted:?}");
    }
}

const ONE: &str = r#"designs: {"u": (net: "unit.ron")}, method: Exact"#;
const TWO: &str = r#"designs: {"u": (net: "unit.ron"), "v": (net: "top.ron")}, method: Exact"#;

#[test]
fn a_value_of_an_imported_file_is_set_wherever_it_is_imported() {
    exactly(&found(TWO, &set(&[])), &[(100.0, 5.0), (100.0, 5.0)]);
    exactly(&found(TWO, &set(&[("hosts.mtbf", "50 h")])), &[(50.0, 5.0), (50.0, 5.0)]);
    // What follows from it in its file follows; the last word counts; the net's own parameter is stronger.
    exactly(&found(TWO, &set(&[("hosts.mttr", "1 h"), ("hosts.mttr", "2 h")])), &[(100.0, 2.0), (100.0, 2.0)]);
    exactly(&found(TWO, &set(&[("hosts.mtbf", "50 h"), ("mtbf", "20 h")])), &[(50.0, 5.0), (20.0, 5.0)]);
    // Read among the file's names; a time is a law that is always so.
    exactly(&found(TWO, &set(&[("hosts.mttr", "mtbf / 10")])), &[(100.0, 10.0), (100.0, 10.0)]);
    exactly(&found(TWO, &set(&[("params/hosts.repair", "Exponential(mean: 3 h)")])), &[(100.0, 3.0), (100.0, 3.0)]);
    let fixed = planned(TWO, &set(&[("hosts.repair", "3 h")])).expect("a time is a law");
    assert!(fixed.points.iter().all(|point| format!("{:?}", point.net).contains("Deterministic")));
    // In one design alone, whatever is said for all.
    exactly(&found(TWO, &set(&[("v.hosts.mtbf", "20 h"), ("hosts.mtbf", "50 h")])), &[(50.0, 5.0), (20.0, 5.0)]);
}

#[test]
fn a_scenario_gives_and_sweeps_it() {
    let given = r#"designs: {"u": (net: "unit.ron", with: {"hosts.mtbf": "20 h"}), "v": (net: "top.ron")}, method: Exact,
                   with: {"hosts.mtbf": "50 h"}"#;
    exactly(&found(given, &set(&[])), &[(20.0, 5.0), (50.0, 5.0)]);
    exactly(&found(given, &set(&[("params/hosts.mtbf", "40 h")])), &[(40.0, 5.0), (40.0, 5.0)]);
    let swept = format!(r#"{TWO}, sweep: {{"hosts.mtbf": ["50 h", "200 h"]}}"#);
    exactly(&found(&swept, &set(&[])), &[(50.0, 5.0), (50.0, 5.0), (200.0, 5.0), (200.0, 5.0)]);
    // What is set takes the place of the sweep, however it is written.
    exactly(&found(&swept, &set(&[("params/hosts.mtbf", "40 h")])), &[(40.0, 5.0), (40.0, 5.0)]);
    let alone = format!(r#"{TWO}, sweep: {{"u.hosts.mtbf": ["50 h", "200 h"]}}"#);
    exactly(&found(&alone, &set(&[])), &[(50.0, 5.0), (100.0, 5.0), (200.0, 5.0), (100.0, 5.0)]);
    assert!(
        planned(&format!(r#"{swept}, with: {{"hosts.mtbf": "1 h"}}"#), &set(&[])).unwrap_err()[0].starts_with("E0907")
    );
}

#[test]
fn crossings_sensitivities_and_targets_know_it() {
    // v, whose repairs take 2 h, and u change places where u's lives are 250 h: 5 / 255 = 2 / 102.
    let asked = r#"designs: {"u": (net: "unit.ron"), "v": (net: "top.ron", with: {"hosts.mttr": "2 h"})}, method: Exact,
        sweep: {"u.hosts.mtbf": ["50 h", "1000 h"]}, refine: "1e-6 %",
        sensitivity: ["hosts.mttr"],
        targets: [(design: "v", at: {"u.hosts.mtbf": "50 h"}, parameter: "hosts.mtbf", from: "10 h", to: "1 y", unavailability: "<= 1 %")]"#;
    let outcome = outcome(asked, &set(&[]));
    let [crossing] = outcome.crossings.as_slice() else { panic!("{:?}", outcome.crossings) };
    assert!((crossing.value.estimate.unwrap() / (250.0 * 3600.0) - 1.0).abs() < 1e-6, "{crossing:?}");
    // d ln U / d ln mttr = mtbf / (mtbf + mttr).
    for (point, (mtbf, mttr)) in [(50.0, 5.0), (100.0, 2.0), (1000.0, 5.0), (100.0, 2.0)].into_iter().enumerate() {
        let of = &outcome.sensitivities[point];
        let [influence] = of.influences.as_slice() else { panic!("{of:?}") };
        assert_eq!(influence.parameter, "hosts.mttr");
        let exact = mtbf / (mtbf + mttr);
        assert!((influence.elasticity.estimate.unwrap() - exact).abs() < 1e-6, "{influence:?}, not {exact}");
    }
    // 2 h / (2 h + mtbf) = 1 %.
    let solution = format!("{:?}", outcome.targets);
    let at = outcome.targets[0].solutions.first().unwrap_or_else(|| panic!("{solution}"));
    assert!((at.value.estimate.unwrap() / (198.0 * 3600.0) - 1.0).abs() < 1e-9, "{solution}");
    // Of all numbers those of the net's own parameters: nothing more, where nobody names it.
    let all = with_all(r#"designs: {"v": (net: "top.ron")}, method: Exact, sensitivity: true"#, &[]);
    let names: Vec<&str> = all.sensitivities[0].influences.iter().map(|i| i.parameter.as_str()).collect();
    assert_eq!(names, ["mtbf"]);
    // What is given is a parameter of the run, and what has its value from it is varied from there.
    let all =
        with_all(r#"designs: {"v": (net: "top.ron")}, method: Exact, sensitivity: true"#, &[("hosts.mtbf", "20 h")]);
    let values: Vec<(&str, f64)> =
        all.sensitivities[0].influences.iter().map(|i| (i.parameter.as_str(), i.value / 3600.0)).collect();
    assert_eq!(values, [("mtbf", 20.0), ("hosts.mtbf", 20.0)]);
}

fn with_all(fields: &str, list: &[(&str, &str)]) -> Outcome {
    outcome(fields, &set(list))
}

#[test]
fn what_is_set_is_not_drawn() {
    let drawn = |list: &[(&str, &str)]| {
        let overrides = Overrides { uncertainty: Some(8), ..set(list) };
        let found = outcome(ONE, &overrides);
        let shares: Vec<String> = found.uncertainties[0].shares.iter().map(|share| share.factor.clone()).collect();
        (shares, found.uncertainties[0].sample.clone())
    };
    let (mut shares, _) = drawn(&[]);
    shares.sort();
    assert_eq!(shares, ["hosts.mtbf", "hosts.mttr"]);
    let (shares, sample) = drawn(&[("hosts.mtbf", "1000 h")]);
    assert_eq!(shares, ["hosts.mttr"]);
    // U for repairs of 1 h to 10 h.
    let of = |mttr: f64| mttr / (1000.0 + mttr) * YEAR;
    assert!(sample.iter().all(|down| of(1.0) <= *down && *down <= of(10.0)), "{sample:?}");
}

#[test]
fn mistakes_tell_the_names_that_there_are() {
    let told = |list: &[(&str, &str)], fields: &str| planned(fields, &set(list)).expect_err("a mistake").join("\n");
    let both = r#"designs: {"u": (net: "unit.ron"), "w": (net: "other.ron")}, method: Exact"#;
    for (name, fields, wanted) in [
        ("hosts.mtbff", ONE, "E0906: no design has a parameter `hosts.mtbff`; did you mean `hosts.mtbf`?"),
        ("rates.mttr", ONE, "did you mean `hosts.mttr`?"),
        ("mttr", ONE, "did you mean `hosts.mttr`?"),
        ("hosts.xyz", ONE, "`hosts.mtbf`, `hosts.mttr`, `hosts.repair`"),
        ("sites.power", ONE, "`hosts.mtbf`, `hosts.mttr`, `hosts.repair`, `scale`"),
        ("u.hosts.xyz", ONE, "its net has no parameter `hosts.xyz`; there are: `hosts.mtbf`"),
        ("hosts.mtbf", both, "E0919: `hosts.mtbf` is a value of `params/hosts.ron` and of `other/hosts.ron`"),
        ("hosts.", ONE, "E0906"),
    ] {
        let text = told(&[(name, "1 h")], fields);
        assert!(text.contains(wanted), "{name}: {text}");
    }
    assert!(told(&[("hosts.mtbf", "true")], ONE).contains("E0512"));
    assert!(told(&[("hosts.mtbf", "2 * mtbf")], ONE).contains("E0410"));
    // With as much of the path as tells them apart.
    exactly(&found(both, &set(&[("other/hosts.mtbf", "50 h")])), &[(100.0, 5.0), (50.0, 1.0)]);
    exactly(&found(both, &set(&[("w.hosts.mtbf", "50 h")])), &[(100.0, 5.0), (50.0, 1.0)]);
}

const BOTH: &str = r#"designs: {"u": (net: "cell.ron"), "v": (net: "cell.ron", with: {"speed": "slow", "when": "night"})}, method: Exact"#;

#[test]
fn a_cell_of_a_table_is_set_alone() {
    exactly(&found(BOTH, &set(&[])), &[(100.0, 5.0), (30.0, 5.0)]);
    exactly(&found(BOTH, &set(&[("cells.life[fast][day]", "50 h")])), &[(50.0, 5.0), (30.0, 5.0)]);
    // Read among the file's names, as are the cells that stay, so that what they name may be set too.
    exactly(&found(BOTH, &set(&[("cells.life[slow][night]", "2 * base")])), &[(100.0, 5.0), (200.0, 5.0)]);
    let two = [("params/cells.life[slow][night]", "2 * base"), ("cells.base", "70 h")];
    exactly(&found(BOTH, &set(&two)), &[(70.0, 5.0), (140.0, 5.0)]);
    // Several cells, a row, a cell of what stands in place of the whole; the last word counts.
    let two = [("cells.life[fast][day]", "50 h"), ("cells.life[slow][night]", "60 h")];
    exactly(&found(BOTH, &set(&two)), &[(50.0, 5.0), (60.0, 5.0)]);
    let row = [("cells.life[slow]", "{day: 1 h, night: 40 h}")];
    exactly(&found(BOTH, &set(&row)), &[(100.0, 5.0), (40.0, 5.0)]);
    let all = "{fast: {day: 1 h, night: 2 h}, slow: {day: 3 h, night: 4 h}}";
    let after = [("cells.life", all), ("cells.life[slow][night]", "6 h")];
    exactly(&found(BOTH, &set(&after)), &[(1.0, 5.0), (6.0, 5.0)]);
    exactly(&found(BOTH, &set(&[after[1], after[0]])), &[(1.0, 5.0), (4.0, 5.0)]);
    // Of one design, and of a table that a net has itself.
    let own = [("v.cells.life[slow][night]", "60 h"), ("mttr[day]", "2 h"), ("v.mttr[night]", "3 h")];
    exactly(&found(BOTH, &set(&own)), &[(100.0, 2.0), (60.0, 3.0)]);
}

#[test]
fn a_scenario_gives_sweeps_and_varies_a_cell() {
    let given = r#"designs: {"u": (net: "cell.ron", with: {"cells.life[fast][day]": "40 h"}), "v": (net: "cell.ron")},
                   with: {"cells.life[fast][day]": "60 h"}, method: Exact"#;
    exactly(&found(given, &set(&[])), &[(40.0, 5.0), (60.0, 5.0)]);
    let swept = format!(
        r#"{BOTH}, sweep: {{"cells.life[fast][day]": ["50 h", "80 h"], "cells.life[slow][night]": ["20 h", "25 h"]}}"#
    );
    let all = [(50.0, 20.0), (50.0, 25.0), (80.0, 20.0), (80.0, 25.0)];
    let all: Vec<(f64, f64)> = all.iter().flat_map(|(u, v)| [(*u, 5.0), (*v, 5.0)]).collect();
    exactly(&found(&swept, &set(&[])), &all);
    exactly(&found(&swept, &set(&[("cells.life[fast][day]", "90 h")]))[..2], &[(90.0, 5.0), (20.0, 5.0)]);
    // d ln U / d ln mtbf = -mtbf / (mtbf + mttr).
    let varied = outcome(&format!(r#"{BOTH}, sensitivity: ["cells.life[slow][night]"]"#), &set(&[]));
    let [influence] = varied.sensitivities[1].influences.as_slice() else { panic!("{:?}", varied.sensitivities) };
    assert_eq!(influence.parameter, "cells.life[slow][night]");
    assert!((influence.elasticity.estimate.unwrap() + 30.0 / 35.0).abs() < 1e-6, "{influence:?}");
}

#[test]
fn a_cell_that_there_is_not_is_told() {
    for (name, wanted) in [
        (
            "cells.life[fast][dya]",
            "`cells.life[fast][dya]` is no cell of `cells.life`; did you mean `cells.life[fast][day]`?",
        ),
        ("cells.life[day][fast]", "did you mean `cells.life[fast][day]`?"),
        (
            "cells.life.day.fast",
            "E0906: no design has a parameter `cells.life.day.fast`; did you mean `cells.life[fast][day]`?",
        ),
        ("cells.life[quite another]", "there are: `cells.life[fast]`, `cells.life[slow]`"),
        ("cells.base[fast]", "`cells.base` is no table"),
        ("cells.lief[fast][day]", "no design has a parameter `cells.lief`; did you mean `cells.life`?"),
        ("u.mttr[nigth]", "did you mean `mttr[night]`?"),
        ("mttr[something]", "there are: `mttr[day]`, `mttr[night]`"),
    ] {
        let text = planned(BOTH, &set(&[(name, "1 h")])).expect_err(name).join("\n");
        assert!(text.contains(wanted), "{name}: {text}");
    }
    // Of another kind than the cells beside it.
    let text = planned(BOTH, &set(&[("cells.life[fast][day]", "0.5")])).expect_err("no time").join("\n");
    assert!(text.contains("E0920: `cells.life[fast][day]` can't be 0.5"), "{text}");
}
