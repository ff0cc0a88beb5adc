//! When a run may stop, and where it looks next.
//!
//! Stopping at a wanted relative half-width looks at the very estimate of the error that it relies on, so each
//! look is a chance to stop on an interval that is too narrow by luck. Three rules keep the coverage:
//! no look before [`FIRST_LOOK`] observations and none that counts before the least number of outages, by when the
//! variance is known well; the next look is placed where the projected sample suffices with 5 % to spare, so that
//! a run needs a handful of looks, each far from the last (at least × 1.2); and at a look the width must be reached,
//! not nearly so. As the wanted width shrinks the number of observations at the stop becomes all but certain, and
//! the coverage nominal (Chow and Robbins 1965); the test on a two-state process measures it.

use super::estimate::Sample;
use super::settings::{BLOCK, MOST_OBSERVATIONS, Settings};
use crate::program::Program;

/// Spare sample in the projection, and the bounds of one step.
const SPARE: f64 = 1.05;
const LEAST_STEP: f64 = 1.2;
const GREATEST_STEP: f64 = 10.0;

/// What must be known how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// What is estimated.
    pub quantity: Quantity,
    /// Wanted relative half-width.
    pub precision: f64,
}

/// What stops a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The unavailability of an `up` condition.
    Unavailability(usize),
    /// One of the model's own measures.
    Measure(usize),
}

/// What was seen at a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Whether every goal is reached.
    pub reached: bool,
    /// How many times the sample is projected to be needed; infinite when nothing can be projected.
    pub factor: f64,
    /// Relative half-width of the leading goal.
    pub width: Option<f64>,
}

/// The goals of a design: its primary condition, or else its first measure, and every measure with a precision
/// of its own.
pub fn goals(sample: &Sample, primary: Option<usize>, settings: &Settings) -> Vec<Goal> {
    let own = sample.facts.measures.iter().enumerate().filter_map(|(i, measure)| {
        let precision = measure.precision.or((primary.is_none() && i == 0).then_some(settings.precision))?;
        Some(Goal { quantity: Quantity::Measure(i), precision })
    });
    let leading = primary.map(|up| Goal { quantity: Quantity::Unavailability(up), precision: settings.precision });
    leading.into_iter().chain(own).collect()
}

/// Looks at the goals.
pub fn look(sample: &Sample, goals: &[Goal], primary: Option<usize>, settings: &Settings) -> Look {
    let widths: Vec<f64> = goals.iter().map(|goal| width(sample, goal.quantity, settings.outages.max(2))).collect();
    let mut reached = goals.iter().zip(&widths).all(|(goal, width)| *width <= goal.precision);
    let factors = goals.iter().zip(&widths).map(|(goal, width)| projected(*width, goal.precision));
    let mut factor = factors.fold(0.0, f64::max);
    if let Some(up) = primary.filter(|&up| !always_down(sample, up)) {
        let seen = sample.failures(up);
        reached &= seen >= settings.outages && sample.doubts(up).is_empty();
        if seen < settings.outages {
            factor = factor.max(settings.outages as f64 / seen as f64 * SPARE);
        }
    }
    Look { reached, factor, width: widths.first().copied().filter(|width| width.is_finite()) }
}

/// How many times the sample is projected to be needed, from the half-width reached and the wanted one.
pub fn projected(width: f64, wanted: f64) -> f64 {
    let excess = width / wanted;
    excess * excess * SPARE
}

/// Blocks at the next look, after a look at `blocks`.
pub fn next_look(blocks: u64, factor: f64) -> u64 {
    ((blocks as f64 * step(factor)).ceil() as u64).max(blocks + 1).min((MOST_OBSERVATIONS / BLOCK).max(blocks + 1))
}

/// How many times the sample the next look has, where so many times are projected to be needed.
pub fn step(factor: f64) -> f64 {
    factor.clamp(LEAST_STEP, GREATEST_STEP)
}

fn always_down(sample: &Sample, up: usize) -> bool {
    sample.tally.totals[Program::down(up)] >= sample.tally.totals[Program::TIME]
}

/// Relative half-width; infinite where nothing was seen, 0 where there is nothing more to learn.
fn width(sample: &Sample, quantity: Quantity, settled: u64) -> f64 {
    let estimate = match quantity {
        Quantity::Unavailability(up) if always_down(sample, up) => return 0.0,
        Quantity::Unavailability(up) => {
            let estimate = sample.unavailability(up);
            // So many outages without an interval never varied: more of them won't.
            if estimate.estimate.is_some() && estimate.low.is_none() && sample.failures(up) >= settled {
                return 0.0;
            }
            estimate
        }
        Quantity::Measure(i) => {
            let estimate = sample.measure(&sample.facts.measures[i]);
            // A value that never varied has nothing more to tell, except 0, which may be a rare event unseen.
            if estimate.estimate.is_some_and(|value| value != 0.0) && estimate.low.is_none() {
                return 0.0;
            }
            estimate
        }
    };
    estimate.reached.filter(|width| !width.is_nan()).unwrap_or(f64::INFINITY)
}
