//! The clients of a live run: the agents and their neighbour cache behind a socket.

use super::line::Line;
use super::node::{Input, Party, Port};
use super::wire::{Begin, Datagram, Order, Seen, Told};
use crate::emulator::lab::agents::{Agents, Timer, Wishes};
use crate::emulator::lab::arp::{self, Cache, Question};
use crate::emulator::lab::network::{Network, Node, Traffic};
use crate::emulator::lab::{self};
use crate::emulator::packet::Packet;
use crate::emulator::plan::Plan;
use crate::emulator::replicator::{Machine, Tag};
use crate::emulator::time::{Duration, Instant};
use std::collections::BTreeMap;

/// How often it is asked whether there is still something to do, when the clients have fallen silent.
const GLANCE: Duration = Duration::from_millis(20);

/// What is to come.
enum Later {
    Timer(Timer),
    /// A datagram has passed the plan's link to a machine, and the real one is still before it.
    To(Machine, Vec<u8>),
    /// One has come over the real link, and now over the plan's.
    From(Machine, Datagram),
    /// Is there still something to do?
    Glance,
}

pub(super) struct Users<'p> {
    plan: &'p Plan,
    agents: Agents<'p>,
    wishes: Wishes,
    cache: Cache,
    network: Network<'p>,
    line: Line<Later>,
    machines: [Option<u16>; 2],
    end: Instant,
    idle: bool,
    /// Machines of which there is only the kernel.
    bare: [bool; 2],
    heard: BTreeMap<u64, Instant>,
    packets: BTreeMap<(u64, u64), [u64; 2]>,
    answers: Vec<(Instant, Instant, bool)>,
}

impl<'p> Users<'p> {
    pub(super) fn new(plan: &'p Plan, (seed, run): (u64, u64), begin: Begin) -> Users<'p> {
        let mut wishes = Wishes::default();
        let end = Instant::START + plan.length;
        let mut users = Users {
            plan,
            agents: Agents::new(&plan.clients, end, (seed, run), &mut wishes),
            wishes,
            cache: arp::entry(plan, (seed, run)),
            network: Network::new(&plan.rules, seed ^ 3u64.rotate_left(48), run),
            line: Line::new(),
            machines: begin.machines.map(|ports| ports.map(|ports| ports.udp)),
            end,
            idle: false,
            bare: [false; 2],
            heard: BTreeMap::new(),
            packets: BTreeMap::new(),
            answers: Vec::new(),
        };
        users.line.push(end, Later::Glance);
        users.plan_timers();
        users
    }

    fn plan_timers(&mut self) {
        for (at, timer) in self.wishes.timers.drain(..) {
            self.line.push(at, Later::Timer(timer));
        }
    }

    /// Does what the agents want.
    fn grant(&mut self, port: &mut Port) -> Result<(), String> {
        self.plan_timers();
        if std::mem::take(&mut self.wishes.next_server) {
            self.cache.turn(port.clock.now());
        }
        for packet in std::mem::take(&mut self.wishes.packets) {
            let now = port.clock.now();
            let (to, question) = self.cache.route(now);
            self.ask(now, question, port)?;
            if let Some(machine) = to {
                let traffic = traffic(&packet);
                self.send(now, machine, traffic, Datagram::Request(packet).encode(), port)?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, now: Instant, question: Option<Question>, port: &mut Port) -> Result<(), String> {
        for machine in question.map_or(&[][..], Question::machines) {
            self.send(now, *machine, Traffic::Arp, Datagram::Question.encode(), port)?;
        }
        Ok(())
    }

    fn send(
        &mut self,
        now: Instant,
        to: Machine,
        traffic: Traffic,
        bytes: Vec<u8>,
        port: &mut Port,
    ) -> Result<(), String> {
        match self.network.send(now, Node::Clients, to.into(), traffic) {
            Some(at) if at <= now => self.leave(to, &bytes, port),
            Some(at) => {
                self.line.push(at, Later::To(to, bytes));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn leave(&mut self, to: Machine, bytes: &[u8], port: &mut Port) -> Result<(), String> {
        if self.bare[to.index()] {
            self.ask_kernel(to, bytes, port.clock.now());
            return Ok(());
        }
        self.machines[to.index()].map_or(Ok(()), |to| port.send(to, bytes))
    }

    /// What the kernel of a machine whose process is gone says, over the plan's link; there is none on loopback.
    fn ask_kernel(&mut self, machine: Machine, bytes: &[u8], now: Instant) {
        let (datagram, traffic) = match Datagram::decode(bytes) {
            Some(Datagram::Request(packet)) if lab::is_reset_by_kernel(&packet) => {
                let (reset, tag) = lab::reset(&packet);
                (Datagram::Response(reset, tag), Traffic::Signalling)
            }
            Some(Datagram::Question) => (Datagram::Answer, Traffic::Arp),
            _ => return,
        };
        if let Some(at) = self.network.send(now, machine.into(), Node::Clients, traffic) {
            self.line.push(at, Later::From(machine, datagram));
        }
    }

    /// A datagram of a machine has come to its end.
    fn arrived(&mut self, from: Machine, datagram: Datagram, port: &mut Port) -> Result<(), String> {
        let now = port.clock.now();
        match datagram {
            Datagram::Response(packet, tag) => {
                self.saw(now, tag, port)?;
                if let Some(machine) = lab::prover(&packet, tag) {
                    self.cache.proved(machine, now);
                }
                self.agents.handle_packet(now, &packet, &mut self.wishes);
                if let Some((began, is_call)) = self.agents.answered.take() {
                    self.answers.push((began, now, is_call));
                }
            }
            Datagram::Announcement => {
                self.cache.announced(from, self.plan.arp.announcement, now);
            }
            Datagram::Answer => self.cache.answered(from, now),
            Datagram::Request(_) | Datagram::Question => {}
        }
        Ok(())
    }

    fn saw(&mut self, now: Instant, tag: Tag, port: &mut Port) -> Result<(), String> {
        if self.plan.pair.mode.has_checkpoints() {
            self.packets.entry((tag.generation, tag.epoch)).or_default()[usize::from(!tag.held)] += 1;
        }
        if self.heard.contains_key(&tag.generation) {
            return Ok(());
        }
        self.heard.insert(tag.generation, now);
        port.tell(&Told::Heard(tag.generation, now))
    }

    fn order(&mut self, order: &Order) {
        match *order {
            Order::Cut(one, other, until) => self.network.cut(one, other, until),
            Order::Bare(machine, bare) => self.bare[machine.index()] = bare,
            _ => {}
        }
    }

    fn happen(&mut self, at: Instant, what: Later, port: &mut Port) -> Result<(), String> {
        match what {
            // The agents' time is when it was to happen: a late packet is late, and the next one isn't.
            Later::Timer(timer) => self.agents.handle_timer(at, timer, &mut self.wishes),
            Later::To(machine, bytes) => self.leave(machine, &bytes, port)?,
            Later::From(machine, datagram) => self.arrived(machine, datagram, port)?,
            Later::Glance if self.plan.clients.calls.is_none() && self.agents.is_idle(self.end) => {
                if !std::mem::replace(&mut self.idle, true) {
                    port.tell(&Told::Idle)?;
                }
            }
            Later::Glance => self.line.push(at + GLANCE, Later::Glance),
        }
        Ok(())
    }
}

fn traffic(packet: &Packet) -> Traffic {
    if packet.is_rtp() { Traffic::Voice } else { Traffic::Signalling }
}

impl Party for Users<'_> {
    fn deadline(&self) -> Option<Instant> {
        [self.line.deadline(), self.cache.poll_timeout()].into_iter().flatten().min()
    }

    fn expire(&mut self, port: &mut Port) -> Result<(), String> {
        let now = port.clock.now();
        if self.cache.poll_timeout().is_some_and(|at| at <= now) {
            let question = self.cache.handle_timeout(now);
            self.ask(now, question, port)?;
        }
        while let Some((at, what)) = self.line.pop(now) {
            self.happen(at, what, port)?;
            self.grant(port)?;
        }
        Ok(())
    }

    fn take(&mut self, input: Input, port: &mut Port) -> Result<(), String> {
        let (from, bytes) = match input {
            Input::Datagram(from, bytes) => (from, bytes),
            Input::Order(order) => {
                self.order(&order);
                return Ok(());
            }
            Input::Frame(_) => return Ok(()),
        };
        let machine = [Machine::A, Machine::B].into_iter().find(|m| self.machines[m.index()] == Some(from.port()));
        let (Some(machine), Some(datagram)) = (machine, Datagram::decode(&bytes)) else { return Ok(()) };
        let now = port.clock.now();
        let traffic = match &datagram {
            Datagram::Response(packet, _) => traffic(packet),
            _ => Traffic::Arp,
        };
        match self.network.send(now, machine.into(), Node::Clients, traffic) {
            Some(at) if at <= now => self.arrived(machine, datagram, port)?,
            Some(at) => self.line.push(at, Later::From(machine, datagram)),
            None => {}
        }
        self.grant(port)
    }

    fn is_over(&self) -> bool {
        false
    }

    fn finish(&mut self, _: &mut Port) -> Told {
        self.agents.finish();
        let agents = &mut self.agents;
        Told::Clients(Box::new(Seen {
            registered: agents.registered,
            delays: std::mem::take(&mut agents.delays),
            called: agents.called,
            setups: std::mem::take(&mut agents.setups),
            heard: std::mem::take(&mut agents.heard),
            acknowledged: agents.acknowledged.iter().map(|(user, at)| (*user, *at)).collect(),
            answers: std::mem::take(&mut self.answers),
            packets: self.packets.iter().map(|((generation, epoch), seen)| (*generation, *epoch, *seen)).collect(),
        }))
    }
}
