//! S1–S4: markings, enabling, capacity, firing.

use super::{decides, fault, names, program_of, times, times_in, tokens, traced};
use fivenines::engine::FaultKind;

#[test]
fn s01_entries_for_one_place_add_up() {
    // Both ports of the module are the same place, so its transition takes two of the three tokens.
    let net = r#"Net(places: {"P": (tokens: 3)}, instances: {"m": (use: "m.ron", bind: {"X": "P", "Y": "P"})})"#;
    let module = r#"Net(ports: {"X": (), "Y": ()},
        transitions: {"T": Timed(delay: "1 s", from: {"X": "1", "Y": "1"})})"#;
    let program = program_of(&[("net.ron", net), ("m.ron", module)]);
    // Other reading: one token for both entries.
    decides(times_in(&traced(&program, 1, 9.0), "m.T"), vec![1.0], vec![1.0, 2.0, 3.0]);
}

#[test]
fn s01_every_colour_and_binding_is_a_place_and_transition_of_its_own() {
    let net = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", tokens: "all C")},
        transitions: {"T[c in C]": Timed(delay: "1 s", from: {"P": "c"})}"#;
    // Other reading: one clock for a transition, whatever its binding.
    decides(times(net, "T", 9.0), vec![1.0, 1.0], vec![1.0, 2.0]);
    let mixed = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", tokens: "2 * b")},
        transitions: {"T": Timed(delay: "1 s", from: {"P": "a + b"})}"#;
    // Other reading: two tokens of any colour.
    decides(times(mixed, "T", 9.0), vec![], vec![1.0]);
}

#[test]
fn s02_test_and_input_on_one_place_do_not_add_up() {
    let net =
        r#"places: {"P": (tokens: 2)}, transitions: {"T": Timed(delay: "1 s", from: {"P": "2"}, test: {"P": "2"})}"#;
    // Other reading: four tokens are needed.
    decides(times(net, "T", 9.0), vec![1.0], vec![]);
}

#[test]
fn s02_an_inhibitor_asks_for_fewer_than_its_weight() {
    let net = r#"places: {"P": ()}, transitions: {"T": Timed(delay: "1 s", to: {"P": "1"}, inhibit: {"P": "2"})}"#;
    decides(times(net, "T", 9.0), vec![1.0, 2.0], vec![1.0, 2.0, 3.0]); // up to its weight
    decides(times(net, "T", 9.0), vec![1.0, 2.0], vec![1.0]); // any token inhibits
}

#[test]
fn s02_a_flush_needs_no_token() {
    let net = r#"places: {"P": ()}, transitions: {"T": Timed(delay: "4 s", flush: ["P"])}"#;
    decides(times(net, "T", 9.0), vec![4.0, 8.0], vec![]);
}

#[test]
fn s02_the_degree_is_how_often_the_inputs_can_be_taken_at_once() {
    let clocks = |arcs: &str| {
        let net = format!(
            r#"places: {{"P": (tokens: 5), "Q": (tokens: 3)}},
            transitions: {{"T": Timed(delay: "1 s", servers: Infinite, {arcs})}}"#
        );
        times(&net, "T", 1.0).len()
    };
    // Five tokens by twos and three by ones: twice. Other reading: the place with the most decides.
    decides(clocks(r#"from: {"P": "2", "Q": "1"}"#), 2, 3);
    // Tests don't count: without an input the degree is 1. Other reading: as many as the test finds.
    decides(clocks(r#"test: {"P": "1"}"#), 1, 5);
    decides(clocks(r#"from: {"P": "1"}, test: {"Q": "3"}"#), 5, 1);
    // Nor does what it puts: room for one more token, but two clocks.
    decides(clocks(r#"from: {"P": "2"}, to: {"P": "1"}, inhibit: {"Q": "4"}"#), 2, 1);
}

#[test]
fn s03_a_place_that_blocks_disables() {
    let net = r#"places: {"P": (capacity: "2"), "S": (tokens: 1)}, transitions: {
        "T": Timed(delay: "1 s", to: {"P": "1"}),
        "Take": Timed(delay: "5.5 s", from: {"S": "1"}, to: {"P": "1"}, flush: ["P"])}"#;
    // At 5.5 one place is free again, and a fresh clock starts. Other reading: the token is lost, the clock runs on.
    decides(times(net, "T", 8.0), vec![1.0, 2.0, 6.5], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
}

#[test]
fn s03_overfilling_is_judged_after_the_whole_firing() {
    let net = |arcs: &str| {
        format!(
            r#"places: {{"P": (tokens: 2, capacity: "2"), "S": (tokens: 1)}},
            transitions: {{"T": Timed(delay: "1 s", {arcs})}}"#
        )
    };
    // Other reading: the outputs alone must fit beside what is there.
    decides(times(&net(r#"from: {"P": "1", "S": "1"}, to: {"P": "1"}"#), "T", 3.0), vec![1.0], vec![]);
    decides(times(&net(r#"from: {"S": "1"}, flush: ["P"], to: {"P": "2"}"#), "T", 3.0), vec![1.0], vec![]);
    // Other reading: a place that is flushed takes anything.
    decides(times(&net(r#"from: {"S": "1"}, flush: ["P"], to: {"P": "3"}"#), "T", 3.0), vec![], vec![1.0]);
}

#[test]
fn s03_an_overrun_ends_the_run_and_names_transition_and_place() {
    let net = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", capacity: "2", overrun: Error), "Q": ()},
        transitions: {"T[c in C]": Timed(delay: "if c == a then 1 s else 9 s", to: {"P": "c"})}"#;
    let found = fault(net, 9.0);
    assert_eq!(found.kind, FaultKind::Overrun { place: "P(a)".into(), limit: 2 });
    assert_eq!(found.transitions, ["T[a]"]);
    // Other readings: it blocks, and there is no fault; the third token still fits.
    decides(found.time, 3.0, 4.0);
}

#[test]
fn s03_a_place_without_capacity_has_a_limit_all_the_same() {
    // Ten million tokens come every second. Other reading: the limit is that of 32 bits without a sign.
    let net = r#"places: {"P": ()}, transitions: {"T": Timed(delay: "1 s", to: {"P": "10000000"})}"#;
    let found = fault(net, 999.0);
    assert_eq!(found.kind, FaultKind::Overrun { place: "P".into(), limit: 2_147_483_647 });
    decides(found.time, 215.0, 430.0);
}

#[test]
fn s04_inputs_are_taken_then_places_flushed_then_outputs_put() {
    let left = |arcs: &str| {
        let net = format!(
            r#"places: {{"P": (tokens: 5), "S": (tokens: 1)}},
            transitions: {{"T": Timed(delay: "1 s", {arcs})}}"#
        );
        tokens(&net, "P", 1.5)
    };
    // Other reading: what was put is flushed too.
    decides(left(r#"from: {"S": "1"}, flush: ["P"], to: {"P": "2"}"#), 2, 0);
    // Other reading: only what was there before the inputs were taken is flushed, or inputs come out of the outputs.
    decides(left(r#"from: {"S": "1", "P": "3"}, flush: ["P"], to: {"P": "4"}"#), 4, 1);
}

#[test]
fn s04_immediates_come_before_any_clock_even_one_without_delay() {
    let net = r#"places: {"S": (tokens: 1), "P": (), "Q": ()}, transitions: {
        "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "1"}),
        "Zero": Timed(delay: "0 s", from: {"P": "1"}),
        "I": Immediate(from: {"P": "1"}, to: {"Q": "1"})}"#;
    decides(names(net, 9.0), vec!["Go".to_string(), "I".into()], vec!["Go".into(), "Zero".into()]);
}

#[test]
fn s04_the_greatest_priority_comes_first() {
    let net = r#"places: {"S": (tokens: 1), "P": (), "Q": ()}, transitions: {
        "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "1"}),
        "One": Immediate(priority: 1, weight: "1e9", from: {"P": "1"}),
        "Two": Immediate(priority: 2, from: {"P": "1"}),
        "Minus": Immediate(priority: -3, from: {"P": "1"})}"#;
    decides(names(net, 9.0)[1].as_str(), "Two", "One"); // by weight
    decides(names(net, 9.0)[1].as_str(), "Two", "Minus"); // the least number first
}
