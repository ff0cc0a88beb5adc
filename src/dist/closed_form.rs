//! What every law knows, and what follows from its cdf alone.

use super::math::least;
use crate::rng::Draw;
use rand_distr::{Distribution, Exp1};

/// The closed forms around a law; arguments as in the methods of [`Law`](super::Law) of the same names, which deal
/// with the ends (ages that aren't positive, probabilities outside (0, 1)).
pub(super) trait ClosedForm {
    fn sample(&self, draw: &mut Draw) -> f64;
    fn mean(&self) -> f64;
    fn variance(&self) -> f64;
    fn cdf(&self, x: f64) -> f64;
    fn survival(&self, x: f64) -> f64;
    fn density(&self, x: f64) -> Option<f64>;

    fn log_survival(&self, x: f64) -> f64 {
        libm::log(self.survival(x))
    }

    fn upper_end(&self) -> f64 {
        f64::INFINITY
    }

    fn atoms(&self) -> Vec<(f64, f64)> {
        Vec::new()
    }

    fn density_beside_atoms(&self, x: f64) -> f64 {
        self.density(x).unwrap_or(0.0)
    }

    fn kinks(&self) -> Vec<f64> {
        Vec::new()
    }

    /// By bisection, in whichever tail is the smaller.
    fn quantile(&self, p: f64) -> f64 {
        if p <= 0.5 { least(|x| self.cdf(x) >= p) } else { least(|x| self.survival(x) <= 1.0 - p) }
    }

    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        let survived = self.log_survival(age);
        if survived == f64::NEG_INFINITY { 0.0 } else { libm::exp((self.log_survival(age + x) - survived).min(0.0)) }
    }

    /// By inversion of the logarithm of the survival, so that no age is too far in the tail.
    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let survived = self.log_survival(age);
        if survived == f64::NEG_INFINITY {
            return 0.0;
        }
        let e: f64 = Exp1.sample(draw);
        least(|x| self.log_survival(age + x) <= survived - e)
    }
}
