//! What is told in a sentence: comparisons, expectations, what was spent.

use super::quantity::{Kind, count, duration, estimate, number};
use crate::experiment::outcome::{Comparison, Crossing, Outcome, Verdict, label};
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
        Some(_) if low <= 1.0 && high >= 1.0 => "; the interval holds 1, so neither is shown to be better".into(),
        _ => String::new(),
    };
    let reason = of.ratio.bound.as_ref().map_or(String::new(), |bound| format!(" ({})", bound.because));
    format!("{head} is down {ratio} times as long as {}{tail}{reason}", of.against)
}

/// Where the order of two designs changes along the sweep.
pub(super) fn crossing(of: &Crossing) -> String {
    let Crossing { design, against, parameter, value, better_below, better_above, how } = of;
    let at = estimate(value, Kind::of(parameter, &value.unit));
    format!(
        "{design} and {against} are down equally long at {parameter} = {at}; below that {better_below} is down less, \
         above it {better_above} ({how})"
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

/// Time, threads and firings.
pub(super) fn spent(outcome: &Outcome) -> String {
    let spent = &outcome.spent;
    let threads = if spent.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", spent.threads) };
    let time = duration(spent.seconds, None);
    format!("Spent: {time} on {threads}, {} firings.", count(spent.firings))
}
