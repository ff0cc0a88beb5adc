//! Nets in which everything meets in one place: compiled in memory proportional to the net.

use crate::naive::builder::{Builder, add, at_least, c, exponential, tokens};
use fivenines::engine::{FaultKind, Options, Path};
use fivenines::net::{Net, PlaceId, Servers};
use fivenines::program::compile;
use fivenines::syntax::ast::{MemoryPolicy, Renew, Scope};

/// What makes a transition more than one simple clock.
const KINDS: [&str; 8] = ["simple", "age", "infinite", "shared", "each token", "speed", "guard", "inhibitor"];

/// So many machines that each hold one of 50 crews while they are repaired.
fn machines(number: usize, kind: &str) -> Net {
    let mut net = Builder::new("machines");
    let crew = net.place("Crew", 50);
    for m in 0..number {
        let [up, down, busy] = [("Up", 1), ("Down", 0), ("Busy", 0)].map(|(n, k)| net.place(&format!("{n}({m})"), k));
        net.timed(&format!("Fail[{m}]"), exponential(c(1000.0))).input(up, 1).output(down, 1);
        let start = net.timed(&format!("Start[{m}]"), exponential(c(1.0))).input(down, 1).output(busy, 1);
        let _ = match kind {
            "age" => start.memory(MemoryPolicy::Age).input(crew, 1),
            "infinite" => start.servers(Servers::Infinite).input(crew, 1),
            "shared" => start.servers(Servers::Count(7)).scope(Scope::Transition).input(crew, 1),
            "each token" => start.renew(Renew::AtEachToken).input(crew, 1),
            "speed" => start.speed(tokens(crew)).input(crew, 1),
            "guard" => start.guard(at_least(crew, 1.0)).input(crew, 1),
            "inhibitor" => start.memory(MemoryPolicy::Identical).inhibitor(crew, 51).input(crew, 1),
            _ => start.input(crew, 1),
        };
        net.timed(&format!("End[{m}]"), exponential(c(1.0))).input(busy, 1).output(up, 1).output(crew, 1);
    }
    net.up("crew", at_least(crew, 1.0));
    net.0
}

#[test]
fn a_shared_place_is_no_quadratic_matter() {
    for kind in KINDS {
        let size = |number| compile(&machines(number, kind)).expect("not too large").size();
        let (small, large) = (size(300), size(2_400));
        // Eight times the net; the square would be 64 times.
        assert!(large <= 8 * small, "{kind}: {small} entries, then {large}");
    }
}

#[test]
fn machines_that_share_crews_run() {
    for kind in KINDS {
        let net = machines(300, kind);
        let program = compile(&net).expect("not too large");
        let mut path = Path::new(&program, Options::default());
        path.begin(1, 0).expect("no fault");
        path.run_until(20_000.0, &mut ()).expect("no fault");
        // Each machine goes round in about 1002 time units.
        let rounds = path.firings() as f64 / 3.0 / (300.0 * 20_000.0 / 1002.0);
        assert!((rounds - 1.0).abs() < 0.1, "{kind}: {rounds}");
    }
}

/// A net that reads the sum of two places with so many tokens.
fn sum(first: u32, second: u32) -> Net {
    let mut net = Builder::new("sum");
    let [a, b] = [("A", first), ("B", second)].map(|(name, tokens)| net.place(name, tokens));
    net.timed("T", exponential(c(1.0))).input(a, 1).output(b, 1);
    let both = fivenines::net::expr::Expr::Tokens(vec![a, b]);
    net.up(
        "many",
        fivenines::net::expr::Expr::Binary(
            fivenines::net::expr::Op::Greater,
            Box::new(add(vec![both])),
            Box::new(c(5.0)),
        ),
    );
    net.0
}

#[test]
fn a_sum_that_begins_beyond_its_limit_is_refused() {
    assert!(compile(&sum(1 << 30, 1 << 30)).is_ok());
    let error = compile(&sum(1 << 30, (1 << 30) + 1)).expect_err("too many");
    assert!(
        error.0.code == "E0720" && ["2147483649", "A and others"].iter().all(|w| error.0.message.contains(w)),
        "{error}"
    );
}

#[test]
fn a_firing_that_moves_more_of_a_sum_than_there_can_be_is_refused() {
    let mut net = Builder(sum(1, 1));
    let (a, b) = (PlaceId(0), PlaceId(1));
    net.timed("Flood", exponential(c(1.0))).output(a, 2_000_000_000).output(b, 2_000_000_000);
    let error = compile(&net.0).expect_err("it would wrap around");
    assert!(error.0.code == "E0721" && ["Flood", "4000000000"].iter().all(|w| error.0.message.contains(w)), "{error}");
}

#[test]
fn clocks_without_end_are_a_fault_that_names_the_transition() {
    let mut net = Builder::new("growing");
    let jobs = net.place("Jobs", 1);
    net.timed("Breed", exponential(c(1.0))).output(jobs, 400_000);
    net.timed("Work", exponential(c(1e9))).input(jobs, 1).servers(Servers::Infinite);
    net.up("some", at_least(jobs, 1.0));
    let program = compile(&net.0).expect("not too large");
    let mut path = Path::new(&program, Options::default());
    path.begin(3, 5).expect("no fault");
    let fault = path.run_until(1e6, &mut ()).expect_err("a fault");
    assert!(
        matches!(&fault.kind, FaultKind::BadValue { message } if message.contains("more than 1000000 clocks")),
        "{fault}"
    );
    assert_eq!((fault.transitions, fault.seed, fault.replication), (vec!["Work".to_string()], 3, 5));
    assert_eq!(path.firings(), 3);
}
