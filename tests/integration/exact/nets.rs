//! State spaces and measures of nets with closed forms.

use super::{close, measure, solved};
use fivenines::program::Program;

/// Two units whose failure is covered with probability c; an uncovered one needs a reboot.
const DUPLEX: &str = r##"
    parameters: { "c": "0.9" },
    places: { "Up": (tokens: 2), "Failed": (), "Down": (), "Reboot": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: 1000 h)", servers: Infinite, from: {"Up": "1"}, to: {"Failed": "1"}, guard: "#Reboot == 0"),
        "Covered": Immediate(weight: "c", from: {"Failed": "1"}, to: {"Down": "1"}, guard: "#Up > 0"),
        "Uncovered": Immediate(weight: "1 - c", from: {"Failed": "1"}, to: {"Reboot": "1"}, guard: "#Up > 0"),
        "Last": Immediate(from: {"Failed": "1"}, to: {"Down": "1"}, guard: "#Up == 0"),
        "Boot": Timed(delay: "Exponential(mean: 0.5 h)", from: {"Reboot": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: 10 h)", from: {"Down": "1"}, to: {"Up": "1"}, guard: "#Reboot == 0"),
    },
    up: { "service": "#Up > 0 && #Reboot == 0" },
    measures: { "uncovered": (value: "rate(Uncovered)"), "lost": (value: "impulse(Uncovered, 3 * #Up)"), "mean up": (value: "E{#Up if #Reboot == 0}") },
"##;

#[test]
fn a_duplex_with_imperfect_coverage() {
    let (l, m, b, c) = (1.0 / 1000.0, 1.0 / 10.0, 2.0, 0.9);
    let (p2, p1, p0, pr) = (1.0, 2.0 * l / m, 2.0 * l * l / m / m, 2.0 * l * (1.0 - c) / b);
    let all = p2 + p1 + p0 + pr;
    let found = solved(DUPLEX).expect("a solution");
    assert_eq!((found.states, found.has_vanishing, found.classes.len()), (4, true, 1));
    close(found.sums[Program::down(0)], (p0 + pr) / all);
    close(found.availability[0], (p2 + p1) / all);
    let hour = 3600.0;
    close(found.sums[Program::failures(0)], (2.0 * l * (1.0 - c) * p2 + l * p1) / all / hour);
    // From 2 up: x₂ = 1/2λ + c x₁, x₁ = (1 + μ x₂)/(λ + μ).
    let x2 = (1.0 / (2.0 * l) + c / (l + m)) / (1.0 - c * m / (l + m));
    close(found.first_failure[0], x2 * hour);
    let rate = 2.0 * l * (1.0 - c) * p2 / all / hour;
    close(measure(DUPLEX, "uncovered"), rate);
    // One unit is still up in the marking before it fires.
    close(measure(DUPLEX, "lost"), 3.0 * rate);
    close(measure(DUPLEX, "mean up"), (2.0 * p2 + p1) / (p2 + p1 + p0));
}

#[test]
fn an_erlang_loss_system_with_any_number_of_servers() {
    // M/M/c/K by servers, by speed, and by a rate that depends on the marking.
    let serve = [
        r##"delay: "Exponential(mean: 1 s)", servers: 3"##,
        r##"delay: "Exponential(mean: 1 s)", speed: "min(#Q, 3)", memory: Age"##,
        r##"delay: "Exponential(rate: min(#Q, 3) / 1 s)", memory: Resample"##,
        r##"delay: "Exponential(rate: 2 Hz)", speed: "min(#Q, 3) / 2", renew: AtEachToken"##,
    ];
    let (load, k) = (2.0_f64, 8);
    let weight = |n: i32| (1..=n).fold(1.0, |w, i| w * load / f64::from(i.min(3)));
    let exact = weight(k) / (0..=k).map(weight).sum::<f64>();
    for serve in serve {
        let text = format!(
            r##"places: {{ "Q": (capacity: {k}) }},
            transitions: {{
                "Arrive": Timed(delay: "Exponential(rate: 2 Hz)", to: {{"Q": "1"}}),
                "Serve": Timed({serve}, from: {{"Q": "1"}}),
            }},
            up: {{ "room": "#Q < {k}" }},"##
        );
        let found = solved(&text).unwrap_or_else(|error| panic!("{serve}: {error}"));
        assert_eq!(found.states, k as usize + 1);
        close(found.sums[Program::down(0)], exact);
    }
}

#[test]
fn immediates_are_chosen_by_priority_set_and_weight() {
    // Priority 1 empties X before anything of priority 0; then the set of B's tokens goes by weights 1 : 3, where a
    // family of two bindings with shared weight counts once.
    let text = r##"
        colours: { "Two": "{a, b}" },
        places: { "Idle": (tokens: 1), "X": (), "B": (), "L": (), "R": (colour: "Two") },
        transitions: {
            "Go": Timed(delay: "Exponential(mean: 1 s)", from: {"Idle": "1"}, to: {"X": "1"}),
            "First": Immediate(priority: 1, from: {"X": "1"}, to: {"B": "1"}),
            "Left": Immediate(weight: "1", from: {"B": "1"}, to: {"L": "1"}),
            "Right": Immediate(weight: "3", weight_scope: Transition, for: {"x": "Two"}, from: {"B": "1"}, to: {"R": "x"}),
            "BackL": Timed(delay: "Exponential(mean: 1 s)", from: {"L": "1"}, to: {"Idle": "1"}),
            "BackR": Timed(delay: "Exponential(mean: 1 s)", for: {"x": "Two"}, from: {"R": "x"}, to: {"Idle": "1"}),
        },
        measures: { "left": (value: "rate(Left) / rate(First)"), "one": (value: "rate(Right[a]) / rate(First)") },
    "##;
    close(measure(text, "left"), 0.25);
    close(measure(text, "one"), 0.375);
}

/// A cycle of immediates that is left with probability p each time: 1/p rounds in the mean (S6).
fn cycle(p: &str) -> String {
    format!(
        r##"
        places: {{ "Idle": (tokens: 1), "A": (), "B": () }},
        transitions: {{
            "Go": Timed(delay: "Exponential(mean: 1 s)", from: {{"Idle": "1"}}, to: {{"A": "1"}}),
            "On": Immediate(from: {{"A": "1"}}, to: {{"B": "1"}}),
            "Again": Immediate(weight: "1 - {p}", from: {{"B": "1"}}, to: {{"A": "1"}}),
            "Leave": Immediate(weight: "{p}", from: {{"B": "1"}}, to: {{"Idle": "1"}}),
        }},
        measures: {{ "rounds": (value: "rate(On) * 1 s"), "left": (value: "rate(Leave) * 1 s") }},
    "##
    )
}

#[test]
fn cycles_of_immediates_are_solved_exactly() {
    close(measure(&cycle("0.25"), "rounds"), 4.0);
    // Weights of 1 − 10⁻⁹ and 10⁻⁹: the weights themselves are rounded to 10⁻⁷ of the smaller one.
    assert!((measure(&cycle("1e-9"), "rounds") * 1e-9 - 1.0).abs() < 1e-6);
    close(measure(&cycle("1e-9"), "left"), 1.0);
}

#[test]
fn several_ends_are_weighed_by_their_chances() {
    // Half of the paths end dead and down; of the others a fifth of the time is down.
    let text = r##"
        places: { "New": (tokens: 1), "Dead": (), "Up": (), "Down": () },
        transitions: {
            "Die": Timed(delay: "Exponential(mean: 3 s)", from: {"New": "1"}, to: {"Dead": "1"}),
            "Live": Timed(delay: "Exponential(mean: 3 s)", from: {"New": "1"}, to: {"Up": "1"}),
            "Fail": Timed(delay: "Exponential(mean: 4 s)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Exponential(mean: 1 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#New + #Up > 0", "never down": "#New >= 0", "alive": "#Dead == 0" },
    "##;
    let found = solved(text).expect("a solution");
    assert_eq!(found.classes.len(), 2);
    close(found.sums[Program::down(0)], 0.5 + 0.5 * 0.2);
    close(found.sums[Program::failures(0)], 0.5 / 5.0);
    close(found.first_failure[0], 1.5 + 0.5 * 4.0);
    assert_eq!(found.first_failure[1], f64::INFINITY);
    // Half of the paths never see it.
    assert_eq!(found.first_failure[2], f64::INFINITY);
}

#[test]
fn an_outage_at_the_beginning_is_no_first_failure() {
    let text = r##"
        places: { "Up": (), "Down": (tokens: 1) },
        transitions: {
            "Fail": Timed(delay: "Exponential(mean: 7 s)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Exponential(mean: 2 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up > 0" },
    "##;
    close(solved(text).expect("a solution").first_failure[0], 9.0);
}

#[test]
fn sums_over_colours() {
    // Each of four clients is served for 1 s; a crash of mean 5 s empties the room.
    let text = r##"
        colours: { "Client": "1..=4" },
        places: { "Out": (colour: "Client", tokens: "all Client"), "In": (colour: "Client"), "Crashes": (capacity: 2) },
        transitions: {
            "Enter": Timed(delay: "Exponential(mean: 1 s)", for: {"x": "Client"}, from: {"Out": "x"}, to: {"In": "x"}, guard: "#In < 2"),
            "Leave": Timed(delay: "Exponential(mean: 1 s)", for: {"x": "Client"}, from: {"In": "x"}, to: {"Out": "x"}),
        },
        measures: { "in": (value: "E{#In}"), "full": (value: "P{#In == 2}") },
    "##;
    // 0 → 1 at 4, 1 → 2 at 3, back at 1 and 2: weights 1, 4, 6.
    close(measure(text, "in"), 16.0 / 11.0);
    close(measure(text, "full"), 6.0 / 11.0);
}

#[test]
fn a_net_without_timed_transitions_stands_still() {
    let text = r##"
        places: { "A": (tokens: 1), "B": () },
        transitions: { "Move": Immediate(from: {"A": "1"}, to: {"B": "1"}) },
        up: { "moved": "#B == 1" },
    "##;
    let found = solved(text).expect("a solution");
    assert_eq!((found.states, found.transitions, found.availability[0]), (1, 0, 1.0));
    assert_eq!((found.sums[Program::down(0)], found.first_failure[0]), (0.0, f64::INFINITY));
}
