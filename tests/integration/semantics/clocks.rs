//! S7, S8: clocks and servers.

use super::{cumulated, decides, decides_nearly, law, names, samples, times, trace};

/// The lognormal law of these tests, as written and as sampled.
const LAW: &str = "LogNormal(mu: 0, sigma: 0.5)";

fn drawn(name: &str, count: usize) -> Vec<f64> {
    samples(&law("LogNormal", &[("mu", 0.0), ("sigma", 0.5)]), name, count)
}

#[test]
fn s07_a_fired_transition_draws_anew() {
    for memory in ["Enabling", "Age", "Identical"] {
        let net = format!(r#"places: {{"P": ()}}, transitions: {{"T": Timed(delay: "{LAW}", memory: {memory})}}"#);
        let draws = drawn("T", 3);
        let until = draws.iter().sum::<f64>() + 1e-9;
        // Other reading, under `Identical`: the sample is repeated for ever.
        decides_nearly(&times(&net, "T", until), &cumulated(draws.clone()), &cumulated([draws[0]; 3]));
    }
}

#[test]
fn s07_each_server_has_a_clock_and_the_oldest_need_draws_first() {
    let net = format!(
        r#"places: {{"P": (tokens: 1), "S": (tokens: 1), "End": ()}}, transitions: {{
        "Come": Timed(delay: "0.25 s", from: {{"S": "1"}}, to: {{"P": "1"}}),
        "T": Timed(delay: "{LAW}", servers: Infinite, from: {{"P": "1"}}, to: {{"End": "1"}})}}"#
    );
    let draws = drawn("T", 2);
    let sorted = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times
    };
    let rule = sorted(vec![draws[0], 0.25 + draws[1]]);
    // Other readings: one clock per transition, so the second token waits; the later token takes the first draw.
    decides_nearly(&times(&net, "T", 99.0), &rule, &cumulated(draws.clone()));
    decides_nearly(&times(&net, "T", 99.0), &rule, &sorted(vec![draws[1], 0.25 + draws[0]]));
}

#[test]
fn s08_at_most_k_clocks_run() {
    let jobs = |servers: &str| {
        times(
            &format!(
                r#"places: {{"P": (tokens: 5)}}, transitions: {{
                "T": Timed(delay: "1 s", servers: {servers}, from: {{"P": "1"}})}}"#
            ),
            "T",
            9.0,
        )
    };
    decides(jobs("1"), vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![1.0; 5]);
    decides(jobs("2"), vec![1.0, 1.0, 2.0, 2.0, 3.0], vec![1.0; 5]);
    decides(jobs("Infinite"), vec![1.0; 5], vec![1.0, 2.0, 3.0, 4.0, 5.0]);
}

/// Two jobs of each colour, one second each: which colour is done when.
fn two_each(servers: &str, scope: &str) -> Vec<(f64, String)> {
    trace(
        &format!(
            r#"colours: {{"C": "{{a, b}}"}}, places: {{"P": (colour: "C", tokens: "2 * all C")}},
            transitions: {{"T[c in C]": Timed(delay: "if c == a then 1 s else 1.25 s", servers: {servers}, scope: {scope}, from: {{"P": "c"}})}}"#
        ),
        9.0,
    )
}

#[test]
fn s08_servers_belong_to_a_binding_or_to_the_whole_transition() {
    let told = |list: &[(f64, &str)]| list.iter().map(|(time, c)| (*time, format!("T[{c}]"))).collect::<Vec<_>>();
    let own = told(&[(1.0, "a"), (1.25, "b"), (2.0, "a"), (2.5, "b")]);
    // Each token in need waits for itself: both of a come before those of b.
    let shared = told(&[(1.0, "a"), (2.0, "a"), (3.25, "b"), (4.5, "b")]);
    decides(two_each("1", "Binding"), own, shared.clone());
    // Other reading: a binding in need stands in the queue once, however many clocks it needs.
    decides(two_each("1", "Transition"), shared, told(&[(1.0, "a"), (2.25, "b"), (3.25, "a"), (4.5, "b")]));
    let two = told(&[(1.0, "a"), (1.0, "a"), (2.25, "b"), (2.25, "b")]);
    decides(two_each("2", "Transition"), two, two_each("1", "Binding"));
    assert_eq!(two_each("Infinite", "Transition"), two_each("Infinite", "Binding"));
}

#[test]
fn s08_the_longest_waiting_need_gets_the_freed_server() {
    // a at 0; b wants the server from 0.25, another a from 0.5.
    let net = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", tokens: "a"), "X": (tokens: 1), "Y": (tokens: 1)},
        transitions: {
        "B": Timed(delay: "0.25 s", from: {"X": "1"}, to: {"P": "b"}), "A": Timed(delay: "0.5 s", from: {"Y": "1"}, to: {"P": "a"}),
        "T[c in C]": Timed(delay: "1 s", scope: Transition, from: {"P": "c"})}"#;
    let order = |names: Vec<String>| names.into_iter().filter(|name| name.starts_with('T')).collect::<Vec<_>>();
    let told = |list: [&str; 3]| list.map(|c| format!("T[{c}]")).to_vec();
    decides(order(names(net, 9.0)), told(["a", "b", "a"]), told(["a", "a", "b"])); // by name
    // A transition that has fired and needs a server again stands behind those that waited.
    let tests = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", tokens: "all C")},
        transitions: {"T[c in C]": Timed(delay: "1 s", scope: Transition, test: {"P": "c"})}"#;
    decides(names(tests, 3.0), told(["a", "b", "a"]), told(["a", "a", "a"]));
}

#[test]
fn s08_needs_of_one_tangible_marking_queue_by_stream_name() {
    // z and y come at the same time and in the same marking.
    let one = r#"colours: {"C": "{z, y}"}, places: {"P": (colour: "C"), "S": (tokens: 1)}, transitions: {
        "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "all C"}),
        "T[c in C]": Timed(delay: "1 s", scope: Transition, from: {"P": "c"})}"#;
    let told = |list: [&str; 3]| list.map(str::to_string).to_vec();
    decides(names(one, 9.0), told(["Go", "T[y]", "T[z]"]), told(["Go", "T[z]", "T[y]"])); // the file's order
    // z comes in an earlier marking, though at the same time: it is first. (The server is taken until 2.)
    let two = r#"colours: {"C": "{w, z, y}"}, places: {"P": (colour: "C", tokens: "w"), "S": (tokens: 1), "R": ()}, transitions: {
        "Go": Timed(delay: "1 s", from: {"S": "1"}, to: {"P": "z", "R": "1"}), "More": Timed(delay: "0 s", from: {"R": "1"}, to: {"P": "y"}),
        "T[c in C]": Timed(delay: "2 s", scope: Transition, from: {"P": "c"})}"#;
    let order: Vec<String> = names(two, 9.0).into_iter().filter(|name| name.starts_with('T')).collect();
    decides(order, told(["T[w]", "T[z]", "T[y]"]), told(["T[w]", "T[y]", "T[z]"])); // one instant
}

/// Tokens come at 0 and 1, one is taken at 2; a job takes 3 seconds.
#[test]
fn s08_the_youngest_clock_goes_first() {
    let net = r#"places: {"P": (tokens: 1), "X": (tokens: 1), "Y": (tokens: 1)}, transitions: {
        "Come": Timed(delay: "1 s", from: {"X": "1"}, to: {"P": "1"}), "Take": Timed(delay: "2 s", from: {"P": "1", "Y": "1"}),
        "T": Timed(delay: "3 s", servers: Infinite, from: {"P": "1"})}"#;
    decides(times(net, "T", 9.0), vec![3.0], vec![4.0]); // the oldest goes
}

#[test]
fn s08_what_waits_goes_before_what_runs() {
    // Two of a, one served and one waiting; b waits from 0.25; at 0.75 one a is taken away.
    let net = r#"colours: {"C": "{a, b}"}, places: {"P": (colour: "C", tokens: "2 * a"), "X": (tokens: 1), "Y": (tokens: 1)},
        transitions: {
        "B": Timed(delay: "0.25 s", from: {"X": "1"}, to: {"P": "b"}), "Take": Timed(delay: "0.75 s", from: {"P": "a", "Y": "1"}),
        "T[c in C]": Timed(delay: "1 s", scope: Transition, from: {"P": "c"})}"#;
    let told = |list: [(f64, &str); 2]| list.map(|(time, name)| (time, name.to_string())).to_vec();
    let found: Vec<_> =
        trace(net, 9.0).into_iter().filter(|(_, name)| name.starts_with('T') && name != "Take").collect();
    // Other reading: the running one goes, and the server to the a that waited.
    decides(found, told([(1.0, "T[a]"), (2.0, "T[b]")]), told([(1.75, "T[a]"), (2.75, "T[b]")]));
}
