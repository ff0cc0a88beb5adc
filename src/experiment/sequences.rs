//! Which failures led to outages, in their order, and how often.
//!
//! Memory is bounded: a sequence has at most [`LONGEST`] failures, and of a condition the [`MOST`] sequences that were
//! seen first, in the order of the observations, are told apart. So blocks that are folded in order yield the same
//! whatever computed them.

use serde::{Deserialize, Serialize};

/// Most failures of a sequence.
pub const LONGEST: usize = BEFORE + BEHIND;

/// Most of them up to the beginning of the outage.
const BEFORE: usize = 4;

/// Most of them while it lasts.
const BEHIND: usize = 4;

/// Most sequences of a condition that are told apart.
const MOST: usize = 256;

/// Failures in their order (S22), as numbers of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Trail {
    list: [u8; LONGEST],
    count: u8,
    /// How many of them came while the outage lasted.
    #[serde(default)]
    behind: u8,
    /// Whether there were more before, and more behind.
    more: [bool; 2],
}

impl Trail {
    /// Nothing has failed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Of an outage in which a path begins.
    pub fn beginning() -> Trail {
        Trail::default().or(0)
    }

    /// The same, or without a failure the cause by itself.
    pub fn or(mut self, cause: u32) -> Trail {
        if self.is_empty() {
            self.lead(cause);
        }
        self
    }

    /// Adds a failure before an outage; the oldest goes.
    pub fn lead(&mut self, cause: u32) {
        if usize::from(self.count) == BEFORE {
            self.list.copy_within(1..BEFORE, 0);
            (self.count, self.more[0]) = (self.count - 1, true);
        }
        self.append(cause);
    }

    /// Adds a failure during an outage; what finds no room is left out.
    pub fn follow(&mut self, cause: u32) {
        if usize::from(self.behind) == BEHIND {
            self.more[1] = true;
        } else {
            self.behind += 1;
            self.append(cause);
        }
    }

    fn append(&mut self, cause: u32) {
        if let Some(slot) = self.list.get_mut(usize::from(self.count)) {
            (*slot, self.count) = (cause as u8, self.count + 1);
        }
    }

    /// The failures by name; "…" stands for more of them.
    pub fn words(&self, names: &[String]) -> Vec<String> {
        let more = |is: bool| is.then(|| "…".to_string());
        let list = self.list[..usize::from(self.count)].iter().map(|&cause| names[usize::from(cause)].clone());
        more(self.more[0]).into_iter().chain(list).chain(more(self.more[1])).collect()
    }

    /// Whether it can be of so many causes.
    pub fn fits(&self, causes: usize) -> bool {
        let list = self.list.get(..usize::from(self.count));
        list.is_some_and(|list| list.iter().all(|&cause| usize::from(cause) < causes))
    }
}

/// Outages, and seconds of downtime.
pub type Part = [f64; 2];

/// A sequence that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Known {
    sums: Part,
    /// Of the observation that isn't over.
    #[serde(skip)]
    open: f64,
    /// Sums over observations: of the square of its outages, and of these times the length of the observation.
    #[serde(default)]
    moments: [f64; 2],
}

/// The sequences of one condition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// In the order of [`Trail`].
    known: Vec<(Trail, Known)>,
    /// Of those that came when there were [`MOST`].
    rest: Part,
}

/// What was seen of one sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting<'s> {
    /// Which.
    pub trail: &'s Trail,
    /// Outages, and seconds of downtime.
    pub part: Part,
    /// Sums over observations: of the square of its outages, and of these times the length of the observation.
    pub moments: [f64; 2],
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
        let at = match known.binary_search_by(|(other, _)| other.cmp(trail)) {
            Ok(at) => at,
            Err(_) if full => return rest.iter_mut().zip(part).for_each(|(sum, x)| *sum += x),
            Err(at) => {
                known.insert(at, (*trail, Known::default()));
                at
            }
        };
        let Known { sums, open, .. } = &mut known[at].1;
        sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        *open += part[0];
    }

    /// An observation of so many seconds is over.
    pub fn close(&mut self, time: f64) {
        for Known { open, moments, .. } in self.ups.iter_mut().flat_map(|seen| &mut seen.known).map(|(_, known)| known)
        {
            let outages = std::mem::take(open);
            moments[0] += outages * outages;
            moments[1] += outages * time;
        }
    }

    /// Adds those of the observations that follow, all of which are over.
    pub fn extend(&mut self, other: &Sequences) {
        for (up, seen) in other.ups.iter().enumerate() {
            for (trail, of) in &seen.known {
                self.add(up, trail, of.sums);
                let known = &mut self.ups[up].known;
                if let Ok(at) = known.binary_search_by(|(other, _)| other.cmp(trail)) {
                    known[at].1.open = 0.0;
                    known[at].1.moments.iter_mut().zip(of.moments).for_each(|(sum, x)| *sum += x);
                }
            }
            self.ups[up].rest.iter_mut().zip(seen.rest).for_each(|(sum, x)| *sum += x);
        }
    }

    /// Of a condition: each sequence, the most downtime first, and what the others have.
    pub fn of(&self, up: usize) -> (Vec<Sighting<'_>>, Part) {
        let Some(seen) = self.ups.get(up) else { return (Vec::new(), [0.0; 2]) };
        let all = seen.known.iter();
        let mut list: Vec<Sighting> =
            all.map(|(trail, of)| Sighting { trail, part: of.sums, moments: of.moments }).collect();
        list.sort_by(|a, b| b.part[1].total_cmp(&a.part[1]).then(b.part[0].total_cmp(&a.part[0])));
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
        let mut trail = Trail::default();
        trail.lead(7);
        (0..5).for_each(|cause| trail.follow(cause));
        assert_eq!(trail.words(&names()).join(" "), "7 0 1 2 3 …", "four while it lasts, whatever came before");
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
                for all in [&mut whole, &mut block] {
                    all.add(0, &trail(n % 343), [1.0, 2.0]);
                    all.close(10.0);
                }
            }
            blocks.extend(&block);
        }
        assert_eq!(whole, blocks);
        let (list, rest) = whole.of(0);
        assert_eq!(list.len(), MOST);
        assert_eq!((list[0].part, list[0].moments), ([2.0, 4.0], [2.0, 20.0]));
        let total = list.iter().fold(rest, |sum, of| [sum[0] + of.part[0], sum[1] + of.part[1]]);
        assert_eq!(total, [400.0, 800.0]);
        assert!(whole.fits(1, 7) && !whole.fits(1, 6) && !whole.fits(2, 7) && !whole.fits(1, 0));
    }
}
