//! print ∘ parse: what is printed is read back as the same document, and printed the same again.

use super::generate::{any_document, any_expr};
use super::{files, read};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::syntax::ast::Document;
use fivenines::syntax::expr::Expr;
use fivenines::syntax::{parse_expr, print, print_expr};
use proptest::prelude::*;
use std::fmt::Debug;
use std::path::Path;

/// The value as text without its spans.
fn bare(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let mut parts = text.split("Span { source: ");
    let mut result = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let end = part.find('}').expect("a span ends");
        result += &part[end + 1..];
    }
    result
}

fn read_expr(text: &str) -> Expr {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let source = sources.add("expression", text);
    let expr = parse_expr(source, text, 0, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{text}: {:?}", diagnostics.sorted());
    expr.expect("no error, so an expression")
}

fn survives(document: &Document) -> Result<(), TestCaseError> {
    let text = print(document);
    let (again, complaints) = read("printed.ron", text.as_bytes());
    prop_assert_eq!(&complaints, "", "{}", text);
    let again = again.expect("no error, so a document");
    prop_assert_eq!(bare(&again), bare(document), "{}", text);
    prop_assert_eq!(print(&again), text);
    Ok(())
}

proptest! {
    #![proptest_config(crate::random_nets::config(1000))]

    #[test]
    fn expressions_survive(expr in any_expr()) {
        let text = print_expr(&expr);
        prop_assert_eq!(bare(&read_expr(&text)), bare(&expr), "{}", text);
    }
}

proptest! {
    #![proptest_config(crate::random_nets::config(150))]

    #[test]
    fn documents_survive(document in any_document()) {
        survives(&document)?;
    }
}

#[test]
fn models_and_scenarios_survive() {
    for path in files(Path::new("models")).into_iter().chain(files(Path::new("scenarios"))) {
        // What `fivenines emulate` reads is no document of the language.
        if path.to_string_lossy().contains("emulate-") {
            continue;
        }
        let (document, _) = read("file", &std::fs::read(&path).expect("readable"));
        survives(&document.expect("a document")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Texts in pairs that mean the same: precedence, with all parentheses on the right.
#[test]
fn precedence_is_as_documented() {
    let pairs = [
        ("1/92 d", "1 / (92 d)"),
        ("3 / 1 h * 2", "(3 / (1 h)) * 2"),
        ("a - b - c", "(a - b) - c"),
        ("a / b mod c", "(a / b) mod c"),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
        ("-2 ^ 2", "-(2 ^ 2)"),
        ("2 ^ -1", "2 ^ (-1)"),
        ("-a * b", "(-a) * b"),
        ("!a && b || c && d", "((!a) && b) || (c && d)"),
        ("a + 1 > b * 2 && c", "((a + 1) > (b * 2)) && c"),
        ("1..=n + 1", "1..=(n + 1)"),
        ("2 * all Kid + udp", "(2 * (all Kid)) + udp"),
        ("#I0.Idle + #Failed(c) == 5", "((#I0.Idle) + (#Failed(c))) == 5"),
        ("if a then 1 else if b then 2 else 3", "if a then 1 else (if b then 2 else 3)"),
        ("4h", "4 h"),
        ("95% * 2", "(95 %) * 2"),
        ("1e3 s", "1000 s"),
        ("1_000", "1000"),
        ("{a, b,}", "{a, b}"),
        ("3 mod 2", "(3) mod (2)"),
    ];
    for (short, long) in pairs {
        assert_eq!(bare(&read_expr(short)), bare(&read_expr(long)), "{short}");
    }
    assert_ne!(bare(&read_expr("all(k in Kid: true)")), bare(&read_expr("all (Kid)")));
    assert_eq!(bare(&read_expr("all(Kid)")), bare(&read_expr("all Kid")));
}

/// Percents and small units are divided, so that they are as near as can be.
#[test]
fn quantities_are_exact() {
    use fivenines::syntax::expr::ExprKind;
    for (text, wanted) in
        [("99.999 %", 0.99999), ("95 %", 0.95), ("3 ms", 0.003), ("7 us", 7e-6), ("2208 h", 7_948_800.0)]
    {
        let ExprKind::Quantity { value, .. } = read_expr(text).kind else { panic!("{text}") };
        assert_eq!(value, wanted, "{text}");
    }
}
