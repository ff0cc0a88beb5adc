//! S8, S9: every cell of memory policy × servers × scope, with colours, against times reckoned by hand.
//!
//! Three jobs of colour a and three of b. The gate shuts at 3 s and opens at 5 s; at 5.5 s something else fires.
//! A job takes 4 s when its clock starts before the gate shuts, 5 s when it starts before 5.5 s, 6 s later (S12).
//!
//! - `Enabling` starts anew at 5 with 5 s: the first jobs are done at 10.
//! - `Age` has 1 s left of its 4 s when the gate shuts: 6.
//! - `Identical` takes its 4 s again: 9.
//! - `Resample` starts at 5 with 5 s, and draws 6 s at 5.5: 11.5. Then every firing, its own too, makes all running
//!   clocks draw 6 s again, so one job is done every 6 s, however many servers there are.
//!
//! Whatever starts later takes 6 s. How many jobs of a and b are done in each round follows from the servers alone.

use super::{program, traced};
use std::collections::BTreeMap;

/// Jobs of a and of b that are done at one time.
type Round = (usize, usize);

/// Servers and scope, and what they do in each round.
const SERVERS: [(&str, &str, &[Round]); 6] = [
    ("1", "Binding", &[(1, 1), (1, 1), (1, 1)]),
    ("2", "Binding", &[(2, 2), (1, 1)]),
    ("Infinite", "Binding", &[(3, 3)]),
    // All needs arise at once and queue by name: a, a, a, b, b, b.
    ("1", "Transition", &[(1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1)]),
    ("2", "Transition", &[(2, 0), (1, 1), (0, 2)]),
    ("Infinite", "Transition", &[(3, 3)]),
];

/// When the first jobs are done.
const MEMORY: [(&str, f64); 3] = [("Enabling", 10.0), ("Age", 6.0), ("Identical", 9.0)];

fn rounds(memory: &str, servers: &str, scope: &str) -> Vec<(f64, Round)> {
    let net = format!(
        r##"colours: {{"C": "{{a, b}}"}},
        places: {{"Job": (colour: "C", tokens: "3 * all C"), "On": (tokens: 1), "Y": (tokens: 1), "Off": (), "K": (), "Phase": ()}},
        transitions: {{
        "Shut": Timed(delay: "3 s", from: {{"On": "1", "Y": "1"}}, to: {{"Off": "1", "Phase": "1"}}),
        "Open": Timed(delay: "2 s", from: {{"Off": "1"}}, to: {{"On": "1", "K": "1"}}),
        "Else": Timed(delay: "0.5 s", from: {{"K": "1"}}, to: {{"Phase": "1"}}),
        "T[c in C]": Timed(delay: "(4 + #Phase) * 1 s", memory: {memory}, servers: {servers}, scope: {scope},
            from: {{"Job": "c"}}, test: {{"On": "1"}})}}"##
    );
    let mut rounds = BTreeMap::<u64, Round>::new();
    for (time, name) in traced(&program(&net), 1, 99.0) {
        let round = rounds.entry(time.to_bits()).or_default();
        match name.as_str() {
            "T[a]" => round.0 += 1,
            "T[b]" => round.1 += 1,
            _ => {}
        }
    }
    let done = rounds.into_iter().map(|(time, round)| (f64::from_bits(time), round));
    done.filter(|(_, round)| *round != (0, 0)).collect()
}

#[test]
fn s09_every_policy_with_every_kind_of_servers() {
    let mut seen: Vec<Vec<(f64, Round)>> = Vec::new();
    for (memory, first) in MEMORY {
        for (servers, scope, expected) in SERVERS {
            let later = expected.iter().enumerate().map(|(i, round)| (first + 6.0 * i as f64, *round));
            let expected: Vec<(f64, Round)> = later.collect();
            assert_eq!(rounds(memory, servers, scope), expected, "{memory}, {servers} servers per {scope}");
            seen.push(expected);
        }
    }
    // No two cells give the same, but that infinitely many servers needn't be shared.
    for (i, one) in seen.iter().enumerate() {
        let same: Vec<usize> = (0..seen.len()).filter(|&j| seen[j] == *one).collect();
        let infinite = [6 * (i / 6) + 2, 6 * (i / 6) + 5];
        assert!(same == [i] || same == infinite, "cells {same:?}");
    }
}

#[test]
fn s09_resample_with_every_kind_of_servers() {
    for (servers, scope, _) in SERVERS {
        let found = rounds("Resample", servers, scope);
        let times: Vec<f64> = found.iter().map(|(time, _)| *time).collect();
        assert_eq!(times, [11.5, 17.5, 23.5, 29.5, 35.5, 41.5], "{servers} servers per {scope}");
        let done = found.iter().fold((0, 0), |sum, (_, round)| (sum.0 + round.0, sum.1 + round.1));
        assert_eq!(done, (3, 3), "{servers} servers per {scope}");
    }
}
