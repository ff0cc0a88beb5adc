//! One general clock beside exponential ones: Markov regenerative processes against closed forms and stages.

use super::near;
use crate::exact::{measure, solved};
use fivenines::exact::Process;
use fivenines::program::Program;

fn queue(service: &str, room: u32) -> String {
    format!(
        r##"
        places: {{ "Q": (capacity: {room}) }},
        transitions: {{
            "Arrive": Timed(delay: "Exponential(rate: 0.8 Hz)", to: {{"Q": "1"}}),
            "Serve": Timed(delay: "{service}", from: {{"Q": "1"}}),
        }},
        up: {{ "room": "#Q < {room}" }},
        measures: {{ "served": (value: "rate(Serve) * 1 s"), "queue": (value: "E{{#Q}}") }},"##
    )
}

/// The embedded chain at departures of M/G/1/K, with a(k) the probability of k arrivals during a service:
/// P(full) = 1 − 1/(q₀ + ρ) (Gross and Harris).
fn loss(room: usize, load: f64, arrivals: &dyn Fn(usize) -> f64) -> f64 {
    // q is known up to a factor by the balance of each state with those below.
    let mut q = vec![1.0];
    for j in 0..room - 1 {
        let from_below: f64 = (1..=j).map(|i| q[i] * arrivals(j + 1 - i)).sum();
        let next = (q[j] - q[0] * arrivals(j) - from_below) / arrivals(0);
        q.push(next);
    }
    let q0 = 1.0 / q.iter().sum::<f64>();
    1.0 - 1.0 / (q0 + load)
}

#[test]
fn queues_with_general_service_lose_what_the_embedded_chain_says() {
    let poisson = |k: usize, mean: f64| (1..=k).fold((-mean).exp(), |p, i| p * mean / i as f64);
    for room in [2, 5, 12] {
        let found = solved(&queue("1 s", room)).expect("a solution");
        let exact = loss(room as usize, 0.8, &|k| poisson(k, 0.8));
        assert!((found.sums[Program::down(0)] - exact).abs() < 1e-10 * exact);
        assert_eq!(found.process, Process::Regenerative);
        assert!(found.defect < 1e-12, "{}", found.defect);
        near(measure(&queue("1 s", room), "served"), 0.8 * (1.0 - exact));
        // Two values.
        let exact = loss(room as usize, 0.8, &|k| 0.75 * poisson(k, 0.4) + 0.25 * poisson(k, 2.0));
        let found = solved(&queue("Mixed({3: 0.5 s, 1: 2.5 s})", room)).expect("a solution");
        assert!((found.sums[Program::down(0)] - exact).abs() < 1e-10 * exact);
        // Uniform on [0, 2]: (1 − Σ_{i ≤ k} Poisson(i; 1.6))/1.6.
        let tail = |k: usize| (k + 1..k + 40).map(|i| poisson(i, 1.6)).sum::<f64>() / 1.6;
        let exact = loss(room as usize, 0.8, &tail);
        let found = solved(&queue("Uniform(0 s, 2 s)", room)).expect("a solution");
        assert!((found.sums[Program::down(0)] - exact).abs() < 1e-10 * exact);
    }
}

/// Machines that fail at a rate, and one crew, whose repair is one law or goes through stages.
fn machines(n: u32, needed: u32, failure: &str, repair: &str) -> String {
    format!(
        r##"
        places: {{ "Up": (tokens: {n}), "Down": (), "Crew": (tokens: 1), "First": (), "Second": (), "Third": () }},
        transitions: {{
            "Fail": Timed(delay: "Exponential(mean: {failure})", servers: Infinite, from: {{"Up": "1"}}, to: {{"Down": "1"}}),
            {repair}
        }},
        up: {{ "enough": "#Up >= {needed}", "all": "#Up == {n}" }},"##
    )
}

const STAGES: &str = r##"
    "Begin": Immediate(from: {"Crew": "1"}, test: {"Down": "1"}, to: {"First": "1"}),
    "Go1": Timed(delay: "Exponential(mean: 2 h)", from: {"First": "1"}, to: {"Second": "1"}),
    "Go2": Timed(delay: "Exponential(mean: 2 h)", from: {"Second": "1"}, to: {"Third": "1"}),
    "Go3": Timed(delay: "Exponential(mean: 2 h)", from: {"Third": "1", "Down": "1"}, to: {"Crew": "1", "Up": "1"}),
"##;

#[test]
fn an_erlang_clock_is_as_its_stages() {
    let whole = r##""Repair": Timed(delay: "Erlang(stages: 3, mean: 6 h)", from: {"Down": "1"}, to: {"Up": "1"}),"##;
    // Unavailabilities from 0.1 to 10⁻²⁰.
    for (n, needed, failure) in [(5, 3, "20 h"), (3, 3, "1000 h"), (8, 3, "10000 h"), (2, 1, "1 s")] {
        let staged = solved(&machines(n, needed, failure, STAGES)).expect("a solution");
        let found = solved(&machines(n, needed, failure, whole)).expect("a solution");
        assert_eq!((staged.process, found.process), (Process::Markov, Process::Regenerative));
        for (sum, (x, y)) in found.sums.iter().zip(&staged.sums).enumerate() {
            assert!((x - y).abs() <= 1e-10 * y, "{n} {failure}, sum {sum}: {x:e} instead of {y:e}");
        }
        for (x, y) in found.first_failure.iter().zip(&staged.first_failure) {
            assert!((x - y).abs() <= 1e-10 * y, "{n} {failure}: first failure after {x} instead of {y}");
        }
    }
}

/// An exponential interrupts a job, which begins again with a new sample: (1/λ + E[R]) (1/E[e^(−λS)] − 1).
#[test]
fn a_preempted_clock_starts_afresh() {
    let text = r##"
        places: { "Up": (tokens: 1), "Down": () },
        transitions: {
            "Finish": Timed(delay: "Uniform(1 h, 3 h)", test: {"Up": "1"}),
            "Fail": Timed(delay: "Exponential(mean: 4 h)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "LogNormal(mean: 0.5 h, sigma: 1)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "machine": "#Up > 0" },
        measures: { "job": (value: "1 / rate(Finish) / 1 h") },
    "##;
    let transform = 4.0 * ((-0.25_f64).exp() - (-0.75_f64).exp()) / 2.0;
    near(measure(text, "job"), 4.5 * (1.0 / transform - 1.0));
    near(solved(text).expect("a solution").availability[0], 8.0 / 9.0);
    near(solved(text).expect("a solution").first_failure[0], 4.0 * 3600.0);
}

/// A clock whose tail is so long that the marking settles while it runs.
#[test]
fn long_tails_are_followed_to_the_end() {
    for law in
        ["Pareto(scale: 1 s, shape: 1.1)", "LogNormal(mean: 1000 s, sigma: 3)", "1000 s", "Exponential(mean: 5 s)"]
    {
        let text = format!(
            r##"
            places: {{ "X": (tokens: 1), "Y": () }},
            transitions: {{
                "Tick": Timed(delay: "{law}", guard: "#X + #Y > 0"),
                "There": Timed(delay: "Exponential(mean: 3 s)", from: {{"X": "1"}}, to: {{"Y": "1"}}),
                "Back": Timed(delay: "Exponential(mean: 1 s)", from: {{"Y": "1"}}, to: {{"X": "1"}}),
            }},
            up: {{ "x": "#X > 0" }},"##
        );
        let found = solved(&text).unwrap_or_else(|error| panic!("{law}: {error}"));
        assert!((found.availability[0] - 0.75).abs() < 1e-10, "{law}: {}", found.availability[0]);
        near(found.sums[Program::failures(0)], 0.25);
        near(found.first_failure[0], 3.0);
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let two = |first: &str, second: &str| {
        format!(
            r##"
            places: {{ "Up": (tokens: 2), "A": (), "B": (), "Day": (tokens: 1), "Night": () }},
            transitions: {{
                "Dusk": Timed(delay: "Exponential(mean: 1 h)", from: {{"Day": "1"}}, to: {{"Night": "1"}}),
                "Dawn": Timed(delay: "Exponential(mean: 1 h)", from: {{"Night": "1"}}, to: {{"Day": "1"}}),
                "First": Timed({first}, from: {{"Up": "1"}}, to: {{"A": "1"}}),
                "Second": Timed({second}, from: {{"A": "1"}}, to: {{"Up": "1"}}),
            }},
            up: {{ "service": "#Up > 0" }},"##
        )
    };
    let general = r##"delay: "Uniform(0 h, 1 h)""##;
    let cases = [
        (two(general, general), "Second: its clock, which isn't exponential, runs on while that of First starts"),
        (
            two(r##"delay: "Uniform(0 h, 1 h)", servers: 2"##, r##"delay: "Exponential(mean: 1 h)""##),
            "First: several of its clocks run at once",
        ),
        (
            two(
                r##"delay: "Uniform(0 h, 1 h)", memory: Age, guard: "#Day > 0""##,
                r##"delay: "Exponential(mean: 1 h)""##,
            ),
            "First: `memory: Age` keeps what is left",
        ),
        (
            two(r##"delay: "Uniform(0 h, 1 h)", speed: "1 + #Day""##, r##"delay: "Exponential(mean: 1 h)""##),
            "First: its speed changes",
        ),
        (
            two(r##"delay: "Empirical([0 s, 1 s])""##, r##"delay: "Exponential(mean: 1 h)""##),
            "First: its delay may be 0",
        ),
    ];
    for (text, words) in cases {
        let refusal = solved(&text).expect_err("a refusal").to_string();
        assert!(refusal.contains(words), "{refusal}");
    }
}
