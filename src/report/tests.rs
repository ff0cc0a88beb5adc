//! Every format from hand-made outcomes: null estimates, bounds, budgets spent, interruptions.

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
    outcome.rankings.push(Ranking { at, confidence: 0.95, designs });
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
fn text_of_a_complete_outcome() {
    insta::assert_snapshot!(Report::new(complete()).text(), @r#"
    Table 1
    =======

    Availability of the actor-based and the standard server.

    Results
    -------

    Leading condition: "service", with 95 % intervals.

    design    mtbf               availability  nines      downtime per year  failures/yr  mean outage
    ────────  ──────  ───────────────────────  ─────  ─────────────────────  ───────────  ───────────
    actor     2208 h  0.99998750 ± 0.00000013  4.903     6 min 34 s ± 3.9 s         2.39   2 min 45 s
    standard  2208 h    0.9998754 ± 0.0000012  3.904  1 h 5 min 32 s ± 39 s        23.83   2 min 45 s

    Published and computed
    ----------------------

    design  mtbf    measure                         published                computed  factor
    ──────  ──────  ────────────  ───────────────────────────  ──────────────────────  ──────
    actor   2208 h  availability  0.9993507 = 5 h 41 min 30 s  0.9999875 = 6 min 34 s    51.9

    Published in: thesis, Table 2. Behind an availability stands its downtime per year; the factor is
    published over computed downtime, or value.

    Comparisons
    -----------

    - actor at mtbf = 2208 h is down 0.1003 ± 0.0014 times as long as standard, so standard is down 9.97
      times as long; that is 58 min 58 s/yr ± 39 s less; actor is down less with over 99.99 %
      confidence; the chance that actor has less downtime in one year is 0.620 ± 0.010 (paired: 64 pairs
      of observations with the same random numbers, which saved 48 % of the variance)
    - ranks at mtbf = 2208 h, least downtime first: 1. actor, 2.–3. standard, 2.–3. other (all of them
      true with 95 % confidence, by Holm)
    - actor and standard are down equally long at restart = 1 min 27 s ± 1.2 s; below that actor is down
      less, above it standard (interpolated between 5 values)

    Details at mtbf = 2208 h
    ------------------------

    Other conditions of actor:

    up         availability   downtime per year  failures/yr  mean outage
    ─────────  ────────────  ──────────────────  ───────────  ───────────
    any actor     0.9999750  13 min 9 s ± 7.9 s         4.78   2 min 45 s

    Other conditions of standard:

    up         availability     downtime per year  failures/yr  mean outage
    ─────────  ────────────  ────────────────────  ───────────  ───────────
    any actor      0.999751  2 h 11 min ± 1.3 min        47.66   2 min 45 s

    The models' own measures:

    design    measure                       value
    ────────  ────────────────  ─────────────────
    actor     restarts per day  0.06520 ± 0.00040
    standard  restarts per day  0.06520 ± 0.00040

    Downtime of actor by the transition that began the outage:

    up       cause                share   downtime per year  outages/yr
    ───────  ───────────  ─────────────  ──────────────────  ──────────
    service  Actor.Crash  0.830 ± 0.020  5 min 27 s ± 8.0 s        1.98

    Downtime of actor by the phase of the outage:

    up       phase              share   downtime per year  times/yr
    ───────  ─────────  ─────────────  ──────────────────  ────────
    service  detection  0.700 ± 0.020  4 min 36 s ± 8.0 s      1.40

    Failures that led to the outages of actor, with those while they lasted:

    up       failures                  seen  outages/yr  of outages  of downtime
    ───────  ────────────────────────  ────  ──────────  ──────────  ───────────
    service  Actor.Crash → Host.Crash    12        1.40         4 %         10 %

    Year by year:

    design  up       measure                                  value
    ──────  ───────  ───────────────────────  ─────────────────────
    actor   service  first year availability  0.9999900 ± 0.0000020

    Expectations
    ------------

    - ok: standard at mtbf = 2208 h: service, availability: expected 0.9998754 ± 0.0000010 [renewal
      theory]; computed 0.9998754 ± 0.0000060
    - FAILED: standard at mtbf = 2208 h: service, availability: expected 0.9900000 ± 0.0000010 [renewal
      theory]; computed 0.9998754 ± 0.0000060

    How it was computed
    -------------------

    design    mtbf    method        warm-up     observed  outages  firings  precision
    ────────  ──────  ────────────  ───────  ───────────  ───────  ───────  ─────────
    actor     2208 h  replications   24.7 y  64 × 98.2 y   41.2 k   12.3 M        1 %
    standard  2208 h  replications   24.7 y  64 × 98.2 y   41.2 k   12.3 M        1 %

    - replications: the clocks are not exponential
    - warm-up: pilot: ages of 6 clocks
    - fivenines 0.1.0, seed 1; actor: 0123456789ab; standard: fedcba987654

    Spent: 3.21 s on 2 threads, 24.7 M firings.
    "#);
}

#[test]
fn text_of_a_poor_outcome() {
    insta::assert_snapshot!(Report::new(poor()).text(), @r#"
    Table 1
    =======

    Interrupted: this is what was known by then; the precision asked for was not reached everywhere.

    Results
    -------

    Leading condition: "service", with 95 % intervals.

    design    availability    nines  downtime per year  failures/yr  mean outage
    ──────  ──────────────  ───────  ─────────────────  ───────────  ───────────
    a|b     ≥ 0.9999999000  ≥ 7.000           ≤ 3.15 s    ≤ 0.03050            –

    Details
    -------

    - bounds of service: no outage in 3.1e9 s

    How it was computed
    -------------------

    design  method        warm-up     observed  outages  firings    precision
    ──────  ────────────  ───────  ───────────  ───────  ───────  ───────────
    a|b     replications   24.7 y  64 × 98.2 y        0   12.3 M  not reached

    - replications: the clocks are not exponential
    - warm-up: pilot: ages of 6 clocks
    - fivenines 0.1.0, seed 1

    Warnings
    --------

    - precision not reached for a|b

    Spent: 3.21 s on 2 threads, 24.7 M firings.
    "#);
}

#[test]
fn markdown_of_both() {
    insta::assert_snapshot!(Report::new(complete()).markdown(), @r#"
    # Table 1

    Availability of the actor-based and the standard server.

    ## Results

    Leading condition: "service", with 95 % intervals.

    | design   | mtbf   |            availability | nines |     downtime per year | failures/yr | mean outage |
    | -------- | ------ | ----------------------: | ----: | --------------------: | ----------: | ----------: |
    | actor    | 2208 h | 0.99998750 ± 0.00000013 | 4.903 |    6 min 34 s ± 3.9 s |        2.39 |  2 min 45 s |
    | standard | 2208 h |   0.9998754 ± 0.0000012 | 3.904 | 1 h 5 min 32 s ± 39 s |       23.83 |  2 min 45 s |

    ## Published and computed

    | design | mtbf   | measure      |                   published |               computed | factor |
    | ------ | ------ | ------------ | --------------------------: | ---------------------: | -----: |
    | actor  | 2208 h | availability | 0.9993507 = 5 h 41 min 30 s | 0.9999875 = 6 min 34 s |   51.9 |

    Published in: thesis, Table 2. Behind an availability stands its downtime per year; the factor is published over computed downtime, or value.

    ## Comparisons

    - actor at mtbf = 2208 h is down 0.1003 ± 0.0014 times as long as standard, so standard is down 9.97 times as long; that is 58 min 58 s/yr ± 39 s less; actor is down less with over 99.99 % confidence; the chance that actor has less downtime in one year is 0.620 ± 0.010 (paired: 64 pairs of observations with the same random numbers, which saved 48 % of the variance)
    - ranks at mtbf = 2208 h, least downtime first: 1. actor, 2.–3. standard, 2.–3. other (all of them true with 95 % confidence, by Holm)
    - actor and standard are down equally long at restart = 1 min 27 s ± 1.2 s; below that actor is down less, above it standard (interpolated between 5 values)

    ## Details at mtbf = 2208 h

    Other conditions of actor:

    | up        | availability |  downtime per year | failures/yr | mean outage |
    | --------- | -----------: | -----------------: | ----------: | ----------: |
    | any actor |    0.9999750 | 13 min 9 s ± 7.9 s |        4.78 |  2 min 45 s |

    Other conditions of standard:

    | up        | availability |    downtime per year | failures/yr | mean outage |
    | --------- | -----------: | -------------------: | ----------: | ----------: |
    | any actor |     0.999751 | 2 h 11 min ± 1.3 min |       47.66 |  2 min 45 s |

    The models' own measures:

    | design   | measure          |             value |
    | -------- | ---------------- | ----------------: |
    | actor    | restarts per day | 0.06520 ± 0.00040 |
    | standard | restarts per day | 0.06520 ± 0.00040 |

    Downtime of actor by the transition that began the outage:

    | up      | cause       |         share |  downtime per year | outages/yr |
    | ------- | ----------- | ------------: | -----------------: | ---------: |
    | service | Actor.Crash | 0.830 ± 0.020 | 5 min 27 s ± 8.0 s |       1.98 |

    Downtime of actor by the phase of the outage:

    | up      | phase     |         share |  downtime per year | times/yr |
    | ------- | --------- | ------------: | -----------------: | -------: |
    | service | detection | 0.700 ± 0.020 | 4 min 36 s ± 8.0 s |     1.40 |

    Failures that led to the outages of actor, with those while they lasted:

    | up      | failures                 | seen | outages/yr | of outages | of downtime |
    | ------- | ------------------------ | ---: | ---------: | ---------: | ----------: |
    | service | Actor.Crash → Host.Crash |   12 |       1.40 |        4 % |        10 % |

    Year by year:

    | design | up      | measure                 |                 value |
    | ------ | ------- | ----------------------- | --------------------: |
    | actor  | service | first year availability | 0.9999900 ± 0.0000020 |

    ## Expectations

    - ok: standard at mtbf = 2208 h: service, availability: expected 0.9998754 ± 0.0000010 \[renewal theory]; computed 0.9998754 ± 0.0000060
    - FAILED: standard at mtbf = 2208 h: service, availability: expected 0.9900000 ± 0.0000010 \[renewal theory]; computed 0.9998754 ± 0.0000060

    ## How it was computed

    | design   | mtbf   | method       | warm-up |    observed | outages | firings | precision |
    | -------- | ------ | ------------ | ------: | ----------: | ------: | ------: | --------: |
    | actor    | 2208 h | replications |  24.7 y | 64 × 98.2 y |  41.2 k |  12.3 M |       1 % |
    | standard | 2208 h | replications |  24.7 y | 64 × 98.2 y |  41.2 k |  12.3 M |       1 % |

    - replications: the clocks are not exponential
    - warm-up: pilot: ages of 6 clocks
    - fivenines 0.1.0, seed 1; actor: 0123456789ab; standard: fedcba987654

    Spent: 3.21 s on 2 threads, 24.7 M firings.
    "#);
    insta::assert_snapshot!(Report::new(poor()).markdown(), @r#"
    # Table 1

    Interrupted: this is what was known by then; the precision asked for was not reached everywhere.

    ## Results

    Leading condition: "service", with 95 % intervals.

    | design |   availability |   nines | downtime per year | failures/yr | mean outage |
    | ------ | -------------: | ------: | ----------------: | ----------: | ----------: |
    | a\|b   | ≥ 0.9999999000 | ≥ 7.000 |          ≤ 3.15 s |   ≤ 0.03050 |           – |

    ## Details

    - bounds of service: no outage in 3.1e9 s

    ## How it was computed

    | design | method       | warm-up |    observed | outages | firings |   precision |
    | ------ | ------------ | ------: | ----------: | ------: | ------: | ----------: |
    | a\|b   | replications |  24.7 y | 64 × 98.2 y |       0 |  12.3 M | not reached |

    - replications: the clocks are not exponential
    - warm-up: pilot: ages of 6 clocks
    - fivenines 0.1.0, seed 1

    ## Warnings

    - precision not reached for a\|b

    Spent: 3.21 s on 2 threads, 24.7 M firings.
    "#);
}

#[test]
fn csv_of_both() {
    insta::assert_snapshot!(Report::new(complete()).csv(), @r"
    design,mtbf,up,measure,estimate,low,high,unit,confidence,reached,bound_side,bound,mtbf in s
    actor,2208 h,service,availability,0.9999875,0.999987375,0.999987625,,0.95,1.2500156251953152e-7,,,7948800.0
    actor,2208 h,service,unavailability,1.25e-5,1.2375000000000001e-5,1.2625e-5,,0.95,0.010000000000000002,,,7948800.0
    actor,2208 h,service,nines,4.903089986991944,4.898789986991944,4.9073899869919435,,0.95,0.0008769979770732413,,,7948800.0
    actor,2208 h,service,downtime per year,394.47,390.5253,398.41470000000004,s/y,0.95,0.01,,,7948800.0
    actor,2208 h,service,failures per year,2.390727272727273,2.370727272727273,2.410727272727273,1/y,0.95,0.008365655182903643,,,7948800.0
    actor,2208 h,service,mean outage,165.0,163.4,166.6,s,0.95,0.009696969696969697,,,7948800.0
    actor,2208 h,any actor,availability,0.999975,0.9999747499999999,0.99997525,,0.95,2.5000625015625397e-7,,,7948800.0
    actor,2208 h,any actor,unavailability,2.5e-5,2.4750000000000002e-5,2.525e-5,,0.95,0.010000000000000002,,,7948800.0
    actor,2208 h,any actor,nines,4.6020599913279625,4.597759991327963,4.606359991327962,,0.95,0.0009343641778036013,,,7948800.0
    actor,2208 h,any actor,downtime per year,788.94,781.0506,796.8294000000001,s/y,0.95,0.01,,,7948800.0
    actor,2208 h,any actor,failures per year,4.781454545454546,4.761454545454546,4.801454545454545,1/y,0.95,0.004182827591451822,,,7948800.0
    actor,2208 h,any actor,mean outage,165.0,163.4,166.6,s,0.95,0.009696969696969697,,,7948800.0
    actor,2208 h,service,first year availability,0.99999,0.9999880000000001,0.999992,,0.95,2.000020000200002e-6,,,7948800.0
    actor,2208 h,,restarts per day,0.0652,0.0648,0.06559999999999999,,0.95,0.006134969325153375,,,7948800.0
    actor,2208 h,service,share of downtime by Actor.Crash,0.83,0.8099999999999999,0.85,,0.95,0.024096385542168676,,,7948800.0
    actor,2208 h,service,downtime per year by Actor.Crash,327.0,319.0,335.0,s/y,0.95,0.024464831804281346,,,7948800.0
    actor,2208 h,service,outages per year by Actor.Crash,1.98,1.93,2.03,1/y,0.95,0.025252525252525256,,,7948800.0
    actor,2208 h,service,share of downtime by Actor.Crash in detection,0.6,,,,0.95,,,,7948800.0
    actor,2208 h,service,share of downtime by Actor.Crash in restart,0.23,,,,0.95,,,,7948800.0
    actor,2208 h,service,share of downtime in detection,0.7,0.6799999999999999,0.72,,0.95,0.028571428571428574,,,7948800.0
    actor,2208 h,service,downtime per year in detection,276.0,268.0,284.0,s/y,0.95,0.028985507246376812,,,7948800.0
    actor,2208 h,service,times per year in detection,1.4,1.3499999999999999,1.45,1/y,0.95,0.03571428571428572,,,7948800.0
    standard,2208 h,service,availability,0.9998754,0.999874154,0.9998766459999999,,0.95,1.24615527094676e-6,,,7948800.0
    standard,2208 h,service,unavailability,0.0001246,0.000123354,0.000125846,,0.95,0.01,,,7948800.0
    standard,2208 h,service,nines,3.904481957676849,3.900181957676849,3.908781957676849,,0.95,0.0011012984684294668,,,7948800.0
    standard,2208 h,service,downtime per year,3932.07696,3892.7561904,3971.3977296,s/y,0.95,0.01,,,7948800.0
    standard,2208 h,service,failures per year,23.830769454545454,23.810769454545454,23.850769454545453,1/y,0.95,0.0008392511218803815,,,7948800.0
    standard,2208 h,service,mean outage,165.0,163.4,166.6,s,0.95,0.009696969696969697,,,7948800.0
    standard,2208 h,any actor,availability,0.9997508,0.999748308,0.9997532920000001,,0.95,2.4926211611933692e-6,,,7948800.0
    standard,2208 h,any actor,unavailability,0.0002492,0.000246708,0.000251692,,0.95,0.01,,,7948800.0
    standard,2208 h,any actor,nines,3.603451962012868,3.599151962012868,3.6077519620128684,,0.95,0.001193300214719123,,,7948800.0
    standard,2208 h,any actor,downtime per year,7864.15392,7785.5123808,7942.7954592,s/y,0.95,0.01,,,7948800.0
    standard,2208 h,any actor,failures per year,47.66153890909091,47.641538909090904,47.68153890909091,1/y,0.95,0.00041962556094019075,,,7948800.0
    standard,2208 h,any actor,mean outage,165.0,163.4,166.6,s,0.95,0.009696969696969697,,,7948800.0
    standard,2208 h,,restarts per day,0.0652,0.0648,0.06559999999999999,,0.95,0.006134969325153375,,,7948800.0
    actor,2208 h,,unavailability over that of standard,0.1003,0.0989,0.1017,,0.95,0.013958125623130608,,,7948800.0
    actor,2208 h,,downtime per year less that of standard,-3537.6,-3576.6,-3498.6,s/y,0.95,-0.011024423337856174,,,7948800.0
    actor,2208 h,,chance of less downtime in a year than standard,0.62,0.61,0.63,,0.95,0.016129032258064516,,,7948800.0
    actor,,,restart of equal downtime with standard,86.9,85.7,88.10000000000001,s,0.95,0.01380897583429229,,,
    ");
    insta::assert_snapshot!(Report::new(poor()).csv(), @r"
    design,up,measure,estimate,low,high,unit,confidence,reached,bound_side,bound
    a|b,service,availability,,,,,0.95,,lower,0.9999999
    a|b,service,unavailability,,,,,0.95,,upper,1e-7
    a|b,service,nines,,,,,0.95,,lower,7.0
    a|b,service,downtime per year,,,,s/y,0.95,,upper,3.15
    a|b,service,failures per year,,,,1/y,0.95,,upper,0.0305
    a|b,service,mean outage,,,,s,0.95,,,
    ");
}

#[test]
fn json_of_a_poor_outcome() {
    insta::assert_snapshot!(Report::new(poor()).json(), @r#"
    {
      "schema": 1,
      "version": "0.1.0",
      "scenario": "Table 1",
      "doc": null,
      "seed": 1,
      "digests": {},
      "points": [
        {
          "design": "a|b",
          "at": {},
          "method": "replications",
          "because": "the clocks are not exponential",
          "primary": "service",
          "up": {
            "service": {
              "availability": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "",
                "reached": null,
                "bound": {
                  "side": "lower",
                  "value": 0.9999999,
                  "because": "no outage in 3.1e9 s"
                }
              },
              "unavailability": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "",
                "reached": null,
                "bound": {
                  "side": "upper",
                  "value": 1e-7,
                  "because": "no outage in 3.1e9 s"
                }
              },
              "nines": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "",
                "reached": null,
                "bound": {
                  "side": "lower",
                  "value": 7.0,
                  "because": "no outage in 3.1e9 s"
                }
              },
              "downtime per year": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "s/y",
                "reached": null,
                "bound": {
                  "side": "upper",
                  "value": 3.15,
                  "because": "no outage in 3.1e9 s"
                }
              },
              "failures per year": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "1/y",
                "reached": null,
                "bound": {
                  "side": "upper",
                  "value": 0.0305,
                  "because": "no outage in 3.1e9 s"
                }
              },
              "mean outage": {
                "estimate": null,
                "low": null,
                "high": null,
                "confidence": 0.95,
                "unit": "s",
                "reached": null
              }
            }
          },
          "measures": {},
          "warmup": {
            "removed": 780000000.0,
            "length": 3100000000.0,
            "because": "pilot: ages of 6 clocks"
          },
          "ended": "budget",
          "observations": 64,
          "outages": 0,
          "observed": 200000000000.0,
          "firings": 12345678
        }
      ],
      "comparisons": [],
      "rankings": [],
      "crossings": [],
      "verdicts": [],
      "published": [],
      "warnings": [
        "precision not reached for a|b"
      ],
      "interrupted": true,
      "spent": {
        "seconds": 3.21,
        "threads": 2,
        "firings": 24691356
      }
    }
    "#);
}

#[test]
fn lines_for_a_folder() {
    let mut all_hold = complete();
    all_hold.verdicts.pop();
    insta::assert_snapshot!(Report::new(complete()).line("a.ron"), @"FAILED  a.ron: 1 of 2 expectations fail: standard at mtbf = 2208 h: service, availability");
    insta::assert_snapshot!(Report::new(all_hold).line("a.ron"), @"ok      a.ron: 1 of 1 expectations hold");
    insta::assert_snapshot!(Report::new(poor()).line("a.ron"), @"done    a.ron: 1 points, no expectations (interrupted)");
}

#[test]
fn json_survives_being_read_back() {
    for outcome in [complete(), poor()] {
        let report = Report::new(outcome);
        let back: Report = serde_json::from_str(&report.json()).expect("the report reads its own JSON");
        assert_eq!(back, report);
    }
}

#[test]
fn what_was_spent_comes_last_so_that_it_can_be_cut_off() {
    let json = Report::new(complete()).json();
    let keys: IndexMap<String, serde_json::Value> = serde_json::from_str(&json).expect("one object");
    let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
    assert_eq!(keys.first(), Some(&"schema"));
    assert_eq!(keys.last(), Some(&"spent"));
    for key in ["scenario", "seed", "version", "digests", "points", "comparisons", "verdicts", "published"] {
        assert!(keys.contains(&key), "{key} is missing");
    }
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
