//! The committed reports on the emulator are what their programs print: what is cheap is made again whole, of the rest
//! some rows.

#[allow(dead_code, reason = "the whole page takes too long")]
#[path = "../../examples/live_report/report/mod.rs"]
mod live_report;
#[allow(dead_code, reason = "the whole page takes too long")]
#[path = "../../examples/replicator_report/report/mod.rs"]
mod replicator_report;

use fivenines::emulator::report;
use replicator_report::sections::{SECTIONS, Section};
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn committed(name: &str) -> String {
    std::fs::read_to_string(root().join("reports").join(name)).expect("a committed report")
}

/// The cells of each row of a table that names one of these cases, without the blanks that align them.
fn rows(text: &str, cases: &[&str]) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let named = |row: &Vec<String>| row.get(1).is_some_and(|case| cases.contains(&case.as_str()));
    text.lines().filter(|line| line.starts_with('|')).map(cells).filter(named).collect()
}

/// The part of a report below a heading.
fn below<'t>(text: &'t str, heading: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap_or(rest)
}

/// Some cases of a section come out again.
fn samples(text: &str, section: &Section) {
    let mut study = replicator_report::study(root(), section).expect("plans");
    study.cases.retain(|case| section.sampled.contains(&case.name.as_str()));
    assert_eq!(study.cases.len(), section.sampled.len(), "{:?}", section.sampled);
    let made = rows(&report::markdown(&replicator_report::findings(&study).expect("runs")), section.sampled);
    let told = rows(below(text, &study.title), section.sampled);
    assert!(!made.is_empty() && told.len() >= made.len());
    // What the comments add stands below.
    assert_eq!(told[..made.len()], made, "{}", study.title);
}

#[test]
fn the_report_on_live_replication_comes_out_again() {
    let text = committed("replicator.md");
    assert!(text.starts_with(replicator_report::sections::HEAD));
    assert!(!text.contains("NaN") && !text.contains("FAILS"), "every figure is there, and every expectation holds");
    for section in SECTIONS {
        if section.sampled.is_empty() {
            let made = replicator_report::told(root(), section).expect("a section");
            assert!(text.contains(&made), "reports/replicator.md is no longer what its program prints:\n{made}");
        } else {
            samples(&text, section);
        }
    }
    let rest = replicator_report::outside_of_the_lab(root()).expect("the nets");
    assert!(text.ends_with(&rest), "{rest}");
}

#[test]
fn every_published_figure_stands_in_the_report() {
    let text = committed("replicator.md");
    // Of the documents' sections on live and active replication, as they are printed there.
    let figures = [
        "0.1000 ms",
        "0.5000 ms",
        "about 20",
        "every 400 ms",
        "every 300 ms",
        "96.7200 ms",
        "61.5900 ms",
        "0.92550",
        "17.0200 ms",
        "9.9800 ms",
        "0.03120",
        "3.61000",
        "below 250 ms",
        "below 30 ms",
        "below 5 %",
        "37.2100 ms",
        "1.89000",
        "6.5000 ms",
        "3.23000",
        "5.0300 ms",
        "3.37000",
        "3.4600 ms",
        "3.47000",
        "3.4500 ms",
        "3.55000",
        "2.4400 ms",
        "3.59000",
        "1.3000 ms",
        "1.2100 ms",
        "3.63000",
        "1.3200 ms",
        "3.62000",
        "1.3400 ms",
        "3.58000",
        "2.4800 ms",
        "3.57000",
        "900 ms",
        "a second",
        "3.1 s",
        "0.6 s",
        "0.2 s",
        "80 %",
        "5 to 50 ms",
        "up to a minute",
        "some seconds",
        "6.5 years",
        "50 000 h to 300 000 h",
        "60 days",
        "200 000 h to 400 000 h",
        "1 000 000 h",
        "86.38",
        "93.61",
    ];
    for figure in figures {
        assert!(text.contains(figure), "{figure}");
    }
}

#[test]
fn the_report_on_the_live_lab_comes_from_the_committed_samples() {
    let text = committed("live.md");
    for measurement in &live_report::MEASUREMENTS {
        let (head, cells) = live_report::from_sample(root(), measurement).expect("a sample");
        assert!(text.contains(&head), "{head}");
        let (_, rows) = text.split_once(&head).expect("its head");
        for (row, cells) in rows.lines().zip(&cells) {
            assert!(row.starts_with(cells), "{row}\n{cells}");
        }
        // Thousands of registrations in each run.
        if !measurement.file.starts_with("restart_actor") {
            let made = live_report::section(root(), measurement).expect("a section");
            assert!(text.contains(&made), "reports/live.md is no longer what its program prints:\n{made}");
        }
    }
}
