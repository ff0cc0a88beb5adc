//! The report on the designs and its page: their commands do what they say, their links lead where they say, and each
//! value that they state is that of its line. (The report itself takes minutes of simulation to make again.)

use assert_cmd::Command;
use std::fs;
use std::path::Path;

const REPORT: &str = "reports/designs.md";
const PAGE: &str = "docs/designs.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("a committed file")
}

/// All commands of a page: those in its blocks, and those in its sentences.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1).flat_map(|rest| rest.split("```").next().expect("an end").lines());
    let spoken = page.split('`').skip(1).step_by(2);
    let all = blocks.chain(spoken).filter(|line| line.starts_with("fivenines "));
    all.map(str::to_owned).collect()
}

/// The words of a command, as a shell has them: quotes keep together.
fn words(command: &str) -> Vec<String> {
    let mut list = vec![String::new()];
    let mut quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => list.push(String::new()),
            letter => list.last_mut().expect("a word").push(letter),
        }
    }
    assert!(!quoted, "{command} ends within quotes");
    list
}

fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to.join(from)).expect("a folder");
    for entry in fs::read_dir(root().join(from)).expect("a folder") {
        let name = format!("{from}/{}", entry.expect("an entry").file_name().to_string_lossy());
        match root().join(&name).is_dir() {
            true => copy(&name, to),
            false => drop(fs::copy(root().join(&name), to.join(&name)).expect("a copy")),
        }
    }
}

/// What a command costs less by: the same options, fewer firings.
const BRIEFLY: [&str; 4] = ["--precision", "90 %", "--budget", "2000"];

#[test]
fn the_commands_of_the_report_and_its_page_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for part in ["models", "scenarios", "reports/baseline"] {
        copy(part, folder.path());
    }
    let log = "models/params/measurements/restart_process.csv";
    fs::copy(root().join(log), folder.path().join("my.csv")).expect("a log of one's own");
    let mut all: Vec<String> = [text(REPORT), text(PAGE)].iter().flat_map(|page| commands(page)).collect();
    all.sort();
    all.dedup();
    let of = |start: &str| all.iter().filter(|command| command.starts_with(start)).count();
    assert!(of("fivenines run scenarios/designs.ron --set") >= 2 && of("fivenines calibrate") >= 2, "{all:?}");
    for command in &all {
        let mut arguments = words(command);
        arguments.remove(0);
        if arguments[0] == "run" {
            let stated = |option: &str| arguments.iter().any(|word| word == option);
            let mut brief: Vec<String> = Vec::new();
            for option in BRIEFLY.chunks(2).filter(|option| !stated(option[0])) {
                brief.extend(option.iter().map(|word| (*word).to_owned()));
            }
            arguments.extend(brief);
            let draws = arguments.iter().position(|word| word == "--parameter-uncertainty");
            if let Some(draws) = draws {
                arguments[draws + 1] = "2".to_owned();
            }
        } else if !arguments.iter().any(|word| word == "--replicates") {
            arguments.extend(["--replicates".to_owned(), "9".to_owned()]);
        }
        arguments.push("--quiet".to_owned());
        let mut process = Command::new(env!("CARGO_BIN_EXE_fivenines"));
        let output = process.current_dir(folder.path()).args(&arguments).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr);
        // Expectations needn't hold of other values, nor can few firings decide against a baseline.
        let code = output.status.code().expect("it ends by itself");
        assert!([0, 1, 5].contains(&code), "{command}: {code}\n{told}");
        assert!(!told.contains("error"), "{command}:\n{told}");
    }
}

#[test]
fn every_value_of_the_report_is_the_one_in_its_line() {
    let report = text(REPORT);
    let (_, table) = report.split_once("## Every value and its line").expect("the table");
    let mut checked = 0;
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let name = cells[0].trim_start_matches("| ").trim_matches('`');
        let value = cells[1].trim_matches('`');
        let (_, link) = row.rsplit_once("](../").expect("a link");
        let (file, line) = link.trim_end_matches(") |").split_once("#L").expect("a line");
        let (stem, own) = name.split_once('.').expect("file and name");
        assert!(file.ends_with(&format!("/{stem}.ron")), "{row}");
        let held = text(file);
        let lines: Vec<&str> = held.lines().skip(line.parse::<usize>().expect("a number") - 1).take(3).collect();
        assert!(lines[0].contains(&format!("\"{own}\":")), "{file}:{line} isn't about {own}");
        let blank = |text: &str| text.replace(' ', "");
        assert!(
            blank(&lines.concat()).contains(&format!("\"{}\"", blank(value))),
            "{name} isn't {value} in {file}:{line}"
        );
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn what_the_report_shows_is_there() {
    let report = text(REPORT);
    let figures: Vec<&str> =
        report.split("](figures/").skip(1).map(|rest| rest.split(')').next().expect("an end")).collect();
    assert!(figures.len() > 10, "{figures:?}");
    for figure in figures {
        assert!(text(&format!("reports/figures/{figure}")).starts_with("<svg"), "{figure}");
    }
    let words: Vec<&str> = report.split([' ', '\n', '|', '(', ')']).collect();
    for wrong in ["NaN", "inf", "-inf"] {
        assert!(!words.contains(&wrong), "the report says {wrong}");
    }
}
