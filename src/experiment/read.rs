//! File → plan: the scenario's settings, its designs at every point, its references.
//!
//! A file that holds a bare net makes a scenario with that net as its only design.
//! Everything wrong is told at once.

use super::gated;
use super::plan::Plan;
use super::points::{self, Point};
use super::range;
use super::references;
use super::settings::{Compare, Settings};
use super::studies;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::exact;
use crate::net::load::stem;
use crate::net::{Library, Limits, Module};
use crate::syntax::ast::{Document, Method, Net, Scenario, Text};
use crate::syntax::constant::constant;
use crate::syntax::expr::Expr;
use crate::syntax::parse_expr;
use crate::syntax::{ast, expr::Name};
use crate::units::Dimension;

/// What is asked for from outside the file; it wins over what the file says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Parameter and value, as on a command line; a swept parameter is then swept no longer.
    pub set: Vec<(String, String)>,
    /// Seed of all streams.
    pub seed: Option<u64>,
    /// How to solve.
    pub method: Option<Method>,
    /// Of the intervals, in (0, 1).
    pub confidence: Option<f64>,
    /// Relative half-width, > 0.
    pub precision: Option<f64>,
    /// Most firings of a point.
    pub budget: Option<u64>,
    /// Bytes that an exact solution may take.
    pub memory: Option<u64>,
    /// Phases that take the place of a clock, 1 to 50.
    pub phases: Option<u32>,
    /// Single years too.
    pub years: bool,
    /// The account of causes too.
    pub causes: bool,
    /// The exact engine checks what is simulated.
    pub cross_check: bool,
    /// Relative half-width that the intervals of crossings shall have.
    pub refine: Option<f64>,
    /// The numbers that the downtime is differentiated by; all where there are none.
    pub sensitivity: Option<Vec<String>>,
    /// More targets: `availability >= 99.999 % by mtbf from 100 h to 1 y`.
    pub targets: Vec<String>,
    /// Draws of the uncertain parameters.
    pub uncertainty: Option<u64>,
}

/// Where a plan's nets and texts come from, and where its mistakes go.
pub struct Reading<'r, 'l> {
    /// Parsed files.
    pub library: &'r mut Library<'l>,
    /// Their texts.
    pub sources: &'r mut Sources,
    /// What is wrong.
    pub diagnostics: &'r mut Diagnostics,
}

/// The plan in a file; `None` when `diagnostics` has an error.
pub fn plan(file: &str, overrides: &Overrides, reading: &mut Reading) -> Option<Plan> {
    let document = reading.library.document(file, reading.sources, reading.diagnostics)?;
    let (mut scenario, is_scenario) = match document {
        Document::Scenario(scenario) => (scenario, true),
        Document::Net(net) => (implicit(file, &net), false),
        Document::Parameters(parameters) => {
            let diagnostic = Diagnostic::error("E0901", parameters.span, "a parameter file can't be run");
            reading.diagnostics.push(diagnostic.help("name a scenario or a net"));
            return None;
        }
    };
    range::expand(&mut scenario, reading);
    let importance = scenario.importance.as_ref().map(|importance| points::written(importance, reading.sources));
    let settings = settings(&scenario, overrides, reading.diagnostics);
    let settings = settings.map(|settings| Settings { importance, ..settings });
    let set = set(overrides, reading);
    let points = points::points(&scenario, (file, is_scenario), &set, reading);
    let (expectations, published) = references::references(&scenario, &points, reading);
    let gated = gated::gated(&scenario, &points, reading);
    let studies = studies::studies(&mut scenario, overrides, &points, reading);
    if reading.diagnostics.has_errors() {
        return None;
    }
    let name = stem(file);
    Some(Plan {
        file: file.to_string(),
        title: scenario.title.as_ref().map_or(name.to_string(), |title| title.text.clone()),
        doc: scenario.doc.as_ref().map(|doc| doc.text.clone()),
        is_scenario,
        set: overrides.set.clone(),
        settings: settings?,
        designs: scenario.designs.iter().map(|design| design.name.text.clone()).collect(),
        axis: points::axis(&scenario, &points),
        studies,
        points: points.into_iter().filter_map(Point::planned).collect(),
        expectations,
        published,
        gated: gated?,
    })
}

/// Checks a module, which can't run alone.
/// `None` for everything else, about which nothing is told then; see [`Library::module`].
pub fn module(file: &str, overrides: &Overrides, reading: &mut Reading) -> Option<Module> {
    let set = set(overrides, reading);
    reading.library.module(reading.sources, file, &set, &Limits::default(), reading.diagnostics)
}

/// The scenario that a bare net makes.
fn implicit(file: &str, net: &Net) -> Scenario {
    let start = Span { end: net.span.start, ..net.span };
    let text = |text: &str| Text { text: text.to_string(), span: start };
    let design = ast::Design {
        name: Name { text: stem(file).to_string(), span: start },
        net: text(file),
        with: Vec::new(),
        primary: None,
        span: start,
    };
    Scenario {
        title: None,
        doc: net.doc.clone(),
        designs: vec![design],
        with: Vec::new(),
        sweep: Vec::new(),
        method: None,
        confidence: None,
        precision: None,
        compare: None,
        seed: None,
        budget: None,
        memory: None,
        phases: None,
        outages: None,
        replications: None,
        warmup: None,
        length: None,
        importance: None,
        outage_bound: None,
        years: None,
        causes: None,
        ties: None,
        refine: None,
        sensitivity: None,
        parameter_uncertainty: None,
        targets: Vec::new(),
        published: Vec::new(),
        expect: Vec::new(),
        gate: None,
        objectives: Vec::new(),
        span: net.span,
    }
}

/// Parameters given from outside, parsed as texts of their own.
fn set(overrides: &Overrides, reading: &mut Reading) -> Vec<ast::Definition> {
    let mut list = Vec::new();
    for (name, value) in &overrides.set {
        let source = reading.sources.add(format!("--set {name}"), format!("{name}={value}"));
        let span = Span::new(source, 0, name.len());
        let Some(value) = parse_expr(source, value, name.len() + 1, reading.diagnostics) else { continue };
        list.push(ast::Definition { name: Name { text: name.clone(), span }, value });
    }
    list
}

/// Reads numbers of a scenario.
pub(super) struct Figures<'d> {
    pub diagnostics: &'d mut Diagnostics,
    pub sound: bool,
}

impl Figures<'_> {
    /// A constant of that dimension for which `fits` holds; `wanted` says what would.
    pub fn read(
        &mut self,
        expr: &Option<Expr>,
        dimension: Dimension,
        fits: impl Fn(f64) -> bool,
        wanted: &str,
    ) -> Option<f64> {
        let expr = expr.as_ref()?;
        let found = constant(expr, self.diagnostics);
        self.sound &= found.is_some();
        let found = found?;
        let diagnostic =
            if found.dimension != dimension && !(found.value == 0.0 && found.dimension == Dimension::NUMBER) {
                let message = format!("{dimension} is needed here, and this is {}", found.dimension);
                Diagnostic::error("E0904", expr.span, message)
            } else if !found.value.is_finite() || !fits(found.value) {
                Diagnostic::error("E0905", expr.span, format!("{} is out of range", found.value))
            } else {
                return Some(found.value);
            };
        self.sound = false;
        self.diagnostics.push(diagnostic.help(wanted));
        None
    }

    fn count(&mut self, expr: &Option<Expr>, least: f64, wanted: &str) -> Option<u64> {
        let whole = |x: f64| x >= least && x.fract() == 0.0 && x <= 1e18;
        self.read(expr, Dimension::NUMBER, whole, wanted).map(|x| x as u64)
    }
}

/// The settings, with their defaults; `None` when one is wrong.
fn settings(scenario: &Scenario, overrides: &Overrides, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let mut figures = Figures { diagnostics, sound: true };
    let default = Settings::default();
    let share = |x: f64| 0.0 < x && x < 1.0;
    let positive = |x: f64| x > 0.0;
    let (number, time) = (Dimension::NUMBER, Dimension::TIME);
    let confidence = figures
        .read(&scenario.confidence, number, share, "between 0 and 1, such as `95 %`")
        .unwrap_or(default.confidence);
    let precision =
        figures.read(&scenario.precision, number, share, "a relative half-width between 0 and 1, such as `1 %`");
    let compare = scenario.compare.as_ref().map(|compare| {
        let wanted = "a relative half-width between 0 and 1, such as `2 %`";
        let mut of = |expr| figures.read(expr, number, share, wanted);
        let (ratio, difference) = (of(&compare.ratio), of(&compare.difference));
        Compare { ratio, difference, alone: overrides.precision.or(precision).is_some() }
    });
    let few = |x: f64| (1.0..=50.0).contains(&x) && x.fract() == 0.0;
    let phases = figures.read(&scenario.phases, number, few, "a whole number from 1 to 50");
    let budget = figures.count(&scenario.budget, 1.0, "a whole number of firings, such as `1e8`");
    let least = exact::Limits::LEAST_MEMORY as f64;
    let memory = figures.count(&scenario.memory, least, "a number of bytes, at least `5e8`, such as `16e9`");
    let settings = Settings {
        method: overrides.method.or(scenario.method.map(|(method, _)| method)).unwrap_or(default.method),
        confidence: overrides.confidence.unwrap_or(confidence),
        precision: overrides.precision.or(precision).unwrap_or(default.precision),
        compare,
        seed: overrides.seed.or(scenario.seed.map(|(seed, _)| seed)).unwrap_or(default.seed),
        memory: overrides.memory.or(memory).unwrap_or(default.memory),
        phases: overrides.phases.or(phases.map(|phases| phases as u32)).unwrap_or(default.phases),
        budget: overrides.budget.or(budget).unwrap_or(default.budget),
        outages: figures
            .count(&scenario.outages, 0.0, "a whole number of outages, such as `100`")
            .unwrap_or(default.outages),
        replications: figures.count(&scenario.replications, 2.0, "a whole number, at least 2"),
        warmup: figures.read(&scenario.warmup, time, |x| x >= 0.0, "a time, such as `10 y`, or `0 s` for none"),
        length: figures.read(&scenario.length, time, positive, "a time above 0, such as `100 y`"),
        importance: None,
        outage_bound: figures.read(&scenario.outage_bound, time, positive, "a time above 0, such as `4 h`"),
        years: overrides.years || scenario.years.unwrap_or(false),
        causes: overrides.causes || scenario.causes.unwrap_or(false),
        cross_check: overrides.cross_check,
        ties: scenario.ties.unwrap_or_default(),
    };
    figures.sound.then_some(settings)
}
