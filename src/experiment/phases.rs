//! The phases of a net's outages: what its author declares, or else what was under way.

use super::causes::coarser;
use crate::dist::Law;
use crate::net::expr::{Expr, FoldOp, Op};
use crate::net::{Arc, Condition, Net, PlaceId, Timing, Transition};
use crate::syntax::OTHER_PHASE;
use crate::syntax::ast::{Overrun, Role};
use indexmap::IndexMap;

/// Most phases that are found without being declared.
pub const MOST: usize = 8;

/// The net with its phases declared, as found by themselves where there are none: each marking of an outage belongs to
/// the quickest (by mean delay, then by name) of the timed transitions that are enabled in it, those left out that are
/// failures or enabled in `settled`, the marking in which paths begin. Where there are more than eight, the bindings of
/// each are taken together, then its copies in instances, then what has the same last name; what is still too many is
/// left to the phase of others.
pub fn phased(net: &Net, settled: &[u32]) -> Net {
    let phases = if net.phases.is_empty() { found(net, settled) } else { net.phases.clone() };
    Net { phases, ..net.clone() }
}

/// The names of a phased net's phases, that of the rest last.
pub fn names(net: &Net) -> Vec<String> {
    net.phases.iter().map(|phase| phase.name.clone()).chain([OTHER_PHASE.to_string()]).collect()
}

fn found(net: &Net, settled: &[u32]) -> Vec<Condition> {
    let mut candidates: Vec<(f64, &Transition, Expr)> = Vec::new();
    for transition in net.transitions.iter().filter(|t| t.role != Some(Role::Failure)) {
        let Timing::Timed(timed) = &transition.timing else { continue };
        let enabled = enabled(net, transition);
        if enabled.evaluate(settled) == 0.0 {
            let mean = timed.law.evaluate(settled).map_or(f64::INFINITY, |law: Law| law.mean());
            candidates.push((mean, transition, enabled));
        }
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    let groups = coarser(MOST, |name| {
        let mut groups: IndexMap<String, Vec<usize>> = IndexMap::new();
        for (index, (_, t, _)) in candidates.iter().enumerate() {
            groups.entry(name(&t.name, &net.families[t.family.0 as usize])).or_default().push(index);
        }
        groups
    });
    let joined = |members: &[usize]| match members {
        [one] => candidates[*one].2.clone(),
        many => Expr::Fold(FoldOp::Or, many.iter().map(|&i| candidates[i].2.clone()).collect()),
    };
    let phase = |(name, members): (String, Vec<usize>)| {
        let span = candidates[members[0]].1.span;
        Condition { name, expr: joined(&members), span }
    };
    groups.into_iter().take(MOST).map(phase).collect()
}

/// Whether a transition is enabled (S2), as an expression.
fn enabled(net: &Net, transition: &Transition) -> Expr {
    let at = |op: Op, place: PlaceId, tokens: f64| {
        Expr::Binary(op, Box::new(Expr::Tokens(vec![place])), Box::new(Expr::Constant(tokens)))
    };
    let needs = transition.inputs.iter().chain(&transition.tests);
    let mut all: Vec<Expr> = needs.map(|arc| at(Op::GreaterEqual, arc.place, arc.weight.into())).collect();
    all.extend(transition.inhibitors.iter().map(|arc| at(Op::Less, arc.place, arc.weight.into())));
    for &Arc { place, weight } in &transition.outputs {
        let capacity = net.places[place.0 as usize].capacity.filter(|c| c.overrun == Overrun::Block);
        let Some(capacity) = capacity.filter(|_| !transition.flushes.contains(&place)) else { continue };
        let taken = transition.inputs.iter().find(|arc| arc.place == place).map_or(0, |arc| arc.weight);
        all.push(at(Op::LessEqual, place, f64::from(capacity.limit) + f64::from(taken) - f64::from(weight)));
    }
    all.extend(transition.guard.clone());
    Expr::Fold(FoldOp::And, all)
}
