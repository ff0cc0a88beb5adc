//! Several integrals over time at once, by Gauss–Legendre rules on panels that are halved until each is known.
//!
//! Where a panel reaches over more than a factor of two of time it is integrated over the logarithm of time, so that
//! scales from seconds to years cost a few panels each.

use std::f64::consts::PI;

/// Nodes of a panel.
const ORDER: usize = 16;

/// A panel is accepted when halving it changes no integral by more than this part of its total.
const TOLERANCE: f64 = 2e-13;

/// Panels in one pass; when there are more, the rest is taken as it is.
const MOST_PANELS: usize = 400_000;

/// Halvings of one panel.
const MOST_DEEP: u32 = 70;

/// A panel so narrow, relative to its end, holds its probability in one point.
const NARROW: f64 = 1e-13;

/// What is integrated: `width` functions, none of them negative.
pub(super) trait Integrands {
    /// How many there are.
    fn width(&self) -> usize;
    /// Their values at a time inside of a panel, per second.
    fn at(&self, time: f64, values: &mut [f64]);
    /// Their integrals over so narrow a panel that only jumps of the primitives matter.
    fn narrow(&self, start: f64, end: f64, values: &mut [f64]);
    /// Whether a panel resolves whatever else the nodes will be used for.
    fn resolves(&self, start: f64, end: f64) -> bool;
}

/// Points in time with the weights of every integral there.
#[derive(Debug, Clone, Default)]
pub(super) struct Nodes {
    pub width: usize,
    pub times: Vec<f64>,
    /// `width` values for each time.
    pub weights: Vec<f64>,
}

impl Nodes {
    /// The weights at each point.
    pub fn iter(&self) -> impl Iterator<Item = (f64, &[f64])> {
        self.times.iter().copied().zip(self.weights.chunks_exact(self.width))
    }

    /// The integrals.
    pub fn totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.width];
        self.iter().for_each(|(_, weights)| add(&mut totals, weights));
        totals
    }

    pub fn push(&mut self, time: f64, weights: &[f64]) {
        self.times.push(time);
        self.weights.extend_from_slice(weights);
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Integrates between the breaks (ascending; the functions are smooth between them) and, where it is `open`, on from
/// the last one to infinity.
pub(super) fn integrate(integrands: &impl Integrands, breaks: &[f64], open: bool) -> Nodes {
    let mut work = Work::new(integrands);
    // The first pass only says how large the integrals are; when it said far too much, another one follows.
    work.pass(breaks, open, 0);
    for _ in 0..6 {
        work.totals = work.nodes.totals();
        work.pass(breaks, open, MOST_DEEP);
        if work.nodes.totals().iter().zip(&work.totals).all(|(now, before)| *now >= 0.5 * before) {
            break;
        }
    }
    work.nodes
}

struct Work<'i, I> {
    integrands: &'i I,
    rule: [(f64, f64); ORDER],
    /// As far as they are known.
    totals: Vec<f64>,
    nodes: Nodes,
    panels: usize,
}

/// A panel with its nodes.
struct Panel {
    start: f64,
    end: f64,
    nodes: Nodes,
    sums: Vec<f64>,
}

impl<'i, I: Integrands> Work<'i, I> {
    fn new(integrands: &'i I) -> Work<'i, I> {
        let nodes = Nodes { width: integrands.width(), ..Nodes::default() };
        Work { integrands, rule: legendre(), totals: vec![0.0; nodes.width], nodes, panels: 0 }
    }

    fn pass(&mut self, breaks: &[f64], open: bool, deep: u32) {
        self.nodes.times.clear();
        self.nodes.weights.clear();
        self.panels = 0;
        for pair in breaks.windows(2) {
            let panel = self.panel(pair[0], pair[1]);
            self.settle(panel, deep);
        }
        let mut start = breaks.last().copied().unwrap_or(0.0).max(f64::MIN_POSITIVE);
        let (mut totals, mut negligible) = (self.nodes.totals(), 0);
        while open && negligible < 3 && start < 1e290 {
            let panel = self.panel(start, 4.0 * start);
            let small = |(sum, total): (&f64, &f64)| *sum <= 1e-19 * total;
            negligible = if panel.sums.iter().zip(&totals).all(small) { negligible + 1 } else { 0 };
            add(&mut totals, &panel.sums);
            self.settle(panel, deep);
            start *= 4.0;
        }
    }

    /// Halves a panel until it is accurate, and adds its nodes.
    fn settle(&mut self, panel: Panel, deep: u32) {
        self.panels += 1;
        let Panel { start, end, .. } = panel;
        let resolves = self.integrands.resolves(start, end);
        if deep == 0 || self.panels > MOST_PANELS {
            return self.accept(&panel);
        }
        if end - start <= NARROW * end || start == 0.0 && deep == 1 {
            let mut weights = vec![0.0; self.nodes.width];
            self.integrands.narrow(start, end, &mut weights);
            return self.nodes.push(0.5 * start + 0.5 * end, &weights);
        }
        let middle = if stretches(start, end) { start.sqrt() * end.sqrt() } else { 0.5 * start + 0.5 * end };
        let (left, right) = (self.panel(start, middle), self.panel(middle, end));
        // What is no number stays none, however often it is halved.
        let off = |k: usize| (panel.sums[k] - left.sums[k] - right.sums[k]).abs() > TOLERANCE * self.totals[k];
        if resolves && !(0..self.nodes.width).any(off) {
            self.accept(&left);
            return self.accept(&right);
        }
        self.settle(left, deep - 1);
        self.settle(right, deep - 1);
    }

    fn accept(&mut self, panel: &Panel) {
        self.nodes.times.extend_from_slice(&panel.nodes.times);
        self.nodes.weights.extend_from_slice(&panel.nodes.weights);
    }

    fn panel(&self, start: f64, end: f64) -> Panel {
        let mut nodes = Nodes { width: self.nodes.width, ..Nodes::default() };
        let mut values = vec![0.0; nodes.width];
        let stretch = if stretches(start, end) { libm::log(end / start) } else { 0.0 };
        for (x, weight) in self.rule {
            let (time, step) = if stretch > 0.0 {
                let time = start * libm::exp(stretch * x);
                (time, stretch * weight * time)
            } else {
                (start + (end - start) * x, (end - start) * weight)
            };
            self.integrands.at(time, &mut values);
            values.iter_mut().for_each(|value| *value *= step);
            nodes.push(time, &values);
        }
        let sums = nodes.totals();
        Panel { start, end, nodes, sums }
    }
}

/// Whether a panel is integrated over the logarithm of time.
fn stretches(start: f64, end: f64) -> bool {
    start > 0.0 && end > 2.0 * start
}

/// Nodes and weights on [0, 1]: the roots of the Legendre polynomial, by Newton's method.
fn legendre() -> [(f64, f64); ORDER] {
    let n = ORDER as f64;
    std::array::from_fn(|i| {
        let mut x = libm::cos(PI * (i as f64 + 0.75) / (n + 0.5));
        let mut slope = 1.0;
        for _ in 0..10 {
            let (mut before, mut value) = (1.0, x);
            for k in 2..=ORDER {
                let k = k as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = n * (before - x * value) / (1.0 - x * x);
            x -= value / slope;
        }
        (0.5 - 0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x^power on (0, 1], and e^(−x).
    struct Powers(f64);

    impl Integrands for Powers {
        fn width(&self) -> usize {
            2
        }
        fn at(&self, time: f64, values: &mut [f64]) {
            values[0] = if time <= 1.0 { time.powf(self.0) } else { 0.0 };
            values[1] = (-time).exp();
        }
        fn narrow(&self, start: f64, end: f64, values: &mut [f64]) {
            let primitive = |x: f64| x.powf(self.0 + 1.0) / (self.0 + 1.0);
            values.copy_from_slice(&[primitive(end) - primitive(start), end - start]);
        }
        fn resolves(&self, _: f64, _: f64) -> bool {
            true
        }
    }

    #[test]
    fn the_rule_is_exact_for_polynomials_of_degree_31() {
        for degree in 0..32 {
            let sum: f64 = legendre().iter().map(|(x, weight)| weight * x.powi(degree)).sum();
            assert!((sum * f64::from(degree + 1) - 1.0).abs() < 1e-14, "{degree}: {sum}");
        }
    }

    #[test]
    fn powers_and_an_open_end_are_integrated_to_twelve_digits() {
        for power in [-0.98, -0.5, 0.0, 0.3, 2.5, 40.0] {
            let totals = integrate(&Powers(power), &[0.0, 1.0], true).totals();
            assert!((totals[0] * (power + 1.0) - 1.0).abs() < 1e-12, "{power}: {}", totals[0]);
            assert!((totals[1] - 1.0).abs() < 1e-12, "{}", totals[1]);
        }
    }
}
