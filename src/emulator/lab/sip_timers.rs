//! The timers of SIP's client transactions over an unreliable transport (RFC 3261, 17.1 and table 4).

use crate::emulator::time::Duration;

/// Estimate of the round trip, T1.
pub const T1: Duration = Duration::from_millis(500);
/// Longest interval between retransmissions of a request other than INVITE, T2.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message stays in the network, T4.
pub const T4: Duration = Duration::from_secs(5);
/// Timers B and F: a transaction that has had no answer ends after 64 · T1.
pub const GIVE_UP: Duration = T1.times(64);

/// Whether a request is an INVITE, whose intervals double without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Timers A and B.
    Invite,
    /// Timers E and F.
    Other,
}

/// The time from one transmission to the next; `last` is the one before, none after the first transmission.
pub fn interval_after(kind: Kind, last: Option<Duration>) -> Duration {
    match (kind, last) {
        (_, None) => T1,
        (Kind::Invite, Some(last)) => last.times(2),
        (Kind::Other, Some(last)) => last.times(2).min(T2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(kind: Kind) -> Vec<f64> {
        let (mut at, mut last, mut times) = (Duration::ZERO, None, Vec::new());
        while at < GIVE_UP {
            times.push(at.seconds());
            let interval = interval_after(kind, last);
            (at, last) = (at + interval, Some(interval));
        }
        times
    }

    #[test]
    fn requests_are_sent_when_the_standard_says() {
        assert_eq!(sent(Kind::Invite), [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]);
        assert_eq!(sent(Kind::Other), [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]);
        assert_eq!((GIVE_UP.seconds(), T4.seconds()), (32.0, 5.0));
    }
}
