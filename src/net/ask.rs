//! Measures with a time of their own, and about outages: `P{…} @ t`, `rate(T) over [a, b]`, `quantile(0.99, outage{…})`.

use super::expr::{Expr as Flat, FoldOp};
use super::flatten::Flattener;
use super::fold;
use super::measures::OUTSIDE;
use super::question::{About, Aspect, Interval, Question, Relation, Variable};
use super::scope::{Home, Scope};
use super::value::counted;
use super::{Average, Condition, Formula, Measure};
use crate::diag::{Diagnostic, Span};
use crate::syntax::ast;
use crate::syntax::expr::{Argument, BinaryOp, Expr, ExprKind, UnaryOp};
use crate::units::Dimension;

/// Functions of a random variable.
const OF_LAWS: [&str; 3] = ["P", "quantile", "excess"];

/// Whether a measure asks what no long-run average tells.
pub(super) fn asks(mut e: &Expr) -> bool {
    // Down the left side without recursion: a sum of many terms is deep there.
    while let ExprKind::Binary(_, x, y) = &e.kind {
        if asks(y) {
            return true;
        }
        e = x;
    }
    match &e.kind {
        ExprKind::At { .. } | ExprKind::Over { .. } | ExprKind::Fate(..) => true,
        ExprKind::Call(name, arguments) => {
            OF_LAWS.contains(&name.text.as_str()) || arguments.iter().any(|argument| asks(&argument.value))
        }
        ExprKind::Unary(_, x) => asks(x),
        ExprKind::If(c, x, y) => [c, x, y].into_iter().any(|e| asks(e)),
        ExprKind::Quantified { body, .. } => asks(body),
        _ => false,
    }
}

/// Whether it asks for a long-run average.
fn averages(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Probability { .. } | ExprKind::Expectation { .. } => true,
        ExprKind::Call(name, _) => ["rate", "impulse"].contains(&name.text.as_str()),
        ExprKind::Binary(_, x, y) => averages(x) || averages(y),
        ExprKind::Unary(_, x) => averages(x),
        ExprKind::If(c, x, y) => [c, x, y].into_iter().any(|e| averages(e)),
        ExprKind::Quantified { body, .. } => averages(body),
        _ => false,
    }
}

/// offset + factor · x; without an x it is a constant.
struct Asked {
    about: Option<About>,
    offset: f64,
    factor: f64,
    dimension: Dimension,
}

impl Asked {
    fn of(about: About, dimension: Dimension) -> Asked {
        Asked { about: Some(about), offset: 0.0, factor: 1.0, dimension }
    }

    fn times(self, factor: f64, dimension: Dimension) -> Asked {
        Asked { offset: self.offset * factor, factor: self.factor * factor, dimension, ..self }
    }
}

/// A random variable as it is written: an availability is what a downtime leaves of its interval.
struct Random {
    of: Variable,
    /// Of its values.
    dimension: Dimension,
    /// Length of the interval, of an availability.
    share_of: Option<f64>,
}

impl Flattener<'_, '_> {
    /// A measure of that kind, the `position`th of the file.
    pub(super) fn question(&mut self, measure: &ast::Measure, position: usize) -> Option<Question> {
        let mut scope = Scope::fixed(Home::Frame(0), OUTSIDE);
        self.asking.clone_from(&measure.name.text);
        let asked = self.asked(&mut scope, &measure.value);
        let precision = match measure.precision.as_ref().map(|e| self.precision(e)) {
            Some(None) => return None,
            Some(precision) => precision,
            None => None,
        };
        let Asked { about, offset, factor, dimension } = asked?;
        let (name, span) = (measure.name.text.clone(), measure.name.span);
        Some(Question { name, about: about?, offset, factor, dimension, precision, position, span })
    }

    fn asked<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Asked> {
        if !asks(e) {
            return self.added(scope, e);
        }
        match &e.kind {
            ExprKind::Binary(op, x, y) => {
                let (left, right) = (self.asked(scope, x), self.asked(scope, y));
                self.affine(*op, left?, right?, e.span)
            }
            ExprKind::Unary(UnaryOp::Negate, x) => {
                let asked = self.asked(scope, x)?;
                let dimension = asked.dimension;
                Some(asked.times(-1.0, dimension))
            }
            ExprKind::If(c, x, y) => {
                let condition = self.value(scope, c);
                let truth = self.as_condition(&condition, c.span).and_then(|c| fold::truth(&c))?;
                self.asked(scope, if truth { x } else { y })
            }
            ExprKind::At { asked, time } => self.at(scope, e.span, asked, time),
            ExprKind::Over { asked, from, to } if !matches!(asked.kind, ExprKind::Fate(..)) => {
                let interval = self.interval(scope, from, to);
                self.over(scope, asked, interval?)
            }
            ExprKind::Over { .. } | ExprKind::Fate(..) => self.mean(scope, e),
            ExprKind::Call(name, arguments) if OF_LAWS.contains(&name.text.as_str()) => {
                self.law_asked(scope, e.span, &name.text, arguments)
            }
            _ => self.no_question(e.span),
        }
    }

    fn no_question<T>(&mut self, span: Span) -> Option<T> {
        let message = "a measure with a time of its own holds one of them, with numbers added or multiplied";
        self.error_none(Diagnostic::error("E0517", span, message).help("make each a measure of its own"))
    }

    /// What is added or multiplied.
    fn added<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Asked> {
        if averages(e) {
            let message = "a long-run average beside what has a time of its own";
            let help = "give it a time too (`… @ t`, `… over [a, b]`), or make it a measure of its own";
            return self.error_none(Diagnostic::error("E0517", e.span, message).help(help));
        }
        let (offset, dimension) = self.number(scope, e)?;
        Some(Asked { about: None, offset, factor: 0.0, dimension })
    }

    fn number<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<(f64, Dimension)> {
        let value = self.value(scope, e);
        let (x, dimension) = self.as_number(&value, e.span)?;
        Some((x.constant()?, dimension))
    }

    fn affine(&mut self, op: BinaryOp, left: Asked, right: Asked, span: Span) -> Option<Asked> {
        let (x, y) = (left.dimension, right.dimension);
        match (op, left.about, right.about) {
            (BinaryOp::Add | BinaryOp::Subtract, None, _) | (BinaryOp::Add | BinaryOp::Subtract, _, None) => {
                if x != y {
                    let message = format!("{y} can't be added to {x}");
                    return self.error_none(Diagnostic::error("E0501", span, message));
                }
                let sign = if op == BinaryOp::Add { 1.0 } else { -1.0 };
                let (offset, factor) = (left.offset + sign * right.offset, left.factor + sign * right.factor);
                Some(Asked { about: left.about.or(right.about), offset, factor, dimension: x })
            }
            (BinaryOp::Multiply, None, _) => Some(right.times(left.offset, self.power_of_time(x.times(y), span)?)),
            (BinaryOp::Multiply, _, None) => Some(left.times(right.offset, self.power_of_time(x.times(y), span)?)),
            (BinaryOp::Divide, _, None) if right.offset != 0.0 => {
                let dimension = self.power_of_time(x.over(y), span)?;
                let (offset, factor) = (left.offset / right.offset, left.factor / right.offset);
                Some(Asked { offset, factor, dimension, ..left })
            }
            _ => self.no_question(span),
        }
    }

    fn power_of_time(&mut self, dimension: Option<Dimension>, span: Span) -> Option<Dimension> {
        if dimension.is_none() {
            self.error(Diagnostic::error("E0515", span, "a power of time beyond all measure"));
        }
        dimension
    }

    /// `… @ t`.
    fn at<'a>(&mut self, scope: &mut Scope<'a>, span: Span, asked: &'a Expr, time: &'a Expr) -> Option<Asked> {
        let time = self.moment(scope, time);
        match &asked.kind {
            ExprKind::Probability { .. } | ExprKind::Expectation { .. } => {
                let (average, given, dimension) = self.marked(scope, asked)?;
                Some(Asked::of(About::At { average, given, chance: is_chance(asked), time: time? }, dimension))
            }
            ExprKind::Fate(word, condition) if word.text == "reliability" => {
                let condition = self.fateful(scope, condition);
                Some(Asked::of(About::Reliability { condition: condition?, time: time? }, Dimension::NUMBER))
            }
            _ => {
                let message = "this has no value at an instant";
                let help = "`P{…}`, `E{…}` and `reliability{…}` do; others have one over an interval: `… over [a, b]`";
                self.error_none(Diagnostic::error("E0520", span, message).help(help))
            }
        }
    }

    /// Averages over an interval.
    fn over<'a>(&mut self, scope: &mut Scope<'a>, asked: &'a Expr, interval: Interval) -> Option<Asked> {
        let (average, given, dimension) = match &asked.kind {
            ExprKind::Probability { .. } | ExprKind::Expectation { .. } => self.marked(scope, asked)?,
            ExprKind::Call(name, _) if ["rate", "impulse"].contains(&name.text.as_str()) => {
                let (formula, dimension) = self.formula(scope, asked)?;
                (self.average(formula, dimension, asked.span), None, dimension)
            }
            _ => {
                let message = "this has no value over an interval";
                let help =
                    "`P{…}`, `E{…}`, `rate(…)`, `impulse(…)`, `outages{…}`, `downtime{…}` and `availability{…}` do";
                return self.error_none(Diagnostic::error("E0520", asked.span, message).help(help));
            }
        };
        Some(Asked::of(About::Over { average, given, chance: is_chance(asked), interval }, dimension))
    }

    /// The averages of `P{event if given}` or `E{value if given}`.
    fn marked<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<(usize, Option<usize>, Dimension)> {
        let (value, given) = match &e.kind {
            ExprKind::Probability { event, given } => (self.event(scope, event).map(|x| (x, Dimension::NUMBER)), given),
            ExprKind::Expectation { value, given } => {
                let number = scope.within(None, |scope| self.value(scope, value));
                (self.as_number(&number, value.span), given)
            }
            _ => return self.no_question(e.span),
        };
        let given = given.as_deref().map(|e| self.event(scope, e));
        let (mut x, dimension) = value?;
        let given = match given {
            None => None,
            Some(given) => {
                let given = given?;
                x = match &e.kind {
                    ExprKind::Probability { .. } => fold::logic(FoldOp::And, x, given.clone()),
                    _ => fold::choose(given.clone(), x, Flat::Constant(0.0)),
                };
                Some(self.average(Formula::Average(Average::Reward(given)), Dimension::NUMBER, e.span))
            }
        };
        Some((self.average(Formula::Average(Average::Reward(x)), dimension, e.span), given, dimension))
    }

    /// The index of an average.
    fn average(&mut self, formula: Formula, dimension: Dimension, span: Span) -> usize {
        let averages = &mut self.questions.averages;
        if let Some(known) = averages.iter().position(|average| average.formula == formula) {
            return known;
        }
        let name = self.asking.clone();
        averages.push(Measure { name, formula, dimension, precision: None, span });
        averages.len() - 1
    }

    /// The index of the condition in the braces behind `outage` and the like.
    fn fateful<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<usize> {
        let expr = self.event(scope, e)?;
        Some(self.watched(expr, e.span))
    }

    /// The time until the condition in the braces behind `first` or `reached` holds: while it doesn't, its opposite does.
    fn first<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Variable> {
        let expr = fold::not(self.event(scope, e)?);
        Some(Variable::First { condition: self.watched(expr, e.span) })
    }

    /// The index of a condition.
    fn watched(&mut self, expr: Flat, span: Span) -> usize {
        let conditions = &mut self.questions.conditions;
        if let Some(known) = conditions.iter().position(|condition| condition.expr == expr) {
            return known;
        }
        conditions.push(Condition { name: self.asking.clone(), expr, span });
        conditions.len() - 1
    }

    /// A random variable by itself is its mean.
    fn mean<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Asked> {
        if let ExprKind::Fate(word, condition) = &e.kind
            && word.text == "outages"
        {
            let of = Variable::Outages { condition: self.fateful(scope, condition)?, interval: None };
            return Some(Asked::of(About::Law { of, aspect: Aspect::Mean }, Dimension::RATE));
        }
        if let ExprKind::Fate(word, condition) = &e.kind
            && word.text == "reached"
        {
            let aspect = Aspect::Chance(Relation::Below, f64::INFINITY);
            return Some(Asked::of(About::Law { of: self.first(scope, condition)?, aspect }, Dimension::NUMBER));
        }
        let random = self.random(scope, e)?;
        let mean = Asked::of(About::Law { of: random.of, aspect: Aspect::Mean }, random.dimension);
        Some(random.unshared(mean))
    }

    /// `outage{c}`, `first{c}`, `outages{c} over [a, b]`, `downtime{c} over [a, b]`, `availability{c} over [a, b]`.
    fn random<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Random> {
        match &e.kind {
            ExprKind::Fate(word, condition) if word.text == "outage" => {
                let of = Variable::Outage { condition: self.fateful(scope, condition)? };
                Some(Random { of, dimension: Dimension::TIME, share_of: None })
            }
            ExprKind::Fate(word, condition) if word.text == "first" => {
                let of = self.first(scope, condition)?;
                Some(Random { of, dimension: Dimension::TIME, share_of: None })
            }
            ExprKind::Over { asked, from, to } => {
                let interval = self.interval(scope, from, to);
                let ExprKind::Fate(word, condition) = &asked.kind else { return self.not_random(e) };
                let condition = self.fateful(scope, condition);
                if ["first", "outage", "reached", "reliability"].contains(&word.text.as_str()) {
                    return self.not_random(e);
                }
                let (condition, interval) = (condition?, interval?);
                let downtime = Variable::Downtime { condition, interval };
                let (of, dimension, share_of) = match word.text.as_str() {
                    "outages" => (Variable::Outages { condition, interval: Some(interval) }, Dimension::NUMBER, None),
                    "downtime" => (downtime, Dimension::TIME, None),
                    _ => (downtime, Dimension::NUMBER, Some(interval.1 - interval.0)),
                };
                Some(Random { of, dimension, share_of })
            }
            ExprKind::Fate(word, condition) => {
                let _ = self.fateful(scope, condition);
                let (message, help) = match word.text.as_str() {
                    "reliability" => ("a reliability is that of a time", "write `reliability{…} @ t`".to_string()),
                    "reached" => ("a probability isn't random", "write `first{…}`, the time".to_string()),
                    word => ("this is random only over an interval", format!("write `{word}{{…}} over [a, b]`")),
                };
                self.error_none(Diagnostic::error("E0520", e.span, message).help(help))
            }
            _ => self.not_random(e),
        }
    }

    fn not_random<T>(&mut self, e: &Expr) -> Option<T> {
        let message = "there is nothing random here";
        let help =
            "what is random: `outage{…}`, `first{…}`, and `outages{…}`, `downtime{…}`, `availability{…}` `over [a, b]`";
        self.error_none(Diagnostic::error("E0520", e.span, message).help(help))
    }

    /// `P(x > level)`, `quantile(p, x)`, `excess(x, level)`.
    fn law_asked<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        word: &str,
        arguments: &'a [Argument],
    ) -> Option<Asked> {
        let expressions: Vec<&'a Expr> = arguments.iter().map(|argument| &argument.value).collect();
        match (word, &expressions[..]) {
            ("P", [Expr { kind: ExprKind::Binary(op, x, y), .. }]) => {
                let Some(relation) = relation(*op) else { return self.wrong_arguments(span, word, 1) };
                // The variable may stand on either side.
                match asks(x) {
                    true => self.chance(scope, x, relation, y),
                    false => self.chance(scope, y, relation.turned(), x),
                }
            }
            ("quantile", [p, x]) => self.quantile(scope, p, x),
            ("excess", [x, level]) => {
                let random = self.random(scope, x);
                let limit = self.number(scope, level);
                let (random, limit) = (random?, limit?);
                let dimension = match random.of {
                    Variable::Outage { .. } => Dimension::NUMBER,
                    Variable::Downtime { .. } if random.share_of.is_none() => Dimension::TIME,
                    _ => {
                        let message = "the excess is that of `outage{…}` or `downtime{…} over [a, b]`";
                        return self.error_none(Diagnostic::error("E0520", x.span, message));
                    }
                };
                let limit = self.level(&random, limit, level.span)?;
                Some(Asked::of(About::Law { of: random.of, aspect: Aspect::Excess(limit) }, dimension))
            }
            _ => self.wrong_arguments(span, word, arguments.len()),
        }
    }

    fn wrong_arguments<T>(&mut self, span: Span, word: &str, count: usize) -> Option<T> {
        let (what, help) = match word {
            "P" => ("a comparison", "write `P(downtime{…} over [0, 1 y] > 5 min)`; of a condition `P{…}`"),
            "quantile" => ("a probability and something random", "write `quantile(0.99, outage{…})`"),
            _ => ("something random and a level", "write `excess(outage{…}, 4 s)`"),
        };
        let message = format!("`{word}(…)` takes {what}, not {}", counted(count, "argument"));
        let message = if word == "P" && count == 1 { "`P(…)` takes a comparison".to_string() } else { message };
        self.error_none(Diagnostic::error("E0507", span, message).help(help))
    }

    fn chance<'a>(&mut self, scope: &mut Scope<'a>, x: &'a Expr, is: Relation, level: &'a Expr) -> Option<Asked> {
        let random = self.random(scope, x);
        if asks(level) {
            return self.no_question(level.span);
        }
        let limit = self.number(scope, level);
        let (random, limit) = (random?, limit?);
        let limit = self.level(&random, limit, level.span)?;
        let aspect = match random.share_of {
            None => Aspect::Chance(is, limit),
            Some(length) => Aspect::Chance(is.turned(), (1.0 - limit) * length),
        };
        Some(Asked::of(About::Law { of: random.of, aspect }, Dimension::NUMBER))
    }

    fn quantile<'a>(&mut self, scope: &mut Scope<'a>, p: &'a Expr, x: &'a Expr) -> Option<Asked> {
        let random = self.random(scope, x);
        let value = self.value(scope, p);
        let probability = self.plain(&value, p.span)?;
        if !(probability > 0.0 && probability < 1.0) {
            let error = Diagnostic::error("E0519", p.span, format!("a quantile can't be that of {probability}"));
            return self.error_none(error.help("it is a probability between 0 and 1, such as `0.99` or `99 %`"));
        }
        let random = random?;
        let probability = if random.share_of.is_some() { 1.0 - probability } else { probability };
        let about = About::Law { of: random.of, aspect: Aspect::Quantile(probability) };
        Some(random.unshared(Asked::of(about, random.dimension)))
    }

    /// What a random variable is compared with.
    fn level(&mut self, random: &Random, (x, dimension): (f64, Dimension), span: Span) -> Option<f64> {
        if dimension != random.dimension && x != 0.0 {
            let message = format!("{} is needed here, and this is {dimension}", random.dimension);
            return self.error_none(Diagnostic::error("E0504", span, message));
        }
        if x < 0.0 || random.share_of.is_some() && x > 1.0 {
            let message = format!("it never comes to {x}");
            let help = if random.share_of.is_some() { "it is between 0 and 1" } else { "it is never below 0" };
            return self.error_none(Diagnostic::error("E0518", span, message).help(help));
        }
        Some(x)
    }

    /// A time since the beginning.
    fn moment<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<f64> {
        let (time, dimension) = self.number(scope, e)?;
        if dimension != Dimension::TIME && time != 0.0 {
            let message = format!("a time is needed here, and this is {dimension}");
            let help =
                "a time and its unit bind as one: `@ 1 y`; more than that stands in parentheses: `@ (2 * mission)`";
            return self.error_none(Diagnostic::error("E0504", e.span, message).help(help));
        }
        if time >= 0.0 {
            return Some(time);
        }
        let error = Diagnostic::error("E0518", e.span, "a time before the beginning");
        self.error_none(error.help("time begins at 0, with the initial marking"))
    }

    fn interval<'a>(&mut self, scope: &mut Scope<'a>, from: &'a Expr, to: &'a Expr) -> Option<Interval> {
        let (a, b) = (self.moment(scope, from), self.moment(scope, to));
        let (a, b) = (a?, b?);
        if a < b {
            return Some((a, b));
        }
        let error =
            Diagnostic::error("E0518", from.span.to(to.span), "an interval that ends where it begins, or before");
        self.error_none(error.help("the end is later: `over [0, 1 y]`; at an instant: `@ 1 y`"))
    }
}

impl Random {
    /// Of a downtime what is asked of its variable: of an availability what the downtime leaves of the interval.
    fn unshared(&self, asked: Asked) -> Asked {
        let Some(length) = self.share_of else { return asked };
        Asked { offset: 1.0, factor: -1.0 / length, dimension: Dimension::NUMBER, ..asked }
    }
}

fn is_chance(asked: &Expr) -> bool {
    matches!(asked.kind, ExprKind::Probability { .. })
}

fn relation(op: BinaryOp) -> Option<Relation> {
    Some(match op {
        BinaryOp::Less => Relation::Below,
        BinaryOp::LessEqual => Relation::AtMost,
        BinaryOp::Equal => Relation::Equal,
        BinaryOp::NotEqual => Relation::Unequal,
        BinaryOp::GreaterEqual => Relation::AtLeast,
        BinaryOp::Greater => Relation::Above,
        _ => return None,
    })
}
