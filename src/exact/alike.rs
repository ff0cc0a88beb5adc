//! Whether an exchange of places maps a net onto itself.
//!
//! Every transition is described by all that its firing depends on and does; the exchange is proven when the exchanged
//! descriptions are the same ones, and when capacities, conditions and measures stay as they are. The order in which
//! sets of immediates are visited (S5) goes by name, which an exchange doesn't keep: sets that touch each other's
//! places must keep their order, others may fire in any.

use super::refusal::Refusal;
use super::{Stop, go_on};
use crate::net::expr::{ArgumentExpr, Expr, LawExpr};
use crate::net::{Arc, Average, Formula, Net, PlaceId, Servers, Timing, Transition};
use crate::program::Program;
use crate::syntax::ast::{MemoryPolicy, Scope};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// Transitions between two questions whether to go on.
const UNASKED: usize = 1 << 10;

/// A net whose exchanges are proven.
pub(super) struct Alike<'n> {
    net: &'n Net,
    /// Expressions of conditions and measures, as they stand.
    read: Vec<String>,
    described: Vec<String>,
    /// By description; none where several transitions have the same.
    by_description: HashMap<String, Option<usize>>,
    /// Which averages count each transition.
    counted: Vec<Vec<usize>>,
    /// The transitions and places of the expressions, in all.
    size: usize,
    /// Set of each immediate in the order of visits, and the group of sets that touch each other's places.
    sets: BTreeMap<usize, (u32, usize)>,
}

impl<'n> Alike<'n> {
    pub fn new(net: &'n Net, program: &Program, stop: Stop) -> Result<Alike<'n>, Refusal> {
        let mut counted = vec![Vec::new(); net.transitions.len()];
        let mut amounts = vec![Vec::new(); net.transitions.len()];
        let mut number = 0;
        for measure in &net.measures {
            averages(&measure.formula, &mut |average| {
                if let Average::Rate(list) | Average::Impulse(list, _) = average {
                    list.iter().for_each(|t| counted[t.0 as usize].push(number));
                }
                if let Average::Impulse(list, amount) = average {
                    list.iter().for_each(|t| amount.places(&mut |place| amounts[t.0 as usize].push(place)));
                }
                number += 1;
            });
        }
        let mut alike = Alike {
            net,
            read: Vec::new(),
            described: Vec::new(),
            by_description: HashMap::new(),
            counted,
            size: 0,
            sets: sets(net, program, &amounts),
        };
        let same = |place: PlaceId| place;
        alike.read = alike.reads(&same);
        for t in 0..net.transitions.len() {
            if t % UNASKED == 0 {
                go_on(stop, 0)?;
            }
            let description = alike.description(t, &same);
            alike.described.push(description);
        }
        alike.size = alike.read.iter().chain(&alike.described).map(String::len).sum();
        for (t, description) in alike.described.iter().enumerate() {
            alike.by_description.entry(description.clone()).and_modify(|known| *known = None).or_insert(Some(t));
        }
        Ok(alike)
    }

    /// How much a proof looks at.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether the net stays as it is when the places of one block change places with those of the other.
    pub fn may_be_exchanged(&self, one: &[PlaceId], other: &[PlaceId]) -> bool {
        let pairs = || one.iter().zip(other);
        let both = pairs().flat_map(|(&a, &b)| [(a, b), (b, a)]);
        let map: HashMap<PlaceId, PlaceId> = both.collect();
        let exchanged = |place: PlaceId| map.get(&place).copied().unwrap_or(place);
        let capacity = |place: &PlaceId| self.net.places[place.0 as usize].capacity;
        if one.len() != other.len() || pairs().any(|(a, b)| capacity(a) != capacity(b)) {
            return false;
        }
        self.reads(&exchanged) == self.read && self.transitions(&exchanged)
    }

    /// Whether the exchanged transitions are the same ones, immediates in an order that makes no difference.
    fn transitions(&self, exchanged: &dyn Fn(PlaceId) -> PlaceId) -> bool {
        let mut seen = vec![false; self.described.len()];
        let mut images: BTreeMap<usize, BTreeMap<u32, (usize, u32)>> = BTreeMap::new();
        for t in 0..self.described.len() {
            let Some(Some(image)) = self.by_description.get(&self.description(t, exchanged)) else {
                return false;
            };
            if std::mem::replace(&mut seen[*image], true) {
                return false;
            }
            match (self.sets.get(&t), self.sets.get(image)) {
                (None, None) => {}
                (Some(&(set, group)), Some(&(to, into))) => {
                    let known = *images.entry(group).or_default().entry(set).or_insert((into, to));
                    if known != (into, to) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        // The sets of a group are visited in the same order as those that they become.
        images.values().all(|sets| {
            let images: Vec<(usize, u32)> = sets.values().copied().collect();
            images.windows(2).all(|pair| pair[0].0 == pair[1].0 && pair[0].1 < pair[1].1)
        })
    }

    /// All that conditions and measures read.
    fn reads(&self, place: &dyn Fn(PlaceId) -> PlaceId) -> Vec<String> {
        let mut all: Vec<String> = self.net.up.iter().map(|condition| text(&condition.expr, place)).collect();
        for measure in &self.net.measures {
            averages(&measure.formula, &mut |average| {
                if let Average::Reward(expr) | Average::Impulse(_, expr) = average {
                    all.push(text(expr, place));
                }
            });
        }
        all
    }

    /// All that a transition depends on and does.
    fn description(&self, t: usize, place: &dyn Fn(PlaceId) -> PlaceId) -> String {
        let transition = &self.net.transitions[t];
        let mut around: Vec<(u8, PlaceId, u32)> =
            arcs(transition).map(|(kind, arc)| (kind, place(arc.place), arc.weight)).collect();
        around.sort_unstable();
        let mut all = format!("{:?}", self.counted[t]);
        around.iter().for_each(|(kind, place, weight)| all += &format!(" {kind}:{}*{weight}", place.0));
        all += &transition.guard.as_ref().map_or(String::new(), |guard| format!(" if {}", text(guard, place)));
        let scope = match &transition.timing {
            Timing::Immediate { priority, weight, scope } => {
                all += &format!(" at once {priority} {}", text(weight, place));
                *scope
            }
            Timing::Timed(timed) => {
                let keeps = timed.memory == MemoryPolicy::Identical;
                let servers = match timed.servers {
                    Servers::Infinite => u32::MAX,
                    Servers::Count(servers) => servers,
                };
                all += &format!(" after {} {servers} {keeps}", law(&timed.law, place));
                all += &timed.speed.as_ref().map_or(String::new(), |speed| format!(" by {}", text(speed, place)));
                timed.scope
            }
        };
        if scope == Scope::Transition {
            all += &format!(" of {}", transition.family.0);
        }
        all
    }
}

/// All arcs of a transition, each with the number of its kind.
fn arcs(transition: &Transition) -> impl Iterator<Item = (u8, Arc)> + '_ {
    let kinds = [&transition.inputs, &transition.outputs, &transition.tests, &transition.inhibitors];
    let arcs = kinds.into_iter().enumerate().flat_map(|(kind, list)| list.iter().map(move |&arc| (kind as u8, arc)));
    arcs.chain(transition.flushes.iter().map(|&place| (4, Arc { place, weight: 0 })))
}

fn averages(formula: &Formula, visit: &mut dyn FnMut(&Average)) {
    match formula {
        Formula::Constant(_) => {}
        Formula::Average(average) => visit(average),
        Formula::Negate(x) => averages(x, visit),
        Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
            averages(x, visit);
            averages(y, visit);
        }
    }
}

/// An expression in words, the operands of what is commutative in order.
fn text(expr: &Expr, place: &dyn Fn(PlaceId) -> PlaceId) -> String {
    match expr {
        Expr::Constant(value) => format!("{value:?}"),
        Expr::Tokens(places) => {
            let mut places: Vec<u32> = places.iter().map(|&p| place(p).0).collect();
            places.sort_unstable();
            places.iter().fold("#".to_string(), |mut all, place| {
                // Writing to a text never fails.
                let _ = write!(all, "{place},");
                all
            })
        }
        Expr::Negate(x) => format!("-({})", text(x, place)),
        Expr::Not(x) => format!("!({})", text(x, place)),
        Expr::Apply(function, x) => format!("{function:?}({})", text(x, place)),
        Expr::Binary(op, x, y) => format!("({} {op:?} {})", text(x, place), text(y, place)),
        Expr::If(c, x, y) => format!("({} ? {} : {})", text(c, place), text(x, place), text(y, place)),
        Expr::Fold(op, operands) => {
            let mut operands: Vec<String> = operands.iter().map(|e| text(e, place)).collect();
            operands.sort_unstable();
            format!("{op:?}({})", operands.join(";"))
        }
    }
}

fn law(of: &LawExpr, place: &dyn Fn(PlaceId) -> PlaceId) -> String {
    let list = |list: &[Expr]| list.iter().map(|e| text(e, place)).collect::<Vec<_>>().join(";");
    let argument = |argument: &ArgumentExpr| match argument {
        ArgumentExpr::Scalar(e) => text(e, place),
        ArgumentExpr::List(all) => format!("[{}]", list(all)),
        ArgumentExpr::Law(one) => law(one, place),
        ArgumentExpr::Laws(laws) => {
            format!("[{}]", laws.iter().map(|one| law(one, place)).collect::<Vec<_>>().join(";"))
        }
    };
    let names: Vec<&str> = of.form.parameters.iter().map(|parameter| parameter.0).collect();
    let arguments: Vec<String> = of.arguments.iter().map(argument).collect();
    format!("{}{names:?}({})", of.form.name, arguments.join(";"))
}

/// Of each immediate its set, in the order of visits, and the first of the sets that touch each other's places: by one
/// changing what another reads or changes, directly or through others.
fn sets(net: &Net, program: &Program, amounts: &[Vec<PlaceId>]) -> BTreeMap<usize, (u32, usize)> {
    let mut parent: Vec<usize> = (0..program.sets.len()).collect();
    fn root(parent: &mut [usize], mut node: usize) -> usize {
        while parent[node] != node {
            parent[node] = parent[parent[node]];
            node = parent[node];
        }
        node
    }
    // Of each place the sets that look at it, and whether any changes it.
    let mut touched = BTreeMap::<PlaceId, (Vec<usize>, bool)>::new();
    for immediate in &program.immediates {
        let (t, set) = (immediate.transition.0 as usize, immediate.set as usize);
        let transition = &net.transitions[t];
        let mut touch = |place: PlaceId, changes: bool| {
            let entry = touched.entry(place).or_default();
            entry.0.push(set);
            entry.1 |= changes;
        };
        arcs(transition).for_each(|(kind, arc)| touch(arc.place, [0, 1, 4].contains(&kind)));
        let mut read = |place: PlaceId| touch(place, false);
        transition.guard.iter().for_each(|guard| guard.places(&mut read));
        amounts[t].iter().for_each(|&place| read(place));
        if let Timing::Immediate { weight, .. } = &transition.timing {
            weight.places(&mut read);
        }
    }
    for (sets, _) in touched.into_values().filter(|(_, changed)| *changed) {
        for pair in sets.windows(2) {
            let (a, b) = (root(&mut parent, pair[0]), root(&mut parent, pair[1]));
            parent[a.max(b)] = a.min(b);
        }
    }
    let of = |immediate: &crate::program::Immediate| {
        (immediate.transition.0 as usize, (immediate.set, root(&mut parent, immediate.set as usize)))
    };
    program.immediates.iter().map(of).collect()
}
