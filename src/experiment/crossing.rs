//! Where two designs change their order along a numeric parameter of a sweep, for each combination of the others.
//!
//! The logarithm of the ratio of their unavailabilities is interpolated between the sweep's values, on a logarithmic
//! axis where all values are above 0, which is exact for power laws; [`super::root`] tells the interval, and which
//! points between would narrow it. Of a parameter that counts, all of this is about whole numbers.

use super::bench::{Bench, Studied, Study, is_fatal};
use super::compare::{groups, log_ratio};
use super::control::RunFault;
use super::outcome::{Crossing, Point};
use super::plan::{Axis, Plan, Planned};
use super::points::alone;
use super::range::rounded;
use super::root::{Ask, Node, Turn, ask, turns};
use super::run::{Solved, point};
use super::shape::alike;
use super::workshop::stands_for;
use crate::stats::Estimate;
use crate::units::{Dimension, unit};
use indexmap::IndexMap;

/// Most points between those of the sweep for one crossing, simulated and exact.
const MOST_LOOKS: [u32; 2] = [16, 64];

/// Significant digits of a simulated point between, which can be typed again; an exact one has all.
const DIGITS: usize = 9;

/// Precision of a simulated point between, at most and at least.
const PRECISION: (f64, f64) = (1e-4, 0.1);

/// What is known of two designs along the sweep.
struct Curve {
    place: Place,
    nodes: Vec<Node>,
    /// Whether only whole values can be had.
    counts: bool,
    /// At each value the half-width of the band over the precision of the runs behind it.
    scales: Vec<(f64, f64)>,
    /// Values without an interval.
    missing: usize,
    /// Values between those of the sweep.
    added: usize,
    /// Why no more are added though the interval isn't narrow enough.
    given_up: Option<String>,
}

/// All crossings of the first design with each other one.
pub(super) fn crossings(plan: &Plan, solved: &[Solved]) -> Vec<Crossing> {
    let (Some(axis), Some(first)) = (&plan.axis, plan.designs.first()) else { return Vec::new() };
    let of = |place: Place| {
        let of = |second: &String| told(plan, axis, (first, second), &nodes(plan, solved, (axis, &place), second));
        plan.designs.iter().skip(1).flat_map(of).collect::<Vec<_>>()
    };
    places(plan, axis).into_iter().flat_map(of).collect()
}

/// The values of the sweep's other parameters.
type Place = IndexMap<String, String>;

/// Where a point is beside the axis.
fn beside(axis: &Axis, at: &IndexMap<String, String>) -> Place {
    at.iter().filter(|(name, _)| **name != axis.parameter).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// All places along which the axis is swept, in order.
fn places(plan: &Plan, axis: &Axis) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for point in &plan.points {
        let place = beside(axis, &point.at);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// The crossings on one curve.
fn told(plan: &Plan, axis: &Axis, (first, second): (&str, &str), curve: &Curve) -> Vec<Crossing> {
    turns(&curve.nodes).into_iter().map(|turn| crossing(plan, axis, (first, second), turn, curve)).collect()
}

/// The crossings, narrowed by points between those of the sweep as far as that is wanted; false when interrupted.
pub(super) fn refined_crossings(study: &Study, bench: &mut Bench, into: &mut Studied) -> Result<bool, RunFault> {
    let plan = study.plan;
    let (Some(wanted), Some(axis), Some(first)) = (plan.studies.refine, &plan.axis, plan.designs.first()) else {
        return Ok(true);
    };
    let mut all = Vec::new();
    let seconds = |place: Place| plan.designs.iter().skip(1).map(move |second| (place.clone(), second));
    for (place, second) in places(plan, axis).into_iter().flat_map(seconds) {
        let mut curve = nodes(plan, study.solved, (axis, &place), second);
        let mut refinement = Refinement { study, axis, pair: [first, second], wanted, curve: &mut curve };
        let done = refinement.all(bench, &mut into.refined)?;
        all.extend(told(plan, axis, (first, second), &curve));
        if !done {
            into.crossings = Some(all);
            return Ok(false);
        }
    }
    into.crossings = Some(all);
    Ok(true)
}

/// The narrowing of the crossings of two designs.
struct Refinement<'s> {
    study: &'s Study<'s>,
    axis: &'s Axis,
    pair: [&'s String; 2],
    /// Relative half-width.
    wanted: f64,
    curve: &'s mut Curve,
}

/// A value between those of the sweep.
struct Look {
    points: Vec<Point>,
    /// Why there is no use in another.
    given_up: Option<String>,
}

impl Refinement<'_> {
    fn all(&mut self, bench: &mut Bench, into: &mut Vec<Point>) -> Result<bool, RunFault> {
        let mut index = 0;
        while let Some(turn) = turns(&self.curve.nodes).get(index) {
            let at = self.curve.nodes.partition_point(|node| node.x <= turn.x);
            let first = self.curve.nodes.get(at).map_or(1.0, |right| right.x - self.curve.nodes[at - 1].x);
            let mut last: Vec<Point> = Vec::new();
            for looks in 0.. {
                let Some(turn) = turns(&self.curve.nodes).get(index).copied() else { break };
                let width = if is_log(self.axis) { libm::log1p(self.wanted) } else { self.wanted * turn.x.abs() };
                let ask = ask(&self.curve.nodes, &turn, width, looks, first);
                let Some(ask) = ask.and_then(|ask| self.possible(ask)) else { break };
                let exact = ask.half == 0.0;
                if looks >= MOST_LOOKS[usize::from(exact)] {
                    self.curve.given_up = Some(format!("{looks} points between didn't suffice"));
                    break;
                }
                let look = match self.look(ask, bench) {
                    Ok(None) => return Ok(false),
                    Ok(Some(look)) => look,
                    Err(fault) if !is_fatal(&fault) => Look { points: Vec::new(), given_up: Some(fault.to_string()) },
                    Err(fault) => return Err(fault),
                };
                // Of the many steps to an exact root only the last is told.
                if exact {
                    last = look.points;
                } else {
                    into.extend(look.points);
                }
                if look.given_up.is_some() {
                    self.curve.given_up = look.given_up;
                    break;
                }
            }
            into.append(&mut last);
            index += 1;
        }
        Ok(true)
    }

    /// The value that is asked for, of a parameter that counts the nearest whole one between the values known.
    fn possible(&self, ask: Ask) -> Option<Ask> {
        if !self.curve.counts {
            return Some(ask);
        }
        let nodes = &self.curve.nodes;
        let value = |x: f64| if is_log(self.axis) { libm::exp(x) } else { x };
        let at = nodes.partition_point(|node| node.x <= ask.x);
        let (left, right) = (nodes.get(at.checked_sub(1)?)?, nodes.get(at)?);
        let (least, most) = (value(left.x).round() + 1.0, value(right.x).round() - 1.0);
        let whole = value(ask.x).round().max(least).min(most);
        (least <= most).then(|| Ask { x: if is_log(self.axis) { libm::log(whole) } else { whole }, ..ask })
    }

    /// Adds a node; its points, or why it can't be had. None when interrupted.
    fn look(&mut self, ask: Ask, bench: &mut Bench) -> Result<Option<Look>, RunFault> {
        let value = if is_log(self.axis) { libm::exp(ask.x) } else { ask.x };
        let value = if self.curve.counts { value.round() } else { value };
        let (value, words) = self.words(value, ask.half == 0.0);
        let planned: Result<Vec<Planned>, String> =
            self.pair.iter().map(|design| self.planned(design, value, &words)).collect();
        let points = match planned {
            Ok(points) => points,
            Err(reason) => return Ok(Some(Look { points: Vec::new(), given_up: Some(reason) })),
        };
        let precision = self.precision(ask);
        let plan = self.study.beyond(points, self.study.settings(precision));
        let read = |solved: &[Solved]| {
            let points: Vec<Point> = solved.iter().map(|one| point(one, &plan.settings)).collect();
            (log_ratio(&plan, solved, [0, 1]), points)
        };
        let Some((found, points)) = bench.solve(&plan, read)? else { return Ok(None) };
        let Some((ratio, half)) = found else {
            let given_up = Some("a point between has no interval".to_string());
            return Ok(Some(Look { points, given_up }));
        };
        let x = if is_log(self.axis) { libm::log(value) } else { value };
        let Curve { nodes, scales, added, .. } = &mut *self.curve;
        if nodes.iter().any(|node| node.x == x) {
            return Ok(Some(Look { points, given_up: Some("no other value lies between".to_string()) }));
        }
        nodes.insert(nodes.partition_point(|node| node.x < x), Node { x, ratio, half });
        scales.push((x, half / precision));
        *added += 1;
        let short = ask.half > 0.0 && half > 2.0 * ask.half;
        Ok(Some(Look { points, given_up: short.then(|| "the budget doesn't allow more".to_string()) }))
    }

    /// The precision at which the band is as narrow as asked: at the nearest value it is known what that takes.
    fn precision(&self, ask: Ask) -> f64 {
        if ask.half == 0.0 {
            return self.study.plan.settings.precision;
        }
        let distance = |of: &&(f64, f64)| (of.0 - ask.x).abs();
        let near = self.curve.scales.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let scale = near.map_or(1.0, |(_, scale)| *scale).max(f64::MIN_POSITIVE);
        (ask.half / scale).clamp(PRECISION.0, PRECISION.1)
    }

    /// A value as it is written, in the unit of the sweep.
    fn words(&self, value: f64, exact: bool) -> (f64, String) {
        let written = self.study.plan.points.first().and_then(|point| point.at.get(&self.axis.parameter));
        let name = written.and_then(|text| text.rsplit_once(' ')).map(|(_, name)| name);
        let known = name.and_then(|name| Some((unit(name).filter(|u| u.1 == self.axis.dimension)?.0, name)));
        let base = self.axis.dimension.base_unit();
        let (factor, name) = known.unwrap_or((1.0, base.as_str()));
        let number = if exact { value / factor } else { rounded(value / factor, DIGITS) };
        (if exact { value } else { number * factor }, format!("{number} {name}").trim_end().to_string())
    }

    /// A design at that value of the sweep.
    fn planned(&self, design: &str, value: f64, words: &str) -> Result<Planned, String> {
        let plan = self.study.plan;
        let is_here = |point: &Planned| point.design == design && beside(self.axis, &point.at) == self.curve.place;
        let point = plan.points.iter().position(is_here).unwrap_or(0);
        let parameter = &self.axis.parameter;
        let leaves = self.study.workshop.leaves(point).found;
        let of_one = alone(parameter, plan.designs.iter().map(String::as_str));
        let (of, own) = of_one.map_or((design, parameter.as_str()), |(of, own)| (plan.designs[of].as_str(), own));
        let net = match leaves.iter().find(|leaf| of == design && stands_for(own, &leaf.label)) {
            Some(leaf) => self.study.workshop.net(point, leaf, value)?,
            // The sweep doesn't touch this design.
            None => plan.points[point].net.clone(),
        };
        Ok(self.study.planned(point, net, (parameter, words)))
    }
}

fn is_log(axis: &Axis) -> bool {
    axis.values.iter().all(|&x| x > 0.0)
}

/// Whether the parameter counts something: its values are whole, and with them more changes than numbers that vary.
fn counts(plan: &Plan, (axis, place): (&Axis, &Place)) -> bool {
    let here = || plan.points.iter().filter(|point| beside(axis, &point.at) == *place);
    let of = |design: &String| here().filter(|point| point.design == *design).collect::<Vec<_>>();
    let changes = |design: &String| of(design).windows(2).any(|pair| !alike(&pair[0].net, &pair[1].net));
    axis.dimension == Dimension::NUMBER
        && axis.values.iter().all(|value| value.fract() == 0.0)
        && plan.designs.iter().any(changes)
}

/// The ratios along the sweep in ascending order.
fn nodes(plan: &Plan, solved: &[Solved], (axis, place): (&Axis, &Place), second: &str) -> Curve {
    let log = is_log(axis);
    let (mut nodes, mut missing): (Vec<Node>, usize) = (Vec::new(), 0);
    for group in groups(solved) {
        if group.first().is_none_or(|&point| beside(axis, &solved[point].planned.at) != *place) {
            continue;
        }
        let named = |name: &str| group.iter().copied().find(|&point| solved[point].planned.design == name);
        let Some(points) = plan.designs.first().and_then(|first| named(first)).zip(named(second)) else { continue };
        let value = axis.values[points.0];
        match log_ratio(plan, solved, [points.0, points.1]) {
            Some((ratio, half)) => nodes.push(Node { x: if log { libm::log(value) } else { value }, ratio, half }),
            None => missing += 1,
        }
    }
    nodes.sort_by(|a, b| a.x.total_cmp(&b.x));
    // One value written in two ways.
    nodes.dedup_by(|a, b| a.x == b.x);
    let scales = nodes.iter().map(|node| (node.x, node.half / plan.settings.precision)).collect();
    Curve {
        place: place.clone(),
        nodes,
        counts: counts(plan, (axis, place)),
        scales,
        missing,
        added: 0,
        given_up: None,
    }
}

fn crossing(plan: &Plan, axis: &Axis, (first, second): (&str, &str), turn: Turn, curve: &Curve) -> Crossing {
    let (log, points) = (is_log(axis), curve.nodes.len());
    let value = |x: f64| if log { libm::exp(x) } else { x };
    let confidence = plan.settings.confidence;
    let outward = |x: f64, round: fn(f64) -> f64| match value(x) {
        value if !curve.counts => value,
        value if (value - value.round()).abs() < 1e-9 * value.abs() => value.round(),
        value => round(value),
    };
    let (low, high) = (turn.low.map(|x| outward(x, f64::floor)), turn.high.map(|x| outward(x, f64::ceil)));
    let at = Some(value(turn.x)).filter(|_| !curve.counts).or(low.filter(|_| low == high));
    let estimate = Estimate::between(at, low.zip(high), confidence, &axis.dimension.base_unit());
    let scale = if log { format!("ln {}", axis.parameter) } else { axis.parameter.clone() };
    let mut how = format!(
        "ln(unavailability of {first} / of {second}) interpolated linearly in {scale} between {points} values; \
         the interval is where its {} % band contains 0, and the error of the interpolation",
        (100.0 * confidence * 1e9).round() / 1e9
    );
    for (end, name) in [(turn.low, "least"), (turn.high, "greatest")] {
        if end.is_none() {
            how += &format!(", which it does as far as the {name} value");
        }
    }
    if points == 2 {
        how += "; of two values the error of the interpolation can't be told";
    }
    if curve.missing > 0 {
        how += &format!("; {} values without an interval are left out", curve.missing);
    }
    if curve.added > 0 {
        how += &format!("; {} of the values were added to narrow it", curve.added);
    }
    if let Some(reason) = &curve.given_up {
        how += &format!("; not as narrow as wanted: {reason}");
    }
    let (below, above) = if turn.first_below { (first, second) } else { (second, first) };
    Crossing {
        at: curve.place.clone(),
        design: first.to_string(),
        against: second.to_string(),
        parameter: axis.parameter.clone(),
        value: Estimate { low, high, ..estimate },
        counts: curve.counts,
        better_below: below.to_string(),
        better_above: above.to_string(),
        how,
    }
}
