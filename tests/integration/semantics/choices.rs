//! S5: conflicts between immediates.

use super::{SEED, decides, names, program, stream, traced};
use fivenines::rng::Stream;

/// How often the choice is repeated.
const ROUNDS: usize = 60;

/// A net that meets the same choice every second: `fill` puts what the immediates want, `clean` empties the rest.
fn repeated(fill: &str, clean: &str, places: &str, immediates: &str) -> Vec<Vec<String>> {
    let net = format!(
        r#"places: {{"Clock": (tokens: 1), "Dirty": (), {places}}}, transitions: {{
        "Go": Timed(delay: "1 s", from: {{"Clock": "1"}}, to: {{"Dirty": "1", {fill}}}, flush: [{clean}]),
        "Wipe": Timed(delay: "0 s", from: {{"Dirty": "1"}}, to: {{"Clock": "1"}}, flush: [{clean}]), {immediates}}}"#
    );
    let trace = traced(&program(&net), SEED, ROUNDS as f64);
    let rounds = trace.split(|(_, name)| name == "Go").skip(1);
    rounds.map(|round| round.iter().map(|(_, name)| name.clone()).filter(|name| name != "Wipe").collect()).collect()
}

/// What the rule says happens in each round, given the uniform draws of the set.
fn rounds(set: &str, mut one: impl FnMut(&mut Stream) -> Vec<&'static str>) -> Vec<Vec<String>> {
    let mut stream = stream(&format!("choice:{set}"));
    (0..ROUNDS).map(|_| one(&mut stream).into_iter().map(str::to_string).collect()).collect()
}

/// Chooses by weights, cumulated in the order given.
fn pick(stream: &mut Stream, weights: &[f64]) -> usize {
    let mut left = stream.draw().uniform() * weights.iter().sum::<f64>();
    let over = |&weight: &f64| {
        left -= weight;
        left < 0.0
    };
    weights.iter().position(over).expect("a candidate")
}

#[test]
fn s05_weights_decide_within_a_set_in_the_order_of_stream_names() {
    // The file names them backwards. Other reading: cumulated in the file's order.
    let found = repeated(
        r#""P": "1""#,
        r#""P""#,
        r#""P": ()"#,
        r#""z": Immediate(weight: "1", from: {"P": "1"}), "y": Immediate(weight: "2", from: {"P": "1"}),
        "x": Immediate(weight: "3", from: {"P": "1"})"#,
    );
    let rule = rounds("x", |u| vec![["x", "y", "z"][pick(u, &[3.0, 2.0, 1.0])]]);
    decides(found, rule, rounds("x", |u| vec![["z", "y", "x"][pick(u, &[1.0, 2.0, 3.0])]]));
}

#[test]
fn s05_conflict_is_transitive_and_a_choice_of_one_draws_nothing() {
    // a and c share no place, but both conflict with b. Once a or c has fired, only the other one is left.
    let found = repeated(
        r#""P": "1", "Q": "1""#,
        r#""P", "Q""#,
        r#""P": (), "Q": ()"#,
        r#""a": Immediate(from: {"P": "1"}), "b": Immediate(from: {"P": "1", "Q": "1"}), "c": Immediate(from: {"Q": "1"})"#,
    );
    let outcomes = [vec!["a", "c"], vec!["b"], vec!["c", "a"]];
    let rule = rounds("a", |u| outcomes[pick(u, &[1.0; 3])].clone());
    // Other readings: a is weighed against b alone; a choice among one takes a draw too.
    decides(found.clone(), rule.clone(), rounds("a", |u| [vec!["a", "c"], vec!["b"]][pick(u, &[1.0; 2])].clone()));
    let drawing = |u: &mut Stream| {
        let outcome = outcomes[pick(u, &[1.0; 3])].clone();
        for _ in 1..outcome.len() {
            u.draw();
        }
        outcome
    };
    decides(found, rule, rounds("a", drawing));
}

/// Immediates x and y where x's firing disables y (`arcs`) and nothing else connects them.
fn one_sided(places: &str, clean: &str, x: &str, y: &str) -> Vec<Vec<String>> {
    let immediates = format!(
        r#""x": Immediate(from: {{"X": "1"}}, {x}), "y": Immediate(from: {{"Y": "1"}}, {y}),
        "late": Immediate(priority: -1, from: {{"Y": "1"}})"#
    );
    let fill = r#""X": "1", "Y": "1", "K": "1""#;
    let clean = format!(r#""X", "Y", "K", {clean}"#);
    repeated(fill, &clean, &format!(r#""X": (), "Y": (), "K": (), {places}"#), &immediates)
}

#[test]
fn s05_whatever_disables_makes_a_conflict() {
    // Half of the time x comes first and y misses its chance.
    let rule = rounds("x", |u| [vec!["x", "late"], vec!["y", "x"]][pick(u, &[1.0; 2])].clone());
    // Other reading: without a common input they are no conflict, and x comes first by name.
    let other = rounds("x", |_| vec!["x", "late"]);
    for (places, clean, x, y) in [
        (r#""N": ()"#, r#""N""#, r#"flush: ["K"]"#, r#"test: {"K": "1"}"#),
        (r#""N": ()"#, r#""N""#, r#"to: {"N": "1"}"#, r#"inhibit: {"N": "1"}"#),
        (r#""N": (capacity: "1")"#, r#""N""#, r#"to: {"N": "1"}"#, r#"to: {"N": "1"}"#),
        (r#""N": ()"#, r#""N""#, r#"to: {"N": "1"}"#, r##"guard: "#N == 0""##),
        (r#""N": ()"#, r#""N""#, r#"to: {"N": "1"}"#, r##"guard: "2 * #N + #Clock < 1""##),
    ] {
        let found = one_sided(places, clean, x, y);
        if places.contains("capacity") {
            // Both put into the place that blocks, so either of them disables the other.
            let rule = rounds("x", |u| [vec!["x", "late"], vec!["y"]][pick(u, &[1.0; 2])].clone());
            decides(found, rule, other.clone());
        } else {
            decides(found, rule.clone(), other.clone());
        }
    }
}

#[test]
fn s05_what_is_put_back_is_no_conflict() {
    // Both need the tool and give it back. Other reading: a common input is a conflict, and y comes first at times.
    let found = repeated(
        r#""X": "1", "Y": "1", "Tool": "1""#,
        r#""X", "Y", "Tool""#,
        r#""X": (), "Y": (), "Tool": ()"#,
        r#""x": Immediate(from: {"X": "1", "Tool": "1"}, to: {"Tool": "1"}),
        "y": Immediate(from: {"Y": "1", "Tool": "1"}, to: {"Tool": "1"})"#,
    );
    let other = rounds("x", |u| [vec!["x", "y"], vec!["y", "x"]][pick(u, &[1.0; 2])].clone());
    decides(found, rounds("x", |_| vec!["x", "y"]), other);
}

#[test]
fn s05_sets_are_visited_by_least_stream_name_not_as_the_file_has_them() {
    let immediates = r#""z": Immediate(from: {"A": "1"}), "m": Immediate(from: {"B": "1"}),
        "n": Immediate(stream: "a", from: {"C": "1"})"#;
    let places = r#""A": (), "B": (), "C": ()"#;
    let found = repeated(r#""A": "1", "B": "1", "C": "1""#, r#""A", "B", "C""#, places, immediates);
    decides(found.clone(), rounds("x", |_| vec!["n", "m", "z"]), rounds("x", |_| vec!["z", "m", "n"])); // the file's
    decides(found, rounds("x", |_| vec!["n", "m", "z"]), rounds("x", |_| vec!["m", "n", "z"])); // by transition name
}

#[test]
fn s05_sets_hold_immediates_of_one_priority() {
    // By the rule only x may fire first; other reading: they share a set, and the weights decide.
    let found = repeated(
        r#""P": "1", "Q": "1""#,
        r#""P", "Q""#,
        r#""P": (), "Q": ()"#,
        r#""x": Immediate(priority: 1, from: {"P": "1"}), "y": Immediate(weight: "3", from: {"P": "1"}), "z": Immediate(from: {"Q": "1"})"#,
    );
    let other = rounds("x", |u| [vec!["x", "z"], vec!["y", "z"]][pick(u, &[1.0, 3.0])].clone());
    decides(found, rounds("x", |_| vec!["x", "z"]), other);
}

/// A family of three bindings against one transition, all after the same token.
fn family(scope: &str, weight: &str, against: &str) -> Vec<Vec<String>> {
    let immediates = format!(
        r#""T[n in 1..=3]": Immediate(weight: "{weight}", weight_scope: {scope}, from: {{"P": "1"}}),
        "U": Immediate(weight: "{against}", from: {{"P": "1"}})"#
    );
    repeated(r#""P": "1""#, r#""P""#, r#""P": ()"#, &immediates)
}

#[test]
fn s05_a_weight_is_that_of_a_binding_or_of_the_whole_transition() {
    let members = [vec!["T[1]"], vec!["T[2]"], vec!["T[3]"], vec!["U"]];
    let with = |weights: [f64; 4]| rounds("T[1]", |u| members[pick(u, &weights)].clone());
    let each = with([1.0; 4]);
    let shared = with([1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 1.0]);
    decides(family("Binding", "1", "1"), each.clone(), shared.clone());
    decides(family("Transition", "1", "1"), shared, each);
    // The bindings share the mean of their weights and are equally likely. Other readings: their sum; in proportion.
    let mean = with([2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0]);
    decides(family("Transition", "n", "2"), mean.clone(), with([2.0; 4]));
    decides(family("Transition", "n", "2"), mean, with([1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0]));
}

#[test]
fn s05_a_weight_of_zero_takes_the_transition_out() {
    // Read otherwise, `b` would be chosen where nothing else can be.
    let places = r#""S": (tokens: 1), "P": (), "Q": (), "A": (), "B": ()"#;
    let fires = |weight: &str| {
        let transitions = format!(
            r#""s": Timed(delay: "1 s", from: {{"S": "1"}}, to: {{"P": "1", "Q": "1"}}),
            "a": Immediate(from: {{"P": "1"}}, to: {{"A": "1"}}),
            "b": Immediate(weight: "{weight}", from: {{"Q": "1"}}, to: {{"B": "1"}}, inhibit: {{"P": "1"}}),
            "t": Timed(delay: "1 s", from: {{"A": "1"}})"#
        );
        names(&format!("places: {{{places}}}, transitions: {{{transitions}}}"), 3.0)
    };
    let rule = ["s", "a", "t"].map(str::to_string).to_vec();
    decides(fires("1 - 100 %"), rule, fires("1"));
}

#[test]
fn s05_weights_are_those_of_the_current_marking() {
    // Pólya's urn: whoever wins is likelier to win again.
    let found = repeated(
        r#""P": "1""#,
        r#""P""#,
        r#""P": (), "A": (), "B": ()"#,
        r##""a": Immediate(weight: "1 + #A", from: {"P": "1"}, to: {"A": "1"}),
        "b": Immediate(weight: "1 + #B", from: {"P": "1"}, to: {"B": "1"})"##,
    );
    let mut urn = [1.0, 1.0];
    let rule = rounds("a", |u| {
        let drawn = pick(u, &urn);
        urn[drawn] += 1.0;
        vec![["a", "b"][drawn]]
    });
    decides(found, rule, rounds("a", |u| vec![["a", "b"][pick(u, &[1.0, 1.0])]]));
}
