//! S18–S21, S23: measures with a time of their own, and about outages, of machines without chance.

use super::decides;
use crate::experiment::carry_out;
use crate::experiment_methods::read;
use fivenines::experiment::settings::Settings;
use fivenines::syntax::ast::Method;

/// Up for 4 s, down for 1 s, up for 4 s, … or, begun in its outage, that way round; `Bell` rings after 2 s and every 4 s
/// from then on.
fn found(begun: &str, measure: &str) -> f64 {
    let (up, down) = if begun == "up" { (1, 0) } else { (0, 1) };
    let text = format!(
        r##"Net(places: {{"Up": (tokens: {up}), "Down": (tokens: {down}), "First": (tokens: 1), "Rings": ()}}, transitions: {{
    "Fail": Timed(delay: "4 s", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
    "Mend": Timed(delay: "1 s", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
    "Bell": Timed(delay: "(4 - 2 * #First) * 1 s", flush: ["First"], to: {{"Rings": "1"}}, inhibit: {{"Rings": "30"}})}},
    up: {{"u": "#Up > 0"}}, measures: {{"m": "{measure}"}})"##
    );
    let mut plan = read(&[("main.ron", &text)]);
    let window = (Some(11.0), Some(10.0));
    plan.settings = Settings {
        method: Method::Replications,
        replications: Some(16),
        warmup: window.0,
        length: window.1,
        ..Settings::default()
    };
    let estimate = carry_out(&plan, 1).points[0].measures["m"].clone();
    let value = estimate.estimate.unwrap_or_else(|| panic!("{measure}: {estimate:?}"));
    (value * 1e9).round() / 1e9
}

#[test]
fn s18_a_value_at_a_time_is_that_of_the_marking_after_all_that_fires_then() {
    decides(found("up", "P{u} @ 4 s"), 0.0, 1.0);
    decides(found("up", "P{u} @ 5 s"), 1.0, 0.0);
    decides(found("up", "E{#Rings} @ 6 s"), 2.0, 1.0);
    // Of the paths on which the condition holds then.
    decides(found("up", "E{#Rings if u} @ 7 s"), 2.0, 0.0);
}

#[test]
fn s18_an_interval_is_open_at_its_beginning_and_closed_at_its_end() {
    // It rings after 2, 6, 10 s.
    decides(found("up", "rate(Bell) over [2 s, 6 s] * 4 s"), 1.0, 2.0);
    decides(found("up", "rate(Bell) over [0, 2 s] * 2 s"), 1.0, 0.0);
    decides(found("up", "P{u} over [3 s, 7 s]"), 0.75, 0.8);
}

#[test]
fn s19_reliability_is_lost_by_any_outage_also_that_of_the_beginning() {
    decides(found("up", "reliability{u} @ 3.5 s"), 1.0, 0.0);
    // Up again, and yet it has failed.
    decides(found("up", "reliability{u} @ 5.5 s"), 0.0, 1.0);
    decides(found("down", "reliability{u} @ 3 s"), 0.0, 1.0);
}

#[test]
fn s20_outages_of_an_interval_are_those_that_begin_in_it() {
    // Down from 4 to 5 s, from 9 to 10 s.
    decides(found("up", "outages{u} over [4.5 s, 8 s]"), 0.0, 1.0);
    decides(found("up", "outages{u} over [0, 9.5 s]"), 2.0, 1.0);
    decides(found("down", "outages{u} over [0, 3 s]"), 0.0, 1.0);
    decides(found("up", "P(outages{u} over [0, 9.5 s] <= 1)"), 0.0, 1.0);
}

#[test]
fn s20_a_downtime_counts_what_lies_in_the_interval() {
    decides(found("up", "downtime{u} over [4.5 s, 9.25 s]"), 0.75, 2.0);
    decides(found("up", "availability{u} over [4.5 s, 9.5 s]"), 0.8, 0.6);
    decides(found("up", "excess(downtime{u} over [0, 10 s], 1.5 s)"), 0.5, 2.0);
    decides(found("up", "quantile(0.5, downtime{u} over [4.5 s, 9.25 s])"), 0.75, 2.0);
    decides(found("down", "P(downtime{u} over [0, 0.5 s] == 0.5 s)"), 1.0, 0.0);
}

#[test]
fn s21_outages_of_the_long_run_are_whole_and_counted_once() {
    // Windows of 10 s, wherever they begin, hold two beginnings of outages of 1 s.
    decides(found("up", "outage{u}"), 1.0, 0.5);
    decides(found("up", "outages{u} * 1 s"), 0.2, 0.3);
    decides(found("up", "P(outage{u} >= 1 s)"), 1.0, 0.5);
    decides(found("up", "quantile(0.99, outage{u})"), 1.0, 0.5);
    // Per time, not per outage.
    decides(found("up", "excess(outage{u}, 0.75 s)"), 0.05, 0.25);
}

#[test]
fn s23_a_first_passage_takes_no_time_where_it_begins_and_for_ever_where_it_never_comes() {
    decides(found("up", "first{!u}"), 4.0, 0.0);
    decides(found("down", "first{!u}"), 0.0, 5.0);
    decides(found("down", "first{u}"), 1.0, 6.0);
    // It is reached at the instant at which it begins to hold.
    decides(found("up", "P(first{!u} <= 4 s)"), 1.0, 0.0);
    decides(found("up", "P(first{!u} < 4 s)"), 0.0, 1.0);
    decides(found("up", "quantile(0.5, first{#Rings == 3})"), 10.0, 6.0);
    decides(found("up", "reached{#Rings == 3}"), 1.0, 0.0);
}
