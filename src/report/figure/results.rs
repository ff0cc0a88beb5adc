//! The figures of an outcome: sweeps, designs beside each other, tornadoes, what the parameters' uncertainty makes of it.

use super::sign::DISTINCT;
use super::{Axis, Bar, Bars, Figure, Lines, Mark, Point, Series, Spacing, Unit, collected};
use crate::experiment::answers::{Sensitivity, Uncertain};
use crate::experiment::outcome::{self, Crossing, Outcome, label, values};
use crate::report::quantity::{Kind, brief, estimate, percent};
use crate::report::tidy::quantity;
use crate::report::uncertainty::grade;
use crate::stats::Estimate;
use crate::units::{Dimension, YEAR};
use indexmap::IndexMap;

/// Most bars of a tornado.
const MOST_INFLUENCES: usize = 20;

/// Most values of a sweep that each have a tick.
const MOST_TICKS: usize = 8;

const DOWNTIME: &str = "downtime per year";

/// All figures that there is something to show in.
pub(in crate::report) fn figures(outcome: &Outcome) -> Vec<Figure> {
    let mut all: Vec<(String, String)> = Vec::new();
    let along = Along::of(outcome);
    for measure in shown(outcome) {
        match &along {
            Some(along) => all.extend(sweeps(outcome, along, &measure)),
            None => all.extend(side_by_side(outcome, &measure)),
        }
    }
    all.extend(outcome.sensitivities.iter().filter_map(tornado));
    all.extend(uncertain(&outcome.uncertainties));
    collected(all)
}

/// A measure that is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Shown<'o> {
    name: &'o str,
    /// Whether it is the leading condition's downtime.
    is_downtime: bool,
    unit: &'o str,
}

impl<'o> Shown<'o> {
    fn estimate(&self, point: &'o outcome::Point) -> Option<&'o Estimate> {
        match self.is_downtime {
            true => point.up.get(point.primary.as_ref()?)?.get(DOWNTIME),
            false => point.measures.get(self.name),
        }
    }

    fn axis(&self) -> Axis {
        match self.unit {
            "s/y" => Axis::new(self.name, Unit::Duration),
            "s" => Axis::new(self.name, Unit::Duration),
            "" => Axis::new(self.name, Unit::Number),
            unit => Axis::new(format!("{} in {unit}", self.name), Unit::Number),
        }
    }

    fn limits(&self) -> Vec<(f64, String)> {
        if self.is_downtime { five_nines() } else { Vec::new() }
    }
}

fn five_nines() -> Vec<(f64, String)> {
    vec![(1e-5 * YEAR, "five nines".into())]
}

/// The leading downtime, and the models' own measures.
fn shown(outcome: &Outcome) -> Vec<Shown<'_>> {
    let mut list: Vec<Shown> = Vec::new();
    for point in &outcome.points {
        let downtime = Shown { name: DOWNTIME, is_downtime: true, unit: "s/y" };
        let own = point.measures.iter().map(|(name, of)| Shown { name, is_downtime: false, unit: &of.unit });
        let first = downtime.estimate(point).is_some().then_some(downtime);
        for measure in first.into_iter().chain(own) {
            if !list.contains(&measure) {
                list.push(measure);
            }
        }
    }
    list
}

/// The swept parameter that goes along the axis.
struct Along<'o> {
    name: &'o str,
    unit: Unit,
    /// Its values as numbers and as written, in ascending order.
    values: Vec<(f64, String)>,
}

impl<'o> Along<'o> {
    /// That with the most values, of those all of whose values are numbers of one unit.
    fn of(outcome: &'o Outcome) -> Option<Along<'o>> {
        let of = |name: &&'o str| {
            let texts: Vec<&String> = outcome.points.iter().filter_map(|point| point.at.get(*name)).collect();
            let read: Vec<(f64, Dimension)> = texts.iter().map(|text| number(text)).collect::<Option<_>>()?;
            let dimension = read.first()?.1;
            let mut values: Vec<(f64, String)> =
                read.iter().zip(texts).map(|((value, _), text)| (*value, text.clone())).collect();
            values.sort_by(|x, y| x.0.total_cmp(&y.0));
            values.dedup_by(|x, y| x.0 == y.0);
            let unit = if dimension == Dimension::TIME { Unit::Duration } else { Unit::Number };
            let one_unit = read.iter().all(|(_, of)| *of == dimension);
            (one_unit && values.len() > 1).then_some(Along { name, unit, values })
        };
        let names = crate::report::layout::parameters(outcome);
        // The first of equals.
        names.iter().filter_map(of).rev().max_by_key(|along| along.values.len())
    }

    fn axis(&self) -> Axis {
        let own = self.values.len() <= MOST_TICKS;
        Axis { ticks: own.then(|| self.values.clone()), ..Axis::new(self.name, self.unit) }
    }

    /// Where a point is, and the values of its other parameters.
    fn place(&self, point: &outcome::Point) -> Option<(f64, IndexMap<String, String>)> {
        let at = number(point.at.get(self.name)?)?.0;
        let mut others = point.at.clone();
        others.shift_remove(self.name);
        Some((at, others))
    }
}

/// A quantity, or a plain number.
fn number(text: &str) -> Option<(f64, Dimension)> {
    let plain = || text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    quantity(text).or_else(|| Some((plain()?, Dimension::NUMBER)))
}

/// A measure along the sweep: one figure, or where that is too much one for each value of the other parameters.
fn sweeps(outcome: &Outcome, along: &Along, of: &Shown) -> Vec<(String, String)> {
    let mut series: IndexMap<(String, String), Vec<Point>> = IndexMap::new();
    let mut confidence = None;
    for point in outcome.points.iter().chain(&outcome.refined) {
        let Some((x, others)) = along.place(point) else { continue };
        let Some(of) = of.estimate(point) else { continue };
        confidence = confidence.or(of.low.filter(|low| Some(*low) < of.high).map(|_| of.confidence));
        series.entry((point.design.clone(), values(&others))).or_default().extend(Point::of(x, of));
    }
    series.values_mut().for_each(|points| points.sort_by(|a, b| a.x.total_cmp(&b.x)));
    series.retain(|_, points| points.len() > 1);
    let mut others: Vec<&String> = series.keys().map(|(_, others)| others).collect();
    others.dedup();
    let one = series.len() <= DISTINCT || others.windows(2).all(|pair| pair[0] == pair[1]);
    let mut figures: IndexMap<&str, Vec<Series>> = IndexMap::new();
    for ((design, others), points) in &series {
        let name = if one && !others.is_empty() { format!("{design} at {others}") } else { design.clone() };
        let place = if one { "" } else { others.as_str() };
        figures.entry(place).or_default().push(Series { name, points: points.clone(), ..Series::default() });
    }
    let crossings = || outcome.crossings.iter().filter(|_| of.is_downtime);
    let notes: Vec<String> = confidence.map(bands).into_iter().collect();
    let figure = |(place, series): (&str, Vec<Series>)| {
        let at = if place.is_empty() { String::new() } else { format!(", {place}") };
        let lines = Lines {
            title: format!("{}: {} by {}{at}", outcome.scenario, of.name, along.name),
            x: along.axis(),
            y: of.axis(),
            series,
            limits: of.limits(),
            marks: crossings().filter(|of| place.is_empty() || values(&of.at) == place).filter_map(mark).collect(),
            notes: notes.clone(),
        };
        (format!("{} by {}{at}", of.name, along.name), lines.svg())
    };
    figures.into_iter().map(figure).collect()
}

fn bands(confidence: f64) -> String {
    format!("Bands are {} intervals.", percent(confidence))
}

/// Where two designs change places.
fn mark(of: &Crossing) -> Option<Mark> {
    let interval = of.value.low.zip(of.value.high).filter(|(low, high)| low < high);
    let at = of.value.estimate.or(interval.map(|(low, high)| 0.5 * (low + high)))?;
    let place = match (of.value.estimate, interval) {
        (None, Some((low, high))) => format!("between {} {low} and {high}", of.parameter),
        _ => format!("at {} {}", of.parameter, estimate(&of.value, Kind::of("", &of.value.unit))),
    };
    let others = if of.at.is_empty() { String::new() } else { format!("{}: ", values(&of.at)) };
    let meaning = format!(
        "{others}{place}, {} and {} change places: {} is down less below it, {} above.",
        of.design, of.against, of.better_below, of.better_above
    );
    Some(Mark { at, interval, meaning })
}

/// A measure of all designs, where there is nothing to put along an axis.
fn side_by_side(outcome: &Outcome, of: &Shown) -> Option<(String, String)> {
    let known = outcome.points.iter().filter_map(|point| Some((point, of.estimate(point)?)));
    let swept = outcome.points.iter().any(|point| !point.at.is_empty());
    let bar = |(point, of): (&outcome::Point, &Estimate)| {
        let group = if swept { point.design.clone() } else { String::new() };
        Bar::new(label(&point.design, &point.at), of).in_group(group)
    };
    let bars: Vec<Bar> = known.map(bar).collect();
    let whiskers = bars.iter().find(|bar| bar.estimate.low < bar.estimate.high).map(|bar| bar.estimate.confidence);
    let figure = Bars {
        title: format!("{}: {}", outcome.scenario, of.name),
        axis: of.axis(),
        limits: of.limits(),
        notes: whiskers
            .map(|confidence| format!("Whiskers are {} intervals.", percent(confidence)))
            .into_iter()
            .collect(),
        bars,
    };
    (figure.bars.len() > 1).then(|| (of.name.to_string(), figure.svg()))
}

/// The influences of one design's parameters, the strongest on top.
fn tornado(of: &Sensitivity) -> Option<(String, String)> {
    let graded = of.influences.iter().any(|one| one.evidence.is_some());
    let shown = of.influences.iter().take(MOST_INFLUENCES);
    let bars: Vec<Bar> = shown
        .map(|one| {
            let group = if graded { grade(one.evidence) } else { "" };
            // The whisker tells the interval.
            let text = brief(&one.elasticity, Kind::Number);
            Bar { text, ..Bar::new(&one.parameter, &one.elasticity).in_group(group) }
        })
        .collect();
    let mut notes =
        vec!["A bar of length 1: the downtime grows by one per cent with each per cent of the parameter.".into()];
    let weaker = of.influences.len() - bars.len();
    notes.extend((weaker > 0).then(|| format!("{weaker} weaker influences are left out.")));
    let place = label(&of.design, &of.at);
    let figure = Bars {
        title: format!("What the downtime of {place} hangs on"),
        axis: Axis::new("elasticity of the downtime", Unit::Number).spaced(Spacing::Linear),
        bars,
        limits: Vec::new(),
        notes,
    };
    (!figure.bars.is_empty()).then(|| (format!("tornado {place}"), figure.svg()))
}

/// The downtimes that the parameters' uncertainty allows for.
fn uncertain(list: &[Uncertain]) -> Option<(String, String)> {
    let bar = |of: &Uncertain| {
        let [low, median, high] = of.quantiles;
        let middle = Estimate::between(Some(median?), low.zip(high), of.downtime.confidence, "s/y");
        let reaches = of.reaches.estimate.map_or(String::new(), |chance| format!("; {}", percent(chance)));
        let bar = Bar::new(label(&of.design, &of.at), &middle);
        Some(Bar { text: bar.text.clone() + &reaches, ..bar })
    };
    let bars: Vec<Bar> = list.iter().filter(|of| of.leading).filter_map(bar).collect();
    let first = list.iter().find(|of| of.draws > 0)?;
    let words = format!(
        "The median of the draws of the parameters, and the middle {} of them; behind it the probability that the \
         design reaches its objective, five nines unless another is stated.",
        percent(first.downtime.confidence)
    );
    let figure = Bars {
        title: "The downtime, as uncertain as its parameters".into(),
        axis: Axis::new(DOWNTIME, Unit::Duration),
        bars,
        limits: five_nines(),
        notes: vec![words],
    };
    Some(("uncertainty".into(), figure.svg()))
}
