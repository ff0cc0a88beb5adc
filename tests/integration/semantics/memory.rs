//! S9, S10: what becomes of a stopped clock, and what stops one.

use super::{decides, decides_nearly, law, program, run, samples, times};
use fivenines::engine::Options;

/// The lognormal law of these tests, as written and as sampled.
const LAW: &str = "LogNormal(mu: 2, sigma: 0.5)";

fn drawn(count: usize) -> Vec<f64> {
    samples(&law("LogNormal", &[("mu", 2.0), ("sigma", 0.5)]), "T", count)
}

/// When T first fires that is stopped at 1 and may go on at 3, its own policy given.
fn interrupted(policy: &str) -> f64 {
    let net = format!(
        r#"places: {{"P": (tokens: 1), "On": (tokens: 1), "Off": (), "Y": (tokens: 1)}}, transitions: {{
        "Shut": Timed(delay: "1 s", from: {{"On": "1", "Y": "1"}}, to: {{"Off": "1"}}),
        "Open": Timed(delay: "2 s", from: {{"Off": "1"}}, to: {{"On": "1"}}),
        "T": Timed(delay: "{LAW}", {policy} from: {{"P": "1"}}, test: {{"On": "1"}})}}"#
    );
    times(&net, "T", 1e6)[0]
}

#[test]
fn s09_a_stopped_clock_forgets_keeps_what_is_left_or_repeats() {
    let draws = drawn(2);
    assert!(draws[0] > 1.0, "it is interrupted");
    let (forgets, resumes, repeats) = (3.0 + draws[1], 3.0 + draws[0] - 1.0, 3.0 + draws[0]);
    decides_nearly(&[interrupted("")], &[forgets], &[resumes]);
    decides_nearly(&[interrupted("memory: Enabling,")], &[forgets], &[repeats]);
    decides_nearly(&[interrupted("memory: Age,")], &[resumes], &[forgets]);
    decides_nearly(&[interrupted("memory: Identical,")], &[repeats], &[resumes]);
}

#[test]
fn s09_resample_draws_at_every_timed_firing_of_the_net() {
    // T is stopped by nobody; elsewhere something fires at 1, 2, 3 and so on, and an immediate follows.
    let when = |memory: &str| {
        let net = format!(
            r#"places: {{"P": (tokens: 1), "Q": ()}}, transitions: {{
            "Tick": Timed(delay: "1 s", to: {{"Q": "1"}}), "I": Immediate(from: {{"Q": "1"}}),
            "T": Timed(delay: "LogNormal(mu: 0.7, sigma: 0.5)", memory: {memory}, from: {{"P": "1"}})}}"#
        );
        times(&net, "T", 100.0)
    };
    let draws = samples(&law("LogNormal", &[("mu", 0.7), ("sigma", 0.5)]), "T", 200);
    // It fires once a draw is shorter than the time to the next tick. Other reading: immediates count too.
    let each = |per_tick: usize| {
        let tick = (0..100).find(|i| draws[i * per_tick] < 1.0).expect("a short draw");
        vec![tick as f64 + draws[tick * per_tick]]
    };
    assert!(draws[0] > 1.0);
    decides_nearly(&when("Resample"), &each(1), &each(2));
    decides_nearly(&when("Enabling"), &draws[..1], &each(1));
}

/// Jobs come at 0 and 1 and are stopped at 4; at 5 one of them may go on, at 20 the other one too.
fn two_stopped(clock: &str) -> Vec<f64> {
    let net = format!(
        r#"places: {{"P": (tokens: 1), "X": (tokens: 1), "Y": (tokens: 1), "Z": (), "W": ()}}, transitions: {{
        "Come": Timed(delay: "1 s", from: {{"X": "1"}}, to: {{"P": "1"}}),
        "Stop": Timed(delay: "3 s", from: {{"P": "2", "Y": "1"}}, to: {{"Z": "1"}}),
        "One": Timed(delay: "1 s", from: {{"Z": "1"}}, to: {{"P": "1", "W": "1"}}),
        "Two": Timed(delay: "15 s", from: {{"W": "1"}}, to: {{"P": "1"}}),
        "T": Timed(servers: Infinite, from: {{"P": "1"}}, {clock})}}"#
    );
    times(&net, "T", 99.0)
}

#[test]
fn s09_what_was_stopped_last_returns_first() {
    // The younger clock is stopped first, so the older one, with 6 s left against 7, returns at 5.
    decides(two_stopped(r#"memory: Age, delay: "10 s""#), vec![11.0, 27.0], vec![12.0, 26.0]);
    // Under `Identical` the samples tell the clocks apart: 10 s for the job of 0, 12 s for that of 1.
    let identical = two_stopped(r##"memory: Identical, delay: "(12 - 2 * #X) * 1 s""##);
    decides(identical, vec![15.0, 32.0], vec![17.0, 30.0]);
}

#[test]
fn s09_a_kept_value_is_used_before_anything_is_drawn() {
    // One of two servers is stopped at 1 with 3 s left; from 3 on there is work for both again.
    let net = r#"places: {"P": (tokens: 2), "Y": (tokens: 1), "Z": ()}, transitions: {
        "Take": Timed(delay: "1 s", from: {"P": "1", "Y": "1"}, to: {"Z": "1"}),
        "Give": Timed(delay: "2 s", from: {"Z": "1"}, to: {"P": "2"}),
        "T": Timed(delay: "4 s", memory: Age, servers: 2, from: {"P": "1"})}"#;
    // Other reading: the server that starts at 3 draws 4 s, and what is kept is used at 4.
    decides(times(net, "T", 99.0), vec![4.0, 6.0, 8.0], vec![4.0, 7.0, 7.0]);
}

/// When T first fires whose token is taken and given back at 1.
fn blinked(how: &str, policy: &str) -> f64 {
    let net = format!(
        r#"places: {{"P": (tokens: 1), "S": (tokens: 1), "V": ()}}, transitions: {{
        {how}, "T": Timed(delay: "{LAW}", {policy} from: {{"P": "1"}})}}"#
    );
    times(&net, "T", 1e6)[0]
}

/// Ways of taking and giving back: within a firing, by an immediate, by a flush, by an inhibitor's place.
const BLINKS: [&str; 3] = [
    r#""Blink": Timed(delay: "1 s", from: {"S": "1", "P": "1"}, to: {"P": "1"})"#,
    r#""Blink": Timed(delay: "1 s", from: {"S": "1", "P": "1"}, to: {"V": "1"}), "I": Immediate(from: {"V": "1"}, to: {"P": "1"})"#,
    r#""Blink": Timed(delay: "1 s", from: {"S": "1"}, flush: ["P"], to: {"P": "1"})"#,
];

#[test]
fn s10_tangible_markings_are_compared_unless_each_token_counts() {
    let draws = drawn(2);
    assert!(draws[0] > 1.0);
    for how in BLINKS {
        // Enabled before and after: nothing happened. Other reading: it was stopped in between, and starts at 1.
        decides_nearly(&[blinked(how, "")], &draws[..1], &[1.0 + draws[1]]);
        decides_nearly(&[blinked(how, "memory: Identical, ")], &draws[..1], &[1.0 + draws[0]]);
        let each = |memory: &str| blinked(how, &format!("renew: AtEachToken, memory: {memory}, "));
        decides_nearly(&[each("Enabling")], &[1.0 + draws[1]], &draws[..1]);
        decides_nearly(&[each("Identical")], &[1.0 + draws[0]], &draws[..1]);
        decides_nearly(&[each("Age")], &draws[..1], &[1.0 + draws[1]]);
    }
}

#[test]
fn s10_each_token_counts_when_it_disables_by_test_inhibitor_or_guard() {
    let draws = drawn(2);
    for condition in [r#"test: {"P": "1"}"#, r#"inhibit: {"V": "1"}"#, r##"guard: "#V == 0""##] {
        let when = |policy: &str| {
            let net = format!(
                r#"places: {{"P": (tokens: 1), "S": (tokens: 1), "V": ()}}, transitions: {{
                {}, "T": Timed(delay: "{LAW}", {policy} {condition})}}"#,
                BLINKS[1]
            );
            times(&net, "T", 1e6)[0]
        };
        decides_nearly(&[when("")], &draws[..1], &[1.0 + draws[1]]);
        decides_nearly(&[when("renew: AtEachToken, ")], &[1.0 + draws[1]], &draws[..1]);
    }
}

#[test]
fn s10_a_fall_in_between_stops_only_the_youngest() {
    // Two clocks, started at 0 and 1; at 2 one token blinks.
    let net = |renew: &str| {
        format!(
            r#"places: {{"P": (tokens: 1), "X": (tokens: 1), "S": (tokens: 1)}}, transitions: {{
            "Come": Timed(delay: "1 s", from: {{"X": "1"}}, to: {{"P": "1"}}),
            "Blink": Timed(delay: "2 s", from: {{"S": "1", "P": "1"}}, to: {{"P": "1"}}),
            "T": Timed(delay: "4 s", servers: Infinite, renew: {renew}, from: {{"P": "1"}})}}"#
        )
    };
    decides(times(&net("Tangible"), "T", 9.0), vec![4.0, 5.0], vec![4.0, 6.0]);
    // Other reading: whatever is touched starts anew.
    decides(times(&net("AtEachToken"), "T", 9.0), vec![4.0, 6.0], vec![6.0, 6.0]);
}

#[test]
fn s10_its_own_firing_disturbs_no_other_server() {
    // A self-loop with two tokens: each firing lets the degree fall to 1, which the other clock doesn't feel.
    let net = r#"places: {"P": (tokens: 1), "X": (tokens: 1)}, transitions: {
        "Come": Timed(delay: "1 s", from: {"X": "1"}, to: {"P": "1"}),
        "T": Timed(delay: "2 s", servers: Infinite, renew: AtEachToken, from: {"P": "1"}, to: {"P": "1"})}"#;
    // Other reading: each firing starts the other server's clock anew, so it never fires.
    decides(times(net, "T", 6.0), vec![2.0, 3.0, 4.0, 5.0, 6.0], vec![2.0, 4.0, 6.0]);
}

#[test]
fn s10_a_tangible_marking_without_duration_counts() {
    // The token is away between two timed firings at one instant: that marking is tangible.
    let net = r#"places: {"P": (tokens: 1), "S": (tokens: 1), "V": ()}, transitions: {
        "Take": Timed(delay: "1 s", from: {"S": "1", "P": "1"}, to: {"V": "1"}), "Give": Timed(delay: "0 s", from: {"V": "1"}, to: {"P": "1"}),
        "T": Timed(delay: "3 s", from: {"P": "1"})}"#;
    decides(times(net, "T", 9.0), vec![4.0], vec![3.0]);
}

#[test]
fn s10_the_initial_immediates_interrupt_nothing() {
    let net = r#"places: {"P": (tokens: 1), "V": (tokens: 1)}, transitions: {"I": Immediate(from: {"V": "1"}, to: {"P": "1"}),
        "T": Timed(delay: "3 s", servers: Infinite, renew: AtEachToken, memory: Age, from: {"P": "1"})}"#;
    let program = program(net);
    let (path, trace, ended) = run(&program, Options::default(), 1, 9.0);
    assert_eq!((trace.len(), ended, path.firings()), (2, Ok(()), 3));
}
