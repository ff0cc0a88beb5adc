//! P- and T-invariants of what may fire.

use super::change::changes;
use super::farkas::{Sparse, solve};
use super::live::{Conserved, Reach, needs};
use super::{Invariant, Invariants, Limits};
use crate::net::{Net, PlaceId, Transition};

/// P-invariants by index.
pub(super) struct Found {
    /// The conserved sums.
    pub list: Vec<Conserved>,
    skipped: usize,
    left_out: Vec<PlaceId>,
}

impl Found {
    /// The same with names.
    pub fn named(self, net: &Net) -> Invariants {
        let name = |place: PlaceId| net.places[place.0 as usize].name.clone();
        let invariant = |sum: Conserved| Invariant {
            terms: sum.terms.into_iter().map(|(place, weight)| (name(place), weight)).collect(),
            value: Some(sum.value),
        };
        Invariants {
            list: self.list.into_iter().map(invariant).collect(),
            skipped: self.skipped,
            left_out: self.left_out.into_iter().map(name).collect(),
        }
    }
}

/// Net change of every place by one firing, or the places that it changes by an unknown number.
///
/// A flush is harmless when tests and inhibitors say exactly how many tokens it finds.
fn effect(transition: &Transition) -> (Vec<(PlaceId, i64)>, Vec<PlaceId>) {
    let needs = needs(transition);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (place, change) in changes(transition) {
        let at_least = needs.get(&place).copied().unwrap_or(0);
        let fewer_than = transition.inhibitors.iter().find(|a| a.place == place).map(|a| a.weight);
        let found = (fewer_than == at_least.checked_add(1)).then(|| i64::from(change.put) - i64::from(at_least));
        match change.difference().or(found) {
            Some(0) => {}
            Some(difference) => known.push((place, difference)),
            None => unknown.push(place),
        }
    }
    (known, unknown)
}

fn live<'n>(net: &'n Net, reach: &Reach) -> Vec<(usize, &'n Transition)> {
    net.transitions.iter().enumerate().filter(|(index, _)| reach.dead[*index].is_none()).collect()
}

/// Minimal P-invariants over the places that no flush makes uncertain.
pub(super) fn places(net: &Net, reach: &Reach, limits: &Limits) -> Found {
    let live = live(net, reach);
    let mut rows: Vec<Sparse> = vec![Vec::new(); net.places.len()];
    let mut uncertain = vec![false; net.places.len()];
    for (column, (_, transition)) in live.iter().enumerate() {
        let (known, unknown) = effect(transition);
        known.into_iter().for_each(|(place, change)| rows[place.0 as usize].push((column as u32, change)));
        unknown.into_iter().for_each(|place| uncertain[place.0 as usize] = true);
    }
    let certain: Vec<u32> = (0..net.places.len() as u32).filter(|p| !uncertain[*p as usize]).collect();
    let matrix: Vec<Sparse> = certain.iter().map(|p| std::mem::take(&mut rows[*p as usize])).collect();
    let solutions = solve(&matrix, live.len(), limits.rows, limits.work);
    let conserved = |vector: &Sparse| {
        let terms = vector.iter().map(|(i, weight)| (PlaceId(certain[*i as usize]), weight.unsigned_abs()));
        let terms: Vec<(PlaceId, u64)> = terms.collect();
        let tokens = |(p, weight): &(PlaceId, u64)| weight.checked_mul(u64::from(net.places[p.0 as usize].initial));
        let value = terms.iter().try_fold(0u64, |sum, term| sum.checked_add(tokens(term)?))?;
        Some(Conserved { terms, value })
    };
    Found {
        list: solutions.vectors.iter().filter_map(conserved).collect(),
        skipped: solutions.skipped,
        left_out: (0..net.places.len() as u32).filter(|p| uncertain[*p as usize]).map(PlaceId).collect(),
    }
}

/// Minimal T-invariants over the transitions whose effect no flush makes uncertain.
pub(super) fn transitions(net: &Net, reach: &Reach, limits: &Limits) -> Invariants {
    let name = |index: usize| net.transitions[index].name.clone();
    let (mut certain, mut left_out, mut matrix) = (Vec::new(), Vec::new(), Vec::new());
    for (index, transition) in live(net, reach) {
        let (known, unknown) = effect(transition);
        if unknown.is_empty() {
            certain.push(index);
            matrix.push(known.into_iter().map(|(place, change)| (place.0, change)).collect::<Sparse>());
        } else {
            left_out.push(name(index));
        }
    }
    let solutions = solve(&matrix, net.places.len(), limits.rows, limits.work);
    let invariant = |vector: Sparse| Invariant {
        terms: vector.into_iter().map(|(i, weight)| (name(certain[i as usize]), weight.unsigned_abs())).collect(),
        value: None,
    };
    Invariants { list: solutions.vectors.into_iter().map(invariant).collect(), skipped: solutions.skipped, left_out }
}
