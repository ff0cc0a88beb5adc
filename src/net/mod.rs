//! AST → flat net: parameters evaluated, modules instantiated, colours unfolded, everything checked.
//!
//! A flat place is a (place, colour) pair, a flat transition a (transition, binding) pair; arcs are constant.
//! What still depends on the marking is an [`expr::Expr`]. After this stage no user mistake can surface as a panic.

mod ask;
mod call;
mod check;
mod evaluate;
pub mod expr;
mod flatten;
mod fold;
pub(crate) mod imported;
mod instances;
mod law;
mod library;
mod limits;
pub mod load;
mod measures;
mod module;
mod multiset;
mod names;
mod places;
pub mod question;
mod scope;
mod sets;
mod streams;
pub mod structure;
mod transitions;
mod value;

pub use flatten::{flatten, flatten_document};
pub use imported::Imported;
pub use library::{Library, Shelf};
pub use limits::Limits;
pub use module::Module;

use crate::diag::Span;
use crate::syntax::ast::{MemoryPolicy, Overrun, Renew, Role, Scope};
use expr::{Expr, LawExpr};
use question::Questions;

/// Index of a flat place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub u32);

/// Index of a flat transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransitionId(pub u32);

/// Index of a family: a transition of the source, all of its bindings together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(pub u32);

/// A flat, checked net.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// The file's name without directory and extension.
    pub name: String,
    /// All (place, colour) pairs.
    pub places: Vec<Place>,
    /// All (transition, binding) pairs.
    pub transitions: Vec<Transition>,
    /// Names of the families, dotted (`kid[receiver].T1`).
    pub families: Vec<String>,
    /// Named `up` conditions, in the file's order; the first is the primary one.
    pub up: Vec<Condition>,
    /// The model's own measures.
    pub measures: Vec<Measure>,
    /// Phases of outages: of those that hold in a marking the first counts, else none (S22).
    pub phases: Vec<Condition>,
    /// Measures with a time of their own, and about outages.
    pub questions: Questions,
    /// How near a marking is to an outage, the greater the nearer, where a scenario states it; no part of the process.
    pub importance: Option<expr::Expr>,
    /// How many module instances were flattened.
    pub instances: usize,
    /// The top net's parameters, as evaluated, for reports: name and value in words.
    pub parameters: Vec<(String, String)>,
    /// Whether it was given truth values: parts may be switched off, and nobody is warned of what they leave.
    pub switched: bool,
}

/// A place of one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Dotted name with the colour in parentheses: `I0.Failed(sender)`.
    pub name: String,
    /// Initial tokens.
    pub initial: u32,
    /// Most tokens.
    pub capacity: Option<Capacity>,
    /// Where it is declared.
    pub span: Span,
}

/// A place's limit (S3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Most tokens.
    pub limit: u32,
    /// What happens there.
    pub overrun: Overrun,
}

/// An arc of constant weight ≥ 1; no place twice in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arc {
    /// The place.
    pub place: PlaceId,
    /// Its weight.
    pub weight: u32,
}

/// A transition of one binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Dotted name with the binding in brackets: `Fail[3]`, `I0.T2[sender]`.
    pub name: String,
    /// Which transition of the source it comes from.
    pub family: FamilyId,
    /// Canonical name of its random stream (S15); unique in the net.
    pub stream: String,
    /// For rare events and the account of causes.
    pub role: Option<Role>,
    /// When it fires.
    pub timing: Timing,
    /// Takes tokens.
    pub inputs: Vec<Arc>,
    /// Puts tokens.
    pub outputs: Vec<Arc>,
    /// Needs at least that many.
    pub tests: Vec<Arc>,
    /// Needs fewer than that.
    pub inhibitors: Vec<Arc>,
    /// Places emptied by the firing (after the inputs are taken, before the outputs are put).
    pub flushes: Vec<PlaceId>,
    /// A condition on the marking.
    pub guard: Option<Expr>,
    /// Where it is declared.
    pub span: Span,
}

/// When a transition fires.
#[derive(Debug, Clone, PartialEq)]
pub enum Timing {
    /// At once (S4, S5).
    Immediate {
        /// Greatest first.
        priority: i32,
        /// Chance within its conflict set, > 0.
        weight: Expr,
        /// Per binding, or shared by the family's enabled bindings.
        scope: Scope,
    },
    /// After a random time (S7 ff.).
    Timed(Timed),
}

/// The clock of a timed transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// Law of the delay; bindings with the same one share it.
    pub law: std::sync::Arc<LawExpr>,
    /// Clock rate ≥ 0; none: 1 (S11).
    pub speed: Option<Expr>,
    /// What a disabled clock does (S9).
    pub memory: MemoryPolicy,
    /// How many clocks run at once (S8).
    pub servers: Servers,
    /// Who shares the servers (S8).
    pub scope: Scope,
    /// When a clock counts as interrupted (S10).
    pub renew: Renew,
}

/// How many clocks of one transition run at once (S8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Servers {
    /// At most so many, ≥ 1.
    Count(u32),
    /// As many as the enabling degree.
    Infinite,
}

/// A named `up` condition, or a phase of outages.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// Boolean over the marking.
    pub expr: Expr,
    /// Where it is defined.
    pub span: Span,
}

/// A measure of the model: an arithmetic expression over long-run averages.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// How it is formed from the averages.
    pub formula: Formula,
    /// Power of time of its value (0 number, 1 seconds, −1 per second).
    pub dimension: crate::units::Dimension,
    /// Relative half-width that stops the run.
    pub precision: Option<f64>,
    /// Where it is defined.
    pub span: Span,
}

/// Arithmetic over long-run averages.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A constant.
    Constant(f64),
    /// Long-run average per unit of time.
    Average(Average),
    /// −x.
    Negate(Box<Formula>),
    /// x + y.
    Add(Box<Formula>, Box<Formula>),
    /// x − y.
    Subtract(Box<Formula>, Box<Formula>),
    /// x · y.
    Multiply(Box<Formula>, Box<Formula>),
    /// x / y. (`E{x if c}` is the average of `if c then x else 0` over the average of c.)
    Divide(Box<Formula>, Box<Formula>),
}

/// What is averaged over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Average {
    /// A function of the marking: `P{…}` and `E{…}`.
    Reward(Expr),
    /// Firings of these transitions: `rate(T)`.
    Rate(Vec<TransitionId>),
    /// An amount, evaluated in the marking before the firing, at each firing of these: `impulse(T, x)`.
    Impulse(Vec<TransitionId>, Expr),
}
