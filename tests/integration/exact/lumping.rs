//! Interchangeable replicas counted together: the same averages as marking by marking, and never where they differ.

use super::{close, net};
use fivenines::exact::{Limits, Refusal, Solution, explore, lump, solve, solve_unlumped, symmetry};
use fivenines::program::compile;
use std::fmt::Write;

/// Both solutions.
fn both(inside: &str) -> (Solution, Solution) {
    let net = net(inside);
    let program = compile(&net).expect("a program");
    let limits = Limits::default();
    let lumped = solve(&net, &program, &limits, &|_| false).unwrap_or_else(|error| panic!("{error}\n{inside}"));
    let whole = solve_unlumped(&net, &program, &limits, &|_| false).unwrap_or_else(|error| panic!("{error}\n{inside}"));
    (lumped, whole)
}

/// `clients` that think, wait for one of `lines` and talk; `extra` stands behind them.
fn clients(clients: usize, lines: usize, extra: &str) -> String {
    format!(
        r##"
        colours: {{ "Client": "1..={clients}" }},
        places: {{
            "Thinks": (colour: "Client", tokens: "all Client"), "Asks": (colour: "Client"), "Talks": (colour: "Client"),
            "Free": (tokens: {lines}),
        }},
        transitions: {{
            "Ask[c in Client]": Timed(delay: "Exponential(mean: 10 s)", from: {{"Thinks": "c"}}, to: {{"Asks": "c"}}),
            "Begin[c in Client]": Timed(
                delay: "Exponential(mean: 1 s)", from: {{"Asks": "c", "Free": "1"}}, to: {{"Talks": "c"}},
            ),
            "End[c in Client]": Timed(delay: "Exponential(mean: 3 s)", from: {{"Talks": "c"}}, to: {{"Thinks": "c", "Free": "1"}}),
            "GiveUp[c in Client]": Timed(
                delay: "Exponential(mean: 20 s)", speed: "1 + #Asks", from: {{"Asks": "c"}}, to: {{"Thinks": "c"}},
            ),
            {extra}
        }},
        up: {{ "a line is free": "#Free >= 1" }},
        measures: {{ "talking": "E{{#Talks}}", "given up": "rate(GiveUp)", "cost": "impulse(End, 1 + #Asks)" }},
        "##
    )
}

#[test]
fn like_clients_are_counted() {
    for (n, lines) in [(2, 1), (4, 2), (6, 3)] {
        let (lumped, whole) = both(&clients(n, lines, ""));
        assert!(lumped.states < whole.states, "{} of {}", lumped.states, whole.states);
        assert_eq!(lumped.unlumped.expect("fewer states").exp().round(), whole.states as f64);
        lumped.sums.iter().zip(&whole.sums).for_each(|(x, y)| close(*x, *y));
        lumped.first_failure.iter().zip(&whole.first_failure).for_each(|(x, y)| close(*x, *y));
    }
}

#[test]
fn a_thousand_clients_are_solved() {
    let net = net(&clients(1000, 20, ""));
    let program = compile(&net).expect("a program");
    let solution = solve(&net, &program, &Limits::default(), &|_| false).expect("a solution");
    assert_eq!(solution.states, (0..=20).map(|talking| 1001 - talking).sum::<usize>());
    assert!(solution.unlumped.expect("fewer states") > 300.0);
    // The same by hand.
    let counted = super::solved(
        r##"
        places: { "Thinks": (tokens: 1000), "Asks": (), "Talks": (), "Free": (tokens: 20) },
        transitions: {
            "Ask": Timed(delay: "Exponential(mean: 10 s)", servers: Infinite, from: {"Thinks": "1"}, to: {"Asks": "1"}),
            "Begin": Timed(
                delay: "Exponential(mean: 1 s)", speed: "#Asks", from: {"Asks": "1", "Free": "1"}, to: {"Talks": "1"},
            ),
            "End": Timed(
                delay: "Exponential(mean: 3 s)", servers: Infinite, from: {"Talks": "1"}, to: {"Thinks": "1", "Free": "1"},
            ),
            "GiveUp": Timed(
                delay: "Exponential(mean: 20 s)", speed: "#Asks * (1 + #Asks)", from: {"Asks": "1"}, to: {"Thinks": "1"},
            ),
        },
        up: { "a line is free": "#Free >= 1" },
        measures: { "talking": "E{#Talks}", "given up": "rate(GiveUp)", "cost": "impulse(End, 1 + #Asks)" },
        "##,
    );
    assert_eq!(solution.states, counted.as_ref().expect("a solution").states);
    for (x, y) in solution.sums.iter().zip(&counted.expect("a solution").sums) {
        assert!((x - y).abs() < 1e-9 * y.abs(), "{x:e} instead of {y:e}");
    }
}

fn lumps(text: &str) -> bool {
    lump(&net(text), &|_| false).expect("no interruption").is_some()
}

/// Both are asked before a state is explored, and a graph of immediates is left in its middle.
#[test]
fn what_comes_before_the_states_can_be_interrupted() {
    let interrupted = |found: Result<bool, Refusal>| assert_eq!(found, Err(Refusal::Interrupted));
    let like = net(&clients(20, 2, ""));
    let program = compile(&like).expect("it compiles");
    interrupted(lump(&like, &|_| true).map(|lumped| lumped.is_some()));
    interrupted(symmetry(&like, &program, &|_| true).map(|found| found.is_some()));
    // 2¹² - 1 markings follow each other, of which more than 3,000 are refused.
    let coins = net(r##"
            colours: { "Coin": "1..=12" },
            places: { "Thrown": (colour: "Coin", tokens: "all Coin"), "Heads": (colour: "Coin"), "Tails": (colour: "Coin") },
            transitions: {
                "Lie[c in Coin]": Immediate(from: {"Thrown": "c"}, to: {"Heads": "c"}),
                "Stand[c in Coin]": Immediate(from: {"Thrown": "c"}, to: {"Tails": "c"}),
                "Throw[c in Coin]": Timed(delay: "Exponential(mean: 1 s)", from: {"Heads": "c"}, to: {"Thrown": "c"}),
            },
            up: { "all": "#Tails == 0" },
        "##);
    let program = compile(&coins).expect("it compiles");
    let limits = Limits { vanishing: 3_000, ..Limits::default() };
    let explored = |stopped: bool| explore(&coins, &program, &limits, &|_| stopped).map(|_| true);
    assert!(matches!(explored(false), Err(Refusal::TooManyVanishing { .. })), "{:?}", explored(false));
    interrupted(explored(true));
}

/// Each makes one of two clients different, or tells one from another.
#[test]
fn what_differs_is_not_lumped() {
    let like = clients(2, 2, "");
    assert!(lumps(&like));
    let different = [
        ("Exponential(mean: 10 s)", "Exponential(mean: if c == 2 then 11 s else 10 s)"),
        ("E{#Talks}", "E{#Talks(2)}"),
        ("rate(GiveUp)", "rate(GiveUp[1])"),
        ("1 + #Asks\", from", "1 + #Asks(c)\", from"),
        ("\"#Free >= 1\"", "\"#Free >= 1 && #Asks(2) == 0\""),
        ("\"all Client\"", "\"2 * all Client\""),
        ("\"Asks\": (colour: \"Client\")", "\"Asks\": (colour: \"Client\", tokens: \"1\")"),
        ("from: {\"Talks\": \"c\"}", "guard: \"c != 1\", from: {\"Talks\": \"c\"}"),
        ("from: {\"Talks\": \"c\"}", "guard: \"#Asks(3 - c) == 0\", from: {\"Talks\": \"c\"}"),
        ("from: {\"Talks\": \"c\"}", "inhibit: {\"Asks\": \"3 - c\"}, from: {\"Talks\": \"c\"}"),
        ("Exponential(mean: 3 s)\"", "Exponential(mean: 3 s)\", scope: Transition"),
        ("Exponential(mean: 3 s)", "LogNormal(mean: 3 s, sigma: 1)"),
        ("rate(GiveUp)", "rate(GiveUp[1]) + rate(GiveUp[2])"),
    ];
    for (from, to) in different {
        assert!(like.contains(from), "{from}");
        assert!(!lumps(&like.replacen(from, to, 1)), "{to}");
    }
    let immediate = clients(
        3,
        2,
        r#""Drop[c in Client]": Immediate(from: {"Asks": "c"}, test: {"Free": "2"}, to: {"Talks": "c"}),"#,
    );
    assert!(!lumps(&immediate));
    let flushed = clients(3, 2, r#""Reset": Timed(delay: "Exponential(mean: 9 s)", flush: ["Asks"]),"#);
    assert!(!lumps(&flushed));
}

/// The next number of a linear congruence below `n`.
fn below(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % n
}

/// Replicas of two or three local states among two shared places, with whatever may read them, sometimes with one
/// that differs.
fn random_net(seed: &mut u64) -> String {
    let (replicas, states) = (2 + below(seed, 3), 2 + below(seed, 2));
    let mut net = format!(
        "colours: {{ \"R\": \"1..={replicas}\" }},\nplaces: {{\n\"A\": (tokens: {}, capacity: 3), \"B\": (tokens: 1, capacity: 2),\n",
        below(seed, 4)
    );
    for state in 0..states {
        let tokens = if state == 0 { "all R" } else { "0" };
        let tokens = if tokens == "0" { String::new() } else { format!(", tokens: \"{tokens}\"") };
        writeln!(net, "\"L{state}\": (colour: \"R\"{tokens}),").expect("a text");
    }
    net += "},\ntransitions: {\n";
    for index in 0..(states + 1 + below(seed, 3)) {
        let (from, to) = (index % states, if index < states { (index + 1) % states } else { below(seed, states) });
        let mean = match below(seed, 8) {
            0 => "if c == 1 then 3 s else 2 s".to_string(),
            1 => format!("(1 + #L{}) * 1 s", below(seed, states)),
            _ => format!("{} s", 1 + below(seed, 5)),
        };
        let shared = ["", "", ", \"A\": \"1\"", ", \"B\": \"1\""];
        let (takes, puts) = (shared[below(seed, 4) as usize], shared[below(seed, 4) as usize]);
        let guard = match below(seed, 8) {
            0 => format!("guard: \"#L{} <= 1\", ", below(seed, states)),
            1 => format!("guard: \"#L{}(1) == 0\", ", below(seed, states)),
            _ => String::new(),
        };
        writeln!(
            net,
            "\"T{index}[c in R]\": Timed(delay: \"Exponential(mean: {mean})\", {guard}from: {{\"L{from}\": \"c\"{takes}}}, to: {{\"L{to}\": \"c\"{puts}}}),"
        )
        .expect("a text");
    }
    let read = below(seed, states);
    net += "\"In\": Timed(delay: \"Exponential(mean: 1 s)\", to: {\"A\": \"1\"}),\n";
    net += "\"Out\": Timed(delay: \"Exponential(mean: 2 s)\", from: {\"A\": \"1\"}, to: {\"B\": \"1\"}),\n";
    net += "\"Away\": Immediate(from: {\"B\": \"2\"}),\n},\n";
    let one = if below(seed, 6) == 0 { "(2)" } else { "" };
    write!(net, "up: {{ \"up\": \"#L0{one} >= 1\" }},\nmeasures: {{ \"m\": \"E{{#L{read} * (1 + #A)}}\", \"r\": \"rate(T0)\", \"i\": \"impulse(T1, 1 + #L{read})\" }},").expect("a text");
    net
}

#[test]
fn random_nets_have_the_same_averages_lumped_and_not() {
    let (mut seed, mut lumped_nets, mut others) = (1, 0, 0);
    for _ in 0..300 {
        let text = random_net(&mut seed);
        let (lumped, whole) = both(&text);
        match lumped.unlumped {
            Some(log) => {
                lumped_nets += 1;
                assert_eq!(log.exp().round(), whole.states as f64, "{text}");
            }
            None => {
                others += 1;
                assert_eq!(lumped.states, whole.states);
            }
        }
        for (x, y) in lumped.sums.iter().zip(&whole.sums) {
            assert!((x - y).abs() <= 1e-9 * y.abs(), "{x:e} instead of {y:e}\n{text}");
        }
        for (x, y) in lumped.first_failure.iter().zip(&whole.first_failure) {
            assert!(x == y || (x - y).abs() <= 1e-9 * y.abs(), "{x:e} instead of {y:e}\n{text}");
        }
    }
    assert!(lumped_nets > 50 && others > 10, "{lumped_nets} lumped, {others} not");
}
