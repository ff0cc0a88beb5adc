//! The figures of a calibration: the sample beside its laws, and the probability plot of the law that is used.

use super::axis::WIDE;
use super::{Axis, Figure, Lines, Look, Point, Series, Spacing, Unit, collected};
use crate::calibrate::survival::Step;
use crate::calibrate::{Examined, Findings, Origin, Quantity};
use crate::dist::Law;
use crate::report::quantity::percent;
use crate::stats::quantile;

/// Most steps of a sample's curve that are drawn.
const MOST_STEPS: usize = 300;

/// Points of a law's curve.
const CURVE: usize = 160;

/// Most laws beside the sample.
const MOST_LAWS: usize = 4;

/// Most points of a probability plot that have whiskers.
const MOST_WHISKERS: usize = 40;

/// Ticks of probabilities.
const SHARES: [f64; 13] = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999];

/// Two for each quantity, as far as there is something to show.
pub(in crate::report) fn figures(findings: &Findings) -> Vec<Figure> {
    let mut all = Vec::new();
    for of in &findings.quantities {
        let drawn = Fitted { of, confidence: findings.settings.confidence };
        all.extend(drawn.overlay());
        all.extend(drawn.probability_plot());
    }
    collected(all)
}

struct Fitted<'f> {
    of: &'f Quantity,
    confidence: f64,
}

impl Fitted<'_> {
    /// Steps of the Kaplan–Meier curve, no more than can be seen; each with the survival just before.
    fn steps(&self) -> Vec<(f64, Step)> {
        let curve = self.of.calibration.curve.as_deref().unwrap_or_default();
        let before = |i: usize| if i == 0 { 1.0 } else { curve[i - 1].survival };
        let each = curve.len().div_ceil(MOST_STEPS).max(1);
        let last = curve.len().saturating_sub(1);
        // The ends are where laws differ.
        let kept = |i: &usize| i.is_multiple_of(each) || *i == last || *i < 10 || *i + 10 > last;
        (0..curve.len()).filter(kept).map(|i| (before(i), curve[i])).collect()
    }

    /// The interval of the share that has ended after a step.
    fn interval(&self, step: &Step) -> (f64, f64) {
        let half = quantile::normal(0.5 + 0.5 * self.confidence) * step.error;
        ((1.0 - step.survival - half).max(0.0), (1.0 - step.survival + half).min(1.0))
    }

    /// The law that is used, then the others that were tested, as far as they can be told apart.
    fn laws(&self) -> Vec<(&Examined, bool)> {
        let laws = &self.of.calibration.laws;
        let used = self.of.chosen.as_ref().and_then(|chosen| match chosen.origin {
            Origin::Fitted(index) => Some(index),
            Origin::Sample | Origin::Constant => None,
        });
        let tested = (0..laws.len()).filter(|i| Some(*i) != used && (laws[*i].bootstrap.is_some() || *i == 0));
        let order = used.into_iter().chain(tested).take(MOST_LAWS);
        order.filter_map(|i| Some((laws.get(i)?, Some(i) == used))).collect()
    }

    /// The sample's own curve and those of the laws.
    fn overlay(&self) -> Option<(String, String)> {
        let steps = self.steps();
        let laws = self.laws();
        let (low, high) = match (steps.first(), steps.last()) {
            (Some((_, first)), Some((_, last))) => (first.time, last.time),
            _ => (laws.first()?.0.fit.written.law().quantile(0.005), laws.first()?.0.fit.written.law().quantile(0.995)),
        };
        let mut series: Vec<Series> = Vec::new();
        if !steps.is_empty() {
            let points = self.staircase(&steps);
            series.push(Series { name: "the sample (Kaplan–Meier)".into(), points, look: Look::Curve });
        }
        for (law, used) in laws {
            let points = curve(law.fit.written.law(), low, high);
            series.push(Series { name: named(law, used), points, look: Look::Curve });
        }
        let name = &self.of.sample.name;
        let note = match steps.is_empty() {
            true => "Not every duration was seen whole or still running: there is no curve of Kaplan and Meier.".into(),
            false => format!("The band is the {} interval of Kaplan–Meier (Greenwood).", percent(self.confidence)),
        };
        let lines = Lines {
            title: format!("{name}: the sample and its laws"),
            x: Axis::new(name, Unit::Duration),
            y: Axis::new("share that has ended", Unit::Share).spaced(Spacing::Linear),
            series,
            notes: vec![note],
            ..Lines::default()
        };
        (!lines.series.is_empty()).then(|| (format!("{name} overlay"), lines.svg()))
    }

    fn staircase(&self, steps: &[(f64, Step)]) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        let mut level = (0.0, (0.0, 0.0));
        for (_, step) in steps {
            let point = |(y, interval): (f64, (f64, f64))| Point { x: step.time, y, interval: Some(interval) };
            points.push(point(level));
            level = (1.0 - step.survival, self.interval(step));
            points.push(point(level));
        }
        points
    }

    /// The sample against a law, on a scale on which that law is a straight line. A point stands midway of its step
    /// (Meeker and Escobar 1998, section 6.4).
    fn probability_plot(&self) -> Option<(String, String)> {
        let (law, used) = self.laws().into_iter().next()?;
        let inverse = |p: f64| law.fit.written.law().quantile(p);
        let steps = self.steps();
        let whiskers = steps.len() <= MOST_WHISKERS;
        let point = |(before, step): &(f64, Step)| {
            let (low, high) = self.interval(step);
            let interval = (inverse(low), inverse(high));
            Point {
                x: step.time,
                y: inverse(1.0 - 0.5 * (before + step.survival)),
                interval: Some(interval).filter(|(low, high)| whiskers && low.is_finite() && high.is_finite()),
            }
        };
        let points: Vec<Point> = steps.iter().map(point).filter(|point| point.y.is_finite()).collect();
        let ends = points.iter().flat_map(|point| [point.x, point.y]);
        let (least, greatest) = ends.fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
        if points.len() < 2 || least >= greatest {
            return None;
        }
        let logarithmic = least > 0.0 && greatest / least > WIDE;
        let spacing = if logarithmic { Spacing::Logarithmic } else { Spacing::Linear };
        let mut ticks: Vec<(f64, String)> = SHARES.iter().map(|p| (inverse(*p), share(*p))).collect();
        ticks.dedup_by(|b, a| b.0 <= a.0);
        let (name, family) = (&self.of.sample.name, law.fit.family.name());
        let straight = vec![Point::new(least, least), Point::new(greatest, greatest)];
        let lines = Lines {
            title: format!("{name}: probability plot of {family}"),
            x: Axis::new(name, Unit::Duration).spaced(spacing),
            y: Axis {
                ticks: Some(ticks),
                ..Axis::new(format!("share that has ended, as {family} spaces it"), Unit::Duration)
            }
            .spaced(spacing),
            series: vec![
                Series { name: "the sample".into(), points, look: Look::Dots },
                Series { name: named(law, used), points: straight, look: Look::Curve },
            ],
            notes: vec!["The closer the points to the line, the more the sample is like the law.".into()],
            ..Lines::default()
        };
        Some((format!("{name} probability"), lines.svg()))
    }
}

/// `99.9 %`, with all its digits.
fn share(p: f64) -> String {
    format!("{} %", crate::report::quantity::short(100.0 * p, 5))
}

fn named(law: &Examined, used: bool) -> String {
    let remark = match (used, law.is_refuted()) {
        (true, Some(true)) => " (used, though refuted)",
        (true, _) => " (used)",
        (false, Some(true)) => " (refuted)",
        (false, _) => "",
    };
    format!("{}{remark}", law.fit.family.name())
}

/// The law's distribution function between two durations.
fn curve(law: &Law, low: f64, high: f64) -> Vec<Point> {
    let logarithmic = low > 0.0 && high / low > WIDE;
    let at = |i: usize| {
        let share = i as f64 / (CURVE - 1) as f64;
        match logarithmic {
            true => low * libm::pow(high / low, share),
            false => low + (high - low) * share,
        }
    };
    (0..CURVE).map(at).map(|x| Point::new(x, law.cdf(x))).collect()
}
