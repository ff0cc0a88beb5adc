//! Names to values: variables, parameters, colours, imported values.

use super::flatten::{Flattener, Slot};
use super::scope::{Entry, Home, Scope, slots};
use super::value::{Colour, ColourSet, Value};
use crate::diag::{Diagnostic, Span, nearest};
use crate::syntax::ast::Document;
use crate::syntax::expr::{Expr, ExprKind, Name, Path, Segment};
use std::rc::Rc;

/// The set of the two truth values, under this name in every file.
const BOOLEAN: &str = "Boolean";

/// Colours of a set that are told, at most.
const LISTED: usize = 20;

impl Flattener<'_, '_> {
    /// A dotted name.
    pub(super) fn path<'a>(&mut self, scope: &mut Scope<'a>, path: &'a Path) -> Value {
        match &path.segments[..] {
            [only] => {
                let value = self.name(scope, &only.name);
                self.indexed(scope, value, only)
            }
            [file, only] if self.entry(scope, &file.name.text).is_some_and(|e| matches!(e, Entry::Import(_))) => {
                let value = self.imported(scope, &file.name, &only.name);
                self.indexed(scope, value, only)
            }
            [first, ..] => self.dotted(scope, &first.name, path.span),
            [] => Value::Poison,
        }
    }

    fn dotted(&mut self, scope: &Scope<'_>, first: &Name, span: Span) -> Value {
        match self.entry(scope, &first.text) {
            Some(Entry::Twice) => Value::Poison,
            Some(Entry::Instance(_)) => {
                let message = "the inside of an instance has no value by itself";
                let help = "its places are counted with `#instance.Place`, its firings with `rate(instance.T)`";
                self.error(Diagnostic::error("E0407", span, message).help(help))
            }
            Some(entry) => {
                let message = format!("`{}` is {}, and nothing is inside it", first.text, entry.kind());
                let help = "a dot follows an instance or the name of an import";
                self.error(Diagnostic::error("E0407", first.span, message).help(help))
            }
            None => {
                let wanted = |e| matches!(e, Entry::Import(_) | Entry::Instance(_));
                let known = self.known(scope, false, wanted);
                let message = format!("`{}` is neither an import nor an instance", first.text);
                self.unknown("E0405", first, message, &known)
            }
        }
    }

    /// Applies `[…]` behind a name: the value of a table.
    fn indexed<'a>(&mut self, scope: &mut Scope<'a>, value: Value, segment: &'a Segment) -> Value {
        if segment.index.is_empty() {
            return value;
        }
        let mut colours = Vec::new();
        for e in &segment.index {
            let index = self.value(scope, e);
            colours.push(self.as_colour(scope, &index, e.span));
        }
        let table = match value {
            Value::Table(table) => table,
            Value::Poison => return Value::Poison,
            value => {
                let message =
                    format!("`{}` is {}, and only a table has values by colour", segment.name.text, value.kind());
                let help = "write it without brackets, or make it a table: `{a: 1 h, b: 2 h}`";
                return self.error(Diagnostic::error("E0502", segment.name.span, message).help(help));
            }
        };
        let colour = match colours.into_iter().collect::<Option<Vec<Colour>>>() {
            None => return table.values().next().map_or(Value::Poison, Value::blank),
            Some(mut one) if one.len() == 1 => one.remove(0),
            Some(many) => Colour::Tuple(many.into()),
        };
        if let Some(value) = table.get(&colour) {
            return value.clone();
        }
        let span = segment.index[0].span;
        let message = format!("the table `{}` has no value for `{colour}`", segment.name.text);
        let words: Vec<String> = table.keys().map(Colour::to_string).collect();
        let help = format!("it has values for: {}", words.iter().take(8).cloned().collect::<Vec<_>>().join(", "));
        self.fault::<()>(scope, Diagnostic::error("E0510", span, message).help(help));
        Value::Poison
    }

    /// A single name.
    fn name(&mut self, scope: &Scope<'_>, name: &Name) -> Value {
        if let Some((_, value)) = scope.variables.iter().rev().find(|(v, _)| *v == name.text) {
            return value.clone();
        }
        match self.entry(scope, &name.text) {
            Some(Entry::Slot(slot)) => self.slot(scope.home, slot),
            Some(Entry::Twice) => Value::Poison,
            entry => match self.colour_named(scope, &name.text).filter(|_| entry.is_none()) {
                Some(value) => value,
                None => match (self.up_named(scope, &name.text), entry) {
                    (Some(value), _) => value,
                    (None, Some(entry)) => self.no_value(name, entry),
                    (None, None) => self.unknown_name(scope, name),
                },
            },
        }
    }

    /// The `up` condition of that name, where a measure reads the marking.
    fn up_named(&self, scope: &Scope<'_>, word: &str) -> Option<Value> {
        let condition = self.conditions.get(word).filter(|_| scope.fixed.is_none())?;
        Some(condition.clone().map_or(Value::Poison, Value::Boolean))
    }

    /// Whether a word means something that is declared.
    pub(super) fn is_known(&self, scope: &Scope<'_>, word: &str) -> bool {
        scope.variables.iter().any(|(v, _)| *v == word)
            || matches!(self.entry(scope, word), Some(Entry::Slot(_) | Entry::Twice))
            || word == BOOLEAN
    }

    /// What the file of the scope declares under that name.
    pub(super) fn entry(&self, scope: &Scope<'_>, name: &str) -> Option<Entry> {
        self.file_of(scope.home).names.get(name)
    }

    fn no_value(&mut self, name: &Name, entry: Entry) -> Value {
        let message = format!("`{}` is {}, and has no value by itself", name.text, entry.kind());
        let help = match entry {
            Entry::Place(_) | Entry::Port(_) => format!("its number of tokens is `#{}`", name.text),
            Entry::Transition(_) => format!("its firings per second are `rate({})`, in `measures`", name.text),
            Entry::Instance(_) => format!("its places are counted with `#{}.Place`", name.text),
            _ => format!("its values are `{}.name`", name.text),
        };
        self.error(Diagnostic::error("E0407", name.span, message).help(help))
    }

    fn colour_named(&mut self, scope: &Scope<'_>, word: &str) -> Option<Value> {
        if word == BOOLEAN {
            let both = [false, true].map(Colour::Boolean).into_iter().collect();
            return Some(Value::Set(Rc::new(super::value::ColourSet::Items(both))));
        }
        let colour = Colour::Name(word.into());
        if self.file_of(scope.home).names.is_colour(word) {
            return Some(Value::Colour(colour));
        }
        let Home::Frame(frame) = scope.home else { return None };
        let file = self.frames[frame].file.clone();
        let Some(Document::Net(net)) = &file.document else { return None };
        let found = (0..slots(net).count()).any(|i| match self.frames[frame].slots[i] {
            Slot::Busy => false,
            _ => matches!(self.slot(scope.home, i), Value::Set(set) if set.index(&colour).is_some()),
        });
        found.then_some(Value::Colour(colour))
    }

    fn unknown_name(&mut self, scope: &Scope<'_>, name: &Name) -> Value {
        if let Some(bound) = self.file_of(scope.home).names.variable(&name.text) {
            let message = format!("the variable `{}` is not bound here", name.text);
            let error =
                Diagnostic::error("E0408", name.span, message).also(bound, "it is bound only inside this entry");
            return self.error(error.help(format!("bind it in this entry too: `for: {{\"{}\": \"…\"}}`", name.text)));
        }
        let mut known = self.known(scope, true, |e| matches!(e, Entry::Slot(_) | Entry::Import(_)));
        known.extend(scope.variables.iter().map(|(v, _)| v.to_string()));
        if scope.fixed.is_none() {
            known.extend(self.conditions.keys().cloned());
        }
        let message = format!("there is no `{}` here", name.text);
        self.unknown("E0401", name, message, &known)
    }

    /// Reports an unknown name with the nearest known one.
    pub(super) fn unknown(&mut self, code: &'static str, name: &Name, message: String, known: &[String]) -> Value {
        let mut error = Diagnostic::error(code, name.span, message);
        if let Some(near) = nearest(&name.text, known.iter().map(String::as_str)) {
            error = error.help(format!("did you mean `{near}`?"));
        } else if !known.is_empty() && known.len() <= 12 {
            let list: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
            error = error.help(format!("known here: {}", list.join(", ")));
        }
        self.error(error)
    }

    /// The names in scope of the kinds that `wanted` picks.
    pub(super) fn known(&self, scope: &Scope<'_>, colours: bool, wanted: impl Fn(Entry) -> bool) -> Vec<String> {
        let names = &self.file_of(scope.home).names;
        names.known(colours, wanted).into_iter().map(str::to_string).collect()
    }

    /// `alias.name`.
    fn imported(&mut self, scope: &Scope<'_>, alias: &Name, name: &Name) -> Value {
        let (Some(Entry::Import(i)), Home::Frame(frame)) = (self.entry(scope, &alias.text), scope.home) else {
            return Value::Poison;
        };
        let Some(file) = self.frames[frame].imports.get(i).copied().flatten() else { return Value::Poison };
        match self.files[file].file.names.get(&name.text) {
            Some(Entry::Slot(slot)) => self.slot(Home::File(file), slot),
            _ => {
                let known: Vec<String> = self.known(&Scope::fixed(Home::File(file), ""), false, |_| true);
                let message = format!("`{}` has no value `{}`", self.files[file].file.path, name.text);
                self.unknown("E0409", name, message, &known)
            }
        }
    }

    /// The value of a colour set or parameter, evaluated at its first use.
    pub(super) fn slot(&mut self, home: Home, slot: usize) -> Value {
        match &self.slots_of(home)[slot] {
            Slot::Done(value) => return value.clone(),
            Slot::Busy => return self.cycle(home, slot),
            Slot::Open | Slot::Given(..) | Slot::Override(_) => {}
        }
        let state = std::mem::replace(&mut self.slots_of(home)[slot], Slot::Busy);
        self.busy.push((home, slot));
        let file = self.file_of(home).clone();
        let value = match &file.document {
            Some(Document::Net(net)) => match slots(net).nth(slot) {
                Some(declaration) => {
                    let is_set = slot < net.colours.len();
                    self.declared(home, &declaration.name, declaration.value.as_ref(), is_set, state)
                }
                None => Value::Poison,
            },
            Some(Document::Parameters(parameters)) => {
                let declared = &parameters.values[slot];
                self.declared(home, &declared.name, Some(&declared.value), false, state)
            }
            _ => Value::Poison,
        };
        self.busy.pop();
        self.slots_of(home)[slot] = Slot::Done(value.clone());
        value
    }

    fn declared(&mut self, home: Home, name: &Name, default: Option<&Expr>, is_set: bool, state: Slot) -> Value {
        let default = default.map(|e| {
            let mut scope = Scope::defining(home, if is_set { "a colour set" } else { "a parameter" });
            scope.quiet = matches!(state, Slot::Given(..) | Slot::Override(_));
            let value = self.value(&mut scope, e);
            (value, e.span)
        });
        let given = match state {
            Slot::Given(value, span) => Some((value, span)),
            Slot::Override(i) => {
                let overrides = self.overrides;
                let e = &overrides[i].value;
                let other = default.as_ref().and_then(|(default, _)| self.other_colour(home, &name.text, default, e));
                let value = match other {
                    Some(error) => self.error(error),
                    None => self.value(&mut Scope::defining(home, "a parameter"), e),
                };
                Some((value, e.span))
            }
            _ => None,
        };
        let (value, span) = match (given, default) {
            (Some((value, span)), Some((default, declared))) => {
                if default.admits(&value) {
                    (self.like(&default, value, span), span)
                } else {
                    let message = format!("`{}` is {}, and is given {} here", name.text, default.kind(), value.kind());
                    let error = Diagnostic::error("E0512", span, message).also(declared, "its declared value");
                    (self.error(error.help(format!("give it {}", default.kind()))), span)
                }
            }
            (Some(given), None) => given,
            (None, Some(default)) => default,
            (None, None) => return Value::Poison,
        };
        if is_set && !matches!(value, Value::Set(_) | Value::Poison) {
            let message = format!("`{}` is a colour set, and this is {}", name.text, value.kind());
            let help = "write `{a, b}`, `1..=6`, `Boolean`, `A * B`, or the name of a set";
            return self.error(Diagnostic::error("E0502", span, message).help(help));
        }
        value
    }

    /// Where the default is a colour: a single word that is none of the sets that have this colour.
    fn other_colour(&mut self, home: Home, name: &str, default: &Value, given: &Expr) -> Option<Diagnostic> {
        let (Value::Colour(own @ Colour::Name(_)), Home::Frame(frame)) = (default, home) else { return None };
        let ExprKind::Path(path) = &given.kind else { return None };
        let [only] = path.segments.as_slice() else { return None };
        let word = only.name.text.as_str();
        let file = self.frames[frame].file.clone();
        let Some(Document::Net(net)) = &file.document else { return None };
        if !only.index.is_empty() || matches!(file.names.get(word), Some(Entry::Slot(_) | Entry::Twice)) {
            return None;
        }
        let sets: Vec<(String, Rc<ColourSet>)> = (0..net.colours.len())
            .filter_map(|i| match self.slot(home, i) {
                Value::Set(set) if set.index(own).is_some() => Some((net.colours[i].name.text.clone(), set)),
                _ => None,
            })
            .collect();
        let wanted = Colour::Name(word.into());
        if sets.iter().any(|(_, set)| set.index(&wanted).is_some()) {
            return None;
        }
        let (title, set) = sets.into_iter().next()?;
        let known: Vec<String> = set.iter().take(LISTED).map(|colour| colour.to_string()).collect();
        let help = match nearest(word, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("`{name}` can't be `{word}`, which is no colour of `{title}`");
        Some(Diagnostic::error("E0509", given.span, message).help(help))
    }

    /// Turns a bare time into a deterministic law where the default is a law.
    fn like(&mut self, default: &Value, value: Value, span: Span) -> Value {
        match (default, &value) {
            (Value::Law(_), Value::Number(..)) => {
                self.deterministic(&value, span).map_or(Value::Poison, |law| Value::Law(Rc::new(law)))
            }
            _ => value,
        }
    }

    fn cycle(&mut self, home: Home, slot: usize) -> Value {
        let start = self.busy.iter().position(|&b| b == (home, slot)).unwrap_or(0);
        let names: Vec<Name> = self.busy[start..].iter().filter_map(|&(h, s)| self.slot_name(h, s)).collect();
        let Some(first) = names.first() else { return Value::Poison };
        let mut chain: Vec<&str> = names.iter().map(|n| n.text.as_str()).collect();
        chain.push(&first.text);
        let message = format!("`{}` is defined by itself: {}", first.text, chain.join(" → "));
        self.error(Diagnostic::error("E0410", first.span, message).help("give one of them a value of its own"))
    }

    fn slot_name(&self, home: Home, slot: usize) -> Option<Name> {
        match &self.file_of(home).document {
            Some(Document::Net(net)) => slots(net).nth(slot).map(|d| d.name.clone()),
            Some(Document::Parameters(file)) => file.values.get(slot).map(|v| v.name.clone()),
            _ => None,
        }
    }
}
