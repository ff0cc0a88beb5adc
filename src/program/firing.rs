//! The last pass of the compiler: what each firing changes, and what must be looked at after it.

use super::compile::Compiler;
use super::depend::{Change, Readers};
use super::{Enabling, Extra, Firing, RaceKind, Watch, Within};
use std::collections::{BTreeMap, HashMap};

/// A condition with more readers than that is watched.
const FEW: usize = 2;

/// Who must look when a place changes.
struct Dependents {
    races: Readers,
    immediates: Readers,
    watches: Readers,
    rewards: Readers,
    /// Races that may see the marking in between (S10).
    fragile: Readers,
}

impl Compiler<'_> {
    /// Effects and dependencies of every transition.
    pub(super) fn firings(&mut self) {
        let dependents = self.dependents();
        let mut known = HashMap::new();
        for (index, transition) in self.net.transitions.iter().enumerate() {
            let change = Change::of(transition, &self.derived);
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
        }
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
        let direct = |enabling: &Enabling, asks_all: bool, readers: &mut Readers, index: usize| {
            let conditions = program.conditions(enabling);
            for condition in conditions.filter(|condition| asks_all || !watches.contains_key(condition)) {
                readers.add(condition.place, index as u32);
            }
            program.guard_places(enabling, &mut |place| readers.add(place, index as u32));
        };
        for (index, race) in program.races.iter().enumerate() {
            direct(&race.enabling, is_pool(race.kind), &mut all.races, index);
            if self.fragile[index] {
                direct(&race.enabling, true, &mut all.fragile, index);
            }
            if let RaceKind::Pool { pool } = race.kind
                && let Some(speed) = &program.pools[pool as usize].speed
            {
                speed.places(&mut |place| all.races.add(place, index as u32));
            }
        }
        for (index, immediate) in program.immediates.iter().enumerate() {
            direct(&immediate.enabling, false, &mut all.immediates, index);
        }
        for (index, code) in program.rewards.iter().enumerate() {
            code.places(&mut |place| all.rewards.add(place, index as u32));
        }
        self.program.watches = watches.into_values().collect();
        all
    }

    /// The conditions with many readers among the simple races and the immediates; a pool's clocks depend on
    /// the number of tokens, not only on a threshold.
    fn watches(&self) -> BTreeMap<Within, Watch> {
        let mut all = BTreeMap::<Within, Watch>::new();
        let watch = |condition| Watch { condition, races: Vec::new(), immediates: Vec::new() };
        for (index, race) in self.program.races.iter().enumerate().filter(|(_, race)| !is_pool(race.kind)) {
            for condition in self.program.conditions(&race.enabling) {
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

fn is_pool(kind: RaceKind) -> bool {
    matches!(kind, RaceKind::Pool { .. })
}

/// Where parts of these lengths end that stand one behind the other.
fn ends(start: u32, lengths: [u32; 5]) -> [u32; 5] {
    let mut end = start;
    lengths.map(|length| {
        end += length;
        end
    })
}
