//! S7–S13: a plain list of running clocks, a plain list of waiting needs, a stack of kept values for each transition.

use super::{Stop, degree};
use fivenines::dist::Law;
use fivenines::net::expr::ArgumentExpr;
use fivenines::net::{FamilyId, Net, Servers, Timed, Timing, TransitionId};
use fivenines::rng::{Stream, StreamKey};
use fivenines::syntax::ast::{MemoryPolicy, Renew, Scope, Ties};

/// A running clock.
struct Clock {
    transition: usize,
    /// How many clocks were started before it.
    started: u64,
    /// The whole sample, and what was left of it at `since`, both at speed 1.
    whole: f64,
    left: f64,
    since: f64,
    speed: f64,
    tie: u64,
    /// By how much rounding may have changed `left` and `since`: a slower speed magnifies what went before.
    error: f64,
    since_error: f64,
}

/// The value of a stopped clock, and by how much rounding may have changed it.
type Kept = (f64, f64);

/// More clocks than these are too many for this engine.
const MOST_RUNNING: usize = 100;

/// What rounding does to a time, relatively.
const ROUNDING: f64 = 4e-16;

/// A need that waits for a server (S8).
struct Need {
    transition: usize,
    /// In which tangible marking, counted from the start: needs that arise in one marking arise at one instant.
    arose: u64,
}

pub struct Clocks {
    running: Vec<Clock>,
    waiting: Vec<Need>,
    /// S9: values of stopped clocks, the one stopped last at the end.
    kept: Vec<Vec<Kept>>,
    /// By how much rounding may have changed the time of the last firing.
    now_error: f64,
    streams: Vec<Stream>,
    ties: Vec<Stream>,
    keys: Vec<u64>,
    random: bool,
    starts: u64,
    markings: u64,
}

impl Clock {
    fn due(&self) -> f64 {
        if self.speed > 0.0 { self.since + self.left / self.speed } else { f64::INFINITY }
    }

    fn left_at(&self, now: f64) -> f64 {
        (self.left - self.speed * (now - self.since)).max(0.0)
    }

    fn error_at(&self, now_error: f64) -> f64 {
        self.error + self.speed * (now_error + self.since_error)
    }

    fn due_error(&self) -> f64 {
        self.since_error + if self.speed > 0.0 { self.error / self.speed } else { 0.0 }
    }
}

fn timed(net: &Net, transition: usize) -> Option<&Timed> {
    match &net.transitions[transition].timing {
        Timing::Timed(timed) => Some(timed),
        Timing::Immediate { .. } => None,
    }
}

fn at_most(servers: Servers) -> usize {
    match servers {
        Servers::Count(k) => k as usize,
        Servers::Infinite => usize::MAX,
    }
}

impl Clocks {
    pub fn new(net: &Net, seed: u64, replication: u64, ties: Ties) -> Clocks {
        let open = |name: &str| StreamKey::of(name).stream(seed, replication);
        Clocks {
            running: Vec::new(),
            waiting: Vec::new(),
            kept: vec![Vec::new(); net.transitions.len()],
            now_error: 0.0,
            streams: net.transitions.iter().map(|t| open(&t.stream)).collect(),
            ties: net.transitions.iter().map(|t| open(&format!("tie:{}", t.stream))).collect(),
            keys: net.transitions.iter().map(|t| StreamKey::of(&t.stream).0[0]).collect(),
            random: ties == Ties::Random,
            starts: 0,
            markings: 0,
        }
    }

    /// S13: the clock that fires next: the earliest; of those the least tie key; of those the oldest.
    pub fn next(&self) -> Option<(f64, usize)> {
        let mut best: Option<(f64, u64, u64, usize)> = None;
        for (index, clock) in self.running.iter().enumerate() {
            let candidate = (clock.due(), clock.tie, clock.started, index);
            if candidate.0 < f64::INFINITY && best.is_none_or(|b| candidate < b) {
                best = Some(candidate);
            }
        }
        best.map(|(due, _, _, index)| (due, index))
    }

    /// Whether rounding could decide what fires next, or when: another clock is due at nearly the same time, and not
    /// at the very same one, reckoned in the same way or free of rounding (a multiple of 2⁻¹⁰).
    pub fn rounding_decides(&self, index: usize) -> bool {
        let first = &self.running[index];
        let due = first.due();
        if first.due_error() > 1e-10 {
            return true;
        }
        let exact = |c: &Clock| c.due_error() == 0.0 && (c.due() * 1024.0).fract() == 0.0;
        let alike = |c: &Clock| (c.since, c.left, c.speed) == (first.since, first.left, first.speed);
        let close = |c: &Clock| c.due() - due <= 1e-9 * due.max(1.0);
        self.running.iter().any(|c| close(c) && !alike(c) && !(exact(c) && exact(first) && c.due() == due))
    }

    /// Takes the clock that fires out of the list.
    pub fn remove(&mut self, index: usize) -> TransitionId {
        let clock = self.running.remove(index);
        let rounded = (clock.due() * 1024.0).fract() != 0.0;
        self.now_error = clock.due_error() + if rounded { ROUNDING * clock.due() } else { 0.0 };
        TransitionId(clock.transition as u32)
    }

    /// S10: what `AtEachToken` clocks see of a marking that doesn't last.
    pub fn glimpse(&mut self, net: &Net, marking: &[u32], now: f64) {
        for transition in 0..net.transitions.len() {
            if timed(net, transition).is_some_and(|t| t.renew == Renew::AtEachToken) {
                self.shrink(net, transition, marking, now);
            }
        }
    }

    /// S7–S12 in a tangible marking.
    pub fn revise(&mut self, net: &Net, marking: &[u32], now: f64, after_timed: bool) -> Result<(), Stop> {
        self.markings += 1;
        // Recomputing everything at each step is quadratic in these.
        if self.running.len() > MOST_RUNNING {
            return Err(Stop::Patience);
        }
        let mut order: Vec<usize> = (0..net.transitions.len()).filter(|t| timed(net, *t).is_some()).collect();
        order.sort_by_key(|t| &net.transitions[*t].stream);
        for &transition in &order {
            self.shrink(net, transition, marking, now);
        }
        for &transition in &order {
            if after_timed && timed(net, transition).is_some_and(|t| t.memory == MemoryPolicy::Resample) {
                self.redraw(net, transition, marking, now)?;
            }
        }
        self.change_speeds(net, marking, now)?;
        for &transition in &order {
            self.grow(net, transition, marking);
        }
        self.serve(net, marking, now)
    }

    fn count(&self, transition: usize) -> usize {
        self.running.iter().filter(|c| c.transition == transition).count()
    }

    fn needs(&self, transition: usize) -> usize {
        self.waiting.iter().filter(|n| n.transition == transition).count()
    }

    /// How many needs a transition has: a server of its own limits them, shared servers don't (S8).
    fn wanted(net: &Net, transition: usize, marking: &[u32]) -> usize {
        let degree = degree(net, &net.transitions[transition], marking) as usize;
        match timed(net, transition) {
            Some(t) if t.scope == Scope::Binding => degree.min(at_most(t.servers)),
            _ => degree,
        }
    }

    /// S8: the youngest goes first, waiting before running. S9: what becomes of a stopped clock.
    fn shrink(&mut self, net: &Net, transition: usize, marking: &[u32], now: f64) {
        let wanted = Clocks::wanted(net, transition, marking);
        while self.count(transition) + self.needs(transition) > wanted {
            let youngest = (0..self.waiting.len())
                .filter(|i| self.waiting[*i].transition == transition)
                .max_by_key(|i| self.waiting[*i].arose);
            if let Some(youngest) = youngest {
                self.waiting.remove(youngest);
                continue;
            }
            let youngest = (0..self.running.len())
                .filter(|i| self.running[*i].transition == transition)
                .max_by_key(|i| self.running[*i].started)
                .expect("there are more clocks than wanted");
            let clock = self.running.remove(youngest);
            match timed(net, transition).map(|t| t.memory) {
                Some(MemoryPolicy::Age) => {
                    self.kept[transition].push((clock.left_at(now), clock.error_at(self.now_error)));
                }
                Some(MemoryPolicy::Identical) => self.kept[transition].push((clock.whole, 0.0)),
                _ => {}
            }
        }
    }

    /// S8: needs that arise now.
    fn grow(&mut self, net: &Net, transition: usize, marking: &[u32]) {
        let wanted = Clocks::wanted(net, transition, marking);
        while self.count(transition) + self.needs(transition) < wanted {
            self.waiting.push(Need { transition, arose: self.markings });
        }
    }

    /// S8: free servers go to the longest waiting, at the same instant by stream name.
    fn serve(&mut self, net: &Net, marking: &[u32], now: f64) -> Result<(), Stop> {
        let stream = |t: usize| net.transitions[t].stream.as_str();
        self.waiting.sort_by(|a, b| a.arose.cmp(&b.arose).then_with(|| stream(a.transition).cmp(stream(b.transition))));
        let mut index = 0;
        while index < self.waiting.len() {
            let transition = self.waiting[index].transition;
            if self.has_free_server(net, transition) {
                self.waiting.remove(index);
                self.start(net, transition, marking, now)?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }

    fn has_free_server(&self, net: &Net, transition: usize) -> bool {
        let Some(timed) = timed(net, transition) else { return false };
        let family = |t: usize| -> FamilyId { net.transitions[t].family };
        let busy = match timed.scope {
            Scope::Binding => self.count(transition),
            Scope::Transition => self.running.iter().filter(|c| family(c.transition) == family(transition)).count(),
        };
        busy < at_most(timed.servers)
    }

    /// S9, S7: a kept value returns before anything is drawn.
    fn start(&mut self, net: &Net, transition: usize, marking: &[u32], now: f64) -> Result<(), Stop> {
        let (whole, error) = match self.kept[transition].pop() {
            Some(kept) => kept,
            None => (self.draw(net, transition, marking)?, 0.0),
        };
        let speed = speed(net, transition, marking)?;
        let tie = self.tie(transition);
        let started = self.starts;
        self.starts += 1;
        // Clocks that run together at a changing speed are reckoned from one common instant.
        let together = timed(net, transition).is_some_and(|t| t.speed.is_some())
            && self.running.iter().any(|c| c.transition == transition);
        let since_error = self.now_error + if together { ROUNDING * now.max(1.0) } else { 0.0 };
        let clock = Clock { transition, started, whole, left: whole, since: now, speed, tie, error, since_error };
        self.running.push(clock);
        Ok(())
    }

    fn tie(&mut self, transition: usize) -> u64 {
        if self.random { self.ties[transition].draw().bits() } else { self.keys[transition] }
    }

    /// S12: parameters are those of this marking; an exponential of marking-dependent rate has mean 1.
    fn draw(&mut self, net: &Net, transition: usize, marking: &[u32]) -> Result<f64, Stop> {
        let timed = timed(net, transition).expect("only timed transitions have clocks");
        let law = match rate(timed, marking) {
            Some(_) => Law::Exponential { mean: 1.0 },
            None => timed.law.evaluate(marking).map_err(|e| Stop::BadValue(e.to_string()))?,
        };
        Ok(law.sample(&mut self.streams[transition].draw()))
    }

    /// S9: `Resample` clocks draw anew, the oldest first.
    fn redraw(&mut self, net: &Net, transition: usize, marking: &[u32], now: f64) -> Result<(), Stop> {
        let mut mine: Vec<usize> =
            (0..self.running.len()).filter(|i| self.running[*i].transition == transition).collect();
        mine.sort_by_key(|i| self.running[*i].started);
        for index in mine {
            let whole = self.draw(net, transition, marking)?;
            let (speed, tie) = (speed(net, transition, marking)?, self.tie(transition));
            let (error, since_error) = (0.0, self.now_error);
            let clock = &mut self.running[index];
            *clock = Clock { whole, left: whole, since: now, speed, tie, error, since_error, ..*clock };
        }
        Ok(())
    }

    /// S11: running clocks take the speed of the tangible marking.
    fn change_speeds(&mut self, net: &Net, marking: &[u32], now: f64) -> Result<(), Stop> {
        for clock in &mut self.running {
            let speed = speed(net, clock.transition, marking)?;
            if speed != clock.speed {
                clock.error = clock.error_at(self.now_error);
                clock.since_error = self.now_error;
                clock.left = clock.left_at(now);
                clock.since = now;
                clock.speed = speed;
            }
        }
        Ok(())
    }
}

/// S11, S12: the stated speed, times the rate of an exponential that depends on the marking.
fn speed(net: &Net, transition: usize, marking: &[u32]) -> Result<f64, Stop> {
    let timed = timed(net, transition).expect("only timed transitions have clocks");
    let stated = timed.speed.as_ref().map_or(1.0, |s| s.evaluate(marking));
    let speed = stated * rate(timed, marking).unwrap_or(1.0);
    if speed >= 0.0 && speed.is_finite() { Ok(speed) } else { Err(Stop::BadValue(format!("speed {speed}"))) }
}

/// S12: the rate of an exponential, if it depends on the marking.
fn rate(timed: &Timed, marking: &[u32]) -> Option<f64> {
    if timed.law.form.name != "Exponential" || timed.law.is_constant() {
        return None;
    }
    let ArgumentExpr::Scalar(parameter) = &timed.law.arguments[0] else { return None };
    let value = parameter.evaluate(marking);
    Some(if timed.law.form.parameters[0].0 == "rate" { value } else { 1.0 / value })
}
