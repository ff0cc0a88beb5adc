//! From a marking through its immediates to the tangible markings, with their probabilities (S4–S6).
//!
//! Markings in which one immediate is sure to fire are passed at once. Where there is a choice, all vanishing markings
//! that can follow form a small graph; its strongly connected components are solved one after another, each by
//! elimination without subtractions, so that rare ways out of a cycle keep their relative accuracy.

use super::components::components;
use super::firing::Firings;
use super::refusal::Refusal;
use super::{FIRING, Stop, go_on};
use crate::net::TransitionId;
use std::collections::HashMap;

/// Immediates in a row without a choice before the graph is built, which notices cycles.
const STRAIGHT: usize = 1_000;

/// Vanishing markings whose outcome is remembered, and entries of these outcomes.
const REMEMBERED: usize = 1 << 16;
const ENTRIES: usize = 1 << 22;

/// Most vanishing markings that lead to each other: their full matrix takes 50 megabytes, and seconds.
const CIRCULAR: usize = 2_500;

/// Vanishing markings between two questions whether to go on.
const UNASKED: usize = 1 << 10;

/// Where a firing leads.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Tangible markings with their probabilities.
    pub tangible: Vec<(u32, f64)>,
    /// Columns with what is counted on the way, in the mean.
    pub counts: Vec<(u32, f64)>,
}

/// Works out where firings lead.
pub(super) struct Vanishing<'f, 'p> {
    firings: &'f Firings<'p>,
    /// Is asked whether to go on, and not told of steps: whoever has the firings made tells them.
    stop: Stop<'f>,
    /// Most vanishing markings that may follow one firing.
    most: usize,
    known: HashMap<Box<[u32]>, Outcome>,
    /// Entries of what is known.
    entries: usize,
    candidates: Vec<(TransitionId, f64)>,
    /// Whether there was any vanishing marking.
    pub seen: bool,
    /// Steps that were taken, for those who ask whether to go on.
    pub steps: u64,
}

/// A vanishing marking of the graph.
#[derive(Debug, Default)]
struct Node {
    /// Vanishing successors with probabilities.
    next: Vec<(u32, f64)>,
    tangible: Vec<(u32, f64)>,
    counts: Vec<(u32, f64)>,
    transitions: Vec<TransitionId>,
}

impl<'f, 'p> Vanishing<'f, 'p> {
    pub fn new(firings: &'f Firings<'p>, most: usize, stop: Stop<'f>) -> Self {
        let known = HashMap::new();
        Vanishing { firings, stop, most, known, entries: 0, candidates: Vec::new(), seen: false, steps: 0 }
    }

    /// Writes where `marking` leads (it is used up); `intern` numbers tangible markings.
    pub fn resolve(
        &mut self,
        marking: &mut [u32],
        intern: &mut impl FnMut(&[u32]) -> Result<u32, Refusal>,
        into: &mut Outcome,
    ) -> Result<(), Refusal> {
        into.tangible.clear();
        into.counts.clear();
        let mut candidates = std::mem::take(&mut self.candidates);
        let followed = self.follow(marking, &mut candidates, intern, into);
        self.candidates = candidates;
        followed
    }

    fn follow(
        &mut self,
        marking: &mut [u32],
        candidates: &mut Vec<(TransitionId, f64)>,
        intern: &mut impl FnMut(&[u32]) -> Result<u32, Refusal>,
        into: &mut Outcome,
    ) -> Result<(), Refusal> {
        for step in 0..=STRAIGHT {
            self.firings.choice(marking, candidates)?;
            self.steps += FIRING;
            match candidates.as_slice() {
                [] => {
                    self.firings.settle(marking)?;
                    into.tangible.push((intern(marking)?, 1.0));
                    return Ok(());
                }
                &[(only, _)] if step < STRAIGHT => {
                    self.seen = true;
                    self.firings.count(only, marking, &mut |column, amount| into.counts.push((column, amount)))?;
                    self.firings.fire(only, marking)?;
                }
                _ => break,
            }
        }
        self.seen = true;
        if !self.known.contains_key(&*marking) {
            let outcome = self.branch(marking, candidates, intern)?;
            let entries = marking.len() + outcome.tangible.len() + outcome.counts.len();
            if self.known.len() >= REMEMBERED || self.entries + entries > ENTRIES {
                self.known.clear();
                self.entries = 0;
            }
            self.entries += entries;
            self.known.insert(marking.into(), outcome);
        }
        if let Some(known) = self.known.get(&*marking) {
            into.tangible.extend_from_slice(&known.tangible);
            into.counts.extend_from_slice(&known.counts);
        }
        Ok(())
    }

    /// Solves the graph of vanishing markings behind `start`.
    fn branch(
        &mut self,
        start: &[u32],
        candidates: &mut Vec<(TransitionId, f64)>,
        intern: &mut impl FnMut(&[u32]) -> Result<u32, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let nodes = self.graph(start, candidates, intern)?;
        self.steps += nodes.iter().map(|node| 3 * FIRING * (1 + node.transitions.len() as u64)).sum::<u64>();
        let visits = self.visits(&nodes)?;
        let mut outcome = Outcome::default();
        for (node, visits) in nodes.iter().zip(visits) {
            outcome.tangible.extend(node.tangible.iter().map(|&(state, p)| (state, visits * p)));
            outcome.counts.extend(node.counts.iter().map(|&(column, amount)| (column, visits * amount)));
        }
        merge(&mut outcome.tangible);
        merge(&mut outcome.counts);
        Ok(outcome)
    }

    /// All vanishing markings that can follow, the start first.
    fn graph(
        &self,
        start: &[u32],
        candidates: &mut Vec<(TransitionId, f64)>,
        intern: &mut impl FnMut(&[u32]) -> Result<u32, Refusal>,
    ) -> Result<Vec<Node>, Refusal> {
        let mut numbers: HashMap<Vec<u32>, u32> = HashMap::from([(start.to_vec(), 0)]);
        let mut markings = vec![start.to_vec()];
        let mut nodes: Vec<Node> = Vec::new();
        let mut ahead = Vec::new();
        while nodes.len() < markings.len() {
            let marking = markings[nodes.len()].clone();
            let mut node = Node::default();
            self.firings.choice(&marking, candidates)?;
            for &(transition, p) in candidates.iter() {
                node.transitions.push(transition);
                let counts = &mut node.counts;
                self.firings.count(transition, &marking, &mut |column, amount| counts.push((column, p * amount)))?;
                let mut after = marking.clone();
                self.firings.fire(transition, &mut after)?;
                self.firings.choice(&after, &mut ahead)?;
                if ahead.is_empty() {
                    self.firings.settle(&mut after)?;
                    node.tangible.push((intern(&after)?, p));
                    continue;
                }
                let next = numbers.len() as u32;
                let number = *numbers.entry(after).or_insert_with_key(|after| {
                    markings.push(after.clone());
                    next
                });
                node.next.push((number, p));
            }
            merge(&mut node.next);
            nodes.push(node);
            if nodes.len().is_multiple_of(UNASKED) {
                go_on(self.stop, 0)?;
            }
            if markings.len() > self.most {
                let transitions = self.names(nodes.iter());
                return Err(Refusal::TooManyVanishing { limit: self.most, transitions });
            }
        }
        Ok(nodes)
    }

    /// Mean number of visits to each node, from the first one.
    fn visits(&mut self, nodes: &[Node]) -> Result<Vec<f64>, Refusal> {
        let next = |node: usize| nodes[node].next.iter().map(|&(to, _)| to as usize);
        let mut visits = vec![0.0; nodes.len()];
        visits[0] = 1.0;
        // Successors come first in the list, so it is followed backwards.
        for part in components(nodes.len(), &[0], |node, visit| next(node).for_each(visit)).iter().rev() {
            let first = part[0] as usize;
            if part.len() > CIRCULAR {
                let transitions = self.names(part.iter().map(|&node| &nodes[node as usize]));
                return Err(Refusal::TooManyVanishing { limit: CIRCULAR, transitions });
            }
            if part.len() > 1 || next(first).any(|to| to == first) {
                self.steps += (part.len() as u64).pow(3) / 3;
                self.cycle(nodes, part, &mut visits)?;
            }
            for &node in part {
                for &(to, p) in nodes[node as usize].next.iter().filter(|(to, _)| part.binary_search(to).is_err()) {
                    visits[to as usize] += visits[node as usize] * p;
                }
            }
        }
        Ok(visits)
    }

    /// Turns the inflow to the nodes of one component into visits: v = b + v P, by eliminating node after node.
    fn cycle(&self, nodes: &[Node], part: &[u32], visits: &mut [f64]) -> Result<(), Refusal> {
        let n = part.len();
        let mut within = vec![vec![0.0; n]; n];
        let mut exit = vec![0.0; n];
        for (i, &node) in part.iter().enumerate() {
            let node = &nodes[node as usize];
            exit[i] = node.tangible.iter().map(|&(_, p)| p).sum();
            for &(to, p) in &node.next {
                match part.binary_search(&to) {
                    Ok(j) => within[i][j] += p,
                    Err(_) => exit[i] += p,
                }
            }
        }
        if exit.iter().all(|&p| p == 0.0) {
            return Err(Refusal::Trap { transitions: self.names(part.iter().map(|&node| &nodes[node as usize])) });
        }
        let mut inflow: Vec<f64> = part.iter().map(|&node| visits[node as usize]).collect();
        let mut leaving = vec![0.0; n];
        for k in (0..n).rev() {
            go_on(self.stop, 0)?;
            // What goes back to k itself only delays.
            leaving[k] = exit[k] + within[k][..k].iter().sum::<f64>();
            let (rest, row) = within.split_at_mut(k);
            for (i, other) in rest.iter_mut().enumerate() {
                let share = other[k] / leaving[k];
                if share > 0.0 {
                    exit[i] += share * exit[k];
                    other[..k].iter_mut().zip(&row[0][..k]).for_each(|(p, through)| *p += share * through);
                }
            }
            let passed = inflow[k] / leaving[k];
            inflow[..k].iter_mut().zip(&row[0][..k]).for_each(|(flow, p)| *flow += passed * p);
        }
        for k in 0..n {
            let flow = inflow[k] + (0..k).map(|i| visits[part[i] as usize] * within[i][k]).sum::<f64>();
            visits[part[k] as usize] = flow / leaving[k];
        }
        Ok(())
    }

    fn names<'n>(&self, nodes: impl Iterator<Item = &'n Node>) -> Vec<String> {
        let mut all: Vec<TransitionId> = nodes.flat_map(|node| node.transitions.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|t| self.firings.program.transition(t).to_string()).collect()
    }
}

/// Adds up entries of one index.
pub(super) fn merge(list: &mut Vec<(u32, f64)>) {
    list.sort_by_key(|&(index, _)| index);
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}
