//! Flat net → dense program: what the engines execute.
//!
//! Three ideas carry it. All arcs that only ask (input, test, inhibitor, capacity) become *conditions*
//! `low ≤ M(p) ≤ high`. A sum of tokens that an expression reads becomes a *derived place*, kept up to date by the
//! firings like any other, so conditions and rewards over a thousand places cost as much as over one. And timed
//! transitions that are enabled together form a *race*: it is judged once, and only its first clock enters the queue.

mod code;
mod compile;
mod depend;
mod firing;
mod names;
mod race;

pub use code::Code;
pub use compile::{CompileError, compile};
pub(crate) use names::Names;
pub(crate) use race::{Pool, PoolLaw, Race, RaceKind, Service};

use crate::dist::Law;
use crate::net::{FamilyId, PlaceId, TransitionId};
use crate::rng::StreamKey;
use crate::syntax::ast::Role;
use crate::units::Dimension;

/// A compiled net. (The engine's arrays are private to the crate.)
#[derive(Debug)]
pub struct Program {
    /// Names of the `up` conditions, the primary one first (net order).
    pub up: Vec<String>,
    /// The model's own measures.
    pub measures: Vec<Measure>,
    /// Number of sums in an observation: see [`Program::TIME`], [`Program::down`], [`Program::failures`];
    /// the averages that measures use follow behind those.
    pub sums: usize,
    /// Names of the flat places, without the derived ones.
    pub(crate) place_names: Names,
    /// Names of the flat transitions.
    pub(crate) transition_names: Names,
    /// Family of each flat transition.
    pub(crate) families: Vec<FamilyId>,
    /// Role of each flat transition.
    pub(crate) roles: Vec<Option<Role>>,
    /// Names of the families.
    pub(crate) family_names: Vec<String>,
    /// Initial marking, derived places behind the real ones.
    pub(crate) initial: Vec<u32>,
    /// The real places whose tokens each derived place counts.
    pub(crate) derived: Vec<Vec<u32>>,
    /// Most tokens of each place; more ends the run (S3).
    pub(crate) limits: Vec<u32>,
    /// Which firing a transition makes: many make the same.
    pub(crate) firing_of: Vec<u32>,
    /// What firings do.
    pub(crate) firings: Vec<Firing>,
    /// Effects and dependencies of all firings, each firing's in one piece: see [`Firing`].
    pub(crate) tape: Vec<u32>,
    /// Conditions that many share.
    pub(crate) watches: Vec<Watch>,
    /// The rare parts of a firing.
    pub(crate) extras: Vec<Extra>,
    /// Races with `renew: AtEachToken` that read a place, by place.
    pub(crate) fragile: Vec<Vec<u32>>,
    pub(crate) conditions: Vec<Within>,
    /// What of the guards can't be a condition.
    pub(crate) guards: Vec<Code>,
    pub(crate) races: Vec<Race>,
    /// Laws of the clocks of the simple races; what else is known of a clock stands apart, since the caches are small.
    pub(crate) clocks: Vec<Law>,
    /// Transition of each of these clocks.
    pub(crate) transition_of: Vec<TransitionId>,
    /// Streams of each of these clocks.
    pub(crate) keys: Vec<ClockKeys>,
    pub(crate) pools: Vec<Pool>,
    /// Servers of each group of pools that share some (S8).
    pub(crate) groups: Vec<u32>,
    /// Races that draw anew after every timed firing (S9).
    pub(crate) resampled: Vec<u32>,
    pub(crate) immediates: Vec<Immediate>,
    pub(crate) sets: Vec<ConflictSet>,
    /// The `up` conditions, then the averages that are functions of the marking.
    pub(crate) rewards: Vec<Code>,
    /// Sum index of each reward behind the `up` conditions.
    pub(crate) reward_sums: Vec<usize>,
    /// Averages that are counts of firings: sum index and the transitions.
    pub(crate) rates: Vec<(usize, Vec<TransitionId>)>,
    /// Phases of outages, the first that holds counts.
    pub(crate) phases: Vec<Code>,
}

/// A range of indices into one of the program's arrays.
pub(crate) type Range = (u32, u32);

/// What a firing does, as consecutive parts of the tape, so that a firing touches few cache lines:
/// effects (place, change), then the races, the rewards and the immediates that it can change, and the watches
/// that stand between it and many others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Firing {
    pub start: u32,
    pub effects: u32,
    pub races: u32,
    pub rewards: u32,
    pub immediates: u32,
    pub watches: u32,
    /// Index into `extras`, or [`Firing::PLAIN`].
    pub extra: u32,
}

impl Firing {
    /// Has no rare parts.
    pub const PLAIN: u32 = u32::MAX;

    /// Changes of places.
    #[inline(always)]
    pub fn effects<'t>(&self, tape: &'t [u32]) -> &'t [[u32; 2]] {
        tape[self.start as usize..self.effects as usize].as_chunks().0
    }

    /// Races that the firing can change, its own among them.
    #[inline(always)]
    pub fn races<'t>(&self, tape: &'t [u32]) -> &'t [u32] {
        &tape[self.effects as usize..self.races as usize]
    }

    /// Rewards that the firing can change.
    #[inline(always)]
    pub fn rewards<'t>(&self, tape: &'t [u32]) -> &'t [u32] {
        &tape[self.races as usize..self.rewards as usize]
    }

    /// Immediates that the firing can enable or disable.
    #[inline(always)]
    pub fn immediates<'t>(&self, tape: &'t [u32]) -> &'t [u32] {
        &tape[self.rewards as usize..self.immediates as usize]
    }

    /// Watches of the places that the firing changes.
    #[inline(always)]
    pub fn watches<'t>(&self, tape: &'t [u32]) -> &'t [u32] {
        &tape[self.immediates as usize..self.watches as usize]
    }
}

/// A condition that many races or immediates share: they are looked at only when its truth changes, so that
/// a firing that takes the 17th of 50 free trunks doesn't ask a thousand clients whether they may still call.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    pub condition: Within,
    /// They count the tokens of the place, and are looked at whenever these change: one list for all firings,
    /// since a list in each would take memory that grows with the square of a coloured net.
    pub always: bool,
    pub races: Vec<u32>,
    pub immediates: Vec<u32>,
}

/// A change of one place: its index, and what is added (two's complement).
pub(crate) type Effect = [u32; 2];

/// The rare parts of a firing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extra {
    /// Emptied places, each with the derived places that count it.
    pub flushes: Vec<(u32, Vec<u32>)>,
    /// What the inputs take, when it must be seen apart from the outputs (S10).
    pub takes: Vec<Effect>,
    /// What the outputs put, when it must be seen apart from the inputs (S10).
    pub puts: Vec<Effect>,
    /// Changed places that races with `renew: AtEachToken` read: these may see the marking in between
    /// (see [`Program::fragile`]).
    pub fragile: Vec<u32>,
    /// Sum index and amount of each impulse.
    pub impulses: Vec<(usize, Code)>,
}

/// `low ≤ M(place) ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Within {
    pub place: u32,
    pub low: u32,
    pub high: u32,
}

impl Within {
    /// Holds in every marking.
    pub const ALWAYS: Within = Within { place: 0, low: 0, high: u32::MAX };

    /// Whether it holds.
    #[inline(always)]
    pub fn holds(self, marking: &[u32]) -> bool {
        let tokens = marking[self.place as usize];
        self.low <= tokens && tokens <= self.high
    }
}

/// When a race or immediate is enabled: one condition, mostly, and seldom more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enabling {
    pub gate: Within,
    /// Whether the gate isn't all.
    pub more: bool,
    /// The other conditions.
    pub conditions: Range,
    /// Index into `guards`, or [`Enabling::UNGUARDED`].
    pub guard: u32,
}

impl Enabling {
    /// Has no guard beyond its conditions.
    pub const UNGUARDED: u32 = u32::MAX;
}

/// The streams of a clock of a simple race: of its times and of its tie keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClockKeys {
    pub clock: StreamKey,
    pub tie: StreamKey,
}

/// An immediate transition.
#[derive(Debug, Clone)]
pub(crate) struct Immediate {
    pub transition: TransitionId,
    pub set: u32,
    /// Its place among the set's members, in the order of stream names.
    pub rank: u32,
    pub enabling: Enabling,
    pub weight: Code,
    /// Shares one weight with the other bindings of its family.
    pub shared: bool,
}

/// Immediates of one priority that can disable each other (S5); sets stand in the order in which they are visited.
#[derive(Debug, Clone)]
pub(crate) struct ConflictSet {
    /// Indices of immediates, by rank.
    pub members: Vec<u32>,
    pub stream: StreamKey,
    /// All weights are 1 per binding: a choice is an index.
    pub even: bool,
    pub priority: i32,
}

/// A measure over the sums of an observation.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// How it is formed; leaves are sums divided by the observed time.
    pub formula: Formula,
    /// Of its value.
    pub dimension: Dimension,
    /// Relative half-width that stops the run.
    pub precision: Option<f64>,
}

/// Arithmetic over long-run averages; `Average(i)` is sum i over the observed time.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Formula {
    Constant(f64),
    Average(usize),
    Negate(Box<Formula>),
    Add(Box<Formula>, Box<Formula>),
    Subtract(Box<Formula>, Box<Formula>),
    Multiply(Box<Formula>, Box<Formula>),
    Divide(Box<Formula>, Box<Formula>),
}

impl Formula {
    /// Its value, from the long-run average of each sum.
    pub fn evaluate(&self, average: &impl Fn(usize) -> f64) -> f64 {
        let at = |formula: &Formula| formula.evaluate(average);
        match self {
            Formula::Constant(value) => *value,
            Formula::Average(sum) => average(*sum),
            Formula::Negate(x) => -at(x),
            Formula::Add(x, y) => at(x) + at(y),
            Formula::Subtract(x, y) => at(x) - at(y),
            Formula::Multiply(x, y) => at(x) * at(y),
            Formula::Divide(x, y) => at(x) / at(y),
        }
    }

    /// The sums that it reads.
    pub fn sums(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Formula::Constant(_) => {}
            Formula::Average(sum) => visit(*sum),
            Formula::Negate(x) => x.sums(visit),
            Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
                x.sums(visit);
                y.sums(visit);
            }
        }
    }
}

impl Program {
    /// Whose reward it is, in words: rewards of `up` conditions come first, then those that measures read.
    pub fn reward_name(&self, reward: usize) -> String {
        let Some(at) = reward.checked_sub(self.up.len()) else {
            return format!("up condition \"{}\"", self.up[reward]);
        };
        let reads = |measure: &&Measure| {
            let mut found = false;
            measure.formula.sums(&mut |sum| found |= self.reward_sums.get(at) == Some(&sum));
            found
        };
        match self.measures.iter().find(reads) {
            Some(measure) => format!("measure \"{}\"", measure.name),
            None => "a measure".to_string(),
        }
    }

    /// Index of the observed time in an observation.
    pub const TIME: usize = 0;

    /// Index of the downtime of the `up` condition `i`.
    pub fn down(i: usize) -> usize {
        1 + 2 * i
    }

    /// Index of the number of failures of the `up` condition `i`.
    pub fn failures(i: usize) -> usize {
        2 + 2 * i
    }

    /// Gives back the room that the arrays needed to grow.
    fn trim(&mut self) {
        self.firings.shrink_to_fit();
        self.tape.shrink_to_fit();
        self.conditions.shrink_to_fit();
        self.races.shrink_to_fit();
        self.clocks.shrink_to_fit();
        self.transition_of.shrink_to_fit();
        self.keys.shrink_to_fit();
        self.pools.shrink_to_fit();
        self.immediates.shrink_to_fit();
    }

    /// Entries of all lists of effects and dependencies, 4 bytes each: most of the memory that it takes.
    pub fn size(&self) -> usize {
        let watched = self.watches.iter().map(|watch| watch.races.len() + watch.immediates.len());
        self.tape.len() + watched.sum::<usize>() + self.fragile.iter().map(Vec::len).sum::<usize>()
    }

    /// Number of flat places.
    pub fn places(&self) -> usize {
        self.place_names.len()
    }

    /// Name of a flat place.
    pub fn place(&self, id: PlaceId) -> &str {
        self.place_names.get(id.0)
    }

    /// What to call a place that holds too much: derived ones have no name.
    pub(crate) fn place_in_words(&self, place: u32) -> String {
        match self.place_names.get(place) {
            "" => "a sum of places that the net reads".to_string(),
            name => name.to_string(),
        }
    }

    /// Number of flat transitions.
    pub fn transitions(&self) -> usize {
        self.transition_names.len()
    }

    /// Name of a flat transition.
    pub fn transition(&self, id: TransitionId) -> &str {
        self.transition_names.get(id.0)
    }

    /// Family of a flat transition.
    pub fn family(&self, id: TransitionId) -> FamilyId {
        self.families[id.0 as usize]
    }

    /// What a transition is said to be, for rare events and the account of causes.
    pub fn role(&self, id: TransitionId) -> Option<Role> {
        self.roles[id.0 as usize]
    }

    /// Names of the families, by [`FamilyId`].
    pub fn family_names(&self) -> &[String] {
        &self.family_names
    }

    /// What the firing of a transition does.
    #[inline(always)]
    pub(crate) fn firing(&self, id: TransitionId) -> &Firing {
        &self.firings[self.firing_of[id.0 as usize] as usize]
    }

    /// Whether all conditions of a race or immediate hold.
    #[inline(always)]
    pub(crate) fn enabled(&self, enabling: &Enabling, marking: &[u32]) -> bool {
        enabling.gate.holds(marking) && (!enabling.more || self.enabled_further(enabling, marking))
    }

    #[inline]
    fn enabled_further(&self, enabling: &Enabling, marking: &[u32]) -> bool {
        let conditions = &self.conditions[enabling.conditions.0 as usize..enabling.conditions.1 as usize];
        conditions.iter().all(|condition| condition.holds(marking))
            && self.guards.get(enabling.guard as usize).is_none_or(|guard| guard.holds(marking))
    }

    /// All conditions of an enabling but its guard.
    pub(crate) fn conditions(&self, enabling: &Enabling) -> impl Iterator<Item = Within> {
        let others = &self.conditions[enabling.conditions.0 as usize..enabling.conditions.1 as usize];
        let gate = Some(enabling.gate).filter(|gate| *gate != Within::ALWAYS);
        gate.into_iter().chain(others.iter().copied())
    }

    /// The places that the guard of an enabling reads.
    pub(crate) fn guard_places(&self, enabling: &Enabling, visit: &mut impl FnMut(u32)) {
        if let Some(guard) = self.guards.get(enabling.guard as usize) {
            guard.places(visit);
        }
    }
}
