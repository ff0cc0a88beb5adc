//! Ranges of a sweep → their values: `range(1 h, 8 h, points: 8)`, `logrange(10 h, 1000 h, points: 9)`.
//!
//! The ends stay as they are written; what lies between is stated in the unit of the first end and rounded to six
//! digits, so that a point of the sweep can be typed again.

use super::points::{MOST_POINTS, written};
use super::read::Reading;
use crate::diag::{Diagnostic, Span};
use crate::syntax::ast::Scenario;
use crate::syntax::constant::{Constant, constant};
use crate::syntax::expr::{Argument, Expr, ExprKind, Name};
use crate::syntax::parse_expr;
use crate::units::{Dimension, unit};

/// Significant digits of the values between the ends.
const DIGITS: usize = 6;

/// What a range is written like.
const FORM: &str =
    "a range is written `range(1 h, 8 h, points: 8)`; `logrange` has equal ratios in place of equal steps";

/// Puts the values of all ranges of a sweep in their place.
pub fn expand(scenario: &mut Scenario, reading: &mut Reading) {
    for (name, values) in &mut scenario.sweep {
        let mut all = Vec::new();
        for value in values.drain(..) {
            match range(&value, reading) {
                Ok(None) => all.push(value),
                Ok(Some(range)) => all.extend(range.values(name, reading)),
                Err(()) => all.push(Expr { kind: ExprKind::Invalid, span: value.span }),
            }
        }
        *values = all;
    }
}

/// A range that makes sense.
struct Range<'e> {
    ends: [&'e Expr; 2],
    values: [Constant; 2],
    points: usize,
    logarithmic: bool,
    span: Span,
}

/// The range that an expression is; none where it is something else. An error has been told.
fn range<'e>(expr: &'e Expr, reading: &mut Reading) -> Result<Option<Range<'e>>, ()> {
    let ExprKind::Call(word, arguments) = &expr.kind else { return Ok(None) };
    let logarithmic = match word.text.as_str() {
        "range" => false,
        "logrange" => true,
        _ => return Ok(None),
    };
    let [from, to, points] = [(0, "from"), (1, "to"), (2, "points")].map(|(i, name)| argument(arguments, i, name));
    let (Some(from), Some(to), Some(points), 3) = (from, to, points, arguments.len()) else {
        return wrong(reading, expr.span, "a range has two ends and a number of points".into());
    };
    let mut read = |expr| constant(expr, reading.diagnostics).ok_or(());
    let (low, high, count) = (read(from)?, read(to)?, read(points)?);
    if low.dimension != high.dimension {
        return wrong(
            reading,
            to.span,
            format!("the range begins with {} and ends with {}", low.dimension, high.dimension),
        );
    }
    if low.dimension.time.abs() > 1 {
        return wrong(reading, from.span, format!("a range of {} has no unit to be written in", low.dimension));
    }
    if count.dimension != Dimension::NUMBER || !(count.value >= 2.0 && count.value.fract() == 0.0) {
        return wrong(reading, points.span, "the number of points is a whole number, at least 2".into());
    }
    if count.value > MOST_POINTS as f64 {
        let message = format!("the sweep spans more than {MOST_POINTS} points");
        reading.diagnostics.push(Diagnostic::error("E0915", points.span, message).help("sweep fewer values"));
        return Err(());
    }
    let proper = |x: f64| x.is_finite() && (!logarithmic || x > 0.0);
    if let Some(end) = [(from, low), (to, high)].into_iter().find(|(_, end)| !proper(end.value)) {
        let what = if logarithmic { "an end of a logarithmic range lies above 0" } else { "an end must be finite" };
        return wrong(reading, end.0.span, what.into());
    }
    let values = [low, high];
    Ok(Some(Range { ends: [from, to], values, points: count.value as usize, logarithmic, span: expr.span }))
}

/// Tells that a range makes no sense.
fn wrong<T>(reading: &mut Reading, span: Span, message: String) -> Result<T, ()> {
    reading.diagnostics.push(Diagnostic::error("E0917", span, message).help(FORM));
    Err(())
}

/// The argument of that position or name.
fn argument<'e>(arguments: &'e [Argument], position: usize, name: &str) -> Option<&'e Expr> {
    let named = |argument: &&Argument| argument.name.as_ref().is_some_and(|word| word.text == name);
    let by_position = || arguments.get(position).filter(|argument| argument.name.is_none());
    arguments.iter().find(named).or_else(by_position).map(|argument| &argument.value)
}

impl Range<'_> {
    /// Its values as expressions, each in a text of its own.
    fn values(&self, name: &Name, reading: &mut Reading) -> Vec<Expr> {
        let (factor, unit) = self.unit();
        let [from, to] = self.values.map(|end| end.value);
        let last = (self.points - 1) as f64;
        let mut texts = vec![written(self.ends[0], reading.sources)];
        for i in 1..self.points - 1 {
            let share = i as f64 / last;
            let value = match self.logarithmic {
                true => libm::exp(libm::log(from) + share * (libm::log(to) - libm::log(from))),
                false => from + share * (to - from),
            };
            texts.push(format!("{}{unit}", rounded(value / factor, DIGITS)));
        }
        texts.push(written(self.ends[1], reading.sources));
        if texts.windows(2).any(|pair| pair[0] == pair[1]) {
            let diagnostic =
                Diagnostic::error("E0917", self.span, format!("these values don't differ in {DIGITS} digits"));
            reading.diagnostics.push(diagnostic.help("take fewer points, or ends that lie further apart"));
            return Vec::new();
        }
        texts.iter().filter_map(|text| parsed(&name.text, text, reading)).collect()
    }

    /// The unit of the first end, as a factor and as it is written behind a number.
    fn unit(&self) -> (f64, String) {
        let first = self.values[0].dimension;
        let named = |name: &str| unit(name).map(|(factor, _)| (factor, format!(" {name}")));
        let own = match &self.ends[0].kind {
            ExprKind::Quantity { unit: name, .. } => named(name),
            _ => None,
        };
        own.or_else(|| named(if first == Dimension::RATE { "Hz" } else { "s" }).filter(|_| first != Dimension::NUMBER))
            .unwrap_or((1.0, String::new()))
    }
}

/// A text as an expression with a source of its own.
pub(super) fn parsed(name: &str, text: &str, reading: &mut Reading) -> Option<Expr> {
    let source = reading.sources.add(format!("sweep of {name}"), text);
    parse_expr(source, text, 0, reading.diagnostics)
}

/// A number with so many significant digits, written as short as it can be read back.
pub(super) fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn six_digits_are_kept() {
        for (value, text) in
            [(2.154_434_690_031_884, "2.15443"), (1e6 / 3.0, "333333"), (2e-9 / 3.0, "0.000000000666667")]
        {
            assert_eq!(rounded(value, 6).to_string(), text);
        }
        assert_eq!((rounded(0.0, 6), rounded(-1.5, 6)), (0.0, -1.5));
    }
}
