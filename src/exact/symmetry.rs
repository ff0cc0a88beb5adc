//! Interchangeable colours and parts: markings that differ by an exchange of them are one state.
//!
//! A family is a list of blocks of places, such as all places of one colour. Blocks may be exchanged when that maps the
//! net onto itself: places, transitions with all that they read, servers, conditions and measures. Then markings that
//! are permutations of each other have the same future, so that their classes form a Markov chain (strong lumpability:
//! Kemeny and Snell 1960, theorem 6.3.2); each class is explored at the marking whose blocks are in descending order.
//! Whatever the blocks hold, whoever reads them, and immediates make no difference, as long as the exchange is proven.

use super::alike::Alike;
use super::explore::Space;
use super::{Refusal, Stop, go_on};
use crate::net::{Net, PlaceId};
use crate::program::Program;
use std::collections::BTreeMap;

/// Most steps of all proofs: some seconds.
const MOST_WORK: usize = 100_000_000;

/// Classes of like blocks whose pairs are tried together with others.
const FEW: usize = 4;

/// States between two questions whether to go on.
const UNASKED: usize = 1 << 12;

/// What may be exchanged in a net.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetry {
    /// Of each family the places of each block, in one order.
    families: Vec<Vec<Block>>,
    /// Blocks of the family at hand, being put in order.
    scratch: Vec<Vec<u32>>,
}

/// Finds blocks that may be exchanged; none where there are no such.
///
/// # Errors
/// [`Refusal::Interrupted`].
pub fn symmetry(net: &Net, program: &Program, stop: Stop) -> Result<Option<Symmetry>, Refusal> {
    let candidates = candidates(net);
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut search = Search { alike: Alike::new(net, program, stop)?, stop, work: 0, families: Vec::new() };
    let mut pairs: Vec<[Block; 2]> = Vec::new();
    for blocks in candidates {
        if blocks.iter().any(|block| search.is_taken(block)) {
            continue;
        }
        let classes = search.classes(blocks)?;
        if classes.len() <= FEW {
            for (i, one) in classes.iter().enumerate() {
                pairs.extend(classes[i + 1..].iter().map(|other| [one[0].clone(), other[0].clone()]));
            }
        }
        search.families.extend(classes.into_iter().filter(|class| class.len() > 1));
    }
    search.together(&pairs)?;
    let families = search.families;
    Ok((!families.is_empty()).then_some(Symmetry { families, scratch: Vec::new() }))
}

/// Places that change places together.
type Block = Vec<PlaceId>;

struct Search<'n, 's> {
    alike: Alike<'n>,
    stop: Stop<'s>,
    /// Steps of all proofs so far.
    work: usize,
    families: Vec<Vec<Block>>,
}

impl Search<'_, '_> {
    fn is_taken(&self, block: &Block) -> bool {
        block.iter().any(|place| self.families.iter().flatten().any(|other| other.contains(place)))
    }

    fn may_be_exchanged(&mut self, one: &Block, other: &Block) -> Result<bool, Refusal> {
        self.work += self.alike.size();
        if self.work > MOST_WORK {
            return Ok(false);
        }
        go_on(self.stop, 20 * self.alike.size() as u64)?;
        Ok(self.alike.may_be_exchanged(one, other))
    }

    /// Blocks that may be exchanged with each other stand together.
    fn classes(&mut self, blocks: Vec<Block>) -> Result<Vec<Vec<Block>>, Refusal> {
        let mut classes: Vec<Vec<Block>> = Vec::new();
        for block in blocks {
            let mut into = None;
            for (index, class) in classes.iter().enumerate() {
                if self.may_be_exchanged(&class[0], &block)? {
                    into = Some(index);
                    break;
                }
            }
            match into {
                Some(index) => classes[index].push(block),
                None => classes.push(vec![block]),
            }
        }
        Ok(classes)
    }

    /// Pairs that may only be exchanged at one with another pair, such as the two halves of a system.
    fn together(&mut self, pairs: &[[Block; 2]]) -> Result<(), Refusal> {
        for (i, [a, b]) in pairs.iter().enumerate() {
            for [c, d] in &pairs[i + 1..] {
                let (one, other) = ([a.clone(), c.clone()].concat(), [b.clone(), d.clone()].concat());
                let free = !self.is_taken(&one) && !self.is_taken(&other);
                if free && are_disjoint(&[one.clone(), other.clone()]) && self.may_be_exchanged(&one, &other)? {
                    self.families.push(vec![one, other]);
                }
            }
        }
        Ok(())
    }
}

/// Blocks that may be alike, by name: the places that carry one value of a colour, or belong to one of several
/// instances. The largest families come first.
fn candidates(net: &Net) -> Vec<Vec<Block>> {
    // By value: its places by what their names are beside it.
    let mut values = BTreeMap::<&str, BTreeMap<Vec<&str>, PlaceId>>::new();
    for (index, place) in net.places.iter().enumerate() {
        let parts = parts(&place.name);
        for (i, &(part, is_value)) in parts.iter().enumerate() {
            let once = parts.iter().filter(|(other, _)| *other == part).count() == 1;
            if is_value && once {
                let beside = parts.iter().enumerate().map(|(j, (other, _))| if j == i { "" } else { other }).collect();
                values.entry(part).or_default().insert(beside, PlaceId(index as u32));
            }
        }
    }
    let mut families = BTreeMap::<Vec<Vec<&str>>, Vec<Block>>::new();
    for places in values.into_values() {
        let (names, block): (Vec<Vec<&str>>, Block) = places.into_iter().unzip();
        families.entry(names).or_default().push(block);
    }
    let mut all: Vec<_> = families.into_values().filter(|blocks| blocks.len() > 1 && are_disjoint(blocks)).collect();
    all.sort_by_key(|blocks| std::cmp::Reverse(blocks.len()));
    all
}

fn are_disjoint(blocks: &[Block]) -> bool {
    let mut places = blocks.concat();
    places.sort_unstable();
    places.windows(2).all(|pair| pair[0] != pair[1])
}

/// A name cut at its brackets, parentheses and commas, and whether each part stands inside of them.
fn parts(name: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in name.char_indices().filter(|(_, c)| "[](),".contains(*c)) {
        parts.push((name[start..at].trim(), depth > 0));
        start = at + 1;
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    parts.push((name[start..].trim(), depth > 0));
    parts
}

impl Symmetry {
    /// The marking of the class: blocks in descending order, derived places as they follow.
    pub(super) fn order(&mut self, program: &Program, marking: &mut [u32]) {
        for family in &self.families {
            self.scratch.resize_with(family.len(), Vec::new);
            for (block, places) in self.scratch.iter_mut().zip(family) {
                block.clear();
                block.extend(places.iter().map(|place| marking[place.0 as usize]));
            }
            self.scratch.sort_unstable_by(|a, b| b.cmp(a));
            for (block, places) in self.scratch.iter().zip(family) {
                places.iter().zip(block).for_each(|(place, &tokens)| marking[place.0 as usize] = tokens);
            }
        }
        for (sum, places) in program.derived.iter().enumerate() {
            marking[program.places() + sum] = places.iter().map(|&place| marking[place as usize]).sum();
        }
    }

    /// Natural logarithm of the number of markings that the states stand for.
    pub(super) fn log_markings(&self, space: &Space, places: usize, stop: Stop) -> Result<f64, Refusal> {
        let mut marking = vec![0; places];
        let factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
        // The sum of exponentials, relative to the greatest so far.
        let (mut most, mut sum) = (f64::NEG_INFINITY, 0.0);
        for state in 0..space.chain.states() {
            if state % UNASKED == 0 {
                go_on(stop, (UNASKED * places) as u64)?;
            }
            space.marking(state, &mut marking);
            let mut log = 0.0;
            for family in &self.families {
                let tokens =
                    |block: &Block| -> Vec<u32> { block.iter().map(|place| marking[place.0 as usize]).collect() };
                let blocks: Vec<Vec<u32>> = family.iter().map(tokens).collect();
                // They are in order, so equal ones stand together.
                let alike: f64 = blocks.chunk_by(|a, b| a == b).map(|equal| factorial(equal.len())).sum();
                log += factorial(family.len()) - alike;
            }
            if log > most {
                sum *= libm::exp(most - log);
                most = log;
            }
            sum += libm::exp(log - most);
        }
        Ok(most + libm::log(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_their_values() {
        assert_eq!(parts("Free"), [("Free", false)]);
        assert_eq!(parts("Free(voice, 2)"), [("Free", false), ("voice", true), ("2", true), ("", false)]);
        assert_eq!(parts("unit[a].Up"), [("unit", false), ("a", true), (".Up", false)]);
    }
}
