//! A race of clocks that start together: how long it lasts, and who wins.
//!
//! All integrals are of positive functions, each to its own relative accuracy, so a clock that wins once in 10¹⁰⁰ races
//! has as many right digits as one that wins each other time.

use super::quadrature::{Integrands, Nodes, integrate};
use crate::dist::Law;

/// Where a law's scale may lie: probabilities of at most so much, and of more than that.
const LEVELS: [f64; 10] = [1e-18, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.25, 0.5];

/// Between 0 and this time, in seconds, nothing is told apart.
const EARLIEST: f64 = 1e-280;

/// Some clocks of one law.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Racer {
    pub law: Law,
    /// Runs so many times as fast as time.
    pub speed: f64,
    /// Clocks of this kind, all started together.
    pub count: u32,
    /// Least first among those due at one time (S13).
    pub tie: u64,
}

/// Clocks that can't be told apart.
#[derive(Debug)]
struct Class {
    law: Law,
    speed: f64,
    count: f64,
    tie: u64,
    /// In the law's own time.
    atoms: Vec<(f64, f64)>,
}

/// The race, from which the weights of its integrals follow.
#[derive(Debug)]
pub(super) struct Race {
    classes: Vec<Class>,
    /// Class and share in its wins, by racer.
    members: Vec<(usize, f64)>,
    /// Rate at which the marking changes during the race, which the nodes must resolve; 0: it doesn't.
    rate: f64,
}

impl Race {
    pub fn new(racers: &[Racer], rate: f64) -> Race {
        let mut classes: Vec<Class> = Vec::new();
        let mut members = Vec::new();
        for racer in racers {
            let alike = |class: &Class| class.atoms.is_empty() && class.speed == racer.speed && class.law == racer.law;
            let found = classes.iter().position(alike);
            let class = found.unwrap_or_else(|| {
                let Racer { law, speed, tie, .. } = racer;
                classes.push(Class { law: law.clone(), speed: *speed, count: 0.0, tie: *tie, atoms: law.atoms() });
                classes.len() - 1
            });
            classes[class].count += f64::from(racer.count);
            members.push((class, f64::from(racer.count)));
        }
        members.iter_mut().for_each(|(class, count)| *count /= classes[*class].count);
        Race { classes, members, rate }
    }

    /// Class of a racer, and its share in the class's wins.
    pub fn member(&self, racer: usize) -> (usize, f64) {
        self.members[racer]
    }

    /// Number of integrals: the survival of all, then the wins of each class.
    pub fn integrals(&self) -> usize {
        self.classes.len() + 1
    }

    /// The mean, where there is but one clock.
    pub fn alone(&self) -> Option<f64> {
        let [class] = self.classes.as_slice() else { return None };
        (class.count == 1.0).then(|| class.law.mean() / class.speed)
    }

    /// Whether clocks of different classes may be due at the same time.
    pub fn ties(&self) -> bool {
        let tied = |(k, class): (usize, &Class)| {
            let others = || self.classes.iter().enumerate().filter(move |(other, _)| *other != k).map(|(_, c)| c);
            class.atoms.iter().map(|(x, _)| x / class.speed).any(|time| {
                let states: Vec<(f64, f64)> = others().map(|other| other.around(time)).collect();
                states.iter().any(|(_, at)| *at > 0.0) && states.iter().all(|(after, at)| after + at > 0.0)
            })
        };
        self.classes.iter().enumerate().any(tied)
    }

    /// Points in time with the weights of all integrals: ∫ P(nobody is through) dt, and of P(class wins in dt).
    pub fn nodes(&self) -> Nodes {
        let end = self.classes.iter().map(|class| class.law.quantile(1.0) / class.speed).fold(f64::INFINITY, f64::min);
        let mut breaks: Vec<f64> = self.classes.iter().flat_map(Class::breaks).collect();
        breaks.extend([0.0, end]);
        breaks.retain(|time| *time == 0.0 || (EARLIEST..=end).contains(time) && time.is_finite());
        breaks.sort_by(f64::total_cmp);
        breaks.dedup_by(|next, kept| *next <= *kept * (1.0 + 1e-15));
        let mut nodes = integrate(self, &breaks, end == f64::INFINITY);
        self.push_atoms(end, &mut nodes);
        nodes
    }

    /// Wins at times of positive probability: of those due the least tie key comes first.
    fn push_atoms(&self, end: f64, nodes: &mut Nodes) {
        let all = self.classes.iter().flat_map(|class| class.atoms.iter().map(|(x, _)| x / class.speed));
        let mut times: Vec<f64> = all.filter(|time| *time <= end).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let mut order: Vec<usize> = (0..self.classes.len()).collect();
        order.sort_by_key(|&class| self.classes[class].tie);
        for time in times {
            let states: Vec<(f64, f64)> = self.classes.iter().map(|class| class.around(time)).collect();
            let mut weights = vec![0.0; self.integrals()];
            for (rank, &class) in order.iter().enumerate() {
                let (after, at) = states[class];
                let power = |base: f64, other: usize| libm::pow(base, self.classes[other].count);
                let earlier: f64 = order[..rank].iter().map(|&other| power(states[other].0, other)).product();
                let later: f64 = order[rank + 1..].iter().map(|&o| power(states[o].0 + states[o].1, o)).product();
                weights[class + 1] = earlier * first_of(after, at, self.classes[class].count) * later;
            }
            nodes.push(time, &weights);
        }
    }
}

/// P(the first of `count` clocks is due at a time at which each is with probability `at`, and later with `after`).
fn first_of(after: f64, at: f64, count: f64) -> f64 {
    let before = after + at;
    at * (0..count as u32)
        .map(|i| libm::pow(before, f64::from(i)) * libm::pow(after, count - 1.0 - f64::from(i)))
        .sum::<f64>()
}

impl Integrands for Race {
    fn width(&self) -> usize {
        self.integrals()
    }

    fn at(&self, time: f64, values: &mut [f64]) {
        let mut all = 0.0;
        for (class, value) in self.classes.iter().zip(&mut values[1..]) {
            *value = class.law.log_survival(time * class.speed);
            all += class.count * *value;
        }
        values[0] = libm::exp(all);
        for (class, value) in self.classes.iter().zip(&mut values[1..]) {
            let others = all - *value;
            let density = class.count * class.speed * class.law.density_beside_atoms(time * class.speed);
            *value = if density > 0.0 && others > f64::NEG_INFINITY { density * libm::exp(others) } else { 0.0 };
        }
    }

    fn narrow(&self, start: f64, end: f64, values: &mut [f64]) {
        let logs = |time: f64| -> Vec<f64> {
            self.classes.iter().map(|class| class.count * class.law.log_survival(time * class.speed)).collect()
        };
        let ends = [logs(start), logs(end)];
        let middle = |terms: [f64; 2]| 0.5 * (libm::exp(terms[0]) + libm::exp(terms[1]));
        let all = ends.each_ref().map(|logs| logs.iter().sum::<f64>());
        values[0] = middle(all) * (end - start);
        for (k, class) in self.classes.iter().enumerate() {
            let others =
                ends.each_ref().map(|logs| logs.iter().enumerate().map(|(j, x)| if j == k { 0.0 } else { *x }).sum());
            // 1 − (1 − x)^count, x being the part of those still running that end here.
            let running = libm::exp(ends[0][k] / class.count);
            let part = (class.between(start, end) / running).min(1.0);
            let first = -libm::expm1(class.count * libm::log1p(-part));
            values[k + 1] = if running > 0.0 { libm::exp(ends[0][k]) * first * middle(others) } else { 0.0 };
        }
    }

    fn resolves(&self, start: f64, end: f64) -> bool {
        // A panel's halves are used: three standard deviations of the number of changes each.
        let changes = self.rate * start;
        self.rate * (end - start) <= 6.0 * (1.0 + changes).sqrt() || changes > super::subordinate::MOST_CHANGES
    }
}

impl Class {
    /// Times between which everything is smooth, dense enough that no peak is missed.
    fn breaks(&self) -> Vec<f64> {
        let levels = LEVELS.iter().flat_map(|&p| [self.law.quantile(p), self.law.quantile(1.0 - p)]);
        let atoms = self.atoms.iter().map(|(x, _)| *x);
        levels.chain(self.law.kinks()).chain(atoms).map(|x| x / self.speed).collect()
    }

    /// P(later than `time`) and P(at it).
    fn around(&self, time: f64) -> (f64, f64) {
        let x = time * self.speed;
        // The speed's rounding aside.
        let slack = 4.0 * f64::EPSILON * x;
        let first = self.atoms.partition_point(|(atom, _)| *atom < x - slack);
        match self.atoms.get(first) {
            Some(&(atom, mass)) if atom <= x + slack => (self.law.survival(atom), mass),
            _ => (self.law.survival(x), 0.0),
        }
    }

    /// Probability of a narrow stretch of time, atoms left out.
    fn between(&self, start: f64, end: f64) -> f64 {
        let (start, end) = (start * self.speed, end * self.speed);
        if !self.atoms.is_empty() {
            return self.law.density_beside_atoms(0.5 * start + 0.5 * end) * (end - start);
        }
        let below = self.law.cdf(end);
        if below < 0.5 { below - self.law.cdf(start) } else { self.law.survival(start) - self.law.survival(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Argument, forms};

    fn law(name: &str, parameters: &[f64]) -> Law {
        let fits = |form: &&crate::dist::Form| form.name == name && form.parameters.len() == parameters.len();
        let arguments: Vec<Argument> = parameters.iter().map(|&value| Argument::Scalar(value)).collect();
        if name == "Hypoexponential" {
            let form = forms().iter().find(|form| form.name == name).expect("the law");
            return (form.build)(&[Argument::List(parameters.to_vec())]).expect("a law");
        }
        let form = forms().iter().find(fits).unwrap_or_else(|| panic!("no law {name}"));
        (form.build)(&arguments).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn laws() -> Vec<Law> {
        vec![
            law("Exponential", &[2.0]),
            law("Deterministic", &[1.5]),
            law("Uniform", &[0.0, 1.0]),
            law("Uniform", &[30.0, 300.0]),
            law("LogNormal", &[1.0, 0.5]),
            law("LogNormal", &[8e6, 0.4]),
            law("LogNormal", &[1.0, 3.0]),
            law("Weibull", &[0.7, 0.8]),
            law("Weibull", &[0.05, 3.0]),
            law("Weibull", &[8.0, 1e4]),
            law("Gamma", &[1.5, 0.5]),
            law("Gamma", &[0.01, 0.5]),
            law("Gamma", &[4000.0, 1.0]),
            law("Erlang", &[3.0, 2.0]),
            law("Triangular", &[0.0, 0.0, 2.0]),
            law("Triangular", &[1.0, 4.0, 6.0]),
            law("TruncatedNormal", &[5.0, 2.0]),
            law("TruncatedNormal", &[5.0, 2.0, 4.0, 9.0]),
            law("LogLogistic", &[2.0, 1.5]),
            law("Hypoexponential", &[1.0, 5.0, 0.1]),
            law("Pareto", &[1.0, 1.2]),
            crate::dist::Empirical::law(&[1.0, 1.0, 2.5, 40.0]).expect("a law"),
            crate::dist::Shifted::law(1.0, law("Weibull", &[0.5, 2.0])).expect("a law"),
            crate::dist::Mixed::law(&[1.0, 2.0], vec![law("Deterministic", &[2.0]), law("Gamma", &[0.5, 9.0])])
                .expect("a law"),
        ]
    }

    /// Somebody wins, and of all laws the integrals take few nodes.
    #[test]
    fn all_laws_race_against_each_other() {
        let laws = laws();
        for (i, first) in laws.iter().enumerate() {
            for (j, second) in laws.iter().enumerate().skip(i) {
                let racer = |law: &Law, count, tie| Racer { law: law.clone(), speed: 1.0, count, tie };
                let race = Race::new(&[racer(first, 1, 1), racer(second, 2, 2)], 0.0);
                let nodes = race.nodes();
                let totals = nodes.totals();
                let won: f64 = totals[1..].iter().sum();
                assert!((won - 1.0).abs() < 1e-11, "{i} {j}: {won}");
                assert!(nodes.times.len() < 60_000, "{i} {j}: {} nodes", nodes.times.len());
            }
        }
    }
}
