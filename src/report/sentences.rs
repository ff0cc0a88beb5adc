//! What is told in a sentence: comparisons, expectations, what was spent.

use super::quantity::{Kind, count, duration, estimate, exact, number, percent};
use crate::experiment::outcome::{
    Comparison, CrossCheck, Crossing, Deviation, Outcome, Pairing, Ranked, Ranking, Taken, Trust, Verdict, label,
    values,
};
use crate::stats::Estimate;

/// The first design against another one.
pub(super) fn comparison(of: &Comparison) -> String {
    let head = label(&of.design, &of.at);
    let ratio = estimate(&of.ratio, Kind::Number);
    let (low, high) = (of.ratio.low.unwrap_or(0.0), of.ratio.high.unwrap_or(f64::INFINITY));
    let tail = match of.ratio.estimate {
        Some(ratio) if ratio > 0.0 && high < 1.0 => {
            format!(", so {} is down {} times as long", of.against, number(1.0 / ratio, Some(0.05 / ratio)))
        }
        Some(_) if low < 1.0 && high > 1.0 => "; the interval holds 1, so neither is shown to be better".into(),
        _ => String::new(),
    };
    let mut text = format!("{head} is down {ratio} times as long as {}{tail}", of.against);
    if of.difference.estimate.is_some() {
        let sign = if of.difference.estimate < Some(0.0) { "less" } else { "more" };
        text += &format!("; that is {} {sign}", estimate(&magnitude(&of.difference), Kind::PerYear));
    }
    if let Some(less) = &of.less {
        text += &format!("; {} is down less with {} confidence", less.design, confidence(less.confidence));
    }
    if let Some(year) = &of.year {
        let chance = estimate(year, Kind::Number);
        text += &format!("; the chance that {} has less downtime in one year is {chance}", of.design);
    }
    text + &format!(" ({})", pairing(&of.pairing))
}

/// An estimate without its sign: how much more or less.
fn magnitude(of: &Estimate) -> Estimate {
    match of.estimate {
        Some(value) if value < 0.0 => {
            let ends = of.high.zip(of.low).map(|(high, low)| (-high, -low));
            Estimate::between(Some(-value), ends, of.confidence, &of.unit)
        }
        _ => of.clone(),
    }
}

/// Never 100 %: only exact values leave no doubt, and they say so.
pub(super) fn confidence(of: f64) -> String {
    match 1.0 - of {
        doubt if doubt < 1e-4 => "over 99.99 %".into(),
        doubt if doubt < 1e-2 => format!("{:.2} %", 100.0 * of),
        _ => format!("{:.0} %", 100.0 * of),
    }
}

/// How an interval takes two designs, in a word or two.
pub(super) fn taken(of: &Pairing) -> &'static str {
    match of.taken {
        Taken::Paired => "paired",
        Taken::Independent => "independent",
        Taken::Bounded => "opposed",
        Taken::Exact => "exact",
    }
}

fn pairing(of: &Pairing) -> String {
    let taken = match of.taken {
        Taken::Independent | Taken::Bounded => format!("taken as {}", taken(of)),
        Taken::Paired | Taken::Exact => taken(of).to_owned(),
    };
    // A correlation within two standard errors of none says nothing.
    let plain = of.correlation.is_some_and(|r| r.abs() * (of.pairs as f64).sqrt() >= 2.0);
    let saved = match of.saved.filter(|_| plain && of.taken == Taken::Paired) {
        Some(saved) if saved < 0.0 => format!(", which cost {} of variance", percent(-saved)),
        Some(saved) => format!(", which saved {} of the variance", percent(saved)),
        None => String::new(),
    };
    format!("{taken}: {}{saved}", of.because)
}

/// The designs of a point by downtime; two designs have their order in one sentence already.
pub(super) fn ranking(of: &Ranking) -> Option<String> {
    if of.designs.len() < 3 {
        return None;
    }
    let one = |ranked: &Ranked| match ranked.best == ranked.worst {
        true => format!("{}. {}", ranked.best, ranked.design),
        false => format!("{}.–{}. {}", ranked.best, ranked.worst, ranked.design),
    };
    let list: Vec<String> = of.designs.iter().map(one).collect();
    let place = if of.at.is_empty() { String::new() } else { format!(" at {}", values(&of.at)) };
    let sure = percent(of.confidence);
    Some(format!(
        "ranks{place}, least downtime first: {} (all of them true with {sure} confidence, by Holm)",
        list.join(", ")
    ))
}

/// Where the order of two designs changes along the sweep.
pub(super) fn crossing(of: &Crossing) -> String {
    let Crossing { at, design, against, parameter, value, counts, better_below, better_above, how } = of;
    let place = if at.is_empty() { String::new() } else { format!("{}: ", values(at)) };
    let kind = Kind::of(parameter, &value.unit);
    let end = |end: f64| exact(end, kind) + &kind.suffix(&value.unit);
    if *counts && value.estimate.is_none() {
        let between = match (value.low, value.high) {
            (Some(low), Some(high)) => format!("between {parameter} = {} and {}", end(low), end(high)),
            (Some(low), None) => format!("above {parameter} = {}", end(low)),
            (None, Some(high)) => format!("below {parameter} = {}", end(high)),
            (None, None) => format!("along {parameter}"),
        };
        return format!(
            "{place}{design} and {against} change their order {between}, of whole numbers; before that {better_below} is down \
             less, behind it {better_above} ({how})"
        );
    }
    let reach = match (value.low, value.high) {
        (Some(low), None) => format!(" (above {})", end(low)),
        (None, Some(high)) => format!(" (below {})", end(high)),
        _ => String::new(),
    };
    format!(
        "{place}{design} and {against} are down equally long at {parameter} = {}{reach}; below that {better_below} is down less, \
         above it {better_above} ({how})",
        estimate(value, kind)
    )
}

/// What was expected, what came out, whether they agree.
pub(super) fn verdict(of: &Verdict) -> String {
    let word = if of.holds { "ok" } else { "FAILED" };
    let name = of.what.rsplit(", ").next().unwrap_or("");
    let kind = Kind::of(name, &of.estimate.unit);
    let (low, high) = (Some(of.expected - of.tolerance), Some(of.expected + of.tolerance));
    let expected = Estimate { estimate: Some(of.expected), low, high, bound: None, ..of.estimate.clone() };
    let (expected, computed) = (estimate(&expected, kind), estimate(&of.estimate, kind));
    format!("{word}: {}: expected {expected} [{}]; computed {computed}", of.what, of.source)
}

/// What the exact engine says to a simulated point.
pub(super) fn cross_check(of: &CrossCheck) -> String {
    let place = label(&of.design, &of.at);
    let most = number(of.threshold, Some(0.05));
    match of.agrees {
        None => format!("{place}: not checked: {}", of.because),
        Some(true) => {
            let distance =
                |d: &Deviation| d.z.map(|z| format!(", at most {} (`{}`)", number(z.abs(), Some(0.05)), d.what));
            let furthest = of.furthest.as_ref().and_then(distance).unwrap_or_default();
            format!(
                "ok: {place}: {} measures within {most} standard errors of the exact values{furthest} [{}]",
                of.compared, of.because
            )
        }
        Some(false) => {
            let list: Vec<String> = of.disagreeing.iter().map(deviation).collect();
            format!(
                "DISAGREES: {place}: {} of {} measures lie further than {most} standard errors from the exact values: {} [{}]",
                list.len(),
                of.compared,
                list.join("; "),
                of.because
            )
        }
    }
}

fn deviation(of: &Deviation) -> String {
    let name = of.what.rsplit(", ").next().unwrap_or("");
    let kind = Kind::of(name, &of.simulated.unit);
    let (simulated, exact) = (estimate(&of.simulated, kind), estimate(&exactly(of), kind));
    let z = of.z.map_or(String::new(), |z| format!(", z = {}", number(z, Some(0.05))));
    format!("{}: {simulated} simulated, {exact} exact{z}", of.what)
}

fn exactly(of: &Deviation) -> Estimate {
    Estimate::between(Some(of.exact), Some((of.exact, of.exact)), of.simulated.confidence, &of.simulated.unit)
}

/// How far a method of rare events can be trusted.
pub(super) fn trust(of: &Trust) -> String {
    let [mean, deviation] = of.mean_weight;
    let spread = of.spread.map_or(String::new(), |spread| {
        format!("; ten independent runs differ {spread:.1} times as much as the interval says")
    });
    format!(
        "trust: effective sample size {} of {} {} that were down, among {}; the greatest has {:.1} % of the downtime; mean \
         weight {mean:.4} ± {deviation:.4} instead of 1{spread}",
        count(of.effective as u64),
        count(of.down),
        of.piece.words(),
        count(of.pieces),
        100.0 * of.greatest_share
    )
}

/// Time, threads and firings.
pub(super) fn spent(outcome: &Outcome) -> String {
    let spent = &outcome.spent;
    let threads = if spent.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", spent.threads) };
    let time = duration(spent.seconds, None);
    format!("Spent: {time} on {threads}, {} firings.", count(spent.firings))
}
