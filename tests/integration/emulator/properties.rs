//! What holds over random fault plans. Each promise names what it needs: some don't survive a second fault, a cut
//! link or a machine that hangs without being fenced, and say so.

use super::plan;
use fivenines::emulator::lab::{self, Observer};
use fivenines::emulator::message::read_voice;
use fivenines::emulator::packet::Flow;
use fivenines::emulator::replicator::{Event, Machine, Transmit};
use fivenines::emulator::time::Instant;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the machines did, in order: at one instant a machine's sends stand before its events.
#[derive(Default)]
struct Log {
    events: Vec<(Instant, Machine, Event)>,
    sent: Vec<(Instant, Machine, Flow, Option<u16>, fivenines::emulator::replicator::Tag)>,
}

impl Observer for Log {
    fn event(&mut self, now: Instant, machine: Machine, event: &Event) {
        self.events.push((now, machine, *event));
    }

    fn transmit(&mut self, now: Instant, machine: Machine, transmit: &Transmit) {
        if let Transmit::Client(packet, tag) = transmit {
            let number = read_voice(&packet.payload).map(|(_, number)| number);
            self.sent.push((now, machine, packet.flow, number, *tag));
        }
    }
}

const CLIENTS: &str = "(voice: (streams: 2), registrations: (users: 10, transport: TcpEach, start: \"Uniform(0 s, 6 s)\"), \
                       calls: (interval: \"300 ms\", duration: \"1 s\", until: \"7 s\"))";

fn hold() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Everything", "Nothing", "Tcp", "AllButRtp", "[Pass(port: 5060), Hold(protocol: Udp)]"])
}

fn detector() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Heartbeats(interval: \"100 ms\", misses: 3)",
        "Vrrp(version: 3, advert: \"200 ms\")",
        "Bfd(interval: \"60 ms\", multiplier: 3)",
        "Phi(interval: \"100 ms\", threshold: 8)",
    ])
}

/// A checkpointing pair: policy, detector, epoch in ms, late policy, dirty pages per second.
fn pair() -> impl Strategy<Value = String> {
    let late = prop::sample::select(vec!["Stall", "Lengthen"]);
    (hold(), detector(), 10u32..300, late, 0u32..50_000).prop_map(|(hold, detector, epoch, late, dirty)| {
        format!(
            "mode: Checkpoint, hold: {hold}, detector: {detector}, epoch: \"{epoch} ms\", late: {late}, \
             memory: (dirty_rate: \"{dirty} Hz\", pages: 20000), steps: (fence: \"Uniform(0 s, 50 ms)\", \
             resume: \"LogNormal(mean: 80 ms, sigma: 0.5)\", address: \"5 ms\", announce: \"5 ms\")"
        )
    })
}

/// Any fault at any time, cuts and double faults included.
fn fault() -> impl Strategy<Value = String> {
    let whom = prop::sample::select(vec!["A", "B", "Active", "Backup"]);
    (0u32..8, whom, 1u32..8000, 1u32..3000).prop_map(|(kind, whom, at, length)| {
        let at = format!("at: \"{at} ms\"");
        match kind {
            0 => format!("HostCrash(whom: {whom}, {at})"),
            1 => format!("ProcessCrash(whom: {whom}, {at})"),
            2 => format!("Stop(whom: {whom}, {at})"),
            3 => format!("Hang(whom: {whom}, {at}, lasting: \"{length} ms\")"),
            4 => format!("Slow(whom: {whom}, {at}, by: \"{} us\", lasting: \"{length} ms\")", 20 * length),
            5 => format!("Overrun(whom: {whom}, {at}, by: \"{length} ms\")"),
            6 => format!("Diverge(whom: {whom}, {at})"),
            _ => format!("Cut(from: A, to: B, {at}, lasting: \"{length} ms\")"),
        }
    })
}

fn faults(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(fault(), 0..=most).prop_map(|faults| faults.join(", "))
}

fn text(pair: &str, rules: &str, faults: &str) -> String {
    format!(
        "FaultPlan(length: \"10 s\", pair: ({pair}), network: (clients: \"2 ms\", machines: \"100 us\", \
         rules: [{rules}]), repair: \"Exponential(mean: 2 s)\", restart: \"Exponential(mean: 300 ms)\", \
         clients: {CLIENTS}, faults: [{faults}])"
    )
}

proptest! {
    #![proptest_config(crate::random_nets::config(64))]

    /// Scope: any faults, any losses and reordering. (What a machine releases because it goes on alone, told as
    /// `Unprotected`, waits for nobody: there is no state left that could contradict it.)
    #[test]
    fn held_output_never_leaves_before_its_checkpoint_is_acknowledged(
        pair in pair(), faults in faults(4), loss in 0u32..30, reorder in 0u32..30, run in 0u64..1000,
    ) {
        let rules = format!("(loss: \"{loss} %\", reorder: \"{reorder} %\", by: \"30 ms\")");
        let plan = plan(&text(&pair, &rules, &faults));
        let mut log = Log::default();
        lab::observe(&plan, 1, run, &mut log);
        for (at, machine, _, _, tag) in log.sent.iter().filter(|sent| sent.4.held) {
            let own = || log.events.iter().filter(|(when, of, _)| when <= at && of == machine);
            // Epochs are counted from the last activation on.
            let activated = own().filter(|(_, _, event)| matches!(event, Event::Activated { .. }));
            let since = activated.map(|(when, ..)| *when).max().unwrap_or(Instant::START);
            let mut own = own().filter(|(when, ..)| *when >= since);
            let allowed = own.any(|(when, _, event)| match event {
                // Its own acknowledgement, of this epoch or a later one, at that instant or before.
                Event::Acknowledged { epoch } => *epoch >= tag.epoch,
                Event::Unprotected => when == at,
                _ => false,
            });
            prop_assert!(allowed, "{tag:?} left at {at:?}");
        }
    }

    /// Scope: any faults; no reordering on the way in, which the server would repeat.
    #[test]
    fn output_leaves_in_order_in_each_flow(pair in pair(), faults in faults(4), run in 0u64..1000) {
        let plan = plan(&text(&pair, "", &faults));
        let mut log = Log::default();
        lab::observe(&plan, 1, run, &mut log);
        let mut last: BTreeMap<(u64, Flow), (u64, Option<u16>)> = BTreeMap::new();
        for (_, _, flow, number, tag) in log.sent {
            let before = last.insert((tag.generation, flow), (tag.epoch, number));
            if let Some((epoch, before)) = before {
                prop_assert!(epoch <= tag.epoch);
                prop_assert!(number.is_none() || before < number, "{before:?} before {number:?}");
            }
        }
    }

    /// Scope: the link between the machines is not cut for good, and a machine that is replaced is switched off
    /// (`power_fence`): one that hangs or is cut off could not know that its state counts no more.
    #[test]
    fn after_a_takeover_no_client_has_seen_held_output_of_a_lost_epoch(
        pair in pair(), faults in faults(3), loss in 0u32..4, run in 0u64..1000,
    ) {
        let pair = format!("{pair}, power_fence: true");
        let plan = plan(&text(&pair, &format!("(traffic: Frames, loss: \"{loss} %\")"), &faults));
        let record = lab::run(&plan, 1, run);
        prop_assert_eq!(record.lost_epochs_seen()[0], 0);
    }

    /// Scope: anything goes.
    #[test]
    fn a_generation_has_one_active_machine(
        mode in prop::sample::select(vec!["Standby", "Checkpoint", "Active", "Compare"]),
        faults in faults(5), loss in 0u32..40, reorder in 0u32..40, failback: bool, run in 0u64..1000,
    ) {
        let failback = if failback { ", failback: \"500 ms\", priorities: (a: 200, b: 100)" } else { "" };
        let pair = format!("mode: {mode}, memory: (pages: 20000){failback}");
        let rules = format!("(loss: \"{loss} %\", reorder: \"{reorder} %\", by: \"300 ms\")");
        let plan = plan(&text(&pair, &rules, &faults));
        let mut log = Log::default();
        lab::observe(&plan, 1, run, &mut log);
        let mut owner: BTreeMap<u64, Machine> = BTreeMap::new();
        let activated = log.events.iter().filter_map(|(_, machine, event)| match event {
            Event::Activated { generation, .. } => Some((*generation, *machine)),
            _ => None,
        });
        let spoke = log.sent.iter().map(|(_, machine, _, _, tag)| (tag.generation, *machine));
        for (generation, machine) in activated.chain(spoke).filter(|(generation, _)| *generation > 0) {
            prop_assert_eq!(*owner.entry(generation).or_insert(machine), machine, "generation {}", generation);
        }
    }

    /// Scope: a single crash of the active machine or its process, constant delays, no loss, an announcement of the
    /// gratuitous form (so the client's ARP time is the announcement's way), voice whose call is in the state.
    #[test]
    fn after_a_single_crash_the_silence_is_bounded(
        hold in hold(), detector in detector(), epoch in 10u64..300, fence in 0u64..100, resume in 0u64..300,
        process: bool, at in 2000u64..4000, active: bool,
    ) {
        let mode = if active { "Active" } else { "Checkpoint" };
        let crash = if process { "ProcessCrash" } else { "HostCrash" };
        let text = format!(
            "FaultPlan(length: \"10 s\", pair: (mode: {mode}, hold: {hold}, detector: {detector}, epoch: \"{epoch} ms\", \
             steps: (fence: \"{fence} ms\", resume: \"{resume} ms\", address: \"5 ms\", announce: \"7 ms\")), \
             network: (clients: \"2 ms\", machines: \"100 us\"), clients: (voice: (streams: 2)), \
             faults: [{crash}(whom: A, at: \"{at} ms\")])"
        );
        let plan = plan(&text);
        let record = lab::run(&plan, 1, at);
        prop_assert_eq!(record.takeovers.len(), 1);
        let config = &plan.pair;
        let detector = config.detector.silence(config.priorities[1]).seconds() + 100e-6;
        let promotion = (fence + resume + 5 + 7) as f64 / 1e3;
        let client = 2e-3;
        // What was to be heard anyway: the way there and back; two packet times, since one packet was just before the
        // crash and another just before the end; and for held voice the epoch with its pause and commit (2,000 pages a second of 4 KiB: below 50 ms for all epochs here).
        let usual = 4e-3 + 0.04 + if active { 0.0 } else { 2.0 * epoch as f64 / 1e3 + 0.05 };
        let silence = record.silence().unwrap_or(f64::INFINITY);
        prop_assert!(silence <= detector + promotion + client + usual, "{silence}");
        prop_assert!(silence >= promotion);
    }

    /// Scope: signalling is held, one fault of any kind but a cut strikes, and a machine that is replaced is switched
    /// off. A call that its client knows was acknowledged, since its answer was held until then.
    #[test]
    fn under_a_holding_policy_no_acknowledged_call_is_lost(
        hold in prop::sample::select(vec!["Everything", "AllButRtp"]),
        detector in detector(), epoch in 10u32..300, kind in 0u32..7, at in 1u32..6000, length in 1u32..1500,
        whom in prop::sample::select(vec!["A", "B"]), tcp in prop::sample::select(vec!["Udp", "TcpShared", "TcpEach"]),
    ) {
        let fault = match kind {
            0 => format!("HostCrash(whom: {whom}, at: \"{at} ms\")"),
            1 => format!("ProcessCrash(whom: {whom}, at: \"{at} ms\")"),
            2 => format!("Stop(whom: {whom}, at: \"{at} ms\")"),
            3 => format!("Hang(whom: {whom}, at: \"{at} ms\", lasting: \"{length} ms\")"),
            4 => format!("Slow(whom: {whom}, at: \"{at} ms\", by: \"20 ms\", lasting: \"{length} ms\")"),
            5 => format!("Overrun(whom: {whom}, at: \"{at} ms\", by: \"{length} ms\")"),
            _ => format!("Diverge(whom: {whom}, at: \"{at} ms\")"),
        };
        let plan = plan(&format!(
            "FaultPlan(length: \"45 s\", pair: (mode: Checkpoint, hold: {hold}, detector: {detector}, \
             epoch: \"{epoch} ms\", power_fence: true), network: (clients: \"2 ms\"), clients: \
             (calls: (interval: \"100 ms\", duration: \"1 s\", until: \"7 s\", transport: {tcp})), faults: [{fault}])"
        ));
        let called = lab::run(&plan, 1, u64::from(at)).called;
        prop_assert_eq!((called.lost, called.completed), (0, called.established));
        prop_assert!(called.established > 50);
    }
}
