//! Numbers for readers: as many digits as the interval supports, times in the units people use.

use crate::stats::{Estimate, Side};
use crate::units::YEAR;

/// How a measure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Near 1, with the digits of its complement: availability.
    Fraction,
    /// Seconds: `5 h 41 min`.
    Duration,
    /// Seconds in a year: `5 h 41 min/yr`.
    PerYear,
    /// Anything else.
    Number,
}

impl Kind {
    /// How a measure of that name and unit is shown.
    pub fn of(measure: &str, unit: &str) -> Kind {
        match (measure, unit) {
            ("availability", _) => Kind::Fraction,
            (_, "s") => Kind::Duration,
            (_, "s/y") => Kind::PerYear,
            _ => Kind::Number,
        }
    }

    /// The unit behind a plain number.
    pub(super) fn suffix(self, unit: &str) -> String {
        match (self, unit) {
            (Kind::PerYear, _) | (Kind::Number, "1/y") => "/yr".into(),
            (Kind::Number, "1/s") => "/s".into(),
            (Kind::Number, unit) if !unit.is_empty() => format!(" {unit}"),
            _ => String::new(),
        }
    }
}

/// Digits of a value without error: more have meaning, but nobody reads them (JSON and CSV have them all).
const EXACT_DIGITS: usize = 6;

/// What stands where nothing is known.
pub(super) const NOTHING: &str = "–";

/// An estimate with its interval: `0.99998755 ± 0.00000012`, `≤ 3.1 s/yr`, `–`.
pub(super) fn estimate(of: &Estimate, kind: Kind) -> String {
    show(of, kind, true)
}

/// An estimate without its interval, with the digits that the interval supports.
pub(super) fn brief(of: &Estimate, kind: Kind) -> String {
    show(of, kind, false)
}

fn show(of: &Estimate, kind: Kind, interval: bool) -> String {
    let suffix = kind.suffix(&of.unit);
    let Some(value) = of.estimate.filter(|v| v.is_finite()) else {
        let Some(bound) = &of.bound else { return NOTHING.into() };
        let sign = if bound.side == Side::Upper { "≤" } else { "≥" };
        return format!("{sign} {}{suffix}", plain(bound.value, None, kind));
    };
    let (Some(low), Some(high)) = (of.low, of.high) else {
        // Nothing of it was seen, which is not to know that it is nothing.
        let remark = if value == 0.0 { " (none seen)" } else { "" };
        return plain(value, None, kind) + &suffix + remark;
    };
    let half = (high - low) / 2.0;
    if !half.is_finite() || half <= 0.0 {
        return if interval && low == high { exact(value, kind) } else { plain(value, None, kind) } + &suffix;
    }
    let lopsided = (value - (low + high) / 2.0).abs() > 0.1 * half;
    match (interval, lopsided) {
        // Without the interval the last digit shown is the first that it leaves uncertain, the fourth at most.
        (false, _) if kind == Kind::Fraction => plain(value, Some(10.0 * half), kind) + &suffix,
        (false, _) => plain(value, Some((10.0 * half).max(value.abs() / 60.0)), kind) + &suffix,
        (true, false) => symmetric(value, half, kind, &suffix),
        (true, true) => {
            let ends = format!("[{}, {}]", plain(low, Some(half), kind), plain(high, Some(half), kind));
            format!("{}{suffix} {ends}", plain(value, Some(half), kind))
        }
    }
}

fn symmetric(value: f64, half: f64, kind: Kind, suffix: &str) -> String {
    match kind {
        Kind::Duration | Kind::PerYear if !(60.0..YEAR).contains(&value.abs()) => {
            let (unit, size) = scale(value.abs());
            let (value, half) = rounded(value / size, half / size);
            format!("{value} ± {half} {unit}{suffix}")
        }
        Kind::Duration | Kind::PerYear => {
            format!("{}{suffix} ± {}", duration(value, Some(half)), one_unit(half))
        }
        Kind::Fraction => {
            let digits = decimals(half).min(15);
            format!("{value:.digits$} ± {half:.digits$}{suffix}")
        }
        Kind::Number => match exponent(value.abs().max(half)) {
            Some(power) => {
                let scale = libm::exp10(f64::from(power));
                let (value, half) = rounded(value / scale, half / scale);
                format!("({value} ± {half})e{power}{suffix}")
            }
            None => {
                let (value, half) = rounded(value, half);
                format!("{value} ± {half}{suffix}")
            }
        },
    }
}

/// Both to two significant digits of the half-width: `13.07` and `0.12`, `1320000` and `10000`.
fn rounded(value: f64, half: f64) -> (String, String) {
    let digits = decimals(half);
    let step = libm::exp10(libm::floor(libm::log10(half) + 1e-12) - 1.0).max(1.0);
    let round = |x: f64| if digits == 0 { (x / step).round() * step } else { x };
    (format!("{:.digits$}", round(value)), format!("{:.digits$}", round(half)))
}

fn plain(value: f64, half: Option<f64>, kind: Kind) -> String {
    match kind {
        Kind::Duration | Kind::PerYear => duration(value, half),
        Kind::Fraction => {
            let digits = half.map_or_else(|| significant(1.0 - value, 3), decimals).min(15);
            format!("{value:.digits$}")
        }
        Kind::Number => number(value, half),
    }
}

/// A value without error: six digits, for an availability of its complement, in up to three units of time.
pub(super) fn exact(value: f64, kind: Kind) -> String {
    match kind {
        Kind::Fraction => {
            let digits = significant(1.0 - value, EXACT_DIGITS).min(15);
            trimmed(&format!("{value:.digits$}")).to_owned()
        }
        Kind::Number => short(value, EXACT_DIGITS),
        Kind::Duration | Kind::PerYear if (60.0..YEAR).contains(&value) => {
            let text = duration(value, Some(value * libm::exp10(2.0 - EXACT_DIGITS as f64)));
            let words: Vec<&str> = text.split(' ').collect();
            let mut parts: Vec<String> =
                words.chunks(2).map(|part| format!("{} {}", trimmed(part[0]), part[1])).collect();
            // What is nothing in the smaller units isn't said.
            while parts.len() > 1 && parts.last().is_some_and(|part| part.starts_with("0 ")) {
                parts.pop();
            }
            parts.join(" ")
        }
        Kind::Duration | Kind::PerYear => {
            let (unit, size) = scale(value.abs());
            format!("{} {unit}", short(value / size, EXACT_DIGITS))
        }
    }
}

/// A plain number: the digits that the half-width supports, else four.
pub(super) fn number(value: f64, half: Option<f64>) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = |value: f64, half: Option<f64>| half.map_or_else(|| significant(value, 4), decimals);
    match exponent(value.abs()) {
        Some(power) => {
            let scale = libm::exp10(f64::from(power));
            let (value, half) = (value / scale, half.map(|h| h / scale));
            format!("{value:.*}e{power}", digits(value, half))
        }
        None => format!("{value:.*}", digits(value, half)),
    }
}

/// A part of one, in percent: `0.98 %`.
pub(super) fn percent(value: f64) -> String {
    format!("{} %", short(value * 100.0, 2))
}

/// At most `digits` significant digits, without trailing zeros: a factor, a count of years.
pub(super) fn short(value: f64, digits: usize) -> String {
    let power = exponent(value.abs());
    let scale = power.map_or(1.0, |p| libm::exp10(f64::from(p)));
    let scaled = value / scale;
    let text = format!("{scaled:.*}", significant(scaled, digits));
    let text = trimmed(&text);
    power.map_or_else(|| text.to_owned(), |p| format!("{text}e{p}"))
}

/// Without zeros at the end of its fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A count in words: `950`, `12.3 k`, `4.7 M`, `2.1 G`.
pub(super) fn count(value: u64) -> String {
    match value {
        0..10_000 => value.to_string(),
        10_000..1_000_000 => format!("{} k", short(value as f64 / 1e3, 3)),
        1_000_000..1_000_000_000 => format!("{} M", short(value as f64 / 1e6, 3)),
        _ => format!("{} G", short(value as f64 / 1e9, 3)),
    }
}

/// Seconds as people say them: `26.3 s`, `5 h 41 min`, `4 d 15 h`, `6.50 y`; finer when `half` supports it.
pub(super) fn duration(seconds: f64, half: Option<f64>) -> String {
    if seconds == 0.0 {
        return "0 s".into();
    }
    if !(60.0..YEAR).contains(&seconds) {
        let (unit, size) = scale(seconds.abs());
        return format!("{} {unit}", number_up_to(seconds / size, half.map(|h| h / size)));
    }
    let lead = UNITS.iter().position(|(_, size)| seconds >= *size as f64).unwrap_or(UNITS.len() - 1);
    let finer = half.is_some_and(|h| UNITS.get(lead + 1).is_some_and(|(_, size)| h < *size as f64));
    let last = (lead + 1 + usize::from(finer)).min(UNITS.len() - 1);
    let fraction = if last == UNITS.len() - 1 { half.map_or(0, |h| decimals(h).saturating_sub(1)).min(3) } else { 0 };
    let ticks_in_second = 10_u64.pow(fraction as u32);
    let step = UNITS[last].1 * if fraction > 0 { 1 } else { ticks_in_second };
    // Rounded first: 59 min 59.7 s must become 1 h, not 59 min 60 s.
    let ticks = (seconds * ticks_in_second as f64 / step as f64).round() as u64 * step;
    let lead = UNITS.iter().position(|(_, size)| ticks >= size * ticks_in_second).unwrap_or(lead);
    let last = last.min(lead + 1 + usize::from(finer)).max(lead);
    let mut rest = ticks;
    let mut parts = Vec::new();
    for (index, (unit, size)) in UNITS.iter().enumerate().take(last + 1).skip(lead) {
        let size = size * ticks_in_second;
        if index == last && fraction > 0 {
            parts.push(format!("{:.fraction$} {unit}", rest as f64 / ticks_in_second as f64));
        } else {
            parts.push(format!("{} {unit}", rest / size));
            rest %= size;
        }
    }
    parts.join(" ")
}

/// A half-width in one unit, two significant digits: `0.38 s`, `3.8 s`, `1.7 min`.
fn one_unit(seconds: f64) -> String {
    let coarse = UNITS.iter().find(|(_, size)| seconds >= *size as f64 && *size >= 60);
    let (unit, size) = match coarse {
        Some((unit, size)) if seconds < YEAR => (*unit, *size as f64),
        Some(_) => ("y", YEAR),
        None => ("s", 1.0),
    };
    format!("{} {unit}", number(seconds / size, Some(seconds / size)))
}

/// The unit for seconds that are shown in one unit.
fn scale(seconds: f64) -> (&'static str, f64) {
    match seconds {
        s if s >= YEAR => ("y", YEAR),
        s if s >= 1.0 => ("s", 1.0),
        s if s >= 1e-3 => ("ms", 1e-3),
        s if s >= 1e-6 => ("µs", 1e-6),
        _ => ("ns", 1e-9),
    }
}

/// Three digits, or as many as the half-width supports, but never more than six behind the point.
fn number_up_to(value: f64, half: Option<f64>) -> String {
    if exponent(value.abs()).is_some() {
        return number(value, half);
    }
    let digits = half.map_or_else(|| significant(value, 3), decimals).min(6);
    format!("{value:.digits$}")
}

/// Digits behind the point that show `half` with two significant digits.
fn decimals(half: f64) -> usize {
    significant(half, 2)
}

/// Digits behind the point that show `value` with so many significant digits.
fn significant(value: f64, digits: usize) -> usize {
    if value == 0.0 || !value.is_finite() {
        return digits.saturating_sub(1);
    }
    let power = libm::floor(libm::log10(value.abs()) + 1e-12) as i64;
    (digits as i64 - 1 - power).clamp(0, 17) as usize
}

/// The power of ten for numbers that are too small or too great to be written out.
fn exponent(value: f64) -> Option<i32> {
    let written_out = value == 0.0 || !value.is_finite() || (1e-3..1e7).contains(&value);
    (!written_out).then(|| libm::floor(libm::log10(value)) as i32)
}

/// Unit and seconds, greatest first.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Bound;

    fn of(value: f64, half: f64, unit: &str) -> Estimate {
        Estimate {
            estimate: Some(value),
            low: Some(value - half),
            high: Some(value + half),
            confidence: 0.95,
            unit: unit.into(),
            reached: Some(half / value),
            bound: None,
        }
    }

    #[test]
    fn availability_has_the_digits_of_its_half_width() {
        assert_eq!(estimate(&of(0.99998755, 1.2e-7, ""), Kind::Fraction), "0.99998755 ± 0.00000012");
        assert_eq!(estimate(&of(0.5, 0.013, ""), Kind::Fraction), "0.500 ± 0.013");
        assert_eq!(brief(&of(0.99998765, 1.2e-7, ""), Kind::Fraction), "0.9999877");
    }

    #[test]
    fn exact_values_have_six_digits_and_no_idle_zeros() {
        let exact = |value, unit, kind| estimate(&of(value, 0.0, unit), kind);
        assert_eq!(exact(0.9999875, "", Kind::Fraction), "0.9999875");
        assert_eq!(exact(0.999_963_762_418_9, "", Kind::Fraction), "0.9999637624");
        assert_eq!(exact(0.5, "", Kind::Fraction), "0.5");
        assert_eq!(exact(1.0, "", Kind::Fraction), "1");
        assert_eq!(exact(7.925_925_925, "1/y", Kind::Number), "7.92593/yr");
        assert_eq!(exact(1.25e-12, "", Kind::Number), "1.25e-12");
        assert_eq!(exact(0.0, "", Kind::Number), "0");
        assert_eq!(exact(171_192.4, "s/y", Kind::PerYear), "1 d 23 h 33 min/yr");
        assert_eq!(exact(1_143.61, "s/y", Kind::PerYear), "19 min 3.6 s/yr");
        assert_eq!(exact(14_400.0, "s", Kind::Duration), "4 h");
        assert_eq!(exact(165.0, "s", Kind::Duration), "2 min 45 s");
        assert_eq!(exact(0.031_25, "s/y", Kind::PerYear), "31.25 ms/yr");
        assert_eq!(brief(&of(7.925_925_925, 0.0, "1/y"), Kind::Number), "7.926/yr");
    }

    #[test]
    fn durations_as_people_say_them() {
        for (seconds, expected) in [
            (0.0, "0 s"),
            (26.3, "26.3 s"),
            (0.0123, "12.3 ms"),
            (3e-10, "0.300 ns"),
            (316.0, "5 min 16 s"),
            (20_460.0, "5 h 41 min"),
            (4.6 * 86_400.0, "4 d 14 h"),
            (3599.7, "1 h 0 min"),
            (86_399.0, "1 d 0 h"),
            (6.5 * YEAR, "6.50 y"),
            (59.99, "60.0 s"),
            (60.0, "1 min 0 s"),
            (3e18, "9.506e10 y"),
        ] {
            assert_eq!(duration(seconds, None), expected, "{seconds}");
        }
    }

    #[test]
    fn durations_are_as_fine_as_their_interval() {
        assert_eq!(estimate(&of(20_460.0, 130.0, "s/y"), Kind::PerYear), "5 h 41 min/yr ± 2.2 min");
        assert_eq!(estimate(&of(20_463.0, 20.0, "s/y"), Kind::PerYear), "5 h 41 min 3 s/yr ± 20 s");
        assert_eq!(estimate(&of(393.04, 0.32, "s"), Kind::Duration), "6 min 33.0 s ± 0.32 s");
        assert_eq!(estimate(&of(165.0, 1.6, "s"), Kind::Duration), "2 min 45 s ± 1.6 s");
        assert_eq!(estimate(&of(2.0 * YEAR, 0.02 * YEAR, "s"), Kind::Duration), "2.000 ± 0.020 y");
    }

    #[test]
    fn numbers_bounds_and_nothing() {
        assert_eq!(estimate(&of(5.951, 0.03, "1/y"), Kind::Number), "5.951 ± 0.030/yr");
        assert_eq!(estimate(&of(1.234e-6, 1.2e-8, "1/s"), Kind::Number), "(1.234 ± 0.012)e-6/s");
        assert_eq!(estimate(&of(-12.5, 0.5, ""), Kind::Number), "-12.50 ± 0.50");
        assert_eq!(estimate(&of(1_319_631.0, 10_492.0, ""), Kind::Number), "1320000 ± 10000");
        assert_eq!(estimate(&of(13.0662, 0.116, "s"), Kind::Duration), "13.07 ± 0.12 s");
        assert_eq!(brief(&of(0.01, 1e-15, "s"), Kind::Duration), "10.00 ms");
        let nothing_seen = Estimate { low: None, high: None, ..of(0.0, 0.0, "") };
        assert_eq!(estimate(&nothing_seen, Kind::Number), "0 (none seen)");
        let mut lopsided = of(5.0, 1.0, "");
        lopsided.high = Some(8.0);
        assert_eq!(estimate(&lopsided, Kind::Number), "5.0 [4.0, 8.0]");
        let mut none = of(1.0, 0.1, "s/y");
        (none.estimate, none.low, none.high) = (None, None, None);
        assert_eq!(estimate(&none, Kind::PerYear), NOTHING);
        none.bound = Some(Bound { side: Side::Upper, value: 3.1, because: "no outage".into() });
        assert_eq!(estimate(&none, Kind::PerYear), "≤ 3.10 s/yr");
    }

    #[test]
    fn nothing_breaks_the_formatting() {
        let hostile = [0.0, -1.0, 1e-320, 1e308, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, 59.999_999, YEAR];
        for value in hostile {
            for half in hostile {
                for kind in [Kind::Fraction, Kind::Duration, Kind::PerYear, Kind::Number] {
                    assert!(!estimate(&of(value, half, "s"), kind).is_empty());
                }
            }
            assert!(!short(value, 2).is_empty());
            assert!(!duration(value, Some(value)).is_empty());
        }
    }

    #[test]
    fn counts_factors_and_percentages() {
        assert_eq!(count(9_999), "9999");
        assert_eq!(count(12_345), "12.3 k");
        assert_eq!(count(4_700_000), "4.7 M");
        assert_eq!(count(2_100_000_000), "2.1 G");
        assert_eq!(short(22.4, 2), "22");
        assert_eq!(short(1.0, 2), "1");
        assert_eq!(short(1234.0, 2), "1234");
        assert_eq!(percent(0.0098), "0.98 %");
        assert_eq!(percent(0.01), "1 %");
    }
}
