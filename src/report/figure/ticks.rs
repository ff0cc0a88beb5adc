//! Round numbers within a stretch, and how they are written: durations in the units that people use.

use super::axis::Unit;
use crate::report::quantity::short;
use crate::units::YEAR;

/// A value and its label.
pub(super) type Tick = (f64, String);

/// Most ticks of an axis.
const MOST: usize = 8;

/// Units of durations with their seconds, from the least.
const UNITS: [(&str, f64); 8] =
    [("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0), ("y", YEAR)];

/// Round numbers from `from` to `to`, which are finite, in ascending order.
pub(super) fn ticks(from: f64, to: f64, unit: Unit, logarithmic: bool) -> Vec<Tick> {
    if logarithmic && let Some(found) = powers(from, to, unit) {
        return found;
    }
    even(from, to, unit)
}

/// Ticks at equal distances, 1, 2 or 5 of a power of ten in the unit of the greatest.
fn even(from: f64, to: f64, unit: Unit) -> Vec<Tick> {
    let (name, size) = match unit {
        Unit::Duration => unit_of(from.abs().max(to.abs())),
        Unit::Share => ("%", 0.01),
        Unit::Number => ("", 1.0),
    };
    let (from, to) = (from / size, to / size);
    let rough = (to - from) / (MOST as f64 - 1.0);
    if !(rough > 0.0 && rough.is_finite()) {
        return Vec::new();
    }
    let power = libm::exp10(libm::floor(libm::log10(rough)));
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough * (1.0 - 1e-9));
    let step = factor.unwrap_or(10.0) * power;
    let decimals = (-libm::floor(libm::log10(step) + 1e-9)).clamp(0.0, 12.0) as usize;
    let (first, last) = (libm::ceil(from / step - 1e-9), libm::floor(to / step + 1e-9));
    let count = (last - first).clamp(-1.0, MOST as f64 + 1.0) as i64 + 1;
    let at = |i: i64| {
        // No negative zero.
        let value = (first + i as f64) * step + 0.0;
        let text = if value.abs() >= 1e6 { short(value, 4) } else { format!("{value:.decimals$}") };
        (value * size, with_unit(&text, name))
    };
    (0..count).map(at).collect()
}

/// The greatest unit that isn't above the value.
fn unit_of(value: f64) -> (&'static str, f64) {
    UNITS.iter().rev().find(|(_, size)| value >= *size).copied().unwrap_or(UNITS[0])
}

fn with_unit(text: &str, unit: &str) -> String {
    if unit.is_empty() { text.to_string() } else { format!("{text} {unit}") }
}

/// Ticks at powers of ten, or these and some between: the finest of four choices that isn't too much. None where that
/// is less than three.
fn powers(from: f64, to: f64, unit: Unit) -> Option<Vec<Tick>> {
    let within = |factors: &[f64]| -> Vec<Tick> {
        let mut all = candidates(from, to, unit, factors);
        all.retain(|(at, _)| (from..=to).contains(at));
        all
    };
    let choices: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    let found = choices.into_iter().map(within).find(|ticks| ticks.len() <= MOST);
    let found = found.unwrap_or_else(|| {
        let all = within(&[1.0]);
        let each = all.len().div_ceil(MOST);
        all.into_iter().step_by(each.max(1)).collect()
    });
    (found.len() >= 3).then_some(found)
}

/// The factors in every power of ten; of durations, in every unit as far as the next one.
fn candidates(from: f64, to: f64, unit: Unit, factors: &[f64]) -> Vec<Tick> {
    // No number has more decades, though a quotient might be infinite.
    let bounded = |power: f64| power.clamp(-330.0, 330.0) as i32;
    let decades = |from: f64, to: f64| bounded(libm::floor(libm::log10(from)))..=bounded(libm::ceil(libm::log10(to)));
    let mut all = Vec::new();
    match unit {
        Unit::Duration => {
            for (i, (name, size)) in UNITS.iter().enumerate() {
                let next = UNITS.get(i + 1).map_or(f64::INFINITY, |(_, size)| *size);
                // Below the first unit nothing is named, beyond the last one all powers.
                let last = if next.is_finite() { next } else { to.max(*size) };
                for power in decades(1.0, last / size) {
                    let values = factors.iter().map(|factor| factor * libm::exp10(f64::from(power)));
                    let fitting = values.filter(|value| value * size < next * 0.7);
                    all.extend(fitting.map(|value| (value * size, with_unit(&short(value, 2), name))));
                }
            }
        }
        Unit::Share | Unit::Number => {
            let (name, size) = if unit == Unit::Share { ("%", 0.01) } else { ("", 1.0) };
            for power in decades(from / size, to / size) {
                let values = factors.iter().map(|factor| factor * libm::exp10(f64::from(power)));
                all.extend(values.map(|value| (value * size, with_unit(&short(value, 2), name))));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: f64, to: f64, unit: Unit, logarithmic: bool) -> Vec<String> {
        ticks(from, to, unit, logarithmic).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn round_numbers_in_the_units_of_people() {
        assert_eq!(labels(0.0, 7.0, Unit::Number, false), ["0", "1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!(labels(-0.31, 0.3, Unit::Number, false), ["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(0.0, 330.0, Unit::Duration, false), ["0 min", "1 min", "2 min", "3 min", "4 min", "5 min"]);
        assert_eq!(labels(0.0, 1.0, Unit::Share, false), ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
        assert_eq!(labels(0.5, 4e5, Unit::Duration, true), ["1 s", "10 s", "1 min", "10 min", "1 h", "10 h", "1 d"]);
        assert_eq!(labels(40.0, 4_000.0, Unit::Duration, true), ["1 min", "2 min", "5 min", "10 min", "20 min", "1 h"]);
        assert_eq!(labels(0.5e-3, 5.0, Unit::Duration, true)[..3], ["1 ms", "3 ms", "10 ms"]);
        assert_eq!(labels(2e-6, 2e-3, Unit::Number, true), ["3e-6", "1e-5", "3e-5", "1e-4", "3e-4", "0.001"]);
    }

    #[test]
    fn no_stretch_is_too_wide_or_too_narrow() {
        let hostile =
            [f64::MIN_POSITIVE, 1e-300, 1e-30, 1e-9, 0.999_999, 1.0, 1.000_001, 60.0, 1e9, 1e30, 1e300, f64::MAX];
        for (i, &from) in hostile.iter().enumerate() {
            for &to in &hostile[i + 1..] {
                for unit in [Unit::Duration, Unit::Share, Unit::Number] {
                    for logarithmic in [false, true] {
                        let found = ticks(from, to, unit, logarithmic);
                        assert!(found.len() <= MOST + 1, "{from} {to} {unit:?}: {found:?}");
                        assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0), "{from} {to} {unit:?}: {found:?}");
                    }
                }
            }
        }
    }
}
