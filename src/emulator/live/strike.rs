//! What the faults of a plan do to the processes of a live run.

use super::child::CLIENTS;
use super::pair::{Pair, What};
use super::wire::Order;
use crate::dist::Law;
use crate::emulator::lab::blows::LEAST_BETWEEN;
use crate::emulator::plan::{FunctionFault, Trouble, Whom};
use crate::emulator::replicator::{Machine, Mode};
use crate::emulator::sip_actors::Failure;
use crate::emulator::time::{Duration, Instant};

/// What is left of a machine that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing: it is without power.
    Nothing,
    /// Its host's kernel, if the server was an ordinary process.
    Kernel,
}

impl<'j> Pair<'j> {
    pub(super) fn strike(&mut self, index: usize) {
        let plan = &self.case.plan;
        let now = self.clock.now();
        match &plan.faults[index].what {
            Trouble::HostCrash(whom) => self.down(self.whom(*whom), now, Left::Nothing),
            Trouble::ProcessCrash(whom) => self.down(self.whom(*whom), now, Left::Kernel),
            Trouble::Stop(whom) => {
                let machine = self.whom(*whom);
                if let Some(process) = &self.processes[machine.index()] {
                    self.book.failing(machine, now);
                    process.order(&Order::Stop);
                    self.plan_restart(machine, plan.repair.as_ref());
                }
            }
            Trouble::Hang(whom, length) => {
                let until = now + self.length(length);
                self.suspend(self.whom(*whom), until);
            }
            Trouble::Slow(whom, by, length) => {
                let until = now + self.length(length);
                self.tell(self.whom(*whom), &Order::Slow(*by, until));
            }
            Trouble::Overrun(whom, by) => self.tell(self.whom(*whom), &Order::Overrun(*by)),
            Trouble::Diverge(whom) => {
                let bits = self.troubles.draw().bits();
                self.tell(self.whom(*whom), &Order::Diverge(bits));
            }
            Trouble::Function(whom, fault) => self.break_function(index, self.whom(*whom), fault),
            Trouble::Cut(one, other, length) => {
                let until = now + self.length(length);
                // Whoever sends or hears over the link drops what is cut.
                self.processes.iter().flatten().for_each(|process| process.order(&Order::Cut(*one, *other, until)));
            }
        }
    }

    fn break_function(&mut self, index: usize, machine: Machine, fault: &FunctionFault) {
        let (number, function) = self.book.blow(self.run, fault);
        let failure = Failure { fault: number, function, poison: fault.poison, cure: fault.cure };
        self.tell(machine, &Order::Fail(failure));
        if let Some(law) = &fault.every {
            let again = self.clock.now() + self.length(law).max(LEAST_BETWEEN);
            self.line.push(again, What::Fault(index));
        }
    }

    pub(super) fn tell(&self, machine: Machine, order: &Order) {
        if let Some(process) = &self.processes[machine.index()] {
            process.order(order);
        }
    }

    fn length(&mut self, law: &Law) -> Duration {
        Duration::from_seconds(law.sample(&mut self.troubles.draw()))
    }

    fn whom(&self, whom: Whom) -> Machine {
        match whom {
            Whom::Machine(machine) => machine,
            Whom::Active => self.active,
            Whom::Backup => self.active.other(),
        }
    }

    /// The machine's process stands still (SIGSTOP) until then.
    fn suspend(&mut self, machine: Machine, until: Instant) {
        if let Some(process) = &self.processes[machine.index()] {
            process.suspend();
            let hung = &mut self.hung[machine.index()];
            *hung = (*hung).max(until);
            self.book.hung(machine, self.clock.now());
            self.line.push(until, What::Awake(machine, self.lives[machine.index()]));
        }
    }

    /// It goes on, unless it has been struck down since, or is to stand still for longer.
    pub(super) fn awake(&mut self, machine: Machine, life: u64) {
        let own = machine.index();
        if self.lives[own] == life && self.clock.now() >= self.hung[own] {
            self.book.awoke(machine, self.clock.now());
            if let Some(process) = &self.processes[own] {
                process.resume();
            }
        }
    }

    /// The machine's process is killed, and started again some time later.
    pub(super) fn down(&mut self, machine: Machine, at: Instant, left: Left) {
        let own = machine.index();
        let Some(mut process) = self.processes[own].take() else { return };
        process.kill();
        self.lives[own] += 1;
        self.hung[own] = Instant::START;
        self.book.failed(machine, at);
        let plan = &self.case.plan;
        let ordinary = matches!(plan.pair.mode, Mode::Alone | Mode::Standby);
        if left == Left::Kernel && ordinary && self.active == machine {
            self.bare(machine, true);
        }
        self.plan_restart(machine, if left == Left::Kernel { plan.restart.as_ref() } else { plan.repair.as_ref() });
    }

    /// Tells the clients' process whether there is only a kernel behind the machine's port.
    pub(super) fn bare(&self, machine: Machine, bare: bool) {
        if let Some(clients) = &self.processes[CLIENTS] {
            clients.order(&Order::Bare(machine, bare));
        }
    }

    fn plan_restart(&mut self, machine: Machine, after: Option<&'j Law>) {
        if let Some(law) = after {
            let length = self.length(law);
            self.line.push(self.clock.now() + length, What::Restart(machine, self.lives[machine.index()]));
        }
    }
}
