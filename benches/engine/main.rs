//! How fast one core fires transitions, and how fast a large net is loaded: `cargo bench`.
//!
//! B1 to B4 of the README. A measurement is CPU time of the thread (on Linux; elsewhere wall-clock time), since
//! other work on the machine would otherwise count; compare figures of one run with each other.

#[path = "../cpu_time.rs"]
mod cpu_time;
#[path = "../files.rs"]
mod files;

use cpu_time::CpuTime;
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput};
use files::load;
use fivenines::engine::{Options, Path};
use fivenines::net::Net;
use fivenines::program::{Program, compile};
use std::hint::black_box;

/// Firings of one measurement.
const FIRINGS: u64 = 200_000;

/// A path that has forgotten its start.
fn warm(program: &Program) -> Path<'_> {
    let mut path = Path::new(program, Options::default());
    path.begin(1, 0).expect("the net begins");
    advance(&mut path, FIRINGS);
    path
}

fn advance(path: &mut Path, firings: u64) {
    let end = path.firings() + firings;
    while path.firings() < end && path.step(f64::MAX, &mut ()).expect("the path goes on") {}
}

fn firings(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("firings");
    group.throughput(Throughput::Elements(FIRINGS)).sample_size(20).sampling_mode(SamplingMode::Flat);
    let mut bench = |name: &str, net: &Net| {
        let program = compile(net).expect("the net compiles");
        let mut path = warm(&program);
        group.bench_function(name, |bencher| bencher.iter(|| advance(&mut path, FIRINGS)));
    };
    bench("B1 monolith", &load("models/monolith.ron", &[]));
    let queue = [("room", "20"), ("arrivals", "0.8 Hz")];
    bench("B2 M-M-1-20", &load("models/textbook/finite-queue.ron", &queue));
    for copies in ["100", "1000", "10000"] {
        bench(&format!("B3 {copies} monoliths"), &load("benches/nets/copies.ron", &[("copies", copies)]));
    }
    bench("B4 1000 clients", &load("benches/nets/clients.ron", &[]));
    group.finish();
}

fn loading(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("loading");
    group.sample_size(10);
    for copies in ["100", "1000"] {
        group.bench_function(BenchmarkId::new("monoliths", copies), |bencher| {
            let whole = || compile(&load("benches/nets/copies.ron", &[("copies", copies)]));
            bencher.iter_batched(|| (), |()| black_box(whole()), BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    firings(&mut criterion);
    loading(&mut criterion);
    criterion.final_summary();
}
