//! Colours, and the signs that tell series apart without them.

use super::sheet::{Area, Drawn};
use plotters::prelude::*;

/// Of words.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);

/// Of axes.
pub(super) const GREY: RGBColor = RGBColor(110, 110, 110);

/// Of the grid.
pub(super) const LIGHT: RGBColor = RGBColor(226, 226, 226);

/// Colours that people tell apart however they see (Okabe and Ito 2008), without the yellow that nobody sees on white.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// The colour of the series of that index.
pub(super) fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// How many series have a colour of their own.
pub(super) const DISTINCT: usize = COLOURS.len();

/// How a series looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// Points with signs, joined by lines; intervals are a band.
    #[default]
    Joined,
    /// A curve without signs; intervals are a band.
    Curve,
    /// Points alone; intervals are whiskers.
    Dots,
}

/// A line of the legend.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub name: String,
    pub shape: Shape,
}

/// What stands before a line of the legend.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A series by its index, for colour and sign.
    Series(usize, Look),
    /// Bars of that colour.
    Field(usize),
    /// A limit.
    Dashes,
}

impl Entry {
    /// Draws the shape, 24 pixels wide.
    pub fn drawn(&self, root: &Area, (x, y): (i32, i32)) -> Drawn {
        let (index, look) = match self.shape {
            Shape::Dashes => return dashed(root, (x, y), (x + 24, y), INK),
            Shape::Field(index) => {
                return root.draw(&Rectangle::new([(x, y - 6), (x + 24, y + 6)], colour(index).mix(0.75).filled()));
            }
            Shape::Series(index, look) => (index, look),
        };
        if look != Look::Dots {
            root.draw(&PathElement::new([(x, y), (x + 24, y)], colour(index).stroke_width(2)))?;
        }
        if look == Look::Curve { Ok(()) } else { sign(root, (x + 12, y), index) }
    }
}

/// The sign of the series of that index: circles, squares, triangles, diamonds, filled and then open ones.
pub(super) fn sign(root: &Area, (x, y): (i32, i32), index: usize) -> Drawn {
    let colour = colour(index);
    let corners: &[(i32, i32)] = match index % 4 {
        0 => {
            let fill = if index < COLOURS.len() { colour.filled() } else { colour.stroke_width(2) };
            return root.draw(&Circle::new((x, y), 4, fill));
        }
        1 => &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
        2 => &[(0, -5), (5, 4), (-5, 4)],
        _ => &[(0, -6), (5, 0), (0, 6), (-5, 0)],
    };
    let mut places: Vec<(i32, i32)> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
    if index < COLOURS.len() {
        return root.draw(&Polygon::new(places, colour.filled()));
    }
    places.extend(places.first().copied());
    root.draw(&PathElement::new(places, colour.stroke_width(2)))
}

/// A line of dashes, along one axis.
pub(super) fn dashed(root: &Area, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Drawn {
    let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
    let along = |d: i32| {
        let d = d.min(length);
        (from.0 + (to.0 - from.0).signum() * d, from.1 + (to.1 - from.1).signum() * d)
    };
    for start in (0..length).step_by(10) {
        root.draw(&PathElement::new([along(start), along(start + 6)], colour))?;
    }
    Ok(())
}
