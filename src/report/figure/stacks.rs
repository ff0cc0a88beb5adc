//! Bars made of parts, one below the other: what a whole consists of.

use super::axis::{Axis, Scale, Spacing, Unit};
use super::bars::{LETTERS, STEP, begin, beside, limits, middle};
use super::sheet::{Area, Drawn, Frame, Plot, Sheet, wrapped};
use super::sign::{Entry, Shape, colour};
use crate::report::document::width;
use plotters::prelude::*;

/// A bar of parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stack {
    /// To the left of it.
    pub name: String,
    /// Its parts from the left, name and length; what isn't above 0 isn't shown.
    pub parts: Vec<(String, f64)>,
    /// To the right of it.
    pub text: String,
}

/// Bars of parts below each other. Parts of one name have one colour.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stacks {
    /// Above the figure.
    pub title: String,
    /// Along the bars; it is linear, since lengths add up on no other.
    pub axis: Axis,
    /// From the top.
    pub stacks: Vec<Stack>,
    /// Values that are to be reached, with their names.
    pub limits: Vec<(f64, String)>,
    /// Sentences below the figure.
    pub notes: Vec<String>,
}

impl Stack {
    fn shown(&self) -> impl Iterator<Item = (&str, f64)> {
        let shown = |(_, length): &&(String, f64)| *length > 0.0 && length.is_finite();
        self.parts.iter().filter(shown).map(|(name, length)| (name.as_str(), *length))
    }
}

impl Stacks {
    /// The figure as SVG, the same bytes for the same content.
    pub fn svg(&self) -> String {
        let name = |(i, stack): (usize, &Stack)| (middle(i), wrapped(&stack.name, LETTERS[0], 2).join("\n"));
        let names = self.stacks.iter().enumerate().map(name).rev().collect();
        let across = Axis { unit: Unit::Number, spacing: Spacing::Linear, label: String::new(), ticks: Some(names) };
        let entry = |(index, name): (usize, &&str)| Entry { name: (*name).to_string(), shape: Shape::Field(index) };
        let sheet = Sheet {
            title: &self.title,
            x: &self.axis.label,
            y: "",
            legend: self.kinds().iter().enumerate().map(entry).collect(),
            notes: self.notes.clone(),
            height: STEP * self.stacks.len().max(2) as i32,
            values: self.stacks.iter().map(|stack| width(&stack.text)).max().unwrap_or(0).min(LETTERS[1]),
        };
        let y = across.between(-(self.stacks.len().max(1) as f64), 0.0);
        sheet.drawn(self.scale(), y, |root, plot, frame| self.inside(root, plot, frame))
    }

    /// Names of parts in the order in which they appear.
    fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for (name, _) in self.stacks.iter().flat_map(Stack::shown) {
            if !kinds.contains(&name) {
                kinds.push(name);
            }
        }
        kinds
    }

    fn scale(&self) -> Scale {
        let wholes = self.stacks.iter().map(|stack| stack.shown().map(|(_, length)| length).sum::<f64>());
        let values: Vec<f64> = wholes.chain(self.limits.iter().map(|(value, _)| *value)).chain([0.0]).collect();
        self.axis.clone().spaced(Spacing::Linear).scale(&values)
    }

    fn inside(&self, root: &Area, plot: &Plot, frame: Frame) -> Drawn {
        let kinds = self.kinds();
        let x = plot.as_coord_spec().x_spec();
        for (i, stack) in self.stacks.iter().enumerate() {
            let mut from = 0.0;
            for (name, length) in stack.shown() {
                let index = kinds.iter().position(|kind| *kind == name).unwrap_or(0);
                let corners = [(from, middle(i) + 0.28), (from + length, middle(i) - 0.28)];
                plot.draw(&Rectangle::new(corners, colour(index).mix(0.75).filled()))?;
                from += length;
            }
            beside(root, plot, frame, (i, &stack.text))?;
        }
        limits(root, x, frame, &self.limits)?;
        begin(root, x, frame, 0.0)
    }
}
