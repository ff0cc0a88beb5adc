//! Whether weights can be trusted: what biased cycles weigh, or the paths that a root was split into, and how much of an
//! estimate hangs on how few of them.

use serde::{Deserialize, Serialize};

/// Independent runs whose estimates are held against each other.
pub const RUNS: usize = 10;

/// Effective sample size below which an estimate isn't converged.
const FEW: f64 = 100.0;

/// Most share of an estimate that a single cycle may have.
const MOST_SHARE: f64 = 0.1;

/// Distance in standard errors beyond which a mean weight isn't 1, what rounding may add to it, and factor by which the spread over the runs may
/// exceed the stated error (of ten runs by chance once in 10⁶).
const FAR: f64 = 5.0;
const ROUNDING: f64 = 1e-9;
const SPREAD: f64 = 2.4;

/// Outages of a level that are to be expected so that they are not left to chance.
const SEEN: f64 = 10.0;

/// What contributes to an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// A biased cycle, with a weight of its own.
    #[default]
    Cycle,
    /// What a main path became, split, since it reached the first level; each path's weighted time over its real time
    /// is the weight.
    Root,
}

impl Piece {
    fn name(self) -> &'static str {
        match self {
            Piece::Cycle => "cycle",
            Piece::Root => "root",
        }
    }

    /// One or many of them, in words.
    pub fn words(self) -> &'static str {
        match self {
            Piece::Cycle => "biased cycles",
            Piece::Root => "roots",
        }
    }
}

/// What biased cycles or roots contributed to one sum.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Effect {
    /// Pieces that contributed anything.
    pub cycles: u64,
    /// Sum of the weighted contributions, and of their squares.
    pub sum: f64,
    /// See `sum`.
    pub squares: f64,
    /// The greatest of them.
    pub greatest: f64,
}

impl Effect {
    fn add(&mut self, contribution: f64) {
        if contribution != 0.0 {
            self.cycles += 1;
            self.sum += contribution;
            self.squares += contribution * contribution;
            self.greatest = self.greatest.max(contribution.abs());
        }
    }

    fn merge(&mut self, other: &Effect) {
        self.cycles += other.cycles;
        self.sum += other.sum;
        self.squares += other.squares;
        self.greatest = self.greatest.max(other.greatest);
    }

    /// Effective sample size: as many equal contributions would be as uncertain (Kish 1965).
    pub fn effective(&self) -> f64 {
        if self.squares > 0.0 { self.sum * self.sum / self.squares } else { 0.0 }
    }

    /// What the greatest contribution has of the sum.
    pub fn greatest_share(&self) -> f64 {
        if self.sum > 0.0 { self.greatest / self.sum } else { 0.0 }
    }
}

/// What all biased cycles or roots weigh.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Weights {
    /// What contributes.
    pub piece: Piece,
    /// How many of them.
    pub cycles: u64,
    /// How many weights there are.
    pub weighed: u64,
    /// Sum of the weights, and of the squares.
    pub sum: f64,
    /// See `sum`.
    pub squares: f64,
    /// The sums that are taken from them.
    pub taken: Vec<usize>,
    /// Contributions to each sum of an observation.
    pub effects: Vec<Effect>,
    /// Observed time and leading downtime of each of the [`RUNS`].
    pub runs: Vec<[f64; 2]>,
    /// Outages to be expected of single steps from markings at each level: how many, and what they weigh.
    #[serde(default)]
    pub expected: Vec<[f64; 2]>,
}

impl Weights {
    /// Of no cycles, with so many sums, of which some are taken from them.
    pub fn new(sums: usize, taken: &[usize]) -> Weights {
        Weights {
            taken: taken.to_vec(),
            effects: vec![Effect::default(); sums],
            runs: vec![[0.0; 2]; RUNS],
            ..Weights::default()
        }
    }

    /// The same of roots.
    pub fn of_roots(sums: usize, taken: &[usize]) -> Weights {
        Weights { piece: Piece::Root, ..Weights::new(sums, taken) }
    }

    /// What biased cycles or roots contributed to a sum, if it is taken from them.
    pub fn effect(&self, sum: usize) -> Option<&Effect> {
        self.effects.get(sum).filter(|_| self.taken.contains(&sum))
    }

    /// Whether it has the shape of a process with so many sums.
    pub fn fits(&self, sums: usize) -> bool {
        self.effects.len() == sums && self.runs.len() == RUNS
    }

    /// Adds a cycle: its weight at the end, and its weighted sums.
    pub fn add(&mut self, weight: f64, sums: &[f64]) {
        self.weigh(weight);
        self.contribute(sums);
    }

    /// Adds a weight, whose mean is 1.
    pub fn weigh(&mut self, weight: f64) {
        self.weighed += 1;
        self.sum += weight;
        self.squares += weight * weight;
    }

    /// Adds the weighted sums of a piece.
    pub fn contribute(&mut self, sums: &[f64]) {
        self.cycles += 1;
        self.effects.iter_mut().zip(sums).for_each(|(effect, &sum)| effect.add(sum));
    }

    /// Adds an observation to the run that it belongs to.
    pub fn observe(&mut self, observation: u64, time: f64, down: f64) {
        let run = &mut self.runs[(observation % RUNS as u64) as usize];
        run[0] += time;
        run[1] += down;
    }

    /// Adds outages that were to be expected at each level.
    pub fn expect(&mut self, expected: impl IntoIterator<Item = [f64; 2]>) {
        for (level, [count, weight]) in expected.into_iter().enumerate() {
            if level == self.expected.len() {
                self.expected.push([0.0; 2]);
            }
            self.expected[level][0] += count;
            self.expected[level][1] += weight;
        }
    }

    /// The share of the outages to be expected that is left to chance: how many of them are to be expected themselves, and
    /// their share of all.
    fn unseen(&self) -> (f64, f64) {
        let all: f64 = self.expected.iter().map(|[_, weight]| weight).sum();
        let few = self.expected.iter().filter(|[count, _]| *count < SEEN);
        let (count, weight) = few.fold((0.0, 0.0), |(n, w), [count, weight]| (n + count, w + weight));
        (count, if all > 0.0 { weight / all } else { 0.0 })
    }

    /// Adds the cycles of another.
    pub fn merge(&mut self, other: &Weights) {
        self.cycles += other.cycles;
        self.weighed += other.weighed;
        self.sum += other.sum;
        self.squares += other.squares;
        self.effects.iter_mut().zip(&other.effects).for_each(|(mine, theirs)| mine.merge(theirs));
        for (mine, theirs) in self.runs.iter_mut().zip(&other.runs) {
            mine[0] += theirs[0];
            mine[1] += theirs[1];
        }
        self.expect(other.expected.iter().copied());
    }

    /// Mean weight, which is 1 but for chance, and its standard error.
    pub fn mean(&self) -> (f64, f64) {
        let n = self.weighed.max(1) as f64;
        let mean = self.sum / n;
        (mean, ((self.squares / n - mean * mean).max(0.0) / n).sqrt())
    }

    /// Relative standard deviation of the runs' estimates, over what it is expected to be where the whole estimate
    /// has the relative standard error `error`; none where a run saw nothing to judge by.
    pub fn spread(&self, error: f64) -> Option<f64> {
        let estimates: Vec<f64> = self.runs.iter().map(|[time, down]| down / time).collect();
        let mean = estimates.iter().sum::<f64>() / RUNS as f64;
        let variance = estimates.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (RUNS - 1) as f64;
        let ratio = variance.sqrt() / mean / (error * (RUNS as f64).sqrt());
        Some(ratio).filter(|ratio| ratio.is_finite())
    }

    /// Why the estimate from the sum `down`, of relative standard error `error`, isn't to be trusted; empty if it is.
    pub fn doubts(&self, down: usize, error: f64) -> Vec<String> {
        let (effect, (mean, deviation)) = (&self.effects[down], self.mean());
        let mut doubts = Vec::new();
        if effect.effective() < FEW {
            doubts.push(format!(
                "the effective sample size is {:.1} ({} of {} {} were down)",
                effect.effective(),
                effect.cycles,
                self.cycles,
                self.piece.words()
            ));
        }
        if effect.greatest_share() > MOST_SHARE {
            doubts.push(format!(
                "one {} has {:.0} % of the downtime",
                self.piece.name(),
                100.0 * effect.greatest_share()
            ));
        }
        if (mean - 1.0).abs() > FAR * deviation + ROUNDING {
            doubts.push(format!("the mean weight is {mean:.4} ± {deviation:.4} instead of 1"));
        }
        let (count, share) = self.unseen();
        if share > error {
            doubts.push(format!(
                "some {:.0} % of the outages come by single steps from markings that are not split enough: {count:.2} of them \
                 are to be expected in this run (a role `Failure` lets importance sampling make them likely)",
                100.0 * share
            ));
        }
        if let Some(spread) = self.spread(error).filter(|spread| *spread > SPREAD) {
            doubts.push(format!("ten independent runs differ {spread:.1} times as much as the interval says"));
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(cycles: u64, weight: f64) -> Weights {
        let mut weights = Weights::new(2, &[1]);
        for i in 0..cycles {
            weights.add(weight + if i % 2 == 0 { 0.5 } else { -0.5 }, &[1.0, 0.25]);
            weights.observe(i, 1.0, 0.25 + 0.01 * (i * 7 % 5) as f64);
        }
        weights
    }

    #[test]
    fn equal_contributions_are_all_effective() {
        let weights = even(400, 1.0);
        assert_eq!(weights.effects[1].effective(), 400.0);
        assert_eq!(weights.effects[1].greatest_share(), 1.0 / 400.0);
        assert_eq!(weights.mean().0, 1.0);
        assert_eq!(weights.doubts(1, 1.0), Vec::<String>::new());
    }

    #[test]
    fn halves_merge_to_the_whole() {
        let (mut whole, half) = (even(200, 1.0), even(200, 1.0));
        whole.merge(&half);
        assert_eq!((whole.cycles, whole.effects[0].sum, whole.runs[3][0]), (400, 400.0, 40.0));
    }

    #[test]
    fn outages_left_to_chance_are_told() {
        let mut weights = even(400, 1.0);
        weights.expect([[0.1, 0.1], [50.0, 5.0]]);
        assert_eq!(weights.doubts(1, 0.05), Vec::<String>::new());
        weights.expect([[0.4, 0.4]]);
        assert!(weights.doubts(1, 0.05).join("").contains("some 9 % of the outages"), "{:?}", weights.doubts(1, 0.05));
        // Of twenty times the run there are enough.
        weights.expect([[9.5, 9.5], [950.0, 95.0]]);
        assert_eq!(weights.doubts(1, 0.05), Vec::<String>::new());
    }

    #[test]
    fn each_sign_of_trouble_is_told() {
        let doubts = |weights: &Weights, error| weights.doubts(1, error).join("; ");
        assert!(doubts(&even(50, 1.0), 1.0).contains("effective sample size is 50.0"));
        assert!(doubts(&even(400, 0.5), 1.0).contains("mean weight is 0.5"));
        let mut heavy = even(1000, 1.0);
        heavy.add(1.0, &[1.0, 100.0]);
        assert!(doubts(&heavy, 1.0).contains("one cycle has 29 % of the downtime"));
        let mut apart = even(1000, 1.0);
        apart.runs[0][1] *= 9.0;
        assert!(doubts(&apart, 0.01).contains("ten independent runs differ"));
        assert_eq!(Weights::new(2, &[1]).spread(0.1), None);
    }
}
