//! Structure of nets: conflict sets, invariants, bounds, what is proven dead or constant.

mod reachable;

use crate::random_nets::{config, nets};
use assert_cmd::Command;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::net::load::Memory;
use fivenines::net::structure::{Because, Bound, Invariants, Limits, Structure, analyse, conflict_sets};
use fivenines::net::{self, Net, Timing, Transition, TransitionId};
use fivenines::syntax::ast::Overrun;
use proptest::prelude::*;
use std::fs;

/// S5, word by word: whether a firing of `a` can disable `b`.
fn can_disable(net: &Net, a: &Transition, b: &Transition) -> bool {
    let sum = |arcs: &[fivenines::net::Arc], p: usize| -> i64 {
        arcs.iter().filter(|a| a.place.0 as usize == p).map(|a| i64::from(a.weight)).sum()
    };
    (0..net.places.len()).any(|p| {
        let flushes = |t: &Transition| t.flushes.iter().any(|f| f.0 as usize == p);
        let more = |t: &Transition| sum(&t.outputs, p) > sum(&t.inputs, p);
        let fewer = |t: &Transition| flushes(t) || sum(&t.outputs, p) < sum(&t.inputs, p);
        let blocking = net.places[p].capacity.is_some_and(|c| c.overrun == Overrun::Block);
        let mut reads = false;
        if let Some(guard) = &b.guard {
            guard.places(&mut |q| reads |= q.0 as usize == p);
        }
        (fewer(a) && sum(&b.inputs, p) + sum(&b.tests, p) > 0)
            || (more(a) && sum(&b.inhibitors, p) > 0)
            || (more(a) && blocking && more(b) && !flushes(b))
            || ((more(a) || fewer(a)) && reads)
    })
}

/// All pairs, closed by repetition until nothing changes.
fn conflict_sets_by_force(net: &Net) -> Vec<Vec<TransitionId>> {
    let priority = |t: &Transition| match t.timing {
        Timing::Immediate { priority, .. } => Some(priority),
        Timing::Timed(_) => None,
    };
    let mut mark: Vec<usize> = (0..net.transitions.len()).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for (i, a) in net.transitions.iter().enumerate() {
            for (j, b) in net.transitions.iter().enumerate() {
                let related = priority(a).is_some() && priority(a) == priority(b) && i != j && can_disable(net, a, b);
                if related && mark[i] != mark[j] {
                    let least = mark[i].min(mark[j]);
                    (mark[i], mark[j], changed) = (least, least, true);
                }
            }
        }
    }
    let mut sets = Vec::new();
    for group in 0..net.transitions.len() {
        let mut set: Vec<usize> = (0..net.transitions.len())
            .filter(|t| mark[*t] == group && priority(&net.transitions[*t]).is_some())
            .collect();
        set.sort_by_key(|t| &net.transitions[*t].stream);
        if let Some(&first) = set.first() {
            let first = &net.transitions[first];
            sets.push((-priority(first).unwrap_or(0), first.stream.clone(), set));
        }
    }
    sets.sort();
    sets.into_iter().map(|(_, _, set)| set.into_iter().map(|t| TransitionId(t as u32)).collect()).collect()
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn conflict_sets_are_those_of_all_pairs(net in nets()) {
        prop_assert_eq!(conflict_sets(&net), conflict_sets_by_force(&net));
    }
}

/// The structure of a net that is written here.
fn structure(text: &str) -> Structure {
    structure_within(text, &Limits::default())
}

fn structure_within(text: &str, limits: &Limits) -> Structure {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let loader = Memory::new().with("net.ron", text);
    let net = net::flatten(&loader, &mut sources, "net.ron", &[], &net::Limits::default(), &mut diagnostics);
    analyse(&net.unwrap_or_else(|| panic!("{:?}", diagnostics.sorted())), limits)
}

/// `2 A + B = 3`.
fn words(invariants: &Invariants) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for invariant in &invariants.list {
        let terms: Vec<String> = invariant.terms.iter().map(|(name, weight)| format!("{weight} {name}")).collect();
        let value = invariant.value.map_or(String::new(), |value| format!(" = {value}"));
        list.push(terms.join(" + ") + &value);
    }
    list.sort();
    list
}

fn bounds(structure: &Structure) -> Vec<(&str, u32, Because)> {
    structure.bounds.iter().map(|Bound { place, tokens, because }| (place.as_str(), *tokens, *because)).collect()
}

#[test]
fn machines_with_one_crew() {
    let found = structure(
        r##"Net(
            colours: { "M": "1..=2" },
            places: { "Up": (colour: "M", tokens: "all M"), "Down": (colour: "M"), "Mend": (colour: "M"),
                      "Crew": (tokens: 1) },
            transitions: {
                "Fail[m in M]": Timed(delay: "1 h", from: {"Up": "m"}, to: {"Down": "m"}),
                "Call[m in M]": Immediate(from: {"Down": "m", "Crew": "1"}, to: {"Mend": "m"}),
                "Done[m in M]": Timed(delay: "1 h", from: {"Mend": "m"}, to: {"Up": "m", "Crew": "1"}),
            },
        )"##,
    );
    assert_eq!((found.places, found.transitions, found.families, found.instances), (7, 6, 3, 0));
    let conserved = ["1 Mend(1) + 1 Mend(2) + 1 Crew = 1", "1 Up(1) + 1 Down(1) + 1 Mend(1) = 1"];
    assert_eq!(words(&found.p_invariants), [conserved[0], conserved[1], "1 Up(2) + 1 Down(2) + 1 Mend(2) = 1"]);
    let cycles = ["1 Fail[1] + 1 Call[1] + 1 Done[1]", "1 Fail[2] + 1 Call[2] + 1 Done[2]"];
    assert_eq!(words(&found.t_invariants), cycles);
    assert!(bounds(&found).iter().all(|(_, most, why)| (*most, *why) == (1, Because::Invariant)));
    assert_eq!(found.bounds.len(), 7);
    assert_eq!(found.conflict_sets, [["Call[1]", "Call[2]"]]);
    assert!(found.dead.is_empty() && found.constant.is_empty());
}

#[test]
fn weights_capacities_and_flushes() {
    let found = structure(
        r##"Net(
            places: { "A": (tokens: 7), "B": (), "Box": (capacity: "4"), "Heap": (), "Still": (tokens: 2), "Tub": () },
            transitions: {
                "There": Timed(delay: "1 h", from: {"A": "2"}, to: {"B": "3"}),
                "Back": Timed(delay: "1 h", from: {"B": "3"}, to: {"A": "2"}),
                "Fill": Timed(delay: "1 h", to: {"Box": "1", "Heap": "1", "Tub": "1"}),
                "Empty": Timed(delay: "1 h", from: {"Box": "1"}, test: {"Still": "2"}, flush: ["Tub"]),
            },
        )"##,
    );
    assert_eq!(words(&found.p_invariants), ["1 Still = 2", "3 A + 2 B = 21"]);
    assert_eq!(found.p_invariants.left_out, ["Tub"]);
    assert_eq!(words(&found.t_invariants), ["1 There + 1 Back"]);
    assert_eq!(found.t_invariants.left_out, ["Empty"]);
    let expected = [
        ("A", 7, Because::Invariant),
        ("B", 10, Because::Invariant),
        ("Box", 4, Because::Capacity),
        ("Still", 2, Because::Unfed),
    ];
    assert_eq!(bounds(&found), expected);
}

#[test]
fn what_can_never_happen_is_said_with_its_reason() {
    let found = structure(
        r##"Net(
            places: { "Up": (tokens: 2), "Down": (), "Spare": (), "Box": (tokens: 1, capacity: "1") },
            transitions: {
                "Fail": Timed(delay: "1 h", from: {"Up": "1"}, to: {"Down": "1"}),
                "Repair": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
                "Switch": Immediate(from: {"Spare": "1"}, to: {"Up": "1"}),
                "Late": Immediate(from: {"Up": "1", "Spare": "1"}),
                "Both": Timed(delay: "1 h", from: {"Up": "2", "Down": "1"}, to: {"Down": "3"}),
                "Many": Timed(delay: "1 h", from: {"Up": "3"}, to: {"Down": "3"}),
                "Guard": Timed(delay: "1 h", from: {"Up": "1"}, guard: "#Down >= 2 && #Up < 1"),
                "Shut": Timed(delay: "1 h", from: {"Up": "1"}, inhibit: {"Box": "1"}),
                "Full": Timed(delay: "1 h", from: {"Up": "1"}, to: {"Box": "1"}),
            },
            up: { "some": "#Up > 0", "all": "#Up + #Down == 2", "odd": "#Spare > 0 || #Box == 0" },
            measures: { "rate": "rate(Switch) + rate(Many)", "spares": "E{#Spare}", "ups": "E{#Up}" },
        )"##,
    );
    let dead: Vec<(&str, &str)> = found.dead.iter().map(|d| (d.transition.as_str(), d.because.as_str())).collect();
    let expected = [
        ("Switch", "`Spare` never holds a token"),
        ("Late", "`Spare` never holds a token"),
        ("Both", "`Up` and `Down` never hold the tokens it needs at the same time"),
        ("Many", "it needs 3 tokens of `Up`, which never holds more than 2"),
        ("Guard", "its guard is never true"),
        ("Shut", "`Box` never holds fewer than 1 tokens, and 1 inhibit it"),
        ("Full", "it would leave 2 tokens in `Box`, whose capacity is 1"),
    ];
    assert_eq!(dead, expected);
    let constant: Vec<(&str, f64)> = found.constant.iter().map(|c| (c.name.as_str(), c.value)).collect();
    assert_eq!(constant, [("odd", 0.0), ("rate", 0.0), ("spares", 0.0)]);
}

#[test]
fn a_part_with_too_many_invariants_is_given_up_and_the_rest_is_not() {
    // From each of twelve stages three ways lead to the next: 3^12 minimal T-invariants.
    let found = structure(
        r##"Net(
            colours: { "S": "0..12", "W": "1..=3" },
            places: { "At": (colour: "S", tokens: "0"), "Up": (tokens: 1), "Down": () },
            transitions: {
                "Go[s in S, w in W]": Timed(delay: "1 h", from: {"At": "s"}, to: {"At": "(s + 1) mod 12"}),
                "Fail": Timed(delay: "1 h", from: {"Up": "1"}, to: {"Down": "1"}),
                "Repair": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
            },
        )"##,
    );
    assert_eq!((found.t_invariants.skipped, words(&found.t_invariants)), (1, vec!["1 Fail + 1 Repair".to_owned()]));
    assert_eq!((found.p_invariants.skipped, found.p_invariants.list.len()), (0, 2));
}

#[test]
fn what_needs_many_places_is_not_looked_at_for_each_of_them() {
    let text = r##"Net(
        colours: { "Task": "1..=500" },
        places: { "Ready": (tokens: 1), "Busy": (colour: "Task"), "Done": (colour: "Task"), "Never": () },
        transitions: {
            "Fork": Immediate(from: {"Ready": "1"}, to: {"Busy": "all Task"}),
            "Work[t in Task]": Timed(delay: "1 h", from: {"Busy": "t"}, to: {"Done": "t"}),
            "Join": Immediate(from: {"Done": "all Task"}, to: {"Ready": "1"}),
            "Stop": Immediate(from: {"Done": "all Task", "Never": "1"}),
        },
    )"##;
    // Each arc of the two joins is looked at a few times, and not 500 times; the proof is made twice.
    let dead = |work| structure_within(text, &Limits { work, ..Limits::default() }).dead;
    assert_eq!(dead(10_000).iter().map(|d| d.transition.as_str()).collect::<Vec<_>>(), ["Stop"]);
    // Without work nothing is claimed.
    assert!(dead(0).is_empty());
}

#[test]
fn what_a_sweep_switches_off_is_not_warned_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = r##"Net(
        parameters: { "spares": "0", "slow": "true" },
        places: { "Up": (tokens: 1), "Down": (), "Spare": (tokens: "spares"), "Pit": () },
        transitions: {
            "Fail": Timed(delay: "1 h", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
            "Switch": Timed(delay: "1 h", from: {"Spare": "1"}, test: {"Down": "1"}, to: {"Up": "1"}),
            "Climb": Timed(delay: "1 h", from: {"Pit": "1"}),
            "Tire": Timed(guard: "slow", delay: "1 h", from: {"Up": "1"}, to: {"Down": "1"}),
        },
        up: { "service": "#Up > 0", "spared": "#Spare > 0" },
        measures: { "tired": "rate(Tire)" },
    )"##;
    fs::write(folder.path().join("net.ron"), net).expect("written");
    let check = |name: &str, scenario: &str| {
        fs::write(folder.path().join(name), scenario).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
        let output = command.current_dir(folder.path()).args(["check", name]).output().expect("it runs");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let one = check("one.ron", r##"Scenario(designs: {"a": (net: "net.ron")})"##);
    for expected in ["`Switch` can never fire", "`Climb` can never fire", "`spared` is always false", "3 warnings"] {
        assert!(one.contains(expected), "{expected}:\n{one}");
    }
    let swept = r##"Scenario(designs: {"a": (net: "net.ron")}, sweep: {"spares": ["0", "1"]})"##;
    let compared = r##"Scenario(designs: {"a": (net: "net.ron"), "b": (net: "net.ron", with: {"spares": "2"})})"##;
    for (name, scenario) in [("swept.ron", swept), ("compared.ron", compared)] {
        let shown = check(name, scenario);
        assert!(shown.contains("`Climb` can never fire") && shown.contains("\n1 warning\n"), "{name}:\n{shown}");
    }
    // Whoever turns a switch may mean to do without what it leaves.
    let turned = r##"Scenario(designs: {"a": (net: "net.ron", with: {"slow": "false"}, primary: "service")})"##;
    let shown = check("turned.ron", turned);
    assert!(!shown.contains("warning"), "{shown}");
    // It refutes what another design seems to prove, and takes nothing else back.
    let with = r##"with: {"slow": "true", "spares": "2"}"##;
    let both = format!(r##"Scenario(designs: {{"a": (net: "net.ron"), "b": (net: "net.ron", {with})}})"##);
    let shown = check("both.ron", &both);
    assert!(!shown.contains("`Switch`") && shown.contains("`Climb` can never fire"), "{shown}");
}

#[test]
fn check_prints_the_structure_in_words_and_as_data() {
    let check = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
        let output = command.args(["check", "models/monolith.ron"]).args(options).output().expect("it runs");
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    insta::assert_snapshot!("check-monolith", check(&[]));
    insta::assert_snapshot!("check-monolith-json", check(&["--json"]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}
