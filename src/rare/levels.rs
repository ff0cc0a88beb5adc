//! Levels along an importance, and where to lay them.

use serde::{Deserialize, Serialize};

/// Thresholds of the importance in ascending order, and into how many each path that reaches one is split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    thresholds: Vec<f64>,
    factors: Vec<u32>,
    /// Of a path at each level, below all thresholds first.
    weights: Vec<f64>,
}

/// Most paths into which one is split.
const MOST: f64 = 1e6;

/// No thresholds: every path has weight 1.
impl Default for Levels {
    fn default() -> Levels {
        Levels { thresholds: Vec::new(), factors: Vec::new(), weights: vec![1.0] }
    }
}

impl Levels {
    /// Levels with their factors, each at least 2 and the thresholds ascending; what isn't so is left out.
    pub fn new(levels: impl IntoIterator<Item = (f64, u32)>) -> Levels {
        let mut all = Levels::default();
        for (threshold, factor) in levels {
            let above = all.thresholds.last().is_none_or(|last| threshold > *last);
            if above && factor >= 2 {
                let weight = all.weights[all.weights.len() - 1] / f64::from(factor);
                all.thresholds.push(threshold);
                all.factors.push(factor);
                all.weights.push(weight);
            }
        }
        all
    }

    /// Levels whose factors make up for the chances to come from each threshold to the next, and from the last one
    /// down: so that as many paths arrive at each. (Near the optimum: Villén-Altamirano 2007.)
    pub fn balanced(stages: &[(f64, f64)]) -> Levels {
        let (mut wanted, mut reached) = (1.0, 1.0);
        let factor = |&(threshold, chance): &(f64, f64)| {
            wanted /= chance;
            let factor = libm::round(wanted / reached).clamp(1.0, MOST);
            reached *= factor;
            (threshold, factor as u32)
        };
        Levels::new(stages.iter().map(factor).collect::<Vec<_>>())
    }

    /// Number of thresholds.
    pub fn count(&self) -> usize {
        self.thresholds.len()
    }

    /// Thresholds with the factors there.
    pub fn all(&self) -> impl Iterator<Item = (f64, u32)> + '_ {
        self.thresholds.iter().copied().zip(self.factors.iter().copied())
    }

    /// How many thresholds an importance has reached.
    #[inline]
    pub fn of(&self, importance: f64) -> usize {
        self.thresholds.partition_point(|threshold| *threshold <= importance)
    }

    /// Weight of a path at a level.
    #[inline]
    pub fn weight(&self, level: usize) -> f64 {
        self.weights[level]
    }

    /// Into how many paths one is split that reaches a level, ≥ 1.
    pub(super) fn factor(&self, level: usize) -> u32 {
        self.factors[level - 1]
    }
}

/// The rises of the importance on some paths.
#[derive(Debug, Clone, Default)]
pub struct Rises {
    from: Vec<f64>,
    to: Vec<f64>,
}

impl Rises {
    /// One step of a path.
    #[inline]
    pub fn note(&mut self, from: f64, to: f64) {
        if to > from {
            self.from.push(from);
            self.to.push(to);
        }
    }

    /// How often each importance above `floor` was reached from below, the greatest first.
    fn counts(&mut self, floor: f64) -> Vec<(f64, u64)> {
        for list in [&mut self.from, &mut self.to] {
            list.sort_by(|x, y| y.total_cmp(x));
        }
        let (mut below, mut counts) = (0, Vec::new());
        for (index, &to) in self.to.iter().enumerate().take_while(|(_, to)| **to > floor) {
            // Only the last of equal ones has them all.
            if self.to.get(index + 1) == Some(&to) {
                continue;
            }
            while self.from.get(below).is_some_and(|from| *from >= to) {
                below += 1;
            }
            counts.push((to, (index + 1 - below) as u64));
        }
        counts
    }

    /// The greatest importance above `floor` that was reached from below at least `wanted` times, or else the one that
    /// was reached most often, with that number.
    pub fn highest(&mut self, floor: f64, wanted: u64) -> Option<(f64, u64)> {
        let counts = self.counts(floor);
        let enough = counts.iter().find(|(_, count)| *count >= wanted);
        enough.or(counts.iter().rev().max_by_key(|(_, count)| *count)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_the_product_of_the_factors_below() {
        let levels = Levels::new([(1.0, 4), (2.0, 5), (2.0, 9), (3.0, 1)]);
        assert_eq!((levels.count(), [0.5, 1.0, 1.9, 2.0, 7.0].map(|x| levels.of(x))), (2, [0, 1, 1, 2, 2]));
        assert_eq!([0, 1, 2].map(|level| levels.weight(level)), [1.0, 0.25, 0.05]);
        assert_eq!(levels.of(f64::NEG_INFINITY), 0);
    }

    #[test]
    fn factors_make_up_for_the_chances_and_for_each_others_rounding() {
        let levels = Levels::balanced(&[(1.0, 0.4), (2.0, 0.4), (3.0, 0.9), (4.0, 0.01)]);
        assert_eq!(levels.all().collect::<Vec<_>>(), [(1.0, 3), (2.0, 2), (4.0, 116)]);
    }

    #[test]
    fn rises_are_counted_where_they_pass() {
        let mut rises = Rises::default();
        for (from, to) in [(0.0, 1.0), (0.0, 2.0), (1.0, 3.0), (2.0, 1.0), (0.0, 1.0), (1.0, 2.0)] {
            rises.note(from, to);
        }
        assert_eq!(rises.counts(0.0), [(3.0, 1), (2.0, 3), (1.0, 3)]);
        assert_eq!(rises.highest(0.0, 2), Some((2.0, 3)));
        assert_eq!(rises.highest(1.5, 9), Some((2.0, 3)));
        assert_eq!(rises.highest(3.0, 1), None);
    }
}
