//! Markings that differ by an exchange of like parts are one state: the same figures as marking by marking.

use super::{net, scenarios};
use fivenines::exact::{Limits, Refusal, Solution, solve, solve_unlumped, symmetry};
use fivenines::net::Net;
use fivenines::program::compile;
use std::fmt::Write;

type Solved = Result<Solution, Refusal>;

fn both_of(net: &Net) -> (Solved, Solved) {
    let program = compile(net).expect("a program");
    let limits = Limits { states: 20_000, ..Limits::default() };
    (solve(net, &program, &limits, &|_| false), solve_unlumped(net, &program, &limits, &|_| false))
}

/// Equal to 10⁻¹¹; whether there were fewer states.
fn agree((classes, whole): (Solved, Solved), text: &str) -> bool {
    let (classes, whole) = match (classes, whole) {
        (Ok(classes), Ok(whole)) => (classes, whole),
        (Err(_), Err(_)) => return false,
        (one, other) => panic!("{one:?}\n{other:?}\n{text}"),
    };
    let near = |x: f64, y: f64| x == y || (x - y).abs() <= 1e-11 * y.abs();
    let pairs = classes.sums.iter().zip(&whole.sums).chain(classes.first_failure.iter().zip(&whole.first_failure));
    pairs.for_each(|(x, y)| assert!(near(*x, *y), "{x:e} instead of {y:e}\n{text}"));
    assert!(classes.states <= whole.states);
    classes.states < whole.states
}

fn is_found(inside: &str) -> bool {
    let net = net(inside);
    let program = compile(&net).expect("a program");
    symmetry(&net, &program, &|_| false).expect("no interruption").is_some()
}

/// Racks of two disks each, with spares that are put in at once and one crew that chooses among the racks.
fn racks(racks: usize, extra: &str, up: &str) -> String {
    format!(
        r##"
        colours: {{ "Rack": "1..={racks}" }},
        places: {{
            "Works": (colour: "Rack", tokens: "2 * all Rack"), "Broken": (colour: "Rack"), "Mending": (colour: "Rack"),
            "Crew": (tokens: 1), "Spare": (tokens: 1),
        }},
        transitions: {{
            "Fail[r in Rack]": Timed(
                delay: "Exponential(mean: 50 h)", servers: Infinite, from: {{"Works": "r"}}, to: {{"Broken": "r"}},
            ),
            "Swap[r in Rack]": Immediate(weight: "1 + #Works(r)", from: {{"Broken": "r", "Spare": "1"}}, to: {{"Works": "r"}}),
            "Call[r in Rack]": Immediate(priority: "-1", from: {{"Broken": "r", "Crew": "1"}}, to: {{"Mending": "r"}}),
            "Mend[r in Rack]": Timed(delay: "Exponential(mean: 5 h)", from: {{"Mending": "r"}}, to: {{"Works": "r", "Crew": "1"}}),
            "Deliver": Timed(delay: "Exponential(mean: 30 h)", to: {{"Spare": "1"}}, inhibit: {{"Spare": "1"}}),
            {extra}
        }},
        up: {{ "service": "{up}" }},
        measures: {{
            "working": "E{{count(r in Rack: #Works(r) == 2)}}", "calls": "rate(Call)",
            "cost": "impulse(Fail, 1 + max(#Works, 1))",
        }},
        "##
    )
}

#[test]
fn colours_with_several_tokens_immediates_and_conditions_over_them() {
    for up in
        ["all(r in Rack: #Works(r) >= 1)", "any(r in Rack: #Works(r) == 2)", "count(r in Rack: #Works(r) > 0) >= 2"]
    {
        for n in 2..=4 {
            let text = racks(n, "", up);
            let (classes, whole) = both_of(&net(&text));
            let stand_for = classes.as_ref().expect("a solution").unlumped.expect("fewer states").exp().round();
            assert_eq!(stand_for, whole.as_ref().expect("a solution").states as f64, "{n}");
            assert!(agree((classes, whole), &text));
        }
    }
}

/// Each makes one rack different, or tells one from another.
#[test]
fn what_tells_one_from_another_is_no_exchange() {
    let like = racks(2, "", "all(r in Rack: #Works(r) >= 1)");
    assert!(is_found(&like));
    for (from, to) in [
        ("Exponential(mean: 50 h)", "Exponential(mean: if r == 2 then 60 h else 50 h)"),
        ("all(r in Rack: #Works(r) >= 1)", "#Works(1) >= 1"),
        ("rate(Call)", "rate(Call[2])"),
        ("weight: \"1 + #Works(r)\"", "weight: \"r\""),
        ("max(#Works, 1)", "#Works(1)"),
        ("to: {\"Mending\": \"r\"}", "guard: \"r == 1 || #Broken(1) == 0\", to: {\"Mending\": \"r\"}"),
    ] {
        assert!(like.contains(from), "{from}");
        assert!(!is_found(&like.replacen(from, to, 1)), "{to}");
    }
}

/// Two sets of immediates, of which the first takes what the other would need: their order goes by name, so that an
/// exchange of their colours would tell something else.
#[test]
fn an_order_of_sets_that_matters_is_kept() {
    let confused = |between: &str| {
        format!(
            r##"
        colours: {{ "C": "{{a, b}}" }},
        places: {{ "On": (colour: "C"), "Won": (colour: "C"), "Go": (tokens: 1), "Rest": (), "Mark": () }},
        transitions: {{
            "Begin": Timed(delay: "Exponential(mean: 1 s)", from: {{"Go": "1"}}, to: {{"On": "all C", "Rest": "1"}}),
            "Win[c in C]": Immediate(from: {{"On": "c"}}, to: {{"Won": "c"{between}}}),
            "Back": Timed(delay: "Exponential(mean: 1 s)", from: {{"Rest": "1"}}, flush: ["Won", "Mark"], to: {{"Go": "1"}}),
        }},
        up: {{ "a": "#Rest == 0" }},
        measures: {{ "m": "impulse(Win, 1 + #Mark)" }},
        "##
        )
    };
    assert!(is_found(&confused("")));
    // What one counts depends on who came before: symmetric by itself, and yet the sets may not be exchanged freely.
    let told = confused(r#", "Mark": "1""#);
    assert!(!is_found(&told));
    assert!(!agree(both_of(&net(&told)), &told));
}

#[test]
fn the_two_halves_of_the_cluster_are_exchanged() {
    let memory = scenarios::repository();
    let plan = scenarios::plan_with(&memory, "models/qvbs/cluster.ron", &[]);
    let net = &plan.points[0].net;
    let (classes, whole) = both_of(net);
    assert_eq!(whole.as_ref().expect("a solution").states, 276);
    assert!(classes.as_ref().expect("a solution").states < 160);
    assert!(agree((classes, whole), "cluster"));
    let lame = scenarios::plan_with(
        &memory,
        "models/qvbs/cluster.ron",
        &[("link".to_string(), "{to_left: 4000 h, to_right: 3000 h, backbone: 5000 h}".to_string())],
    );
    assert!(!agree(both_of(&lame.points[0].net), "a lame half"));
}

/// The next number of a linear congruence below `n`.
fn below(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % n
}

/// Colours of one or two tokens that timed transitions and immediates move between three places, beside shared ones,
/// sometimes with something that tells one from the others.
fn random_net(seed: &mut u64) -> String {
    let colours = 2 + below(seed, 2);
    let mut net = format!(
        "colours: {{ \"R\": \"1..={colours}\" }},\nplaces: {{\n\"A\": (tokens: {}, capacity: 2), \"B\": (capacity: 1),\n\
         \"L0\": (colour: \"R\", tokens: \"{} * all R\"), \"L1\": (colour: \"R\"), \"L2\": (colour: \"R\"),\n}},\ntransitions: {{\n",
        below(seed, 3),
        1 + below(seed, 2)
    );
    let whom = |seed: &mut u64| if below(seed, 12) == 0 { "if c == 1 then 2 else 1" } else { "1" };
    for (index, (from, to)) in [(0, 1), (1, 2), (2, 0), (1, 0), (0, 2)].into_iter().enumerate() {
        let extra = ["", "", ", \"A\": \"1\"", ", \"B\": \"1\""];
        let (takes, puts) = (extra[below(seed, 4) as usize], extra[below(seed, 4) as usize]);
        let guard = match below(seed, 6) {
            0 => format!("guard: \"any(d in R: d != c && #L{}(d) > 0)\", ", below(seed, 3)),
            1 => format!("guard: \"#L{} <= 2\", ", below(seed, 3)),
            2 => format!("inhibit: {{\"L{}\": \"c\"}}, ", below(seed, 3)),
            _ => String::new(),
        };
        let timing = match below(seed, 3) {
            0 if index > 2 => {
                format!("Immediate(priority: \"{}\", weight: \"({}) * (1 + #L2(c))\", ", below(seed, 2), whom(seed))
            }
            _ => format!("Timed(delay: \"Exponential(mean: {} s * ({}))\", ", 1 + below(seed, 4), whom(seed)),
        };
        let arcs = format!("from: {{\"L{from}\": \"c\"{takes}}}, to: {{\"L{to}\": \"c\"{puts}}}");
        writeln!(net, "\"T{index}[c in R]\": {timing}{guard}{arcs}),").expect("a text");
    }
    net += "\"In\": Timed(delay: \"Exponential(mean: 1 s)\", to: {\"A\": \"1\"}),\n";
    net += "\"Out\": Timed(delay: \"Exponential(mean: 2 s)\", from: {\"B\": \"1\"}),\n},\n";
    let up = ["all(c in R: #L0(c) > 0)", "any(c in R: #L1(c) == 1)", "count(c in R: #L0(c) > 0) >= 2", "#L0(1) > 0"];
    write!(
        net,
        "up: {{ \"up\": \"{}\" }},\nmeasures: {{ \"m\": \"E{{max(#L2, #A)}}\", \"r\": \"rate(T3)\", \"i\": \"impulse(T4, 1 + #L1)\" }},",
        up[below(seed, 4) as usize]
    )
    .expect("a text");
    net
}

#[test]
fn random_nets_have_the_same_figures() {
    let (mut seed, mut fewer) = (7, 0);
    for _ in 0..300 {
        let text = random_net(&mut seed);
        fewer += usize::from(agree(both_of(&net(&text)), &text));
    }
    assert!((40..260).contains(&fewer), "{fewer}");
}
