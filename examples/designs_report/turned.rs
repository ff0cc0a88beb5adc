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
    /// What is left out: the range of the value, which may not hold any longer.
    pub without: Option<(usize, usize)>,
}

/// The bytes of `range: (…),` behind a value, before the next one's name.
pub fn range_behind(text: &str, end: usize) -> Option<(usize, usize)> {
    let rest = text.get(end..)?;
    let entry = &rest[..rest.find("\n        \"").unwrap_or(rest.len())];
    let start = entry.find("range: (")?;
    let mut depth = 0;
    for (at, letter) in entry[start..].char_indices() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if letter == ')' && depth == 0 {
            let comma = usize::from(entry[start + at + 1..].starts_with(','));
            return Some((end + start, end + start + at + 1 + comma));
        }
    }
    None
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
        let Instead { file, start, end, text, without } = self.instead;
        if path == *file {
            if *end > bytes.len() || start > end {
                return Err(format!("{file} has changed meanwhile"));
            }
            if let Some((from, to)) = without.filter(|(from, to)| end <= from && from <= to && *to <= bytes.len()) {
                bytes.drain(from..to);
            }
            bytes.splice(*start..*end, text.bytes());
        }
        Ok(bytes)
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        self.folder.resolve(base, relative)
    }
}
