//! Files that mean harm, through the command line: each ends in a clear error, in bounded memory and time.
#![cfg(unix)]

use assert_cmd::Command;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Memory of the process in KiB, and its processor time in seconds (an unoptimised build on a slow machine).
const LIMITS: (u64, u64) = (1 << 20, 15);

/// What `check` says of a file among these, which it must refuse; nothing when it doesn't end in the right way.
fn refused(files: &[(&str, &[u8])], command: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    let (memory, time) = LIMITS;
    let binary = env!("CARGO_BIN_EXE_fivenines");
    let script = format!("ulimit -v {memory}; ulimit -t {time}; exec '{binary}' {command} '{}'", files[0].0);
    let output = Command::new("sh").current_dir(folder.path()).args(["-c", &script]).output().expect("it runs");
    let shown = String::from_utf8(output.stderr).expect("UTF-8");
    let head: String = shown.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(2), "{head}");
    assert!(shown.starts_with("error[E") && shown.contains(files[0].0), "{head}");
    assert!(shown.len() < 300_000, "{} bytes are shown:\n{head}", shown.len());
    shown
}

/// The text as the only file; the answer must have this code.
fn refused_with(code: &str, text: &str) {
    for command in ["check", "run"] {
        let shown = refused(&[("evil.ron", text.as_bytes())], command);
        let head: String = shown.chars().take(2_000).collect();
        assert!(shown.contains(&format!("error[{code}]")), "{code} is missing:\n{head}");
    }
}

/// A net with this in it, and something to estimate.
fn net(fields: &str) -> String {
    format!(
        r##"Net(
            {fields}
            transitions: {{ "Fail": Timed(delay: "1 h", from: {{"Up": "1"}}, to: {{"Down": "1"}}) }},
            up: {{ "service": "#Up > 0" }},
        )"##
    )
}

#[test]
fn deep_nesting() {
    for text in ["(".repeat(1 << 20), "[{".repeat(1 << 19), format!("Net(places: {}", "Some(".repeat(1 << 18))] {
        refused_with("E0108", &text);
    }
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    for expression in
        [deep("(", ")"), deep("-", ""), deep("min(", ")"), deep("if 1 < ", " then 1 else 2"), deep("2 ^ ", "")]
    {
        refused_with(
            "E0307",
            &net(&format!(r#"parameters: {{"a": "{expression}"}}, places: {{"Up": (), "Down": ()}},"#)),
        );
    }
}

#[test]
fn a_megabyte_of_junk() {
    let mut state = 1u64;
    let mut junk = |letters: &[u8]| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize
        };
        (0..1 << 20).map(|_| letters[next() % letters.len()]).collect()
    };
    let every: Vec<u8> = (0..=255).collect();
    for letters in [&every[..], b"(){}[],:\"a1 \n", b"{\"a\": \"b\"}, ", b"#&*!/\\'", b"\xff\xfe"] {
        let bytes = junk(letters);
        refused(&[("evil.ron", &bytes)], "check");
        refused(&[("evil.ron", &[b"Net(places: {\"A\": (), ", &bytes[..]].concat())], "check");
    }
}

#[test]
fn text_that_is_not_utf_8() {
    refused(&[("evil.ron", b"Net(doc: \"\xe9\", up: {})")], "check");
    refused(&[("evil.ron", &[0xff, 0xfe, b'N', 0, b'e', 0, b't', 0])], "check");
}

#[test]
fn a_billion_of_anything() {
    for (code, fields) in [
        ("E0707", r#"places: {"Up": (tokens: "1e9"), "Down": ()},"#),
        ("E0707", r#"colours: {"K": "{a}"}, places: {"Up": (), "Down": (), "P": (colour: "K", tokens: "10^9 * a")},"#),
        ("E0714", r#"colours: {"K": "1..=1000000000"}, places: {"Up": (colour: "K"), "Down": ()},"#),
        (
            "E0714",
            r#"colours: {"K": "(1..=1000) * (1..=1000) * (1..=1000)"}, places: {"Up": (colour: "K"), "Down": ()},"#,
        ),
        ("E0714", r#"colours: {"K": "-1e15..=1e15"}, places: {"Up": (colour: "K"), "Down": ()},"#),
        (
            "E0716",
            r#"places: {"Up": (), "Down": ()}, instances: {"i[a in 1..=100000, b in 1..=10000]": (use: "evil.ron")},"#,
        ),
        ("E0713", r#"places: {"Up": (tokens: "sum(a in 1..=100000, b in 1..=100000: a * b)"), "Down": ()},"#),
    ] {
        refused_with(code, &net(fields));
    }
    let bindings = r##"Net(places: {"Up": (tokens: 1)}, transitions: {
        "T[a in 1..=100000, b in 1..=10000]": Timed(delay: "1 h", from: {"Up": "1"})}, up: {"s": "#Up > 0"})"##;
    refused_with("E0717", bindings);
    let arcs = r##"Net(places: {"Up": (tokens: 1)}, transitions: {
        "T": Timed(delay: "1 h", from: {"Up": "1e9"}, to: {"Up": "1e300"})}, up: {"s": "#Up > 0"})"##;
    refused_with("E0707", arcs);
    let servers = r##"Net(places: {"Up": (tokens: 1)}, transitions: {
        "T": Timed(delay: "1 h", from: {"Up": "1"}, servers: "1e12")}, up: {"s": "#Up > 0"})"##;
    refused_with("E0710", servers);
}

#[test]
fn many_small_things() {
    let mut sweep = String::from("Scenario(designs: {\"a\": (net: \"evil.ron\")}, sweep: {");
    for name in ["p", "q", "r"] {
        let values: Vec<String> = (0..1000).map(|n| format!("\"{n}\"")).collect();
        let _ = write!(sweep, "\"{name}\": [{}], ", values.join(","));
    }
    refused_with("E0915", &(sweep + "})"));
    let unknown: String = (0..50_000).map(|n| format!("\"u{n}\": \"#Nowhere{n} > 0\", ")).collect();
    refused_with("E0403", &format!("Net(places: {{\"Up\": ()}}, up: {{{unknown}}})"));
    let long = "a".repeat(1 << 20);
    refused_with("E0401", &net(&format!(r#"parameters: {{"p": "{long}"}}, places: {{"Up": (), "Down": ()}},"#)));
    let colours: Vec<String> = (0..20_000).map(|n| format!("c{n}")).collect();
    let set = format!(
        r#"colours: {{"K": "{{{}}}"}}, places: {{"Up": (colour: "K", tokens: "5"), "Down": ()}},"#,
        colours.join(",")
    );
    refused_with("E0514", &net(&set));
}

#[test]
fn what_contains_itself() {
    let itself = net(r#"places: {"Up": (), "Down": ()}, instances: {"me": (use: "evil.ron")},"#);
    refused_with("E0603", &itself);
    refused_with("E0902", r#"Scenario(designs: {"me": (net: "evil.ron")})"#);
    for parameters in [
        r#""t": "{a: t[a]}""#,
        r#""t": "[t, t]""#,
        r#""t": "Mixed({0.5: t, 0.5: t})""#,
        r#""a": "b", "b": "{x: c}", "c": "{y: a}""#,
    ] {
        let fields = format!(
            r#"colours: {{"K": "{{a, x, y}}"}}, parameters: {{{parameters}}}, places: {{"Up": (), "Down": ()}},"#
        );
        refused_with("E0410", &net(&fields));
    }
    refused_with("E0410", &net(r#"colours: {"K": "K * K"}, places: {"Up": (colour: "K"), "Down": ()},"#));
}

#[test]
fn modules_that_use_each_other() {
    let user = |file: &str| net(&format!(r#"places: {{"Up": (), "Down": ()}}, instances: {{"i": (use: "{file}")}},"#));
    let (a, b, c) = (user("b.ron"), user("sub/../c.ron"), user("./evil.ron"));
    let files = [("evil.ron", a.as_bytes()), ("b.ron", b.as_bytes()), ("c.ron", c.as_bytes())];
    let shown = refused(&files, "check");
    assert!(shown.contains("error[E0603]") && shown.contains("evil.ron → b.ron → c.ron → evil.ron"), "{shown}");
}

#[test]
fn modules_that_double_at_each_level() {
    let names: Vec<String> = (0..=80).map(|n| if n == 0 { "evil.ron".into() } else { format!("m{n}.ron") }).collect();
    let texts: Vec<String> = (0..=80)
        .map(|n| match n {
            80 => net(r#"places: {"Up": (tokens: 1), "Down": ()},"#),
            n => net(&format!(
                r#"places: {{"Up": (tokens: 1), "Down": ()}},
                   instances: {{"a": (use: "m{0}.ron"), "b": (use: "m{0}.ron")}},"#,
                n + 1
            )),
        })
        .collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(texts.iter().map(|t| t.as_bytes())).collect();
    let shown = refused(&files, "check");
    assert!(["E0715", "E0716", "E0717"].iter().any(|code| shown.contains(code)), "{shown}");
}

#[test]
fn numbers_beyond_all_numbers() {
    for value in
        ["1e400", "1e999999999", &"9".repeat(400), "2 ^ 1e300", "exp(1e308)", "1e308 * 10", "(1 s) ^ 1e9", "1 / 0"]
    {
        let text = net(&format!(r#"parameters: {{"p": "{value}"}}, places: {{"Up": (tokens: "p"), "Down": ()}},"#));
        let shown = refused(&[("evil.ron", text.as_bytes())], "check");
        assert!(["E0303", "E0515", "E0516"].iter().any(|code| shown.contains(code)), "{value}: {shown}");
    }
}

#[test]
fn what_is_no_file_is_told_without_being_read() {
    for (path, code) in [("tests", 4), ("no-such.ron", 4), ("/dev/null", 2)] {
        assert!(path != "/dev/null" || Path::new(path).exists());
        let output = Command::new(env!("CARGO_BIN_EXE_fivenines")).args(["check", path]).output().expect("it runs");
        assert_eq!((output.status.code(), output.stderr.starts_with(b"error")), (Some(code), true), "{path}");
    }
}

#[test]
fn one_mistake_of_ten_million_bindings() {
    let text = r##"Net(
        places: {"Up": (tokens: 1)},
        transitions: {"T[a in 1..=1000, b in 1..=10000]": Timed(delay: "1 h", from: {"Upp": "1"})},
        up: {"s": "#Up > 0"},
    )"##;
    let shown = refused(&[("evil.ron", text.as_bytes())], "check");
    assert!(shown.contains("there is no place `Upp`") && shown.ends_with("1 error\n"), "{shown}");
}
