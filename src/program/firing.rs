//! The last pass of the compiler: what each firing changes, and what must be looked at after it.

use super::compile::{CompileError, Compiler};
use super::depend::{Change, Readers};
use super::{Enabling, Extra, Firing, Race, RaceKind, Service, Watch, Within};
use crate::diag::Diagnostic;
use crate::net::{Servers, Transition};
use std::collections::{BTreeMap, HashMap};

/// A condition with more readers than that is watched.
const FEW: usize = 2;

/// A place with more direct readers than that lends one list of them to all firings.
const MANY: usize = 64;

/// Most entries of the tape: half a gibibyte while it is compiled.
const LONGEST_TAPE: usize = 50_000_000;

/// Who must look when a place changes.
struct Dependents {
    races: Readers,
    immediates: Readers,
    watches: Readers,
    rewards: Readers,
    /// The places that races read which may see the marking in between (S10), as readers of themselves.
    fragile: Readers,
}

impl Compiler<'_> {
    /// Effects and dependencies of every transition.
    pub(super) fn firings(&mut self) -> Result<(), CompileError> {
        let dependents = self.dependents();
        let mut known = HashMap::new();
        for (index, transition) in self.net.transitions.iter().enumerate() {
            let change = Change::of(transition, &self.derived)?;
            let mut races = dependents.races.of(&change.changed);
            if let Some(own) = self.race_of[index]
                && let Err(position) = races.binary_search(&own)
            {
                races.insert(position, own);
            }
            let extra = self.extra(index as u32, &change, &dependents.fragile);
            let [rewards, immediates, watches] =
                [&dependents.rewards, &dependents.immediates, &dependents.watches].map(|r| r.of(&change.changed));
            let parts = [change.net.as_flattened(), &races, &rewards, &immediates, &watches];
            let key = (parts.map(|part| part.len() as u32), parts.concat(), extra);
            let tape = &mut self.program.tape;
            let all = &mut self.program.firings;
            let which = *known.entry(key).or_insert_with_key(|(lengths, parts, extra)| {
                let start = tape.len() as u32;
                tape.extend_from_slice(parts);
                let [effects, races, rewards, immediates, watches] = ends(start, *lengths);
                all.push(Firing { start, effects, races, rewards, immediates, watches, extra: *extra });
                (all.len() - 1) as u32
            });
            self.program.firing_of.push(which);
            if tape.len() > LONGEST_TAPE {
                return Err(self.too_entangled(transition));
            }
        }
        Ok(())
    }

    fn dependents(&mut self) -> Dependents {
        let places = self.program.initial.len();
        let new = || Readers::new(places);
        let mut all = Dependents { races: new(), immediates: new(), watches: new(), rewards: new(), fragile: new() };
        let watches = self.watches();
        for (index, watch) in watches.values().enumerate() {
            all.watches.add(watch.condition.place, index as u32);
        }
        let program = &self.program;
        let direct = |enabling: &Enabling, asks: &dyn Fn(Within) -> bool, readers: &mut Readers, index: usize| {
            program.conditions(enabling).filter(|c| asks(*c)).for_each(|c| readers.add(c.place, index as u32));
            program.guard_places(enabling, &mut |place| readers.add(place, index as u32));
        };
        let mut fragile = new();
        for (index, race) in program.races.iter().enumerate() {
            let asks = |condition| self.counts(race, condition) || !watches.contains_key(&condition);
            direct(&race.enabling, &asks, &mut all.races, index);
            if self.fragile[index] {
                direct(&race.enabling, &|_| true, &mut fragile, index);
            }
            if let RaceKind::Pool { pool } = race.kind
                && let Some(speed) = &program.pools[pool as usize].speed
            {
                speed.places(&mut |place| all.races.add(place, index as u32));
            }
        }
        for (index, immediate) in program.immediates.iter().enumerate() {
            direct(&immediate.enabling, &|c| !watches.contains_key(&c), &mut all.immediates, index);
        }
        for (index, code) in program.rewards.iter().enumerate() {
            code.places(&mut |place| all.rewards.add(place, index as u32));
        }
        self.program.fragile = fragile.into_lists();
        let read = (0..places as u32).filter(|&place| !self.program.fragile[place as usize].is_empty());
        read.for_each(|place| all.fragile.add(place, place));
        self.program.watches = watches.into_values().collect();
        self.lend(&mut all);
        all
    }

    /// Whether a race must look at the number of tokens, not only at whether a condition holds: a pool that runs as
    /// many clocks as its inputs allow.
    fn counts(&self, race: &Race, condition: Within) -> bool {
        let RaceKind::Pool { pool } = race.kind else { return false };
        let pool = &self.program.pools[pool as usize];
        let is_input = pool.inputs.iter().any(|(place, _)| place.0 == condition.place);
        is_input && pool.service != Service::Own(Servers::Count(1))
    }

    /// The conditions with many readers among the races and the immediates.
    fn watches(&self) -> BTreeMap<Within, Watch> {
        let mut all = BTreeMap::<Within, Watch>::new();
        let watch = |condition| Watch { condition, always: false, races: Vec::new(), immediates: Vec::new() };
        for (index, race) in self.program.races.iter().enumerate() {
            for condition in self.program.conditions(&race.enabling).filter(|c| !self.counts(race, *c)) {
                all.entry(condition).or_insert_with(|| watch(condition)).races.push(index as u32);
            }
        }
        for (index, immediate) in self.program.immediates.iter().enumerate() {
            for condition in self.program.conditions(&immediate.enabling) {
                all.entry(condition).or_insert_with(|| watch(condition)).immediates.push(index as u32);
            }
        }
        all.retain(|_, watch| watch.races.len() + watch.immediates.len() > FEW);
        all
    }

    /// Places with many direct readers are watched for any change.
    fn lend(&mut self, all: &mut Dependents) {
        for place in 0..self.program.initial.len() as u32 {
            if all.races.count(place) + all.immediates.count(place) > MANY {
                all.watches.add(place, self.program.watches.len() as u32);
                let (races, immediates) = (all.races.take(place), all.immediates.take(place));
                let condition = Within { place, ..Within::ALWAYS };
                self.program.watches.push(Watch { condition, always: true, races, immediates });
            }
        }
    }

    /// Blames the transition of the source whose firings take most of the tape, all its bindings together.
    fn too_entangled(&self, last: &Transition) -> CompileError {
        let family = |transition: &Transition| transition.family.0 as usize;
        let mut taken = vec![0; self.net.families.len()];
        for (transition, &firing) in self.net.transitions.iter().zip(&self.program.firing_of) {
            let Firing { start, watches, .. } = self.program.firings[firing as usize];
            taken[family(transition)] += (watches - start) as usize;
        }
        // Of its bindings, the first.
        let most = self.net.transitions.iter().rev().max_by_key(|&t| taken[family(t)]).unwrap_or(last);
        let what = format!("the net is too entangled: its firings change more than {LONGEST_TAPE} things");
        let error = Diagnostic::error("E0722", most.span, what);
        let label = format!("most of them are changed by {}", self.net.families[family(most)]);
        CompileError::new(error.label(label).help("fewer colours, or sums over whole colour sets"))
    }

    fn extra(&mut self, transition: u32, change: &Change, fragile: &Readers) -> u32 {
        let fragile = fragile.of(&change.touched);
        let impulses = self.impulses.remove(&transition).unwrap_or_default();
        if fragile.is_empty() && impulses.is_empty() && change.flushes.is_empty() {
            return Firing::PLAIN;
        }
        let split = !fragile.is_empty();
        self.program.extras.push(Extra {
            flushes: change.flushes.clone(),
            takes: if split { change.takes.clone() } else { Vec::new() },
            puts: if split { change.puts.clone() } else { Vec::new() },
            fragile,
            impulses,
        });
        (self.program.extras.len() - 1) as u32
    }
}

/// Where parts of these lengths end that stand one behind the other.
fn ends(start: u32, lengths: [u32; 5]) -> [u32; 5] {
    let mut end = start;
    lengths.map(|length| {
        end += length;
        end
    })
}
