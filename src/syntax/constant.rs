//! Constants of a scenario or fault plan: numbers and quantities with arithmetic, but no names.

use super::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::diag::{Diagnostic, Diagnostics};
use crate::units::Dimension;

/// A value in base units and its dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constant {
    /// In base units.
    pub value: f64,
    /// Power of time.
    pub dimension: Dimension,
}

/// What an expression needs of time: addition needs two alike, and so on.
enum Wrong {
    /// Not a constant.
    Name,
    /// Dimensions don't go together.
    Dimension(Dimension, Dimension),
    /// Told already when the file was read.
    Told,
}

/// Evaluates an expression; its mistakes are added to `diagnostics`.
pub fn constant(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Constant> {
    match evaluate(expr) {
        Ok(constant) => Some(constant),
        Err((_, Wrong::Told)) => None,
        Err((at, Wrong::Name)) => {
            let diagnostic = Diagnostic::error("E0903", at.span, "not a constant");
            diagnostics.push(
                diagnostic.help("a scenario's figures are numbers and quantities, such as `0.95`, `4 h` or `1 / 3`"),
            );
            None
        }
        Err((at, Wrong::Dimension(x, y))) => {
            let message = format!("{x} and {y} don't go together here");
            diagnostics.push(Diagnostic::error("E0904", at.span, message));
            None
        }
    }
}

fn evaluate(expr: &Expr) -> Result<Constant, (&Expr, Wrong)> {
    match &expr.kind {
        ExprKind::Number(value) => Ok(Constant { value: *value, dimension: Dimension::NUMBER }),
        ExprKind::Quantity { value, dimension, .. } => Ok(Constant { value: *value, dimension: *dimension }),
        ExprKind::Unary(UnaryOp::Negate, x) => {
            let x = evaluate(x)?;
            Ok(Constant { value: -x.value, ..x })
        }
        ExprKind::Binary(op, x, y) => binary(expr, *op, evaluate(x)?, evaluate(y)?),
        ExprKind::Call(name, arguments) if arguments.len() == 1 => {
            let x = evaluate(&arguments[0].value)?;
            function(expr, &name.text, x)
        }
        ExprKind::Invalid => Err((expr, Wrong::Told)),
        _ => Err((expr, Wrong::Name)),
    }
}

fn binary(expr: &Expr, op: BinaryOp, x: Constant, y: Constant) -> Result<Constant, (&Expr, Wrong)> {
    let alike = |value| match x.dimension == y.dimension {
        true => Ok(Constant { value, ..x }),
        false => Err((expr, Wrong::Dimension(x.dimension, y.dimension))),
    };
    let of_time = |value, power: i32| match i8::try_from(power) {
        Ok(time) => Ok(Constant { value, dimension: Dimension { time } }),
        Err(_) => Err((expr, Wrong::Dimension(x.dimension, y.dimension))),
    };
    let (xt, yt) = (i32::from(x.dimension.time), i32::from(y.dimension.time));
    match op {
        BinaryOp::Add => alike(x.value + y.value),
        BinaryOp::Subtract => alike(x.value - y.value),
        BinaryOp::Multiply => of_time(x.value * y.value, xt + yt),
        BinaryOp::Divide => of_time(x.value / y.value, xt - yt),
        BinaryOp::Power if yt == 0 && (xt == 0 || y.value.fract() == 0.0 && y.value.abs() < 100.0) => {
            of_time(libm::pow(x.value, y.value), if xt == 0 { 0 } else { xt * y.value as i32 })
        }
        BinaryOp::Power => Err((expr, Wrong::Dimension(x.dimension, y.dimension))),
        _ => Err((expr, Wrong::Name)),
    }
}

fn function<'e>(expr: &'e Expr, name: &str, x: Constant) -> Result<Constant, (&'e Expr, Wrong)> {
    let f = match name {
        "abs" => return Ok(Constant { value: x.value.abs(), ..x }),
        "exp" => libm::exp,
        "ln" => libm::log,
        "sqrt" => libm::sqrt,
        _ => return Err((expr, Wrong::Name)),
    };
    match x.dimension {
        Dimension::NUMBER => Ok(Constant { value: f(x.value), ..x }),
        other => Err((expr, Wrong::Dimension(other, Dimension::NUMBER))),
    }
}
