//! How fast one core explores and solves the benchmark set's large chains: `cargo bench --bench exact`.
//!
//! CPU time of the thread. `explore` tells states per second; `solve` is the long run of the explored chain.

#[path = "../cpu_time.rs"]
mod cpu_time;
#[path = "../files.rs"]
mod files;

use cpu_time::CpuTime;
use criterion::{Criterion, SamplingMode, Throughput};
use files::load;
use fivenines::exact::{Limits, explore, stationary};
use fivenines::program::compile;
use std::hint::black_box;

/// Model, parameter and its value.
const CHAINS: [(&str, &str, &str); 4] =
    [("cluster", "N", "16"), ("cluster", "N", "64"), ("cluster", "N", "128"), ("kanban", "t", "4")];

fn chains(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("chains");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (model, parameter, value) in CHAINS {
        let net = load(&format!("models/qvbs/{model}.ron"), &[(parameter, value)]);
        let program = compile(&net).expect("the net compiles");
        let explored = || explore(&net, &program, &Limits::default(), &|_| false).expect("the net is small enough");
        let space = explored();
        group.throughput(Throughput::Elements(space.chain.states() as u64));
        group.bench_function(format!("explore {model} {parameter} = {value}"), |bencher| {
            bencher.iter(|| black_box(explored()));
        });
        let solved = || stationary(&space.chain, &space.initial, None, &|_| false).expect("the chain is solved");
        group.bench_function(format!("solve {model} {parameter} = {value}"), |bencher| {
            bencher.iter(|| black_box(solved()));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    chains(&mut criterion);
    criterion.final_summary();
}
