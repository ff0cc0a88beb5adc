//! Many runs side by side, for the programs that study them.

/// What `one` yields for 0 … `count` − 1, in that order.
///
/// By plain threads: a run has a thread pool of its own, and a worker of another pool that waits for it would begin more
/// runs meanwhile, one on top of the other.
pub fn each<T: Send>(count: u64, one: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let part = |first: u64| (first..count).step_by(threads as usize).map(&one).collect::<Vec<T>>();
    let mut parts: Vec<std::vec::IntoIter<T>> = std::thread::scope(|scope| {
        let part = &part;
        let started: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first).into_iter())).collect();
        started.into_iter().map(|thread| thread.join().expect("a run ends")).collect()
    });
    (0..count).filter_map(|index| parts[(index % threads) as usize].next()).collect()
}
