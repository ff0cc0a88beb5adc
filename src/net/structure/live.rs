//! Which transitions may ever fire, and between which numbers of tokens every place stays.
//!
//! A least fixpoint: at first nothing fires and every place holds its initial tokens; a transition that the
//! ranges don't exclude may fire, and then widens the ranges of the places that it changes. What is still
//! excluded at the end can never fire, since every reachable marking lies within the ranges.

use super::change::{Change, changes};
use super::interval::{Range, interval};
use crate::net::{Net, PlaceId, Transition};
use crate::syntax::ast::Overrun;
use std::collections::{BTreeMap, VecDeque};

/// Tokens of these places, weighted, always add up to `value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conserved {
    /// Places and weights, in order.
    pub terms: Vec<(PlaceId, u64)>,
    /// What they add up to.
    pub value: u64,
}

/// What is already known when the analysis begins.
pub(super) struct Known<'k> {
    /// Arcs looked at; when they are used up, what is looked at again counts as firing, which excludes less.
    pub work: u64,
    /// Most tokens of each place, if there is a bound.
    pub most: &'k [Option<u32>],
    /// Conserved sums.
    pub conserved: &'k [Conserved],
}

/// What the fixpoint says.
pub(super) struct Reach {
    /// Why a transition can never fire; none: it may.
    pub dead: Vec<Option<String>>,
    /// Every place's tokens.
    pub ranges: Vec<Range>,
}

struct Search<'s> {
    net: &'s Net,
    known: &'s Known<'s>,
    ranges: Vec<Range>,
    /// For each place the conserved sums that it belongs to, with its weight.
    sums: Vec<Vec<(usize, u64)>>,
}

/// Finds what may fire.
pub(super) fn reach(net: &Net, known: &Known) -> Reach {
    let mut sums = vec![Vec::new(); net.places.len()];
    for (index, conserved) in known.conserved.iter().enumerate() {
        conserved.terms.iter().for_each(|(place, weight)| sums[place.0 as usize].push((index, *weight)));
    }
    let ranges = net.places.iter().map(|p| Range::exactly(p.initial)).collect();
    let mut search = Search { net, known, ranges, sums };
    let mut dead: Vec<Option<String>> = vec![Some(String::new()); net.transitions.len()];
    let watchers = watchers(net);
    let mut work = known.work;
    // First come, first served, and never twice in the queue: what needs many places waits for all of them.
    let mut queue: VecDeque<u32> = (0..net.transitions.len() as u32).collect();
    let mut waits = vec![true; net.transitions.len()];
    while let Some(index) = queue.pop_front() {
        waits[index as usize] = false;
        let transition = &net.transitions[index as usize];
        work = work.saturating_sub(size(transition));
        let excluded = if work > 0 { search.excluded(transition) } else { None };
        let fires = excluded.is_none();
        dead[index as usize] = excluded;
        if fires {
            for place in search.widen(transition) {
                let idle = |w: &&u32| dead[**w as usize].is_some() && !waits[**w as usize];
                let again: Vec<u32> = watchers[place.0 as usize].iter().filter(idle).copied().collect();
                again.iter().for_each(|&w| waits[w as usize] = true);
                queue.extend(again);
            }
        }
    }
    Reach { dead, ranges: search.ranges }
}

/// What it costs to look at a transition.
fn size(transition: &Transition) -> u64 {
    let Transition { inputs, outputs, tests, inhibitors, .. } = transition;
    let mut size = 1 + [inputs, outputs, tests, inhibitors].into_iter().map(Vec::len).sum::<usize>() as u64;
    transition.guard.iter().for_each(|guard| guard.places(&mut |_| size += 1));
    size
}

/// For each place the transitions whose enabling looks at it.
fn watchers(net: &Net) -> Vec<Vec<u32>> {
    let mut watchers: Vec<Vec<u32>> = vec![Vec::new(); net.places.len()];
    for (index, t) in net.transitions.iter().enumerate() {
        let mut watch = |place: PlaceId| {
            let list = &mut watchers[place.0 as usize];
            if list.last() != Some(&(index as u32)) {
                list.push(index as u32);
            }
        };
        let arcs = [&t.inputs, &t.tests, &t.inhibitors, &t.outputs];
        arcs.into_iter().flatten().for_each(|arc| watch(arc.place));
        if let Some(guard) = &t.guard {
            guard.places(&mut watch);
        }
    }
    watchers
}

/// Tokens that a place must hold at least before a firing.
pub(super) fn needs(transition: &Transition) -> BTreeMap<PlaceId, u32> {
    let mut needs: BTreeMap<PlaceId, u32> = BTreeMap::new();
    for arc in transition.inputs.iter().chain(&transition.tests) {
        let need = needs.entry(arc.place).or_default();
        *need = arc.weight.max(*need);
    }
    needs
}

impl Search<'_> {
    fn name(&self, place: PlaceId) -> &str {
        &self.net.places[place.0 as usize].name
    }

    /// Why it can't fire within the present ranges.
    fn excluded(&mut self, transition: &Transition) -> Option<String> {
        let needs = needs(transition);
        self.too_few(&needs)
            .or_else(|| self.inhibited(transition, &needs))
            .or_else(|| self.overfull(transition, &needs))
            .or_else(|| self.together_too_few(&needs))
            .or_else(|| self.guarded(transition, &needs))
    }

    fn too_few(&self, needs: &BTreeMap<PlaceId, u32>) -> Option<String> {
        needs.iter().find_map(|(&place, &need)| {
            let most = self.ranges[place.0 as usize].high.filter(|most| *most < need)?;
            let name = self.name(place);
            Some(match most {
                0 => format!("`{name}` never holds a token"),
                _ => format!("it needs {need} tokens of `{name}`, which never holds more than {most}"),
            })
        })
    }

    fn inhibited(&self, transition: &Transition, needs: &BTreeMap<PlaceId, u32>) -> Option<String> {
        transition.inhibitors.iter().find_map(|arc| {
            let (name, weight) = (self.name(arc.place), arc.weight);
            if let Some(need) = needs.get(&arc.place).filter(|need| **need >= weight) {
                return Some(format!("it needs {need} tokens of `{name}` and is inhibited by {weight}"));
            }
            let least = self.ranges[arc.place.0 as usize].low;
            (least >= weight)
                .then(|| format!("`{name}` never holds fewer than {least} tokens, and {weight} inhibit it"))
        })
    }

    fn overfull(&self, transition: &Transition, needs: &BTreeMap<PlaceId, u32>) -> Option<String> {
        transition.outputs.iter().find_map(|arc| {
            let limit = self.net.places[arc.place.0 as usize].capacity.filter(|c| c.overrun == Overrun::Block)?.limit;
            let change = changes_at(transition, arc.place);
            let before = self.ranges[arc.place.0 as usize].low.max(needs.get(&arc.place).copied().unwrap_or(0));
            let kept = if change.flushed { 0 } else { u64::from(before) - u64::from(change.taken.min(before)) };
            let after = kept + u64::from(change.put);
            (after > u64::from(limit)).then(|| {
                format!("it would leave {after} tokens in `{}`, whose capacity is {limit}", self.name(arc.place))
            })
        })
    }

    /// Needs that a conserved sum excludes together.
    fn together_too_few(&self, needs: &BTreeMap<PlaceId, u32>) -> Option<String> {
        let mut totals: BTreeMap<usize, u64> = BTreeMap::new();
        for (place, &need) in needs {
            for (sum, weight) in &self.sums[place.0 as usize] {
                let total = totals.entry(*sum).or_default();
                *total = total.saturating_add(weight.saturating_mul(u64::from(need)));
            }
        }
        let (sum, _) = totals.iter().find(|(sum, total)| **total > self.known.conserved[**sum].value)?;
        let terms = &self.known.conserved[*sum].terms;
        let names = |p: &&PlaceId| terms.binary_search_by_key(*p, |term| term.0).is_ok();
        let places: Vec<String> = needs.keys().filter(names).map(|p| format!("`{}`", self.name(*p))).collect();
        Some(format!("{} never hold the tokens it needs at the same time", places.join(" and ")))
    }

    /// The guard, within the ranges and what the arcs already ask for.
    fn guarded(&mut self, transition: &Transition, needs: &BTreeMap<PlaceId, u32>) -> Option<String> {
        let guard = transition.guard.as_ref()?;
        let mut saved: Vec<(usize, Range)> = Vec::new();
        for (place, need) in needs {
            let range = &mut self.ranges[place.0 as usize];
            saved.push((place.0 as usize, *range));
            range.low = range.low.max(*need);
        }
        for arc in &transition.inhibitors {
            let range = &mut self.ranges[arc.place.0 as usize];
            saved.push((arc.place.0 as usize, *range));
            let most = arc.weight.saturating_sub(1);
            range.high = Some(range.high.map_or(most, |high| high.min(most)));
        }
        let value = interval(guard, &self.ranges).single();
        for (place, range) in saved.into_iter().rev() {
            self.ranges[place] = range;
        }
        (value == Some(0.0)).then(|| "its guard is never true".to_string())
    }

    /// Widens the ranges by what a firing changes; returns the places whose range grew.
    fn widen(&mut self, transition: &Transition) -> Vec<PlaceId> {
        let mut grown = Vec::new();
        for (place, change) in changes(transition) {
            let range = &mut self.ranges[place.0 as usize];
            let before = *range;
            if change.puts() {
                range.high = self.known.most[place.0 as usize];
            }
            if change.takes() {
                range.low = 0;
            }
            if *range != before {
                grown.push(place);
            }
        }
        grown
    }
}

fn changes_at(transition: &Transition, place: PlaceId) -> Change {
    let weight = |arcs: &[crate::net::Arc]| arcs.iter().filter(|a| a.place == place).map(|a| a.weight).sum();
    Change {
        taken: weight(&transition.inputs),
        flushed: transition.flushes.contains(&place),
        put: weight(&transition.outputs),
    }
}
