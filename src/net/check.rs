//! Warnings about what is declared and never used, and about what makes a net slow.

use super::flatten::Flattener;
use super::library::File;
use super::scope::bare;
use crate::diag::Diagnostic;
use crate::syntax::ast::{self, Document, MemoryPolicy, Net, Timing};
use crate::syntax::expr::{Expr, ExprKind, Name, PlaceRef, Quantifier};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// What the expressions of a file mention.
#[derive(Default)]
struct Uses<'a> {
    /// First words of dotted names.
    names: HashSet<&'a str>,
    /// Places and ports of the net itself.
    places: HashSet<&'a str>,
    /// Places of instances: any net may declare them.
    inner: BTreeSet<&'a str>,
    /// Variables of sums that their bodies don't mention.
    idle: Vec<&'a Name>,
}

impl Flattener<'_, '_> {
    /// Warns about everything in the files of the net that nothing uses.
    pub(super) fn unused(&mut self) {
        let files: BTreeMap<String, Arc<File>> =
            self.frames.iter().map(|frame| (frame.file.path.clone(), frame.file.clone())).collect();
        let nets: Vec<&Net> = files.values().filter_map(|file| as_net(file)).collect();
        let uses: Vec<Uses<'_>> = nets.iter().map(|net| Uses::of(net)).collect();
        let inner: BTreeSet<&str> = uses.iter().flat_map(|uses| uses.inner.iter().copied()).collect();
        let mut warnings = Vec::new();
        for (net, uses) in nets.iter().zip(&uses) {
            unused_in(net, uses, &inner, &mut warnings);
            global_memory(net, &mut warnings);
        }
        warnings.into_iter().for_each(|warning| self.report(warning));
    }
}

fn as_net(file: &File) -> Option<&Net> {
    match &file.document {
        Some(Document::Net(net)) => Some(net),
        _ => None,
    }
}

fn unused_in(net: &Net, uses: &Uses<'_>, inner: &BTreeSet<&str>, warnings: &mut Vec<Diagnostic>) {
    let mut warn = |code, name: &Name, what: &str, help: &str| {
        let message = format!("the {what} `{}` is never used", name.text);
        warnings.push(Diagnostic::warning(code, name.span, message).help(help));
    };
    for name in &uses.idle {
        warn("W0801", name, "variable", "name it in what is summed, or multiply by the number of colours instead");
    }
    for declaration in net.parameters.iter().filter(|d| !uses.names.contains(d.name.text.as_str())) {
        warn("W0802", &declaration.name, "parameter", "changing it changes nothing: use it, or remove it");
    }
    for import in net.imports.iter().filter(|i| !uses.names.contains(i.alias.text.as_str())) {
        warn("W0803", &import.alias, "import", "remove it");
    }
    for place in &net.places {
        let name = place.name.text.as_str();
        if !uses.places.contains(name) && !inner.contains(name) {
            warn("W0804", &place.name, "place", "no arc, condition or measure names it: use it, or remove it");
        }
    }
    for declaration in net.colours.iter().filter(|d| !uses.names.contains(d.name.text.as_str())) {
        // Whoever names one of its colours uses it, too.
        if !written(declaration.value.as_ref()).any(|colour| uses.names.contains(colour)) {
            warn("W0805", &declaration.name, "colour set", "use it, or remove it");
        }
    }
}

/// The colours that are written out in a set.
fn written(set: Option<&Expr>) -> impl Iterator<Item = &str> {
    let items = match set.map(|set| &set.kind) {
        Some(ExprKind::Set(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(bare)
}

fn global_memory(net: &Net, warnings: &mut Vec<Diagnostic>) {
    for transition in &net.transitions {
        if let Timing::Timed { memory: Some(MemoryPolicy::Resample), .. } = transition.timing {
            let message = format!("`{}` draws anew at every timed firing of the net", transition.name.text);
            let help = "`memory: Resample` makes every firing cost time for it, wherever in the net it happens (S9)";
            warnings.push(Diagnostic::warning("W0806", transition.name.span, message).help(help));
        }
    }
}

impl<'a> Uses<'a> {
    fn of(net: &'a Net) -> Uses<'a> {
        let mut uses = Uses::default();
        for set in net.colours.iter().filter_map(|d| d.value.as_ref()) {
            match &set.kind {
                // A set doesn't use its own colours.
                ExprKind::Set(items) => items.iter().filter(|item| bare(item).is_none()).for_each(|e| uses.expr(e)),
                _ => uses.expr(set),
            }
        }
        net.parameters.iter().filter_map(|d| d.value.as_ref()).for_each(|e| uses.expr(e));
        for place in net.places.iter().chain(&net.ports) {
            [&place.colour, &place.tokens, &place.capacity].into_iter().flatten().for_each(|e| uses.expr(e));
        }
        net.transitions.iter().for_each(|transition| uses.transition(transition));
        for instance in &net.instances {
            instance.variables.iter().for_each(|(_, e)| uses.expr(e));
            instance.with.iter().for_each(|d| uses.expr(&d.value));
            instance.bind.iter().for_each(|(_, place)| uses.place(place));
        }
        net.up.iter().for_each(|d| uses.expr(&d.value));
        for measure in &net.measures {
            uses.expr(&measure.value);
            measure.precision.iter().for_each(|e| uses.expr(e));
        }
        uses
    }

    fn transition(&mut self, transition: &'a ast::Transition) {
        transition.variables.iter().for_each(|(_, e)| self.expr(e));
        for arc in [&transition.from, &transition.to, &transition.test, &transition.inhibit].into_iter().flatten() {
            self.places.insert(&arc.place.text);
            self.expr(&arc.tokens);
        }
        transition.flush.iter().for_each(|place| self.place(place));
        transition.guard.iter().for_each(|e| self.expr(e));
        match &transition.timing {
            Timing::Immediate { priority, weight, .. } => {
                [priority, weight].into_iter().flatten().for_each(|e| self.expr(e));
            }
            Timing::Timed { delay, speed, servers, .. } => {
                [delay, speed].into_iter().flatten().for_each(|e| self.expr(e));
                if let Some(ast::Servers::Count(e)) = servers {
                    self.expr(e);
                }
            }
        }
    }

    fn place(&mut self, place: &'a PlaceRef) {
        match &place.path.segments[..] {
            [only] => {
                self.places.insert(&only.name.text);
            }
            [.., last] => {
                self.inner.insert(&last.name.text);
            }
            [] => {}
        }
        place.path.segments.iter().flat_map(|s| &s.index).for_each(|e| self.expr(e));
        place.colour.iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, mut e: &'a Expr) {
        // Down the left side without recursion: a sum of many terms is deep there.
        while let ExprKind::Binary(_, x, y) = &e.kind {
            self.expr(y);
            e = x;
        }
        match &e.kind {
            ExprKind::Path(path) => {
                self.names.extend(path.segments.first().map(|s| s.name.text.as_str()));
                path.segments.iter().flat_map(|s| &s.index).for_each(|e| self.expr(e));
            }
            ExprKind::Tokens(place) => self.place(place),
            ExprKind::Quantified { quantifier, variables, filter, body } => {
                self.quantified(*quantifier, variables, filter.as_deref(), body);
            }
            ExprKind::Unary(_, x) | ExprKind::All(x) => self.expr(x),
            ExprKind::If(x, y, z) => [x, y, z].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Call(_, arguments) => arguments.iter().for_each(|a| self.expr(&a.value)),
            ExprKind::Set(list) | ExprKind::Tuple(list) | ExprKind::List(list) => {
                list.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Range { from, to, .. } => [from, to].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Table(entries) => entries.iter().flat_map(|(k, v)| [k, v]).for_each(|e| self.expr(e)),
            ExprKind::Probability { event: x, given } | ExprKind::Expectation { value: x, given } => {
                self.expr(x);
                given.iter().for_each(|e| self.expr(e));
            }
            ExprKind::At { asked: x, time: y } => [x, y].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Over { asked, from, to } => [asked, from, to].into_iter().for_each(|e| self.expr(e)),
            ExprKind::Fate(_, condition) => self.expr(condition),
            _ => {}
        }
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        variables: &'a [(Name, Expr)],
        filter: Option<&'a Expr>,
        body: &'a Expr,
    ) {
        variables.iter().for_each(|(_, e)| self.expr(e));
        let outer = std::mem::take(&mut self.names);
        self.expr(body);
        filter.into_iter().for_each(|e| self.expr(e));
        if quantifier != Quantifier::Count {
            self.idle.extend(variables.iter().map(|(v, _)| v).filter(|v| !self.names.contains(v.text.as_str())));
        }
        self.names.extend(outer);
    }
}
