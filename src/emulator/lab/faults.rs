//! What a fault does.

use super::{Lab, Server, What};
use crate::dist::Law;
use crate::emulator::plan::{Trouble, Whom};
use crate::emulator::replicator::{Machine, Mode, Replica};
use crate::emulator::time::Duration;

impl Lab<'_> {
    /// A fault of the plan.
    pub(super) fn strike(&mut self, index: usize) {
        let plan = self.plan;
        match &plan.faults[index].what {
            Trouble::HostCrash(whom) => {
                let machine = self.whom(*whom);
                self.power_off(machine);
            }
            Trouble::ProcessCrash(whom) => {
                let machine = self.whom(*whom);
                self.lose_process(machine);
            }
            Trouble::Stop(whom) => self.stop(*whom),
            Trouble::Hang(whom, length) => {
                let until = self.now + self.length(length);
                let machine = self.whom(*whom);
                let host = &mut self.hosts[machine.index()];
                host.hung_until = host.hung_until.max(Some(until));
                host.failed = Some(self.now);
            }
            Trouble::Slow(whom, by, length) => {
                let until = self.now + self.length(length);
                let machine = self.whom(*whom);
                self.hosts[machine.index()].slow = Some((*by, until));
            }
            Trouble::Overrun(whom, by) => {
                let machine = self.whom(*whom);
                if let Some(replica) = &mut self.hosts[machine.index()].replica {
                    replica.overrun(*by);
                }
            }
            Trouble::Diverge(whom) => {
                let machine = self.whom(*whom);
                let bits = self.troubles.draw().bits();
                if let Some(replica) = &mut self.hosts[machine.index()].replica {
                    replica.disturb(bits);
                }
            }
            Trouble::Function(whom, fault) => {
                let machine = self.whom(*whom);
                self.break_function(index, machine, fault);
            }
            Trouble::Cut(one, other, length) => {
                let until = self.now + self.length(length);
                self.network.cut(*one, *other, until);
            }
        }
    }

    pub(super) fn length(&mut self, law: &Law) -> Duration {
        Duration::from_seconds(law.sample(&mut self.troubles.draw()))
    }

    fn whom(&self, whom: Whom) -> Machine {
        let speaks = |machine: Machine| self.hosts[machine.index()].replica.as_ref().is_some_and(Replica::is_active);
        let active = if speaks(Machine::B) && !speaks(Machine::A) { Machine::B } else { Machine::A };
        match whom {
            Whom::Machine(machine) => machine,
            Whom::Active => active,
            Whom::Backup => active.other(),
        }
    }

    /// The host loses its power, and is repaired some time later.
    pub(super) fn power_off(&mut self, machine: Machine) {
        if !self.hosts[machine.index()].powered {
            return;
        }
        self.hosts[machine.index()].lose_power(self.now);
        self.watch_protection();
        self.plan_restart(machine, self.plan.repair.as_ref());
    }

    /// The server's process ends, and is started again some time later.
    pub(super) fn lose_process(&mut self, machine: Machine) {
        let host = &mut self.hosts[machine.index()];
        if host.replica.is_some() {
            host.lose_process(self.now);
            // A replicated server is a guest: its address and connections are its own, and end with it. Those of an
            // ordinary process are its host's, whose kernel goes on answering and resets.
            host.addressed &= matches!(self.plan.pair.mode, Mode::Alone | Mode::Standby);
            self.watch_protection();
            self.plan_restart(machine, self.plan.restart.as_ref());
        }
    }

    fn stop(&mut self, whom: Whom) {
        let machine = self.whom(whom);
        let host = &mut self.hosts[machine.index()];
        if let Some(replica) = &mut host.replica {
            host.failed = Some(self.now);
            replica.stop(self.now);
            self.follow(machine);
            self.plan_restart(machine, self.plan.repair.as_ref());
        }
    }

    fn plan_restart(&mut self, machine: Machine, after: Option<&Law>) {
        if let Some(law) = after {
            let at = self.now + self.length(law);
            let life = self.hosts[machine.index()].lives;
            self.at(at, What::Restart(machine, life));
        }
    }

    /// A host or process starts: it asks to join.
    pub(super) fn restart(&mut self, machine: Machine, life: u64) {
        let host = &mut self.hosts[machine.index()];
        let running = host.replica.as_ref().is_some_and(|replica| !replica.is_stopped());
        if running || host.lives != life {
            return;
        }
        let generation = host.replica.take().map_or(host.generation, |replica| replica.generation());
        let config = self.plan.pair.clone();
        let guest = Server::new(self.plan, &self.surroundings, self.seed);
        host.replica = Some(Replica::joining(config, machine, guest, generation, self.seed, self.now));
        (host.powered, host.addressed) = (true, false);
        self.follow(machine);
    }
}
