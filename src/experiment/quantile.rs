//! Quantiles of the laws behind the intervals.

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::gamma_lr;

/// Of the standard normal law, `p` in (0, 1).
pub fn normal(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Of Student's law; the normal one where its `freedom` makes no difference.
pub fn student(p: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(law) if freedom < 1e5 => law.inverse_cdf(p),
        _ => normal(p),
    }
}

/// The mean at which a Poisson variable stays below or at `count` with probability `p`:
/// the exact upper bound of the mean at confidence 1 − p after `count` events.
pub fn poisson_mean(p: f64, count: u64) -> f64 {
    let below = |mean: f64| 1.0 - gamma_lr(count as f64 + 1.0, mean);
    let (mut low, mut high) = (0.0, 10.0 + 2.0 * count as f64);
    while below(high) > p {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if below(middle) > p { low = middle } else { high = middle }
    }
    high
}

/// Clopper and Pearson's exact interval of a probability, after `seen` of `count` trials.
pub fn proportion(seen: u64, count: u64, confidence: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - confidence);
    let (seen, count) = (seen as f64, count as f64);
    let beta = |p: f64, a: f64, b: f64| Beta::new(a, b).map_or(f64::NAN, |law| law.inverse_cdf(p));
    let low = if seen == 0.0 { 0.0 } else { beta(tail, seen, count - seen + 1.0) };
    let high = if seen == count { 1.0 } else { beta(1.0 - tail, seen + 1.0, count - seen) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_agree() {
        assert!((normal(0.975) - 1.959_964).abs() < 1e-6);
        assert!((student(0.975, 10.0) - 2.228_139).abs() < 1e-5);
        assert!((student(0.975, 63.0) - 1.998_341).abs() < 1e-5);
        assert!((student(1.0 - 5e-7, 20_000.0) / normal(1.0 - 5e-7) - 1.0).abs() < 1e-3);
        let (low, high) = proportion(3, 20, 0.95);
        assert!((low - 0.032_071).abs() < 1e-5 && (high - 0.378_927).abs() < 1e-5, "{low} {high}");
        assert!((poisson_mean(0.05, 0) - 2.995_732).abs() < 1e-6);
        assert!((poisson_mean(0.025, 3) - 8.767_273).abs() < 1e-5);
    }
}
