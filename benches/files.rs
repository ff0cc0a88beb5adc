//! Nets and scenarios from their files.

// Not every program that includes this needs all of it.
#![allow(dead_code)]

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::{self, Overrides, Plan, Reading};
use fivenines::net::load::Loader;
use fivenines::net::{Library, Net};
use std::path;
use std::sync::Arc;

/// Files of the repository.
pub struct Disk;

impl Loader for Disk {
    fn load(&self, file: &str) -> Result<Vec<u8>, String> {
        std::fs::read(file).map_err(|error| error.to_string())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        let folder = path::Path::new(base).parent().unwrap_or(path::Path::new(""));
        folder.join(relative).to_string_lossy().into_owned()
    }
}

/// The plan of a file, with other values for some parameters.
pub fn plan(loader: &dyn Loader, file: &str, set: &[(&str, &str)]) -> Plan {
    let set = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let library = &mut Library::new(loader);
    let mut reading = Reading { library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(file, &Overrides { set, ..Overrides::default() }, &mut reading);
    plan.unwrap_or_else(|| panic!("{file}: {:?}", diagnostics.sorted()))
}

/// A net from its file, with other values for some parameters.
pub fn load(file: &str, set: &[(&str, &str)]) -> Arc<Net> {
    plan(&Disk, file, set).points[0].net.clone()
}
