//! The repository's files, for the programs that print its reports.

use fivenines::net::load::{Loader, join};
use std::path::Path;

/// Files below a folder.
pub struct Folder<'a>(pub &'a Path);

impl Loader for Folder<'_> {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        join(base, relative)
    }
}
