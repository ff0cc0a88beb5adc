//! When a test looks at its data, and what each look may cost of the error probability.
//!
//! Looks are planned in events: what the budget of firings allows in observations is the last look, each earlier one
//! stands at half of the next. Up to a share t of the budget the error α·√t may be spent: a spending function (Lan and
//! DeMets 1983) of the power family (Kim and DeMets 1987) with an exponent of ½, so that a great effect is found early
//! and a small one still has 0.29 α at the end. What one look spends is taken as if the others told nothing of it
//! (Bonferroni's inequality over the looks), which holds however the looks depend on each other: no Brownian motion
//! is assumed, and a look that is left out, for lack of outages, only makes the test more careful.

use crate::experiment::settings::{BLOCK, FIRST_LOOK};

/// Chance of a false red, over all checks of a gate, and of a false green.
pub const ALARM: f64 = 0.05;

/// One look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Observations of each version by then.
    pub observations: u64,
    /// Share of the error probability that it may spend.
    pub share: f64,
}

/// The looks of a test that can afford `most` observations of each version.
pub fn looks(most: u64) -> Vec<Look> {
    let most = most.max(FIRST_LOOK);
    let halvings = (most / FIRST_LOOK).ilog2();
    let mut spent = 0.0;
    let look = |halving: u32| {
        let observations = (most >> halving).next_multiple_of(BLOCK);
        let due = libm::exp2(-0.5 * f64::from(halving));
        let share = due - spent;
        spent = due;
        Look { observations, share }
    };
    (0..=halvings).rev().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looks_spend_everything_and_no_more() {
        for most in [0, 1, 64, 100, 127, 128, 1_000, 123_456, 1 << 22] {
            let looks = looks(most);
            let spent: f64 = looks.iter().map(|look| look.share).sum();
            assert!((spent - 1.0).abs() < 1e-12, "{most}: {spent}");
            assert!(looks[0].observations >= FIRST_LOOK && looks[0].observations < 2 * FIRST_LOOK + BLOCK);
            assert!(looks.windows(2).all(|pair| pair[0].observations < pair[1].observations), "{most}");
            assert!(looks.iter().all(|look| look.share > 0.0 && look.observations % BLOCK == 0));
        }
        let last = looks(1 << 20).last().unwrap().share;
        assert!((last - (1.0 - 0.5_f64.sqrt())).abs() < 1e-12);
    }
}
