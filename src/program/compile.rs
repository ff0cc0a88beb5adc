//! The compiler: one pass for the expressions (which finds the derived places), one for the races, one for the firings.

use super::depend::{Derived, conditions};
use super::race::PoolLaw;
use super::{
    ClockKeys, Code, ConflictSet, Enabling, Formula, Immediate, Measure, Pool, Program, Race, RaceKind, Service, Within,
};
use crate::diag::Diagnostic;
use crate::dist::Law;
use crate::net::expr::{ArgumentExpr, Expr, FoldOp, LawExpr, Op};
use crate::net::{self, Average, Net, PlaceId, Servers, Timed, Timing, Transition, TransitionId};
use crate::rng::StreamKey;
use crate::syntax::ast::{MemoryPolicy, Overrun, Renew, Scope};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Most clocks in one race: their first one is found by a scan.
const RACE: usize = 8;

/// Most tokens of a place without capacity (S3).
const MOST_TOKENS: u32 = i32::MAX as u32;

/// Most tokens of a sum of places: no single change makes it wrap around (S3).
const MOST_IN_A_SUM: u32 = u32::MAX - MOST_TOKENS;

/// Why a flat net can't be compiled: it is too large in a way that only the compiler sees. The diagnostic points at
/// the place or transition that is most to blame.
#[derive(Debug, Clone, PartialEq)]
pub struct CompileError(pub Box<Diagnostic>);

impl CompileError {
    pub(super) fn new(diagnostic: Diagnostic) -> CompileError {
        CompileError(Box::new(diagnostic))
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for CompileError {}

/// Compiles a checked flat net.
///
/// # Errors
/// More initial tokens in a sum of places that an expression reads than the engine counts (S3), dependencies that
/// would fill the memory, or a constant law with impossible parameters (which [`crate::net`] reports with its place
/// in the file).
pub fn compile(net: &Net) -> Result<Program, CompileError> {
    let mut compiler = Compiler::new(net);
    compiler.rewards();
    compiler.immediates();
    compiler.races()?;
    compiler.extend_marking()?;
    compiler.firings()?;
    compiler.program.trim();
    Ok(compiler.program)
}

/// What is known so far.
pub(super) struct Compiler<'n> {
    pub(super) net: &'n Net,
    pub(super) derived: Derived,
    pub(super) program: Program,
    /// Impulses of each transition.
    pub(super) impulses: BTreeMap<u32, Vec<(usize, Code)>>,
    /// Race of each timed transition.
    pub(super) race_of: Vec<Option<u32>>,
    /// Races with `renew: AtEachToken`.
    pub(super) fragile: Vec<bool>,
}

impl<'n> Compiler<'n> {
    fn new(net: &'n Net) -> Compiler<'n> {
        Compiler {
            net,
            derived: Derived::new(net.places.len()),
            impulses: BTreeMap::new(),
            race_of: vec![None; net.transitions.len()],
            fragile: Vec::new(),
            program: Program {
                up: net.up.iter().map(|c| c.name.clone()).collect(),
                measures: Vec::new(),
                sums: 1 + 2 * net.up.len(),
                place_names: net.places.iter().map(|p| p.name.as_str()).collect(),
                transition_names: net.transitions.iter().map(|t| t.name.as_str()).collect(),
                families: net.transitions.iter().map(|t| t.family).collect(),
                roles: net.transitions.iter().map(|t| t.role).collect(),
                family_names: net.families.clone(),
                initial: net.places.iter().map(|p| p.initial).collect(),
                derived: Vec::new(),
                limits: net.places.iter().map(limit).collect(),
                firing_of: Vec::with_capacity(net.transitions.len()),
                firings: Vec::new(),
                tape: Vec::new(),
                watches: Vec::new(),
                extras: Vec::new(),
                fragile: Vec::new(),
                conditions: Vec::new(),
                guards: Vec::new(),
                races: Vec::new(),
                clocks: Vec::new(),
                transition_of: Vec::new(),
                keys: Vec::new(),
                pools: Vec::new(),
                groups: Vec::new(),
                resampled: Vec::new(),
                immediates: Vec::new(),
                sets: Vec::new(),
                rewards: Vec::new(),
                reward_sums: Vec::new(),
                rates: Vec::new(),
                phases: Vec::new(),
            },
        }
    }

    /// `up` conditions, then the averages of the measures, and the phases of outages.
    fn rewards(&mut self) {
        for condition in &self.net.up {
            let code = self.derived.lower(&condition.expr);
            self.program.rewards.push(code);
        }
        for measure in &self.net.measures {
            let formula = self.formula(&measure.formula);
            self.program.measures.push(Measure {
                name: measure.name.clone(),
                formula,
                dimension: measure.dimension,
                precision: measure.precision,
            });
        }
        self.program.phases = self.net.phases.iter().map(|phase| self.derived.lower(&phase.expr)).collect();
    }

    fn formula(&mut self, formula: &net::Formula) -> Formula {
        let mut boxed = |f: &net::Formula| Box::new(self.formula(f));
        match formula {
            net::Formula::Constant(value) => Formula::Constant(*value),
            net::Formula::Average(average) => self.average(average),
            net::Formula::Negate(x) => Formula::Negate(boxed(x)),
            net::Formula::Add(x, y) => Formula::Add(boxed(x), boxed(y)),
            net::Formula::Subtract(x, y) => Formula::Subtract(boxed(x), boxed(y)),
            net::Formula::Multiply(x, y) => Formula::Multiply(boxed(x), boxed(y)),
            net::Formula::Divide(x, y) => Formula::Divide(boxed(x), boxed(y)),
        }
    }

    fn average(&mut self, average: &Average) -> Formula {
        let sum = self.program.sums;
        match average {
            Average::Reward(expr) => match self.derived.lower(expr) {
                Code::Constant(value) => return Formula::Constant(value),
                code => {
                    self.program.rewards.push(code);
                    self.program.reward_sums.push(sum);
                }
            },
            Average::Rate(transitions) => self.program.rates.push((sum, transitions.clone())),
            Average::Impulse(transitions, amount) => {
                let code = self.derived.lower(amount);
                for transition in transitions {
                    self.impulses.entry(transition.0).or_default().push((sum, code.clone()));
                }
            }
        }
        self.program.sums += 1;
        Formula::Average(sum)
    }

    /// Conflict sets in the order in which they are visited (S5), members by stream name.
    fn immediates(&mut self) {
        let stream = |t: &TransitionId| self.net.transitions[t.0 as usize].stream.as_str();
        let mut sets = crate::net::structure::conflict_sets(self.net);
        sets.iter_mut().for_each(|set| set.sort_by(|a, b| stream(a).cmp(stream(b))));
        let priority = |t: TransitionId| match &self.net.transitions[t.0 as usize].timing {
            Timing::Immediate { priority, .. } => *priority,
            Timing::Timed(_) => i32::MIN,
        };
        sets.sort_by(|a, b| priority(b[0]).cmp(&priority(a[0])).then_with(|| stream(&a[0]).cmp(stream(&b[0]))));
        for set in sets {
            let index = self.program.sets.len() as u32;
            let stream = StreamKey::of(&format!("choice:{}", stream(&set[0])));
            let members: Vec<u32> =
                set.iter().enumerate().map(|(rank, &t)| self.immediate(t, index, rank as u32)).collect();
            let member = |&i: &u32| &self.program.immediates[i as usize];
            let even = members.iter().all(|i| member(i).weight == Code::Constant(1.0) && !member(i).shared);
            self.program.sets.push(ConflictSet { members, stream, even, priority: priority(set[0]) });
        }
    }

    fn immediate(&mut self, id: TransitionId, set: u32, rank: u32) -> u32 {
        let transition = &self.net.transitions[id.0 as usize];
        let Timing::Immediate { weight, scope, .. } = &transition.timing else {
            unreachable!("conflict sets hold immediates");
        };
        let (conditions, guard) = self.conditions(transition);
        let enabling = self.store(&conditions, guard);
        let weight = self.derived.lower(weight);
        let shared = *scope == Scope::Transition;
        self.program.immediates.push(Immediate { transition: id, set, rank, enabling, weight, shared });
        (self.program.immediates.len() - 1) as u32
    }

    /// Conditions of a transition, and what of its guard cannot be one.
    fn conditions(&mut self, transition: &Transition) -> (Vec<Within>, Option<Code>) {
        let mut list = conditions(self.net, transition);
        let guard = transition.guard.as_ref().and_then(|guard| self.derived.lower_guard(guard, &mut list));
        list.sort_unstable();
        list.dedup();
        (list, guard)
    }

    fn store(&mut self, conditions: &[Within], guard: Option<Code>) -> Enabling {
        let program = &mut self.program;
        let (gate, others) = match conditions {
            [] => (Within::ALWAYS, conditions),
            [gate, others @ ..] => (*gate, others),
        };
        let start = program.conditions.len() as u32;
        program.conditions.extend_from_slice(others);
        let more = guard.is_some() || !others.is_empty();
        let index = guard.map_or(Enabling::UNGUARDED, |guard| {
            program.guards.push(guard);
            (program.guards.len() - 1) as u32
        });
        Enabling { gate, more, conditions: (start, program.conditions.len() as u32), guard: index }
    }

    /// Timed transitions, simple ones with the same condition together; neighbours in the net side by side.
    fn races(&mut self) -> Result<(), CompileError> {
        let mut open = HashMap::<(Vec<Within>, u32), usize>::new();
        let mut simple: Vec<(Vec<Within>, Option<Code>, Vec<Clock>)> = Vec::new();
        // Each entry: the simple race of that index, or a pool.
        let mut order: Vec<Result<usize, TransitionId>> = Vec::new();
        for (id, component) in by_component(self.net) {
            let transition = &self.net.transitions[id.0 as usize];
            let Timing::Timed(timed) = &transition.timing else { continue };
            if !is_simple(timed) {
                order.push(Err(id));
                continue;
            }
            let (conditions, guard) = self.conditions(transition);
            let clock = clock(id, transition, timed)?;
            let key = (conditions.clone(), component);
            match open.get(&key) {
                Some(&race) if guard.is_none() && simple[race].2.len() < RACE => simple[race].2.push(clock),
                _ => {
                    if guard.is_none() {
                        open.insert(key, simple.len());
                    }
                    order.push(Ok(simple.len()));
                    simple.push((conditions, guard, vec![clock]));
                }
            }
        }
        let ranks = ranks(self.net);
        let mut groups = HashMap::new();
        for entry in order {
            match entry {
                Ok(index) => {
                    let (conditions, guard, clocks) = std::mem::take(&mut simple[index]);
                    self.simple_race(&conditions, guard, clocks);
                }
                Err(id) => self.pool(id, ranks[id.0 as usize], &mut groups)?,
            }
        }
        Ok(())
    }

    fn simple_race(&mut self, conditions: &[Within], guard: Option<Code>, clocks: Vec<Clock>) {
        let race = self.program.races.len() as u32;
        let start = self.program.clocks.len() as u32;
        let range = (start, start + clocks.len() as u32);
        let first = clocks[0].law.clone();
        let alike = clocks.iter().all(|c| c.law == first);
        clocks.iter().for_each(|c| self.race_of[c.transition.0 as usize] = Some(race));
        let kind = match (clocks.len(), first) {
            (1, _) => RaceKind::Single { clock: start },
            (_, Law::LogNormal { mu, sigma }) if alike => RaceKind::Normals { clocks: range, mu, sigma },
            _ => RaceKind::Many { clocks: range },
        };
        for clock in clocks {
            self.program.clocks.push(clock.law);
            self.program.transition_of.push(clock.transition);
            self.program.keys.push(clock.keys);
        }
        let enabling = self.store(conditions, guard);
        self.program.races.push(Race { enabling, kind });
        self.fragile.push(false);
    }

    fn pool(&mut self, id: TransitionId, rank: u32, groups: &mut HashMap<u32, u32>) -> Result<(), CompileError> {
        let transition = &self.net.transitions[id.0 as usize];
        let Timing::Timed(timed) = &transition.timing else { unreachable!("pools are timed") };
        let (conditions, guard) = self.conditions(transition);
        let (law, speed) = self.clockwork(transition, timed)?;
        let service = match (timed.scope, timed.servers) {
            (Scope::Transition, Servers::Count(k)) => {
                let all = &mut self.program.groups;
                Service::Shared(*groups.entry(transition.family.0).or_insert_with(|| {
                    all.push(k);
                    (all.len() - 1) as u32
                }))
            }
            (_, servers) => Service::Own(servers),
        };
        let race = self.program.races.len() as u32;
        self.race_of[id.0 as usize] = Some(race);
        if timed.memory == MemoryPolicy::Resample {
            self.program.resampled.push(race);
        }
        let enabling = self.store(&conditions, guard);
        let pool = self.program.pools.len() as u32;
        self.program.races.push(Race { enabling, kind: RaceKind::Pool { pool } });
        self.fragile.push(timed.renew == Renew::AtEachToken);
        self.program.pools.push(Pool {
            transition: id,
            law,
            speed,
            memory: timed.memory,
            service,
            inputs: transition.inputs.iter().map(|arc| (arc.place, arc.weight)).collect(),
            stream: StreamKey::of(&transition.stream),
            tie: StreamKey::of(&format!("tie:{}", transition.stream)),
            rank,
        });
        Ok(())
    }

    /// Law and speed; an exponential whose rate depends on the marking turns its rate into speed (S12).
    fn clockwork(&mut self, transition: &Transition, timed: &Timed) -> Result<(PoolLaw, Option<Code>), CompileError> {
        if timed.law.is_constant() {
            let law = constant_law(transition, &timed.law)?;
            let speed = timed.speed.as_ref().map(|speed| self.derived.lower(speed));
            return Ok((PoolLaw::Constant(law), speed));
        }
        let Some(rate) = exponential_rate(&timed.law) else {
            let speed = timed.speed.as_ref().map(|speed| self.derived.lower(speed));
            return Ok((PoolLaw::Marking((*timed.law).clone()), speed));
        };
        let rate = match &timed.speed {
            Some(speed) => Expr::Fold(FoldOp::Multiply, vec![rate, speed.clone()]),
            None => rate,
        };
        Ok((PoolLaw::Constant(Law::Exponential { mean: 1.0 }), Some(self.derived.lower(&rate))))
    }

    /// Derived places behind the real ones; all expressions are lowered by now.
    fn extend_marking(&mut self) -> Result<(), CompileError> {
        for places in self.derived.sums() {
            self.program.derived.push(places.to_vec());
            let total: u64 = places.iter().map(|&p| u64::from(self.program.initial[p as usize])).sum();
            let Some(total) = u32::try_from(total).ok().filter(|&total| total <= MOST_IN_A_SUM) else {
                return Err(too_many_tokens(total, places, self.net));
            };
            self.program.initial.push(total);
            self.program.limits.push(MOST_IN_A_SUM);
        }
        if self.program.initial.is_empty() {
            // The gate that always holds looks at the first place.
            self.program.initial.push(0);
            self.program.limits.push(0);
        }
        Ok(())
    }
}

fn too_many_tokens(total: u64, places: &[u32], net: &Net) -> CompileError {
    let place = |&p: &u32| &net.places[p as usize];
    let first = &place(&places[0]).name;
    let what = format!("a sum of places that the net reads ({first} and others) begins with {total} tokens");
    let error = |most: &net::Place| {
        Diagnostic::error("E0720", most.span, format!("{what}; {MOST_IN_A_SUM} are the most"))
            .label(format!("{} begins with {} of them", most.name, most.initial))
    };
    // Of several with as many, the first.
    let most = places.iter().rev().map(place).max_by_key(|place| place.initial).unwrap_or(place(&places[0]));
    CompileError::new(error(most).help("fewer tokens, or conditions and measures that read fewer places at once"))
}

fn limit(place: &net::Place) -> u32 {
    match place.capacity {
        Some(capacity) if capacity.overrun == Overrun::Error => capacity.limit.min(MOST_TOKENS),
        _ => MOST_TOKENS,
    }
}

fn is_simple(timed: &Timed) -> bool {
    timed.memory == MemoryPolicy::Enabling
        && timed.servers == Servers::Count(1)
        && timed.scope == Scope::Binding
        && timed.renew == Renew::Tangible
        && timed.speed.is_none()
        && timed.law.is_constant()
}

fn constant_law(transition: &Transition, law: &LawExpr) -> Result<Law, CompileError> {
    let error = |error| Diagnostic::error("E0706", transition.span, format!("{}: {error}", transition.name));
    law.evaluate(&[]).map_err(|reason| CompileError::new(error(reason)))
}

/// A clock of a simple race.
struct Clock {
    transition: TransitionId,
    law: Law,
    keys: ClockKeys,
}

fn clock(id: TransitionId, transition: &Transition, timed: &Timed) -> Result<Clock, CompileError> {
    let keys = ClockKeys {
        clock: StreamKey::of(&transition.stream),
        tie: StreamKey::of(&format!("tie:{}", transition.stream)),
    };
    Ok(Clock { transition: id, law: constant_law(transition, &timed.law)?, keys })
}

/// The rate of an exponential, as an expression.
fn exponential_rate(law: &LawExpr) -> Option<Expr> {
    let [(parameter, _)] = law.form.parameters else { return None };
    let [ArgumentExpr::Scalar(value)] = law.arguments.as_slice() else { return None };
    match (law.form.name, *parameter) {
        ("Exponential", "rate") => Some(value.clone()),
        ("Exponential", "mean") => {
            Some(Expr::Binary(Op::Divide, Box::new(Expr::Constant(1.0)), Box::new(value.clone())))
        }
        _ => None,
    }
}

/// Position of every transition in the order of stream names.
fn ranks(net: &Net) -> Vec<u32> {
    let mut order: Vec<usize> = (0..net.transitions.len()).collect();
    order.sort_by(|&a, &b| net.transitions[a].stream.cmp(&net.transitions[b].stream));
    let mut ranks = vec![0; order.len()];
    order.iter().enumerate().for_each(|(rank, &index)| ranks[index] = rank as u32);
    ranks
}

/// Transitions with their connected component, components in the order of their first transition.
fn by_component(net: &Net) -> Vec<(TransitionId, u32)> {
    let places = net.places.len();
    let mut parent: Vec<u32> = (0..(places + net.transitions.len()) as u32).collect();
    for (index, transition) in net.transitions.iter().enumerate() {
        let arcs = [&transition.inputs, &transition.outputs, &transition.tests, &transition.inhibitors];
        let neighbours = arcs.into_iter().flatten().map(|arc| arc.place).chain(transition.flushes.iter().copied());
        for PlaceId(place) in neighbours {
            let (a, b) = (root(&mut parent, (places + index) as u32), root(&mut parent, place));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut first = HashMap::new();
    let mut list: Vec<(TransitionId, u32)> = (0..net.transitions.len() as u32)
        .map(|t| {
            let component = root(&mut parent, places as u32 + t);
            (TransitionId(t), *first.entry(component).or_insert(t))
        })
        .collect();
    list.sort_by_key(|&(_, component)| component);
    list
}

fn root(parent: &mut [u32], mut node: u32) -> u32 {
    while parent[node as usize] != node {
        let up = parent[node as usize];
        parent[node as usize] = parent[up as usize];
        node = up;
    }
    node
}
