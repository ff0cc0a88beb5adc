//! Nets from their files.

use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::{self, Overrides, Reading};
use fivenines::net::load::Loader;
use fivenines::net::{Library, Net};
use std::path;
use std::sync::Arc;

/// Files of the repository.
struct Disk;

impl Loader for Disk {
    fn load(&self, file: &str) -> Result<Vec<u8>, String> {
        std::fs::read(file).map_err(|error| error.to_string())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        let folder = path::Path::new(base).parent().unwrap_or(path::Path::new(""));
        folder.join(relative).to_string_lossy().into_owned()
    }
}

/// A net from its file, with other values for some parameters.
pub fn load(file: &str, set: &[(&str, &str)]) -> Arc<Net> {
    let set = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let library = &mut Library::new(&Disk);
    let mut reading = Reading { library, sources: &mut sources, diagnostics: &mut diagnostics };
    let plan = experiment::plan(file, &Overrides { set, ..Overrides::default() }, &mut reading);
    let plan = plan.unwrap_or_else(|| panic!("{file}: {:?}", diagnostics.sorted()));
    plan.points[0].net.clone()
}
