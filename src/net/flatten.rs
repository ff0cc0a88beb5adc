//! AST → flat net, in this order: instances with their parameters and places, then all transitions, then what is
//! measured. Everything is evaluated for every instance and binding; a mistake is told once.

use super::expr::{Expr as Flat, LawExpr};
use super::imported::{self, Imported};
use super::instances::suggest;
use super::library::{File, Library};
use super::limits::Limits;
use super::load::{Loader, stem};
use super::question::Questions;
use super::scope::{Entry, Home, Scope, slots};
use super::value::{ColourSet, Value};
use super::{Condition, Measure, Net, Place, Transition};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::syntax::ast::{self, Definition, Document};
use crate::syntax::expr::{Expr, ExprKind};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Flattens the net in a file: reads it with the modules and parameters that it uses, evaluates, checks and unfolds.
///
/// `overrides` replace values of the net's own parameters and colour sets; they are evaluated among the net's names.
/// All mistakes found are added to `diagnostics`; `None` when one of them is an error.
pub fn flatten(
    loader: &dyn Loader,
    sources: &mut Sources,
    file: &str,
    overrides: &[Definition],
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Option<Net> {
    Library::new(loader).flatten(sources, file, overrides, limits, diagnostics)
}

/// Flattens a net that is parsed already (or made in memory); `path` is where it counts as standing, for its name and
/// for the relative paths in it. Otherwise like [`flatten`].
pub fn flatten_document(
    loader: &dyn Loader,
    sources: &mut Sources,
    (net, path): (&ast::Net, &str),
    overrides: &[Definition],
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Option<Net> {
    let mut library = Library::new(loader);
    library.insert(path, Document::Net(net.clone()));
    library.flatten(sources, path, overrides, limits, diagnostics)
}

impl<'l> Library<'l> {
    /// Like [`flatten`]; files that were read before are not read again.
    pub fn flatten(
        &mut self,
        sources: &mut Sources,
        file: &str,
        overrides: &[Definition],
        limits: &Limits,
        diagnostics: &mut Diagnostics,
    ) -> Option<Net> {
        self.flatten_guided(sources, (file, None), overrides, limits, diagnostics)
    }

    /// The same with an importance of the markings, which is read among the net's names.
    pub fn flatten_guided(
        &mut self,
        sources: &mut Sources,
        (file, importance): (&str, Option<&Expr>),
        overrides: &[Definition],
        limits: &Limits,
        diagnostics: &mut Diagnostics,
    ) -> Option<Net> {
        let (flattener, top) = self.begin(sources, file, overrides, limits, diagnostics);
        flattener.net(top?, importance)
    }

    /// A flattener that knows its file, and what is wrong with its text.
    pub(super) fn begin<'r>(
        &'r mut self,
        sources: &'r mut Sources,
        file: &str,
        overrides: &'r [Definition],
        limits: &'r Limits,
        diagnostics: &'r mut Diagnostics,
    ) -> (Flattener<'r, 'l>, Option<Arc<File>>) {
        let mut before = Diagnostics::default();
        let top = self.file(file, None, sources, &mut before);
        let broken = before.has_errors();
        before.sorted().into_iter().for_each(|d| diagnostics.push(d));
        let mut flattener = Flattener::new(self, sources, diagnostics, limits, overrides);
        flattener.failed = broken;
        (flattener, top)
    }
}

/// The state of a colour set or parameter.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// Not evaluated yet.
    Open,
    /// Given by the user of the module, there.
    Given(Value, Span),
    /// Given from outside: the number of the override.
    Override(usize),
    /// Being evaluated; met again, it is defined by itself.
    Busy,
    Done(Value),
}

/// Flat places in a row: a place with all its colours, or a slice of it.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The first of them.
    pub(super) base: u32,
    /// Their colours; none: a single place.
    pub(super) set: Option<Rc<ColourSet>>,
    /// Where the place states its tokens, if it does.
    pub(super) declared: Option<Span>,
}

impl View {
    /// How many flat places.
    pub(super) fn len(&self) -> usize {
        self.set.as_ref().map_or(1, |set| set.len())
    }
}

/// An instance entry with all its copies.
#[derive(Debug)]
pub(super) struct Copies {
    /// What it is replicated over.
    pub(super) sets: Vec<Rc<ColourSet>>,
    /// The copies, the last variable varying fastest; none where it is wrong.
    pub(super) frames: Vec<Option<usize>>,
}

/// The flat transitions of one transition of one instance.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) sets: Vec<Rc<ColourSet>>,
    /// The first of them.
    pub(super) first: u32,
    /// Which bindings are left, ascending.
    pub(super) bindings: Vec<usize>,
}

/// One net instance.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) file: Arc<File>,
    /// Dotted name with a dot behind it; empty at the top.
    pub(super) prefix: String,
    /// The same for streams (S15).
    pub(super) stream: String,
    /// Colour sets, then parameters.
    pub(super) slots: Vec<Slot>,
    /// Parameter files.
    pub(super) imports: Vec<Option<usize>>,
    pub(super) ports: Vec<Option<View>>,
    pub(super) places: Vec<Option<View>>,
    pub(super) instances: Vec<Option<Rc<Copies>>>,
    /// None where the transition is wrong.
    pub(super) transitions: Vec<Option<Block>>,
}

/// An imported parameter file.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) file: Arc<File>,
    pub(super) slots: Vec<Slot>,
}

impl Values {
    fn imported(&self) -> Imported {
        let names = match &self.file.document {
            Some(Document::Parameters(of)) => of.values.iter().map(|value| value.name.text.clone()).collect(),
            _ => Vec::new(),
        };
        Imported { path: self.file.path.clone(), values: names, aliases: Vec::new() }
    }
}

/// Everything known while a net is flattened.
pub(super) struct Flattener<'r, 'l> {
    pub(super) library: &'r mut Library<'l>,
    pub(super) sources: &'r mut Sources,
    diagnostics: &'r mut Diagnostics,
    pub(super) limits: &'r Limits,
    pub(super) overrides: &'r [Definition],
    pub(super) frames: Vec<Frame>,
    pub(super) files: Vec<Values>,
    pub(super) places: Vec<Place>,
    pub(super) transitions: Vec<Transition>,
    pub(super) families: Vec<String>,
    /// The last law of each delay in the source.
    pub(super) laws: HashMap<Span, Arc<LawExpr>>,
    /// Values given to imported files: the number of the override, and the file that takes it.
    pub(super) taken: Vec<(usize, String)>,
    /// Paths of the modules that are being built, outermost first.
    pub(super) chain: Vec<String>,
    /// Slots that are being evaluated.
    pub(super) busy: Vec<(Home, usize)>,
    /// How deep the evaluation is nested.
    pub(super) nesting: usize,
    steps: u64,
    /// A limit is exceeded: nothing more is evaluated.
    pub(super) aborted: bool,
    /// There is an error.
    pub(super) failed: bool,
    /// A module is checked without its user: what only the user can give is unknown, and no mistake.
    pub(super) alone: bool,
    /// What was told: the same mistake in another copy is not told again.
    told: HashSet<(&'static str, Span, Option<Span>)>,
    /// How often it was told again.
    repeated: usize,
    /// The `up` conditions by name, as far as they are sound; known when measures are read.
    pub(super) conditions: IndexMap<String, Option<Flat>>,
    /// What measures with a time of their own ask.
    pub(super) questions: Questions,
    /// The measure that asks.
    pub(super) asking: String,
}

/// A mistake that so many copies and bindings make is the same in all others: looking for the nearest name in each
/// takes long.
const MOST_REPEATED: usize = 10_000;

impl<'r, 'l> Flattener<'r, 'l> {
    fn new(
        library: &'r mut Library<'l>,
        sources: &'r mut Sources,
        diagnostics: &'r mut Diagnostics,
        limits: &'r Limits,
        overrides: &'r [Definition],
    ) -> Flattener<'r, 'l> {
        Flattener {
            library,
            sources,
            diagnostics,
            limits,
            overrides,
            frames: Vec::new(),
            files: Vec::new(),
            places: Vec::new(),
            transitions: Vec::new(),
            families: Vec::new(),
            laws: HashMap::new(),
            taken: Vec::new(),
            chain: Vec::new(),
            busy: Vec::new(),
            nesting: 0,
            steps: 0,
            aborted: false,
            failed: false,
            alone: false,
            told: HashSet::new(),
            repeated: 0,
            conditions: IndexMap::new(),
            questions: Questions::default(),
            asking: String::new(),
        }
    }

    fn net(mut self, top: Arc<File>, importance: Option<&Expr>) -> Option<Net> {
        let document = top.clone();
        let Some(Document::Net(net)) = &document.document else {
            let span = match &document.document {
                Some(Document::Scenario(scenario)) => scenario.span,
                Some(Document::Parameters(parameters)) => parameters.span,
                _ => return None,
            };
            let error = Diagnostic::error("E0602", span, format!("`{}` doesn't hold a net", top.path));
            self.error(error.help("a design's file holds `Net(…)`"));
            return None;
        };
        let (up, measures, phases) = self.build(net, top);
        let importance = importance.and_then(|e| self.importance(e));
        if self.failed {
            return None;
        }
        self.unused();
        let (parameters, switched) = (self.parameters_in_words(net), self.is_switched());
        self.places.shrink_to_fit();
        self.transitions.shrink_to_fit();
        Some(Net {
            name: stem(&document.path).to_string(),
            instances: self.frames.len() - 1,
            places: self.places,
            transitions: self.transitions,
            families: self.families,
            up,
            measures,
            phases,
            switched,
            questions: self.questions,
            importance,
            parameters,
        })
    }

    /// Whether truth values are given: a design that turns a switch may mean to do without some part.
    pub(super) fn is_switched(&self) -> bool {
        self.overrides.iter().any(|given| matches!(given.value.kind, ExprKind::Boolean(_)))
    }

    /// Everything in the top net and its instances, with what is measured.
    pub(super) fn build(&mut self, net: &ast::Net, top: Arc<File>) -> (Vec<Condition>, Vec<Measure>, Vec<Condition>) {
        let given = self.top_slots(net, &top);
        self.chain.push(top.path.clone());
        self.frame(top, String::new(), String::new(), None, given, HashMap::new());
        self.given_to_files();
        for frame in 0..self.frames.len() {
            self.transitions_of(frame);
        }
        self.unique_streams();
        self.shared_servers();
        let (up, measures) = self.measured(net);
        (up, measures, self.phases())
    }

    /// Which slots of the top net are given from outside.
    fn top_slots(&mut self, net: &ast::Net, top: &Arc<File>) -> Vec<(usize, Slot)> {
        let mut given: Vec<(usize, Slot)> = Vec::new();
        let overrides = self.overrides;
        for (i, definition) in overrides.iter().enumerate() {
            let name = &definition.name;
            match slots(net).position(|d| d.name.text == name.text) {
                // Of several, the last one counts: the command line comes behind the scenario.
                Some(slot) => match given.iter_mut().find(|(s, _)| *s == slot) {
                    Some(known) => known.1 = Slot::Override(i),
                    None => given.push((slot, Slot::Override(i))),
                },
                // A value of an imported file, which isn't read yet.
                None if imported::parts(&name.text).is_some() => {}
                None => {
                    let known: Vec<&str> = slots(net).map(|d| d.name.text.as_str()).collect();
                    let message = format!("`{}` has no parameter `{}`", top.path, name.text);
                    let error = Diagnostic::error("E0604", name.span, message);
                    self.error(suggest(error, &name.text, &known, "parameters"));
                }
            }
        }
        given
    }

    /// Values given to imported files are each one's of just one file.
    fn given_to_files(&mut self) {
        let overrides = self.overrides;
        for (i, Definition { name, .. }) in overrides.iter().enumerate() {
            let files: Vec<String> =
                self.taken.iter().filter(|(of, _)| *of == i).map(|(_, path)| format!("`{path}`")).collect();
            if imported::parts(&name.text).is_none() || files.len() == 1 {
                continue;
            }
            if !files.is_empty() {
                let message = format!("`{}` is a value of {}", name.text, files.join(" and of "));
                let error = Diagnostic::error("E0919", name.span, message);
                self.error(error.help("write more of the path before it, as `params/hosts.mtbf`"));
                continue;
            }
            let error = |message| Diagnostic::error("E0604", name.span, message);
            let all: Vec<Imported> = self.files.iter().map(Values::imported).collect();
            let known = imported::meant(&all, &name.text);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("no imported file has a value `{}`", name.text);
            self.error(suggest(error(message), &name.text, &known, "values"));
        }
    }

    /// Reports an error, and poisons what it is in.
    pub(super) fn error(&mut self, diagnostic: Diagnostic) -> Value {
        self.report(diagnostic);
        Value::Poison
    }

    /// Reports an error where an option is wanted.
    pub(super) fn error_none<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.report(diagnostic);
        None
    }

    /// Reports an error that is one only for these values, so not in a branch that isn't taken.
    pub(super) fn fault<T>(&mut self, scope: &Scope<'_>, diagnostic: Diagnostic) -> Option<T> {
        if !scope.quiet {
            let label = diagnostic.primary.message.is_empty().then(|| binding(scope)).flatten();
            self.report(match label {
                Some(label) => diagnostic.label(label),
                None => diagnostic,
            });
        }
        None
    }

    /// Adds a diagnostic, unless the same was told of another copy.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        let is_error = diagnostic.severity == Severity::Error;
        self.failed |= is_error;
        // The message may show values, which differ from copy to copy; where it points doesn't.
        let other = diagnostic.secondary.first().map(|label| label.span);
        if self.told.insert((diagnostic.code, diagnostic.primary.span, other)) {
            self.diagnostics.push(diagnostic);
        } else {
            self.repeated += usize::from(is_error);
            self.aborted |= self.repeated > MOST_REPEATED;
        }
    }

    /// Counts steps of evaluation; false when there were too many.
    pub(super) fn charge(&mut self, steps: u64, span: Span) -> bool {
        self.steps = self.steps.saturating_add(steps);
        if self.steps <= self.limits.steps {
            return !self.aborted;
        }
        if !self.aborted {
            self.aborted = true;
            let message = format!("the net takes more than {} steps to evaluate", self.limits.steps);
            let help = "fewer bindings, smaller colour sets, or sums over fewer colours";
            self.report(Diagnostic::error("E0713", span, message).label("given up here").help(help));
        }
        false
    }

    /// The file whose names are looked up.
    pub(super) fn file_of(&self, home: Home) -> &Arc<File> {
        match home {
            Home::Frame(frame) => &self.frames[frame].file,
            Home::File(file) => &self.files[file].file,
        }
    }

    /// Colour sets and parameters there.
    pub(super) fn slots_of(&mut self, home: Home) -> &mut Vec<Slot> {
        match home {
            Home::Frame(frame) => &mut self.frames[frame].slots,
            Home::File(file) => &mut self.files[file].slots,
        }
    }

    /// The top net's parameters, for reports.
    fn parameters_in_words(&mut self, net: &ast::Net) -> Vec<(String, String)> {
        let overrides = self.overrides;
        let mut list = Vec::new();
        for (i, declaration) in slots(net).enumerate() {
            let name = &declaration.name.text;
            let given = overrides.iter().rev().find(|d| d.name.text == *name).map(|d| &d.value);
            let value = self.slot(Home::Frame(0), i);
            let words = match given.or(declaration.value.as_ref()) {
                Some(e) => self.words(e, &value),
                None => value.words(),
            };
            list.push((name.clone(), words));
        }
        for (i, path) in std::mem::take(&mut self.taken) {
            let Definition { name, value } = &overrides[i];
            let slot = self.files.iter().position(|of| of.file.path == path).and_then(|file| {
                let (_, own) = imported::parts(&name.text)?;
                match self.files[file].file.names.get(own) {
                    Some(Entry::Slot(slot)) => Some((file, slot)),
                    _ => None,
                }
            });
            let Some((file, slot)) = slot else { continue };
            let found = self.slot(Home::File(file), slot);
            list.push((name.text.clone(), self.words(value, &found)));
        }
        list
    }

    /// Quantities and laws as written, everything else as evaluated.
    fn words(&self, e: &Expr, value: &Value) -> String {
        match (&e.kind, value) {
            (ExprKind::Quantity { written, unit, .. }, _) => format!("{written} {unit}"),
            (_, Value::Law(_)) => {
                let text = &self.sources.get(e.span.source).text;
                let written = text.get(e.span.start as usize..e.span.end as usize).unwrap_or("");
                if written.is_empty() { value.words() } else { written.to_string() }
            }
            _ => value.words(),
        }
    }
}

/// For which colours something is wrong: "for k = udp"; none without variables.
fn binding(scope: &Scope<'_>) -> Option<String> {
    let bound = scope.variables.iter().filter_map(|(name, value)| match value {
        Value::Colour(colour) => Some(format!("{name} = {colour}")),
        _ => None,
    });
    let bound: Vec<String> = bound.take(4).collect();
    (!bound.is_empty()).then(|| format!("for {}", bound.join(", ")))
}
