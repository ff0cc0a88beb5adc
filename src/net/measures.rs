//! What is measured: `up` conditions and the model's own measures.

use super::ask::asks;
use super::evaluate::spine;
use super::expr::{Expr as Flat, FoldOp};
use super::flatten::Flattener;
use super::fold;
use super::scope::{Entry, Home, Scope};
use super::value::{Value, counted};
use super::{Average, Condition, Formula, Measure, TransitionId};
use crate::diag::{Diagnostic, Span};
use crate::syntax::ast;
use crate::syntax::expr::{Argument, BinaryOp, Expr, ExprKind, Name, Path, Quantifier, Segment, UnaryOp};
use crate::units::Dimension;
use indexmap::IndexMap;

/// What can't read the marking.
pub(super) const OUTSIDE: &str = "a measure outside of `E{…}` and `P{…}`";

/// Most phases of outages.
const MOST_PHASES: usize = 32;

/// A measure in the making.
pub(super) type Measured = (Formula, Dimension);

impl Flattener<'_, '_> {
    /// The `up` conditions and measures of the top net; questions are gathered apart.
    pub(super) fn measured(&mut self, net: &ast::Net) -> (Vec<Condition>, Vec<Measure>) {
        let up: Vec<_> = net.up.iter().map(|definition| self.condition(definition)).collect();
        let names = net.up.iter().map(|definition| definition.name.text.clone());
        self.conditions = names.zip(up.iter().map(|up| up.as_ref().map(|up| up.expr.clone()))).collect();
        let mut measures = Vec::new();
        for (position, measure) in net.measures.iter().enumerate() {
            if asks(&measure.value) {
                let question = self.question(measure, position);
                self.questions.list.extend(question);
            } else {
                measures.extend(self.measure(measure));
            }
        }
        (up.into_iter().flatten().collect(), measures)
    }

    /// The phases of outages: those of the top net, then what its instances add; of one name they hold together.
    pub(super) fn phases(&mut self) -> Vec<Condition> {
        let mut phases: IndexMap<String, (Span, Vec<Flat>)> = IndexMap::new();
        for frame in 0..self.frames.len() {
            let file = self.frames[frame].file.clone();
            let Some(ast::Document::Net(net)) = &file.document else { continue };
            for definition in &net.phases {
                let expr = self.boolean(frame, definition, "a phase");
                let (_, parts) =
                    phases.entry(definition.name.text.clone()).or_insert((definition.name.span, Vec::new()));
                parts.extend(expr);
            }
        }
        if let Some((span, _)) = phases.values().nth(MOST_PHASES) {
            let message = format!("there are {} phases, and {MOST_PHASES} can be told apart", phases.len());
            let help = "phases of one name are one phase, whichever instances they come from";
            self.report(Diagnostic::error("E0723", *span, message).help(help));
        }
        let joined = |mut parts: Vec<Flat>| match parts.len() {
            1 => parts.remove(0),
            _ => Flat::Fold(FoldOp::Or, parts),
        };
        let named = phases.into_iter().map(|(name, (span, parts))| Condition { name, expr: joined(parts), span });
        named.collect()
    }

    /// A condition on the marking.
    fn boolean(&mut self, frame: usize, definition: &ast::Definition, what: &str) -> Option<Flat> {
        let mut scope = Scope { fixed: None, ..Scope::fixed(Home::Frame(frame), "") };
        let span = definition.value.span;
        let value = self.value(&mut scope, &definition.value);
        match &value {
            Value::Poison => None,
            Value::Boolean(_) | Value::Colour(super::value::Colour::Boolean(_)) => self.as_condition(&value, span),
            value => {
                let message = format!("{what} is a condition, and this is {}", value.kind());
                self.error_none(Diagnostic::error("E0513", span, message).help("compare it: `… > 0`"))
            }
        }
    }

    /// A number that depends on the marking, stated by a scenario.
    pub(super) fn importance(&mut self, e: &Expr) -> Option<Flat> {
        let mut scope = Scope { fixed: None, ..Scope::fixed(Home::Frame(0), "") };
        let value = self.value(&mut scope, e);
        self.as_number(&value, e.span).map(|(expr, _)| expr)
    }

    fn condition(&mut self, definition: &ast::Definition) -> Option<Condition> {
        let span = definition.value.span;
        let expr = self.boolean(0, definition, "`up`")?;
        if let (Some(truth), false) = (fold::truth(&expr), self.failed) {
            let message = format!("`{}` is always {truth}", definition.name.text);
            self.report(Diagnostic::warning("W0807", span, message).help("a condition looks at places: `#Place > 0`"));
        }
        Some(Condition { name: definition.name.text.clone(), expr, span: definition.name.span })
    }

    fn measure(&mut self, measure: &ast::Measure) -> Option<Measure> {
        let mut scope = Scope::fixed(Home::Frame(0), OUTSIDE);
        let formula = self.formula(&mut scope, &measure.value);
        let precision = measure.precision.as_ref().map(|e| self.precision(e));
        let (formula, dimension) = formula?;
        if let (Formula::Constant(x), false) = (&formula, self.failed || self.is_switched()) {
            let message = format!("`{}` is always {x}", measure.name.text);
            let help = "a measure averages over time: `P{…}`, `E{…}`, `rate(…)`, `impulse(…)`";
            self.report(Diagnostic::warning("W0808", measure.value.span, message).help(help));
        }
        let precision = match precision {
            Some(None) => return None,
            Some(precision) => precision,
            None => None,
        };
        Some(Measure { name: measure.name.text.clone(), formula, dimension, precision, span: measure.name.span })
    }

    pub(super) fn precision(&mut self, e: &Expr) -> Option<f64> {
        let mut scope = Scope::fixed(Home::Frame(0), "a precision");
        let value = self.value(&mut scope, e);
        let x = self.plain(&value, e.span)?;
        if x > 0.0 && x < 1.0 {
            return Some(x);
        }
        let error = Diagnostic::error("E0719", e.span, format!("a precision can't be {x}"));
        self.error_none(error.help("it is the relative half-width of the interval: `1 %`"))
    }

    /// Arithmetic over averages.
    pub(super) fn formula<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Measured> {
        match &e.kind {
            ExprKind::Binary(op, ..) if formula_op(*op) => self.formula_chain(scope, e),
            ExprKind::Unary(UnaryOp::Negate, x) => {
                let (x, dimension) = self.formula(scope, x)?;
                let formula = match x {
                    Formula::Constant(x) => Formula::Constant(-x),
                    x => Formula::Negate(Box::new(x)),
                };
                Some((formula, dimension))
            }
            ExprKind::Probability { event, given } => self.probability(scope, e.span, event, given.as_deref()),
            ExprKind::Expectation { value, given } => self.expectation(scope, e.span, value, given.as_deref()),
            ExprKind::Call(name, arguments) if name.text == "rate" => self.rate(scope, e.span, arguments),
            ExprKind::Call(name, arguments) if name.text == "impulse" => self.impulse(scope, e.span, arguments),
            ExprKind::Quantified { quantifier: Quantifier::Sum, variables, filter, body } => {
                self.formula_sum(scope, variables, filter.as_deref(), body)
            }
            ExprKind::If(c, x, y) => {
                let condition = self.value(scope, c);
                let truth = self.as_condition(&condition, c.span).and_then(|c| fold::truth(&c));
                let left = scope.quietly(truth == Some(false), |scope| self.formula(scope, x));
                let right = scope.quietly(truth == Some(true), |scope| self.formula(scope, y));
                if truth? { left } else { right }
            }
            ExprKind::Tokens(place) => {
                scope.within(None, |scope| self.place(scope, place));
                let message = "a measure doesn't take the tokens of an instant";
                let help = "average them over time: `E{#Place}`, or `P{#Place > 0}`";
                self.error_none(Diagnostic::error("E0511", e.span, message).help(help))
            }
            _ => {
                let value = self.value(scope, e);
                if matches!(value, Value::Boolean(_)) {
                    let error = Diagnostic::error("E0502", e.span, "a measure is a number, and this is a Boolean");
                    return self.error_none(error.help("its share of time is `P{…}`"));
                }
                let (x, dimension) = self.as_number(&value, e.span)?;
                Some((Formula::Constant(x.constant()?), dimension))
            }
        }
    }

    fn formula_chain<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Measured> {
        let (first, rest) = spine(e, formula_op);
        let mut left = self.formula(scope, first);
        for (op, operand, whole) in rest {
            let right = self.formula(scope, operand);
            let spans = (whole.span, first.span, operand.span);
            left = match (left, right) {
                (Some(left), Some(right)) => self.combine_formulas(op, left, right, spans),
                _ => None,
            };
        }
        left
    }

    fn combine_formulas(
        &mut self,
        op: BinaryOp,
        (x, dx): Measured,
        (y, dy): Measured,
        (whole, left, right): (Span, Span, Span),
    ) -> Option<Measured> {
        let dimension = match op {
            BinaryOp::Multiply => dx.time.checked_add(dy.time),
            BinaryOp::Divide => dx.time.checked_sub(dy.time),
            _ => (dx == dy).then_some(dx.time),
        };
        let Some(time) = dimension else {
            let verb = if op == BinaryOp::Add { "added to" } else { "taken from" };
            let (a, b) = if op == BinaryOp::Add { (dx, dy) } else { (dy, dx) };
            let error = Diagnostic::error("E0501", whole, format!("{a} can't be {verb} {b}"));
            let error = error.also(left, format!("this is {dx}")).also(right, format!("this is {dy}"));
            return self.error_none(error.help("both sides must have the same dimension"));
        };
        let formula = match (op, x, y) {
            (op, Formula::Constant(x), Formula::Constant(y)) => {
                let value = match op {
                    BinaryOp::Add => x + y,
                    BinaryOp::Subtract => x - y,
                    BinaryOp::Multiply => x * y,
                    _ => x / y,
                };
                if !value.is_finite() {
                    let message = "this has no finite value: division by 0, or a number too large";
                    return self.error_none(Diagnostic::error("E0516", whole, message));
                }
                Formula::Constant(value)
            }
            (BinaryOp::Divide, _, Formula::Constant(0.0)) => {
                return self.error_none(Diagnostic::error("E0516", whole, "this is divided by 0"));
            }
            (BinaryOp::Multiply, Formula::Constant(1.0), f)
            | (BinaryOp::Multiply | BinaryOp::Divide, f, Formula::Constant(1.0)) => f,
            (BinaryOp::Add, x, y) => Formula::Add(Box::new(x), Box::new(y)),
            (BinaryOp::Subtract, x, y) => Formula::Subtract(Box::new(x), Box::new(y)),
            (BinaryOp::Multiply, x, y) => Formula::Multiply(Box::new(x), Box::new(y)),
            (_, x, y) => Formula::Divide(Box::new(x), Box::new(y)),
        };
        Some((formula, Dimension { time }))
    }

    /// A condition inside of `P{…}` or `E{…}`; the name of an `up` condition by itself is that condition.
    pub(super) fn event<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Flat> {
        if let ExprKind::Path(Path { segments, .. }) = &e.kind
            && let [Segment { name, index }] = &segments[..]
            && let Some(condition) = self.conditions.get(&name.text).filter(|_| index.is_empty())
        {
            return condition.clone();
        }
        let value = scope.within(None, |scope| self.value(scope, e));
        self.as_condition(&value, e.span)
    }

    fn probability<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        event: &'a Expr,
        given: Option<&'a Expr>,
    ) -> Option<Measured> {
        let event = self.event(scope, event);
        let given = given.map(|e| self.event(scope, e));
        let event = event?;
        let formula = match given {
            None => reward(event),
            Some(given) => {
                let given = given?;
                let both = fold::logic(FoldOp::And, event, given.clone());
                self.conditional(span, both, given)?
            }
        };
        Some((formula, Dimension::NUMBER))
    }

    fn expectation<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        span: Span,
        e: &'a Expr,
        given: Option<&'a Expr>,
    ) -> Option<Measured> {
        let value = scope.within(None, |scope| self.value(scope, e));
        let given = given.map(|e| self.event(scope, e));
        let (x, dimension) = self.as_number(&value, e.span)?;
        let formula = match given {
            None => reward(x),
            Some(given) => {
                let given = given?;
                self.conditional(span, fold::choose(given.clone(), x, Flat::Constant(0.0)), given)?
            }
        };
        Some((formula, dimension))
    }

    /// The average over the time in which `given` holds.
    fn conditional(&mut self, span: Span, reward_then: Flat, given: Flat) -> Option<Formula> {
        match fold::truth(&given) {
            Some(true) => Some(reward(reward_then)),
            Some(false) => {
                let message = "the condition behind `if` never holds";
                self.error_none(Diagnostic::error("E0516", span, message))
            }
            None => Some(Formula::Divide(Box::new(reward(reward_then)), Box::new(reward(given)))),
        }
    }

    fn formula_sum<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        variables: &'a [(Name, Expr)],
        filter: Option<&'a Expr>,
        body: &'a Expr,
    ) -> Option<Measured> {
        let mut sum: Option<Measured> = None;
        let mut wrong = false;
        self.each_binding(scope, variables, body.span, &mut |flattener, scope, real| {
            let holds = filter.is_none_or(|e| {
                let value = flattener.value(scope, e);
                let condition = flattener.as_condition(&value, e.span);
                condition.is_none_or(|c| fold::truth(&c) != Some(false))
            });
            let part = scope.quietly(!holds, |scope| flattener.formula(scope, body));
            if !real || !holds {
                return;
            }
            sum = match (sum.take(), part) {
                (None, Some(part)) => Some(part),
                (Some(sum), Some(part)) => {
                    let spans = (body.span, body.span, body.span);
                    flattener.combine_formulas(BinaryOp::Add, sum, part, spans)
                }
                _ => None,
            };
            wrong |= sum.is_none();
        });
        if wrong { None } else { Some(sum.unwrap_or((Formula::Constant(0.0), Dimension::NUMBER))) }
    }

    fn rate<'a>(&mut self, scope: &mut Scope<'a>, span: Span, arguments: &'a [Argument]) -> Option<Measured> {
        let [argument] = arguments else {
            let message = format!("`rate` takes a transition, not {}", counted(arguments.len(), "argument"));
            return self.error_none(Diagnostic::error("E0507", span, message).help("write `rate(T)` or `rate(T[2])`"));
        };
        let transitions = self.fired(scope, &argument.value)?;
        let formula = match transitions.is_empty() {
            true => Formula::Constant(0.0),
            false => Formula::Average(Average::Rate(transitions)),
        };
        Some((formula, Dimension::RATE))
    }

    fn impulse<'a>(&mut self, scope: &mut Scope<'a>, span: Span, arguments: &'a [Argument]) -> Option<Measured> {
        let [transition, amount] = arguments else {
            let message =
                format!("`impulse` takes a transition and an amount, not {}", counted(arguments.len(), "argument"));
            return self.error_none(Diagnostic::error("E0507", span, message).help("write `impulse(T, #Queue)`"));
        };
        let transitions = self.fired(scope, &transition.value);
        let value = scope.within(None, |scope| self.value(scope, &amount.value));
        let (x, dimension) = self.as_number(&value, amount.value.span)?;
        let transitions = transitions?;
        let formula = match (transitions.is_empty(), x.constant()) {
            (true, _) | (_, Some(0.0)) => Formula::Constant(0.0),
            _ => Formula::Average(Average::Impulse(transitions, x)),
        };
        Some((formula, Dimension { time: dimension.time.saturating_sub(1) }))
    }

    /// The flat transitions that a name means: all bindings, or the one in brackets.
    fn fired<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr) -> Option<Vec<TransitionId>> {
        let ExprKind::Path(Path { segments, .. }) = &e.kind else {
            let error = Diagnostic::error("E0404", e.span, "the name of a transition is needed here");
            return self.error_none(error.help("write `T`, `T[colour]` or `instance.T`"));
        };
        let (last, instances) = segments.split_last()?;
        let frames = self.instances(scope, instances, true)?;
        let mut fired = Vec::new();
        for frame in frames {
            fired.extend(self.fired_in(scope, frame, last)?);
        }
        Some(fired)
    }

    fn fired_in<'a>(&mut self, scope: &mut Scope<'a>, frame: usize, last: &'a Segment) -> Option<Vec<TransitionId>> {
        let name = &last.name;
        let entry = self.frames[frame].file.names.get(&name.text);
        let Some(Entry::Transition(i)) = entry else {
            return self.no_transition(frame, name, entry);
        };
        let block = self.frames[frame].transitions.get(i)?.as_ref()?;
        let (sets, first, bindings) = (block.sets.clone(), block.first, block.bindings.clone());
        if last.index.is_empty() {
            return Some((first..first + bindings.len() as u32).map(TransitionId).collect());
        }
        if last.index.len() != sets.len() {
            let found = last.index.len();
            let message =
                format!("`{}` has {}, and the brackets hold {found}", name.text, counted(sets.len(), "variable"));
            let help = format!("`rate({})` is the rate of all bindings together", name.text);
            return self.error_none(Diagnostic::error("E0508", name.span, message).help(help));
        }
        let at = self.index(scope, &sets, &last.index)?;
        let position = bindings.binary_search(&at).ok();
        Some(position.map(|p| TransitionId(first + p as u32)).into_iter().collect())
    }

    fn no_transition<T>(&mut self, frame: usize, name: &Name, entry: Option<Entry>) -> Option<T> {
        let names = &self.frames[frame].file.names;
        let known: Vec<String> =
            names.known(false, |e| matches!(e, Entry::Transition(_))).iter().map(|s| s.to_string()).collect();
        match entry {
            Some(Entry::Twice) => {}
            Some(entry) => {
                let message = format!("a transition is needed here, and `{}` is {}", name.text, entry.kind());
                self.error(Diagnostic::error("E0407", name.span, message));
            }
            None => {
                self.unknown("E0404", name, format!("there is no transition `{}`", name.text), &known);
            }
        }
        None
    }
}

fn formula_op(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide)
}

fn reward(e: Flat) -> Formula {
    match e {
        Flat::Constant(x) => Formula::Constant(x),
        e => Formula::Average(Average::Reward(e)),
    }
}
