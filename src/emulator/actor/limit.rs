//! How many failures of its children a supervisor bears in a window, in three readings.

use super::super::time::{Duration, Instant};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How failures are counted, and forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One count for all children, of which one is forgotten every window; the clock starts when the count leaves 0
    /// (the thesis's net, T6 and T7 of Fig. 17).
    Leaky,
    /// One count for all children; each failure is forgotten a window after it came.
    Sliding,
    /// A count for each child; its window begins with its first failure and includes its end, and the first failure
    /// after it begins another (Akka's `maxNrOfRetries` and `withinTimeRange`).
    PerChild,
}

/// The failure that finds `most` counted is not borne.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many are borne.
    pub most: u32,
    /// The window.
    pub window: Duration,
    /// How they are counted.
    pub rule: Rule,
}

/// What a supervisor has counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "K: Ord + Serialize + serde::de::DeserializeOwned")]
pub struct Count<K: Ord> {
    /// Failures not yet forgotten (leaky), and when the next one is.
    level: (u32, Instant),
    /// Failures not yet forgotten, oldest first (sliding).
    recent: VecDeque<Instant>,
    /// When the window of a child began, and its failures since.
    #[serde(with = "super::super::pairs")]
    children: BTreeMap<K, (Instant, u32)>,
}

impl<K: Ord> Default for Count<K> {
    fn default() -> Count<K> {
        Count { level: (0, Instant::START), recent: VecDeque::new(), children: BTreeMap::new() }
    }
}

impl<K: Ord> Count<K> {
    /// Counts the failure of a child; whether it is borne. One that isn't leaves the shared counts as they are.
    pub fn admit(&mut self, limit: &Limit, now: Instant, child: K) -> bool {
        match limit.rule {
            Rule::Leaky => self.admit_leaky(limit, now),
            Rule::Sliding => {
                while self.recent.pop_front_if(|at| *at + limit.window <= now).is_some() {}
                let borne = self.recent.len() < limit.most as usize;
                if borne {
                    self.recent.push_back(now);
                }
                borne
            }
            Rule::PerChild if limit.most == 0 => false,
            Rule::PerChild => {
                let (began, count) = self.children.entry(child).or_insert((now, 0));
                if now - *began <= limit.window {
                    *count = count.saturating_add(1);
                } else {
                    (*began, *count) = (now, 1);
                }
                *count <= limit.most
            }
        }
    }

    fn admit_leaky(&mut self, limit: &Limit, now: Instant) -> bool {
        let (count, next) = &mut self.level;
        while *count > 0 && *next <= now {
            *count -= 1;
            *next = *next + limit.window;
        }
        let borne = *count < limit.most;
        if borne {
            if *count == 0 {
                *next = now + limit.window;
            }
            *count += 1;
        }
        borne
    }

    /// A child is gone for good.
    pub fn forget(&mut self, child: &K) {
        self.children.remove(child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Instant {
        Instant::START + Duration::from_secs(seconds)
    }

    /// What becomes of failures of child 0 at these seconds.
    fn borne(rule: Rule, most: u32, seconds: &[u64]) -> Vec<bool> {
        let limit = Limit { most, window: Duration::from_secs(30), rule };
        let mut count = Count::default();
        seconds.iter().map(|second| count.admit(&limit, at(*second), 0)).collect()
    }

    #[test]
    fn the_rules_differ_as_computed_by_hand() {
        let all = |rule| [borne(rule, 3, &[0, 10, 20, 29]), borne(rule, 3, &[0, 10, 20, 30])];
        // The first is forgotten at 30 s, by the leak and the sliding window alike; Akka's window includes its end.
        assert_eq!(all(Rule::Leaky), [[true, true, true, false], [true; 4]]);
        assert_eq!(all(Rule::Sliding), [[true, true, true, false], [true; 4]]);
        assert_eq!(all(Rule::PerChild), [[true, true, true, false], [true, true, true, false]]);
        // Leaky: three at 0, one forgotten at 30 and 60 each; all three are at 30 by the sliding window.
        let burst = [0, 0, 0, 30, 30, 59, 60, 60];
        assert_eq!(borne(Rule::Leaky, 3, &burst), [true, true, true, true, false, false, true, false]);
        assert_eq!(borne(Rule::Sliding, 3, &burst), [true, true, true, true, true, true, true, true]);
        // Akka: a window from 0 to 30, and one from 31 on, in which the failure at 29 counts no more.
        assert_eq!(borne(Rule::PerChild, 2, &[0, 29, 31, 32, 33]), [true, true, true, true, false]);
        assert_eq!(borne(Rule::Sliding, 2, &[0, 29, 31, 32, 33]), [true, true, true, false, false]);
        // The clock of the leak starts anew when the count has been 0.
        assert_eq!(borne(Rule::Leaky, 1, &[0, 45, 74, 75]), [true, true, false, true]);
        for rule in [Rule::Leaky, Rule::Sliding, Rule::PerChild] {
            assert_eq!(borne(rule, 0, &[0, 100]), [false, false]);
        }
    }

    #[test]
    fn children_share_a_count_unless_each_has_its_own() {
        let admitted = |rule| {
            let limit = Limit { most: 1, window: Duration::from_secs(30), rule };
            let mut count = Count::default();
            let found = [0, 1, 0].map(|child| count.admit(&limit, at(1), child));
            count.forget(&0);
            (found, count.admit(&limit, at(2), 0))
        };
        assert_eq!(admitted(Rule::Leaky), ([true, false, false], false));
        assert_eq!(admitted(Rule::Sliding), ([true, false, false], false));
        assert_eq!(admitted(Rule::PerChild), ([true, true, false], true));
    }

    /// The rules once more, from the whole history of failures `(at, child, borne)`.
    fn naive(limit: &Limit, history: &[(Instant, u8, bool)], now: Instant, child: u8) -> bool {
        let before = history.iter().filter(|(.., borne)| *borne).map(|(at, ..)| *at);
        match limit.rule {
            Rule::Leaky => {
                // A queue whose single server takes a window for each.
                let mut free = Instant::START;
                let leaves = before.map(|at| {
                    free = at.max(free) + limit.window;
                    free
                });
                leaves.filter(|leave| *leave > now).count() < limit.most as usize
            }
            Rule::Sliding => before.filter(|at| *at + limit.window > now).count() < limit.most as usize,
            Rule::PerChild => {
                let own = history.iter().filter(|(_, other, _)| *other == child).map(|(at, ..)| *at);
                let mut window: Vec<Instant> = Vec::new();
                for failure in own.chain([now]) {
                    if window.first().is_some_and(|first| failure - *first > limit.window) {
                        window.clear();
                    }
                    window.push(failure);
                }
                window.len() <= limit.most as usize
            }
        }
    }

    proptest! {
        #[test]
        fn each_rule_is_what_the_whole_history_says(
            gaps in prop::collection::vec((0u64..20, 0u8..3), 1..60), most in 0u32..5, window in 0u64..40,
        ) {
            for rule in [Rule::Leaky, Rule::Sliding, Rule::PerChild] {
                let limit = Limit { most, window: Duration::from_secs(window), rule };
                let (mut count, mut history, mut now) = (Count::default(), Vec::new(), 0);
                for (gap, child) in &gaps {
                    now += gap;
                    let expected = naive(&limit, &history, at(now), *child);
                    prop_assert_eq!(count.admit(&limit, at(now), *child), expected, "{:?} at {}", rule, now);
                    history.push((at(now), *child, expected));
                }
            }
        }
    }
}
