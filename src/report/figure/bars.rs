//! Bars with whiskers, one below the other: names of designs and parameters are long.

use super::axis::{Axis, Scale, Spacing, Unit, WIDE};
use super::sheet::{Area, Drawn, Frame, Plot, Sheet, word, wrapped};
use super::sign::{Entry, GREY, INK, Shape, colour, dashed};
use crate::report::document::width;
use crate::report::quantity::{Kind, estimate};
use crate::stats::Estimate;
use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Pixels from one bar to the next.
pub(super) const STEP: i32 = 38;

/// Most letters in a line of a name, and in a value beside its bar.
pub(super) const LETTERS: [usize; 2] = [34, 50];

/// As for lines: an end of an interval or a limit farther off is beyond the axis.
const FARTHEST: f64 = 30.0;

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// To the left of it.
    pub name: String,
    /// How long it is, and its whisker. Where there is but a bound the bar is open, and as long as that.
    pub estimate: Estimate,
    /// To the right of it.
    pub text: String,
    /// Bars of one group have one colour, and a line in the legend where there are several groups.
    pub group: String,
}

impl Bar {
    /// A bar with its value beside it, as the tables write it.
    pub fn new(name: impl Into<String>, of: &Estimate) -> Bar {
        let text = estimate(of, Kind::of("", &of.unit));
        Bar { name: name.into(), estimate: of.clone(), text, group: String::new() }
    }

    /// The same in that group.
    pub fn in_group(self, group: impl Into<String>) -> Bar {
        Bar { group: group.into(), ..self }
    }

    /// Its end.
    fn value(&self) -> Option<f64> {
        let bound = self.estimate.bound.as_ref().map(|bound| bound.value);
        self.estimate.estimate.or(bound).filter(|value| value.is_finite())
    }
}

/// Bars below each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bars {
    /// Above the figure.
    pub title: String,
    /// Along the bars. On a logarithmic axis a bar's length means nothing but its end does.
    pub axis: Axis,
    /// From the top.
    pub bars: Vec<Bar>,
    /// Values that are to be reached, with their names.
    pub limits: Vec<(f64, String)>,
    /// Sentences below the figure.
    pub notes: Vec<String>,
}

impl Bars {
    /// The figure as SVG, the same bytes for the same content.
    pub fn svg(&self) -> String {
        let across =
            Axis { unit: Unit::Number, spacing: Spacing::Linear, label: String::new(), ticks: Some(self.names()) };
        let count = self.bars.len().max(1) as f64;
        let groups = self.groups();
        let entry = |(index, name): (usize, &&str)| Entry { name: (*name).to_string(), shape: Shape::Field(index) };
        let mut notes = self.notes.clone();
        let nothing = |bar: &&Bar| bar.estimate.estimate == Some(0.0);
        let x = self.scale();
        let nothing = self.bars.iter().filter(nothing).count();
        if nothing > 0 && x.is_logarithmic() {
            notes.push(format!("{nothing} of the values are 0, which has no place on a logarithmic axis."));
        }
        let sheet = Sheet {
            title: &self.title,
            x: &self.axis.label,
            y: "",
            legend: if groups.len() > 1 { groups.iter().enumerate().map(entry).collect() } else { Vec::new() },
            notes,
            height: STEP * self.bars.len().max(2) as i32,
            values: self.bars.iter().map(|bar| width(&bar.text)).max().unwrap_or(0).min(LETTERS[1]),
        };
        // The first bar is on top.
        let y = across.between(-count, 0.0);
        sheet.drawn(x, y, |root, plot, frame| self.inside(root, plot, frame))
    }

    /// Each name at the middle of its bar, from the lowest.
    fn names(&self) -> Vec<(f64, String)> {
        let at = |(i, bar): (usize, &Bar)| (middle(i), wrapped(&bar.name, LETTERS[0], 2).join("\n"));
        self.bars.iter().enumerate().map(at).rev().collect()
    }

    /// In the order in which they appear.
    fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for bar in &self.bars {
            if !groups.contains(&bar.group.as_str()) {
                groups.push(&bar.group);
            }
        }
        groups
    }

    fn scale(&self) -> Scale {
        let mut values: Vec<f64> = self.bars.iter().filter_map(Bar::value).collect();
        let above = || values.iter().copied().filter(|value| *value > 0.0);
        let (low, high) = (above().fold(f64::INFINITY, f64::min), above().fold(0.0, f64::max));
        let near = |value: &f64| *value > low / FARTHEST && *value < high * FARTHEST;
        let limits = self.limits.iter().map(|(value, _)| *value).filter(near);
        let ends = self.bars.iter().flat_map(|bar| [bar.estimate.low, bar.estimate.high]).flatten();
        let spread = limits.clone().chain([low, high]);
        let (least, greatest) = spread.fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
        let logarithmic = match self.axis.spacing {
            Spacing::Linear => false,
            Spacing::Logarithmic => low.is_finite(),
            Spacing::Automatic => values.iter().all(|value| *value >= 0.0) && greatest / least > WIDE,
        };
        let more: Vec<f64> = match logarithmic {
            // Of the least bar, too, something is to be seen.
            true => ends.filter(near).chain(limits).chain([low / 2.0]).collect(),
            false => ends.chain(limits).chain([0.0]).collect(),
        };
        values.extend(more);
        let spacing = if logarithmic { Spacing::Logarithmic } else { Spacing::Linear };
        values.retain(|value| !logarithmic || *value > 0.0);
        self.axis.clone().spaced(spacing).scale(&values)
    }

    fn inside(&self, root: &Area, plot: &Plot, frame: Frame) -> Drawn {
        let groups = self.groups();
        let x = plot.as_coord_spec().x_spec();
        limits(root, x, frame, &self.limits)?;
        for (i, bar) in self.bars.iter().enumerate() {
            let index = groups.iter().position(|group| *group == bar.group).unwrap_or(0);
            bar.drawn(plot, middle(i), index)?;
            beside(root, plot, frame, (i, &bar.text))?;
        }
        begin(root, x, frame, x.base())
    }
}

/// Values that are to be reached, as dashed lines across with their names above.
pub(super) fn limits(root: &Area, x: &Scale, frame: Frame, limits: &[(f64, String)]) -> Drawn {
    for (value, name) in limits.iter().filter(|(value, _)| x.shows(*value)) {
        let at = x.map(value, (frame.left, frame.right));
        dashed(root, (at, frame.top - 4), (at, frame.bottom), INK)?;
        word(root, name, (at, frame.top - 5), (HPos::Center, VPos::Bottom))?;
    }
    Ok(())
}

/// The text to the right of the bar of that index.
pub(super) fn beside(root: &Area, plot: &Plot, frame: Frame, (index, text): (usize, &str)) -> Drawn {
    let (_, y) = plot.map_coordinate(&(plot.as_coord_spec().x_spec().base(), middle(index)));
    word(root, text, (frame.right + 8, y), (HPos::Left, VPos::Center))
}

/// The line at which bars begin.
pub(super) fn begin(root: &Area, x: &Scale, frame: Frame, value: f64) -> Drawn {
    let at = x.map(&value, (frame.left, frame.right));
    root.draw(&PathElement::new([(at, frame.top), (at, frame.bottom)], GREY))
}

/// Where the bar of that index is, up.
pub(super) fn middle(index: usize) -> f64 {
    -(index as f64) - 0.5
}

impl Bar {
    fn drawn(&self, plot: &Plot, middle: f64, index: usize) -> Drawn {
        let x = plot.as_coord_spec().x_spec();
        let Some(end) = self.value().filter(|value| x.shows(*value)) else { return Ok(()) };
        let corners = [(x.base(), middle + 0.28), (end, middle - 0.28)];
        let style =
            if self.estimate.estimate.is_some() { colour(index).mix(0.75).filled() } else { colour(index).into() };
        plot.draw(&Rectangle::new(corners, style))?;
        let Some((low, high)) = self.estimate.low.zip(self.estimate.high).filter(|(low, high)| low < high) else {
            return Ok(());
        };
        plot.draw(&PathElement::new([(low, middle), (high, middle)], INK.stroke_width(2)))?;
        for end in [low, high].into_iter().filter(|end| x.shows(*end)) {
            plot.draw(&PathElement::new([(end, middle + 0.14), (end, middle - 0.14)], INK.stroke_width(2)))?;
        }
        Ok(())
    }
}
