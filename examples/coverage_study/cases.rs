//! The nets with exact answers, and how each is run.

/// A net, what is asked of it, and by which methods.
pub struct Case {
    pub name: &'static str,
    /// File and parameters.
    pub net: &'static str,
    pub with: &'static str,
    /// The condition whose unavailability is asked for, or a measure.
    pub asked: Asked,
    pub exact: Exact,
    /// Firings of a run of fixed effort; a sequential one may take twenty times as many.
    pub effort: u64,
    /// Relative half-width at which a sequential run stops.
    pub precision: &'static str,
    pub methods: &'static [&'static str],
}

/// What is asked of a net.
#[derive(Clone, Copy)]
pub enum Asked {
    Unavailability(&'static str),
    Measure(&'static str),
}

/// Where the exact answer comes from.
#[derive(Clone, Copy)]
pub enum Exact {
    /// From the exact engine.
    Engine,
    /// From a formula: value and source.
    Formula(f64, &'static str),
}

/// A case by one method and effort.
pub struct Run<'c> {
    pub case: &'c Case,
    pub method: &'static str,
    pub sequential: bool,
}

impl Case {
    /// By every method, with fixed effort and sequentially.
    pub fn runs(&self) -> Vec<Run<'_>> {
        let efforts = |method: &'static str| [false, true].map(|sequential| Run { case: self, method, sequential });
        self.methods.iter().flat_map(|method| efforts(method)).collect()
    }
}

impl Run<'_> {
    pub fn effort(&self) -> &'static str {
        if self.sequential { "sequential" } else { "fixed" }
    }

    /// Of its row.
    pub fn label(&self) -> String {
        format!("{} / {} / {}", self.case.name, self.method, self.effort())
    }

    /// The scenario that it is, by `method`, with `more` settings.
    pub fn scenario(&self, method: &str, more: &str) -> String {
        let Case { net, with, asked, effort, precision, .. } = self.case;
        let (budget, precision) = if self.sequential { (20 * effort, *precision) } else { (*effort, "0.001 %") };
        let primary = match asked {
            Asked::Unavailability(up) => format!("primary: {up:?},"),
            Asked::Measure(_) => String::new(),
        };
        format!(
            "Scenario(designs: {{\"net\": (net: \"{net}\", with: {{{with}}}, {primary})}}, method: {method}, \
             precision: {precision:?}, budget: {budget}, {more})"
        )
    }
}

const PLAIN: &[&str] = &["Replications", "BatchMeans", "Regenerative"];
const NEVER_FRESH: &[&str] = &["Replications", "BatchMeans"];
const MANY_PATHS: &[&str] = &["Replications", "Regenerative"];
const ONE_PATH: &[&str] = &["BatchMeans"];
const RARE: &[&str] = &["ImportanceSampling", "Splitting"];
const BIASED: &[&str] = &["ImportanceSampling"];
const SPLIT: &[&str] = &["Splitting"];

/// All nets.
pub fn cases() -> Vec<Case> {
    use Asked::{Measure, Unavailability};
    use Exact::{Engine, Formula};
    let case = |name, net, with, asked, exact, effort, precision, methods| Case {
        name,
        net,
        with,
        asked,
        exact,
        effort,
        precision,
        methods,
    };
    vec![
        case(
            "lognormal clocks, all fresh at first",
            "models/textbook/fresh-clocks.ron",
            "",
            Unavailability("all machines"),
            Engine,
            20_000,
            "5 %",
            NEVER_FRESH,
        ),
        case(
            "M/D/1/5",
            "models/textbook/finite-queue.ron",
            "\"service\": \"Deterministic(1 s)\"",
            Unavailability("room"),
            Engine,
            20_000,
            "5 %",
            PLAIN,
        ),
        case(
            "a job resumed after each repair (age memory)",
            "models/textbook/preempted-age.ron",
            "",
            Measure("mean completion time"),
            Formula(8100.0, "E[S] (1 + λ E[R])"),
            20_000,
            "5 %",
            PLAIN,
        ),
        case(
            "cluster of 2 × 4 workstations that fail after 10 h",
            "models/qvbs/cluster.ron",
            "\"N\": \"4\", \"workstation\": \"10 h\"",
            Unavailability("premium"),
            Engine,
            300_000,
            "20 %",
            MANY_PATHS,
        ),
        case(
            "cluster of 2 × 4 workstations that fail after 10 h, on one path",
            "models/qvbs/cluster.ron",
            "\"N\": \"4\", \"workstation\": \"10 h\"",
            Unavailability("premium"),
            Engine,
            600_000,
            "20 %",
            ONE_PATH,
        ),
        case(
            "tandem queue with stages of service",
            "models/qvbs/tandem.ron",
            "",
            Measure("customers"),
            Engine,
            20_000,
            "2 %",
            NEVER_FRESH,
        ),
        case(
            "on and off, exponential",
            "models/textbook/alternating-renewal.ron",
            "",
            Unavailability("machine"),
            Engine,
            10_000,
            "5 %",
            PLAIN,
        ),
        case(
            "lognormal clocks, all fresh at first, by copies of paths",
            "models/textbook/fresh-clocks.ron",
            "",
            Unavailability("all machines"),
            Engine,
            200_000,
            "10 %",
            RARE,
        ),
        case(
            "M/D/1/5, by copies of paths",
            "models/textbook/finite-queue.ron",
            "\"service\": \"Deterministic(1 s)\"",
            Unavailability("room"),
            Engine,
            200_000,
            "10 %",
            SPLIT,
        ),
        case(
            "cluster of 2 × 4 workstations that fail after 500 h",
            "models/qvbs/cluster.ron",
            "\"N\": \"4\", \"workstation\": \"500 h\"",
            Unavailability("premium"),
            Engine,
            200_000,
            "20 %",
            BIASED,
        ),
        case(
            "cluster of 2 × 4 workstations that fail after 500 h, by copies of paths",
            "models/qvbs/cluster.ron",
            "\"N\": \"4\", \"workstation\": \"500 h\"",
            Unavailability("premium"),
            Engine,
            500_000,
            "20 %",
            SPLIT,
        ),
        case(
            "three parallel units, all down 1 s in 30 years",
            "models/textbook/k-of-n.ron",
            "\"machines\": \"3\", \"needed\": \"1\", \"crews\": \"3\", \"failure\": \"Exponential(rate: 0.001 Hz)\", \
             \"repair\": \"Exponential(rate: 0.999 Hz)\"",
            Unavailability("enough machines"),
            Engine,
            200_000,
            "20 %",
            BIASED,
        ),
        case(
            "M/M/1/17, full 9 times in 10¹⁰",
            "models/textbook/finite-queue.ron",
            "\"arrivals\": \"0.3 Hz\", \"room\": \"17\"",
            Unavailability("room"),
            Engine,
            2_000_000,
            "20 %",
            SPLIT,
        ),
    ]
}
