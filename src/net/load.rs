//! Where files come from: the library itself never touches one.

use std::collections::BTreeMap;

/// Gives the bytes of named files. The command line reads the disk; tests and embedded models don't.
pub trait Loader {
    /// The bytes of the file, or why there are none ("no such file").
    fn load(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The path that `relative`, written in the file `base`, means. Two ways to the same file should yield
    /// the same path, since recursion is found by comparing them.
    fn resolve(&self, base: &str, relative: &str) -> String;
}

/// Files held in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// No files yet.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// Adds a file, or replaces it.
    pub fn with(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Memory {
        self.files.insert(path.into(), bytes.into());
        self
    }
}

impl Loader for Memory {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(path).cloned().ok_or_else(|| "no such file".into())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        join(base, relative)
    }
}

/// Files compiled into the program (`include_str!`): path and text.
#[derive(Debug, Clone, Copy)]
pub struct Embedded(pub &'static [(&'static str, &'static str)]);

impl Loader for Embedded {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".into())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        join(base, relative)
    }
}

/// `relative` as seen from the folder of `base`, with `.` and `..` worked out on the text alone.
pub fn join(base: &str, relative: &str) -> String {
    if relative.starts_with('/') {
        return relative.to_string();
    }
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = if base.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

/// A file's name without folder and extension.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".ron").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn relative_paths_are_worked_out() {
        assert_eq!(join("models/a.ron", "lib/b.ron"), "models/lib/b.ron");
        assert_eq!(join("scenarios/a.ron", "../models/./b.ron"), "models/b.ron");
        assert_eq!(join("a.ron", "../b.ron"), "../b.ron");
        assert_eq!(join("../x/a.ron", "../../b.ron"), "../../b.ron");
        assert_eq!(join("/m/a.ron", "b.ron"), "/m/b.ron");
        assert_eq!(join("m/a.ron", "/b.ron"), "/b.ron");
    }
}
