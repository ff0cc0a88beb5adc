//! Hyper-Erlang laws in the place of others: with probability αⱼ, rⱼ exponential phases of rate λⱼ one after another.
//!
//! For each way to share out the phases over up to three branches, αⱼ and λⱼ are found by expectation maximisation
//! over the quantiles of the law (Thümmler, Buchholz and Telek 2006); the likeliest are taken, and scaled to the law's
//! mean.

use super::{Refusal, Stop, go_on};
use crate::dist::Law;
use crate::dist::math::gamma_p;

/// Most branches.
const BRANCHES: usize = 3;

/// Quantiles that stand for a law.
const QUANTILES: usize = 300;

/// Rounds of expectation maximisation, and the growth of the mean log-likelihood at which they end.
const ROUNDS: usize = 300;
const SETTLED: f64 = 1e-9;

/// Points between which the distance of two distribution functions is sought.
const POINTS: usize = 2000;

/// Phases through which a clock passes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phases {
    /// Where it begins, with probabilities.
    pub start: Vec<(u32, f64)>,
    /// Of each phase: what follows (none: the clock is through), and the rate.
    pub moves: Vec<(Option<u32>, f64)>,
}

/// How far phases are from the law that they stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Greatest difference of the two distribution functions.
    pub distance: f64,
    /// Relative error of the variance; none where the law's is 0 or infinite. The means are equal.
    pub variance: Option<f64>,
}

/// One branch.
#[derive(Debug, Clone, Copy)]
struct Branch {
    share: f64,
    phases: u32,
    rate: f64,
}

/// Fits so many phases to a law; none where it has no mean, or may take no time at all.
pub(super) fn fit(law: &Law, order: u32, stop: Stop) -> Result<Option<(Phases, Fit)>, Refusal> {
    let mean = law.mean();
    if law.is_exponential() && mean > 0.0 && mean.is_finite() {
        let phases = Phases { start: vec![(0, 1.0)], moves: vec![(None, 1.0 / mean)] };
        return Ok(Some((phases, Fit { distance: 0.0, variance: Some(0.0) })));
    }
    let at_once = law.atoms().first().is_some_and(|&(value, _)| value == 0.0);
    if at_once || !(mean > 0.0 && mean.is_finite()) {
        return Ok(None);
    }
    // In units of the mean, so that nothing overflows.
    let quantile = |i: usize| (law.quantile((i as f64 + 0.5) / QUANTILES as f64) / mean).max(1e-12);
    let sample: Vec<f64> = (0..QUANTILES).map(quantile).collect();
    let mut best: Option<(f64, Vec<Branch>)> = None;
    for shape in shapes(order) {
        go_on(stop, (20 * ROUNDS * QUANTILES * shape.len()) as u64)?;
        let (likelihood, branches) = maximise(&shape, &sample);
        if best.as_ref().is_none_or(|(most, _)| likelihood > *most) {
            best = Some((likelihood, branches));
        }
    }
    Ok(best.map(|(_, mut branches)| {
        let found: f64 = branches.iter().map(|b| b.share * f64::from(b.phases) / b.rate).sum();
        branches.iter_mut().for_each(|branch| branch.rate *= found / mean);
        let fit = Fit { distance: distance(law, &branches), variance: variance(law, mean, &branches) };
        (phases(&branches), fit)
    }))
}

/// All ways to share out the phases, one branch first.
fn shapes(order: u32) -> Vec<Vec<u32>> {
    let mut all = vec![vec![order]];
    for first in 1..=order / 2 {
        all.push(vec![first, order - first]);
    }
    for first in 1..=order / BRANCHES as u32 {
        for second in first..=(order - first) / 2 {
            all.push(vec![first, second, order - first - second]);
        }
    }
    all
}

/// The likeliest branches of a shape, and their mean log-likelihood.
fn maximise(shape: &[u32], sample: &[f64]) -> (f64, Vec<Branch>) {
    let share = 1.0 / shape.len() as f64;
    // The branches begin at the means of the lower, middle and upper quantiles; more phases stand for the later ones.
    let pieces = sample.chunks(sample.len().div_ceil(shape.len()));
    let mean = |piece: &[f64]| piece.iter().sum::<f64>() / piece.len() as f64;
    let begin = |(&phases, piece): (&u32, &[f64])| Branch { share, phases, rate: f64::from(phases) / mean(piece) };
    let mut branches: Vec<Branch> = shape.iter().zip(pieces).map(begin).collect();
    let mut likelihood = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let (now, next) = improved(&branches, sample);
        if now.is_nan() {
            return (f64::NEG_INFINITY, branches);
        }
        let settled = now - likelihood <= SETTLED;
        likelihood = now;
        if settled {
            break;
        }
        branches = next;
    }
    (likelihood, branches)
}

/// One round: the mean log-likelihood of these branches, and better ones.
fn improved(branches: &[Branch], sample: &[f64]) -> (f64, Vec<Branch>) {
    let constants: Vec<f64> = branches.iter().map(log_constant).collect();
    let mut weights = vec![0.0; branches.len()];
    let mut times = vec![0.0; branches.len()];
    let mut densities = vec![0.0; branches.len()];
    let mut likelihood = 0.0;
    for &x in sample {
        let log = libm::log(x);
        for ((density, branch), constant) in densities.iter_mut().zip(branches).zip(&constants) {
            *density = constant + f64::from(branch.phases - 1) * log - branch.rate * x;
        }
        let most = densities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        densities.iter_mut().for_each(|density| *density = libm::exp(*density - most));
        let total: f64 = densities.iter().sum();
        likelihood += most + libm::log(total);
        for (j, density) in densities.iter().enumerate() {
            weights[j] += density / total;
            times[j] += density / total * x;
        }
    }
    let all = sample.len() as f64;
    let better = branches.iter().zip(weights.iter().zip(&times)).map(|(branch, (&weight, &time))| Branch {
        share: weight / all,
        rate: if time > 0.0 { f64::from(branch.phases) * weight / time } else { branch.rate },
        ..*branch
    });
    (likelihood / all, better.collect())
}

/// ln(α λʳ / (r − 1)!).
fn log_constant(branch: &Branch) -> f64 {
    let phases = f64::from(branch.phases);
    libm::log(branch.share) + phases * libm::log(branch.rate) - libm::lgamma(phases)
}

fn phases(branches: &[Branch]) -> Phases {
    let mut all = Phases { start: Vec::new(), moves: Vec::new() };
    for branch in branches.iter().filter(|branch| branch.share > 0.0) {
        let first = all.moves.len() as u32;
        all.start.push((first, branch.share));
        all.moves.extend((1..branch.phases).map(|next| (Some(first + next), branch.rate)));
        all.moves.push((None, branch.rate));
    }
    all
}

/// Probability that the phases are through by x.
fn cdf(branches: &[Branch], x: f64) -> f64 {
    branches.iter().map(|b| b.share * gamma_p(f64::from(b.phases), b.rate * x)).sum()
}

fn distance(law: &Law, branches: &[Branch]) -> f64 {
    let quantiles = (1..POINTS).map(|i| law.quantile(i as f64 / POINTS as f64));
    let beside = quantiles.map(|x| (law.cdf(x) - cdf(branches, x)).abs());
    let before = law.atoms().into_iter().map(|(x, p)| (law.cdf(x) - p - cdf(branches, x)).abs());
    beside.chain(before).fold(0.0, f64::max)
}

fn variance(law: &Law, mean: f64, branches: &[Branch]) -> Option<f64> {
    let square = |b: &Branch| b.share * f64::from(b.phases * (b.phases + 1)) / (b.rate * b.rate);
    let found = branches.iter().map(square).sum::<f64>() - mean * mean;
    let exact = law.variance();
    (exact > 0.0 && exact.is_finite()).then(|| found / exact - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Argument, forms};

    fn law(name: &str, parameters: &[(&str, f64)]) -> Law {
        let names = |form: &crate::dist::Form| form.parameters.iter().map(|p| p.0).eq(parameters.iter().map(|p| p.0));
        let form = forms().iter().find(|form| form.name == name && names(form)).expect("the law");
        let arguments: Vec<Argument> = parameters.iter().map(|&(_, value)| Argument::Scalar(value)).collect();
        (form.build)(&arguments).expect("a law")
    }

    fn fitted(law: &Law, order: u32) -> (Phases, Fit) {
        fit(law, order, &|_| false).expect("no interruption").expect("a fit")
    }

    fn mean(phases: &Phases) -> f64 {
        let mut sum = 0.0;
        for &(first, share) in &phases.start {
            let mut at = Some(first);
            while let Some(phase) = at {
                let (next, rate) = phases.moves[phase as usize];
                sum += share / rate;
                at = next;
            }
        }
        sum
    }

    #[test]
    fn a_law_of_phases_is_found_again() {
        let (phases, fit) = fitted(&law("Erlang", &[("stages", 3.0), ("mean", 5.0)]), 3);
        assert_eq!(phases.moves.len(), 3);
        assert!(fit.distance < 1e-12 && fit.variance.expect("a variance").abs() < 1e-12, "{fit:?}");
        let (phases, fit) = fitted(&law("Exponential", &[("mean", 5.0)]), 8);
        assert_eq!((phases.moves.as_slice(), fit.distance), (&[(None, 0.2)][..], 0.0));
    }

    #[test]
    fn the_mean_is_the_laws_and_more_phases_come_nearer() {
        let laws = [
            law("LogNormal", &[("mean", 7e6), ("sigma", 0.4)]),
            law("LogNormal", &[("mean", 1e-3), ("sigma", 1.2)]),
            law("Uniform", &[("low", 30.0), ("high", 300.0)]),
            law("Weibull", &[("shape", 0.7), ("scale", 10.0)]),
        ];
        for law in laws {
            let distance = |order: u32| {
                let (phases, fit) = fitted(&law, order);
                assert!(phases.moves.len() <= order as usize);
                assert!((mean(&phases) / law.mean() - 1.0).abs() < 1e-12, "{law:?}");
                fit.distance
            };
            // The likeliest phases need not be the nearest ones, so a step or two may be for the worse.
            let [one, few, many] = [1, 3, 9].map(distance);
            assert!(one <= 0.64 && few < 0.9 * one && many < 0.7 * one, "{law:?}: {one} {few} {many}");
        }
        // No phases are nearer than ½ to a jump.
        let distance = |order| fitted(&law("Deterministic", &[("value", 4.0)]), order).1.distance;
        assert!(distance(1) > distance(9) && distance(9) > distance(40) && distance(40) > 0.5);
    }

    #[test]
    fn what_may_take_no_time_isnt_fitted() {
        let none = law("Deterministic", &[("value", 0.0)]);
        let form = forms().iter().find(|form| form.name == "Empirical").expect("the law");
        let perhaps = (form.build)(&[Argument::List(vec![0.0, 2.0, 3.0])]).expect("a law");
        for law in [none, perhaps] {
            assert_eq!(fit(&law, 4, &|_| false), Ok(None), "{law:?}");
        }
    }

    #[test]
    fn shapes_share_out_all_phases() {
        assert_eq!(shapes(1), [vec![1]]);
        assert_eq!(shapes(4), [vec![4], vec![1, 3], vec![2, 2], vec![1, 1, 2]]);
        assert!(shapes(20).iter().all(|shape| shape.iter().sum::<u32>() == 20));
    }
}
