//! Means and co-moments of small vectors, gathered in blocks and merged.

use serde::{Deserialize, Serialize};

/// Number, means and centred second moments of vectors of one length.
///
/// Welford's update and Chan's merge: no cancellation when the spread is small beside the mean. The result depends
/// on the order of pushes and merges in its last bits, so blocks are merged in a fixed order. Serialised as JSON and
/// read back it is the same to the last bit, provided that what was pushed was finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    n: u64,
    mean: Vec<f64>,
    /// Σ (xᵢ − x̄ᵢ)(xⱼ − x̄ⱼ) for j ≤ i, row by row.
    products: Vec<f64>,
}

impl Moments {
    /// Of no vectors of length `width`.
    pub fn new(width: usize) -> Moments {
        Moments { n: 0, mean: vec![0.0; width], products: vec![0.0; width * (width + 1) / 2] }
    }

    /// How many vectors.
    pub fn count(&self) -> u64 {
        self.n
    }

    /// The mean vector; zeros when there are no vectors.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Adds a vector, which has the width of the others; what is missing counts as 0, what is too much is dropped.
    pub fn push(&mut self, vector: &[f64]) {
        self.n += 1;
        let n = self.n as f64;
        let at = |i: usize| vector.get(i).copied().unwrap_or(0.0);
        let before: Vec<f64> = self.mean.iter().enumerate().map(|(i, mean)| at(i) - mean).collect();
        self.mean.iter_mut().zip(&before).for_each(|(mean, off)| *mean += off / n);
        let mut product = self.products.iter_mut();
        for (i, &row) in before.iter().enumerate() {
            for &column in &before[..=i] {
                if let Some(product) = product.next() {
                    *product += row * column * ((n - 1.0) / n);
                }
            }
        }
    }

    /// Adds the vectors of another, of the same width.
    pub fn merge(&mut self, other: &Moments) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            self.clone_from(other);
            return;
        }
        let (n, m) = (self.n as f64, other.n as f64);
        let apart: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(theirs, ours)| theirs - ours).collect();
        let mut pairs = self.products.iter_mut().zip(&other.products);
        for (i, &row) in apart.iter().enumerate() {
            for &column in &apart[..=i] {
                if let Some((ours, theirs)) = pairs.next() {
                    *ours += theirs + row * column * (n / (n + m) * m);
                }
            }
        }
        self.mean.iter_mut().zip(&apart).for_each(|(mean, off)| *mean += off * (m / (n + m)));
        self.n += other.n;
    }

    /// Sample covariance of two coordinates; none with fewer than two vectors, or beyond the width.
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        let (row, column) = (i.max(j), i.min(j));
        if self.n < 2 || row >= self.mean.len() {
            return None;
        }
        Some(self.products[row * (row + 1) / 2 + column] / (self.n - 1) as f64)
    }

    /// Sample variance of a coordinate.
    pub fn variance(&self, i: usize) -> Option<f64> {
        self.covariance(i, i)
    }

    /// Standard error of a smooth function of the mean vector, given its gradient there: the delta method.
    /// None with fewer than two vectors.
    pub fn error(&self, gradient: &[f64]) -> Option<f64> {
        if self.n < 2 {
            return None;
        }
        let used = || gradient.iter().enumerate().filter(|(_, slope)| **slope != 0.0);
        let mut variance = 0.0;
        for (i, a) in used() {
            for (j, b) in used() {
                variance += a * b * self.covariance(i, j)?;
            }
        }
        // Rounding can leave a variance of 0 slightly negative.
        Some((variance / self.n as f64).max(0.0).sqrt())
    }
}
