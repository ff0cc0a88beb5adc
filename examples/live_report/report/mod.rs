//! The report on the live lab; a test makes parts of it again.

mod samples;

use fivenines::stats::Estimate;
use samples::{Sample, live, simulated};
use std::path::Path;

/// A measurement: its file, its plan, and the columns that are compared.
pub struct Measurement {
    pub file: &'static str,
    pub plan: &'static str,
    heading: &'static str,
    columns: &'static [&'static str],
    comment: &'static str,
}

const HEAD: &str = "# The live lab beside the virtual one

`fivenines emulate FILE --live` runs the state machines of the virtual lab in real processes, over loopback sockets \
and real time. Each table lays the quantiles of a committed live sample (`models/params/measurements`, with machine, \
load and command) beside those of the virtual lab for the same plan, seed and number of runs: both meet the same \
faults at the same times. Quantiles have 95 % intervals that hold for every law. *More, run by run* is the median of \
the differences between the live and the virtual value of each run, and their middle 90 %: what sockets, scheduler \
and program add.

Made by `cargo run --release --example live_report > reports/live.md`.
";

/// All of them, in order.
pub const MEASUREMENTS: [Measurement; 5] = [
    Measurement {
        file: "takeover_live",
        plan: "emulate-live-takeover",
        heading: "Takeover by a warm backup",
        columns: &["detect", "resume", "client", "failover", "silence"],
        comment: "Each heartbeat is due an interval after the last one has left, so their latenesses add up: after the \
                  seven or eight before the crash the phase has moved by the difference that is seen, and the law of the \
                  detection is the virtual one. A later takeover waits less for the next packet of a client, hence the \
                  smaller difference of the whole. Restoring the checkpoint (a few hundred bindings and a call) takes a \
                  thirtieth of a millisecond.",
    },
    Measurement {
        file: "failover_bfd_live",
        plan: "emulate-bfd",
        heading: "Failover by BFD",
        columns: &["detect", "address", "client", "failover", "silence"],
        comment: "The thesis gives about 0.2 s. Here eighty packets leave before the crash, each a little late, so that \
                  the phase at the crash is another one than the virtual run's; the range of the detection, three \
                  intervals less the packet's age, is the same.",
    },
    Measurement {
        file: "restart_process",
        plan: "emulate-live-process",
        heading: "Restart of a process, to its first answered REGISTER",
        columns: &["failover"],
        comment: "In virtual time a start takes no time, so that what is left is the time to the next REGISTER. Live it is \
                  SIGKILL, the parent's wait, fork and exec, the plan read, the sockets bound, and an answer.",
    },
    Measurement {
        file: "restart_actor",
        plan: "emulate-live-actor-restored",
        heading: "Restart of an actor, with its state",
        columns: &["recovery", "registration"],
        comment: "The state is a thousand bindings. `recovery` is the program's time from the failure until every actor \
                  runs; `registration` ends when a client has an answer to a REGISTER that began after the failure, one \
                  of two thousand a second.",
    },
    Measurement {
        file: "restart_actor_lost",
        plan: "emulate-live-actor-lost",
        heading: "Restart of an actor, without its state",
        columns: &["recovery", "registration"],
        comment: "Nothing is copied, which saves some hundredths of a millisecond; what it costs are the bindings.",
    },
];

/// The whole report; `root` is the repository's.
pub fn page(root: &Path) -> Result<String, String> {
    let mut text = HEAD.to_owned();
    for measurement in &MEASUREMENTS {
        text += &section(root, measurement)?;
    }
    Ok(text)
}

/// A measurement beside its virtual counterpart.
pub fn section(root: &Path, measurement: &Measurement) -> Result<String, String> {
    let (text, live) = measured(root, measurement)?;
    let made = simulated(&root.join(format!("scenarios/{}.ron", measurement.plan)), live.runs())?;
    let rows: Result<String, String> = measurement.columns.iter().map(|column| rows(column, &live, &made)).collect();
    Ok(text + &rows? + "\n" + measurement.comment + "\n")
}

/// What stands above the table, and the sample.
fn measured(root: &Path, measurement: &Measurement) -> Result<(String, Sample), String> {
    let live = live(&root.join(format!("models/params/measurements/{}.csv", measurement.file)))?;
    let comments: String = live.comments.iter().map(|line| format!("- {line}\n")).collect();
    let head = "| | live | virtual | more, run by run |\n|---|---|---|---|\n";
    Ok((format!("\n## {}\n\n{comments}\n{head}", measurement.heading), live))
}

/// What of a section comes from the committed sample alone: what stands above the table, and the first cells of its rows.
pub fn from_sample(root: &Path, measurement: &Measurement) -> Result<(String, Vec<String>), String> {
    let (text, live) = measured(root, measurement)?;
    let mut cells = Vec::new();
    for column in measurement.columns {
        for row in rows(column, &live, &live)?.lines() {
            cells.push(row.split(" | ").take(2).collect::<Vec<_>>().join(" | ") + " | ");
        }
    }
    Ok((text, cells))
}

/// The quantiles of a column.
fn rows(column: &str, live: &Sample, made: &Sample) -> Result<String, String> {
    let (ours, theirs) = (live.column(column)?, made.column(column)?);
    let mut more: Vec<f64> = ours.iter().filter_map(|(run, value)| Some(value - theirs.get(run)?)).collect();
    more.sort_unstable_by(f64::total_cmp);
    let sorted = |values: Vec<f64>| {
        let mut values = values;
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (ours, theirs) = (sorted(ours.into_values().collect()), sorted(theirs.into_values().collect()));
    let mut text = String::new();
    for (name, p) in [("median", 0.5), ("p95", 0.95)] {
        let of = |values: &[f64]| interval(&Estimate::sample_quantile(values, p, 0.95, "s"));
        let at = |p| Estimate::sample_quantile(&more, p, 0.95, "s").estimate.map_or("–".to_owned(), millis);
        let added = if p == 0.5 { format!("{} ({} … {})", at(0.5), at(0.05), at(0.95)) } else { String::new() };
        text += &format!("| {column}, {name} | {} | {} | {added} |\n", of(&ours), of(&theirs));
    }
    Ok(text)
}

fn millis(seconds: f64) -> String {
    format!("{:.3} ms", seconds * 1e3)
}

fn interval(estimate: &Estimate) -> String {
    let ends = estimate.low.zip(estimate.high).filter(|(low, high)| low < high);
    let ends = ends.map(|(low, high)| format!(" ({} … {})", millis(low), millis(high)));
    estimate.estimate.map_or("–".to_owned(), |point| millis(point) + &ends.unwrap_or_default())
}
