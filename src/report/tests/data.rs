//! CSV and JSON of an outcome, and the way back.

use super::{complete, poor};
use crate::report::Report;
use indexmap::IndexMap;

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
    standard,2208 h,,unavailability over that of actor,9.97,9.83,10.110000000000001,,0.95,0.014042126379137413,,,7948800.0
    standard,2208 h,,downtime per year less that of actor,3537.6,3498.6,3576.6,s/y,0.95,0.011024423337856174,,,7948800.0
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
