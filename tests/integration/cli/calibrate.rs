//! `calibrate`: exit codes, streams, JSON, what is wrong with a table, and a parameter file that a net takes.

use super::{answer, fivenines, folder};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Repairs of 16 min in the mean.
const REPAIRS: &str = "repair [min]\n10.0\n12.0\n7.5\n31.0\n15.0\n9.0\n22.0\n14.0\n18.0\n21.5\n";

/// Works for 100 h in the mean, and is repaired as the parameter file says.
const NET: &str = r##"Net(
    imports: {"p": "p.ron"},
    places: {"Up": (tokens: 1), "Down": ()},
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: 100 h)", from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "p.repair", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: {"service": "#Up > 0"},
)
"##;

/// Few replicates, since the bootstrap is tested elsewhere.
const SHORT: [&str; 5] = ["calibrate", "repairs.csv", "--replicates=19", "--candidates=1", "--seed=7"];

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let (code, out, errors) = answer(folder, &[arguments, &["--json"]].concat());
    assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).expect("one JSON object")
}

fn near(found: &Value, wanted: f64, tolerance: f64) {
    let found = found.as_f64().expect("a number");
    assert!((found / wanted - 1.0).abs() < tolerance, "{found} is not {wanted}");
}

#[test]
fn every_bad_row_is_shown_and_nothing_is_written() {
    let rows = "repair [min],ended\n10,1\nx,1\n-3,1\n20,2\n31\n15,1,4\nnan,1\n,1\n12,1,\n";
    let folder = folder(&[("bad.csv", rows), ("p.ron", "old")]);
    let arguments = ["calibrate", "bad.csv", "-o", "out.txt", "--out", "p.ron", "--evidence", "field-data"];
    let (code, out, errors) = answer(folder.path(), &arguments);
    assert_eq!((code, out.as_str()), (2, ""));
    for line in 3..=9 {
        assert!(errors.contains(&format!("--> bad.csv:{line}:1")), "line {line} is missing from\n{errors}");
    }
    assert!(errors.ends_with("7 errors\n"), "the first row and the last are fine:\n{errors}");
    assert!(!folder.path().join("out.txt").exists());
    assert_eq!(fs::read_to_string(folder.path().join("p.ron")).expect("a file"), "old");
}

#[test]
fn what_can_not_be_calibrated_is_wrong_input_or_the_environment() {
    let censored = "repair [min],ended\n10,1\n12,1\n20,0\n";
    let folder = folder(&[("repairs.csv", REPAIRS), ("censored.csv", censored), ("comma.csv", "t [s]\n10,5\n11,5\n")]);
    let cases: [(&[&str], i32, &str); 14] = [
        (&[], 2, "FILE.csv"),
        (&["none.csv"], 4, "none.csv: no such file"),
        (&["repairs.csv", "-o", "no/such/out.txt"], 4, "no such folder"),
        (&["repairs.csv", "-o", "repairs.csv"], 2, "can't be written"),
        (&["repairs.csv", "-o", "x", "--out", "x", "--evidence", "assumed"], 2, "the same file"),
        (&["repairs.csv", "--out", "p.ron"], 2, "--evidence"),
        (&["repairs.csv", "--law", "cow"], 2, "there is no law `cow`"),
        (&["repairs.csv", "--law", "cow=Weibull"], 2, "there is no column `cow`"),
        (&["repairs.csv", "--column", "repare"], 2, "did you mean `repair`?"),
        (&["censored.csv", "--spacings"], 2, "whole durations"),
        (&["comma.csv"], 2, "2 cells, and 1 column"),
        (&["--failures", "3"], 2, "--time"),
        (&["--failures", "3", "--time", "1 y", "--by", "case"], 2, "cannot be used with '--by <NAME>'"),
        (&["--failures", "3", "--time", "1 y", "--column", "a", "--spacings"], 2, "cannot be used with"),
    ];
    for (arguments, expected, told) in cases {
        let (code, out, errors) = answer(folder.path(), &[&["calibrate"], arguments].concat());
        assert_eq!((code, out.as_str()), (expected, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(told), "{arguments:?}: {errors}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("repairs.csv")).expect("a table"), REPAIRS);
}

#[test]
fn the_same_seed_gives_the_same_bytes_wherever_they_go() {
    let folder = folder(&[("repairs.csv", REPAIRS)]);
    let with = |more: &[&str]| answer(folder.path(), &[&SHORT, more].concat());
    let (code, one, errors) = with(&["--json", "--threads", "1"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(with(&["--json", "--threads", "3"]).1, one);
    assert_ne!(with(&["--json", "--seed=8"]).1, one, "the seed is of the bootstrap");
    let (code, out, _) = with(&["--json", "-o", "out.json"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(folder.path().join("out.json")).expect("a result"), one);
    let piped = fivenines().args(["calibrate", "-"]).args(&SHORT[2..]).arg("--json").write_stdin(REPAIRS).assert();
    let piped: Value = serde_json::from_slice(&piped.code(0).get_output().stdout).expect("one JSON object");
    let file: Value = serde_json::from_str(&one).expect("one JSON object");
    assert_eq!((&piped["sha256"], &piped["quantities"]), (&file["sha256"], &file["quantities"]));
}

#[test]
fn a_net_takes_the_law_that_was_fitted() {
    let folder = folder(&[("repairs.csv", REPAIRS), ("net.ron", NET)]);
    let file = ["--law", "Exponential", "--out", "p.ron", "--evidence", "field-data", "--source", "the log"];
    let found = json(folder.path(), &[&SHORT[..], &file].concat());
    let quantity = &found["quantities"][0];
    assert_eq!((&quantity["name"], &quantity["observations"]), (&"repair".into(), &10.into()));
    // What is asked for is taken, whatever is likeliest.
    let laws = quantity["laws"].as_array().expect("laws");
    let law = laws.iter().find(|law| law["family"] == "Exponential").expect("the law asked for");
    assert_eq!((&quantity["law"], laws[0]["family"] == "Exponential"), (&law["law"], false));
    // Cells of 0.1 min move the mean by far less than 1e-4.
    near(&law["parameters"][0]["value"], 960.0, 1e-4);

    let text = fs::read_to_string(folder.path().join("p.ron")).expect("a parameter file");
    let sha256 = found["sha256"].as_str().expect("a digest");
    for part in ["evidence: FieldData", "source: \"the log\"", "observations: \"10\"", sha256, "--law Exponential"] {
        assert!(text.contains(part), "{part:?} is missing from\n{text}");
    }
    assert_eq!(text.matches("Exponential(mean: ").count(), 1 + 19, "the law and its draws:\n{text}");
    let (code, _, errors) = answer(folder.path(), &["check", "p.ron", "--deny", "warnings"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    // An alternating renewal is down for the share of its mean repair.
    let run = json(folder.path(), &["run", "net.ron", "--method", "exact", "--parameter-uncertainty", "20"]);
    let unavailability = &run["points"][0]["up"]["service"]["unavailability"]["estimate"];
    near(unavailability, 960.0 / (960.0 + 360_000.0), 1e-4);
    // A value that no parameter of the net names has no sensitivity, which is told; a named one has its evidence.
    let sensitive = ["--method", "exact", "--sensitivity"];
    let (_, told, _) = answer(folder.path(), &[&["run", "net.ron"], &sensitive[..]].concat());
    assert!(told.contains("the net has no parameter to change"), "{told}");
    let named = NET
        .replace("places:", "parameters: {\"repair\": \"p.repair\"},\n    places:")
        .replace("\"p.repair\", from", "\"repair\", from");
    fs::write(folder.path().join("named.ron"), named).expect("a net");
    let (_, told, _) = answer(folder.path(), &[&["run", "named.ron"], &sensitive[..]].concat());
    assert!(told.contains("of all elasticities together 100 % rest on field data"), "{told}");
    assert_eq!(run["uncertainties"][0]["draws"], 20);
}

#[test]
fn a_count_has_the_interval_of_garwood() {
    let folder = folder(&[]);
    let none = json(folder.path(), &["calibrate", "--failures", "0", "--time", "1000 h"]);
    // Without a failure the upper end of the rate is -ln(2.5 %) in the time.
    near(&none["low"], 3_600_000.0 / -libm::log(0.025), 1e-9);
    assert_eq!(none["high"], Value::Null);
    let count = ["calibrate", "--failures", "3", "--time", "1000 h", "--out", "p.ron", "--evidence", "assumed"];
    let three = json(folder.path(), &count);
    near(&three["mean"], 1_200_000.0, 1e-12);
    // Half of the quantiles of chi-squared: 97.5 % with 8 degrees of freedom, 2.5 % with 6 (tables).
    near(&three["low"], 3_600_000.0 / (17.534_546_139 / 2.0), 1e-8);
    near(&three["high"], 3_600_000.0 / (1.237_344_246 / 2.0), 1e-8);
    let (code, _, errors) = answer(folder.path(), &["check", "p.ron", "--deny", "warnings"]);
    assert_eq!((code, errors.as_str()), (0, ""));
}

#[test]
fn markdown_has_the_tables_of_the_text() {
    let folder = folder(&[("repairs.csv", REPAIRS)]);
    let (code, out, errors) = answer(folder.path(), &[&SHORT[..], &["--markdown"]].concat());
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.starts_with("# Calibration of repairs.csv\n"), "{out}");
    let text = answer(folder.path(), &SHORT).1;
    let bare = |line: &str| {
        line.replace(['|', '-', '#', ':', '\\', '=', '─'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let words = |text: &str| bare(&text.lines().map(bare).collect::<Vec<_>>().join(" "));
    assert_eq!(words(&out), words(&text));
    assert!(out.contains("\n|") && !text.contains("\n|"));
    let (code, _, errors) = answer(folder.path(), &[&SHORT[..], &["--markdown", "--json"]].concat());
    assert!(code == 2 && errors.contains("--json"), "{errors}");
}

#[test]
fn figures_are_files_that_are_told_and_the_same_for_any_threads() {
    let folder = folder(&[("repairs.csv", REPAIRS)]);
    let drawn = |more: &[&str]| answer(folder.path(), &[&SHORT[..], &["--law", "Exponential"], more].concat());
    let names = ["repairs-repair-overlay.svg", "repairs-repair-probability.svg"];
    let (code, _, errors) = drawn(&["--figures", "one", "--threads", "1"]);
    let told: Vec<String> = names.iter().map(|name| format!("figure: one/{name}\n")).collect();
    assert_eq!((code, errors), (0, told.concat()));
    assert_eq!(drawn(&["--figures", "two", "--threads", "3", "--quiet"]).2, "");
    for name in names {
        let read = |sub: &str| fs::read_to_string(folder.path().join(sub).join(name)).expect("a figure");
        assert!(read("one").starts_with("<svg ") && read("one").contains("Exponential (used"), "{name}");
        assert_eq!(read("one"), read("two"));
    }
    // Ten points, and one in the legend.
    let plot = fs::read_to_string(folder.path().join("one").join(names[1])).expect("a figure");
    assert_eq!(plot.matches("<circle ").count(), 10 + 1);
    let (code, out, errors) = drawn(&["--figures", "repairs.csv"]);
    assert!(code == 4 && out.is_empty() && errors.contains("can't write repairs.csv"), "{errors}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_calibration_tells_what_it_knows_and_writes_no_law() {
    use std::process::{Command, Stdio};
    let rows: String = (1..200).map(|i| format!("{},{}\n", 5 * i % 991, 1 + i * i % 877)).collect();
    let folder = folder(&[("long.csv", &format!("first [s],second [s]\n{rows}"))]);
    let interrupted = |milliseconds: u64| {
        let child = Command::new(env!("CARGO_BIN_EXE_fivenines"))
            .current_dir(folder.path())
            .args(["calibrate", "long.csv", "--replicates=10000", "--candidates=17", "--threads=1", "--quiet"])
            .args(["--out", "p.ron", "--evidence", "assumed"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("fivenines starts");
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("the kill command");
        child.wait_with_output().expect("it ends")
    };
    // Before it has begun to listen the signal ends it without a code: then later.
    let output = (0..8).map(|tries| interrupted(100 << tries)).find(|output| output.status.code().is_some());
    let output = output.expect("it listens at last");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("Interrupted: this is what was known by then; no law is written."), "{told}");
    assert!(!folder.path().join("p.ron").exists());
}
