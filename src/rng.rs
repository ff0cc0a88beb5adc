//! Random streams: a draw is a pure function of (seed, replication, stream, draw number) — S15.
//!
//! A stream is named, not numbered, so the same seed gives a named fault the same times in every design,
//! whatever else the nets contain. Every draw owns a small generator of its own: a rejection sampler that
//! consumes more words than usual doesn't shift the next draw.

use rand::rand_core::TryRng;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// Weyl increments: 2^64 divided by the golden ratio, and by the plastic number (odd parts).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const PLASTIC: u64 = 0xC13F_A9A9_02A6_328F;

/// David Stafford's 13th variant of the 64-bit finalizer (as in SplitMix64, Steele et al. 2014).
#[inline(always)]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The identity of a stream: 128 bits of the SHA-256 of its canonical name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(pub [u64; 2]);

impl StreamKey {
    /// The key of a canonical stream name (`Fail[2]`, `section[receiver].fault`).
    pub fn of(name: &str) -> StreamKey {
        let digest = Sha256::digest(name.as_bytes());
        let word = |i: usize| u64::from_le_bytes(std::array::from_fn(|j| digest[i * 8 + j]));
        StreamKey([word(0), word(1)])
    }

    /// The stream of this name in one replication of one seed.
    pub fn stream(self, seed: u64, replication: u64) -> Stream {
        let path = mix(mix(seed ^ PLASTIC).wrapping_add(replication.wrapping_mul(GOLDEN)));
        Stream { key: [mix(self.0[0] ^ path), mix(self.0[1].wrapping_add(path))], drawn: 0 }
    }
}

/// The number of the `index`-th offspring of a replication: as a replication, one of its own.
pub fn offspring(replication: u64, index: u64) -> u64 {
    mix(mix(replication ^ GOLDEN).wrapping_add(index.wrapping_mul(PLASTIC)))
}

/// One stream of one replication: a sequence of independent draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u64; 2],
    drawn: u64,
}

impl Stream {
    /// The generator of the next draw.
    #[inline(always)]
    pub fn draw(&mut self) -> Draw {
        let state = mix(self.key[0].wrapping_add(self.drawn.wrapping_mul(PLASTIC))) ^ self.key[1];
        self.drawn += 1;
        Draw { state }
    }

    /// How many draws were taken.
    pub fn drawn(&self) -> u64 {
        self.drawn
    }
}

/// The generator of one draw: SplitMix64 from a state that the stream and the draw number decide.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// The next 64 random bits.
    #[inline(always)]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform on the open interval (0, 1), 53 bits: never 0 and never 1.
    #[inline(always)]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_each_part_of_its_key_and_on_nothing_else() {
        let first = |name: &str, seed, replication| StreamKey::of(name).stream(seed, replication).draw().bits();
        let reference = first("Fail[1]", 1, 0);
        assert_eq!(reference, first("Fail[1]", 1, 0));
        assert_ne!(reference, first("Fail[2]", 1, 0));
        assert_ne!(reference, first("Fail[1]", 2, 0));
        assert_ne!(reference, first("Fail[1]", 1, 1));
    }

    #[test]
    fn a_greedy_draw_does_not_shift_the_next_one() {
        let key = StreamKey::of("x");
        let (mut modest, mut greedy) = (key.stream(1, 1), key.stream(1, 1));
        modest.draw().bits();
        let mut draw = greedy.draw();
        (0..100).for_each(|_| {
            draw.bits();
        });
        assert_eq!(modest.draw().bits(), greedy.draw().bits());
    }
}
