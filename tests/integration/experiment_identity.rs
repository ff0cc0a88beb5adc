//! The same bytes whatever the number of threads, and after any interruption, by every method.

use crate::experiment::{alternating, carry_out, exponential, law, plan, queue};
use fivenines::experiment::outcome::{Ended, Outcome};
use fivenines::experiment::plan::Plan;
use fivenines::experiment::settings::{Compare, Settings};
use fivenines::experiment::{Control, Snapshot, run};
use fivenines::report::Report;
use fivenines::syntax::ast::Method;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const METHODS: [Method; 5] =
    [Method::Auto, Method::Replications, Method::BatchMeans, Method::Regenerative, Method::Stratified];

/// Three sweep points of two designs, one of which the sweep doesn't touch.
fn sweep(method: Method) -> Plan {
    let settings =
        Settings { method, precision: 0.06, budget: 60_000, years: true, causes: true, ..Settings::default() };
    let life = || law("LogNormal", &[("mean", 1e6), ("sigma", 0.4)]);
    let fixed = alternating(life(), law("Uniform", &[("low", 1e3), ("high", 9e3)]));
    let mut sweep = plan(Vec::new(), settings);
    sweep.designs = vec!["queue".into(), "fixed".into()];
    for (value, arrival) in [("0.6 Hz", 0.6), ("0.7 Hz", 0.7), ("0.8 Hz", 0.8)] {
        let both = plan(vec![("queue", queue(arrival, 1.0, 4)), ("fixed", fixed.clone())], Settings::default());
        for mut planned in both.points {
            planned.at.insert("arrivals".into(), value.into());
            sweep.points.push(planned);
        }
    }
    sweep
}

/// The same, the designs observed together.
fn together(method: Method) -> Plan {
    let compare = Some(Compare { ratio: Some(0.08), difference: None, alone: false });
    let plan = sweep(method);
    Plan { settings: Settings { compare, ..plan.settings.clone() }, ..plan }
}

fn plans() -> impl Iterator<Item = Plan> {
    METHODS.map(sweep).into_iter().chain([Method::Auto, Method::Replications].map(together))
}

/// The JSON of a report without what stands apart at its end.
fn json(outcome: Outcome) -> String {
    let json = Report::new(outcome).json();
    let end = json.find("\n  \"spent\": {").expect("what was spent");
    assert!(json[end..].ends_with("}\n}\n") && json[end..].matches('{').count() == 1, "nothing may follow it");
    json[..end].to_string()
}

#[test]
fn any_number_of_threads_gives_the_same_json_by_every_method() {
    for plan in plans() {
        let method = plan.settings.method;
        let one = json(carry_out(&plan, 1));
        assert!(one.contains("\"reached\": 0.0"), "something was estimated");
        assert!(one.contains("chance of no downtime"), "single years, too");
        assert!(one.contains("\"causes\": {"), "and what began the outages");
        for threads in [2, 7, 16] {
            assert!(one == json(carry_out(&plan, threads)), "{method:?}: {threads} threads differ");
        }
        let other = Plan { settings: Settings { seed: 2, ..plan.settings.clone() }, ..plan };
        assert!(one != json(carry_out(&other, 1)), "the seed matters");
    }
}

/// Runs until so many reports of progress; what came out, what would be needed to go on, and the reports.
pub fn until(
    plan: &Plan,
    threads: usize,
    reports: usize,
    resume: Option<Snapshot>,
) -> (Outcome, Option<Snapshot>, usize) {
    let (interrupted, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let kept: Mutex<Option<Snapshot>> = Mutex::new(None);
    let progress = |_| {
        if calls.fetch_add(1, Ordering::Relaxed) + 1 >= reports {
            interrupted.store(true, Ordering::Relaxed);
        }
    };
    let checkpoint = |snapshot: &Snapshot| *kept.lock().unwrap() = Some(snapshot.clone());
    let control = Control { threads, interrupted: &interrupted, progress: &progress, checkpoint: &checkpoint, resume };
    let outcome = run(plan, &control).expect("no fault");
    // As it would be read from a file.
    let text = kept.into_inner().unwrap().map(|snapshot| serde_json::to_string(&snapshot).unwrap());
    (outcome, text.map(|text| serde_json::from_str(&text).unwrap()), calls.into_inner())
}

#[test]
fn an_interrupted_sweep_goes_on_to_the_same_json_by_every_method() {
    for plan in plans() {
        let Settings { method, compare, .. } = plan.settings;
        let whole = json(carry_out(&plan, 2));
        let (.., all) = until(&plan, 2, usize::MAX, None);
        let mut places = Vec::new();
        // The single years of two designs end within one wave.
        let last = if compare.is_some() { 9 * all / 10 } else { all - 1 };
        for reports in [1, 2, 3, all / 7, all / 3, all / 2, 5 * all / 6, last] {
            let (part, snapshot, _) = until(&plan, 2, reports, None);
            assert!(part.interrupted, "{method:?} at {reports} of {all}");
            assert!(part.points.len() <= plan.points.len());
            assert!(part.points.iter().all(|p| p.ended != Ended::Interrupted || p.observations > 0));
            places.push(part.points.len());
            let (end, ..) = until(&plan, 3, usize::MAX, snapshot);
            assert!(whole == json(end), "{method:?}: resumed from {reports} of {all} differs");
        }
        places.dedup();
        assert!(
            places.len() > if compare.is_some() { 1 } else { 3 },
            "{method:?}: interrupted in the middle of the sweep, too: {places:?}"
        );
        // Again and again.
        let (mut snapshot, mut rounds) = (None, 0);
        let end = loop {
            let (part, kept, _) = until(&plan, 1 + rounds % 3, all / 2 + 2, snapshot);
            rounds += 1;
            if !part.interrupted {
                break part;
            }
            assert!(rounds < 60, "{method:?}: no progress");
            snapshot = kept;
        };
        assert!(rounds > 1 && whole == json(end), "{method:?} after {rounds} rounds");
    }
}

/// What is found doesn't depend on the designs around it, unless observations are cut to fit theirs.
#[test]
fn a_point_is_the_same_in_any_company() {
    let settings = Settings { precision: 0.05, budget: 200_000, ..Settings::default() };
    let other = alternating(exponential(10.0), exponential(1.0));
    let alone = carry_out(&plan(vec![("queue", queue(0.7, 1.0, 4))], settings.clone()), 2);
    let among = carry_out(&plan(vec![("other", other), ("queue", queue(0.7, 1.0, 4))], settings), 2);
    assert_eq!(alone.points[0], among.points[1]);
}
