//! Where the sign of what is known at some values of a parameter changes, and where to look next.
//!
//! Between nodes the logarithm of a ratio, and the band around it, are interpolated linearly. The interval of a change is
//! the stretch around it in which the band contains 0: inverting a pointwise band is what gives the stretch the band's
//! confidence. Where there is a third node, both ends go as much further as twice the distance to the crossing of the
//! parabola through it: the error of the interpolation itself; but not beyond a node whose own band tells the order.
//! Nodes without a band are roots of an exact function, found by ITP (Oliveira and Takahashi 2020, algorithm 1), which
//! takes no more steps than bisection does, and mostly far fewer.

/// Safety of the allowance for the bend of the line.
const BEND: f64 = 2.0;

/// What is known at one value of a parameter: of a logarithm that is 0 where the order changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// The parameter, or its logarithm.
    pub x: f64,
    /// The logarithm of a ratio.
    pub ratio: f64,
    /// Half-width of its interval.
    pub half: f64,
}

/// A stretch in which the sign can't be told, and across which it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Where it is taken to change.
    pub x: f64,
    /// Ends of the stretch; none where it goes on to the last node.
    pub low: Option<f64>,
    /// The upper one.
    pub high: Option<f64>,
    /// Whether the ratio is below 1 before it.
    pub first_below: bool,
}

/// Every change of order; noise may turn it several times in one stretch, which counts once, or not at all.
pub fn turns(nodes: &[Node]) -> Vec<Turn> {
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
        let high = leaves(root, nodes[i + 1..].iter()).map(|(high, node)| (high + bend).min(node));
        let told_apart = nodes[last..=i].iter().any(|node| node.ratio.abs() > node.half);
        match found.last_mut().filter(|_| !told_apart) {
            Some((turn, roots)) => {
                turn.high = high;
                roots.push(x);
            }
            None => {
                let low = leaves(root, nodes[..=i].iter().rev()).map(|(low, node)| (low - bend).max(node));
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

/// Where the band leaves 0 on the way from a crossing over the nodes, and the node before which it does.
fn leaves<'n>(root: Node, nodes: impl Iterator<Item = &'n Node>) -> Option<(f64, f64)> {
    let mut from = root;
    for &to in nodes {
        // The edge of the band that is nearer to 0 where the order is plain.
        let edges = [|n: Node| n.ratio - n.half, |n: Node| -n.ratio - n.half];
        for edge in edges {
            let (a, b) = (edge(from), edge(to));
            if b > 0.0 {
                return Some((from.x + a / (a - b) * (to.x - from.x), to.x));
            }
        }
        from = to;
    }
    None
}

/// What is to be known next: the value, and the half-width of the band there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask {
    /// The parameter, or its logarithm.
    pub x: f64,
    /// 0 where the function is exact.
    pub half: f64,
}

/// Spare in the band that is asked for.
const SPARE: f64 = 0.45;

/// A first look may be this part of the bracket off.
const ROUGH: f64 = 1.0 / 16.0;

/// A bracket of so many widths is one in which the line is straight.
const NEAR: f64 = 4.0;

/// Width of the bracket of an exact root, relative to 1 or to where it lies.
const EXACT: f64 = 1e-13;

/// What to look at so that the interval of a turn becomes `width` to either side; none when it is, or can't become
/// narrower. So many looks were made before, in a bracket that was so wide at first.
pub fn ask(nodes: &[Node], turn: &Turn, width: f64, looks: u32, first: f64) -> Option<Ask> {
    let at = nodes.partition_point(|node| node.x <= turn.x);
    let (left, right) = bracket(nodes, at)?;
    let span = right.x - left.x;
    if left.half == 0.0 && right.half == 0.0 {
        return itp(left, right, looks, first);
    }
    let reached = turn.low.zip(turn.high).is_some_and(|(low, high)| (turn.x - low).max(high - turn.x) <= width);
    // In a wide bracket the error of the interpolation isn't known well.
    if reached && span <= NEAR * width {
        return None;
    }
    let slope = (right.ratio - left.ratio).abs() / span;
    let half = slope * (SPARE * width).max(if looks == 0 { ROUGH * span } else { 0.0 });
    let places = [0.0, -0.9, 0.9].map(|share| turn.x + share * width);
    let inside = |x: f64| nodes.first().is_some_and(|n| n.x < x) && nodes.last().is_some_and(|n| x < n.x);
    // A node that is near and narrow enough serves.
    let served = |x: f64| nodes.iter().any(|node| (node.x - x).abs() <= 0.3 * width && node.half <= 1.3 * half);
    places.into_iter().find(|&x| inside(x) && !served(x)).map(|x| Ask { x, half })
}

/// The neighbours between which the sign changes.
fn bracket(nodes: &[Node], at: usize) -> Option<(Node, Node)> {
    let sign = |node: &Node| node.ratio < 0.0;
    let right = *nodes.get(at)?;
    let left = *nodes.get(at.checked_sub(1)?)?;
    (sign(&left) != sign(&right)).then_some((left, right))
}

/// The next value by interpolation, truncation and projection.
fn itp(left: Node, right: Node, looks: u32, first: f64) -> Option<Ask> {
    let tolerance = EXACT * left.x.abs().max(right.x.abs()).max(1.0);
    let span = right.x - left.x;
    if span <= 2.0 * tolerance || left.ratio == 0.0 || right.ratio == 0.0 {
        return None;
    }
    let middle = 0.5 * (left.x + right.x);
    let falsi = (right.ratio * left.x - left.ratio * right.x) / (right.ratio - left.ratio);
    let towards = if middle >= falsi { 1.0 } else { -1.0 };
    let truncation = (0.2 / first * span * span).max(tolerance);
    let truncated = if truncation <= (middle - falsi).abs() { falsi + towards * truncation } else { middle };
    let most = libm::ceil(libm::log2((first / (2.0 * tolerance)).max(1.0))) + 1.0;
    let radius = (tolerance * libm::exp2(most - f64::from(looks)) - 0.5 * span).max(0.0);
    let x = if (truncated - middle).abs() <= radius { truncated } else { middle - towards * radius };
    (left.x < x && x < right.x).then_some(Ask { x, half: 0.0 })
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
    fn a_node_that_tells_the_order_ends_the_interval() {
        // The parabola through the third node would be left far behind 2, where the order is known.
        let found = line(&[(1.0, -1.0, 0.0), (2.0, 0.001, 0.0), (3.0, 50.0, 0.0)]);
        assert!(found[0].low.unwrap() < 1.99 && found[0].high == Some(2.0), "{found:?}");
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
    fn an_exact_root_is_found_to_the_last_digits() {
        for f in [
            |x: f64| x * x * x - 2.0,
            |x: f64| libm::log(x) + 3.0 * x - 4.0,
            |x: f64| libm::exp(20.0 * (x - 1.3)) - 1.0,
        ] {
            let mut nodes: Vec<Node> = [0.5, 2.0].map(|x| Node { x, ratio: f(x), half: 0.0 }).to_vec();
            let mut looks = 0;
            loop {
                let turn = turns(&nodes)[0];
                let Some(Ask { x, half }) = ask(&nodes, &turn, 0.0, looks, 1.5) else { break };
                assert_eq!(half, 0.0);
                nodes.insert(nodes.partition_point(|node| node.x < x), Node { x, ratio: f(x), half });
                looks += 1;
            }
            let x = turns(&nodes)[0].x;
            assert!(looks <= 46 && f(x).abs() < 1e-11, "{looks} {x} {}", f(x));
        }
    }

    #[test]
    fn a_noisy_root_gets_the_interval_that_is_wanted() {
        let f = |x: f64| 0.3 * (x - 5.0) - 0.02 * (x - 5.0) * (x - 5.0);
        let node = |x: f64, half: f64| Node { x, ratio: f(x), half };
        let mut nodes = vec![node(1.0, 0.02), node(9.0, 0.02)];
        let mut looks = 0;
        let turn = loop {
            let turn = turns(&nodes)[0];
            let Some(Ask { x, half }) = ask(&nodes, &turn, 0.01, looks, 8.0) else { break turn };
            nodes.insert(nodes.partition_point(|node| node.x < x), node(x, half));
            looks += 1;
            assert!(looks < 20, "{nodes:?}");
        };
        let (low, high) = (turn.low.unwrap(), turn.high.unwrap());
        assert!(low < 5.0 && 5.0 < high && high - low <= 0.02, "{turn:?} after {looks}");
        assert!(looks < 10, "{looks}");
    }

    #[test]
    fn two_crossings_are_two() {
        let found = line(&[(0.0, -3.0, 1.0), (1.0, 3.0, 1.0), (2.0, -3.0, 1.0)]);
        let sides: Vec<bool> = found.iter().map(|turn| turn.first_below).collect();
        assert_eq!(sides, [true, false]);
    }
}
