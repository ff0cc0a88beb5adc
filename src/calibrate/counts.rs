//! A rate from a count: failures in a time, none of them included.

use crate::rng::StreamKey;
use crate::stats::quantile::poisson_interval;
use rand_distr::{Distribution, Gamma};

/// Failures in a time under observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts {
    /// How many.
    pub failures: u64,
    /// Time under observation, of all units together, seconds; positive.
    pub time: f64,
}

/// What a count says of the time between failures.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Time per failure, seconds: time over count, and without a failure the median of what it may be.
    pub mean: f64,
    /// Its exact interval (Garwood 1936); open above without a failure.
    pub interval: (f64, f64),
    /// Draws from Jeffreys' posterior, which a Gamma(n + 1/2, T) law of the rate is: means, seconds.
    pub draws: Vec<f64>,
}

impl Counts {
    /// The exponential law's mean, with its exact interval at a confidence in (0, 1) and so many draws.
    ///
    /// A count can't tell whether failures come at a constant rate; that they do is assumed.
    pub fn rate(&self, confidence: f64, draws: u64, seed: u64) -> Rate {
        let (low, high) = poisson_interval(self.failures, confidence);
        let key = StreamKey::of("bootstrap");
        let posterior = Gamma::new(self.failures as f64 + 0.5, 1.0);
        let one = |index: u64| {
            let mut draw = key.stream(seed, index).draw();
            posterior.as_ref().ok().map(|law| self.time / law.sample(&mut draw))
        };
        let draws: Vec<f64> = (0..draws).filter_map(one).collect();
        // P(Gamma(1/2) ≤ x) = 1/2 at x = 0.227468…, half the square of the normal law's upper quartile.
        let mean = if self.failures > 0 { self.time / self.failures as f64 } else { self.time / 0.227_468_211_559_786 };
        let interval = (self.time / high, if low > 0.0 { self.time / low } else { f64::INFINITY });
        Rate { mean, interval, draws }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// χ² quantiles of Ulm (1990): 3 events have the interval 0.6187 to 8.7673; 0 events end at 3.6889.
    #[test]
    fn the_interval_is_garwoods_and_the_draws_lie_about_it() {
        let rate = Counts { failures: 3, time: 3000.0 }.rate(0.95, 4000, 1);
        assert_eq!(rate.mean, 1000.0);
        assert!((rate.interval.0 - 3000.0 / 8.7673).abs() < 0.01 && (rate.interval.1 - 3000.0 / 0.6187).abs() < 0.5);
        let mean = rate.draws.iter().map(|mean| 3000.0 / mean).sum::<f64>() / 4000.0;
        // Mean 3.5 and variance 3.5 of the posterior; 5 standard errors.
        assert!((mean - 3.5).abs() < 5.0 * (3.5_f64 / 4000.0).sqrt());
        let none = Counts { failures: 0, time: 1000.0 }.rate(0.95, 4001, 1);
        assert!(none.interval.1.is_infinite() && (none.interval.0 - 1000.0 / 3.6889).abs() < 0.01);
        let below = none.draws.iter().filter(|mean| **mean < none.mean).count() as f64;
        assert!((below - 2000.5).abs() < 5.0 * 0.5 * 4001.0_f64.sqrt());
    }
}
