//! The edits: what changes nothing, what is exactly at the margin, what is beyond it.

/// Relative increase that is no regression.
pub const MARGIN: f64 = 0.02;

/// Firings that each version may take.
pub const BUDGET: u64 = 100_000;

/// Mean up time and mean outage of the first version, hours.
const UP: f64 = 500.0;
const OUTAGE: f64 = 4.0;

pub const HEAD: &str = "\
# How often the gate errs, and what it sees

    cargo run --release --example gate_study > reports/gate.md

A server fails after an exponential time of 500 h in the mean and is repaired in a Gamma(shape: 2) time of 4 h.
It is held, at a margin of 2 %, against versions of itself whose ratio of downtimes is known exactly: {runs} runs of each, \
every one with a seed of its own.
Both versions are simulated (regenerative cycles; the exact engine would leave nothing to chance), with at most {budget} \
firings for each.

*Red* where the ratio is at most 1.02 is a false alarm: at most 5 % of the runs may end so.
*Green* where it is 1.02 or more is a miss: at most 5 % of the runs may end so.
Of {runs} runs at a chance of 5 %, up to {chance} ({share} %) are no sign of anything (one time in 50).

| edit | ratio | red | undecided | green | firings |
|---|---:|---:|---:|---:|---:|
";

pub const TAIL: &str = "
*Unpaired*: the transitions have other names, so the two versions share no random numbers. With the same names they share \
their faults, and the ratio is known far better; where the edit scales the repair, all but exactly.
Looks are planned in events, and what one of them may cost is taken as if the others told nothing (Bonferroni's inequality), \
so the chances of an error stay below 5 %.
";

/// A version against another.
pub struct Case {
    pub what: &'static str,
    /// Of the unavailabilities.
    pub ratio: f64,
    pub before: String,
    pub after: String,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let case = |what, after: (f64, String)| Case {
        what,
        ratio: after.0,
        before: plain("Fail", "Repair", OUTAGE),
        after: after.1,
    };
    let named = |ratio: f64| (ratio, plain("Crash", "Mend", outage(ratio)));
    let scaled = |ratio: f64| (ratio, plain("Fail", "Repair", outage(ratio)));
    vec![
        case("neutral: transitions renamed (unpaired)", named(1.0)),
        case(
            "neutral: places renamed",
            (1.0, plain("Fail", "Repair", OUTAGE).replace("Up", "Alive").replace("Down", "Broken")),
        ),
        case("neutral: the exponential failure split into two halves", (1.0, halves())),
        case("neutral: the repair as two exponential stages", (1.0, stages())),
        case("exactly at the margin (unpaired)", named(1.0 + MARGIN)),
        case("exactly at the margin", scaled(1.0 + MARGIN)),
        case("exactly at the margin, failing more often", (1.0 + MARGIN, oftener(1.0 + MARGIN))),
        case("5 % longer (unpaired)", named(1.05)),
        case("10 % longer (unpaired)", named(1.1)),
        case("20 % longer (unpaired)", named(1.2)),
        case("5 % longer", scaled(1.05)),
        case("10 % longer", scaled(1.1)),
        case("20 % longer", scaled(1.2)),
    ]
}

/// The outage with which the unavailability is so many times that of the first version.
fn outage(ratio: f64) -> f64 {
    let unavailability = ratio * OUTAGE / (UP + OUTAGE);
    UP * unavailability / (1.0 - unavailability)
}

fn plain(fail: &str, repair: &str, outage: f64) -> String {
    net(&failing(fail, UP), &mending(repair, outage))
}

fn failing(name: &str, mean: f64) -> String {
    format!(r##""{name}": Timed(delay: "Exponential(mean: {mean} h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),"##)
}

fn mending(name: &str, mean: f64) -> String {
    format!(r##""{name}": Timed(delay: "Gamma(shape: 2, mean: {mean} h)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),"##)
}

fn oftener(ratio: f64) -> String {
    let unavailability = ratio * OUTAGE / (UP + OUTAGE);
    let up = OUTAGE * (1.0 - unavailability) / unavailability;
    net(&failing("Fail", up), &mending("Repair", OUTAGE))
}

/// Two clocks of half the rate race.
fn halves() -> String {
    net(&(failing("Fail", 2.0 * UP) + &failing("FailToo", 2.0 * UP)), &mending("Repair", OUTAGE))
}

/// A gamma law of shape 2 is the sum of two exponential ones.
fn stages() -> String {
    let half = OUTAGE / 2.0;
    let stages = format!(
        r##""Repair": Timed(delay: "Exponential(mean: {half} h)", from: {{"Down": "1"}}, to: {{"Half": "1"}}),
        "Finish": Timed(delay: "Exponential(mean: {half} h)", from: {{"Half": "1"}}, to: {{"Up": "1"}}),"##
    );
    net(&failing("Fail", UP), &stages).replace(r##""Down": ()"##, r##""Down": (), "Half": ()"##)
}

fn net(fail: &str, repair: &str) -> String {
    format!(
        r##"Net(
    places: {{ "Up": (tokens: 1), "Down": () }},
    transitions: {{
        {fail}
        {repair}
    }},
    up: {{ "service": "#Up >= 1" }},
)
"##
    )
}
