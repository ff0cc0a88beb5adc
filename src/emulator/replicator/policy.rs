//! Which output waits for its checkpoint: ordered rules, of which the first that fits decides.

use crate::emulator::packet::{Packet, Protocol};

/// What happens to an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It leaves when the checkpoint of its epoch has been acknowledged.
    Hold,
    /// It leaves at once: less delay, and what a lost epoch has said has been heard.
    Pass,
}

/// What a rule is about; an absent condition fits everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The transport.
    pub protocol: Option<Protocol>,
    /// The service's port.
    pub port: Option<u16>,
    /// Whether it looks like voice ([`Packet::is_rtp`]).
    pub rtp: Option<bool>,
    /// What happens to what fits.
    pub verdict: Verdict,
}

impl Rule {
    fn fits(&self, packet: &Packet) -> bool {
        self.protocol.is_none_or(|protocol| protocol == packet.flow.protocol)
            && self.port.is_none_or(|port| port == packet.flow.port)
            && self.rtp.is_none_or(|rtp| rtp == packet.is_rtp())
    }
}

/// The rules of a machine; what no rule fits is held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// In order.
    pub rules: Vec<Rule>,
}

impl Policy {
    /// Remus, "Net mode": everything is held.
    pub fn hold_all() -> Policy {
        Policy::default()
    }

    /// "No-Net mode": nothing is held.
    pub fn pass_all() -> Policy {
        Policy { rules: vec![Rule { protocol: None, port: None, rtp: None, verdict: Verdict::Pass }] }
    }

    /// Classified replication: TCP is held, the rest passes.
    pub fn hold_tcp() -> Policy {
        Policy { rules: vec![Rule { protocol: Some(Protocol::Udp), port: None, rtp: None, verdict: Verdict::Pass }] }
    }

    /// Refined classified replication: everything but voice is held.
    pub fn pass_rtp() -> Policy {
        Policy { rules: vec![Rule { protocol: None, port: None, rtp: Some(true), verdict: Verdict::Pass }] }
    }

    /// What the first rule that fits says.
    pub fn verdict(&self, packet: &Packet) -> Verdict {
        self.rules.iter().find(|rule| rule.fits(packet)).map_or(Verdict::Hold, |rule| rule.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::packet::Flow;

    #[test]
    fn the_first_rule_that_fits_decides() {
        let packet = |protocol, port, payload: &[u8]| Packet {
            flow: Flow { client: 1, protocol, port },
            payload: payload.to_vec(),
        };
        let voice = packet(Protocol::Udp, 16_384, &[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]);
        let register = packet(Protocol::Udp, 5060, b"register");
        let over_tcp = packet(Protocol::Tcp, 5060, b"register");
        let told = |policy: &Policy| [&voice, &register, &over_tcp].map(|packet| policy.verdict(packet));
        use Verdict::{Hold, Pass};
        assert_eq!(told(&Policy::hold_all()), [Hold, Hold, Hold]);
        assert_eq!(told(&Policy::pass_all()), [Pass, Pass, Pass]);
        assert_eq!(told(&Policy::hold_tcp()), [Pass, Pass, Hold]);
        assert_eq!(told(&Policy::pass_rtp()), [Pass, Hold, Hold]);
        let mut own = Policy::pass_all();
        own.rules.insert(0, Rule { protocol: None, port: Some(5060), rtp: None, verdict: Hold });
        assert_eq!(told(&own), [Pass, Hold, Hold]);
    }
}
