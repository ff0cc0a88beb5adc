//! What goes to standard error: diagnostics, notes, progress.

use super::args::{Args, Colour};
use super::diagnostics;
use super::files::say;
use fivenines::diag::{Diagnostic, Severity, Sources};
use fivenines::experiment::{Progress, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// How standard error is used.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Colours in diagnostics.
    coloured: bool,
    /// Only results and errors.
    quiet: bool,
    /// Somebody watches.
    terminal: bool,
}

impl Screen {
    /// As the options say.
    pub fn new(args: &Args) -> Screen {
        let terminal = std::io::stderr().is_terminal();
        let coloured = match args.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Screen { coloured, quiet: args.quiet, terminal }
    }

    /// Something worth knowing, unless `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }

    /// Shows diagnostics; with `--quiet` only errors (and warnings, where they are denied).
    pub fn diagnostics(&self, found: &[Diagnostic], sources: &Sources, deny_warnings: bool) {
        let wanted = |d: &&Diagnostic| !self.quiet || deny_warnings || d.severity == Severity::Error;
        let shown: Vec<Diagnostic> = found.iter().filter(wanted).cloned().collect();
        if !shown.is_empty() {
            say(&diagnostics::render(&shown, sources, self.coloured));
        }
    }

    /// Tells that there are more diagnostics than are kept.
    pub fn dropped(&self, number: usize) {
        if number > 0 {
            self.note(&format!("{number} more of them are not listed"));
        }
    }

    /// A progress bar, on a terminal only.
    pub fn progress(&self) -> Bar {
        let shown = self.terminal && !self.quiet;
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(STEPS), target);
        if let Ok(style) = ProgressStyle::with_template("{wide_msg} {bar:20} {percent:>3} %  {eta:>4} left") {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

/// Steps of the bar over all points.
const STEPS: u64 = 10_000;

/// The progress of a run.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Tells how far the run is: outages seen, precision reached, time left.
    pub fn show(&self, progress: &Progress) {
        let share = (progress.finished as f64 + progress.share.clamp(0.0, 1.0)) / progress.points.max(1) as f64;
        self.0.set_position((share * STEPS as f64) as u64);
        self.0.set_message(sentence(progress));
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn sentence(progress: &Progress) -> String {
    let values: Vec<String> = progress.at.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let place = [vec![progress.design.clone()], values].concat().join(", ");
    let head = format!("[{}/{}] {place}", progress.finished + 1, progress.points);
    match (progress.stage, progress.reached) {
        (Stage::Pilot, _) => format!("{head}: pilot"),
        (Stage::Solving, _) => format!("{head}: exact solution"),
        (Stage::Years, _) => format!("{head}: single years"),
        (Stage::Sampling, None) => format!("{head}: {} outages seen", progress.outages),
        (Stage::Sampling, Some(reached)) => {
            let percent = |x: f64| format!("{:.2} %", x * 100.0);
            let precision = format!("precision {} of {}", percent(reached), percent(progress.wanted));
            format!("{head}: {} outages seen, {precision}", progress.outages)
        }
    }
}
