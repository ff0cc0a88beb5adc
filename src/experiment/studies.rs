//! What a scenario asks beyond its points, resolved: sensitivities, targets, the width of crossings.

use super::plan::{Side, Studies, Target, Wanted};
use super::points::{Point, alone, suggest};
use super::read::{Figures, Overrides, Reading};
use super::references;
use super::workshop::{Leaf, Workshop, stands_for};
use crate::diag::{Diagnostic, SourceId, Span};
use crate::syntax::ast::{self, Reference, Scenario, Text};
use crate::syntax::constant::constant;
use crate::syntax::expr::{Expr, Name};
use crate::syntax::parse_expr;
use crate::units::Dimension;

/// Standard measures of which more is better.
const BETTER_ABOVE: [&str; 5] = ["availability", "nines", "MTBF", "MTTF", "mean up time"];

/// Most draws of the parameters.
const MOST_DRAWS: f64 = 100_000.0;

/// What is asked; its mistakes are added to the diagnostics.
pub fn studies(scenario: &mut Scenario, overrides: &Overrides, points: &[Point], reading: &mut Reading) -> Studies {
    let mut figures = Figures { diagnostics: reading.diagnostics, sound: true };
    let share = |x: f64| 0.0 < x && x < 1.0;
    let wanted = "a relative half-width between 0 and 1, such as `1 %`";
    let refine = figures.read(&scenario.refine, Dimension::NUMBER, share, wanted);
    let whole = |x: f64| libm::trunc(x) == x && (2.0..=MOST_DRAWS).contains(&x);
    let wanted = "a whole number of draws from 2 to 100000";
    let uncertainty = figures.read(&scenario.parameter_uncertainty, Dimension::NUMBER, whole, wanted);
    for (i, text) in overrides.targets.iter().enumerate() {
        let Some(target) = typed(i, text, reading) else { continue };
        // What is typed is about every design.
        let names = scenario.designs.iter().map(|design| &design.name);
        let each = |name: &Name| Some(Text { text: name.text.clone(), span: target.goal.span });
        let about = |name| Reference { design: each(name), ..target.goal.clone() };
        let targets: Vec<ast::Target> = names.map(|name| ast::Target { goal: about(name), ..target.clone() }).collect();
        scenario.targets.extend(targets);
    }
    let origins = points.iter().map(|point| point.origin.clone()).collect();
    let workshop = Workshop::new(reading.library.shelf(), reading.sources.clone(), origins);
    let sensitivity = match (&overrides.sensitivity, &scenario.sensitivity) {
        (Some(names), _) => {
            let source = |name: &String| reading.sources.add("--sensitivity", name.as_str());
            let spans: Vec<SourceId> = names.iter().map(source).collect();
            let text = |(name, source): (&String, SourceId)| Text {
                text: name.trim().to_string(),
                span: Span::new(source, 0, name.len()),
            };
            Some(names.iter().zip(spans).map(text).collect())
        }
        (None, named) => named.clone(),
    };
    let targets = scenario.targets.clone();
    let mut study = Study { scenario, points, workshop: &workshop, reading };
    let sensitivity = sensitivity.map(|names: Vec<Text>| study.named(&names));
    let targets = targets.iter().flat_map(|target| study.target(target)).collect();
    Studies {
        refine: overrides.refine.or(refine),
        sensitivity,
        targets,
        uncertainty: overrides.uncertainty.or(uncertainty.map(|draws| draws as u64)),
        workshop: Some(workshop),
    }
}

/// Resolves what is asked of a scenario.
struct Study<'s, 'r, 'l> {
    scenario: &'s Scenario,
    points: &'s [Point],
    workshop: &'s Workshop,
    reading: &'s mut Reading<'r, 'l>,
}

impl Study<'_, '_, '_> {
    /// The labels of all numbers that can be varied, at any of some points.
    fn labels(&self, points: impl Iterator<Item = usize>) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for leaf in points.flat_map(|point| self.workshop.leaves(point).found) {
            if !labels.contains(&leaf.label) {
                labels.push(leaf.label);
            }
        }
        labels
    }

    /// The labels that are meant: a parameter's name stands for all numbers in it.
    fn named(&mut self, names: &[Text]) -> Vec<String> {
        // The points of a sweep have the same parameters; the first have all designs.
        let designs = self.scenario.designs.len().min(self.points.len());
        let labels = self.labels(0..designs);
        let mut meant = Vec::new();
        for name in names {
            let mut found: Vec<String> = labels.iter().filter(|of| stands_for(&name.text, of)).cloned().collect();
            if let (true, Some((design, parameter))) = (found.is_empty(), self.alone(&name.text)) {
                let own = self.labels(design..designs.min(design + 1)).into_iter();
                let title = &self.scenario.designs[design].name.text;
                found = own.filter(|of| stands_for(parameter, of)).map(|of| format!("{title}.{of}")).collect();
            }
            if found.is_empty() && !self.reading.diagnostics.has_errors() {
                self.unknown(name, &labels);
            }
            meant.append(&mut found);
        }
        meant
    }

    /// The design that a name speaks of alone, and the number.
    fn alone<'n>(&self, name: &'n str) -> Option<(usize, &'n str)> {
        alone(name, self.scenario.designs.iter().map(|design| design.name.text.as_str()))
    }

    fn unknown(&mut self, name: &Text, labels: &[String]) {
        let known: Vec<&str> = labels.iter().map(String::as_str).collect();
        let message = format!("no design has a number `{}` among its parameters", name.text);
        self.reading.diagnostics.push(suggest(Diagnostic::error("E0906", name.span, message), &name.text, &known));
    }

    /// One entry for each point that a target speaks of.
    fn target(&mut self, target: &ast::Target) -> Vec<Wanted> {
        let mut goals = Vec::new();
        references::resolve(&target.goal, self.scenario, self.points, self.reading, &mut goals);
        if self.points.iter().any(|point| point.net.is_none()) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for goal in goals {
            let Some(side) = self.side(target, &goal.target) else { return found };
            let leaves = self.workshop.leaves(goal.point).found;
            let Some(leaf) = leaves.iter().find(|leaf| leaf.label == target.parameter.text) else {
                self.unknown(&target.parameter, &self.labels(std::iter::once(goal.point)));
                return found;
            };
            let here = &self.points[goal.point];
            let swept = |name: &str| match self.alone(name) {
                Some((design, parameter)) => design == here.design && stands_for(parameter, &leaf.label),
                None => stands_for(name, &leaf.label),
            };
            if here.at.iter().any(|(name, _)| swept(name)) {
                let message = format!("`{}` is both swept and sought", leaf.label);
                self.reading.diagnostics.push(Diagnostic::error("E0907", target.parameter.span, message));
                return found;
            }
            let Some(range) = self.range(target, leaf) else { return found };
            found.push(Wanted { goal, side, parameter: leaf.label.clone(), range });
        }
        found
    }

    fn side(&mut self, target: &ast::Target, of: &Target) -> Option<Side> {
        match (target.side, of) {
            (Some(ast::Side::AtLeast), _) => Some(Side::AtLeast),
            (Some(ast::Side::AtMost), _) => Some(Side::AtMost),
            (None, Target::Standard(_, name)) if BETTER_ABOVE.contains(&name.as_str()) => Some(Side::AtLeast),
            (None, Target::Standard(..)) => Some(Side::AtMost),
            (None, Target::Measure(_) | Target::Question(_)) => {
                let span = target.goal.value.span;
                let diagnostic = Diagnostic::error("E0918", span, "is this the least or the most that is wanted?");
                self.reading.diagnostics.push(diagnostic.help("write `\">= …\"` or `\"<= …\"`"));
                None
            }
        }
    }

    /// The range in which the value is sought.
    fn range(&mut self, target: &ast::Target, leaf: &Leaf) -> Option<[f64; 2]> {
        let mut figures = Figures { diagnostics: self.reading.diagnostics, sound: true };
        let (from, to) = (Some(target.from.clone()), Some(target.to.clone()));
        let low = figures.read(&from, leaf.dimension, |x| x > 0.0, "a value above 0")?;
        let high = figures.read(&to, leaf.dimension, |x| x > low, "a value above the one in `from`")?;
        Some([low, high])
    }
}

/// A target as typed: `availability >= 99.999 % by mtbf from 100 h to 1 y`.
fn typed(number: usize, text: &str, reading: &mut Reading) -> Option<ast::Target> {
    let source = reading.sources.add(format!("--target {}", number + 1), text);
    let words = [" by ", " from ", " to "];
    let places: Option<Vec<usize>> = words.iter().map(|word| text.rfind(word)).collect();
    let (relation, places) = match (text.find(">=").or(text.find("<=")), places) {
        (Some(relation), Some(places)) if places.is_sorted() && relation < places[0] => (relation, places),
        _ => {
            let diagnostic = Diagnostic::error("E0301", Span::new(source, 0, text.len()), "this is no target");
            let help = "write `availability >= 99.999 % by mtbf from 100 h to 1 y`";
            reading.diagnostics.push(diagnostic.help(help));
            return None;
        }
    };
    let part = |start: usize, end: usize| {
        let inner = &text[start..end];
        let begin = start + inner.len() - inner.trim_start().len();
        Text { text: inner.trim().to_string(), span: Span::new(source, begin, begin + inner.trim().len()) }
    };
    let mut expr = |start: usize, end: usize| -> Option<Expr> {
        let Text { text, span } = part(start, end);
        let expr = parse_expr(source, &text, span.start as usize, reading.diagnostics)?;
        constant(&expr, reading.diagnostics).map(|_| expr)
    };
    let value = expr(relation + 2, places[0])?;
    let from = expr(places[1] + words[1].len(), places[2])?;
    let to = expr(places[2] + words[2].len(), text.len())?;
    let side = if text[relation..].starts_with(">=") { ast::Side::AtLeast } else { ast::Side::AtMost };
    let goal = Reference {
        design: None,
        at: Vec::new(),
        up: None,
        measure: part(0, relation),
        value,
        tolerance: None,
        source: None,
        span: Span::new(source, 0, text.len()),
    };
    Some(ast::Target { goal, side: Some(side), parameter: part(places[0] + words[0].len(), places[1]), from, to })
}
