//! A reference engine that is as naive as possible: every step looks at every transition again, in the order
//! of the rules of SEMANTICS.md, with plain vectors. It shares no code with the engine but the contract types,
//! the laws, the streams and the conflict sets (which have a test of their own against brute force).

#[allow(dead_code)]
pub mod builder;
mod clocks;
mod rewards;

use clocks::Clocks;
use fivenines::net::structure::conflict_sets;
use fivenines::net::{Net, PlaceId, Timing, Transition, TransitionId};
use fivenines::rng::{Stream, StreamKey};
use fivenines::syntax::ast::{Overrun, Scope, Ties};
use rewards::Rewards;

/// One firing: when, which, and the marking after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub time: f64,
    pub transition: TransitionId,
    pub marking: Vec<u32>,
}

/// Why a path ended early.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Overrun {
        place: PlaceId,
    },
    BadValue(String),
    /// The rules don't say what fires at about this time, since rounding decides it.
    Rounding {
        before: f64,
    },
    /// Too many firings without time passing: more than the given patience.
    Patience,
}

/// What a place without capacity holds at most (S3).
const MOST: u64 = 2_147_483_647;

pub struct Naive<'n> {
    pub net: &'n Net,
    pub now: f64,
    pub marking: Vec<u32>,
    pub trace: Vec<Entry>,
    pub rewards: Rewards,
    clocks: Clocks,
    sets: Vec<Vec<TransitionId>>,
    choices: Vec<Stream>,
    at_this_instant: u64,
    patience: u64,
}

/// S2: whether every arc, guard and capacity lets `t` fire in this marking.
pub fn enabled(net: &Net, t: &Transition, marking: &[u32]) -> bool {
    let tokens = |p: PlaceId| marking[p.0 as usize];
    t.inputs.iter().all(|a| tokens(a.place) >= a.weight)
        && t.tests.iter().all(|a| tokens(a.place) >= a.weight)
        && t.inhibitors.iter().all(|a| tokens(a.place) < a.weight)
        && t.guard.as_ref().is_none_or(|g| g.evaluate(marking) != 0.0)
        && !overfills(net, t, marking)
}

/// S3: whether a firing would overfill a blocking place. Only asked when the inputs are there.
fn overfills(net: &Net, t: &Transition, marking: &[u32]) -> bool {
    t.outputs.iter().any(|out| {
        let place = &net.places[out.place.0 as usize];
        let Some(capacity) = place.capacity.filter(|c| c.overrun == Overrun::Block) else { return false };
        after(t, out.place, marking) > u64::from(capacity.limit)
    })
}

/// S4: tokens of one place after a firing of `t`.
fn after(t: &Transition, place: PlaceId, marking: &[u32]) -> u64 {
    let taken: u64 = t.inputs.iter().filter(|a| a.place == place).map(|a| u64::from(a.weight)).sum();
    let put: u64 = t.outputs.iter().filter(|a| a.place == place).map(|a| u64::from(a.weight)).sum();
    let left = if t.flushes.contains(&place) { 0 } else { u64::from(marking[place.0 as usize]) - taken };
    left + put
}

/// S2: how many times it could take its inputs at once.
pub fn degree(net: &Net, t: &Transition, marking: &[u32]) -> u32 {
    if !enabled(net, t, marking) {
        return 0;
    }
    t.inputs.iter().map(|a| marking[a.place.0 as usize] / a.weight).min().unwrap_or(1)
}

impl<'n> Naive<'n> {
    pub fn new(net: &'n Net, seed: u64, replication: u64, ties: Ties, patience: u64) -> Naive<'n> {
        let sets = conflict_sets(net);
        let stream = |t: &TransitionId| net.transitions[t.0 as usize].stream.as_str();
        let choices = sets
            .iter()
            .map(|set| set.iter().map(stream).min().expect("no set is empty"))
            .map(|least| StreamKey::of(&format!("choice:{least}")).stream(seed, replication))
            .collect();
        Naive {
            net,
            now: 0.0,
            marking: net.places.iter().map(|p| p.initial).collect(),
            trace: Vec::new(),
            rewards: Rewards::new(net),
            clocks: Clocks::new(net, seed, replication, ties),
            sets,
            choices,
            at_this_instant: 0,
            patience,
        }
    }

    /// Settles the initial marking and starts the first clocks.
    pub fn begin(&mut self) -> Result<(), Stop> {
        self.settle()?;
        self.clocks.revise(self.net, &self.marking, self.now, false)
    }

    /// Fires the next timed transition and the immediates that follow, if it is due by `limit`.
    pub fn step(&mut self, limit: f64) -> Result<bool, Stop> {
        let Some((due, clock)) = self.clocks.next().filter(|(due, _)| *due <= limit) else {
            self.elapse(limit);
            return Ok(false);
        };
        if self.clocks.rounding_decides(clock) {
            return Err(Stop::Rounding { before: due });
        }
        self.elapse(due);
        let fired = self.clocks.remove(clock);
        self.fire(fired)?;
        self.settle()?;
        self.clocks.revise(self.net, &self.marking, self.now, true)?;
        Ok(true)
    }

    /// Runs to `limit`, unless it has fired `most` transitions before.
    pub fn run(&mut self, limit: f64, most: usize) -> Result<(), Stop> {
        while self.trace.len() < most && self.step(limit)? {}
        Ok(())
    }

    /// A time between now and the next firing, or now when something is still due.
    pub fn between(&self) -> f64 {
        self.clocks.next().map_or(self.now + 1.0, |(due, _)| 0.5 * (self.now + due))
    }

    /// S14: time passes in a tangible marking.
    fn elapse(&mut self, to: f64) {
        if to > self.now {
            self.rewards.elapse(self.net, &self.marking, self.now, to);
            self.at_this_instant = 0;
            self.now = to;
        }
    }

    /// S4, S5: immediates fire until none is enabled.
    fn settle(&mut self) -> Result<(), Stop> {
        while let Some(chosen) = self.choose()? {
            self.fire(chosen)?;
        }
        Ok(())
    }

    /// S5: of the highest priority with an enabled member, the set with the least stream name; of it one member.
    fn choose(&mut self) -> Result<Option<TransitionId>, Stop> {
        let mut best: Option<(i32, &str, usize, Vec<TransitionId>)> = None;
        for (index, set) in self.sets.iter().enumerate() {
            let members: Vec<&Transition> = set.iter().map(|t| &self.net.transitions[t.0 as usize]).collect();
            let Timing::Immediate { priority, .. } = members[0].timing else { continue };
            let least = members.iter().map(|t| t.stream.as_str()).min().unwrap_or_default();
            let mut ready: Vec<TransitionId> = set
                .iter()
                .copied()
                .filter(|t| enabled(self.net, &self.net.transitions[t.0 as usize], &self.marking))
                .collect();
            ready.sort_by_key(|t| &self.net.transitions[t.0 as usize].stream);
            let better = best.as_ref().is_none_or(|b| (-priority, least) < (-b.0, b.1));
            if !ready.is_empty() && better {
                best = Some((priority, least, index, ready));
            }
        }
        let Some((_, _, set, ready)) = best else { return Ok(None) };
        if let [only] = ready[..] {
            return Ok(Some(only));
        }
        let chances: Vec<f64> = ready.iter().map(|t| self.chance(*t, &ready)).collect();
        if chances.iter().any(|c| !(*c > 0.0 && c.is_finite())) {
            return Err(Stop::BadValue(format!("weights {chances:?}")));
        }
        let mut left = self.choices[set].draw().uniform() * chances.iter().sum::<f64>();
        for (transition, chance) in ready.iter().zip(&chances) {
            if left < *chance {
                return Ok(Some(*transition));
            }
            left -= chance;
        }
        Ok(ready.last().copied())
    }

    /// S5: the share of one candidate.
    fn chance(&self, candidate: TransitionId, ready: &[TransitionId]) -> f64 {
        let at = |t: TransitionId| &self.net.transitions[t.0 as usize];
        let weight = |t: TransitionId| match &at(t).timing {
            Timing::Immediate { weight, .. } => weight.evaluate(&self.marking),
            Timing::Timed(_) => f64::NAN,
        };
        match at(candidate).timing {
            Timing::Immediate { scope: Scope::Transition, .. } => {
                let family: Vec<TransitionId> =
                    ready.iter().copied().filter(|t| at(*t).family == at(candidate).family).collect();
                let count = family.len() as f64;
                family.iter().map(|t| weight(*t)).sum::<f64>() / count / count
            }
            _ => weight(candidate),
        }
    }

    /// S4: inputs are taken, flushes done, outputs put; S10: some clocks look at the markings in between.
    fn fire(&mut self, id: TransitionId) -> Result<(), Stop> {
        self.at_this_instant += 1;
        if self.at_this_instant > self.patience {
            return Err(Stop::Patience);
        }
        let t = &self.net.transitions[id.0 as usize];
        self.rewards.fired(self.net, id, &self.marking);
        for arc in &t.inputs {
            self.marking[arc.place.0 as usize] -= arc.weight;
        }
        for place in &t.flushes {
            self.marking[place.0 as usize] = 0;
        }
        self.clocks.glimpse(self.net, &self.marking, self.now);
        // Of several places that overflow the first one is named.
        let mut outputs = t.outputs.clone();
        outputs.sort_by_key(|arc| arc.place);
        for arc in &outputs {
            let place = &self.net.places[arc.place.0 as usize];
            let tokens = u64::from(self.marking[arc.place.0 as usize]) + u64::from(arc.weight);
            if tokens > place.capacity.map_or(MOST, |c| u64::from(c.limit)) {
                return Err(Stop::Overrun { place: arc.place });
            }
            self.marking[arc.place.0 as usize] = tokens as u32;
        }
        self.trace.push(Entry { time: self.now, transition: id, marking: self.marking.clone() });
        if self.vanishing() {
            self.clocks.glimpse(self.net, &self.marking, self.now);
        }
        Ok(())
    }

    fn vanishing(&self) -> bool {
        let immediate = |t: &&Transition| matches!(t.timing, Timing::Immediate { .. });
        self.net.transitions.iter().filter(immediate).any(|t| enabled(self.net, t, &self.marking))
    }
}
