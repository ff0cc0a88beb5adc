//! The expression language inside the strings of a file.

use crate::diag::Span;
use crate::units::Dimension;

/// An expression with its place in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// A single word with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A dotted name with indices: `mtbf`, `params.mtbf`, `kid[k].Idle`, `table[c]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// At least one.
    pub segments: Vec<Segment>,
    /// The whole of it.
    pub span: Span,
}

/// One part of a dotted name.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name.
    pub name: Name,
    /// What stands in brackets behind it.
    pub index: Vec<Expr>,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Could not be read, and that has been reported: later stages say nothing about it.
    Invalid,
    /// `3`, `0.4`, `1e-5`.
    Number(f64),
    /// `4 h`, `95 %`: the value in base units, its dimension, and the unit as written.
    Quantity {
        /// In base units (seconds, per second, plain).
        value: f64,
        /// Its dimension.
        dimension: Dimension,
        /// The number as written.
        written: f64,
        /// The unit as written.
        unit: String,
    },
    /// `true`, `false`.
    Boolean(bool),
    /// A parameter, variable, colour, colour set, transition or instance, by name.
    Path(Path),
    /// `#Place`, `#Place(colour)`, `#kid[k].Place(c)`: tokens of a place (of one colour, or of all).
    Tokens(PlaceRef),
    /// `-x`, `!x`.
    Unary(UnaryOp, Box<Expr>),
    /// `x + y`, `x && y`, …
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `if c then x else y`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `LogNormal(mean: m, sigma: s)`, `min(a, b)`, `rate(T)`, `impulse(T, x)`.
    Call(Name, Vec<Argument>),
    /// `sum(k in Kid: …)`, `sum(k in Kid if k != udp: …)`, `all(…)`, `any(…)`, `product(…)`, `count(…)`.
    Quantified {
        /// Which.
        quantifier: Quantifier,
        /// Variables and their colour sets.
        variables: Vec<(Name, Expr)>,
        /// The filter behind `if`.
        filter: Option<Box<Expr>>,
        /// What is summed or tested.
        body: Box<Expr>,
    },
    /// `{a, b, c}`: an enumeration; `{}` is empty.
    Set(Vec<Expr>),
    /// `1..=6`, `0..n` (without the end).
    Range {
        /// First value.
        from: Box<Expr>,
        /// Last value.
        to: Box<Expr>,
        /// Whether `to` belongs to it.
        inclusive: bool,
    },
    /// `(a, b)`: a colour of a product.
    Tuple(Vec<Expr>),
    /// `[1 s, 2 s]`: a list (samples of an empirical law, rates of a hypoexponential one).
    List(Vec<Expr>),
    /// `{udp: 1 h, tcp: 2 h}`: a value by colour; also the parts of `Mixed({0.3: A, 0.7: B})`.
    Table(Vec<(Expr, Expr)>),
    /// `all Child`: one token of every colour.
    All(Box<Expr>),
    /// `P{condition}`, `P{condition if given}`.
    Probability {
        /// What is asked.
        event: Box<Expr>,
        /// The condition behind `if`.
        given: Option<Box<Expr>>,
    },
    /// `E{value}`, `E{value if given}`.
    Expectation {
        /// What is averaged over time.
        value: Box<Expr>,
        /// The condition behind `if`.
        given: Option<Box<Expr>>,
    },
    /// `x @ t`: at a time.
    At {
        /// What is asked.
        asked: Box<Expr>,
        /// When.
        time: Box<Expr>,
    },
    /// `x over [a, b]`: over an interval.
    Over {
        /// What is asked.
        asked: Box<Expr>,
        /// Its beginning.
        from: Box<Expr>,
        /// Its end.
        to: Box<Expr>,
    },
    /// `outage{condition}`, `outages{…}`, `downtime{…}`, `availability{…}`, `reliability{…}`, `first{…}`, `reached{…}`: what becomes of a condition.
    Fate(Name, Box<Expr>),
}

/// What stands before the braces of [`ExprKind::Fate`].
pub const FATES: &[&str] = &["availability", "downtime", "first", "outage", "outages", "reached", "reliability"];

/// A place, with the colours in parentheses behind it: `Failed`, `Failed(k)`, `kid[k].Idle`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceRef {
    /// Which place.
    pub path: Path,
    /// Components of the colour; empty: all colours, or the uncoloured place.
    pub colour: Vec<Expr>,
    /// The whole of it.
    pub span: Span,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `mean` in `LogNormal(mean: …)`.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Infix operators, from weak to strong: `||`, `&&`, comparisons, `+ -`, `* / mod`, `^` (right).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// Operators over a colour set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `sum(…)`: numbers.
    Sum,
    /// `product(…)`: numbers.
    Product,
    /// `all(…)`: conditions.
    ForAll,
    /// `any(…)`: conditions.
    Exists,
    /// `count(…)`: how many bindings satisfy the condition.
    Count,
}
