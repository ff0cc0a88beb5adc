//! First passages without a last time that is asked about: each path is followed until all that is asked for has come,
//! or until nothing fires any more (S23).

use super::asked::{Row, Rows, level, measured};
use super::control::Stop;
use super::replicate::Workers;
use super::settings::BLOCK;
use crate::engine::Path;
use crate::net::question::{About, Variable};

/// Firings between two questions whether to go on.
const UNASKED: u32 = 1024;

/// One block of paths from the beginning.
pub(super) fn reaching<'a>(
    workers: &Workers<'a>,
    path: &mut Path<'a>,
    asked: &[About],
    index: u64,
    most: u64,
) -> Result<Rows, Stop> {
    let mut rows = Rows { paths: Vec::new(), firings: 0 };
    for replication in index..index + BLOCK {
        path.begin(workers.seed, replication)?;
        workers.advance(path, 0.0, most)?;
        let begun: Vec<bool> = (0..workers.process.facts().up.len()).map(|up| path.is_up(up)).collect();
        let mut row = Row::default();
        for about in asked {
            let About::Law { of: Variable::First { condition }, aspect } = *about else { continue };
            let value = if begun[condition] { reach(workers, path, condition, most)? } else { 0.0 };
            row.pairs.push((measured(value, aspect), 1.0));
            row.values.push(if level(about).is_some() { vec![value] } else { Vec::new() });
        }
        rows.paths.push(row);
        rows.firings += path.firings();
    }
    Ok(rows)
}

/// When a condition first fails, of a path that didn't begin so; infinite where it never does.
fn reach<'a>(workers: &Workers<'a>, path: &mut Path<'a>, condition: usize, most: u64) -> Result<f64, Stop> {
    loop {
        if let Some(first) = path.first_failure(condition) {
            if path.now() > first {
                return Ok(first);
            }
            // Only when time has passed it wasn't an outage of length zero (S14).
            path.run_until(first.next_up(), &mut ())?;
        } else if path.rests() {
            return Ok(f64::INFINITY);
        }
        for _ in 0..UNASKED {
            if path.first_failure(condition).is_some() || path.rests() {
                break;
            }
            path.step(f64::MAX, &mut ())?;
        }
        workers.check(path, most)?;
    }
}
