//! The leading condition's observations in the order of their index, for what two designs have in common.
//!
//! Memory is bounded: neighbours are joined in pairs whenever there are [`MOST`] pieces.

use serde::{Deserialize, Serialize};

/// Most pieces that are kept; a power of two.
pub const MOST: usize = 1024;

/// Time and downtime of consecutive observations, joined to pieces of equally many.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    /// Observations in all.
    count: u64,
    /// Binary logarithm of the observations in each piece; the last may have fewer.
    level: u32,
    /// Time and downtime of each piece, seconds.
    pieces: Vec<[f64; 2]>,
}

impl Series {
    /// Adds the next observation.
    pub fn push(&mut self, observation: [f64; 2]) {
        let each = 1 << self.level;
        if self.count.is_multiple_of(each) {
            if self.pieces.len() == MOST {
                self.pieces = joined(&self.pieces, 1);
                self.level += 1;
                return self.push(observation);
            }
            self.pieces.push([0.0; 2]);
        }
        if let Some([time, down]) = self.pieces.last_mut() {
            *time += observation[0];
            *down += observation[1];
        }
        self.count += 1;
    }

    /// Adds those of a block, which hasn't joined any.
    pub fn extend(&mut self, block: &Series) {
        debug_assert_eq!(block.level, 0);
        block.pieces.iter().for_each(|&observation| self.push(observation));
    }

    /// Observations in all.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Binary logarithm of the observations in each piece.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// The whole pieces, of 2^`level` observations each; `level` is at least that of the series.
    pub fn pieces(&self, level: u32) -> Vec<[f64; 2]> {
        let whole = (self.count >> self.level) as usize;
        joined(&self.pieces[..whole], level - self.level)
    }

    /// Whether it can be the series of so many observations, or was dropped: a snapshot might come from elsewhere.
    pub fn fits(&self, count: u64) -> bool {
        let needed = |level: u32| 1_u64.checked_shl(level).map(|each| count.div_ceil(each));
        let whole = self.pieces.len() <= MOST && needed(self.level) == Some(self.pieces.len() as u64);
        *self == Series::default() || (self.count == count && whole)
    }
}

/// The sums of 2^`levels` neighbours; what is left over at the end is left out.
fn joined(pieces: &[[f64; 2]], levels: u32) -> Vec<[f64; 2]> {
    let Some(each) = 1_usize.checked_shl(levels) else { return Vec::new() };
    let sum = |group: &[[f64; 2]]| group.iter().fold([0.0; 2], |sum, piece| [sum[0] + piece[0], sum[1] + piece[1]]);
    pieces.chunks_exact(each).map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_but_the_last_piece() {
        let mut series = Series::default();
        for n in 1..=10_000_u64 {
            series.push([1.0, n as f64]);
            assert!(series.pieces.len() <= MOST && series.fits(n), "{n}");
            let level = series.level() + (n % 3) as u32;
            let whole = n >> level << level;
            let sums = series.pieces(level).iter().fold([0.0; 2], |sum, [t, d]| [sum[0] + t, sum[1] + d]);
            assert_eq!(sums, [whole as f64, (whole * (whole + 1) / 2) as f64], "{n} at {level}");
        }
        assert!(series.pieces(40).is_empty() && series.pieces(80).is_empty());
    }

    #[test]
    fn a_damaged_series_is_seen() {
        let mut series = Series::default();
        (0..3).for_each(|_| series.push([1.0, 0.0]));
        assert!(series.fits(3) && !series.fits(4));
        assert!(!Series { level: 70, ..series.clone() }.fits(3));
        assert!(!Series { pieces: Vec::new(), ..series.clone() }.fits(3));
        assert!(Series::default().fits(3));
    }
}
