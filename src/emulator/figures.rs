//! What is measured: the names and units of all figures.

use super::sip_actors::Function;
use crate::units::Dimension;

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A share or score.
    Share,
    /// So many in a run.
    PerRun,
}

impl Unit {
    /// Its dimension.
    pub fn dimension(self) -> Dimension {
        if self == Unit::Seconds { Dimension::TIME } else { Dimension::NUMBER }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::Share => "",
            Unit::PerRun => "1/run",
        }
    }
}

/// Every figure and its unit; those of [`SERIES`] have quantiles too.
pub const FIGURES: &[(&str, Unit)] = &[
    ("detect", Unit::Seconds),
    ("fence", Unit::Seconds),
    ("resume", Unit::Seconds),
    ("address", Unit::Seconds),
    ("announce", Unit::Seconds),
    ("client", Unit::Seconds),
    ("failover", Unit::Seconds),
    ("silence", Unit::Seconds),
    ("registration delay", Unit::Seconds),
    ("call set-up delay", Unit::Seconds),
    ("recovery", Unit::Seconds),
    ("registration resumed", Unit::Seconds),
    ("call resumed", Unit::Seconds),
    ("not recovered", Unit::Share),
    ("failures", Unit::PerRun),
    ("missed faults", Unit::PerRun),
    ("escalations", Unit::PerRun),
    ("escalations to session router", Unit::PerRun),
    ("escalations to transaction router", Unit::PerRun),
    ("escalations to transport supervisor", Unit::PerRun),
    ("escalations to SIP server", Unit::PerRun),
    ("process ends", Unit::PerRun),
    ("unrecovered", Unit::Share),
    ("takeovers", Unit::PerRun),
    ("false alarms", Unit::PerRun),
    ("cleared suspicions", Unit::PerRun),
    ("mean jitter", Unit::Seconds),
    ("greatest jitter", Unit::Seconds),
    ("packet loss", Unit::Share),
    ("late packets", Unit::Share),
    ("network delay", Unit::Seconds),
    ("opinion score", Unit::Share),
    ("packets in a burst", Unit::Share),
    ("registrations completed", Unit::Share),
    ("registrations failed", Unit::Share),
    ("registrations delayed", Unit::Share),
    ("bindings lost", Unit::Share),
    ("calls established", Unit::Share),
    ("calls completed", Unit::Share),
    ("calls lost", Unit::Share),
    ("calls failed", Unit::Share),
    ("calls refused", Unit::Share),
    ("calls delayed", Unit::Share),
    ("checkpoints", Unit::PerRun),
    ("late epochs", Unit::PerRun),
    ("pause", Unit::Seconds),
    ("time between pauses", Unit::Seconds),
    ("unprotected", Unit::Share),
    ("held packets of lost epochs", Unit::PerRun),
    ("passed packets of lost epochs", Unit::PerRun),
    ("outputs that differed", Unit::PerRun),
    ("rejected frames", Unit::PerRun),
    ("rejected messages", Unit::PerRun),
];

/// The figures of which all values are kept.
pub const SERIES: [&str; 13] = [
    "detect",
    "fence",
    "resume",
    "address",
    "announce",
    "client",
    "failover",
    "silence",
    "registration delay",
    "call set-up delay",
    "recovery",
    "registration resumed",
    "call resumed",
];

/// The figures that a function has too, as `location manager: recovery`: of the runs in which it alone failed.
pub const OF_FUNCTIONS: [&str; 17] = [
    "failures",
    "recovery",
    "not recovered",
    "registration resumed",
    "call resumed",
    "escalations",
    "escalations to session router",
    "escalations to transaction router",
    "escalations to transport supervisor",
    "escalations to SIP server",
    "process ends",
    "registrations failed",
    "registrations delayed",
    "bindings lost",
    "calls lost",
    "calls refused",
    "calls delayed",
];

/// What can be asked of a series beside its mean.
pub(super) const QUANTILES: [(&str, f64); 3] = [("median", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// The unit of a figure, `failover`, `failover p99` or `location manager: recovery p99`; none if there is no such
/// figure.
pub fn figure_unit(name: &str) -> Option<Unit> {
    let (function, name) = match name.split_once(": ") {
        Some((function, rest)) => (Some(function), rest),
        None => (None, name),
    };
    let (base, of_series) = match name.rsplit_once(' ') {
        Some((base, "max")) => (base, true),
        Some((base, part)) if QUANTILES.iter().any(|(quantile, _)| *quantile == part) => (base, true),
        _ => (name, false),
    };
    let known = |function| Function::ALL.iter().any(|known| known.name() == function) && OF_FUNCTIONS.contains(&base);
    let found = FIGURES.iter().find(|(figure, _)| *figure == base)?;
    (function.is_none_or(known) && (!of_series || SERIES.contains(&base))).then_some(found.1)
}
