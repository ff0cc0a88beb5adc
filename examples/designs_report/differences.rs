//! Neighbours in the ranking as pairs: by how much one is down longer, and spoils more calls, than the one before it.

use crate::designs::{Designs, SCENARIO};
use crate::folder::Folder;
use crate::table::{head, row};
use crate::{run, seeds};
use fivenines::experiment::Overrides;
use fivenines::experiment::outcome::{Comparison, Point, Taken};
use fivenines::report::duration;
use fivenines::stats::{Estimate, quantile};
use std::path::Path;

/// Independent runs for the differences of measures, whose observations a single run doesn't keep, and observations of
/// each design in one.
const RUNS: u64 = 16;
const OBSERVATIONS: u64 = 32;

/// Their seeds: not that of the report.
const SEED: u64 = 1000;

const CONFIDENCE: f64 = 0.95;

/// What is told beside the downtime, of a million calls.
const MEASURES: [&str; 2] = ["defects per million", "dropped per million"];

pub fn section(root: &Path, designs: &Designs) -> Result<String, String> {
    let Some(ranking) = designs.outcome.rankings.first() else { return Err("no ranking".to_owned()) };
    let runs = seeds::each(RUNS, |index| one(root, index));
    let runs: Vec<Vec<Point>> = runs.into_iter().collect::<Result<_, String>>()?;
    let mut text = HEAD.replace("RUNS", &RUNS.to_string());
    let heading = [
        "design",
        "against the one before",
        "more downtime a year",
        "sign sure to",
        "variance saved by pairs",
        "more defects of a million",
        "sign sure to",
        "more dropped of a million",
        "sign sure to",
    ];
    text += &head(2, &heading);
    for of in &ranking.neighbours {
        let mut cells = vec![of.design.clone(), of.against.clone()];
        cells.extend(downtimes(of));
        for measure in MEASURES {
            cells.extend(told(&differences(&runs, of, measure)?));
        }
        text += &row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    Ok(text)
}

/// All designs, under the random numbers of one seed.
fn one(root: &Path, index: u64) -> Result<Vec<Point>, String> {
    let overrides = Overrides { seed: Some(SEED + index), ..Overrides::default() };
    let mut plan = run::plan(&Folder(root), SCENARIO, &overrides)?;
    plan.settings.replications = Some(OBSERVATIONS);
    run::run(&plan, 1).map(|outcome| outcome.points).map_err(|fault| format!("{SCENARIO}: {fault}"))
}

fn downtimes(of: &Comparison) -> [String; 3] {
    let signed = |seconds: f64| if seconds < 0.0 { format!("−{}", duration(-seconds)) } else { duration(seconds) };
    let difference = match (of.difference.estimate, of.difference.low, of.difference.high) {
        (Some(value), Some(low), Some(high)) if low < high => {
            // What lies so deep within its interval is rounding.
            let value = if value.abs() < 0.005 * (high - low) { 0.0 } else { value };
            format!("{} ({} to {})", signed(value), signed(low), signed(high))
        }
        (Some(value), ..) => signed(value),
        _ => "–".to_owned(),
    };
    let sure = of.less.as_ref().map_or("–".to_owned(), |less| confidence(less.confidence));
    let saved = match of.pairing.taken {
        Taken::Paired => of.pairing.saved.map_or("–".to_owned(), |saved| format!("{:.0} %", 100.0 * saved)),
        _ => format!("– ({})", of.pairing.because),
    };
    [difference, sure, saved]
}

/// A design's measure less that of the one before it, in each run.
fn differences(runs: &[Vec<Point>], of: &Comparison, measure: &str) -> Result<Vec<f64>, String> {
    let value = |points: &[Point], design: &str| {
        let point = points.iter().find(|point| point.design == design)?;
        point.measures.get(measure)?.estimate
    };
    let one = |points: &Vec<Point>| Some(value(points, &of.design)? - value(points, &of.against)?);
    let found: Option<Vec<f64>> = runs.iter().map(one).collect();
    found.ok_or_else(|| format!("{SCENARIO}: a run has no {measure} of {} or {}", of.design, of.against))
}

/// Mean with its interval (Student), and the confidence in its sign.
fn told(differences: &[f64]) -> [String; 2] {
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let squares = differences.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    let error = libm::sqrt(squares / (n - 1.0) / n);
    let half = quantile::student(0.5 + 0.5 * CONFIDENCE, n - 1.0) * error;
    let of = Estimate::between(Some(mean), Some((mean - half, mean + half)), CONFIDENCE, "");
    let number = |value: Option<f64>| {
        value.map_or(String::new(), |value| {
            // No −0.0.
            format!("{:.1}", libm::round(10.0 * value) / 10.0 + 0.0).replace('-', "−")
        })
    };
    let sure = if error > 0.0 {
        confidence(1.0 - quantile::student_survival(mean.abs() / error, n - 1.0))
    } else {
        "–".to_owned()
    };
    [format!("{} ({} to {})", number(of.estimate), number(of.low), number(of.high)), sure]
}

/// Never 100 %.
fn confidence(of: f64) -> String {
    match 1.0 - of {
        doubt if doubt < 1e-4 => "over 99.99 %".to_owned(),
        doubt if doubt < 1e-2 => format!("{:.2} %", 100.0 * of),
        _ => format!("{:.0} %", 100.0 * of),
    }
}

const HEAD: &str = "\
Each design against the one before it in the order of downtime, under the same faults (common random numbers). The downtimes are
those of the first table, their intervals (95 %) know what the two share where that is known, and the confidence is that in the
sign of this pair alone. Differences of calls are those of RUNS shorter runs with seeds of their own, in each of which all designs
have the same faults: mean, interval (Student) and sign. A row whose sign is as likely as a coin's says that the two can't be told
apart, not that they are alike.

";
