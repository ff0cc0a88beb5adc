//! S15: streams, and what neither the rest of the net nor the order of the file changes.

use super::{
    SEED, Trace, close, cumulated, decides_nearly, flat, law, program, program_of, samples, stream, times_in, traced,
};
use fivenines::dist::Law;

/// The lognormal law of these tests, as written.
const LAW: &str = "LogNormal(mu: 0, sigma: 0.7)";

/// And as sampled.
fn lognormal() -> Law {
    law("LogNormal", &[("mu", 0.0), ("sigma", 0.7)])
}

/// That a transition first fires when its stream says so, and not when one of the other names says so.
#[track_caller]
fn named(files: &[(&str, &str)], transition: &str, name: &str, others: &[&str]) {
    let found = times_in(&traced(&program_of(files), SEED, 1e3), transition);
    for other in others {
        decides_nearly(&found[..1], &samples(&lognormal(), name, 1), &samples(&lognormal(), other, 1));
    }
}

#[test]
fn s15_a_stream_is_named_by_transition_and_values() {
    let net = |key: &str, rest: &str| {
        format!(
            r#"Net(colours: {{"C": "{{a, b}}"}}, places: {{"P": ()}}, transitions: {{"{key}": Timed(delay: "{LAW}" {rest})}})"#
        )
    };
    for (key, rest, transition, name, other) in [
        ("T", "", "T", "T", "net.T"),
        ("T[n in 1..=3]", "", "T[3]", "T[3]", "T"),
        ("T[c in C, n in 1..=2]", "", "T[b, 2]", "T[b, 2]", "T[b][2]"),
        ("T", r#", for: {"c": "C", "n": "1..=2"}"#, "T[b, 2]", "T[b, 2]", "T"),
        ("T", r#", stream: "host.fault""#, "T", "host.fault", "T"),
        ("T[n in 1..=3]", r#", stream: "host.fault""#, "T[3]", "host.fault[3]", "host.fault"),
        ("T[n in 1..=3]", r#", stream: "host[n].fault""#, "T[3]", "host[3].fault", "host[n].fault"),
        ("T[c in C, n in 1..=2]", r#", stream: "host[n].fault""#, "T[b, 2]", "host[2].fault[b]", "host[2].fault"),
    ] {
        named(&[("net.ron", &net(key, rest))], transition, name, &[other]);
    }
}

#[test]
fn s15_instances_lend_their_names() {
    let module = format!(r#"Net(transitions: {{"T[n in 1..=2]": Timed(delay: "{LAW}")}})"#);
    let middle = r#"Net(instances: {"part": (use: "m.ron")})"#;
    let explicit = format!(r#"Net(transitions: {{"T[n in 1..=2]": Timed(delay: "{LAW}", stream: "s")}})"#);
    let net = |stream: &str, file: &str| {
        format!(
            r#"Net(colours: {{"K": "{{tcp, udp}}"}}, places: {{"P": ()}}, instances: {{"kid[k in K]": (use: "{file}" {stream})}})"#
        )
    };
    for (stream, file, transition, name, other) in [
        ("", "m.ron", "kid[udp].T[2]", "kid[udp].T[2]", "kid.T[udp, 2]"),
        ("", "middle.ron", "kid[udp].part.T[2]", "kid[udp].part.T[2]", "part.T[2]"),
        (r#", stream: "host""#, "m.ron", "kid[udp].T[2]", "host[udp].T[2]", "kid[udp].T[2]"),
        (r#", stream: "host[k].x""#, "middle.ron", "kid[udp].part.T[2]", "host[udp].x.part.T[2]", "kid[udp].part.T[2]"),
        // A transition's stream replaces its own name only.
        ("", "explicit.ron", "kid[udp].T[2]", "kid[udp].s[2]", "s[2]"),
    ] {
        let files = [("net.ron", net(stream, file)), ("m.ron", module.clone()), ("middle.ron", middle.to_string())];
        let explicit = ("explicit.ron", explicit.clone());
        let files: Vec<(&str, &str)> =
            files.iter().chain([&explicit]).map(|(path, text)| (*path, text.as_str())).collect();
        named(&files, transition, name, &[other]);
    }
}

#[test]
fn s15_transitions_that_would_share_a_stream_are_refused() {
    let shared = |one: &str, other: &str| {
        let net = format!(
            r#"Net(transitions: {{"A[n in 1..=2]": Timed(delay: "1 s" {one}), "B[n in 1..=2]": Timed(delay: "1 s" {other})}})"#
        );
        flat(&[("net.ron", &net)]).err().is_some_and(|told| told.contains("E0711"))
    };
    assert!(shared(r#", stream: "x""#, r#", stream: "x""#));
    assert!(shared("", r#", stream: "A""#));
    // The values that aren't mentioned are appended, so the two bindings of A differ. Other reading: they clash.
    assert!(!shared(r#", stream: "x""#, ""));
    assert!(!shared(r#", stream: "x[1]""#, r#", stream: "x[2]""#));
}

#[test]
fn s15_a_draw_that_consumes_more_does_not_shift_the_next() {
    // A gamma law is sampled by rejection, with one word more for shapes below 1.
    let net = r##"places: {"N": ()}, transitions: {"T": Timed(delay: "Gamma(shape: if #N == 1 then 3 else 0.4, mean: 1 s)", to: {"N": "1"})}"##;
    let found = times_in(&traced(&program(net), SEED, 50.0), "T");
    let shape = |i: usize| law("Gamma", &[("shape", if i == 1 { 3.0 } else { 0.4 }), ("mean", 1.0)]);
    let mut draws = stream("T");
    let rule = cumulated((0..10).map(|i| shape(i).sample(&mut draws.draw())));
    // Other reading: one generator for the whole stream.
    let mut draw = stream("T").draw();
    decides_nearly(&found[..10], &rule, &cumulated((0..10).map(|i| shape(i).sample(&mut draw))));
}

/// Times of a fault by itself: 1, 1 + 2, … of its stream's samples.
fn alone() -> Vec<f64> {
    cumulated(samples(&lognormal(), "Fault", 30))
}

#[test]
fn s15_a_named_fault_has_its_times_in_every_design() {
    let fault = |rest: &str| format!(r#""Fault": Timed(delay: "{LAW}" {rest})"#);
    let same = format!(r#""Other[n in 1..=20]": Timed(delay: "{LAW}"), {}"#, fault(""));
    let pools = fault(r#", memory: Age, servers: Infinite, renew: AtEachToken"#);
    let queue = format!(
        r#""Arrive": Timed(delay: "Exponential(mean: 0.1 s)", to: {{"Q": "1"}}), "Left": Immediate(weight: "2", from: {{"Q": "1"}}),
        "Right": Immediate(from: {{"Q": "1"}}, to: {{"R": "1"}}), "Serve": Timed(delay: "Gamma(0.5, mean: 0.3 s)", servers: 2, from: {{"R": "1"}}),
        "Churn": Timed(delay: "Uniform(0 s, 1 s)", memory: Resample), {}"#,
        fault(r#", test: {"P": "1"}"#)
    );
    let renamed =
        format!(r#""Crash": Timed(delay: "{LAW}", stream: "Fault"), "Fault": Timed(delay: "{LAW}", stream: "Crash")"#);
    let designs = [(fault(""), "Fault"), (same, "Fault"), (pools, "Fault"), (queue, "Fault"), (renamed, "Crash")];
    let until = alone()[29] + 1e-6;
    for (design, name) in designs {
        let net = format!(r#"places: {{"P": (tokens: 1), "Q": (), "R": ()}}, transitions: {{{design}}}"#);
        let found = times_in(&traced(&program(&net), SEED, until), name);
        // Other reading: one sequence of numbers for the whole net, so that whatever is added shifts the fault.
        decides_nearly(&found, &alone(), &samples(&lognormal(), "Crash", 30));
    }
}

/// Parts of a net with everything whose order might matter.
const PLACES: [&str; 9] = [
    r#""Job": (colour: "C", tokens: "2 * a + b + 3 * c")"#,
    r#""Done": (colour: "C")"#,
    r#""Tool": (tokens: 2)"#,
    r#""Free": (tokens: 1, capacity: "3")"#,
    r#""Pace": (tokens: 1)"#,
    r#""V": ()"#,
    r#""W": ()"#,
    r#""On": (tokens: 1)"#,
    r#""Off": ()"#,
];

const TRANSITIONS: [&str; 12] = [
    r##""Work[c in C]": Timed(delay: "LogNormal(mean: (1 + #Pace) * 1 s, sigma: 0.5)", servers: 2, scope: Transition, memory: Age, from: {"Job": "c"}, test: {"On": "1"}, to: {"V": "1", "Done": "c"})"##,
    r##""Redo[c in C]": Timed(delay: "2 s", servers: Infinite, speed: "#Pace", memory: Identical, from: {"Done": "c"}, to: {"Job": "c"})"##,
    r#""Tick": Timed(delay: "1 s", to: {"W": "1"})"#,
    r#""Tock": Timed(delay: "1 s", from: {"W": "1"}, to: {"Free": "1"})"#,
    r#""Beat[c in C]": Timed(delay: "1 s", servers: 1, scope: Transition, from: {"Tool": "1"}, to: {"Tool": "1"})"#,
    r#""Sway": Timed(delay: "Exponential(mean: 3 s)", memory: Resample, flush: ["Pace"], to: {"Pace": "1"})"#,
    r##""Push": Timed(delay: "Exponential(rate: (1 + #Free) / 4 s)", renew: AtEachToken, from: {"Tool": "1"}, to: {"Pace": "1", "Tool": "1"}, inhibit: {"Pace": "4"})"##,
    r#""Shut": Timed(delay: "LogNormal(mean: 4 s, sigma: 1)", from: {"On": "1"}, to: {"Off": "1"})"#,
    r#""Open": Timed(delay: "LogNormal(mean: 4 s, sigma: 1)", from: {"Off": "1"}, to: {"On": "1"})"#,
    r#""x": Immediate(weight: "2", from: {"V": "1"}, to: {"W": "1"})"#,
    r#""y[c in C]": Immediate(weight: "if c == a then 1 else 2", weight_scope: Transition, from: {"V": "1"})"#,
    r#""z": Immediate(priority: 1, from: {"Free": "2"}, test: {"Pace": "2"}, flush: ["W"])"#,
];

/// The trace of the parts, each list turned by so many, backwards or not.
fn arranged(turn: usize, backwards: bool, seed: u64) -> Trace {
    let list = |parts: &[&str]| {
        let mut parts: Vec<&str> = parts.to_vec();
        let length = parts.len();
        parts.rotate_left(turn % length);
        if backwards {
            parts.reverse();
        }
        parts.join(", ")
    };
    let colours = list(&["a", "b", "c"]);
    let net = format!(
        r#"colours: {{"C": "{{{colours}}}"}}, places: {{{}}}, transitions: {{{}}}"#,
        list(&PLACES),
        list(&TRANSITIONS)
    );
    traced(&program(&net), seed, 60.0)
}

#[test]
fn s15_a_reordered_file_gives_the_same_path() {
    for seed in 0..4 {
        let reference = arranged(0, false, seed);
        assert!(reference.len() > 200, "{}", reference.len());
        for (turn, backwards) in [(0, true), (1, false), (2, true), (5, false), (7, true)] {
            assert_eq!(
                arranged(turn, backwards, seed),
                reference,
                "turned by {turn}, backwards: {backwards}, seed {seed}"
            );
        }
        // Other reading: something else than names decides. Names do: a renamed place changes nothing, a stream does.
        assert_ne!(arranged(0, false, seed + 10), reference);
    }
    assert!(!close(&[1.0], &[1.1]), "the comparison can fail");
}
