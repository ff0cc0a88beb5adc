//! `check` on what can't run alone, and on what only the compiler refuses.

use super::{answer, folder};

/// A unit that tells of its failures.
const UNIT: &str = r##"Net(
    colours: {"Spare": Parameter, "Half": "Spare - Spare"},
    parameters: {"mtbf": Parameter, "swap": "10 min", "hot": "false"},
    ports: {"Failed": (), "Log": (tokens: 0), "Shelf": (colour: "Spare")},
    places: {"Works": (tokens: 1), "Out": (colour: "Half")},
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: mtbf)", from: {"Works": "1"}, to: {"Failed": "1", "Log": "1"}),
        "Fetch[s in Spare]": Timed(delay: "swap", guard: "hot", from: {"Shelf": "s"}, to: {"Works": "1"}),
        "Lose": Timed(delay: "swap", guard: "hot", from: {"Log": "1"}, flush: ["Out"]),
    },
)"##;

#[test]
fn a_module_is_checked_alone() {
    let net = UNIT.replace(r#"ports: {"Failed": (), "Log": (tokens: 0), "Shelf": (colour: "Spare")},"#, "");
    let net = net.replace(r#", to: {"Failed": "1", "Log": "1"}"#, "");
    let net = net
        .replace("    transitions", "    up: {\"works\": \"#Works > 0\"},\n    transitions")
        .replace("\"Shelf\": \"s\"", "")
        .replace("from: {\"Log\": \"1\"}", "from: {\"Works\": \"1\"}");
    let folder = folder(&[("unit.ron", UNIT), ("net.ron", &net)]);
    let (code, out, errors) = answer(folder.path(), &["check", "unit.ron", "--deny", "warnings"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.starts_with("unit.ron: no mistakes\n\na module, for `instances` of another net"), "{out}");
    for row in [
        "colours to give   Spare",
        "values to give    mtbf",
        "ports to bind     Failed, Shelf",
        "ports left free   Log",
    ] {
        assert!(out.contains(row), "{row:?} is missing from\n{out}");
    }
    // What is given is required no more, and is checked.
    let set = ["check", "unit.ron", "--set", "mtbf=3 h", "--json"];
    let (code, out, _) = answer(folder.path(), &set);
    let checked: serde_json::Value = serde_json::from_str(&out).expect("one JSON object");
    let module = &checked["module"];
    assert_eq!((code, &module["parameters"]), (0, &serde_json::json!([])));
    assert_eq!(module["ports"], serde_json::json!(["Failed", "Shelf"]));
    let (code, _, errors) = answer(folder.path(), &["check", "unit.ron", "--set", "mtbf=3"]);
    assert!(code == 2 && errors.contains("error[E0705]"), "{errors}");
    // Without ports it is a model that lacks values.
    let (code, out, errors) = answer(folder.path(), &["check", "net.ron"]);
    assert!(code == 2 && out.is_empty() && errors.contains("error[E0605]"), "{out}{errors}");
    let (code, out, errors) =
        answer(folder.path(), &["check", "net.ron", "--set", "mtbf=3 h", "--set", "Spare={a}", "--set", "hot=true"]);
    assert!(code == 0 && out.contains("P-invariants"), "{out}{errors}");
}

#[test]
fn a_module_shows_all_its_own_mistakes_at_once() {
    let wrong =
        UNIT.replace("\"mean: mtbf\"", "").replace("Exponential(mean: mtbf)", "Exponential(mean: mtbf + #Workz)");
    let wrong = wrong.replace("\"Shelf\": \"s\"", "\"Shelf\": \"z\"").replace("guard: \"hot\"", "guard: \"hit\"");
    let folder = folder(&[("unit.ron", &wrong)]);
    let (code, out, errors) = answer(folder.path(), &["check", "unit.ron"]);
    assert_eq!((code, out.as_str()), (2, ""));
    for mistake in ["there is no place `Workz`", "there is no `hit` here", ":7:", ":8:", ":9:"] {
        assert!(errors.contains(mistake), "{mistake:?} is missing from\n{errors}");
    }
    assert!(!errors.contains("E0605") && !errors.contains("E0611"), "what its user gives is no mistake:\n{errors}");
    // What depends on a colour set is checked when it is given.
    let (code, _, errors) = answer(folder.path(), &["check", "unit.ron", "--set", "Spare={a}"]);
    assert!(code == 2 && errors.contains("`z`"), "{errors}");
    // To run it is one all the same.
    let (code, _, errors) = answer(folder.path(), &["run", "unit.ron"]);
    assert!(code == 2 && errors.contains("E0605") && errors.contains("E0611"), "{errors}");
}

#[test]
fn what_the_compiler_refuses_is_told_of_each_design() {
    let net = r##"Net(
        colours: {"Client": "1..=number"},
        parameters: {"number": "300"},
        places: {"Idle": (colour: "Client", tokens: "10_000_000 * all Client")},
        transitions: {"Call[c in Client]": Timed(delay: "1 h", from: {"Idle": "c"})},
        up: {"idle": "#Idle > 0"},
    )"##;
    let scenario = r##"Scenario(
        designs: {"few": (net: "net.ron", with: {"number": "2"}), "many": (net: "net.ron"), "more": (net: "other.ron")},
    )"##;
    let folder = folder(&[("net.ron", net), ("other.ron", net), ("scenario.ron", scenario)]);
    for command in ["check", "run", "trace"] {
        let (code, out, errors) = answer(folder.path(), &[command, "scenario.ron"]);
        assert_eq!((code, out.as_str(), errors.matches("error[E0720]").count()), (2, "", 2), "{command}: {errors}");
        assert!(errors.contains("net.ron:4:19") && errors.contains("other.ron:4:19"), "{command}: {errors}");
    }
    let (code, _, errors) = answer(folder.path(), &["check", "scenario.ron", "--set", "number=3"]);
    assert_eq!((code, errors.as_str()), (0, ""));
}

#[test]
fn draws_are_of_the_type_of_their_value() {
    let file = |draw: &str| {
        let values = format!(r#"Parameters(values: {{ "a": (value: "3 h", draws: ["2 h", "{draw}"]) }})"#);
        let folder = folder(&[("p.ron", &values)]);
        answer(folder.path(), &["check", "p.ron", "--deny", "warnings"])
    };
    assert_eq!(file("150 min").0, 0);
    for draw in ["5", "3 Hz", "true", "[1 h]"] {
        let (code, _, errors) = file(draw);
        assert!(code == 2 && errors.contains("p.ron:1:") && errors.contains("1 error"), "{draw}: {errors}");
    }
}
