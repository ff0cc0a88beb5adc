//! The account of outages (S22) in the long run: the downtime of each cause in each phase.
//!
//! Phases are functions of the marking. What began an outage isn't, so it is remembered in one: the net gets a place
//! that holds the number of the cause while a condition is down, kept by immediates that come after all others. The
//! long run of that net is solved like any other, so nothing is approximated, and outages that never end are no
//! exception.

use super::independent::parts;
use super::{Limits, Refusal, Stop, solve};
use crate::diag::Span;
use crate::net::expr::{Expr, FoldOp, Op};
use crate::net::{
    Arc, Average, Condition, FamilyId, Formula, Measure, Net, Place, PlaceId, Timing, Transition, TransitionId,
};
use crate::program::compile;
use crate::syntax::ast::Scope;
use crate::units::Dimension;

/// What the firing of a transition is to an outage that begins then; causes are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Never its cause.
    Never,
    /// Its cause, if no failure fires at that instant.
    Otherwise(u32),
    /// Its cause, if no failure fired before it at that instant.
    Failure(u32),
}

/// The outages of one condition in the long run.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Share of time down by cause (0: outages in which the net begins) and phase, the rest behind the net's phases.
    pub cells: Vec<Vec<f64>>,
    /// Outages by cause, per second.
    pub outages: Vec<f64>,
}

/// The account of the condition `up`, with the origin of each transition and so many causes (the beginning included).
///
/// # Errors
/// See [`Refusal`]: independent parts that the condition reads are one whole here, since which of them failed first
/// must be remembered.
pub fn account(
    net: &Net,
    up: usize,
    (origins, causes): (&[Origin], usize),
    limits: &Limits,
    stop: Stop,
) -> Result<Account, Refusal> {
    // The label of an outage in which the net begins.
    let beginning = causes as u32;
    let origins = concerned(net, &net.up[up], origins);
    let (mut whole, label, begins) = remembering(net, &net.up[up], &origins, beginning)?;
    let phases = net.phases.len() + 1;
    let mut measures = Vec::new();
    for cause in 0..causes {
        let labelled = is(label, if cause == 0 { beginning } else { cause as u32 });
        measures.extend((0..phases).map(|phase| share(net, up, Some(&labelled), phase)));
    }
    for cause in 1..causes as u32 {
        let begun = begins.iter().filter(|(of, _)| *of == cause).map(|(_, t)| *t).collect();
        measures.push(Formula::Average(Average::Rate(begun)));
    }
    whole.measures = measures.into_iter().map(|formula| measure(formula, &net.up[up])).collect();
    let values = averages(&whole, limits, stop)?;
    let (cells, rates) = values.split_at(causes * phases);
    let outages = std::iter::once(0.0).chain(rates.iter().copied()).collect();
    Ok(Account { cells: cells.chunks(phases).map(<[f64]>::to_vec).collect(), outages })
}

/// What independent parts do that the condition doesn't read never begins an outage.
fn concerned(net: &Net, up: &Condition, origins: &[Origin]) -> Vec<Origin> {
    let plain = Net { phases: Vec::new(), measures: Vec::new(), ..net.clone() };
    let parts = parts(&plain);
    let mut read = Vec::new();
    up.expr.places(&mut |place| read.push(parts.of_place[place.0 as usize]));
    let both = origins.iter().zip(&parts.of_transition);
    both.map(|(&origin, part)| if read.contains(part) { origin } else { Origin::Never }).collect()
}

/// Share of time down in each phase of the condition `up`, the rest behind the net's phases.
///
/// # Errors
/// See [`Refusal`].
pub fn phases(net: &Net, up: usize, limits: &Limits, stop: Stop) -> Result<Vec<f64>, Refusal> {
    let shares = (0..=net.phases.len()).map(|phase| measure(share(net, up, None, phase), &net.up[up]));
    averages(&Net { up: Vec::new(), phases: Vec::new(), measures: shares.collect(), ..net.clone() }, limits, stop)
}

fn averages(net: &Net, limits: &Limits, stop: Stop) -> Result<Vec<f64>, Refusal> {
    let program = compile(net).map_err(|error| refused(error.to_string()))?;
    let solution = solve(net, &program, limits, stop)?;
    Ok(program.measures.iter().map(|measure| solution.measure(&measure.formula)).collect())
}

/// What has more room in the net than in the one that remembers.
pub(super) fn refused(message: String) -> Refusal {
    Refusal::BadValue { who: "account of outages".to_string(), message }
}

fn measure(formula: Formula, of: &Condition) -> Measure {
    Measure { name: of.name.clone(), formula, dimension: Dimension::NUMBER, precision: None, span: of.span }
}

/// Share of time in which the condition is down, what else is asked for holds, and the phase is this one.
fn share(net: &Net, up: usize, also: Option<&Expr>, phase: usize) -> Formula {
    let no = || Box::new(Expr::Constant(0.0));
    let own = net.phases.get(phase).map_or(Expr::Constant(1.0), |phase| phase.expr.clone());
    let unless = |rest: Expr, earlier: &Condition| Expr::If(Box::new(earlier.expr.clone()), no(), Box::new(rest));
    let in_phase = net.phases[..phase].iter().rev().fold(own, unless);
    let all = match also {
        Some(also) => Expr::If(Box::new(also.clone()), Box::new(in_phase), no()),
        None => in_phase,
    };
    Formula::Average(Average::Reward(unless(all, &net.up[up])))
}

fn is(place: PlaceId, tokens: u32) -> Expr {
    Expr::Binary(Op::Equal, Box::new(Expr::Tokens(vec![place])), Box::new(Expr::Constant(tokens.into())))
}

fn all<const N: usize>(parts: [Expr; N]) -> Expr {
    Expr::Fold(FoldOp::And, parts.into())
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

/// A net that remembers: it, the place with the cause of the present outage, and the immediates that begin outages.
type Remembering = (Net, PlaceId, Vec<(u32, TransitionId)>);

/// Three more places hold, while immediates fire, the timed transition that began it, the first failure, and a failure
/// that was only just fired.
fn remembering(net: &Net, up: &Condition, origins: &[Origin], beginning: u32) -> Result<Remembering, Refusal> {
    let mut maker = Maker { net: Net { up: Vec::new(), phases: Vec::new(), ..net.clone() }, span: up.span };
    let [label, timed, failure, fresh] =
        ["cause", "timed", "failure", "fresh"].map(|name| maker.place(format!("account of outages: {name}")));
    // Where the net begins up, this is forgotten at once.
    maker.net.places[label.0 as usize].initial = beginning;
    let mut causes: Vec<u32> = Vec::new();
    for (transition, origin) in maker.net.transitions.iter_mut().zip(origins) {
        let is_timed = matches!(transition.timing, Timing::Timed(_));
        let (place, cause) = match *origin {
            Origin::Never => continue,
            Origin::Otherwise(cause) => (timed, cause),
            Origin::Failure(cause) => (if is_timed { failure } else { fresh }, cause),
        };
        transition.outputs.push(Arc { place, weight: cause });
        causes.push(cause);
    }
    causes.sort_unstable();
    causes.dedup();
    let (first, last) = maker.priorities()?;
    for &cause in &causes {
        let guard = all([is(fresh, cause), is(failure, 0)]);
        maker.immediate(first, guard, Some((failure, cause)), vec![fresh]);
    }
    maker.immediate(first, all([not(is(fresh, 0)), not(is(failure, 0))]), None, vec![fresh]);
    let mut begins = Vec::new();
    for &cause in &causes {
        let none = all([is(failure, 0), is(timed, cause)]);
        let this = Expr::Fold(FoldOp::Or, vec![is(failure, cause), none]);
        let begin =
            maker.immediate(last + 1, all([not(up.expr.clone()), is(label, 0), this]), Some((label, cause)), vec![]);
        begins.push((cause, begin));
    }
    maker.immediate(last + 1, all([up.expr.clone(), not(is(label, 0))]), None, vec![label]);
    let any = Expr::Fold(FoldOp::Or, vec![not(is(timed, 0)), not(is(failure, 0))]);
    maker.immediate(last, any, None, vec![timed, failure]);
    Ok((maker.net, label, begins))
}

/// Adds to a net what stands, for whoever asks, where a condition is defined.
struct Maker {
    net: Net,
    span: Span,
}

impl Maker {
    fn place(&mut self, name: String) -> PlaceId {
        self.net.places.push(Place { name, initial: 0, capacity: None, span: self.span });
        PlaceId(self.net.places.len() as u32 - 1)
    }

    /// One above all priorities, and two below.
    fn priorities(&self) -> Result<(i32, i32), Refusal> {
        let of = |t: &Transition| match t.timing {
            Timing::Immediate { priority, .. } => Some(priority),
            Timing::Timed(_) => None,
        };
        let all = || self.net.transitions.iter().filter_map(of);
        let (most, least) = (all().max().unwrap_or(0), all().min().unwrap_or(0));
        let room = most.checked_add(1).zip(least.checked_sub(2));
        room.ok_or_else(|| refused("no priority is left above and below those of the immediates".to_string()))
    }

    fn immediate(
        &mut self,
        priority: i32,
        guard: Expr,
        puts: Option<(PlaceId, u32)>,
        flushes: Vec<PlaceId>,
    ) -> TransitionId {
        let id = TransitionId(self.net.transitions.len() as u32);
        let name = format!("account of outages: {}", id.0);
        let family = FamilyId(self.net.families.len() as u32);
        self.net.families.push(name.clone());
        self.net.transitions.push(Transition {
            stream: name.clone(),
            name,
            family,
            role: None,
            timing: Timing::Immediate { priority, weight: Expr::Constant(1.0), scope: Scope::Binding },
            inputs: Vec::new(),
            outputs: puts.into_iter().map(|(place, weight)| Arc { place, weight }).collect(),
            tests: Vec::new(),
            inhibitors: Vec::new(),
            flushes,
            guard: Some(guard),
            span: self.span,
        });
        id
    }
}
