//! Quantiles of the laws behind the intervals, and the exact intervals that follow from them.

use crate::dist::math::{beta_i, gamma_p, gamma_q, least, normal_quantile, normal_survival};

/// Above that the Student law is taken as normal: the quantiles differ by less than 1e-6 of their value.
const MANY: f64 = 1e8;

/// Quantile of the standard normal law; NaN unless 0 < p < 1.
pub fn normal(p: f64) -> f64 {
    if p > 0.0 && p < 1.0 { normal_quantile(p) } else { f64::NAN }
}

/// Quantile of Student's law with `freedom` degrees of freedom; NaN unless 0 < p < 1 and freedom > 0.
pub fn student(p: f64, freedom: f64) -> f64 {
    if !(p > 0.0 && p < 1.0 && freedom > 0.0) {
        return f64::NAN;
    }
    if freedom >= MANY {
        return normal(p);
    }
    if p < 0.5 { -student_upper(p, freedom) } else { student_upper(1.0 - p, freedom) }
}

/// The t ≥ 0 that is exceeded with probability `q` ≤ 1/2.
fn student_upper(q: f64, freedom: f64) -> f64 {
    if q == 0.5 { 0.0 } else { least(|t| exceeded(t, freedom) <= q) }
}

/// P(T > t) under Student's law, for t ≥ 0.
fn exceeded(t: f64, freedom: f64) -> f64 {
    let (share, square) = (freedom / (freedom + t * t), t * t);
    let rest = if square.is_finite() { square / (freedom + square) } else { 1.0 };
    0.5 * beta_i(0.5 * freedom, 0.5, share, rest)
}

/// P(T > t) under Student's law with `freedom` degrees of freedom; NaN unless t is a number and freedom > 0.
pub fn student_survival(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if freedom >= MANY {
        return normal_survival(t);
    }
    if t < 0.0 { 1.0 - exceeded(-t, freedom) } else { exceeded(t, freedom) }
}

/// The mean of a Poisson count at which it is at most `count` with probability `p` (0 < p < 1).
///
/// The exact upper bound of the mean at confidence 1 − p after `count` events (Garwood 1936); the lower bound at
/// confidence 1 − p after n > 0 events is `poisson_mean(1 − p, n − 1)`. For no events −ln p.
pub fn poisson_mean(p: f64, count: u64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    let shape = count as f64 + 1.0;
    if count > 1_000_000 {
        // Wilson and Hilferty's cube, far below a millionth off at so many events.
        let share = 1.0 / (9.0 * shape);
        let root = 1.0 - share - normal(p) * share.sqrt();
        return shape * root * root * root;
    }
    if p <= 0.5 { least(|mean| gamma_q(shape, mean) <= p) } else { least(|mean| gamma_p(shape, mean) >= 1.0 - p) }
}

/// The two-sided exact interval of the mean of a Poisson count, after `count` events (Garwood 1936); it begins at 0
/// where there were none.
pub fn poisson_interval(count: u64, confidence: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - confidence);
    (if count == 0 { 0.0 } else { poisson_mean(1.0 - tail, count - 1) }, poisson_mean(tail, count))
}

/// The exact interval of a probability, after `seen` of `count` trials (Clopper and Pearson 1934); (0, 1) without
/// trials.
pub fn proportion(seen: u64, count: u64, confidence: f64) -> (f64, f64) {
    proportion_of(seen.min(count) as f64, count as f64, confidence)
}

/// The same for numbers of trials that dependence makes fewer than they are (Korn and Graubard 1998).
pub fn proportion_of(k: f64, n: f64, confidence: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - confidence);
    let low = if k == 0.0 { 0.0 } else { least(|p| p >= 1.0 || beta_i(k, n - k + 1.0, p, 1.0 - p) >= tail) };
    let above = |p: f64| p >= 1.0 || beta_i(n - k, k + 1.0, 1.0 - p, p) <= tail;
    (low, if k == n { 1.0 } else { least(above) })
}

/// P(at most `seen` of `count` trials succeed) when each does with `probability`.
pub fn binomial_cdf(seen: u64, count: u64, probability: f64) -> f64 {
    if seen >= count {
        return 1.0;
    }
    beta_i((count - seen) as f64, seen as f64 + 1.0, 1.0 - probability, probability)
}

/// Which of n independent values in ascending order, counted from 1, lie on both sides of the quantile `p` of their law
/// with that confidence, whatever the law; 0 and n + 1 where none does.
pub fn ranks(n: usize, p: f64, confidence: f64) -> (usize, usize) {
    let tail = 0.5 * (1.0 - confidence);
    // With K ~ Bin(n, p) values below the quantile: value l (from 1) lies above it if K < l, u below it if K ≥ u.
    let below = |k: usize| binomial_cdf(k as u64, n as u64, p);
    (partition(n, |k| below(k) <= tail), partition(n, |k| below(k) < 1.0 - tail) + 1)
}

/// The first of 0..n for which the condition, true up to some point, isn't; n if there is none.
fn partition(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
