//! The two machines of a fault plan.

use super::constant;
use super::fields::{Record, variant, wrong_kind};
use crate::diag::{Diagnostic, Diagnostics};
use crate::emulator::packet::Protocol;
use crate::emulator::replicator::{Config, Detector, Late, Memory, Mode, Policy, Rule, Steps, Verdict, VrrpVersion};
use crate::emulator::time::Duration;
use crate::syntax::tree::{Kind, Node};

const MILLISECOND: Duration = Duration::from_millis(1);

/// The field `pair`, with the defaults of `docs/emulator.md`.
pub(super) fn pair(plan: &mut Record<'_, '_>) -> Config {
    let mut config = defaults();
    let Some(node) = plan.required("pair") else { return config };
    let mut record = Record::new(node, "the pair", plan.diagnostics);
    let modes = [
        ("Alone", Mode::Alone),
        ("Standby", Mode::Standby),
        ("Checkpoint", Mode::Checkpoint),
        ("Active", Mode::Active),
        ("Compare", Mode::Compare),
    ];
    record.required("mode");
    config.mode = record.word("mode", config.mode, &modes);
    config.epoch = record.time("epoch", config.epoch, Duration::from_nanos(100_000));
    config.late = record.word("late", config.late, &[("Stall", Late::Stall), ("Lengthen", Late::Lengthen)]);
    if let Some(node) = record.node("memory") {
        config.memory = memory(node, config.memory, record.diagnostics);
    }
    if let Some(node) = record.node("hold") {
        config.policy = policy(node, record.diagnostics);
    }
    if let Some(node) = record.node("detector") {
        config.detector = detector(node, record.diagnostics).unwrap_or(config.detector);
    }
    if let Some(node) = record.node("priorities") {
        let mut priorities = Record::new(node, "the priorities", record.diagnostics);
        config.priorities = [priorities.count("a", 100, 1..=255) as u8, priorities.count("b", 100, 1..=255) as u8];
        priorities.finish();
    }
    if let Some(node) = record.node("steps") {
        config.steps = steps(node, config.steps, record.diagnostics);
    }
    config.confirm = record.time("confirm", config.confirm, Duration::ZERO);
    config.announcements = record.count("announcements", 1, 1..=1000) as u32;
    config.announcement_interval = record.time("announcement_interval", config.announcement_interval, MILLISECOND);
    config.retry = record.time("retry", config.retry, MILLISECOND);
    config.patience = record.time("patience", config.patience, MILLISECOND);
    config.power_fence = record.boolean("power_fence", false);
    config.failback = record.maybe_time("failback", Duration::ZERO);
    config.compare_timeout = record.time("compare_timeout", config.compare_timeout, MILLISECOND);
    record.finish();
    config
}

fn defaults() -> Config {
    let none = constant(0.0);
    Config {
        mode: Mode::Checkpoint,
        epoch: Duration::from_millis(100),
        late: Late::Stall,
        memory: Memory {
            pages: 131_072,
            page_size: 4096,
            dirty_rate: 2000,
            working_set: 16_384,
            copy_bandwidth: 2_000_000_000,
            link_bandwidth: 125_000_000,
            fixed_pause: MILLISECOND,
        },
        policy: Policy::hold_all(),
        detector: Detector::Heartbeats { interval: Duration::from_millis(100), misses: 3, skew: Duration::ZERO },
        priorities: [100, 100],
        confirm: Duration::ZERO,
        steps: Steps { fence: none.clone(), resume: none.clone(), address: none.clone(), announce: none },
        announcements: 1,
        announcement_interval: Duration::from_secs(1),
        retry: Duration::from_millis(200),
        patience: Duration::from_secs(2),
        power_fence: false,
        failback: None,
        compare_timeout: Duration::from_secs(3),
    }
}

fn memory(node: &Node, default: Memory, diagnostics: &mut Diagnostics) -> Memory {
    let mut record = Record::new(node, "the memory", diagnostics);
    let rates = 0.0..=1e12;
    let dirty = record.node("dirty_rate").and_then(|node| record.quantity(node, crate::units::Dimension::RATE, rates));
    let memory = Memory {
        pages: record.count("pages", default.pages, 1..=1 << 40),
        page_size: record.bytes("page_size", default.page_size, false),
        dirty_rate: dirty.map_or(default.dirty_rate, |rate| rate.round() as u64),
        working_set: record.count("working_set", default.working_set, 0..=1 << 40),
        copy_bandwidth: record.bytes("copy_bandwidth", default.copy_bandwidth, true),
        link_bandwidth: record.bytes("link_bandwidth", default.link_bandwidth, true),
        fixed_pause: record.time("fixed_pause", default.fixed_pause, Duration::ZERO),
    };
    record.finish();
    memory
}

/// A word for one of the published policies, or rules.
fn policy(node: &Node, diagnostics: &mut Diagnostics) -> Policy {
    if let Kind::List(items) = &node.kind {
        return Policy { rules: items.iter().map(|item| rule(item, diagnostics)).collect() };
    }
    if !matches!(node.kind, Kind::Word(_)) {
        wrong_kind(node, "a word or a list of rules", diagnostics);
        return Policy::hold_all();
    }
    let words = [("Everything", 0), ("Nothing", 1), ("Tcp", 2), ("AllButRtp", 3)];
    match variant(node, &words, diagnostics) {
        Some(1) => Policy::pass_all(),
        Some(2) => Policy::hold_tcp(),
        Some(3) => Policy::pass_rtp(),
        _ => Policy::hold_all(),
    }
}

fn rule(item: &Node, diagnostics: &mut Diagnostics) -> Rule {
    let verdicts = [("Hold", Verdict::Hold), ("Pass", Verdict::Pass)];
    let verdict = variant(item, &verdicts, diagnostics).unwrap_or(Verdict::Hold);
    let mut record = Record::new(item, "a rule", diagnostics);
    let protocol = record.maybe_word("protocol", &[("Udp", Protocol::Udp), ("Tcp", Protocol::Tcp)]);
    let port = record.count("port", 0, 1..=65_535);
    let rtp = record.node("rtp").is_some().then(|| record.boolean("rtp", true));
    record.finish();
    Rule { protocol, port: (port > 0).then_some(port as u16), rtp, verdict }
}

fn detector(node: &Node, diagnostics: &mut Diagnostics) -> Option<Detector> {
    let kinds = [("Heartbeats", 0), ("Vrrp", 1), ("Bfd", 2), ("Phi", 3)];
    let kind = variant(node, &kinds, diagnostics)?;
    let mut record = Record::new(node, "the detector", diagnostics);
    let detector = match kind {
        0 => Detector::Heartbeats {
            interval: record.time("interval", Duration::from_millis(100), MILLISECOND),
            misses: record.count("misses", 3, 1..=1000) as u32,
            skew: record.time("skew", Duration::ZERO, Duration::ZERO),
        },
        1 => {
            let version = record.count("version", 3, 2..=3);
            Detector::Vrrp {
                version: if version == 2 { VrrpVersion::V2 } else { VrrpVersion::V3 },
                advert: record.time("advert", Duration::from_secs(1), MILLISECOND),
            }
        }
        2 => Detector::Bfd {
            interval: record.time("interval", Duration::from_millis(50), MILLISECOND),
            multiplier: record.count("multiplier", 3, 1..=255) as u32,
        },
        _ => Detector::Phi {
            interval: record.time("interval", Duration::from_millis(100), MILLISECOND),
            threshold: record.number("threshold", 8.0, 0.31..=100.0),
            window: record.count("window", 100, 2..=10_000) as usize,
            deviation: record.time("deviation", Duration::from_millis(10), Duration::ZERO),
        },
    };
    if detector.interval() == Duration::ZERO {
        record.diagnostics.push(Diagnostic::error("E0905", node.span, "the interval must be positive"));
    }
    record.finish();
    Some(detector)
}

fn steps(node: &Node, default: Steps, diagnostics: &mut Diagnostics) -> Steps {
    let mut record = Record::new(node, "the steps of a promotion", diagnostics);
    let steps = Steps {
        fence: record.law("fence", default.fence),
        resume: record.law("resume", default.resume),
        address: record.law("address", default.address),
        announce: record.law("announce", default.announce),
    };
    record.finish();
    steps
}
