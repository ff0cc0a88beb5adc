//! One integration binary: quick to link, a file for each behaviour.

// Tests may compare against std's mathematics, and wait for a child process.
#![allow(clippy::disallowed_methods)]
// The reports that are made again share what reads their files.
#![allow(clippy::duplicate_mod)]

mod calibrate;
mod cli;
mod designs;
mod diagnostics;
mod docs;
mod emulator;
mod exact;
mod exact_general;
mod experiment;
mod experiment_auto;
mod experiment_causes;
mod experiment_comparison;
mod experiment_coverage;
mod experiment_cross_check;
mod experiment_honest;
mod experiment_identity;
mod experiment_imported;
mod experiment_methods;
mod experiment_pilot;
mod experiment_rest;
mod experiment_sequences;
mod experiment_strata;
mod experiment_studies;
mod experiment_transient;
mod flatten;
mod gate;
mod hubs;
mod laws;
mod layers;
mod matrix;
mod measures;
mod naive;
mod params;
mod random_nets;
mod rare_auto;
mod rare_biasing;
mod rare_fork;
mod rare_splitting;
mod reports;
mod scenarios;
mod semantics;
mod stats;
mod structure;
mod syntax;
mod uncertainty;
