//! References to places: `Failed`, `Failed(k)`, `kid[k].Idle`.

use super::PlaceId;
use super::expr::Expr as Flat;
use super::flatten::{Flattener, View};
use super::scope::{Entry, Home, Scope};
use super::value::{ColourSet, Value, counted, size};
use crate::diag::{Diagnostic, Span};
use crate::syntax::expr::{Expr, Name, PlaceRef, Segment};
use crate::units::Dimension;
use std::rc::Rc;

impl Flattener<'_, '_> {
    /// `#Place`, `#Place(colour)`: how many tokens.
    pub(super) fn tokens<'a>(&mut self, scope: &mut Scope<'a>, place: &'a PlaceRef) -> Value {
        let view = scope.within(None, |scope| self.place(scope, place));
        if let Some(what) = scope.fixed {
            let message = format!("{what} may not depend on the marking");
            let help = "only guards, delays, speeds, weights of immediates, `up` and measures read the marking";
            return self.error(Diagnostic::error("E0505", place.span, message).help(help));
        }
        let Some(view) = view else { return Value::Poison };
        let len = view.len();
        if !self.charge(len as u64, place.span) {
            return Value::Poison;
        }
        let places = (view.base..view.base + len as u32).map(PlaceId).collect::<Vec<_>>();
        let e = if places.is_empty() { Flat::Constant(0.0) } else { Flat::Tokens(places) };
        Value::Number(e, Dimension::NUMBER)
    }

    /// The place, or the slice of it, that a reference means.
    pub(super) fn place<'a>(&mut self, scope: &mut Scope<'a>, place: &'a PlaceRef) -> Option<View> {
        let (last, instances) = place.path.segments.split_last()?;
        let frame = self.instance(scope, instances)?;
        let view = frame.and_then(|frame| self.place_named(frame, &last.name));
        if !last.index.is_empty() {
            let message = "colours of a place stand in parentheses";
            let help = format!("write `{}(…)`", last.name.text);
            self.error(Diagnostic::error("E0514", last.name.span, message).help(help));
            return None;
        }
        self.slice(scope, view, &place.colour, &last.name)
    }

    /// The instance that the front of a dotted name means. `Some(None)`: it can't be told which one.
    fn instance<'a>(&mut self, scope: &mut Scope<'a>, path: &'a [Segment]) -> Option<Option<usize>> {
        let frames = self.instances(scope, path, false)?;
        Some(frames.first().copied())
    }

    /// The instances that the front of a dotted name means; with `all`, a name without index means all copies.
    pub(super) fn instances<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        path: &'a [Segment],
        all: bool,
    ) -> Option<Vec<usize>> {
        let Home::Frame(frame) = scope.home else { return None };
        let mut frames = vec![frame];
        for segment in path {
            let name = &segment.name;
            let mut inner = Vec::new();
            for frame in frames {
                let i = match self.frames[frame].file.names.get(&name.text) {
                    Some(Entry::Instance(i)) => i,
                    Some(Entry::Twice) => return None,
                    _ => {
                        self.unknown_instance(frame, name);
                        return None;
                    }
                };
                let copies = self.frames[frame].instances.get(i).cloned().flatten()?;
                if all && segment.index.is_empty() {
                    inner.extend(copies.frames.iter().flatten());
                } else if segment.index.len() != copies.sets.len() {
                    self.wrong_index(name, segment.index.len(), copies.sets.len());
                    return None;
                } else {
                    let index = self.index(scope, &copies.sets, &segment.index);
                    inner.extend(index.and_then(|index| copies.frames.get(index).copied().flatten()));
                }
            }
            frames = inner;
        }
        Some(frames)
    }

    /// The index of a binding, the last variable varying fastest.
    pub(super) fn index<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        sets: &[Rc<ColourSet>],
        colours: &'a [Expr],
    ) -> Option<usize> {
        let mut at = Some(0);
        for (e, set) in colours.iter().zip(sets) {
            let index = self.member(scope, set, e);
            at = at.zip(index).map(|(at, index)| at * set.len() + index);
        }
        at
    }

    fn unknown_instance(&mut self, frame: usize, name: &Name) {
        let names = &self.frames[frame].file.names;
        let known: Vec<String> =
            names.known(false, |e| matches!(e, Entry::Instance(_))).iter().map(|s| s.to_string()).collect();
        self.unknown("E0405", name, format!("there is no instance `{}`", name.text), &known);
    }

    fn wrong_index(&mut self, name: &Name, found: usize, wanted: usize) {
        let message = match wanted {
            0 => format!("`{}` is a single instance, and has no index", name.text),
            _ => {
                let wanted = counted(wanted, "variable");
                format!("`{}` is replicated over {wanted}, and the brackets hold {found}", name.text)
            }
        };
        let help = match wanted {
            0 => format!("write `{}.…`", name.text),
            _ => format!("write `{0}[k].…`, and for all of them `sum(k in Set: #{0}[k].…)`", name.text),
        };
        self.error(Diagnostic::error("E0508", name.span, message).help(help));
    }

    /// A place or port of one net instance.
    pub(super) fn place_named(&mut self, frame: usize, name: &Name) -> Option<View> {
        let entry = self.frames[frame].file.names.get(&name.text);
        match entry {
            Some(Entry::Port(i)) => self.frames[frame].ports.get(i).cloned().flatten(),
            Some(Entry::Place(i)) => self.frames[frame].places.get(i).cloned().flatten(),
            Some(Entry::Twice) => None,
            Some(entry) => {
                let message = format!("a place is needed here, and `{}` is {}", name.text, entry.kind());
                self.error(Diagnostic::error("E0407", name.span, message));
                None
            }
            None => {
                let names = &self.frames[frame].file.names;
                let wanted = |e| matches!(e, Entry::Place(_) | Entry::Port(_));
                let known: Vec<String> = names.known(false, wanted).iter().map(|s| s.to_string()).collect();
                self.unknown("E0403", name, format!("there is no place `{}`", name.text), &known);
                None
            }
        }
    }

    /// What is left of a place when the first components of its colour are fixed.
    fn slice<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        view: Option<View>,
        colours: &'a [Expr],
        name: &'a Name,
    ) -> Option<View> {
        let values: Vec<(Value, Span)> = colours.iter().map(|e| (self.value(scope, e), e.span)).collect();
        let view = view?;
        if values.is_empty() {
            return Some(view);
        }
        let Some(set) = view.set.clone() else {
            let message = format!("the place `{}` has no colours", name.text);
            self.error(Diagnostic::error("E0514", name.span, message).help(format!("write `{}`", name.text)));
            return None;
        };
        let parts = components(&set, &values);
        if values.len() > parts.len() {
            let message =
                format!("a colour of `{}` has {}, not {}", name.text, counted(parts.len(), "component"), values.len());
            let help = format!("its colours are {set}");
            self.error(Diagnostic::error("E0508", name.span, message).help(help));
            return None;
        }
        let mut at = Some(0);
        for ((value, span), part) in values.iter().zip(&parts) {
            let index = self.member_value(scope, part, value, *span);
            at = at.zip(index).map(|(at, index)| at * part.len() + index);
        }
        let rest = &parts[values.len()..];
        let offset = at? * size(rest)?;
        let set = match rest {
            [] => None,
            [one] => Some(one.clone()),
            rest => Some(Rc::new(ColourSet::Product { parts: rest.to_vec(), len: size(rest)? })),
        };
        Some(View { base: view.base + offset as u32, set, ..view })
    }
}

/// The components by which a place can be sliced; a whole tuple counts as one.
fn components(set: &Rc<ColourSet>, values: &[(Value, Span)]) -> Vec<Rc<ColourSet>> {
    match (&**set, values) {
        (ColourSet::Product { .. }, [(Value::Colour(super::value::Colour::Tuple(_)), _)]) => {
            let ColourSet::Product { parts, .. } = &**set else { return vec![set.clone()] };
            match parts.first().map(|p| &**p) {
                // The first component may itself be a pair, and then a pair is a slice.
                Some(ColourSet::Product { .. }) => parts.clone(),
                _ => vec![set.clone()],
            }
        }
        (ColourSet::Product { parts, .. }, _) => parts.clone(),
        _ => vec![set.clone()],
    }
}
