//! `--figures DIR`: a file for each figure.

use super::failure::Failure;
use super::files;
use super::screen::Screen;
use fivenines::report::figure::{Figure, file_name};
use std::path::Path;

/// What the names of a file's figures begin with.
pub fn prefix(file: &Path) -> String {
    file_name(&file.file_stem().unwrap_or_default().to_string_lossy())
}

/// Writes `DIR/PREFIX-NAME.svg`, and tells the names.
pub fn write(folder: &Path, prefix: &str, figures: &[Figure], screen: &Screen) -> Result<(), Failure> {
    if figures.is_empty() {
        screen.note(&format!("note: there is nothing to draw of {prefix}"));
    }
    for figure in figures {
        let path = folder.join(format!("{prefix}-{}.svg", figure.name));
        files::write(&path, &figure.svg)?;
        screen.note(&format!("figure: {}", path.display()));
    }
    Ok(())
}
