//! Cumulative hazards: what a scaled clock draws, and what it weighs.
//!
//! A clock of a law with survival function S fires when its cumulative hazard −ln S has grown by an Exp(1) amount;
//! with its hazard scaled by c, when it has grown by Exp(1)/c. The likelihood ratio of the unscaled law to the scaled
//! one is then exp((c − 1) g) while the hazard grows by g without a firing, and 1/c at a firing: no density is needed,
//! and nothing is lost in the tails.

use crate::dist::Law;

/// Factor between two places where it is looked for a time, and its relative error.
const STRIDE: f64 = 4.0;
const DIGITS: f64 = 1e-14;

/// Growth beyond which no clock survives: e⁻⁷⁰⁰ is the least probability that a number holds.
const MOST: f64 = 700.0;

/// Whether the hazard of a law can be scaled: it must have one, so no value may have a probability of its own.
pub fn is_scalable(law: &Law) -> bool {
    law.is_exponential() || law.atoms().is_empty()
}

/// By how much the cumulative hazard of a clock grows from `age` to `age + x`: at least 0, and finite.
pub fn growth(law: &Law, age: f64, x: f64) -> f64 {
    if let Law::Exponential { mean } = law {
        return x / mean;
    }
    let survived = law.log_survival(age);
    if survived == f64::NEG_INFINITY {
        return 0.0;
    }
    (survived - law.log_survival(age + x)).clamp(0.0, MOST)
}

/// After what time beyond `age` the cumulative hazard has grown by `growth`, to 14 digits; 0 where no clock gets as old.
pub fn time(law: &Law, age: f64, growth: f64) -> f64 {
    if let Law::Exponential { mean } = law {
        return growth * mean;
    }
    let survived = law.log_survival(age);
    if survived == f64::NEG_INFINITY {
        return 0.0;
    }
    let missing = |x: f64| growth - (survived - law.log_survival(age + x));
    let mean = law.mean();
    let mut low = (if mean.is_finite() { mean } else { 1.0 }).clamp(f64::MIN_POSITIVE, f64::MAX);
    let mut left = missing(low);
    let (mut high, mut right) = (low, left);
    while right > 0.0 && high < f64::MAX {
        (low, left) = (high, right);
        high = (high * STRIDE).min(f64::MAX);
        right = missing(high);
    }
    while left <= 0.0 {
        if low <= f64::MIN_POSITIVE {
            return low;
        }
        (high, right) = (low, left);
        low /= STRIDE;
        left = missing(low);
    }
    between((low, left), (high, right), missing)
}

/// The zero of a falling function between two places, by regula falsi (Illinois; Dowell and Jarratt 1971); every third
/// step halves, so that jumps and flat parts cost no more than bisection would, three times over.
fn between((mut low, mut left): (f64, f64), (mut high, mut right): (f64, f64), f: impl Fn(f64) -> f64) -> f64 {
    let mut steps = 0_u32;
    while high - low > DIGITS * high {
        steps += 1;
        let secant = low + (high - low) * (left / (left - right));
        let halves = steps.is_multiple_of(3) || !(low < secant && secant < high);
        let at = if halves { low + 0.5 * (high - low) } else { secant };
        if at <= low || at >= high {
            break;
        }
        let value = f(at);
        if value > 0.0 {
            (low, left, right) = (at, value, 0.5 * right);
        } else {
            (high, right, left) = (at, value, 0.5 * left);
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Weibull;

    fn laws() -> Vec<Law> {
        vec![
            Law::Exponential { mean: 3.0 },
            Law::Uniform { low: 1.0, high: 4.0 },
            Law::LogNormal { mu: 0.5, sigma: 0.8 },
            Weibull::law(2.0, 3.0).unwrap(),
        ]
    }

    #[test]
    fn growth_and_time_undo_each_other_at_every_age() {
        for law in laws() {
            for age in [0.0, 0.5, 1.5, 3.9] {
                for wanted in [1e-6, 0.1, 1.0, 20.0] {
                    let x = time(&law, age, wanted);
                    let got = growth(&law, age, x);
                    assert!((got / wanted - 1.0).abs() < 1e-6, "{law:?} at {age}: {got} for {wanted}");
                    let sharp = crate::dist::math::least(|x| growth(&law, age, x) >= wanted);
                    assert!((x / sharp - 1.0).abs() < 1e-9, "{law:?} at {age}: {x} instead of {sharp}");
                }
            }
        }
    }

    #[test]
    fn a_bounded_law_ends_and_an_age_beyond_it_is_over() {
        let law = Law::Uniform { low: 1.0, high: 4.0 };
        assert_eq!(growth(&law, 2.0, 50.0), MOST);
        assert_eq!((growth(&law, 5.0, 1.0), time(&law, 5.0, 1.0)), (0.0, 0.0));
        assert!((time(&Law::Deterministic { value: 4.0 }, 1.0, 1.0) / 3.0 - 1.0).abs() < 1e-13);
        assert!(!is_scalable(&Law::Deterministic { value: 4.0 }));
        assert!(laws().iter().all(is_scalable));
    }
}
