//! What has no exact solution is refused with the name of what stands in the way.

use super::{net, solved};
use fivenines::exact::{Limits, Refusal, solve};
use fivenines::program::compile;

/// A machine whose repair is written so.
fn repaired(repair: &str) -> String {
    format!(
        r##"
        colours: {{ "Unit": "1..=2" }},
        places: {{ "Up": (colour: "Unit", tokens: "all Unit"), "Down": (colour: "Unit") }},
        transitions: {{
            "Fail": Timed(delay: "Exponential(mean: 10 h)", for: {{"x": "Unit"}}, from: {{"Up": "x"}}, to: {{"Down": "x"}}, guard: "#Up + #Down == 2"),
            "Repair": Timed({repair}, for: {{"x": "Unit"}}, from: {{"Down": "x"}}, to: {{"Up": "x"}}),
        }},
        up: {{ "service": "#Up > 0" }},
    "##
    )
}

fn refused(text: &str) -> Refusal {
    solved(text).expect_err("a refusal")
}

#[test]
fn a_clock_with_a_past_is_named() {
    let overlap = "runs on while that of Repair[2] starts or ends";
    let cases = [
        (r##"delay: "LogNormal(mean: 1 h, sigma: 0.5)""##, overlap),
        (r##"delay: "1 h""##, overlap),
        (r##"delay: "Erlang(stages: 2, mean: 1 h)", servers: 2"##, overlap),
        (r##"delay: "Weibull(shape: 1 + #Up, scale: 1 h)""##, overlap),
        (r##"delay: "Exponential(mean: 1 h)", memory: Identical"##, overlap),
        (r##"delay: "Exponential(mean: 1 h)", scope: Transition"##, "share 1 server"),
    ];
    for (repair, word) in cases {
        let refusal = refused(&repaired(repair));
        let told = refusal.to_string();
        assert!(matches!(refusal, Refusal::NotMarkovian { .. }) && !refusal.is_fault_of_the_net(), "{told}");
        assert!(told.contains("Repair[1]") && told.contains(word), "{told}");
    }
}

#[test]
fn what_makes_no_difference_is_no_obstacle() {
    for repair in [
        r##"delay: "Exponential(mean: 1 h)", scope: Transition, servers: 2"##,
        r##"delay: "Weibull(shape: 1, scale: 1 h)", memory: Age"##,
        r##"delay: "Erlang(stages: 1, mean: 1 h)""##,
    ] {
        let found = solved(&repaired(repair)).unwrap_or_else(|error| panic!("{repair}: {error}"));
        super::close(found.availability[0], 1.0 - 1.0 / 121.0);
    }
}

#[test]
fn a_general_clock_that_never_starts_is_no_obstacle() {
    let text = r##"
        places: { "Up": (tokens: 1), "Down": (), "Never": () },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 3 h)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {"Down": "1"}, to: {"Up": "1"}),
            "Odd": Timed(delay: "1 h", from: {"Never": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up > 0" },
    "##;
    super::close(solved(text).expect("a solution").availability[0], 0.75);
}

/// An immediate that takes the token `steps` times round without end, or on to `more` places.
#[test]
fn a_trap_of_immediates_is_named() {
    for initial in [true, false] {
        let tokens = |here: bool| if here { "(tokens: 1)" } else { "()" };
        let text = format!(
            r##"
            places: {{ "Idle": {}, "A": {}, "B": (), "C": () }},
            transitions: {{
                "Go": Timed(delay: "Exponential(mean: 1 s)", from: {{"Idle": "1"}}, to: {{"A": "1"}}),
                "In": Immediate(from: {{"A": "1"}}, to: {{"B": "1"}}),
                "Out": Immediate(from: {{"A": "1"}}, to: {{"Idle": "1"}}),
                "There": Immediate(from: {{"B": "1"}}, to: {{"C": "1"}}),
                "Back": Immediate(from: {{"C": "1"}}, to: {{"B": "1"}}),
            }},
            up: {{ "service": "#Idle > 0" }},
        "##,
            tokens(!initial),
            tokens(initial)
        );
        let refusal = refused(&text);
        assert_eq!(refusal, Refusal::Trap { transitions: vec!["There".into(), "Back".into()] });
        assert!(refusal.is_fault_of_the_net());
    }
}

#[test]
fn endless_nets_end_at_a_limit() {
    let open = r##"
        places: { "Q": () },
        transitions: {
            "Arrive": Timed(delay: "Exponential(mean: 2 s)", to: {"Q": "1"}),
            "Serve": Timed(delay: "Exponential(mean: 1 s)", from: {"Q": "1"}),
        },
        up: { "idle": "#Q == 0" },
    "##;
    let net = net(open);
    let program = compile(&net).expect("a program");
    let few = |states, transitions| Limits { states, transitions, ..Limits::default() };
    let refusal = solve(&net, &program, &few(1000, 100_000), &|_| false);
    assert_eq!(refusal, Err(Refusal::TooManyStates { limit: 1000 }));
    let refusal = solve(&net, &program, &few(1000, 100), &|_| false);
    assert!(matches!(refusal, Err(Refusal::TooManyTransitions { limit: 100, states: 40..60 })), "{refusal:?}");
    assert_eq!(solve(&net, &program, &few(1000, 1000), &|_| true), Err(Refusal::Interrupted));
    // States, transitions and solver: 100 MB beside what is kept for the elimination hold some hundred thousands.
    let memory = Limits::LEAST_MEMORY;
    match solve(&net, &program, &Limits { memory, ..Limits::default() }, &|_| false) {
        Err(refusal @ Refusal::TooMuchMemory { limit, states: 200_000..400_000, transitions: 400_000..800_000 }) => {
            assert!(limit == memory && refusal.to_string().contains("within 0.5 GB"), "{refusal}");
            assert!(refusal.to_string().contains("--memory"), "{refusal}");
        }
        other => panic!("{other:?}"),
    }
    let growing = r##"
        places: { "Go": (tokens: 1), "Q": () },
        transitions: { "Grow": Immediate(test: {"Go": "1"}, to: {"Q": "1"}) },
        up: { "idle": "#Q == 0" },
    "##;
    let refusal = refused(growing);
    assert!(matches!(&refusal, Refusal::TooManyVanishing { transitions, .. } if transitions == &["Grow"]), "{refusal}");
}

#[test]
fn impossible_values_are_told_as_the_simulator_tells_them() {
    let with = |extra: &str, capacity: &str, measure: &str| {
        format!(
            r##"
            places: {{ "A": (tokens: 1), "B": ({capacity}) }},
            transitions: {{
                "Go": Timed(delay: "Exponential(mean: 1 s)", test: {{"A": "1"}}, to: {{"B": "1"}}),
                "Back": Timed(delay: "Exponential(mean: 1 s)", from: {{"B": "1"}}),
                {extra}
            }},
            up: {{ "idle": "#B == 0" }},
            measures: {{ "m": (value: "{measure}") }},
        "##
        )
    };
    let cases = [
        (with("", "capacity: 3, overrun: Error", "E{#B}"), "Go would put more than 3 tokens into B"),
        (with("", "capacity: 3", "E{1 / #B}"), "measure \"m\": its reward is inf in a marking"),
        (with("", "capacity: 3", "impulse(Go, 1 / #B)"), "Go: an impulse is inf"),
        (
            with(
                r##""T": Timed(delay: "Exponential(mean: 1 s)", speed: "1 - #B", test: {"A": "1"}),"##,
                "capacity: 3",
                "E{#B}",
            ),
            "T: its speed (or rate) is -1",
        ),
        (
            with(r##""I": Immediate(weight: "1 - #B", from: {"B": "1"}),"##, "capacity: 3", "E{#B}"),
            "I: its weight is 0",
        ),
    ];
    for (text, words) in cases {
        let refusal = refused(&text);
        assert!(refusal.is_fault_of_the_net() && refusal.to_string().contains(words), "{refusal}");
    }
}
