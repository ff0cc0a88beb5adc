//! What a stream of voice packets was worth to its listener.

use crate::emulator::time::{Duration, Instant};
use serde::{Deserialize, Serialize};

/// The interarrival jitter of RFC 3550, 6.4.1: J ← J + (|D| − J)/16 with D = (Rj − Ri) − (Sj − Si).
#[derive(Debug, Clone, Copy, Default)]
pub struct Jitter {
    last: Option<(Instant, Instant)>,
    value: f64,
    most: f64,
    sum: f64,
    count: u64,
}

impl Jitter {
    /// A packet that was sent and has arrived.
    pub fn update(&mut self, sent: Instant, arrived: Instant) {
        if let Some((last_sent, last_arrived)) = self.last {
            let difference = |later: Instant, earlier: Instant| later.seconds() - earlier.seconds();
            let transit = difference(arrived, last_arrived) - difference(sent, last_sent);
            self.value += (transit.abs() - self.value) / 16.0;
            self.most = self.most.max(self.value);
            self.sum += self.value;
            self.count += 1;
        }
        self.last = Some((sent, arrived));
    }

    /// The greatest value so far, seconds.
    pub fn most(&self) -> f64 {
        self.most
    }

    /// The mean over the packets, seconds; 0 before the second one.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }
}

/// How a codec bears loss (ITU-T G.113, appendix I, table I.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Codec {
    /// Equipment impairment without loss, Ie.
    pub impairment: f64,
    /// Robustness against loss, Bpl, per cent.
    pub robustness: f64,
}

impl Codec {
    /// G.711 without concealment of lost packets.
    pub const G711: Codec = Codec { impairment: 0.0, robustness: 4.3 };
    /// G.711 with the concealment of its appendix I.
    pub const G711_CONCEALED: Codec = Codec { impairment: 0.0, robustness: 25.1 };
}

/// The rating factor R of the E-model (ITU-T G.107, defaults but for delay and loss).
///
/// `delay` is the mouth-to-ear delay in seconds, whose impairment is approximated as 0.024·d + 0.11·(d − 177.3)⁺ with
/// d in ms (Cole and Rosenbluth 2001); `loss` the share of lost packets; `burst` the BurstR of G.107, 1 if losses are
/// independent.
pub fn rating(delay: f64, loss: f64, burst: f64, codec: Codec) -> f64 {
    let millis = delay * 1e3;
    let delay_impairment = 0.024 * millis + 0.11 * (millis - 177.3).max(0.0);
    let percent = (loss * 100.0).clamp(0.0, 100.0);
    let Codec { impairment, robustness } = codec;
    let effective = impairment + (95.0 - impairment) * percent / (percent / burst.max(1.0) + robustness);
    93.2 - delay_impairment - effective
}

/// The mean opinion score of a rating (ITU-T G.107, annex B), between 1 and 4.5.
pub fn opinion(rating: f64) -> f64 {
    match rating {
        r if r <= 0.0 => 1.0,
        r if r >= 100.0 => 4.5,
        r => (1.0 + 0.035 * r + 7e-6 * r * (r - 60.0) * (100.0 - r)).max(1.0),
    }
}

/// Packets that come within that of one another came together: less than the voice in any packet.
pub const TOGETHER: Duration = Duration::from_millis(1);

/// A listener with a fixed jitter buffer.
#[derive(Debug, Clone)]
pub struct Listener {
    jitter: Jitter,
    /// From the first arrival to its play-out.
    buffer: Duration,
    /// Play-out time less sending time, from the first packet on.
    playout: Option<Duration>,
    heard: Instant,
    silence: (Instant, Duration),
    delays: f64,
    arrived: u64,
    late: u64,
    /// Sequence numbers played, to count what was lost in one go.
    played: Vec<u64>,
    /// Packets that have just come one upon the other, and the most that did.
    burst: (u64, u64),
}

/// What a listener heard.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Packets that were sent.
    pub sent: u64,
    /// Share that never came, or came twice the other way round: lost.
    pub loss: f64,
    /// Share that came after its play-out.
    pub late: f64,
    /// Greatest jitter estimate, seconds.
    pub jitter_most: f64,
    /// Mean jitter estimate, seconds.
    pub jitter_mean: f64,
    /// Mean network delay of what came, seconds.
    pub delay: f64,
    /// Longest time without a packet, seconds.
    pub silence: f64,
    /// When that began, seconds from the start of the run.
    pub silent_from: f64,
    /// Mean opinion score.
    pub opinion: f64,
    /// Most packets that came one upon the other, each within [`TOGETHER`] of the one before.
    pub burst: u64,
}

impl Listener {
    /// A listener who expects voice from now on.
    pub fn new(buffer: Duration, now: Instant) -> Listener {
        Listener {
            jitter: Jitter::default(),
            buffer,
            playout: None,
            heard: now,
            silence: (now, Duration::ZERO),
            delays: 0.0,
            arrived: 0,
            late: 0,
            played: Vec::new(),
            burst: (0, 0),
        }
    }

    /// A packet of the stream has come.
    pub fn receive(&mut self, number: u64, sent: Instant, now: Instant) {
        self.jitter.update(sent, now);
        self.gap(now);
        let joined = self.arrived > 0 && now - self.heard <= TOGETHER;
        self.burst.0 = if joined { self.burst.0 + 1 } else { 1 };
        self.burst.1 = self.burst.1.max(self.burst.0);
        self.heard = now;
        self.arrived += 1;
        self.delays += (now - sent).seconds();
        let buffer = self.buffer;
        let playout = *self.playout.get_or_insert_with(|| (now - sent) + buffer);
        if now > sent + playout {
            self.late += 1;
        } else {
            self.played.push(number);
        }
    }

    fn gap(&mut self, now: Instant) {
        if now - self.heard > self.silence.1 {
            self.silence = (self.heard, now - self.heard);
        }
    }

    /// The account of a stream of `sent` packets, numbered from 0, that ended at `now`.
    pub fn account(&mut self, sent: u64, packet_time: Duration, codec: Codec, now: Instant) -> Heard {
        self.gap(now);
        self.played.sort_unstable();
        self.played.dedup();
        let share = |count: u64| if sent == 0 { 0.0 } else { count as f64 / sent as f64 };
        let unheard = share(sent.saturating_sub(self.played.len() as u64));
        let delay = if self.arrived == 0 { 0.0 } else { self.delays / self.arrived as f64 };
        // What the listener waits: the first packet's delay, the buffer, and the voice inside of a packet.
        let mouth_to_ear = self.playout.unwrap_or_default().seconds() + packet_time.seconds();
        let burst = burst_ratio(&self.played, sent);
        Heard {
            sent,
            loss: share(sent.saturating_sub(self.arrived)),
            late: share(self.late),
            jitter_most: self.jitter.most(),
            jitter_mean: self.jitter.mean(),
            delay,
            silence: self.silence.1.seconds(),
            silent_from: self.silence.0.seconds(),
            opinion: opinion(rating(mouth_to_ear, unheard, burst, codec)),
            burst: self.burst.1,
        }
    }
}

/// BurstR of G.107: the mean length of the bursts of loss over that of independent losses, 1/(1 − share); at least 1.
fn burst_ratio(played: &[u64], sent: u64) -> f64 {
    let (mut bursts, mut lost, mut next) = (0u64, 0u64, 0u64);
    for &number in played.iter().chain([&sent]) {
        if number > next {
            bursts += 1;
            lost += number - next;
        }
        next = number + 1;
    }
    if bursts == 0 || lost >= sent {
        return 1.0;
    }
    let share = lost as f64 / sent as f64;
    (lost as f64 / bursts as f64 * (1.0 - share)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_e_model_gives_its_published_values() {
        // G.107, annex B: the default R = 93.2 is a score of 4.41; table B.1's limits (4.024 is printed as 4.03).
        let limits = [(93.2, 4.41), (90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)];
        for (r, score) in limits {
            assert!((opinion(r) - score).abs() < 0.007, "{r}");
        }
        for (r, score) in [(-10.0, 1.0), (3.0, 1.0), (100.0, 4.5), (150.0, 4.5)] {
            assert_eq!(opinion(r), score);
        }
        assert_eq!(rating(0.0, 0.0, 1.0, Codec::G711), 93.2);
        // 2 % of independent loss: 95 · 2/(2 + 4.3) without concealment.
        assert!((rating(0.0, 0.02, 1.0, Codec::G711) - (93.2 - 190.0 / 6.3)).abs() < 1e-12);
        assert!((rating(0.2, 0.0, 1.0, Codec::G711) - (93.2 - 4.8 - 0.11 * 22.7)).abs() < 1e-12);
        assert!(rating(0.0, 0.02, 2.0, Codec::G711) < rating(0.0, 0.02, 1.0, Codec::G711));
    }

    #[test]
    fn jitter_follows_its_recursion() {
        let ms = |n: u64| Instant::START + Duration::from_millis(n);
        let mut jitter = Jitter::default();
        // Sent every 20 ms; one comes 16 ms late, so D is 16 ms and then −16 ms.
        for (sent, arrived) in [(0, 5), (20, 25), (40, 61), (60, 65), (80, 85)] {
            jitter.update(ms(sent), ms(arrived));
        }
        let (first, second) = (1e-3, 1e-3 + (16e-3 - 1e-3) / 16.0);
        assert!((jitter.most() - second).abs() < 1e-12);
        let last = second - second / 16.0;
        assert!((jitter.mean() - (0.0 + first + second + last) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn loss_lateness_silence_and_bursts_are_told_apart() {
        let ms = |n: u64| Instant::START + Duration::from_millis(n);
        let ptime = Duration::from_millis(20);
        let mut listener = Listener::new(Duration::from_millis(40), Instant::START);
        for number in 0..100u64 {
            let delay = match number {
                // Lost.
                50..60 => continue,
                // 41 ms later than the first: discarded.
                70 => 51,
                71 => 50,
                _ => 10,
            };
            listener.receive(number, ms(20 * number), ms(20 * number + delay));
        }
        let heard = listener.account(100, ptime, Codec::G711, ms(2000));
        assert_eq!((heard.loss, heard.late), (0.1, 0.01));
        assert_eq!((heard.silence, heard.silent_from), (0.22, 0.99));
        // Two bursts of 11 packets in all, 11 % of loss.
        let burst = 5.5 * 0.89;
        assert!((heard.opinion - opinion(rating(0.07, 0.11, burst, Codec::G711))).abs() < 1e-12);
    }
}
