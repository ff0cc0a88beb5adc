//! S11, S12: speed, and parameters that depend on the marking.

use super::{decides, decides_nearly, fault, law, samples, times};
use fivenines::engine::FaultKind;

/// Speed 2 until 1, then 0 until 3, then 1 again.
fn paced(delay: &str, policy: &str) -> Vec<f64> {
    let net = format!(
        r##"places: {{"P": (tokens: 1), "Pace": (tokens: 2), "X": (tokens: 1), "Y": ()}}, transitions: {{
        "Halt": Timed(delay: "1 s", from: {{"X": "1"}}, to: {{"Y": "1"}}, flush: ["Pace"]),
        "Go": Timed(delay: "2 s", from: {{"Y": "1"}}, to: {{"Pace": "1"}}),
        "T": Timed(delay: "{delay}", speed: "#Pace", {policy} from: {{"P": "1"}})}}"##
    );
    times(&net, "T", 1e6)
}

#[test]
fn s11_clocks_run_at_the_speed_of_the_marking_and_stand_still_at_0() {
    // Two of six seconds are done by 1, none until 3. Other readings: the speed of the start holds; at 0 it forgets.
    decides(paced("6 s", ""), vec![7.0], vec![3.0]);
    decides(paced("6 s", ""), vec![7.0], vec![9.0]);
    for policy in ["memory: Age, ", "memory: Identical, ", "servers: Infinite, ", "scope: Transition, "] {
        decides(paced("6 s", policy), vec![7.0], vec![9.0]);
    }
    // `Resample` draws 6 s at 1 and at 3, for both are firings.
    decides(paced("6 s", "memory: Resample, "), vec![9.0], vec![7.0]);
}

#[test]
fn s11_speed_is_for_any_law() {
    let lognormal = samples(&law("LogNormal", &[("mu", 2.0), ("sigma", 0.1)]), "T", 1)[0];
    let uniform = samples(&law("Uniform", &[("low", 4.0), ("high", 9.0)]), "T", 1)[0];
    let exponential = samples(&law("Exponential", &[("mean", 50.0)]), "T", 1)[0];
    assert!(exponential > 2.0, "it outlasts the fast phase");
    for (written, sample) in [
        ("LogNormal(mu: 2, sigma: 0.1)", lognormal),
        ("Uniform(4 s, 9 s)", uniform),
        ("Exponential(mean: 50 s)", exponential),
    ] {
        decides_nearly(&paced(written, ""), &[3.0 + sample - 2.0], &[sample / 2.0]);
    }
}

#[test]
fn s11_what_is_left_is_kept_at_speed_1() {
    // T is stopped at 1, after 2 of its 6 seconds, and goes on at 3 at speed 4.
    let net = |memory: &str| {
        format!(
            r##"places: {{"P": (tokens: 1), "Pace": (tokens: 2), "On": (tokens: 1), "X": (tokens: 1), "Y": ()}}, transitions: {{
            "Shut": Timed(delay: "1 s", from: {{"X": "1", "On": "1"}}, to: {{"Y": "1", "Pace": "2"}}),
            "Open": Timed(delay: "2 s", from: {{"Y": "1"}}, to: {{"On": "1"}}),
            "T": Timed(delay: "6 s", speed: "#Pace", memory: {memory}, from: {{"P": "1"}}, test: {{"On": "1"}})}}"##
        )
    };
    decides(times(&net("Age"), "T", 9.0), vec![4.0], vec![5.0]); // two seconds of time were left at speed 2
    decides(times(&net("Identical"), "T", 9.0), vec![4.5], vec![6.0]); // three seconds of time
    decides(times(&net("Enabling"), "T", 9.0), vec![4.5], vec![4.0]);
}

#[test]
fn s11_a_speed_below_0_ends_the_run() {
    let net = r##"places: {"X": (tokens: 1)}, transitions: {
        "Go": Timed(delay: "1 s", from: {"X": "1"}), "T": Timed(delay: "9 s", speed: "2 * #X - 1")}"##;
    let found = fault(net, 20.0);
    assert!(matches!(found.kind, FaultKind::BadValue { .. }), "{found}");
    // Other reading: it counts as 0, or isn't looked at before the clock is due.
    decides((found.time, found.transitions), (1.0, vec!["T".to_string()]), (9.0, vec!["T".to_string()]));
    let infinite = r##"places: {"X": (tokens: 1)}, transitions: {
        "Go": Timed(delay: "1 s", from: {"X": "1"}), "T": Timed(delay: "9 s", speed: "1 / #X")}"##;
    assert!(matches!(fault(infinite, 20.0).kind, FaultKind::BadValue { .. }));
}

/// T with a law that depends on the tokens of N, of which another one comes at 0.5.
fn growing(delay: &str, until: f64) -> Vec<f64> {
    let net = format!(
        r##"places: {{"N": (tokens: 1), "X": (tokens: 1)}}, transitions: {{
        "More": Timed(delay: "0.5 s", from: {{"X": "1"}}, to: {{"N": "3"}}), "T": Timed(delay: "{delay}", test: {{"N": "1"}})}}"##
    );
    times(&net, "T", until)
}

#[test]
fn s12_parameters_hold_from_the_start_of_the_clock() {
    // Other readings: the new parameter holds at once, from the start or for what is left.
    decides(growing("#N * 1 s", 6.0), vec![1.0, 5.0], vec![4.0]);
    decides(growing("Deterministic(#N * 1 s)", 6.0), vec![1.0, 5.0], vec![2.5]);
    let draws = |low: f64| samples(&law("Uniform", &[("low", low), ("high", 2.0 * low)]), "T", 2);
    let (first, later) = (draws(1.0)[0], draws(4.0));
    let rule = [first, first + later[1]];
    decides_nearly(
        &growing("Uniform(#N * 1 s, 2 * #N * 1 s)", first + 8.0)[..2],
        &rule,
        &[later[0], later[0] + later[1]],
    );
}

#[test]
fn s12_an_exponential_rate_changes_at_once() {
    let sample = samples(&law("Exponential", &[("mean", 1.0)]), "T", 1)[0];
    // Slow enough that the sample, of mean 1, outlasts 0.5 s.
    let slow = sample / 2.0;
    assert!(sample > 0.0 && slow * 0.5 < sample);
    let rule = 0.5 + (sample - slow * 0.5) / (4.0 * slow);
    for written in [format!("Exponential(rate: #N * {slow} / 1 s)"), format!("Exponential(mean: 1 s / (#N * {slow}))")]
    {
        // Other readings: the rate of the start holds; the clock draws anew.
        decides_nearly(&growing(&written, 9.0)[..1], &[rule], &[2.0]);
    }
    // No other law is an exception: an Erlang law of two stages keeps its first mean.
    let stages = samples(&law("Erlang", &[("stages", 2.0), ("mean", 2.0)]), "T", 1)[0];
    decides_nearly(&growing("Erlang(stages: 2, mean: #N * 2 s)", 1e3)[..1], &[stages], &[4.0 * stages]);
}

#[test]
fn s12_a_rate_of_0_stands_still_and_keeps_its_sample() {
    let net = r##"places: {"N": (tokens: 1), "X": (tokens: 1), "Y": ()}, transitions: {
        "Less": Timed(delay: "0.5 s", from: {"X": "1", "N": "1"}, to: {"Y": "1"}),
        "More": Timed(delay: "8 s", from: {"Y": "1"}, to: {"N": "1"}),
        "T": Timed(delay: "Exponential(rate: #N * 0.001 / 1 s)")}"##;
    let sample = 1000.0 * samples(&law("Exponential", &[("mean", 1.0)]), "T", 1)[0];
    assert!(sample > 0.5);
    decides_nearly(&times(net, "T", sample + 8.5)[..1], &[sample + 8.0], &[sample + 8.5]);
}
