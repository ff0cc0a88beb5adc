//! A pair on a perfect link, moment by moment.

use super::*;
use crate::emulator::guest::{Corrupt, Guest};
use crate::emulator::packet::{Flow, Protocol};
use crate::emulator::time::Instant;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;

/// Answers each packet with how many it has seen.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counter {
    seen: u64,
    noise: u64,
}

impl Guest for Counter {
    fn receive(&mut self, _: Instant, packet: &Packet, out: &mut Vec<Packet>) {
        self.seen += 1;
        out.push(Packet { flow: packet.flow, payload: [self.seen, self.noise].map(|n| n as u8).to_vec() });
    }
    fn deadline(&self) -> Option<Instant> {
        None
    }
    fn expire(&mut self, _: Instant, _: &mut Vec<Packet>) {}
    fn capture(&self) -> Vec<u8> {
        [self.seen, self.noise].map(u64::to_be_bytes).concat()
    }
    fn restore(&mut self, state: &[u8]) -> Result<(), Corrupt> {
        let (seen, noise) = state.split_first_chunk().ok_or(Corrupt)?;
        let noise = noise.try_into().map_err(|_| Corrupt)?;
        (self.seen, self.noise) = (u64::from_be_bytes(*seen), u64::from_be_bytes(noise));
        Ok(())
    }
    fn reset(&mut self) {
        self.seen = 0;
    }
    fn is_bound(&self, _: Instant, _: u32) -> bool {
        false
    }

    fn disturb(&mut self, bits: u64) {
        self.noise = bits;
    }
}

fn millis(number: u64) -> Duration {
    Duration::from_millis(number)
}

fn at(number: u64) -> Instant {
    Instant::START + millis(number)
}

fn constant(number: u64) -> Law {
    Law::Deterministic { value: number as f64 / 1e3 }
}

/// 100 ms epochs, 1,000 pages/s of 4,096 bytes; a page copies in 10 µs and is transmitted in 100 µs.
fn config(mode: Mode) -> Config {
    Config {
        mode,
        epoch: millis(100),
        late: Late::Stall,
        memory: Memory {
            pages: 2000,
            page_size: 4096,
            dirty_rate: 1000,
            working_set: 1500,
            copy_bandwidth: 409_600_000,
            link_bandwidth: 40_960_000,
            fixed_pause: millis(2),
        },
        policy: Policy::hold_all(),
        detector: Detector::Heartbeats { interval: millis(50), misses: 3, skew: millis(1) },
        priorities: [200, 100],
        confirm: Duration::ZERO,
        steps: Steps { fence: constant(10), resume: constant(20), address: constant(30), announce: constant(40) },
        announcements: 2,
        announcement_interval: millis(500),
        retry: millis(60),
        patience: millis(400),
        power_fence: false,
        failback: None,
        compare_timeout: millis(200),
    }
}

/// Two machines, a link of 1 ms each way, and what came of it.
struct Pair {
    machines: [Option<Replica<Counter>>; 2],
    wire: VecDeque<(Instant, usize, Vec<u8>)>,
    now: Instant,
    /// Whether frames arrive.
    linked: bool,
    outputs: Vec<(Instant, Machine, u8, Tag)>,
    events: Vec<(Instant, Machine, Event)>,
    announced: Vec<(Instant, Machine)>,
}

impl Pair {
    fn new(config: Config) -> Pair {
        let config = Arc::new(config);
        let start = Instant::START;
        let a = Replica::active(config.clone(), Machine::A, Counter::default(), (1, 0), start);
        let b = Replica::waiting(config, Machine::B, Counter::default(), (1, 0), start);
        let mut pair = Pair {
            machines: [Some(a), Some(b)],
            wire: VecDeque::new(),
            now: start,
            linked: true,
            outputs: Vec::new(),
            events: Vec::new(),
            announced: Vec::new(),
        };
        pair.drain();
        pair
    }

    fn drain(&mut self) {
        for machine in [Machine::A, Machine::B] {
            let Some(replica) = &mut self.machines[machine.index()] else { continue };
            while let Some(transmit) = replica.poll_transmit() {
                match transmit {
                    Transmit::Peer(bytes) if self.linked => {
                        self.wire.push_back((self.now + millis(1), machine.other().index(), bytes));
                    }
                    Transmit::Peer(_) => {}
                    Transmit::Client(packet, tag) => self.outputs.push((self.now, machine, packet.payload[0], tag)),
                    Transmit::Announce => self.announced.push((self.now, machine)),
                }
            }
            while let Some(event) = replica.poll_event() {
                self.events.push((self.now, machine, event));
            }
        }
    }

    fn run_until(&mut self, end: Instant) {
        loop {
            let deadlines = self.machines.iter().flatten().filter_map(Replica::poll_timeout);
            let next = deadlines.chain(self.wire.front().map(|wire| wire.0)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            while let Some((_, to, bytes)) = self.wire.pop_front_if(|wire| wire.0 <= self.now) {
                if let Some(replica) = &mut self.machines[to] {
                    replica.handle_frame(self.now, &bytes);
                }
            }
            self.machines.iter_mut().flatten().for_each(|replica| replica.handle_timeout(self.now));
            self.drain();
        }
        self.now = end;
    }

    fn packet(&mut self, machine: Machine) {
        let flow = Flow { client: 1, protocol: Protocol::Udp, port: 5060 };
        if let Some(replica) = &mut self.machines[machine.index()] {
            replica.handle_packet(self.now, Packet { flow, payload: vec![] });
        }
        self.drain();
    }

    fn crash(&mut self, machine: Machine) {
        self.machines[machine.index()] = None;
    }

    fn restart(&mut self, config: Config, machine: Machine, generation: u64) {
        let replica = Replica::joining(Arc::new(config), machine, Counter::default(), generation, (1, 0), self.now);
        self.machines[machine.index()] = Some(replica);
        self.drain();
    }

    fn when(&self, machine: Machine, wanted: impl Fn(&Event) -> bool) -> Vec<f64> {
        let fits = self.events.iter().filter(|(_, of, event)| *of == machine && wanted(event));
        fits.map(|(at, ..)| at.seconds() * 1e3).collect()
    }
}

#[test]
fn a_checkpoint_takes_its_pause_its_copy_and_its_way() {
    let mut pair = Pair::new(config(Mode::Checkpoint));
    pair.run_until(at(50));
    pair.packet(Machine::A);
    pair.run_until(at(200));
    // 100 ms dirty 100 pages: 2 ms + 100 · 10 µs of pause, 100 · 100 µs to the backup, 1 ms there and 1 ms back.
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Paused { epoch: 1, pages: 100 }), [100.0]);
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Resumed), [103.0]);
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Acknowledged { epoch: 1 }), [115.0]);
    let tag = Tag { generation: 2, epoch: 1, held: true };
    assert_eq!(pair.outputs, [(at(115), Machine::A, 1, tag)]);
    // The next epoch runs from the end of the pause.
    pair.run_until(at(210));
    assert_eq!(pair.when(Machine::A, |e| matches!(e, Event::Paused { epoch: 2, .. })), [203.0]);
}

#[test]
fn a_late_acknowledgement_stalls_the_guest_or_lengthens_the_epoch() {
    // The second epoch dirties what it ran for: 5 ms, or 14.5.
    for (late, pages) in [(Late::Stall, 5), (Late::Lengthen, 14)] {
        let mut config = config(Mode::Checkpoint);
        (config.late, config.epoch) = (late, millis(5));
        // 5 pages take 12.5 ms to the backup: longer than an epoch.
        config.memory.link_bandwidth = 4096 * 400;
        let mut pair = Pair::new(config);
        pair.run_until(at(22));
        assert_eq!(pair.when(Machine::A, |e| *e == Event::Late(late)), [12.05]);
        // 7.05 + 12.5 + 2 = 21.55; it stalled from 12.05 on, or ran for 14.5 ms.
        let paused = |e: &Event| matches!(e, Event::Paused { epoch: 2, .. });
        assert_eq!(pair.when(Machine::A, paused), [21.55]);
        pair.run_until(at(24));
        let told = pair.events.iter().find_map(|(_, _, e)| match e {
            Event::Paused { epoch: 2, pages } => Some(*pages),
            _ => None,
        });
        assert_eq!(told, Some(pages));
    }
}

#[test]
fn after_a_crash_the_backup_goes_on_from_the_last_acknowledged_epoch() {
    let mut pair = Pair::new(config(Mode::Checkpoint));
    for packet in [30, 60, 150] {
        pair.run_until(at(packet));
        pair.packet(Machine::A);
    }
    pair.run_until(at(160));
    pair.crash(Machine::A);
    pair.run_until(at(1000));
    // The last sign of life was sent at 150 and came at 151: 3 · 50 + 1 ms of silence.
    assert_eq!(pair.when(Machine::B, |e| *e == Event::Suspected), [302.0]);
    let done = |step| pair.when(Machine::B, |e: &Event| *e == Event::Done(step));
    assert_eq!(Step::ALL.map(|step| done(step)[0]), [312.0, 332.0, 362.0, 402.0]);
    let activated = Event::Activated { generation: 3, resumed: Some((2, 1)) };
    assert_eq!(pair.when(Machine::B, |e| *e == activated), [362.0]);
    assert_eq!(pair.announced, [(at(402), Machine::B), (at(902), Machine::B)]);
    // The third packet's answer was held in the lost epoch and never seen; the count goes on from two.
    assert_eq!(pair.outputs.len(), 2);
    pair.packet(Machine::B);
    assert_eq!(pair.outputs[2], (at(1000), Machine::B, 3, Tag { generation: 3, epoch: 1, held: false }));
}

#[test]
fn a_primary_that_comes_back_is_fenced_and_joins() {
    let mut pair = Pair::new(config(Mode::Checkpoint));
    pair.run_until(at(20));
    pair.linked = false;
    pair.run_until(at(250));
    // Cut off, both speak, each in a generation of its own; the old one still waits for acknowledgements.
    let [a, b] = &pair.machines;
    assert!(a.as_ref().is_some_and(Replica::is_active) && b.as_ref().is_some_and(Replica::is_active));
    pair.linked = true;
    pair.run_until(at(1000));
    let [a, b] = &pair.machines;
    assert!(!a.as_ref().is_some_and(Replica::is_active) && b.as_ref().is_some_and(Replica::is_active));
    assert_eq!(pair.when(Machine::A, |e| matches!(e, Event::Demoted { .. })).len(), 1);
    // 2,000 pages take 200 ms; then the new backup is in step.
    assert_eq!(pair.when(Machine::B, |e| *e == Event::Synchronised).len(), 1);
    assert!(b.as_ref().is_some_and(Replica::is_protected));
}

#[test]
fn without_a_backup_the_primary_goes_on_unprotected_and_releases_what_it_held() {
    let mut pair = Pair::new(config(Mode::Checkpoint));
    pair.run_until(at(10));
    pair.crash(Machine::B);
    pair.packet(Machine::A);
    pair.run_until(at(600));
    // Captured at 103, transmitted at 113, 400 ms of patience; the guest stalled at 203 in between.
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Unprotected), [513.0]);
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Late(Late::Stall)), [203.0]);
    assert_eq!(pair.outputs[0].0, at(513));
    pair.packet(Machine::A);
    assert_eq!(pair.outputs[1], (at(600), Machine::A, 2, Tag { generation: 4, epoch: 2, held: false }));
    pair.restart(config(Mode::Checkpoint), Machine::B, 2);
    pair.run_until(at(1200));
    // 1 ms of Hello, 200 ms for 2,000 pages, then a checkpoint of the working set that was dirtied meanwhile.
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Synchronised).len(), 1);
    pair.crash(Machine::A);
    pair.run_until(at(2000));
    pair.packet(Machine::B);
    assert_eq!(pair.outputs.last().map(|output| output.2), Some(3));
}

#[test]
fn an_orderly_stop_loses_nothing_and_a_better_machine_comes_back() {
    let mut config = config(Mode::Checkpoint);
    config.failback = Some(millis(300));
    let mut pair = Pair::new(config.clone());
    pair.run_until(at(30));
    pair.packet(Machine::A);
    if let Some(a) = &mut pair.machines[0] {
        a.stop(at(30));
    }
    pair.run_until(at(200));
    assert!(pair.machines[0].as_ref().is_some_and(Replica::is_stopped));
    // Final checkpoint of 30 pages: 2.3 ms, 3 ms, 2 ms; the goodbye arrives at 38.3 and is believed at once.
    assert_eq!(pair.when(Machine::B, |e| *e == Event::Suspected), [38.3]);
    assert_eq!(pair.outputs.len(), 1);
    pair.restart(config, Machine::A, 2);
    pair.run_until(at(2000));
    // Its higher priority gives it the role back, with all that happened.
    let [a, b] = &pair.machines;
    assert!(a.as_ref().is_some_and(Replica::is_active) && !b.as_ref().is_some_and(Replica::is_active));
    pair.packet(Machine::A);
    pair.run_until(at(2300));
    assert_eq!(pair.outputs.last().map(|output| output.2), Some(2));
}

#[test]
fn machines_side_by_side_speak_when_they_agree() {
    let mut pair = Pair::new(config(Mode::Compare));
    pair.run_until(at(10));
    pair.packet(Machine::A);
    pair.run_until(at(20));
    // Forwarded and answered: one way there, one back.
    assert_eq!(pair.outputs, [(at(12), Machine::A, 1, Tag { generation: 2, epoch: 1, held: true })]);
    if let Some(b) = &mut pair.machines[1] {
        b.disturb(7);
    }
    pair.packet(Machine::A);
    pair.run_until(at(60));
    // They differ: 22 ms, 20 dirty pages: 2.2 ms of pause, 2.2 ms of transmission, 2 ms of way.
    assert_eq!(pair.when(Machine::A, |e| *e == Event::Diverged), [22.0]);
    assert_eq!(
        pair.outputs[1].0,
        Instant::START + Duration::from_nanos(22_000_000 + 2_220_000 + 2_200_000 + 2_000_000)
    );
    pair.packet(Machine::A);
    pair.run_until(at(90));
    assert_eq!(pair.outputs[2].0, at(62));
    pair.crash(Machine::A);
    pair.run_until(at(1000));
    pair.packet(Machine::B);
    assert_eq!(pair.outputs[3].2, 4);
}

#[test]
fn an_active_backup_is_silent_until_it_takes_over() {
    let mut pair = Pair::new(config(Mode::Active));
    for _ in 0..3 {
        pair.packet(Machine::A);
        pair.packet(Machine::B);
    }
    assert_eq!(pair.outputs.len(), 3);
    pair.crash(Machine::A);
    pair.run_until(at(1000));
    pair.packet(Machine::B);
    assert_eq!(pair.outputs[3].2, 4);
}

proptest! {
    #[test]
    fn hostile_bytes_are_counted_and_change_nothing(
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..20),
        role: bool,
    ) {
        let mut pair = Pair::new(config(Mode::Checkpoint));
        pair.run_until(at(10));
        let machine = usize::from(role);
        let deadline = pair.machines[machine].as_ref().and_then(Replica::poll_timeout);
        for bytes in &noise {
            if let Some(replica) = &mut pair.machines[machine] {
                replica.handle_frame(at(10), bytes);
                prop_assert_eq!(replica.poll_timeout(), deadline);
                prop_assert_eq!(replica.poll_transmit(), None);
                prop_assert!(matches!(replica.poll_event(), Some(Event::Rejected(_))));
                prop_assert_eq!(replica.poll_event(), None);
            }
        }
    }

    /// Frames with a right checksum and arbitrary contents: whatever they claim, nothing panics.
    #[test]
    fn lies_are_survived(
        claims in prop::collection::vec((0u8..9, any::<u64>(), any::<u64>(), any::<bool>(), 0u64..300), 1..40),
        mode in prop::sample::select(vec![Mode::Standby, Mode::Checkpoint, Mode::Active, Mode::Compare]),
    ) {
        let mut pair = Pair::new(config(mode));
        let mut now = 0;
        for (kind, generation, number, small, after) in claims {
            now += after;
            pair.run_until(at(now));
            // Small numbers are likelier to be believed.
            let (generation, number) = if small { (generation % 8, number % 4) } else { (generation, number) };
            let state = number.to_be_bytes().repeat(2);
            let message = match kind {
                0 => frame::Message::Heartbeat { priority: number as u8, protected: small },
                1 => frame::Message::Checkpoint { epoch: number, inputs: generation, state },
                2 => frame::Message::Acknowledge { epoch: number },
                3 => frame::Message::Hello,
                4 => frame::Message::Input { number, packet: state },
                5 => frame::Message::Digest { number, epoch: generation, hash: number },
                6 => frame::Message::Superseded,
                _ => frame::Message::Heartbeat { priority: 0, protected: small },
            };
            for (machine, sender) in [(0, Machine::B), (1, Machine::A)] {
                let bytes = frame::Frame { sender, generation, message: message.clone() }.encode();
                if let Some(replica) = &mut pair.machines[machine] {
                    replica.handle_frame(pair.now, &bytes);
                }
            }
            pair.packet(Machine::A);
            pair.packet(Machine::B);
        }
        pair.run_until(at(now + 3000));
    }
}
