//! A module checked alone, without the net that uses it.

use super::library::Library;
use super::limits::Limits;
use super::scope::slots;
use crate::diag::{Diagnostics, Sources};
use crate::syntax::ast::{Definition, Document, Net};
use serde::Serialize;

/// What a net asks of its user: it has no mistakes of its own, and can't run alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Colour sets that must be given.
    pub colours: Vec<String>,
    /// Parameters that must be given.
    pub parameters: Vec<String>,
    /// Ports that must be bound (those of an empty colour set need not be).
    pub ports: Vec<String>,
    /// Ports that may stay unbound.
    pub optional: Vec<String>,
}

impl Module {
    /// What `net` leaves to its user when `overrides` are given; none when it is complete, or has no ports, so that
    /// no net can use it.
    fn of(net: &Net, overrides: &[Definition]) -> Option<Module> {
        if net.ports.is_empty() {
            return None;
        }
        let given = |name: &str| overrides.iter().any(|given| given.name.text == name);
        let (bound, free): (Vec<_>, Vec<_>) = net.ports.iter().partition(|port| port.tokens.is_none());
        let missing = |at: usize, number: usize| {
            let missing = slots(net).skip(at).take(number).filter(|d| d.value.is_none() && !given(&d.name.text));
            missing.map(|d| d.name.text.clone()).collect()
        };
        let module = Module {
            colours: missing(0, net.colours.len()),
            parameters: missing(net.colours.len(), net.parameters.len()),
            ports: bound.iter().map(|port| port.name.text.clone()).collect(),
            optional: free.iter().map(|port| port.name.text.clone()).collect(),
        };
        let complete = module.colours.is_empty() && module.parameters.is_empty() && module.ports.is_empty();
        (!complete).then_some(module)
    }
}

impl Library<'_> {
    /// Checks the net in a file without a user. What only a user can give, the places bound to its ports and the
    /// values that it requires, is taken to be right; everything else is checked as far as it doesn't depend on that.
    ///
    /// All mistakes are added to `diagnostics`. `None` when the file doesn't hold a net with ports that needs a user;
    /// nothing is checked then.
    pub fn module(
        &mut self,
        sources: &mut Sources,
        file: &str,
        overrides: &[Definition],
        limits: &Limits,
        diagnostics: &mut Diagnostics,
    ) -> Option<Module> {
        let document = self.document(file, sources, &mut Diagnostics::default());
        let Some(Document::Net(net)) = &document else { return None };
        let module = Module::of(net, overrides)?;
        let (mut flattener, top) = self.begin(sources, file, overrides, limits, diagnostics);
        flattener.alone = true;
        flattener.build(net, top?);
        if !flattener.failed {
            flattener.unused();
        }
        Some(module)
    }
}
