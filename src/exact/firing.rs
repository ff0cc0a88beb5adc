//! What a firing does to a marking, and which candidates an immediate choice has (S3–S5).

use super::refusal::Refusal;
use super::triggers::Triggers;
use crate::net::{FamilyId, TransitionId};
use crate::program::{Code, ConflictSet, Firing, Program};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Sees what fires, and writes what it remembers into places of its own.
pub(super) trait Witness: Debug {
    /// A transition has fired, and made this marking.
    fn fired(&self, transition: TransitionId, marking: &mut [u32]);

    /// Time passes in this marking.
    fn settled(&self, marking: &mut [u32]) -> Result<(), Refusal>;
}

/// A net's firings, and what is counted at them.
#[derive(Debug)]
pub(super) struct Firings<'p> {
    pub program: &'p Program,
    /// The sums that count firings or add impulses, in ascending order.
    pub counted: Vec<usize>,
    /// Columns (positions in `counted`) of the rates that count each transition.
    rates: Vec<Vec<u32>>,
    /// Of the immediates.
    triggers: Triggers,
    /// Which sets of immediates are looked at.
    looked_at: Vec<bool>,
    witness: Option<&'p dyn Witness>,
}

impl<'p> Firings<'p> {
    pub fn new(program: &'p Program) -> Firings<'p> {
        let impulses = program.extras.iter().flat_map(|extra| extra.impulses.iter().map(|(sum, _)| *sum));
        let mut counted: Vec<usize> = program.rates.iter().map(|(sum, _)| *sum).chain(impulses).collect();
        counted.sort_unstable();
        counted.dedup();
        let mut rates = vec![Vec::new(); program.transitions()];
        for (sum, transitions) in &program.rates {
            let column = counted.partition_point(|other| other < sum) as u32;
            transitions.iter().for_each(|t| rates[t.0 as usize].push(column));
        }
        let triggers = Triggers::new(program, program.immediates.iter().map(|immediate| &immediate.enabling));
        Firings { program, counted, rates, triggers, looked_at: vec![true; program.sets.len()], witness: None }
    }

    /// The same before a witness.
    pub fn seen_by(self, witness: Option<&'p dyn Witness>) -> Firings<'p> {
        Firings { witness, ..self }
    }

    /// Nothing more fires at this instant.
    pub fn settle(&self, marking: &mut [u32]) -> Result<(), Refusal> {
        self.witness.map_or(Ok(()), |witness| witness.settled(marking))
    }

    /// Leaves out all sets of immediates but those of these transitions.
    pub fn retain(&mut self, keep: &dyn Fn(TransitionId) -> bool) {
        let program = self.program;
        let keeps = |&member: &u32| keep(program.immediates[member as usize].transition);
        let sets = program.sets.iter();
        self.looked_at = sets.map(|set| set.members.iter().any(keeps)).collect();
    }

    /// Calls `add` with the column and amount of everything that a firing in this marking counts for (S14).
    pub fn count(
        &self,
        transition: TransitionId,
        marking: &[u32],
        add: &mut impl FnMut(u32, f64),
    ) -> Result<(), Refusal> {
        self.rates[transition.0 as usize].iter().for_each(|&column| add(column, 1.0));
        let extra = self.program.firing(transition).extra;
        if extra == Firing::PLAIN {
            return Ok(());
        }
        for (sum, amount) in &self.program.extras[extra as usize].impulses {
            let amount = amount.evaluate(marking);
            if !amount.is_finite() {
                let who = self.program.transition(transition).to_string();
                return Err(Refusal::BadValue { who, message: format!("an impulse is {amount}") });
            }
            add(self.counted.partition_point(|other| other < sum) as u32, amount);
        }
        Ok(())
    }

    /// Fires: flushed places are emptied, inputs taken, outputs put.
    pub fn fire(&self, transition: TransitionId, marking: &mut [u32]) -> Result<(), Refusal> {
        let program = self.program;
        let firing = program.firing(transition);
        if firing.extra != Firing::PLAIN {
            for (place, sums) in &program.extras[firing.extra as usize].flushes {
                let emptied = std::mem::take(&mut marking[*place as usize]);
                sums.iter().for_each(|&sum| marking[sum as usize] -= emptied);
            }
        }
        for &[place, change] in firing.effects(&program.tape) {
            let tokens = &mut marking[place as usize];
            *tokens = tokens.wrapping_add(change);
            let limit = program.limits[place as usize];
            if *tokens > limit {
                return Err(Refusal::Overrun {
                    transition: program.transition(transition).to_string(),
                    place: program.place_in_words(place),
                    limit,
                });
            }
        }
        self.witness.iter().for_each(|witness| witness.fired(transition, marking));
        Ok(())
    }

    /// The immediates of which one fires next with their probabilities; none in a tangible marking (S4, S5).
    pub fn choice(&self, marking: &[u32], into: &mut Vec<(TransitionId, f64)>) -> Result<(), Refusal> {
        into.clear();
        let program = self.program;
        let mut first = u32::MAX;
        self.triggers.of(marking, |i| {
            let immediate = &program.immediates[i as usize];
            let counts = immediate.set < first && self.looked_at[immediate.set as usize];
            if counts && program.enabled(&immediate.enabling, marking) {
                first = immediate.set;
            }
        });
        let Some(set) = program.sets.get(first as usize) else { return Ok(()) };
        let enabled = |&i: &u32| program.enabled(&program.immediates[i as usize].enabling, marking);
        let candidates: Vec<u32> = set.members.iter().copied().filter(enabled).collect();
        self.weigh(set, &candidates, marking, into)
    }

    fn weigh(
        &self,
        set: &ConflictSet,
        candidates: &[u32],
        marking: &[u32],
        into: &mut Vec<(TransitionId, f64)>,
    ) -> Result<(), Refusal> {
        let program = self.program;
        // Weight of each transition, and sum and number of the weights that its bindings share.
        let mut families = BTreeMap::<FamilyId, (f64, f64)>::new();
        let mut shared = Vec::with_capacity(candidates.len());
        for &candidate in candidates {
            let immediate = &program.immediates[candidate as usize];
            let weight = if set.even { 1.0 } else { self.weight(immediate.transition, &immediate.weight, marking)? };
            let family = immediate.shared.then(|| program.family(immediate.transition));
            if let Some(family) = family {
                let (sum, count) = families.entry(family).or_default();
                *sum += weight;
                *count += 1.0;
            }
            into.push((immediate.transition, weight));
            shared.push(family);
        }
        for ((_, weight), family) in into.iter_mut().zip(shared) {
            if let Some((sum, count)) = family.and_then(|family| families.get(&family)) {
                *weight = sum / count / count;
            }
        }
        let total: f64 = into.iter().map(|(_, weight)| weight).sum();
        into.iter_mut().for_each(|(_, weight)| *weight /= total);
        Ok(())
    }

    fn weight(&self, transition: TransitionId, weight: &Code, marking: &[u32]) -> Result<f64, Refusal> {
        let weight = weight.evaluate(marking);
        if weight > 0.0 && weight.is_finite() {
            return Ok(weight);
        }
        let who = self.program.transition(transition).to_string();
        Err(Refusal::BadValue { who, message: format!("its weight is {weight}, and must be positive and finite") })
    }
}
