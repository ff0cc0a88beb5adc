//! `fivenines calibrate`: a table of durations, or a count → laws, and whether one of them will do.

use super::args::Calibrate;
use super::failure::Failure;
use super::screen::Screen;
use super::{exit, figures, files, interrupt};
use fivenines::calibrate::counts::Counts;
use fivenines::calibrate::parameters::{Provenance, parameters, parameters_of_count};
use fivenines::calibrate::{Criterion, Findings, Sample, Settings, Wanted, Watch, findings, table};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::experiment::sha256;
use fivenines::net::load::Loader;
use fivenines::report::calibration::{Calibrated, rate_text};
use fivenines::report::rate_json;
use fivenines::syntax::ast::Evidence;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Runs the command.
pub fn calibrate(args: &Calibrate, screen: &Screen) -> Result<u8, Failure> {
    let settings = Settings {
        confidence: args.confidence,
        replicates: args.replicates,
        candidates: usize::from(args.candidates),
        seed: args.seed,
        criterion: if args.spacings { Criterion::Spacings } else { Criterion::Likelihood },
    };
    targets(args)?;
    match (&args.file, args.failures, args.time) {
        (Some(file), _, _) => of_table(args, file, &settings, screen),
        (None, Some(failures), Some(time)) => of_count(args, Counts { failures, time }, &settings),
        _ => Err(Failure::input("there is nothing to calibrate")),
    }
}

/// Tries what is to be written in the end before the time is spent.
fn targets(args: &Calibrate) -> Result<(), Failure> {
    for target in args.output.iter().chain(&args.out) {
        if args.file.as_ref().is_some_and(|file| files::same(file, target)) {
            return Err(Failure::input(format!("{} is to be read, and can't be written", target.display())));
        }
        files::writable(target)?;
    }
    match (&args.output, &args.out) {
        (Some(output), Some(out)) if output == out || files::same(output, out) => {
            Err(Failure::input("--output and --out name the same file"))
        }
        _ => args.figures.as_ref().map_or(Ok(()), |folder| files::make_folder(folder)),
    }
}

fn of_table(args: &Calibrate, file: &Path, settings: &Settings, screen: &Screen) -> Result<u8, Failure> {
    let name = files::name(file)?;
    let bytes = files::Disk::default().load(&name);
    let bytes = bytes.map_err(|reason| Failure::environment(format!("{name}: {reason}")))?;
    let samples = samples(args, &name, &bytes, screen)?;
    for (column, _) in &args.laws {
        let known = |column: &String| samples.iter().any(|sample| sample.name == *column);
        if let Some(column) = column.as_ref().filter(|column| !known(column)) {
            return Err(Failure::input(format!("--law: there is no column `{column}`")));
        }
    }
    if let Some(sample) = samples.iter().find(|sample| args.spacings && !sample.is_complete()) {
        return Err(Failure::input(format!("--spacings is for whole durations, and some of `{}` aren't", sample.name)));
    }
    let found = find(args, samples, settings, screen)?;
    let sha256 = sha256(&bytes);
    let told = Calibrated { file: &name, sha256: &sha256, findings: &found };
    let text = match (args.json, args.markdown) {
        (true, _) => told.json(),
        (_, true) => told.markdown(),
        _ => told.text(),
    };
    write(args, &text)?;
    if let Some(folder) = &args.figures {
        figures::write(folder, &figures::prefix(file), &told.figures(), screen)?;
    }
    if let Some(out) = args.out.as_ref().filter(|_| !found.interrupted) {
        let without = found.quantities.iter().filter(|quantity| quantity.chosen.is_none());
        without.for_each(|quantity| screen.note(&format!("`{}` has no law and is left out", quantity.sample.name)));
        let command = command();
        let file = parameters(&found, &provenance(args, Some((&name, &sha256)), &command)).map_err(Failure::input)?;
        files::write(out, &file)?;
    }
    Ok(if found.interrupted { exit::INTERRUPTED } else { exit::FINE })
}

fn write(args: &Calibrate, text: &str) -> Result<(), Failure> {
    match &args.output {
        Some(path) => files::write(path, text),
        None => files::print(text),
    }
}

fn provenance<'p>(args: &'p Calibrate, data: Option<(&'p str, &'p str)>, command: &'p str) -> Provenance<'p> {
    let evidence = args.evidence.map_or(Evidence::Assumed, Into::into);
    Provenance { data, command, source: args.source.as_deref(), evidence }
}

/// The command as it was typed, more or less.
fn command() -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,%+".contains(c);
    let word = |word: String| if word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) };
    let words = std::env::args_os().skip(1).map(|argument| word(argument.to_string_lossy().into_owned()));
    std::iter::once("fivenines".to_string()).chain(words).collect::<Vec<_>>().join(" ")
}

/// The samples of a table; what is wrong with it is shown.
fn samples(args: &Calibrate, name: &str, bytes: &[u8], screen: &Screen) -> Result<Vec<Sample>, Failure> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add_bytes(name, bytes);
    let text = sources.get(source).text.clone();
    let (columns, by) = (args.columns.clone(), args.by.clone());
    let reading = table::Reading { unit: args.unit, columns, by, resolution: args.resolution };
    let samples = table::samples(&text, source, &reading, &mut diagnostics);
    screen.diagnostics(&diagnostics.sorted(), &sources, false);
    screen.dropped(diagnostics.dropped());
    if diagnostics.has_errors() { Err(Failure::shown()) } else { Ok(samples) }
}

fn find(args: &Calibrate, samples: Vec<Sample>, settings: &Settings, screen: &Screen) -> Result<Findings, Failure> {
    let wanted = |name: &str| {
        let about = |of: &&(Option<String>, Wanted)| of.0.as_deref().is_none_or(|column| column == name);
        // What is said of one column wins over what is said of all, and the last over those before.
        let said = args.laws.iter().filter(about);
        said.max_by_key(|(column, _)| column.is_some()).map_or(Wanted::Best, |(_, wanted)| *wanted)
    };
    let interrupted = interrupt::watch();
    let bar = screen.laws(settings.work(samples.len()));
    let watch = Watch { stop: &|| interrupted.load(Ordering::Relaxed), done: &|| bar.inc(1) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.map_or(0, usize::from)).build();
    let pool = pool.map_err(|error| Failure::environment(format!("threads can't be started: {error}")))?;
    let found = pool.install(|| findings(samples, &wanted, settings, &watch));
    bar.finish_and_clear();
    found.map_err(Failure::input)
}

fn of_count(args: &Calibrate, counts: Counts, settings: &Settings) -> Result<u8, Failure> {
    let rate = counts.rate(settings.confidence, settings.replicates, settings.seed);
    let text = match args.json {
        true => rate_json(&counts, &rate, (settings.confidence, settings.seed)),
        false => rate_text(&counts, &rate, settings.confidence),
    };
    let command = command();
    let file = parameters_of_count(&args.name, &counts, &rate, &provenance(args, None, &command));
    write(args, &text)?;
    if let Some(out) = &args.out {
        files::write(out, &file.map_err(Failure::input)?)?;
    }
    Ok(exit::FINE)
}
