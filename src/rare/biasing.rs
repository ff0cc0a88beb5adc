//! Balanced failure biasing (Shahabuddin 1994), for any laws.
//!
//! While something recovers, failures get a stated chance of coming first, shared as [`Toward`] says. Where the clocks
//! of both are exponential their total rate is kept, so that the times tell nothing and a step weighs what its choice weighs.
//! Elsewhere half of the recoveries are drawn with a lowered hazard, since rare outages have long ones, and the hazards of
//! failures are raised: by so much that with the stated chance one of them comes before the first of the recoveries that
//! have been drawn is over. So no weight grows with the length of a recovery, whatever its law.
//! While nothing recovers the exponential failures have the same shares of their rate, and nothing else is changed.
//! Where all clocks are exponential [`Toward::lead`] chooses among failures and recoveries, and a part of the chance stays with
//! what is said here, so that no weight is without bound.
//!
//! What recovers against such odds makes a path heavier. Where a cycle holds many recoveries (of what fails often and hardly
//! matters) that would have no end, and the variance none either. So after n recoveries that led no nearer to an outage than
//! the cycle was when it began 1/(1 + n) of it is left, and it begins anew wherever the cycle comes nearer. Then what n
//! recoveries weigh, and what a failure behind them weighs, grow like powers of n, while the chance that a cycle has so
//! many falls geometrically.

use super::hazard;
use super::scheme::{Kind, Scheme, Timed};
use super::toward::Toward;
use crate::engine::Path;

/// A failure comes often that has this share of the rate of what recovers.
const FREQUENT: f64 = 0.1;

/// What the balanced biasing keeps where promises lead.
const BALANCED: f64 = 0.2;

/// By how much nearer (as ln of what a marking promises) a cycle must come for its biasing to begin anew.
const PROGRESS: f64 = 0.1;

/// The time in which failures get their chance, from the last failure or recovery to the next recovery.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Seconds.
    start: f64,
    end: f64,
}

/// A part of a cycle in which it has come nearer to an outage than before.
#[derive(Debug, Clone, Copy)]
struct Stage {
    /// How near it was at first, by [`Toward::nearness`], and [`PROGRESS`].
    base: f64,
    /// Recoveries that led no nearer.
    vain: u32,
}

/// Chooses the factors of all hazards.
#[derive(Debug, Clone)]
pub(super) struct Biasing<'p, 's> {
    scheme: &'s Scheme<'p>,
    toward: Toward<'s>,
    /// Chance that failures get together, in (0, 1).
    chance: f64,
    stretch: Option<Stretch>,
    /// Each within the one before it; never empty once a cycle has begun.
    stages: Vec<Stage>,
    /// Rate of each running exponential transition; growth of the cumulative hazard of each failure.
    amounts: Vec<f64>,
    /// What each failure has of what all get together.
    shares: Vec<f64>,
    /// As `amounts`, of all that run; and the chance that each gets of them.
    running: Vec<f64>,
    chances: Vec<f64>,
    pub factors: Vec<f64>,
}

impl<'p, 's> Biasing<'p, 's> {
    pub fn new(scheme: &'s Scheme<'p>, toward: Toward<'s>, chance: f64) -> Biasing<'p, 's> {
        let count = scheme.timed.len();
        let [amounts, shares, running, chances, factors] = [0.0, 0.0, 0.0, 0.0, 1.0].map(|value| vec![value; count]);
        let (stretch, stages) = (None, Vec::new());
        Biasing { scheme, toward, chance, stretch, stages, amounts, shares, running, chances, factors }
    }

    /// Before anything has happened.
    pub fn begin(&mut self, path: &Path<'p>) {
        self.stretch = None;
        self.stages.clear();
        let near = self.nearness(path);
        self.enter(near);
    }

    /// Takes note of a firing, before anything is chosen.
    pub fn note(&mut self, path: &Path<'p>, fired: Option<Kind>) {
        let near = self.nearness(path);
        while let [.., outer, _] = self.stages.as_slice()
            && near <= outer.base
        {
            self.stages.pop();
        }
        match self.stages.last_mut() {
            Some(stage) if near > stage.base => self.enter(near),
            Some(stage) if fired == Some(Kind::Recovery) => stage.vain = stage.vain.saturating_add(1),
            _ => {}
        }
    }

    fn enter(&mut self, near: f64) {
        self.stages.push(Stage { base: near + PROGRESS, vain: 0 });
    }

    fn nearness(&mut self, path: &Path<'p>) -> f64 {
        self.toward.nearness(path.marking())
    }

    /// What is left of the biasing after all recoveries that led nowhere, in (0, 1].
    pub fn left(&self) -> f64 {
        self.stages.last().map_or(1.0, |stage| 1.0 / (1.0 + f64::from(stage.vain)))
    }

    /// Whether recoveries that have just started are to be drawn once for all.
    pub fn looks_ahead(&self, path: &Path<'p>, recovering: bool) -> bool {
        recovering && !self.are_exponential(path)
    }

    /// Until when the factors hold if nothing fires.
    pub fn until(&self) -> f64 {
        self.stretch.map_or(f64::MAX, |stretch| stretch.end)
    }

    /// Nothing is scaled.
    pub fn stop(&mut self) {
        self.stretch = None;
        self.factors.fill(1.0);
    }

    /// Chooses the factors after a firing, or at the end of a stretch (`fired` is none).
    pub fn choose(&mut self, path: &mut Path<'p>, fired: Option<Kind>, recovering: bool) {
        self.factors.fill(1.0);
        self.assign(path, fired, recovering);
        // Rates of 10⁻³⁰⁰ can't be made likely.
        self.factors.iter_mut().filter(|factor| !factor.is_normal()).for_each(|factor| *factor = 1.0);
    }

    fn assign(&mut self, path: &mut Path<'p>, fired: Option<Kind>, recovering: bool) {
        if self.are_exponential(path) {
            self.stretch = None;
            return self.share(path);
        }
        if !recovering {
            self.stretch = None;
            return self.level(path);
        }
        let now = path.now();
        self.stretch = match self.stretch {
            Some(stretch) if now < stretch.end && !matches!(fired, Some(Kind::Failure | Kind::Recovery)) => {
                Some(stretch)
            }
            _ => self.recovered(path).map(|end| Stretch { start: now, end }),
        };
        if let Some(stretch) = self.stretch {
            self.raise(path, stretch);
        }
    }

    /// Whether every running clock that fails or recovers is exponential, and can be scaled.
    fn are_exponential(&self, path: &Path<'p>) -> bool {
        let exponential = |timed: &Timed| timed.kind == Kind::Background || timed.is_memoryless();
        self.scheme.timed.iter().all(|timed| exponential(timed) || !path.is_running(&timed.seat))
    }

    /// Rates of the running exponential transitions: of failures, and of what recovers.
    fn rates(&mut self, path: &Path<'p>) -> (f64, f64) {
        let (mut failing, mut recovering) = (0.0, 0.0);
        for (timed, amount) in self.scheme.timed.iter().zip(&mut self.amounts) {
            *amount = 0.0;
            let Some(law) = timed.law.filter(|law| timed.scalable && law.is_exponential()) else { continue };
            let mut clocks = 0.0;
            path.visit(&timed.seat, &mut |_, _| clocks += 1.0);
            *amount = clocks * path.speed(&timed.seat) / law.mean();
            match timed.kind {
                Kind::Failure => failing += *amount,
                Kind::Recovery => recovering += *amount,
                _ => *amount = 0.0,
            }
        }
        (failing, recovering)
    }

    /// Shares of the failures whose amounts aren't 0; false when there are none.
    fn apportion(&mut self, path: &Path<'p>) -> bool {
        let mut any = false;
        for ((timed, amount), share) in self.scheme.timed.iter().zip(&self.amounts).zip(&mut self.shares) {
            let fails = timed.kind == Kind::Failure && *amount > 0.0;
            *share = f64::from(fails);
            any |= fails;
        }
        if any {
            self.toward.share(path.marking(), &self.amounts, &mut self.shares);
        }
        any
    }

    /// Leaves as they are the failures that come often anyway and lead nowhere: each that was slowed down would weigh more,
    /// and of many during one recovery the weights would have no end. Gives the rate of those that remain.
    fn leave(&mut self, recovering: f64) -> f64 {
        let often = FREQUENT * recovering;
        let (mut failing, mut shared) = (0.0, 0.0);
        let failures = self.scheme.timed.iter().enumerate().filter(|(_, timed)| timed.kind == Kind::Failure);
        for (index, _) in failures {
            if recovering > 0.0 && self.amounts[index] > often && self.toward.leads_aside(index) {
                (self.amounts[index], self.shares[index]) = (0.0, 0.0);
            }
            failing += self.amounts[index];
            shared += self.shares[index];
        }
        let left = self.left();
        for (share, amount) in self.shares.iter_mut().zip(&self.amounts).filter(|(share, _)| **share > 0.0) {
            *share = left * *share / shared + (1.0 - left) * amount / failing;
        }
        failing
    }

    /// The total rate of failures and recoveries is kept.
    fn share(&mut self, path: &Path<'p>) {
        let (failing, recovering) = self.rates(path);
        if !(failing + recovering).is_finite() {
            return;
        }
        self.running.copy_from_slice(&self.amounts);
        self.balance(path, recovering);
        if self.toward.lead(path.marking(), &self.running, &mut self.chances) {
            let balanced = BALANCED * self.left();
            let leading = (1.0 - balanced) * (failing + recovering);
            for ((factor, rate), chance) in self.factors.iter_mut().zip(&self.running).zip(&self.chances) {
                if *rate > 0.0 {
                    *factor = leading * chance / rate + balanced * *factor;
                }
            }
        }
    }

    /// Failures have their chance of the total rate.
    fn balance(&mut self, path: &Path<'p>, recovering: f64) {
        if !self.apportion(path) {
            return;
        }
        let failing = self.leave(recovering);
        let total = failing + recovering;
        let natural = failing / total;
        let chance = if recovering > 0.0 { natural.max(self.left() * self.chance) } else { 1.0 };
        let other = if chance > natural { (1.0 - chance) * total / recovering } else { 1.0 };
        for (index, (timed, rate)) in self.scheme.timed.iter().zip(&self.amounts).enumerate() {
            if *rate > 0.0 {
                let failing = chance * total * self.shares[index] / rate;
                self.factors[index] = if timed.kind == Kind::Failure { failing } else { other };
            }
        }
    }

    /// The exponential failures have their shares, and together the same rate as before.
    fn level(&mut self, path: &Path<'p>) {
        let (failing, _) = self.rates(path);
        if !self.apportion(path) {
            return;
        }
        for (index, (timed, rate)) in self.scheme.timed.iter().zip(&self.amounts).enumerate() {
            if timed.kind == Kind::Failure && *rate > 0.0 {
                self.factors[index] = failing * self.shares[index] / rate;
            }
        }
    }

    /// When the first of the running recoveries is over; none when that can't be said.
    fn recovered(&self, path: &mut Path<'p>) -> Option<f64> {
        let recoveries = self.scheme.timed.iter().filter(|timed| timed.kind == Kind::Recovery);
        let first = recoveries.map(|timed| path.due(&timed.seat)).fold(f64::INFINITY, f64::min);
        Some(first).filter(|due| due.is_finite() && *due > path.now())
    }

    /// Failures have their chance within a stretch.
    fn raise(&mut self, path: &Path<'p>, stretch: Stretch) {
        let left = stretch.end - path.now();
        for (timed, amount) in self.scheme.timed.iter().zip(&mut self.amounts) {
            *amount = 0.0;
            if timed.kind != Kind::Failure || !timed.scalable {
                continue;
            }
            let Some(law) = timed.law else { continue };
            let progress = left * path.speed(&timed.seat);
            path.visit(&timed.seat, &mut |age, _| *amount += hazard::growth(law, age, progress));
        }
        if !self.apportion(path) {
            return;
        }
        let wanted = -libm::log1p(-self.left() * self.chance) * left / (stretch.end - stretch.start);
        for (index, growth) in self.amounts.iter().enumerate() {
            if *growth > 0.0 {
                self.factors[index] = (wanted * self.shares[index] / growth).max(1.0);
            }
        }
    }
}
