//! Curves, points and bands over an axis.

use super::axis::{Axis, Spacing};
use super::sheet::{Area, Drawn, Frame, Plot, Sheet, word};
use super::sign::{Entry, INK, Look, Shape, colour, dashed, sign};
use crate::stats::Estimate;
use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Height of the frame, pixels.
const HEIGHT: i32 = 420;

/// On a logarithmic axis an interval's end draws it no farther than this many times beyond the value.
const FARTHEST: f64 = 30.0;

/// A limit this many times beyond all values isn't shown.
const REMOTE: f64 = 30.0;

/// A value over another, with its interval where it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Along.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// Least and greatest y.
    pub interval: Option<(f64, f64)>,
}

impl Point {
    /// Without an interval.
    pub fn new(x: f64, y: f64) -> Point {
        Point { x, y, interval: None }
    }

    /// Of an estimate; none where that has no value.
    pub fn of(x: f64, of: &Estimate) -> Option<Point> {
        Some(Point { x, y: of.estimate?, interval: of.low.zip(of.high) })
    }
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// In the order in which they are joined.
    pub points: Vec<Point>,
    /// How they look.
    pub look: Look,
}

/// A place on the x axis that means something.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where it is.
    pub at: f64,
    /// Between which values it lies.
    pub interval: Option<(f64, f64)>,
    /// What it means: a note below the figure.
    pub meaning: String,
}

/// Series over an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lines {
    /// Above the figure.
    pub title: String,
    /// Along.
    pub x: Axis,
    /// Up.
    pub y: Axis,
    /// What is shown.
    pub series: Vec<Series>,
    /// Values of y that are to be reached, with their names.
    pub limits: Vec<(f64, String)>,
    /// Places along that mean something; they are lettered.
    pub marks: Vec<Mark>,
    /// Sentences below the figure.
    pub notes: Vec<String>,
}

impl Lines {
    /// The figure as SVG, the same bytes for the same content. Values that aren't finite, or have no place on a
    /// logarithmic axis, are left out; a note tells how many of the latter.
    pub fn svg(&self) -> String {
        let x = self.x.scale(&self.along());
        let y = self.y.scale(&self.up());
        let points = self.series.iter().flat_map(|series| &series.points);
        let finite = points.filter(|point| point.x.is_finite() && point.y.is_finite());
        let missing = finite.filter(|point| !(x.shows(point.x) && y.shows(point.y))).count();
        let mut notes: Vec<String> =
            self.marks.iter().zip(letters()).map(|(mark, letter)| format!("{letter}: {}", mark.meaning)).collect();
        notes.extend(self.notes.iter().cloned());
        notes.extend((missing > 0).then(|| format!("{missing} points at 0 have no place on the logarithmic axis.")));
        let entry = |(index, series): (usize, &Series)| {
            let shape = Shape::Series(index, series.look);
            (!series.name.is_empty()).then(|| Entry { name: series.name.clone(), shape })
        };
        let limits = self.limits.iter().filter(|(value, _)| y.shows(*value));
        let limits = limits.map(|(_, name)| Entry { name: name.clone(), shape: Shape::Dashes });
        let legend = self.series.iter().enumerate().filter_map(entry).chain(limits).collect();
        let sheet =
            Sheet { title: &self.title, x: &self.x.label, y: &self.y.label, legend, notes, height: HEIGHT, values: 0 };
        sheet.drawn(x, y, |root, plot, frame| self.inside(root, plot, frame))
    }

    /// All values of x.
    fn along(&self) -> Vec<f64> {
        let points = self.series.iter().flat_map(|series| series.points.iter().map(|point| point.x));
        points.chain(self.marks.iter().map(|mark| mark.at)).collect()
    }

    /// All values of y that the axis is to show.
    fn up(&self) -> Vec<f64> {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let mut values: Vec<f64> = Vec::new();
        for point in points().filter(|point| point.x.is_finite()) {
            values.push(point.y);
            // The end of a wide interval would press all values together.
            let near = |end: f64| point.y <= 0.0 || (point.y / FARTHEST..=point.y * FARTHEST).contains(&end);
            let ends = point.interval.into_iter().flat_map(|(low, high)| [low, high]);
            values.extend(ends.filter(|end| self.y.spacing == Spacing::Linear || near(*end)));
        }
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(0.0, f64::max));
        let near = |limit: &f64| *limit >= low / REMOTE && *limit <= high * REMOTE;
        let limits: Vec<f64> = self.limits.iter().map(|(value, _)| *value).filter(near).collect();
        values.extend(limits);
        values
    }

    /// What stands in the frame: limits and marks, bands, then the series above them all.
    fn inside(&self, root: &Area, plot: &Plot, frame: Frame) -> Drawn {
        let y = plot.as_coord_spec().y_spec();
        for (value, _) in self.limits.iter().filter(|(value, _)| y.shows(*value)) {
            let at = y.map(value, (frame.bottom, frame.top));
            dashed(root, (frame.left, at), (frame.right, at), INK)?;
        }
        self.marks(root, plot, frame)?;
        for (index, series) in self.series.iter().enumerate() {
            series.band(plot, index)?;
        }
        for (index, series) in self.series.iter().enumerate() {
            series.drawn(root, plot, index)?;
        }
        Ok(())
    }

    /// Dashed lines with a letter at their head, and what lies in their intervals shaded.
    fn marks(&self, root: &Area, plot: &Plot, frame: Frame) -> Drawn {
        let x = plot.as_coord_spec().x_spec();
        let place = |value: f64| x.map(&value, (frame.left, frame.right));
        let mut free = [frame.left; 3];
        for (mark, letter) in self.marks.iter().zip(letters()).filter(|(mark, _)| x.shows(mark.at)) {
            let at = place(mark.at);
            if let Some((low, high)) = mark.interval {
                let corners = [(place(low), frame.top), (place(high), frame.bottom)];
                root.draw(&Rectangle::new(corners, INK.mix(0.08).filled()))?;
            }
            dashed(root, (at, frame.top), (at, frame.bottom), INK)?;
            // Letters of neighbours stand below each other.
            let row = free.iter().position(|free| at + 5 >= *free).unwrap_or(0);
            free[row] = at + 22;
            word(root, &letter, (at + 5, frame.top + 3 + 16 * row as i32), (HPos::Left, VPos::Top))?;
        }
        Ok(())
    }
}

impl Series {
    /// The points that have a place, in runs without a gap.
    fn runs(&self, plot: &Plot) -> Vec<Vec<Point>> {
        let (x, y) = (plot.as_coord_spec().x_spec(), plot.as_coord_spec().y_spec());
        let shown = |point: &Point| x.shows(point.x) && y.shows(point.y);
        let runs = self.points.chunk_by(|a, b| shown(a) == shown(b));
        runs.filter(|run| run.first().is_some_and(shown)).map(<[Point]>::to_vec).collect()
    }

    fn band(&self, plot: &Plot, index: usize) -> Drawn {
        if self.look == Look::Dots {
            return Ok(());
        }
        for run in self.runs(plot) {
            let ends = |end: fn((f64, f64)) -> f64| move |point: &Point| (point.x, point.interval.map_or(point.y, end));
            let low = run.iter().map(ends(|interval| interval.0));
            let high = run.iter().rev().map(ends(|interval| interval.1));
            if run.iter().any(|point| point.interval.is_some_and(|(low, high)| low < high)) {
                plot.draw(&Polygon::new(low.chain(high).collect::<Vec<_>>(), colour(index).mix(0.2).filled()))?;
            }
        }
        Ok(())
    }

    fn drawn(&self, root: &Area, plot: &Plot, index: usize) -> Drawn {
        let colour = colour(index);
        for run in self.runs(plot) {
            if self.look != Look::Dots {
                let line = run.iter().map(|point| (point.x, point.y)).collect::<Vec<_>>();
                plot.draw(&PathElement::new(line, colour.stroke_width(2)))?;
            }
            for point in run.iter().filter(|_| self.look != Look::Curve) {
                if let Some((low, high)) = point.interval.filter(|_| self.look == Look::Dots) {
                    plot.draw(&PathElement::new([(point.x, low), (point.x, high)], colour))?;
                }
                sign(root, plot.map_coordinate(&(point.x, point.y)), index)?;
            }
        }
        Ok(())
    }
}

/// A, B, …, Z, AA, AB, …
fn letters() -> impl Iterator<Item = String> {
    let letter = |i: u32| char::from_u32(u32::from('A') + i % 26).unwrap_or('?');
    (0..).map(move |i: u32| if i < 26 { letter(i).to_string() } else { format!("{}{}", letter(i / 26 - 1), letter(i)) })
}
