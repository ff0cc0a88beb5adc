//! What can begin outages.
//!
//! The cause of an outage is the first transition with `role: Failure` that fired at the firing that ended the up time
//! (the timed one, or an immediate that followed), else the timed transition itself; an outage in which a path begins
//! has none. What follows while the outage lasts belongs to it. So the parts add up to the downtime.

use crate::net::{Net, Timing, TransitionId};
use crate::syntax::ast::Role;
use indexmap::IndexMap;

/// Most causes of a condition that are told apart.
const MOST: usize = 32;

/// The cause of an outage in which a path begins.
const BEGINNING: &str = "the initial marking";

/// What is left over when there are still too many causes.
pub const OTHERS: &str = "others";

/// The possible causes of a net's outages.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    /// Their names: the initial marking first, then transitions.
    pub names: Vec<String>,
    /// Cause of each flat transition, and what it is.
    of: Vec<(u32, Kind)>,
}

/// What a transition is to an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Never its cause.
    Immediate,
    /// Its cause where no failure fires at that instant.
    Timed,
    /// With the role of a failure.
    Failure {
        /// Or immediate.
        timed: bool,
    },
}

impl Causes {
    /// Of a net. Where there are more than [`MOST`] transitions that can be causes, the bindings of each are taken
    /// together, then its copies in instances (the dotted name without indices), then what has the same last name; and
    /// what is still too many, in the order of the file.
    pub fn new(net: &Net) -> Causes {
        let kind = |t: &crate::net::Transition| match (t.role, matches!(t.timing, Timing::Timed(_))) {
            (Some(Role::Failure), timed) => Kind::Failure { timed },
            (_, true) => Kind::Timed,
            (_, false) => Kind::Immediate,
        };
        let found = coarser(MOST, |name| {
            let mut found: IndexMap<String, Vec<usize>> = IndexMap::new();
            for (index, t) in net.transitions.iter().enumerate().filter(|(_, t)| kind(t) != Kind::Immediate) {
                found.entry(name(&t.name, &net.families[t.family.0 as usize])).or_default().push(index);
            }
            found
        });
        let mut of: Vec<(u32, Kind)> = net.transitions.iter().map(|t| (0, kind(t))).collect();
        for (place, members) in found.values().enumerate() {
            // Behind the last one stand the others.
            let cause = if place < MOST { place as u32 + 1 } else { MOST as u32 };
            members.iter().for_each(|&index| of[index].0 = cause);
        }
        let many = found.len() > MOST;
        let mut list: Vec<String> = std::iter::once(BEGINNING.to_string()).chain(found.into_keys()).collect();
        if many {
            list.truncate(MOST);
            list.push(OTHERS.to_string());
        }
        Causes { names: list, of }
    }

    /// The cause that a transition may be, and what it is.
    pub fn of(&self, transition: TransitionId) -> (u32, Kind) {
        self.of[transition.0 as usize]
    }

    /// Of all flat transitions.
    pub fn all(&self) -> &[(u32, Kind)] {
        &self.of
    }
}

/// Ways to name a transition, ever coarser.
const LEVELS: usize = 4;

/// A way to name a transition, from its name and that of its family.
type Naming<'n> = &'n dyn Fn(&str, &str) -> String;

/// Groups by the finest names of which there are at most so many, else by the coarsest.
pub fn coarser(most: usize, groups: impl Fn(Naming) -> IndexMap<String, Vec<usize>>) -> IndexMap<String, Vec<usize>> {
    let at = |level: usize| groups(&|own, family| name(level, own, family));
    (0..LEVELS - 1).map(at).find(|found| found.len() <= most).unwrap_or_else(|| at(LEVELS - 1))
}

/// `kid[2].Crash[a]`, `kid[2].Crash`, `kid.Crash`, `Crash`.
fn name(level: usize, name: &str, family: &str) -> String {
    let mut depth = 0_u32;
    let bare = || {
        family.chars().filter(move |&c| {
            depth += u32::from(c == '[');
            let outside = depth == 0;
            depth -= u32::from(c == ']' && depth > 0);
            outside
        })
    };
    match level {
        0 => name.to_string(),
        1 => family.to_string(),
        2 => bare().collect(),
        _ => {
            let whole: String = bare().collect();
            whole.rsplit('.').next().unwrap_or_default().to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_grow_coarser() {
        let names: Vec<String> =
            (0..LEVELS).map(|level| name(level, "kid[2].a.Crash[x,y]", "kid[2].a.Crash")).collect();
        assert_eq!(names, ["kid[2].a.Crash[x,y]", "kid[2].a.Crash", "kid.a.Crash", "Crash"]);
    }
}
