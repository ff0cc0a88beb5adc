//! One entry of a neighbour cache that behaves as Linux's: the client's idea of where the service's address is.
//!
//! States, times and the question whether an announcement is believed follow `net/core/neighbour.c` and
//! `net/ipv4/arp.c` with their defaults: reachable for 30 s (times 0.5 to 1.5), 5 s of delay, three probes a second
//! apart, then three broadcasts; `locktime` 1 s.

use crate::emulator::plan::Plan;
use crate::emulator::replicator::Machine;
use crate::emulator::time::{Duration, Instant};
use crate::rng::StreamKey;

/// Mean time for which an entry counts as reachable; drawn anew between half and three halves of it.
pub const BASE_REACHABLE: Duration = Duration::from_secs(30);
/// From the first use of a stale entry to its first probe.
pub const DELAY: Duration = Duration::from_secs(5);
/// From probe to probe.
pub const RETRANSMIT: Duration = Duration::from_secs(1);
/// Probes to the known machine, and then broadcasts.
pub const PROBES: u8 = 3;
/// An entry that was changed less than that ago is changed by a gratuitous form or an answer only.
pub const LOCKTIME: Duration = Duration::from_secs(1);

/// How a machine that takes over announces the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// An ARP request for its own address.
    Request,
    /// An ARP reply whose target hardware address is the sender's.
    GratuitousReply,
    /// An ARP reply with target ff:ff:ff:ff:ff:ff, which Linux doesn't take for gratuitous (as printed in the slides).
    BroadcastReply,
    /// None.
    Silent,
}

/// What the cache asks the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// "Are you still there?", to the machine that is known.
    Probe(Machine),
    /// "Who has it?", to all.
    Broadcast,
}

impl Question {
    /// Whom it is asked.
    pub fn machines(self) -> &'static [Machine] {
        match self {
            Question::Probe(Machine::A) => &[Machine::A],
            Question::Probe(Machine::B) => &[Machine::B],
            Question::Broadcast => &[Machine::A, Machine::B],
        }
    }
}

/// The entry with which a run begins, made by machine A so long before as the plan says.
pub fn entry(plan: &Plan, (seed, run): (u64, u64)) -> Cache {
    let mut stream = StreamKey::of("emulator.arp").stream(seed, run);
    let reachable = Duration::from_seconds(BASE_REACHABLE.seconds() * (0.5 + stream.draw().uniform()));
    let age = Duration::from_seconds(plan.arp.age.sample(&mut stream.draw()));
    let entry = Cache::new(Machine::A, reachable, age.min(reachable), Instant::START);
    Cache { apart: plan.clients.next_server.is_some(), ..entry }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reachable,
    Stale,
    Delay,
    Probe(u8),
    /// Nothing is known; so many broadcasts were made.
    Incomplete(u8),
    Failed,
}

/// The entry of the service's address.
#[derive(Debug, Clone)]
pub struct Cache {
    machine: Machine,
    /// Whether each machine has an address of its own, so that another's answers and announcements are about another.
    apart: bool,
    state: State,
    /// For how long it is reachable after a confirmation.
    reachable: Duration,
    used: Option<Instant>,
    /// When a connection last proved the way there (Linux's `dst_confirm`); datagrams prove nothing.
    proven: Option<Instant>,
    /// When it was last changed; none: too long ago to matter.
    updated: Option<Instant>,
    deadline: Option<Instant>,
}

impl Cache {
    /// An entry that was made and confirmed `age` ago, and counts as reachable for `reachable` after that.
    pub fn new(machine: Machine, reachable: Duration, age: Duration, now: Instant) -> Cache {
        let deadline = Some(now + (reachable - age));
        let updated = Some(now).filter(|_| age == Duration::ZERO);
        Cache { machine, apart: false, state: State::Reachable, reachable, used: None, proven: None, updated, deadline }
    }

    /// Where a packet goes; none while the address is unknown, and the packet is lost. (Linux keeps the last few for
    /// the answer; here they are lost.) A question is asked when it must be.
    pub fn route(&mut self, now: Instant) -> (Option<Machine>, Option<Question>) {
        self.used = Some(now);
        match self.state {
            State::Stale => {
                self.enter(State::Delay, now, DELAY);
                (Some(self.machine), None)
            }
            State::Failed => {
                self.enter(State::Incomplete(1), now, RETRANSMIT);
                (None, Some(self.broadcast()))
            }
            State::Incomplete(_) => (None, None),
            State::Reachable | State::Delay | State::Probe(_) => (Some(self.machine), None),
        }
    }

    /// Asks for the only address there is, or for that of the machine in question.
    fn broadcast(&self) -> Question {
        if self.apart { Question::Probe(self.machine) } else { Question::Broadcast }
    }

    /// The clients turn to the other machine's address, of which the network has known for long.
    pub fn turn(&mut self, now: Instant) {
        *self = Cache { apart: self.apart, ..Cache::new(self.machine.other(), self.reachable, Duration::ZERO, now) };
    }

    /// When [`Cache::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// The deadline has come; too early does nothing.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Question> {
        if self.deadline.is_none_or(|at| now < at) {
            return None;
        }
        match self.state {
            State::Reachable if self.proven_since(now, self.reachable) => self.rely_on_proof(),
            State::Delay if self.proven_since(now, DELAY) => {
                (self.state, self.updated) = (State::Reachable, Some(now));
                self.rely_on_proof();
            }
            // Used lately: it is to be verified soon.
            State::Reachable if self.used.is_some_and(|used| now < used + DELAY) => {
                self.enter(State::Delay, now, DELAY);
            }
            State::Reachable => self.rest(State::Stale, now),
            State::Delay => {
                self.enter(State::Probe(1), now, RETRANSMIT);
                return Some(Question::Probe(self.machine));
            }
            State::Probe(made) if made < PROBES => {
                self.state = State::Probe(made + 1);
                self.deadline = Some(now + RETRANSMIT);
                return Some(Question::Probe(self.machine));
            }
            State::Incomplete(made) if made < PROBES => {
                self.state = State::Incomplete(made + 1);
                self.deadline = Some(now + RETRANSMIT);
                return Some(self.broadcast());
            }
            State::Probe(_) | State::Incomplete(_) => self.rest(State::Failed, now),
            State::Stale | State::Failed => self.deadline = None,
        }
        None
    }

    /// A connection through that machine makes progress, so that there is a way there.
    pub fn proved(&mut self, machine: Machine, now: Instant) {
        if machine == self.machine && !matches!(self.state, State::Incomplete(_) | State::Failed) {
            self.proven = Some(now);
        }
    }

    /// Whether that was less than so long ago.
    fn proven_since(&self, now: Instant, length: Duration) -> bool {
        self.proven.is_some_and(|at| now < at + length)
    }

    /// Counts as reachable from the proof on.
    fn rely_on_proof(&mut self) {
        self.deadline = self.proven.map(|at| at + self.reachable);
    }

    /// The answer to a question.
    pub fn answered(&mut self, from: Machine, now: Instant) {
        if self.apart && from != self.machine {
            return;
        }
        let asked = matches!(self.state, State::Incomplete(_) | State::Probe(_));
        // A second answer to one broadcast comes within the lock time of the first, and is ignored.
        if from == self.machine && self.state != State::Failed || asked || self.is_old(now) {
            self.learn(from, now);
            self.confirm(now);
        }
    }

    /// A machine says by itself that it has the address; whether that was believed.
    pub fn announced(&mut self, from: Machine, form: Announcement, now: Instant) -> bool {
        let gratuitous = matches!(form, Announcement::Request | Announcement::GratuitousReply);
        let overrides = gratuitous || self.is_old(now);
        let known = !matches!(self.state, State::Incomplete(_) | State::Failed);
        if self.apart && from != self.machine {
            return false;
        }
        if form == Announcement::Silent || known && from != self.machine && !overrides {
            return false;
        }
        // A broadcast proves nothing about the way there.
        if from != self.machine || !known {
            self.learn(from, now);
            self.rest(State::Stale, now);
        }
        true
    }

    fn is_old(&self, now: Instant) -> bool {
        self.updated.is_none_or(|updated| now > updated + LOCKTIME)
    }

    fn learn(&mut self, machine: Machine, now: Instant) {
        if machine != self.machine {
            self.machine = machine;
            self.updated = Some(now);
            self.proven = None;
        }
    }

    fn confirm(&mut self, now: Instant) {
        if self.state != State::Reachable {
            self.updated = Some(now);
        }
        self.state = State::Reachable;
        self.deadline = Some(now + self.reachable);
    }

    fn enter(&mut self, state: State, now: Instant, length: Duration) {
        (self.state, self.updated, self.deadline) = (state, Some(now), Some(now + length));
    }

    fn rest(&mut self, state: State, now: Instant) {
        (self.state, self.updated, self.deadline) = (state, Some(now), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Instant {
        Instant::START + Duration::from_seconds(seconds)
    }

    /// A client that sends every 20 ms to A, which dies at 0; nobody announces anything. When it reaches B.
    fn recovers(confirmed_before: f64) -> f64 {
        let age = Duration::from_seconds(confirmed_before);
        let mut cache = Cache::new(Machine::A, BASE_REACHABLE, age, at(100.0));
        for tick in 0..5000 {
            let now = at(100.0 + 0.02 * f64::from(tick));
            while cache.poll_timeout().is_some_and(|at| at <= now) {
                let due = cache.poll_timeout().unwrap_or(now);
                if cache.handle_timeout(due) == Some(Question::Broadcast) {
                    cache.answered(Machine::B, due);
                }
            }
            let (to, question) = cache.route(now);
            if question == Some(Question::Broadcast) {
                cache.answered(Machine::B, now);
            }
            if to == Some(Machine::B) {
                return now.seconds() - 100.0;
            }
        }
        f64::INFINITY
    }

    #[test]
    fn without_an_announcement_the_client_waits_for_expiry_delay_and_three_probes() {
        // The rest of 30 s, 5 s of delay, three probes a second apart, then the next packets ask all and are lost.
        for confirmed_before in [0.0, 10.0, 29.0] {
            let expected = 30.0 - confirmed_before + 5.0 + 3.0;
            let found = recovers(confirmed_before);
            assert!((expected..expected + 0.05).contains(&found), "{found} for {expected}");
        }
    }

    #[test]
    fn a_fresh_entry_believes_only_what_has_the_gratuitous_form() {
        use Announcement::{BroadcastReply, GratuitousReply, Request, Silent};
        for (form, fresh, old) in [
            (Request, true, true),
            (GratuitousReply, true, true),
            (BroadcastReply, false, true),
            (Silent, false, false),
        ] {
            for (age, believed) in [(0.5, fresh), (1.5, old)] {
                let mut cache = Cache::new(Machine::A, BASE_REACHABLE, Duration::ZERO, at(10.0));
                let now = at(10.0 + age);
                assert_eq!(cache.announced(Machine::B, form, now), believed, "{form:?} at {age} s");
                let expected = if believed { Machine::B } else { Machine::A };
                assert_eq!(cache.route(now).0, Some(expected));
            }
        }
    }

    #[test]
    fn a_connection_that_makes_progress_keeps_its_entry() {
        let mut cache = Cache::new(Machine::A, BASE_REACHABLE, Duration::ZERO, at(0.0));
        cache.proved(Machine::A, at(20.0));
        cache.route(at(29.0));
        assert_eq!((cache.handle_timeout(at(30.0)), cache.poll_timeout()), (None, Some(at(50.0))));
        // Used without progress, then with some while it is to be verified.
        cache.route(at(49.0));
        assert_eq!((cache.handle_timeout(at(50.0)), cache.poll_timeout()), (None, Some(at(55.0))));
        cache.proved(Machine::B, at(51.0));
        cache.proved(Machine::A, at(52.0));
        assert_eq!((cache.handle_timeout(at(55.0)), cache.poll_timeout()), (None, Some(at(82.0))));
        // Of another machine nothing is known yet.
        assert!(cache.announced(Machine::B, Announcement::Request, at(60.0)));
        cache.route(at(60.0));
        assert_eq!(cache.handle_timeout(at(65.0)), Some(Question::Probe(Machine::B)));
    }

    #[test]
    fn of_two_addresses_each_is_its_machines_own() {
        let entry = Cache::new(Machine::A, BASE_REACHABLE, Duration::from_secs(5), at(0.0));
        let mut cache = Cache { apart: true, ..entry };
        assert!(!cache.announced(Machine::B, Announcement::Request, at(1.0)));
        cache.answered(Machine::B, at(1.0));
        assert_eq!(cache.route(at(2.0)).0, Some(Machine::A));
        cache.turn(at(3.0));
        assert_eq!(cache.route(at(3.0)), (Some(Machine::B), None));
        cache.answered(Machine::A, at(20.0));
        assert_eq!((cache.route(at(31.0)).0, cache.poll_timeout()), (Some(Machine::B), Some(at(33.0))));
        // Only the machine in question is asked, to the end.
        let mut asked = Vec::new();
        while let Some(due) = cache.poll_timeout() {
            asked.extend(cache.handle_timeout(due));
        }
        asked.extend(cache.route(at(60.0)).1);
        assert_eq!(asked, [Question::Probe(Machine::B); 4]);
        cache.turn(at(61.0));
        assert_eq!(cache.route(at(61.0)).0, Some(Machine::A));
    }

    #[test]
    fn an_announced_entry_is_verified_when_it_is_used() {
        let mut cache = Cache::new(Machine::A, BASE_REACHABLE, Duration::ZERO, at(0.0));
        assert!(cache.announced(Machine::B, Announcement::Request, at(2.0)));
        assert_eq!(cache.poll_timeout(), None);
        cache.route(at(3.0));
        assert_eq!(cache.poll_timeout(), Some(at(8.0)));
        assert_eq!(cache.handle_timeout(at(8.0)), Some(Question::Probe(Machine::B)));
        cache.answered(Machine::B, at(8.001));
        assert_eq!(cache.poll_timeout(), Some(at(38.001)));
        // Of two answers to one question the second is too late.
        cache.answered(Machine::A, at(8.002));
        assert_eq!(cache.route(at(9.0)).0, Some(Machine::B));
    }
}
