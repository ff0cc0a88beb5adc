//! The event queue: a winner tree over blocks of slots, one slot for each race of clocks.
//!
//! Slots that change together stand side by side, so a firing usually dirties one block: a scan of eight
//! numbers and one path to the root. A net of one block has no tree at all.

/// A time that never comes.
pub const NEVER: f64 = f64::INFINITY;

/// Slots of one block.
const BLOCK: usize = 8;

/// The slot that is due first. Ties are rare, so who decides them, the least key (S13), is asked only then.
#[derive(Debug)]
pub struct Queue {
    due: Vec<f64>,
    /// Winner (slot) of each node; node 1 is the root, the blocks are the leaves.
    winner: Vec<u32>,
    /// The winner's time, beside it so that a path touches one array.
    best: Vec<f64>,
    leaves: usize,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
}

/// Unlike the derived one it keeps the room of the queue that is written over.
impl Clone for Queue {
    fn clone(&self) -> Queue {
        let Queue { due, winner, best, leaves, dirty, is_dirty } = self;
        Queue {
            due: due.clone(),
            winner: winner.clone(),
            best: best.clone(),
            leaves: *leaves,
            dirty: dirty.clone(),
            is_dirty: is_dirty.clone(),
        }
    }

    fn clone_from(&mut self, other: &Queue) {
        let Queue { due, winner, best, leaves, dirty, is_dirty } = other;
        self.due.clone_from(due);
        self.winner.clone_from(winner);
        self.best.clone_from(best);
        self.leaves = *leaves;
        self.dirty.clone_from(dirty);
        self.is_dirty.clone_from(is_dirty);
    }
}

impl Queue {
    /// A queue of so many slots, none of them due.
    pub fn new(slots: usize) -> Queue {
        let blocks = slots.div_ceil(BLOCK).max(1);
        let leaves = blocks.next_power_of_two();
        let padded = blocks * BLOCK;
        Queue {
            due: vec![NEVER; padded],
            winner: vec![0; 2 * leaves],
            best: vec![NEVER; 2 * leaves],
            leaves,
            dirty: Vec::with_capacity(blocks),
            is_dirty: vec![false; blocks],
        }
    }

    /// No slot is due any more.
    pub fn clear(&mut self) {
        self.due.fill(NEVER);
        self.best.fill(NEVER);
        self.dirty.clear();
        self.is_dirty.fill(false);
    }

    /// Slot `slot` is due at `time`.
    #[inline(always)]
    pub fn set(&mut self, slot: usize, time: f64) {
        self.due[slot] = time;
        let block = slot / BLOCK;
        if self.leaves > 1 && !self.is_dirty[block] {
            self.is_dirty[block] = true;
            self.dirty.push(block as u32);
        }
    }

    /// When a slot is due.
    #[inline(always)]
    pub fn due(&self, slot: usize) -> f64 {
        self.due[slot]
    }

    /// The first slot and its time; the time is [`NEVER`] when none is due. `key` gives the tie key of a slot that is
    /// due, the same since its last [`Queue::set`]; it may be asked of others too, but what it says then is forgotten.
    #[inline(always)]
    pub fn first(&mut self, key: impl Fn(usize) -> u64) -> (usize, f64) {
        if self.leaves == 1 {
            return self.scan(0, &key);
        }
        while let Some(block) = self.dirty.pop() {
            self.is_dirty[block as usize] = false;
            self.climb(block as usize, &key);
        }
        (self.winner[1] as usize, self.best[1])
    }

    /// Winner of one block, without a branch that depends on which it is.
    #[inline(always)]
    fn scan(&self, block: usize, key: &impl Fn(usize) -> u64) -> (usize, f64) {
        let start = block * BLOCK;
        let due: &[f64; BLOCK] = self.due[start..start + BLOCK].try_into().unwrap_or(&[NEVER; BLOCK]);
        let pairs: [f64; 4] = std::array::from_fn(|i| least(due[i], due[i + 4]));
        let time = least(least(pairs[0], pairs[1]), least(pairs[2], pairs[3]));
        let mut winners = 0u32;
        for (i, &candidate) in due.iter().enumerate() {
            winners |= u32::from(candidate == time) << i;
        }
        if winners & (winners - 1) != 0 && time != NEVER {
            return (least_key(start, winners, key), time);
        }
        (start + winners.trailing_zeros() as usize, time)
    }

    /// Recomputes the path from a block to the root.
    #[inline]
    fn climb(&mut self, block: usize, key: &impl Fn(usize) -> u64) {
        let (slot, time) = self.scan(block, key);
        let mut node = self.leaves + block;
        self.winner[node] = slot as u32;
        self.best[node] = time;
        while node > 1 {
            let (left, right) = (node & !1, node | 1);
            let (l, r) = (self.best[left], self.best[right]);
            let mut winner = left + usize::from(r < l);
            if l == r && self.beats(right, left, key) {
                winner = right;
            }
            node >>= 1;
            self.winner[node] = self.winner[winner];
            self.best[node] = self.best[winner];
        }
    }

    /// Whether node `a` wins a tie against node `b`.
    #[cold]
    fn beats(&self, a: usize, b: usize, key: &impl Fn(usize) -> u64) -> bool {
        let key = |node: usize| key(self.winner[node] as usize);
        self.best[a] != NEVER && key(a) < key(b)
    }
}

/// Of several slots of a block that are due at the same time, the one with the least key.
#[cold]
fn least_key(start: usize, winners: u32, key: &impl Fn(usize) -> u64) -> usize {
    let slots = (0..BLOCK).filter(|i| winners & (1 << i) != 0).map(|i| start + i);
    slots.min_by_key(|&slot| key(slot)).unwrap_or(start)
}

/// The lesser of two times; neither is NaN.
#[inline(always)]
fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    proptest! {
        // The same cases in every run, and no files written.
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(12345),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Shadow model: a plain scan over all slots.
        #[test]
        fn the_first_slot_is_that_of_a_plain_scan(
            slots in 1usize..200,
            changes in prop::collection::vec((0usize..200, 0u8..20, 0u64..4), 1..300),
        ) {
            let mut queue = Queue::new(slots);
            let mut shadow = vec![(NEVER, u64::MAX); slots];
            for (i, (slot, time, key)) in changes.into_iter().enumerate() {
                let slot = slot % slots;
                let time = if time == 0 { NEVER } else { f64::from(time) };
                let key = key * 1000 + slot as u64;
                queue.set(slot, time);
                shadow[slot] = (time, key);
                if i % 3 == 0 {
                    let least = shadow.iter().enumerate().map(|(s, &(t, k))| (t, k, s)).min_by(|a, b| {
                        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
                    }).unwrap();
                    let (found, at) = queue.first(|slot| shadow[slot].1);
                    prop_assert_eq!(at, least.0);
                    if at != NEVER {
                        prop_assert_eq!(found, least.2);
                    }
                }
            }
        }
    }
}
