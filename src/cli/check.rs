//! `fivenines check`: every mistake, and the structure.

use super::args::Check;
use super::exit;
use super::failure::Failure;
use super::screen::Screen;

/// Runs the command.
pub fn check(args: &Check, screen: &Screen) -> Result<u8, Failure> {
    let _ = (args, screen);
    Ok(exit::FINE)
}
