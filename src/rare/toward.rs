//! Which steps bring a marking nearer to an outage.
//!
//! Of many failures few may matter, and which ones depends on what has failed already. Where it is known what each
//! [promises](super::promise), or roughly known how likely an outage is behind it, each gets in proportion to its rate and to
//! that, as it would if that were exact and nothing were left to chance but the path (L'Ecuyer and Tuffin 2007). Elsewhere
//! those that change the marking along a shortest way until the condition is false get alike (distance-based failure
//! biasing: Carrasco 1992). In all cases all failures, or all others, keep a part of it, since a way that is thought little
//! of may be likely. Promises lead among failures and recoveries together.

use super::distance::{Change, nearer};
use super::importance::{Importance, Scratch};
use super::scheme::{Kind, Scheme, Timed};
use crate::net::expr::Expr;
use crate::program::Program;

/// What failures that don't bring an outage nearer have together, where others do; and what all have alike, where promises
/// or chances are known.
const OTHERS: f64 = 0.2;

/// A promise so many times as great is a greater one.
const CLEARLY: f64 = 2.0;

/// The failures of a net, judged by where they lead.
#[derive(Debug, Clone)]
pub struct Toward<'n> {
    condition: &'n Expr,
    importance: &'n Importance,
    scratch: Scratch,
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

/// What the steps of a net promise, or how likely an outage is behind them, and room to work in.
#[derive(Debug, Clone)]
struct Guide<'n> {
    importance: &'n Importance,
    scratch: Scratch,
    after: Vec<u32>,
    /// Index of each transition in the scheme.
    indices: Vec<Option<u32>>,
    /// What each step promises, or in proportion to its chance.
    promised: Vec<f64>,
}

impl<'n> Toward<'n> {
    /// For outages of a condition of a program, whose chances `importance` may know.
    pub fn new(condition: &'n Expr, importance: &'n Importance, program: &Program, scheme: &Scheme) -> Toward<'n> {
        let (places, steps) = (program.place_names.len(), scheme.timed.len());
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
        let guide = || {
            let (scratch, after, indices) = (Scratch::default(), Vec::new(), scheme.indices().to_vec());
            Guide { importance, scratch, after, indices, promised: vec![0.0; steps] }
        };
        Toward {
            condition,
            importance,
            scratch: Scratch::default(),
            guide: importance.is_chance().then(guide),
            changes: scheme.timed.iter().map(changes).collect(),
            fewer: vec![false; places],
            more: vec![false; places],
            helps: vec![false; steps],
            apart: false,
        }
    }

    /// How near a marking is to an outage.
    pub fn nearness(&mut self, marking: &[u32]) -> f64 {
        match self.importance.promise(marking, &mut self.scratch) {
            Some((promised, _)) => libm::log(promised),
            None => self.importance.at(marking, &mut self.scratch),
        }
    }

    /// Writes the chance that each step gets by its amount and its promise; false where none is known.
    pub fn lead(&mut self, marking: &[u32], amounts: &[f64], chances: &mut [f64]) -> bool {
        let Some(guide) = &mut self.guide else { return false };
        if guide.promises(marking).is_none() {
            return false;
        }
        let sum: f64 = amounts.iter().zip(&guide.promised).map(|(amount, promised)| amount * promised).sum();
        let parts = amounts.iter().zip(&guide.promised).map(|(amount, promised)| amount * promised / sum);
        chances.iter_mut().zip(parts).for_each(|(chance, part)| *chance = part);
        sum.is_normal()
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
    /// Shares by amount, and promise or chance; false, with nothing written, where neither is known, or there is none.
    fn share(
        &mut self,
        marking: &[u32],
        changes: &[Vec<(usize, i32)>],
        amounts: &[f64],
        shares: &mut [f64],
        helps: &mut [bool],
    ) -> bool {
        let Some(now) = self.promises(marking).or_else(|| self.chances(marking, changes, shares)) else { return false };
        let fails: Vec<usize> = (0..shares.len()).filter(|&index| shares[index] > 0.0).collect();
        let sum: f64 = fails.iter().map(|&index| amounts[index] * self.promised[index]).sum();
        if !sum.is_normal() {
            return false;
        }
        for &index in &fails {
            shares[index] = (1.0 - OTHERS) * amounts[index] * self.promised[index] / sum + OTHERS / fails.len() as f64;
            helps[index] = self.promised[index] > CLEARLY * now;
        }
        true
    }

    /// Finds what each step promises; gives what the marking itself does, and none where that isn't known.
    fn promises(&mut self, marking: &[u32]) -> Option<f64> {
        let (now, steps) = self.importance.promise(marking, &mut self.scratch)?;
        self.promised.fill(0.0);
        for (transition, promised) in steps {
            if let Some(index) = self.indices[transition.0 as usize] {
                self.promised[index as usize] = *promised;
            }
        }
        Some(now)
    }

    /// The same by the chances behind failures, of those whose share isn't 0, the greatest of which is put 1.
    fn chances(&mut self, marking: &[u32], changes: &[Vec<(usize, i32)>], shares: &[f64]) -> Option<f64> {
        let now = self.importance.chance(marking, &mut self.scratch)?;
        let fails = || (0..shares.len()).filter(|&index| shares[index] > 0.0);
        let mut greatest = f64::NEG_INFINITY;
        for index in fails() {
            self.after.clear();
            self.after.extend_from_slice(marking);
            for &(place, change) in &changes[index] {
                self.after[place] = self.after[place].wrapping_add_signed(change);
            }
            self.promised[index] = self.importance.chance(&self.after, &mut self.scratch)?;
            greatest = greatest.max(self.promised[index]);
        }
        fails().for_each(|index| self.promised[index] = libm::exp(self.promised[index] - greatest));
        Some(libm::exp(now - greatest))
    }
}
