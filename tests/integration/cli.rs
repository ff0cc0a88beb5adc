//! The command line as a user meets it: exit codes, streams, files.

use assert_cmd::Command;

fn fivenines() -> Command {
    Command::new(env!("CARGO_BIN_EXE_fivenines"))
}

#[test]
fn help_and_version_are_answers_on_standard_output() {
    let help = fivenines().arg("--help").assert().code(0);
    let text = String::from_utf8(help.get_output().stdout.clone()).expect("help is UTF-8");
    for expected in ["run", "check", "trace", "Exit codes", "130"] {
        assert!(text.contains(expected), "{expected:?} is missing from\n{text}");
    }
    fivenines().arg("--version").assert().code(0).stdout(format!("fivenines {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_are_wrong_input() {
    for arguments in
        [&["fly"][..], &["run"], &["run", "x.ron", "--json", "--csv"], &["run", "x.ron", "--precision", "7"]]
    {
        let run = fivenines().args(arguments).assert().code(2);
        assert!(run.get_output().stdout.is_empty(), "{arguments:?}");
        assert!(!run.get_output().stderr.is_empty(), "{arguments:?}");
    }
}
