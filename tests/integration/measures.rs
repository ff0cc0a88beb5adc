//! Measures with a time of their own, and about outages: both engines against closed forms.

mod diagnosed;

use crate::experiment::carry_out;
use crate::experiment_methods::read;
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::settings::Settings;
use fivenines::stats::Estimate;
use fivenines::syntax::ast::Method;

const HOUR: f64 = 3600.0;

/// A machine with exponential clocks, and what is asked of it.
fn machine(measures: &str) -> String {
    format!(
        r##"Net(
    parameters: {{ "mttf": "100 h", "mttr": "4 h" }},
    places: {{ "Up": (tokens: 1), "Down": () }},
    transitions: {{
        "Fail": Timed(delay: "Exponential(mean: mttf)", from: {{"Up": "1"}}, to: {{"Down": "1"}}, role: Failure),
        "Repair": Timed(delay: "Exponential(mean: mttr)", from: {{"Down": "1"}}, to: {{"Up": "1"}}, role: Repair),
    }},
    up: {{ "the service": "#Up >= 1" }},
    measures: {{ {measures} }},
)"##
    )
}

fn run(text: &str, settings: Settings) -> Outcome {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = settings;
    carry_out(&plan, 2)
}

/// Each measure with its exact value, by the exact engine to `tolerance` of it, and by simulation within an interval
/// that fails once in 10⁷ runs of other seeds.
fn both(net: &dyn Fn(&str) -> String, cases: &[(&str, f64)], tolerance: f64) {
    let entries: Vec<String> =
        cases.iter().enumerate().map(|(i, (measure, _))| format!(r#""m{i}": "{measure}""#)).collect();
    let text = net(&entries.join(", "));
    let exact = run(&text, Settings { method: Method::Exact, ..Settings::default() });
    let settings = Settings { confidence: 1.0 - 1e-7, precision: 0.1, cross_check: true, ..Settings::default() };
    let simulated = run(&text, settings);
    for (i, (measure, value)) in cases.iter().enumerate() {
        let found = |outcome: &Outcome| -> Estimate { outcome.points[0].measures[&format!("m{i}")].clone() };
        let solved = found(&exact).estimate.unwrap_or_else(|| panic!("{measure} isn't solved"));
        assert!((solved - value).abs() <= tolerance * value.abs() + 1e-12, "{measure}: {solved} instead of {value}");
        let seen = found(&simulated);
        assert_eq!(seen.admits(*value, 1e-9 * value.abs()), Some(true), "{measure}: {value} and {seen:?}");
        assert_eq!(found(&exact).unit, seen.unit, "{measure}");
    }
    let check = &simulated.cross_checks[0];
    assert_eq!(check.agrees, Some(true), "{check:#?}");
    assert!(check.compared >= cases.len(), "{check:#?}");
}

/// Failure and repair rate of the machine, per second.
const RATES: (f64, f64) = (1.0 / (100.0 * HOUR), 1.0 / (4.0 * HOUR));

/// A(t) of the machine: a + (1 − a) e^(−(λ + μ) t).
fn available(t: f64) -> f64 {
    let (failure, repair) = RATES;
    let share = repair / (failure + repair);
    share + (1.0 - share) * (-(failure + repair) * t).exp()
}

/// ∫₀ᵗ A.
fn uptime(t: f64) -> f64 {
    let (failure, repair) = RATES;
    let (share, speed) = (repair / (failure + repair), failure + repair);
    share * t - (1.0 - share) * (-speed * t).exp_m1() / speed
}

#[test]
fn a_machine_at_a_time_and_over_an_interval() {
    let day = 24.0 * HOUR;
    let share = |a: f64, b: f64| (uptime(b) - uptime(a)) / (b - a);
    both(
        &machine,
        &[
            ("P{`the service`} @ 5 h", available(5.0 * HOUR)),
            ("1 - P{!`the service`} @ 5 h", available(5.0 * HOUR)),
            ("E{3 * #Down} @ 5 h", 3.0 * (1.0 - available(5.0 * HOUR))),
            ("P{#Down == 1 if #Up + #Down == 1} @ 5 h", 1.0 - available(5.0 * HOUR)),
            ("P{#Up == 1} over [0, 1 d]", share(0.0, day)),
            ("availability{`the service`} over [2 h, 1 d]", share(2.0 * HOUR, day)),
            ("downtime{`the service`} over [2 h, 1 d]", (1.0 - share(2.0 * HOUR, day)) * (day - 2.0 * HOUR)),
            ("E{#Down if #Up + #Down > 0} over [0, 1 d]", 1.0 - share(0.0, day)),
            ("rate(Fail) over [2 h, 1 d] * 1 h", RATES.0 * share(2.0 * HOUR, day) * HOUR),
            ("impulse(Fail, 1 + #Up) over [0, 1 d] * 1 h", 2.0 * RATES.0 * share(0.0, day) * HOUR),
            ("outages{#Up > 0} over [0, 1 d]", RATES.0 * uptime(day)),
            ("reliability{#Up > 0} @ 1 d", (-RATES.0 * day).exp()),
            ("reliability{#Up > 0} @ 0", 1.0),
            ("P(outages{#Up > 0} over [0, 1 d] == 0)", (-RATES.0 * day).exp()),
        ],
        1e-11,
    );
}

/// P(D ≤ x) of the downtime of the machine until t, begun up (Takács 1957): n repairs take x at most, and n failures
/// come within the rest of the time.
fn downtime_at_most(x: f64, t: f64) -> f64 {
    let (failure, repair) = RATES;
    let (failures, repairs) = (failure * (t - x), repair * x);
    let (mut pmf, mut sum) = ((-failures).exp(), 0.0);
    // P(n repairs take x at most) = P(a Poisson number of mean μx is n at least).
    let (mut term, mut at_least) = ((-repairs).exp(), 1.0);
    for n in 0..400 {
        sum += pmf * at_least;
        at_least -= term;
        term *= repairs / f64::from(n + 1);
        pmf *= failures / f64::from(n + 1);
    }
    sum
}

fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if below(middle) { low = middle } else { high = middle }
    }
    low
}

#[test]
fn the_downtime_of_an_interval_has_the_law_of_takacs() {
    let t = 1000.0 * HOUR;
    let quantile = |p: f64| bisect(0.0, t, |x| downtime_at_most(x, t) < p);
    // E[(D − 60 h)+] = ∫ P(D > x) dx from 60 h on, by Simpson's rule.
    let (from, to, n) = (60.0 * HOUR, 400.0 * HOUR, 4000);
    let step = (to - from) / f64::from(n);
    let weight = |i: i32| if i == 0 || i == n { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    let tail = |i: i32| 1.0 - downtime_at_most(from + step * f64::from(i), t);
    let excess: f64 = (0..=n).map(|i| weight(i) * tail(i)).sum::<f64>() * step / 3.0;
    both(
        &machine,
        &[
            ("P(downtime{`the service`} over [0, 1000 h] <= 50 h)", downtime_at_most(50.0 * HOUR, t)),
            ("P(availability{`the service`} over [0, 1000 h] >= 95 %)", downtime_at_most(50.0 * HOUR, t)),
            ("P(80 h < downtime{`the service`} over [0, 1000 h])", 1.0 - downtime_at_most(80.0 * HOUR, t)),
            ("P(downtime{`the service`} over [0, 1000 h] == 0)", (-RATES.0 * t).exp()),
            ("P(downtime{`the service`} over [0, 100 h] > 70 h)", {
                1.0 - downtime_at_most(70.0 * HOUR, 100.0 * HOUR)
            }),
            ("quantile(0.95, downtime{`the service`} over [0, 1000 h])", quantile(0.95)),
            ("quantile(5 %, availability{`the service`} over [0, 1000 h])", 1.0 - quantile(0.95) / t),
            ("excess(downtime{`the service`} over [0, 1000 h], 60 h)", excess),
        ],
        1e-8,
    );
}

/// P(two failures by t) = P(life + repair + life ≤ t), by Simpson's rule over the repair.
fn two_failures(t: f64) -> f64 {
    let (failure, repair) = RATES;
    let lives = |t: f64| 1.0 - (-failure * t).exp() * (1.0 + failure * t);
    let n = 20_000;
    let weight = |i: i32| if i == 0 || i == n { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    let density = |r: f64| repair * (-repair * r).exp() * lives(t - r);
    (0..=n).map(|i| weight(i) * density(t * f64::from(i) / f64::from(n))).sum::<f64>() * t / f64::from(n) / 3.0
}

#[test]
fn outages_of_an_interval_are_counted() {
    let t = 150.0 * HOUR;
    let none = (-RATES.0 * t).exp();
    let one = 1.0 - two_failures(t) - none;
    both(
        &machine,
        &[
            ("P(outages{`the service`} over [0, 150 h] <= 1)", none + one),
            ("P(outages{`the service`} over [0, 150 h] == 1)", one),
            ("P(outages{`the service`} over [0, 150 h] > 1)", two_failures(t)),
            ("P(outages{`the service`} over [0, 150 h] != 0)", 1.0 - none),
            ("quantile(0.5, outages{`the service`} over [0, 150 h])", 1.0),
            ("quantile(0.2, outages{`the service`} over [0, 150 h])", 0.0),
        ],
        1e-8,
    );
}

/// A machine that is noticed to be down, and then repaired: outages are hypoexponential.
fn noticed(measures: &str) -> String {
    format!(
        r##"Net(
    places: {{ "Up": (tokens: 1), "Unseen": (), "Seen": () }},
    transitions: {{
        "Fail": Timed(delay: "Exponential(mean: 50 h)", from: {{"Up": "1"}}, to: {{"Unseen": "1"}}),
        "Notice": Timed(delay: "Exponential(mean: 1 h)", from: {{"Unseen": "1"}}, to: {{"Seen": "1"}}),
        "Repair": Timed(delay: "Exponential(mean: 3 h)", from: {{"Seen": "1"}}, to: {{"Up": "1"}}),
    }},
    up: {{ "service": "#Up == 1" }},
    measures: {{ {measures} }},
)"##
    )
}

#[test]
fn outages_of_the_long_run_are_hypoexponential() {
    let (a, b) = (1.0 / HOUR, 1.0 / (3.0 * HOUR));
    let survival = |t: f64| (a * (-b * t).exp() - b * (-a * t).exp()) / (a - b);
    let beyond = |t: f64| (a / b * (-b * t).exp() - b / a * (-a * t).exp()) / (a - b);
    let rate = 1.0 / (54.0 * HOUR);
    both(
        &noticed,
        &[
            ("outage{service}", 4.0 * HOUR),
            ("outages{service} * 1 y", rate * 365.25 * 24.0 * HOUR),
            ("quantile(0.99, outage{service})", bisect(0.0, 100.0 * HOUR, |t| survival(t) > 0.01)),
            ("quantile(50 %, outage{service})", bisect(0.0, 100.0 * HOUR, |t| survival(t) > 0.5)),
            ("P(outage{service} > 10 h)", survival(10.0 * HOUR)),
            ("P(outage{service} <= 2 h)", 1.0 - survival(2.0 * HOUR)),
            ("excess(outage{service}, 5 h)", rate * beyond(5.0 * HOUR)),
            ("excess(outage{service}, 0)", 4.0 / 54.0),
        ],
        1e-9,
    );
}

/// Two units and one crew: R(t) until both are down.
#[test]
fn a_duplex_is_reliable_for_as_long_as_its_two_roots_say() {
    let (failure, repair): (f64, f64) = (1.0 / 100.0, 1.0 / 10.0);
    let root = (failure * failure + 6.0 * failure * repair + repair * repair).sqrt();
    let (s, r) = (0.5 * (-3.0 * failure - repair + root), 0.5 * (-3.0 * failure - repair - root));
    let reliable = |t: f64| (s * (r * t).exp() - r * (s * t).exp()) / (s - r);
    let duplex = |measures: &str| {
        format!(
            r##"Net(
    places: {{ "Up": (tokens: 2), "Down": () }},
    transitions: {{
        "Fail": Timed(delay: "Exponential(mean: 100 h)", servers: Infinite, from: {{"Up": "1"}}, to: {{"Down": "1"}}),
        "Repair": Timed(delay: "Exponential(mean: 10 h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
    }},
    up: {{ "any": "#Up >= 1", "both": "#Up == 2" }},
    measures: {{ {measures} }},
)"##
        )
    };
    both(
        &duplex,
        &[
            ("reliability{any} @ 200 h", reliable(200.0)),
            ("reliability{any} @ 30 d", reliable(720.0)),
            ("reliability{both} @ 30 h", (-0.02_f64 * 30.0).exp()),
            ("reliability{both && any} @ 30 h", (-0.02_f64 * 30.0).exp()),
        ],
        1e-11,
    );
}

/// A year of repairs within minutes: half a million changes and more, and a law with four nines.
#[test]
fn a_year_of_quick_repairs_is_no_longer_than_it_must_be() {
    let text = machine(
        r#""A": "P{`the service`} @ 1 y", "R": "reliability{`the service`} @ 1 y",
           "sla": "P(availability{`the service`} over [0, 1 y] >= 99.99 %)""#,
    )
    .replace("100 h", "1 y")
    .replace("4 h", "10 min");
    let outcome = run(&text, Settings { method: Method::Exact, ..Settings::default() });
    let found = |name: &str| outcome.points[0].measures[name].estimate.expect("solved");
    let year = 365.25 * 24.0 * HOUR;
    let share = 600.0 / (year + 600.0);
    assert!((found("A") - (1.0 - share)).abs() < 1e-12);
    assert!((found("R") - (-1.0_f64).exp()).abs() < 1e-12);
    // Takács again, with other rates.
    let (failures, repairs): (f64, f64) = (1.0 - 1e-4, 1e-4 * year / 600.0);
    let (mut pmf, mut sum, mut term, mut at_least) = ((-failures).exp(), 0.0, (-repairs).exp(), 1.0);
    for n in 0..100 {
        sum += pmf * at_least;
        at_least -= term;
        term *= repairs / f64::from(n + 1);
        pmf *= failures / f64::from(n + 1);
    }
    assert!((found("sla") - sum).abs() < 1e-10, "{} {sum}", found("sla"));
}

/// Two units that restart within 10 ms, each: a year has six billion changes, of which no more are taken than it takes
/// the law of the states to settle.
#[test]
fn a_reliability_of_a_year_of_milliseconds_is_solved() {
    let text = r##"Net(
    places: { "Up": (tokens: 2), "Down": () },
    transitions: {
        "Fail": Timed(delay: "Exponential(mean: 1 h)", servers: Infinite, from: {"Up": "1"}, to: {"Down": "1"}),
        "Repair": Timed(delay: "Exponential(mean: 10 ms)", from: {"Down": "1"}, to: {"Up": "1"}),
    },
    up: { "any": "#Up >= 1" },
    measures: { "lost": "1 - reliability{any} @ 1 y", "A": "P{any} @ 1 y", "long": "quantile(0.9, outage{any}) / 1 s" },
)"##;
    let outcome = run(text, Settings { method: Method::Exact, ..Settings::default() });
    let found = |name: &str| outcome.points[0].measures[name].estimate.expect("solved");
    let (failure, repair): (f64, f64) = (1.0 / HOUR, 100.0);
    // The slow root of s² + (3λ + μ)s + 2λ² = 0, without subtraction, and its weight r/(r − s).
    let sum = 3.0 * failure + repair;
    let root = (failure * failure + 6.0 * failure * repair + repair * repair).sqrt();
    let (slow, quick) = (-4.0 * failure * failure / (sum + root), -0.5 * (sum + root));
    let year = 365.25 * 24.0 * HOUR;
    let lost = 1.0 - quick / (quick - slow) * (slow * year).exp();
    assert!((found("lost") - lost).abs() < 1e-11, "{} {lost}", found("lost"));
    let odds = failure / repair;
    let down = 2.0 * odds * odds / (1.0 + 2.0 * odds + 2.0 * odds * odds);
    assert!((found("A") - (1.0 - down)).abs() < 1e-12);
    assert!((found("long") - 0.01 * 10.0_f64.ln()).abs() < 1e-12);
}

#[test]
fn a_precision_of_its_own_is_reached_or_told() {
    let measures = r#""A": (value: "1 - P{`the service`} @ 5 h", precision: "5 %")"#;
    let settings = || Settings { precision: 0.1, method: Method::Regenerative, ..Settings::default() };
    let outcome = run(&machine(measures), settings());
    let (point, estimate) = (&outcome.points[0], &outcome.points[0].measures["A"]);
    assert_eq!(point.ended, Ended::Precision);
    assert!(estimate.reached <= Some(0.05) && estimate.reached > Some(0.02), "{estimate:?}");
    let short = run(&machine(measures), Settings { budget: 3_000, ..settings() });
    assert_eq!(short.points[0].ended, Ended::Budget);
    assert!(short.warnings.iter().any(|w| w.contains("precision not reached of `A`")), "{:?}", short.warnings);
}

#[test]
fn rare_things_that_were_not_seen_have_a_bound() {
    let measures = r#""never": "P(outages{`the service`} over [0, 1 h] > 20)", "q": "quantile(0.9999999999, outage{`the service`})",
        "seldom": "outages{`the service`} over [0, 1 s]""#;
    let settings = Settings { precision: 0.1, method: Method::Regenerative, ..Settings::default() };
    let outcome = run(&machine(measures), settings);
    let never = &outcome.points[0].measures["never"];
    assert_eq!((never.estimate, never.low), (Some(0.0), Some(0.0)));
    // Clopper and Pearson: 1 − 0.025^(1/4000).
    assert!((never.high.expect("a bound") - (1.0 - 0.025_f64.powf(1.0 / 4000.0))).abs() < 1e-9, "{never:?}");
    assert_eq!(outcome.points[0].measures["q"].high, None, "no sample holds what exceeds it");
    let seldom = &outcome.points[0].measures["seldom"];
    let bound = seldom.bound.as_ref().expect("a bound");
    assert!(seldom.estimate.is_none() && (bound.value - 20.0_f64.ln() / 4000.0).abs() < 1e-9, "{seldom:?}");
}

#[test]
fn answers_are_the_same_for_any_number_of_threads_and_in_every_design_that_shares_the_faults() {
    let measures = r#""q": "quantile(0.9, outage{`the service`})", "sla": "P(availability{`the service`} over [0, 1000 h] >= 95 %)""#;
    let mut plan = read(&[("main.ron", &machine(measures))]);
    plan.settings = Settings { precision: 0.1, method: Method::Replications, ..Settings::default() };
    let (one, two) = (carry_out(&plan, 1), carry_out(&plan, 2));
    assert_eq!(one.points, two.points);
    // Another place of the same measures in the file, beside others.
    let text = machine(&format!(r#""x": "E{{#Up}}", {measures}, "A": "P{{#Up == 1}} @ 3 h""#));
    let mut other = read(&[("main.ron", &text)]);
    other.settings = plan.settings.clone();
    let other = carry_out(&other, 2);
    assert_eq!(other.points[0].measures["sla"], one.points[0].measures["sla"]);
    let names: Vec<&String> = other.points[0].measures.keys().collect();
    assert_eq!(names, ["x", "q", "sla", "A"], "in the file's order");
}

#[test]
fn what_is_not_exponential_is_refused_by_name_and_simulated() {
    let text = machine(r#""A": "P{`the service`} @ 5 h""#).replace("Exponential(mean: mttr)", "Uniform(1 h, 7 h)");
    let mut plan = read(&[("main.ron", &text)]);
    plan.settings = Settings { method: Method::Exact, ..Settings::default() };
    let never = std::sync::atomic::AtomicBool::new(false);
    let control = fivenines::experiment::Control {
        threads: 1,
        interrupted: &never,
        progress: &|_| {},
        checkpoint: &|_| {},
        resume: None,
    };
    let fault = fivenines::experiment::run(&plan, &control).expect_err("a refusal").to_string();
    assert!(fault.contains("Repair") && fault.contains("Uniform"), "{fault}");
    plan.settings.method = Method::Auto;
    let found = carry_out(&plan, 2).points[0].measures["A"].clone();
    assert!(found.low > Some(0.9) && found.high < Some(1.0), "{found:?}");
}

/// Two units without repair, then one of two ends: known in closed form.
fn ending(measures: &str) -> String {
    format!(
        r##"Net(
    places: {{ "Units": (tokens: 2), "Safe": (), "Lost": () }},
    transitions: {{
        "Fail": Timed(delay: "Exponential(mean: 10 h)", servers: Infinite, from: {{"Units": "1"}}),
        "Save": Timed(delay: "Exponential(mean: 2 h)", from: {{"Units": "1"}}, inhibit: {{"Units": "2"}}, to: {{"Safe": "1"}}),
        "Lose": Timed(delay: "Exponential(mean: 6 h)", from: {{"Units": "1"}}, inhibit: {{"Units": "2"}}, to: {{"Lost": "1"}}),
    }},
    up: {{ "both": "#Units == 2" }},
    measures: {{ {measures} }},
)"##
    )
}

#[test]
fn first_passages_and_absorption() {
    // The second unit goes at the rate of its three ends.
    let (first, fails, saved, lost) = (0.2, 0.1, 0.5, 1.0 / 6.0);
    let second = fails + saved + lost;
    let empty = |t: f64| 1.0 - (second * (-first * t).exp() - first * (-second * t).exp()) / (second - first);
    let cases = [
        ("first{#Units == 1}", 1.0 / first * HOUR),
        ("first{#Units == 0} / 1 h", 1.0 / first + 1.0 / second),
        ("P(first{#Units == 0} <= 3 h)", empty(3.0)),
        ("P(first{#Units == 0} > 3 h)", 1.0 - empty(3.0)),
        ("quantile(0.75, first{#Units < 2})", 4f64.ln() / first * HOUR),
        ("reached{#Safe == 1}", saved / second),
        ("reached{#Lost == 1}", lost / second),
        ("1 - reached{#Safe + #Lost > 0}", fails / second),
        ("reached{#Units == 3}", 0.0),
    ];
    both(&ending, &cases[..], 1e-11);
    let exact = |measure: &str| {
        let settings = Settings { method: Method::Exact, ..Settings::default() };
        run(&ending(&format!(r#""m": "{measure}""#)), settings)
    };
    assert_eq!(exact("first{both}").points[0].measures["m"].estimate, Some(0.0));
    // In the long run the absorbing classes weigh as they are reached from the initial marking.
    let found = exact("P{#Safe == 1}").points[0].measures["m"].estimate;
    assert!((found.expect("a share") - saved / second).abs() < 1e-12, "{found:?}");
    // What may never come takes for ever, and that is told.
    for measure in ["first{#Safe == 1}", "quantile(0.9, first{#Safe == 1})"] {
        let outcome = exact(measure);
        assert_eq!(outcome.points[0].measures["m"].estimate, None);
        assert!(outcome.warnings.iter().any(|told| told.contains("may never come")), "{:?}", outcome.warnings);
    }
    let median = exact("quantile(0.3, first{#Safe == 1})").points[0].measures["m"].estimate.expect("a quantile");
    let reached = saved / second * empty(median / HOUR);
    assert!((reached - 0.3).abs() < 1e-12, "{median}");
}

#[test]
fn a_rare_first_passage_keeps_its_digits() {
    // Five failures in a row against quick repairs: P(first <= t) ≈ t/mean while t is short, which no subtraction shows.
    let net = |measures: &str| {
        format!(
            r##"Net(
    places: {{ "Up": (tokens: 5), "Down": () }},
    transitions: {{
        "Fail": Timed(delay: "Exponential(mean: 1000 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
        "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
    }},
    up: {{ "any": "#Up > 0" }},
    measures: {{ {measures} }},
)"##
        )
    };
    let settings = Settings { method: Method::Exact, ..Settings::default() };
    let text = net(r#""mean": "first{#Up == 0}", "chance": "P(first{#Up == 0} <= 1000 h)""#);
    let outcome = run(&text, settings);
    let found = |name: &str| outcome.points[0].measures[name].estimate.expect("a value");
    // Birth and death: the mean passage from k down to k + 1 is (1 + m₍k₋₁₎/repair)/fail.
    let (fail, repair) = (1.0 / (1000.0 * HOUR), 1.0 / HOUR);
    let (mut step, mut mean) = (0.0, 0.0);
    for _ in 0..5 {
        step = (1.0 + repair * step) / fail;
        mean += step;
    }
    assert!((found("mean") / mean - 1.0).abs() < 1e-12, "{} {mean}", found("mean"));
    // Exponential but for the first few hours: they delay it by less than ten repairs.
    let chance = 1000.0 * HOUR / mean;
    assert!(
        chance < 2e-12 && found("chance") < chance && found("chance") > 0.99 * chance,
        "{} {chance}",
        found("chance")
    );
}
