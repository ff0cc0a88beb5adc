//! Phase types in the place of clocks, against exact solutions and closed forms.

use super::near;
use crate::exact::{net, solved};
use crate::experiment::carry_out;
use crate::experiment_methods::read;
use fivenines::exact::{Approximation, Limits, Refusal, Solution, approximate};
use fivenines::experiment::settings::Settings;
use fivenines::program::{Program, compile};
use fivenines::syntax::ast::Method;

fn approximated(inside: &str, order: u32) -> Result<(Solution, Vec<Approximation>), Refusal> {
    let net = net(inside);
    let program = compile(&net).unwrap_or_else(|error| panic!("{error}"));
    approximate(&net, &program, order, &Limits::default(), &|_| false)
}

/// Three machines and one crew: failures while it works.
fn crew(repair: &str) -> String {
    format!(
        r##"places: {{"Up": (tokens: 3), "Down": ()}},
        transitions: {{
            "Fail": Timed(delay: "Exponential(mean: 100 h)", servers: Infinite, from: {{"Up": "1"}}, to: {{"Down": "1"}}),
            "Fix": Timed(delay: "{repair}", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
        }},
        up: {{"service": "#Up >= 2"}},
        measures: {{"repairs": "rate(Fix)"}}"##
    )
}

/// An interrupted job: (mean completion time under preemptive resume) = E[job] (1 + repair/life), whatever its law.
fn job(law: &str, memory: &str) -> String {
    format!(
        r##"places: {{"Up": (tokens: 1), "Down": ()}},
        transitions: {{
            "Finish": Timed(delay: "{law}", memory: {memory}, test: {{"Up": "1"}}),
            "Break": Timed(delay: "Exponential(mean: 4 h)", from: {{"Up": "1"}}, to: {{"Down": "1"}}),
            "Fix": Timed(delay: "Exponential(mean: 30 min)", from: {{"Down": "1"}}, to: {{"Up": "1"}}),
        }},
        measures: {{"finished": "rate(Finish)"}}"##
    )
}

fn finished(solution: &Solution, inside: &str) -> f64 {
    let program = compile(&net(inside)).expect("a program");
    solution.measure(&program.measures[0].formula)
}

#[test]
fn a_law_that_is_made_of_phases_is_solved_exactly_by_them() {
    let text = crew("Erlang(stages: 3, mean: 20 h)");
    let exact = solved(&text).expect("one crew is regenerative");
    let (found, laws) = approximated(&text, 3).expect("phases");
    for (one, other) in found.sums.iter().zip(&exact.sums) {
        assert!((one - other).abs() <= 1e-9 * other.abs(), "{one:e} instead of {other:e}");
    }
    assert!((found.first_failure[0] / exact.first_failure[0] - 1.0).abs() < 1e-9);
    assert!(laws.len() == 1 && laws[0].transition == "Fix" && laws[0].fit.distance < 1e-9, "{laws:?}");
}

#[test]
fn more_phases_come_nearer_to_the_exact_solution() {
    let text = crew("LogNormal(mean: 20 h, sigma: 0.5)");
    let exact = solved(&text).expect("one crew is regenerative").sums[Program::down(0)];
    let off = |order| {
        let (found, laws) = approximated(&text, order).expect("phases");
        ((found.sums[Program::down(0)] / exact - 1.0).abs(), laws[0].fit.distance)
    };
    let (coarse, fine) = (off(1), off(8));
    assert!(fine.0 < 0.05 * coarse.0, "{coarse:?} {fine:?}");
    assert!(fine.1 < 0.2 * coarse.1, "{coarse:?} {fine:?}");
}

#[test]
fn a_clock_with_age_keeps_its_phase() {
    for law in ["Erlang(stages: 3, mean: 2 h)", "LogNormal(mean: 2 h, sigma: 0.7)", "2 h"] {
        let text = job(law, "Age");
        assert!(matches!(solved(&text), Err(Refusal::NotMarkovian { transition, .. }) if transition == "Finish"));
        let (found, _) = approximated(&text, 5).expect("phases");
        near(finished(&found, &text), 1.0 / (7200.0 * (1.0 + 0.5 / 4.0)));
    }
    // One that forgets takes longer: E = (1/E[e^(−λX)] − 1)(1/λ + repair), with the transform of three stages of 40 min.
    let text = job("Erlang(stages: 3, mean: 2 h)", "Enabling");
    let (found, _) = approximated(&text, 3).expect("phases");
    let transform = (1.0 + 40.0 / 240.0_f64).powi(-3);
    near(finished(&found, &text), 1.0 / ((1.0 / transform - 1.0) * 4.5 * 3600.0));
}

#[test]
fn an_exponential_clock_with_age_is_no_obstacle() {
    let text = job("Exponential(mean: 2 h)", "Age");
    let exact = solved(&text).expect("it has no past");
    near(finished(&exact, &text), 1.0 / (7200.0 * 1.125));
}

#[test]
fn what_phases_cannot_stand_for_is_refused_by_name() {
    for (text, why) in [
        (job("Uniform(1 h, 2 h)", "Identical"), "keeps the sample"),
        (job("Empirical([0 s, 1 h])", "Enabling"), "may take no time"),
    ] {
        match approximated(&text, 4) {
            Err(Refusal::NotMarkovian { transition, because }) => {
                assert!(transition == "Finish" && because.contains(why), "{transition}: {because}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// M/G/1/K, K = 4, load 0.8: the loss by phases comes to that of the embedded chain.
#[test]
fn the_loss_of_a_queue_comes_near_that_of_the_embedded_chain() {
    let queue = |law: &str| {
        format!(
            r##"places: {{"Room": (tokens: 4), "Queue": ()}},
            transitions: {{
                "Arrive": Timed(delay: "Exponential(mean: 10 min)", from: {{"Room": "1"}}, to: {{"Queue": "1"}}),
                "Serve": Timed(delay: "{law}", from: {{"Queue": "1"}}, to: {{"Room": "1"}}),
            }},
            up: {{"room": "#Room > 0"}}"##
        )
    };
    for (law, order, near) in [
        ("LogNormal(mean: 8 min, sigma: 0.9)", 10, 3e-2),
        ("Uniform(6 min, 10 min)", 40, 3e-2),
        ("8 min", 50, 3e-2),
        ("Gamma(shape: 2, mean: 8 min)", 2, 1e-9),
        ("Hyperexponential(probabilities: [0.3, 0.7], means: [20 min, 4 min])", 2, 2e-2),
    ] {
        let text = queue(law);
        let exact = solved(&text).expect("one server is regenerative").sums[Program::down(0)];
        let (found, laws) = approximated(&text, order).expect("phases");
        let off = (found.sums[Program::down(0)] / exact - 1.0).abs();
        assert!(off < near, "{law}: {off:e}, {laws:?}");
    }
}

#[test]
fn the_report_calls_it_an_approximation_and_says_how_near_it_is() {
    let run = |inside: String| {
        let mut plan = read(&[("main.ron", &format!("Net({inside})"))]);
        plan.settings = Settings { method: Method::PhaseTypes, phases: 6, ..Settings::default() };
        carry_out(&plan, 2)
    };
    let outcome = run(job("LogNormal(mean: 2 h, sigma: 0.7)", "Age"));
    let point = &outcome.points[0];
    assert_eq!(point.method, Method::PhaseTypes);
    for word in
        ["approximated by phase types of order 6", "Finish (distribution functions at most ", "from order 3 to 6"]
    {
        assert!(point.because.contains(word), "{word}: {}", point.because);
    }
    assert!(outcome.warnings.iter().any(|warning| warning.contains("approximations")), "{:?}", outcome.warnings);
    // What can be solved exactly is.
    assert_eq!(run(crew("LogNormal(mean: 20 h, sigma: 0.5)")).points[0].method, Method::Exact);
}

/// Machines with one lognormal crew: a Markov regenerative process against its simulation, every measure.
#[test]
fn one_lognormal_crew_by_both_engines() {
    let mut plan = read(&[("main.ron", &format!("Net({})", crew("LogNormal(mean: 20 h, sigma: 0.8)")))]);
    plan.settings = Settings { cross_check: true, ..Settings::default() };
    let outcome = carry_out(&plan, 2);
    let [check] = &outcome.cross_checks[..] else { panic!("{:?}", outcome.cross_checks) };
    assert!(check.agrees == Some(true) && check.because.contains("Markov regenerative"), "{check:#?}");
    assert!(check.compared >= 6, "{check:#?}");
}
