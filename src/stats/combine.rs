//! Differences and ratios of two estimates, from their own intervals and the correlation between them.
//!
//! The variances are recovered from the distances between each estimate and its limits (MOVER: Zou and Donner 2008,
//! eq. 1; Zou 2007 for correlated estimates), so what makes an interval wide of itself does so here too, and what makes
//! it lopsided, unless the estimates are positively correlated.
//! Ratios are differences of logarithms.

use super::Estimate;

/// How two estimates hang together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// Correlation of the two estimators, in [−1, 1].
    pub correlation: f64,
    /// Factor on both intervals, at least 1: for a variance of the difference that is known less well than its parts.
    pub widening: f64,
}

impl Tie {
    /// Of independent estimates.
    pub const NONE: Tie = Tie { correlation: 0.0, widening: 1.0 };
}

/// x − y with its interval; no interval unless both have one.
pub fn difference(x: &Estimate, y: &Estimate, tie: Tie) -> Estimate {
    let (Some(a), Some(b)) = (x.estimate, y.estimate) else { return Estimate::unknown(x.confidence, &x.unit) };
    let ends = limits(x).zip(limits(y)).map(|(x, y)| spread(a, x, b, y, tie));
    Estimate::between(Some(a - b), ends, x.confidence, &x.unit)
}

/// x / y of positive estimates, with the interval on the logarithmic scale; no interval unless both have one.
pub fn ratio(x: &Estimate, y: &Estimate, tie: Tie) -> Estimate {
    let (Some(a), Some(b)) = (x.estimate, y.estimate) else { return Estimate::unknown(x.confidence, "") };
    let log = |(low, high): (f64, f64)| (libm::log(low), libm::log(high));
    let logs = limits(x).map(log).zip(limits(y).map(log));
    let ends = logs.map(|(x, y)| spread(libm::log(a), x, libm::log(b), y, tie));
    let value = Some(a / b).filter(|value| value.is_finite());
    // From the value itself, so that rounding can't take it out of its own interval.
    let centre = libm::log(a) - libm::log(b);
    let end = |log: f64| a / b * libm::exp(log - centre);
    Estimate::between(value, ends.map(|(low, high)| (end(low), end(high))), x.confidence, "")
}

fn limits(of: &Estimate) -> Option<(f64, f64)> {
    of.low.zip(of.high)
}

/// Limits of a − b.
fn spread(a: f64, (al, au): (f64, f64), b: f64, (bl, bu): (f64, f64), tie: Tie) -> (f64, f64) {
    // Not below 0 by rounding where the correlation is all but 1.
    let joined = |p: f64, q: f64| (p * p + q * q - 2.0 * tie.correlation * p * q).max(0.0).sqrt() * tie.widening;
    if tie.correlation > 0.0 {
        // One being low goes with the other being low, too: the side that a limit is on says nothing any more.
        let half = joined(0.5 * (au - al), 0.5 * (bu - bl));
        return (a - b - half, a - b + half);
    }
    (a - b - joined(a - al, bu - b), a - b + joined(au - a, b - bl))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64, low: f64, high: f64) -> Estimate {
        Estimate::between(Some(value), Some((low, high)), 0.95, "s/y")
    }

    #[test]
    fn differences_by_hand() {
        let (x, y) = (of(10.0, 7.0, 14.0), of(5.0, 1.0, 8.0));
        let tie = |correlation| Tie { correlation, widening: 1.0 };
        for (correlation, low, high) in
            [(0.0, 5.0 - 18.0_f64.sqrt(), 5.0 + 32.0_f64.sqrt()), (1.0, 5.0, 5.0), (-1.0, -1.0, 13.0)]
        {
            let found = difference(&x, &y, tie(correlation));
            assert!(
                (found.low.unwrap() - low).abs() < 1e-12 && (found.high.unwrap() - high).abs() < 1e-12,
                "{found:?}"
            );
            assert_eq!((found.estimate, found.unit.as_str()), (Some(5.0), "s/y"));
        }
        let wide = difference(&x, &y, Tie { correlation: 0.0, widening: 2.0 });
        assert!((wide.high.unwrap() - 5.0 - 2.0 * 32.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn ratios_are_differences_of_logarithms() {
        let found = ratio(&of(8.0, 4.0, 16.0), &of(2.0, 1.0, 4.0), Tie::NONE);
        let factor = libm::exp2(2.0_f64.sqrt());
        assert!(
            (found.low.unwrap() - 4.0 / factor).abs() < 1e-12 && (found.high.unwrap() - 4.0 * factor).abs() < 1e-12
        );
        // Of exact values it is exact, whatever their logarithms are rounded to.
        for i in 1..100 {
            let (x, y) = (f64::from(i) / 7.0, 1.0 / f64::from(i + 3));
            let found = ratio(&of(x, x, x), &of(y, y, y), Tie::NONE);
            assert_eq!((found.low, found.high), (found.estimate, found.estimate), "{found:?}");
        }
        // An exact value is a constant.
        let found = ratio(&of(8.0, 4.0, 16.0), &of(2.0, 2.0, 2.0), Tie::NONE);
        assert!((found.low.unwrap() - 2.0).abs() < 1e-12 && (found.high.unwrap() - 8.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        let (known, unknown) = (of(1.0, 0.5, 2.0), Estimate::unknown(0.95, ""));
        for found in [ratio(&known, &unknown, Tie::NONE), difference(&unknown, &known, Tie::NONE)] {
            assert_eq!((found.estimate, found.low, found.high), (None, None, None));
        }
        let zero = of(0.0, 0.0, 0.0);
        let found = ratio(&known, &zero, Tie::NONE);
        assert_eq!((found.estimate, found.low), (None, None));
        let open = Estimate { low: None, high: None, ..known.clone() };
        assert_eq!(ratio(&open, &known, Tie::NONE).low, None);
    }
}
