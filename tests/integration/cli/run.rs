//! `fivenines run`: formats, options, and what each changes.

use super::{MACHINE, answer, folder, json, machine};
use serde_json::Value;

#[test]
fn a_net_and_a_scenario_are_run_as_text() {
    let folder = machine();
    for file in ["machine.ron", "scenario.ron"] {
        let (code, out, errors) = answer(folder.path(), &["run", file, "--precision", "5 %"]);
        assert_eq!((code, errors.as_str()), (0, ""), "{file}");
        for expected in ["availability", "downtime per year", "repairs per day", "How it was computed", "seed 1"] {
            assert!(out.contains(expected), "{file}: {expected:?} is missing from\n{out}");
        }
    }
}

#[test]
fn the_json_contract_is_kept() {
    let folder = machine();
    let (_, out, _) = answer(folder.path(), &["run", "scenario.ron", "--json"]);
    let result: Value = serde_json::from_str(&out).expect("one object");
    for key in ["schema", "scenario", "seed", "version", "digests", "points", "comparisons", "verdicts", "spent"] {
        assert!(result.get(key).is_some(), "{key} is missing");
    }
    for key in ["seconds", "threads", "firings"] {
        assert!(result["spent"].get(key).is_some(), "spent.{key} is missing");
    }
    let point = &result["points"][0];
    for key in ["design", "at", "method", "primary", "up", "measures"] {
        assert!(point.get(key).is_some(), "points[0].{key} is missing");
    }
    let standard = point["up"]["service"].as_object().expect("measures");
    let expected = [
        "availability",
        "unavailability",
        "nines",
        "downtime per year",
        "failures per year",
        "MTBF",
        "MTTF",
        "mean up time",
        "mean outage",
    ];
    for name in expected {
        let estimate = standard.get(name).unwrap_or_else(|| panic!("{name} is missing from {standard:?}"));
        let number = |key: &str| estimate[key].as_f64().unwrap_or_else(|| panic!("{name}: {key} is no number"));
        assert!(number("low") <= number("estimate") && number("estimate") <= number("high"), "{name}: {estimate}");
        assert!(number("confidence") == 0.95 && number("reached") > 0.0 && estimate["unit"].is_string(), "{name}");
    }
    let own = &point["measures"]["repairs per day"];
    assert!((own["estimate"].as_f64().expect("a number") - 24.0 / 101.0).abs() < 0.05, "{own}");
}

#[test]
fn csv_and_markdown_tell_the_same() {
    let folder = machine();
    let (code, csv, _) = answer(folder.path(), &["run", "scenario.ron", "--csv"]);
    assert!(code == 0 && csv.starts_with("design,up,measure,estimate,low,high,"), "{csv}");
    let availability = csv.lines().find_map(|line| line.strip_prefix("machine,service,availability,"));
    let of_csv = availability.and_then(|rest| rest.split(',').next()).expect("an availability");
    let result = json(folder.path(), &["run", "scenario.ron"]);
    let of_json = result["points"][0]["up"]["service"]["availability"]["estimate"].as_f64();
    assert_eq!(of_csv.parse().ok(), of_json);
    let (code, markdown, _) = answer(folder.path(), &["run", "scenario.ron", "--markdown"]);
    assert!(code == 0 && markdown.starts_with("# A machine\n") && markdown.contains("| machine |"), "{markdown}");
    let (code, _, errors) = answer(folder.path(), &["run", "scenario.ron", "machine.ron", "--csv"]);
    assert!(code == 2 && errors.contains("--csv"), "{errors}");
}

#[test]
fn set_reaches_the_nets() {
    let folder = machine();
    let unavailability = |set: &str| {
        let result = json(folder.path(), &["run", "machine.ron", "--precision", "5 %", "--set", set]);
        result["points"][0]["up"]["service"]["unavailability"]["estimate"].as_f64().expect("a number")
    };
    assert!((unavailability("mtbf=9 h") - 0.1).abs() < 0.02);
    assert!((unavailability("mtbf = 1 h") - 0.5).abs() < 0.1);
    let (code, out, errors) = answer(folder.path(), &["run", "machine.ron", "--set", "mtbd=9 h"]);
    assert!(code == 2 && out.is_empty() && errors.contains("mtbd") && errors.contains("mtbf"), "{errors}");
    let (code, _, errors) = answer(folder.path(), &["run", "machine.ron", "--set", "mtbf=9 Hz"]);
    assert!(code == 2 && errors.contains("error["), "{errors}");
}

#[test]
fn what_is_solved_exactly_is_not_said_to_have_intervals() {
    let folder = machine();
    let (code, solved, _) = answer(folder.path(), &["run", "machine.ron"]);
    assert!(code == 0 && solved.contains("\"service\", solved exactly.") && !solved.contains("intervals"), "{solved}");
    assert!(solved.contains("2 states, 2 transitions, "), "{solved}");
    let (_, simulated, _) =
        answer(folder.path(), &["run", "machine.ron", "--precision", "20 %", "--method", "simulation"]);
    assert!(simulated.contains("\"service\", with 95 % intervals.") && !simulated.contains("exactly"), "{simulated}");
}

#[test]
fn set_takes_the_place_of_a_sweep() {
    let scenario =
        r##"Scenario(designs: {"m": (net: "machine.ron")}, precision: "20 %", sweep: {"mtbf": ["50 h", "100 h"]})"##;
    let folder = folder(&[("machine.ron", MACHINE), ("sweep.ron", scenario)]);
    let points = |arguments: &[&str]| json(folder.path(), arguments)["points"].as_array().expect("points").len();
    assert_eq!(points(&["run", "sweep.ron"]), 2);
    assert_eq!(points(&["run", "sweep.ron", "--set", "mtbf=7 h"]), 1);
}

#[test]
fn set_takes_away_what_is_said_of_other_points_of_the_sweep() {
    let scenario = |at: &str| {
        format!(
            r##"Scenario(
                designs: {{"m": (net: "machine.ron")}}, precision: "20 %", sweep: {{"mtbf": ["50 h", "100 h"]}},
                expect: [(at: {{"mtbf": "{at}"}}, measure: "MTBF", value: "50 h", tolerance: "50 %")],
            )"##
        )
    };
    let (known, unknown) = (scenario("50 h"), scenario("70 h"));
    let folder = folder(&[("machine.ron", MACHINE), ("sweep.ron", &known), ("wrong.ron", &unknown)]);
    let verdicts = |set: &str| {
        let result = json(folder.path(), &["run", "sweep.ron", "--set", set]);
        result["verdicts"].as_array().expect("verdicts").len()
    };
    assert_eq!((verdicts("mtbf=50 h"), verdicts("mtbf=100 h"), verdicts("mtbf=7 h")), (1, 0, 0));
    let (code, _, errors) = answer(folder.path(), &["run", "wrong.ron", "--set", "mtbf=100 h"]);
    assert!(code == 2 && errors.contains("error[E0911]"), "{errors}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = machine();
    let run = |more: &[&str]| json(folder.path(), &[&["run", "scenario.ron"], more].concat()).to_string();
    let one = run(&["--threads", "1"]);
    assert_eq!(one, run(&["--threads", "2"]));
    assert_eq!(one, run(&["--threads", "7"]));
    assert_eq!(one, run(&["--threads", "16", "--seed", "1"]));
    assert_ne!(one, run(&["--seed", "2"]));
}

#[test]
fn options_win_over_the_scenario() {
    let folder = machine();
    let estimate = |more: &[&str], field: &str| {
        let result = json(folder.path(), &[&["run", "scenario.ron"], more].concat());
        result["points"][0]["up"]["service"]["unavailability"][field].as_f64().expect("a number")
    };
    assert!(estimate(&[], "reached") <= 0.05);
    assert!(estimate(&["--precision", "2 %"], "reached") <= 0.02);
    assert_eq!(estimate(&["--confidence", "99 %"], "confidence"), 0.99);
    for (option, method) in
        [("batch-means", "batch_means"), ("regenerative", "regenerative"), ("replications", "replications")]
    {
        let result = json(folder.path(), &["run", "scenario.ron", "--method", option]);
        assert_eq!(result["points"][0]["method"], method);
    }
    let result = json(folder.path(), &["run", "scenario.ron", "--years"]);
    assert!(!result["points"][0]["years"]["service"].as_object().expect("measures").is_empty());
    assert!(result["points"][0]["causes"].is_null());
    let result = json(folder.path(), &["run", "scenario.ron", "--causes"]);
    assert!(!result["points"][0]["causes"]["service"].as_array().expect("causes").is_empty());
}

#[test]
fn what_stands_in_the_way_of_an_exact_solution_is_named() {
    let crew = MACHINE
        .replace("\"Exponential(mean: 1 h)\"", "\"LogNormal(mean: 1 h, sigma: 1)\"")
        .replace("\"repairs per day\"", "\"long\": \"quantile(0.9, outage{service})\", \"repairs per day\"");
    let odd = MACHINE.replace("rate(Repair) * 1 d", "P(outages{service} over [0, 1 y] == 10.5)");
    let folder = folder(&[("crew.ron", &crew), ("odd.ron", &odd)]);
    let (code, _, errors) = answer(folder.path(), &["run", "crew.ron", "--method", "exact"]);
    assert!(code == 2 && errors.contains("measure `long`"), "{errors}");
    // No sign where nothing is.
    let (code, out, _) = answer(folder.path(), &["run", "odd.ron", "--method", "exact", "--json"]);
    assert!(code == 0 && !out.contains("-0.0"), "{out}");
    let (code, _, errors) = answer(folder.path(), &["run", "odd.ron", "--refine", "1 %"]);
    assert!(code == 2 && errors.contains("there is neither"), "{errors}");
}

#[test]
fn a_spent_budget_is_told_and_fails_on_request() {
    let folder = machine();
    let short = ["run", "machine.ron", "--method", "simulation", "--budget", "20000", "--precision", "0.01 %"];
    let (code, out, _) = answer(folder.path(), &short);
    assert!(code == 0 && out.contains("not reached"), "{out}");
    let (code, out, _) = answer(folder.path(), &[&short[..], &["--require-precision"]].concat());
    assert!(code == 1 && out.contains("not reached"), "{out}");
    let (code, _, _) = answer(folder.path(), &["run", "scenario.ron", "--require-precision"]);
    assert_eq!(code, 0);
    let exact = ["run", "machine.ron", "--budget", "20000", "--precision", "0.01 %", "--require-precision"];
    assert_eq!(answer(folder.path(), &exact).0, 0);
}

#[test]
fn a_failing_expectation_fails_the_run() {
    let folder = machine();
    let (code, out, _) = answer(folder.path(), &["run", "scenario.ron", "--set", "mtbf=50 h"]);
    assert!(code == 1 && out.contains("FAILED: machine: service, unavailability"), "{out}");
}

#[test]
fn warnings_are_told_and_denied_on_request() {
    let net = MACHINE.replace("\"mtbf\": \"100 h\"", "\"mtbf\": \"100 h\", \"unused\": \"1\"");
    let folder = folder(&[("machine.ron", &net)]);
    let run = ["run", "machine.ron", "--precision", "20 %"];
    let (code, out, errors) = answer(folder.path(), &run);
    assert!(code == 0 && !out.is_empty() && errors.contains("warning[W"), "{errors}");
    let (code, out, errors) = answer(folder.path(), &[&run[..], &["--quiet"]].concat());
    assert!(code == 0 && !out.is_empty() && errors.is_empty(), "{errors}");
    let (code, out, errors) = answer(folder.path(), &[&run[..], &["--deny", "warnings"]].concat());
    assert!(code == 2 && out.is_empty() && errors.contains("warning[W"), "{errors}");
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let folder = folder(&[("wrong.ron", "Net(places: {\"A\": (tokens: \"1 h\")})")]);
    let (code, _, plain) = answer(folder.path(), &["run", "wrong.ron"]);
    assert!(code == 2 && !plain.contains('\u{1b}') && plain.contains("wrong.ron:1:"), "{plain}");
    let (_, _, coloured) = answer(folder.path(), &["run", "wrong.ron", "--color", "always"]);
    assert!(coloured.contains('\u{1b}'), "{coloured}");
}

#[test]
fn figures_are_files_that_are_told_and_the_same_for_any_threads() {
    let scenario = r##"Scenario(
        designs: {"slow": (net: "machine.ron"), "fast": (net: "machine.ron", with: {"mttr": "10 min"})},
        sweep: {"mtbf": "logrange(10 h, 1000 h, points: 3)"},
        sensitivity: true,
        method: Exact,
    )"##;
    let net = MACHINE.replace("1 h)", "mttr)").replace("parameters: {", "parameters: {\"mttr\": \"1 h\", ");
    let folder = folder(&[("machine.ron", &net), ("sweep.ron", scenario)]);
    let drawn = |more: &[&str]| answer(folder.path(), &[&["run", "sweep.ron", "--figures"], more].concat());
    let (code, _, errors) = drawn(&["one", "--threads", "1"]);
    assert_eq!(code, 0, "{errors}");
    let names: Vec<&str> = errors.lines().filter_map(|line| line.strip_prefix("figure: one/")).collect();
    assert_eq!(names[..2], ["sweep-downtime-per-year-by-mtbf.svg", "sweep-repairs-per-day-by-mtbf.svg"]);
    assert_eq!(names.len(), 2 + 6, "{names:?}");
    assert_eq!(names[2], "sweep-tornado-slow-at-mtbf-10-h.svg");
    assert_eq!(drawn(&["two", "--threads", "3", "--quiet"]).2, "");
    for name in &names {
        let read = |sub: &str| std::fs::read_to_string(folder.path().join(sub).join(name)).expect("a figure");
        assert_eq!(read("one"), read("two"), "{name}");
    }
    let curve = std::fs::read_to_string(folder.path().join("one").join(names[0])).expect("a figure");
    // Three circles of the first design and one in the legend; lines end at the values as they are written.
    assert_eq!(curve.matches("<circle ").count(), 3 + 1);
    ["\n10 h\n", "\n100 h\n", "\n1000 h\n", "\nfast\n"].iter().for_each(|word| assert!(curve.contains(word), "{word}"));

    std::fs::create_dir(folder.path().join("sub")).expect("a folder");
    std::fs::copy(folder.path().join("sweep.ron"), folder.path().join("sub/sweep.ron")).expect("a copy");
    let (code, out, errors) = answer(folder.path(), &["run", "sweep.ron", "sub/sweep.ron", "--figures", "three"]);
    assert!(code == 2 && out.is_empty() && errors.contains("both be called sweep-"), "{errors}");
    let (code, out, errors) = drawn(&["no/such/folder"]);
    assert!(code == 4 && out.is_empty() && errors.contains("there is no such folder"), "{errors}");
}
