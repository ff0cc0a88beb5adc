//! Transitions unfolded over their bindings.

use super::expr::{Expr as Flat, LawExpr};
use super::flatten::{Block, Flattener, Frame};
use super::fold;
use super::scope::{Home, Scope};
use super::streams::bracketed;
use super::value::{Colour, Value, decode, size};
use super::{Arc, FamilyId, PlaceId, Servers, Timed, Timing, Transition};
use crate::diag::{Diagnostic, Span};
use crate::syntax::ast::{self, Document};
use crate::syntax::expr::{Expr, PlaceRef};
use crate::units::Dimension;
use std::collections::HashMap;
use std::sync;

/// What can't read the marking.
const WEIGHT: &str = "the weight of an arc";

impl Flattener<'_, '_> {
    /// All transitions of one net instance.
    pub(super) fn transitions_of(&mut self, frame: usize) {
        let file = self.frames[frame].file.clone();
        let Some(Document::Net(net)) = &file.document else { return };
        for transition in &net.transitions {
            let block = self.unfold(frame, transition);
            self.frames[frame].transitions.push(block);
        }
    }

    fn unfold(&mut self, frame: usize, transition: &ast::Transition) -> Option<Block> {
        let home = Home::Frame(frame);
        let mut scope = Scope::fixed(home, WEIGHT);
        let sets = self.variable_sets(home, &scope, &transition.variables);
        let total = sets.as_ref().map_or(Some(0), |sets| size(sets));
        let first = self.transitions.len() as u32;
        let Some(total) = total.filter(|n| (*n as u64) < self.limits.steps) else {
            let message = format!("`{}` has too many bindings", transition.name.text);
            let help = "smaller colour sets, or fewer variables";
            return self.error_none(Diagnostic::error("E0717", transition.name.span, message).help(help));
        };
        if total == 0 {
            scope.variables = transition.variables.iter().map(|(v, _)| (v.text.as_str(), Value::Poison)).collect();
            scope.quiet = true;
            self.bind(&mut scope, transition, &[], false);
        }
        let sets = sets?;
        let (family, mut bindings) = (self.families.len(), Vec::new());
        let mut prunes = false;
        for index in 0..total {
            if !self.charge(1, transition.name.span) {
                return None;
            }
            let colours = decode(&sets, index);
            let names = transition.variables.iter().map(|(v, _)| v.text.as_str());
            scope.variables.extend(names.zip(colours.iter().cloned().map(Value::Colour)));
            match self.bind(&mut scope, transition, &colours, true) {
                Some(mut flat) => {
                    self.room(1, transition.name.span)?;
                    flat.family = FamilyId(family as u32);
                    self.transitions.push(flat);
                    bindings.push(index);
                }
                None => prunes = true,
            }
            scope.variables.clear();
        }
        if bindings.is_empty() {
            self.dead(frame, transition, prunes);
        } else {
            self.families.push(format!("{}{}", self.frames[frame].prefix, transition.name.text));
        }
        Some(Block { sets, first, bindings })
    }

    /// Warns about a transition of the top net that no binding is left of; a module's user may give other values.
    fn dead(&mut self, frame: usize, transition: &ast::Transition, prunes: bool) {
        let certain = prunes && !self.failed && !self.alone && !self.is_switched();
        if let (0, true, Some(guard)) = (frame, certain, &transition.guard) {
            let weighted = matches!(transition.timing, ast::Timing::Immediate { weight: Some(_), .. });
            let why = if weighted { "its guard is false, or its weight 0," } else { "its guard is false" };
            let message = format!("`{}` can never fire: {why} for every binding", transition.name.text);
            self.report(Diagnostic::warning("W0809", guard.span, message));
        }
    }

    /// One binding; none when its guard or a weight of 0 excludes it, or something is wrong.
    fn bind<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        transition: &'a ast::Transition,
        colours: &[Colour],
        real: bool,
    ) -> Option<Transition> {
        let Home::Frame(frame) = scope.home else { return None };
        let guard = match &transition.guard {
            None => Some(Flat::Constant(1.0)),
            Some(e) => scope.within(None, |scope| {
                let value = self.value(scope, e);
                self.as_condition(&value, e.span)
            }),
        };
        let excluded = guard.as_ref().and_then(fold::truth) == Some(false);
        if excluded && real {
            return None;
        }
        let inputs = self.arcs(scope, frame, &transition.from);
        let outputs = self.arcs(scope, frame, &transition.to);
        let tests = self.arcs(scope, frame, &transition.test);
        let inhibitors = self.inhibitors(scope, frame, &transition.inhibit);
        let flushes = self.flushes(scope, &transition.flush);
        let timing = scope.within(None, |scope| self.timing(scope, &transition.timing));
        if real && timing.as_ref().is_some_and(is_never_chosen) {
            return None;
        }
        let own = self.stream_of(scope, &transition.name, transition.stream.as_ref(), &transition.variables, colours);
        let Frame { prefix, stream, .. } = &self.frames[frame];
        Some(Transition {
            name: [prefix.as_str(), &bracketed(&transition.name.text, colours)].concat(),
            family: FamilyId(0),
            stream: [stream.as_str(), &own].concat(),
            role: transition.role.map(|(role, _)| role),
            timing: timing?,
            inputs: inputs?,
            outputs: outputs?,
            tests: tests?,
            inhibitors: inhibitors?,
            flushes: flushes?,
            guard: guard.filter(|guard| fold::truth(guard) != Some(true)),
            span: transition.name.span,
        })
    }

    /// As [`Self::arcs`]; a plain 0 forbids the transition for good (S2), since no place holds less.
    fn inhibitors<'a>(&mut self, scope: &mut Scope<'a>, frame: usize, list: &'a [ast::Arc]) -> Option<Vec<Arc>> {
        let mut arcs = self.arcs(scope, frame, list)?;
        for arc in list {
            let Some(plain) = self.place_named(frame, &arc.place).filter(|view| view.set.is_none()) else { continue };
            if let Err(position) = arcs.binary_search_by_key(&plain.base, |arc| arc.place.0) {
                arcs.insert(position, Arc { place: PlaceId(plain.base), weight: 0 });
            }
        }
        Some(arcs)
    }

    /// The arcs of one list, ascending by place; several entries for one place add up (S1).
    fn arcs<'a>(&mut self, scope: &mut Scope<'a>, frame: usize, list: &'a [ast::Arc]) -> Option<Vec<Arc>> {
        let mut arcs: Vec<(u32, f64, Span)> = Vec::with_capacity(list.len());
        let mut whole = true;
        for arc in list {
            let bag = match self.place_named(frame, &arc.place) {
                Some(view) => self.bag(scope, &arc.tokens, view.set.as_ref()).map(|bag| (view.base, bag)),
                None => None,
            };
            match bag {
                Some((base, bag)) => arcs.extend(bag.iter().map(|(i, n)| (base + *i as u32, *n, arc.tokens.span))),
                None => whole = false,
            }
        }
        arcs.sort_by_key(|(place, ..)| *place);
        let mut merged: Vec<Arc> = Vec::with_capacity(arcs.len());
        for (place, count, span) in arcs {
            let before = merged.last().filter(|arc| arc.place.0 == place).map(|arc| f64::from(arc.weight));
            let weight = before.unwrap_or(0.0) + count;
            if weight > f64::from(self.limits.tokens) {
                let message = format!("{weight} tokens: the number is too large");
                return self.error_none(Diagnostic::error("E0707", span, message));
            }
            if before.is_some() {
                merged.pop();
            }
            merged.push(Arc { place: PlaceId(place), weight: weight as u32 });
        }
        whole.then_some(merged)
    }

    fn flushes<'a>(&mut self, scope: &mut Scope<'a>, list: &'a [PlaceRef]) -> Option<Vec<PlaceId>> {
        let mut places = Vec::new();
        let mut whole = true;
        for place in list {
            match self.place(scope, place) {
                Some(view) if self.charge(view.len() as u64, place.span) => {
                    places.extend((view.base..view.base + view.len() as u32).map(PlaceId));
                }
                _ => whole = false,
            }
        }
        places.sort_unstable();
        places.dedup();
        whole.then_some(places)
    }

    fn timing<'a>(&mut self, scope: &mut Scope<'a>, timing: &'a ast::Timing) -> Option<Timing> {
        match timing {
            ast::Timing::Immediate { priority, weight, weight_scope } => {
                let priority = self.priority(scope, priority.as_ref());
                let weight = match weight {
                    None => Some(Flat::Constant(1.0)),
                    Some(e) => self.factor(scope, e, "a weight"),
                };
                Some(Timing::Immediate {
                    priority: priority?,
                    weight: weight?,
                    scope: weight_scope.unwrap_or_default(),
                })
            }
            ast::Timing::Timed { delay, speed, memory, servers, scope: share, renew } => {
                let law = delay.as_ref().and_then(|e| {
                    let law = self.delay(scope, e)?;
                    self.charge(law_size(&law), e.span).then(|| self.shared(e.span, &law))
                });
                let speed = match speed {
                    None => Some(Flat::Constant(1.0)),
                    Some(e) => self.factor(scope, e, "a speed"),
                };
                let servers = self.servers(scope, servers.as_ref());
                Some(Timing::Timed(Timed {
                    law: law?,
                    speed: Some(speed?).filter(|speed| speed.constant() != Some(1.0)),
                    memory: memory.unwrap_or_default(),
                    servers: servers?,
                    scope: share.unwrap_or_default(),
                    renew: renew.unwrap_or_default(),
                }))
            }
        }
    }

    /// The law last found there, if it is the same: most bindings have the same one.
    fn shared(&mut self, span: Span, law: &LawExpr) -> sync::Arc<LawExpr> {
        match self.laws.get(&span) {
            Some(known) if **known == *law => known.clone(),
            _ => {
                let law = sync::Arc::new(law.clone());
                self.laws.insert(span, law.clone());
                law
            }
        }
    }

    fn priority<'a>(&mut self, scope: &mut Scope<'a>, e: Option<&'a Expr>) -> Option<i32> {
        let Some(e) = e else { return Some(0) };
        let value = scope.within(Some("a priority"), |scope| self.value(scope, e));
        let x = self.plain(&value, e.span)?;
        if x.fract() == 0.0 && x.abs() <= f64::from(i32::MAX) {
            return Some(x as i32);
        }
        let error = Diagnostic::error("E0718", e.span, format!("a priority is a whole number, and this is {x}"));
        self.fault(scope, error.help("the greatest priority comes first; the default is 0"))
    }

    /// A weight or speed: a plain number that may depend on the marking.
    fn factor<'a>(&mut self, scope: &mut Scope<'a>, e: &'a Expr, what: &str) -> Option<Flat> {
        let value = self.value(scope, e);
        let (flat, dimension) = self.as_number(&value, e.span)?;
        if dimension != Dimension::NUMBER {
            let message = format!("{what} is a plain number, and this is {dimension}");
            return self.error_none(Diagnostic::error("E0504", e.span, message).help("divide it by a unit: `x / 1 s`"));
        }
        match flat.constant() {
            Some(x) if !(x >= 0.0 && x.is_finite()) => {
                let message = format!("{what} can't be {x}");
                self.fault(scope, Diagnostic::error("E0718", e.span, message).help("it is finite and 0 or more"))
            }
            _ => Some(flat),
        }
    }

    fn servers<'a>(&mut self, scope: &mut Scope<'a>, servers: Option<&'a ast::Servers>) -> Option<Servers> {
        let e = match servers {
            None => return Some(Servers::Count(1)),
            Some(ast::Servers::Infinite) => return Some(Servers::Infinite),
            Some(ast::Servers::Count(e)) => e,
        };
        let value = scope.within(Some("a number of servers"), |scope| self.value(scope, e));
        let x = self.plain(&value, e.span)?;
        if x.fract() == 0.0 && x >= 1.0 && x <= f64::from(self.limits.tokens) {
            return Some(Servers::Count(x as u32));
        }
        let error = Diagnostic::error("E0710", e.span, format!("there can't be {x} servers"));
        self.fault(scope, error.help("a whole number from 1 on, or `Infinite`"))
    }

    /// Bindings that share their servers must agree on the number (S8).
    pub(super) fn shared_servers(&mut self) {
        let mut first: HashMap<u32, (Servers, usize)> = HashMap::new();
        let mut errors = Vec::new();
        for (i, transition) in self.transitions.iter().enumerate() {
            let Timing::Timed(timed) = &transition.timing else { continue };
            if timed.scope != ast::Scope::Transition {
                continue;
            }
            let (servers, j) = *first.entry(transition.family.0).or_insert((timed.servers, i));
            if servers != timed.servers {
                let other = &self.transitions[j].name;
                let message = format!("`{other}` and `{}` share servers, and differ in their number", transition.name);
                let error = Diagnostic::error("E0710", transition.span, message);
                errors.push(error.help("with `scope: Transition` the number is the same for all bindings"));
            }
        }
        errors.into_iter().for_each(|error| self.report(error));
    }

    /// Two transitions that draw from one stream would be coupled (S15).
    pub(super) fn unique_streams(&mut self) {
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(self.transitions.len());
        let mut errors = Vec::new();
        for (i, transition) in self.transitions.iter().enumerate() {
            let Some(j) = first.insert(&transition.stream, i) else { continue };
            let other = &self.transitions[j];
            let message = format!(
                "`{}` and `{}` have the same stream `{}`: they would draw the same numbers",
                other.name, transition.name, transition.stream
            );
            let error = Diagnostic::error("E0711", transition.span, message).also(other.span, "the other one");
            errors
                .push(error.help("give one of them another `stream`, or name an instance's variables in its `stream`"));
        }
        errors.into_iter().for_each(|error| self.report(error));
    }
}

/// Whether a constant weight of 0 takes it out of the net (S5).
fn is_never_chosen(timing: &Timing) -> bool {
    matches!(timing, Timing::Immediate { weight, .. } if weight.constant() == Some(0.0))
}

/// How many numbers a law holds, so that a long sample isn't copied a million times.
fn law_size(law: &LawExpr) -> u64 {
    use super::expr::ArgumentExpr;
    let parts = law.arguments.iter().map(|argument| match argument {
        ArgumentExpr::Scalar(_) => 1,
        ArgumentExpr::List(list) => list.len() as u64,
        ArgumentExpr::Law(law) => law_size(law),
        ArgumentExpr::Laws(laws) => laws.iter().map(law_size).sum(),
    });
    parts.sum()
}
