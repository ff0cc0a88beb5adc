//! Structure of nets: conflict sets, invariants, bounds, what is proven dead or constant.

use crate::random_nets::{config, nets};
use fivenines::net::structure::conflict_sets;
use fivenines::net::{Net, Timing, Transition, TransitionId};
use fivenines::syntax::ast::Overrun;
use proptest::prelude::*;

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
