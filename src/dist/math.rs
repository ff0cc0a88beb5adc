//! Special functions of the closed forms, accurate in their tails, and the bisection that inverts them.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

/// ln √(2π).
const LN_ROOT_TWO_PI: f64 = 0.918_938_533_204_672_7;

/// The least x ≥ 0 at which a condition that stays true once it is true becomes so, to the last bit.
/// (The order of numbers that aren't negative is the order of their bits.)
pub(crate) fn least(holds: impl Fn(f64) -> bool) -> f64 {
    if holds(0.0) {
        return 0.0;
    }
    let (mut below, mut at) = (0u64, f64::MAX.to_bits());
    while at - below > 1 {
        let middle = below + (at - below) / 2;
        if holds(f64::from_bits(middle)) { at = middle } else { below = middle }
    }
    f64::from_bits(at)
}

/// Density of the standard normal law.
pub(crate) fn normal_density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z - LN_ROOT_TWO_PI)
}

/// P(Z ≤ z) of the standard normal law.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// P(Z > z) of the standard normal law.
pub(crate) fn normal_survival(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// ln P(Z > z), also where the probability is too small for a number.
pub(crate) fn normal_log_survival(z: f64) -> f64 {
    if z < 20.0 {
        return if z < -1.0 { libm::log1p(-normal_cdf(z)) } else { libm::log(normal_survival(z)) };
    }
    if z == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    // Mills' ratio as a continued fraction (Laplace): 1/(z + 1/(z + 2/(z + 3/…))).
    let tail = (1..=20).rev().fold(z, |tail, k| z + f64::from(k) / tail);
    -0.5 * z * z - LN_ROOT_TWO_PI - libm::log(tail)
}

/// P(a < Z ≤ b), without cancellation between the tails.
pub(crate) fn normal_mass(a: f64, b: f64) -> f64 {
    if a > 0.0 { normal_survival(a) - normal_survival(b) } else { normal_cdf(b) - normal_cdf(a) }
}

/// The z with P(Z ≤ z) = p, for 0 < p < 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 { normal_upper_quantile(1.0 - p) } else { -normal_upper_quantile(p) }
}

/// The z ≥ 0 with P(Z > z) = q, for 0 < q ≤ 1/2.
fn normal_upper_quantile(q: f64) -> f64 {
    let z = SQRT_2 * statrs::function::erf::erfc_inv(2.0 * q);
    let density = normal_density(z);
    // One step of Newton's: the library's inverse is good to about ten digits far out.
    if density > 0.0 { z + (normal_survival(z) - q) / density } else { z }
}

/// ln(xᵃ e⁻ˣ / Γ(a + 1)).
pub(crate) fn log_gamma_term(a: f64, x: f64) -> f64 {
    if a < 20.0 {
        return a * libm::log(x) - x - libm::lgamma(a + 1.0);
    }
    let u = (x - a) / a;
    let deviance = if u < -0.5 { u - libm::log(x / a) } else { u - libm::log1p(u) };
    let b = 1.0 / (a * a);
    let stirling = (1.0 / 12.0 - b * (1.0 / 360.0 - b * (1.0 / 1260.0 - b / 1680.0))) / a;
    -a * deviance - 0.5 * libm::log(2.0 * PI * a) - stirling
}

/// Regularised lower incomplete gamma function P(a, x), a > 0.
pub(crate) fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if gamma_series_serves(a, x) {
        gamma_series(a, x)
    } else {
        1.0 - libm::exp(log_gamma_fraction(a, x))
    }
}

/// Regularised upper incomplete gamma function Q(a, x), a > 0.
pub(crate) fn gamma_q(a: f64, x: f64) -> f64 {
    libm::exp(log_gamma_q(a, x))
}

/// ln Q(a, x), also where Q is too small for a number.
pub(crate) fn log_gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if gamma_series_serves(a, x) {
        libm::log1p(-gamma_series(a, x))
    } else {
        log_gamma_fraction(a, x)
    }
}

fn gamma_series_serves(a: f64, x: f64) -> bool {
    x < 1.0 || x < a
}

/// P(a, x) by its series of positive terms.
fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum * libm::exp(log_gamma_term(a, x))
}

/// ln Q(a, x) by Legendre's continued fraction, evaluated by Lentz's method.
fn log_gamma_fraction(a: f64, x: f64) -> f64 {
    if x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / if b.abs() < TINY { TINY } else { b };
    let mut fraction = d;
    for n in 1..100_000 {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        let (below, above) = (numerator * d + b, b + numerator / c);
        d = 1.0 / if below.abs() < TINY { TINY } else { below };
        c = if above.abs() < TINY { TINY } else { above };
        fraction *= d * c;
        if (d * c - 1.0).abs() < 2e-16 {
            break;
        }
    }
    log_gamma_term(a, x) + libm::log(a * fraction)
}

/// Regularised incomplete beta function I(a, b; x), a > 0, b > 0; `y` is 1 − x, given apart to keep its digits.
pub(crate) fn beta_i(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if x * (a + b + 2.0) <= a + 1.0 {
        beta_fraction(a, b, x, y)
    } else {
        1.0 - beta_fraction(b, a, y, x)
    }
}

/// I(a, b; x) by its continued fraction (Abramowitz and Stegun 26.5.8), which converges fast below the mean.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / kept(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..1_000_000 {
        let m = f64::from(m);
        let at = a + 2.0 * m;
        let even = m * (b - m) * x / ((at - 1.0) * at);
        let odd = -(a + m) * (a + b + m) * x / (at * (at + 1.0));
        let before = fraction;
        for step in [even, odd] {
            d = 1.0 / kept(1.0 + step * d);
            c = kept(1.0 + step / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= 1e-16 * fraction.abs() {
            break;
        }
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    libm::exp(a * libm::log(x) + b * libm::log(y) - log_beta) * fraction / a
}
