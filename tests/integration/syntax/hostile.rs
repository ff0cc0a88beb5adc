//! Files that mean harm: each ends in an error, soon, without a stack overflow.

use super::read;
use fivenines::diag::{Diagnostics, MOST_DIAGNOSTICS, Sources};
use fivenines::syntax::{parse, parse_expr};
use std::time::{Duration, Instant};

const MEBI: usize = 1 << 20;

/// Reads the bytes, which must be refused within seconds (the bound leaves room for slow, busy machines).
fn refused(bytes: &[u8]) -> String {
    let start = Instant::now();
    let (_, complaints) = read("hostile.ron", bytes);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(complaints.contains("error["), "accepted");
    complaints
}

/// The expression, which must be refused.
fn refused_expression(expression: &str) -> String {
    refused(format!("Net(parameters: {{\"a\": \"{expression}\"}})").as_bytes())
}

#[test]
fn megabytes_of_brackets() {
    for bracket in ["(", "[", "{", "a(", "[(", "{[", "Some(", "{\"a\":", "(a:", ")", "]", "[],", "()", "(,", "[,"] {
        refused(bracket.repeat(4 * MEBI / bracket.len()).as_bytes());
    }
}

#[test]
fn megabytes_of_junk() {
    for junk in [
        "@", "@ ", "@,", "[@,", "/", "\\", "'", "''", "'a", "#", "#!", "#![", "-", "+", ".", "1 ", "1.", "\0", "é",
        "\u{feff}", "r#", "b\"", "/*", "a:", ":", "=", "\"a\"",
    ] {
        refused(junk.repeat(4 * MEBI / junk.len()).as_bytes());
        refused(format!("Net({}", junk.repeat(MEBI / junk.len())).as_bytes());
    }
}

#[test]
fn one_long_string_word_or_number() {
    for c in ["a", "é", "1", "(", "\\0", "\\x41", "-"] {
        let long = c.repeat(2 * MEBI);
        refused(format!("Net({long})").as_bytes());
        refused(format!("\"{long}").as_bytes());
        refused(format!("\"{long}\"").as_bytes());
        refused(format!("Net(places: {{\"{long}\": 1}})").as_bytes());
        refused(format!("Net(up: {{\"{long}\": 1, \"{long}\": 1}})").as_bytes());
        refused(format!("Net({long}: 1)").as_bytes());
        refused(format!("{long}(places: {{}})").as_bytes());
        refused_expression(&format!("{long}["));
        refused_expression(&format!("4 {long}"));
    }
}

#[test]
fn deep_expressions() {
    let deep = [
        "(",
        "[",
        "{",
        "-",
        "!",
        "- ",
        "!-",
        "not ",
        "f(",
        "#a[",
        "#a(",
        "a[",
        "P{",
        "E{",
        "if ",
        "if a then ",
        "all ",
        "1 ^ ",
        "1 ^ -",
        "2 + (",
        "{a: ",
        "sum(k in ",
        "sum(k in K: ",
        "sum(k in K if ",
        "f(x: ",
        "1..",
        "1 .. (",
        "a.",
        "if a then b else ",
        "1 + ",
        "1 < ",
        "a && ",
        "a and ",
        "** ",
    ];
    for piece in deep {
        refused_expression(&piece.repeat(MEBI / piece.len()));
    }
}

#[test]
fn long_expressions() {
    let long = [", 1", " 1", "1,", " + 1", ".a", "[1]", "(1)", " h", " %", "..", "=", "@", "\\\\", "\\u{0}", "≤"];
    for piece in long {
        refused_expression(&format!("1{}", piece.repeat(MEBI)));
    }
    // Many expressions that each are allowed.
    let list = format!("\"{}1\": \"[{}]\", ", "x", "1,".repeat(90_000));
    refused(format!("Net(parameters: {{{}}})", list.repeat(60)).as_bytes());
}

#[test]
fn huge_numbers() {
    for number in ["1e999", "-1e999", "inf", "-inf", "NaN", "0xffffffffffffffffff", "1e99999999999999999999"] {
        refused(format!("Net(places: {{\"a\": (tokens: {number})}})").as_bytes());
    }
    for number in ["1e999", "-1e999", "0x10", "1e308 y", &"9".repeat(400), "1e-400 q"] {
        refused_expression(number);
    }
    refused(b"Scenario(designs: {}, seed: 18446744073709551616)");
}

#[test]
fn bytes_that_are_no_text() {
    let complaints = refused(b"Net(\n  doc: \"\xff\xfe\")");
    assert!(complaints.starts_with("hostile.ron:2:9: error[E0101]: byte 13 (0xff)"), "{complaints}");
    refused(&[0xff; MEBI]);
    refused(&[0; MEBI]);
    refused(b"Net(\xed\xa0\x80)");
}

#[test]
fn a_file_that_is_too_large() {
    let complaints = refused(&vec![b' '; 16 * MEBI + 1]);
    assert!(complaints.contains("error[E0102]: the file has 16777217 bytes, more than 16 MiB"), "{complaints}");
    let complaints = refused(format!("Net(doc: [{}])", "1,".repeat(3 * MEBI)).as_bytes());
    assert!(complaints.contains("error[E0109]: more than 2000000 values in one file"), "{complaints}");
}

#[test]
fn the_number_of_complaints_is_bounded() {
    let complaints = refused(format!("Net({})", "@,".repeat(1000)).as_bytes());
    assert!(complaints.contains("error[E0109]: more than 100 syntax errors; the rest is not read"), "{complaints}");
    assert_eq!(complaints.lines().filter(|line| line.contains("error[")).count(), 101);
    let text = format!("Net({})", "a: 1, ".repeat(100_000));
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let source = sources.add("wide.ron", text.as_str());
    parse(source, text.as_bytes(), &mut diagnostics);
    assert_eq!(diagnostics.len(), MOST_DIAGNOSTICS);
    assert!(diagnostics.dropped() > 0 && diagnostics.has_errors());
}

#[test]
fn an_expression_from_the_command_line() {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let text = "mtbf=2 * 1104 parsecs";
    let source = sources.add("--set", text);
    assert!(parse_expr(source, &text[5..], 5, &mut diagnostics).is_some());
    let list = diagnostics.sorted();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].code, list[0].primary.span.start, list[0].primary.span.end), ("E0304", 14, 21));
    assert_eq!(parse_expr(source, "", 5, &mut diagnostics), None);
}
