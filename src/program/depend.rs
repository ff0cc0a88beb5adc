//! Derived places and the static dependency graph: which races, immediates and rewards a firing can change.

use super::{Code, CompileError, Effect, Within};
use crate::diag::Diagnostic;
use crate::net::expr::{Expr, FoldOp, Op};
use crate::net::{Net, PlaceId, Transition};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Sums of places that expressions read, each kept as a place of its own.
#[derive(Debug, Default)]
pub(super) struct Derived {
    real: u32,
    sums: IndexMap<Vec<u32>, u32>,
    /// The derived places that count a real one.
    counted_by: Vec<Vec<u32>>,
}

impl Derived {
    pub fn new(real: usize) -> Derived {
        Derived { real: real as u32, sums: IndexMap::new(), counted_by: vec![Vec::new(); real] }
    }

    /// The extended marking's sums, in order: the real places of each.
    pub fn sums(&self) -> impl Iterator<Item = &[u32]> {
        self.sums.keys().map(Vec::as_slice)
    }

    /// The derived places that count a real one.
    pub fn counting(&self, place: u32) -> &[u32] {
        &self.counted_by[place as usize]
    }

    /// The place that holds the sum of these.
    fn place(&mut self, places: &[PlaceId]) -> u32 {
        if let [single] = places {
            return single.0;
        }
        let mut key: Vec<u32> = places.iter().map(|p| p.0).collect();
        key.sort_unstable();
        let next = self.real + self.sums.len() as u32;
        let counted_by = &mut self.counted_by;
        *self.sums.entry(key).or_insert_with_key(|key| {
            key.iter().for_each(|&p| counted_by[p as usize].push(next));
            next
        })
    }

    /// An expression in the shape that the hot loop wants.
    pub fn lower(&mut self, expr: &Expr) -> Code {
        match self.replace(expr) {
            Expr::Constant(value) => Code::Constant(value),
            Expr::Tokens(places) => Code::Tokens(places[0].0),
            Expr::Binary(op, x, y) => match (threshold(op, &x, &y), threshold(mirrored(op), &y, &x)) {
                (Some(code), _) | (None, Some(code)) => code,
                (None, None) => Code::Tree(Expr::Binary(op, x, y)),
            },
            other => Code::Tree(other),
        }
    }

    /// A guard as conditions, and what of it cannot be one.
    pub fn lower_guard(&mut self, guard: &Expr, conditions: &mut Vec<Within>) -> Option<Code> {
        let parts = match guard {
            Expr::Fold(FoldOp::And, parts) => parts.as_slice(),
            whole => std::slice::from_ref(whole),
        };
        let mut rest = Vec::new();
        for part in parts {
            match self.lower(part) {
                Code::Within { place, low, high } => conditions.push(Within { place, low, high }),
                Code::Constant(value) if value != 0.0 => {}
                _ => rest.push(self.replace(part)),
            }
        }
        match rest.len() {
            0 => None,
            1 => rest.pop().map(Code::Tree),
            _ => Some(Code::Tree(Expr::Fold(FoldOp::And, rest))),
        }
    }

    /// The same expression over derived places: every sum of tokens reads one place.
    fn replace(&mut self, expr: &Expr) -> Expr {
        let mut boxed = |e: &Expr| Box::new(self.replace(e));
        match expr {
            Expr::Constant(value) => Expr::Constant(*value),
            Expr::Tokens(places) if places.is_empty() => Expr::Constant(0.0),
            Expr::Tokens(places) => Expr::Tokens(vec![PlaceId(self.place(places))]),
            Expr::Negate(x) => Expr::Negate(boxed(x)),
            Expr::Not(x) => Expr::Not(boxed(x)),
            Expr::Apply(function, x) => Expr::Apply(*function, boxed(x)),
            Expr::Binary(op, x, y) => Expr::Binary(*op, boxed(x), boxed(y)),
            Expr::If(c, x, y) => Expr::If(boxed(c), boxed(x), boxed(y)),
            Expr::Fold(op, parts) => Expr::Fold(*op, parts.iter().map(|e| self.replace(e)).collect()),
        }
    }
}

/// `tokens ∘ constant` as an interval.
fn threshold(op: Op, x: &Expr, y: &Expr) -> Option<Code> {
    let (Expr::Tokens(places), Expr::Constant(bound)) = (x, y) else { return None };
    let whole = bound.fract() == 0.0 && (0.0..f64::from(u32::MAX)).contains(bound);
    let place = places[0].0;
    let at_least = |bound: f64| (bound.max(0.0) as u32, u32::MAX);
    // An empty interval stands for "never".
    let at_most = |bound: f64| if bound < 0.0 { (1, 0) } else { (0, bound as u32) };
    if !bound.is_finite() || bound.abs() >= f64::from(u32::MAX) {
        return None;
    }
    let (low, high) = match op {
        Op::Equal if whole => (*bound as u32, *bound as u32),
        Op::Equal => (1, 0),
        Op::Less => at_most(bound.ceil() - 1.0),
        Op::LessEqual => at_most(bound.floor()),
        Op::Greater => at_least(bound.floor() + 1.0),
        Op::GreaterEqual => at_least(bound.ceil()),
        Op::NotEqual if *bound == 0.0 => (1, u32::MAX),
        _ => return None,
    };
    Some(Code::Within { place, low, high })
}

/// `x ∘ y` as `y ∘' x`.
fn mirrored(op: Op) -> Op {
    match op {
        Op::Less => Op::Greater,
        Op::LessEqual => Op::GreaterEqual,
        Op::Greater => Op::Less,
        Op::GreaterEqual => Op::LessEqual,
        other => other,
    }
}

/// What a transition does to the extended marking, in the parts that S4 and S10 tell apart.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Net changes; flushed places receive only what is put.
    pub net: Vec<Effect>,
    pub takes: Vec<Effect>,
    pub puts: Vec<Effect>,
    pub flushes: Vec<(u32, Vec<u32>)>,
    /// All places that it may change, derived ones too.
    pub changed: Vec<u32>,
    /// All places that it may change in between.
    pub touched: Vec<u32>,
}

impl Change {
    /// # Errors
    /// A change of a sum that no marking allows: the engine could not tell it from a small one.
    pub fn of(transition: &Transition, derived: &Derived) -> Result<Change, CompileError> {
        let flushed: Vec<u32> = transition.flushes.iter().map(|p| p.0).collect();
        let side = |arcs: &[crate::net::Arc], sign: i64, skip: &[u32]| {
            let mut deltas = BTreeMap::<u32, i64>::new();
            for arc in arcs.iter().filter(|arc| !skip.contains(&arc.place.0)) {
                let delta = sign * i64::from(arc.weight);
                *deltas.entry(arc.place.0).or_default() += delta;
                for &sum in derived.counting(arc.place.0) {
                    *deltas.entry(sum).or_default() += delta;
                }
            }
            deltas
        };
        let takes = side(&transition.inputs, -1, &flushed);
        let puts = side(&transition.outputs, 1, &[]);
        if let Some(most) = takes.values().chain(puts.values()).map(|d| d.abs()).find(|&d| d > i64::from(i32::MAX)) {
            let what = format!("{} moves {most} tokens of a sum of places that the net reads", transition.name);
            let error = Diagnostic::error("E0721", transition.span, format!("{what}; {} are the most", i32::MAX));
            return Err(CompileError::new(
                error.help("fewer tokens, or conditions and measures that read fewer places"),
            ));
        }
        let mut net = takes.clone();
        for (&place, &delta) in &puts {
            *net.entry(place).or_default() += delta;
        }
        let emptied = flushed.iter().flat_map(|&p| std::iter::once(p).chain(derived.counting(p).iter().copied()));
        let mut changed: Vec<u32> = net.iter().filter(|(_, d)| **d != 0).map(|(&p, _)| p).chain(emptied).collect();
        changed.sort_unstable();
        changed.dedup();
        let mut touched: Vec<u32> = takes.keys().chain(puts.keys()).chain(&changed).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let list = |deltas: &BTreeMap<u32, i64>| {
            let parts = deltas.iter().filter(|(_, d)| **d != 0);
            parts.map(|(&place, &delta)| [place, delta as i32 as u32]).collect::<Vec<Effect>>()
        };
        Ok(Change {
            net: list(&net),
            takes: list(&takes),
            puts: list(&puts),
            flushes: flushed.iter().map(|&p| (p, derived.counting(p).to_vec())).collect(),
            changed,
            touched,
        })
    }
}

/// Who reads a place.
#[derive(Debug)]
pub(super) struct Readers {
    lists: Vec<Vec<u32>>,
}

impl Readers {
    pub fn new(places: usize) -> Readers {
        Readers { lists: vec![Vec::new(); places] }
    }

    /// How many read a place.
    pub fn count(&self, place: u32) -> usize {
        self.lists[place as usize].len()
    }

    /// The readers of a place, who are forgotten.
    pub fn take(&mut self, place: u32) -> Vec<u32> {
        std::mem::take(&mut self.lists[place as usize])
    }

    /// All readers, by place.
    pub fn into_lists(self) -> Vec<Vec<u32>> {
        self.lists
    }

    /// `reader` reads `place`.
    pub fn add(&mut self, place: u32, reader: u32) {
        let list = &mut self.lists[place as usize];
        if list.last() != Some(&reader) {
            list.push(reader);
        }
    }

    /// All readers of these places, each once, in order.
    pub fn of(&self, places: &[u32]) -> Vec<u32> {
        let mut readers: Vec<u32> = places.iter().flat_map(|&p| &self.lists[p as usize]).copied().collect();
        readers.sort_unstable();
        readers.dedup();
        readers
    }
}

/// The conditions of a transition's arcs: inputs, tests, inhibitors, and places that block (S2, S3).
pub(super) fn conditions(net: &Net, transition: &Transition) -> Vec<Within> {
    let mut bounds = BTreeMap::<u32, (u32, u32)>::new();
    for arc in transition.inputs.iter().chain(&transition.tests) {
        let (low, _) = bounds.entry(arc.place.0).or_insert((0, u32::MAX));
        *low = (*low).max(arc.weight);
    }
    for arc in &transition.inhibitors {
        let (low, high) = bounds.entry(arc.place.0).or_insert((0, u32::MAX));
        match arc.weight.checked_sub(1) {
            Some(most) => *high = (*high).min(most),
            // No place holds less than nothing.
            None => (*low, *high) = (u32::MAX, 0),
        }
    }
    for arc in &transition.outputs {
        if let Some(most) = most_before(net, transition, arc) {
            let (low, high) = bounds.entry(arc.place.0).or_insert((0, u32::MAX));
            match u32::try_from(most) {
                Ok(most) => *high = (*high).min(most),
                Err(_) => (*low, *high) = (1, 0),
            }
        }
    }
    bounds.into_iter().map(|(place, (low, high))| Within { place, low, high }).collect()
}

/// Most tokens before a firing such that a place that blocks isn't overfilled; none if it never is.
/// Negative: it always is.
fn most_before(net: &Net, transition: &Transition, output: &crate::net::Arc) -> Option<i64> {
    let capacity = net.places[output.place.0 as usize].capacity?;
    if capacity.overrun == crate::syntax::ast::Overrun::Error {
        return None;
    }
    let (limit, put) = (i64::from(capacity.limit), i64::from(output.weight));
    if transition.flushes.contains(&output.place) {
        return (put > limit).then_some(-1);
    }
    let taken = transition.inputs.iter().find(|arc| arc.place == output.place).map_or(0, |arc| i64::from(arc.weight));
    (put > taken).then_some(limit - put + taken)
}
