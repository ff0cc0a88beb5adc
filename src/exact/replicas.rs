//! Interchangeable replicas: parts of a net that are alike in all that they do, each in one of a few local states.
//!
//! A replica is a set of places that hold one token together, which its timed transitions move from place to place.
//! Replicas are interchangeable when each has the same transitions, but for its own places, and when everything that
//! reads their places reads the sum over all of them. Then only the number in each local state matters. All of this is
//! checked on the flat net; the likeness of places that is used to find candidates proves nothing by itself.

use super::refusal::Refusal;
use super::{Stop, go_on};
use crate::net::expr::{ArgumentExpr, Expr, LawExpr};
use crate::net::{Arc, Average, Formula, Net, PlaceId, Servers, Timing, Transition};
use crate::syntax::ast::{MemoryPolicy, Scope};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Rounds in which places and transitions learn from their neighbours.
const ROUNDS: usize = 4;

/// Interchangeable replicas.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    /// Places of each replica; those of one local state stand at the same position.
    pub replicas: Vec<Vec<PlaceId>>,
}

/// Where a place belongs: family, replica, local state.
pub(super) type Owners = BTreeMap<PlaceId, (usize, usize, usize)>;

/// The families of a net; none where nothing is interchangeable. What this takes is small beside a solution, so `stop`
/// is asked without being told of steps.
///
/// # Errors
/// [`Refusal::Interrupted`].
pub(super) fn families(net: &Net, stop: Stop) -> Result<Vec<Family>, Refusal> {
    let likeness = likeness(net, stop)?;
    let mut sizes = BTreeMap::<u64, usize>::new();
    likeness.iter().for_each(|class| *sizes.entry(*class).or_default() += 1);
    let mut thresholds: Vec<usize> = sizes.values().copied().filter(|size| *size > 1).collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    // The most numerous first: what fewer places are alike is what they share.
    for &least in thresholds.iter().rev() {
        let local = |place: PlaceId| sizes[&likeness[place.0 as usize]] >= least;
        let mut found = candidates(net, &likeness, &local);
        loop {
            let owners = owners(&found);
            let mut proven: Vec<Family> = Vec::new();
            for (f, family) in found.iter().enumerate() {
                go_on(stop, 0)?;
                if is_proven(net, f, family, &owners) {
                    proven.push(family.clone());
                }
            }
            if proven.len() == found.len() {
                break;
            }
            // Families were proven beside each other, so those that are left are proven again without the others.
            found = proven;
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

pub(super) fn owners(families: &[Family]) -> Owners {
    let mut owners = Owners::new();
    for (f, family) in families.iter().enumerate() {
        for (r, places) in family.replicas.iter().enumerate() {
            places.iter().enumerate().for_each(|(state, &place)| {
                owners.insert(place, (f, r, state));
            });
        }
    }
    owners
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// All arcs of a transition, each with the number of its kind.
fn arcs(transition: &Transition) -> impl Iterator<Item = (u8, Arc)> + '_ {
    let kinds = [&transition.inputs, &transition.outputs, &transition.tests, &transition.inhibitors];
    let arcs = kinds.into_iter().enumerate().flat_map(|(kind, list)| list.iter().map(move |&arc| (kind as u8, arc)));
    arcs.chain(transition.flushes.iter().map(|&place| (4, Arc { place, weight: 0 })))
}

/// What transitions do alike, in words; places aside.
fn timing(transition: &Transition) -> String {
    format!("{:?} {:?} {:?}", transition.timing, transition.guard, transition.role)
}

/// Places with the same number have like neighbours.
fn likeness(net: &Net, stop: Stop) -> Result<Vec<u64>, Refusal> {
    let timings: Vec<u64> = net.transitions.iter().map(|transition| hash(&timing(transition))).collect();
    let mut likeness: Vec<u64> = net.places.iter().map(|place| hash(&place.capacity.map(|c| c.limit))).collect();
    for _ in 0..ROUNDS {
        go_on(stop, 0)?;
        let mut seen: Vec<Vec<u64>> = likeness.iter().map(|&own| vec![own]).collect();
        for (transition, timing) in net.transitions.iter().zip(&timings) {
            let mut around: Vec<(u8, u32, u64)> =
                arcs(transition).map(|(kind, arc)| (kind, arc.weight, likeness[arc.place.0 as usize])).collect();
            around.sort_unstable();
            let whole = hash(&(timing, &around));
            arcs(transition).for_each(|(kind, arc)| seen[arc.place.0 as usize].push(hash(&(kind, arc.weight, whole))));
        }
        for (own, mut seen) in likeness.iter_mut().zip(seen) {
            seen[1..].sort_unstable();
            *own = hash(&seen);
        }
    }
    Ok(likeness)
}

/// Connected local places are a replica; those with like places, each once, a family.
fn candidates(net: &Net, likeness: &[u64], local: &dyn Fn(PlaceId) -> bool) -> Vec<Family> {
    let mut part: Vec<usize> = (0..net.places.len()).collect();
    fn root(part: &mut [usize], mut node: usize) -> usize {
        while part[node] != node {
            part[node] = part[part[node]];
            node = part[node];
        }
        node
    }
    for transition in &net.transitions {
        let mut places = arcs(transition).map(|(_, arc)| arc.place).filter(|&place| local(place));
        let Some(first) = places.next() else { continue };
        for other in places {
            let (a, b) = (root(&mut part, first.0 as usize), root(&mut part, other.0 as usize));
            part[a.max(b)] = a.min(b);
        }
    }
    let mut replicas = BTreeMap::<usize, Vec<PlaceId>>::new();
    for place in (0..net.places.len() as u32).map(PlaceId).filter(|&place| local(place)) {
        replicas.entry(root(&mut part, place.0 as usize)).or_default().push(place);
    }
    let mut families = BTreeMap::<Vec<u64>, Vec<Vec<PlaceId>>>::new();
    for mut places in replicas.into_values() {
        places.sort_by_key(|place| likeness[place.0 as usize]);
        let classes: Vec<u64> = places.iter().map(|place| likeness[place.0 as usize]).collect();
        if classes.windows(2).all(|pair| pair[0] != pair[1]) {
            families.entry(classes).or_default().push(places);
        }
    }
    families.into_values().filter(|replicas| replicas.len() > 1).map(|replicas| Family { replicas }).collect()
}

/// Whether a family is interchangeable, the others being what they are taken for.
fn is_proven(net: &Net, f: usize, family: &Family, owners: &Owners) -> bool {
    let holds_one = |places: &Vec<PlaceId>| {
        let place = |p: &PlaceId| &net.places[p.0 as usize];
        let room = places.iter().all(|p| place(p).capacity.is_none_or(|capacity| capacity.limit >= 1));
        room && places.iter().map(|p| u64::from(place(p).initial)).sum::<u64>() == 1
    };
    if !family.replicas.iter().all(holds_one) || !is_read_in_sums(net, f, family, owners) {
        return false;
    }
    let mut of_replica: Vec<Vec<String>> = vec![Vec::new(); family.replicas.len()];
    for (index, transition) in net.transitions.iter().enumerate() {
        let own: Vec<usize> = arcs(transition)
            .filter_map(|(_, arc)| owners.get(&arc.place).filter(|owner| owner.0 == f).map(|owner| owner.1))
            .collect();
        let Some(&replica) = own.first() else { continue };
        let alone = own.iter().all(|&other| other == replica);
        let others = arcs(transition).any(|(_, arc)| owners.get(&arc.place).is_some_and(|owner| owner.0 != f));
        if !alone || others || !moves_one(transition, owners) {
            return false;
        }
        of_replica[replica].push(description(net, index, owners));
    }
    of_replica.iter_mut().for_each(|list| list.sort_unstable());
    !of_replica[0].is_empty() && of_replica.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether a transition is exponential and moves the one token of a replica, or looks at it and leaves it.
fn moves_one(transition: &Transition, owners: &Owners) -> bool {
    let Timing::Timed(timed) = &transition.timing else { return false };
    let count = |list: &[Arc]| {
        let own = list.iter().filter(|arc| owners.contains_key(&arc.place));
        own.map(|arc| if arc.weight == 1 { 1 } else { 100 }).sum::<u32>()
    };
    let (takes, puts) = (count(&transition.inputs), count(&transition.outputs));
    let (tests, others) = (count(&transition.tests), count(&transition.inhibitors));
    let flushes = transition.flushes.iter().any(|place| owners.contains_key(place));
    let looks = (takes, puts, tests) == (0, 0, 1) && timed.servers == Servers::Count(1);
    let moves = (takes, puts, tests) == (1, 1, 0);
    let plain = timed.scope == Scope::Binding && timed.memory != MemoryPolicy::Identical;
    (looks || moves) && others == 0 && !flushes && plain && timed.law.form.name == "Exponential"
}

/// All that a transition is, with local states in place of the places of its replica.
fn description(net: &Net, index: usize, owners: &Owners) -> String {
    let transition = &net.transitions[index];
    let mut around: Vec<(u8, u32, Option<usize>, u32)> = arcs(transition)
        .map(|(kind, arc)| match owners.get(&arc.place) {
            Some(&(_, _, state)) => (kind, arc.weight, Some(state), 0),
            None => (kind, arc.weight, None, arc.place.0),
        })
        .collect();
    around.sort_unstable();
    let mut counted = Vec::new();
    averages(net, &mut |number, average| {
        if let Average::Rate(list) | Average::Impulse(list, _) = average
            && list.iter().any(|t| t.0 as usize == index)
        {
            counted.push(number);
        }
    });
    format!("{around:?} {} {counted:?}", timing(transition))
}

/// Calls `visit` with every average of the measures and its number.
fn averages(net: &Net, visit: &mut dyn FnMut(usize, &Average)) {
    fn of(formula: &Formula, number: &mut usize, visit: &mut dyn FnMut(usize, &Average)) {
        match formula {
            Formula::Constant(_) => {}
            Formula::Average(average) => {
                visit(*number, average);
                *number += 1;
            }
            Formula::Negate(x) => of(x, number, visit),
            Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
                of(x, number, visit);
                of(y, number, visit);
            }
        }
    }
    let mut number = 0;
    net.measures.iter().for_each(|measure| of(&measure.formula, &mut number, visit));
}

/// Whether whatever reads a local state reads the sum over all replicas.
fn is_read_in_sums(net: &Net, f: usize, family: &Family, owners: &Owners) -> bool {
    let mut whole = true;
    let mut check = |places: &[PlaceId]| {
        let mut counts = BTreeMap::<usize, Vec<PlaceId>>::new();
        for &place in places {
            if let Some(&(_, _, state)) = owners.get(&place).filter(|owner| owner.0 == f) {
                counts.entry(state).or_default().push(place);
            }
        }
        for mut list in counts.into_values() {
            list.sort_unstable();
            list.dedup();
            whole &= list.len() == family.replicas.len();
        }
    };
    expressions(net, &mut |expr| sums(expr, &mut check));
    whole
}

/// Calls `visit` with every expression of a net.
fn expressions(net: &Net, visit: &mut dyn FnMut(&Expr)) {
    for transition in &net.transitions {
        transition.guard.iter().for_each(&mut *visit);
        match &transition.timing {
            Timing::Immediate { weight, .. } => visit(weight),
            Timing::Timed(timed) => {
                timed.speed.iter().for_each(&mut *visit);
                parameters(&timed.law, visit);
            }
        }
    }
    net.up.iter().for_each(|condition| visit(&condition.expr));
    averages(net, &mut |_, average| {
        if let Average::Reward(expr) | Average::Impulse(_, expr) = average {
            visit(expr);
        }
    });
}

fn parameters(law: &LawExpr, visit: &mut dyn FnMut(&Expr)) {
    for argument in &law.arguments {
        match argument {
            ArgumentExpr::Scalar(expr) => visit(expr),
            ArgumentExpr::List(list) => list.iter().for_each(&mut *visit),
            ArgumentExpr::Law(law) => parameters(law, visit),
            ArgumentExpr::Laws(laws) => laws.iter().for_each(|law| parameters(law, visit)),
        }
    }
}

fn sums(expr: &Expr, visit: &mut dyn FnMut(&[PlaceId])) {
    match expr {
        Expr::Constant(_) => {}
        Expr::Tokens(places) => visit(places),
        Expr::Negate(x) | Expr::Not(x) | Expr::Apply(_, x) => sums(x, visit),
        Expr::Binary(_, x, y) => [x, y].into_iter().for_each(|e| sums(e, visit)),
        Expr::Fold(_, parts) => parts.iter().for_each(|e| sums(e, visit)),
        Expr::If(c, x, y) => [c, x, y].into_iter().for_each(|e| sums(e, visit)),
    }
}
