//! Subnets that share nothing are solved apart; the averages are those of the product of their long runs.
//!
//! In the long run independent processes are in independent states, unless two of them are periodic: those may keep
//! step for ever, and are refused.

use super::regenerative::{Process, Renewal, renewal};
use super::{Limits, Refusal, Solution, Solver, Stop};
use crate::net::{Average, Formula, Net, Timing, TransitionId};
use crate::program::{Code, Program};
use crate::syntax::ast::{MemoryPolicy, Scope};

/// Most combinations of markings over which one condition or reward is averaged.
pub(super) const MOST_COMBINATIONS: usize = 4_000_000;

/// A net up to that size is tried as a whole before it is taken apart, since that gives the first failures too.
const SMALL: Limits = Limits { states: 1_000, transitions: 100_000, vanishing: 100_000, memory: Limits::MEMORY };

/// Solves a net that isn't Markovian: as a whole where it is regenerative, else in independent parts.
pub(super) fn solve(net: &Net, program: &Program, limits: &Limits, stop: Stop) -> Result<Solution, Refusal> {
    let parts = parts(net);
    let all: Vec<usize> = (0..program.up.len()).collect();
    let small = Limits {
        states: limits.states.min(SMALL.states),
        transitions: limits.transitions.min(SMALL.transitions),
        ..*limits
    };
    let whole = renewal((net, program), None, if parts.count < 2 { limits } else { &small }, &|_| true, &all, stop);
    match whole {
        Ok(whole) => Product::new(program, vec![whole], vec![0; net.places.len()]).solution(),
        Err(refusal) if parts.count < 2 || refusal.is_fault_of_the_net() || refusal == Refusal::Interrupted => {
            Err(refusal)
        }
        Err(_) => apart(net, program, parts, limits, stop),
    }
}

fn apart(net: &Net, program: &Program, parts: Parts, limits: &Limits, stop: Stop) -> Result<Solution, Refusal> {
    let readers = Readers::new(program, &parts);
    let mut solved = Vec::new();
    for part in 0..parts.count {
        let own = |up: &usize| readers.of(&program.rewards[*up]).iter().all(|other| *other == part);
        let ups: Vec<usize> = (0..program.up.len()).filter(own).collect();
        let within = |transition: TransitionId| parts.of_transition[transition.0 as usize] == part;
        solved.push(renewal((net, program), None, limits, &within, &ups, stop)?);
    }
    never_mix(net, &parts, solved.iter().enumerate().map(|(part, run)| (part, run.mixes)))?;
    Product::new(program, solved, parts.of_place).solution()
}

/// Refuses two parts that are periodic.
pub(super) fn never_mix(net: &Net, parts: &Parts, mixing: impl Iterator<Item = (usize, bool)>) -> Result<(), Refusal> {
    let Some((second, _)) = mixing.filter(|(_, mixes)| !mixes).nth(1) else { return Ok(()) };
    let first = parts.of_transition.iter().position(|part| *part == second).unwrap_or(0);
    let because = "its subnet is independent of another one and periodic as that is, so that their phases never mix";
    Err(Refusal::NotMarkovian { transition: net.transitions[first].name.clone(), because: because.to_string() })
}

/// Which part every place and transition belongs to.
pub(super) struct Parts {
    count: usize,
    /// `usize::MAX` where no transition changes or reads it.
    pub of_place: Vec<usize>,
    pub of_transition: Vec<usize>,
}

/// Transitions that share a place, a server or an amount belong together.
pub(super) fn parts(net: &Net) -> Parts {
    let mut union = Union { parent: (0..net.places.len() + net.transitions.len()).collect() };
    let node = |t: usize| net.places.len() + t;
    let mut shared = vec![None; net.families.len()];
    let mut resampled = false;
    for (t, transition) in net.transitions.iter().enumerate() {
        let arcs = [&transition.inputs, &transition.outputs, &transition.tests, &transition.inhibitors];
        arcs.into_iter().flatten().for_each(|arc| union.join(node(t), arc.place.0 as usize));
        transition.flushes.iter().for_each(|place| union.join(node(t), place.0 as usize));
        let mut read = |place: crate::net::PlaceId| union.join(node(t), place.0 as usize);
        transition.guard.iter().for_each(|guard| guard.places(&mut read));
        let scope = match &transition.timing {
            Timing::Timed(timed) => {
                timed.law.places(&mut read);
                timed.speed.iter().for_each(|speed| speed.places(&mut read));
                resampled |= timed.memory == MemoryPolicy::Resample;
                timed.scope
            }
            Timing::Immediate { weight, scope, .. } => {
                weight.places(&mut read);
                *scope
            }
        };
        if scope == Scope::Transition {
            let first = *shared[transition.family.0 as usize].get_or_insert(t);
            union.join(node(first), node(t));
        }
    }
    net.measures.iter().for_each(|measure| join_impulses(&measure.formula, net.places.len(), &mut union));
    if resampled {
        // Every firing of the net makes them draw anew (S9).
        (1..net.transitions.len()).for_each(|t| union.join(node(0), node(t)));
    }
    numbered(net, &mut union)
}

/// The amount of an impulse is read in the marking of its transition.
fn join_impulses(formula: &Formula, places: usize, union: &mut Union) {
    match formula {
        Formula::Average(Average::Impulse(transitions, amount)) => {
            for t in transitions {
                amount.places(&mut |place| union.join(places + t.0 as usize, place.0 as usize));
            }
        }
        Formula::Constant(_) | Formula::Average(_) => {}
        Formula::Negate(x) => join_impulses(x, places, union),
        Formula::Add(x, y) | Formula::Subtract(x, y) | Formula::Multiply(x, y) | Formula::Divide(x, y) => {
            [x, y].into_iter().for_each(|x| join_impulses(x, places, union));
        }
    }
}

fn numbered(net: &Net, union: &mut Union) -> Parts {
    let mut numbers = vec![usize::MAX; union.parent.len()];
    let mut count = 0;
    let mut of_transition = Vec::with_capacity(net.transitions.len());
    for t in 0..net.transitions.len() {
        let root = union.root(net.places.len() + t);
        if numbers[root] == usize::MAX {
            numbers[root] = count;
            count += 1;
        }
        of_transition.push(numbers[root]);
    }
    let of_place = (0..net.places.len()).map(|place| numbers[union.root(place)]).collect();
    Parts { count, of_place, of_transition }
}

struct Union {
    parent: Vec<usize>,
}

impl Union {
    fn root(&mut self, mut node: usize) -> usize {
        while self.parent[node] != node {
            self.parent[node] = self.parent[self.parent[node]];
            node = self.parent[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// Which parts a condition or reward reads.
pub(super) struct Readers<'p> {
    pub program: &'p Program,
    pub of_place: &'p [usize],
}

impl<'p> Readers<'p> {
    fn new(program: &'p Program, parts: &'p Parts) -> Readers<'p> {
        Readers { program, of_place: &parts.of_place }
    }

    /// In ascending order.
    pub fn of(&self, code: &Code) -> Vec<usize> {
        let mut all = Vec::new();
        let mut read = |place: usize| match self.of_place[place] {
            usize::MAX => {}
            part => all.push(part),
        };
        code.places(
            &mut |place| match self.program.derived.get((place as usize).wrapping_sub(self.program.places())) {
                Some(places) => places.iter().for_each(|&place| read(place as usize)),
                None => read(place as usize),
            },
        );
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The long runs of all parts together.
struct Product<'p> {
    program: &'p Program,
    parts: Vec<Renewal>,
    of_place: Vec<usize>,
    /// The markings of each part: its places only.
    markings: Vec<Vec<Vec<u32>>>,
    /// The places of each part.
    places: Vec<Vec<usize>>,
}

impl<'p> Product<'p> {
    fn new(program: &'p Program, parts: Vec<Renewal>, of_place: Vec<usize>) -> Product<'p> {
        let places: Vec<Vec<usize>> =
            (0..parts.len()).map(|part| (0..of_place.len()).filter(|&p| of_place[p] == part).collect()).collect();
        let mut marking = program.initial.clone();
        let mut markings = Vec::new();
        for (part, places) in parts.iter().zip(&places) {
            let mut own = |index: usize| {
                part.markings.get(program, index as u32, &mut marking);
                places.iter().map(|&place| marking[place]).collect::<Vec<u32>>()
            };
            markings.push((0..part.markings.len()).map(&mut own).collect());
        }
        Product { program, parts, of_place, markings, places }
    }

    fn solution(self) -> Result<Solution, Refusal> {
        let program = self.program;
        let ups = program.up.len();
        let (mut sums, mut availability) = (vec![0.0; program.sums], vec![0.0; ups]);
        sums[Program::TIME] = 1.0;
        let readers = Readers { program, of_place: &self.of_place };
        for (reward, (code, &sum)) in program.rewards[ups..].iter().zip(&program.reward_sums).enumerate() {
            let mut average = 0.0;
            self.visit(&readers.of(code), |p, marking| {
                let value = code.evaluate(marking);
                average += p * value;
                if value.is_finite() { Ok(()) } else { Err(super::solution::bad_reward(program, ups + reward, value)) }
            })?;
            sums[sum] += average;
        }
        let counted = super::firing::Firings::new(program).counted;
        for part in &self.parts {
            counted.iter().zip(&part.counts).for_each(|(&sum, count)| sums[sum] += count);
        }
        for (up, available) in availability.iter_mut().enumerate() {
            let involved = readers.of(&program.rewards[up]);
            let failures;
            (*available, sums[Program::down(up)], failures) = self.condition(&program.rewards[up], &involved)?;
            sums[Program::failures(up)] = failures;
        }
        let first = |up: usize| self.parts.iter().map(|part| part.first_failure[up]).find(|time| !time.is_nan());
        let first_failure = (0..ups).map(|up| first(up).unwrap_or(f64::NAN)).collect();
        Ok(self.with_sums(sums, availability, first_failure))
    }

    fn with_sums(&self, sums: Vec<f64>, availability: Vec<f64>, first_failure: Vec<f64>) -> Solution {
        let mut classes = vec![1.0];
        for part in self.parts.iter().filter(|part| part.long_run.classes.len() > 1) {
            classes = classes.iter().flat_map(|p| part.long_run.classes.iter().map(move |q| p * q)).collect();
        }
        let runs = || self.parts.iter().map(|part| &part.long_run);
        let greatest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        Solution {
            sums,
            availability,
            first_failure,
            states: self.parts.iter().map(|part| part.markings.len()).sum(),
            transitions: self.parts.iter().map(|part| part.transitions).sum(),
            unlumped: None,
            has_vanishing: self.parts.iter().any(|part| part.has_vanishing),
            classes,
            residual: greatest(&mut runs().map(|run| run.residual)),
            solver: runs().map(|run| run.solver).max().unwrap_or(Solver::Nothing),
            sweeps: runs().map(|run| run.sweeps).sum(),
            process: self.parts.iter().map(|part| part.process).max().unwrap_or(Process::Markov),
            parts: self.parts.len(),
            tied: self.parts.iter().find_map(|part| part.tied.clone()),
            defect: greatest(&mut self.parts.iter().map(|part| part.defect)),
        }
    }

    /// Calls `visit` with the probability and the marking of every combination of these parts' markings.
    fn visit(
        &self,
        involved: &[usize],
        mut visit: impl FnMut(f64, &[u32]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let sizes = involved.iter().map(|&part| self.markings[part].len());
        let total = sizes.clone().try_fold(1_usize, |product, size| product.checked_mul(size));
        let total = total.filter(|total| *total <= MOST_COMBINATIONS);
        let Some(total) = total else { return Err(Refusal::TooManyStates { limit: MOST_COMBINATIONS }) };
        let mut marking = self.program.initial.clone();
        for number in 0..total {
            let (mut rest, mut p) = (number, 1.0);
            for (&part, size) in involved.iter().zip(sizes.clone()) {
                p *= self.parts[part].probabilities[rest % size];
                self.write(part, rest % size, &mut marking);
                rest /= size;
            }
            self.derive(&mut marking);
            visit(p, &marking)?;
        }
        Ok(())
    }

    fn write(&self, part: usize, index: usize, marking: &mut [u32]) {
        self.places[part].iter().zip(&self.markings[part][index]).for_each(|(&place, &tokens)| marking[place] = tokens);
    }

    fn derive(&self, marking: &mut [u32]) {
        let real = self.program.places();
        for (sum, places) in self.program.derived.iter().enumerate() {
            marking[real + sum] = places.iter().map(|&place| marking[place as usize]).sum();
        }
    }

    /// Share of time in which a condition holds, in which it doesn't, and how often per second it begins not to.
    fn condition(&self, code: &Code, involved: &[usize]) -> Result<(f64, f64, f64), Refusal> {
        let (mut up, mut down, mut failures) = (0.0, 0.0, 0.0);
        let mut holds = Vec::new();
        let mut probabilities = Vec::new();
        self.visit(involved, |p, marking| {
            let held = code.holds(marking);
            *if held { &mut up } else { &mut down } += p;
            holds.push(held);
            probabilities.push(p);
            Ok(())
        })?;
        let mut stride = 1;
        for &part in involved {
            let size = self.markings[part].len();
            for &(from, to, rate) in self.parts[part].jumps.iter().filter(|jump| jump.2 > 0.0) {
                let (from, to) = (from as usize, to as usize);
                let p = self.parts[part].probabilities[from];
                // All combinations of the others' markings with this jump.
                let others = (0..holds.len()).step_by(stride * size).flat_map(|high| high..high + stride);
                for other in others {
                    let number = other + from * stride;
                    if holds[number] && !holds[other + to * stride] {
                        failures += probabilities[number] / p * rate;
                    }
                }
            }
            stride *= size;
        }
        Ok((up, down, failures))
    }
}
