//! Other nets of a plan's designs: one number of a parameter varied, all else the same.
//!
//! The files stay on a shelf, parsed, so that nets can be made while a run decides which it needs.

use crate::diag::{Diagnostics, Sources, Span};
use crate::dist::forms;
use crate::net::imported::{self, Imported};
use crate::net::{Limits, Net, Shelf};
use crate::syntax::ast::{Definition, Document, Evidence};
use crate::syntax::constant::{Constant, constant};
use crate::syntax::expr::{Expr, ExprKind, Name};
use crate::syntax::print_expr;
use crate::units::Dimension;
use std::fmt;
use std::sync::Arc;

/// What the nets of a plan are made of.
#[derive(Clone)]
pub struct Workshop(Arc<Kept>);

struct Kept {
    shelf: Shelf,
    sources: Sources,
    origins: Vec<Origin>,
}

impl fmt::Debug for Workshop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workshop({} points)", self.0.origins.len())
    }
}

impl PartialEq for Workshop {
    fn eq(&self, other: &Workshop) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Where the net of a point comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Its file.
    pub file: String,
    /// The values that its parameters were given.
    pub given: Vec<Definition>,
    /// The importance that the scenario states.
    pub importance: Option<Expr>,
}

/// A number that a parameter has, or that stands in its law, table or list.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// `mtbf`, `restart.low`, `mtbf[disk]`, `delays[2]`.
    pub label: String,
    /// Its value, in base units.
    pub value: f64,
    /// Power of time.
    pub dimension: Dimension,
    /// How good the evidence for it is, where it comes from a parameter file that says so.
    pub evidence: Option<Evidence>,
    /// Whether it is a value of an imported file that nothing is given for: varied where it is named, not with all.
    pub imported: bool,
    parameter: String,
    /// The parameter's whole value, and the way through it.
    whole: Expr,
    steps: Vec<usize>,
}

/// What the parameters of a net hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Leaves {
    /// Numbers, in the order of the net.
    pub found: Vec<Leaf>,
    /// Parameters that hold something else, and what.
    pub other: Vec<(String, String)>,
}

impl Workshop {
    /// Of the points of a plan.
    pub fn new(shelf: Shelf, sources: Sources, origins: Vec<Origin>) -> Workshop {
        Workshop(Arc::new(Kept { shelf, sources, origins }))
    }

    /// The numbers in the parameters of a point's net.
    pub fn leaves(&self, point: usize) -> Leaves {
        let Origin { file, given, .. } = &self.0.origins[point];
        let Some(Document::Net(net)) = self.0.shelf.document(file) else { return Leaves::default() };
        let mut leaves = Leaves::default();
        for declared in &net.parameters {
            let name = &declared.name.text;
            let own = given.iter().rev().find(|given| given.name.text == *name).map(|given| &given.value);
            if let Some(whole) = own.or(declared.value.as_ref()) {
                let walk =
                    Walk { workshop: self, file, given, parameter: name, whole, evidence: None, leaves: &mut leaves };
                walk.whole(name);
            }
        }
        self.values(file, given, &mut leaves.found);
        leaves
    }

    /// The numbers of the parameter files that a net imports: those that are given, and all others.
    fn values(&self, net: &str, given: &[Definition], found: &mut Vec<Leaf>) {
        let mut library = self.0.shelf.library();
        let all = library.imported(net, &mut Sources::default());
        for Imported { path, .. } in &all {
            let Some(Document::Parameters(of)) = self.0.shelf.document(path) else { continue };
            for value in &of.values {
                let own = given_to(given, path, &value.name.text);
                let name = match own {
                    Some(own) => own.name.text.clone(),
                    None => format!("{}.{}", imported::title(&all, path), value.name.text),
                };
                let whole = own.map_or(&value.value, |own| &own.value);
                let evidence = value.evidence.map(|(grade, _)| grade).filter(|_| own.is_none());
                // What follows from other values is no mistake here.
                let mut leaves = Leaves::default();
                let walk =
                    Walk { workshop: self, file: path, given, parameter: &name, whole, evidence, leaves: &mut leaves };
                walk.whole(&name);
                found.extend(leaves.found.into_iter().map(|leaf| Leaf { imported: own.is_none(), ..leaf }));
            }
        }
    }

    /// The net of a point with another value of one number; else the first mistake that this makes.
    pub fn net(&self, point: usize, leaf: &Leaf, value: f64) -> Result<Arc<Net>, String> {
        let Origin { file, given, importance } = &self.0.origins[point];
        let mut whole = leaf.whole.clone();
        if let Some(at) = reach(&mut whole, &leaf.steps) {
            *at = literal(value, leaf.dimension, at.span);
        }
        let mut given: Vec<Definition> =
            given.iter().filter(|given| given.name.text != leaf.parameter).cloned().collect();
        let name = Name { text: leaf.parameter.clone(), span: whole.span };
        given.push(Definition { name, value: whole });
        self.flat(&self.0.shelf, (file, importance.as_ref()), &given)
    }

    /// The net of a point with other values in its parameter files; else the first mistake that this makes.
    pub fn redefined(&self, point: usize, values: &[(String, String, Expr)]) -> Result<Arc<Net>, String> {
        let Origin { file, given, importance } = &self.0.origins[point];
        self.flat(&self.0.shelf.redefined(values), (file, importance.as_ref()), given)
    }

    /// The files that the nets are made of.
    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    fn flat(&self, shelf: &Shelf, guided: (&str, Option<&Expr>), given: &[Definition]) -> Result<Arc<Net>, String> {
        let (mut sources, mut diagnostics) = (self.0.sources.clone(), Diagnostics::default());
        let mut library = shelf.library();
        let net = library.flatten_guided(&mut sources, guided, given, &Limits::default(), &mut diagnostics);
        let mistake = || diagnostics.sorted().first().map_or(String::new(), |first| first.message.clone());
        net.map(Arc::new).ok_or_else(mistake)
    }

    /// The value of a name that an imported file defines, `hosts.reboot`, or what is given for it; and its evidence.
    fn imported<'w>(
        &'w self,
        file: &str,
        expr: &Expr,
        given: &'w [Definition],
    ) -> Option<(&'w Expr, Option<Evidence>)> {
        let ExprKind::Path(path) = &expr.kind else { return None };
        let [alias, name] = path.segments.as_slice() else { return None };
        let Some(Document::Net(net)) = self.0.shelf.document(file) else { return None };
        let import = net.imports.iter().find(|import| import.alias.text == alias.name.text)?;
        let path = self.0.shelf.library().resolve(file, &import.path.text);
        if let Some(own) = given_to(given, &path, &name.name.text) {
            return Some((&own.value, None));
        }
        let Document::Parameters(parameters) = self.0.shelf.document(&path)? else { return None };
        let value = parameters.values.iter().find(|value| value.name.text == name.name.text)?;
        Some((&value.value, value.evidence.map(|(grade, _)| grade)))
    }
}

/// Whether a name means a number: its own, or the parameter that it is in.
pub fn stands_for(name: &str, label: &str) -> bool {
    label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A walk through the value of one parameter.
struct Walk<'w> {
    workshop: &'w Workshop,
    file: &'w str,
    given: &'w [Definition],
    parameter: &'w str,
    whole: &'w Expr,
    evidence: Option<Evidence>,
    leaves: &'w mut Leaves,
}

/// What is given for a value of an imported file.
fn given_to<'g>(given: &'g [Definition], path: &str, value: &str) -> Option<&'g Definition> {
    let is_it =
        |name: &str| imported::parts(name).is_some_and(|(file, own)| own == value && imported::means(file, path));
    given.iter().rev().find(|given| is_it(&given.name.text))
}

impl Walk<'_> {
    /// From the top of a value.
    fn whole(mut self, label: &str) {
        self.at(self.whole, label, &mut Vec::new());
    }

    fn at(&mut self, expr: &Expr, label: &str, steps: &mut Vec<usize>) {
        // What isn't a constant is no mistake here.
        let imported = self.workshop.imported(self.file, expr, self.given);
        let known = |expr: &Expr| constant(expr, &mut Diagnostics::default());
        if let Some(Constant { value, dimension }) = known(expr).or_else(|| known(imported?.0)) {
            let (parameter, whole) = (self.parameter.to_string(), self.whole.clone());
            let (label, steps) = (label.to_string(), steps.clone());
            let evidence = imported.and_then(|(_, evidence)| evidence).or(self.evidence);
            let leaf = Leaf { label, value, dimension, evidence, imported: false, parameter, whole, steps };
            self.leaves.found.push(leaf);
            return;
        }
        if let Some((whole, evidence)) = imported.filter(|_| steps.is_empty()) {
            // A law of another file is varied as if it stood here.
            let leaves = &mut *self.leaves;
            return Walk { whole, evidence, leaves, ..*self }.whole(label);
        }
        let parts: Vec<(String, &Expr)> = match &expr.kind {
            ExprKind::Call(law, arguments) if forms().iter().any(|form| form.name == law.text) => {
                let names = positional(&law.text, arguments.len());
                let name = |(i, argument): (usize, &crate::syntax::expr::Argument)| match &argument.name {
                    Some(name) => name.text.clone(),
                    None => names.get(i).map_or_else(|| (i + 1).to_string(), |name| (*name).to_string()),
                };
                let named = arguments.iter().enumerate().map(|at| (format!("{label}.{}", name(at)), &at.1.value));
                named.collect()
            }
            ExprKind::Table(entries) => {
                entries.iter().map(|(key, value)| (format!("{label}[{}]", print_expr(key)), value)).collect()
            }
            ExprKind::List(items) => {
                items.iter().enumerate().map(|(i, item)| (format!("{label}[{}]", i + 1), item)).collect()
            }
            _ => {
                self.leaves.other.push((label.to_string(), described(expr).to_string()));
                return;
            }
        };
        for (i, (label, part)) in parts.into_iter().enumerate() {
            steps.push(i);
            self.at(part, &label, steps);
            steps.pop();
        }
    }
}

/// What an expression is that is no number.
fn described(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Boolean(_) => "a Boolean",
        ExprKind::Set(_) | ExprKind::Range { .. } => "a colour set",
        _ => "it follows from other values",
    }
}

/// The names of so many parameters of a law that stand without.
fn positional(law: &str, count: usize) -> Vec<&'static str> {
    let form = forms().iter().find(|form| form.name == law && form.parameters.len() == count);
    form.map_or_else(Vec::new, |form| form.parameters.iter().map(|(name, _)| *name).collect())
}

/// The part of an expression at the end of a way through laws, tables and lists.
fn reach<'e>(expr: &'e mut Expr, steps: &[usize]) -> Option<&'e mut Expr> {
    let Some((&first, rest)) = steps.split_first() else { return Some(expr) };
    let part = match &mut expr.kind {
        ExprKind::Call(_, arguments) => &mut arguments.get_mut(first)?.value,
        ExprKind::Table(entries) => &mut entries.get_mut(first)?.1,
        ExprKind::List(items) => items.get_mut(first)?,
        _ => return None,
    };
    reach(part, rest)
}

/// A value in base units as an expression.
pub(super) fn literal(value: f64, dimension: Dimension, span: Span) -> Expr {
    let kind = match dimension {
        Dimension::NUMBER => ExprKind::Number(value),
        _ => ExprKind::Quantity { value, dimension, written: value, unit: dimension.base_unit() },
    };
    Expr { kind, span }
}
