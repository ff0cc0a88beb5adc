//! Whether successive batch means are uncorrelated.

use crate::dist::math::normal_survival;

/// The test against positive correlation of successive values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerialTest {
    /// About the correlation of neighbours: 1 − Σ(xᵢ − xᵢ₊₁)² / 2Σ(xᵢ − x̄)².
    pub correlation: f64,
    /// Chance of at least this correlation between independent values.
    pub p_value: f64,
}

/// Von Neumann's ratio as a test of independence (Fishman 1978): under independence the statistic has mean 0 and
/// variance (n − 2)/(n² − 1) and is nearly normal from 8 values on. None for fewer, for values that are all equal,
/// and for values that aren't finite.
pub fn von_neumann(values: &[f64]) -> Option<SerialTest> {
    let n = values.len() as f64;
    if values.len() < 8 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let spread: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    let steps: f64 = values.windows(2).map(|pair| (pair[0] - pair[1]) * (pair[0] - pair[1])).sum();
    if !(spread > 0.0 && spread.is_finite() && steps.is_finite()) {
        return None;
    }
    let correlation = 1.0 - steps / (2.0 * spread);
    let z = correlation * ((n * n - 1.0) / (n - 2.0)).sqrt();
    Some(SerialTest { correlation, p_value: normal_survival(z) })
}
