//! Where two designs change their order along a sweep of one numeric parameter.
//!
//! Between the sweep's values the logarithm of the ratio of the unavailabilities, and the band around it, are
//! interpolated linearly; on a logarithmic axis where all values are above 0, which is exact for power laws.
//! The interval is the stretch around the crossing in which the band contains 0: inverting a pointwise band is what
//! gives the stretch the band's confidence. Where there is a third value, both ends go as much further as twice the
//! distance to the crossing of the parabola through it: the error of the interpolation itself.

use super::compare::{groups, log_ratio};
use super::outcome::Crossing;
use super::plan::{Axis, Plan};
use super::run::Solved;
use crate::stats::Estimate;

/// Safety of the allowance for the bend of the line.
const BEND: f64 = 2.0;

/// The ratio of two designs at one value of the sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    /// The parameter, or its logarithm.
    x: f64,
    /// Logarithm of the ratio of the unavailabilities.
    ratio: f64,
    /// Half-width of its interval.
    half: f64,
}

/// A stretch in which the designs can't be told apart, and across which their order changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turn {
    x: f64,
    /// None where the stretch goes on to the end of the sweep.
    low: Option<f64>,
    high: Option<f64>,
    /// Whether the first design is down less before it.
    first_below: bool,
}

/// All crossings of the first design with each other one.
pub(super) fn crossings(plan: &Plan, solved: &[Solved]) -> Vec<Crossing> {
    let (Some(axis), Some(first)) = (&plan.axis, plan.designs.first()) else { return Vec::new() };
    let log = axis.values.iter().all(|&x| x > 0.0);
    let against = |second: &String| {
        let (nodes, missing) = nodes(plan, solved, axis, log, second);
        let found = turns(&nodes).into_iter();
        found.map(|turn| crossing(plan, axis, (first, second), turn, (log, nodes.len(), missing))).collect::<Vec<_>>()
    };
    plan.designs.iter().skip(1).flat_map(against).collect()
}

/// The ratios along the sweep in ascending order, and how many have no interval.
fn nodes(plan: &Plan, solved: &[Solved], axis: &Axis, log: bool, second: &str) -> (Vec<Node>, usize) {
    let (mut nodes, mut missing): (Vec<Node>, usize) = (Vec::new(), 0);
    for group in groups(solved) {
        let named = |name: &str| group.iter().copied().find(|&point| solved[point].planned.design == name);
        let Some(points) = plan.designs.first().and_then(|first| named(first)).zip(named(second)) else { continue };
        let value = axis.values[points.0];
        match log_ratio(plan, solved, [points.0, points.1]) {
            Some((ratio, half)) => nodes.push(Node { x: if log { libm::log(value) } else { value }, ratio, half }),
            None => missing += 1,
        }
    }
    nodes.sort_by(|a, b| a.x.total_cmp(&b.x));
    // One value written in two ways.
    nodes.dedup_by(|a, b| a.x == b.x);
    (nodes, missing)
}

/// Every change of order; noise may turn it several times in one stretch, which counts once, or not at all.
fn turns(nodes: &[Node]) -> Vec<Turn> {
    let mut found: Vec<(Turn, Vec<f64>)> = Vec::new();
    let mut last = 0;
    for (i, pair) in nodes.windows(2).enumerate() {
        let (left, right) = (pair[0], pair[1]);
        if (left.ratio < 0.0) == (right.ratio < 0.0) {
            continue;
        }
        let share = left.ratio / (left.ratio - right.ratio);
        let x = left.x + share * (right.x - left.x);
        let root = Node { x, ratio: 0.0, half: left.half + share * (right.half - left.half) };
        let bend = BEND * bend(nodes, i, x);
        let high = leaves(root, nodes[i + 1..].iter()).map(|high| high + bend);
        let told_apart = nodes[last..=i].iter().any(|node| node.ratio.abs() > node.half);
        match found.last_mut().filter(|_| !told_apart) {
            Some((turn, roots)) => {
                turn.high = high;
                roots.push(x);
            }
            None => {
                let low = leaves(root, nodes[..=i].iter().rev()).map(|low| low - bend);
                found.push((Turn { x, low, high, first_below: left.ratio < 0.0 }, vec![x]));
            }
        }
        last = i + 1;
    }
    let odd = found.into_iter().filter(|(_, roots)| roots.len() % 2 == 1);
    odd.map(|(turn, roots)| Turn { x: roots[roots.len() / 2], ..turn }).collect()
}

/// How far the crossing `x` between a node and the next moves when a third node bends the line (the remainder of linear
/// interpolation by Newton's divided differences, over the slope).
fn bend(nodes: &[Node], left: usize, x: f64) -> f64 {
    let slope = |a: Node, b: Node| (b.ratio - a.ratio) / (b.x - a.x);
    let (from, to) = (nodes[left], nodes[left + 1]);
    let with = |third: &Node| {
        let second = (slope(to, *third) - slope(from, to)) / (third.x - from.x);
        (second * (x - from.x) * (x - to.x) / slope(from, to)).abs()
    };
    let thirds = left.checked_sub(1).into_iter().chain([left + 2]).filter_map(|i| nodes.get(i));
    thirds.map(with).filter(|moved| moved.is_finite()).fold(0.0, f64::max)
}

/// Where the band leaves 0 on the way from a crossing over the nodes.
fn leaves<'n>(root: Node, nodes: impl Iterator<Item = &'n Node>) -> Option<f64> {
    let mut from = root;
    for &to in nodes {
        // The edge of the band that is nearer to 0 where the order is plain.
        let edges = [|n: Node| n.ratio - n.half, |n: Node| -n.ratio - n.half];
        for edge in edges {
            let (a, b) = (edge(from), edge(to));
            if b > 0.0 {
                return Some(from.x + a / (a - b) * (to.x - from.x));
            }
        }
        from = to;
    }
    None
}

fn crossing(
    plan: &Plan,
    axis: &Axis,
    (first, second): (&str, &str),
    turn: Turn,
    (log, points, missing): (bool, usize, usize),
) -> Crossing {
    let value = |x: f64| if log { libm::exp(x) } else { x };
    let confidence = plan.settings.confidence;
    let ends = turn.low.zip(turn.high).map(|(low, high)| (value(low), value(high)));
    let estimate = Estimate::between(Some(value(turn.x)), ends, confidence, &axis.dimension.base_unit());
    let scale = if log { format!("ln {}", axis.parameter) } else { axis.parameter.clone() };
    let mut how = format!(
        "ln(unavailability of {first} / of {second}) interpolated linearly in {scale} between {points} values; \
         the interval is where its {} % band contains 0, and the error of the interpolation",
        (100.0 * confidence * 1e9).round() / 1e9
    );
    for (end, name) in [(turn.low, "least"), (turn.high, "greatest")] {
        if end.is_none() {
            how += &format!(", which it does as far as the {name} value");
        }
    }
    if missing > 0 {
        how += &format!("; {missing} values without an interval are left out");
    }
    let (below, above) = if turn.first_below { (first, second) } else { (second, first) };
    Crossing {
        design: first.to_string(),
        against: second.to_string(),
        parameter: axis.parameter.clone(),
        value: Estimate { low: turn.low.map(value), high: turn.high.map(value), ..estimate },
        better_below: below.to_string(),
        better_above: above.to_string(),
        how,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[(f64, f64, f64)]) -> Vec<Turn> {
        turns(&values.iter().map(|&(x, ratio, half)| Node { x, ratio, half }).collect::<Vec<_>>())
    }

    #[test]
    fn a_straight_band_is_left_on_both_sides() {
        // ratio = x − 5, half 1: equal at 5, told apart outside of 4 to 6.
        for grid in [&[0.0, 10.0][..], &[0.0, 4.5, 5.5, 10.0], &[0.0, 5.0, 10.0], &[0.0, 2.0, 4.9, 7.0, 9.0]] {
            let found = line(&grid.iter().map(|&x| (x, x - 5.0, 1.0)).collect::<Vec<_>>());
            assert_eq!(found.len(), 1, "{grid:?}");
            let Turn { x, low, high, first_below } = found[0];
            for (value, exact) in [(x, 5.0), (low.unwrap(), 4.0), (high.unwrap(), 6.0)] {
                assert!((value - exact).abs() < 1e-12, "{value} {exact} {grid:?}");
            }
            assert!(first_below);
        }
    }

    #[test]
    fn exact_values_give_a_point() {
        let found = line(&[(1.0, 2.0, 0.0), (2.0, -2.0, 0.0)]);
        assert_eq!(found, [Turn { x: 1.5, low: Some(1.5), high: Some(1.5), first_below: false }]);
    }

    #[test]
    fn a_bent_line_is_allowed_for() {
        // x² − 25 between 4 and 8 is 0 at 5, the line at 4.75; and no noise.
        let found = line(&[4.0, 8.0, 9.0].map(|x: f64| (x, x * x - 25.0, 0.0)));
        let Turn { x, low, high, .. } = found[0];
        assert_eq!((x, low.map(|low| low < 4.5), high.map(|high| high > 5.0)), (4.75, Some(true), Some(true)));
        assert!(high < Some(5.2), "{found:?}");
    }

    #[test]
    fn a_band_that_goes_on_is_open() {
        let found = line(&[(0.0, -1.0, 2.0), (1.0, 1.0, 2.0), (2.0, 3.0, 2.0)]);
        assert_eq!(found, [Turn { x: 0.5, low: None, high: Some(1.5), first_below: true }]);
    }

    #[test]
    fn noise_within_one_stretch_counts_once_or_not_at_all() {
        let once = line(&[(0.0, -3.0, 1.0), (1.0, 0.5, 1.0), (2.0, -0.5, 1.0), (3.0, 3.0, 1.0)]);
        assert_eq!(once.len(), 1);
        assert_eq!(once[0].x, 1.5);
        assert!(line(&[(0.0, -3.0, 1.0), (1.0, 0.5, 1.0), (2.0, -3.0, 1.0)]).is_empty());
        assert!(line(&[(0.0, 0.0, 1.0), (1.0, 0.0, 1.0)]).is_empty());
        assert!(line(&[(0.0, -1.0, 0.1)]).is_empty() && line(&[]).is_empty());
    }

    #[test]
    fn two_crossings_are_two() {
        let found = line(&[(0.0, -3.0, 1.0), (1.0, 3.0, 1.0), (2.0, -3.0, 1.0)]);
        let sides: Vec<bool> = found.iter().map(|turn| turn.first_below).collect();
        assert_eq!(sides, [true, false]);
    }
}
