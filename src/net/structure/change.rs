//! What one firing does to each place (S4).

use crate::net::{PlaceId, Transition};
use std::collections::BTreeMap;

/// Inputs, flush and outputs of one transition at one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// Tokens taken first.
    pub taken: u32,
    /// Whether the place is emptied then.
    pub flushed: bool,
    /// Tokens put last.
    pub put: u32,
}

impl Change {
    /// Whether a firing can leave fewer tokens than it found.
    pub fn takes(self) -> bool {
        self.flushed || self.put < self.taken
    }

    /// Whether a firing can leave more tokens than it found. (A flush finds at least what is taken.)
    pub fn puts(self) -> bool {
        self.put > self.taken
    }

    /// Whether it depends on the marking if a firing overfills a place of some capacity.
    pub fn may_overfill(self) -> bool {
        self.puts() && !self.flushed
    }

    /// Tokens more (or fewer) after a firing; nothing when that depends on how many a flush finds.
    pub fn difference(self) -> Option<i64> {
        (!self.flushed).then(|| i64::from(self.put) - i64::from(self.taken))
    }
}

/// The changes of a transition, by place; places that it only tests are absent.
pub(super) fn changes(transition: &Transition) -> BTreeMap<PlaceId, Change> {
    let mut changes: BTreeMap<PlaceId, Change> = BTreeMap::new();
    for arc in &transition.inputs {
        changes.entry(arc.place).or_default().taken += arc.weight;
    }
    for &place in &transition.flushes {
        changes.entry(place).or_default().flushed = true;
    }
    for arc in &transition.outputs {
        changes.entry(arc.place).or_default().put += arc.weight;
    }
    changes
}
