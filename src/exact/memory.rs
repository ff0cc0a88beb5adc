//! What a state space and its solution take, in bytes: counted from their sizes, not asked of the machine, so that the
//! end comes alike everywhere, and while the states are explored, before anything is solved.

use super::{Limits, Refusal};

/// Kept for the elimination of states, whose fill-in is bounded.
const ELIMINATION: u64 = 400_000_000;

/// For each state: row and exit, its place in the search for recurrent classes, iterates of the solver on all levels.
const STATE: u64 = 200;

/// For each transition: the chain, the same of one class, by targets, that which begins anew, and levels of aggregation.
const TRANSITION: u64 = 60;

impl Limits {
    /// The budget that stands where none is stated: 8 GB, of which two fit into a machine of 24 GiB; about 14 million
    /// states with five transitions each.
    pub const MEMORY: u64 = 8_000_000_000;

    /// The least budget that can be stated.
    pub const LEAST_MEMORY: u64 = 500_000_000;

    /// Whether so many states and transitions, for which `stored` bytes are held already, may be solved.
    pub(super) fn allow(&self, stored: usize, states: usize, transitions: usize) -> Result<(), Refusal> {
        if transitions > self.transitions {
            return Err(Refusal::TooManyTransitions { limit: self.transitions, states });
        }
        let needed = ELIMINATION + stored as u64 + STATE * states as u64 + TRANSITION * transitions as u64;
        if needed > self.memory {
            return Err(Refusal::TooMuchMemory { limit: self.memory, states, transitions });
        }
        Ok(())
    }
}

impl Default for Limits {
    /// As many states as memory holds.
    fn default() -> Limits {
        let most = u32::MAX as usize - 1;
        Limits { states: most, transitions: most, vanishing: 100_000, memory: Limits::MEMORY }
    }
}
