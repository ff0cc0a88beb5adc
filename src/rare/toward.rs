//! Which failures bring a marking nearer to an outage: distance-based failure biasing (Carrasco 1992).
//!
//! Of many failures few may matter, and which ones depends on what has failed already. Those that change the marking
//! along a shortest way until the condition is false share most of what failures get; the others keep a part of it,
//! since a longer way may be the likelier one.

use super::distance::{Change, nearer};
use super::scheme::{Kind, Scheme};
use crate::net::expr::Expr;
use crate::program::Program;

/// What failures that don't bring an outage nearer have together, where others do.
const OTHERS: f64 = 0.2;

/// The failures of a net, judged by where they lead.
#[derive(Debug, Clone)]
pub struct Toward<'n> {
    condition: &'n Expr,
    /// Of each failure (by its index in the scheme): the places that its firing changes, and how.
    changes: Vec<Vec<(usize, Change)>>,
    /// Changes of each place on the shortest ways.
    fewer: Vec<bool>,
    more: Vec<bool>,
    helps: Vec<bool>,
    /// Whether some failures help, and others don't.
    apart: bool,
}

impl<'n> Toward<'n> {
    /// For outages of a condition of a program.
    pub fn new(condition: &'n Expr, program: &Program, scheme: &Scheme) -> Toward<'n> {
        let places = program.place_names.len();
        let changes = |timed: &super::scheme::Timed| match timed.kind {
            Kind::Failure => program
                .firing(timed.seat.transition)
                .effects(&program.tape)
                .iter()
                .filter(|[place, change]| (*place as usize) < places && *change != 0)
                .map(|&[place, change]| (place as usize, if change as i32 > 0 { Change::More } else { Change::Fewer }))
                .collect(),
            _ => Vec::new(),
        };
        Toward {
            condition,
            changes: scheme.timed.iter().map(changes).collect(),
            fewer: vec![false; places],
            more: vec![false; places],
            helps: vec![false; scheme.timed.len()],
            apart: false,
        }
    }

    /// Whether a failure (by its index) brings no outage nearer, where others do: as of the last call of [`Toward::share`].
    pub fn leads_aside(&self, index: usize) -> bool {
        self.apart && !self.helps[index]
    }

    /// Writes the share that each failure has of what all get together: those whose share isn't 0 can fail.
    pub fn share(&mut self, marking: &[u32], shares: &mut [f64]) {
        let Toward { condition, changes, fewer, more, helps, apart } = self;
        fewer.fill(false);
        more.fill(false);
        nearer(condition, marking, false, &mut |place, change| {
            fewer[place.0 as usize] |= change != Change::More;
            more[place.0 as usize] |= change != Change::Fewer;
        });
        let (mut failures, mut helping) = (0.0, 0.0);
        for ((share, changes), helps) in shares.iter().zip(changes).zip(helps.iter_mut()) {
            let on_the_way = |&(place, change): &(usize, Change)| match change {
                Change::Fewer => fewer[place],
                _ => more[place],
            };
            *helps = *share > 0.0 && changes.iter().any(on_the_way);
            failures += f64::from(*share > 0.0);
            helping += f64::from(*helps);
        }
        *apart = helping > 0.0 && helping < failures;
        for (share, &helps) in shares.iter_mut().zip(helps.iter()).filter(|(share, _)| **share > 0.0) {
            *share = match (*apart, helps) {
                (false, _) => 1.0 / failures,
                (true, true) => (1.0 - OTHERS) / helping,
                (true, false) => OTHERS / (failures - helping),
            };
        }
    }
}
