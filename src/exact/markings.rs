//! Markings, stored in few bytes and found again by hashing.
//!
//! A marking is a bit for each place (whether it holds a token), and behind the bits the tokens of those that do,
//! seven bits to a byte. Derived places aren't stored: they are sums of the others.

use super::refusal::Refusal;
use crate::program::Program;

/// No marking.
const EMPTY: u32 = u32::MAX;

/// A set of markings, numbered in the order in which they came.
#[derive(Debug)]
pub struct Markings {
    places: usize,
    bytes: Vec<u8>,
    /// Where each marking ends in `bytes`.
    ends: Vec<usize>,
    /// Open addressing; the length is a power of two. Each entry has half of its marking's hash beside its number,
    /// so that others are told apart without being read.
    table: Vec<(u32, u32)>,
    scratch: Vec<u8>,
}

impl Markings {
    pub fn new(places: usize) -> Markings {
        Markings { places, bytes: Vec::new(), ends: Vec::new(), table: vec![(EMPTY, 0); 1 << 10], scratch: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// What they take.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + 8 * self.ends.len() + 8 * self.table.len()
    }

    /// The number of a marking (derived places may follow behind the real ones), and whether it is new.
    pub fn intern(&mut self, marking: &[u32]) -> (u32, bool) {
        let mut code = std::mem::take(&mut self.scratch);
        encode(&marking[..self.places], &mut code);
        let hash = hash(&code);
        let slot = self.slot(&code, hash);
        let found = self.table[slot].0;
        let answer = if found != EMPTY {
            (found, false)
        } else {
            let index = self.ends.len() as u32;
            self.table[slot] = (index, (hash >> 32) as u32);
            self.bytes.extend_from_slice(&code);
            self.ends.push(self.bytes.len());
            if self.ends.len() * 4 > self.table.len() * 3 {
                self.grow();
            }
            (index, true)
        };
        self.scratch = code;
        answer
    }

    /// The number of a marking, if it is among them; `scratch` is room to work in.
    pub fn find(&self, marking: &[u32], scratch: &mut Vec<u8>) -> Option<u32> {
        encode(&marking[..self.places], scratch);
        let found = self.table[self.slot(scratch, hash(scratch))].0;
        (found != EMPTY).then_some(found)
    }

    /// As [`Markings::intern`]; of a new one, of which there are at most `limit`, the `up` conditions are judged.
    pub fn admit(
        &mut self,
        program: &Program,
        marking: &[u32],
        limit: usize,
        up: &mut Vec<bool>,
    ) -> Result<(u32, bool), Refusal> {
        let (state, new) = self.intern(marking);
        if new {
            if self.len() > limit {
                return Err(Refusal::TooManyStates { limit });
            }
            up.extend(program.rewards[..program.up.len()].iter().map(|code| code.holds(marking)));
        }
        Ok((state, new))
    }

    /// Writes a marking with its derived places.
    pub fn get(&self, program: &Program, index: u32, marking: &mut [u32]) {
        decode(self.code(index as usize), &mut marking[..self.places]);
        for (sum, places) in program.derived.iter().enumerate() {
            marking[self.places + sum] = places.iter().map(|&p| marking[p as usize]).sum();
        }
    }

    fn code(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    /// Where a marking stands in the table, or would.
    fn slot(&self, code: &[u8], hash: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (found, half) = self.table[slot];
            if found == EMPTY || half == (hash >> 32) as u32 && self.code(found as usize) == code {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = self.table.len() * 2 - 1;
        let mut table = vec![(EMPTY, 0); mask + 1];
        for index in 0..self.ends.len() {
            let hash = hash(self.code(index));
            let mut slot = hash as usize & mask;
            while table[slot].0 != EMPTY {
                slot = (slot + 1) & mask;
            }
            table[slot] = (index as u32, (hash >> 32) as u32);
        }
        self.table = table;
    }
}

fn encode(marking: &[u32], code: &mut Vec<u8>) {
    code.clear();
    code.resize(marking.len().div_ceil(8), 0);
    for (place, &tokens) in marking.iter().enumerate() {
        if tokens == 0 {
            continue;
        }
        code[place / 8] |= 1 << (place % 8);
        let mut rest = tokens;
        while rest >= 0x80 {
            code.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        code.push(rest as u8);
    }
}

fn decode(code: &[u8], marking: &mut [u32]) {
    let (bits, tokens) = code.split_at(marking.len().div_ceil(8));
    let mut tokens = tokens.iter();
    for (place, value) in marking.iter_mut().enumerate() {
        *value = 0;
        if bits[place / 8] >> (place % 8) & 1 == 0 {
            continue;
        }
        let mut shift = 0;
        for &byte in tokens.by_ref() {
            *value |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
    }
}

/// Eight bytes at a time; the product's upper half is mixed into the lower one, which picks the slot.
fn hash(code: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = code.len() as u64;
    for chunk in code.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
        state ^= state >> 32;
    }
    state = state.wrapping_mul(ODD);
    state ^ state >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markings_are_numbered_in_order_and_found_again() {
        let mut markings = Markings::new(11);
        let marking = |i: u32| -> Vec<u32> {
            (0..11).map(|p| if (i >> p) & 1 == 1 { i.wrapping_mul(2_654_435_761) >> (p * 3) } else { p % 2 }).collect()
        };
        let mut seen = std::collections::BTreeMap::new();
        for i in 0..5000 {
            let next = seen.len() as u32;
            let expected = *seen.entry(marking(i)).or_insert(next);
            assert_eq!(markings.intern(&marking(i)), (expected, expected == next));
        }
        assert_eq!(markings.len(), seen.len());
        for (marking, index) in seen {
            let mut back = vec![7; 11];
            decode(markings.code(index as usize), &mut back);
            assert_eq!(back, marking);
        }
    }

    #[test]
    fn a_net_without_places_has_one_marking() {
        let mut markings = Markings::new(0);
        assert_eq!(markings.intern(&[]), (0, true));
        assert_eq!(markings.intern(&[]), (0, false));
    }

    #[test]
    fn the_greatest_number_of_tokens_comes_back() {
        let mut markings = Markings::new(3);
        let most = [u32::MAX, 0, i32::MAX as u32];
        markings.intern(&most);
        let mut back = [1; 3];
        decode(markings.code(0), &mut back);
        assert_eq!(back, most);
    }
}
