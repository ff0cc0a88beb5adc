//! A continuous-time Markov chain as rows of rates.

/// Rates between states, without loops; the entries of a row in ascending order of their targets, each target once.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    starts: Vec<usize>,
    targets: Vec<u32>,
    rates: Vec<f64>,
}

impl Default for Chain {
    /// Without states.
    fn default() -> Chain {
        Chain { starts: vec![0], targets: Vec::new(), rates: Vec::new() }
    }
}

impl Chain {
    /// A chain of so many states with these rates (from, to, per second); rates between the same two states add up,
    /// loops are left out, since they change nothing.
    pub fn new(states: usize, rates: &[(u32, u32, f64)]) -> Chain {
        let mut rows = vec![Vec::new(); states];
        rates.iter().for_each(|&(from, to, rate)| rows[from as usize].push((to, rate)));
        let mut chain = Chain::default();
        for (state, row) in rows.iter_mut().enumerate() {
            super::vanishing::merge(row);
            row.retain(|&(to, rate)| to as usize != state && rate > 0.0);
            chain.push(row);
        }
        chain
    }

    /// Adds a state with its row.
    pub(super) fn push(&mut self, row: &[(u32, f64)]) {
        self.targets.extend(row.iter().map(|&(to, _)| to));
        self.rates.extend(row.iter().map(|&(_, rate)| rate));
        self.starts.push(self.targets.len());
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of pairs of states with a rate.
    pub fn transitions(&self) -> usize {
        self.targets.len()
    }

    /// Where a state leads, with rates per second.
    pub fn row(&self, state: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[state]..self.starts[state + 1];
        let targets = self.targets[range.clone()].iter().map(|&to| to as usize);
        targets.zip(self.rates[range].iter().copied())
    }

    /// Rate at which a state is left, per second.
    pub fn exit(&self, state: usize) -> f64 {
        self.rates[self.starts[state]..self.starts[state + 1]].iter().sum()
    }

    /// The same rates, by target.
    pub(crate) fn transposed(&self) -> Chain {
        let states = self.states();
        let mut starts = vec![0_usize; states + 1];
        self.targets.iter().for_each(|&to| starts[to as usize + 1] += 1);
        for state in 0..states {
            starts[state + 1] += starts[state];
        }
        let mut next = starts.clone();
        let (mut targets, mut rates) = (vec![0; self.targets.len()], vec![0.0; self.targets.len()]);
        for from in 0..states {
            for (to, rate) in self.row(from) {
                let at = next[to];
                next[to] += 1;
                (targets[at], rates[at]) = (from as u32, rate);
            }
        }
        Chain { starts, targets, rates }
    }

    /// Where each row begins (and the last one ends), targets, rates.
    pub(super) fn into_parts(self) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
        (self.starts, self.targets, self.rates)
    }

    /// The chain among these states (ascending), numbered in their order.
    pub(super) fn among(&self, part: &[u32]) -> Chain {
        if part.len() == self.states() {
            return self.clone();
        }
        let mut chain = Chain::default();
        let mut row = Vec::new();
        for &state in part {
            row.clear();
            let inside = self.row(state as usize);
            row.extend(inside.filter_map(|(to, rate)| Some((part.binary_search(&(to as u32)).ok()? as u32, rate))));
            chain.push(&row);
        }
        chain
    }
}
