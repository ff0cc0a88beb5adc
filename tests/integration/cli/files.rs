//! Files: several, folders, standard input, built-in ones, output, and what can be wrong with them.

use super::{MACHINE, SCENARIO, answer, fivenines, folder, json, machine, unspent};
use std::fs;

#[test]
fn standard_input_is_a_file() {
    let folder = machine();
    let run = |text: &str| {
        let output = fivenines()
            .current_dir(folder.path())
            .args(["run", "-", "--json", "--precision", "5 %"])
            .write_stdin(text)
            .assert()
            .code(0);
        unspent(&String::from_utf8_lossy(&output.get_output().stdout))
    };
    let from_net = run(MACHINE);
    let from_file = json(folder.path(), &["run", "machine.ron", "--precision", "5 %"]);
    assert_eq!(from_net["points"][0]["up"], from_file["points"][0]["up"]);
    assert_eq!(
        (&from_net["scenario"], &from_net["points"][0]["design"]),
        (&"standard input".into(), &"standard input".into())
    );
    // What it uses is looked for beside the working folder.
    assert_eq!(run(SCENARIO), json(folder.path(), &["run", "scenario.ron"]));
}

#[test]
fn the_output_goes_to_a_file_all_or_nothing() {
    let folder = machine();
    let file = folder.path().join("out.json");
    fs::write(&file, "old").expect("a file");
    let (code, out, _) = answer(folder.path(), &["run", "scenario.ron", "--json", "-o", "out.json"]);
    assert!(code == 0 && out.is_empty());
    let written = fs::read_to_string(&file).expect("a result");
    assert_eq!(unspent(&written), json(folder.path(), &["run", "scenario.ron"]));
    let (code, _, _) = answer(folder.path(), &["run", "nothing.ron", "--json", "-o", "out.json"]);
    assert_eq!(code, 4);
    assert_eq!(fs::read_to_string(&file).expect("a result"), written, "a failed run leaves the old file");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 3, "nothing else is left behind: {left:?}");
    let (code, _, errors) = answer(folder.path(), &["run", "scenario.ron", "-o", "no/such/folder/out.txt"]);
    assert!(code == 4 && errors.contains("out.txt"), "{errors}");
}

#[test]
fn a_folder_gives_a_line_for_each_scenario_and_names_what_fails() {
    let wrong = SCENARIO.replace("1/101", "1/50");
    let broken = SCENARIO.replace("machine.ron", "nowhere.ron");
    let both = [("machine.ron", MACHINE), ("good.ron", SCENARIO), ("wrong.ron", wrong.as_str())];
    let folder = folder(&both);
    let (code, out, errors) = answer(folder.path(), &["run", "."]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(code, 1, "{errors}");
    assert_eq!(lines.len(), 2, "{out}");
    assert!(lines[0].starts_with("ok      ") && lines[0].contains("good.ron: 1 of 1 expectations hold"), "{out}");
    assert!(lines[1].starts_with("FAILED  ") && lines[1].contains("machine: service, unavailability"), "{out}");
    assert!(errors.contains("machine.ron: not a scenario"), "{errors}");

    fs::write(folder.path().join("broken.ron"), broken).expect("a file");
    let (code, out, errors) = answer(folder.path(), &["run", "."]);
    assert!(code == 2 && out.lines().count() == 2, "the others are run all the same:\n{out}");
    assert!(errors.contains("FAILED") && errors.contains("broken.ron"), "{errors}");
}

#[test]
fn several_files_are_run_one_after_the_other() {
    let folder = machine();
    let (code, out, _) = answer(folder.path(), &["run", "scenario.ron", "scenario.ron"]);
    assert_eq!((code, out.matches("Expectations").count()), (0, 2));
    let (code, out, errors) = answer(folder.path(), &["run", "nothing.ron", "scenario.ron"]);
    assert!(code == 4 && out.matches("Expectations").count() == 1, "{out}");
    assert!(errors.contains("nothing.ron: no such file"), "{errors}");
}

#[test]
fn several_results_as_json_are_lines_that_name_their_files() {
    let folder = machine();
    let lines = |arguments: &[&str]| {
        let (code, out, errors) = answer(folder.path(), arguments);
        assert_eq!(code, 0, "{errors}");
        out.lines().map(|line| (line[..20].to_owned(), unspent(line))).collect::<Vec<_>>()
    };
    let alone = json(folder.path(), &["run", "scenario.ron"]);
    let two = lines(&["run", "scenario.ron", "machine.ron", "--precision", "5 %", "--json"]);
    assert_eq!(two.len(), 2);
    assert!(two.iter().all(|(head, _)| head.starts_with(r#"{"file":""#)), "{two:?}");
    assert_eq!((&two[0].1["file"], &two[1].1["file"]), (&"scenario.ron".into(), &"machine.ron".into()));
    let mut first = two[0].1.clone();
    first.as_object_mut().expect("an object").remove("file");
    assert_eq!(first, alone);
    // A folder of one scenario is no other matter than one of many; nor is a file that all are written to.
    assert_eq!(lines(&["run", ".", "--json"]).len(), 1);
    assert!(lines(&["run", "scenario.ron", "scenario.ron", "--json", "-o", "both.json"]).is_empty());
    let both = fs::read_to_string(folder.path().join("both.json")).expect("a result");
    assert_eq!(both.lines().map(|line| unspent(line)["points"] == alone["points"]).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn where_a_result_goes_is_tried_before_it_is_computed() {
    let folder = machine();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("sub")).expect("a folder");
    for (arguments, expected, told) in [
        // The file to be run isn't even looked for.
        (
            &["run", "nothing.ron", "-o", "nowhere/out.txt"][..],
            4,
            "can't write nowhere/out.txt: there is no such folder",
        ),
        (&["run", "nothing.ron", "-o", "sub"], 4, "can't write sub: it is a folder"),
        (&["run", "nothing.ron", "-o", "sub/"], 4, "can't write sub/: it is a folder"),
        (&["run", "nothing.ron", "--resume", "."], 4, "can't write .: it is a folder"),
        (
            &["run", "nothing.ron", "--resume", "nowhere/run.snap"],
            4,
            "can't write nowhere/run.snap: there is no such folder",
        ),
        (&["run", "machine.ron", "-o", "sub/../machine.ron"], 2, "is to be run"),
        (&["run", "machine.ron", "-o", "new", "--resume", "new"], 2, "the same file"),
    ] {
        let (code, out, errors) = answer(folder.path(), arguments);
        assert_eq!((code, out.as_str()), (expected, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(told) && !errors.contains("os error"), "{arguments:?}: {errors}");
    }
    assert_eq!(fs::read_dir(path("sub")).expect("a folder").count(), 0);
    assert_eq!(fs::read_to_string(path("machine.ron")).expect("the machine"), MACHINE);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_in_the_end_is_printed() {
    let folder = machine();
    let (code, out, errors) = answer(folder.path(), &["run", "scenario.ron", "--json", "-o", "/dev/full"]);
    assert_eq!((code, unspent(&out)), (4, json(folder.path(), &["run", "scenario.ron"])), "{errors}");
    assert!(errors.contains("can't write /dev/full") && errors.contains("this is the result"), "{errors}");
    let (code, out, errors) = answer(folder.path(), &["run", "scenario.ron", "--resume", "/dev/null"]);
    assert!(code == 4 && out.is_empty() && errors.contains("no plain file"), "{errors}");
}

#[test]
fn what_cannot_be_read_is_the_environments_fault() {
    let folder = folder(&[("latin.ron", "Net()")]);
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    for (arguments, expected) in [
        (&["run", "nothing.ron"][..], 4),
        (&["trace", "nothing.ron"], 4),
        (&["trace", "empty"], 4),
        (&["run", "empty"], 2),
        (&["run", "builtin:nothing.ron"], 4),
        (&["builtin", "nothing.ron"], 4),
    ] {
        let (code, out, errors) = answer(folder.path(), arguments);
        assert_eq!(code, expected, "{arguments:?}: {errors}");
        assert!(out.is_empty() && !errors.is_empty(), "{arguments:?}");
    }
    let bytes = [b"Net(doc: \"".as_slice(), b"\xff\xfe", b"\")"].concat();
    fs::write(folder.path().join("latin.ron"), bytes).expect("a file");
    let (code, _, errors) = answer(folder.path(), &["run", "latin.ron"]);
    assert!(code == 2 && errors.contains("UTF-8"), "{errors}");
}

#[test]
fn the_main_job_needs_no_files() {
    let folder = folder(&[]);
    let (code, out, errors) = answer(folder.path(), &["run", "builtin:scenarios/thesis-table-1.ron"]);
    assert_eq!(code, 0, "{errors}");
    for expected in ["actor based", "standard", "0.9993507", "0.9872581", "factor"] {
        assert!(out.contains(expected), "{expected} is missing from\n{out}");
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let from_disk = json(root, &["run", "scenarios/thesis-table-1.ron"]);
    assert_eq!(from_disk, json(folder.path(), &["run", "builtin:scenarios/thesis-table-1.ron"]));
}

#[test]
fn built_in_files_are_listed_printed_and_used() {
    let own = r##"Scenario(designs: {"mine": (net: "builtin:models/monolith.ron", with: {"sections": "2"})}, precision: "5 %")"##;
    let folder = folder(&[("own.ron", own)]);
    let (code, out, _) = answer(folder.path(), &["builtin"]);
    assert!(code == 0 && out.contains("builtin:models/monolith.ron\n    One process"), "{out}");
    let (code, out, _) = answer(folder.path(), &["builtin", "models/monolith.ron"]);
    let file = format!("{}/models/monolith.ron", env!("CARGO_MANIFEST_DIR"));
    assert!(code == 0 && out == fs::read_to_string(file).expect("the model"));
    assert_eq!(json(folder.path(), &["run", "own.ron"])["points"][0]["design"], "mine");
    let (code, out, _) = answer(folder.path(), &["run", "builtin:models"]);
    assert!(code == 0 && out.is_empty(), "a folder of nets holds no scenario:\n{out}");
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_trace() {
    let folder = machine();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_fivenines"))
        .current_dir(folder.path())
        .args(["trace", "machine.ron", "--until", "1e12 y"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("fivenines starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
