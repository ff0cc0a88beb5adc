//! File → plan: reads, checks, and shows what is wrong.

use super::failure::Failure;
use super::files::{self, Disk};
use super::screen::Screen;
use fivenines::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use fivenines::emulator;
use fivenines::experiment::plan::Planned;
use fivenines::experiment::{self, Overrides, Plan, Reading};
use fivenines::net::load::Loader;
use fivenines::net::{Library, Limits, Module, flatten_document, structure};
use fivenines::program::{self, CompileError};
use fivenines::syntax;
use fivenines::syntax::ast::{Declaration, Document, Method, ParameterValue, Parameters, Uncertainty};
use fivenines::syntax::expr::{Expr, ExprKind, Name};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// Files by name, as they were read.
pub type Files = Vec<(String, Vec<u8>)>;

/// What the command line asks for beside the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Parameters of the nets.
    pub set: &'a [(String, String)],
    /// Seed of all streams.
    pub seed: Option<u64>,
    /// Relative half-width that ends the run.
    pub precision: Option<f64>,
    /// Of all intervals.
    pub confidence: Option<f64>,
    /// How to solve.
    pub method: Option<Method>,
    /// Most firings of a point.
    pub budget: Option<u64>,
    /// Bytes that an exact solution may take.
    pub memory: Option<u64>,
    /// Phases in the place of a clock.
    pub phases: Option<u32>,
    /// Single years too.
    pub years: bool,
    /// The account of causes too.
    pub causes: bool,
    /// The exact engine checks what is simulated.
    pub cross_check: bool,
    /// Half-width of crossings.
    pub refine: Option<f64>,
    /// By which parameters the downtime is differentiated.
    pub sensitivity: Option<&'a [String]>,
    /// What is to be reached.
    pub targets: &'a [String],
    /// Draws of the uncertain parameters.
    pub uncertainty: Option<u64>,
    /// Whether a warning ends it.
    pub deny_warnings: bool,
}

impl Wanted<'_> {
    fn overrides(&self) -> Overrides {
        Overrides {
            set: self.set.to_vec(),
            seed: self.seed,
            method: self.method,
            confidence: self.confidence,
            precision: self.precision,
            budget: self.budget,
            memory: self.memory,
            phases: self.phases,
            years: self.years,
            causes: self.causes,
            cross_check: self.cross_check,
            refine: self.refine,
            sensitivity: self.sensitivity.map(<[String]>::to_vec),
            targets: self.targets.to_vec(),
            uncertainty: self.uncertainty,
        }
    }
}

/// What was found in a file: the plan, if there is no error, and everything that is wrong.
#[derive(Debug)]
pub struct Found {
    /// None when there is an error.
    pub plan: Option<Plan>,
    /// What the net asks of its user, when it can't run alone and was checked as a module.
    pub module: Option<Module>,
    /// In order of file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// Diagnostics beyond those that are kept.
    pub dropped: usize,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// All files that were read, by name.
    pub files: Files,
}

/// Reads and checks a file. A file that isn't there is no matter of the language.
pub fn find(path: &Path, wanted: &Wanted) -> Result<Found, Failure> {
    let (name, disk) = (files::name(path)?, Disk::default());
    disk.load(&name).map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    Ok(find_on(&name, &disk, wanted))
}

fn find_on(name: &str, disk: &Disk, wanted: &Wanted) -> Found {
    let (mut library, mut sources) = (Library::new(disk), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(name, &wanted.overrides(), &mut reading).map(entitled);
    if let Some(plan) = &plan {
        warnings(plan, &mut diagnostics);
        refusals(plan, &mut diagnostics);
    }
    let plan = plan.filter(|_| !diagnostics.has_errors());
    Found {
        plan,
        module: None,
        diagnostics: diagnostics.sorted(),
        dropped: diagnostics.dropped(),
        sources,
        files: disk.files(),
    }
}

/// What comes from standard input has no name of its own.
fn entitled(mut plan: Plan) -> Plan {
    let named = |name: &mut String| {
        if name == files::STDIN {
            *name = "standard input".to_owned();
        }
    };
    named(&mut plan.title);
    if !plan.is_scenario {
        plan.designs.iter_mut().chain(plan.points.iter_mut().map(|point| &mut point.design)).for_each(named);
    }
    plan
}

/// What a module does wrong by itself; none when the file holds no module.
fn module_on(name: &str, disk: &Disk, wanted: &Wanted) -> Option<Found> {
    let (mut library, mut sources) = (Library::new(disk), Sources::default());
    let mut diagnostics = Diagnostics::default();
    let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
    let module = experiment::module(name, &wanted.overrides(), &mut reading)?;
    let (found, dropped) = (diagnostics.sorted(), diagnostics.dropped());
    Some(Found { plan: None, module: Some(module), diagnostics: found, dropped, sources, files: disk.files() })
}

/// Like [`find`]; what makes no plan, a parameter file or a module, is checked too.
pub fn find_any(path: &Path, wanted: &Wanted) -> Result<Found, Failure> {
    let (name, disk) = (files::name(path)?, Disk::default());
    let bytes = disk.load(&name).map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    if is_fault_plan(&bytes) {
        return Ok(fault_plan(&name, &bytes));
    }
    let mut sources = Sources::default();
    match Library::new(&disk).document(&name, &mut sources, &mut Diagnostics::default()) {
        Some(Document::Parameters(parameters)) => Ok(parameter_file(&name, &parameters, sources, &disk)),
        _ => Ok(module_on(&name, &disk, wanted).unwrap_or_else(|| find_on(&name, &disk, wanted))),
    }
}

fn is_fault_plan(bytes: &[u8]) -> bool {
    emulator::read::is_fault_plan(SourceId(0), bytes)
}

/// Everything wrong with a fault plan.
fn fault_plan(name: &str, bytes: &[u8]) -> Found {
    let (_, diagnostics, sources) = super::emulate::read(name, bytes);
    let files = vec![(name.to_string(), bytes.to_vec())];
    Found {
        plan: None,
        module: None,
        diagnostics: diagnostics.sorted(),
        dropped: diagnostics.dropped(),
        sources,
        files,
    }
}

/// Everything wrong with a parameter file: its values are evaluated where they are used, so a net uses them all.
/// Draws are values like others, of the value's own type.
fn parameter_file(name: &str, parameters: &Parameters, mut sources: Sources, disk: &Disk) -> Found {
    let file = name.rsplit('/').next().unwrap_or(name);
    let values = parameters.values.iter().map(|value| format!("{0:?}: \"file.{0}\"", value.name.text));
    let values: Vec<String> = values.collect();
    let text = format!("Net(imports: {{\"file\": {file:?}}}, parameters: {{{}}})", values.join(", "));
    let mut diagnostics = Diagnostics::default();
    let user = sources.add("(check)", text.as_str());
    if let Some(Document::Net(mut net)) = syntax::parse(user, text.as_bytes(), &mut diagnostics) {
        // They are named in the net, so that nothing is said of their not being used.
        net.parameters.extend(parameters.values.iter().filter_map(|value| draws(value, net.span)));
        let at = format!("{name}-user");
        let limits = Limits::default();
        flatten_document(disk, &mut sources, (&net, &at), &[], &limits, &mut diagnostics);
    }
    let all = diagnostics.sorted().into_iter();
    let about_it = all.filter(|d| d.primary.span.source != user).map(|mut diagnostic| {
        diagnostic.secondary.retain(|label| label.span.source != user);
        diagnostic
    });
    Found {
        plan: None,
        module: None,
        diagnostics: about_it.collect(),
        dropped: diagnostics.dropped(),
        sources,
        files: disk.files(),
    }
}

/// A value and its draws as a list in a net, whose items have to be of one type, under a name that nobody can write.
fn draws(of: &ParameterValue, named: Span) -> Option<Declaration> {
    let Some(Uncertainty::Draws(draws)) = &of.uncertainty else { return None };
    let items = std::iter::once(&of.value).chain(draws).cloned().collect();
    let list = Expr { kind: ExprKind::List(items), span: of.value.span };
    Some(Declaration { name: Name { text: format!("{} drawn", of.name.text), span: named }, value: Some(list) })
}

/// What the structure proves of the designs.
fn warnings(plan: &Plan, diagnostics: &mut Diagnostics) {
    structure::warn(distinct(plan).map(|point| &*point.net), &structure::Limits::default(), diagnostics);
}

/// Why the compiler refuses designs; what is to blame is told once for all points of a sweep.
fn refusals(plan: &Plan, diagnostics: &mut Diagnostics) {
    let mut told = HashSet::new();
    for CompileError(error) in distinct(plan).filter_map(|point| program::compile(&point.net).err()) {
        if told.insert((error.code, error.primary.span)) {
            diagnostics.push(*error);
        }
    }
}

/// The plan's points, those of one net once: sweep points at which a design is the same share it.
fn distinct(plan: &Plan) -> impl Iterator<Item = &Planned> {
    let mut seen = HashSet::new();
    plan.points.iter().filter(move |point| seen.insert(Arc::as_ptr(&point.net)))
}

/// Whether a file holds a scenario, or something so broken that it can't be told.
pub fn is_scenario(path: &Path) -> Result<bool, Failure> {
    let (name, disk) = (files::name(path)?, Disk::default());
    if disk.load(&name).is_ok_and(|bytes| is_fault_plan(&bytes)) {
        return Ok(false);
    }
    let document = Library::new(&disk).document(&name, &mut Sources::default(), &mut Diagnostics::default());
    Ok(!matches!(document, Some(Document::Net(_) | Document::Parameters(_))))
}

/// The plan of a file, and all files that were read for it; its diagnostics are shown.
pub fn read(path: &Path, wanted: &Wanted, screen: &Screen) -> Result<(Plan, Files), Failure> {
    let found = find(path, wanted)?;
    screen.diagnostics(&found.diagnostics, &found.sources, wanted.deny_warnings);
    screen.dropped(found.dropped);
    let denied = wanted.deny_warnings && !found.diagnostics.is_empty();
    let plan = found.plan.filter(|_| !denied).ok_or_else(Failure::shown)?;
    Ok((plan, found.files))
}
