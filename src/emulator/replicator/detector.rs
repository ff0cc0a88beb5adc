//! When silence means failure: four detectors, as the moment at which they give up.

use crate::emulator::time::{Duration, Instant};
use crate::rng::Draw;
use crate::stats::quantile;
use std::collections::VecDeque;

/// How a backup decides that the active machine has failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Detector {
    /// `misses` signs of life, one each `interval`, have not come: silence of misses · interval + skew.
    Heartbeats {
        /// Time between signs of life.
        interval: Duration,
        /// How many must be missed.
        misses: u32,
        /// Waited in addition, for the network's delay.
        skew: Duration,
    },
    /// The Virtual Router Redundancy Protocol (RFC 3768 and 5798): silence of 3 · advert + skew time.
    Vrrp {
        /// Which skew time.
        version: VrrpVersion,
        /// Advertisement interval; 1 s by default.
        advert: Duration,
    },
    /// Bidirectional Forwarding Detection (RFC 5880): silence of `multiplier` intervals; the sender shortens each of
    /// its intervals by up to a quarter (6.8.7).
    Bfd {
        /// The negotiated interval.
        interval: Duration,
        /// Detection multiplier.
        multiplier: u32,
    },
    /// Phi accrual (Hayashibara et al. 2004): the suspicion −log10 P(a sign of life still comes) reaches a threshold,
    /// with normally distributed gaps whose mean and deviation are those of the last ones.
    Phi {
        /// Time between signs of life.
        interval: Duration,
        /// The suspicion at which it gives up; 8 is usual.
        threshold: f64,
        /// How many gaps are remembered.
        window: usize,
        /// The least deviation that is assumed.
        deviation: Duration,
    },
}

/// Versions of VRRP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VrrpVersion {
    /// RFC 3768: the skew time is (256 − priority)/256 s.
    V2,
    /// RFC 5798: the skew time is (256 − priority)/256 of the advertisement interval.
    V3,
}

impl Detector {
    /// The time from one sign of life to the next; only BFD draws.
    pub fn next_interval(&self, draw: &mut Draw) -> Duration {
        match self {
            Detector::Heartbeats { interval, .. } | Detector::Phi { interval, .. } => *interval,
            Detector::Vrrp { advert, .. } => *advert,
            Detector::Bfd { interval, multiplier } => {
                // With a multiplier of 1 the interval must be at most 90 % of the negotiated one.
                let (least, width) = if *multiplier == 1 { (0.75, 0.15) } else { (0.75, 0.25) };
                Duration::from_seconds(interval.seconds() * (least + width * draw.uniform()))
            }
        }
    }

    /// The longest time from one sign of life to the next.
    pub fn interval(&self) -> Duration {
        match self {
            Detector::Heartbeats { interval, .. } | Detector::Phi { interval, .. } => *interval,
            Detector::Vrrp { advert, .. } => *advert,
            Detector::Bfd { interval, .. } => *interval,
        }
    }

    /// The silence after which a machine of that priority gives the other up, when signs of life came evenly.
    pub fn silence(&self, priority: u8) -> Duration {
        match self {
            Detector::Heartbeats { interval, misses, skew } => interval.times(u64::from(*misses)) + *skew,
            Detector::Vrrp { advert, .. } => advert.times(3) + self.farewell(priority),
            Detector::Bfd { interval, multiplier } => interval.times(u64::from(*multiplier)),
            Detector::Phi { interval, threshold, deviation, .. } => {
                normal_silence(interval.seconds(), deviation.seconds(), *threshold)
            }
        }
    }

    /// How long after a goodbye a machine of that priority takes over: VRRP's skew time, else at once.
    pub fn farewell(&self, priority: u8) -> Duration {
        match self {
            Detector::Vrrp { version, advert } => {
                let whole = if *version == VrrpVersion::V2 { Duration::from_secs(1) } else { *advert };
                whole.scaled(256 - u64::from(priority), 256)
            }
            _ => Duration::ZERO,
        }
    }
}

/// The time t with P(gap > t) = 10^−threshold for a normal gap.
fn normal_silence(mean: f64, deviation: f64, threshold: f64) -> Duration {
    let tail = libm::pow(10.0, -threshold).clamp(1e-300, 0.5);
    Duration::from_seconds(mean - deviation * quantile::normal(tail))
}

/// What a backup has heard of the active machine.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    detector: Detector,
    priority: u8,
    last: Instant,
    /// Whether `last` was a sign of life, so that a gap begins there.
    alive: bool,
    gaps: VecDeque<Duration>,
}

impl Watch {
    /// Watching begins now, as if a sign of life had just come.
    pub(super) fn new(detector: Detector, priority: u8, now: Instant) -> Watch {
        Watch { detector, priority, last: now, alive: false, gaps: VecDeque::new() }
    }

    /// Watching begins anew: what was heard of another machine counts no more.
    pub(super) fn restart(&mut self, now: Instant) {
        self.gaps.clear();
        (self.last, self.alive) = (now, false);
    }

    /// A sign of life has come.
    pub(super) fn heard(&mut self, now: Instant) {
        let gap_ends = std::mem::replace(&mut self.alive, true);
        if let Detector::Phi { window, .. } = self.detector
            && gap_ends
        {
            self.gaps.push_back(now - self.last);
            while self.gaps.len() > window.max(1) {
                self.gaps.pop_front();
            }
        }
        self.last = now;
    }

    /// When the other machine is given up if nothing more comes.
    pub(super) fn deadline(&self) -> Instant {
        let Detector::Phi { threshold, deviation, .. } = self.detector else {
            return self.last + self.detector.silence(self.priority);
        };
        // Until there is something to judge from, the announced interval counts.
        if self.gaps.len() < 2 {
            return self.last + self.detector.silence(self.priority);
        }
        let count = self.gaps.len() as f64;
        let mean = self.gaps.iter().map(|gap| gap.seconds()).sum::<f64>() / count;
        let squares = self.gaps.iter().map(|gap| (gap.seconds() - mean) * (gap.seconds() - mean)).sum::<f64>();
        let seen = libm::sqrt(squares / (count - 1.0));
        self.last + normal_silence(mean, seen.max(deviation.seconds()), threshold)
    }

    /// When to take over after a goodbye.
    pub(super) fn farewell(&self, now: Instant) -> Instant {
        now + self.detector.farewell(self.priority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::StreamKey;

    fn millis(duration: Duration) -> f64 {
        duration.seconds() * 1e3
    }

    #[test]
    fn vrrp_gives_up_after_three_adverts_and_the_skew_time() {
        let second = Duration::from_secs(1);
        let v2 = Detector::Vrrp { version: VrrpVersion::V2, advert: second };
        assert_eq!(millis(v2.silence(100)), 3_609.375);
        assert_eq!(millis(v2.farewell(100)), 609.375);
        assert_eq!(millis(v2.silence(255)), 3_003.906_25);
        let tenth = Duration::from_millis(100);
        let v3 = Detector::Vrrp { version: VrrpVersion::V3, advert: tenth };
        assert_eq!(millis(v3.silence(100)), 360.937_5);
        // In version 2 the skew time is a part of a second whatever the interval.
        let v2 = Detector::Vrrp { version: VrrpVersion::V2, advert: tenth };
        assert_eq!(millis(v2.silence(100)), 909.375);
    }

    #[test]
    fn heartbeats_and_bfd_count_intervals() {
        let (interval, skew) = (Duration::from_millis(200), Duration::from_millis(5));
        assert_eq!(millis(Detector::Heartbeats { interval, misses: 3, skew }.silence(1)), 605.0);
        let bfd = Detector::Bfd { interval: Duration::from_millis(50), multiplier: 3 };
        assert_eq!(millis(bfd.silence(1)), 150.0);
        let mut stream = StreamKey::of("bfd").stream(1, 0);
        let sent: Vec<f64> = (0..1000).map(|_| millis(bfd.next_interval(&mut stream.draw()))).collect();
        assert!(sent.iter().all(|ms| (37.5..=50.0).contains(ms)));
        assert!(sent.iter().any(|ms| *ms < 38.0) && sent.iter().any(|ms| *ms > 49.5));
    }

    #[test]
    fn phi_waits_for_the_quantile_of_the_gaps_it_has_seen() {
        let (interval, deviation) = (Duration::from_millis(100), Duration::from_millis(10));
        let phi = |threshold| Detector::Phi { interval, threshold, window: 100, deviation };
        // P(Z > 2.326348) = 0.01, so a suspicion of 2 is reached 23.26 ms late.
        assert!((millis(phi(2.0).silence(1)) - 123.263_48).abs() < 1e-4);
        assert!((millis(phi(8.0).silence(1)) - 156.120).abs() < 1e-2);
        let mut watch = Watch::new(phi(2.0), 1, Instant::START);
        let mut now = Instant::START + Duration::from_millis(1);
        // How long ago watching began is no gap.
        watch.heard(now);
        for gap in [80, 120].repeat(50) {
            now = now + Duration::from_millis(gap);
            watch.heard(now);
        }
        // The sample deviation of ±20 ms is 20·√(100/99).
        let expected = 100.0 + 2.326_348 * 20.0 * (100.0f64 / 99.0).sqrt();
        assert!((millis(watch.deadline() - now) - expected).abs() < 1e-3);
    }
}
