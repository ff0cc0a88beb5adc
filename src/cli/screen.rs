//! What goes to standard error: diagnostics, notes, progress.

use super::args::{Args, Colour};
use super::diagnostics;
use super::files::say;
use fivenines::diag::{Diagnostic, Severity, Sources};
use fivenines::experiment::{Progress, Stage};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Mutex;

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
        // A dumb terminal has no cursor to move.
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let terminal = std::io::stderr().is_terminal() && !dumb;
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
        Bar { bar: self.bar(STEPS), reached: Mutex::new(None) }
    }

    /// A progress bar over runs, on a terminal only.
    pub fn runs(&self, runs: u64) -> ProgressBar {
        self.counting(runs, "runs")
    }

    /// A progress bar over fits of laws, on a terminal only.
    pub fn laws(&self, fits: u64) -> ProgressBar {
        self.counting(fits, "laws to fit")
    }

    fn counting(&self, steps: u64, of: &str) -> ProgressBar {
        let bar = self.bar(steps);
        bar.set_message(format!("{steps} {of}"));
        bar
    }

    fn bar(&self, steps: u64) -> ProgressBar {
        let shown = self.terminal && !self.quiet;
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template(LINE) {
            bar.set_style(style.with_key("left", left));
        }
        bar
    }
}

/// What is known soonest and needs least room stands first; what is too long for the terminal is cut off at the end,
/// and nothing wraps down to twenty columns.
const LINE: &str = "{percent:>3} %{left:>10}  {wide_msg}";

/// Steps of the bar over all points.
const STEPS: u64 = 10_000;

/// The time left, once there is something to project it from.
fn left(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        let _ = write!(out, "{:#} left", HumanDuration(state.eta()));
    }
}

/// The progress of a run.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// The precision at the last look, and of which point.
    reached: Mutex<Option<(usize, f64)>>,
}

impl Bar {
    /// Tells how far the run is: outages seen, precision reached, time left.
    pub fn show(&self, progress: &Progress) {
        let share = (progress.finished as f64 + progress.share.clamp(0.0, 1.0)) / progress.points.max(1) as f64;
        self.bar.set_position((share * STEPS as f64) as u64);
        let mut progress = progress.clone();
        if let Ok(mut last) = self.reached.lock() {
            if let Some(reached) = progress.reached {
                *last = Some((progress.finished, reached));
            }
            progress.reached = last.filter(|(point, _)| *point == progress.finished).map(|(_, reached)| reached);
        }
        self.bar.set_message(sentence(&progress));
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Figures first: a narrow terminal cuts off the end.
fn sentence(progress: &Progress) -> String {
    let values: Vec<String> = progress.at.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let place = [vec![progress.design.clone()], values].concat().join(", ");
    let stage = match (progress.stage, progress.reached) {
        (Stage::Pilot, _) => "pilot".to_string(),
        (Stage::Solving, _) => "exact solution".to_string(),
        (Stage::Years, _) => "single years".to_string(),
        (Stage::Paths, _) => "measures with a time".to_string(),
        (Stage::Sampling, None) => format!("{} outages", progress.outages),
        (Stage::Sampling, Some(reached)) => {
            let (reached, wanted) = (100.0 * reached, 100.0 * progress.wanted);
            format!("{} outages, precision {reached:.2} % of {wanted:.2} %", progress.outages)
        }
    };
    format!("{}/{} {stage}: {place}", progress.finished + 1, progress.points)
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use fivenines::experiment::{Progress, Stage};

    #[test]
    fn a_narrow_terminal_shows_outages_and_precision() {
        let mut progress = Progress {
            finished: 1,
            points: 12,
            design: "actor based".into(),
            at: [("mtbf".to_string(), "2208 h".to_string())].into_iter().collect(),
            stage: Stage::Sampling,
            outages: 123_456,
            reached: Some(0.0143),
            wanted: 0.01,
            share: 0.5,
        };
        let told = sentence(&progress);
        assert_eq!(told, "2/12 123456 outages, precision 1.43 % of 1.00 %: actor based, mtbf = 2208 h");
        // Before it stand the percentage and the time left.
        assert!(told.find(": actor").is_some_and(|end| end < 80 - 18));
        (progress.reached, progress.stage) = (None, Stage::Pilot);
        assert_eq!(sentence(&progress), "2/12 pilot: actor based, mtbf = 2208 h");
    }
}
