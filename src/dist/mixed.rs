//! One of several laws.

use super::catalogue::{Argument, list, nested, same_length};
use super::closed_form::ClosedForm;
use super::weights::Weights;
use super::{Law, LawError};
use crate::rng::Draw;

/// `Mixed(weights, laws)`.
pub(super) fn build(arguments: &[Argument]) -> Result<Law, LawError> {
    match arguments.get(1) {
        Some(Argument::Laws(laws)) => Mixed::law(list(arguments, 0), laws.clone()),
        _ => Err(LawError::new("laws", "must be a list of laws")),
    }
}

const MOST_LAWS: usize = 1000;

/// Each law with the probability of its weight over the sum of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixed {
    weights: Weights,
    laws: Vec<Law>,
}

impl Mixed {
    /// One of 1 to 1000 laws; the weights are finite, not negative, and not all 0, and need not add up to 1.
    pub fn law(weights: &[f64], mut laws: Vec<Law>) -> Result<Law, LawError> {
        same_length("laws", laws.len(), "weights", weights.len())?;
        let weights = Weights::new("weights", weights, MOST_LAWS)?;
        nested("laws", &laws)?;
        if laws.len() == 1 {
            return Ok(laws.remove(0));
        }
        Ok(Law::Mixed(Box::new(Mixed { weights, laws })))
    }

    /// See [`Law::depth`].
    pub(super) fn depth(&self) -> usize {
        1 + self.laws.iter().map(Law::depth).max().unwrap_or(0)
    }
}

impl ClosedForm for Mixed {
    fn sample(&self, draw: &mut Draw) -> f64 {
        let chosen = self.weights.choose(draw.uniform());
        self.laws[chosen].sample(draw)
    }

    fn mean(&self) -> f64 {
        self.weights.average(|i| self.laws[i].mean())
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.weights.average(|i| {
            let off = self.laws[i].mean() - mean;
            self.laws[i].variance() + off * off
        })
    }

    fn cdf(&self, x: f64) -> f64 {
        self.weights.average(|i| self.laws[i].cdf(x)).min(1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        self.weights.average(|i| self.laws[i].survival(x)).min(1.0)
    }

    fn log_survival(&self, x: f64) -> f64 {
        self.weights.log_average(|i| self.laws[i].log_survival(x))
    }

    fn density(&self, x: f64) -> Option<f64> {
        let densities: Option<Vec<f64>> = self.laws.iter().map(|law| law.density(x)).collect();
        densities.map(|densities| self.weights.average(|i| densities[i]))
    }

    fn atoms(&self) -> Vec<(f64, f64)> {
        let possible = self.laws.iter().zip(self.weights.probabilities()).filter(|(_, p)| **p > 0.0);
        let mut atoms: Vec<(f64, f64)> =
            possible.flat_map(|(law, p)| law.atoms().into_iter().map(move |(x, mass)| (x, p * mass))).collect();
        atoms.sort_by(|a, b| a.0.total_cmp(&b.0));
        atoms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        atoms
    }

    fn density_beside_atoms(&self, x: f64) -> f64 {
        self.weights.average(|i| self.laws[i].density_beside_atoms(x))
    }

    fn kinks(&self) -> Vec<f64> {
        self.laws.iter().flat_map(Law::kinks).collect()
    }

    fn upper_end(&self) -> f64 {
        let possible = self.laws.iter().zip(self.weights.probabilities()).filter(|(_, p)| **p > 0.0);
        possible.map(|(law, _)| law.quantile(1.0)).fold(0.0, f64::max)
    }

    fn residual_survival(&self, age: f64, x: f64) -> f64 {
        let survived = self.log_survival(age);
        if survived == f64::NEG_INFINITY {
            return 0.0;
        }
        // Law by law, since age + x rounds, which matters to atoms.
        let share = |i: usize| libm::exp(self.laws[i].log_survival(age) - survived);
        self.weights.average(|i| share(i) * self.laws[i].residual_survival(age, x)).min(1.0)
    }

    fn sample_residual(&self, age: f64, draw: &mut Draw) -> f64 {
        let chosen = self.weights.choose_reweighted(draw.uniform(), |i| self.laws[i].log_survival(age));
        chosen.map_or(0.0, |chosen| self.laws[chosen].sample_residual(age, draw))
    }
}
