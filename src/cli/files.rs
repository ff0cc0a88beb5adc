//! Files: the loader that reads the disk, writing all or nothing, the scenarios of a folder.

use super::builtin;
use super::failure::Failure;
use fivenines::net::load::{self, Loader};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The name of standard input.
pub const STDIN: &str = "-";

/// Longer files are no models; a bound of the memory that a wrong path costs.
const LONGEST: u64 = 64 << 20;

/// What can't be read or written as a file.
const FOLDER: &str = "it is a folder";

/// Reads from the disk, `-` from standard input, and what is built in. Every file is read once, so pipes can be named too.
#[derive(Debug, Default)]
pub struct Disk {
    read: RefCell<HashMap<String, Result<Vec<u8>, String>>>,
}

impl Disk {
    /// The files that were read, by name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let read = self.read.borrow();
        let found = read.iter().filter_map(|(name, bytes)| Some((name.clone(), bytes.as_ref().ok()?.clone())));
        let mut files: Vec<_> = found.collect();
        files.sort();
        files
    }
}

impl Loader for Disk {
    fn load(&self, path: &str) -> Result<Vec<u8>, String> {
        self.read.borrow_mut().entry(path.to_owned()).or_insert_with(|| read(path)).clone()
    }

    fn resolve(&self, base: &str, relative: &str) -> String {
        builtin::resolve(base, relative).unwrap_or_else(|| load::join(base, relative))
    }
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    if let Some(found) = builtin::load(path) {
        return found;
    }
    if path == STDIN {
        return bounded(std::io::stdin().lock());
    }
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => return Err(FOLDER.into()),
        Ok(_) => {}
        Err(error) => return Err(reason(&error)),
    }
    bounded(fs::File::open(path).map_err(|error| reason(&error))?)
}

fn bounded(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("longer than {} MiB", LONGEST >> 20));
    }
    Ok(bytes)
}

/// The error without the number of the operating system.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::IsADirectory => FOLDER.into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error ").next().unwrap_or(&text).to_owned()
        }
    }
}

/// The path as the user wrote it, if it is text.
pub fn name(path: &Path) -> Result<String, Failure> {
    let text =
        path.to_str().ok_or_else(|| Failure::environment(format!("{}: the name is not UTF-8", path.display())))?;
    Ok(text.to_owned())
}

/// The `.ron` files of a folder, in name order.
pub fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::environment(format!("{}: {}", folder.display(), reason(&error)));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "ron") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a plain file, or nothing when there is no such file.
pub fn read_if_there(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |reason: String| Failure::environment(format!("{}: {reason}", path.display()));
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => return Err(failed(FOLDER.into())),
        Ok(about) if !about.is_file() => return Err(failed("it is no plain file".into())),
        _ => {}
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(reason(&error))),
    }
}

/// Whether two paths mean one file that is there.
pub fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether a file can be written there, found out by beginning to.
pub fn writable(path: &Path) -> Result<(), Failure> {
    let target = target(path);
    let tried = match fs::metadata(&target) {
        Ok(about) if about.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(about) if !about.is_file() => Ok(()),
        _ => beside(&target).and_then(|beside| {
            fs::File::create(&beside)?;
            fs::remove_file(&beside)
        }),
    };
    tried.map_err(|error| unwritable(path, &error))
}

/// Makes the folder, unless it is there; those above it have to be.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    match fs::create_dir(path) {
        Err(_) if path.is_dir() => Ok(()),
        made => made.map_err(|error| unwritable(path, &error)),
    }
}

/// Writes a file so that a reader, or a crash, sees the old content or the new one, never a part.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    replace(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let reason = match error.kind() {
        ErrorKind::NotFound => "there is no such folder".into(),
        _ => reason(error),
    };
    Failure::environment(format!("can't write {}: {reason}", path.display()))
}

/// A link keeps its place: what it leads to is written.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A name beside a file, for its new content until that is whole.
fn beside(target: &Path) -> std::io::Result<PathBuf> {
    let file = target.file_name().ok_or_else(|| std::io::Error::new(ErrorKind::InvalidInput, "it names no file"))?;
    Ok(target.with_file_name(format!(".{}.{}.tmp", file.to_string_lossy(), std::process::id())))
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let target = target(path);
    // A device such as /dev/null can't be replaced.
    if fs::metadata(&target).is_ok_and(|about| !about.is_file()) {
        return fs::OpenOptions::new().write(true).open(&target)?.write_all(text.as_bytes());
    }
    let beside = beside(&target)?;
    let written = fs::File::create(&beside).and_then(|mut new| {
        new.write_all(text.as_bytes())?;
        new.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&beside, &target));
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    renamed
}

/// Prints to standard output. A reader that has seen enough (`| head`) ends the command, and is no mistake.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::unheard(),
        _ => Failure::environment(format!("can't write to standard output: {}", reason(&error))),
    })
}

/// Says something on standard error; if nobody listens there is nobody to tell.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
