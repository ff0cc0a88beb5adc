//! The chance that one random variable comes out below another.

use super::{Estimate, quantile};

/// With fewer cases than that, for or against, the error isn't normal.
const FEW: f64 = 30.0;

/// P(X < Y) of *independent* X and Y, from samples whose values of one index may depend on each other.
///
/// Each x is compared with the y of every other index (Mann and Whitney 1947). To first order the error is a mean over
/// indices of the placements of x among the y and of y among the x (DeLong, DeLong and Clarke-Pearson 1988), so pairs
/// that share their random numbers are dealt with. Of few cases for or against, the interval is at least as wide as the
/// exact one of as many trials as there are indices. Of fewer than two pairs nothing is known; values must not be NaN.
pub fn precedence(x: &[f64], y: &[f64], confidence: f64) -> Estimate {
    let n = x.len().min(y.len());
    if n < 2 {
        return Estimate::unknown(confidence, "");
    }
    let (x, y) = (&x[..n], &y[..n]);
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (of_x, of_y) = (sorted(x), sorted(y));
    let others = (n - 1) as f64;
    let mut placements: Vec<f64> = Vec::with_capacity(n);
    let mut below = 0.0;
    for (&a, &b) in x.iter().zip(y) {
        let own = f64::from(a < b);
        let above = (n - of_y.partition_point(|&y| y <= a)) as f64 - own;
        below += above;
        placements.push((above + of_x.partition_point(|&x| x < b) as f64 - own) / others);
    }
    let count = n as f64;
    let chance = below / (count * others);
    let exact = quantile::proportion((chance * count).round() as u64, n as u64, confidence);
    if chance <= 0.0 || chance >= 1.0 {
        return Estimate::between(Some(chance), Some(exact), confidence, "");
    }
    let mean = placements.iter().sum::<f64>() / count;
    let variance = placements.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / (count - 1.0) / count;
    let half = quantile::student(0.5 + 0.5 * confidence, count - 1.0) * variance.sqrt();
    let (low, high) = ((chance - half).max(0.0), (chance + half).min(1.0));
    let few = count * chance.min(1.0 - chance) < FEW;
    let ends = if few { (low.min(exact.0), high.max(exact.1)) } else { (low, high) };
    Estimate::between(Some(chance), Some(ends), confidence, "")
}
