//! The account of causes: which transition began each outage.
//!
//! The cause of an outage is the first transition with `role: Failure` that fired at the firing that ended the up time
//! (the timed one, or an immediate that followed), else the timed transition itself; an outage in which a path begins
//! has none. What follows while the outage lasts belongs to it. So the parts add up to the downtime.

use super::tally::Layout;
use crate::engine::{Observer, Path};
use crate::net::{Net, Timing, TransitionId};
use crate::syntax::ast::Role;
use indexmap::IndexMap;

/// Most causes of a condition that are told apart.
const MOST: usize = 32;

/// The cause of an outage in which a path begins.
const BEGINNING: &str = "the initial marking";

/// What is left over when there are still too many causes.
const OTHERS: &str = "others";

/// The possible causes of a net's outages.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    /// Their names: the initial marking first, then transitions.
    pub names: Vec<String>,
    /// Cause of each flat transition, and what it is.
    of: Vec<(u32, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Immediate,
    Timed,
    /// With the role of a failure, immediate or not.
    Failure {
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
        let names = |level: usize| -> Vec<String> {
            net.transitions.iter().map(|t| name(level, &t.name, &net.families[t.family.0 as usize])).collect()
        };
        let distinct = |names: &[String]| {
            let causes = net.transitions.iter().zip(names).filter(|(t, _)| kind(t) != Kind::Immediate);
            let mut found: IndexMap<String, u32> = IndexMap::new();
            for (_, name) in causes {
                let next = found.len() as u32 + 1;
                found.entry(name.clone()).or_insert(next);
            }
            found
        };
        let all =
            (0..LEVELS).map(names).find(|names| distinct(names).len() <= MOST).unwrap_or_else(|| names(LEVELS - 1));
        let found = distinct(&all);
        let place = |name: &String| found.get(name).map_or(0, |&cause| cause.min(MOST as u32));
        let of = net.transitions.iter().zip(&all).map(|(t, name)| (place(name), kind(t))).collect();
        let many = found.len() > MOST;
        let mut list: Vec<String> = std::iter::once(BEGINNING.to_string()).chain(found.into_keys()).collect();
        if many {
            list.truncate(MOST);
            list.push(OTHERS.to_string());
        }
        Causes { names: list, of }
    }
}

/// Ways to name a transition, ever coarser.
const LEVELS: usize = 4;

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

/// Something that is kept of a path beside its sums.
pub trait Recorder: Observer {
    /// The path has begun.
    fn begin(&mut self, path: &Path);

    /// Writes what it kept since the last call into an observation, and starts anew.
    fn take(&mut self, now: f64, layout: &Layout, observation: &mut [f64]);
}

impl Recorder for () {
    fn begin(&mut self, _: &Path) {}

    fn take(&mut self, _: f64, _: &Layout, _: &mut [f64]) {}
}

/// Keeps the account along one path.
#[derive(Debug)]
pub struct Account<'c> {
    causes: &'c Causes,
    /// The timed transition that fired last, and the failure that came with it.
    timed: u32,
    failure: Option<u32>,
    ups: Vec<Outage>,
    /// Downtime and outages by condition and cause since the last call of `take`.
    parts: Vec<[f64; 2]>,
}

/// One condition; as in the engine (S14).
#[derive(Debug, Clone, Default)]
struct Outage {
    down: bool,
    /// Downtime is counted up to here.
    since: f64,
    start: f64,
    ended: Option<f64>,
    initial: bool,
    cause: u32,
}

impl<'c> Account<'c> {
    /// Of no path yet, for so many conditions.
    pub fn new(causes: &'c Causes, ups: usize) -> Account<'c> {
        let parts = vec![[0.0; 2]; ups * causes.names.len()];
        Account { causes, timed: 0, failure: None, ups: vec![Outage::default(); ups], parts }
    }

    fn part(&mut self, up: usize) -> &mut [f64; 2] {
        &mut self.parts[up * self.causes.names.len() + self.ups[up].cause as usize]
    }
}

impl Recorder for Account<'_> {
    fn begin(&mut self, path: &Path) {
        self.parts.fill([0.0; 2]);
        for (index, up) in self.ups.iter_mut().enumerate() {
            let down = !path.is_up(index);
            *up = Outage { down, initial: down, ..Outage::default() };
        }
    }

    fn take(&mut self, now: f64, layout: &Layout, observation: &mut [f64]) {
        for index in 0..self.ups.len() {
            let up = &mut self.ups[index];
            if up.down {
                let lasted = now - std::mem::replace(&mut up.since, now);
                self.part(index)[0] += lasted;
            }
        }
        let causes = self.causes.names.len();
        for (index, part) in self.parts.iter_mut().enumerate() {
            let [down, outages] = layout.cause(index / causes, index % causes);
            observation[down] += part[0];
            observation[outages] += part[1];
            *part = [0.0; 2];
        }
    }
}

impl Observer for Account<'_> {
    #[inline]
    fn fired(&mut self, _: f64, transition: TransitionId, _: &[u32]) {
        let (cause, kind) = self.causes.of[transition.0 as usize];
        match kind {
            Kind::Immediate => {}
            Kind::Timed => (self.timed, self.failure) = (cause, None),
            Kind::Failure { timed: true } => (self.timed, self.failure) = (cause, Some(cause)),
            Kind::Failure { timed: false } => {
                self.failure.get_or_insert(cause);
            }
        }
    }

    fn changed(&mut self, now: f64, index: usize, is_up: bool) {
        let cause = self.failure.unwrap_or(self.timed);
        let up = &mut self.ups[index];
        up.down = !is_up;
        if is_up {
            let lasted = now - up.since;
            let (none, initial) = (now <= up.start, up.initial);
            if !none {
                up.ended = Some(now);
            }
            let part = self.part(index);
            part[0] += lasted;
            // The outage had no length: there was none (S14).
            part[1] -= f64::from(none && !initial);
            return;
        }
        up.since = now;
        if now == 0.0 {
            (up.start, up.initial, up.cause) = (now, true, 0);
        } else if up.ended.take() != Some(now) {
            (up.start, up.initial, up.cause) = (now, false, cause);
            self.part(index)[1] += 1.0;
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
