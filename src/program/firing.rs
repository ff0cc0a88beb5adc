//! The last pass of the compiler: what each firing changes, and what must be looked at after it.

use super::compile::Compiler;
use super::depend::{Change, Readers};
use super::{Extra, Firing, RaceKind};
use std::collections::HashMap;

impl Compiler<'_> {
    /// Effects and dependencies of every transition.
    pub(super) fn firings(&mut self) {
        let places = self.program.initial.len();
        let (races, fragile) = self.race_readers(places);
        let mut immediates = Readers::new(places);
        for (index, immediate) in self.program.immediates.iter().enumerate() {
            self.program.read(&immediate.enabling, &mut |place| immediates.add(place, index as u32));
        }
        let mut rewards = Readers::new(places);
        for (index, code) in self.program.rewards.iter().enumerate() {
            code.places(&mut |place| rewards.add(place, index as u32));
        }
        let mut known = HashMap::new();
        for (index, transition) in self.net.transitions.iter().enumerate() {
            let change = Change::of(transition, &self.derived);
            let mut affected = races.of(&change.changed);
            if let Some(own) = self.race_of[index]
                && let Err(position) = affected.binary_search(&own)
            {
                affected.insert(position, own);
            }
            let extra = self.extra(index as u32, &change, &fragile);
            let (rewards, immediates) = (rewards.of(&change.changed), immediates.of(&change.changed));
            let parts = [change.net.as_flattened(), &affected, &rewards, &immediates];
            let lengths = parts.map(|part| part.len() as u32);
            let key = (lengths, parts.concat(), extra);
            let tape = &mut self.program.tape;
            let all = &mut self.program.firings;
            let which = *known.entry(key).or_insert_with_key(|(lengths, parts, extra)| {
                let start = tape.len() as u32;
                tape.extend_from_slice(parts);
                let [effects, races, rewards, immediates] = ends(start, *lengths);
                all.push(Firing { start, effects, races, rewards, immediates, extra: *extra });
                (all.len() - 1) as u32
            });
            self.program.firing_of.push(which);
        }
    }

    /// Who reads a place among all races, and among the fragile ones.
    fn race_readers(&self, places: usize) -> (Readers, Readers) {
        let (mut all, mut fragile) = (Readers::new(places), Readers::new(places));
        for (index, race) in self.program.races.iter().enumerate() {
            let reader = index as u32;
            self.program.read(&race.enabling, &mut |place| {
                all.add(place, reader);
                if self.fragile[index] {
                    fragile.add(place, reader);
                }
            });
            if let RaceKind::Pool { pool } = race.kind
                && let Some(speed) = &self.program.pools[pool as usize].speed
            {
                speed.places(&mut |place| all.add(place, reader));
            }
        }
        (all, fragile)
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
fn ends(start: u32, lengths: [u32; 4]) -> [u32; 4] {
    let mut end = start;
    lengths.map(|length| {
        end += length;
        end
    })
}
