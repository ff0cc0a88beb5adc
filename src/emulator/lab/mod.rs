//! The virtual-time lab: two machines, their clients, the network between, one clock that jumps from event to event.
//!
//! [`run`] is a pure function of a plan, a seed and the number of the run. Events of one instant happen in the order
//! in which they were planned, and everything random comes from named streams, so that two plans that differ in their
//! detector see the same faults at the same times.

pub mod agents;
pub mod arp;
pub mod blows;
mod faults;
mod hosts;
pub mod network;
pub mod record;
pub(super) mod served;
pub mod sip_timers;
pub mod voice;

use super::packet::{Packet, Protocol};
use super::plan::Plan;
use super::replicator::{Event, Machine, Mode, Replica, Tag, Transmit};
use super::sip_actors::Surroundings;
use super::tcp::Segment;
use super::time::{Duration, Instant};
use crate::rng::{Stream, StreamKey};
use agents::{Agents, Wishes};
use arp::{Announcement, Cache, Question};
use hosts::Host;
use network::{Network, Node, Traffic};
use record::Record;
use served::Server;
use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use agents::{CallTally, Tally};

/// The clients fall silent when the plan's length is over; what is still on its way arrives within that.
pub const GRACE: Duration = Duration::from_secs(2);

/// Is told what the machines do while a run goes on.
pub trait Observer {
    /// Something happened at a machine.
    fn event(&mut self, _: Instant, _: Machine, _: &Event) {}
    /// A machine sends something.
    fn transmit(&mut self, _: Instant, _: Machine, _: &Transmit) {}
}

impl Observer for () {}

/// One run of a plan.
pub fn run(plan: &Plan, seed: u64, run: u64) -> Record {
    observe(plan, seed, run, &mut ())
}

/// One run of a plan, watched.
pub fn observe(plan: &Plan, seed: u64, run: u64, observer: &mut dyn Observer) -> Record {
    until_stopped(plan, seed, run, observer, &|| false).unwrap_or_default()
}

/// One run of a plan; none if `stop` says so before its end. It is asked every [`PATIENCE`] events.
pub fn run_unless(plan: &Plan, seed: u64, run: u64, stop: &dyn Fn() -> bool) -> Option<Record> {
    until_stopped(plan, seed, run, &mut (), stop)
}

/// Events from one question whether to stop to the next: about a millisecond.
pub const PATIENCE: u64 = 4096;

fn until_stopped(
    plan: &Plan,
    seed: u64,
    run: u64,
    observer: &mut dyn Observer,
    stop: &dyn Fn() -> bool,
) -> Option<Record> {
    let mut wishes = Wishes::default();
    let mut lab = Lab::new(plan, seed, run, observer, &mut wishes);
    lab.grant(&mut wishes);
    lab.begin();
    let end = Instant::START + plan.length + GRACE;
    let mut events: u64 = 0;
    while let Some(entry) = lab.queue.pop().filter(|entry| entry.at <= end) {
        lab.now = entry.at;
        lab.happen(entry.what, &mut wishes);
        lab.grant(&mut wishes);
        lab.watch_recovery();
        events += 1;
        if events.is_multiple_of(PATIENCE) && stop() {
            return None;
        }
    }
    lab.now = end;
    Some(lab.finish())
}

/// What happens at a time.
#[derive(Debug, Clone)]
enum What {
    /// A machine's deadline.
    Wake(Machine),
    /// A frame arrives.
    Frame(Machine, Vec<u8>),
    /// A client's packet arrives.
    Request(Machine, Packet),
    /// An output arrives.
    Response(Packet, Tag),
    /// An announcement arrives at the clients' side.
    Announced(Machine),
    /// A question of the clients' side arrives.
    Asked(Machine),
    /// Its answer.
    Answered(Machine),
    /// The neighbour cache's deadline.
    Cache,
    /// A client's timer.
    Client(agents::Timer),
    /// A fault of the plan.
    Fault(usize),
    /// A host or process starts again, if it has not been struck down anew since.
    Restart(Machine, u64),
    /// Something that a machine does late.
    Late(Machine),
}

#[derive(Debug)]
struct Entry {
    at: Instant,
    order: u64,
    what: What,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Entry) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// A run under way.
struct Lab<'p> {
    plan: &'p Plan,
    seed: (u64, u64),
    now: Instant,
    queue: BinaryHeap<Entry>,
    order: u64,
    hosts: [Host; 2],
    network: Network<'p>,
    cache: Cache,
    cache_scheduled: Option<Instant>,
    agents: Agents<'p>,
    record: Record,
    /// Draws of lengths of faults and repairs.
    troubles: Stream,
    /// What no server loses.
    surroundings: Arc<Mutex<Surroundings>>,
    /// Faults of functions from whose last failure not everything has recovered.
    unrecovered: BTreeSet<usize>,
    /// Those after which no registration, or no call, was answered.
    unanswered: Vec<usize>,
    /// Since when no active machine is protected.
    unprotected_since: Option<Instant>,
    observer: &'p mut dyn Observer,
}

impl<'p> Lab<'p> {
    fn new(plan: &'p Plan, seed: u64, run: u64, observer: &'p mut dyn Observer, wishes: &mut Wishes) -> Lab<'p> {
        let stream = |name| StreamKey::of(name).stream(seed, run);
        let start = Instant::START;
        let surroundings = Arc::new(Mutex::new(Surroundings::new((seed, run))));
        let pair = || (plan.pair.clone(), Server::new(plan, &surroundings, (seed, run)), (seed, run));
        let (config, guest, names) = pair();
        let a = Replica::active(config, Machine::A, guest, names, start);
        let (config, guest, names) = pair();
        let b = (plan.pair.mode != Mode::Alone).then(|| Replica::waiting(config, Machine::B, guest, names, start));
        Lab {
            plan,
            seed: (seed, run),
            now: start,
            queue: BinaryHeap::new(),
            order: 0,
            hosts: [Host::new(Some(a), true), Host::new(b, false)],
            network: Network::new(&plan.rules, seed, run),
            cache: arp::entry(plan, (seed, run)),
            cache_scheduled: None,
            agents: Agents::new(&plan.clients, start + plan.length, (seed, run), wishes),
            record: Record::default(),
            troubles: stream("emulator.troubles"),
            surroundings: surroundings.clone(),
            unrecovered: BTreeSet::new(),
            unanswered: Vec::new(),
            unprotected_since: None,
            observer,
        }
    }

    /// What is planned from the start.
    fn begin(&mut self) {
        let mut times = StreamKey::of("emulator.faults").stream(self.seed.0, self.seed.1);
        for (index, fault) in self.plan.faults.iter().enumerate() {
            let at = Duration::from_seconds(fault.at.sample(&mut times.draw()));
            self.at(Instant::START + at, What::Fault(index));
        }
        self.follow(Machine::A);
        self.follow(Machine::B);
        self.follow_cache();
    }

    fn at(&mut self, at: Instant, what: What) {
        self.order += 1;
        self.queue.push(Entry { at, order: self.order, what });
    }

    fn happen(&mut self, what: What, wishes: &mut Wishes) {
        let Some(what) = self.hold_up(what) else { return };
        match what {
            What::Wake(machine) => self.wake(machine),
            What::Frame(machine, bytes) => self.frame(machine, &bytes),
            What::Request(machine, packet) => self.request(machine, packet),
            What::Response(packet, tag) => {
                self.saw(tag);
                if let Some(machine) = prover(&packet, tag) {
                    self.cache.proved(machine, self.now);
                }
                self.agents.handle_packet(self.now, &packet, wishes);
                self.watch_answers();
            }
            What::Announced(machine) => {
                self.cache.announced(machine, self.plan.arp.announcement, self.now);
                self.follow_cache();
            }
            What::Asked(machine) => self.asked(machine),
            What::Answered(machine) => {
                self.cache.answered(machine, self.now);
                self.follow_cache();
            }
            What::Cache => {
                self.cache_scheduled = None;
                let question = self.cache.handle_timeout(self.now);
                self.ask(question);
                self.follow_cache();
            }
            What::Client(timer) => self.agents.handle_timer(self.now, timer, wishes),
            What::Fault(index) => self.strike(index),
            What::Restart(machine, life) => self.restart(machine, life),
            // It was unpacked above.
            What::Late(_) => {}
        }
    }

    /// Does what the clients want.
    fn grant(&mut self, wishes: &mut Wishes) {
        for (at, timer) in wishes.timers.drain(..) {
            self.order += 1;
            self.queue.push(Entry { at, order: self.order, what: What::Client(timer) });
        }
        if std::mem::take(&mut wishes.next_server) {
            self.cache.turn(self.now);
        }
        for packet in std::mem::take(&mut wishes.packets) {
            let (to, question) = self.cache.route(self.now);
            self.ask(question);
            self.follow_cache();
            let Some(machine) = to else { continue };
            let traffic = if packet.is_rtp() { Traffic::Voice } else { Traffic::Signalling };
            if let Some(at) = self.network.send(self.now, Node::Clients, machine.into(), traffic) {
                self.at(at, What::Request(machine, packet));
            }
        }
    }

    /// An output has reached a client.
    fn saw(&mut self, tag: Tag) {
        if self.plan.pair.mode.has_checkpoints() {
            let seen = self.record.seen.entry((tag.generation, tag.epoch)).or_default();
            seen[usize::from(!tag.held)] += 1;
        }
        if let Some(takeover) = self.record.takeovers.last_mut()
            && takeover.generation == tag.generation
        {
            takeover.heard.get_or_insert(self.now);
        }
    }

    fn ask(&mut self, question: Option<Question>) {
        for machine in question.map_or(&[][..], Question::machines) {
            if let Some(at) = self.network.send(self.now, Node::Clients, (*machine).into(), Traffic::Arp) {
                self.at(at, What::Asked(*machine));
            }
        }
    }

    /// A question has come: the kernel answers if it has the address.
    fn asked(&mut self, machine: Machine) {
        if self.hosts[machine.index()].answers() {
            self.reply(machine, Traffic::Arp, What::Answered(machine));
        }
    }

    /// Sends something to the clients' side, that happens when it arrives.
    fn reply(&mut self, machine: Machine, traffic: Traffic, what: What) {
        if let Some(at) = self.network.send(self.now, machine.into(), Node::Clients, traffic) {
            self.at(at, what);
        }
    }

    fn follow_cache(&mut self) {
        if let Some(at) = self.cache.poll_timeout()
            && self.cache_scheduled.is_none_or(|scheduled| at < scheduled)
        {
            self.cache_scheduled = Some(at);
            self.at(at, What::Cache);
        }
    }

    /// Sends what a machine wants to be sent.
    fn transmit(&mut self, machine: Machine, transmit: Transmit) {
        self.observer.transmit(self.now, machine, &transmit);
        match transmit {
            Transmit::Peer(bytes) => {
                let other = machine.other();
                if let Some(at) = self.network.send(self.now, machine.into(), other.into(), Traffic::Frames) {
                    self.at(at, What::Frame(other, bytes));
                }
            }
            Transmit::Client(packet, tag) => {
                let traffic = if packet.is_rtp() { Traffic::Voice } else { Traffic::Signalling };
                self.reply(machine, traffic, What::Response(packet, tag));
            }
            Transmit::Announce if self.plan.arp.announcement != Announcement::Silent => {
                self.reply(machine, Traffic::Arp, What::Announced(machine));
            }
            Transmit::Announce => {}
        }
    }

    fn finish(mut self) -> Record {
        if let Some(since) = self.unprotected_since {
            self.record.unprotected += (self.now - since).seconds();
        }
        self.agents.finish();
        self.count_bindings();
        self.record.rejected_messages = lock(&self.surroundings).rejected();
        let Agents { registered, delays, called, setups, heard, .. } = self.agents;
        Record { registered, delays, called, setups, heard, ..self.record }
    }
}

/// The surroundings, whatever became of who held them.
pub(super) fn lock(surroundings: &Mutex<Surroundings>) -> MutexGuard<'_, Surroundings> {
    surroundings.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a kernel answers a segment of a dead process with a reset.
pub(super) fn is_reset_by_kernel(packet: &Packet) -> bool {
    use super::tcp::Kind;
    packet.flow.protocol == Protocol::Tcp && Segment::decode(&packet.payload).is_some_and(|s| s.kind != Kind::Reset)
}

/// The machine whose segment proves the way to it: one of a connection that goes on.
pub(super) fn prover(packet: &Packet, tag: Tag) -> Option<Machine> {
    use super::tcp::Kind;
    let goes_on = |payload| Segment::decode(payload).is_some_and(|segment| segment.kind != Kind::Reset);
    let is_proof = packet.flow.protocol == Protocol::Tcp && tag.generation > 0 && goes_on(&packet.payload);
    Machine::from_index((tag.generation % 2) as u8).filter(|_| is_proof)
}

/// The kernel's answer to a segment of a dead process.
pub(super) fn reset(packet: &Packet) -> (Packet, Tag) {
    let tag = Tag { generation: 0, epoch: 0, held: false };
    (Packet { flow: packet.flow, payload: Segment::reset().encode() }, tag)
}
