//! S13: clocks due at the same time.

use super::{SEED, Trace, decides, names, program, run, times};
use fivenines::engine::Options;
use fivenines::syntax::ast::Ties;
use sha2::{Digest, Sha256};

/// Names of transitions, and of places, that tie.
const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// The first eight bytes of the SHA-256 of a name, the least significant first.
fn key(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    (0..8).map(|i| u64::from(digest[i]) << (8 * i)).sum()
}

fn by_key() -> Vec<String> {
    let mut names = NAMES.map(str::to_string).to_vec();
    names.sort_by_key(|name| key(name));
    names
}

/// Transitions in the order given, due together: each after a token of its own, or all after one and the same.
fn tied(order: &[&str], shared: bool, policy: &str) -> String {
    let place = |name: &str| if shared { "One".to_string() } else { format!("of {name}").replace(' ', "_") };
    let mut places: Vec<String> = order.iter().map(|name| format!(r#""{}": (tokens: 1)"#, place(name))).collect();
    places.dedup();
    let timed = |name: &&str| format!(r#""{name}": Timed(delay: "1 s", {policy} from: {{"{}": "1"}})"#, place(name));
    let transitions: Vec<String> = order.iter().map(timed).collect();
    format!("places: {{{}}}, transitions: {{{}}}", places.join(", "), transitions.join(", "))
}

#[test]
fn s13_the_least_key_fires_first() {
    let reversed: Vec<&str> = NAMES.into_iter().rev().collect();
    for order in [NAMES.as_slice(), &reversed] {
        for policy in ["", "memory: Age,", "servers: 2,"] {
            let found = names(&tied(order, false, policy), 2.0);
            decides(found.clone(), by_key(), order.iter().map(|name| name.to_string()).collect());
            decides(found, by_key(), NAMES.map(str::to_string).to_vec());
        }
    }
}

#[test]
fn s13_the_key_is_that_of_the_stream() {
    let net = r#"places: {"P": (tokens: 1), "Q": (tokens: 1)}, transitions: {
        "A": Timed(delay: "1 s", stream: "F", from: {"P": "1"}), "F": Timed(delay: "1 s", stream: "A", from: {"Q": "1"})}"#;
    let mut rule = ["A", "F"].map(str::to_string).to_vec();
    rule.sort_by_key(|name| key(if name == "A" { "F" } else { "A" }));
    let other = rule.iter().rev().cloned().collect();
    decides(names(net, 2.0), rule, other);
}

#[test]
fn s13_clocks_are_revised_before_the_next_of_the_tied_is_looked_at() {
    // One token for all: whoever fires first stops the others. Other reading: whatever was due fires.
    for policy in ["", "memory: Age,"] {
        let found = names(&tied(&NAMES, true, policy), 2.0);
        decides(found, by_key()[..1].to_vec(), by_key());
    }
    // An immediate in between does it too, and a clock that starts at that instant without delay joins the tied.
    let order = by_key();
    let (first, last) = (&order[0], &order[5]);
    let net = format!(
        r#"places: {{"P": (tokens: 1), "Q": (tokens: 1), "V": ()}}, transitions: {{
        "{first}": Timed(delay: "1 s", from: {{"P": "1"}}, to: {{"V": "1"}}), "I": Immediate(from: {{"V": "1", "Q": "1"}}),
        "{last}": Timed(delay: "1 s", from: {{"Q": "1"}})}}"#
    );
    decides(names(&net, 2.0), vec![first.clone(), "I".into()], vec![first.clone(), last.clone(), "I".into()]);
}

#[test]
fn s13_of_the_clocks_of_one_transition_the_oldest_fires_first() {
    // Two clocks are due at 3, started at 1 with a sample of 2 s and at 2 with one of 1 s. The first to fire empties
    // the place, so the other one keeps its sample, and repeats it from 5 on.
    let net = r##"places: {"P": (), "X": (tokens: 1), "N": (tokens: 2)}, transitions: {
        "Come": Timed(delay: "1 s", from: {"N": "1"}, to: {"P": "1"}), "Late": Timed(delay: "5 s", from: {"X": "1"}, to: {"P": "1"}),
        "T": Timed(delay: "(1 + #N) * 1 s", memory: Identical, servers: Infinite, from: {"P": "1"}, flush: ["P"])}"##;
    decides(times(net, "T", 9.0), vec![3.0, 6.0], vec![3.0, 7.0]);
}

/// What the path counts: ties, and ties that decided.
fn counted(net: &str) -> (u64, u64) {
    let program = program(net);
    let (path, ..) = run(&program, Options::default(), SEED, 2.0);
    path.ties()
}

#[test]
fn s13_a_tie_decides_when_it_stops_a_tied_clock() {
    decides(counted(&tied(&NAMES, false, "")), (5, 0), (5, 5));
    // Both clocks in one race, or each in one of its own.
    decides(counted(&tied(&NAMES[..2], true, "")), (0, 1), (0, 0));
    decides(counted(&tied(&NAMES[..2], true, "memory: Age,")), (0, 1), (1, 0));
    // Different races: a test on another place tells them apart.
    let net = r#"places: {"P": (tokens: 1), "Q": (tokens: 1)}, transitions: {
        "A": Timed(delay: "1 s", from: {"P": "1"}), "B": Timed(delay: "1 s", from: {"P": "1"}, test: {"Q": "1"})}"#;
    decides(counted(net), (0, 1), (0, 0));
    // Nothing is decided when the clock that is stopped wasn't due.
    let later = net.replacen("1 s", "1.5 s", 1);
    decides(counted(&later), (0, 0), (0, 1));
}

fn at_random(net: &str, seed: u64) -> Trace {
    let program = program(net);
    run(&program, Options { ties: Ties::Random, ..Options::default() }, seed, 2.0).1
}

#[test]
fn s13_random_ties_are_fair_and_reproducible() {
    // 400 seeds, each order as likely: the count deviates by more than 4.892 · 10 with a probability below 1e-6.
    for policy in ["", "memory: Age,"] {
        for shared in [false, true] {
            let net = tied(&NAMES[..2], shared, policy);
            let first = |seed: u64| at_random(&net, seed)[0].1 == "A";
            let count = (0..400).filter(|&seed| first(seed)).count();
            assert!(count.abs_diff(200) < 49, "{policy} {shared}: {count}");
            assert!(0usize.abs_diff(200) > 49, "other reading: the key of the stream decides, so 0 or 400");
            (0..20).for_each(|seed| assert_eq!(at_random(&net, seed), at_random(&net, seed)));
        }
    }
}

#[test]
fn s13_random_ties_are_drawn_anew_for_each_start() {
    // A and B tie a hundred times on one path. Other reading: one order for the whole path.
    let net = r#"places: {"P": (tokens: 1), "Q": (tokens: 1)}, transitions: {
        "A": Timed(delay: "1 s", test: {"P": "1"}), "B": Timed(delay: "1 s", test: {"Q": "1"})}"#;
    let program = program(net);
    let options = Options { ties: Ties::Random, ..Options::default() };
    let (_, trace, _) = run(&program, options, SEED, 400.0);
    let count = trace.chunks(2).filter(|pair| pair[0].1 == "A").count();
    assert!(count.abs_diff(200) < 49, "{count}");
}
