//! The clock of a live run: real time, told as the state machines know it.

use crate::emulator::time::{Duration, Instant};

/// Real time from some origin, shifted so that all processes of a run tell the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    origin: std::time::Instant,
    /// Nanoseconds that are added to what has passed since the origin.
    shift: i64,
}

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "a live lab measures real time; nothing virtual depends on it")]
    pub(super) fn start() -> Clock {
        Clock { origin: std::time::Instant::now(), shift: 0 }
    }

    /// The time; its start as long as that is still to come.
    pub(super) fn now(&self) -> Instant {
        Instant::from_nanos(u64::try_from(self.signed()).unwrap_or(0))
    }

    fn signed(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(i64::MAX).saturating_add(self.shift)
    }

    /// Takes over the time of another clock from one answer of it (Cristian 1989): it was asked at `asked`, told
    /// `told`, and the answer has just come. What this may be wrong by at most.
    pub(super) fn follow(&mut self, asked: Instant, told: Instant) -> Duration {
        let came = self.now();
        let there_and_back = came - asked;
        let middle = asked.nanos() + there_and_back.nanos() / 2;
        self.shift += told.nanos().cast_signed() - middle.cast_signed();
        Duration::from_nanos(there_and_back.nanos() / 2)
    }

    /// From now on that time is the start.
    pub(super) fn begin_at(&mut self, start: Instant) {
        self.shift = self.shift.saturating_sub(start.nanos().cast_signed());
    }

    /// How long to wait for a time; nothing when it has come.
    pub(super) fn until(&self, at: Instant) -> std::time::Duration {
        let left = i64::try_from(at.nanos()).unwrap_or(i64::MAX).saturating_sub(self.signed());
        std::time::Duration::from_nanos(u64::try_from(left).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_follows_another_one_tells_its_time() {
        let (one, mut other) = (Clock::start(), Clock::start());
        other.begin_at(Instant::from_nanos(0));
        other.shift = 7_000_000_000;
        let mut worst = Duration::ZERO;
        for _ in 0..3 {
            let asked = other.now();
            worst = other.follow(asked, one.now());
        }
        // Each bracket holds the true time, however long the threads were away.
        let (before, told, after) = (one.now(), other.now(), one.now());
        assert!(told + worst >= before && told.nanos() <= (after + worst).nanos());
        let mut late = one;
        late.begin_at(one.now() + Duration::from_secs(3600));
        assert_eq!(late.now(), Instant::START);
        assert!(late.until(Instant::START).as_secs() > 3000);
        assert!(late.until(Instant::from_nanos(u64::MAX)).as_secs() > 3600);
    }
}
