//! A machine of a live run: the replica behind its sockets.

use super::line::Line;
use super::node::{Input, Party, Port};
use super::wire::{Begin, Datagram, Order, Ports, Start, Told};
use crate::emulator::guest::Guest;
use crate::emulator::lab::arp::Announcement;
use crate::emulator::lab::network::{Network, Node, Traffic};
use crate::emulator::lab::served::Server;
use crate::emulator::lab::{self};
use crate::emulator::plan::Plan;
use crate::emulator::replicator::{Event, Machine, Mode, Replica, Step, Transmit};
use crate::emulator::sip_actors::{Code, Note, Surroundings};
use crate::emulator::time::Instant;
use std::sync::{Arc, Mutex};

pub(super) struct Host<'p> {
    plan: &'p Plan,
    machine: Machine,
    replica: Replica<Server>,
    surroundings: Arc<Mutex<Surroundings>>,
    /// The faults in the code, as far as the others know of them.
    code: Code,
    network: Network<'p>,
    /// Frames on their way to the other machine.
    frames: Line<Vec<u8>>,
    other: Option<Ports>,
    clients: u16,
    protected: bool,
    /// Whether something in the server has failed, and not everything runs again.
    broken: bool,
    dead: bool,
    /// Datagrams of strangers, and of clients if they were none.
    rejected: u64,
}

/// What is outside of a machine's process: the faults in the code, the store.
pub(super) type Outside = (Code, Vec<(u32, Instant)>);

impl<'p> Host<'p> {
    /// A machine that starts now.
    pub(super) fn new(
        plan: &'p Plan,
        seed: (u64, u64),
        (machine, start): (Machine, Start),
        (begin, (code, store)): (Begin, Outside),
        port: &mut Port,
    ) -> Result<Host<'p>, String> {
        let life = match start {
            Start::Active => 0,
            Start::Waiting => 1,
            Start::Joining(generation) => generation,
        };
        // Each process draws from streams of its own.
        let mut surroundings = Surroundings::new((seed.0 ^ life.rotate_left(32), seed.1));
        surroundings.share();
        surroundings.learn(store);
        surroundings.set_code(code.clone());
        let surroundings = Arc::new(Mutex::new(surroundings));
        let (config, guest) = (plan.pair.clone(), Server::new(plan, &surroundings, seed));
        let now = port.clock.now();
        let replica = match start {
            Start::Active => Replica::active(config, machine, guest, seed, Instant::START),
            Start::Waiting => Replica::waiting(config, machine, guest, seed, Instant::START),
            Start::Joining(generation) => Replica::joining(config, machine, guest, generation, seed, now),
        };
        let network = Network::new(&plan.rules, seed.0 ^ (1 + machine as u64).rotate_left(48), seed.1);
        let mut host = Host {
            plan,
            machine,
            replica,
            surroundings,
            code,
            network,
            frames: Line::new(),
            other: begin.machines[machine.other().index()],
            clients: begin.clients.udp,
            protected: false,
            broken: false,
            dead: false,
            rejected: 0,
        };
        host.follow(now, port)?;
        Ok(host)
    }

    /// Sends what the replica has to say, then tells what happened. `before` is the time that it was called with.
    fn follow(&mut self, before: Instant, port: &mut Port) -> Result<(), String> {
        let after = port.clock.now();
        let whole = self.replica.guest().is_whole();
        self.tell_outside(port)?;
        while let Some(transmit) = self.replica.poll_transmit() {
            self.transmit(after, transmit, port)?;
        }
        while let Some(event) = self.replica.poll_event() {
            // What was decided was decided at the call; what was done is over when it returns.
            let decided = matches!(event, Event::Suspected | Event::Promoting { .. } | Event::Done(Step::Fence));
            let at = if decided { before } else { after };
            port.tell(&Told::Event(at, self.replica.generation(), event))?;
        }
        let notes: Vec<(Instant, usize, Note)> =
            std::iter::from_fn(|| lab::lock(&self.surroundings).poll_note()).collect();
        for (at, fault, note) in notes {
            self.broken |= note == Note::Failed;
            port.tell(&Told::Note(at, fault, note))?;
        }
        if whole && std::mem::take(&mut self.broken) {
            port.tell(&Told::Whole(after))?;
        }
        if self.replica.is_protected() != self.protected {
            self.protected = !self.protected;
            port.tell(&Told::Protected(after, self.protected))?;
        }
        if self.replica.guest().is_dead() && !self.dead {
            self.dead = true;
            port.tell(&Told::Dead(after))?;
        }
        Ok(())
    }

    /// Tells what is to outlive the process, before anybody has an answer.
    fn tell_outside(&mut self, port: &mut Port) -> Result<(), String> {
        let (stored, code) = {
            let mut surroundings = lab::lock(&self.surroundings);
            let changed = *surroundings.code() != self.code;
            (surroundings.take_stored(), changed.then(|| surroundings.code().clone()))
        };
        if !stored.is_empty() {
            port.tell(&Told::Stored(stored))?;
        }
        if let Some(code) = code {
            self.code = code.clone();
            port.tell(&Told::Code(code))?;
        }
        Ok(())
    }

    /// Another process tells, or the one that began the run.
    fn order(&mut self, now: Instant, order: Order) {
        match order {
            Order::Stop => self.replica.stop(now),
            Order::Fail(failure) => self.replica.fail(now, &failure),
            Order::Overrun(by) => self.replica.overrun(by),
            Order::Diverge(bits) => self.replica.disturb(bits),
            Order::Cut(one, other, until) => self.network.cut(one, other, until),
            Order::Store(bindings) => lab::lock(&self.surroundings).learn(bindings),
            Order::Code(code) => {
                self.code = code.clone();
                lab::lock(&self.surroundings).set_code(code);
            }
            _ => {}
        }
    }

    fn transmit(&mut self, now: Instant, transmit: Transmit, port: &mut Port) -> Result<(), String> {
        match transmit {
            Transmit::Peer(bytes) => {
                let other: Node = self.machine.other().into();
                match self.network.send(now, self.machine.into(), other, Traffic::Frames) {
                    Some(at) if at <= now => self.send_frame(&bytes, port),
                    Some(at) => {
                        self.frames.push(at, bytes);
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            Transmit::Client(packet, tag) => port.send(self.clients, &Datagram::Response(packet, tag).encode()),
            Transmit::Announce if self.plan.arp.announcement != Announcement::Silent => {
                port.send(self.clients, &Datagram::Announcement.encode())
            }
            Transmit::Announce => Ok(()),
        }
    }

    fn send_frame(&self, bytes: &[u8], port: &mut Port) -> Result<(), String> {
        self.other.map_or(Ok(()), |other| port.send_frame(other, bytes))
    }

    fn datagram(&mut self, now: Instant, from: u16, bytes: &[u8], port: &mut Port) -> Result<(), String> {
        let mirrors = self.plan.pair.mode == Mode::Active;
        if self.other.is_some_and(|other| other.udp == from) {
            match Datagram::decode(bytes).filter(|_| mirrors) {
                Some(Datagram::Request(packet)) => self.replica.handle_packet(now, packet),
                _ => self.replica.handle_frame(now, bytes),
            }
        } else if from == self.clients {
            match Datagram::decode(bytes) {
                Some(Datagram::Request(packet)) => {
                    // Through this machine's port: it ends with this machine.
                    if let Some(other) = self.other.filter(|_| mirrors) {
                        port.send(other.udp, bytes)?;
                    }
                    self.replica.handle_packet(now, packet);
                }
                Some(Datagram::Question) if self.replica.is_active() => {
                    port.send(self.clients, &Datagram::Answer.encode())?;
                }
                Some(Datagram::Question) => {}
                _ => self.rejected += 1,
            }
        } else {
            self.rejected += 1;
        }
        Ok(())
    }
}

impl Party for Host<'_> {
    fn deadline(&self) -> Option<Instant> {
        [self.replica.poll_timeout(), self.frames.deadline()].into_iter().flatten().min()
    }

    fn expire(&mut self, port: &mut Port) -> Result<(), String> {
        let now = port.clock.now();
        while let Some((_, bytes)) = self.frames.pop(now) {
            self.send_frame(&bytes, port)?;
        }
        self.replica.handle_timeout(now);
        self.follow(now, port)
    }

    fn take(&mut self, input: Input, port: &mut Port) -> Result<(), String> {
        let now = port.clock.now();
        match input {
            Input::Datagram(from, bytes) => self.datagram(now, from.port(), &bytes, port)?,
            Input::Frame(bytes) => self.replica.handle_frame(now, &bytes),
            Input::Order(order) => self.order(now, order),
        }
        self.follow(now, port)
    }

    fn is_over(&self) -> bool {
        self.dead
    }

    fn finish(&mut self, port: &mut Port) -> Told {
        let now = port.clock.now();
        let users = self.plan.clients.registrations.as_ref().map_or(0, |registrations| registrations.users);
        let guest = self.replica.guest();
        Told::Machine {
            active: self.replica.is_active() && !guest.is_dead(),
            bound: (0..users).filter(|user| guest.is_bound(now, *user)).collect(),
            rejected: self.rejected + lab::lock(&self.surroundings).rejected(),
        }
    }
}
