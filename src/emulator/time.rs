//! Whole nanoseconds: nothing in the emulator adds up floating-point times.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A point in time, nanoseconds from the start of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Instant(u64);

/// A length of time, nanoseconds; 584 years at most, where arithmetic saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Duration(u64);

const PER_SECOND: f64 = 1e9;

impl Instant {
    /// The start of a run.
    pub const START: Instant = Instant(0);

    /// The instant so many nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Instant {
        Instant(nanos)
    }

    /// Nanoseconds from the start.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds from the start.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / PER_SECOND
    }

    /// The time since `earlier`, zero when that is later.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time.
    pub const ZERO: Duration = Duration(0);
    /// Longer than any run.
    pub const MAX: Duration = Duration(u64::MAX);

    /// So many nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Duration {
        Duration(nanos)
    }

    /// So many milliseconds.
    pub const fn from_millis(millis: u64) -> Duration {
        Duration(millis.saturating_mul(1_000_000))
    }

    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Duration {
        Duration(seconds.saturating_mul(1_000_000_000))
    }

    /// Seconds to the nearest nanosecond; zero for what is negative or no number, the longest for what is too long.
    pub fn from_seconds(seconds: f64) -> Duration {
        // A cast saturates, and takes what is no number as zero.
        Duration((seconds * PER_SECOND).round() as u64)
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / PER_SECOND
    }

    /// So many times as long.
    pub const fn times(self, factor: u64) -> Duration {
        Duration(self.0.saturating_mul(factor))
    }

    /// `numerator / denominator` of it, rounded down; the longest if the denominator is 0.
    pub fn scaled(self, numerator: u64, denominator: u64) -> Duration {
        let product = u128::from(self.0) * u128::from(numerator);
        let quotient = product.checked_div(u128::from(denominator)).unwrap_or(u128::MAX);
        Duration(u64::try_from(quotient).unwrap_or(u64::MAX))
    }

    /// How long `bytes` take at `per_second` bytes per second, rounded up; the longest at a rate of 0.
    pub fn of_bytes(bytes: u64, per_second: u64) -> Duration {
        let nanos = u128::from(bytes) * 1_000_000_000;
        let whole = nanos.checked_next_multiple_of(u128::from(per_second)).unwrap_or(u128::MAX);
        let quotient = whole.checked_div(u128::from(per_second)).unwrap_or(u128::MAX);
        Duration(u64::try_from(quotient).unwrap_or(u64::MAX))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, length: Duration) -> Instant {
        Instant(self.0.saturating_add(length.0))
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Duration) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::units::in_words(self.seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        let end = Instant::from_nanos(u64::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(Instant::START - end, Duration::ZERO);
        assert_eq!(Duration::MAX + Duration::MAX, Duration::MAX);
        assert_eq!(Duration::from_secs(3).times(u64::MAX), Duration::MAX);
        assert_eq!(Duration::from_seconds(f64::NAN), Duration::ZERO);
        assert_eq!(Duration::from_seconds(-1.0), Duration::ZERO);
        assert_eq!(Duration::from_seconds(1e300), Duration::MAX);
    }

    #[test]
    fn bytes_take_their_time() {
        assert_eq!(Duration::of_bytes(125_000_000, 125_000_000), Duration::from_secs(1));
        assert_eq!(Duration::of_bytes(1, 3), Duration::from_nanos(333_333_334));
        assert_eq!(Duration::of_bytes(0, 1), Duration::ZERO);
        assert_eq!(Duration::of_bytes(1, 0), Duration::MAX);
        assert_eq!(Duration::from_secs(1).scaled(156, 256), Duration::from_nanos(609_375_000));
    }
}
