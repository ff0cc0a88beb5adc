//! The links between the machines and the clients: one ordered list of rules, of which the first that fits decides.

use crate::dist::Law;
use crate::emulator::replicator::Machine;
use crate::emulator::time::{Duration, Instant};
use crate::rng::{Stream, StreamKey};
use serde::{Deserialize, Serialize};

/// A part of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Node {
    /// Machine A.
    A,
    /// Machine B.
    B,
    /// The clients' side.
    Clients,
}

impl From<Machine> for Node {
    fn from(machine: Machine) -> Node {
        match machine {
            Machine::A => Node::A,
            Machine::B => Node::B,
        }
    }
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// Frames between the machines.
    Frames,
    /// Voice packets.
    Voice,
    /// Everything else of clients.
    Signalling,
    /// Questions, answers and announcements of ARP.
    Arp,
}

/// What happens to what fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// From where; none: from anywhere.
    pub from: Option<Node>,
    /// To where; none: to anywhere.
    pub to: Option<Node>,
    /// What; none: everything.
    pub traffic: Option<Traffic>,
    /// From when on.
    pub since: Instant,
    /// Until when.
    pub until: Instant,
    /// Probability of being lost.
    pub loss: f64,
    /// Time on the way; none: the link's own.
    pub delay: Option<Law>,
    /// Probability of being overtaken.
    pub reorder: f64,
    /// How much later what is overtaken comes.
    pub by: Duration,
}

/// The network of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Time on the way between clients and machines.
    pub clients: Law,
    /// Time on the way between the machines.
    pub machines: Law,
    /// In order.
    pub rules: Vec<Rule>,
}

/// The network of a run.
#[derive(Debug, Clone)]
pub struct Network<'p> {
    rules: &'p Rules,
    cuts: Vec<(Node, Node, Instant)>,
    /// When the last packet from and to each node arrives: what isn't overtaken keeps its order.
    last: [[Instant; 3]; 3],
    stream: Stream,
}

impl<'p> Network<'p> {
    /// The network of one run.
    pub fn new(rules: &'p Rules, seed: u64, run: u64) -> Network<'p> {
        let stream = StreamKey::of("emulator.network").stream(seed, run);
        Network { rules, cuts: Vec::new(), last: [[Instant::START; 3]; 3], stream }
    }

    /// Nothing passes between two nodes, either way, until then.
    pub fn cut(&mut self, one: Node, other: Node, until: Instant) {
        self.cuts.push((one, other, until));
    }

    /// When what is sent now arrives; none: it is lost.
    pub fn send(&mut self, now: Instant, from: Node, to: Node, traffic: Traffic) -> Option<Instant> {
        let between = |a: Node, b: Node| (a, b) == (from, to) || (b, a) == (from, to);
        if self.cuts.iter().any(|&(one, other, until)| now < until && between(one, other)) {
            return None;
        }
        let fits = |rule: &&Rule| {
            rule.from.is_none_or(|node| node == from)
                && rule.to.is_none_or(|node| node == to)
                && rule.traffic.is_none_or(|kind| kind == traffic)
                && (rule.since..rule.until).contains(&now)
        };
        let rule = self.rules.rules.iter().find(fits);
        let own = if from == Node::Clients || to == Node::Clients { &self.rules.clients } else { &self.rules.machines };
        let mut draw = self.stream.draw();
        let mut overtaken = None;
        if let Some(rule) = rule {
            if rule.loss > 0.0 && draw.uniform() < rule.loss {
                return None;
            }
            overtaken = (rule.reorder > 0.0 && draw.uniform() < rule.reorder).then_some(rule.by);
        }
        let delay = rule.and_then(|rule| rule.delay.as_ref()).unwrap_or(own);
        let arrival = now + Duration::from_seconds(delay.sample(&mut draw));
        if let Some(by) = overtaken {
            return Some(arrival + by);
        }
        let last = &mut self.last[from as usize][to as usize];
        *last = arrival.max(*last);
        Some(*last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::START + Duration::from_millis(millis)
    }

    fn rule() -> Rule {
        let (since, until) = (Instant::START, Instant::from_nanos(u64::MAX));
        Rule {
            from: None,
            to: None,
            traffic: None,
            since,
            until,
            loss: 0.0,
            delay: None,
            reorder: 0.0,
            by: Duration::ZERO,
        }
    }

    fn constant(millis: f64) -> Law {
        Law::Deterministic { value: millis / 1e3 }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = vec![
            Rule { from: Some(Node::A), until: at(100), loss: 1.0, ..rule() },
            Rule { traffic: Some(Traffic::Voice), delay: Some(constant(7.0)), ..rule() },
            Rule { loss: 1.0, to: Some(Node::B), ..rule() },
        ];
        let rules = Rules { clients: constant(5.0), machines: constant(1.0), rules };
        let mut network = Network::new(&rules, 1, 0);
        assert_eq!(network.send(at(50), Node::A, Node::Clients, Traffic::Voice), None);
        assert_eq!(network.send(at(100), Node::A, Node::Clients, Traffic::Voice), Some(at(107)));
        assert_eq!(network.send(at(100), Node::Clients, Node::B, Traffic::Voice), Some(at(107)));
        assert_eq!(network.send(at(100), Node::Clients, Node::B, Traffic::Arp), None);
        assert_eq!(network.send(at(100), Node::B, Node::A, Traffic::Frames), Some(at(101)));
        network.cut(Node::A, Node::B, at(200));
        assert_eq!(network.send(at(150), Node::B, Node::A, Traffic::Frames), None);
        assert_eq!(network.send(at(150), Node::A, Node::B, Traffic::Frames), None);
        assert_eq!(network.send(at(200), Node::B, Node::A, Traffic::Frames), Some(at(201)));
    }

    #[test]
    fn order_is_kept_unless_it_is_to_be_broken() {
        let uniform = Law::Uniform { low: 0.0, high: 0.05 };
        let mut rules = Rules { clients: uniform, machines: constant(1.0), rules: vec![] };
        let arrivals = |rules: &Rules| -> Vec<Instant> {
            let mut network = Network::new(rules, 1, 0);
            (0..200).filter_map(|n| network.send(at(n), Node::Clients, Node::A, Traffic::Voice)).collect()
        };
        assert!(arrivals(&rules).is_sorted());
        rules.rules.push(Rule { reorder: 0.1, by: Duration::from_millis(60), ..rule() });
        assert!(!arrivals(&rules).is_sorted());
        rules.rules[0].loss = 0.5;
        let left = arrivals(&rules).len();
        // A binomial count of 200 · 0.5 lies within 5 deviations of its mean but for 1 in a million.
        assert!((65..=135).contains(&left), "{left}");
    }
}
