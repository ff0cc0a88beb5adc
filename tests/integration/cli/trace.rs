//! `fivenines trace`: one path, reproducible, as text and as JSON lines.

use super::{MACHINE, answer, folder, machine};
use serde_json::Value;

/// The JSON lines of a trace.
fn lines(folder: &std::path::Path, arguments: &[&str]) -> Vec<Value> {
    let (code, out, errors) = answer(folder, &[&["trace"], arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{errors}");
    out.lines().map(|line| serde_json::from_str(line).expect("a JSON object on each line")).collect()
}

#[test]
fn a_trace_shows_the_start_and_every_firing() {
    let folder = machine();
    let trace = lines(folder.path(), &["machine.ron", "--firings", "4"]);
    assert_eq!(trace.len(), 5);
    assert_eq!(trace[0]["marking"]["Up"], 1);
    assert_eq!(trace[0]["up"]["service"], true);
    for (i, (line, transition)) in trace[1..].iter().zip(["Fail", "Repair", "Fail", "Repair"]).enumerate() {
        assert_eq!(line["number"], i + 1);
        assert_eq!(line["transition"], transition);
        assert_eq!(line["up"][0]["condition"], "service");
        assert_eq!(line["up"][0]["up"], transition == "Repair");
        assert_eq!(line["marking"].as_array().map(Vec::len), Some(2));
    }
    let times: Vec<f64> = trace.iter().map(|line| line["time"].as_f64().expect("a time")).collect();
    assert!(times.is_sorted() && times[1] > 0.0, "{times:?}");

    let (_, text, errors) = answer(folder.path(), &["trace", "machine.ron", "--firings", "4"]);
    assert!(errors.is_empty() && text.lines().count() == 5, "{text}");
    assert!(text.contains("Fail  Up 1 → 0, Down 0 → 1  | service DOWN"), "{text}");
}

#[test]
fn a_trace_is_a_function_of_seed_and_replication() {
    let folder = machine();
    let run = |more: &[&str]| answer(folder.path(), &[&["trace", "machine.ron"], more].concat()).1;
    let first = run(&[]);
    assert_eq!(first.lines().count(), 51);
    assert_eq!(first, run(&["--seed", "1", "--replication", "0"]));
    assert_ne!(first, run(&["--seed", "2"]));
    assert_ne!(first, run(&["--replication", "1"]));
}

#[test]
fn a_trace_ends_where_it_is_asked_to() {
    let folder = machine();
    let all = lines(folder.path(), &["machine.ron", "--firings", "40"]);
    let until = all[20]["time"].as_f64().expect("a time");
    let trace = lines(folder.path(), &["machine.ron", "--until", &format!("{until}")]);
    assert_eq!(trace, all[..21]);
    let trace = lines(folder.path(), &["machine.ron", "--firings", "40", "--last", "3"]);
    assert_eq!(trace, all[38..]);
    assert!(lines(folder.path(), &["machine.ron", "--firings", "0"]).len() == 1);
}

#[test]
fn designs_parameters_and_sweeps_are_chosen() {
    let scenario = r##"Scenario(
        designs: {"one": (net: "machine.ron"), "two": (net: "machine.ron", with: {"mtbf": "1000 h"})},
        seed: 5,
    )"##;
    let sweep = r##"Scenario(designs: {"one": (net: "machine.ron")}, sweep: {"mtbf": ["10 h", "20 h"]})"##;
    let folder = folder(&[("machine.ron", MACHINE), ("two.ron", scenario), ("sweep.ron", sweep)]);
    let time = |arguments: &[&str]| lines(folder.path(), arguments)[1]["time"].as_f64().expect("a time");
    let first = time(&["machine.ron", "--seed", "5"]);
    assert_eq!(time(&["two.ron"]), first);
    assert!((time(&["two.ron", "--design", "two"]) / first - 10.0).abs() < 1e-9);
    assert!((time(&["machine.ron", "--seed", "5", "--set", "mtbf=300 h"]) / first - 3.0).abs() < 1e-9);
    let (ten, twenty) = (time(&["sweep.ron"]), time(&["sweep.ron", "--set", "mtbf=20 h"]));
    assert!((twenty / ten - 2.0).abs() < 1e-9);
    let (_, _, notes) = answer(folder.path(), &["trace", "sweep.ron"]);
    assert!(notes.contains("--set 'mtbf=10 h' names one"), "{notes}");
    let (_, _, notes) = answer(folder.path(), &["trace", "sweep.ron", "--set", "mtbf=10 h"]);
    assert!(notes.is_empty(), "{notes}");
    let (code, _, errors) = answer(folder.path(), &["trace", "two.ron", "--design", "three"]);
    assert!(code == 2 && errors.contains("three") && errors.contains("one, two"), "{errors}");
}

#[test]
fn immediates_at_time_0_are_shown_too() {
    let net = r##"Net(
        places: {"Start": (tokens: 1), "Up": (), "Down": ()},
        transitions: {
            "Begin": Immediate(from: {"Start": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "2 h", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: {"service": "#Up > 0"},
    )"##;
    let folder = folder(&[("net.ron", net)]);
    let (code, out, _) = answer(folder.path(), &["trace", "net.ron"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(code, 0);
    assert_eq!(lines.len(), 3, "{out}");
    assert_eq!(lines[0], "start  Start 1  | DOWN: service");
    assert!(lines[1].contains("Begin") && lines[2].contains("Repair") && lines[2].contains("service up"), "{out}");
}
