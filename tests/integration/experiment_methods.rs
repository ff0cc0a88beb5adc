//! Each method against the exact answer, through a net's text, on every kind of measure; and what is warned about.

use crate::experiment::{carry_out, contains, simulated, standard, sure};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::outcome::{Outcome, Point};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::Settings;
use fivenines::experiment::{Overrides, Reading};
use fivenines::net::Library;
use fivenines::net::load::Memory;
use fivenines::syntax::ast::Method;

const METHODS: [Method; 3] = [Method::Replications, Method::BatchMeans, Method::Regenerative];

/// The plan of `main.ron` among these files.
pub fn read(files: &[(&str, &str)]) -> Plan {
    let memory = files.iter().fold(Memory::new(), |memory, (path, text)| memory.with(*path, *text));
    let (mut library, mut sources) = (Library::new(&memory), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = fivenines::experiment::plan("main.ron", &Overrides::default(), &mut reading);
    plan.unwrap_or_else(|| panic!("{:?}", diagnostics.sorted()))
}

fn run(text: &str, settings: Settings) -> Outcome {
    let mut plan = read(&[("main.ron", text)]);
    plan.settings = simulated(settings);
    carry_out(&plan, 2)
}

fn solve(text: &str, method: Method, precision: f64) -> Point {
    let settings = Settings { method, budget: 20_000_000, ..sure(precision) };
    let point = run(text, settings).points.remove(0);
    assert_eq!(point.method, method, "{}", point.because);
    point
}

/// A job of 1 h to 3 h on a machine that fails, in hours.
fn job(memory: &str) -> String {
    format!(
        r##"Net(
            places: {{ "Up": (tokens: 1), "Down": () }},
            transitions: {{
                "Finish": Timed(delay: "Uniform(1 h, 3 h)", memory: {memory}, test: {{"Up": "1"}}),
                "Fail": Timed(delay: "Exponential(mean: 4 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
                "Repair": Timed(delay: "Exponential(mean: 0.5 h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
            }},
            up: {{ "service": "#Up >= 1" }},
            measures: {{ "completion": (value: "1 / rate(Finish)", precision: "4 %") }},
        )"##
    )
}

/// Gaver (1962): with λ = 1/4, r = 1/2 and S uniform on 1 to 3, E[e^(±λS)] = ±(e^(±3λ) − e^(±λ))/(2λ).
#[test]
fn each_method_meets_the_completion_time_under_each_memory_policy() {
    let (rate, repair) = (0.25_f64, 0.5);
    let transform = |sign: f64| sign * ((sign * 3.0 * rate).exp() - (sign * rate).exp()) / (2.0 * rate);
    let again = 1.0 / rate + repair;
    let exact = [
        ("Age", 2.0 * (1.0 + rate * repair)),
        ("Enabling", again * (1.0 / transform(-1.0) - 1.0)),
        ("Identical", again * (transform(1.0) - 1.0)),
    ];
    for (memory, hours) in exact {
        for method in METHODS {
            let point = solve(&job(memory), method, 0.05);
            let completion = &point.measures["completion"];
            assert!(completion.reached.unwrap() <= 0.04, "{memory} {method:?} {completion:?}");
            contains(completion, 3600.0 * hours);
            contains(standard(&point, "unavailability"), 1.0 / 9.0);
            contains(standard(&point, "mean outage"), 1800.0);
            contains(standard(&point, "mean up time"), 4.0 * 3600.0);
            contains(standard(&point, "MTBF"), 4.5 * 3600.0);
        }
    }
}

/// M/M/1/5 at ρ = 0.8: every form of measure that the language has.
#[test]
fn each_method_meets_every_form_of_measure() {
    let text = r##"Net(
        places: { "Queue": (capacity: 5, overrun: Block) },
        transitions: {
            "Arrive": Timed(delay: "Exponential(rate: 0.8 Hz)", to: {"Queue": "1"}),
            "Serve": Timed(delay: "Exponential(rate: 1 Hz)", from: {"Queue": "1"}),
        },
        up: { "service": "#Queue < 5" },
        measures: {
            "length": (value: "E{#Queue}", precision: "4 %"),
            "busy": "P{#Queue > 0}",
            "length if busy": "E{#Queue if #Queue > 0}",
            "crowded if busy": "P{#Queue >= 2 if #Queue > 0}",
            "waiting": "E{#Queue} - P{#Queue > 0}",
            "found": "impulse(Arrive, #Queue) / rate(Arrive)",
            "sojourn": "E{#Queue} / rate(Serve)",
        },
    )"##;
    let weights: Vec<f64> = (0..=5).map(|k| 0.8_f64.powi(k)).collect();
    let total: f64 = weights.iter().sum();
    let p: Vec<f64> = weights.iter().map(|w| w / total).collect();
    let mean = |from: usize, to: usize| (from..=to).map(|k| k as f64 * p[k]).sum::<f64>();
    let (length, busy, full) = (mean(0, 5), 1.0 - p[0], p[5]);
    for method in METHODS {
        let point = solve(text, method, 0.08);
        let exact = [
            ("length", length),
            ("busy", busy),
            ("length if busy", length / busy),
            ("crowded if busy", (busy - p[1]) / busy),
            ("waiting", length - busy),
            ("found", mean(0, 4) / (1.0 - full)),
            ("sojourn", length / busy),
        ];
        for (name, value) in exact {
            contains(&point.measures[name], value);
        }
        contains(standard(&point, "unavailability"), full);
        // An outage is the service of one of five, or what is left of it: exponential.
        contains(standard(&point, "mean outage"), 1.0);
        contains(standard(&point, "MTBF"), 1.0 / full);
        match (method, &standard(&point, "MTTF").bound) {
            (Method::BatchMeans, bound) => assert!(bound.is_none() && standard(&point, "MTTF").estimate.is_none()),
            (_, Some(bound)) => assert!(bound.value <= first_passage(), "{method:?} {bound:?}"),
            (_, None) => contains(standard(&point, "MTTF"), first_passage()),
        }
    }
}

/// Mean time from the empty queue to five: the sum over k of the mean time from k to k + 1.
fn first_passage() -> f64 {
    let (mut sum, mut step) = (0.0, 1.0 / 0.8);
    for _ in 0..5 {
        sum += step;
        step = 1.0 / 0.8 + step / 0.8;
    }
    sum
}

/// Lognormal lives and short outages: what a steady state forgets of its laws, and what it doesn't.
#[test]
fn each_method_meets_lognormal_renewal() {
    let text = r##"Net(
        places: { "Up": (tokens: 1), "Down": () },
        transitions: {
            "Fail": Timed(delay: "LogNormal(mean: 1000 h, sigma: 0.4)", from: {"Up": "1"}, to: {"Down": "1"}),
            "Repair": Timed(delay: "Uniform(30 s, 300 s)", from: {"Down": "1"}, to: {"Up": "1"}),
        },
        up: { "service": "#Up >= 1" },
    )"##;
    for method in METHODS {
        let point = solve(text, method, 0.05);
        contains(standard(&point, "unavailability"), 165.0 / (165.0 + 3.6e6));
        contains(standard(&point, "mean outage"), 165.0);
        contains(standard(&point, "mean up time"), 3.6e6);
        match &standard(&point, "MTTF").bound {
            None if method != Method::BatchMeans => contains(standard(&point, "MTTF"), 3.6e6),
            bound => assert!(bound.as_ref().is_none_or(|bound| bound.value <= 3.6e6), "{method:?} {bound:?}"),
        }
    }
}

/// `A` frees the way for `C`, a rival of `B` in a conflict that `B` alone could have had for itself.
const CONFUSED: &str = r##"Net(
    places: { "Rest": (tokens: 1), "P": (), "Q": (), "R": (), "Won": () },
    transitions: {
        "Start": Timed(delay: "Exponential(mean: 1 s)", from: {"Rest": "1"}, to: {"P": "1", "Q": "1"}),
        "A": Immediate(PRIORITY from: {"P": "1"}, to: {"R": "1"}),
        "B": Immediate(from: {"Q": "1"}, to: {"Won": "1"}),
        "C": Immediate(from: {"Q": "1", "R": "1"}, to: {"Won": "1"}),
        "Again": Timed(delay: "Exponential(mean: 1 s)", from: {"Won": "1"}, flush: ["P", "R"], to: {"Rest": "1"}),
    },
    up: { "service": "#Rest >= 1" },
)"##;

#[test]
fn confusion_is_warned_about_and_priorities_end_it() {
    let settings = || Settings { precision: 0.1, budget: 300_000, ..Settings::default() };
    let confused = run(&CONFUSED.replace("PRIORITY", ""), settings());
    let found: Vec<&String> = confused.warnings.iter().filter(|w| w.contains("confusion (S6)")).collect();
    assert_eq!(found.len(), 1, "{:?}", confused.warnings);
    assert!(found[0].contains("`A`") && found[0].contains("priorities"), "{}", found[0]);
    let plain = run(&CONFUSED.replace("PRIORITY", "priority: 1,"), settings());
    assert!(plain.warnings.iter().all(|w| !w.contains("confusion")), "{:?}", plain.warnings);
}

#[test]
fn ties_that_decide_are_warned_about() {
    let text = |delay: &str| {
        format!(
            r##"Net(
                places: {{ "Up": (tokens: 1), "Down": (), "Gone": () }},
                transitions: {{
                    "Fail": Timed(delay: "Deterministic(1 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
                    "Leave": Timed(delay: "{delay}", from: {{"Up": "1"}}, to: {{"Gone": "1"}}),
                    "Repair": Timed(delay: "Exponential(mean: 1 h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
                    "Return": Timed(delay: "Exponential(mean: 1 h)", from: {{"Gone": "1"}}, to: {{"Up": "1"}}),
                }},
                up: {{ "service": "#Down < 1" }},
            )"##
        )
    };
    let settings = || Settings { precision: 0.2, budget: 300_000, ..Settings::default() };
    let tied = run(&text("Deterministic(1 h)"), settings());
    assert!(tied.warnings.iter().any(|w| w.contains("ties between clocks decided")), "{:?}", tied.warnings);
    let free = run(&text("Exponential(mean: 1 h)"), settings());
    assert!(free.warnings.iter().all(|w| !w.contains("ties between")), "{:?}", free.warnings);
}

/// A sweep of numbers through the text: U is r/(r + 100 s) and 10/110, equal at r = 10 s.
#[test]
fn the_order_of_two_designs_turns_round_where_it_must() {
    let net = |repair: &str, parameter: &str| {
        format!(
            r##"Net(
                parameters: {{ {parameter} }},
                places: {{ "Up": (tokens: 1), "Down": () }},
                transitions: {{
                    "Fail": Timed(delay: "Exponential(mean: 100 s)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
                    "Repair": Timed(delay: "Exponential(mean: {repair})", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
                }},
                up: {{ "service": "#Up >= 1" }},
            )"##
        )
    };
    let scenario = |values: &str| {
        format!(
            r##"Scenario(
                designs: {{ "swept": (net: "swept.ron"), "fixed": (net: "fixed.ron") }},
                sweep: {{ "r": [{values}] }},
                confidence: "99.9999 %", precision: "8 %",
            )"##
        )
    };
    let (swept, fixed) = (net("r", "\"r\": \"1 s\""), net("10 s", ""));
    let crossings = |values: &str| {
        let plan = read(&[("main.ron", &scenario(values)), ("swept.ron", &swept), ("fixed.ron", &fixed)]);
        carry_out(&plan, 2).crossings
    };
    let found = crossings(r#""2 s", "5 s", "20 s", "0.5 min", "60 s""#);
    assert_eq!(found.len(), 1, "{found:?}");
    let crossing = &found[0];
    contains(&crossing.value, 10.0);
    assert!(crossing.value.reached.unwrap() < 0.15 && crossing.value.unit == "s", "{crossing:?}");
    assert_eq!((crossing.better_below.as_str(), crossing.better_above.as_str()), ("swept", "fixed"));
    assert_eq!((crossing.parameter.as_str(), crossing.value.confidence), ("r", 0.999999));
    assert!(crossing.how.contains("5 values") && crossing.how.contains("99.9999 %"), "{}", crossing.how);
    // Both sides are needed, in any order of the list; and a single value has no sides.
    assert!(crossings(r#""20 s", "40 s""#).is_empty());
    assert!(crossings(r#""20 s""#).is_empty());
    assert_eq!(crossings(r#""20 s", "4 s""#).len(), 1);
}
