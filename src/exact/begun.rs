//! How often the outages of a condition are begun by each cause (S22), where it is over independent parts that can only
//! be solved apart.
//!
//! A part that fails finds the others as they are at any time, so that the outages that it begins are its own changes,
//! each times the probability that the others let it matter. How long such an outage lasts depends on how old the
//! others' clocks are then, which isn't known.

use super::account::{Origin, refused};
use super::firing::Witness;
use super::independent::{MOST_COMBINATIONS, Readers, never_mix, parts};
use super::regenerative::{Renewal, renewal};
use super::{Limits, Refusal, Stop};
use crate::net::question::Questions;
use crate::net::{Net, Place, Timing, TransitionId};
use crate::program::{Program, compile};
use std::collections::BTreeMap;

/// Outages of the condition `up` by cause, per second, with the origin of each transition and so many causes.
///
/// # Errors
/// See [`Refusal`].
pub fn begun(
    net: &Net,
    up: usize,
    (origins, causes): (&[Origin], usize),
    limits: &Limits,
    stop: Stop,
) -> Result<Vec<f64>, Refusal> {
    let mut whole = Net {
        up: vec![net.up[up].clone()],
        phases: Vec::new(),
        measures: Vec::new(),
        questions: Questions::default(),
        ..net.clone()
    };
    let mut parts = parts(&whole);
    let name = "account of outages: cause".to_string();
    whole.places.push(Place { name, initial: 0, capacity: None, span: net.up[up].span });
    parts.of_place.push(usize::MAX);
    let program = compile(&whole).map_err(|error| refused(error.to_string()))?;
    let is_timed = |index: usize| matches!(net.transitions[index].timing, Timing::Timed(_));
    let instants = Instants {
        origins: origins.iter().enumerate().map(|(index, &origin)| (origin, is_timed(index))).collect(),
        causes: causes as u32,
        place: net.places.len(),
    };
    let (mut sides, mut mixing) = (Vec::new(), Vec::new());
    for part in (Readers { program: &program, of_place: &parts.of_place }).of(&program.rewards[0]) {
        let within = |transition: TransitionId| parts.of_transition[transition.0 as usize] == part;
        let run = renewal((&whole, &program), Some(&instants), limits, &within, &[], stop)?;
        mixing.push((part, run.mixes));
        let places = (0..net.places.len()).filter(|&place| parts.of_place[place] == part).collect();
        sides.push(Side::new(&program, &run, places, instants.place));
    }
    never_mix(net, &parts, mixing.into_iter())?;
    flux(&program, &sides, causes)
}

/// Remembers in a place which cause an outage would have that began at the last instant.
#[derive(Debug)]
struct Instants {
    /// Of each transition, and whether it is timed.
    origins: Vec<(Origin, bool)>,
    /// Failures are told from what only fired by this.
    causes: u32,
    place: usize,
}

impl Witness for Instants {
    fn fired(&self, transition: TransitionId, marking: &mut [u32]) {
        let (origin, is_timed) = self.origins[transition.0 as usize];
        let cause = &mut marking[self.place];
        if is_timed {
            *cause = 0;
        }
        match origin {
            Origin::Otherwise(own) if is_timed => *cause = own,
            Origin::Failure(own) if *cause < self.causes => *cause = own + self.causes,
            _ => {}
        }
    }

    fn settled(&self, marking: &mut [u32]) -> Result<(), Refusal> {
        marking[self.place] %= self.causes;
        Ok(())
    }
}

/// A part by its markings.
struct Side {
    places: Vec<usize>,
    markings: Vec<Vec<u32>>,
    /// Share of time of each.
    shares: Vec<f64>,
    /// Changes per second: from, to, cause.
    changes: Vec<(usize, usize, usize, f64)>,
}

impl Side {
    /// The long run of a part whose markings hold causes too.
    fn new(program: &Program, run: &Renewal, places: Vec<usize>, cause: usize) -> Side {
        let mut numbers: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let mut side = Side { places, markings: Vec::new(), shares: Vec::new(), changes: Vec::new() };
        let mut marking = program.initial.clone();
        let mut states = Vec::with_capacity(run.probabilities.len());
        for (state, share) in run.probabilities.iter().enumerate() {
            run.markings.get(program, state as u32, &mut marking);
            let own: Vec<u32> = side.places.iter().map(|&place| marking[place]).collect();
            let number = *numbers.entry(own).or_insert_with_key(|own| {
                side.markings.push(own.clone());
                side.shares.push(0.0);
                side.markings.len() - 1
            });
            side.shares[number] += share;
            states.push((number, marking[cause] as usize));
        }
        for &(from, to, rate) in &run.jumps {
            let ((from, _), (to, cause)) = (states[from as usize], states[to as usize]);
            if from != to {
                side.changes.push((from, to, cause, rate));
            }
        }
        side
    }
}

/// Changes from up to down by cause, over all combinations of the parts' markings.
fn flux(program: &Program, sides: &[Side], causes: usize) -> Result<Vec<f64>, Refusal> {
    let sizes: Vec<usize> = sides.iter().map(|side| side.shares.len()).collect();
    let total = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let total = total.filter(|total| *total <= MOST_COMBINATIONS);
    let total = total.ok_or(Refusal::TooManyStates { limit: MOST_COMBINATIONS })?;
    let (mut holds, mut chances) = (Vec::with_capacity(total), Vec::with_capacity(total));
    let mut marking = program.initial.clone();
    for number in 0..total {
        let (mut rest, mut p) = (number, 1.0);
        for side in sides {
            let (index, size) = (rest % side.shares.len(), side.shares.len());
            side.places.iter().zip(&side.markings[index]).for_each(|(&place, &tokens)| marking[place] = tokens);
            (rest, p) = (rest / size, p * side.shares[index]);
        }
        for (sum, places) in program.derived.iter().enumerate() {
            marking[program.places() + sum] = places.iter().map(|&place| marking[place as usize]).sum();
        }
        holds.push(program.rewards[0].holds(&marking));
        chances.push(p);
    }
    let mut outages = vec![0.0; causes];
    let mut stride = 1;
    for side in sides {
        let size = side.shares.len();
        for &(from, to, cause, rate) in side.changes.iter().filter(|change| change.3 > 0.0) {
            // All combinations of the others' markings with this change.
            for other in (0..total).step_by(stride * size).flat_map(|high| high..high + stride) {
                if holds[other + from * stride] && !holds[other + to * stride] {
                    outages[cause] += chances[other + from * stride] / side.shares[from] * rate;
                }
            }
        }
        stride *= size;
    }
    Ok(outages)
}
