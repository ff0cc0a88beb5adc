//! S14, S16, S17: sums over time, taken in every marking anew.

use fivenines::net::{Average, Formula, Net, TransitionId};

/// What was seen of one `up` condition.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub down: f64,
    pub failures: f64,
    pub first_failure: Option<f64>,
    /// Outages that have ended, by start and end.
    pub outages: Vec<(f64, f64)>,
    /// Whether the last tangible marking that lasted was an up one.
    was_up: Option<bool>,
    since: f64,
}

#[derive(Debug, Clone)]
pub struct Rewards {
    pub time: f64,
    pub up: Vec<Seen>,
    /// For each measure the sums of its averages, in the order in which its formula names them.
    pub sums: Vec<Vec<f64>>,
    pub fired: Vec<u64>,
}

/// The averages of a formula, from left to right.
fn averages<'f>(formula: &'f Formula, found: &mut Vec<&'f Average>) {
    match formula {
        Formula::Constant(_) => {}
        Formula::Average(average) => found.push(average),
        Formula::Negate(x) => averages(x, found),
        Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
            averages(x, found);
            averages(y, found);
        }
    }
}

/// The value of a formula, given the sums of its averages from left to right.
fn value(formula: &Formula, sums: &mut std::slice::Iter<f64>, time: f64) -> f64 {
    let mut at = |f: &Formula| value(f, sums, time);
    match formula {
        Formula::Constant(c) => *c,
        Formula::Average(_) => sums.next().expect("a sum for each average") / time,
        Formula::Negate(x) => -at(x),
        Formula::Add(x, y) => at(x) + at(y),
        Formula::Subtract(x, y) => at(x) - at(y),
        Formula::Multiply(x, y) => at(x) * at(y),
        Formula::Divide(x, y) => at(x) / at(y),
    }
}

impl Rewards {
    pub fn new(net: &Net) -> Rewards {
        let count = |formula: &Formula| {
            let mut found = Vec::new();
            averages(formula, &mut found);
            vec![0.0; found.len()]
        };
        Rewards {
            time: 0.0,
            up: vec![Seen::default(); net.up.len()],
            sums: net.measures.iter().map(|m| count(&m.formula)).collect(),
            fired: vec![0; net.transitions.len()],
        }
    }

    /// A tangible marking held from `from` to `to`, a positive time.
    pub fn elapse(&mut self, net: &Net, marking: &[u32], from: f64, to: f64) {
        self.time += to - from;
        for (seen, condition) in self.up.iter_mut().zip(&net.up) {
            let up = condition.expr.evaluate(marking) != 0.0;
            match (seen.was_up, up) {
                (Some(true), false) => {
                    seen.failures += 1.0;
                    seen.first_failure.get_or_insert(from);
                    seen.since = from;
                }
                (Some(false), true) => seen.outages.push((seen.since, from)),
                (None, false) => seen.since = from,
                _ => {}
            }
            seen.down += if up { 0.0 } else { to - from };
            seen.was_up = Some(up);
        }
        self.each_average(net, |average, sum| {
            if let Average::Reward(expr) = average {
                *sum += expr.evaluate(marking) * (to - from);
            }
        });
    }

    /// A transition fires in this marking.
    pub fn fired(&mut self, net: &Net, transition: TransitionId, before: &[u32]) {
        self.fired[transition.0 as usize] += 1;
        self.each_average(net, |average, sum| match average {
            Average::Rate(of) if of.contains(&transition) => *sum += 1.0,
            Average::Impulse(of, amount) if of.contains(&transition) => *sum += amount.evaluate(before),
            _ => {}
        });
    }

    /// The value of measure `i` over all the time so far.
    pub fn measure(&self, net: &Net, i: usize) -> f64 {
        value(&net.measures[i].formula, &mut self.sums[i].iter(), self.time)
    }

    fn each_average(&mut self, net: &Net, mut add: impl FnMut(&Average, &mut f64)) {
        for (measure, sums) in net.measures.iter().zip(&mut self.sums) {
            let mut found = Vec::new();
            averages(&measure.formula, &mut found);
            found.into_iter().zip(sums).for_each(|(average, sum)| add(average, sum));
        }
    }
}
