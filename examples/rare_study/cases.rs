//! The scenarios of rare events, and by which method each is solved.

use fivenines::syntax::ast::Method::{self, ImportanceSampling, Splitting};

/// A scenario, all of whose points are rows.
pub struct Case {
    pub scenario: &'static str,
    /// Other values for some parameters.
    pub set: &'static [(&'static str, &'static str)],
    pub method: Method,
    /// Failures per year, where the exact engine can't tell the unavailability.
    pub failures: Option<f64>,
}

const fn case(scenario: &'static str, method: Method) -> Case {
    Case { scenario, set: &[], method, failures: None }
}

/// The queues have no failures that could be biased, and come to their rare markings step by step; the others fail by
/// few and unlikely steps.
pub const CASES: &[Case] = &[
    case("rare-queue", Splitting),
    case("rare-tandem", Splitting),
    case("rare-units", ImportanceSampling),
    case("rare-pipeline", ImportanceSampling),
    case("rare-cluster", ImportanceSampling),
    Case { set: &[("N", "128")], ..case("rare-cluster", ImportanceSampling) },
    case("rare-escalations", ImportanceSampling),
    Case { failures: Some(9.37056e-6), ..case("rare-ageing", ImportanceSampling) },
];
