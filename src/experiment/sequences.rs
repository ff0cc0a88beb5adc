//! Which failures led to outages, in their order, and how often.
//!
//! Memory is bounded: a sequence has at most [`LONGEST`] failures, and of a condition the [`MOST`] sequences that were
//! seen first, in the order of the observations, are told apart. So blocks that are folded in order yield the same
//! whatever computed them.

use serde::{Deserialize, Serialize};

/// Most failures of a sequence.
pub const LONGEST: usize = 8;

/// Most of them up to the one that began the outage.
const BEFORE: usize = 4;

/// Most sequences of a condition that are told apart.
const MOST: usize = 256;

/// Failures in their order (S22), as numbers of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Trail {
    list: [u8; LONGEST],
    count: u8,
    /// Whether there were more before, and more behind.
    more: [bool; 2],
}

impl Trail {
    /// Nothing has failed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a failure before an outage; the oldest goes.
    pub fn lead(&mut self, cause: u32) {
        if usize::from(self.count) == BEFORE {
            self.list.copy_within(1..BEFORE, 0);
            (self.count, self.more[0]) = (self.count - 1, true);
        }
        self.follow(cause);
    }

    /// Adds a failure during an outage; what finds no room is left out.
    pub fn follow(&mut self, cause: u32) {
        match self.list.get_mut(usize::from(self.count)) {
            Some(slot) => (*slot, self.count) = (cause as u8, self.count + 1),
            None => self.more[1] = true,
        }
    }

    /// The failures by name; "…" stands for more of them.
    pub fn words(&self, names: &[String]) -> Vec<String> {
        let more = |is: bool| is.then(|| "…".to_string());
        let list = self.list[..usize::from(self.count)].iter().map(|&cause| names[usize::from(cause)].clone());
        more(self.more[0]).into_iter().chain(list).chain(more(self.more[1])).collect()
    }

    fn fits(&self, causes: usize) -> bool {
        let list = self.list.get(..usize::from(self.count));
        list.is_some_and(|list| list.iter().all(|&cause| usize::from(cause) < causes))
    }
}

/// Outages, and seconds of downtime.
pub type Part = [f64; 2];

/// The sequences of one condition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// In the order of [`Trail`].
    known: Vec<(Trail, Part)>,
    /// Of those that came when there were [`MOST`].
    rest: Part,
}

/// The sequences of every condition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sequences {
    ups: Vec<Seen>,
}

impl Sequences {
    /// Of so many conditions, none yet.
    pub fn new(ups: usize) -> Sequences {
        Sequences { ups: vec![Seen::default(); ups] }
    }

    /// Adds outages and downtime of a sequence.
    pub fn add(&mut self, up: usize, trail: &Trail, part: Part) {
        let Seen { known, rest } = &mut self.ups[up];
        let full = known.len() >= MOST;
        let sum = match known.binary_search_by(|(other, _)| other.cmp(trail)) {
            Ok(at) => &mut known[at].1,
            Err(_) if full => rest,
            Err(at) => {
                known.insert(at, (*trail, [0.0; 2]));
                &mut known[at].1
            }
        };
        sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }

    /// Adds those of the observations that follow.
    pub fn extend(&mut self, other: &Sequences) {
        for (up, seen) in other.ups.iter().enumerate() {
            seen.known.iter().for_each(|(trail, part)| self.add(up, trail, *part));
            self.ups[up].rest.iter_mut().zip(seen.rest).for_each(|(sum, x)| *sum += x);
        }
    }

    /// Of a condition: each sequence with its part, the most downtime first, and what the others have.
    pub fn of(&self, up: usize) -> (Vec<(&Trail, Part)>, Part) {
        let Some(seen) = self.ups.get(up) else { return (Vec::new(), [0.0; 2]) };
        let mut list: Vec<(&Trail, Part)> = seen.known.iter().map(|(trail, part)| (trail, *part)).collect();
        list.sort_by(|(_, a), (_, b)| b[1].total_cmp(&a[1]).then(b[0].total_cmp(&a[0])));
        (list, seen.rest)
    }

    /// Whether they can be those of so many conditions and causes: a snapshot might come from elsewhere.
    pub fn fits(&self, ups: usize, causes: usize) -> bool {
        let fits = |seen: &Seen| seen.known.len() <= MOST && seen.known.iter().all(|(trail, _)| trail.fits(causes));
        self.ups.len() == if causes == 0 { 0 } else { ups } && self.ups.iter().all(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        (0..9).map(|n| n.to_string()).collect()
    }

    #[test]
    fn the_last_before_and_the_first_behind_are_kept() {
        let mut trail = Trail::default();
        (1..=5).for_each(|cause| trail.lead(cause));
        assert_eq!(trail.words(&names()), ["…", "2", "3", "4", "5"]);
        (0..4).for_each(|cause| trail.follow(cause));
        assert_eq!(trail.words(&names()).join(" "), "… 2 3 4 5 0 1 2 3");
        trail.follow(7);
        assert_eq!(trail.words(&names()).join(" "), "… 2 3 4 5 0 1 2 3 …");
        assert!(trail.fits(6) && !trail.fits(5));
    }

    #[test]
    fn there_is_room_for_so_many_and_nothing_is_lost() {
        let trail = |n: u32| {
            let mut trail = Trail::default();
            [n / 7 / 7 % 7, n / 7 % 7, n % 7].into_iter().for_each(|cause| trail.lead(cause));
            trail
        };
        let mut whole = Sequences::new(1);
        let mut blocks = Sequences::new(1);
        for half in [0..170, 170..400] {
            let mut block = Sequences::new(1);
            for n in half {
                whole.add(0, &trail(n % 343), [1.0, 2.0]);
                block.add(0, &trail(n % 343), [1.0, 2.0]);
            }
            blocks.extend(&block);
        }
        assert_eq!(whole, blocks);
        let (list, rest) = whole.of(0);
        assert_eq!(list.len(), MOST);
        assert_eq!(list[0].1, [2.0, 4.0]);
        let total = list.iter().fold(rest, |sum, (_, part)| [sum[0] + part[0], sum[1] + part[1]]);
        assert_eq!(total, [400.0, 800.0]);
        assert!(whole.fits(1, 7) && !whole.fits(1, 6) && !whole.fits(2, 7) && !whole.fits(1, 0));
    }
}
