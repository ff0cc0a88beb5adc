//! Assumptions that may turn the ranking, each halved and doubled, or taken to the ends of what is possible.

/// An assumption, and what states it.
pub struct Assumption {
    pub what: &'static str,
    /// A parameter file and the line in it, or [`PARAMETER`] and the name of a parameter of the nets.
    pub file: &'static str,
    pub line: &'static str,
    /// What it is turned to: name, and the line or the value instead.
    pub turns: &'static [(&'static str, &'static str)],
}

/// In the place of a file.
pub const PARAMETER: &str = "";

const ENVIRONMENT: &str = "params/environment.ron";
const RECOVERY: &str = "params/recovery.ron";
const COVERAGE: &str = "params/coverage.ron";

pub const ASSUMPTIONS: &[Assumption] = &[
    Assumption {
        what: "a mistake of the operator takes all machines down every 5 y",
        file: ENVIRONMENT,
        line: r#""operator": (
            value: "5 y""#,
        turns: &[
            ("10 y", "\"operator\": (value: \"10 y\""),
            ("2.5 y", "\"operator\": (value: \"2.5 y\""),
            ("25 y", "\"operator\": (value: \"25 y\""),
        ],
    },
    Assumption {
        what: "people need 30 min",
        file: RECOVERY,
        line: r#""people": (value: "LogNormal(mean: 30 min, sigma: 0.5)""#,
        turns: &[
            ("15 min", "\"people\": (value: \"LogNormal(mean: 15 min, sigma: 0.5)\""),
            ("1 h", "\"people\": (value: \"LogNormal(mean: 1 h, sigma: 0.5)\""),
        ],
    },
    Assumption {
        what: "a machine reboots in 60 s",
        file: RECOVERY,
        line: r#""reboot": (value: "LogNormal(mean: 60 s, sigma: 0.3)""#,
        turns: &[
            ("30 s", "\"reboot\": (value: \"LogNormal(mean: 30 s, sigma: 0.3)\""),
            ("2 min", "\"reboot\": (value: \"LogNormal(mean: 2 min, sigma: 0.3)\""),
        ],
    },
    Assumption {
        what: "a process restarts in 4 ms, as that of the emulator was measured",
        file: PARAMETER,
        line: "process_restart",
        turns: &[("1 s", "LogNormal(mean: 1 s, sigma: 0.3)"), ("30 s", "LogNormal(mean: 30 s, sigma: 0.3)")],
    },
    Assumption {
        what: "clocks as bad as old (exponential lives)",
        file: PARAMETER,
        line: "life",
        turns: &[("as good as new with each restart (lognormal)", "LogNormal(mean: mtbf, sigma: 0.4)")],
    },
    Assumption {
        what: "half of the restarts cure a deterministic fault",
        file: PARAMETER,
        line: "poison",
        turns: &[("none", "0"), ("all", "1")],
    },
    Assumption {
        what: "a host is repaired in 4 h",
        file: ENVIRONMENT,
        line: r#""host_repair": (value: "LogNormal(mean: 4 h, sigma: 0.5)""#,
        turns: &[
            ("2 h", "\"host_repair\": (value: \"LogNormal(mean: 2 h, sigma: 0.5)\""),
            ("8 h", "\"host_repair\": (value: \"LogNormal(mean: 8 h, sigma: 0.5)\""),
        ],
    },
    Assumption {
        what: "one fault in ten is a hang",
        file: ENVIRONMENT,
        line: r#""silent": (value: "0.1""#,
        turns: &[("none", "\"silent\": (value: \"0\""), ("two in ten", "\"silent\": (value: \"0.2\"")],
    },
    Assumption {
        what: "99 % of the takeovers succeed",
        file: COVERAGE,
        line: r#""takeover": (value: "0.99""#,
        turns: &[("90 %", "\"takeover\": (value: \"0.9\""), ("all", "\"takeover\": (value: \"1\"")],
    },
];
