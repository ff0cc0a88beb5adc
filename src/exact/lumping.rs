//! Exact lumping: interchangeable replicas are counted together, one place for each of their local states.
//!
//! A transition that moves the token of one replica moves one of as many tokens as there are replicas in that local
//! state, at their common rate times their number. The process of these numbers is Markovian since the replicas are
//! exponential and alike (strong lumpability: Kemeny and Snell 1960, theorem 6.3.2), and every measure is a function
//! of them.

use super::explore::Space;
use super::replicas::{Family, Owners, families, owners};
use super::{Refusal, Stop, go_on};
use crate::net::expr::{ArgumentExpr, Expr, FoldOp, LawExpr};
use crate::net::question::Questions;
use crate::net::{
    Arc, Average, Formula, Measure, Net, Place, PlaceId, Servers, Timed, Timing, Transition, TransitionId,
};
use crate::syntax::ast::{MemoryPolicy, Renew};

/// States between two questions whether to go on.
const UNASKED: usize = 1 << 12;

/// A net whose interchangeable replicas are counted together.
#[derive(Debug, Clone)]
pub struct Lumped {
    /// The net of the numbers.
    pub net: Net,
    /// Number of replicas, and the places that count them, one for each local state, of each family.
    pub families: Vec<(usize, Vec<PlaceId>)>,
}

/// Counts interchangeable replicas together; none where a net has no such thing.
///
/// # Errors
/// [`Refusal::Interrupted`].
pub fn lump(net: &Net, stop: Stop) -> Result<Option<Lumped>, Refusal> {
    let families = families(net, stop)?;
    Ok((!families.is_empty()).then(|| Folding::new(net, &families).fold()))
}

impl Lumped {
    /// Natural logarithm of the number of markings of the net itself that the states stand for.
    ///
    /// # Errors
    /// [`Refusal::Interrupted`].
    pub fn log_markings(&self, space: &Space, places: usize, stop: Stop) -> Result<f64, Refusal> {
        let mut marking = vec![0; places];
        let factorial = |n: f64| libm::lgamma(n + 1.0);
        // The sum of exponentials, relative to the greatest so far.
        let (mut most, mut sum) = (f64::NEG_INFINITY, 0.0);
        for state in 0..space.chain.states() {
            if state % UNASKED == 0 {
                go_on(stop, (UNASKED * places) as u64)?;
            }
            space.marking(state, &mut marking);
            let ways = self.families.iter().map(|(replicas, counts)| {
                let alike = counts.iter().map(|place| factorial(f64::from(marking[place.0 as usize])));
                factorial(*replicas as f64) - alike.sum::<f64>()
            });
            let log: f64 = ways.sum();
            if log > most {
                sum *= libm::exp(most - log);
                most = log;
            }
            sum += libm::exp(log - most);
        }
        Ok(most + libm::log(sum))
    }
}

struct Folding<'n> {
    net: &'n Net,
    families: &'n [Family],
    owners: Owners,
    /// The new number of each place.
    places: Vec<PlaceId>,
    /// The new number of each transition; none for those of all replicas but the first.
    transitions: Vec<Option<TransitionId>>,
}

impl<'n> Folding<'n> {
    fn new(net: &'n Net, families: &'n [Family]) -> Folding<'n> {
        let owners = owners(families);
        let mut next = 0;
        let mut places = vec![PlaceId(u32::MAX); net.places.len()];
        for (index, new) in places.iter_mut().enumerate() {
            if owners.get(&PlaceId(index as u32)).is_none_or(|owner| owner.1 == 0) {
                *new = PlaceId(next);
                next += 1;
            }
        }
        for (&place, &(family, _, state)) in &owners {
            places[place.0 as usize] = places[families[family].replicas[0][state].0 as usize];
        }
        let mut folding = Folding { net, families, owners, places, transitions: Vec::new() };
        let mut next = 0;
        for transition in &net.transitions {
            let kept = folding.owner(transition).is_none_or(|(_, replica, _)| replica == 0);
            folding.transitions.push(kept.then_some(TransitionId(next)));
            next += u32::from(kept);
        }
        folding
    }

    /// The replica whose token a transition moves or looks at.
    fn owner(&self, transition: &Transition) -> Option<(usize, usize, usize)> {
        let arcs = transition.inputs.iter().chain(&transition.tests);
        arcs.filter_map(|arc| self.owners.get(&arc.place)).next().copied()
    }

    fn fold(self) -> Lumped {
        let kept = self.net.transitions.iter().zip(&self.transitions).filter(|(_, new)| new.is_some());
        let mut up = self.net.up.clone();
        up.iter_mut().for_each(|condition| condition.expr = self.expr(&condition.expr));
        let measure = |measure: &Measure| Measure { formula: self.formula(&measure.formula), ..measure.clone() };
        let net = Net {
            places: self.net_places(),
            transitions: kept.map(|(transition, _)| self.transition(transition)).collect(),
            up,
            measures: self.net.measures.iter().map(measure).collect(),
            // Its account is kept by other nets.
            phases: Vec::new(),
            name: self.net.name.clone(),
            questions: Questions::default(),
            importance: None,
            families: self.net.families.clone(),
            instances: self.net.instances,
            parameters: self.net.parameters.clone(),
            switched: self.net.switched,
        };
        let counts = |family: &Family| {
            (family.replicas.len(), family.replicas[0].iter().map(|place| self.places[place.0 as usize]).collect())
        };
        Lumped { net, families: self.families.iter().map(counts).collect() }
    }

    fn net_places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (index, place) in self.net.places.iter().enumerate() {
            match self.owners.get(&PlaceId(index as u32)) {
                None => places.push(place.clone()),
                Some(&(family, 0, state)) => {
                    let all = self.families[family].replicas.iter().map(|replica| replica[state]);
                    let initial = all.map(|p| self.net.places[p.0 as usize].initial).sum();
                    places.push(Place { initial, capacity: None, ..place.clone() });
                }
                Some(_) => {}
            }
        }
        places
    }

    fn transition(&self, transition: &Transition) -> Transition {
        let arcs = |list: &[Arc]| -> Vec<Arc> {
            list.iter().map(|arc| Arc { place: self.places[arc.place.0 as usize], ..*arc }).collect()
        };
        let timing = match (&transition.timing, self.owner(transition)) {
            (Timing::Immediate { priority, weight, scope }, _) => {
                Timing::Immediate { priority: *priority, weight: self.expr(weight), scope: *scope }
            }
            (Timing::Timed(timed), None) => Timing::Timed(Timed {
                law: self.law(&timed.law).into(),
                speed: timed.speed.as_ref().map(|speed| self.expr(speed)),
                ..timed.clone()
            }),
            (Timing::Timed(timed), Some((family, _, state))) => {
                let count = Expr::Tokens(vec![self.places[self.families[family].replicas[0][state].0 as usize]]);
                let speed = match &timed.speed {
                    Some(speed) => Expr::Fold(FoldOp::Multiply, vec![count, self.expr(speed)]),
                    None => count,
                };
                Timing::Timed(Timed {
                    law: self.law(&timed.law).into(),
                    speed: Some(speed),
                    memory: MemoryPolicy::Enabling,
                    servers: Servers::Count(1),
                    renew: Renew::Tangible,
                    ..timed.clone()
                })
            }
        };
        Transition {
            inputs: arcs(&transition.inputs),
            outputs: arcs(&transition.outputs),
            tests: arcs(&transition.tests),
            inhibitors: arcs(&transition.inhibitors),
            flushes: transition.flushes.iter().map(|place| self.places[place.0 as usize]).collect(),
            guard: transition.guard.as_ref().map(|guard| self.expr(guard)),
            timing,
            ..transition.clone()
        }
    }

    fn law(&self, law: &LawExpr) -> LawExpr {
        let argument = |argument: &ArgumentExpr| match argument {
            ArgumentExpr::Scalar(expr) => ArgumentExpr::Scalar(self.expr(expr)),
            ArgumentExpr::List(list) => ArgumentExpr::List(list.iter().map(|expr| self.expr(expr)).collect()),
            ArgumentExpr::Law(law) => ArgumentExpr::Law(self.law(law)),
            ArgumentExpr::Laws(laws) => ArgumentExpr::Laws(laws.iter().map(|law| self.law(law)).collect()),
        };
        LawExpr { form: law.form, arguments: law.arguments.iter().map(argument).collect() }
    }

    /// The same expression of the numbers: a sum over all replicas is one place.
    fn expr(&self, expr: &Expr) -> Expr {
        let boxed = |e: &Expr| Box::new(self.expr(e));
        match expr {
            Expr::Constant(value) => Expr::Constant(*value),
            Expr::Tokens(places) => {
                let mut places: Vec<PlaceId> = places.iter().map(|place| self.places[place.0 as usize]).collect();
                places.sort_unstable();
                places.dedup();
                Expr::Tokens(places)
            }
            Expr::Negate(x) => Expr::Negate(boxed(x)),
            Expr::Not(x) => Expr::Not(boxed(x)),
            Expr::Apply(function, x) => Expr::Apply(*function, boxed(x)),
            Expr::Binary(op, x, y) => Expr::Binary(*op, boxed(x), boxed(y)),
            Expr::If(c, x, y) => Expr::If(boxed(c), boxed(x), boxed(y)),
            Expr::Fold(op, parts) => Expr::Fold(*op, parts.iter().map(|e| self.expr(e)).collect()),
        }
    }

    fn formula(&self, formula: &Formula) -> Formula {
        let boxed = |f: &Formula| Box::new(self.formula(f));
        match formula {
            Formula::Constant(value) => Formula::Constant(*value),
            Formula::Average(average) => Formula::Average(match average {
                Average::Reward(expr) => Average::Reward(self.expr(expr)),
                Average::Rate(list) => Average::Rate(self.kept(list)),
                Average::Impulse(list, expr) => Average::Impulse(self.kept(list), self.expr(expr)),
            }),
            Formula::Negate(x) => Formula::Negate(boxed(x)),
            Formula::Add(x, y) => Formula::Add(boxed(x), boxed(y)),
            Formula::Subtract(x, y) => Formula::Subtract(boxed(x), boxed(y)),
            Formula::Multiply(x, y) => Formula::Multiply(boxed(x), boxed(y)),
            Formula::Divide(x, y) => Formula::Divide(boxed(x), boxed(y)),
        }
    }

    fn kept(&self, list: &[TransitionId]) -> Vec<TransitionId> {
        list.iter().filter_map(|t| self.transitions[t.0 as usize]).collect()
    }
}
