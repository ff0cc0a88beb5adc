//! Outages of the long run: all that begin in a stretch of a stationary path, each to its end (S21).

use super::asked::{Row, Rows, level, measured};
use super::control::Stop;
use super::replicate::Workers;
use super::settings::BLOCK;
use super::window::Window;
use crate::engine::{Observer, Path};
use crate::net::question::{About, Aspect, Variable};

/// Firings between two questions whether to go on.
const UNASKED: u32 = 1024;

/// The outages of one path.
struct Outages {
    /// Of each condition: lengths of those that began in the stretch.
    lengths: Vec<Vec<f64>>,
    /// When each condition changed last.
    changed: Vec<f64>,
    stretch: (f64, f64),
}

impl Observer for Outages {
    fn changed(&mut self, time: f64, up: usize, _: bool) {
        self.changed[up] = time;
    }

    fn outage(&mut self, up: usize, start: f64, end: f64) {
        if self.stretch.0 < start && start <= self.stretch.1 {
            self.lengths[up].push(end - start);
        }
    }
}

/// One block of stationary paths.
pub(super) fn lasting<'a>(
    workers: &Workers<'a>,
    path: &mut Path<'a>,
    asked: &[About],
    (window, index): (Window, u64),
    most: u64,
) -> Result<Rows, Stop> {
    let mut rows = Rows { paths: Vec::new(), firings: 0 };
    let ups = workers.process.facts().up.len();
    for replication in index..index + BLOCK {
        let start = window.start(workers.seed, replication);
        let stretch = (start, start + window.length);
        let mut outages = Outages { lengths: vec![Vec::new(); ups], changed: vec![0.0; ups], stretch };
        path.begin(workers.seed, replication)?;
        workers.advance_with(path, stretch.1, most, &mut outages)?;
        see_through(workers, path, &mut outages, most)?;
        let mut row = Row::default();
        for about in asked {
            let About::Law { of, aspect } = *about else { continue };
            let (Variable::Outage { condition }
            | Variable::Outages { condition, .. }
            | Variable::Downtime { condition, .. }
            | Variable::First { condition }) = of;
            let lengths = &outages.lengths[condition];
            let count = lengths.len() as f64;
            row.pairs.push(match (of, aspect) {
                (Variable::Outages { .. }, _) => (count, window.length),
                (_, Aspect::Quantile(_)) => (0.0, 1.0),
                (_, aspect) => {
                    let sum = lengths.iter().map(|&length| measured(length, aspect)).sum();
                    (sum, if matches!(aspect, Aspect::Excess(_)) { window.length } else { count })
                }
            });
            row.values.push(if level(about).is_some() { lengths.clone() } else { Vec::new() });
        }
        rows.paths.push(row);
        rows.firings += path.firings();
    }
    Ok(rows)
}

/// Goes on until the outages of every condition that began in the stretch are over for certain; one that never ends is
/// of infinite length.
fn see_through<'a>(workers: &Workers<'a>, path: &mut Path<'a>, outages: &mut Outages, most: u64) -> Result<(), Stop> {
    for up in 0..outages.changed.len() {
        loop {
            if path.is_up(up) {
                // Only when time has passed it wasn't an up period of length zero (S14).
                path.run_until(path.now().next_up(), outages)?;
                if path.is_up(up) {
                    break;
                }
            }
            if path.rests() {
                outages.outage(up, outages.changed[up], f64::INFINITY);
                break;
            }
            for _ in 0..UNASKED {
                if path.is_up(up) || path.rests() {
                    break;
                }
                path.step(f64::MAX, outages)?;
            }
            workers.check(path, most)?;
        }
    }
    Ok(())
}
