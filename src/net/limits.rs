//! How large a net may become before it is refused.

/// Sizes beyond which a net is refused, so that a slip of the pen doesn't fill the memory.
/// They are checked by multiplication before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Flat places and flat transitions together.
    pub flat: usize,
    /// Module instances.
    pub instances: usize,
    /// Initial tokens of one place of one colour, and the weight of an arc.
    pub tokens: u32,
    /// Colours of one set.
    pub colours: usize,
    /// Modules within modules.
    pub depth: usize,
    /// Steps of evaluation, counted over the whole net; 20 million take about a second.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            flat: 2_000_000,
            instances: 100_000,
            tokens: 10_000_000,
            colours: 1_000_000,
            depth: 64,
            steps: 20_000_000,
        }
    }
}
