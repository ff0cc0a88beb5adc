//! The tree against sequences computed by hand, and what holds whatever fails.

use super::limit::{Limit, Rule};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A tree of numbered actors; a message is a sequence number and a list of those to whom it is passed on.
#[derive(Debug, Clone)]
struct Toy {
    parents: Vec<Option<u8>>,
    directives: Vec<Directive>,
    limit: Limit,
    capacity: Capacity,
    service: Duration,
    restart: Duration,
    restored: bool,
}

impl Blueprint for Toy {
    type Address = u8;
    type Message = (u32, Vec<u8>);
    type State = u32;
    type Output = (u8, u32, u32);

    fn root(&self) -> u8 {
        0
    }
    fn parent(&self, actor: u8) -> Option<u8> {
        self.parents[usize::from(actor)]
    }
    fn children(&self, actor: u8) -> Vec<u8> {
        (0..self.parents.len() as u8).filter(|child| self.parents[usize::from(*child)] == Some(actor)).collect()
    }
    fn directive(&self, actor: u8) -> Directive {
        self.directives[usize::from(actor)]
    }
    fn limit(&self) -> Limit {
        self.limit
    }
    fn capacity(&self) -> Capacity {
        self.capacity
    }
    fn start(&self, _: u8) -> u32 {
        0
    }
    fn restart(&self, _: u8, before: &u32) -> u32 {
        if self.restored { *before } else { 0 }
    }
    fn service_time(&self, _: u8, _: u64) -> Duration {
        self.service
    }
    fn restart_time(&self, _: u8, _: u64) -> Duration {
        self.restart
    }
    fn handle(
        &self,
        _: Instant,
        own: u8,
        state: &mut u32,
        (number, mut on): (u32, Vec<u8>),
        out: &mut Vec<Effect<Toy>>,
    ) {
        *state += 1;
        out.push(Effect::Output((own, number, *state)));
        if let Some(next) = on.pop() {
            out.push(Effect::Send(next, (number, on)));
        }
    }
}

/// Root 0 with a supervisor 1 of 2 and 3, and a child 4 of its own.
fn toy(limit: u32) -> Toy {
    Toy {
        parents: vec![None, Some(0), Some(1), Some(1), Some(0)],
        directives: vec![Directive::Restart; 5],
        limit: Limit { most: limit, window: Duration::from_secs(30), rule: Rule::Sliding },
        capacity: Capacity { most: 10, overflow: Overflow::Newest },
        service: Duration::from_millis(10),
        restart: Duration::from_secs(1),
        restored: false,
    }
}

#[derive(Default)]
struct Log(Vec<(u64, Happening<u8>)>);

impl Watch<Toy> for Log {
    fn happened(&mut self, now: Instant, happening: Happening<u8>) {
        self.0.push((now.nanos() / 1_000_000, happening));
    }
}

/// A system with its log and output.
struct Run {
    toy: Toy,
    system: System<Toy>,
    log: Log,
    out: Vec<(u8, u32, u32)>,
}

impl Run {
    fn new(toy: Toy) -> Run {
        let mut run = Run { toy, system: System::default(), log: Log::default(), out: Vec::new() };
        run.at(0, |system, turn| system.start(turn));
        run.log.0.clear();
        run
    }

    fn at(&mut self, millis: u64, act: impl FnOnce(&mut System<Toy>, &mut Turn<'_, Toy>)) {
        // What is due before happens at its own time.
        let now = Instant::START + Duration::from_millis(millis);
        while let Some(at) = self.system.deadline().filter(|at| *at <= now) {
            let mut turn = Turn { now: at, blueprint: &self.toy, watch: &mut self.log, out: &mut self.out };
            self.system.advance(&mut turn);
        }
        let mut turn = Turn { now, blueprint: &self.toy, watch: &mut self.log, out: &mut self.out };
        act(&mut self.system, &mut turn);
        self.system.advance(&mut turn);
    }

    fn tell(&mut self, millis: u64, to: u8, number: u32) {
        self.at(millis, |system, turn| system.tell(turn, to, (number, Vec::new())));
    }

    fn fail(&mut self, millis: u64, actor: u8) {
        self.at(millis, |system, turn| {
            system.fail(turn, actor);
        });
    }

    fn conserves(&self) -> bool {
        let Tally { sent, handled, failed, dead, overflowed } = self.system.tally();
        sent == handled + failed + dead + overflowed + self.system.waiting()
    }
}

#[test]
fn the_third_failure_of_two_that_are_borne_goes_up() {
    use Happening::*;
    let mut run = Run::new(toy(2));
    run.fail(0, 2);
    run.fail(5000, 2);
    run.fail(10_000, 3);
    run.at(20_000, |_, _| ());
    let expected = vec![
        (0, Failed(2)),
        (0, Restarting(2)),
        (1000, Restarted(2)),
        (5000, Failed(2)),
        (5000, Restarting(2)),
        (6000, Restarted(2)),
        (10_000, Failed(3)),
        (10_000, Escalated { from: 3, to: Some(1) }),
        (10_000, Stopped(3)),
        (10_000, Failed(1)),
        (10_000, Stopped(2)),
        (10_000, Restarting(1)),
        (11_000, Restarted(1)),
        (11_000, Started(2)),
        (11_000, Started(3)),
    ];
    assert_eq!(run.log.0, expected);
    // The supervisor has forgotten what it had counted; 4 and 1 share the root's count.
    for millis in [12_000, 14_000] {
        run.fail(millis, 2);
    }
    run.fail(16_000, 4);
    run.log.0.clear();
    run.fail(18_000, 4);
    let end =
        [(17_000, Restarted(4)), (18_000, Failed(4)), (18_000, Escalated { from: 4, to: Some(0) }), (18_000, Died)];
    assert_eq!(run.log.0, end);
    assert!(run.system.is_dead() && run.conserves());
}

#[test]
fn a_restarted_actor_keeps_its_mailbox_and_a_stopped_one_does_not() {
    let mut run = Run::new(Toy { restored: true, ..toy(5) });
    (1..=4).for_each(|number| run.tell(0, 2, number));
    // The first is handled at 10 ms; the second is in hand when it fails.
    run.fail(15, 2);
    run.tell(500, 2, 5);
    run.at(2000, |_, _| ());
    assert_eq!(run.out, [(2, 1, 1), (2, 3, 2), (2, 4, 3), (2, 5, 4)]);
    assert_eq!(run.system.tally(), Tally { sent: 5, handled: 4, failed: 1, dead: 0, overflowed: 0 });
    run.out.clear();
    (6..=8).for_each(|number| run.tell(3000, 2, number));
    run.fail(3005, 1);
    run.tell(3500, 2, 9);
    run.tell(5000, 2, 10);
    run.at(6000, |_, _| ());
    // Its supervisor's failure ended it: it begins anew without what waited, and what came meanwhile is dead.
    assert_eq!(run.out, [(2, 10, 1)]);
    assert_eq!(run.system.tally().dead, 4);
    assert!(run.conserves());
}

#[test]
fn each_directive_does_what_it_says() {
    let after = |directive: Directive, restored: bool| {
        let mut toy = Toy { restored, ..toy(5) };
        toy.directives[2] = directive;
        let mut run = Run::new(toy);
        run.tell(0, 2, 1);
        run.fail(100, 2);
        run.tell(200, 2, 2);
        run.at(3000, |_, _| ());
        run.tell(3000, 2, 3);
        run.at(4000, |_, _| ());
        (run.out.iter().skip(1).copied().collect::<Vec<_>>(), run.system.is_whole(), run.system.is_dead())
    };
    assert_eq!(after(Directive::Resume, false), (vec![(2, 2, 2), (2, 3, 3)], true, false));
    assert_eq!(after(Directive::Restart, false), (vec![(2, 2, 1), (2, 3, 2)], true, false));
    assert_eq!(after(Directive::Restart, true), (vec![(2, 2, 2), (2, 3, 3)], true, false));
    assert_eq!(after(Directive::Stop, true), (vec![], false, false));
    assert_eq!(after(Directive::Escalate, true), (vec![(2, 3, 1)], true, false));
    assert_eq!(after(Directive::Crash, true), (vec![], false, true));
}

/// Trees, and what is done to them.
fn toys() -> impl Strategy<Value = Toy> {
    let directive = prop::sample::select(vec![
        Directive::Resume,
        Directive::Restart,
        Directive::Restart,
        Directive::Stop,
        Directive::Escalate,
    ]);
    let rule = prop::sample::select(vec![Rule::Leaky, Rule::Sliding, Rule::PerChild]);
    let node = (any::<prop::sample::Index>(), directive);
    let times = (0u64..50, 0u64..3000, 1u64..5, 1u32..5, 2usize..6);
    (prop::collection::vec(node, 1..8), rule, any::<bool>(), times).prop_map(|(nodes, rule, oldest, times)| {
        let (service, restart, window, most, room) = times;
        let parents = nodes.iter().enumerate().map(|(n, (parent, _))| Some(parent.index(n + 1) as u8));
        Toy {
            parents: [None].into_iter().chain(parents).collect(),
            directives: [Directive::Restart].into_iter().chain(nodes.iter().map(|(_, directive)| *directive)).collect(),
            limit: Limit { most, window: Duration::from_secs(window), rule },
            capacity: Capacity { most: room, overflow: if oldest { Overflow::Oldest } else { Overflow::Newest } },
            service: Duration::from_millis(service),
            restart: Duration::from_millis(restart),
            restored: false,
        }
    })
}

/// Checks the log against the rules, told once more in the plainest way.
fn obeys(toy: &Toy, log: &[(u64, Happening<u8>)]) -> Result<(), TestCaseError> {
    let mut runs: Vec<bool> = vec![true; toy.parents.len()];
    let mut borne: BTreeMap<u8, Vec<(u64, u8)>> = BTreeMap::new();
    for (index, (at, happening)) in log.iter().enumerate() {
        match *happening {
            Happening::Handled(actor) => prop_assert!(runs[usize::from(actor)], "{actor} handled while down"),
            Happening::Failed(actor) => prop_assert!(runs[usize::from(actor)], "{actor} failed while down"),
            Happening::Started(actor) | Happening::Restarted(actor) => {
                prop_assert!(!runs[usize::from(actor)], "{actor} began twice");
                let up = toy.parents[usize::from(actor)].is_none_or(|parent| runs[usize::from(parent)]);
                prop_assert!(up, "{actor} began without its supervisor");
                runs[usize::from(actor)] = true;
            }
            Happening::Stopped(actor) | Happening::Restarting(actor) => runs[usize::from(actor)] = false,
            Happening::Died => runs.fill(false),
            Happening::Resumed(_) | Happening::Escalated { .. } => {}
        }
        match *happening {
            // A supervisor that begins anew has counted nothing.
            Happening::Stopped(actor) | Happening::Restarting(actor) => {
                borne.remove(&actor);
            }
            Happening::Failed(actor)
                if matches!(toy.directives[usize::from(actor)], Directive::Resume | Directive::Restart) =>
            {
                let parent = toy.parents[usize::from(actor)].unwrap_or(u8::MAX);
                let up = matches!(log.get(index + 1), Some((_, Happening::Escalated { from, .. })) if *from == actor);
                let counted = borne.entry(parent).or_default();
                if !up {
                    counted.push((*at, actor));
                }
                let window = toy.limit.window.nanos() / 1_000_000;
                let lately = counted.iter().filter(|(then, child)| match toy.limit.rule {
                    Rule::PerChild => *child == actor && at - then <= window,
                    _ => at - then < window,
                });
                let bound = match toy.limit.rule {
                    Rule::Sliding => toy.limit.most as usize,
                    // What straddles two windows of a child, or has leaked away meanwhile.
                    Rule::Leaky | Rule::PerChild => 2 * toy.limit.most as usize,
                };
                prop_assert!(lately.count() <= bound, "{actor} was borne too often");
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    /// Whatever fails when: nobody handles a message, or fails, while down; nobody runs without a supervisor; the
    /// limit holds; no message is unaccounted for; each actor handles messages in the order in which they came; a
    /// system that is captured and restored goes on alike.
    #[test]
    fn a_tree_obeys_whatever_fails(
        toy in toys(), acts in prop::collection::vec((0u64..400, any::<prop::sample::Index>(), 0u8..4), 1..80),
    ) {
        let (mut run, mut now) = (Run::new(toy.clone()), 0);
        for (number, (gap, actor, what)) in acts.iter().enumerate() {
            now += gap;
            let actor = actor.index(toy.parents.len()) as u8;
            if *what == 0 {
                run.fail(now, actor);
            } else {
                run.tell(now, actor, number as u32);
            }
            prop_assert!(run.conserves());
            if number == acts.len() / 2 {
                let bytes = serde_json::to_vec(&run.system).expect("plain data");
                run.system = serde_json::from_slice(&bytes).expect("what was written");
                prop_assert_eq!(serde_json::to_vec(&run.system).expect("plain data"), bytes);
            }
        }
        run.at(now + 100_000, |_, _| ());
        prop_assert!(run.conserves());
        prop_assert_eq!(run.system.waiting(), 0);
        obeys(&toy, &run.log.0)?;
        let mut last: BTreeMap<u8, u32> = BTreeMap::new();
        for (actor, number, _) in &run.out {
            let before = last.insert(*actor, *number);
            prop_assert!(before.is_none_or(|before| before < *number));
        }
        let mut again = Run::new(toy);
        let mut now = 0;
        for (number, (gap, actor, what)) in acts.iter().enumerate() {
            now += gap;
            let actor = actor.index(again.toy.parents.len()) as u8;
            if *what == 0 { again.fail(now, actor) } else { again.tell(now, actor, number as u32) }
        }
        again.at(now + 100_000, |_, _| ());
        prop_assert_eq!((&again.out, &again.log.0), (&run.out, &run.log.0), "captured in the middle, or not");
    }
}
