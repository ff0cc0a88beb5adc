//! S14, S17: what is counted, and over what.

use super::{SEED, decides, measured, program, sums};
use fivenines::engine::{Observer, Options, Path};
use fivenines::program::Program;

/// Downtime and failures of the primary condition between two instants, and its first failure.
fn outages(inside: &str, from: f64, to: f64) -> (f64, f64, Option<f64>) {
    let program = program(inside);
    let sums = sums(&program, from, to);
    let mut path = Path::new(&program, Options::default());
    let run = path.begin(SEED, 0).and_then(|()| path.run_until(to, &mut ()));
    run.expect("no fault");
    (sums[Program::down(0)], sums[Program::failures(0)], path.first_failure(0))
}

#[test]
fn s14_vanishing_markings_are_no_outages() {
    let net = r##"places: {"Up": (tokens: 1), "V": ()}, transitions: {
        "Blink": Timed(delay: "1 s", from: {"Up": "1"}, to: {"V": "1"}), "I": Immediate(from: {"V": "1"}, to: {"Up": "1"})},
        up: {"u": "#Up > 0"}"##;
    decides(outages(net, 0.0, 9.5), (0.0, 0.0, None), (0.0, 9.0, Some(1.0)));
}

#[test]
fn s14_outages_and_up_periods_without_duration_are_none() {
    let outage = r##"places: {"Up": (tokens: 1), "Down": ()}, transitions: {
        "Fail": Timed(delay: "1 s", from: {"Up": "1"}, to: {"Down": "1"}), "Mend": Timed(delay: "0 s", from: {"Down": "1"}, to: {"Up": "1"})},
        up: {"u": "#Up > 0"}"##;
    decides(outages(outage, 0.0, 9.5), (0.0, 0.0, None), (0.0, 9.0, Some(1.0)));
    // Down from 1 to 4, but for an instant at 2: one outage of three seconds. Other reading: two.
    let up = r##"places: {"Up": (tokens: 1), "Down": (), "More": (), "Last": ()}, transitions: {
        "Fail": Timed(delay: "1 s", from: {"Up": "1"}, to: {"Down": "1"}),
        "Mend": Timed(delay: "1 s", from: {"Down": "1"}, to: {"More": "1"}),
        "Again": Timed(delay: "0 s", from: {"More": "1"}, to: {"Last": "1"}), "End": Timed(delay: "2 s", from: {"Last": "1"})},
        up: {"u": "#Down + #Last == 0"}"##;
    decides(outages(up, 0.0, 9.0), (3.0, 1.0, Some(1.0)), (3.0, 2.0, Some(1.0)));
}

/// Outages as the path tells them.
#[derive(Default)]
struct Told(Vec<(f64, f64)>);

impl Observer for Told {
    fn outage(&mut self, _: usize, start: f64, end: f64) {
        self.0.push((start, end));
    }
}

#[test]
fn s14_outages_are_told_once_and_whole() {
    let net = r##"places: {"Up": (tokens: 1), "Down": (), "More": (), "Last": ()}, transitions: {
        "Fail": Timed(delay: "1 s", from: {"Up": "1"}, to: {"Down": "1"}),
        "Mend": Timed(delay: "1 s", from: {"Down": "1"}, to: {"More": "1"}),
        "Again": Timed(delay: "0 s", from: {"More": "1"}, to: {"Last": "1"}),
        "End": Timed(delay: "2 s", from: {"Last": "1"}, to: {"Up": "1"})},
        up: {"u": "#Down + #Last == 0"}"##;
    let program = program(net);
    let (mut path, mut told) = (Path::new(&program, Options::default()), Told::default());
    let ran = path.begin(SEED, 0).and_then(|()| path.run_until(8.5, &mut told));
    ran.expect("no fault");
    decides(told.0, vec![(1.0, 4.0), (5.0, 8.0)], vec![(1.0, 2.0), (2.0, 4.0), (5.0, 6.0), (6.0, 8.0)]);
}

/// Up for 3 s, down for 1 s, and so on.
const MACHINE: &str = r##"places: {"Up": (tokens: 1), "Down": ()}, transitions: {
    "Fail": Timed(delay: "3 s", from: {"Up": "1"}, to: {"Down": "1"}), "Mend": Timed(delay: "1 s", from: {"Down": "1"}, to: {"Up": "1"})},
    up: {"u": "#Up > 0"}"##;

#[test]
fn s14_an_outage_in_progress_adds_its_time_and_is_no_new_failure() {
    // From 3.5 to 7.5: half an outage at either end, one of them begun in there. Other readings: both count; only
    // the time of outages begun within is counted.
    decides(outages(MACHINE, 3.5, 7.5), (1.0, 1.0, Some(3.0)), (1.0, 2.0, Some(3.0)));
    decides(outages(MACHINE, 3.5, 7.5), (1.0, 1.0, Some(3.0)), (0.5, 1.0, Some(3.0)));
    // The same of a path that begins down: its first failure is the next one.
    let begins = MACHINE.replace(r#""Up": (tokens: 1), "Down": ()"#, r#""Up": (), "Down": (tokens: 1)"#);
    decides(outages(&begins, 0.0, 6.0), (2.0, 1.0, Some(4.0)), (2.0, 2.0, Some(0.0)));
}

#[test]
fn s14_a_failure_at_the_first_instant_is_the_initial_state() {
    let net = MACHINE
        .replace(r#""3 s""#, r##""(1 - #First) * 3 s""##)
        .replace(r#""Down": ()"#, r#""Down": (), "First": (tokens: 1)"#);
    let net = net.replace(r#""Fail": Timed("#, r#""Fail": Timed(flush: ["First"], "#);
    // Fails at 0, up from 1 to 4. Other reading: the failure at 0 counts.
    decides(outages(&net, 0.0, 4.5), (1.5, 1.0, Some(4.0)), (1.5, 2.0, Some(0.0)));
}

/// Fills by two every second, and is emptied at once when it holds four.
const TANK: &str = r##"places: {"P": (tokens: 1)}, transitions: {
    "Fill": Timed(delay: "1 s", to: {"P": "2"}),
    "Spill": Immediate(test: {"P": "4"}, flush: ["P"], to: {"P": "1"})}, measures: "##;

#[test]
fn s14_a_reward_takes_the_marking_that_held() {
    // 1 until 1, 3 until 2, then 5 for no time and 1 again: 1 3 1 3 …
    let found = measured(&format!(r##"{TANK} {{"mean": "E{{#P}}", "high": "P{{#P >= 3}}"}}"##), 0.0, 8.0);
    decides(found.clone(), vec![2.0, 0.5], vec![4.0, 1.0]); // the marking at the end of each interval
    decides(found, vec![2.0, 0.5], vec![3.0, 2.0 / 3.0]); // vanishing markings count as much as others
}

#[test]
fn s14_impulses_see_the_marking_before_the_firing() {
    let found = measured(
        &format!(r##"{TANK} {{"spilt": "impulse(Spill, #P) * 8 s", "filled": "impulse(Fill, #P) * 8 s"}}"##),
        0.0,
        8.0,
    );
    // Four times 5 tokens are spilt; it is filled at 1 and 3 in turn. Other reading: the marking after the firing.
    decides(found, vec![20.0, 16.0], vec![4.0, 32.0]);
}

/// Two phases of 1 s and 3 s, with two and four tokens; colours of three firings.
const PHASES: &str = r##"colours: {"C": "{a, b}"}, places: {"P": (tokens: 2), "A": (tokens: 1), "B": (), "Q": (colour: "C", tokens: "all C")}, transitions: {
    "There": Timed(delay: "1 s", from: {"A": "1"}, to: {"B": "1", "P": "2"}), "Back": Timed(delay: "3 s", from: {"B": "1", "P": "2"}, to: {"A": "1"}),
    "T[c in C]": Timed(delay: "if c == a then 1 s else 2 s", test: {"Q": "c"})}, measures: "##;

#[test]
fn s17_conditional_averages_are_over_the_time_in_which_the_condition_holds() {
    let found = measured(
        &format!(
            r##"{PHASES} {{"p": "P{{#A > 0}}", "e": "E{{#P}}", "e if": "E{{#P if #B > 0}}", "p if": "P{{#P >= 4 if #P + #B >= 3}}", "never": "P{{#A > 0 if #P == 4}}"}}"##
        ),
        0.0,
        8.0,
    );
    // Other reading of the third: the share of time is not divided out.
    decides(found, vec![0.25, 3.5, 4.0, 1.0, 0.0], vec![0.25, 3.5, 3.0, 0.75, 0.0]);
}

#[test]
fn s17_rates_are_per_second_of_all_bindings_or_of_one() {
    let found = measured(
        &format!(r##"{PHASES} {{"all": "rate(T)", "a": "rate(T[a])", "b": "rate(T[b])", "back": "rate(Back)"}}"##),
        0.0,
        8.0,
    );
    decides(found, vec![1.5, 1.0, 0.5, 0.25], vec![0.75, 1.0, 0.5, 0.25]); // the mean of the bindings
}

#[test]
fn s17_arithmetic_is_over_long_run_averages() {
    // E P is 3.5, and of its squares 0.25 · 4 + 0.75 · 16 = 13. Other readings: the average of the quotient or square.
    let found = measured(
        &format!(
            r##"{PHASES} {{"square": "E{{#P}} * E{{#P}}", "quotient": "E{{#B}} / E{{#P}}", "of squares": "E{{#P * #P}}"}}"##
        ),
        0.0,
        8.0,
    );
    decides(found, vec![12.25, 0.75 / 3.5, 13.0], vec![13.0, 0.75 / 4.0, 12.25]);
}
