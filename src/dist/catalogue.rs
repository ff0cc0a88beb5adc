//! How laws are written: the forms, their arguments, and the checks that their constructors share.

use super::{Law, LawError};
use super::{deterministic, empirical, exponential, gamma, hyperexponential, hypoexponential, log_logistic, lognormal};
use super::{mixed, pareto, shifted, triangular, truncated_normal, uniform, weibull};
use crate::units::Dimension;
use std::fmt;

/// What a parameter of a law is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// A quantity of that power of time.
    Scalar(Dimension),
    /// A list of such quantities.
    List(Dimension),
    /// A law.
    Law,
    /// A list of laws.
    Laws,
}

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A number, in base units.
    Scalar(f64),
    /// Numbers.
    List(Vec<f64>),
    /// A law.
    Law(Law),
    /// Laws.
    Laws(Vec<Law>),
}

/// One way to write a law: its name, its parameters in order, and the validating constructor.
pub struct Form {
    /// `LogNormal`.
    pub name: &'static str,
    /// Names and kinds: `[("mean", time), ("sigma", number)]`.
    pub parameters: &'static [(&'static str, ParameterKind)],
    /// Makes the law; the arguments stand in the order of `parameters` and are of their kinds.
    pub build: fn(&[Argument]) -> Result<Law, LawError>,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.name, self.parameters)
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Form) -> bool {
        self.name == other.name && self.parameters == other.parameters
    }
}

/// A plain number.
pub(super) const NUMBER: ParameterKind = ParameterKind::Scalar(Dimension::NUMBER);
/// A time.
pub(super) const TIME: ParameterKind = ParameterKind::Scalar(Dimension::TIME);
/// A rate.
pub(super) const RATE: ParameterKind = ParameterKind::Scalar(Dimension::RATE);
/// A square of time.
pub(super) const TIME_SQUARED: ParameterKind = ParameterKind::Scalar(Dimension { time: 2 });
/// Plain numbers.
pub(super) const NUMBERS: ParameterKind = ParameterKind::List(Dimension::NUMBER);
/// Times.
pub(super) const TIMES: ParameterKind = ParameterKind::List(Dimension::TIME);
/// Rates.
pub(super) const RATES: ParameterKind = ParameterKind::List(Dimension::RATE);

/// Every way to write a law.
///
/// A law's name can have several forms, told apart by the names of the parameters; a call without names takes the
/// first form with that many parameters.
pub fn forms() -> &'static [Form] {
    FORMS
}

const fn form(
    name: &'static str,
    parameters: &'static [(&'static str, ParameterKind)],
    build: fn(&[Argument]) -> Result<Law, LawError>,
) -> Form {
    Form { name, parameters, build }
}

#[rustfmt::skip]
static FORMS: &[Form] = &[
    form("Exponential", &[("mean", TIME)], exponential::by_mean),
    form("Exponential", &[("rate", RATE)], exponential::by_rate),
    form("Deterministic", &[("value", TIME)], deterministic::build),
    form("Uniform", &[("low", TIME), ("high", TIME)], uniform::build),
    form("LogNormal", &[("mean", TIME), ("sigma", NUMBER)], lognormal::by_mean_and_sigma),
    form("LogNormal", &[("mu", NUMBER), ("sigma", NUMBER)], lognormal::by_mu_and_sigma),
    form("LogNormal", &[("mean", TIME), ("variance", TIME_SQUARED)], lognormal::by_mean_and_variance),
    form("Weibull", &[("shape", NUMBER), ("scale", TIME)], weibull::build),
    form("Gamma", &[("shape", NUMBER), ("scale", TIME)], gamma::by_scale),
    form("Gamma", &[("shape", NUMBER), ("mean", TIME)], gamma::by_mean),
    form("Erlang", &[("stages", NUMBER), ("mean", TIME)], gamma::erlang_by_mean),
    form("Erlang", &[("stages", NUMBER), ("rate", RATE)], gamma::erlang_by_rate),
    form("Hypoexponential", &[("means", TIMES)], hypoexponential::by_means),
    form("Hypoexponential", &[("rates", RATES)], hypoexponential::by_rates),
    form("Hyperexponential", &[("probabilities", NUMBERS), ("means", TIMES)], hyperexponential::by_means),
    form("Hyperexponential", &[("probabilities", NUMBERS), ("rates", RATES)], hyperexponential::by_rates),
    form("Triangular", &[("low", TIME), ("mode", TIME), ("high", TIME)], triangular::build),
    form("TruncatedNormal", &[("mean", TIME), ("sd", TIME)], truncated_normal::at_zero),
    form("TruncatedNormal", &[("mean", TIME), ("sd", TIME), ("low", TIME), ("high", TIME)], truncated_normal::between),
    form("LogLogistic", &[("scale", TIME), ("shape", NUMBER)], log_logistic::build),
    form("Pareto", &[("scale", TIME), ("shape", NUMBER)], pareto::build),
    form("Empirical", &[("sample", TIMES)], empirical::build),
    form("Shifted", &[("offset", TIME), ("law", ParameterKind::Law)], shifted::build),
    form("Mixed", &[("weights", NUMBERS), ("laws", ParameterKind::Laws)], mixed::build),
];

/// The longest time that a parameter may state, seconds; no sample of such a law overflows.
const LONGEST: f64 = 1e100;

/// The number at `index`; NaN, which every check refuses, where there is none.
pub(super) fn scalar(arguments: &[Argument], index: usize) -> f64 {
    match arguments.get(index) {
        Some(Argument::Scalar(value)) => *value,
        _ => f64::NAN,
    }
}

/// The numbers at `index`; empty, which every check refuses, where there are none.
pub(super) fn list(arguments: &[Argument], index: usize) -> &[f64] {
    match arguments.get(index) {
        Some(Argument::List(values)) => values,
        _ => &[],
    }
}

/// Refuses what isn't so.
pub(super) fn require(holds: bool, parameter: &'static str, requirement: &str) -> Result<(), LawError> {
    if holds { Ok(()) } else { Err(LawError::new(parameter, requirement)) }
}

/// A number that must be positive: a time or a rate.
pub(super) fn positive(parameter: &'static str, value: f64) -> Result<f64, LawError> {
    require(value > 0.0 && value.is_finite(), parameter, "must be positive and finite")?;
    require((1.0 / LONGEST..=LONGEST).contains(&value), parameter, "must lie between 1e-100 and 1e100 in seconds")?;
    Ok(value)
}

/// A time that may be 0.
pub(super) fn not_negative(parameter: &'static str, value: f64) -> Result<f64, LawError> {
    require(value >= 0.0 && value.is_finite(), parameter, "must be finite and not negative")?;
    require(value <= LONGEST, parameter, "must be at most 1e100 s")?;
    Ok(value)
}

/// A number in [low, high].
pub(super) fn within(parameter: &'static str, value: f64, low: f64, high: f64) -> Result<f64, LawError> {
    if value >= low && value <= high {
        Ok(value)
    } else {
        Err(LawError::new(parameter, format!("must lie between {low} and {high}")))
    }
}

/// The power by which a tail falls: the mean is infinite unless it is greater than 1.
pub(super) fn power_of_tail(parameter: &'static str, value: f64) -> Result<f64, LawError> {
    let falls = value > 1.0 && value <= 1e4;
    require(falls, parameter, "must be greater than 1 (else the mean is infinite), at most 10000")?;
    Ok(value)
}

/// The laws inside of another one: they contain laws in laws less than 16 deep.
pub(super) fn nested(parameter: &'static str, laws: &[Law]) -> Result<(), LawError> {
    const MOST_DEEP: usize = 16;
    let shallow = laws.iter().all(|law| law.depth() < MOST_DEEP);
    require(shallow, parameter, "must not contain laws in laws more than 16 deep")
}

/// A list of 1 to `most` numbers that each pass `check`.
pub(super) fn each(
    parameter: &'static str,
    values: &[f64],
    most: usize,
    check: fn(&'static str, f64) -> Result<f64, LawError>,
) -> Result<Vec<f64>, LawError> {
    if values.is_empty() || values.len() > most {
        return Err(LawError::new(parameter, format!("must have 1 to {most} items, not {}", values.len())));
    }
    let mut checked = Vec::with_capacity(values.len());
    for (i, &value) in values.iter().enumerate() {
        checked.push(
            check(parameter, value)
                .map_err(|error| LawError::new(parameter, format!("{} (item {})", error.requirement, i + 1)))?,
        );
    }
    Ok(checked)
}

/// Lists that belong together must be equally long.
pub(super) fn same_length(parameter: &'static str, length: usize, other: &str, wanted: usize) -> Result<(), LawError> {
    if length == wanted {
        Ok(())
    } else {
        Err(LawError::new(parameter, format!("must have as many items as {other}: {wanted}, not {length}")))
    }
}
