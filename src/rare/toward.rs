//! Which failures bring a marking nearer to an outage.
//!
//! Of many failures few may matter, and which ones depends on what has failed already. Where the chance of an outage is
//! roughly known from the markings to which they lead, each gets in proportion to its rate and to that chance, as it would
//! if the chance were exact and nothing were left to chance but the path (L'Ecuyer and Tuffin 2007). Elsewhere those that
//! change the marking along a shortest way until the condition is false get alike (distance-based failure biasing: Carrasco
//! 1992). In both cases all failures, or all others, keep a part of it, since a way that is thought little of may be likely.

use super::distance::{Change, nearer};
use super::importance::{Importance, Scratch};
use super::scheme::{Kind, Scheme, Timed};
use crate::net::expr::Expr;
use crate::program::Program;

/// What failures that don't bring an outage nearer have together, where others do; and what all have alike, where chances are
/// known.
const OTHERS: f64 = 0.2;

/// The failures of a net, judged by where they lead.
#[derive(Debug, Clone)]
pub struct Toward<'n> {
    condition: &'n Expr,
    importance: &'n Importance,
    guide: Option<Guide<'n>>,
    /// Of each failure (by its index in the scheme): the places that its firing changes, and by how many tokens.
    changes: Vec<Vec<(usize, i32)>>,
    /// Changes of each place on the shortest ways.
    fewer: Vec<bool>,
    more: Vec<bool>,
    helps: Vec<bool>,
    /// Whether some failures help, and others don't.
    apart: bool,
}

/// The chances of an outage from the markings of a net, and room to work in.
#[derive(Debug, Clone)]
struct Guide<'n> {
    importance: &'n Importance,
    scratch: Scratch,
    after: Vec<u32>,
    /// ln of the chance after each failure.
    chances: Vec<f64>,
}

impl<'n> Toward<'n> {
    /// For outages of a condition of a program, whose chances `importance` may know.
    pub fn new(condition: &'n Expr, importance: &'n Importance, program: &Program, scheme: &Scheme) -> Toward<'n> {
        let (places, failures) = (program.place_names.len(), scheme.timed.len());
        let changes = |timed: &Timed| match timed.kind {
            Kind::Failure => program
                .firing(timed.seat.transition)
                .effects(&program.tape)
                .iter()
                .filter(|[place, change]| (*place as usize) < places && *change != 0)
                .map(|&[place, change]| (place as usize, change as i32))
                .collect(),
            _ => Vec::new(),
        };
        let (scratch, after) = (Scratch::default(), Vec::new());
        Toward {
            condition,
            importance,
            guide: importance.is_chance().then(|| Guide { importance, scratch, after, chances: vec![0.0; failures] }),
            changes: scheme.timed.iter().map(changes).collect(),
            fewer: vec![false; places],
            more: vec![false; places],
            helps: vec![false; failures],
            apart: false,
        }
    }

    /// How near a marking is to an outage.
    pub fn nearness(&self, marking: &[u32]) -> f64 {
        self.importance.at(marking, &mut Scratch::default())
    }

    /// Whether a failure (by its index) brings no outage nearer, where others do: as of the last call of [`Toward::share`].
    pub fn leads_aside(&self, index: usize) -> bool {
        self.apart && !self.helps[index]
    }

    /// Writes the share that each failure has of what all get together: those whose share isn't 0 can fail, and come in
    /// proportion to their `amounts` if nothing is done.
    pub fn share(&mut self, marking: &[u32], amounts: &[f64], shares: &mut [f64]) {
        let known = match &mut self.guide {
            Some(guide) => guide.share(marking, &self.changes, amounts, shares, &mut self.helps),
            None => false,
        };
        if !known {
            self.on_the_way(marking, shares);
        }
        let judged = || shares.iter().zip(&self.helps).filter(|(share, _)| **share > 0.0);
        self.apart = judged().any(|(_, helps)| *helps) && judged().any(|(_, helps)| !helps);
        if !known {
            even(shares, &self.helps, self.apart);
        }
    }

    /// Which failures change the marking along a shortest way.
    fn on_the_way(&mut self, marking: &[u32], shares: &[f64]) {
        let Toward { condition, changes, fewer, more, helps, .. } = self;
        fewer.fill(false);
        more.fill(false);
        nearer(condition, marking, false, &mut |place, change| {
            fewer[place.0 as usize] |= change != Change::More;
            more[place.0 as usize] |= change != Change::Fewer;
        });
        let on_the_way = |&(place, change): &(usize, i32)| if change < 0 { fewer[place] } else { more[place] };
        for ((helps, changes), share) in helps.iter_mut().zip(changes).zip(shares) {
            *helps = *share > 0.0 && changes.iter().any(on_the_way);
        }
    }
}

/// Those that help are alike, and so are the others.
fn even(shares: &mut [f64], helps: &[bool], apart: bool) {
    let failures = shares.iter().filter(|share| **share > 0.0).count() as f64;
    let helping = shares.iter().zip(helps).filter(|(share, helps)| **share > 0.0 && **helps).count() as f64;
    for (share, &helps) in shares.iter_mut().zip(helps).filter(|(share, _)| **share > 0.0) {
        *share = match (apart, helps) {
            (false, _) => 1.0 / failures,
            (true, true) => (1.0 - OTHERS) / helping,
            (true, false) => OTHERS / (failures - helping),
        };
    }
}

impl Guide<'_> {
    /// Shares by amount and chance; false, with nothing written, where a chance isn't known, or there is none.
    fn share(
        &mut self,
        marking: &[u32],
        changes: &[Vec<(usize, i32)>],
        amounts: &[f64],
        shares: &mut [f64],
        helps: &mut [bool],
    ) -> bool {
        let (mut greatest, mut failures) = (f64::NEG_INFINITY, 0.0);
        for index in (0..shares.len()).filter(|&index| shares[index] > 0.0) {
            let Some(chance) = self.after(marking, &changes[index]) else { return false };
            self.chances[index] = chance;
            greatest = greatest.max(chance);
            failures += 1.0;
        }
        let promise = |index: usize, chance: f64| amounts[index] * libm::exp(chance - greatest);
        let fails: Vec<usize> = (0..shares.len()).filter(|&index| shares[index] > 0.0).collect();
        let sum: f64 = fails.iter().map(|&index| promise(index, self.chances[index])).sum();
        if !sum.is_normal() {
            return false;
        }
        let now = self.importance.at(marking, &mut self.scratch) + self.importance.margin();
        for index in fails {
            let chance = self.chances[index];
            shares[index] = (1.0 - OTHERS) * promise(index, chance) / sum + OTHERS / failures;
            helps[index] = chance > now;
        }
        true
    }

    /// ln of the chance after a change of the marking, if it is known.
    fn after(&mut self, marking: &[u32], changes: &[(usize, i32)]) -> Option<f64> {
        self.after.clear();
        self.after.extend_from_slice(marking);
        for &(place, change) in changes {
            self.after[place] = self.after[place].wrapping_add_signed(change);
        }
        self.importance.chance(&self.after, &mut self.scratch)
    }
}
