//! The committed parameter files of the virtual lab come out of it again, byte for byte.

use fivenines::calibrate::parameters::{Provenance, parameters};
use fivenines::calibrate::{Settings, Wanted, Watch, findings, table};
use fivenines::diag::{Diagnostics, Sources};
use fivenines::emulator::findings::carry_out;
use fivenines::emulator::outcome::Control;
use fivenines::emulator::{read, report};
use fivenines::experiment::sha256;
use fivenines::syntax::ast::Evidence;
use std::fs;
use std::sync::atomic::AtomicBool;

const RUNS: u64 = 200;

fn text(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("a committed file")
}

/// The sample that `fivenines emulate … --runs 200 --samples …` writes.
fn sample(plan: &str) -> String {
    let text = text(&format!("scenarios/{plan}.ron"));
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("plan.ron", text.as_str());
    let mut study = read::read(source, text.as_bytes(), &mut diagnostics).expect("a committed plan");
    study.cases[0].plan.runs = RUNS;
    let control = Control { threads: 2, interrupted: &AtomicBool::new(false), progress: &|_| () };
    report::samples(&carry_out(&study, &control).expect("threads"))
}

/// Name of the file and of the plan, and the columns that are taken: the stages that take any time.
fn comes_out_again(name: &str, plan: &str, columns: &[&str]) {
    let csv = sample(plan);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("sample.csv", csv.as_str());
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_string()).collect();
    let reading = table::Reading { columns: columns.clone(), ..table::Reading::default() };
    let samples = table::samples(&csv, source, &reading, &mut diagnostics);
    assert!(diagnostics.is_empty());
    let settings = Settings { replicates: 49, candidates: 2, ..Settings::default() };
    let found = findings(samples, &|_| Wanted::Best, &settings, &Watch::silent(&|| false)).expect("laws");
    let (file, source) =
        (format!("{name}.csv"), format!("fivenines emulate scenarios/{plan}.ron --runs {RUNS} --samples {name}.csv"));
    let columns: String = columns.iter().map(|column| format!(" --column {column}")).collect();
    let command = format!(
        "fivenines calibrate {file}{columns} --replicates 49 --candidates 2 --evidence derived-from-timers \
         --source '{source}' --out models/params/{name}.ron"
    );
    let digest = sha256(csv.as_bytes());
    let provenance = Provenance {
        data: Some((&file, &digest)),
        command: &command,
        source: Some(&source),
        evidence: Evidence::DerivedFromTimers,
    };
    let made = parameters(&found, &provenance).expect("laws");
    let path = format!("models/params/{name}.ron");
    assert_eq!(made, text(&path), "{path} is no longer what its command writes: {command}");
}

#[test]
fn the_failover_by_vrrp_comes_out_of_the_virtual_lab_again() {
    comes_out_again("failover_vrrp", "emulate-vrrp", &["detect", "client"]);
}

#[test]
fn the_failover_by_bfd_comes_out_of_the_virtual_lab_again() {
    comes_out_again("failover_bfd", "emulate-bfd", &["detect", "address", "client"]);
}

#[test]
fn the_failover_of_a_replicated_pair_comes_out_of_the_virtual_lab_again() {
    let stages = ["detect", "fence", "resume", "address", "announce", "client"];
    comes_out_again("failover_remus", "emulate-remus-classified", &stages);
}
