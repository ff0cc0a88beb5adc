//! The running clocks of one pool, in the order of their starts and by who is due first.
//!
//! A few are simply scanned. Of many, those that have run out leave gaps until half of the line is gaps, and an
//! event queue over the places of the line knows the first.

use super::reuse::reusing_clone;
use crate::queue::{NEVER, Queue};

/// So many are scanned.
const FEW: usize = 32;

/// One running clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    /// Progress at which it is due.
    pub due: f64,
    /// Its whole sample.
    pub sample: f64,
    /// Time of its start, and progress then.
    pub since: f64,
    pub from: f64,
    /// What it had run for when it was stopped before, in progress: in all (`Age`), or at the most (`Identical`) — S9.
    pub before: f64,
    /// Its value was kept from before (S9): it began earlier than `since`.
    pub kept: bool,
    /// Decides ties (S13).
    pub tie: u64,
}

/// Running clocks, oldest first.
#[derive(Debug)]
pub(super) struct Line {
    places: Vec<Option<Running>>,
    running: usize,
    /// Over the places, and how many it has; unused while there are [`FEW`].
    queue: Queue,
    room: usize,
}

reusing_clone!(Line, places, running, queue, room);

impl Default for Line {
    fn default() -> Line {
        Line { places: Vec::new(), running: 0, queue: Queue::new(0), room: FEW }
    }
}

impl Line {
    pub fn clear(&mut self) {
        self.places.clear();
        self.running = 0;
        if self.room > FEW {
            self.queue.clear();
        }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.running
    }

    /// Whether the queue is in use.
    #[inline]
    fn is_long(&self) -> bool {
        self.room > FEW
    }

    /// The youngest joins.
    #[inline]
    pub fn push(&mut self, clock: Running) {
        if self.places.len() == self.room {
            self.tidy();
        }
        if self.is_long() {
            self.queue.set(self.places.len(), clock.due);
        }
        self.places.push(Some(clock));
        self.running += 1;
    }

    /// The youngest leaves.
    pub fn pop(&mut self) -> Option<Running> {
        while let Some(place) = self.places.pop() {
            if let Some(clock) = place {
                if self.is_long() {
                    self.queue.set(self.places.len(), NEVER);
                }
                self.running -= 1;
                return Some(clock);
            }
        }
        None
    }

    /// The clock that is due first; of equal ones the one with the least tie key, and of those the oldest.
    #[inline]
    pub fn first(&mut self) -> Option<&Running> {
        let place = self.first_place();
        self.places.get(place)?.as_ref()
    }

    /// Takes that clock out.
    #[inline]
    pub fn remove_first(&mut self) {
        let place = self.first_place();
        if self.is_long() {
            self.places[place] = None;
            self.queue.set(place, NEVER);
        } else {
            self.places.remove(place);
        }
        self.running -= 1;
    }

    /// All of them, oldest first, may be changed.
    pub fn change_all<E>(&mut self, mut change: impl FnMut(&mut Running) -> Result<(), E>) -> Result<(), E> {
        for (place, clock) in self.places.iter_mut().enumerate() {
            let Some(clock) = clock else { continue };
            change(clock)?;
            if self.room > FEW {
                self.queue.set(place, clock.due);
            }
        }
        Ok(())
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Running> {
        self.places.iter().flatten()
    }

    #[inline]
    fn first_place(&mut self) -> usize {
        let Line { places, queue, .. } = self;
        if self.room > FEW {
            let tie = |place: usize| places.get(place).copied().flatten().map_or(u64::MAX, |clock| clock.tie);
            return queue.first(tie).0;
        }
        let mut first = 0;
        let rank = |place: &Option<Running>| place.map_or((NEVER, u64::MAX), |clock| (clock.due, clock.tie));
        for place in 1..places.len() {
            if rank(&places[place]) < rank(&places[first]) {
                first = place;
            }
        }
        first
    }

    /// Closes the gaps, and makes room where there were few.
    #[cold]
    fn tidy(&mut self) {
        self.places.retain(Option::is_some);
        if self.places.len() * 2 > self.room {
            self.room *= 4;
            self.queue = Queue::new(self.room);
        } else {
            self.queue.clear();
        }
        for (place, clock) in self.places.iter().flatten().enumerate() {
            self.queue.set(place, clock.due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle() -> Running {
        Running { due: 0.0, sample: 0.0, since: 0.0, from: 0.0, before: 0.0, kept: false, tie: 0 }
    }

    /// Against a plain list, through growth, gaps, ties and removal at either end.
    #[test]
    fn a_line_behaves_as_a_plain_list() {
        let mut line = Line::default();
        for (round, most) in [(0_u64, 20), (1, 700), (2, 90)] {
            line.clear();
            let mut plain: Vec<Running> = Vec::new();
            let mut state = round;
            for step in 0..6000 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let random = (state >> 33) as usize;
                let least = |list: &[Running]| {
                    let rank = |i: &usize| (list[*i].due, list[*i].tie, *i);
                    (0..list.len()).min_by(|i, j| rank(i).partial_cmp(&rank(j)).unwrap())
                };
                match random % 16 {
                    _ if plain.len() < most && random % 16 < 8 + usize::from(plain.len() < most / 2) => {
                        let due = (random / 16 % 50) as f64;
                        let clock = Running { due, sample: step as f64, tie: state >> 62, ..idle() };
                        plain.push(clock);
                        line.push(clock);
                    }
                    0..2 => assert_eq!(line.pop().map(|c| c.sample), plain.pop().map(|c| c.sample)),
                    2 if (random / 16).is_multiple_of(50) => {
                        plain.iter_mut().for_each(|c| c.due = 9.0 - c.due);
                        let changed: Result<(), ()> = line.change_all(|c| {
                            c.due = 9.0 - c.due;
                            Ok(())
                        });
                        changed.unwrap();
                    }
                    _ => {
                        if let Some(first) = least(&plain) {
                            plain.remove(first);
                            line.remove_first();
                        }
                    }
                }
                assert_eq!(line.len(), plain.len());
                assert_eq!(line.first().map(|c| c.sample), least(&plain).map(|i| plain[i].sample), "{round} {step}");
            }
            assert!(line.iter().map(|c| c.sample).eq(plain.iter().map(|c| c.sample)));
        }
    }
}
