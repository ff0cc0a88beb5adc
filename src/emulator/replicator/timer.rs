//! The closed list of a replica's timers.

use crate::emulator::time::Instant;

/// What a replica waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The running epoch ends.
    Epoch,
    /// The dirty state has been copied: the guest goes on.
    Copied,
    /// The copy has been transmitted.
    Transmitted,
    /// An unacknowledged checkpoint is sent again.
    Retry,
    /// The backup has been silent for too long.
    PeerLost,
    /// A joining backup has received the whole memory.
    Synchronised,
    /// The next sign of life is due.
    Heartbeat,
    /// The active machine has been silent for too long.
    Silence,
    /// A suspicion becomes certainty.
    Confirm,
    /// The running step of a promotion ends.
    Step,
    /// The next announcement of the address.
    Announce,
    /// A machine without state asks again.
    Hello,
    /// The backup has been in step for long enough to take over again.
    Failback,
    /// Two outputs have waited for one another for too long.
    Compare,
    /// The guest's own.
    Guest,
}

impl Timer {
    /// All of them, in the order in which those of one instant expire.
    pub const ALL: [Timer; 15] = [
        Timer::Epoch,
        Timer::Copied,
        Timer::Transmitted,
        Timer::Retry,
        Timer::PeerLost,
        Timer::Synchronised,
        Timer::Heartbeat,
        Timer::Silence,
        Timer::Confirm,
        Timer::Step,
        Timer::Announce,
        Timer::Hello,
        Timer::Failback,
        Timer::Compare,
        Timer::Guest,
    ];
}

/// When each timer expires.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers {
    deadlines: [Option<Instant>; Timer::ALL.len()],
}

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.deadlines[timer as usize] = Some(at);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.deadlines[timer as usize] = None;
    }

    pub(super) fn stop_all(&mut self) {
        *self = Timers::default();
    }

    pub(super) fn get(&self, timer: Timer) -> Option<Instant> {
        self.deadlines[timer as usize]
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.iter().flatten().min().copied()
    }

    /// Takes the earliest timer that is due at `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let due = |timer: &&Timer| self.deadlines[**timer as usize].is_some_and(|at| at <= now);
        let first = Timer::ALL.iter().filter(due).min_by_key(|timer| self.deadlines[**timer as usize]).copied()?;
        self.stop(first);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_each_has_its_own_place() {
        let at = Instant::from_nanos;
        let mut timers = Timers::default();
        for (place, timer) in Timer::ALL.iter().enumerate() {
            assert_eq!(*timer as usize, place);
        }
        timers.set(Timer::Guest, at(1));
        timers.set(Timer::Epoch, at(2));
        timers.set(Timer::Heartbeat, at(2));
        assert_eq!(timers.next(), Some(at(1)));
        assert_eq!(timers.take_due(at(0)), None);
        let order: Vec<Timer> = std::iter::from_fn(|| timers.take_due(at(2))).collect();
        assert_eq!(order, [Timer::Guest, Timer::Epoch, Timer::Heartbeat]);
    }
}
