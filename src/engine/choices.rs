//! Immediate transitions: which are enabled, and which fires next (S4, S5).

use super::fault::Problem;
use super::reuse::reusing_clone;
use crate::net::{FamilyId, TransitionId};
use crate::program::{Code, ConflictSet, Program};
use crate::rng::Stream;
use crate::syntax::ast::Role;
use std::collections::BTreeMap;

/// The enabled immediates, by conflict set.
#[derive(Debug)]
pub(super) struct Choices<'p> {
    program: &'p Program,
    enabled: Vec<bool>,
    /// Enabled members of each set, by rank.
    candidates: Vec<Vec<u32>>,
    /// Sets with a candidate, a bit each; sets stand in the order in which they are visited.
    ready: Vec<u64>,
    count: usize,
    streams: Vec<Stream>,
    confusion: Option<Confusion>,
    /// What failures together have at least of a choice between them and others; 0 leaves choices as they are.
    tilt: f64,
    /// ln of the chance of what was chosen over the chance that the tilted choice gave it.
    log_ratio: f64,
}

reusing_clone!(Choices<'p>, program, enabled, candidates, ready, count, streams, confusion, tilt, log_ratio);

/// Bookkeeping of the search for confusion (S6).
#[derive(Debug, Clone, Default)]
struct Confusion {
    chosen: u32,
    /// Candidates of every other ready set when the last choice was made.
    before: Vec<(u32, Vec<u32>)>,
    /// By pair of sets: a firing of one that changed the other.
    found: BTreeMap<(u32, u32), (TransitionId, TransitionId)>,
}

impl<'p> Choices<'p> {
    pub fn new(program: &'p Program, confusion: bool) -> Choices<'p> {
        Choices {
            program,
            enabled: vec![false; program.immediates.len()],
            candidates: program.sets.iter().map(|set| Vec::with_capacity(set.members.len())).collect(),
            ready: vec![0; program.sets.len().div_ceil(64)],
            count: 0,
            streams: Vec::with_capacity(program.sets.len()),
            confusion: confusion.then(Confusion::default),
            tilt: 0.0,
            log_ratio: 0.0,
        }
    }

    pub fn begin(&mut self, seed: u64, replication: u64, marking: &[u32]) {
        self.begin_tangible(seed, replication);
        for index in 0..self.program.immediates.len() as u32 {
            self.judge(index, marking);
        }
    }

    /// The same in a marking in which none is enabled.
    pub fn begin_tangible(&mut self, seed: u64, replication: u64) {
        self.reseed(seed, replication);
        (self.tilt, self.log_ratio) = (0.0, 0.0);
        self.enabled.fill(false);
        self.candidates.iter_mut().for_each(Vec::clear);
        self.ready.fill(0);
        self.count = 0;
    }

    /// All further choices draw from other streams.
    pub fn reseed(&mut self, seed: u64, replication: u64) {
        self.streams.clear();
        self.streams.extend(self.program.sets.iter().map(|set| set.stream.stream(seed, replication)));
    }

    /// From now on failures together have at least `share` of each choice between them and others, each failure the
    /// same; 0 leaves choices as they are.
    pub fn tilt(&mut self, share: f64) {
        self.tilt = share;
    }

    /// ln of the likelihood ratio of the choices since the last call.
    pub fn take_log_ratio(&mut self) -> f64 {
        std::mem::take(&mut self.log_ratio)
    }

    /// Whether the marking is vanishing.
    #[inline(always)]
    pub fn any(&self) -> bool {
        self.count > 0
    }

    /// Judges the immediates that a firing can change.
    #[inline(always)]
    pub fn update(&mut self, immediates: &[u32], marking: &[u32]) {
        for &immediate in immediates {
            self.judge(immediate, marking);
        }
    }

    /// Judges many: those that leave do so from the back, since each of their lists is in the same order.
    pub fn update_many(&mut self, immediates: &[u32], enabling: bool, marking: &[u32]) {
        if enabling {
            return self.update(immediates, marking);
        }
        for &immediate in immediates.iter().rev() {
            self.judge(immediate, marking);
        }
    }

    #[inline]
    fn judge(&mut self, index: u32, marking: &[u32]) {
        let immediate = &self.program.immediates[index as usize];
        let enabled = self.program.enabled(&immediate.enabling, marking);
        if enabled != self.enabled[index as usize] {
            self.enabled[index as usize] = enabled;
            self.enter_or_leave(immediate.set as usize, immediate.rank, enabled);
        }
    }

    fn enter_or_leave(&mut self, set: usize, rank: u32, enabled: bool) {
        let candidates = &mut self.candidates[set];
        match (candidates.binary_search(&rank), enabled) {
            (Err(position), true) => candidates.insert(position, rank),
            (Ok(position), false) => {
                candidates.remove(position);
            }
            _ => return,
        }
        match (enabled, candidates.len()) {
            (true, 1) => {
                self.ready[set / 64] |= 1 << (set % 64);
                self.count += 1;
            }
            (false, 0) => {
                self.ready[set / 64] &= !(1 << (set % 64));
                self.count -= 1;
            }
            _ => {}
        }
    }

    /// The immediate that fires next; there must be one (S5).
    pub fn choose(&mut self, marking: &[u32]) -> Result<TransitionId, Problem> {
        let word = self.ready.iter().position(|&word| word != 0).unwrap_or(0);
        let index = word * 64 + self.ready[word].trailing_zeros() as usize;
        let set = &self.program.sets[index];
        if self.confusion.is_some() {
            self.remember(index);
        }
        let candidates = &self.candidates[index];
        let rank = match candidates.len() {
            1 => {
                self.weight_of(set, candidates[0], marking)?;
                candidates[0]
            }
            n if set.even && self.tilt == 0.0 => {
                let u = self.streams[index].draw().uniform();
                candidates[((u * n as f64) as usize).min(n - 1)]
            }
            _ => {
                let weights = self.weights(set, candidates, marking)?;
                let u = self.streams[index].draw().uniform();
                let tilted = self.tilted(set, candidates, &weights);
                let chosen = pick(tilted.as_ref().unwrap_or(&weights), u);
                if let Some(tilted) = tilted {
                    let chance = |of: &[f64]| of[chosen] / of.iter().sum::<f64>();
                    self.log_ratio += libm::log(chance(&weights) / chance(&tilted));
                }
                candidates[chosen]
            }
        };
        Ok(self.program.immediates[set.members[rank as usize] as usize].transition)
    }

    fn weight_of(&self, set: &ConflictSet, rank: u32, marking: &[u32]) -> Result<f64, Problem> {
        let immediate = &self.program.immediates[set.members[rank as usize] as usize];
        if let Code::Constant(weight) = immediate.weight {
            return Ok(weight);
        }
        let weight = immediate.weight.evaluate(marking);
        if weight > 0.0 && weight.is_finite() {
            return Ok(weight);
        }
        let message = format!("its weight is {weight}, and must be positive and finite");
        Err(Problem::bad_value(immediate.transition, message))
    }

    /// Weights of the candidates; the bindings of a family that shares one divide its mean by their number.
    fn weights(&self, set: &ConflictSet, candidates: &[u32], marking: &[u32]) -> Result<Vec<f64>, Problem> {
        let mut weights: Vec<f64> =
            candidates.iter().map(|&rank| self.weight_of(set, rank, marking)).collect::<Result<_, _>>()?;
        let shared_by = |rank: u32| {
            let immediate = &self.program.immediates[set.members[rank as usize] as usize];
            immediate.shared.then(|| self.program.families[immediate.transition.0 as usize])
        };
        let mut families = BTreeMap::<FamilyId, (f64, f64)>::new();
        for (&rank, weight) in candidates.iter().zip(&weights) {
            if let Some(family) = shared_by(rank) {
                let (sum, count) = families.entry(family).or_default();
                *sum += weight;
                *count += 1.0;
            }
        }
        for (&rank, weight) in candidates.iter().zip(&mut weights) {
            if let Some((sum, count)) = shared_by(rank).and_then(|family| families.get(&family)) {
                *weight = sum / count / count;
            }
        }
        Ok(weights)
    }

    /// The weights of a choice in which failures have their share, where they have less.
    fn tilted(&self, set: &ConflictSet, candidates: &[u32], weights: &[f64]) -> Option<Vec<f64>> {
        if self.tilt == 0.0 {
            return None;
        }
        let fails = |rank: u32| {
            let immediate = &self.program.immediates[set.members[rank as usize] as usize];
            self.program.role(immediate.transition) == Some(Role::Failure)
        };
        let failures: Vec<bool> = candidates.iter().map(|&rank| fails(rank)).collect();
        let sum = |of: bool| failures.iter().zip(weights).filter(|(f, _)| **f == of).map(|(_, w)| w).sum::<f64>();
        let (failing, other) = (sum(true), sum(false));
        if !(failing > 0.0 && other > 0.0 && failing < self.tilt * (failing + other)) {
            return None;
        }
        let each = self.tilt / failures.iter().filter(|f| **f).count() as f64;
        let weight = |(&failure, &weight): (&bool, &f64)| match failure {
            true => each,
            false => weight / other * (1.0 - self.tilt),
        };
        Some(failures.iter().zip(weights).map(weight).collect())
    }

    /// Notes what every other ready set could do before the chosen set fires.
    #[cold]
    fn remember(&mut self, chosen: usize) {
        let priority = self.program.sets[chosen].priority;
        let sets = self.program.sets.iter().zip(&self.candidates).enumerate();
        let others =
            sets.filter(|(i, (set, candidates))| *i != chosen && set.priority == priority && !candidates.is_empty());
        let before = others.map(|(i, (_, candidates))| (i as u32, candidates.clone())).collect();
        if let Some(confusion) = &mut self.confusion {
            (confusion.chosen, confusion.before) = (chosen as u32, before);
        }
    }

    /// Reports the sets whose candidates the firing of another set has changed (S6).
    #[inline(always)]
    pub fn compare(&mut self, fired: TransitionId) {
        let Some(confusion) = &mut self.confusion else { return };
        for (set, candidates) in confusion.before.drain(..) {
            if self.candidates[set as usize] != candidates {
                let member = self.program.sets[set as usize].members[candidates[0] as usize];
                let pair = (set.min(confusion.chosen), set.max(confusion.chosen));
                let example = (fired, self.program.immediates[member as usize].transition);
                confusion.found.entry(pair).or_insert(example);
            }
        }
    }

    pub fn confusion(&self) -> Vec<(TransitionId, TransitionId)> {
        self.confusion.iter().flat_map(|c| c.found.values().copied()).collect()
    }
}

/// The first index whose cumulated weight exceeds `u` times the total.
fn pick(weights: &[f64], u: f64) -> usize {
    let target = u * weights.iter().sum::<f64>();
    let mut cumulated = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        cumulated += weight;
        if target < cumulated {
            return index;
        }
    }
    weights.len() - 1
}
