//! The AST of the three kinds of file: net, parameters, scenario.

use super::expr::{Expr, Name, PlaceRef};
use crate::diag::Span;

pub use super::parameters::{Data, Evidence, ParameterValue, Parameters, Shape, Uncertainty};

/// A string of the file, with its place (inside the quotes).
/// A required one that is missing or wrong is empty, and that has been reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The string.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What a file holds. (One for each file, so the sizes of the variants don't matter.)
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum Document {
    /// `Net(…)`: a model or a module.
    Net(Net),
    /// `Parameters(…)`: values with provenance.
    Parameters(Parameters),
    /// `Scenario(…)`: an experiment.
    Scenario(Scenario),
}

/// `Net(…)`: with ports a module, without a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// What it models and from where.
    pub doc: Option<Text>,
    /// `imports: {"alias": "params/file.ron"}`: values are then `alias.name`.
    pub imports: Vec<Import>,
    /// `colours: {"Child": Parameter, "Kid": "{a, b}"}`.
    pub colours: Vec<Declaration>,
    /// `parameters: {"mtbf": "2208 h", "limit": Parameter}`.
    pub parameters: Vec<Declaration>,
    /// Places through which an instance is connected.
    pub ports: Vec<Place>,
    /// Private places.
    pub places: Vec<Place>,
    /// Timed and immediate ones.
    pub transitions: Vec<Transition>,
    /// Modules used.
    pub instances: Vec<Instance>,
    /// Named conditions; the first is the primary one.
    pub up: Vec<Definition>,
    /// The model's own measures.
    pub measures: Vec<Measure>,
    /// Named parts of an outage, the first that holds counts: conditions on the marking.
    pub phases: Vec<Definition>,
    /// The whole `Net(…)`.
    pub span: Span,
}

/// An imported parameter file.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The name before the dot.
    pub alias: Name,
    /// Relative to the importing file.
    pub path: Text,
}

/// A colour set or parameter: given, or to be given by whoever uses the net.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// Its name.
    pub name: Name,
    /// `None`: written `Parameter`, and required.
    pub value: Option<Expr>,
}

/// A place or a port.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its name.
    pub name: Name,
    /// Its colour set; none: plain tokens.
    pub colour: Option<Expr>,
    /// Initial marking: a multiset (`"3"`, `"all Child"`, `"2 * udp + tcp"`).
    pub tokens: Option<Expr>,
    /// Most tokens (per colour).
    pub capacity: Option<Expr>,
    /// What happens at the capacity (S3): `Block` (default) or `Error`.
    pub overrun: Option<Overrun>,
    /// The whole entry.
    pub span: Span,
}

/// What a full place does (S3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overrun {
    /// A transition that would overfill it is not enabled.
    #[default]
    Block,
    /// Overfilling it ends the run with an error.
    Error,
}

/// A transition; a name with a bracket, `"Fail[s in 1..=6]"`, is short for `for: {"s": "1..=6"}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Its name without the bracket.
    pub name: Name,
    /// Variables and their colour sets, those of the bracket first.
    pub variables: Vec<(Name, Expr)>,
    /// Timed or immediate.
    pub timing: Timing,
    /// Takes tokens.
    pub from: Vec<Arc>,
    /// Puts tokens.
    pub to: Vec<Arc>,
    /// Needs tokens, takes none.
    pub test: Vec<Arc>,
    /// Needs fewer tokens than that.
    pub inhibit: Vec<Arc>,
    /// Places emptied by the firing, of one colour (`"Failed(c)"`) or of all.
    pub flush: Vec<PlaceRef>,
    /// Condition on variables and marking.
    pub guard: Option<Expr>,
    /// Name of its random stream (S15); `[v]` inside stands for the value of variable v.
    pub stream: Option<Text>,
    /// For rare events and for the account of causes.
    pub role: Option<(Role, Span)>,
    /// The whole entry.
    pub span: Span,
}

/// `"Place": "2 * c"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arc {
    /// A place or port of this net.
    pub place: Name,
    /// Multiset: a count for an uncoloured place, else colours with factors.
    pub tokens: Expr,
}

/// When a transition fires.
#[derive(Debug, Clone, PartialEq)]
pub enum Timing {
    /// `Immediate(priority: 1, weight: "2")`.
    Immediate {
        /// Greatest first; default 0.
        priority: Option<Expr>,
        /// Within its conflict set; default 1.
        weight: Option<Expr>,
        /// Per binding (default) or per transition (S5).
        weight_scope: Option<Scope>,
    },
    /// `Timed(delay: "…", …)`.
    Timed {
        /// The law; a bare quantity is deterministic. Absent only in files already reported as wrong.
        delay: Option<Expr>,
        /// Marking-dependent clock rate ≥ 0 (S11).
        speed: Option<Expr>,
        /// Default `Enabling`.
        memory: Option<MemoryPolicy>,
        /// Default 1.
        servers: Option<Servers>,
        /// Who shares the servers; default per binding.
        scope: Option<Scope>,
        /// Default `Tangible` (S10).
        renew: Option<Renew>,
    },
}

/// What a clock does when its transition is disabled (S9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub enum MemoryPolicy {
    /// Forgets (preemptive repeat different).
    #[default]
    Enabling,
    /// Keeps the remaining time (preemptive resume).
    Age,
    /// Starts again with the same sample (preemptive repeat identical).
    Identical,
    /// Forgets, and draws anew at every timed firing of the net.
    Resample,
}

/// How many clocks of one transition run at once (S8).
#[derive(Debug, Clone, PartialEq)]
pub enum Servers {
    /// `1`, `"crew"`.
    Count(Expr),
    /// As many as the enabling degree.
    Infinite,
}

/// What servers, or a weight, belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub enum Scope {
    /// Each binding has its own.
    #[default]
    Binding,
    /// All bindings of the transition share.
    Transition,
}

/// When a clock counts as interrupted (S10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub enum Renew {
    /// When its transition is disabled in a tangible marking.
    #[default]
    Tangible,
    /// Also when a firing takes a token that it needs, even if the token comes back at once.
    AtEachToken,
}

/// What a transition means for availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[allow(missing_docs)]
pub enum Role {
    Failure,
    Repair,
}

/// `"kid[k in Kid]": (use: "lib/actor.ron", with: {…}, bind: {…}, stream: "section")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Its name without the bracket.
    pub name: Name,
    /// Replicated over these.
    pub variables: Vec<(Name, Expr)>,
    /// The module's file, relative to this one.
    pub module: Text,
    /// Values of its parameters and colour sets.
    pub with: Vec<Definition>,
    /// Its ports: place of this net, or a slice of a coloured one.
    pub bind: Vec<(Name, PlaceRef)>,
    /// Replaces the dotted instance name in the streams of everything inside (S15).
    pub stream: Option<Text>,
    /// The whole entry.
    pub span: Span,
}

/// A name and its expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name (of an `up` condition: any text).
    pub name: Name,
    /// What it stands for.
    pub value: Expr,
}

/// `"name": "expr"` or `"name": (value: "expr", precision: "1 %")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Any text but the reserved names.
    pub name: Name,
    /// What is measured.
    pub value: Expr,
    /// Relative half-width that stops the run.
    pub precision: Option<Expr>,
}

/// `Scenario(…)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Heading of the report.
    pub title: Option<Text>,
    /// What it shows, and its source.
    pub doc: Option<Text>,
    /// What is compared.
    pub designs: Vec<Design>,
    /// Parameters given to every design.
    pub with: Vec<Definition>,
    /// Parameter and its values, or ranges of values; several span a grid, the last varies fastest.
    pub sweep: Vec<(Name, Vec<Expr>)>,
    /// How it is solved.
    pub method: Option<(Method, Span)>,
    /// Confidence of the intervals; default 95 %.
    pub confidence: Option<Expr>,
    /// Relative half-width of the primary unavailability; default 1 %.
    pub precision: Option<Expr>,
    /// How well designs are to be told apart.
    pub compare: Option<Compare>,
    /// Default 1.
    pub seed: Option<(u64, Span)>,
    /// Most timed and immediate firings for one design at one point.
    pub budget: Option<Expr>,
    /// Bytes that an exact solution may take.
    pub memory: Option<Expr>,
    /// Phases that take the place of a clock.
    pub phases: Option<Expr>,
    /// Least number of outages before a run may stop.
    pub outages: Option<Expr>,
    /// A fixed number of replications instead of sequential stopping.
    pub replications: Option<Expr>,
    /// Time removed from the start of each replication; absent: found by a pilot.
    pub warmup: Option<Expr>,
    /// Observed time of each replication, after the warm-up; absent: chosen by a pilot.
    pub length: Option<Expr>,
    /// How near a marking is to an outage, the greater the nearer: along it `Splitting` splits; absent: from the net.
    pub importance: Option<Expr>,
    /// An upper bound of one outage, for the bound of the unavailability when no outage is seen.
    pub outage_bound: Option<Expr>,
    /// `years: true`: the first year from fresh, a bad year, a year without outage.
    pub years: Option<bool>,
    /// `causes: true`: what began the outages.
    pub causes: Option<bool>,
    /// `ties: Random`; default by stream key (S13).
    pub ties: Option<Ties>,
    /// How narrow the interval of a crossing shall be, relative half-width; absent: as the sweep's values give it.
    pub refine: Option<Expr>,
    /// `sensitivity: true` or a list: the parameters that the downtime is differentiated by; all where it is empty.
    pub sensitivity: Option<Vec<Text>>,
    /// How often the uncertain values of parameter files are drawn; absent: not at all.
    pub parameter_uncertainty: Option<Expr>,
    /// What it would take: values of parameters that reach a target.
    pub targets: Vec<Target>,
    /// Published figures, shown beside ours.
    pub published: Vec<Reference>,
    /// Values that must come out.
    pub expect: Vec<Reference>,
    /// What the gate allows and watches.
    pub gate: Option<Gate>,
    /// Downtimes that may not be exceeded.
    pub objectives: Vec<Reference>,
    /// The whole `Scenario(…)`.
    pub span: Span,
}

/// `compare: (ratio: "2 %", difference: "10 %")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// Relative half-width of the ratio of the first design's downtime to each other one's.
    pub ratio: Option<Expr>,
    /// The same of the difference.
    pub difference: Option<Expr>,
    /// The whole entry.
    pub span: Span,
}

/// `gate: (margin: "2 %", up: ["service"])`.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Relative increase of a downtime that is no regression; default 2 %.
    pub margin: Option<Expr>,
    /// The conditions whose downtime is watched; default the leading one of each design.
    pub up: Vec<Text>,
    /// The whole entry.
    pub span: Span,
}

/// `(parameter: "mtbf", from: "100 h", to: "1 y", availability: ">= 99.999 %")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Design, sweep points, condition, measure and the value to be reached; it has no tolerance.
    pub goal: Reference,
    /// Whether the value is a least or a most; absent: whichever is better.
    pub side: Option<Side>,
    /// What is varied.
    pub parameter: Text,
    /// Its least value.
    pub from: Expr,
    /// Its greatest value.
    pub to: Expr,
}

/// On which side of a target's value it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

/// `"actor": (net: "…", with: {…}, primary: "service")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Its name.
    pub name: Name,
    /// Its net, relative to the scenario.
    pub net: Text,
    /// Parameters given to this design.
    pub with: Vec<Definition>,
    /// The `up` condition that leads; default the net's first.
    pub primary: Option<Text>,
    /// The whole entry.
    pub span: Span,
}

/// How a scenario is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// fivenines chooses, and says what.
    #[default]
    Auto,
    /// Simulation by the method that fivenines chooses.
    Simulation,
    /// Independent replications with the warm-up removed.
    Replications,
    /// Batch means on one long path.
    BatchMeans,
    /// Cycles between true regenerations.
    Regenerative,
    /// The same cycles, drawn behind each way in which one can begin, as many as it deserves.
    Stratified,
    /// Cycles in which failures are made likely, and weighted.
    ImportanceSampling,
    /// Replications whose paths are split where they come nearer to a failure.
    Splitting,
    /// No simulation: the net's process is solved.
    Exact,
    /// No simulation, but an approximation: clocks that stand in the way pass through exponential phases.
    PhaseTypes,
}

impl Method {
    /// Whether nothing is simulated.
    pub fn is_solved(self) -> bool {
        matches!(self, Method::Exact | Method::PhaseTypes)
    }

    /// Whether observations of one index share their random numbers in all designs.
    pub fn makes_pairs(self) -> bool {
        matches!(self, Method::Replications | Method::Regenerative | Method::Stratified)
    }
}

/// What decides between clocks that are due at the same time (S13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub enum Ties {
    /// The stream key.
    #[default]
    Stream,
    /// Chance, reproducibly.
    Random,
}

/// A value that others published, or that must come out.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Default: the only design.
    pub design: Option<Text>,
    /// Parameter values of the sweep point.
    pub at: Vec<Definition>,
    /// The `up` condition; default the primary one.
    pub up: Option<Text>,
    /// A standard measure (`availability: "0.99"` is short for `measure: "availability", value: "0.99"`)
    /// or one of the model's own.
    pub measure: Text,
    /// Its value.
    pub value: Expr,
    /// Absolute in the measure's unit, or relative with `%`; only in `expect`.
    pub tolerance: Option<Expr>,
    /// Where the value comes from.
    pub source: Option<Text>,
    /// The whole entry.
    pub span: Span,
}
