//! Single years: what one customer sees, beside the long run.
//!
//! The first year begins fresh at the initial marking; any year begins after the warm-up.
//! Of [`YEARS`] years each: the mean downtime, its 95 % quantile (a bad year), and the chance that a year has
//! no downtime at all.

use super::control::{Stage, Stop};
use super::probe::PILOT;
use super::replicate::{Cost, Workers};
use super::sample::Report;
use super::settings::BLOCK;
use super::window::Window;
use crate::engine::Path;
use crate::program::Program;
use crate::stats::{Estimate, quantile};
use crate::units::YEAR;
use indexmap::IndexMap;
use std::ops::ControlFlow;

/// Years of each kind.
pub const YEARS: u64 = 4000;

/// The bad year's rank.
const BAD: f64 = 0.95;

/// Replication indices of the years: first years from here on, any years with one more bit.
const INDEX: u64 = PILOT | 1 << 62;
const ANY: u64 = 1 << 40;

/// Estimates of single years for each condition, and what they cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Years {
    /// Condition → name → estimate.
    pub up: IndexMap<String, IndexMap<String, Estimate>>,
    /// Downtime of each condition in any year, by index.
    pub any: Vec<Vec<f64>>,
    /// Firings spent.
    pub firings: u64,
    /// Fewer years than promised, or none, when the budget ended first.
    pub warning: Option<String>,
}

/// Downtime of each condition in each year of one block.
struct Block {
    downtime: Vec<Vec<f64>>,
    firings: u64,
}

impl Cost for Block {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl<'a> Workers<'a> {
    /// Simulates them, each kind within `budget` firings; after the start of `window` a path is stationary.
    pub fn years(&self, window: Window, budget: u64, confidence: f64, report: Report) -> Result<Years, Stop> {
        let facts = self.process.facts();
        let mut years = Years::default();
        for (kind, index, window) in [("first year", INDEX, Window::default()), ("any year", INDEX | ANY, window)] {
            let mut downtime: Vec<Vec<f64>> = Vec::new();
            let mut spent = 0;
            let block = |path: &mut Path<'a>, block: u64| self.year_block(path, index + block * BLOCK, window, budget);
            let ended = self.fold(0..YEARS / BLOCK, block, |block: Block| {
                downtime.extend(block.downtime);
                spent += block.firings;
                report(Stage::Years, 0, None, downtime.len() as f64 / YEARS as f64);
                if spent >= budget { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            match ended {
                Ok(_) | Err(Stop::Cut) => {}
                Err(other) => return Err(other),
            }
            years.firings += spent;
            if (downtime.len() as u64) < YEARS {
                years.warning = Some(format!("the budget allowed only {} of {YEARS} single years", downtime.len()));
            }
            for (up, name) in facts.up.iter().enumerate() {
                let values: Vec<f64> = downtime.iter().map(|year| year[up]).collect();
                let entry = years.up.entry(name.clone()).or_default();
                describe(kind, values, confidence).into_iter().for_each(|(name, e)| drop(entry.insert(name, e)));
            }
            years.any = downtime;
        }
        Ok(years)
    }

    fn year_block(&self, path: &mut Path<'a>, index: u64, window: Window, most: u64) -> Result<Block, Stop> {
        let facts = self.process.facts();
        let mut block = Block { downtime: Vec::new(), firings: 0 };
        let mut sums = vec![0.0; facts.sums];
        for replication in index..index + BLOCK {
            path.begin(self.seed, replication)?;
            let begin = window.start(self.seed, replication);
            if begin > 0.0 {
                self.advance(path, begin, most)?;
                path.take_sums(&mut sums);
            }
            sums.fill(0.0);
            self.advance(path, begin + YEAR, most)?;
            path.take_sums(&mut sums);
            block.downtime.push((0..facts.up.len()).map(|up| sums[Program::down(up)]).collect());
            block.firings += path.firings();
        }
        Ok(block)
    }
}

/// The estimates from the downtime of independent years.
fn describe(kind: &str, mut values: Vec<f64>, confidence: f64) -> Vec<(String, Estimate)> {
    let n = values.len();
    if n < 2 {
        return Vec::new();
    }
    values.sort_by(f64::total_cmp);
    let count = n as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0) / count;
    let half = quantile::student(0.5 + 0.5 * confidence, count - 1.0) * variance.sqrt();
    let clean = values.iter().filter(|&&x| x == 0.0).count();
    // A mean of nothing but zeros has no interval.
    let downtime = match clean == n {
        true => Estimate::unknown(confidence, "s"),
        false => Estimate::between(Some(mean), Some(((mean - half).max(0.0), mean + half)), confidence, "s"),
    };
    vec![
        (format!("{kind}: downtime"), downtime),
        (format!("{kind}: downtime of a bad year (95 %)"), Estimate::sample_quantile(&values, BAD, confidence, "s")),
        (format!("{kind}: chance of no downtime"), Estimate::proportion(clean as u64, n as u64, confidence)),
    ]
}
