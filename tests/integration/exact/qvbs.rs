//! The nets of the Quantitative Verification Benchmark Set have the published numbers of states; their published
//! values are the expectations of `scenarios/qvbs-*.ron`.

use super::scenarios::{plan_with, repository};
use fivenines::exact::{Limits, explore};
use fivenines::program::compile;

/// Values of the parameter with the numbers of states.
type Sizes = &'static [(u32, usize)];

/// Model, parameter, and the number of states for each of its values (qcomp.org/benchmarks, "states" of each file).
const STATES: [(&str, &str, Sizes); 6] = [
    ("cluster", "N", &[(2, 276), (4, 820), (8, 2772), (16, 10132), (32, 38676)]),
    ("embedded", "max_count", &[(2, 3478), (3, 4323), (4, 5168), (5, 6013), (6, 6858), (7, 7703), (8, 8548)]),
    ("fms", "n", &[(1, 54), (2, 810), (3, 6520)]),
    ("kanban", "t", &[(1, 160), (2, 4600)]),
    ("polling", "N", &[(3, 36), (4, 96), (5, 240), (6, 576), (7, 1344), (8, 3072), (9, 6912), (10, 15360)]),
    ("tandem", "c", &[(5, 66), (7, 120), (15, 496), (31, 2016), (63, 8128), (127, 32640)]),
];

#[test]
fn the_benchmark_nets_have_the_published_numbers_of_states() {
    let memory = repository();
    for (model, parameter, sizes) in STATES {
        for &(value, states) in sizes {
            let set = [(parameter.to_string(), value.to_string()), ("anew".to_string(), "0".to_string())];
            let set = &set[..if model == "embedded" { 2 } else { 1 }];
            let plan = plan_with(&memory, &format!("models/qvbs/{model}.ron"), set);
            let net = &plan.points[0].net;
            let program = compile(net).expect("a program");
            let space = explore(net, &program, &Limits::default(), &|_| false).expect("a state space");
            assert_eq!(space.chain.states(), states, "{model} with {parameter} = {value}");
        }
    }
}
