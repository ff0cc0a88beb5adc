//! What is wrong with a measure that has a time of its own is told with its code, at its place.

use super::machine;
use fivenines::diag::{Diagnostics, Sources};
use fivenines::net::load::Memory;
use fivenines::net::{Limits, flatten};

/// Codes of what is wrong with a measure, and the texts that they point at.
fn told(measure: &str) -> Vec<(&'static str, String)> {
    let memory = Memory::new().with("main.ron", machine(&format!(r#""m": "{measure}""#)));
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let net = flatten(&memory, &mut sources, "main.ron", &[], &Limits::default(), &mut found);
    assert_eq!(net.is_some(), !found.has_errors());
    let text = |d: &fivenines::diag::Diagnostic| {
        let span = d.primary.span;
        sources.get(span.source).text[span.start as usize..span.end as usize].to_string()
    };
    found.sorted().iter().map(|d| (d.code, text(d))).collect()
}

#[test]
fn misuse_is_told_where_it_stands() {
    for (measure, code, place) in [
        ("P{#Up == 1} @ -1 h", "E0518", "-1 h"),
        ("P{#Up == 1} over [2 h, 1 h]", "E0518", "2 h, 1 h"),
        ("P{#Up == 1} over [2 h, 2 h]", "E0518", "2 h, 2 h"),
        ("P{#Up == 1} over [-2 h, 2 h]", "E0518", "-2 h"),
        ("P{#Up == 1} @ 3", "E0504", "3"),
        ("P{#Up == 1} @ 2 * mttf", "E0504", "2"),
        ("P(availability{#Up == 1} over [0, 1 h] >= 101 %)", "E0518", "101 %"),
        ("P(outage{#Up == 1} > -1 s)", "E0518", "-1 s"),
        ("P(outage{#Up == 1} > 3)", "E0504", "3"),
        ("P(outages{#Up == 1} over [0, 1 h] > 3 s)", "E0504", "3 s"),
        ("quantile(1, outage{#Up == 1})", "E0519", "1"),
        ("quantile(0, outage{#Up == 1})", "E0519", "0"),
        ("quantile(99, outage{#Up == 1})", "E0519", "99"),
        ("quantile(0.5)", "E0507", "quantile(0.5)"),
        ("quantile(0.5, #Up)", "E0520", "#Up"),
        ("excess(outages{#Up == 1} over [0, 1 h], 3)", "E0520", "outages{#Up == 1} over [0, 1 h]"),
        ("P(outage{#Up == 1})", "E0507", "P(outage{#Up == 1})"),
        ("reliability{#Up == 1}", "E0520", "reliability{#Up == 1}"),
        ("reliability{#Up == 1} over [0, 1 h]", "E0520", "reliability{#Up == 1} over [0, 1 h]"),
        ("downtime{#Up == 1}", "E0520", "downtime{#Up == 1}"),
        ("outage{#Up == 1} over [0, 1 h]", "E0520", "outage{#Up == 1} over [0, 1 h]"),
        ("outage{#Up == 1} @ 1 h", "E0520", "outage{#Up == 1} @ 1 h"),
        ("first{#Up == 1} @ 1 h", "E0520", "first{#Up == 1} @ 1 h"),
        ("first{#Up == 1} over [0, 1 h]", "E0520", "first{#Up == 1} over [0, 1 h]"),
        ("excess(first{#Up == 1}, 1 h)", "E0520", "first{#Up == 1}"),
        ("P(first{#Up == 1} > 3)", "E0504", "3"),
        ("P(reached{#Up == 1} > 0.5)", "E0520", "reached{#Up == 1}"),
        ("rate(Fail) @ 1 h", "E0520", "rate(Fail) @ 1 h"),
        ("P{#Up == 1} @ 1 h - P{#Up == 1} @ 2 h", "E0517", "P{#Up == 1} @ 1 h - P{#Up == 1} @ 2 h"),
        ("P{#Up == 1} @ 1 h - P{#Up == 1}", "E0517", "P{#Up == 1}"),
        ("1 / P{#Up == 1} @ 1 h", "E0517", "1 / P{#Up == 1} @ 1 h"),
        ("P{#Up == 1} @ 1 h / 0", "E0517", "P{#Up == 1} @ 1 h / 0"),
        ("1 h + P{#Up == 1} @ 1 h", "E0501", "1 h + P{#Up == 1} @ 1 h"),
        ("sum(k in 1..=2: P{#Up == k} @ 1 h)", "E0517", "sum(k in 1..=2: P{#Up == k} @ 1 h)"),
        ("reliability{`the servce`} @ 1 h", "E0401", "`the servce`"),
        ("reliability{mttf} @ 1 h", "E0502", "mttf"),
        ("P{P{#Up == 1} @ 1 h > 0}", "E0506", "P{#Up == 1} @ 1 h"),
        ("reliability{#Up == 1} @ later", "E0401", "later"),
        ("E{#Up} @ #Up", "E0505", "Up"),
    ] {
        let found = told(measure);
        assert!(found.contains(&(code, place.to_string())), "{measure}: {found:?}");
    }
}

#[test]
fn what_is_right_is_accepted() {
    for measure in [
        "P{`the service`} @ mttf",
        "P{`the service`} @ (2 * mttf)",
        "P{!`the service` || #Up == 1} @ 0",
        "60 * E{#Up} over [mttr, mttr + 1 h] / 3 - 2",
        "-quantile(0.5, outage{`the service`}) / 1 s",
        "if mttf > 1 h then outage{`the service`} else outages{`the service`} over [0, 1 h]",
        "P(3 >= outages{`the service`} over [0, 1 h])",
        "P(availability{`the service`} over [0, 1 h] == 100 %)",
        "E{#Up} + P{`the service`}",
    ] {
        assert_eq!(told(measure), [], "{measure}");
    }
}
