//! How long the transient lasts, judged on firing rates and clock ages.
//!
//! An indicator that is down 10⁻⁵ of the time shows nothing of a transient, so it isn't asked. A pilot of many
//! fresh paths counts, on a grid of windows over a horizon, the firings of each group of timed transitions, and
//! samples the ages of its running clocks (at a random instant of each window and path, so that a period can't
//! hide between the samples). The horizon begins at the longest mean delay and doubles until
//! its second half is *even*: every window's mean lies within the noise of the half's mean, at a false alarm of
//! [`FALSE_ALARM`] over all windows and series together, or within [`EQUIVALENCE`] of the wanted precision.
//! The third quarter is compared with the fourth in the same way, which finds slow drifts that single windows hide.
//!
//! The transient of a series has *shown* itself up to its last uneven window. Beyond that it may go on below
//! the pilot's noise δ; transients die out exponentially, so it needs as long again from δ to the equivalence
//! bound ε as its share of the logarithms says: the warm-up is `shown · ln(1/ε) / ln(1/δ)`, the longest of all series
//! and of all horizons (the windows of a long one can hold a whole period, in which nothing shows).
//! A horizon that is even counts once the next one, twice as long, is even too: what decays slowly looks even
//! through a short window.
//!
//! Limits: a state that is first reached long after the horizon (a failure once in a century) can't be seen by any
//! pilot; the horizon covers every mean delay at least once, but not products of rare chances. A series with so few
//! firings that its noise exceeds half its mean is only tested, not trusted to be even.

use super::control::Stop;
use super::probe::PILOT;
use super::process::{add_ages, add_firings};
use super::replicate::{Cost, Workers};
use super::window::Window;
use crate::engine::Path;
use crate::program::Program;
use crate::rng::StreamKey;
use crate::stats::quantile;
use crate::units::in_words;
use std::ops::ControlFlow;

/// Windows of the grid; even, and a multiple of 4.
const WINDOWS: usize = 32;

/// False alarm of one evenness test, half of it over all windows and half over the drifts; an alarm costs time,
/// not truth.
const FALSE_ALARM: f64 = 1e-3;

/// Share of the wanted precision below which what remains of the transient doesn't matter.
const EQUIVALENCE: f64 = 0.25;

/// Least and most paths of a grid.
const PATHS: (u64, u64) = (64, 4096);

/// Paths in one block of work.
const BLOCK: u64 = 16;

/// What the pilot found.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// Time to remove from each fresh path, seconds.
    pub warmup: f64,
    /// The horizon it looked at, seconds.
    pub horizon: f64,
    /// How it was judged, in words.
    pub because: String,
    /// Firings per second in the second half.
    pub firing_rate: f64,
    /// Outages of the leading condition per second in the second half.
    pub outage_rate: f64,
    /// Firings spent.
    pub firings: u64,
    /// Whether the transient was seen to end.
    pub settled: bool,
}

/// Sums over paths, for each series (firings, then ages), window and the drift between the last quarters.
#[derive(Debug, Clone, PartialEq)]
struct Grid {
    paths: f64,
    series: usize,
    /// Σ over paths of the mean over the second half.
    level: Vec<f64>,
    /// Σ over paths of (window − second half), series-major, the drift as window [`WINDOWS`].
    deviation: Vec<f64>,
    /// Σ of their squares.
    square: Vec<f64>,
    outages: f64,
    late_firings: f64,
    firings: u64,
}

impl Cost for Grid {
    fn firings(&self) -> u64 {
        self.firings
    }
}

impl Grid {
    fn new(series: usize) -> Grid {
        let cells = series * (WINDOWS + 1);
        Grid {
            paths: 0.0,
            series,
            level: vec![0.0; series],
            deviation: vec![0.0; cells],
            square: vec![0.0; cells],
            outages: 0.0,
            late_firings: 0.0,
            firings: 0,
        }
    }

    /// Adds one path's values, series-major.
    fn add(&mut self, values: &[f64]) {
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        for (series, row) in values.chunks_exact(WINDOWS).enumerate() {
            let level = mean(&row[WINDOWS / 2..]);
            self.level[series] += level;
            let drift = mean(&row[WINDOWS * 3 / 4..]) - mean(&row[WINDOWS / 2..WINDOWS * 3 / 4]);
            for (window, deviation) in row.iter().map(|x| x - level).chain([drift]).enumerate() {
                let cell = series * (WINDOWS + 1) + window;
                self.deviation[cell] += deviation;
                self.square[cell] += deviation * deviation;
            }
        }
        self.paths += 1.0;
    }

    fn merge(&mut self, other: &Grid) {
        let join = |into: &mut Vec<f64>, from: &[f64]| into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        join(&mut self.level, &other.level);
        join(&mut self.deviation, &other.deviation);
        join(&mut self.square, &other.square);
        self.paths += other.paths;
        self.outages += other.outages;
        self.late_firings += other.late_firings;
        self.firings += other.firings;
    }

    /// Mean deviation of a cell, and the noise that an even one stays under.
    fn cell(&self, series: usize, window: usize, critical: f64) -> (f64, f64) {
        let at = series * (WINDOWS + 1) + window;
        let mean = self.deviation[at] / self.paths;
        let variance = (self.square[at] / self.paths - mean * mean).max(0.0) / (self.paths - 1.0);
        (mean.abs(), critical * variance.sqrt())
    }

    /// What a series' deviations are measured against: its level, or where that is 0 its largest deviation.
    fn scale(&self, series: usize) -> f64 {
        let level = self.level[series] / self.paths;
        if level > 0.0 {
            return level;
        }
        let row = &self.deviation[series * (WINDOWS + 1)..(series + 1) * (WINDOWS + 1)];
        row.iter().fold(0.0, |most: f64, d| most.max(d.abs() / self.paths))
    }
}

/// What one series says: the last uneven window (its end, in windows), and the noise relative to its level.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    shown: usize,
    noise: f64,
}

/// How far the transient has shown itself, and how long it takes to die out; seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Shown {
    until: f64,
    needed: f64,
}

impl Shown {
    /// On one grid.
    fn of(readings: &[Reading], horizon: f64, epsilon: f64) -> Shown {
        let window = horizon / WINDOWS as f64;
        let one = |reading: &Reading| {
            let until = reading.shown as f64 * window;
            let noise = reading.noise.clamp(epsilon, 0.5);
            Shown { until, needed: until * libm::log(epsilon) / libm::log(noise) }
        };
        readings.iter().map(one).fold(Shown::default(), Shown::max)
    }

    fn max(self, other: Shown) -> Shown {
        Shown { until: self.until.max(other.until), needed: self.needed.max(other.needed) }
    }
}

fn read(grid: &Grid, series: usize, epsilon: f64) -> Reading {
    let critical = |tests: usize| quantile::normal(1.0 - FALSE_ALARM / 2.0 / tests as f64 / 2.0);
    let (of_windows, of_drifts) = (critical(grid.series * WINDOWS), critical(grid.series));
    let scale = grid.scale(series);
    let (mut shown, mut noise) = (0, 0.0_f64);
    for window in 0..=WINDOWS {
        let (deviation, allowed) = grid.cell(series, window, if window < WINDOWS { of_windows } else { of_drifts });
        if deviation > allowed.max(epsilon * scale) {
            shown = (window + 1).min(WINDOWS);
        }
        if (WINDOWS / 2..WINDOWS).contains(&window) && scale > 0.0 {
            noise = noise.max(allowed / scale);
        }
    }
    Reading { shown, noise }
}

impl<'a> Workers<'a> {
    /// Finds the warm-up within `budget` firings, for a wanted relative half-width `precision`.
    /// `rate` is a first guess of the firings per second; `lead` the leading condition; time is counted from a random
    /// instant of the `spread` (see [`Window`]).
    pub fn pilot(
        &self,
        rate: f64,
        spread: f64,
        budget: u64,
        precision: f64,
        lead: Option<usize>,
    ) -> Result<Pilot, Stop> {
        let longest = self.process.facts().longest;
        let epsilon = (EQUIVALENCE * precision).clamp(1e-6, 0.1);
        let mut horizon = if longest > 0.0 { longest } else { 1.0 };
        let (mut spent, mut rate, mut last) = (0_u64, rate, None);
        // A wide window can hold a whole period, and hide it: what a finer grid has shown stays shown.
        let mut shown = Shown::default();
        loop {
            let affordable = (budget.saturating_sub(spent) as f64 / 2.0 / (rate * (spread + horizon)).max(1.0)) as u64;
            if affordable < PATHS.0 {
                return Ok(unfinished(last, horizon, rate, spent, budget));
            }
            let paths = affordable.min(PATHS.1) / BLOCK * BLOCK;
            let grid = match self.grid((spread, horizon), paths, budget / PATHS.0, lead) {
                Ok(grid) => grid,
                Err(Stop::Cut) => return Ok(unfinished(last, horizon, rate, spent, budget)),
                Err(other) => return Err(other),
            };
            spent += grid.firings;
            rate = grid.firings as f64 / (grid.paths * (0.5 * spread + horizon));
            let readings: Vec<Reading> = (0..grid.series).map(|series| read(&grid, series, epsilon)).collect();
            shown = shown.max(Shown::of(&readings, horizon, epsilon));
            let pilot = conclude(&grid, &readings, shown, horizon, epsilon, spent);
            if pilot.settled && last.as_ref().is_some_and(|last| last.settled) {
                return Ok(pilot);
            }
            last = Some(pilot);
            horizon *= 2.0;
        }
    }

    /// Runs the pilot's paths over the grid.
    fn grid(&self, (spread, horizon): (f64, f64), paths: u64, most: u64, lead: Option<usize>) -> Result<Grid, Stop> {
        let series = 2 * self.process.facts().series_names.len();
        let mut sum = Grid::new(series);
        let block = |path: &mut Path<'a>, block: u64| {
            let mut grid = Grid::new(series);
            for index in block * BLOCK..(block + 1) * BLOCK {
                self.grid_path(path, PILOT + index, (spread, horizon), most, lead, &mut grid)?;
            }
            Ok(grid)
        };
        self.fold(0..paths / BLOCK, block, |grid: Grid| {
            sum.merge(&grid);
            ControlFlow::Continue(())
        })?;
        Ok(sum)
    }

    fn grid_path(
        &self,
        path: &mut Path<'a>,
        index: u64,
        (spread, horizon): (f64, f64),
        most: u64,
        lead: Option<usize>,
        grid: &mut Grid,
    ) -> Result<(), Stop> {
        let facts = self.process.facts();
        let groups = facts.series_names.len();
        let mut values = vec![0.0; 2 * groups * WINDOWS];
        let (mut before, mut row) = (vec![0.0; groups], vec![0.0; groups]);
        let mut sums = vec![0.0; facts.sums];
        let mut instants = StreamKey::of("pilot").stream(self.seed, index);
        let mut early = 0;
        let start = Window { warmup: 0.0, spread, length: horizon }.start(self.seed, index);
        path.begin(self.seed, index)?;
        path.run_until(start, &mut ())?;
        add_firings(path, facts, &mut before);
        for window in 0..WINDOWS {
            if window == WINDOWS / 2 {
                path.take_sums(&mut sums);
                sums.fill(0.0);
                early = path.firings();
            }
            let at = |offset: f64| start + horizon * (window as f64 + offset) / WINDOWS as f64;
            path.run_until(at(instants.draw().uniform()), &mut ())?;
            row.fill(0.0);
            add_ages(path, facts, &mut row);
            row.iter().enumerate().for_each(|(g, age)| values[(groups + g) * WINDOWS + window] = *age);
            path.run_until(at(1.0), &mut ())?;
            row.fill(0.0);
            add_firings(path, facts, &mut row);
            row.iter().enumerate().for_each(|(g, count)| values[g * WINDOWS + window] = count - before[g]);
            std::mem::swap(&mut before, &mut row);
            self.check(path, most)?;
        }
        path.take_sums(&mut sums);
        grid.add(&values);
        grid.outages += lead.map_or(0.0, |up| sums[Program::failures(up)]);
        grid.late_firings += (path.firings() - early) as f64;
        grid.firings += path.firings();
        Ok(())
    }
}

/// Draws the conclusion from what the series say.
fn conclude(grid: &Grid, readings: &[Reading], shown: Shown, horizon: f64, epsilon: f64, spent: u64) -> Pilot {
    let settled = readings.iter().all(|reading| reading.shown <= WINDOWS / 2);
    let warmup = round_up(shown.needed);
    let half = grid.paths * horizon / 2.0;
    let because = format!(
        "pilot: {} paths of {}; firing rates and clock ages uneven until {}, \
         extended until at most {:.2} % of the transient is left",
        grid.paths,
        in_words(horizon),
        in_words(shown.until),
        100.0 * epsilon
    );
    Pilot {
        warmup,
        horizon,
        because,
        firing_rate: grid.late_firings / half,
        outage_rate: grid.outages / half,
        firings: spent,
        settled,
    }
}

/// The budget is spent: what was found, if it was even once, else that nothing was.
fn unfinished(last: Option<Pilot>, horizon: f64, rate: f64, spent: u64, budget: u64) -> Pilot {
    match last {
        Some(pilot) if pilot.settled => {
            Pilot { because: pilot.because + "; no budget to look twice as far", firings: spent, ..pilot }
        }
        last => unsettled(last, horizon, rate, spent, budget),
    }
}

/// What is left to say when the budget doesn't suffice to see the end of the transient.
fn unsettled(last: Option<Pilot>, horizon: f64, rate: f64, spent: u64, budget: u64) -> Pilot {
    let seen = last.as_ref().map_or(0.0, |pilot| pilot.horizon);
    let because = match seen {
        0.0 => {
            format!("pilot: to follow {} paths for {} takes over {budget} firings", PATHS.0, in_words(horizon))
        }
        _ => format!(
            "pilot: the transient wasn't seen to end within {}, and more takes over {budget} firings; \
             all of that is removed",
            in_words(seen)
        ),
    };
    let base = last.unwrap_or(Pilot {
        warmup: 0.0,
        // As far as the pilot's budget carries a few paths.
        horizon: if rate > 0.0 { horizon.min(budget as f64 / rate / PATHS.0 as f64) } else { horizon },
        because: String::new(),
        firing_rate: rate,
        outage_rate: 0.0,
        firings: 0,
        settled: false,
    });
    Pilot { warmup: base.horizon, because, firings: spent, settled: false, ..base }
}

/// Rounded up to two significant digits.
pub fn round_up(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    let scale = libm::pow(10.0, libm::floor(libm::log10(x)) - 1.0);
    libm::ceil(x / scale - 1e-9) * scale
}
