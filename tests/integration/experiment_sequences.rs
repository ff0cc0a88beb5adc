//! Sequences of failures, solved exactly: closed forms, and the simulator by the cross-check.

use crate::experiment::carry_out;
use crate::experiment_causes::{PLACES, equals, exactly, solve, sums_up};
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Outcome, Point};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;
use fivenines::units::YEAR;

/// The outages per year of a sequence of `service`, and its share of the downtime.
#[track_caller]
fn is(point: &Point, failures: &[&str], per_year: f64, downtime: f64) {
    let all = &point.sequences["service"];
    let of = all.iter().find(|of| of.failures == failures).unwrap_or_else(|| panic!("{failures:?}: {all:#?}"));
    equals(&of.per_year, per_year);
    let share = of.downtime.expect("solved");
    assert!((share - downtime).abs() <= 1e-8 * downtime, "{failures:?}: {share} isn't {downtime}");
}

/// Two ways to fail a spare, and two to fail without one.
const SPARE: &str = r##"
    "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
    "Fall": Timed(delay: "Exponential(mean: 300 s)", from: {"Up": "1"}, to: {"B": "1"}, role: Failure),
    "Mend": Timed(delay: "Exponential(mean: 30 s)", flush: ["A", "B"], to: {"Up": "2"}, guard: "#A + #B == 2"),
"##;

#[test]
fn every_order_of_failures_has_its_part_exactly() {
    let point = solve(r##""Up": (tokens: 2), "A": (), "B": ()"##, SPARE, exactly());
    sums_up(&point);
    // One clock of each at a time: 75 s to each failure, and 30 s of repair.
    for (first, second, share) in
        [("Slip", "Slip", 9.0), ("Slip", "Fall", 3.0), ("Fall", "Slip", 3.0), ("Fall", "Fall", 1.0)]
    {
        is(&point, &[first, second], share / 16.0 / 180.0 * YEAR, share / 16.0);
    }
}

/// `Fall` comes, maybe, while the outage lasts: the longer one.
fn worse(repair: &str, long: &str) -> String {
    format!(
        r##"
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {{"Up": "1"}}, to: {{"A": "1"}}, role: Failure),
        "Return": Timed(delay: "{repair}", from: {{"A": "1"}}, to: {{"Up": "1"}}),
        "Fall": Timed(delay: "Exponential(mean: 50 s)", from: {{"A": "1"}}, to: {{"B": "1"}}, role: Failure),
        "Heal": Timed(delay: "{long}", from: {{"B": "1"}}, to: {{"Up": "1"}}),
    "##
    )
}

#[test]
fn failures_while_an_outage_lasts_belong_to_it_exactly() {
    // Markov: either is first after 1/0.12 s.
    let point = solve(PLACES, &worse("Exponential(mean: 10 s)", "Exponential(mean: 20 s)"), exactly());
    sums_up(&point);
    let (first, cycle) = (1.0 / 0.12, 100.0 + 1.0 / 0.12 + 20.0 / 6.0);
    let (short, long) = (first * 5.0 / 6.0, (first + 20.0) / 6.0);
    is(&point, &["Slip"], 5.0 / 6.0 / cycle * YEAR, short / (short + long));
    is(&point, &["Slip", "Fall"], 1.0 / 6.0 / cycle * YEAR, long / (short + long));
    // Semi-Markov: 10 s, unless the fall comes before, after E[F; F < 10] s.
    let point = solve(PLACES, &worse("Deterministic(10 s)", "Uniform(5 s, 35 s)"), exactly());
    sums_up(&point);
    let none = (-0.2_f64).exp();
    let (short, long) = (10.0 * none, 50.0 - 60.0 * none + 20.0 * (1.0 - none));
    let cycle = 100.0 + short + long;
    is(&point, &["Slip"], none / cycle * YEAR, short / (short + long));
    is(&point, &["Slip", "Fall"], (1.0 - none) / cycle * YEAR, long / (short + long));
}

/// A failure at the instant of another belongs to the sequence, also one that ends the outage.
const AT_ONCE: &str = r##"
    "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
    "Crush": Immediate(weight: "1", from: {"A": "1"}, to: {"B": "1"}, guard: "#B == 0", role: Failure),
    "Spare": Immediate(weight: "3", from: {"A": "1"}, to: {"B": "1"}, guard: "#B == 0"),
    "Return": Timed(delay: "Exponential(mean: 1 s)", from: {"B": "1"}, to: {"Up": "1"}),
    "Jolt": Timed(delay: "Exponential(mean: 3 s)", from: {"B": "1"}, to: {"Up": "1"}, role: Failure),
"##;

#[test]
fn failures_at_one_instant_are_told_in_their_order() {
    let point = solve(PLACES, AT_ONCE, exactly());
    sums_up(&point);
    let each = YEAR / 100.75;
    is(&point, &["Slip"], each * 0.75 * 0.75, 0.75 * 0.75);
    is(&point, &["Slip", "Jolt"], each * 0.75 * 0.25, 0.75 * 0.25);
    is(&point, &["Slip", "Crush"], each * 0.25 * 0.75, 0.25 * 0.75);
    is(&point, &["Slip", "Crush", "Jolt"], each * 0.25 * 0.25, 0.25 * 0.25);
}

/// Outages without end, without a failure, and from the beginning on.
#[test]
fn what_never_ends_has_its_sequence() {
    let fatal = r##"
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
        "Fall": Timed(delay: "Exponential(mean: 300 s)", from: {"Up": "1"}, to: {"B": "1"}),
    "##;
    let point = solve(PLACES, fatal, exactly());
    let share = |failures: &[&str]| {
        point.sequences["service"].iter().find(|of| of.failures == failures).and_then(|of| of.downtime)
    };
    assert!((share(&["Slip"]).expect("down") - 0.75).abs() < 1e-12);
    assert!((share(&["Fall"]).expect("down") - 0.25).abs() < 1e-12);
    let point = solve(r##""Up": (), "A": (tokens: 1), "B": ()"##, fatal, exactly());
    assert_eq!(point.sequences["service"][0].failures, ["the initial marking"]);
    assert_eq!(point.sequences["service"][0].downtime, Some(1.0));
}

/// Where paths never come back to where they began, the last four failures are remembered for ever.
#[test]
fn what_is_never_forgotten_is_cut() {
    let text = r##"
        "Leave": Timed(delay: "Exponential(mean: 100 s)", from: {"B": "1"}),
        "Slip": Timed(delay: "Exponential(mean: 100 s)", from: {"Up": "1"}, to: {"A": "1"}, role: Failure),
        "Return": Timed(delay: "Exponential(mean: 1 s)", from: {"A": "1"}, to: {"Up": "1"}),
    "##;
    let point = solve(r##""Up": (tokens: 1), "A": (), "B": (tokens: 1)"##, text, exactly());
    is(&point, &["…", "Slip", "Slip", "Slip", "Slip"], YEAR / 101.0, 1.0);
}

/// Both engines, with the account among what is compared.
fn checked(tokens: &str, transitions: &str, method: Method) -> Outcome {
    let net =
        format!(r##"Net(places: {{ {tokens} }}, transitions: {{ {transitions} }}, up: {{ "service": "#Up > 0" }})"##);
    let plan = read(&[("main.ron", r##"Scenario(designs: { "only": (net: "net.ron") })"##), ("net.ron", &net)]);
    let settings = Settings { causes: true, cross_check: true, method, precision: 0.05, ..Settings::default() };
    carry_out(&Plan { settings, ..plan }, 2)
}

#[test]
fn the_cross_check_holds_the_account_too() {
    let general = worse("Deterministic(10 s)", "Uniform(5 s, 35 s)");
    let nets = [(r##""Up": (tokens: 2), "A": (), "B": ()"##, SPARE, 4), (PLACES, AT_ONCE, 4), (PLACES, &general, 2)];
    for (tokens, transitions, sequences) in nets {
        for method in [Method::Auto, Method::Replications, Method::Regenerative] {
            let outcome = checked(tokens, transitions, method);
            let check = &outcome.cross_checks[0];
            assert_eq!(check.agrees, Some(true), "{check:#?}");
            // Standard measures, downtime and outages of a cause at least, and a phase; and the sequences, where a path
            // begins in equilibrium with its memory.
            let all = if method == Method::Regenerative { sequences } else { 0 };
            assert!(check.compared >= 4 + 2 + 1 + all, "{check:#?}");
            let told = |what: &str| check.furthest.as_ref().is_some_and(|of| of.what.contains(what));
            assert!(check.compared < 30 && !told("initial marking"), "{check:#?}");
        }
    }
}

/// Asked for an account, `Auto` takes the exact engine where it has all of it, and says what is missing elsewhere.
#[test]
fn auto_solves_accounts_too() {
    let point = solve(PLACES, AT_ONCE, Settings::default());
    assert_eq!(point.method, Method::Exact);
    assert!(!point.causes.is_empty() && !point.phases.is_empty() && !point.sequences.is_empty());
}

/// Parts that share nothing, each with clocks of its own; `service` is a condition over the parts' places.
fn apart(parts: &[(&str, &str, &str)], service: &str, settings: Settings) -> Outcome {
    let (mut places, mut transitions) = (String::new(), String::new());
    for (name, life, repair) in parts {
        places += &format!(r##""{name}": (tokens: 1), "no_{name}": (),"##);
        transitions += &format!(
            r##""{name}_fails": Timed(delay: "{life}", from: {{"{name}": "1"}}, to: {{"no_{name}": "1"}}, role: Failure),
                "{name}_heals": Timed(delay: "{repair}", from: {{"no_{name}": "1"}}, to: {{"{name}": "1"}}),"##
        );
    }
    let net =
        format!(r##"Net(places: {{ {places} }}, transitions: {{ {transitions} }}, up: {{ "service": "{service}" }})"##);
    let plan = read(&[("main.ron", r##"Scenario(designs: { "only": (net: "net.ron") })"##), ("net.ron", &net)]);
    carry_out(&Plan { settings: Settings { causes: true, ..settings }, ..plan }, 2)
}

/// What a condition doesn't read has no part in its outages, however it is solved.
#[test]
fn a_part_that_nobody_asks_about_is_left_out() {
    let parts = [
        ("A", "Exponential(mean: 90 s)", "Uniform(5 s, 15 s)"),
        ("B", "Uniform(5 s, 15 s)", "Uniform(5 s, 15 s)"),
        ("C", "Exponential(mean: 90 s)", "Exponential(mean: 10 s)"),
    ];
    let point = apart(&parts, "#A > 0 && #C > 0", exactly()).points.remove(0);
    assert_eq!(point.causes["service"].len(), 2, "{:#?}", point.causes);
    // Outages overlap; they are begun by either as often, and each is found up by the other nine times in ten.
    for of in &point.causes["service"] {
        equals(&of.outages, 0.9 / 100.0 * YEAR);
    }
    // What they are held by is told of all parts: B's repair is under way half of the time.
    let total: f64 = point.causes["service"].iter().filter_map(|of| of.share.estimate).sum();
    assert!((total - 1.0).abs() < 1e-9, "{total}");
    let phases: f64 = point.phases["service"].iter().filter_map(|of| of.share.estimate).sum();
    assert!((phases - 1.0).abs() < 1e-9, "{phases}");
}

/// Two general clocks that overlap: how often each begins an outage is exact, how long such outages are isn't solved.
#[test]
fn parts_that_fail_apart_begin_their_outages_exactly() {
    let parts =
        [("A", "Uniform(80 s, 100 s)", "Uniform(5 s, 15 s)"), ("B", "Uniform(20 s, 60 s)", "Uniform(5 s, 15 s)")];
    let settings = Settings { cross_check: true, precision: 0.05, ..Settings::default() };
    for (service, others) in [("#A > 0 && #B > 0", [0.8, 0.9]), ("#A > 0 || #B > 0", [0.2, 0.1])] {
        let point = apart(&parts, service, exactly()).points.remove(0);
        for (cause, often) in [("A_fails", others[0] / 100.0), ("B_fails", others[1] / 50.0)] {
            let of = point.causes["service"].iter().find(|of| of.cause == cause).expect("a cause");
            equals(&of.outages, often * YEAR);
            assert_eq!((of.share.estimate, of.downtime.estimate), (None, None));
        }
        let rate: f64 = point.causes["service"].iter().filter_map(|of| of.outages.estimate).sum();
        equals(&point.up["service"]["failures per year"], rate);
        assert!(point.phases["service"].iter().all(|of| of.downtime.estimate.is_some()));
        let outcome = apart(&parts, service, settings.clone());
        let check = &outcome.cross_checks[0];
        assert_eq!(check.agrees, Some(true), "{check:#?}");
        assert!(check.because.contains("aren't solved exactly"), "{}", check.because);
        // Where the exact engine has no whole account, `Auto` simulates.
        let point = apart(&parts, service, Settings { precision: 0.1, ..Settings::default() }).points.remove(0);
        assert!(point.method != Method::Exact && point.because.contains("causes of outages"), "{}", point.because);
    }
}
