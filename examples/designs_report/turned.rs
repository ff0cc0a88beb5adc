//! Files in which one line is turned: what a reader who disagrees with an assumption would do.

use crate::folder::Folder;
use fivenines::net::load::Loader;

/// The repository's files, with one text in one of them in the place of another.
pub struct Turned<'a> {
    pub folder: Folder<'a>,
    pub file: &'static str,
    pub line: &'static str,
    pub instead: &'static str,
}

impl Loader for Turned<'_> {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.folder.load(path)?;
        if self.file.is_empty() || !path.ends_with(self.file) {
            return Ok(bytes);
        }
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        if text.matches(self.line).count() == 1 {
            Ok(text.replace(self.line, self.instead).into_bytes())
        } else {
            Err(format!("it doesn't say `{}` once", self.line))
        }
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        self.folder.resolve(base, relative)
    }
}
