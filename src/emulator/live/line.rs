//! What happens later: packets on their way over a link of the plan, timers.

use crate::emulator::time::Instant;
use std::collections::BTreeMap;

/// Things by the time at which they are due, those of one instant in their order.
#[derive(Debug, Clone)]
pub(super) struct Line<T> {
    due: BTreeMap<(Instant, u64), T>,
    order: u64,
}

impl<T> Line<T> {
    pub(super) fn new() -> Line<T> {
        Line { due: BTreeMap::new(), order: 0 }
    }

    pub(super) fn push(&mut self, at: Instant, what: T) {
        self.order += 1;
        self.due.insert((at, self.order), what);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first thing that is due, and since when.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, T)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), what) = entry.remove_entry();
        Some((at, what))
    }
}
