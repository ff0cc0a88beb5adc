//! `SEMANTICS.md` and these tests point at each other.

use std::collections::BTreeSet;
use std::fs;

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The tests of these modules that are named after a rule.
fn tests() -> BTreeSet<String> {
    let folder = format!("{}/tests/integration/semantics", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("this folder").map(|entry| entry.expect("an entry").path());
    let texts: Vec<String> = files.map(|path| fs::read_to_string(path).expect("UTF-8")).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let names =
        lines.filter_map(|line| line.strip_prefix("fn s")?.split_once("()").map(|(name, _)| format!("s{name}")));
    names.filter(|name| name[1..3].chars().all(|c| c.is_ascii_digit())).collect()
}

#[test]
fn every_rule_names_its_tests_and_every_test_its_rule() {
    let (text, tests) = (read("SEMANTICS.md"), tests());
    let (rules, table) = text.split_once("## Tests").expect("a table of tests");
    for number in 1..=22 {
        assert!(rules.contains(&format!("**S{number} ")), "there is no rule S{number}");
        let row = table.lines().find(|line| line.starts_with(&format!("| S{number} |")));
        let row = row.unwrap_or_else(|| panic!("S{number} has no row in the table of tests"));
        let named: BTreeSet<String> = row.split('`').skip(1).step_by(2).map(str::to_string).collect();
        let of_rule: BTreeSet<String> =
            tests.iter().filter(|name| name.starts_with(&format!("s{number:02}_"))).cloned().collect();
        assert!(!of_rule.is_empty(), "S{number} has no test");
        assert_eq!(named, of_rule, "the tests of S{number}, as the table has them and as they are");
    }
}
