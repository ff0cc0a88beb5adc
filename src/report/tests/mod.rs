//! Every format from hand-made outcomes: null estimates, bounds, budgets spent, interruptions.

mod data;
mod markdown;
mod text;

use super::Report;
use crate::experiment::outcome::{
    Cause, Comparison, Crossing, Ended, Less, Outcome, Pairing, Phase, Point, Published, Ranked, Ranking, Sequence,
    Spent, Taken, Verdict, Warmup,
};
use crate::stats::{Bound, Estimate, Side};
use crate::syntax::ast::Method;
use indexmap::IndexMap;

fn estimate(value: f64, half: f64, unit: &str) -> Estimate {
    Estimate {
        estimate: Some(value),
        low: Some(value - half),
        high: Some(value + half),
        confidence: 0.95,
        unit: unit.into(),
        reached: Some(half / value),
        bound: None,
    }
}

fn unseen(unit: &str, side: Side, value: f64) -> Estimate {
    let bound = Some(Bound { side, value, because: "no outage in 3.1e9 s".into() });
    Estimate { estimate: None, low: None, high: None, confidence: 0.95, unit: unit.into(), reached: None, bound }
}

fn map<V>(entries: Vec<(&str, V)>) -> IndexMap<String, V> {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The standard measures at an unavailability with 1 % half-width and a mean outage of 165 s.
fn condition(unavailability: f64) -> IndexMap<String, Estimate> {
    let (u, year) = (unavailability, 31_557_600.0);
    map(vec![
        ("availability", estimate(1.0 - u, u * 0.01, "")),
        ("unavailability", estimate(u, u * 0.01, "")),
        ("nines", estimate(-libm::log10(u), 0.0043, "")),
        ("downtime per year", estimate(u * year, u * year * 0.01, "s/y")),
        ("failures per year", estimate(u * year / 165.0, 0.02, "1/y")),
        ("mean outage", estimate(165.0, 1.6, "s")),
    ])
}

fn point(design: &str, at: &[(&str, &str)], unavailability: f64) -> Point {
    Point {
        design: design.into(),
        at: at.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        method: Method::Replications,
        because: "the clocks are not exponential".into(),
        primary: Some("service".into()),
        up: map(vec![("service", condition(unavailability)), ("any actor", condition(unavailability * 2.0))]),
        measures: map(vec![("restarts per day", estimate(0.0652, 0.0004, ""))]),
        years: IndexMap::new(),
        causes: IndexMap::new(),
        phases: IndexMap::new(),
        sequences: IndexMap::new(),
        trust: None,
        warmup: Warmup { removed: 7.8e8, length: 3.1e9, because: "pilot: ages of 6 clocks".into() },
        ended: Ended::Precision,
        observations: 64,
        outages: 41_200,
        observed: 2e11,
        firings: 12_345_678,
    }
}

fn outcome(points: Vec<Point>) -> Outcome {
    Outcome {
        scenario: "Table 1".into(),
        doc: Some("Availability of the actor-based and the standard server.".into()),
        seed: 1,
        digests: map(vec![("actor", "0123456789abcdef".to_owned()), ("standard", "fedcba9876543210".to_owned())]),
        points,
        comparisons: Vec::new(),
        rankings: Vec::new(),
        crossings: Vec::new(),
        refined: Vec::new(),
        sensitivities: Vec::new(),
        uncertainties: Vec::new(),
        targets: Vec::new(),
        verdicts: Vec::new(),
        cross_checks: Vec::new(),
        gate: None,
        published: Vec::new(),
        warnings: Vec::new(),
        interrupted: false,
        spent: Spent { seconds: 3.21, threads: 2, firings: 24_691_356 },
    }
}

/// Two designs, everything there.
fn complete() -> Outcome {
    let at = [("mtbf", "2208 h")];
    let mut outcome = outcome(vec![point("actor", &at, 1.25e-5), point("standard", &at, 1.246e-4)]);
    let at = outcome.points[0].at.clone();
    outcome.published.push(Published {
        design: "actor".into(),
        at: at.clone(),
        up: None,
        measure: "availability".into(),
        value: 0.9993507,
        estimate: estimate(1.0 - 1.25e-5, 1.2e-7, ""),
        factor: Some(0.0006493 / 1.25e-5),
        source: "thesis, Table 2".into(),
    });
    outcome.comparisons.push(Comparison {
        design: "actor".into(),
        against: "standard".into(),
        at: at.clone(),
        ratio: estimate(0.1003, 0.0014, ""),
        difference: estimate(-3537.6, 39.0, "s/y"),
        less: Some(Less { design: "actor".into(), confidence: 0.999_999 }),
        year: Some(estimate(0.62, 0.01, "")),
        pairing: Pairing {
            taken: Taken::Paired,
            pairs: 64,
            correlation: Some(0.5),
            saved: Some(0.48),
            because: "64 pairs of observations with the same random numbers".into(),
        },
    });
    let ranked = |design: &str, best, worst| Ranked { design: design.into(), best, worst };
    let designs = vec![ranked("actor", 1, 1), ranked("standard", 2, 3), ranked("other", 2, 3)];
    let neighbour = Comparison {
        design: "standard".into(),
        against: "actor".into(),
        difference: estimate(3537.6, 39.0, "s/y"),
        ratio: estimate(9.97, 0.14, ""),
        year: None,
        ..outcome.comparisons[0].clone()
    };
    outcome.rankings.push(Ranking { at, confidence: 0.95, designs, neighbours: vec![neighbour] });
    outcome.crossings.push(Crossing {
        at: IndexMap::new(),
        design: "actor".into(),
        against: "standard".into(),
        parameter: "restart".into(),
        value: estimate(86.9, 1.2, "s"),
        counts: false,
        better_below: "actor".into(),
        better_above: "standard".into(),
        how: "interpolated between 5 values".into(),
    });
    for (holds, expected) in [(true, 0.9998754), (false, 0.99)] {
        outcome.verdicts.push(Verdict {
            what: "standard at mtbf = 2208 h: service, availability".into(),
            expected,
            tolerance: 1e-6,
            estimate: estimate(1.0 - 1.246e-4, 6e-6, ""),
            holds,
            source: "renewal theory".into(),
        });
    }
    outcome.points[0].causes = map(vec![(
        "service",
        vec![Cause {
            cause: "Actor.Crash".into(),
            share: estimate(0.83, 0.02, ""),
            downtime: estimate(327.0, 8.0, "s/y"),
            outages: estimate(1.98, 0.05, "1/y"),
            phases: map(vec![("detection", 0.6), ("restart", 0.23)]),
        }],
    )]);
    outcome.points[0].phases = map(vec![(
        "service",
        vec![Phase {
            phase: "detection".into(),
            share: estimate(0.7, 0.02, ""),
            downtime: estimate(276.0, 8.0, "s/y"),
            stays: Some(estimate(1.4, 0.05, "1/y")),
        }],
    )]);
    outcome.points[0].sequences = map(vec![(
        "service",
        vec![Sequence {
            failures: vec!["Actor.Crash".into(), "Host.Crash".into()],
            seen: Some(12),
            per_year: estimate(1.4, 0.05, "1/y"),
            outages: 0.04,
            downtime: Some(0.1),
        }],
    )]);
    outcome.points[0].years =
        map(vec![("service", map(vec![("first year availability", estimate(0.99999, 2e-6, ""))]))]);
    outcome
}

/// One design without a failure seen, its budget spent, ended by hand.
fn poor() -> Outcome {
    let mut point = point("a|b", &[], 1e-5);
    point.primary = Some("service".into());
    point.up = map(vec![(
        "service",
        map(vec![
            ("availability", unseen("", Side::Lower, 0.9999999)),
            ("unavailability", unseen("", Side::Upper, 1e-7)),
            ("nines", unseen("", Side::Lower, 7.0)),
            ("downtime per year", unseen("s/y", Side::Upper, 3.15)),
            ("failures per year", unseen("1/y", Side::Upper, 0.0305)),
            ("mean outage", Estimate { bound: None, ..unseen("s", Side::Upper, 0.0) }),
        ]),
    )]);
    point.measures.clear();
    point.ended = Ended::Budget;
    point.outages = 0;
    let mut outcome = outcome(vec![point]);
    outcome.doc = None;
    outcome.digests.clear();
    outcome.interrupted = true;
    outcome.warnings.push("precision not reached for a|b".into());
    outcome
}

#[test]
fn nothing_at_all_is_a_report_too() {
    let mut nothing = outcome(Vec::new());
    nothing.scenario = String::new();
    let report = Report::new(nothing);
    assert!(report.text().contains("Spent"));
    assert!(report.csv().starts_with("design,up,measure"));
    assert!(report.markdown().contains("How it was computed"));
}
