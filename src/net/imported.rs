//! Values of the parameter files that a net imports, itself or by its modules: what they are called from outside.
//!
//! A value is called by its file's name without folder and extension, a dot, and its own name: `environment.operator`.
//! Where two files have one name, as much of the path goes before as tells them apart: `params/environment.operator`.

use super::library::Library;
use super::load::stem;
use crate::diag::{Diagnostics, Sources};
use crate::syntax::ast::{Document, Net};

/// A parameter file that a net imports, itself or by its modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its path, as the loader resolves it.
    pub path: String,
    /// The names of its values.
    pub values: Vec<String>,
    /// What nets call it.
    pub aliases: Vec<String>,
}

/// A value of an imported file as it is called from outside, in its two parts; none where it can't be one.
pub(crate) fn parts(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(file, value)| !file.is_empty() && !value.is_empty())
}

/// Whether the first part of such a name means the file of that path.
pub(crate) fn means(file: &str, path: &str) -> bool {
    let whole = path.strip_suffix(".ron").unwrap_or(path);
    whole.strip_suffix(file).is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\']))
}

/// The files that have a value of that name.
pub(crate) fn having<'i>(all: &'i [Imported], name: &str) -> Vec<&'i Imported> {
    let Some((file, value)) = parts(name) else { return Vec::new() };
    all.iter().filter(|of| means(file, &of.path) && of.values.iter().any(|own| own == value)).collect()
}

/// The shortest name of a file among others that is no other one's.
pub(crate) fn title<'i>(all: &[Imported], path: &'i str) -> &'i str {
    let short = stem(path);
    match all.iter().filter(|of| stem(&of.path) == short).count() {
        0 | 1 => short,
        _ => path.strip_suffix(".ron").unwrap_or(path),
    }
}

/// The names that somebody may have meant by one that nothing has: the values of the file that it names, by its own name
/// or by one that some net gives it; or values of that name in any file; or all values.
pub(crate) fn meant(all: &[Imported], name: &str) -> Vec<String> {
    let values = |of: &Imported| -> Vec<String> {
        of.values.iter().map(|value| format!("{}.{value}", title(all, &of.path))).collect()
    };
    let (file, value) = parts(name).unwrap_or(("", name));
    let of_file: Vec<&Imported> = all.iter().filter(|of| means(file, &of.path)).collect();
    let by_alias = || all.iter().filter(|of| of.aliases.iter().any(|alias| alias == file)).collect();
    let files: Vec<&Imported> = if of_file.is_empty() { by_alias() } else { of_file };
    let here: Vec<String> = match files.is_empty() {
        true => all.iter().flat_map(values).collect(),
        false => files.into_iter().flat_map(values).collect(),
    };
    let same: Vec<String> = here.iter().filter(|of| parts(of).is_some_and(|(_, own)| own == value)).cloned().collect();
    if same.is_empty() { here } else { same }
}

impl Library<'_> {
    /// The parameter files that the net in a file imports, itself or by its modules, in the order in which it names them.
    /// What is wrong with them is told when the net is flattened.
    pub fn imported(&mut self, net: &str, sources: &mut Sources) -> Vec<Imported> {
        let (mut found, mut seen, mut open) = (Vec::new(), Vec::new(), vec![net.to_owned()]);
        while let Some(path) = open.pop() {
            if seen.contains(&path) {
                continue;
            }
            let file = self.file(&path, None, sources, &mut Diagnostics::default());
            if let Some(Document::Net(net)) = file.as_ref().and_then(|file| file.document.as_ref()) {
                self.imports_of(net, &path, sources, &mut found);
                let inner: Vec<String> =
                    net.instances.iter().map(|instance| self.resolve(&path, &instance.module.text)).collect();
                open.extend(inner.into_iter().rev());
            }
            seen.push(path);
        }
        found
    }

    fn imports_of(&mut self, net: &Net, path: &str, sources: &mut Sources, found: &mut Vec<Imported>) {
        for import in &net.imports {
            let path = self.resolve(path, &import.path.text);
            let alias = import.alias.text.clone();
            if let Some(known) = found.iter_mut().find(|known| known.path == path) {
                known.aliases.push(alias);
                continue;
            }
            let file = self.file(&path, None, sources, &mut Diagnostics::default());
            if let Some(Document::Parameters(of)) = file.as_ref().and_then(|file| file.document.as_ref()) {
                let values = of.values.iter().map(|value| value.name.text.clone()).collect();
                found.push(Imported { path, values, aliases: vec![alias] });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, values: &[&str], alias: &str) -> Imported {
        let values = values.iter().map(|value| (*value).to_string()).collect();
        Imported { path: path.to_string(), values, aliases: vec![alias.to_string()] }
    }

    #[test]
    fn a_file_is_meant_by_the_end_of_its_path() {
        assert!(means("hosts", "models/params/hosts.ron"));
        assert!(means("params/hosts", "models/params/hosts.ron"));
        assert!(means("models/params/hosts", "models/params/hosts.ron"));
        assert!(!means("osts", "models/params/hosts.ron"));
        assert!(!means("hosts", "models/params/hosts.ron/x"));
        assert!(means("hosts", "hosts.ron"));
        assert_eq!(parts("hosts."), None);
        assert_eq!(parts(".hosts"), None);
        assert_eq!(parts("a/../b.mtbf"), Some(("a/../b", "mtbf")));
    }

    #[test]
    fn files_of_one_name_are_told_apart_by_their_folders() {
        let all = [file("a/hosts.ron", &["mtbf"], "x"), file("b/hosts.ron", &["mtbf", "mttr"], "y")];
        assert_eq!(having(&all, "hosts.mtbf").len(), 2);
        assert_eq!(having(&all, "hosts.mttr"), [&all[1]]);
        assert_eq!(having(&all, "a/hosts.mtbf"), [&all[0]]);
        assert_eq!(title(&all, "a/hosts.ron"), "a/hosts");
        assert_eq!(meant(&all, "mttr"), ["b/hosts.mttr"]);
        assert_eq!(meant(&all, "y.mttr"), ["b/hosts.mttr"], "by what a net calls it");
        assert_eq!(meant(&all, "b/hosts.x"), ["b/hosts.mtbf", "b/hosts.mttr"]);
    }
}
