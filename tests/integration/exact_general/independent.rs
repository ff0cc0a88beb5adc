//! Subnets that share nothing, solved apart.

use super::near;
use crate::exact::solved;
use fivenines::program::Program;

/// Machines of their own, each with its laws.
fn machines(laws: &[(&str, &str)], up: &str) -> String {
    let places: String = (0..laws.len()).map(|i| format!(r##""Up{i}": (tokens: 1), "Down{i}": (), "##)).collect();
    let transitions: String = laws
        .iter()
        .enumerate()
        .map(|(i, (failure, repair))| {
            format!(
                r##""Fail{i}": Timed(delay: "{failure}", from: {{"Up{i}": "1"}}, to: {{"Down{i}": "1"}}),
                "Repair{i}": Timed(delay: "{repair}", from: {{"Down{i}": "1"}}, to: {{"Up{i}": "1"}}),"##
            )
        })
        .collect();
    format!(
        r##"places: {{ {places} }}, transitions: {{ {transitions} }}, up: {{ "service": "{up}", "first": "#Up0 > 0" }},
        measures: {{ "repairs": (value: "rate(Repair1)"), "running": (value: "E{{#Up0 + #Up1}}") }},"##
    )
}

const LAWS: [(&str, &str); 3] = [
    ("LogNormal(mean: 100 h, sigma: 0.6)", "Uniform(0 h, 20 h)"),
    ("Weibull(shape: 2, scale: 50 h)", "2 h"),
    ("Exponential(mean: 30 h)", "Erlang(stages: 2, mean: 3 h)"),
];

#[test]
fn availabilities_multiply_and_failures_add() {
    let hour = 3600.0;
    let means = [(100.0, 10.0), (25.0 * std::f64::consts::PI.sqrt(), 2.0), (30.0, 3.0)];
    let a = means.map(|(up, down)| up / (up + down));
    let rate = means.map(|(up, down)| 1.0 / (up + down) / hour);
    let series = solved(&machines(&LAWS, "#Up0 + #Up1 + #Up2 == 3")).expect("a solution");
    near(series.availability[0], a[0] * a[1] * a[2]);
    near(series.sums[Program::failures(0)], rate[0] * a[1] * a[2] + rate[1] * a[0] * a[2] + rate[2] * a[0] * a[1]);
    near(series.first_failure[1], 100.0 * hour);
    assert!(series.first_failure[0].is_nan() && series.parts == 3);
    let parallel = solved(&machines(&LAWS, "#Up0 + #Up1 + #Up2 > 0")).expect("a solution");
    let q = a.map(|a| 1.0 - a);
    near(parallel.sums[Program::down(0)], q[0] * q[1] * q[2]);
    near(parallel.sums[Program::failures(0)], rate[0] * q[1] * q[2] + rate[1] * q[0] * q[2] + rate[2] * q[0] * q[1]);
    near(parallel.sums[Program::down(1)], q[0]);
    let voting = solved(&machines(&LAWS, "#Up0 + #Up1 + #Up2 >= 2")).expect("a solution");
    let down = q[0] * q[1] * q[2] + a[0] * q[1] * q[2] + q[0] * a[1] * q[2] + q[0] * q[1] * a[2];
    near(voting.sums[Program::down(0)], down);
    near(crate::exact::measure(&machines(&LAWS, "true"), "repairs"), rate[1]);
    near(crate::exact::measure(&machines(&LAWS, "true"), "running"), a[0] + a[1]);
}

#[test]
fn one_periodic_part_is_solved_and_two_are_refused() {
    let clockwork = ("5 h", "1 h");
    let one = solved(&machines(&[clockwork, LAWS[1]], "#Up0 + #Up1 == 2")).expect("a solution");
    near(one.availability[0], 5.0 / 6.0 * one.availability[0] / one.availability[1]);
    let two = solved(&machines(&[clockwork, clockwork], "#Up0 + #Up1 == 2")).expect_err("a refusal").to_string();
    assert!(two.contains("Fail1: its subnet is independent") && two.contains("periodic"), "{two}");
}
