//! The emulated pair under faults: what it promises over random fault plans, each promise within its scope, and what
//! its clients see, against closed forms.

mod actors;
mod labs;
mod live;
mod properties;

use fivenines::diag::{Diagnostics, Sources, plain};
use fivenines::emulator::findings::{Findings, carry_out};
use fivenines::emulator::lab::record::Record;
use fivenines::emulator::outcome::{Control, Outcome, emulate};
use fivenines::emulator::plan::{Plan, Study};
use fivenines::emulator::{lab, read, report};
use std::sync::atomic::AtomicBool;

/// The only plan of a text, which must be free of mistakes.
pub fn plan(text: &str) -> Plan {
    study(text).alone().expect("no cases").clone()
}

/// The plans of a text, which must be free of mistakes.
fn study(text: &str) -> Study {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("plan.ron", text);
    let study = read::read(source, text.as_bytes(), &mut diagnostics);
    let told: Vec<String> = diagnostics.sorted().iter().map(|d| plain(d, &sources)).collect();
    assert!(told.is_empty(), "{}\n{text}", told.join("\n"));
    study.expect("no mistakes")
}

fn told(study: &Study, threads: usize) -> Findings {
    let control = Control { threads, interrupted: &AtomicBool::new(false), progress: &|_| () };
    carry_out(study, &control).expect("threads")
}

fn run_all(plan: &Plan, threads: usize) -> Outcome {
    let control = Control { threads, interrupted: &AtomicBool::new(false), progress: &|_| () };
    emulate(plan, &control).expect("threads")
}

fn runs(plan: &Plan, count: u64) -> Vec<Record> {
    (0..count).map(|run| lab::run(plan, plan.seed, run)).collect()
}

const VOICE: &str = "(voice: (streams: 1, packet_time: \"20 ms\", jitter_buffer: \"60 ms\"))";

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let text = format!(
        "FaultPlan(runs: 70, length: \"6 s\", pair: (mode: Checkpoint, epoch: \"40 ms\"), network: (clients: \
         \"Exponential(mean: 3 ms)\", rules: [(loss: \"1 %\", reorder: \"1 %\")]), clients: {VOICE}, \
         faults: [HostCrash(at: \"Uniform(2 s, 3 s)\")])"
    );
    let mut plans = study(&text);
    let (one, three) = (told(&plans, 1), told(&plans, 3));
    assert_eq!(report::json(&one), report::json(&three));
    assert_eq!(report::samples(&one), report::samples(&three));
    let detect: Vec<_> = one.cases[0].samples.iter().map(|sample| sample.detect).collect();
    assert!(detect.windows(2).any(|pair| pair[0] != pair[1]), "runs must differ");
    plans.cases[0].plan.seed = 2;
    assert_ne!(report::samples(&one), report::samples(&told(&plans, 2)));
}

#[test]
fn an_interrupted_plan_tells_what_is_known() {
    let plan = plan(&format!("FaultPlan(runs: 100000, length: \"1 s\", pair: (mode: Alone), clients: {VOICE})"));
    let interrupted = AtomicBool::new(false);
    let stop = |_| interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
    let control = Control { threads: 1, interrupted: &interrupted, progress: &stop };
    let outcome = emulate(&plan, &control).expect("threads");
    assert!(outcome.interrupted && outcome.runs == 64);
    assert!(outcome.figures.contains_key("opinion score"));
}

/// Detection times of a crash of the active host at a uniform phase.
fn detection(detector: &str) -> Vec<f64> {
    let plan = plan(&format!(
        "FaultPlan(length: \"9 s\", pair: (mode: Standby, detector: {detector}), network: (machines: \"100 us\"), \
         clients: (), faults: [HostCrash(at: \"Uniform(3 s, 4 s)\")])"
    ));
    let records = runs(&plan, 400);
    let takeover = |record: &Record| {
        assert_eq!(record.takeovers.len(), 1, "{detector}");
        record.takeovers[0]
    };
    let takeovers = records.iter().map(takeover);
    takeovers.map(|t| (t.suspected - t.failed.expect("it crashed")).seconds()).collect()
}

#[test]
fn detectors_take_what_their_timers_say() {
    // Name, least and greatest time to detection; a frame is 0.1 ms on its way.
    let cases = [
        ("Vrrp(version: 2, advert: \"1 s\")", 2.609_375, 3.609_375),
        ("Vrrp(version: 3, advert: \"200 ms\")", 0.521_875, 0.721_875),
        ("Heartbeats(interval: \"100 ms\", misses: 3, skew: \"20 ms\")", 0.22, 0.32),
        ("Bfd(interval: \"50 ms\", multiplier: 3)", 0.1, 0.15),
    ];
    for (detector, low, high) in cases {
        let mut times = detection(detector);
        times.sort_by(f64::total_cmp);
        let (first, last) = (times[0], times[times.len() - 1]);
        assert!(first >= low && last <= high + 1e-4, "{detector}: {first} to {last}");
        // 400 uniform phases miss both tenths of the range with probability 2 · 0.9^400 < 1e-18.
        let tenth = 0.1 * (high - low);
        assert!(first < low + tenth + 0.0126 && last > high - tenth, "{detector}: {first} to {last}");
    }
}

#[test]
fn a_goodbye_is_answered_after_the_skew_time() {
    let plan = plan(
        "FaultPlan(length: \"6 s\", pair: (mode: Standby, detector: Vrrp(version: 2, advert: \"1 s\")), \
         network: (machines: \"100 us\"), clients: (), faults: [Stop(at: \"3.5 s\")])",
    );
    let takeover = lab::run(&plan, 1, 0).takeovers[0];
    let waited = (takeover.suspected - takeover.failed.expect("it was stopped")).seconds();
    assert!((waited - (156.0 / 256.0 + 1e-4)).abs() < 1e-9, "{waited}");
}

/// The longest silence of a voice stream when the address moves at 5 s (fresh: the entry was made 0.6 s before).
fn silence(announcement: &str, age: &str, at: &str) -> f64 {
    let plan = plan(&format!(
        "FaultPlan(length: \"60 s\", pair: (mode: Active, detector: Heartbeats(interval: \"20 ms\", misses: 3)), \
         network: (clients: \"1 ms\"), arp: (announcement: {announcement}, age: \"{age}\"), clients: {VOICE}, \
         faults: [HostCrash(at: \"{at}\")])"
    ));
    lab::run(&plan, 1, 0).silence().expect("a stream")
}

#[test]
fn an_announcement_is_believed_as_linux_does() {
    for (form, fresh, old) in [
        ("Request", true, true),
        ("GratuitousReply", true, true),
        ("BroadcastReply", false, true),
        ("Silent", false, false),
    ] {
        for (believed, age, at) in [(fresh, "0 s", "500 ms"), (old, "2 s", "500 ms")] {
            let found = silence(form, age, at);
            // Unheard, the entry must expire: 15 to 45 s from its confirmation, 5 s of delay, 3 s of probes.
            let expected = if believed { 0.05..0.12 } else { 15.0 - 2.5 + 8.0..45.0 + 8.1 };
            assert!(expected.contains(&found), "{form} at age {age}: {found}");
        }
    }
}

#[test]
fn held_voice_comes_in_bursts_and_passed_voice_does_not() {
    let heard = |hold: &str| {
        let plan = plan(&format!(
            "FaultPlan(length: \"20 s\", pair: (mode: Checkpoint, epoch: \"400 ms\", hold: {hold}, memory: \
             (dirty_rate: \"0 Hz\", fixed_pause: \"0 s\")), network: (clients: \"1 ms\"), clients: {VOICE})"
        ));
        let record = lab::run(&plan, 1, 0);
        assert_eq!(record.heard.len(), 1);
        record.heard[0]
    };
    let (all, tcp) = (heard("Everything"), heard("Tcp"));
    // T = 400 ms holds 20 packets of 20 ms: 19 gaps of |D| = 20 ms and one of 380 ms in each burst, so the mean of J is
    // that of |D|, 2 · 20 · (1 − 20/400) = 38 ms (20 ms packets, 400 ms epochs), but for the filter's start.
    assert!((all.jitter_mean - 0.038).abs() < 0.002, "{}", all.jitter_mean);
    // In the steady state the peak is 20 + 360/16 · 1/(1 − (15/16)^20) ms.
    let peak = 0.020 + 0.360 / 16.0 / (1.0 - (15.0f64 / 16.0).powi(20));
    assert!((all.jitter_most - peak).abs() < 1e-3, "{} for {peak}", all.jitter_most);
    assert!(all.delay > 0.15 && all.opinion < tcp.opinion);
    assert!(tcp.jitter_most < 1e-9 && tcp.loss == 0.0 && tcp.opinion > 4.3, "{tcp:?}");
}

#[test]
fn state_decides_what_survives_and_retransmission_what_is_asked_again() {
    let tally = |mode: &str, transport: &str, retransmission: bool| {
        let plan = plan(&format!(
            "FaultPlan(length: \"40 s\", pair: (mode: {mode}, hold: Everything), clients: (retransmission: \
             {retransmission}, registrations: (users: 50, transport: {transport}, start: \"Uniform(2 s, 5 s)\"), calls: \
             (interval: \"100 ms\", until: \"6 s\", duration: \"1 s\", transport: {transport})), \
             faults: [HostCrash(at: \"Uniform(3 s, 4 s)\")])"
        ));
        let mut sum = [0; 4];
        for record in runs(&plan, 10) {
            let (registered, called) = (record.registered, record.called);
            let row = [registered.begun - registered.completed, called.begun - called.established, called.lost, 1];
            sum = std::array::from_fn(|i| sum[i] + row[i]);
        }
        sum
    };
    for transport in ["Udp", "TcpShared", "TcpEach"] {
        assert_eq!(tally("Checkpoint", transport, true), [0, 0, 0, 10], "{transport}");
    }
    // Without state, calls in progress are lost, and connections are reset under their requests.
    let [_, _, lost, _] = tally("Standby", "Udp", true);
    assert!(lost > 50, "{lost}");
    let [registrations, ..] = tally("Standby", "TcpShared", true);
    assert!(registrations > 0);
    // With state, but without retransmission, what is asked during the silence is lost.
    let [registrations, refused, ..] = tally("Active", "Udp", false);
    assert!(registrations > 10 && refused > 10, "{registrations} {refused}");
    assert_eq!(tally("Active", "Udp", true), [0, 0, 0, 10]);
}

#[test]
fn clients_who_know_both_machines_turn_to_the_other_one() {
    let found = |transport: &str, after: &str| {
        let text = format!(
            "FaultPlan(length: \"80 s\", pair: (mode: Standby), clients: (next_server: \"{after}\", registrations: (users: \
             200, transport: {transport}, start: \"Uniform(0 s, 40 s)\")), faults: [HostCrash(at: \"10 s\")])"
        );
        let record = lab::run(&plan(&text), 1, 0);
        assert_eq!((record.registered.completed, record.registered.failed), (200, 0), "{transport}");
        let takeover = record.takeovers[0];
        let at = |when: Option<fivenines::emulator::time::Instant>| when.map_or(f64::NAN, |when| when.seconds());
        // Announced long before, and to nobody who listens.
        assert!(at(takeover.announced) < 10.5, "{takeover:?}");
        let most = record.delays.iter().fold(0.0, |most: f64, delay| most.max(*delay));
        (at(takeover.heard), most, record.delays.iter().filter(|delay| **delay > 0.5).count())
    };
    for (after, wait) in [("3 s", 3.0), ("32 s", 32.0)] {
        for transport in ["Udp", "TcpShared", "TcpEach"] {
            let (heard, most, waited) = found(transport, after);
            // Somebody asks within 2 s of the crash but for e^-10; a connection takes one more round trip, 10 ms each.
            assert!((10.0 + wait..12.0 + wait).contains(&heard), "{transport} {after}: heard at {heard}");
            assert!((wait..wait + 0.05).contains(&most), "{transport} {after}: {most}");
            // Of five a second those who ask before the first one turns; binomial, 5.5 deviations.
            let mean = 5.0 * wait.min(30.0);
            assert!((waited as f64 - mean).abs() < 5.5 * mean.sqrt() + 1.0, "{transport} {after}: {waited}");
        }
    }
}

#[test]
fn laws_that_crowd_events_at_once_are_refused() {
    let crowd = "Mixed(weights: [0.999999999999, 1e-12], laws: [Deterministic(0 s), Deterministic(1e12 s)])";
    let refused = |text: String| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let source = sources.add("plan.ron", text.as_str());
        assert!(read::read(source, text.as_bytes(), &mut diagnostics).is_none(), "{text}");
        diagnostics.sorted().iter().map(|d| plain(d, &sources)).collect::<String>()
    };
    let calls = refused(format!("FaultPlan(pair: (mode: Alone), clients: (calls: (interval: \"{crowd}\")))"));
    assert!(calls.contains("E1001") && calls.contains("packets and requests"), "{calls}");
    let faults = refused(format!(
        "FaultPlan(pair: (mode: Alone), server: Actors(), clients: (registrations: ()), \
         faults: [Fail(function: Encoding, at: \"1 s\", every: \"{crowd}\")])"
    ));
    assert!(faults.contains("faults of this kind"), "{faults}");
    // What is written is meant: no figure without a name, no link from a part to itself.
    let rest = refused(
        "FaultPlan(pair: (mode: Alone), clients: (next_server: \"33 s\"), faults: [Cut(from: A, to: A, at: \"1 s\", \
         lasting: \"1 s\")], expect: [(figure: \"\", value: \"1 s\", tolerance: \"1 s\", source: \"x\")])"
            .to_owned(),
    );
    for told in ["unknown figure ``", "two different parts", "given up after 32 s"] {
        assert!(rest.contains(told), "{told} is missing from\n{rest}");
    }
}

#[test]
fn those_who_call_talk_if_the_plan_says_so() {
    let plan = plan(
        "FaultPlan(length: \"40 s\", pair: (mode: Checkpoint, hold: AllButRtp), network: (clients: \"2 ms\"), clients: \
         (calls: (interval: \"500 ms\", until: \"10 s\", duration: \"3 s\", media: true)), faults: [HostCrash(at: \"5 s\")])",
    );
    let record = lab::run(&plan, 1, 0);
    let (called, heard) = (record.called, &record.heard);
    assert!(called.established >= 20 && called.completed == called.established, "{called:?}");
    assert_eq!(heard.len() as u64, called.established);
    for heard in heard {
        // A packet every 20 ms for 3 s.
        assert_eq!(heard.sent, 150, "{heard:?}");
        let near = (4.9..5.6).contains(&heard.silent_from);
        assert!(near || heard.loss == 0.0 && heard.silence < 0.1, "{heard:?}");
        assert!(heard.loss < 0.2 && heard.silence < 0.6, "the call outlives the failover: {heard:?}");
    }
    assert!(heard.iter().filter(|heard| heard.loss > 0.05).count() >= 5, "those in progress are struck");
}

#[test]
fn every_kind_of_fault_strikes() {
    let figures = |pair: &str, faults: &str| {
        let text = format!(
            "FaultPlan(runs: 20, length: \"20 s\", pair: ({pair}), repair: \"2 s\", restart: \"500 ms\", \
             clients: {VOICE}, faults: [{faults}])"
        );
        let outcome = run_all(&plan(&text), 2);
        move |name: &str| outcome.figures[name].estimate.expect("a value")
    };
    let checkpoint = "mode: Checkpoint, epoch: \"50 ms\", hold: Tcp, memory: (pages: 20000)";
    let hang = figures(checkpoint, "Hang(at: \"3 s\", lasting: \"1 s\")");
    assert_eq!((hang("takeovers"), hang("false alarms")), (1.0, 0.0));
    let cleared = figures(&format!("{checkpoint}, confirm: \"1 s\""), "Hang(at: \"3 s\", lasting: \"500 ms\")");
    assert_eq!((cleared("takeovers"), cleared("cleared suspicions")), (0.0, 1.0));
    let slow = figures(checkpoint, "Slow(at: \"3 s\", by: \"50 ms\", lasting: \"2 s\")");
    assert!(slow("network delay") > 0.011 && slow("late epochs") > 10.0 && slow("takeovers") == 0.0);
    let overrun = figures(checkpoint, "Overrun(at: \"3 s\", by: \"200 ms\")");
    assert!((0.2..0.3).contains(&overrun("silence")), "{}", overrun("silence"));
    let cut = figures(checkpoint, "Cut(from: A, to: B, at: \"3 s\", lasting: \"2 s\")");
    assert_eq!((cut("takeovers"), cut("false alarms")), (1.0, 1.0));
    let backup = figures(checkpoint, "HostCrash(whom: Backup, at: \"3 s\")");
    assert!(backup("takeovers") == 0.0 && backup("unprotected") > 0.0 && backup("packet loss") == 0.0);
    let process = figures(checkpoint, "ProcessCrash(at: \"3 s\")");
    assert_eq!((process("takeovers"), process("unrecovered")), (1.0, 0.0));
    let both = figures(checkpoint, "HostCrash(whom: A, at: \"3 s\"), HostCrash(whom: B, at: \"3.1 s\")");
    assert!(both("takeovers") >= 1.0 && both("silence") > 2.0);
    let diverge = figures("mode: Compare, epoch: \"5 s\"", "Diverge(whom: Backup, at: \"3 s\")");
    assert_eq!(diverge("packet loss"), 0.0);
    let alone = figures("mode: Alone", "HostCrash(at: \"3 s\")");
    assert!(alone("takeovers") == 1.0 && alone("packet loss") > 0.5);
}

/// The probability that among `n` heartbeats, each lost with probability `p`, `k` in a row are.
fn run_of_losses(n: usize, k: usize, p: f64) -> f64 {
    // By the length of the run that the last heartbeat ends; the last entry is the alarm.
    let mut state = vec![0.0; k + 1];
    state[0] = 1.0;
    for _ in 0..n {
        let mut next = vec![0.0; k + 1];
        next[k] = state[k];
        for (run, mass) in state[..k].iter().enumerate() {
            next[run + 1] += p * mass;
            next[0] += (1.0 - p) * mass;
        }
        state = next;
    }
    state[k]
}

#[test]
fn false_alarms_are_runs_of_lost_heartbeats() {
    let runs = 2000;
    for (misses, loss) in [(2_usize, 0.05), (3, 0.2), (4, 0.3)] {
        let plan = plan(&format!(
            "FaultPlan(runs: {runs}, length: \"8 s\", clients: (), network: (rules: [(from: A, to: B, loss: \"{loss}\")]), \
             pair: (mode: Standby, detector: Heartbeats(interval: \"100 ms\", misses: {misses}, skew: \"5 ms\")))"
        ));
        let share = run_all(&plan, 2).figures["false alarms"].estimate.expect("a share");
        // 8 s and 2 s of grace; the phase of the first and last heartbeat leaves one open. 5.4 standard deviations on
        // one side: false alarm below 1 in 10 million for all three together.
        let (low, high) = (run_of_losses(99, misses, loss), run_of_losses(101, misses, loss));
        let slack = |p: f64| 5.4 * (p * (1.0 - p) / runs as f64).sqrt();
        assert!(share > low - slack(low) && share < high + slack(high), "{misses} of {loss}: {share}, {low} … {high}");
    }
}

/// The fault plans that come with fivenines, a change of each that its expectations must notice, and a number of runs
/// that serves: what is expected exactly holds in each of them; tolerances are five standard errors at least (a false
/// alarm in a million runs of this test).
const DOCTORED: [(&str, &str, &str, u64); 20] = [
    ("actors", "restart: \"50 ms\"", "restart: \"60 ms\"", 55),
    ("actors-standard", "server: Standard()", "server: Actors()", 55),
    ("announcements", "announcement: Request", "announcement: BroadcastReply", 100),
    ("bfd", "multiplier: 3", "multiplier: 4", 200),
    ("clients", "announcement: Silent", "announcement: Request", 200),
    ("escalations", "limit: 5", "limit: 10", 20),
    ("false-alarms", "machines: \"100 us\"", "machines: \"100 us\", rules: [(from: A, to: B, loss: \"5 %\")]", 20),
    ("gateway", "mode: Standby", "mode: Active", 40),
    ("heartbeats", "interval: \"200 ms\"", "interval: \"220 ms\"", 1000),
    ("intervals", "fixed_pause: \"18.7 ms\"", "fixed_pause: \"16 ms\"", 20),
    ("jitter", "Exponential(mean: 67 us)", "Exponential(mean: 75 us)", 100),
    ("live-actor-lost", "function: LocationManager", "function: Session", 5),
    ("live-actor-restored", "function: LocationManager", "function: Session", 5),
    ("live-process", "restart: \"0 s\"", "restart: \"5 s\"", 50),
    ("live-takeover", "misses: 3", "misses: 1", 50),
    ("redirection", "next_server: \"4 s\"", "next_server: \"5 s\"", 300),
    ("registrations", "hold: Everything", "hold: Nothing", 20),
    ("remus", "network: (", "network: (rules: [(loss: \"1 %\")], ", 20),
    ("remus-classified", "resume: \"LogNormal(mean: 200 ms", "resume: \"LogNormal(mean: 300 ms", 500),
    ("vrrp", "version: 2, advert: \"1 s\"", "version: 3, advert: \"900 ms\"", 1000),
];

/// The tolerances are wide enough for chance, as far as the figures have intervals (1.96 standard errors).
fn bears(name: &str, findings: &Findings) {
    for (case, outcome) in &findings.cases {
        for verdict in outcome.verdicts.iter().filter(|verdict| verdict.tolerance.is_some()) {
            let estimate = &outcome.figures[&verdict.figure];
            let error = estimate.high.zip(estimate.low).map_or(0.0, |(high, low)| (high - low) / 2.0 / 1.96);
            let (tolerance, figure) = (verdict.tolerance.unwrap_or(0.0), &verdict.figure);
            assert!(5.0 * error <= tolerance * (1.0 + 1e-9), "{name}, {case}: {figure} needs more runs: {error}");
        }
    }
}

#[test]
fn every_fault_plan_holds_and_a_doctored_one_does_not() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let names = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let plans = names.filter(|name| name.to_string_lossy().starts_with("emulate-")).count();
    assert_eq!(plans, DOCTORED.len(), "every plan has a doctored one");
    for (name, from, to, most) in DOCTORED {
        let text = std::fs::read_to_string(folder.join(format!("emulate-{name}.ron"))).expect("a plan");
        let found = |text: &str| {
            let mut study = study(text);
            assert!(study.cases.iter().any(|case| !case.plan.expect.is_empty()), "{name}");
            for Plan { expect, published, runs, .. } in study.cases.iter_mut().map(|case| &mut case.plan) {
                assert!(expect.iter().chain(published.iter()).all(|entry| !entry.source.is_empty()), "{name}");
                *runs = (*runs).min(most);
            }
            study
        };
        let outcome = told(&found(&text), 2);
        assert!(outcome.holds(), "{name}: {}", report::text(&outcome));
        // There each function fails equally often: runs differ, and their mean doesn't.
        if name != "actors" {
            bears(name, &outcome);
        }
        assert!(text.contains(from), "{name} has no {from}");
        let doctored = found(&text.replace(from, to));
        assert!(!doctored.cases.iter().all(|case| run_all(&case.plan, 2).holds()), "{name} doesn't notice {to}");
    }
}

#[test]
fn cases_are_laid_over_what_they_have_in_common() {
    let text = format!(
        "FaultPlan(runs: 3, length: \"2 s\", pair: (mode: Checkpoint, epoch: \"40 ms\", hold: Tcp), clients: {VOICE}, \
         figures: [\"pause\", \"checkpoints\"], cases: [\
           {{\"held\": (pair: (hold: Everything)), \"passed\": ()}}, \
           {{\"40 ms\": (), \"80 ms\": (pair: (epoch: \"80 ms\"), runs: 2)}}])"
    );
    let study = study(&text);
    let alone = |pair: &str, runs: u64| {
        plan(&format!("FaultPlan(runs: {runs}, length: \"2 s\", pair: (mode: Checkpoint, {pair}), clients: {VOICE})"))
    };
    let meant = [
        ("held, 40 ms", alone("epoch: \"40 ms\", hold: Everything", 3)),
        ("held, 80 ms", alone("epoch: \"80 ms\", hold: Everything", 2)),
        ("passed, 40 ms", alone("epoch: \"40 ms\", hold: Tcp", 3)),
        ("passed, 80 ms", alone("epoch: \"80 ms\", hold: Tcp", 2)),
    ];
    assert_eq!(study.cases.len(), meant.len());
    for (case, (name, plan)) in study.cases.iter().zip(&meant) {
        assert_eq!((case.name.as_str(), &case.plan), (*name, plan));
    }
    let findings = told(&study, 1);
    assert_eq!(findings.cases["passed, 80 ms"], run_all(&meant[3].1, 1));
    let (csv, table) = (report::csv(&findings), report::markdown(&findings));
    assert!(csv.starts_with("case,figure,") && csv.contains("\"held, 80 ms\",checkpoints,"), "{csv}");
    assert_eq!(table.lines().filter(|line| line.starts_with("| held") || line.starts_with("| passed")).count(), 4);
    assert!(table.contains("10 runs of 4 cases"), "{table}");
}

#[test]
fn a_thousand_failovers_take_few_events() {
    // No test is timed; that a run stays cheap shows in the frames and packets that it needs.
    struct Count(u64);
    impl lab::Observer for Count {
        fn transmit(
            &mut self,
            _: fivenines::emulator::time::Instant,
            _: fivenines::emulator::replicator::Machine,
            _: &fivenines::emulator::replicator::Transmit,
        ) {
            self.0 += 1;
        }
    }
    let plan = plan(&format!(
        "FaultPlan(length: \"8 s\", pair: (mode: Checkpoint, epoch: \"400 ms\"), clients: {VOICE}, \
         faults: [HostCrash(at: \"3 s\")])"
    ));
    let mut count = Count(0);
    lab::observe(&plan, 1, 0, &mut count);
    assert!((300..1000).contains(&count.0), "{}", count.0);
}
