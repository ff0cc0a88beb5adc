//! Which steps bring a marking nearer to an outage.
//!
//! Of many failures few may matter, and which ones depends on what has failed already. Where it is roughly known what the
//! markings [promise](super::promise) to which they lead, each gets in proportion to its rate and to that promise, as it would
//! if the promises were exact and nothing were left to chance but the path (L'Ecuyer and Tuffin 2007). Elsewhere those that
//! change the marking along a shortest way until the condition is false get alike (distance-based failure biasing: Carrasco
//! 1992). In both cases all failures, or all others, keep a part of it, since a way that is thought little of may be likely.
//! Where the promises are exact, they lead among failures and recoveries together.

use super::distance::{Change, nearer};
use super::importance::{Importance, Scratch};
use super::scheme::{Kind, Scheme, Timed};
use crate::net::expr::Expr;
use crate::program::Program;

/// What failures that don't bring an outage nearer have together, where others do; and what all have alike, where promises
/// are known.
const OTHERS: f64 = 0.2;

/// A promise so many times as great is a greater one.
const CLEARLY: f64 = 2.0;

/// The failures of a net, judged by where they lead.
#[derive(Debug, Clone)]
pub struct Toward<'n> {
    condition: &'n Expr,
    importance: &'n Importance,
    guide: Option<Guide<'n>>,
    /// Of each failure and recovery (by its index in the scheme): the places that its firing changes, and by how many tokens.
    changes: Vec<Vec<(usize, i32)>>,
    /// Changes of each place on the shortest ways.
    fewer: Vec<bool>,
    more: Vec<bool>,
    helps: Vec<bool>,
    /// Whether some failures help, and others don't.
    apart: bool,
}

/// What the markings of a net promise, and room to work in.
#[derive(Debug, Clone)]
struct Guide<'n> {
    importance: &'n Importance,
    scratch: Scratch,
    after: Vec<u32>,
    /// What is promised after each step.
    promised: Vec<f64>,
}

impl<'n> Toward<'n> {
    /// For outages of a condition of a program, whose promises `importance` may know.
    pub fn new(condition: &'n Expr, importance: &'n Importance, program: &Program, scheme: &Scheme) -> Toward<'n> {
        let (places, steps) = (program.place_names.len(), scheme.timed.len());
        let changes = |timed: &Timed| match timed.kind {
            Kind::Failure | Kind::Recovery => program
                .firing(timed.seat.transition)
                .effects(&program.tape)
                .iter()
                .filter(|[place, change]| (*place as usize) < places && *change != 0)
                .map(|&[place, change]| (place as usize, change as i32))
                .collect(),
            Kind::Background => Vec::new(),
        };
        let guide = || {
            let (scratch, after, promised) = (Scratch::default(), Vec::new(), vec![0.0; steps]);
            Guide { importance, scratch, after, promised }
        };
        Toward {
            condition,
            importance,
            guide: importance.promises().then(guide),
            changes: scheme.timed.iter().map(changes).collect(),
            fewer: vec![false; places],
            more: vec![false; places],
            helps: vec![false; steps],
            apart: false,
        }
    }

    /// How near a marking is to an outage.
    pub fn nearness(&mut self, marking: &[u32]) -> f64 {
        match &mut self.guide {
            Some(guide) => libm::log(guide.importance.promise(marking, &mut guide.scratch).map_or(0.0, |p| p.down)),
            None => self.importance.at(marking, &mut Scratch::default()),
        }
    }

    /// Writes the chance that each step gets by its amount and its promise, where that is exact; false, with nothing to be
    /// relied on, where it isn't.
    pub fn lead(&mut self, marking: &[u32], amounts: &[f64], chances: &mut [f64]) -> bool {
        let Some(guide) = self.guide.as_mut().filter(|guide| guide.importance.is_exact()) else { return false };
        let Some(sum) = guide.promise(marking, &self.changes, amounts, |index| amounts[index] > 0.0) else { return false };
        for ((chance, amount), promised) in chances.iter_mut().zip(amounts).zip(&guide.promised) {
            *chance = if *amount > 0.0 { amount * promised / sum } else { 0.0 };
        }
        true
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
    /// Shares by amount and promise; false, with nothing written, where a promise isn't known, or there is none.
    fn share(
        &mut self,
        marking: &[u32],
        changes: &[Vec<(usize, i32)>],
        amounts: &[f64],
        shares: &mut [f64],
        helps: &mut [bool],
    ) -> bool {
        let Some(sum) = self.promise(marking, changes, amounts, |index| shares[index] > 0.0) else { return false };
        let now = self.importance.promise(marking, &mut self.scratch).map_or(0.0, |promise| promise.down);
        let failures = shares.iter().filter(|share| **share > 0.0).count() as f64;
        for (index, share) in shares.iter_mut().enumerate().filter(|(_, share)| **share > 0.0) {
            *share = (1.0 - OTHERS) * amounts[index] * self.promised[index] / sum + OTHERS / failures;
            helps[index] = self.promised[index] > CLEARLY * now;
        }
        true
    }

    /// Finds what is promised after each of some steps; gives the sum of their amounts times that, and none where a promise
    /// isn't known, or there is none.
    fn promise(
        &mut self,
        marking: &[u32],
        changes: &[Vec<(usize, i32)>],
        amounts: &[f64],
        asked: impl Fn(usize) -> bool,
    ) -> Option<f64> {
        let now = self.importance.promise(marking, &mut self.scratch)?;
        let mut sum = 0.0;
        for index in (0..amounts.len()).filter(|&index| asked(index)) {
            self.after.clear();
            self.after.extend_from_slice(marking);
            for &(place, change) in &changes[index] {
                self.after[place] = self.after[place].wrapping_add_signed(change);
            }
            let next = self.importance.promise(&self.after, &mut self.scratch)?;
            self.promised[index] = now.onward(&next);
            sum += amounts[index] * self.promised[index];
        }
        Some(sum).filter(|sum| sum.is_normal())
    }
}
