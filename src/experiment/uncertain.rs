//! What of a plan's parameters isn't known: draws and ranges of the parameter files that its nets import.

use crate::net::Shelf;
use crate::rng::StreamKey;
use crate::syntax::ast::{Document, Evidence, ParameterValue, Parameters, Shape, Uncertainty};
use crate::syntax::constant::{Constant, constant};
use crate::syntax::expr::{Argument, Expr, ExprKind};

use super::workshop::literal;
use crate::diag::Diagnostics;

/// What is drawn at once: all draws of a file, which belong together, or one value that has a range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factor {
    /// `failover`, `hosts.mtbf`.
    pub label: String,
    /// The file.
    pub path: String,
    /// Its values that are drawn.
    pub values: Vec<String>,
    /// The worst grade among them.
    pub evidence: Option<Evidence>,
    /// The fewest observations behind any of them; none where that isn't stated.
    pub observations: Option<f64>,
    /// Whether more measurements would narrow it; a range has none.
    pub measured: bool,
}

/// A value of a file that is another in a draw.
pub(super) type Redefined = (String, String, Expr);

/// All factors of the parameter files on a shelf, in the order of their paths.
pub(super) fn factors(shelf: &Shelf) -> Vec<Factor> {
    shelf.parameter_files().flat_map(|(path, parameters)| of_file(path, parameters)).collect()
}

fn of_file(path: &str, parameters: &Parameters) -> Vec<Factor> {
    let stem = crate::net::load::stem(path);
    let mut measured: Option<Factor> = None;
    let mut list = Vec::new();
    for value in &parameters.values {
        let name = value.name.text.clone();
        let factor = Factor {
            label: format!("{stem}.{name}"),
            path: path.to_string(),
            values: vec![name],
            evidence: value.evidence.map(|(grade, _)| grade),
            observations: observations(value),
            measured: !matches!(value.uncertainty, Some(Uncertainty::Range { .. })),
        };
        match (&value.uncertainty, &mut measured) {
            (None, _) => {}
            (Some(Uncertainty::Range { .. }), _) => list.push(factor),
            (Some(_), Some(all)) => {
                all.label = stem.to_string();
                all.values.extend(factor.values);
                all.evidence = all.evidence.max(factor.evidence);
                let least = |a: f64, b: f64| a.min(b);
                all.observations = all.observations.zip(factor.observations).map(|(a, b)| least(a, b));
            }
            (Some(_), none) => *none = Some(factor),
        }
    }
    list.splice(0..0, measured);
    list
}

fn observations(value: &ParameterValue) -> Option<f64> {
    constant(value.observations.as_ref()?, &mut Diagnostics::default()).map(|found| found.value)
}

impl Factor {
    /// The values of the draw of that index.
    pub fn draw(&self, shelf: &Shelf, seed: u64, index: u64) -> Vec<Redefined> {
        let mut stream = StreamKey::of(&format!("parameters {}", self.label)).stream(seed, index);
        let u = stream.draw().uniform();
        let Some(Document::Parameters(parameters)) = shelf.document(&self.path) else { return Vec::new() };
        let mine = parameters.values.iter().filter(|value| self.values.contains(&value.name.text));
        let drawn = mine.filter_map(|value| Some((value, value.uncertainty.as_ref()?)));
        drawn
            .map(|(value, uncertainty)| {
                let expr = match uncertainty {
                    Uncertainty::Draws(draws) => pick(draws, u).cloned().unwrap_or_else(|| value.value.clone()),
                    Uncertainty::Range { low, high, shape } => between(low, high, *shape, u),
                    Uncertainty::Resampled => again(&value.value, &self.label, seed, index),
                };
                (self.path.clone(), value.name.text.clone(), expr)
            })
            .collect()
    }
}

fn pick<T>(list: &[T], u: f64) -> Option<&T> {
    list.get(((u * list.len() as f64) as usize).min(list.len().checked_sub(1)?))
}

/// A number between two of one dimension, or a law between two of one form: all its numbers go along.
fn between(low: &Expr, high: &Expr, shape: Shape, u: f64) -> Expr {
    let value = |expr: &Expr| constant(expr, &mut Diagnostics::default());
    if let (Some(Constant { value: from, dimension }), Some(to)) = (value(low), value(high)) {
        let drawn = match shape {
            _ if from == to.value => from,
            Shape::Uniform => from + u * (to.value - from),
            Shape::LogUniform => from * libm::pow(to.value / from, u),
        };
        return literal(drawn, dimension, low.span);
    }
    let mut law = low.clone();
    if let (ExprKind::Call(_, own), ExprKind::Call(_, ends)) = (&mut law.kind, &high.kind) {
        own.iter_mut().zip(ends).for_each(|(own, end)| own.value = between(&own.value, &end.value, shape, u));
    }
    law
}

/// How great drawn values are, so that draws of one factor have an order: the sum of their times, of their numbers where
/// there are none.
pub(super) fn size(values: &[Redefined]) -> f64 {
    fn add(expr: &Expr, into: &mut [f64; 2]) {
        match &expr.kind {
            ExprKind::Quantity { value, .. } => into[0] += value,
            ExprKind::Number(value) => into[1] += value,
            ExprKind::Call(_, arguments) => arguments.iter().for_each(|argument| add(&argument.value, into)),
            ExprKind::List(parts) => parts.iter().for_each(|part| add(part, into)),
            _ => {}
        }
    }
    let mut sums = [0.0; 2];
    values.iter().for_each(|(_, _, value)| add(value, &mut sums));
    if sums[0] == 0.0 { sums[1] } else { sums[0] }
}

/// An empirical law of as many values, drawn from its own again; those of one place in laws of one length stay together.
fn again(law: &Expr, label: &str, seed: u64, index: u64) -> Expr {
    let mut law = law.clone();
    let ExprKind::Call(_, arguments) = &mut law.kind else { return law };
    if let [Argument { value: Expr { kind: ExprKind::List(values), .. }, .. }] = arguments.as_mut_slice() {
        let mut stream = StreamKey::of(&format!("resampled {label}")).stream(seed, index);
        let drawn = values.iter().filter_map(|_| pick(values, stream.draw().uniform()).cloned()).collect();
        *values = drawn;
    }
    law
}
