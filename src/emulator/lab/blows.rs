//! Faults of the server's functions, and what became of each.

use super::{Lab, Server};
use crate::emulator::guest::Guest;
use crate::emulator::plan::FunctionFault;
use crate::emulator::replicator::Machine;
use crate::emulator::server::EXPIRES;
use crate::emulator::sip_actors::{Failure, Function, Note};
use crate::emulator::time::{Duration, Instant};

/// A fault of a function, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Blow {
    /// Which function.
    pub function: Function,
    /// When it failed first; none: there was nobody whom the fault could strike.
    pub failed: Option<Instant>,
    /// How often it failed.
    pub failures: u64,
    /// Who gave up, in order; none: the guardian.
    pub escalated: Vec<Option<Function>>,
    /// How often the process ended.
    pub ends: u64,
    /// When everything ran again after its last failure.
    pub recovered: Option<Instant>,
    /// When a registration was answered that had begun after its first failure.
    pub registered: Option<Instant>,
    /// When a call was answered that had begun after its first failure.
    pub called: Option<Instant>,
}

impl Blow {
    /// A fault that is about to strike.
    pub(in crate::emulator) fn of(function: Function) -> Blow {
        Blow {
            function,
            failed: None,
            failures: 0,
            escalated: Vec::new(),
            ends: 0,
            recovered: None,
            registered: None,
            called: None,
        }
    }

    /// Writes down what became of it; whether that was its first failure.
    pub(in crate::emulator) fn note(&mut self, at: Instant, note: Note) -> bool {
        match note {
            Note::Missed => {}
            Note::Failed => {
                self.failures += 1;
                self.recovered = None;
                return self.failed.replace(self.failed.unwrap_or(at)).is_none();
            }
            Note::Escalated(to) => self.escalated.push(to),
            Note::Died => self.ends += 1,
        }
        false
    }
}

impl Lab<'_> {
    /// A fault in a function of the active machine's server, or of the one that is asked for.
    pub(super) fn break_function(&mut self, index: usize, machine: Machine, fault: &FunctionFault) {
        let all = Function::ALL;
        let function = fault.function.unwrap_or(all[(self.seed.1 % all.len() as u64) as usize]);
        let failure = Failure { fault: self.record.blows.len(), function, poison: fault.poison, cure: fault.cure };
        self.record.blows.push(Blow::of(function));
        if let Some(replica) = &mut self.hosts[machine.index()].replica {
            replica.fail(self.now, &failure);
            self.follow(machine);
        }
        if let Some(law) = &fault.every {
            let again = self.now + self.length(law).max(LEAST_BETWEEN);
            self.at(again, super::What::Fault(index));
        }
    }

    /// Writes down what became of the faults.
    pub(super) fn note_faults(&mut self) {
        let mut surroundings = super::lock(&self.surroundings);
        while let Some((at, fault, note)) = surroundings.poll_note() {
            let Some(blow) = self.record.blows.get_mut(fault) else { continue };
            if blow.note(at, note) {
                self.unanswered.push(fault);
            }
            if note == Note::Failed {
                self.unrecovered.insert(fault);
            }
        }
    }

    /// Whether everything runs again that the faults have brought down.
    pub(super) fn watch_recovery(&mut self) {
        if self.unrecovered.is_empty() || !self.active_server().is_some_and(Server::is_whole) {
            return;
        }
        for fault in std::mem::take(&mut self.unrecovered) {
            self.record.blows[fault].recovered = Some(self.now);
        }
    }

    fn active_server(&self) -> Option<&Server> {
        let replicas = self.hosts.iter().filter_map(|host| host.replica.as_ref());
        replicas.filter(|replica| replica.is_active()).map(|replica| replica.guest()).find(|guest| !guest.is_dead())
    }

    /// A request that had begun then was answered.
    pub(super) fn watch_answers(&mut self) {
        let Some((began, is_call)) = self.agents.answered.take() else { return };
        let now = self.now;
        let blows = &mut self.record.blows;
        self.unanswered.retain(|fault| {
            let blow = &mut blows[*fault];
            if blow.failed.is_some_and(|failed| failed <= began) {
                let first = if is_call { &mut blow.called } else { &mut blow.registered };
                first.get_or_insert(now);
            }
            blow.called.is_none() || blow.registered.is_none()
        });
    }

    /// Users whose registration was acknowledged, and how many of them the service doesn't know in the end.
    pub(super) fn count_bindings(&mut self) {
        let server = self.active_server();
        let lately = |at: Instant| self.now - at + EXPIRY_MARGIN < EXPIRES;
        let acknowledged: Vec<u32> =
            self.agents.acknowledged.iter().filter(|(_, at)| lately(**at)).map(|(user, _)| *user).collect();
        let lost = |user: &&u32| !server.is_some_and(|server| server.is_bound(self.now, **user));
        self.record.bindings = [acknowledged.len() as u64, acknowledged.iter().filter(lost).count() as u64];
    }
}

/// Bindings that end soon are not missed.
const EXPIRY_MARGIN: Duration = Duration::from_secs(120);
/// Least time from one fault to the next of a kind.
pub(in crate::emulator) const LEAST_BETWEEN: Duration = Duration::from_millis(1);
