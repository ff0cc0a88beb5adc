//! A path under another law: hazards of clocks and chances of choices are changed, and the path carries the likelihood
//! ratio that undoes the change (Glynn and Iglehart 1989).

use super::hazard;
use super::scheme::{Kind, Scheme};
use crate::dist::Law;
use crate::engine::{Fault, Path};
use crate::net::TransitionId;
use crate::rng::Draw;

/// Share of the recoveries drawn once for all that are longer, and by what their hazards are scaled.
const LONGER: f64 = 0.5;
const HAZARD: f64 = 0.2;

/// A path with its weight.
#[derive(Debug, Clone)]
pub(super) struct Weighted<'p, 's> {
    pub path: Path<'p>,
    scheme: &'s Scheme<'p>,
    /// Factor of the hazard of each timed transition of the scheme.
    factors: Vec<f64>,
    /// Those that aren't 1.
    scaled: Vec<u32>,
    /// ln of the likelihood ratio.
    log_weight: f64,
    /// Whether the recoveries that have just started were drawn already.
    lengthened: bool,
}

impl<'p, 's> Weighted<'p, 's> {
    /// A path that still has to be forked from another.
    pub fn new(path: Path<'p>, scheme: &'s Scheme<'p>) -> Weighted<'p, 's> {
        Weighted {
            path,
            scheme,
            factors: vec![1.0; scheme.timed.len()],
            scaled: Vec::new(),
            log_weight: 0.0,
            lengthened: false,
        }
    }

    /// Begins as a copy of `other` with a future of its own, unscaled and of weight 1.
    pub fn fork(&mut self, other: &Path<'p>, seed: u64, replication: u64) {
        self.path.fork(other, seed, replication);
        self.factors.fill(1.0);
        self.scaled.clear();
        self.log_weight = 0.0;
    }

    /// ln of the likelihood ratio of what has happened.
    pub fn log_weight(&self) -> f64 {
        self.log_weight
    }

    /// As [`Path::step`], with the weight kept up to date; tells what fired.
    pub fn step(&mut self, limit: f64) -> Result<Option<TransitionId>, Fault> {
        let next = self.path.upcoming().filter(|(due, _)| *due <= limit);
        let end = next.map_or(limit, |(due, _)| due);
        self.survive(end - self.path.now());
        if let Some(index) = next.and_then(|(_, transition)| self.scheme.index(transition)) {
            self.log_weight -= libm::log(self.factors[index]);
        }
        self.path.step(limit, &mut ())?;
        self.log_weight += self.path.take_log_ratio();
        Ok(next.map(|(_, transition)| transition))
    }

    /// Nothing scaled has fired for a while.
    fn survive(&mut self, time: f64) {
        if time <= 0.0 {
            return;
        }
        for &index in &self.scaled {
            let timed = &self.scheme.timed[index as usize];
            let Some(law) = timed.law else { continue };
            let progress = time * self.path.speed(&timed.seat);
            let mut growth = 0.0;
            self.path.visit(&timed.seat, &mut |age, _| growth += hazard::growth(law, age, progress));
            self.log_weight += (self.factors[index as usize] - 1.0) * growth;
        }
    }

    /// Draws the recoveries that have just started once for all, some of them longer: the weight of a delay counts from
    /// its start, so that what else is chosen may depend on when it will end. Since half of them are as long as ever no weight
    /// exceeds 1/(1 − LONGER), and that of a delay that turns out not to matter hardly varies (Hesterberg 1995).
    /// Only the share `left` of them is treated so, in (0, 1].
    pub fn lengthen(&mut self, left: f64) {
        let longer = LONGER * left;
        for (index, timed) in self.scheme.timed.iter().enumerate() {
            if timed.kind != Kind::Recovery || !timed.scalable {
                continue;
            }
            let rescaled = std::mem::replace(&mut self.factors[index], 1.0) != 1.0;
            let mut started = false;
            self.path.visit(&timed.seat, &mut |_, now| started |= now);
            let log_weight = &mut self.log_weight;
            let draw = &mut |law: &Law, age, draw: &mut Draw| {
                let factor = if draw.uniform() < longer { HAZARD } else { 1.0 };
                let growth = -libm::log(draw.uniform()) / factor;
                let ratio = 1.0 - longer + longer * HAZARD * libm::exp((1.0 - HAZARD) * growth);
                *log_weight -= libm::log(ratio);
                hazard::time(law, age, growth)
            };
            if rescaled {
                self.path.redraw(&timed.seat, draw);
            } else if started {
                self.path.redraw_started(&timed.seat, draw);
            }
        }
        self.lengthened = true;
    }

    /// Scales the hazards by these factors from now on. What is left of a clock is drawn anew where its factor has
    /// changed, and where a scaled clock has just started; that depends on nothing that was drawn for later.
    pub fn scale(&mut self, factors: &[f64]) {
        self.scaled.clear();
        let lengthened = std::mem::take(&mut self.lengthened);
        for (index, timed) in self.scheme.timed.iter().enumerate() {
            let factor = factors[index];
            let changed = std::mem::replace(&mut self.factors[index], factor) != factor;
            if factor != 1.0 {
                self.scaled.push(index as u32);
            }
            if !changed && factor == 1.0 && !timed.keeps || !timed.scalable {
                continue;
            }
            let mut started = false;
            self.path.visit(&timed.seat, &mut |_, now| started |= now);
            let drawn = lengthened && timed.kind == Kind::Recovery;
            if changed || started && !drawn {
                let draw = |law: &_, age, draw: &mut Draw| match factor == 1.0 {
                    true => Law::sample_residual(law, age, draw),
                    false => hazard::time(law, age, -libm::log(draw.uniform()) / factor),
                };
                self.path.redraw(&timed.seat, &mut { draw });
            }
        }
    }
}
