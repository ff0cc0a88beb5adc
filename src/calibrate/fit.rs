//! The parameters of a family at which a sample is most probable.

use super::family::{FAMILIES, Family, Frame};
use super::likelihood::{Cells, Criterion};
use super::sample::Sample;
use super::written::Written;
use argmin::core::{CostFunction, Error, Executor, State};
use argmin::solver::neldermead::NelderMead;

/// Steps of one search.
const STEPS: u64 = 2_000;

/// Difference of log-likelihoods at which a search ends, and the size of its first and second simplex.
const TOLERANCE: f64 = 1e-9;
const SIMPLEX: [f64; 2] = [0.4, 0.05];

/// The same difference where a fit serves as one of many: errors of the parameters are far below their spread.
const COARSE: f64 = 1e-5;

/// What stands for a logarithm of 0: a search compares finite numbers.
const IMPOSSIBLE: f64 = 1e300;

/// A family at its likeliest parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Which.
    pub family: Family,
    /// Its law.
    pub written: Written,
    /// Log-likelihood of the sample.
    pub log_likelihood: f64,
    /// Akaike's criterion with the correction for small samples (Hurvich and Tsai 1989).
    pub aicc: f64,
    /// The Bayesian criterion (Schwarz 1978).
    pub bic: f64,
    /// What is greatest at this law; the figures above are those of the likelihood all the same.
    pub by: Criterion,
    /// Where the search ended.
    pub(super) at: Vec<f64>,
}

/// A family that wasn't fitted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Which.
    pub family: Family,
    /// Why.
    pub because: String,
}

/// Asked now and then whether to end.
pub type Stop<'s> = &'s (dyn Fn() -> bool + Sync);

/// Who watches the work.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    /// Whether to end.
    pub stop: Stop<'w>,
    /// Is told whenever another law was fitted; see [`super::Settings::work`].
    pub done: &'w (dyn Fn() + Sync),
}

impl<'w> Watch<'w> {
    /// Somebody who wants to end it, perhaps, but not to know how far it is.
    pub fn silent(stop: Stop<'w>) -> Watch<'w> {
        Watch { stop, done: &|| () }
    }
}

/// All families that suit a sample, the one of the least AICc first; and those that don't. None when stopped.
pub fn fits(sample: &Sample, criterion: Criterion, watch: &Watch) -> Option<(Vec<Fit>, Vec<Unfit>)> {
    let cells = Cells::new(sample);
    let sought = Cells::sought(sample, criterion);
    let frame = Frame::new(sample, &cells);
    let (mut fits, mut others) = (Vec::new(), Vec::new());
    for family in FAMILIES {
        (watch.done)();
        if (watch.stop)() {
            return None;
        }
        if let Some(because) = family.obstacle(sample, &frame) {
            others.push(Unfit { family, because });
            continue;
        }
        match fit(family, &family.starts(&frame), &sought, &frame, sample.len(), watch.stop) {
            Some(fit) => fits.push(judged(fit, sample, criterion, &cells)),
            None => others.push(Unfit { family, because: "none of its laws allows the sample".to_string() }),
        }
    }
    fits.sort_by(|a, b| a.aicc.total_cmp(&b.aicc));
    (!(watch.stop)()).then_some((fits, others))
}

/// A fit by a criterion, with the figures of the likelihood.
fn judged(fit: Fit, sample: &Sample, criterion: Criterion, cells: &Cells) -> Fit {
    if criterion == Criterion::Likelihood {
        return fit;
    }
    let log_likelihood = cells.log_likelihood(fit.written.law());
    let (k, n) = (fit.family.parameters() as f64, sample.len() as f64);
    Fit { by: criterion, ..fitted(fit.family, fit.written, fit.at, (log_likelihood, k, n)) }
}

/// A law with its criteria, of k numbers and n observations.
fn fitted(family: Family, written: Written, at: Vec<f64>, (log_likelihood, k, n): (f64, f64, f64)) -> Fit {
    // At so few observations the correction has no meaning; a family that has no more parameters than that loses.
    let correction = if n > k + 1.0 { 2.0 * k * (k + 1.0) / (n - k - 1.0) } else { f64::INFINITY };
    Fit {
        family,
        written,
        log_likelihood,
        aicc: 2.0 * k - 2.0 * log_likelihood + correction,
        bic: k * libm::log(n) - 2.0 * log_likelihood,
        by: Criterion::Likelihood,
        at,
    }
}

/// The likeliest law of a family, sought from each start; none where no law of it allows the sample.
pub fn fit(
    family: Family,
    starts: &[Vec<f64>],
    cells: &Cells,
    frame: &Frame,
    observations: usize,
    stop: Stop,
) -> Option<Fit> {
    let problem = Problem { family, cells, frame, stop };
    let search = |start: &Vec<f64>| {
        let (near, _) = problem.descend(start, SIMPLEX[0], COARSE)?;
        problem.descend(&near, SIMPLEX[1], TOLERANCE)
    };
    let (at, cost) = least(starts.iter().filter_map(search))?;
    let written = family.law(&at, frame).ok()?;
    Some(fitted(family, written, at, (-cost, family.parameters() as f64, observations as f64)))
}

/// The best end of some searches, if one of them allows the sample.
fn least(ends: impl Iterator<Item = (Vec<f64>, f64)>) -> Option<(Vec<f64>, f64)> {
    ends.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, cost)| *cost < IMPOSSIBLE)
}

/// The likeliest law of a family for a sample that is much like that of another fit: sought from there, and from
/// everywhere for a mixture, whose parts may find other clusters.
pub(super) fn refit(of: &Fit, sample: &Sample, stop: Stop) -> Option<Written> {
    let frame = Frame::new(sample, &Cells::new(sample));
    let cells = Cells::sought(sample, of.by);
    let problem = Problem { family: of.family, cells: &cells, frame: &frame, stop };
    let mut ends = vec![problem.descend(&of.at, SIMPLEX[1], COARSE)];
    // From where the sample rules the law out, a shifted one say, nothing leads away.
    let lost = !ends[0].as_ref().is_some_and(|(_, cost)| *cost < IMPOSSIBLE);
    if of.family == Family::TwoLogNormals || lost {
        ends.extend(of.family.starts(&frame).iter().map(|start| problem.descend(start, SIMPLEX[0], COARSE)));
    }
    of.family.law(&least(ends.into_iter().flatten())?.0, &frame).ok()
}

/// What is least at the likeliest law.
#[derive(Clone, Copy)]
struct Problem<'p> {
    family: Family,
    cells: &'p Cells,
    frame: &'p Frame,
    stop: Stop<'p>,
}

impl Problem<'_> {
    /// One search by the simplex of Nelder and Mead (1965), which asks for no derivatives.
    fn descend(&self, start: &[f64], size: f64, tolerance: f64) -> Option<(Vec<f64>, f64)> {
        let corner = |i: usize| {
            let mut corner = start.to_vec();
            if i > 0 {
                corner[i - 1] += size;
            }
            corner
        };
        let simplex: Vec<Vec<f64>> = (0..=start.len()).map(corner).collect();
        let solver = NelderMead::new(simplex).with_sd_tolerance(tolerance).ok()?;
        let run = Executor::new(*self, solver).configure(|state| state.max_iters(STEPS)).timer(false).run().ok()?;
        let state = run.state();
        (!(self.stop)()).then_some(())?;
        Some((state.get_best_param()?.clone(), state.get_best_cost()))
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Vec<f64>) -> Result<f64, Error> {
        // The solver takes no error for an answer; what it finds then isn't used.
        if (self.stop)() {
            return Ok(IMPOSSIBLE);
        }
        let law = self.family.law(at, self.frame);
        let likelihood = law.map_or(f64::NEG_INFINITY, |law| self.cells.log_likelihood(law.law()));
        Ok(if likelihood.is_finite() { -likelihood } else { IMPOSSIBLE })
    }
}
