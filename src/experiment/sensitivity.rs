//! By how many per cent the downtime changes with each per cent of a parameter: d ln U / d ln p.
//!
//! Solved exactly, the derivative is a central difference on the logarithmic scale, extrapolated twice (Richardson 1911;
//! Ridders 1982): its error is of the sixth order in the step, and the last correction bounds it.
//! Simulated, it is one central difference between p/1.1 and 1.1·p under common random numbers, which is right for power
//! laws and else off by a term of the third derivative; its interval is that of the paired ratio.

use super::answers::{Influence, LeftOut, Sensitivity, Step};
use super::bench::{Bench, Study, is_fatal};
use super::compare::log_ratio;
use super::control::RunFault;
use super::plan::Planned;
use super::run::Solved;
use super::settings::Settings;
use super::shape::alike;
use super::workshop::Leaf;
use crate::net::Net;
use crate::stats::Estimate;
use crate::syntax::ast::Method;
use crate::units::Dimension;
use std::sync::Arc;

/// The number is divided and multiplied by the first of these that leaves the net possible; of others, which lie near
/// what is impossible, by the fourth root.
const FACTORS: [f64; 7] = [1.1, 1.03, 1.01, 1.003, 1.001, 1.0003, 1.0001];

/// Absolute half-width of an elasticity at which its simulation ends.
const WANTED: f64 = 0.05;

/// Relative half-width of the unavailabilities in the first look at a difference, and the least in any.
const FIRST: f64 = 0.05;
const FINEST: f64 = 1e-3;

/// Looks at a difference, each as precise as the last one says is needed.
const LOOKS: usize = 4;

/// Spare precision in that projection.
const SPARE: f64 = 0.9;

/// Relative error that an exact unavailability may have.
const EXACT: f64 = 2e-12;

/// The sensitivities of all points; false when interrupted.
pub(super) fn sensitivities(study: &Study, bench: &mut Bench, into: &mut Vec<Sensitivity>) -> Result<bool, RunFault> {
    let Some(wanted) = &study.plan.studies.sensitivity else { return Ok(true) };
    for (point, solved) in study.solved.iter().enumerate() {
        let Some(up) = solved.planned.primary else { continue };
        let earlier = study.solved[..point].iter().position(|other| {
            Arc::ptr_eq(&other.planned.net, &solved.planned.net) && other.planned.primary == solved.planned.primary
        });
        let known = earlier.map(|other| study.solved[other].planned);
        let known = known.and_then(|other| into.iter().find(|s| s.design == other.design && s.at == other.at));
        if let Some(known) = known.cloned() {
            into.push(Sensitivity { design: solved.planned.design.clone(), at: solved.planned.at.clone(), ..known });
            continue;
        }
        let mut of = OfPoint { study, point, solved, up, found: blank(solved, up) };
        let done = of.all(wanted, bench);
        of.found.influences.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
        into.push(of.found);
        if !done? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn strength(of: &Influence) -> f64 {
    of.elasticity.estimate.map_or(-1.0, f64::abs)
}

fn blank(solved: &Solved, up: usize) -> Sensitivity {
    Sensitivity {
        design: solved.planned.design.clone(),
        at: solved.planned.at.clone(),
        up: solved.facts.up[up].clone(),
        influences: Vec::new(),
        steps: Vec::new(),
        left_out: Vec::new(),
    }
}

/// The sensitivity of one point while it is found.
struct OfPoint<'s> {
    study: &'s Study<'s>,
    point: usize,
    solved: &'s Solved<'s>,
    up: usize,
    found: Sensitivity,
}

/// How a number can be varied.
enum Kind {
    /// Continuously, at least by this factor.
    Real(f64),
    /// One by one.
    Whole,
    /// Not at all.
    Neither(String),
}

impl OfPoint<'_> {
    /// All numbers that are wanted; false when interrupted.
    fn all(&mut self, wanted: &[String], bench: &mut Bench) -> Result<bool, RunFault> {
        let leaves = self.study.workshop.leaves(self.point);
        if wanted.is_empty() {
            leaves.other.iter().for_each(|(parameter, because)| self.leave_out(parameter, because.clone()));
        }
        let alone = |label: &str| format!("{}.{label}", self.solved.planned.design);
        let is_named = |label: &String| wanted.contains(label) || wanted.contains(&alone(label));
        let is_wanted = |leaf: &Leaf| if wanted.is_empty() { !leaf.imported } else { is_named(&leaf.label) };
        let leaves: Vec<Leaf> = leaves.found.into_iter().filter(is_wanted).collect();
        for leaf in &leaves {
            let done = match self.kind(leaf) {
                Kind::Real(factor) => self.influence(leaf, factor, bench),
                Kind::Whole => self.step(leaf, bench),
                Kind::Neither(because) => {
                    self.leave_out(&leaf.label, because);
                    continue;
                }
            };
            match done {
                Ok(true) => {}
                Err(fault) if !is_fatal(&fault) => self.leave_out(&leaf.label, fault.to_string()),
                other => return other,
            }
        }
        Ok(true)
    }

    fn leave_out(&mut self, parameter: &str, because: String) {
        self.found.left_out.push(LeftOut { parameter: parameter.to_string(), because });
    }

    fn net(&self, leaf: &Leaf, value: f64) -> Result<Arc<Net>, String> {
        self.study.workshop.net(self.point, leaf, value)
    }

    fn kind(&self, leaf: &Leaf) -> Kind {
        if !(leaf.value > 0.0 && leaf.value.is_finite()) {
            return Kind::Neither("it isn't above 0".to_string());
        }
        let base = &self.solved.planned.net;
        let mut mistake = String::new();
        for (i, factor) in FACTORS.into_iter().enumerate() {
            match (self.net(leaf, leaf.value / factor), self.net(leaf, leaf.value * factor)) {
                (Ok(less), Ok(more)) if alike(base, &less) && alike(base, &more) => {
                    return Kind::Real(if i == 0 { factor } else { factor.sqrt().sqrt() });
                }
                (Ok(_), Ok(_)) => mistake = "a condition or a count depends on it".to_string(),
                (Err(message), _) | (_, Err(message)) => mistake = message,
            }
        }
        let whole = leaf.dimension == Dimension::NUMBER && leaf.value.fract() == 0.0;
        if whole { Kind::Whole } else { Kind::Neither(mistake) }
    }

    /// The point with another value of a number.
    fn varied(&self, leaf: &Leaf, value: f64, net: Arc<Net>) -> Planned {
        let unit = leaf.dimension.base_unit();
        self.study.planned(self.point, net, (&leaf.label, format!("{value} {unit}").trim_end()))
    }

    /// The downtime in a year.
    fn downtime(&self, solved: &Solved, settings: &Settings) -> Estimate {
        let found = solved.standard(self.up, settings).swap_remove("downtime per year");
        found.unwrap_or_else(|| Estimate::unknown(settings.confidence, "s/y"))
    }

    fn influence(&mut self, leaf: &Leaf, factor: f64, bench: &mut Bench) -> Result<bool, RunFault> {
        let found = match self.solved.finding.exact {
            Some(_) => self.solved_exactly(leaf, factor, bench)?,
            None => self.simulated(leaf, factor, bench)?,
        };
        let Some((elasticity, [divided, multiplied], how)) = found else { return Ok(false) };
        self.found.influences.push(Influence {
            parameter: leaf.label.clone(),
            value: leaf.value,
            unit: leaf.dimension.base_unit(),
            elasticity,
            factor,
            divided,
            multiplied,
            how,
            evidence: leaf.evidence,
        });
        Ok(true)
    }

    fn solved_exactly(&self, leaf: &Leaf, factor: f64, bench: &mut Bench) -> Result<Option<Found>, RunFault> {
        let step = libm::log(factor);
        let mut points = Vec::new();
        for halved in [1.0, 0.5, 0.25] {
            for sign in [-1.0, 1.0] {
                let value = leaf.value * libm::exp(sign * halved * step);
                // Between values that the net can have, it can have all.
                let Ok(net) = self.net(leaf, value) else { continue };
                points.push(self.varied(leaf, value, net));
            }
        }
        let settings = Settings { method: Method::Exact, ..self.study.settings(self.study.plan.settings.precision) };
        let plan = self.study.beyond(points, settings);
        let confidence = plan.settings.confidence;
        bench.solve(&plan, |solved| {
            let u = |of: &Solved| of.unavailability(self.up, &plan.settings).estimate.unwrap_or(f64::NAN);
            let values: Vec<f64> = solved.iter().map(u).collect();
            let (value, error) = extrapolated(&values, step);
            let sure = value.is_finite() && error.is_finite();
            let elasticity =
                Estimate::between(Some(value).filter(|_| sure), Some((value - error, value + error)), confidence, "");
            let ends = [0, 1].map(|i| self.downtime(&solved[i], &plan.settings));
            (elasticity, ends, "exact solutions, central differences extrapolated to the sixth order".to_string())
        })
    }

    fn simulated(&self, leaf: &Leaf, factor: f64, bench: &mut Bench) -> Result<Option<Found>, RunFault> {
        let mut points = Vec::new();
        for value in [leaf.value * factor, leaf.value / factor] {
            let Ok(net) = self.net(leaf, value) else { continue };
            let mut planned = self.varied(leaf, value, net);
            // Both at one point, so that they are solved as a pair.
            planned.at.clone_from(&self.solved.planned.at);
            points.push(planned);
        }
        let own = self.study.plan.settings.precision;
        let distance = 2.0 * libm::log(factor);
        let mut precision = own.max(FIRST);
        for look in 1.. {
            let plan = self.study.beyond(points.clone(), self.study.settings(precision));
            let found = bench.solve(&plan, |solved| {
                let ratio = log_ratio(&plan, solved, [0, 1]);
                (ratio, [1, 0].map(|i| self.downtime(&solved[i], &plan.settings)))
            })?;
            let Some((ratio, ends)) = found else { return Ok(None) };
            let half = ratio.map(|(_, half)| half / distance);
            let fixed = plan.settings.replications.is_some();
            let next = half.map_or(own, |half| precision * SPARE * WANTED / half).max(FINEST.min(own));
            if half.is_some_and(|half| half <= WANTED) || look == LOOKS || fixed || next >= precision {
                let confidence = plan.settings.confidence;
                let of = |(value, half): (f64, f64)| (value / distance, half / distance);
                let ratio = ratio.map(of);
                let ends_of = ratio.map(|(value, half)| (value - half, value + half));
                let elasticity = Estimate::between(ratio.map(|(value, _)| value), ends_of, confidence, "");
                return Ok(Some((elasticity, ends, how(&leaf.label, factor, half))));
            }
            precision = next;
        }
        Ok(None)
    }

    fn step(&mut self, leaf: &Leaf, bench: &mut Bench) -> Result<bool, RunFault> {
        let nets = [leaf.value - 1.0, leaf.value + 1.0].map(|value| self.net(leaf, value).map(|net| (value, net)));
        let points: Vec<Planned> =
            nets.iter().flatten().map(|(value, net)| self.varied(leaf, *value, net.clone())).collect();
        if points.is_empty() {
            let because = nets.into_iter().find_map(Result::err).unwrap_or_default();
            self.leave_out(&leaf.label, because);
            return Ok(true);
        }
        let plan = self.study.beyond(points, self.study.settings(self.study.plan.settings.precision));
        let read = |solved: &[Solved]| -> Vec<Estimate> {
            solved.iter().map(|one| self.downtime(one, &plan.settings)).collect()
        };
        let Some(found) = bench.solve(&plan, read)? else { return Ok(false) };
        let mut found = found.into_iter();
        let [less, more] = nets.map(|net| net.ok().and_then(|_| found.next()));
        self.found.steps.push(Step { parameter: leaf.label.clone(), value: leaf.value, less, more });
        Ok(true)
    }
}

/// An elasticity, the downtimes at the divided and the multiplied value, and how it was found.
type Found = (Estimate, [Estimate; 2], String);

fn how(parameter: &str, factor: f64, half: Option<f64>) -> String {
    let range = format!("paired central difference between the value / {factor} and · {factor}");
    let bias = "exact for power laws, else off by a term of the third order";
    match half {
        Some(half) if half > WANTED => format!("{range}, {bias}; ± {WANTED} was not reached for {parameter}"),
        _ => format!("{range}, {bias}"),
    }
}

/// The derivative of ln U from U at −h, h, −h/2, h/2, −h/4, h/4, and a bound of its error.
fn extrapolated(values: &[f64], step: f64) -> (f64, f64) {
    let [a, b, c, d, e, f] = values else { return (f64::NAN, f64::NAN) };
    let slope = |low: f64, high: f64, step: f64| libm::log(high / low) / (2.0 * step);
    let [first, second, third] = [slope(*a, *b, step), slope(*c, *d, step / 2.0), slope(*e, *f, step / 4.0)];
    let (one, other) = ((4.0 * second - first) / 3.0, (4.0 * third - second) / 3.0);
    let value = (16.0 * other - one) / 15.0;
    (value, (value - other).abs() + EXACT / (step / 4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_reached_names_the_parameter() {
        assert!(how("mtbf", 1.1, Some(2.0 * WANTED)).ends_with("was not reached for mtbf"));
        assert!(!how("mtbf", 1.1, Some(WANTED)).contains("mtbf"));
    }

    #[test]
    fn the_bound_holds_the_error_of_the_derivative() {
        // U = p / (1 + p) at p = 0.3: d ln U / d ln p = 1 / (1 + p).
        for (p, step) in [(0.3_f64, 0.0953), (1e-9, 0.0953), (40.0, 0.02)] {
            let u = |h: f64| p * libm::exp(h) / (1.0 + p * libm::exp(h));
            let values = [-step, step, -step / 2.0, step / 2.0, -step / 4.0, step / 4.0].map(u);
            let (value, error) = extrapolated(&values, step);
            let exact = 1.0 / (1.0 + p);
            assert!((value - exact).abs() <= error && error < 1e-7, "{value} {exact} {error}");
        }
        assert!(extrapolated(&[1.0; 3], 0.1).0.is_nan());
    }
}
