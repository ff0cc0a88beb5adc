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
use crate::emulator::replicator::{Event, Machine, Replica, Step, Transmit};
use crate::emulator::sip_actors::{Note, Surroundings};
use crate::emulator::time::Instant;
use std::sync::{Arc, Mutex};

pub(super) struct Host<'p> {
    plan: &'p Plan,
    machine: Machine,
    replica: Replica<Server>,
    surroundings: Arc<Mutex<Surroundings>>,
    network: Network<'p>,
    /// Frames on their way to the other machine.
    frames: Line<Vec<u8>>,
    other: Option<Ports>,
    clients: u16,
    protected: bool,
    /// Whether something in the server has failed, and not everything runs again.
    broken: bool,
    dead: bool,
}

impl<'p> Host<'p> {
    /// A machine that starts now.
    pub(super) fn new(
        plan: &'p Plan,
        seed: (u64, u64),
        (machine, start): (Machine, Start),
        begin: Begin,
        port: &mut Port,
    ) -> Result<Host<'p>, String> {
        let surroundings = Arc::new(Mutex::new(Surroundings::new(seed)));
        let (config, guest) = (plan.pair.clone(), Server::new(plan, &surroundings, seed));
        let now = port.clock.now();
        let replica = match start {
            Start::Active => Replica::active(config, machine, guest, seed, Instant::START),
            Start::Waiting => Replica::waiting(config, machine, guest, seed, Instant::START),
            Start::Joining(generation) => Replica::joining(config, machine, guest, generation, seed, now),
        };
        // Each process draws from streams of its own.
        let network = Network::new(&plan.rules, seed.0 ^ (1 + machine as u64).rotate_left(48), seed.1);
        let mut host = Host {
            plan,
            machine,
            replica,
            surroundings,
            network,
            frames: Line::new(),
            other: begin.machines[machine.other().index()],
            clients: begin.clients.udp,
            protected: false,
            broken: false,
            dead: false,
        };
        host.follow(now, port)?;
        Ok(host)
    }

    /// Sends what the replica has to say, then tells what happened. `before` is the time that it was called with.
    fn follow(&mut self, before: Instant, port: &mut Port) -> Result<(), String> {
        let after = port.clock.now();
        let whole = self.replica.guest().is_whole();
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
        if self.other.is_some_and(|other| other.udp == from) {
            self.replica.handle_frame(now, bytes);
        } else if from == self.clients {
            match Datagram::decode(bytes) {
                Some(Datagram::Request(packet)) => self.replica.handle_packet(now, packet),
                Some(Datagram::Question) if self.replica.is_active() => {
                    port.send(self.clients, &Datagram::Answer.encode())?;
                }
                _ => {}
            }
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
            Input::Order(Order::Stop) => self.replica.stop(now),
            Input::Order(Order::Fail(failure)) => self.replica.fail(now, &failure),
            Input::Order(_) => {}
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
            rejected: lab::lock(&self.surroundings).rejected(),
        }
    }
}
