//! Which part of a path is observed.

use crate::rng::StreamKey;
use serde::{Deserialize, Serialize};

/// What is removed from the start of a path, and what is observed after that; seconds.
///
/// Deterministic clocks that nothing resets keep their phase for ever: an inspection every 30 days comes on day 30 of
/// every replication, and windows that all began on the same day would see it too often or too seldom. So each
/// observation begins at a random instant of the `spread`, by a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Window {
    /// Removed from the start of each path.
    pub warmup: f64,
    /// The observation begins within so much after that.
    pub spread: f64,
    /// Observed.
    pub length: f64,
}

impl Window {
    /// When the observation of a replication begins.
    pub fn start(&self, seed: u64, replication: u64) -> f64 {
        if self.spread == 0.0 {
            return self.warmup;
        }
        self.warmup + self.spread * StreamKey::of("window").stream(seed, replication).draw().uniform()
    }
}
