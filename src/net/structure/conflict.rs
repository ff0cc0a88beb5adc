//! Extended conflict sets of the immediate transitions (S5).

use super::change::changes;
use crate::net::{Net, PlaceId, Timing, TransitionId};
use crate::syntax::ast::Overrun;
use std::collections::BTreeMap;

/// What the immediates of one priority do to one place, and what they want from it.
#[derive(Default)]
struct Contact {
    takers: Vec<usize>,
    putters: Vec<usize>,
    needers: Vec<usize>,
    inhibited: Vec<usize>,
    blocked: Vec<usize>,
    readers: Vec<usize>,
}

/// Sets of transitions that grow together.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    /// Joins all causes with all victims when there are both. A single transition that is its own only
    /// victim joins itself, which is nothing; in every other case the pairs of different ones connect them all.
    fn join(&mut self, causes: &[usize], victims: &[usize]) {
        let (Some(&first), false) = (causes.first(), victims.is_empty()) else {
            return;
        };
        for &member in causes.iter().chain(victims) {
            let (a, b) = (self.root(first), self.root(member));
            self.0[a.max(b)] = a.min(b);
        }
    }
}

/// The extended conflict sets of the immediates (S5), those of one transition included.
///
/// Sets stand in the order in which they are visited: highest priority first, then by their least stream
/// name; members in the order of their stream names. What counts is what a firing *changes*: a transition
/// that puts back as much as it takes disables nobody. The work is proportional to the number of arcs.
pub fn conflict_sets(net: &Net) -> Vec<Vec<TransitionId>> {
    let mut groups = Groups((0..net.transitions.len()).collect());
    for contact in contacts(net).values() {
        groups.join(&contact.takers, &contact.needers);
        groups.join(&contact.putters, &contact.inhibited);
        groups.join(&contact.putters, &contact.blocked);
        groups.join(&contact.takers, &contact.readers);
        groups.join(&contact.putters, &contact.readers);
    }
    let mut sets: BTreeMap<usize, Vec<TransitionId>> = BTreeMap::new();
    for (index, _) in immediates(net) {
        sets.entry(groups.root(index)).or_default().push(TransitionId(index as u32));
    }
    let stream = |t: TransitionId| net.transitions[t.0 as usize].stream.as_str();
    let mut sets: Vec<Vec<TransitionId>> = sets.into_values().collect();
    for set in &mut sets {
        set.sort_by_key(|&t| stream(t));
    }
    sets.sort_by_key(|set| (std::cmp::Reverse(priority(net, set[0])), stream(set[0])));
    sets
}

/// Indices and priorities of the immediates.
fn immediates(net: &Net) -> impl Iterator<Item = (usize, i32)> {
    net.transitions.iter().enumerate().filter_map(|(i, t)| match t.timing {
        Timing::Immediate { priority, .. } => Some((i, priority)),
        Timing::Timed(_) => None,
    })
}

fn priority(net: &Net, transition: TransitionId) -> i32 {
    match net.transitions[transition.0 as usize].timing {
        Timing::Immediate { priority, .. } => priority,
        Timing::Timed(_) => i32::MIN,
    }
}

/// Lists for every (priority, place) that an immediate touches.
fn contacts(net: &Net) -> BTreeMap<(i32, PlaceId), Contact> {
    let mut contacts: BTreeMap<(i32, PlaceId), Contact> = BTreeMap::new();
    for (index, priority) in immediates(net) {
        let transition = &net.transitions[index];
        for (place, change) in changes(transition) {
            if change.takes() {
                contacts.entry((priority, place)).or_default().takers.push(index);
            }
            if change.puts() {
                contacts.entry((priority, place)).or_default().putters.push(index);
            }
            let blocks = net.places[place.0 as usize].capacity.filter(|c| c.overrun == Overrun::Block);
            if blocks.is_some() && change.may_overfill() {
                contacts.entry((priority, place)).or_default().blocked.push(index);
            }
        }
        for arc in transition.inputs.iter().chain(&transition.tests) {
            contacts.entry((priority, arc.place)).or_default().needers.push(index);
        }
        for arc in &transition.inhibitors {
            contacts.entry((priority, arc.place)).or_default().inhibited.push(index);
        }
        if let Some(guard) = &transition.guard {
            guard.places(&mut |place| contacts.entry((priority, place)).or_default().readers.push(index));
        }
    }
    contacts
}
