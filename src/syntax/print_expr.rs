//! Expressions as text, with no more parentheses than are needed.

use super::expr::{Argument, BinaryOp, Expr, ExprKind, Name, Path, PlaceRef, Quantifier, UnaryOp};
use super::lex::is_name;

/// How tightly an expression holds together; the parts of another must hold at least as tightly as it asks.
type Strength = u8;

const ANY: Strength = 0;
const RANGE: Strength = 1;
const OR: Strength = 2;
const COMPARISON: Strength = 4;
const UNARY: Strength = 7;
const ATOM: Strength = 9;

/// The expression in its canonical spelling. One that could not be read gives `?`, which cannot be read either.
pub fn print_expr(expr: &Expr) -> String {
    let mut text = String::new();
    write(expr, ANY, &mut text);
    text
}

/// The place in its canonical spelling, without `#`.
pub fn print_place(place: &PlaceRef) -> String {
    let mut text = String::new();
    write_place(place, &mut text);
    text
}

/// `k in Kid, j in 1..=2`.
pub(super) fn print_variables(variables: &[(Name, Expr)]) -> String {
    let mut text = String::new();
    write_variables(variables, &mut text);
    text
}

fn write(expr: &Expr, least: Strength, text: &mut String) {
    let bare = strength(&expr.kind) >= least;
    if !bare {
        text.push('(');
    }
    write_bare(&expr.kind, text);
    if !bare {
        text.push(')');
    }
}

fn strength(kind: &ExprKind) -> Strength {
    match kind {
        ExprKind::If(..) => ANY,
        ExprKind::Range { .. } => RANGE,
        ExprKind::Binary(op, ..) => binary(*op).1,
        ExprKind::Unary(..) | ExprKind::At { .. } | ExprKind::Over { .. } => UNARY,
        _ => ATOM,
    }
}

/// The operator's sign, its strength, and what it asks of its sides.
fn binary(op: BinaryOp) -> (&'static str, Strength, Strength, Strength) {
    let left = |sign, strength| (sign, strength, strength, strength + 1);
    let comparison = |sign| (sign, COMPARISON, COMPARISON + 1, COMPARISON + 1);
    match op {
        BinaryOp::Or => left("||", OR),
        BinaryOp::And => left("&&", 3),
        BinaryOp::Equal => comparison("=="),
        BinaryOp::NotEqual => comparison("!="),
        BinaryOp::Less => comparison("<"),
        BinaryOp::LessEqual => comparison("<="),
        BinaryOp::Greater => comparison(">"),
        BinaryOp::GreaterEqual => comparison(">="),
        BinaryOp::Add => left("+", 5),
        BinaryOp::Subtract => left("-", 5),
        BinaryOp::Multiply => left("*", 6),
        BinaryOp::Divide => left("/", 6),
        BinaryOp::Modulo => left("mod", 6),
        BinaryOp::Power => ("^", 8, ATOM, UNARY),
    }
}

fn write_bare(kind: &ExprKind, text: &mut String) {
    match kind {
        ExprKind::Invalid => text.push('?'),
        ExprKind::Number(value) => text.push_str(&number(*value)),
        ExprKind::Quantity { written, unit, .. } => *text += &format!("{} {unit}", number(*written)),
        ExprKind::Boolean(value) => *text += if *value { "true" } else { "false" },
        ExprKind::Path(path) => write_path(path, text),
        ExprKind::Tokens(place) => {
            text.push('#');
            write_place(place, text);
        }
        ExprKind::Unary(op, operand) => {
            text.push(if *op == UnaryOp::Negate { '-' } else { '!' });
            write(operand, UNARY, text);
        }
        ExprKind::Binary(op, left, right) => {
            let (sign, _, left_least, right_least) = binary(*op);
            write(left, left_least, text);
            *text += &format!(" {sign} ");
            write(right, right_least, text);
        }
        ExprKind::Range { from, to, inclusive } => {
            write(from, OR, text);
            *text += if *inclusive { "..=" } else { ".." };
            write(to, OR, text);
        }
        ExprKind::All(set) => {
            *text += "all ";
            write(set, ATOM, text);
        }
        ExprKind::At { asked, time } => {
            write(asked, ATOM, text);
            *text += " @ ";
            write(time, ATOM, text);
        }
        ExprKind::Over { asked, from, to } => {
            write(asked, ATOM, text);
            *text += " over [";
            write(from, ANY, text);
            *text += ", ";
            write(to, ANY, text);
            text.push(']');
        }
        _ => write_worded(kind, text),
    }
}

/// What has words or brackets around its parts.
fn write_worded(kind: &ExprKind, text: &mut String) {
    match kind {
        ExprKind::If(condition, yes, no) => {
            for (word, part) in [("if ", condition), (" then ", yes), (" else ", no)] {
                *text += word;
                write(part, ANY, text);
            }
        }
        ExprKind::Call(name, arguments) => {
            *text += &name.text;
            text.push('(');
            separated(arguments, text, write_argument);
            text.push(')');
        }
        ExprKind::Quantified { quantifier, variables, filter, body } => {
            *text += quantifier_word(*quantifier);
            text.push('(');
            write_variables(variables, text);
            write_condition(filter.as_deref(), text);
            *text += ": ";
            write(body, ANY, text);
            text.push(')');
        }
        ExprKind::Set(items) => bracketed("{", items, "}", text),
        ExprKind::Tuple(items) => bracketed("(", items, ")", text),
        ExprKind::List(items) => bracketed("[", items, "]", text),
        ExprKind::Table(entries) => {
            text.push('{');
            separated(entries, text, |(key, value), text| {
                write(key, ANY, text);
                *text += ": ";
                write(value, ANY, text);
            });
            text.push('}');
        }
        ExprKind::Probability { event: value, given } | ExprKind::Expectation { value, given } => {
            *text += if matches!(kind, ExprKind::Probability { .. }) { "P{" } else { "E{" };
            write(value, ANY, text);
            write_condition(given.as_deref(), text);
            text.push('}');
        }
        ExprKind::Fate(word, condition) => {
            *text += &word.text;
            text.push('{');
            write(condition, ANY, text);
            text.push('}');
        }
        _ => {}
    }
}

fn quantifier_word(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::Sum => "sum",
        Quantifier::Product => "product",
        Quantifier::ForAll => "all",
        Quantifier::Exists => "any",
        Quantifier::Count => "count",
    }
}

fn write_condition(condition: Option<&Expr>, text: &mut String) {
    if let Some(condition) = condition {
        *text += " if ";
        write(condition, ANY, text);
    }
}

fn write_argument(argument: &Argument, text: &mut String) {
    if let Some(name) = &argument.name {
        *text += &format!("{}: ", name.text);
    }
    write(&argument.value, ANY, text);
}

fn write_variables(variables: &[(Name, Expr)], text: &mut String) {
    separated(variables, text, |(name, set), text| {
        *text += &format!("{} in ", name.text);
        write(set, RANGE, text);
    });
}

fn write_path(path: &Path, text: &mut String) {
    for (i, segment) in path.segments.iter().enumerate() {
        if i > 0 {
            text.push('.');
        }
        match is_name(&segment.name.text) {
            true => *text += &segment.name.text,
            false => *text += &format!("`{}`", segment.name.text),
        }
        if !segment.index.is_empty() {
            bracketed("[", &segment.index, "]", text);
        }
    }
}

fn write_place(place: &PlaceRef, text: &mut String) {
    write_path(&place.path, text);
    if !place.colour.is_empty() {
        bracketed("(", &place.colour, ")", text);
    }
}

fn bracketed(open: &str, items: &[Expr], close: &str, text: &mut String) {
    *text += open;
    separated(items, text, |item, text| write(item, ANY, text));
    *text += close;
}

fn separated<T>(items: &[T], text: &mut String, mut write: impl FnMut(&T, &mut String)) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            *text += ", ";
        }
        write(item, text);
    }
}

/// The shortest spelling that gives the same number.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value}") } else { format!("{value:?}") }
}
