//! Rewards: downtime and failures of every `up` condition, integrals and impulses of the measures (S14).

use super::Observer;
use super::fault::{Problem, Who};
use super::reuse::reusing_clone;
use crate::program::{Code, Program};

/// What is collected along a path.
#[derive(Debug)]
pub(super) struct Rewards<'p> {
    program: &'p Program,
    ups: Vec<Up>,
    averages: Vec<Average>,
    /// Impulses since the last observation, by sum index.
    impulses: Vec<f64>,
    /// Firings counted by each rate at the last observation.
    counted: Vec<u64>,
    window: f64,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
}

reusing_clone!(Rewards<'p>, program, ups, averages, impulses, counted, window, dirty, is_dirty);

/// One `up` condition.
#[derive(Debug, Clone, Default)]
struct Up {
    is_up: bool,
    /// Downtime in this window is counted up to here.
    since: f64,
    downtime: f64,
    failures: f64,
    /// Start of the present outage, or of the last one.
    start: f64,
    /// End of the last outage while it isn't told yet.
    ended: Option<f64>,
    first: Option<f64>,
    /// Whether the present outage began with the path, and so is no failure.
    initial: bool,
}

/// A reward that is integrated over time.
#[derive(Debug, Clone, Default)]
struct Average {
    value: f64,
    since: f64,
    integral: f64,
}

impl<'p> Rewards<'p> {
    pub fn new(program: &'p Program) -> Rewards<'p> {
        let ups = program.up.len();
        Rewards {
            program,
            ups: vec![Up::default(); ups],
            averages: vec![Average::default(); program.rewards.len() - ups],
            impulses: vec![0.0; program.sums],
            counted: vec![0; program.rates.len()],
            window: 0.0,
            dirty: Vec::with_capacity(program.rewards.len()),
            is_dirty: vec![false; program.rewards.len()],
        }
    }

    /// Forgets the impulses of the last path, before the first firing of this one.
    pub fn clear(&mut self) {
        self.impulses.fill(0.0);
        self.counted.fill(0);
    }

    /// Starts the first window in the first tangible marking; the immediates that led to it count.
    pub fn begin(&mut self, marking: &[u32]) -> Result<(), Problem> {
        self.window = 0.0;
        self.dirty.clear();
        self.is_dirty.fill(false);
        for (up, code) in self.ups.iter_mut().zip(&self.program.rewards) {
            let is_up = code.holds(marking);
            *up = Up { is_up, initial: !is_up, ..Up::default() };
        }
        for index in self.ups.len()..self.program.rewards.len() {
            let value = self.value(index, marking)?;
            self.averages[index - self.ups.len()] = Average { value, since: 0.0, integral: 0.0 };
        }
        Ok(())
    }

    /// These may have changed.
    #[inline(always)]
    pub fn mark(&mut self, rewards: &[u32]) {
        for &reward in rewards {
            if !self.is_dirty[reward as usize] {
                self.is_dirty[reward as usize] = true;
                self.dirty.push(reward);
            }
        }
    }

    /// All of them may have changed.
    pub fn mark_all(&mut self) {
        (0..self.program.rewards.len() as u32).for_each(|reward| self.mark(&[reward]));
    }

    /// Evaluates what may have changed, in a tangible marking.
    #[inline(always)]
    pub fn revise<O: Observer>(&mut self, marking: &[u32], now: f64, observer: &mut O) -> Result<(), Problem> {
        while let Some(reward) = self.dirty.pop() {
            let index = reward as usize;
            self.is_dirty[index] = false;
            if let Some(up) = self.ups.get_mut(index) {
                let is_up = self.program.rewards[index].holds(marking);
                if is_up != up.is_up {
                    if is_up {
                        up.recover(now)
                    } else {
                        up.fail(now, index, observer)
                    }
                    observer.changed(now, index, is_up);
                }
            } else {
                let value = self.value(index, marking)?;
                let average = &mut self.averages[index - self.ups.len()];
                average.integral += average.value * (now - average.since);
                (average.value, average.since) = (value, now);
            }
        }
        Ok(())
    }

    #[inline]
    fn value(&self, index: usize, marking: &[u32]) -> Result<f64, Problem> {
        let value = self.program.rewards[index].evaluate(marking);
        if value.is_finite() {
            return Ok(value);
        }
        Err(Problem { who: Who::Reward(index), message: format!("its reward is {value} in a marking") })
    }

    /// Adds the amounts of a firing's impulses; the error is the message.
    pub fn impulses(&mut self, impulses: &[(usize, Code)], marking: &[u32]) -> Result<(), String> {
        for (sum, amount) in impulses {
            let amount = amount.evaluate(marking);
            if !amount.is_finite() {
                return Err(format!("an impulse is {amount}"));
            }
            self.impulses[*sum] += amount;
        }
        Ok(())
    }

    pub fn take(&mut self, now: f64, fired: &[u64], sums: &mut [f64]) {
        sums[Program::TIME] += now - self.window;
        self.window = now;
        for (index, up) in self.ups.iter_mut().enumerate() {
            if !up.is_up {
                up.downtime += now - up.since;
                up.since = now;
            }
            sums[Program::down(index)] += std::mem::take(&mut up.downtime);
            sums[Program::failures(index)] += std::mem::take(&mut up.failures);
        }
        for (average, &sum) in self.averages.iter_mut().zip(&self.program.reward_sums) {
            average.integral += average.value * (now - average.since);
            average.since = now;
            sums[sum] += std::mem::take(&mut average.integral);
        }
        for ((sum, transitions), counted) in self.program.rates.iter().zip(&mut self.counted) {
            let count: u64 = transitions.iter().map(|t| fired[t.0 as usize]).sum();
            sums[*sum] += (count - std::mem::replace(counted, count)) as f64;
        }
        for (sum, impulse) in sums.iter_mut().zip(&mut self.impulses) {
            *sum += std::mem::take(impulse);
        }
    }

    /// Tells the outages that are over for certain by `now`.
    pub fn tell_outages<O: Observer>(&mut self, now: f64, observer: &mut O) {
        for (index, up) in self.ups.iter_mut().enumerate() {
            if let Some(end) = up.ended.take_if(|end| *end < now) {
                observer.outage(index, up.start, end);
            }
        }
    }

    pub fn is_up(&self, up: usize) -> bool {
        self.ups[up].is_up
    }

    pub fn average(&self, index: usize) -> f64 {
        self.averages[index].value
    }

    pub fn first_failure(&self, up: usize) -> Option<f64> {
        self.ups[up].first
    }
}

impl Up {
    #[inline]
    fn fail<O: Observer>(&mut self, now: f64, index: usize, observer: &mut O) {
        self.is_up = false;
        self.since = now;
        if now == 0.0 {
            // The first up period had no length either: the path begins in an outage (S14).
            (self.start, self.initial) = (now, true);
            return;
        }
        match self.ended.take() {
            // The up period had no length: the outage goes on (S14).
            Some(end) if end == now => return,
            Some(end) => observer.outage(index, self.start, end),
            None => {}
        }
        self.start = now;
        self.initial = false;
        self.failures += 1.0;
        self.first.get_or_insert(now);
    }

    #[inline]
    fn recover(&mut self, now: f64) {
        self.is_up = true;
        self.downtime += now - self.since;
        if now > self.start {
            self.ended = Some(now);
            return;
        }
        // The outage had no length: there was none (S14).
        if !self.initial {
            self.failures -= 1.0;
            self.first.take_if(|first| *first == now);
        }
    }
}
