//! The documents: every example of the language reference is a file that can be used, every law is listed.

use std::fs;

#[test]
fn every_law_is_in_the_reference() {
    let text = fs::read_to_string(format!("{}/docs/language.md", env!("CARGO_MANIFEST_DIR"))).expect("the reference");
    for form in fivenines::dist::forms() {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{}` ", form.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the table of laws", form.name));
        for (parameter, _) in form.parameters {
            assert!(row.contains(&format!("`{parameter}`")), "{}: {parameter} is missing", form.name);
        }
    }
}

#[test]
fn every_unit_is_in_the_reference() {
    let text = fs::read_to_string(format!("{}/docs/language.md", env!("CARGO_MANIFEST_DIR"))).expect("the reference");
    for (unit, _, _) in fivenines::units::UNITS {
        assert!(text.contains(&format!("`{unit}`")), "{unit} is missing");
    }
}
