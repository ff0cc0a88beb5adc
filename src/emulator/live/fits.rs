//! What a live lab can't do of a plan.

use crate::diag::{Diagnostic, Diagnostics, SourceId, Span};
use crate::emulator::lab::GRACE;
use crate::emulator::plan::{Plan, Served, Study, Transport, Trouble};
use crate::emulator::read::KIND;
use crate::emulator::replicator::Mode;
use crate::emulator::sip_actors::Bindings;
use crate::emulator::time::Duration;

/// Most real time that a study may take.
pub const MOST_TIME: Duration = Duration::from_secs(2 * 3600);

/// Reports all that a live lab can't do of the plans of a text, once for each thing.
pub fn fits(study: &Study, (source, text): (SourceId, &str), diagnostics: &mut Diagnostics) {
    let at = text.find(KIND).unwrap_or(0);
    let span = Span::new(source, at, (at + KIND.len()).min(text.len()));
    let mut told: Vec<String> = Vec::new();
    for case in &study.cases {
        for what in missing(&case.plan) {
            let of = if case.name.is_empty() { String::new() } else { format!("case `{}`: ", case.name) };
            told.push(format!("{of}{what}"));
        }
    }
    let total =
        study.cases.iter().fold(Duration::ZERO, |sum, case| sum + (case.plan.length + GRACE).times(case.plan.runs));
    if total > MOST_TIME {
        told.push(format!("the runs would take {total}, and may take {MOST_TIME}: `--runs` makes them fewer"));
    }
    for message in told {
        let help = "docs/emulator.md lists what a live lab can do; without `--live` the plan runs in virtual time";
        diagnostics.push(Diagnostic::error("E1007", span, format!("can't run live: {message}")).help(help));
    }
}

fn missing(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    match plan.pair.mode {
        Mode::Alone | Mode::Standby | Mode::Checkpoint => {}
        Mode::Active => found.push("mode `Active`: nothing mirrors what clients send".to_owned()),
        Mode::Compare => found.push("mode `Compare`: nothing mirrors what clients send".to_owned()),
    }
    if let Served::Divided(config) = &plan.server
        && config.bindings == Bindings::Stored
    {
        let why = "they would be stored in the process that ends; `Restored` and `Lost` are kept in it";
        found.push(format!("`bindings: Stored`: {why}"));
    }
    let tcp = |transport: Transport| transport != Transport::Udp;
    let connects = plan.clients.registrations.as_ref().is_some_and(|r| tcp(r.transport))
        || plan.clients.calls.as_ref().is_some_and(|calls| tcp(calls.transport));
    for fault in &plan.faults {
        found.extend(impossible(&fault.what, connects && !plan.pair.mode.has_checkpoints()));
    }
    found
}

fn impossible(trouble: &Trouble, resets: bool) -> Option<String> {
    let what = match trouble {
        Trouble::HostCrash(_) | Trouble::Stop(_) => return None,
        Trouble::ProcessCrash(_) if resets => {
            "`ProcessCrash` under clients over TCP: no kernel resets their connections".to_owned()
        }
        Trouble::ProcessCrash(_) => return None,
        Trouble::Function(_, fault) => match () {
            () if fault.poison => "`Poison`".to_owned(),
            () if fault.cure < 1.0 => "a `cure` below 1: what is in the code must outlive a process".to_owned(),
            () if fault.every.is_some() => "faults of functions that repeat (`every`)".to_owned(),
            () => return None,
        },
        Trouble::Hang(..) => "`Hang`".to_owned(),
        Trouble::Slow(..) => "`Slow`".to_owned(),
        Trouble::Overrun(..) => "`Overrun`".to_owned(),
        Trouble::Diverge(_) => "`Diverge`".to_owned(),
        Trouble::Cut(..) => "`Cut`; a rule of the network with `loss: 1` and times can".to_owned(),
    };
    Some(what)
}
