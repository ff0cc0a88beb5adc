//! A machine that is slow: what comes to it is taken later, and its deadlines too, in their order.

use super::node::Input;
use crate::emulator::time::{Duration, Instant};
use std::collections::VecDeque;

/// How fast a process does its work.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// By how much it is late, from when until when.
    slow: Option<(Duration, Instant, Instant)>,
    /// What has come, and when it is taken.
    waiting: VecDeque<(Instant, Input)>,
}

impl Pace {
    /// From now on everything is late, until then.
    pub(super) fn slow(&mut self, by: Duration, now: Instant, until: Instant) {
        self.slow = Some((by, now, until));
    }

    /// When something that is due then is done.
    pub(super) fn due(&self, at: Instant) -> Instant {
        match self.slow {
            Some((by, since, until)) if since <= at && at < until => at + by,
            _ => at,
        }
    }

    /// What has come now, if it is taken at once; otherwise it waits.
    pub(super) fn take(&mut self, now: Instant, input: Input) -> Option<Input> {
        let last = self.waiting.back().map_or(now, |(at, _)| *at);
        let at = self.due(now).max(last);
        if at <= now && self.waiting.is_empty() {
            return Some(input);
        }
        self.waiting.push_back((at, input));
        None
    }

    /// When the next thing that waits is taken.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.front().map(|(at, _)| *at)
    }

    /// What has waited for long enough.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Input> {
        self.waiting.pop_front_if(|(at, _)| *at <= now).map(|(_, input)| input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_to_a_slow_machine_is_late_and_in_order() {
        let at = |millis| Instant::START + Duration::from_millis(millis);
        let frame = |number: u8| Input::Frame(vec![number]);
        let mut pace = Pace::default();
        assert!(matches!(pace.take(at(1), frame(1)), Some(Input::Frame(_))));
        pace.slow(Duration::from_millis(50), at(10), at(100));
        assert_eq!((pace.due(at(9)), pace.due(at(10)), pace.due(at(100))), (at(9), at(60), at(100)));
        assert!(pace.take(at(99), frame(2)).is_none());
        // It is quick again, but nothing is overtaken.
        assert!(pace.take(at(120), frame(3)).is_none());
        assert!(pace.pop(at(148)).is_none());
        assert_eq!(pace.deadline(), Some(at(149)));
        for number in [2, 3] {
            let Some(Input::Frame(bytes)) = pace.pop(at(149)) else { panic!("frame {number} is missing") };
            assert_eq!(bytes, [number]);
        }
        assert!(pace.deadline().is_none() && pace.take(at(150), frame(4)).is_some());
    }
}
