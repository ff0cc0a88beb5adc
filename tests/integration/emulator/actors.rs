//! The server of functions in the lab, over random fault plans; each promise within its scope.

use super::{plan, run_all, study, told};
use fivenines::emulator::lab::{self, record::Record};
use fivenines::emulator::report;
use proptest::prelude::*;

const FUNCTIONS: [&str; 11] = [
    "SipServer",
    "RegistrarRouter",
    "LocationManager",
    "SessionRouter",
    "Session",
    "TransportSupervisor",
    "Sender",
    "Receiver",
    "Encoding",
    "TransactionRouter",
    "Transaction",
];

/// Users who register every 8 s and calls of 3 s each 300 ms, for 40 s; after that everything comes to its end.
fn text(server: &str, restart: &str, transport: &str, faults: &str) -> String {
    format!(
        "FaultPlan(runs: 33, length: \"80 s\", pair: (mode: Alone), server: {server}, restart: \"{restart}\", \
         network: (clients: \"1 ms\"), clients: (registrations: (users: 20, start: \"Uniform(0 s, 8 s)\", \
         every: \"8 s\", transport: {transport}), calls: (interval: \"300 ms\", duration: \"3 s\", until: \"40 s\", \
         transport: {transport})), faults: [{faults}])"
    )
}

fn faults() -> impl Strategy<Value = String> {
    let fault = (prop::sample::select(&FUNCTIONS[..]), any::<bool>(), 0u32..40_000, 0u32..4).prop_map(
        |(function, poison, at, cure)| {
            let kind = if poison { "Poison" } else { "Fail" };
            format!("{kind}(function: {function}, at: \"{at} ms\", cure: \"{} %\")", 25 + 25 * cure)
        },
    );
    prop::collection::vec(fault, 1..5).prop_map(|faults| faults.join(", "))
}

/// Registrations and calls that failed.
fn lost(record: &Record) -> u64 {
    record.registered.failed + record.called.refused + record.called.lost
}

fn conserves(record: &Record) -> bool {
    let (registered, called) = (record.registered, record.called);
    registered.completed + registered.failed <= registered.begun
        && called.established + called.refused <= called.begun
        && called.completed + called.lost <= called.established
        && record.delays.len() as u64 == registered.completed
        && record.setups.len() as u64 == called.established
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_its_figures_can_be_told() {
    let mut study = study(&text(
        "Actors(service: \"Exponential(mean: 1 ms)\", restart: \"Uniform(0 s, 2 s)\")",
        "5 s",
        "Udp",
        "Fail(function: Any, at: \"Uniform(5 s, 10 s)\", every: \"Exponential(mean: 10 s)\", cure: \"60 %\")",
    ));
    let (one, two) = (told(&study, 1), told(&study, 2));
    assert_eq!(report::json(&one), report::json(&two));
    assert_eq!(report::recoveries(&one), report::recoveries(&two));
    let outcome = one.alone().expect("no cases");
    assert!(report::text(&one).contains("\nfailing function"));
    assert!(outcome.figures.contains_key("location manager: recovery p99"));
    assert_eq!(outcome.recoveries.len(), report::recoveries(&one).lines().count() - 1);
    study.cases[0].plan.seed = 2;
    assert_ne!(report::recoveries(&one), report::recoveries(&told(&study, 1)));
}

#[test]
fn cases_have_functions_and_recoveries_of_their_own() {
    let text = text("Actors(restart: \"700 ms\")", "5 s", "Udp", "Fail(function: Sender, at: \"20 s\")").replace(
        "runs: 33,",
        "runs: 3, figures: [\"UDP sender: recovery\"], cases: {\"as it is\": (), \
         \"quick, resumed\": (server: Actors(strategies: [(function: Sender, on_failure: Resume)])), \
         \"one process\": (server: Standard())},",
    );
    let findings = told(&study(&text), 2);
    for (case, meant) in [("as it is", 0.7), ("quick, resumed", 0.0), ("one process", 5.0)] {
        let recovery = findings.cases[case].figures["UDP sender: recovery"].estimate.expect("a value");
        assert!((recovery - meant).abs() < 1e-9, "{case}: {recovery}");
    }
    let (csv, table) = (report::recoveries(&findings), report::markdown(&findings));
    assert!(csv.starts_with("case,run,fault,function,") && csv.contains("\n\"quick, resumed\",2,0,UDP sender,20,"));
    assert_eq!(csv.lines().count(), 1 + 3 * 3, "{csv}");
    assert_eq!(table.lines().filter(|line| line.contains("| UDP sender ")).count(), 3, "{table}");
    assert!(table.contains("| case           | failing function |"), "{table}");
}

#[test]
fn each_function_recovers_as_its_strategy_says() {
    let figures = |server: &str| {
        let outcome = run_all(&plan(&text(server, "10 s", "Udp", "Fail(function: Any, at: \"20.05 s\")")), 2);
        move |name: &str| outcome.figures[name].estimate.expect("a value")
    };
    let actors = figures("Actors(restart: \"700 ms\")");
    for (function, recovery) in [
        ("SIP server", 0.7),
        ("registrar router", 0.0),
        ("location manager", 0.7),
        ("session router", 0.7),
        ("session", 0.7),
        ("transport supervisor", 0.7),
        ("UDP sender", 0.7),
        ("UDP receiver", 0.7),
        ("SIP encoding", 0.0),
        ("transaction router", 0.7),
        ("transaction", 0.7),
    ] {
        assert!((actors(&format!("{function}: recovery")) - recovery).abs() < 1e-9, "{function}");
        assert_eq!(actors(&format!("{function}: process ends")), 0.0);
        assert_eq!(actors(&format!("{function}: bindings lost")), 0.0);
    }
    // Ten calls are in progress, begun in the 3 s before; only dialogs that were forgotten are lost.
    for (function, calls) in [("session router", 10.0), ("SIP server", 10.0), ("session", 1.0), ("UDP receiver", 0.0)] {
        let share = actors(&format!("{function}: calls lost"));
        assert!((share * 134.0 - calls).abs() < 1.01, "{function}: {share}");
    }
    let standard = figures("Standard()");
    for function in ["registrar router", "SIP encoding", "session", "UDP sender"] {
        assert!((standard(&format!("{function}: recovery")) - 10.0).abs() < 1e-9, "{function}");
        assert_eq!(standard(&format!("{function}: process ends")), 1.0);
        assert!((standard(&format!("{function}: calls lost")) * 134.0 - 10.0).abs() < 1.01, "{function}");
    }
    assert!(standard("session: registrations delayed") > actors("session: registrations delayed"));
}

#[test]
fn a_backup_takes_over_from_a_process_that_ended() {
    let text = text("Standard()", "10 s", "Udp", "Fail(function: Encoding, at: \"20.05 s\")");
    let pair = "(mode: Checkpoint, epoch: \"50 ms\", detector: Heartbeats(interval: \"100 ms\", misses: 3))";
    let record = lab::run(&plan(&text.replace("(mode: Alone)", pair)), 1, 0);
    assert_eq!(record.takeovers.len(), 1);
    let recovered = record.blows[0].recovered.expect("a backup") - record.blows[0].failed.expect("a failure");
    assert!((0.2..0.5).contains(&recovered.seconds()), "{}", recovered.seconds());
    // Its state goes on; only what was under way is asked again.
    assert_eq!((record.called.lost, record.called.refused, record.registered.failed), (0, 0, 0));
}

proptest! {
    #![proptest_config(crate::random_nets::config(24))]

    /// Scope: transactions pass repeated requests on (what one absorbs is never answered, after a failure behind it,
    /// but by a process that starts anew); each failure is cured; and each finds both servers in good order (one that
    /// is down is spared what strikes the other).
    #[test]
    fn without_supervision_no_less_is_lost(
        functions in prop::collection::vec((prop::sample::select(&FUNCTIONS[..]), any::<bool>(), 0u32..1000), 1..4),
        run in 0u64..1000,
    ) {
        let faults = functions.iter().enumerate().map(|(index, (function, poison, phase))| {
            let (kind, at) = (if *poison { "Poison" } else { "Fail" }, 5000 + 20_000 * index as u32 + phase);
            format!("{kind}(function: {function}, at: \"{at} ms\")")
        });
        let faults: Vec<String> = faults.collect();
        let both = ["Actors(restart: \"200 ms\", repeated: PassedOn)", "Standard(repeated: PassedOn)"]
            .map(|server| lab::run(&plan(&text(server, "5 s", "Udp", &faults.join(", "))), 1, run));
        prop_assert!(both.iter().all(conserves));
        prop_assert!(lost(&both[0]) <= lost(&both[1]), "{} and {}: {faults:?}", lost(&both[0]), lost(&both[1]));
    }

    /// Scope: the bindings are stored elsewhere, and everything is up again in the end.
    #[test]
    fn no_acknowledged_registration_is_lost(
        faults in faults(), run in 0u64..1000,
        transport in prop::sample::select(vec!["Udp", "TcpShared", "TcpEach"]),
        server in prop::sample::select(vec!["Actors()", "Standard()"]),
    ) {
        let record = lab::run(&plan(&text(server, "5 s", transport, &faults)), 1, run);
        prop_assert!(conserves(&record));
        let up = record.blows.iter().all(|blow| blow.failed.is_none() || blow.recovered.is_some());
        prop_assert!(!up || record.bindings[1] == 0);
        prop_assert!(record.bindings[0] > 0);
    }

    /// Scope: bindings that die with the location manager, and failures of transactions only.
    #[test]
    fn a_transaction_takes_no_binding_with_it(at in prop::collection::vec(0u32..40_000, 1..4), run in 0u64..1000) {
        let faults: Vec<String> =
            at.iter().map(|at| format!("Fail(function: Transaction, at: \"{at} ms\")")).collect();
        let record = lab::run(&plan(&text("Actors(bindings: Lost)", "5 s", "Udp", &faults.join(", "))), 1, run);
        prop_assert_eq!((record.bindings[1], record.called.lost), (0, 0));
    }
}
