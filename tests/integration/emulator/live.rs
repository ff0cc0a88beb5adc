//! Live runs as their users see them: what is refused, what is written, and that no process is left behind.

use assert_cmd::Command;
use std::path::Path;
use std::process::Output;

fn emulate(folder: &Path, text: &str, options: &[&str]) -> Output {
    std::fs::write(folder.join("plan.ron"), text).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivenines"));
    command.current_dir(folder).args(["emulate", "plan.ron", "--live"]).args(options).output().expect("it runs")
}

#[test]
fn everything_fits_a_live_lab_but_what_takes_too_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "// A comment.\nFaultPlan(runs: 100000, pair: (mode: Compare), server: Actors(), \
         clients: (registrations: (users: 1, transport: TcpShared)), \
         faults: [Hang(at: \"1 s\", lasting: \"1 s\"), Slow(at: \"1 s\", by: \"1 ms\", lasting: \"1 s\"), \
         Overrun(at: \"1 s\", by: \"1 s\"), Diverge(at: \"1 s\"), ProcessCrash(at: \"1 s\"), \
         Cut(from: A, to: B, at: \"1 s\", lasting: \"1 s\"), Poison(function: Encoding, at: \"1 s\"), \
         Fail(function: Encoding, at: \"1 s\", cure: 0.5), Fail(function: Encoding, at: \"1 s\", every: \"1 s\")])";
    let output = emulate(folder.path(), text, &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.matches("error[E1007]").count() == 1 && errors.contains("`--runs`"), "{errors}");
    let mut study = super::study(text);
    study.cases[0].plan.runs = 1;
    let mut diagnostics = fivenines::diag::Diagnostics::default();
    fivenines::emulator::live::fits(&study, (fivenines::diag::SourceId(0), text), &mut diagnostics);
    assert!(diagnostics.is_empty());
    let fine = "FaultPlan(runs: 100, clients: (), pair: (mode: Standby), faults: [HostCrash(at: \"100 h\")])";
    let output = emulate(folder.path(), fine, &["--threads", "1"]);
    assert_eq!(output.status.code(), Some(2), "runs follow one another");
}

#[test]
fn a_live_study_has_the_figures_and_samples_of_a_virtual_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "FaultPlan(runs: 2, length: \"700 ms\", pair: (mode: Standby, detector: Heartbeats(interval: \"1 h\", \
         misses: 1)), clients: (registrations: (users: 5, start: \"Uniform(0 s, 300 ms)\")), \
         faults: [Stop(at: \"400 ms\")], expect: [(figure: \"takeovers\", value: \"1\", tolerance: \"0\", \
         source: \"it said goodbye\")])";
    let output = emulate(folder.path(), text, &["--json", "--samples", "sample.csv"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["runs"], 2);
    let live = &json["live"];
    assert!(live["deadlines"].as_u64().is_some_and(|count| count > 10), "{live}");
    assert!(live["p99"].as_f64() >= live["median"].as_f64() && live["max"].as_f64() >= live["p99"].as_f64(), "{live}");
    // Which it is, is the machine's business: late deadlines and no sample, or a sample.
    let sample = std::fs::read_to_string(folder.path().join("sample.csv"));
    let errors = String::from_utf8_lossy(&output.stderr);
    match (live["fit"].as_bool(), sample) {
        (Some(true), Ok(sample)) => {
            assert_eq!(output.status.code(), Some(0), "{errors}");
            assert_eq!(sample.lines().filter(|line| line.contains(",true,")).count(), 2, "{sample}");
        }
        (Some(false), Err(_)) => {
            assert_eq!(output.status.code(), Some(4), "{errors}");
            assert!(errors.contains("too late to calibrate"), "{errors}");
        }
        other => panic!("{other:?}"),
    }
}

/// What is known of processes is read from /proc.
#[cfg(target_os = "linux")]
mod processes {
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    const LONG: &str = "FaultPlan(runs: 50, length: \"30 s\", pair: (mode: Standby, detector: Heartbeats(interval: \
         \"1 s\", misses: 5)), clients: (voice: (streams: 1)))";

    /// The children of a process that live.
    fn children(parent: u32) -> Vec<u32> {
        let list = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        list.split_whitespace().filter_map(|id| id.parse().ok()).collect()
    }

    /// As the kernel knows it: `T` stands still; none is gone.
    fn state(process: u32) -> Option<char> {
        let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        state.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
    }

    fn lives(process: u32) -> bool {
        state(process).is_some_and(|state| !matches!(state, 'Z' | 'X'))
    }

    fn wait_until(what: impl Fn() -> bool) -> bool {
        (0..3000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            what()
        })
    }

    /// A live run under way, with its processes. Those of children of threads are found by the process's own list.
    fn start(folder: &std::path::Path, plan: &str) -> (Child, Vec<u32>) {
        std::fs::write(folder.join("long.ron"), plan).expect("a file");
        let child = Command::new(env!("CARGO_BIN_EXE_fivenines"))
            .current_dir(folder)
            .args(["emulate", "long.ron", "--live", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("fivenines starts");
        let parent = child.id();
        assert!(wait_until(|| children(parent).len() == 3), "three processes are started");
        let nodes = children(parent);
        (child, nodes)
    }

    #[test]
    fn an_interrupted_live_run_leaves_no_process_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let (child, nodes) = start(folder.path(), LONG);
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        signal.expect("the kill command");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("what is known");
        assert_eq!((&json["runs"], &json["interrupted"]), (&0.into(), &true.into()));
        assert!(nodes.iter().all(|node| !lives(*node)), "they were waited for");
    }

    #[test]
    fn the_processes_of_a_live_run_end_when_it_is_killed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut child, nodes) = start(folder.path(), LONG);
        child.kill().expect("it lives");
        child.wait().expect("it ends");
        assert!(wait_until(|| nodes.iter().all(|node| !lives(*node))), "they end by themselves");
    }

    #[test]
    fn a_machine_that_stands_still_ends_with_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let hang = LONG.replace("clients:", "faults: [Hang(whom: A, at: \"10 ms\", lasting: \"25 s\")], clients:");
        for by_hand in [true, false] {
            let (mut child, nodes) = start(folder.path(), &hang);
            assert!(wait_until(|| nodes.iter().any(|node| state(*node) == Some('T'))), "one stands still");
            if by_hand {
                let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
                signal.expect("the kill command");
            } else {
                child.kill().expect("it lives");
            }
            child.wait().expect("it ends");
            assert!(wait_until(|| nodes.iter().all(|node| !lives(*node))), "none is left behind");
        }
    }
}
