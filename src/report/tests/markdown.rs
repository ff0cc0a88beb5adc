//! The Markdown of an outcome.

use super::{complete, poor};
use crate::report::Report;

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

    Each design against the one before it in its ranking, by what they share; the confidence is that in the sign, of this pair alone.

    | design   | mtbf   | against the one before | more downtime per year | times as long | sign sure to | taken as |
    | -------- | ------ | ---------------------- | ---------------------: | ------------: | -----------: | -------: |
    | standard | 2208 h | actor                  |     58 min 58 s ± 39 s |   9.97 ± 0.14 | over 99.99 % |   paired |

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
