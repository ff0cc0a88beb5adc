//! `fivenines trace`: one path, firing by firing.

use super::args::Trace;
use super::failure::Failure;
use super::plans::{self, Wanted};
use super::printer::Printer;
use super::screen::Screen;
use fivenines::engine::{Fault, Options, Path};
use fivenines::experiment::plan::{Plan, Planned};
use fivenines::program;

/// Firings that are printed when neither an end nor a number is given.
const DEFAULT_FIRINGS: u64 = 50;

/// Runs the command.
pub fn trace(args: &Trace, screen: &Screen) -> Result<(), Failure> {
    let wanted = Wanted { set: &args.set, seed: args.seed, ..Wanted::default() };
    let (plan, _) = plans::read(&args.file, &wanted, screen)?;
    let planned = choose(&plan, args.design.as_deref())?;
    let unnamed = |(name, _): &(&String, &String)| !args.set.iter().any(|(named, _)| named == *name);
    if let Some((name, value)) = planned.at.iter().find(unnamed) {
        screen.note(&format!("note: {}, at the first sweep point; --set '{name}={value}' names one", planned.design));
    }
    let program = program::compile(&planned.net).map_err(|error| Failure::input(error.to_string()))?;
    let most = args.firings.unwrap_or(if args.until.is_some() { u64::MAX } else { DEFAULT_FIRINGS });
    let mut printer = Printer::new(&planned.net, args.json, most, args.last);
    let mut path = Path::new(&program, Options { ties: plan.settings.ties, confusion: false });
    let ended = follow(&mut path, &mut printer, args, plan.settings.seed);
    printer.finish()?;
    ended?.map_err(|fault| Failure::run(fault.to_string()))
}

/// The design that is asked for, at its first sweep point.
fn choose<'p>(plan: &'p Plan, design: Option<&str>) -> Result<&'p Planned, Failure> {
    let found = plan.points.iter().find(|point| design.is_none_or(|name| name == point.design));
    found.ok_or_else(|| match design {
        Some(name) => Failure::input(format!("there is no design `{name}`; there are: {}", plan.designs.join(", "))),
        None => Failure::input("there is no design in it"),
    })
}

/// Steps until the end that is asked for; a broken rule of the net is the inner error.
fn follow(path: &mut Path, printer: &mut Printer, args: &Trace, seed: u64) -> Result<Result<(), Fault>, Failure> {
    let limit = args.until.unwrap_or(f64::INFINITY);
    let begun = path.begin_observed(seed, args.replication, printer);
    printer.start(begun.is_ok().then_some(&*path))?;
    if let Err(fault) = begun {
        return Ok(Err(fault));
    }
    while printer.more() {
        let stepped = path.step(limit, printer);
        printer.settled()?;
        match stepped {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(()))
}
