//! Modules put to use: parameters given, ports bound, copies made, places laid out.

use super::flatten::{Copies, Flattener, Frame, Slot, Values, View};
use super::imported;
use super::library::File;
use super::scope::{Entry, Home, Scope, slots};
use super::streams::{bracketed, stream_name};
use super::value::{ColourSet, Value, decode, size};
use super::{Capacity, Place};
use crate::diag::{Diagnostic, Span, nearest};
use crate::syntax::ast::{self, Document, Instance};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Ports bound by the user of a module: port → place and where it is bound.
pub(super) type Bound = HashMap<usize, (Option<View>, Span)>;

impl Flattener<'_, '_> {
    /// Builds a net instance with everything inside but its transitions; `user` is where it is used.
    pub(super) fn frame(
        &mut self,
        file: Arc<File>,
        prefix: String,
        stream: String,
        user: Option<Span>,
        given: Vec<(usize, Slot)>,
        bound: Bound,
    ) -> Option<usize> {
        let Some(Document::Net(net)) = &file.document else { return None };
        let frame = self.frames.len();
        self.frames.push(Frame {
            file: file.clone(),
            prefix,
            stream,
            slots: vec![Slot::Open; slots(net).count()],
            imports: Vec::new(),
            ports: Vec::new(),
            places: Vec::new(),
            instances: Vec::new(),
            transitions: Vec::new(),
        });
        for (slot, state) in given {
            self.frames[frame].slots[slot] = state;
        }
        self.imports(frame, net);
        self.parameters(frame, net, user);
        for place in &net.places {
            let view = self.own_place(frame, place);
            self.frames[frame].places.push(view);
        }
        for (i, port) in net.ports.iter().enumerate() {
            let view = self.port(frame, port, bound.get(&i), user);
            self.frames[frame].ports.push(view);
        }
        for instance in &net.instances {
            let copies = self.copies(frame, instance);
            self.frames[frame].instances.push(copies.map(Rc::new));
        }
        Some(frame)
    }

    fn imports(&mut self, frame: usize, net: &ast::Net) {
        for import in &net.imports {
            let base = self.frames[frame].file.path.clone();
            let path = self.library.resolve(&base, &import.path.text);
            let index = match self.files.iter().position(|values| values.file.path == path) {
                Some(index) => Some(index),
                None => self.import(&path, import.path.span),
            };
            self.frames[frame].imports.push(index);
        }
    }

    fn import(&mut self, path: &str, span: Span) -> Option<usize> {
        let file = self.open(path, span)?;
        let Some(Document::Parameters(parameters)) = &file.document else {
            let message = format!("`{path}` doesn't hold parameters");
            let help = "an import is a file with `Parameters(…)`; a net is used in `instances`";
            return self.error_none(Diagnostic::error("E0602", span, message).help(help));
        };
        let mut slots = vec![Slot::Open; parameters.values.len()];
        for (i, given) in self.overrides.iter().enumerate() {
            let Some((title, value)) = imported::parts(&given.name.text) else { continue };
            let slot = parameters.values.iter().position(|own| own.name.text == value);
            if let Some(slot) = slot.filter(|_| imported::means(title, path)) {
                slots[slot] = Slot::Override(i);
                self.taken.push((i, path.to_string()));
            }
        }
        self.files.push(Values { file: file.clone(), slots });
        let index = self.files.len() - 1;
        for slot in 0..parameters.values.len() {
            self.slot(Home::File(index), slot);
        }
        Some(index)
    }

    /// A file that another one uses.
    fn open(&mut self, path: &str, span: Span) -> Option<Arc<File>> {
        let mut found = crate::diag::Diagnostics::default();
        let file = self.library.file(path, Some(span), self.sources, &mut found);
        found.sorted().into_iter().for_each(|d| self.report(d));
        file
    }

    /// Evaluates all colour sets and parameters, so that everything wrong with them is found.
    fn parameters(&mut self, frame: usize, net: &ast::Net, user: Option<Span>) {
        for (i, declaration) in slots(net).enumerate() {
            if declaration.value.is_none() && matches!(self.frames[frame].slots[i], Slot::Open) {
                self.frames[frame].slots[i] = Slot::Done(Value::Poison);
                if user.is_none() && self.alone {
                    continue;
                }
                let name = &declaration.name;
                let what = if i < net.colours.len() { "colour set" } else { "parameter" };
                let message = format!("the {what} `{}` must be given, and isn't", name.text);
                let error = match user {
                    Some(user) => Diagnostic::error("E0605", user, message)
                        .also(name.span, "it has no value of its own")
                        .help(format!("add `with: {{\"{}\": \"…\"}}`", name.text)),
                    None => Diagnostic::error("E0605", name.span, message)
                        .help(format!("give it a value here, in the scenario's `with`, or by `--set {}=…`", name.text)),
                };
                self.report(error);
            }
        }
        for slot in 0..slots(net).count() {
            self.slot(Home::Frame(frame), slot);
        }
    }

    /// The colours of a place: `Some(None)` when it has none, `None` when they are wrong.
    fn colours(&mut self, frame: usize, place: &ast::Place) -> Option<Option<Rc<ColourSet>>> {
        let Some(e) = &place.colour else { return Some(None) };
        let mut scope = Scope::defining(Home::Frame(frame), "the colours of a place");
        self.colour_set(&mut scope, e).map(Some)
    }

    fn own_place(&mut self, frame: usize, place: &ast::Place) -> Option<View> {
        let set = self.colours(frame, place)?;
        self.add_place(frame, place, set)
    }

    /// Lays out a place: one flat place for each colour.
    fn add_place(&mut self, frame: usize, place: &ast::Place, set: Option<Rc<ColourSet>>) -> Option<View> {
        let len = set.as_ref().map_or(1, |set| set.len());
        let base = self.room(len, place.span)?;
        let capacity = self.capacity(frame, place);
        let initial = self.initial(frame, place, set.as_ref(), len);
        let prefix = format!("{}{}", self.frames[frame].prefix, place.name.text);
        for (i, tokens) in initial.iter().enumerate() {
            let name = match &set {
                None => prefix.clone(),
                Some(set) => coloured(&prefix, &set.get(i).to_string()),
            };
            if let Some(capacity) = capacity.filter(|capacity| capacity.limit < *tokens) {
                let message = format!("`{}` starts with {tokens} tokens and holds at most {}", name, capacity.limit);
                let help = "raise its `capacity`, or lower its `tokens`";
                self.report(Diagnostic::error("E0709", place.name.span, message).help(help));
            }
            self.places.push(Place { name, initial: *tokens, capacity, span: place.name.span });
        }
        Some(View { base, set, declared: place.tokens.as_ref().map(|e| e.span) })
    }

    /// Makes sure that so many flat places or transitions more are allowed; returns the next place.
    pub(super) fn room(&mut self, more: usize, span: Span) -> Option<u32> {
        let total = (self.places.len() + self.transitions.len()).saturating_add(more);
        if total <= self.limits.flat && !self.aborted {
            return Some(self.places.len() as u32);
        }
        if !self.aborted {
            self.aborted = true;
            let message =
                format!("the unfolded net is too large: {total} places and transitions, and there may be more");
            let help = format!("at most {} are allowed", self.limits.flat);
            self.report(Diagnostic::error("E0717", span, message).label("too many with this one").help(help));
        }
        None
    }

    fn capacity(&mut self, frame: usize, place: &ast::Place) -> Option<Capacity> {
        let e = place.capacity.as_ref()?;
        let mut scope = Scope::fixed(Home::Frame(frame), "a capacity");
        let value = self.value(&mut scope, e);
        let limit = self.plain(&value, e.span)?;
        if limit >= 1.0 && limit.fract() == 0.0 && limit <= f64::from(self.limits.tokens) {
            return Some(Capacity { limit: limit as u32, overrun: place.overrun.unwrap_or_default() });
        }
        let help = format!("a whole number from 1 to {}; without `capacity` there is no limit", self.limits.tokens);
        self.error_none(Diagnostic::error("E0708", e.span, format!("{limit} is no capacity")).help(help))
    }

    /// Initial tokens by colour.
    fn initial(&mut self, frame: usize, place: &ast::Place, set: Option<&Rc<ColourSet>>, len: usize) -> Vec<u32> {
        let mut tokens = vec![0; len];
        if let Some(e) = &place.tokens {
            let mut scope = Scope::fixed(Home::Frame(frame), "the initial marking");
            for (index, count) in self.bag(&mut scope, e, set).unwrap_or_default() {
                tokens[index] = count as u32;
            }
        }
        tokens
    }

    /// What a port is: the place bound to it, or a private one.
    fn port(
        &mut self,
        frame: usize,
        port: &ast::Place,
        bound: Option<&(Option<View>, Span)>,
        user: Option<Span>,
    ) -> Option<View> {
        let set = self.colours(frame, port);
        if let Some((view, span)) = bound {
            return self.bound_port(frame, port, set?, view.clone()?, *span);
        }
        let set = set?;
        let unbound = user.is_none() && self.alone;
        if set.as_ref().is_some_and(|set| set.len() == 0) || port.tokens.is_some() || unbound {
            return self.add_place(frame, port, set);
        }
        let name = &port.name.text;
        let error = match user {
            Some(user) => Diagnostic::error("E0607", user, format!("the port `{name}` is left open"))
                .also(port.name.span, "the port")
                .help(format!("bind it: `bind: {{\"{name}\": \"Place\"}}`")),
            None => Diagnostic::error("E0611", port.name.span, format!("the port `{name}` is open at the top"))
                .help("a net with ports is a module: use it in `instances` of another net, or give the port `tokens`"),
        };
        self.error_none(error)
    }

    fn bound_port(
        &mut self,
        frame: usize,
        port: &ast::Place,
        set: Option<Rc<ColourSet>>,
        view: View,
        span: Span,
    ) -> Option<View> {
        let agree = match (&set, &view.set) {
            (None, None) => true,
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) || a.same(b),
            _ => false,
        };
        if !agree {
            let words = |set: &Option<Rc<ColourSet>>| match set {
                None => "no colours".to_string(),
                Some(set) => format!("the colours {set}"),
            };
            let message = format!(
                "the port `{}` has {}, and what is bound to it has {}",
                port.name.text,
                words(&set),
                words(&view.set)
            );
            let error = Diagnostic::error("E0609", span, message).also(port.name.span, "the port");
            return self.error_none(error.help("bind a place or slice of the same colours: `Place(k)` fixes a colour"));
        }
        self.agreement(frame, port, &view, span);
        Some(view)
    }

    /// Tokens and capacity that both the port and the place bound to it state must be the same.
    fn agreement(&mut self, frame: usize, port: &ast::Place, view: &View, span: Span) {
        let flat = view.base as usize..view.base as usize + view.len();
        if let (Some(e), Some(place)) = (&port.tokens, view.declared) {
            let wanted = self.initial(frame, port, view.set.as_ref(), view.len());
            if self.places[flat.clone()].iter().zip(&wanted).any(|(place, n)| place.initial != *n) {
                let message =
                    format!("the port `{}` and the place bound to it start with different tokens", port.name.text);
                let error =
                    Diagnostic::error("E0610", span, message).also(e.span, "the port's").also(place, "the place's");
                self.report(error.help("state the tokens at the place only"));
            }
        }
        if port.capacity.is_some() {
            let wanted = self.capacity(frame, port);
            if wanted.is_some() && self.places[flat].iter().any(|place| place.capacity != wanted) {
                let message =
                    format!("the port `{}` and the place bound to it have different capacities", port.name.text);
                let error = Diagnostic::error("E0610", span, message).also(port.span, "the port");
                self.report(error.help("state the same capacity at the place"));
            }
        }
    }

    /// All copies of an instance entry.
    fn copies(&mut self, frame: usize, instance: &Instance) -> Option<Copies> {
        let home = Home::Frame(frame);
        let module = self.module(frame, instance);
        let mut scope = Scope::defining(home, "a value for an instance");
        let sets = self.variable_sets(home, &scope, &instance.variables);
        let total = sets.as_ref().and_then(|sets| size(sets));
        if let (Some(sets), true) = (&sets, total.is_none_or(|n| n > self.limits.instances - (self.frames.len() - 1))) {
            return self.too_many_instances(instance, sets);
        }
        let total = total.unwrap_or(0);
        let (Some(file), Some(sets), 1..) = (&module, sets.clone(), total) else {
            let unknown = instance.variables.iter().map(|(name, _)| (name.text.as_str(), Value::Poison));
            scope.variables.extend(unknown);
            scope.quiet = true;
            if let Some(file) = &module {
                self.with(&mut scope, instance, file);
                self.bindings(&mut scope, instance, file);
            }
            return sets.map(|sets| Copies { sets, frames: vec![None; if module.is_some() { 0 } else { total }] });
        };
        self.chain.push(file.path.clone());
        let mut frames = Vec::with_capacity(total);
        for index in 0..total {
            frames.push(self.copy(&mut scope, instance, file, &sets, index));
            if self.aborted {
                break;
            }
        }
        self.chain.pop();
        Some(Copies { sets, frames })
    }

    fn too_many_instances(&mut self, instance: &Instance, sets: &[Rc<ColourSet>]) -> Option<Copies> {
        let count: f64 = sets.iter().map(|set| set.len() as f64).product();
        let message = format!("too many instances: {count} of `{}`", instance.name.text);
        let help = format!("at most {} are allowed in the whole net", self.limits.instances);
        self.aborted = true;
        self.error_none(Diagnostic::error("E0716", instance.name.span, message).help(help))
    }

    fn copy<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        instance: &'a Instance,
        file: &Arc<File>,
        sets: &[Rc<ColourSet>],
        index: usize,
    ) -> Option<usize> {
        let colours = decode(sets, index);
        let names = instance.variables.iter().map(|(name, _)| name.text.as_str());
        scope.variables.extend(names.zip(colours.iter().cloned().map(Value::Colour)));
        let given = self.with(scope, instance, file);
        let bound = self.bindings(scope, instance, file);
        let Home::Frame(outer) = scope.home else { return None };
        let prefix = format!("{}{}.", self.frames[outer].prefix, bracketed(&instance.name.text, &colours));
        let own = self.stream_of(scope, &instance.name, instance.stream.as_ref(), &instance.variables, &colours);
        let dot = if own.is_empty() { "" } else { "." };
        let stream = format!("{}{own}{dot}", self.frames[outer].stream);
        scope.variables.clear();
        self.frame(file.clone(), prefix, stream, Some(instance.name.span), given, bound)
    }

    /// The module that an instance uses.
    fn module(&mut self, frame: usize, instance: &Instance) -> Option<Arc<File>> {
        let base = self.frames[frame].file.path.clone();
        let path = self.library.resolve(&base, &instance.module.text);
        let span = instance.module.span;
        if let Some(first) = self.chain.iter().position(|p| *p == path) {
            let mut names: Vec<&str> = self.chain[first..].iter().map(String::as_str).collect();
            names.push(&path);
            let message = format!("a module can't contain itself: {}", names.join(" → "));
            return self.error_none(Diagnostic::error("E0603", span, message));
        }
        if self.chain.len() > self.limits.depth {
            let message = format!("modules nest more than {} deep here", self.limits.depth);
            return self.error_none(Diagnostic::error("E0715", span, message));
        }
        let file = self.open(&path, span)?;
        if matches!(file.document, Some(Document::Net(_))) {
            return Some(file);
        }
        let message = format!("`{path}` doesn't hold a net");
        self.error_none(Diagnostic::error("E0602", span, message).help("`use` names a file with `Net(…)`"))
    }

    /// The values given to a module.
    fn with<'a>(&mut self, scope: &mut Scope<'a>, instance: &'a Instance, module: &File) -> Vec<(usize, Slot)> {
        let mut given: Vec<(usize, Slot)> = Vec::new();
        for definition in &instance.with {
            let name = &definition.name;
            let value = self.value(scope, &definition.value);
            match module.names.get(&name.text) {
                Some(Entry::Slot(slot)) if given.iter().any(|(s, _)| *s == slot) => {
                    let message = format!("`{}` is given twice", name.text);
                    self.report(Diagnostic::error("E0205", name.span, message));
                }
                Some(Entry::Slot(slot)) => given.push((slot, Slot::Given(value, definition.value.span))),
                Some(Entry::Twice) => {}
                _ => {
                    let known = module.names.known(false, |e| matches!(e, Entry::Slot(_)));
                    let message = format!("`{}` has no parameter `{}`", module.path, name.text);
                    let error = Diagnostic::error("E0604", name.span, message);
                    self.report(suggest(error, &name.text, &known, "parameters"));
                }
            }
        }
        given
    }

    /// The places bound to the ports of a module.
    fn bindings<'a>(&mut self, scope: &mut Scope<'a>, instance: &'a Instance, module: &File) -> Bound {
        let mut bound = Bound::new();
        for (name, place) in &instance.bind {
            let view = match &place.path.segments[..] {
                [_] => self.place(scope, place),
                _ => {
                    let message = "a port is bound to a place or port of this net, not of an instance";
                    let help = "give both instances a place of this net";
                    self.error_none(Diagnostic::error("E0608", place.span, message).help(help))
                }
            };
            match module.names.get(&name.text) {
                Some(Entry::Port(port)) => {
                    if let Some((_, first)) = bound.insert(port, (view, place.span)) {
                        let message = format!("the port `{}` is bound twice", name.text);
                        self.report(Diagnostic::error("E0205", name.span, message).also(first, "already bound here"));
                    }
                }
                Some(Entry::Twice) => {}
                _ => {
                    let known = module.names.known(false, |e| matches!(e, Entry::Port(_)));
                    let message = format!("`{}` has no port `{}`", module.path, name.text);
                    self.report(suggest(Diagnostic::error("E0606", name.span, message), &name.text, &known, "ports"));
                }
            }
        }
        bound
    }

    /// The last part of a stream's name, checked once for each binding.
    pub(super) fn stream_of(
        &mut self,
        scope: &Scope<'_>,
        name: &crate::syntax::expr::Name,
        explicit: Option<&ast::Text>,
        variables: &[(crate::syntax::expr::Name, crate::syntax::expr::Expr)],
        colours: &[super::value::Colour],
    ) -> String {
        let Some(text) = explicit else { return bracketed(&name.text, colours) };
        let names: Vec<&str> = variables.iter().map(|(v, _)| v.text.as_str()).collect();
        let known = |word: &str| self.file_of(scope.home).names.is_colour(word);
        match stream_name(&text.text, &names, colours, known) {
            Ok(stream) => stream,
            Err(word) => {
                let message = format!("`{word}` is not a variable of `{}`", name.text);
                let error = Diagnostic::error("E0712", text.span, message);
                self.report(suggest(error, &word, &names, "variables"));
                bracketed(&name.text, colours)
            }
        }
    }
}

/// Adds the nearest of the known names, or all of them.
pub(super) fn suggest(error: Diagnostic, unknown: &str, known: &[&str], what: &str) -> Diagnostic {
    match nearest(unknown, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.help(format!("it has no {what}")),
        None => error.help(format!("its {what} are: {}", known.join(", "))),
    }
}

/// The name of a flat place: tuples bring their own parentheses.
fn coloured(place: &str, colour: &str) -> String {
    if colour.starts_with('(') { format!("{place}{colour}") } else { format!("{place}({colour})") }
}
