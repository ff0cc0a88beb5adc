//! Which names a file declares, and what is visible where an expression stands.

use super::value::Value;
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::syntax::ast::{Declaration, Document, Net};
use crate::syntax::expr::{Expr, ExprKind, Name};
use std::collections::{HashMap, HashSet};

/// What a name of a net file is; the number is its position in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// A colour set (first) or a parameter (behind them).
    Slot(usize),
    Port(usize),
    Place(usize),
    Transition(usize),
    Instance(usize),
    Import(usize),
    /// Declared twice, which has been reported.
    Twice,
}

impl Entry {
    /// For messages.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Entry::Slot(_) => "a parameter or colour set",
            Entry::Port(_) => "a port",
            Entry::Place(_) => "a place",
            Entry::Transition(_) => "a transition",
            Entry::Instance(_) => "an instance",
            Entry::Import(_) => "an imported file",
            Entry::Twice => "declared twice",
        }
    }
}

/// The names of one file. Looked up, never iterated where order matters.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: HashMap<String, (Entry, Span)>,
    /// Colours written out in this file.
    colours: HashSet<String>,
    /// Variables of any transition or instance: where one is used outside of it, that is the mistake.
    variables: HashMap<String, Span>,
}

impl Names {
    /// The names of a document; duplicates are reported.
    pub(super) fn of(document: &Document, diagnostics: &mut Diagnostics) -> Names {
        let mut names = Names::default();
        match document {
            Document::Net(net) => names.net(net, diagnostics),
            Document::Parameters(file) => {
                for (i, value) in file.values.iter().enumerate() {
                    names.declare(&value.name, Entry::Slot(i), diagnostics);
                    names.colours_in(&value.value);
                }
            }
            Document::Scenario(_) => {}
        }
        names
    }

    fn net(&mut self, net: &Net, diagnostics: &mut Diagnostics) {
        let sets = net.colours.len();
        self.declare_all(net.colours.iter().map(|d| &d.name), Entry::Slot, diagnostics);
        self.declare_all(net.parameters.iter().map(|d| &d.name), |i| Entry::Slot(sets + i), diagnostics);
        self.declare_all(net.imports.iter().map(|i| &i.alias), Entry::Import, diagnostics);
        self.declare_all(net.ports.iter().map(|p| &p.name), Entry::Port, diagnostics);
        self.declare_all(net.places.iter().map(|p| &p.name), Entry::Place, diagnostics);
        self.declare_all(net.transitions.iter().map(|t| &t.name), Entry::Transition, diagnostics);
        self.declare_all(net.instances.iter().map(|i| &i.name), Entry::Instance, diagnostics);
        slots_values(net).for_each(|e| self.colours_in(e));
        let places = net.places.iter().chain(&net.ports);
        places.filter_map(|p| p.colour.as_ref()).for_each(|e| self.colours_in(e));
        net.instances.iter().flat_map(|i| &i.with).for_each(|d| self.colours_in(&d.value));
        let of_transitions = net.transitions.iter().map(|t| &t.variables);
        for variables in of_transitions.chain(net.instances.iter().map(|i| &i.variables)) {
            self.variables(variables, diagnostics);
        }
    }

    fn declare_all<'a>(
        &mut self,
        names: impl Iterator<Item = &'a Name>,
        entry: impl Fn(usize) -> Entry,
        diagnostics: &mut Diagnostics,
    ) {
        for (i, name) in names.enumerate() {
            let first = self.entries.get(&name.text).map(|(first, _)| *first);
            // Within one list the reader has told it.
            let same = |first: Entry| first.kind() == entry(i).kind() && i > 0 && !matches!(first, Entry::Slot(_));
            if !first.is_some_and(same) {
                self.declare(name, entry(i), diagnostics);
            }
        }
    }

    fn declare(&mut self, name: &Name, entry: Entry, diagnostics: &mut Diagnostics) {
        if let Some((first, span)) = self.entries.get_mut(&name.text) {
            let message = format!("`{}` is declared twice", name.text);
            let kind = first.kind();
            diagnostics.push(
                Diagnostic::error("E0402", name.span, message)
                    .also(*span, format!("already {kind} here"))
                    .help("give one of them another name: all names of a net share one namespace"),
            );
            *first = Entry::Twice;
            return;
        }
        self.entries.insert(name.text.clone(), (entry, name.span));
    }

    fn variables(&mut self, variables: &[(Name, Expr)], diagnostics: &mut Diagnostics) {
        let mut declared: HashMap<&str, Span> = HashMap::new();
        for (name, _) in variables {
            self.variables.entry(name.text.clone()).or_insert(name.span);
            if let Some(&first) = declared.get(name.text.as_str()) {
                let message = format!("the variable `{}` is declared twice", name.text);
                let error = Diagnostic::error("E0402", name.span, message);
                diagnostics.push(error.also(first, "already here"));
            } else {
                declared.insert(&name.text, name.span);
            }
        }
    }

    /// Bare words in `{…}` are colours that the file may name.
    fn colours_in(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Set(items) => items.iter().filter_map(bare).for_each(|word| {
                self.colours.insert(word.to_string());
            }),
            ExprKind::Table(entries) => entries.iter().filter_map(|(k, _)| bare(k)).for_each(|word| {
                self.colours.insert(word.to_string());
            }),
            ExprKind::Binary(_, x, y) => {
                self.colours_in(x);
                self.colours_in(y);
            }
            _ => {}
        }
    }

    /// What the file declares under that name.
    pub(super) fn get(&self, name: &str) -> Option<Entry> {
        self.entries.get(name).map(|(entry, _)| *entry)
    }

    /// Whether the word is written as a colour somewhere in the file.
    pub(super) fn is_colour(&self, word: &str) -> bool {
        self.colours.contains(word)
    }

    /// Where a variable of that name is bound, in whatever transition or instance.
    pub(super) fn variable(&self, name: &str) -> Option<Span> {
        self.variables.get(name).copied()
    }

    /// All names of the kinds that `wanted` picks, and on request the colours: for suggestions.
    pub(super) fn known(&self, colours: bool, wanted: impl Fn(Entry) -> bool) -> Vec<&str> {
        let entries = self.entries.iter().filter(|(_, (entry, _))| wanted(*entry));
        let colours = self.colours.iter().filter(|_| colours);
        let mut list: Vec<&str> = entries.map(|(name, _)| name).chain(colours).map(String::as_str).collect();
        list.sort_unstable();
        list
    }
}

/// The word of an expression that is nothing but a name.
pub(super) fn bare(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Path(path) => match &path.segments[..] {
            [segment] if segment.index.is_empty() => Some(&segment.name.text),
            _ => None,
        },
        _ => None,
    }
}

/// The declarations that have a value: colour sets first, then parameters.
pub(super) fn slots(net: &Net) -> impl Iterator<Item = &Declaration> {
    net.colours.iter().chain(&net.parameters)
}

fn slots_values(net: &Net) -> impl Iterator<Item = &Expr> {
    slots(net).filter_map(|d| d.value.as_ref())
}

/// Where an expression's names are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// A net instance.
    Frame(usize),
    /// An imported parameter file.
    File(usize),
}

/// What is visible where an expression stands.
pub(super) struct Scope<'a> {
    /// Whose names.
    pub(super) home: Home,
    /// Variables, the innermost last.
    pub(super) variables: Vec<(&'a str, Value)>,
    /// Why the marking may not be read ("the weight of an arc"); none: it may.
    pub(super) fixed: Option<&'static str>,
    /// Whether words in `{…}` are new colours.
    pub(super) defines: bool,
    /// In a branch that isn't taken: only what is wrong for any value is reported.
    pub(super) quiet: bool,
}

impl<'a> Scope<'a> {
    /// Without variables and without the marking; `fixed` says what is evaluated.
    pub(super) fn fixed(home: Home, fixed: &'static str) -> Scope<'a> {
        Scope { home, variables: Vec::new(), fixed: Some(fixed), defines: false, quiet: false }
    }

    /// The same, where words in `{…}` are new colours.
    pub(super) fn defining(home: Home, fixed: &'static str) -> Scope<'a> {
        Scope { defines: true, ..Scope::fixed(home, fixed) }
    }

    /// Evaluates something under another `fixed`, and puts the old one back.
    pub(super) fn within<T>(&mut self, fixed: Option<&'static str>, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.fixed, fixed);
        let result = f(self);
        self.fixed = before;
        result
    }

    /// Evaluates something in a branch that isn't taken.
    pub(super) fn quietly<T>(&mut self, quiet: bool, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.quiet;
        self.quiet |= quiet;
        let result = f(self);
        self.quiet = before;
        result
    }
}
