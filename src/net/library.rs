//! Parsed files, each read once, whoever uses it and however often.

use super::load::{self, Loader};
use super::scope::Names;
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::syntax::ast::{Document, Parameters};
use crate::syntax::expr::Expr;
use crate::syntax::parse;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A file that was read: what it holds, and what is wrong with it.
#[derive(Debug)]
pub(super) struct File {
    /// Its path, as the loader resolves it.
    pub(super) path: String,
    /// What it holds; none when it can't be read or parsed at all.
    pub(super) document: Option<Document>,
    /// Its names.
    pub(super) names: Names,
    /// What was found when it was read; told again in every use.
    diagnostics: Vec<Diagnostic>,
    /// Why it couldn't be loaded.
    missing: Option<String>,
}

/// Parses files and keeps them: flattening a net again with other parameters reads nothing.
/// All calls of one library must be given the same [`Sources`], since the spans point into them.
pub struct Library<'l> {
    loader: &'l dyn Loader,
    files: HashMap<String, Arc<File>>,
    resolved: RefCell<HashMap<(String, String), String>>,
}

/// The files that a library has read, for nets that are made when it is gone.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    files: HashMap<String, Arc<File>>,
    resolved: HashMap<(String, String), String>,
}

impl Loader for Shelf {
    fn load(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("it was not read before".into())
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        let known = self.resolved.get(&(base.to_owned(), relative.to_owned()));
        known.cloned().unwrap_or_else(|| load::join(base, relative))
    }
}

impl Shelf {
    /// A library of these files, which reads no others.
    pub fn library(&self) -> Library<'_> {
        Library { loader: self, files: self.files.clone(), resolved: RefCell::default() }
    }

    /// All parameter files, in the order of their paths.
    pub fn parameter_files(&self) -> impl Iterator<Item = (&str, &Parameters)> {
        let files: BTreeMap<&String, &Arc<File>> = self.files.iter().collect();
        files.into_iter().filter_map(|(path, file)| match &file.document {
            Some(Document::Parameters(parameters)) => Some((path.as_str(), parameters)),
            _ => None,
        })
    }

    /// The same files with other values of parameter files: path, name and value of each.
    pub fn redefined(&self, values: &[(String, String, Expr)]) -> Shelf {
        let mut shelf = self.clone();
        for (path, name, value) in values {
            let Some(kept) = shelf.files.get_mut(path) else { continue };
            let Some(Document::Parameters(parameters)) = &kept.document else { continue };
            let mut parameters = parameters.clone();
            let of = parameters.values.iter_mut().filter(|of| of.name.text == *name);
            of.for_each(|of| of.value = value.clone());
            // Draws would be copied with every draw.
            parameters.values.iter_mut().for_each(|of| of.uncertainty = None);
            let document = Document::Parameters(parameters);
            let names = Names::of(&document, &mut Diagnostics::default());
            let (path, diagnostics) = (kept.path.clone(), kept.diagnostics.clone());
            *kept = Arc::new(File { path, document: Some(document), names, diagnostics, missing: None });
        }
        shelf
    }

    /// The document in a file that could be used.
    pub fn document(&self, path: &str) -> Option<&Document> {
        self.files.get(path)?.document.as_ref()
    }
}

impl<'l> Library<'l> {
    /// Nothing is read yet.
    pub fn new(loader: &'l dyn Loader) -> Library<'l> {
        Library { loader, files: HashMap::new(), resolved: RefCell::default() }
    }

    /// The document in a file, parsed at the first call. Its mistakes are added to `diagnostics` at every call;
    /// `None` means that it can't be used at all.
    pub fn document(&mut self, path: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Document> {
        let file = self.file(path, None, sources, diagnostics)?;
        file.document.clone()
    }

    /// Keeps a document that was not read by the loader under a path.
    pub(super) fn insert(&mut self, path: &str, document: Document) {
        let mut found = Diagnostics::default();
        let names = Names::of(&document, &mut found);
        let file = File {
            path: path.to_string(),
            document: Some(document),
            names,
            diagnostics: found.sorted(),
            missing: None,
        };
        self.files.insert(path.to_string(), Arc::new(file));
    }

    /// Like [`Library::document`], for a file that is named at `user`: that is where it is missed.
    pub fn document_used(
        &mut self,
        path: &str,
        user: Span,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Document> {
        let file = self.file(path, Some(user), sources, diagnostics)?;
        file.document.clone()
    }

    /// The path that `relative`, written in `base`, means.
    pub fn resolve(&self, base: &str, relative: &str) -> String {
        let path = self.loader.resolve(base, relative);
        self.resolved.borrow_mut().insert((base.to_owned(), relative.to_owned()), path.clone());
        path
    }

    /// All files that were read.
    pub fn shelf(&self) -> Shelf {
        Shelf { files: self.files.clone(), resolved: self.resolved.borrow().clone() }
    }

    /// The file; `user` is where its name is written.
    pub(super) fn file(
        &mut self,
        path: &str,
        user: Option<Span>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<File>> {
        let file = match self.files.get(path) {
            Some(file) => file.clone(),
            None => {
                let file = Arc::new(read(self.loader, path, sources));
                self.files.insert(path.to_string(), file.clone());
                file
            }
        };
        if let Some(reason) = &file.missing {
            let span = user.unwrap_or_else(|| Span::new(sources.add(path, ""), 0, 0));
            let message = format!("`{path}` can't be read: {reason}");
            let help = "paths are relative to the file in which they are written";
            diagnostics.push(Diagnostic::error("E0601", span, message).help(help));
            return None;
        }
        file.diagnostics.iter().cloned().for_each(|d| diagnostics.push(d));
        file.document.is_some().then_some(file)
    }
}

fn read(loader: &dyn Loader, path: &str, sources: &mut Sources) -> File {
    let mut file = File {
        path: path.to_string(),
        document: None,
        names: Names::default(),
        diagnostics: Vec::new(),
        missing: None,
    };
    match loader.load(path) {
        Err(reason) => file.missing = Some(reason),
        Ok(bytes) => {
            let mut found = Diagnostics::default();
            let source = sources.add_bytes(path, &bytes);
            file.document = parse(source, &bytes, &mut found);
            if let Some(document) = &file.document {
                file.names = Names::of(document, &mut found);
            }
            file.diagnostics = found.sorted();
        }
    }
    file
}
