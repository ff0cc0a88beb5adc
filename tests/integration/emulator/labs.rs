//! One body of tests for the virtual and the live lab: judged by what came of a fault, never by how long it took.
//!
//! The timers are generous, and what is replaced is switched off, so that the outcomes hold on a machine that is busy
//! with something else too: a live pair may then raise a false alarm, and lives on with the other machine.

use fivenines::emulator::lab::record::{Record, Takeover};
use fivenines::emulator::plan::Study;
use fivenines::emulator::{lab, live};

/// Runs the only plan of a text once.
trait Lab {
    fn run(&self, text: &str, study: &Study) -> Record;
}

struct Virtual;

impl Lab for Virtual {
    fn run(&self, _: &str, study: &Study) -> Record {
        lab::run(&study.cases[0].plan, 1, 0)
    }
}

struct Live;

impl Lab for Live {
    fn run(&self, text: &str, study: &Study) -> Record {
        let job = live::Job::new(program(), text);
        let run = job.run(&study.cases[0], 0, &|| false).expect("a run").expect("not stopped");
        assert!(!run.late.is_empty(), "lateness is recorded in every run");
        run.record
    }
}

/// The program as a process of a live run.
pub fn program() -> live::Program {
    live::Program { path: env!("CARGO_BIN_EXE_fivenines").into(), arguments: vec!["emulate-node".into()] }
}

fn record(lab: &dyn Lab, text: &str) -> Record {
    lab.run(text, &super::study(text))
}

/// What holds of all takeovers of a run: a generation is one machine's, and its steps follow one another.
fn in_order(record: &Record) {
    let generations: Vec<u64> = record.takeovers.iter().map(|takeover| takeover.generation).collect();
    let mut once = generations.clone();
    once.dedup();
    assert!(!generations.is_empty() && generations.is_sorted() && once == generations, "{generations:?}");
    for takeover in &record.takeovers {
        let Takeover { machine, generation, failed, suspected, fenced, resumed, addressed, announced, .. } = *takeover;
        assert_eq!(generation % 2, machine.index() as u64, "{takeover:?}");
        let steps = [Some(failed.unwrap_or(suspected)), Some(suspected), fenced, resumed, addressed, announced];
        assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{takeover:?}");
    }
    assert!(record.takeovers.last().is_some_and(|takeover| takeover.heard.is_some()), "{:?}", record.takeovers);
    assert_eq!(record.lost_epochs_seen()[0], 0, "held output of a lost epoch was seen");
}

const BEATS: &str = "detector: Heartbeats(interval: \"200 ms\", misses: 3), power_fence: true";

/// A backup with checkpoints, and everything held: nothing that was acknowledged is lost, connections live on.
fn checkpoints(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"3 s\", pair: (mode: Checkpoint, epoch: \"60 ms\", hold: Everything, {BEATS}), \
         network: (clients: \"2 ms\"), clients: (voice: (streams: 1), registrations: (users: 30, transport: TcpEach, \
         start: \"Uniform(0 s, 1.5 s)\"), calls: (interval: \"150 ms\", duration: \"1 s\", until: \"1.5 s\")), \
         faults: [HostCrash(whom: A, at: \"Uniform(700 ms, 900 ms)\")])"
    );
    let record = record(lab, &text);
    in_order(&record);
    let last = record.takeovers.last().expect("a takeover");
    assert!(last.machine.index() == 1 && last.from.is_some(), "it goes on from a checkpoint: {last:?}");
    assert_eq!((record.registered.completed, record.registered.failed), (30, 0), "{:?}", record.registered);
    assert_eq!(record.bindings, [30, 0], "no acknowledged registration is lost");
    assert!(record.called.established > 5 && record.called.lost == 0, "{:?}", record.called);
    let heard = record.heard[0];
    assert!(heard.loss < 0.9 && heard.silence > 0.2 && heard.silence < 2.9, "the silence ends: {heard:?}");
    assert!(record.checkpoints > 5 && record.seen.values().any(|seen| seen[0] > 0));
}

/// A standby without state, by VRRP: the address moves, and calls are unknown to it.
fn standby(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"2 s\", pair: (mode: Standby, detector: Vrrp(version: 3, advert: \"150 ms\"), \
         power_fence: true), clients: (voice: (streams: 1), registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), \
         faults: [HostCrash(whom: A, at: \"Uniform(500 ms, 700 ms)\")])";
    let record = record(lab, text);
    in_order(&record);
    let nothing = |takeover: &Takeover| takeover.from.is_none_or(|(_, epoch)| epoch == 0);
    assert!(record.takeovers.iter().all(nothing), "there is no state to go on from but the first");
    assert_eq!((record.registered.completed, record.registered.failed), (20, 0), "{:?}", record.registered);
    let heard = record.heard[0];
    assert!(heard.loss > 0.3, "a relay that doesn't know of a call relays no voice: {heard:?}");
}

/// A backup that has processed the same input all the time speaks when the other one is silent.
fn active(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"2 s\", pair: (mode: Active, {BEATS}), clients: (voice: (streams: 1), \
         registrations: (users: 20, start: \"Uniform(0 s, 500 ms)\")), \
         faults: [HostCrash(whom: A, at: \"700 ms\")])"
    );
    let record = record(lab, &text);
    in_order(&record);
    assert_eq!(record.bindings, [20, 0], "it has heard them all");
    let heard = record.heard[0];
    assert!(heard.loss < 0.9 && heard.silence < 1.9, "it knows of the call: {heard:?}");
}

/// An orderly end is told to the backup, and nothing that was said is lost.
fn goodbye(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"1500 ms\", pair: (mode: Checkpoint, epoch: \"60 ms\", hold: AllButRtp, {BEATS}), \
         clients: (registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), faults: [Stop(whom: A, at: \"500 ms\")])"
    );
    let record = record(lab, &text);
    in_order(&record);
    assert_eq!(record.bindings, [20, 0]);
}

/// A process alone is started again, as another generation of itself, and has forgotten what it knew.
fn alone(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"1500 ms\", pair: (mode: Alone), restart: \"Uniform(100 ms, 200 ms)\", \
         clients: (registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), \
         faults: [ProcessCrash(at: \"Uniform(500 ms, 600 ms)\")])";
    let record = record(lab, text);
    in_order(&record);
    assert_eq!(record.takeovers.len(), 1);
    assert_eq!((record.registered.completed, record.registered.failed), (20, 0), "{:?}", record.registered);
    assert!(record.bindings[0] == 20 && record.bindings[1] > 0, "{:?}", record.bindings);
}

/// An actor that fails is restarted by its supervisor, with its state, and the process lives on.
fn actor(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"1500 ms\", pair: (mode: Alone), \
         server: Actors(bindings: Restored, restart: \"20 ms\"), \
         clients: (registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), \
         faults: [Fail(function: LocationManager, at: \"600 ms\")])";
    let record = record(lab, text);
    let [blow] = record.blows.as_slice() else { panic!("{:?}", record.blows) };
    assert!(blow.failures == 1 && blow.ends == 0 && blow.escalated.is_empty(), "{blow:?}");
    assert!(blow.recovered > blow.failed && blow.registered > blow.failed, "{blow:?}");
    assert!(record.takeovers.is_empty());
    assert_eq!(record.bindings, [20, 0]);
}

/// Two machines that run side by side: what both say leaves, and either of them knows everything.
fn compare(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"3 s\", pair: (mode: Compare, epoch: \"500 ms\", {BEATS}), clients: (voice: (streams: 1), \
         registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), faults: [Diverge(whom: B, at: \"300 ms\"), \
         HostCrash(whom: A, at: \"1200 ms\")])"
    );
    let record = record(lab, &text);
    in_order(&record);
    assert_eq!((record.registered.completed, record.bindings), (20, [20, 0]), "{:?}", record.registered);
    let heard = record.heard[0];
    assert!(heard.loss < 0.9 && heard.silence > 0.2 && heard.silence < 2.9, "it knows of the call: {heard:?}");
    assert!(record.seen.values().any(|seen| seen[0] > 0), "what left was compared");
}

/// A machine that stands still for longer than the detector bears is replaced, and is silent when it wakes up.
fn hang(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"3 s\", pair: (mode: Checkpoint, epoch: \"60 ms\", hold: Everything, \
         detector: Heartbeats(interval: \"200 ms\", misses: 3)), clients: (registrations: (users: 20, \
         start: \"Uniform(0 s, 2 s)\")), faults: [Hang(whom: A, at: \"500 ms\", lasting: \"1200 ms\")])";
    let record = record(lab, text);
    in_order(&record);
    let first = record.takeovers[0];
    assert!(first.machine.index() == 1 && first.failed.is_some(), "{first:?}");
    assert_eq!((record.registered.completed, record.bindings), (20, [20, 0]), "{:?}", record.registered);
}

/// A link is cut, a machine is slow, and a pause takes long: voice is silent meanwhile, and nothing is lost for good.
fn disturbed(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"3 s\", pair: (mode: Checkpoint, epoch: \"60 ms\", hold: AllButRtp, {BEATS}), \
         network: (clients: \"2 ms\"), clients: (voice: (streams: 1), registrations: (users: 20, \
         start: \"Uniform(0 s, 2 s)\")), faults: [Cut(from: Clients, to: A, at: \"300 ms\", lasting: \"500 ms\"), \
         Slow(whom: A, at: \"1 s\", by: \"80 ms\", lasting: \"500 ms\"), Overrun(whom: A, at: \"2 s\", by: \"150 ms\")])"
    );
    let record = record(lab, &text);
    assert_eq!((record.registered.completed, record.bindings), (20, [20, 0]), "{:?}", record.registered);
    let heard = record.heard[0];
    assert!(heard.silence > 0.45 && heard.loss > 0.1 && heard.loss < 0.9, "the cut is heard: {heard:?}");
    assert!(heard.delay > 0.01, "the slow machine is heard: {heard:?}");
    assert!(record.paused > 0.15, "{}", record.paused);
}

/// A message that a process dies of kills the next one too, when it is repeated; what is stored elsewhere outlives both.
fn poison(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"2500 ms\", pair: (mode: Alone), server: Standard(), restart: \"50 ms\", \
         clients: (registrations: (users: 20, start: \"Uniform(0 s, 1 s)\")), \
         faults: [Poison(function: Encoding, at: \"500 ms\", cure: 0)])";
    let record = record(lab, text);
    let [blow] = record.blows.as_slice() else { panic!("{:?}", record.blows) };
    assert!(blow.failures >= 2 && blow.ends == blow.failures, "the fault is in the code: {blow:?}");
    // What came while the process was down is sent again in step with the poisonous one, and may meet its end again.
    let completed = record.registered.completed;
    assert!((10..20).contains(&completed), "{:?}", record.registered);
    assert_eq!(record.bindings, [completed, 0], "they are stored elsewhere");
}

/// What isn't cured at once strikes again, and a fault that repeats comes back.
fn repeated(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"1500 ms\", pair: (mode: Alone), server: Actors(limit: 100, restart: \"1 ms\"), \
         clients: (registrations: (users: 100, start: \"Uniform(0 s, 1500 ms)\")), \
         faults: [Fail(function: Receiver, at: \"300 ms\", cure: \"30 %\", every: \"250 ms\")])";
    let record = record(lab, text);
    assert!(record.blows.len() >= 3, "{:?}", record.blows);
    assert!(record.blows.iter().map(|blow| blow.failures).sum::<u64>() > record.blows.len() as u64);
    let completed = record.registered.completed;
    assert!(completed > 80, "{:?}", record.registered);
    assert_eq!(record.bindings, [completed, 0]);
}

/// Clients who know both machines turn to the other one by themselves; an announcement is none of their business.
fn next_server(lab: &dyn Lab) {
    let text = format!(
        "FaultPlan(length: \"4 s\", pair: (mode: Standby, {BEATS}), clients: (next_server: \"1500 ms\", \
         registrations: (users: 40, transport: TcpEach, start: \"Uniform(0 s, 3 s)\")), \
         faults: [HostCrash(whom: A, at: \"500 ms\")])"
    );
    let record = record(lab, &text);
    in_order(&record);
    assert_eq!((record.registered.completed, record.registered.failed), (40, 0), "{:?}", record.registered);
    let waited = |delay: &&f64| **delay >= 1.5;
    let patient = record.delays.iter().filter(waited).count();
    assert!((2..39).contains(&patient), "those who ask in the first 1.5 s wait: {:?}", record.delays);
    let last = record.takeovers.last().expect("a takeover");
    assert!(last.heard.zip(last.announced).is_some_and(|(heard, announced)| heard > announced), "{last:?}");
}

/// The kernel of a machine whose process is gone resets the connections of its clients.
fn kernel(lab: &dyn Lab) {
    let text = "FaultPlan(length: \"1500 ms\", pair: (mode: Alone), restart: \"500 ms\", \
         clients: (registrations: (users: 50, transport: TcpEach, start: \"Uniform(0 s, 1500 ms)\")), \
         faults: [ProcessCrash(at: \"400 ms\")])";
    let record = record(lab, text);
    let registered = record.registered;
    assert!(registered.failed > 3 && registered.completed > 10, "{registered:?}");
    assert_eq!(registered.failed + registered.completed, 50, "nobody waits for long");
}

/// The same outcomes, virtual and live.
macro_rules! in_both_labs {
    ($($body:ident: $virtual:ident, $live:ident;)*) => {$(
        #[test]
        fn $virtual() {
            $body(&Virtual);
        }

        #[test]
        fn $live() {
            $body(&Live);
        }
    )*};
}

in_both_labs! {
    checkpoints: what_is_acknowledged_survives_a_crash_in_virtual_time, what_is_acknowledged_survives_a_crash_live;
    standby: a_standby_takes_the_address_in_virtual_time, a_standby_takes_the_address_live;
    active: what_was_mirrored_is_known_in_virtual_time, what_was_mirrored_is_known_live;
    goodbye: a_goodbye_loses_nothing_in_virtual_time, a_goodbye_loses_nothing_live;
    alone: a_process_starts_again_in_virtual_time, a_process_starts_again_live;
    actor: an_actor_is_restarted_in_virtual_time, an_actor_is_restarted_live;
    compare: machines_side_by_side_know_everything_in_virtual_time, machines_side_by_side_know_everything_live;
    hang: who_hangs_is_replaced_in_virtual_time, who_hangs_is_replaced_live;
    disturbed: what_disturbs_passes_in_virtual_time, what_disturbs_passes_live;
    poison: what_a_process_dies_of_kills_the_next_in_virtual_time, what_a_process_dies_of_kills_the_next_live;
    repeated: what_is_not_cured_comes_back_in_virtual_time, what_is_not_cured_comes_back_live;
    next_server: clients_turn_to_the_next_server_in_virtual_time, clients_turn_to_the_next_server_live;
    kernel: a_kernel_resets_connections_in_virtual_time, a_kernel_resets_connections_live;
}
