//! The laws that are tried, each a map from unbounded numbers to a law, so that a search can't leave its domain.

use super::likelihood::Cells;
use super::sample::{Observation, Sample};
use super::written::{Value, Written};
use crate::dist::LawError;

/// Bounds of a standard deviation of logarithms, so that no single value is fitted infinitely well.
const LEAST_SIGMA: f64 = 1e-4;
const GREATEST_SIGMA: f64 = 10.0;

/// Most stages of an Erlang law.
const MOST_STAGES: f64 = 200.0;

/// A law whose parameters are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Family {
    Exponential,
    Uniform,
    LogNormal,
    Weibull,
    Gamma,
    Erlang,
    Hypoexponential,
    Hyperexponential,
    Triangular,
    TruncatedNormal,
    LogLogistic,
    Pareto,
    ShiftedExponential,
    ShiftedLogNormal,
    ShiftedWeibull,
    ShiftedGamma,
    TwoLogNormals,
}

/// Every family, the simplest first.
pub const FAMILIES: [Family; 17] = [
    Family::Exponential,
    Family::Uniform,
    Family::LogNormal,
    Family::Weibull,
    Family::Gamma,
    Family::Erlang,
    Family::Hypoexponential,
    Family::Hyperexponential,
    Family::Triangular,
    Family::TruncatedNormal,
    Family::LogLogistic,
    Family::Pareto,
    Family::ShiftedExponential,
    Family::ShiftedLogNormal,
    Family::ShiftedWeibull,
    Family::ShiftedGamma,
    Family::TwoLogNormals,
];

/// Where a sample lies, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// A value in its midst.
    pub scale: f64,
    /// Least upper edge: no law may begin beyond.
    pub first: f64,
    /// Least lower edge of what was seen to end.
    pub begin: f64,
    /// Beyond every edge that is known: a law that ends must not end before.
    pub end: f64,
    /// Mean and standard deviation of the logarithms of what is known of each.
    pub logs: (f64, f64),
}

impl Frame {
    /// The frame of a sample.
    pub fn new(sample: &Sample, cells: &Cells) -> Frame {
        let (first, ended, last) = cells.support();
        let middle = |low: f64, high: f64| if high.is_finite() { 0.5 * (low + high) } else { low };
        let least = 1e-3 * sample.step();
        let logs: Vec<f64> = sample.observations.iter().map(|o| libm::log(middle(o.low, o.high).max(least))).collect();
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let variance = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let half = 0.5 * sample.step();
        let edge = |o: &Observation| if o.is_exact() { (o.low - half).max(0.0) } else { o.low };
        let ends = sample.observations.iter().filter(|o| !o.is_right_censored());
        let begin = ends.map(edge).fold(f64::INFINITY, f64::min);
        Frame { scale: sample.scale(), first, begin, end: ended.max(last), logs: (mean, variance.sqrt().max(1e-3)) }
    }
}

impl Family {
    /// As it is called in a table.
    pub fn name(self) -> &'static str {
        match self {
            Family::Exponential => "Exponential",
            Family::Uniform => "Uniform",
            Family::LogNormal => "LogNormal",
            Family::Weibull => "Weibull",
            Family::Gamma => "Gamma",
            Family::Erlang => "Erlang",
            Family::Hypoexponential => "Hypoexponential",
            Family::Hyperexponential => "Hyperexponential",
            Family::Triangular => "Triangular",
            Family::TruncatedNormal => "TruncatedNormal",
            Family::LogLogistic => "LogLogistic",
            Family::Pareto => "Pareto",
            Family::ShiftedExponential => "Shifted Exponential",
            Family::ShiftedLogNormal => "Shifted LogNormal",
            Family::ShiftedWeibull => "Shifted Weibull",
            Family::ShiftedGamma => "Shifted Gamma",
            Family::TwoLogNormals => "Mixed of two LogNormals",
        }
    }

    /// Numbers that the data decide.
    pub fn parameters(self) -> usize {
        match self {
            Family::Exponential => 1,
            Family::Hyperexponential | Family::Triangular => 3,
            Family::ShiftedLogNormal | Family::ShiftedWeibull | Family::ShiftedGamma => 3,
            Family::TwoLogNormals => 5,
            _ => 2,
        }
    }

    /// Whether the theory behind AIC and BIC holds: neither an end of the support nor a whole number nor the weight of
    /// a part that may vanish is estimated.
    pub fn is_regular(self) -> bool {
        use Family::{Exponential, Gamma, LogLogistic, LogNormal, TruncatedNormal, Weibull};
        matches!(self, Exponential | Gamma | LogLogistic | LogNormal | TruncatedNormal | Weibull)
    }

    /// Why a sample can't be of this family, or is too small for it.
    pub fn obstacle(self, sample: &Sample, frame: &Frame) -> Option<String> {
        let least = 5 * self.parameters();
        if self.parameters() > 2 && sample.len() < least {
            return Some(format!("{} observations are too few for {} parameters", sample.len(), self.parameters()));
        }
        let positive = frame.begin > 0.0;
        match self {
            Family::Pareto if !positive => Some("a value may be 0".to_string()),
            Family::Uniform | Family::Triangular if !sample.is_right_censored_only() => {
                Some("its ends need values that were seen whole".to_string())
            }
            _ => None,
        }
    }

    /// Where searches begin.
    pub fn starts(self, frame: &Frame) -> Vec<Vec<f64>> {
        let centre = frame.logs.0 - libm::log(frame.scale);
        let spread = frame.logs.1;
        let shape = libm::log(1.0 / spread);
        match self {
            Family::Exponential => vec![vec![centre]],
            Family::Uniform => vec![vec![0.0]],
            Family::LogNormal => vec![vec![centre, libm::log(spread)]],
            Family::Weibull => vec![vec![shape, centre], vec![0.0, 0.0]],
            Family::Gamma => vec![vec![2.0 * shape, 0.0], vec![0.0, 0.0]],
            Family::Erlang => stages(spread).map(|stages| vec![libm::log(stages), 0.0]).collect(),
            Family::Hypoexponential => vec![vec![-0.5, -1.0], vec![0.0, -4.0]],
            Family::Hyperexponential => vec![vec![0.0, -1.0, 1.0], vec![2.0, -0.5, 2.0]],
            Family::Triangular => vec![vec![2.0, -2.0, 0.0], vec![0.0, 0.0, -1.0]],
            Family::TruncatedNormal => vec![vec![1.0, libm::log(spread.min(1.0))]],
            Family::LogLogistic => vec![vec![centre, libm::log(1.8 / spread).max(-2.0)]],
            Family::Pareto => vec![vec![0.0]],
            Family::ShiftedExponential => vec![vec![2.0, 0.0], vec![-1.0, 0.0]],
            Family::ShiftedLogNormal => vec![vec![0.0, centre, libm::log(spread)], vec![2.0, -0.5, 0.0]],
            Family::ShiftedWeibull => vec![vec![0.0, shape, 0.0], vec![2.0, 0.0, 0.0]],
            Family::ShiftedGamma => vec![vec![0.0, 2.0 * shape, 0.0], vec![2.0, 0.0, 0.0]],
            Family::TwoLogNormals => {
                let near = libm::log(0.5 * spread);
                vec![
                    vec![0.0, centre - 0.8 * spread, near, centre + 0.8 * spread, near],
                    vec![2.0, centre - 0.3 * spread, near, centre + 2.0 * spread, near],
                    vec![-2.0, centre - 2.0 * spread, near, centre + 0.3 * spread, near],
                ]
            }
        }
    }

    /// The law at a point of the search.
    ///
    /// # Errors
    /// Where the constructor refuses the parameters.
    pub fn law(self, at: &[f64], frame: &Frame) -> Result<Written, LawError> {
        let number = Value::Number;
        let time = |log: f64| frame.scale * libm::exp(log);
        let mean = |log: f64| Value::Number(time(log));
        let sigma = |log: f64| libm::exp(log).clamp(LEAST_SIGMA, GREATEST_SIGMA);
        let lognormal = |centre: f64, spread: f64| {
            let mu = libm::log(frame.scale) + centre;
            Written::new("LogNormal", &[("mu", number(mu)), ("sigma", number(sigma(spread)))])
        };
        let weibull = |shape: f64, scale: f64| {
            Written::new("Weibull", &[("shape", number(libm::exp(shape))), ("scale", mean(scale))])
        };
        let gamma = |shape: f64, centre: f64| {
            Written::new("Gamma", &[("shape", number(libm::exp(shape))), ("mean", mean(centre))])
        };
        let exponential = |log: f64| Written::new("Exponential", &[("mean", mean(log))]);
        let offset = |at: f64, law: Written| {
            let offset = number(frame.first * logistic(at));
            Written::new("Shifted", &[("offset", offset), ("law", Value::Law(Box::new(law)))])
        };
        match self {
            Family::Exponential => exponential(at[0]),
            Family::Uniform => {
                let high = frame.end + (frame.end - frame.begin) * at[0].max(0.0);
                Written::new("Uniform", &[("low", number(frame.begin)), ("high", number(high))])
            }
            Family::LogNormal => lognormal(at[0], at[1]),
            Family::Weibull => weibull(at[0], at[1]),
            Family::Gamma => gamma(at[0], at[1]),
            Family::Erlang => {
                let stages = libm::round(libm::exp(at[0])).clamp(1.0, MOST_STAGES);
                Written::new("Erlang", &[("stages", number(stages)), ("mean", mean(at[1]))])
            }
            Family::Hypoexponential => {
                let means = vec![time(at[0]), time(at[1])];
                Written::new("Hypoexponential", &[("means", Value::Numbers(means))])
            }
            Family::Hyperexponential => {
                let first = logistic(at[0]);
                let means = Value::Numbers(vec![time(at[1]), time(at[2])]);
                let probabilities = Value::Numbers(vec![first, 1.0 - first]);
                Written::new("Hyperexponential", &[("probabilities", probabilities), ("means", means)])
            }
            Family::Triangular => {
                let low = frame.begin * logistic(at[0]);
                let high = frame.end + (frame.end - frame.begin) * libm::exp(at[1]);
                let mode = low + (high - low) * logistic(at[2]);
                Written::new("Triangular", &[("low", number(low)), ("mode", number(mode)), ("high", number(high))])
            }
            Family::TruncatedNormal => {
                Written::new("TruncatedNormal", &[("mean", number(frame.scale * at[0])), ("sd", mean(at[1]))])
            }
            Family::LogLogistic => {
                Written::new("LogLogistic", &[("scale", mean(at[0])), ("shape", number(1.0 + libm::exp(at[1])))])
            }
            Family::Pareto => {
                let shape = number(1.0 + libm::exp(at[0]));
                Written::new("Pareto", &[("scale", number(frame.begin)), ("shape", shape)])
            }
            Family::ShiftedExponential => offset(at[0], exponential(at[1])?),
            Family::ShiftedLogNormal => offset(at[0], lognormal(at[1], at[2])?),
            Family::ShiftedWeibull => offset(at[0], weibull(at[1], at[2])?),
            Family::ShiftedGamma => offset(at[0], gamma(at[1], at[2])?),
            Family::TwoLogNormals => {
                let first = logistic(at[0]);
                let laws = Value::Laws(vec![lognormal(at[1], at[2])?, lognormal(at[3], at[4])?]);
                Written::new("Mixed", &[("weights", Value::Numbers(vec![first, 1.0 - first])), ("laws", laws)])
            }
        }
    }
}

/// Numbers of stages around that of the Erlang law whose logarithm has this standard deviation: its variance is about
/// 1/k + 1/(2k²) (the trigamma function).
fn stages(spread: f64) -> impl Iterator<Item = f64> {
    let variance = spread * spread;
    let centre = libm::round((1.0 + (1.0 + 2.0 * variance).sqrt()) / (2.0 * variance)).clamp(1.0, MOST_STAGES);
    (-3..=3).map(move |i| centre + f64::from(i)).filter(|stages| (1.0..=MOST_STAGES).contains(stages))
}

/// From all numbers to (0, 1).
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
