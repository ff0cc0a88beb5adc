//! Files in which one value is turned: what a reader who disagrees with an assumption would do.

use crate::folder::Folder;
use fivenines::net::load::Loader;

/// A text in the place of a part of a file.
#[derive(Clone)]
pub struct Instead {
    pub file: &'static str,
    /// The first byte of the part, and the one behind it.
    pub start: usize,
    pub end: usize,
    pub text: String,
}

impl Instead {
    /// The repository's files with that.
    pub fn over<'a>(&'a self, folder: Folder<'a>) -> Turned<'a> {
        Turned { folder, instead: self }
    }
}

/// The repository's files, with one text in one of them in the place of another.
pub struct Turned<'a> {
    folder: Folder<'a>,
    instead: &'a Instead,
}

impl Loader for Turned<'_> {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        let mut bytes = self.folder.load(path)?;
        let Instead { file, start, end, text } = self.instead;
        if path == *file {
            if *end > bytes.len() || start > end {
                return Err(format!("{file} has changed meanwhile"));
            }
            bytes.splice(*start..*end, text.bytes());
        }
        Ok(bytes)
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        self.folder.resolve(base, relative)
    }
}
