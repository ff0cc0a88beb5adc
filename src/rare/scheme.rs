//! What the transitions of a net are to rare events: failures, what recovers from them, and the rest.

use super::hazard;
use crate::dist::Law;
use crate::engine::{Path, Seat};
use crate::net::TransitionId;
use crate::program::Program;
use crate::syntax::ast::Role;

/// What a timed transition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Role `Failure`.
    Failure,
    /// Role `Repair`, or without a role and idle at the beginning: detection, restart, repair.
    Recovery,
    /// Neither: it goes on whether anything has failed or not.
    Background,
}

/// A timed transition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed<'p> {
    pub seat: Seat,
    pub kind: Kind,
    /// Its law; none when its parameters depend on the marking.
    pub law: Option<&'p Law>,
    /// Whether its hazard can be scaled.
    pub scalable: bool,
    /// Whether values of stopped clocks come back (S9), and so have to be drawn anew.
    pub keeps: bool,
}

impl Timed<'_> {
    /// Whether it is exponential, and can be scaled.
    pub fn is_memoryless(&self) -> bool {
        self.scalable && self.law.is_some_and(|law| law.is_exponential())
    }
}

/// The timed transitions of a net, by what they are.
#[derive(Debug, Clone)]
pub struct Scheme<'p> {
    pub(super) timed: Vec<Timed<'p>>,
    /// Index of each transition among them.
    by_transition: Vec<Option<u32>>,
    recoveries: Vec<u32>,
    fails: bool,
}

impl<'p> Scheme<'p> {
    /// The scheme of a program; `begun` is a path that has just begun.
    pub fn new(program: &'p Program, begun: &Path<'p>) -> Scheme<'p> {
        let kind = |seat: &Seat| match program.role(seat.transition) {
            Some(Role::Failure) => Kind::Failure,
            Some(Role::Repair) => Kind::Recovery,
            None if begun.is_running(seat) => Kind::Background,
            None => Kind::Recovery,
        };
        let describe = |seat: &Seat| {
            let law = seat.law(program);
            let identical = seat.is_identical(program);
            let scalable = !identical && law.is_some_and(hazard::is_scalable);
            Timed { seat: *seat, kind: kind(seat), law, scalable, keeps: seat.keeps(program) }
        };
        let timed: Vec<Timed> = begun.seats().iter().map(describe).collect();
        let mut by_transition = vec![None; program.transitions()];
        for (index, timed) in timed.iter().enumerate() {
            by_transition[timed.seat.transition.0 as usize] = Some(index as u32);
        }
        let of = |kind| (0..timed.len() as u32).filter(|&i| timed[i as usize].kind == kind).collect::<Vec<u32>>();
        let failing = |t: &crate::program::Program| {
            (0..t.transitions() as u32).any(|i| t.role(TransitionId(i)) == Some(Role::Failure))
        };
        Scheme { recoveries: of(Kind::Recovery), fails: failing(program), timed, by_transition }
    }

    /// Whether any transition is said to be a failure: without one nothing can be made more likely.
    pub fn has_failures(&self) -> bool {
        self.fails
    }

    /// Whether something recovers from a failure in the present marking.
    pub fn is_recovering(&self, path: &Path<'p>) -> bool {
        self.recoveries.iter().any(|&i| path.is_running(&self.timed[i as usize].seat))
    }

    /// What a transition is; none of an immediate one.
    pub(super) fn kind(&self, transition: TransitionId) -> Option<Kind> {
        self.index(transition).map(|index| self.timed[index].kind)
    }

    /// Index of each transition, if it is a timed one.
    pub(super) fn indices(&self) -> &[Option<u32>] {
        &self.by_transition
    }

    /// Index of a timed transition.
    pub(super) fn index(&self, transition: TransitionId) -> Option<usize> {
        self.by_transition[transition.0 as usize].map(|index| index as usize)
    }
}
