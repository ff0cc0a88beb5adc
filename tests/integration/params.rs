//! The committed parameter files of the virtual lab come out of it again, byte for byte; those of the live one come from
//! the samples that are committed with them.

use fivenines::calibrate::parameters::{Provenance, parameters};
use fivenines::calibrate::{Findings, Settings, Wanted, Watch, findings, table};
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

/// The laws of a sample's columns.
fn fitted(csv: &str, columns: &[&str], by: (u64, usize)) -> Findings {
    fitted_as(csv, &reading(columns), by, &|_| Wanted::Best)
}

fn reading(columns: &[&str]) -> table::Reading {
    let columns = columns.iter().map(|column| (*column).to_string()).collect();
    table::Reading { columns, ..table::Reading::default() }
}

fn fitted_as(
    csv: &str,
    reading: &table::Reading,
    (replicates, candidates): (u64, usize),
    wanted: &dyn Fn(&str) -> Wanted,
) -> Findings {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("sample.csv", csv);
    let samples = table::samples(csv, source, reading, &mut diagnostics);
    assert!(diagnostics.is_empty());
    let settings = Settings { replicates, candidates, ..Settings::default() };
    findings(samples, wanted, &settings, &Watch::silent(&|| false)).expect("laws")
}

/// The string behind a field of a parameter file, up to the next quote.
fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("{name}: \"")).expect("a field");
    rest.split('"').next().expect("an end")
}

#[test]
fn the_live_parameter_files_come_from_the_committed_samples() {
    for name in ["restart_actor", "restart_actor_lost", "restart_process", "takeover_live"] {
        let sample = format!("models/params/measurements/{name}.csv");
        let (csv, file) = (text(&sample), text(&format!("models/params/{name}.ron")));
        assert_eq!(field(&file, "file"), sample);
        assert_eq!(field(&file, "sha256"), sha256(csv.as_bytes()), "{name}");
        assert!(file.contains("evidence: MeasuredLive") && !file.contains("evidence: Assumed"), "{name}");
        for comment in ["Measured live: fivenines emulate", "Machine: ", "Load of other work", "fit for calibration"] {
            assert!(csv.lines().take(4).any(|line| line.contains(comment)), "{sample}: {comment}");
        }
    }
    // The quickest of them, whole.
    let (name, path) = ("models/params/measurements/restart_process.csv", "models/params/restart_process.ron");
    let (csv, file) = (text(name), text(path));
    let digest = sha256(csv.as_bytes());
    let provenance = Provenance {
        data: Some((name, &digest)),
        command: field(&file, "command"),
        source: Some(field(&file, "source")),
        evidence: Evidence::MeasuredLive,
    };
    let made = parameters(&fitted(&csv, &["failover"], (99, 2)), &provenance).expect("laws");
    assert_eq!(made, file, "{path} is no longer what its command writes");
}

/// The parameter file of a live sample, with a few of the replicates of its command.
fn made_with(replicates: u64, name: &str) -> (String, String) {
    let sample = format!("models/params/measurements/{name}.csv");
    let (csv, file) = (text(&sample), text(&format!("models/params/{name}.ron")));
    let command = field(&file, "command");
    let columns: Vec<&str> =
        command.split("--column ").skip(1).map(|rest| rest.split(' ').next().expect("a name")).collect();
    // That no law fits a column takes more replicates to tell; that the sample is its law then doesn't.
    let wanted = |column: &str| {
        let (_, value) = file.split_once(&format!("\"{column}\": (")).expect("a value");
        if value.trim_start().starts_with("value: \"Empirical(") { Wanted::Empirical } else { Wanted::Best }
    };
    let digest = sha256(csv.as_bytes());
    let provenance = Provenance {
        data: Some((&sample, &digest)),
        command,
        source: Some(field(&file, "source")),
        evidence: Evidence::MeasuredLive,
    };
    let found = fitted_as(&csv, &reading(&columns), (replicates, 1), &wanted);
    (parameters(&found, &provenance).expect("laws"), file.clone())
}

/// How many of so many replicates lay farther from their law than the sample from its own, by a line of the file.
fn farther(line: &str, replicates: u64) -> u64 {
    let chance: f64 = line.split('"').nth(3).and_then(|chance| chance.parse().ok()).expect("a chance");
    let count = chance * (replicates + 1) as f64 - 1.0;
    assert!((count - count.round()).abs() < 1e-3, "{line} is no share of {replicates} replicates");
    count.round() as u64
}

/// The others take too many fits to be made whole. Replicates don't depend on one another, so that with few of them all
/// is the same but that there are fewer draws, the first ones, and coarser chances, of the same first replicates.
#[test]
fn the_other_live_parameter_files_come_out_again_but_for_most_of_their_draws() {
    const ALL: u64 = 99;
    const FEW: u64 = 5;
    for name in ["restart_actor", "restart_actor_lost", "takeover_live"] {
        let (made, file) = made_with(FEW, name);
        let (mut made, mut draws, mut chances) = (made.lines().peekable(), 0, 0);
        for line in file.lines() {
            let is_draw = line.starts_with(&" ".repeat(16)) && !line.contains("\": \"");
            draws += u64::from(is_draw);
            match made.next_if(|made| !is_draw || *made == line) {
                Some(made) if made.contains("_chance\":") => {
                    let (few, all) = (farther(made, FEW), farther(line, ALL));
                    assert!((few..=few + ALL - FEW).contains(&all), "{name}: {line} of {made}");
                    chances += 1;
                }
                Some(made) => assert_eq!(made, line, "{name}.ron is no longer what its command writes"),
                // A draw beyond those few.
                None => {
                    assert!(made.peek().is_some_and(|next| next.trim() == "],"), "{name}: {line}, {:?}", made.peek())
                }
            }
        }
        assert_eq!(made.next(), None, "{name}");
        let fitted = file.matches("draws: [").count() as u64;
        assert!(fitted >= 2 && draws == ALL * fitted && chances == 2 * fitted, "{name}: {draws} {chances} of {fitted}");
    }
}

/// What a client makes of an announcement, by its form and the age of the entry: the cases of a plan.
#[test]
fn the_clients_updates_come_out_of_the_virtual_lab_again() {
    let text_of_plan = text("scenarios/emulate-clients.ron");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("plan.ron", text_of_plan.as_str());
    let study = read::read(source, text_of_plan.as_bytes(), &mut diagnostics).expect("a committed plan");
    let control = Control { threads: 2, interrupted: &AtomicBool::new(false), progress: &|_| () };
    let csv = report::samples(&carry_out(&study, &control).expect("threads"));
    let reading = table::Reading { by: Some("case".into()), ..reading(&["client"]) };
    let found = fitted_as(&csv, &reading, (49, 1), &|_| Wanted::Best);
    let (path, digest) = ("models/params/announcement.ron", sha256(csv.as_bytes()));
    let source = "fivenines emulate scenarios/emulate-clients.ron --samples announcement.csv";
    let command = format!(
        "fivenines calibrate announcement.csv --column client --by case --replicates 49 --candidates 1 \
         --evidence derived-from-timers --source '{source}' --out {path}"
    );
    let provenance = Provenance {
        data: Some(("announcement.csv", &digest)),
        command: &command,
        source: Some(source),
        evidence: Evidence::DerivedFromTimers,
    };
    let made = parameters(&found, &provenance).expect("laws");
    assert_eq!(made, text(path), "{path} is no longer what its command writes: {command}");
}

/// The share of young entries that models/params/recovery.ron states, and the mixture of models/lib/takeover.ron, against
/// takeovers that are announced in the form of the paper on Remus to entries of any age.
#[test]
fn entries_of_any_age_make_of_a_broadcast_reply_what_the_mixture_says() {
    const RUNS: u64 = 3000;
    let plan = text("scenarios/emulate-clients.ron").replace("announcement: Request", "announcement: BroadcastReply");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("plan.ron", plan.as_str());
    let mut study = read::read(source, plan.as_bytes(), &mut diagnostics).expect("a plan");
    study.cases.retain(|case| case.name == "believed");
    study.cases[0].plan.runs = RUNS;
    let control = Control { threads: 2, interrupted: &AtomicBool::new(false), progress: &|_| () };
    let csv = report::samples(&carry_out(&study, &control).expect("threads"));
    let column =
        csv.lines().next().expect("a heading").split(',').position(|name| name == "client_s").expect("a column");
    let cell = |line: &str| line.split(',').nth(column).expect("a cell").parse::<f64>().expect("a number");
    let updates: Vec<f64> = csv.lines().skip(1).map(cell).collect();
    assert_eq!(updates.len() as u64, RUNS);
    let young = 1.0 / 30.0 * 2.5_f64.ln();
    let stated = text("models/params/recovery.ron");
    assert!(stated.contains("\"1 s * ln((45 s + 5 s) / (15 s + 5 s)) / (45 s - 15 s)\""), "another share is stated");
    // Fresh ones wait for 23 s at the least, those to be verified for 8 s at the most, the others for the next packet.
    let share =
        |from: f64, to: f64| updates.iter().filter(|wait| (from..to).contains(*wait)).count() as f64 / RUNS as f64;
    let error = |p: f64| (p * (1.0 - p) / RUNS as f64).sqrt();
    for (what, found, expected) in [
        ("believed", share(0.0, 0.03), 1.0 - 2.0 * young),
        ("verifying", share(6.5, 8.1), young),
        ("fresh", share(21.9, 53.1), young),
    ] {
        let off = (found - expected) / error(expected);
        assert!(off.abs() < 4.0, "{what}: {found}, not {expected}: {off} standard errors");
    }
}

/// Name of the file and of the plan, and the columns that are taken: the stages that take any time.
fn comes_out_again(name: &str, plan: &str, columns: &[&str]) {
    let csv = sample(plan);
    let found = fitted(&csv, columns, (49, 1));
    let (file, source) =
        (format!("{name}.csv"), format!("fivenines emulate scenarios/{plan}.ron --runs {RUNS} --samples {name}.csv"));
    let columns: String = columns.iter().map(|column| format!(" --column {column}")).collect();
    let command = format!(
        "fivenines calibrate {file}{columns} --replicates 49 --candidates 1 --evidence derived-from-timers \
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
