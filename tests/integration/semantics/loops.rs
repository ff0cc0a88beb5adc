//! S6: loops without time, and confusion.

use super::{SEED, decides, fault, program, run, stream, times, trace};
use fivenines::engine::{Fault, FaultKind, Options, Path};

#[test]
fn s06_a_loop_that_is_left_with_probability_1_is_legal() {
    let net = r#"places: {"S": (tokens: 1), "P": (), "Q": ()}, transitions: {
        "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "1"}),
        "Again": Immediate(weight: "99", from: {"P": "1"}, to: {"Q": "1"}), "Back": Immediate(from: {"Q": "1"}, to: {"P": "1"}),
        "Leave": Immediate(from: {"P": "1"}, to: {"S": "1"})}"#;
    // Until the first draw above 0.99 the loop is gone round. Other reading: a loop of immediates is an error.
    let mut draws = stream("choice:Again");
    let round = |n: usize| (0..).take_while(|_| draws.draw().uniform() < 0.99).count() + n - n;
    let rule: Vec<usize> = (0..20).map(round).collect();
    let trace = trace(net, 20.0);
    let found = trace.split(|(_, name)| name == "Go").skip(1);
    let found: Vec<usize> = found.map(|part| part.iter().filter(|(_, name)| name == "Back").count()).collect();
    assert!(rule.iter().sum::<usize>() > 100, "the loop is gone round: {rule:?}");
    decides(found, rule, vec![]);
}

/// A net in which one instant sees so many immediate firings.
fn burst(firings: u32) -> String {
    format!(
        r#"places: {{"S": (tokens: 1), "P": (), "Done": ()}}, transitions: {{
        "Go": Timed(delay: "1 s", from: {{"S": "1"}}, to: {{"P": "{firings}"}}),
        "I": Immediate(from: {{"P": "1"}}), "End": Timed(delay: "1 s", from: {{"P": "1"}}, to: {{"Done": "1"}})}}"#
    )
}

#[test]
fn s06_a_million_immediate_firings_at_one_instant_are_a_loop() {
    assert_eq!(trace(&burst(999_999), 9.0).len(), 1_000_000);
    let found = fault(&burst(1_000_000), 9.0);
    assert_eq!((found.kind, found.time), (FaultKind::Livelock, 1.0));
}

#[test]
fn s06_a_loop_without_exit_is_named() {
    let net = r#"colours: {"C": "{a, b}"}, places: {"S": (tokens: 1), "P": (colour: "C"), "Q": (colour: "C"), "R": ()},
        transitions: {
        "Go": Timed(delay: "2 s", from: {"S": "1"}, to: {"P": "b", "R": "3"}), "Drop": Immediate(from: {"R": "1"}),
        "There[c in C]": Immediate(from: {"P": "c"}, to: {"Q": "c"}), "Back[c in C]": Immediate(from: {"Q": "c"}, to: {"P": "c"})}"#;
    let found = fault(net, 9.0);
    assert_eq!((found.kind, found.time), (FaultKind::Livelock, 2.0));
    // Other reading: whatever fired at that instant is named.
    let mut named = found.transitions;
    named.sort();
    let all = ["Back[b]", "Drop", "There[b]"].map(str::to_string).to_vec();
    decides(named, ["Back[b]", "There[b]"].map(str::to_string).to_vec(), all);
}

#[test]
fn s06_timed_firings_without_time_passing_are_a_loop_too() {
    let net = r#"places: {"P": (tokens: 1), "Q": ()}, transitions: {
        "Wait": Timed(delay: "3 s", test: {"Q": "1"}),
        "There": Timed(delay: "0 s", from: {"P": "1"}, to: {"Q": "1"}), "Back": Timed(delay: "0 s", from: {"Q": "1"}, to: {"P": "1"})}"#;
    let found = fault(net, 9.0);
    assert_eq!((found.kind, found.time), (FaultKind::TimeStandsStill, 0.0));
    // Other reading: only what is due when patience ends is named.
    decides(found.transitions, ["There", "Back"].map(str::to_string).to_vec(), vec!["There".to_string()]);
    // A delay of zero alone is no loop: a thousand firings at each of nine instants.
    let busy = r#"places: {"P": ()}, transitions: {
        "Go": Timed(delay: "1 s", to: {"P": "1000"}), "Serve": Timed(delay: "0 s", from: {"P": "1"})}"#;
    decides(times(busy, "Serve", 9.0).len(), 9000, 0);
}

#[test]
fn s06_a_loop_of_timed_and_immediate_transitions_is_named_whole() {
    // There are as many immediate firings as timed ones, or more: it is no loop of immediates all the same.
    let net = r#"places: {"S": (tokens: 1), "P": (), "Q": (), "R": ()}, transitions: {
        "Go": Timed(delay: "4 s", from: {"S": "1"}, to: {"P": "1"}), "Hop": Timed(delay: "0 s", from: {"P": "1"}, to: {"Q": "1"}),
        "Skip": Immediate(from: {"Q": "1"}, to: {"R": "1"}), "Jump": Immediate(from: {"R": "1"}, to: {"P": "1"})}"#;
    let found = fault(net, 9.0);
    assert_eq!((found.kind.clone(), found.time), (FaultKind::TimeStandsStill, 4.0));
    let told = found.to_string();
    assert!(
        told.starts_with("transitions fire without time passing: Hop, Skip, Jump (at 4 s of replication"),
        "{told}"
    );
    decides(
        found.transitions,
        ["Hop", "Skip", "Jump"].map(str::to_string).to_vec(),
        vec!["Skip".into(), "Jump".into()],
    );
}

/// Confused pairs of transitions, by name.
fn confused(immediates: &str) -> Vec<(String, String)> {
    let net = format!(
        r#"places: {{"S": (tokens: 1), "P": (), "Q": (), "R": ()}}, transitions: {{
        "Go": Timed(delay: "1 s", from: {{"S": "1"}}, to: {{"S": "1", "P": "1", "Q": "1"}}, flush: ["P", "Q", "R"]),
        {immediates}}}"#
    );
    let program = program(&net);
    let (path, ..) = run(&program, Options { confusion: true, ..Options::default() }, SEED, 40.0);
    let name = |t| program.transition(t).to_string();
    path.confusion().into_iter().map(|(a, b)| (name(a), name(b))).collect()
}

#[test]
fn s06_confusion_is_an_order_of_sets_that_matters() {
    // a feeds b2, which competes with b1 (enabled already): had b1 come before a, b2 would have had no chance.
    let found = confused(
        r#""a": Immediate(from: {"P": "1"}, to: {"R": "1"}), "b1": Immediate(from: {"Q": "1"}),
        "b2": Immediate(from: {"Q": "1", "R": "1"})"#,
    );
    decides(found, vec![("a".to_string(), "b1".to_string())], vec![]);
    // Sets that leave each other alone are not confused, however they are visited. Other reading: any two sets are.
    let apart = confused(
        r#""a": Immediate(from: {"P": "1"}, to: {"R": "1"}), "b1": Immediate(from: {"Q": "1"}), "b2": Immediate(from: {"Q": "1"})"#,
    );
    decides(apart, vec![], vec![("a".to_string(), "b1".to_string())]);
    // Nor when a priority decides the order.
    let ordered = confused(
        r#""a": Immediate(priority: 1, from: {"P": "1"}, to: {"R": "1"}), "b1": Immediate(from: {"Q": "1"}),
        "b2": Immediate(from: {"Q": "1", "R": "1"})"#,
    );
    decides(ordered, vec![], vec![("a".to_string(), "b1".to_string())]);
}

#[test]
fn s06_confusion_is_told_once_for_each_pair_of_sets() {
    // Whichever of a1 and a2 fires, it feeds b2.
    let found = confused(
        r#""a1": Immediate(from: {"P": "1"}, to: {"R": "1"}), "a2": Immediate(from: {"P": "1"}, to: {"R": "1"}),
        "b1": Immediate(from: {"Q": "1"}), "b2": Immediate(from: {"Q": "1", "R": "1"})"#,
    );
    decides(found.len(), 1, 2);
}

#[test]
fn s06_a_fault_names_what_looped_on_its_own_path() {
    let net = r#"places: {"S": (tokens: 1), "A": (), "B": ()}, transitions: {
        "There": Timed(delay: "Exponential(mean: 1 s)", from: {"S": "1"}, to: {"A": "1"}),
        "Here": Timed(delay: "Exponential(mean: 1 s)", from: {"S": "1"}, to: {"B": "1"}),
        "x": Immediate(from: {"A": "1"}, to: {"A": "1"}), "y": Immediate(from: {"B": "1"}, to: {"B": "1"})}"#;
    let program = program(net);
    let mut path = Path::new(&program, Options::default());
    let mut named: Vec<Vec<String>> = Vec::new();
    for replication in 0..4 {
        path.begin(SEED, replication).expect("no loop at first");
        named.push(path.run_until(500.0, &mut ()).expect_err("a loop").transitions);
    }
    // Other reading: what looped on an earlier path is named too.
    assert!(named.iter().all(|names| names.len() == 1), "{named:?}");
    assert!(named.iter().any(|names| *names != named[0]), "both loops are met: {named:?}");
}

#[test]
fn s08_a_path_is_begun_afresh_after_a_fault() {
    // The fault comes while the needs that have just arisen stand in the queue.
    let net = r##"colours: {"C": "{a, b}"}, places: {"P": (colour: "C"), "S": (tokens: 1), "X": ()}, transitions: {
        "Bad": Timed(delay: "9 s", speed: "1 - 2 * #X"), "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "all C", "X": "1"}),
        "T[c in C]": Timed(delay: "1 s", scope: Transition, from: {"P": "c"})}"##;
    let program = program(net);
    let mut path = Path::new(&program, Options::default());
    let mut once = || path.begin(SEED, 0).and_then(|()| path.run_until(5.0, &mut ())).expect_err("a bad speed");
    let first = once();
    decides(once(), first.clone(), Fault { time: 0.0, ..first });
}
