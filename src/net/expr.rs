//! Expressions over the marking: what is left after parameters and variables are evaluated.

use super::PlaceId;
use crate::dist::{Argument, Form, Law, LawError};

/// A real or Boolean (0 or 1) function of the marking.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A constant.
    Constant(f64),
    /// Tokens of these places together.
    Tokens(Vec<PlaceId>),
    /// −x.
    Negate(Box<Expr>),
    /// 1 if x is 0, else 0.
    Not(Box<Expr>),
    /// x ∘ y.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// Folds many: sums of products of colours become flat.
    Fold(FoldOp, Vec<Expr>),
    /// if c then x else y.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function of one argument.
    Apply(Function, Box<Expr>),
}

/// Binary operators; comparisons and logic give 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Op {
    Subtract,
    Divide,
    Modulo,
    Power,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Associative operators. `And` and `Or` of nothing are 1 and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum FoldOp {
    Add,
    Multiply,
    Min,
    Max,
    And,
    Or,
}

/// Functions of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Function {
    Abs,
    Ceil,
    Exp,
    Floor,
    Ln,
    Sqrt,
}

impl Expr {
    /// The constant, if it is one.
    pub fn constant(&self) -> Option<f64> {
        match self {
            Expr::Constant(value) => Some(*value),
            _ => None,
        }
    }

    /// Its value in a marking (tokens by place index).
    pub fn evaluate(&self, marking: &[u32]) -> f64 {
        let at = |e: &Expr| e.evaluate(marking);
        match self {
            Expr::Constant(value) => *value,
            Expr::Tokens(places) => places.iter().map(|p| f64::from(marking[p.0 as usize])).sum(),
            Expr::Negate(x) => -at(x),
            Expr::Not(x) => f64::from(at(x) == 0.0),
            Expr::Binary(op, x, y) => op.apply(at(x), at(y)),
            Expr::Fold(op, parts) => parts.iter().map(at).fold(op.unit(), |x, y| op.apply(x, y)),
            Expr::If(c, x, y) => {
                if at(c) != 0.0 {
                    at(x)
                } else {
                    at(y)
                }
            }
            Expr::Apply(function, x) => function.apply(at(x)),
        }
    }

    /// Calls `visit` with every place that it reads.
    pub fn places(&self, visit: &mut impl FnMut(PlaceId)) {
        match self {
            Expr::Constant(_) => {}
            Expr::Tokens(places) => places.iter().for_each(|&p| visit(p)),
            Expr::Negate(x) | Expr::Not(x) | Expr::Apply(_, x) => x.places(visit),
            Expr::Binary(_, x, y) => [x, y].into_iter().for_each(|e| e.places(visit)),
            Expr::Fold(_, parts) => parts.iter().for_each(|e| e.places(visit)),
            Expr::If(c, x, y) => [c, x, y].into_iter().for_each(|e| e.places(visit)),
        }
    }
}

impl Op {
    /// x ∘ y; comparisons give 0 or 1.
    #[inline]
    pub fn apply(self, x: f64, y: f64) -> f64 {
        match self {
            Op::Subtract => x - y,
            Op::Divide => x / y,
            Op::Modulo => x.rem_euclid(y),
            Op::Power => libm::pow(x, y),
            Op::Equal => f64::from(x == y),
            Op::NotEqual => f64::from(x != y),
            Op::Less => f64::from(x < y),
            Op::LessEqual => f64::from(x <= y),
            Op::Greater => f64::from(x > y),
            Op::GreaterEqual => f64::from(x >= y),
        }
    }
}

impl FoldOp {
    /// What nothing folds to.
    pub fn unit(self) -> f64 {
        match self {
            FoldOp::Add | FoldOp::Or => 0.0,
            FoldOp::Multiply | FoldOp::And => 1.0,
            FoldOp::Min => f64::INFINITY,
            FoldOp::Max => f64::NEG_INFINITY,
        }
    }

    /// x ∘ y.
    #[inline]
    pub fn apply(self, x: f64, y: f64) -> f64 {
        match self {
            FoldOp::Add => x + y,
            FoldOp::Multiply => x * y,
            FoldOp::Min => x.min(y),
            FoldOp::Max => x.max(y),
            FoldOp::And => f64::from(x != 0.0 && y != 0.0),
            FoldOp::Or => f64::from(x != 0.0 || y != 0.0),
        }
    }
}

impl Function {
    /// Its value at x.
    #[inline]
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Function::Abs => x.abs(),
            Function::Ceil => x.ceil(),
            Function::Exp => libm::exp(x),
            Function::Floor => x.floor(),
            Function::Ln => libm::log(x),
            Function::Sqrt => x.sqrt(),
        }
    }
}

/// A law whose parameters may depend on the marking (evaluated when the clock starts, S12).
#[derive(Debug, Clone, PartialEq)]
pub struct LawExpr {
    /// Which law, in which parametrisation.
    pub form: &'static Form,
    /// Its parameters, in the form's order.
    pub arguments: Vec<ArgumentExpr>,
}

/// One parameter of a law.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgumentExpr {
    /// A number.
    Scalar(Expr),
    /// Numbers.
    List(Vec<Expr>),
    /// A law.
    Law(LawExpr),
    /// Laws.
    Laws(Vec<LawExpr>),
}

impl LawExpr {
    /// The law in a marking.
    pub fn evaluate(&self, marking: &[u32]) -> Result<Law, LawError> {
        let arguments: Result<Vec<Argument>, LawError> = self.arguments.iter().map(|a| a.evaluate(marking)).collect();
        (self.form.build)(&arguments?)
    }

    /// Whether no parameter depends on the marking.
    pub fn is_constant(&self) -> bool {
        let mut constant = true;
        self.places(&mut |_| constant = false);
        constant
    }

    /// Calls `visit` with every place that its parameters read.
    pub fn places(&self, visit: &mut impl FnMut(PlaceId)) {
        for argument in &self.arguments {
            match argument {
                ArgumentExpr::Scalar(e) => e.places(visit),
                ArgumentExpr::List(list) => list.iter().for_each(|e| e.places(visit)),
                ArgumentExpr::Law(law) => law.places_dyn(visit),
                ArgumentExpr::Laws(laws) => laws.iter().for_each(|law| law.places_dyn(visit)),
            }
        }
    }

    /// Breaks the type recursion of [`LawExpr::places`].
    fn places_dyn(&self, visit: &mut dyn FnMut(PlaceId)) {
        self.places(&mut |p| visit(p));
    }
}

impl ArgumentExpr {
    fn evaluate(&self, marking: &[u32]) -> Result<Argument, LawError> {
        Ok(match self {
            ArgumentExpr::Scalar(e) => Argument::Scalar(e.evaluate(marking)),
            ArgumentExpr::List(list) => Argument::List(list.iter().map(|e| e.evaluate(marking)).collect()),
            ArgumentExpr::Law(law) => Argument::Law(law.evaluate(marking)?),
            ArgumentExpr::Laws(laws) => {
                Argument::Laws(laws.iter().map(|law| law.evaluate(marking)).collect::<Result<_, _>>()?)
            }
        })
    }
}
