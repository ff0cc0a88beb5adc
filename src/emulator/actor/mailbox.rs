//! What waits for an actor.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What becomes of a message for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// It is dropped.
    Newest,
    /// The one that has waited longest is dropped.
    Oldest,
}

/// The room of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// So many messages wait at most, beside the one in hand.
    pub most: usize,
    /// Which is dropped when there are more.
    pub overflow: Overflow,
}

/// Messages in the order in which they came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mailbox<M>(VecDeque<M>);

impl<M> Mailbox<M> {
    pub(super) fn new() -> Mailbox<M> {
        Mailbox(VecDeque::new())
    }

    /// Puts a message in; whether one had to be dropped.
    pub(super) fn push(&mut self, message: M, capacity: Capacity) -> bool {
        if self.0.len() < capacity.most {
            self.0.push_back(message);
            return false;
        }
        if capacity.overflow == Overflow::Oldest && self.0.pop_front().is_some() {
            self.0.push_back(message);
        }
        true
    }

    pub(super) fn pop(&mut self) -> Option<M> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_dropped_at_either_end() {
        let left = |overflow, most| {
            let mut mailbox = Mailbox::new();
            let dropped = (0..5).filter(|n| mailbox.push(*n, Capacity { most, overflow })).count();
            (dropped, std::iter::from_fn(|| mailbox.pop()).collect::<Vec<i32>>())
        };
        assert_eq!(left(Overflow::Newest, 3), (2, vec![0, 1, 2]));
        assert_eq!(left(Overflow::Oldest, 3), (2, vec![2, 3, 4]));
        assert_eq!(left(Overflow::Oldest, 0), (5, vec![]));
    }
}
