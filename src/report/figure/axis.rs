//! An axis: which part of which scale it shows, and where its ticks stand.

use super::ticks::{self, Tick};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use std::ops::Range;

/// Ratio of the greatest to the least value from which an axis that chooses for itself is logarithmic.
pub(super) const WIDE: f64 = 20.0;

/// Blank share of the axis at either end.
const MARGIN: f64 = 0.04;

/// What the numbers of an axis mean, which decides how its ticks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Seconds: `10 ms`, `1 min`, `1 d`.
    Duration,
    /// A part of one: `5 %`.
    Share,
    /// Anything else.
    #[default]
    Number,
}

/// How the values lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spacing {
    /// Logarithmic where all values are above 0 and the greatest is more than twenty times the least.
    #[default]
    Automatic,
    /// Equal differences are equal lengths.
    Linear,
    /// Equal ratios are equal lengths; values that aren't above 0 can't be shown. Without any other it is linear.
    Logarithmic,
}

/// An axis as it is asked for; its ends follow from what is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What is shown on it: `downtime per year`.
    pub label: String,
    /// What its numbers mean.
    pub unit: Unit,
    /// How they lie on it.
    pub spacing: Spacing,
    /// Ticks of one's own, value and label, in ascending order; round numbers without.
    pub ticks: Option<Vec<(f64, String)>>,
}

impl Axis {
    /// An axis that chooses its spacing.
    pub fn new(label: impl Into<String>, unit: Unit) -> Axis {
        Axis { label: label.into(), unit, ..Axis::default() }
    }

    /// The same with that spacing.
    pub fn spaced(self, spacing: Spacing) -> Axis {
        Axis { spacing, ..self }
    }

    /// The scale on which all these values can be seen.
    pub(super) fn scale(&self, values: &[f64]) -> Scale {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let least_above = finite().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
        let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let logarithmic = match self.spacing {
            Spacing::Linear => false,
            Spacing::Logarithmic => least_above.is_finite(),
            Spacing::Automatic => low > 0.0 && low.is_finite() && high / low > WIDE,
        };
        let ends = match (logarithmic, low <= high) {
            (true, _) => widened(libm::log10(least_above), libm::log10(high), 0.3),
            (false, true) => widened(low, high, if low == 0.0 { 1.0 } else { 0.1 * low.abs() }),
            (false, false) => (0.0, 1.0),
        };
        self.with_ticks(Scale { ends, logarithmic, ticks: Vec::new() })
    }

    /// The linear scale between two values, without a margin.
    pub(super) fn between(&self, low: f64, high: f64) -> Scale {
        self.with_ticks(Scale { ends: (low, high), logarithmic: false, ticks: Vec::new() })
    }

    fn with_ticks(&self, mut scale: Scale) -> Scale {
        scale.ticks = match &self.ticks {
            Some(own) => own.iter().filter(|(at, _)| scale.shows(*at)).cloned().collect(),
            None => ticks::ticks(scale.least(), scale.greatest(), self.unit, scale.logarithmic),
        };
        scale
    }
}

/// The ends with a margin, apart from each other by `half` on both sides at least where they are one.
fn widened(low: f64, high: f64, half: f64) -> (f64, f64) {
    let margin = if high > low { MARGIN * (high - low) } else { half };
    (low - margin, high + margin)
}

/// A stretch of the numbers, mapped to pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// Least and greatest, their decimal logarithms where it is logarithmic.
    ends: (f64, f64),
    logarithmic: bool,
    /// In ascending order.
    pub ticks: Vec<Tick>,
}

impl Scale {
    /// Whether equal ratios are equal lengths.
    pub fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// Where it begins.
    pub fn least(&self) -> f64 {
        if self.logarithmic { libm::exp10(self.ends.0).max(f64::MIN_POSITIVE) } else { self.ends.0 }
    }

    /// Where it ends.
    pub fn greatest(&self) -> f64 {
        if self.logarithmic { libm::exp10(self.ends.1).min(f64::MAX) } else { self.ends.1 }
    }

    /// Whether a value has a place on it.
    pub fn shows(&self, value: f64) -> bool {
        (0.0..=1.0).contains(&self.share(value))
    }

    /// Where bars begin: at 0, or where the scale does.
    pub fn base(&self) -> f64 {
        if self.logarithmic { self.least() } else { 0.0_f64.clamp(self.ends.0, self.ends.1) }
    }

    /// The part of the scale below the value; NaN where it has no place.
    fn share(&self, value: f64) -> f64 {
        let place = if self.logarithmic { libm::log10(value) } else { value };
        (place - self.ends.0) / (self.ends.1 - self.ends.0)
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, pixels: (i32, i32)) -> i32 {
        let share = self.share(*value);
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        pixels.0 + libm::round(share * f64::from(pixels.1 - pixels.0)) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.least()..self.greatest()
    }
}
