//! Outcome → report: text for the architect, Markdown and CSV for documents, JSON for scripts.
//!
//! Strings in, strings out: nothing here prints, opens a file or knows a colour.
//! Text and Markdown are two renderings of one list of blocks, so they can't say different things.

mod account;
pub mod calibration;
mod calibration_json;
mod cases;
pub(crate) mod document;
pub mod figure;
mod gate;
mod layout;
pub(crate) mod markdown;
mod quantity;
mod sentences;
mod studies;
mod tables;
pub(crate) mod text;
mod tidy;
mod uncertainty;

use crate::experiment::outcome::Outcome;
pub use calibration_json::rate_json;
pub use cases::Case;
use serde::{Deserialize, Serialize};

/// The version of the JSON contract; grows when a script that reads it could break.
pub const SCHEMA: u32 = 1;

/// A result as it leaves the process: the JSON contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the contract, [`SCHEMA`].
    pub schema: u32,
    /// Version of fivenines that computed it.
    pub version: String,
    /// What the experiment yielded.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Report {
    /// The report of an outcome, by this version of fivenines.
    pub fn new(outcome: Outcome) -> Report {
        Report { schema: SCHEMA, version: env!("CARGO_PKG_VERSION").into(), outcome }
    }

    /// One JSON object, indented, with a newline at its end; numbers survive being read back.
    pub fn json(&self) -> String {
        // Every map has string keys and every number is finite or null, so this can't fail.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Tidy CSV: a line for each design, sweep point, condition and measure, then for each figure of a comparison.
    pub fn csv(&self) -> String {
        tidy::csv(&self.outcome)
    }

    /// Aligned tables for a terminal, without colours.
    pub fn text(&self) -> String {
        text::render(&layout::blocks(self))
    }

    /// The same tables in Markdown.
    pub fn markdown(&self) -> String {
        markdown::render(&layout::blocks(self))
    }

    /// Figures as SVG: along a sweep, or of the designs beside each other; tornadoes and the parameters' uncertainty where
    /// these were asked for.
    pub fn figures(&self) -> Vec<figure::Figure> {
        figure::results::figures(&self.outcome)
    }

    /// The verdict, the gate and the leading figures in Markdown: for the summary of a CI job.
    pub fn summary(&self) -> String {
        markdown::render(&layout::summary(self))
    }

    /// What the run was asked to hold, one case each.
    pub fn cases(&self) -> Vec<Case> {
        cases::cases(&self.outcome)
    }

    /// One line for a run over a folder: the verdict, the file's name, how many expectations hold, and which fail.
    pub fn line(&self, file: &str) -> String {
        layout::line(file, &self.outcome)
    }
}

/// Seconds as people say them: `26.3 s`, `5 h 41 min`, `4 d 15 h`, `6.50 y`.
pub fn duration(seconds: f64) -> String {
    quantity::duration(seconds, None)
}

#[cfg(test)]
mod tests;
