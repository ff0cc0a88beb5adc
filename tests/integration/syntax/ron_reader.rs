//! Our reader against the `ron` crate: the same texts are accepted, with the same values.
//!
//! Deliberate differences, left out of the generator: numbers with suffixes, byte strings and ranges of bare numbers
//! are errors for us; a key given twice is kept by our reader, and reported by the next stage; where RON keeps a
//! number of 32 bits we keep 64.

use super::read;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::syntax::ron_reader::read_tree;
use fivenines::syntax::tree::{Kind, Node, Number};
use proptest::prelude::*;

fn ours(text: &str) -> Result<Node, String> {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let source = sources.add("test.ron", text);
    let node = read_tree(source, text.as_bytes(), &mut diagnostics);
    match node {
        Some(node) if diagnostics.is_empty() => Ok(node),
        _ => Err(format!("{:?}", diagnostics.sorted())),
    }
}

/// The tree as RON's value, which knows neither names nor the difference between map and struct.
fn value(node: &Node) -> String {
    let list = |items: &[Node]| format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(","));
    match &node.kind {
        Kind::Bad | Kind::Unit | Kind::Word(_) => "()".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number_text(number.value),
        Kind::Char(c) => format!("{c:?}"),
        Kind::Text(text) => format!("{:?}", text.text),
        // A name and empty parentheses are an empty tuple for RON.
        Kind::Struct { fields, .. } if fields.is_empty() => "[]".to_owned(),
        Kind::Struct { fields, .. } => {
            map(fields.iter().map(|(word, node)| (format!("{:?}", word.text), value(node))).collect())
        }
        Kind::Tuple { items, .. } | Kind::List(items) => list(items),
        Kind::Map(entries) => map(entries.iter().map(|(key, node)| (value(key), value(node))).collect()),
        Kind::Option(inner) => format!("{:?}", inner.as_ref().map(|node| value(node))),
    }
}

fn map(mut entries: Vec<(String, String)>) -> String {
    // Of a key given twice RON keeps the last.
    entries.reverse();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries.dedup_by(|a, b| a.0 == b.0);
    format!("{{{}}}", entries.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(","))
}

fn number_text(value: f64) -> String {
    format!("{:?}", value as f32)
}

fn theirs(value: &ron::Value) -> String {
    match value {
        ron::Value::Unit => "()".to_owned(),
        ron::Value::Bool(value) => value.to_string(),
        ron::Value::Number(number) => number_text(number.into_f64()),
        ron::Value::Char(c) => format!("{c:?}"),
        ron::Value::String(text) => format!("{text:?}"),
        ron::Value::Seq(items) => format!("[{}]", items.iter().map(theirs).collect::<Vec<_>>().join(",")),
        ron::Value::Map(entries) => map(entries.iter().map(|(key, item)| (theirs(key), theirs(item))).collect()),
        ron::Value::Option(inner) => format!("{:?}", inner.as_ref().map(|item| theirs(item))),
        ron::Value::Bytes(bytes) => format!("b{bytes:?}"),
    }
}

/// Whether a keyword names a field, which only ron's untyped reading lets pass.
fn keyword_as_name(value: &ron::Value) -> bool {
    let text = format!("{value:?}");
    ["true", "false", "None", "Some", "inf", "NaN"].iter().any(|word| text.contains(&format!("String({word:?})")))
}

/// Both accept it with the same value, or both refuse it.
fn agree(text: &str) -> Result<(), TestCaseError> {
    match (ours(text), ron::from_str::<ron::Value>(text)) {
        (Ok(node), Ok(other)) => prop_assert_eq!(value(&node), theirs(&other), "{}", text),
        (Err(_), Err(_)) => {}
        (Err(_), Ok(other)) if keyword_as_name(&other) => {}
        (Ok(node), Err(error)) => prop_assert!(false, "only we accept {:?} as {}: {}", text, value(&node), error),
        (Err(error), Ok(other)) => prop_assert!(false, "only ron accepts {:?} as {:?}: {}", text, other, error),
    }
    Ok(())
}

/// Text that is RON, with comments and white space anywhere.
fn ron_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,4})?(e-?[0-9])?",
        "[+-]?(0x[0-9a-f]{1,6}|0b[01]{1,8}|0o[0-7]{1,8}|[0-9](_?[0-9]){0,4})",
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("None".to_owned()),
        Just("()".to_owned()),
        Just("inf".to_owned()),
        "[A-Z][a-z_0-9]{1,4}",
        "\"([a-zé \\n]|\\\\[nrt0\\\\\"']|\\\\x[0-7][0-9a-f]|\\\\u\\{[0-9a-c]{1,4}\\}|\\\\\\n +)*\"",
        "r#\"[a-z\"\\\\ ]{0,4}[a-z]\"#",
        "'([a-zé\"]|\\\\[nrt0\\\\\"'])'",
    ];
    let blank = || prop_oneof![4 => Just(""), 2 => Just(" "), 1 => Just("// ]\n"), 1 => Just("/* ( /* */ */")];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let blank = || blank().boxed();
        let comma = prop_oneof![Just(""), Just(",")];
        let items = prop::collection::vec((inner.clone(), blank()), 1..4);
        let fields = prop::collection::vec(("[a-z]{1,3}_", inner.clone(), blank()), 1..4);
        let entries = prop::collection::vec((inner.clone(), inner.clone(), blank()), 0..4);
        let name = prop_oneof![Just(""), Just("Name"), Just("Name ")];
        let joined =
            |list: Vec<String>, comma: &str| if list.is_empty() { String::new() } else { list.join(",") + comma };
        prop_oneof![
            (name.clone(), items.clone(), comma.clone()).prop_map(move |(name, items, comma)| {
                let list = items.into_iter().map(|(item, blank)| format!("{blank}{item}{blank}")).collect();
                format!("{name}({})", joined(list, comma))
            }),
            (items, comma.clone()).prop_map(move |(items, comma)| {
                let list = items.into_iter().map(|(item, blank)| format!("{blank}{item}{blank}")).collect();
                format!("[{}]", joined(list, comma))
            }),
            (name, fields, comma.clone()).prop_map(move |(name, fields, comma)| {
                let list =
                    fields.into_iter().map(|(key, item, blank)| format!("{blank}{key}{blank}:{blank}{item}")).collect();
                format!("{name}({})", joined(list, comma))
            }),
            (entries, comma).prop_map(move |(entries, comma)| {
                let list =
                    entries.into_iter().map(|(key, item, blank)| format!("{blank}{key}:{item}{blank}")).collect();
                format!("{{{}}}", joined(list, comma))
            }),
            (inner, blank()).prop_map(|(item, blank)| format!("Some({blank}{item}{blank})")),
        ]
    })
}

proptest! {
    #![proptest_config(crate::random_nets::config(2000))]

    #[test]
    fn the_same_values_as_ron(text in ron_text()) {
        prop_assert!(ours(&text).is_ok(), "refused: {} {:?}", text, ours(&text));
        agree(&text)?;
    }

    #[test]
    fn the_same_refusals_as_ron(text in ron_text(), at in 0.0..1.0f64, what in "[\\]()\\[{},:a1\"'/*#.\\\\ -]{0,2}") {
        // One place of a correct text is spoilt.
        let at = text.floor_char_boundary((at * text.len() as f64) as usize);
        let next = text.ceil_char_boundary(at + usize::from(what.len() < 2));
        let spoilt = format!("{}{what}{}", &text[..at], &text[next..]);
        // Deliberate differences.
        prop_assume!(!spoilt.contains("..") && !spoilt.contains('b'));
        agree(&spoilt)?;
    }

    #[test]
    fn junk_never_panics(text in "\\PC{0,40}", inside in "[-+*/^<>=!&|()\\[\\]{},:.#%a-e0-9 ]{0,40}") {
        read("junk.ron", text.as_bytes());
        read("junk.ron", format!("Net(up: {{\"a\": \"{inside}\", \"{inside}\": 1}}, transitions: {{\"{inside}\": 1}})").as_bytes());
    }
}

/// Everything that has a span lies within the span around it, and shows what it is.
#[test]
fn spans_are_exact() {
    let text =
        "#![enable(implicit_some)]\n/* é */ Net(doc: r#\"é\"#, a: [-1.5, \"x\\n\\u{e9}y\"], é: {\"k\": Some('c')})";
    let node = ours(text).expect("correct");
    let at = |span: fivenines::diag::Span| &text[span.start as usize..span.end as usize];
    let Kind::Struct { name: Some(name), fields } = &node.kind else { panic!("{node:?}") };
    assert_eq!((at(name.span), &at(node.span)[..4]), ("Net", "Net("));
    assert_eq!(fields.iter().map(|(word, _)| at(word.span)).collect::<Vec<_>>(), ["doc", "a", "é"]);
    assert_eq!(at(fields[0].1.span), "r#\"é\"#");
    let Kind::List(items) = &fields[1].1.kind else { panic!("{fields:?}") };
    assert_eq!(items[0].kind, Kind::Number(Number { value: -1.5, whole: None }));
    let Kind::Text(text) = &items[1].kind else { panic!("{items:?}") };
    assert_eq!(text.text, "x\néy");
    assert_eq!((at(text.span), at(text.at(0, 5))), ("x\\n\\u{e9}y", "x\\n\\u{e9}y"));
    assert_eq!(
        (at(text.at(0, 1)), at(text.at(1, 2)), at(text.at(2, 4)), at(text.at(4, 5))),
        ("x", "\\n", "\\u{e9}", "y")
    );
    let Kind::Map(entries) = &fields[2].1.kind else { panic!("{fields:?}") };
    assert_eq!((at(entries[0].0.span), at(entries[0].1.span)), ("\"k\"", "Some('c')"));
}

/// An expression's error points into the source even behind escapes and joined lines.
#[test]
fn errors_in_strings_point_exactly() {
    let text = "Net(\n  up: {\"a\\u{e9}\": \"1 \\x2b\\\n      2 parsecs\"},\n)";
    let (_, complaints) = read("test.ron", text.as_bytes());
    assert!(complaints.starts_with("test.ron:3:9: error[E0304]: unknown unit `parsecs`"), "{complaints}");
}
