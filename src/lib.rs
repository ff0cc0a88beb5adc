//! # fivenines
//!
//! Telephony promises 99.999 %: five minutes of downtime a year.
//! fivenines tells whether a design gets there before it is built: a stochastic coloured Petri-net simulator whose
//! results are availabilities with confidence intervals on the **un**availability.
//!
//! ## A tour
//!
//! The library opens no files and prints nothing; texts come from a [`Loader`](net::load::Loader), here from memory.
//! Three steps lead from text to figures: [`experiment::plan()`] reads and checks, [`experiment::run()`] simulates,
//! [`report::Report`] tells.
//!
//! ```
//! use fivenines::diag::{Diagnostics, Sources};
//! use fivenines::experiment::{self, Control, Overrides, Reading};
//! use fivenines::net::{Library, load::Memory};
//! use fivenines::report::Report;
//! use std::sync::atomic::AtomicBool;
//!
//! let files = Memory::new()
//!     .with("machine.ron", r##"Net(
//!         parameters: { "mttr": "1 h" },
//!         places: { "Up": (tokens: 1), "Down": () },
//!         transitions: {
//!             "Fail": Timed(delay: "Exponential(mean: 100 h)", from: {"Up": "1"}, to: {"Down": "1"}),
//!             "Repair": Timed(delay: "Exponential(mean: mttr)", from: {"Down": "1"}, to: {"Up": "1"}),
//!         },
//!         up: { "service": "#Up >= 1" },
//!     )"##)
//!     .with("compare.ron", r##"Scenario(
//!         designs: {
//!             "one crew": (net: "machine.ron"),
//!             "a better crew": (net: "machine.ron", with: {"mttr": "15 min"}),
//!         },
//!         precision: "5 %",
//!     )"##);
//!
//! // Text → plan. Everything that is wrong is in `diagnostics`, with file, line and column.
//! let (mut library, mut sources, mut diagnostics) =
//!     (Library::new(&files), Sources::default(), Diagnostics::default());
//! let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
//! let plan = experiment::plan("compare.ron", &Overrides::default(), &mut reading).expect("no mistakes");
//! assert!(diagnostics.is_empty());
//!
//! // Plan → outcome: the same numbers for any number of threads.
//! let interrupted = AtomicBool::new(false);
//! let control = Control {
//!     threads: 2,
//!     interrupted: &interrupted,
//!     progress: &|_| (),
//!     checkpoint: &|_| (),
//!     resume: None,
//! };
//! let outcome = experiment::run(&plan, &control)?;
//! let unavailability = &outcome.points[0].up["service"]["unavailability"];
//! let value = unavailability.estimate.expect("outages were seen");
//! assert!((value * 101.0 - 1.0).abs() < 0.2); // 1 h in 101 h
//! assert!(unavailability.reached.expect("an interval") <= 0.05);
//!
//! // Outcome → text, CSV, JSON, Markdown.
//! let report = Report::new(outcome);
//! assert!(report.text().contains("a better crew"));
//! # Ok::<(), fivenines::experiment::RunFault>(())
//! ```
//!
//! One path can be followed firing by firing: [`program::compile`] makes the net executable, [`engine::Path`]
//! executes it, and an [`engine::Observer`] is told what happens.
//!
//! ```
//! # use fivenines::diag::{Diagnostics, Sources};
//! # use fivenines::experiment::{self, Overrides, Reading};
//! # use fivenines::net::{Library, load::Memory};
//! use fivenines::engine::{Options, Path};
//! # let files = Memory::new().with("machine.ron", r##"Net(
//! #     places: { "Up": (tokens: 1), "Down": () },
//! #     transitions: {
//! #         "Fail": Timed(delay: "Exponential(mean: 100 h)", from: {"Up": "1"}, to: {"Down": "1"}),
//! #         "Repair": Timed(delay: "1 h", from: {"Down": "1"}, to: {"Up": "1"}),
//! #     },
//! #     up: { "service": "#Up >= 1" },
//! # )"##);
//! # let (mut library, mut sources, mut diagnostics) =
//! #     (Library::new(&files), Sources::default(), Diagnostics::default());
//! # let mut reading = Reading { library: &mut library, sources: &mut sources, diagnostics: &mut diagnostics };
//! # let plan = experiment::plan("machine.ron", &Overrides::default(), &mut reading).expect("no mistakes");
//! let program = fivenines::program::compile(&plan.points[0].net).expect("not too large");
//! let mut path = Path::new(&program, Options::default());
//! path.begin(1, 0)?; // seed and replication: the path is a function of these
//! path.run_until(365.25 * 86_400.0, &mut ())?;
//! assert!(path.firings() > 100);
//! # Ok::<(), fivenines::engine::Fault>(())
//! ```
//!
//! ## The modules
//!
//! They stand in layer order: each may use only those above it, and a test enforces it.
//! So this list is the architecture diagram.

// Tests compare against std's mathematics; a path may not use it (clippy.toml).
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod diag;
pub mod units;
pub mod rng;
pub mod dist;
pub mod queue;
pub mod stats;

pub mod syntax;
pub mod net;
pub mod program;
pub mod exact;
pub mod engine;
pub mod rare;
pub mod experiment;
pub mod calibrate;
pub mod report;
pub mod emulator;
