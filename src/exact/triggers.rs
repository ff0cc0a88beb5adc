//! Which races or immediates may be enabled in a marking: one needs no look while a place that it needs is empty.

use crate::program::{Enabling, Program};

/// Things with an enabling condition, by a place that must hold a token for it.
#[derive(Debug)]
pub(super) struct Triggers {
    /// Those that need no token.
    always: Vec<u32>,
    /// Where the list of each place begins, and the last one ends.
    starts: Vec<u32>,
    lists: Vec<u32>,
}

impl Triggers {
    /// Things are known by their position.
    pub fn new<'e>(program: &Program, things: impl Iterator<Item = &'e Enabling>) -> Triggers {
        let mut by_place = vec![Vec::new(); program.initial.len()];
        let mut always = Vec::new();
        for (index, enabling) in things.enumerate() {
            // Of several places the one that the fewest need: a resource that all share says little.
            let needed = program.conditions(enabling).filter(|condition| condition.low > 0);
            match needed.min_by_key(|condition| by_place[condition.place as usize].len()) {
                Some(condition) => by_place[condition.place as usize].push(index as u32),
                None => always.push(index as u32),
            }
        }
        let mut starts = vec![0];
        for list in &by_place {
            starts.push(starts[starts.len() - 1] + list.len() as u32);
        }
        Triggers { always, starts, lists: by_place.concat() }
    }

    /// Calls `visit` with everything that may be enabled, in a fixed order.
    #[inline]
    pub fn of(&self, marking: &[u32], mut visit: impl FnMut(u32)) {
        self.always.iter().for_each(|&index| visit(index));
        for (range, _) in self.starts.windows(2).zip(marking).filter(|(_, tokens)| **tokens > 0) {
            self.lists[range[0] as usize..range[1] as usize].iter().for_each(|&index| visit(index));
        }
    }
}
