//! Units and dimensions: past this module everything is in seconds and per second.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds in a year of 365.25 days.
pub const YEAR: f64 = 365.25 * 86_400.0;

/// A long time in words, for readers: `1940 years`, `3.2 days`, `2 h`, `17 s`.
pub fn in_words(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s >= YEAR => (s / YEAR, "years"),
        s if s >= 86_400.0 => (s / 86_400.0, "days"),
        s if s >= 3600.0 => (s / 3600.0, "h"),
        s if s >= 60.0 => (s / 60.0, "min"),
        s => (s, "s"),
    };
    let text = match value {
        0.0 => "0".to_string(),
        v if !(1e-3..1e7).contains(&v) => return format!("{v:.2e} {unit}"),
        v if v >= 100.0 => format!("{v:.0}"),
        v => format!("{v:.2}"),
    };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

/// A physical dimension, as the power of time: 0 a plain number, 1 a duration, −1 a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Dimension {
    /// Power of time.
    pub time: i8,
}

impl Dimension {
    /// A plain number.
    pub const NUMBER: Dimension = Dimension { time: 0 };
    /// A duration, in seconds.
    pub const TIME: Dimension = Dimension { time: 1 };
    /// A rate, per second.
    pub const RATE: Dimension = Dimension { time: -1 };

    /// The base unit of its values, as reports state it: `s`, `1/s`, `s^2`; empty for a plain number.
    pub fn base_unit(self) -> String {
        match self.time {
            0 => String::new(),
            1 => "s".to_string(),
            -1 => "1/s".to_string(),
            power => format!("s^{power}"),
        }
    }

    /// Dimension of a product; none where the power leaves −128..=127.
    pub fn times(self, other: Dimension) -> Option<Dimension> {
        self.time.checked_add(other.time).map(|time| Dimension { time })
    }

    /// Dimension of a quotient; none where the power leaves −128..=127.
    pub fn over(self, other: Dimension) -> Option<Dimension> {
        self.time.checked_sub(other.time).map(|time| Dimension { time })
    }

    /// Dimension of a whole power; none where the power leaves −128..=127.
    pub fn power(self, exponent: i32) -> Option<Dimension> {
        let time = i32::from(self.time).checked_mul(exponent)?;
        i8::try_from(time).ok().map(|time| Dimension { time })
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            0 => write!(f, "a number"),
            1 => write!(f, "a time"),
            -1 => write!(f, "a rate (1/time)"),
            n => write!(f, "time^{n}"),
        }
    }
}

/// The units of the language: name, factor to the base unit, dimension.
pub const UNITS: &[(&str, f64, Dimension)] = &[
    ("ns", 1e-9, Dimension::TIME),
    ("us", 1e-6, Dimension::TIME),
    ("µs", 1e-6, Dimension::TIME),
    ("ms", 1e-3, Dimension::TIME),
    ("s", 1.0, Dimension::TIME),
    ("min", 60.0, Dimension::TIME),
    ("h", 3600.0, Dimension::TIME),
    ("d", 86_400.0, Dimension::TIME),
    ("w", 604_800.0, Dimension::TIME),
    ("y", YEAR, Dimension::TIME),
    ("Hz", 1.0, Dimension::RATE),
    ("%", 0.01, Dimension::NUMBER),
];

/// Factor and dimension of a unit's name.
pub fn unit(name: &str) -> Option<(f64, Dimension)> {
    UNITS.iter().find(|(n, _, _)| *n == name).map(|&(_, factor, dimension)| (factor, dimension))
}

/// How a unit is written that people write in another way.
const ALIASES: &[(&str, &[&str])] = &[
    ("ns", &["nsec", "nanosecond", "nanoseconds"]),
    ("us", &["μs", "usec", "microsecond", "microseconds"]),
    ("ms", &["msec", "millisecond", "milliseconds"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("min", &["m", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
    ("w", &["wk", "week", "weeks"]),
    ("y", &["a", "yr", "yrs", "year", "years"]),
    ("Hz", &["hz", "hertz"]),
    ("%", &["percent", "pct"]),
];

/// The unit that is probably meant by a name that is none: `hours` → `h`, `Min` → `min`.
pub fn nearest_unit(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let alias = ALIASES.iter().find(|(_, others)| others.iter().any(|other| *other == name || *other == lower));
    if let Some((unit, _)) = alias {
        return Some(unit);
    }
    if let Some((unit, _, _)) = UNITS.iter().find(|(unit, _, _)| unit.to_lowercase() == lower) {
        return Some(unit);
    }
    // A letter away from a longer word for it; of the short names themselves everything is a letter away.
    if name.len() > 20 {
        return None;
    }
    let words = ALIASES.iter().flat_map(|(unit, others)| others.iter().map(move |other| (*unit, *other)));
    let near = words.filter(|(_, word)| word.len() > 3).map(|(unit, word)| (strsim::osa_distance(word, &lower), unit));
    near.filter(|(distance, _)| *distance == 1).map(|(_, unit)| unit).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_their_nearest() {
        assert_eq!(unit("h"), Some((3600.0, Dimension::TIME)));
        assert_eq!(unit("hours"), None);
        for (name, meant) in [
            ("hours", Some("h")),
            ("Hour", Some("h")),
            ("sec", Some("s")),
            ("MIN", Some("min")),
            ("m", Some("min")),
            ("minuts", Some("min")),
            ("yaer", Some("y")),
            ("hz", Some("Hz")),
            ("H", Some("h")),
            ("percent", Some("%")),
            ("furlong", None),
            ("", None),
        ] {
            assert_eq!(nearest_unit(name), meant, "{name}");
        }
        for (unit_name, _) in ALIASES {
            assert!(unit(unit_name).is_some(), "{unit_name}");
        }
    }

    #[test]
    fn times_in_words() {
        let words: Vec<String> =
            [0.0, 2.0, 90.0, 7200.0, 129_600.0, 2.0 * YEAR, 1e-4, 1e17].into_iter().map(in_words).collect();
        assert_eq!(words, ["0 s", "2 s", "1.5 min", "2 h", "1.5 days", "2 years", "1.00e-4 s", "3.17e9 years"]);
    }

    #[test]
    fn dimensions_multiply_without_overflow() {
        let (time, rate) = (Dimension::TIME, Dimension::RATE);
        assert_eq!(time.times(rate), Some(Dimension::NUMBER));
        assert_eq!(rate.over(time), Some(Dimension { time: -2 }));
        assert_eq!(time.power(-1), Some(rate));
        assert_eq!(time.power(127).and_then(|much| much.times(time)), None);
        assert_eq!(Dimension { time: -128 }.over(time), None);
        assert_eq!(Dimension { time: 2 }.power(i32::MAX), None);
        assert_eq!(Dimension::NUMBER.power(i32::MIN), Some(Dimension::NUMBER));
    }
}
