//! The solvers of chains: closed forms, and each against the others.

use super::close;
use fivenines::exact::{Chain, LongRun, Refusal, Solver, stationary};

const SOLVERS: [Solver; 3] = [Solver::Dense, Solver::Sparse, Solver::Sweeps];

fn long_run(chain: &Chain, initial: &[(u32, f64)], solver: Solver) -> LongRun {
    let run = stationary(chain, initial, Some(solver), &|_| false).unwrap_or_else(|error| panic!("{error}"));
    assert!(run.residual < 1e-11, "{solver}: residual {:e}", run.residual);
    run
}

/// A birth-death chain.
fn line(births: &[f64], deaths: &[f64]) -> Chain {
    let rates = births.iter().zip(deaths).enumerate();
    let rates: Vec<_> = rates
        .flat_map(|(i, (&birth, &death))| [(i as u32, i as u32 + 1, birth), (i as u32 + 1, i as u32, death)])
        .collect();
    Chain::new(births.len() + 1, &rates)
}

/// The next number of a linear congruence, in (0, 1).
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// A ring with chords, so irreducible, whose rates span `magnitudes` powers of ten.
fn tangle(states: usize, chords: usize, magnitudes: f64, seed: u64) -> Chain {
    let mut seed = seed;
    let mut rates = Vec::new();
    for from in 0..states {
        rates.push((from as u32, ((from + 1) % states) as u32, 10_f64.powf(magnitudes * random(&mut seed))));
        for _ in 0..chords {
            let to = (random(&mut seed) * states as f64) as u32;
            rates.push((from as u32, to, 10_f64.powf(magnitudes * random(&mut seed))));
        }
    }
    Chain::new(states, &rates)
}

#[test]
fn a_queue_is_geometric_down_to_the_smallest_probability() {
    let (n, load) = (60, 0.3_f64);
    let chain = line(&vec![load; n], &vec![1.0; n]);
    for solver in SOLVERS {
        let run = long_run(&chain, &[(7, 1.0)], solver);
        for (i, &p) in run.probabilities.iter().enumerate() {
            // The iteration leaves the least of them, 10⁻³² and below, as they come.
            if solver != Solver::Sweeps || p > 1e-29 {
                let exact = load.powi(i as i32) * (1.0 - load) / (1.0 - load.powi(n as i32 + 1));
                assert!((p - exact).abs() < 1e-10 * exact, "{solver} {i}: {p:e} {exact:e}");
            }
        }
    }
}

#[test]
fn probabilities_that_no_number_holds_do_no_harm() {
    // From the end that is never left for long: the weights of the others exceed every number.
    for births in [1e-6, 1e6] {
        let n = 150;
        let chain = line(&vec![births; n], &vec![1.0; n]);
        for solver in [Solver::Dense, Solver::Sparse] {
            let run = long_run(&chain, &[(0, 1.0)], solver);
            let likeliest = if births < 1.0 { 0 } else { n };
            let exact = if births < 1.0 { 1.0 - births } else { 1.0 - 1.0 / births };
            close(run.probabilities[likeliest], exact);
        }
    }
}

#[test]
fn rare_states_keep_their_digits() {
    // Two of three units down within 10⁻¹² of the time.
    let (failure, repair) = (1e-6, 1.0);
    let chain = line(&[3.0 * failure, 2.0 * failure], &[repair, 2.0 * repair]);
    for solver in SOLVERS {
        let run = long_run(&chain, &[(0, 1.0)], solver);
        let q = failure / (failure + repair);
        let all = 1.0 + 3.0 * failure + 3.0 * failure * failure;
        assert!((run.probabilities[2] - 3.0 * failure * failure / all).abs() < 1e-11 * q * q, "{solver}");
    }
}

#[test]
fn the_solvers_agree_on_tangles() {
    for (states, chords, magnitudes) in [(2, 1, 1.0), (40, 3, 4.0), (300, 2, 2.0), (600, 1, 6.0), (1200, 4, 1.0)] {
        let chain = tangle(states, chords, magnitudes, states as u64);
        let reference = long_run(&chain, &[(0, 1.0)], Solver::Dense);
        for solver in [Solver::Sparse, Solver::Sweeps] {
            let run = long_run(&chain, &[(0, 1.0)], solver);
            let iterated = solver == Solver::Sweeps && run.solver == Solver::Multilevel;
            assert!(run.solver == solver || iterated, "{states} states: {:?}", run.solver);
            for (p, exact) in run.probabilities.iter().zip(&reference.probabilities) {
                assert!((p - exact).abs() < 1e-9 * exact, "{solver}, {states} states: {p:e} {exact:e}");
            }
        }
    }
}

/// Tangles of which each leads to the next one so seldom that sweeps alone would take that for an end.
#[test]
fn nearly_uncoupled_parts_are_weighed_against_each_other() {
    for coupling in [1e-2, 1e-6, 1e-10, 1e-14, 1e-20] {
        let (parts, size) = (12, 40);
        let mut seed = 5;
        let mut rates = Vec::new();
        for part in 0..parts {
            let inside = tangle(size, 2, 2.0, part as u64 + 1);
            let at = |state: usize| (part * size + state) as u32;
            let rows = (0..size).flat_map(|from| inside.row(from).map(move |(to, rate)| (from, to, rate)));
            rates.extend(rows.map(|(from, to, rate)| (at(from), at(to), rate)));
            for other in [part + 1, part + 5] {
                let from = at((random(&mut seed) * size as f64) as usize);
                rates.push((from, (other % parts * size) as u32, coupling * random(&mut seed)));
            }
        }
        let chain = Chain::new(parts * size, &rates);
        let reference = long_run(&chain, &[(0, 1.0)], Solver::Dense);
        let run = long_run(&chain, &[(0, 1.0)], Solver::Sweeps);
        for (p, exact) in run.probabilities.iter().zip(&reference.probabilities) {
            assert!((p - exact).abs() < 1e-9 * exact, "coupling {coupling:e}: {p:e} {exact:e}");
        }
    }
}

#[test]
fn by_itself_the_solver_follows_the_size() {
    for (states, expected) in [(1, Solver::Nothing), (100, Solver::Dense), (1000, Solver::Sparse)] {
        let run = stationary(&tangle(states, 1, 1.0, 3), &[(0, 1.0)], None, &|_| false).expect("a solution");
        assert_eq!(run.solver, expected);
    }
}

/// A gambler's ruin: from i of n, with odds r of a loss, the chance to win all is (1 − rⁱ)/(1 − rⁿ).
#[test]
fn absorption_is_that_of_the_gamblers_ruin() {
    let (n, win, loss) = (12_u32, 0.4, 0.6);
    let rates: Vec<_> = (1..n).flat_map(|i| [(i, i + 1, win), (i, i - 1, loss)]).collect();
    let chain = Chain::new(n as usize + 1, &rates);
    let odds: f64 = loss / win;
    let wins = |i: u32| (1.0 - odds.powi(i as i32)) / (1.0 - odds.powi(n as i32));
    for solver in SOLVERS {
        for i in [1, 5, 11] {
            let run = long_run(&chain, &[(i, 1.0)], solver);
            assert_eq!(run.classes.len(), 2);
            assert!((run.probabilities[n as usize] - wins(i)).abs() < 1e-10 * wins(i), "{solver}");
            assert_eq!(run.probabilities[3], 0.0);
        }
        let mixed = long_run(&chain, &[(0, 0.25), (5, 0.75)], solver);
        let exact = 0.75 * wins(5);
        assert!((mixed.probabilities[n as usize] - exact).abs() < 1e-10 * exact, "{solver}");
    }
    let settled = long_run(&chain, &[(0, 0.25), (n, 0.75)], Solver::Dense);
    assert_eq!((settled.probabilities[0], settled.probabilities[n as usize]), (0.25, 0.75));
}

#[test]
fn each_class_keeps_its_own_shares() {
    // 0 → {1, 2} with 1/4, {3, 4} with 3/4.
    let rates = [(0, 1, 1.0), (0, 3, 3.0), (1, 2, 1.0), (2, 1, 4.0), (3, 4, 2.0), (4, 3, 2.0)];
    let run = long_run(&Chain::new(6, &rates), &[(0, 1.0)], Solver::Dense);
    for (p, exact) in run.probabilities.iter().zip([0.0, 0.2, 0.05, 0.375, 0.375, 0.0]) {
        assert!((p - exact).abs() < 1e-15, "{:?}", run.probabilities);
    }
}

#[test]
fn work_can_be_ended_from_outside() {
    let chain = tangle(50, 2, 1.0, 1);
    assert_eq!(stationary(&chain, &[(0, 1.0)], Some(Solver::Sweeps), &|_| true), Err(Refusal::Interrupted));
}
