//! The models and scenarios that are part of the program: `fivenines run builtin:scenarios/thesis-table-1.ron`
//! needs no files around, and a net of one's own may use `builtin:models/lib/actor.ron`.

use super::failure::Failure;
use super::files::print;
use fivenines::diag::nearest;
use fivenines::net::load::{self, Embedded, Loader};
use std::path::Path;

/// What the name of a built-in file begins with.
pub const PREFIX: &str = "builtin:";

macro_rules! embedded {
    ($($path:literal,)*) => {
        Embedded(&[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))),)*])
    };
}

/// Every file of `models/`, `reports/baseline/` and `scenarios/`; a test compares the list with the folders.
const FILES: Embedded = embedded![
    "models/announcement.ron",
    "models/designs/balanced.ron",
    "models/designs/pair.ron",
    "models/designs/replicated.ron",
    "models/designs/single.ron",
    "models/heartbeat.ron",
    "models/lib/actor.ron",
    "models/lib/calls.ron",
    "models/lib/environment.ron",
    "models/lib/guest.ron",
    "models/lib/host.ron",
    "models/lib/ladder.ron",
    "models/lib/takeover.ron",
    "models/load_balancer.ron",
    "models/monolith.ron",
    "models/monolith_aged.ron",
    "models/params/announcement.ron",
    "models/params/coverage.ron",
    "models/params/environment.ron",
    "models/params/failover_bfd.ron",
    "models/params/failover_remus.ron",
    "models/params/failover_vrrp.ron",
    "models/params/recovery.ron",
    "models/params/restart_actor.ron",
    "models/params/restart_actor_lost.ron",
    "models/params/restart_process.ron",
    "models/params/takeover_live.ron",
    "models/qvbs/cluster.ron",
    "models/qvbs/embedded.ron",
    "models/qvbs/fms.ron",
    "models/qvbs/kanban.ron",
    "models/qvbs/polling.ron",
    "models/qvbs/tandem.ron",
    "models/rare/mission.ron",
    "models/rare/pipeline.ron",
    "models/rare/tandem.ron",
    "models/rejuvenation.ron",
    "models/sip_server.ron",
    "models/sip_transport.ron",
    "models/textbook/alternating-renewal.ron",
    "models/textbook/duplex.ron",
    "models/textbook/finite-queue.ron",
    "models/textbook/fork-join.ron",
    "models/textbook/fresh-clocks.ron",
    "models/textbook/inhibitors.ron",
    "models/textbook/k-of-n.ron",
    "models/textbook/leaky-bucket.ron",
    "models/textbook/mission.ron",
    "models/textbook/outage-lengths.ron",
    "models/textbook/pair.ron",
    "models/textbook/preempted-age.ron",
    "models/textbook/preempted-enabling.ron",
    "models/textbook/preempted-identical.ron",
    "models/textbook/priorities.ron",
    "models/textbook/service-level.ron",
    "models/textbook/two-classes.ron",
    "reports/baseline/designs.json",
    "reports/baseline/readings.json",
    "reports/baseline/sip-server.json",
    "reports/baseline/strategies.json",
    "reports/baseline/thesis-restart.json",
    "reports/baseline/thesis-table-1.json",
    "reports/baseline/thesis-table-2.json",
    "scenarios/alternating-renewal.ron",
    "scenarios/announcement.ron",
    "scenarios/better-detection.ron",
    "scenarios/decisions.ron",
    "scenarios/designs-exact.ron",
    "scenarios/designs-markov.ron",
    "scenarios/designs-published.ron",
    "scenarios/designs-sweep.ron",
    "scenarios/designs.ron",
    "scenarios/duplex.ron",
    "scenarios/emulate-actors-standard.ron",
    "scenarios/emulate-actors.ron",
    "scenarios/emulate-announcements.ron",
    "scenarios/emulate-bfd.ron",
    "scenarios/emulate-clients.ron",
    "scenarios/emulate-escalations.ron",
    "scenarios/emulate-false-alarms.ron",
    "scenarios/emulate-gateway.ron",
    "scenarios/emulate-heartbeats.ron",
    "scenarios/emulate-intervals.ron",
    "scenarios/emulate-jitter.ron",
    "scenarios/emulate-live-actor-lost.ron",
    "scenarios/emulate-live-actor-restored.ron",
    "scenarios/emulate-live-process.ron",
    "scenarios/emulate-live-takeover.ron",
    "scenarios/emulate-redirection.ron",
    "scenarios/emulate-registrations.ron",
    "scenarios/emulate-remus-classified.ron",
    "scenarios/emulate-remus.ron",
    "scenarios/emulate-vrrp.ron",
    "scenarios/first-year.ron",
    "scenarios/fork-join.ron",
    "scenarios/heartbeat.ron",
    "scenarios/inhibitors.ron",
    "scenarios/k-of-n.ron",
    "scenarios/leaky-bucket.ron",
    "scenarios/load-balancer.ron",
    "scenarios/machine-repair.ron",
    "scenarios/md1k.ron",
    "scenarios/mission.ron",
    "scenarios/mm1k.ron",
    "scenarios/n-plus-k.ron",
    "scenarios/outage-lengths.ron",
    "scenarios/pair.ron",
    "scenarios/poison.ron",
    "scenarios/preempted.ron",
    "scenarios/priorities.ron",
    "scenarios/qvbs-cluster.ron",
    "scenarios/qvbs-embedded.ron",
    "scenarios/qvbs-fms.ron",
    "scenarios/qvbs-kanban.ron",
    "scenarios/qvbs-polling.ron",
    "scenarios/qvbs-tandem.ron",
    "scenarios/rare-ageing.ron",
    "scenarios/rare-cluster.ron",
    "scenarios/rare-escalations.ron",
    "scenarios/rare-mission.ron",
    "scenarios/rare-pipeline.ron",
    "scenarios/rare-queue.ron",
    "scenarios/rare-tandem.ron",
    "scenarios/rare-units.ron",
    "scenarios/readings-stress.ron",
    "scenarios/readings.ron",
    "scenarios/rejuvenation.ron",
    "scenarios/restart-time.ron",
    "scenarios/service-level.ron",
    "scenarios/shared-hangs.ron",
    "scenarios/sip-server.ron",
    "scenarios/strategies.ron",
    "scenarios/thesis-restart.ron",
    "scenarios/thesis-table-1.ron",
    "scenarios/thesis-table-2.ron",
    "scenarios/two-classes.ron",
];

/// The bytes of a built-in file; `None` when the name is not one of a built-in file.
pub fn load(path: &str) -> Option<Result<Vec<u8>, String>> {
    let name = path.strip_prefix(PREFIX)?;
    Some(FILES.load(name).map_err(|_| missing(name)))
}

/// The path that `relative` means in `base`, when one of them is built in.
pub fn resolve(base: &str, relative: &str) -> Option<String> {
    if relative.starts_with(PREFIX) {
        return Some(relative.to_owned());
    }
    let name = base.strip_prefix(PREFIX)?;
    Some(format!("{PREFIX}{}", load::join(name, relative)))
}

/// The files of a built-in folder, in name order; none when it is no such folder.
pub fn folder(path: &Path) -> Vec<String> {
    let Some(folder) = path.to_str().and_then(|path| path.strip_prefix(PREFIX)) else { return Vec::new() };
    let folder = folder.trim_end_matches('/');
    let inside = |name: &&str| name.rsplit_once('/').is_some_and(|(parent, _)| parent == folder);
    FILES.0.iter().map(|(name, _)| *name).filter(inside).map(|name| format!("{PREFIX}{name}")).collect()
}

/// What to say of a name that is none: the file that was meant, or where they all are.
fn missing(name: &str) -> String {
    let meant = FILES.0.iter().map(|(known, _)| *known).find(|known| known.strip_suffix(".ron") == Some(name));
    match meant.or_else(|| nearest(name, FILES.0.iter().map(|(known, _)| *known))) {
        Some(meant) => format!("no such built-in file; did you mean `{meant}`?"),
        None => "no such built-in file; `fivenines builtin` lists them".to_owned(),
    }
}

/// `fivenines builtin`: the list, each with its doc line, or the text of one.
pub fn show(name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return print(&list()) };
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    match FILES.0.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => print(text),
        None => Err(Failure::environment(format!("{name}: {}", missing(name)))),
    }
}

fn list() -> String {
    let doc = |text: &'static str| {
        if let Some(title) = text.lines().find_map(|line| line.trim().strip_prefix("\"scenario\": \"")) {
            return title.trim_end_matches("\",");
        }
        let line = text.lines().find_map(|line| line.trim().strip_prefix("doc: \""));
        line.map_or("", |line| line.trim_end_matches("\","))
    };
    FILES.0.iter().map(|(name, text)| format!("{PREFIX}{name}\n    {}\n", doc(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_inside_and_from_outside() {
        let models = Some("builtin:models/monolith.ron".to_owned());
        assert_eq!(resolve("builtin:scenarios/thesis-table-1.ron", "../models/monolith.ron"), models);
        assert_eq!(resolve("my.ron", "builtin:models/monolith.ron"), models);
        assert_eq!(resolve("my.ron", "models/monolith.ron"), None);
        assert!(load("models/monolith.ron").is_none());
        assert!(load("builtin:models/monolith.ron").is_some_and(|text| text.is_ok()));
        assert!(load("builtin:models/nothing.ron").is_some_and(|text| text.is_err()));
    }

    #[test]
    fn folders_hold_their_own_files() {
        let scenarios = folder(Path::new("builtin:scenarios/"));
        assert!(scenarios.contains(&"builtin:scenarios/thesis-table-1.ron".to_owned()));
        assert!(scenarios.iter().all(|name| name.starts_with("builtin:scenarios/")));
        assert!(folder(Path::new("scenarios")).is_empty());
        assert!(folder(Path::new("builtin:scenarios/thesis-table-1.ron")).is_empty());
    }

    #[test]
    fn everything_that_is_in_the_folders_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        let mut folders = vec![root.join("models"), root.join("reports/baseline"), root.join("scenarios")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.extension() {
                    _ if path.is_dir() => folders.push(path),
                    Some(extension) if extension == "ron" || extension == "json" => {
                        let name = path.strip_prefix(root).expect("inside").to_str().expect("UTF-8");
                        found.push(name.replace('\\', "/"));
                    }
                    _ => {}
                }
            }
        }
        found.sort();
        let listed: Vec<&str> = FILES.0.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, listed, "src/cli/builtin.rs lists the files of models/ and scenarios/");
    }
}
