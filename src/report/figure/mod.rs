//! Figures as SVG: curves with bands, bars with whiskers, probability plots.
//!
//! [`Lines`], [`Bars`] and [`Stacks`] are figures of anything; [`Report::figures`] are those of an outcome, and
//! [`Calibrated::figures`] those of a calibration. Strings come out; the same content gives the same bytes, since places
//! are whole pixels and no font is measured.
//!
//! ```
//! use fivenines::report::figure::{Axis, Bar, Bars, Unit};
//! use fivenines::stats::Estimate;
//!
//! let downtime = |seconds: f64| Estimate::between(Some(seconds), Some((0.9 * seconds, 1.1 * seconds)), 0.95, "s/y");
//! let bars = Bars {
//!     title: "Which design reaches five nines?".into(),
//!     axis: Axis::new("downtime per year", Unit::Duration),
//!     bars: vec![Bar::new("standard", &downtime(7_200.0)), Bar::new("actor based", &downtime(40.0))],
//!     limits: vec![(315.576, "five nines".into())],
//!     ..Bars::default()
//! };
//! assert!(bars.svg().starts_with("<svg "));
//! ```
//!
//! [`Report::figures`]: super::Report::figures
//! [`Calibrated::figures`]: super::calibration::Calibrated::figures

mod axis;
mod bars;
pub(super) mod fits;
mod lines;
pub(super) mod results;
mod sheet;
mod sign;
mod stacks;
mod ticks;

pub use axis::{Axis, Spacing, Unit};
pub use bars::{Bar, Bars};
pub use lines::{Lines, Mark, Point, Series};
pub use sign::Look;
pub use stacks::{Stack, Stacks};

/// A figure with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// For a file: letters a to z, digits and hyphens, without an ending.
    pub name: String,
    /// What it is.
    pub svg: String,
}

/// Most letters of a name.
const LETTERS: usize = 80;

/// Figures with the names that their titles make, no two alike.
fn collected(figures: Vec<(String, String)>) -> Vec<Figure> {
    let mut list: Vec<Figure> = Vec::new();
    for (title, svg) in figures {
        let plain = file_name(&title);
        let taken = |name: &String| list.iter().any(|figure| figure.name == *name);
        let numbered = (2..).map(|n: u64| format!("{plain}-{n}"));
        let name = std::iter::once(plain.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(plain.clone());
        list.push(Figure { name, svg });
    }
    list
}

/// `Actor based, k = 2` → `actor-based-k-2`.
pub fn file_name(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let name: String = plain.split_whitespace().collect::<Vec<_>>().join("-").chars().take(LETTERS).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { "figure".into() } else { name.into() }
}

#[cfg(test)]
mod tests;
