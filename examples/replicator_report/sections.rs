//! What the report consists of, and what we think of each table.

use super::fit;

/// A part of the report.
pub struct Section {
    /// Case and file; the case is empty if the file's own are meant.
    pub plans: &'static [(&'static str, &'static str)],
    /// The table's figures; none: those of the file.
    pub figures: &'static [&'static str],
    /// Title and doc of several files together.
    pub about: Option<(&'static str, &'static str)>,
    /// Below the table.
    pub comment: &'static str,
    /// A further table.
    pub more: Option<fn() -> String>,
}

const PLAIN: Section = Section { plans: &[], figures: &[], about: None, comment: "", more: None };

/// All parts, in order.
pub const SECTIONS: &[Section] = &[
    Section {
        plans: &[("", "emulate-jitter")],
        comment: "\
The first two rows are input rather than result; of a virtual machine the study only says that its jitter stays below 0.5 ms.
Of the replicated ones the emulator says what the study saw. With everything held a burst comes every 400 ms: 4 % of the
packets are late, but in bursts, and the others have waited, which the E-model scores as 1. With only TCP held the guest's
pause is all that is left, and the score is that of a server by itself.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-remus")],
        comment: "\
Held voice: our mean jitter is 37 ms; the study's 61.59 ms can't come from packets of 20 ms without loss or noise, since the
estimator is bounded by 2·20 ms·(1 − 20/400) there (packets of 30 ms would give 55 ms). Its loss of 92.55 % is about 1 − 30/400:
whatever comes more than 30 ms late is discarded, counted from the best packet. Our listener waits 30 ms from his first
packet on, which has already been held for a while, so that fewer are late: 12 %. Both are as good as no voice at all.

TCP held: the study contradicts itself, with a greatest jitter of 17.02 ms (and a mean of 9.98 ms) in the text and 1.3 ms in
its table II for the same setting; ours is 1.5 ms, and a mean of 0.35 ms. Its loss of 3.12 % can't be had from replication
alone: what is passed is neither lost nor late without a failure.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-intervals")],
        comment: "\
One constant is fitted, the pause, on one row; it is a little less than a packet time, so that nearly every pause delays one
packet, by anything up to all of it. The other rows of 70 to 300 ms are met within a quarter, and that of 800 ms within a
tenth; those of 400 to 700 ms are about half (48 % to 58 %) of what a constant pause gives. If pauses are all that is behind the
study's jitter, they weren't constant, and ten figures can't tell how they grew with the interval.

The row of 40 ms isn't met by pauses (8 ms of 37 ms). A commit of 180 ms, for which the guest waits, comes near with 35 ms. But
the same commit would hold the guest up at 70 ms too, where the study saw 6.5 ms: no commit time that grows with the dirty pages
meets both rows, so something of the study's machine isn't in the model.

The opinion score of the E-model is 4.38 wherever no packet is late. The study's lower scores are from another tool.",
        more: Some(fit::scores),
        ..PLAIN
    },
    Section {
        plans: &[("TCP held, every 300 ms", "emulate-remus-classified")],
        figures: &["silence", "detect", "fence", "resume", "address", "announce", "client", "failover"],
        about: Some((
            "The silence of a failover, and where it goes",
            "About a second without packets at a failover: detection, restoring, the gratuitous ARP and its processing by the network (classified-replication study).",
        )),
        comment: "\
Half of the second is detection, a fifth each the guest's resumption and the announcement. The study gives the sum and names
the parts, but doesn't measure them; the laws of the parts are our assumptions, chosen for a second in all.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-registrations")],
        comment: "\
Net mode completes all over any transport, as published (of calls, for TCP). No-Net mode costs the calls and registrations whose answers were
passed and then forgotten with the lost epoch: over one connection for all, TCP's sequence numbers no longer fit and everything on it
is reset. Holding TCP alone (classified) saves what goes over TCP; holding all but RTP saves all signalling, and leaves media
the delay of a server by itself: 2 ms instead of 9 ms in the mean, with everything held.

The loss of media is the silence of the failover in all modes, and a little more where held packets of the lost epoch are
never sent.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-gateway")],
        comment: "\
The loss doesn't depend on the call rate but through the time until the next call shows that the service is back. With calls of
3 s over 20 s the order of the three is the published one; active replication gains 8 to 9 points over the address alone, where
7.2 are published. The levels follow from the unknown length T of the test and the silence g: (3 s + g)/T without state, and with
state 2 g/T, where neither INVITE nor BYE is sent again. They would be the published ones at T = 28.8 s and g = 0.92 s, or at
T = 41.5 s and g = 2.65 s if only INVITEs are counted. Two published figures can't fix three unknowns (the calls' duration is the
third), so we fit none.",
        ..PLAIN
    },
    Section {
        plans: &[("VRRP", "emulate-vrrp"), ("heartbeats (FFF)", "emulate-heartbeats"), ("BFD", "emulate-bfd")],
        figures: &["failover", "failover p95", "failover p99", "detect", "detect p95", "detect p99"],
        about: Some((
            "Failover times from the timers",
            "The thesis gives 3.1 s for VRRP, 0.6 s for OpenAIS's FFF and about 0.2 s for BFD.",
        )),
        comment: "\
VRRP: three adverts of 1 s, 156/256 s of skew at the default priority of 100, less the advert's phase at the failure: 3.109 s in
the mean until the failure is detected, as published. Of the others the intervals are our readings: with 3 · 200 ms and 3 · 50 ms the
mean failover is 9 % shorter than published; 0.6 s is the bound of our FFF's detection rather than its mean.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-announcements")],
        comment: "\
The reply that the slides on IP telephony print has the broadcast address as its target hardware address, which Linux doesn't
take for gratuitous: a client that has just refreshed its entry ignores it, and waits as if nothing had been announced.",
        ..PLAIN
    },
    Section {
        plans: &[("", "emulate-false-alarms")],
        comment: "\
With H = 100 ms a loss of 5 % costs a needless takeover in one of 5 such spells of 10 s if k = 2, and in one of 60 or so if k = 3
(7 of 400 were seen; runs of three losses among 100 heartbeats come in one of 85). Hanging
longer than k·H is a failure to any detector by time-out: the takeover then counts as after a failure, though the machine
comes back, and its generation is over.",
        ..PLAIN
    },
    Section {
        plans: &[("actors", "emulate-actors"), ("one process", "emulate-actors-standard")],
        figures: &["recovery", "registrations delayed", "calls delayed", "calls lost", "escalations", "process ends"],
        about: Some((
            "A server of actors, and its functions in one process",
            "In each run another of the thesis's eleven functions fails once, under clients that register and call (thesis, 5.4; the thesis publishes no figures of this kind).",
        )),
        comment: "\
How long a restart takes is our assumption, 50 ms for an actor and 5 s for the process, so that the recovery is input: what the
table shows is who has something of a failure. Supervised, a dialog is lost only with the session that holds it, its router or
the whole server; any failure of the one process takes all calls in progress with it, a fifth of all in this plan. Nobody's
registration fails in either, since clients ask again for 32 s; what it costs them is time. \"Resumed\" is until the next
registration was answered, and there is one in half a second only.

Each function fails once, so that nothing escalates; a fault that a restart doesn't cure is another plan (`cure`).",
        ..PLAIN
    },
];

/// Before the sections.
pub const HEAD: &str = "\
# Live replication: published and emulated

<!-- Generated by `cargo run --release --example replicator_report > reports/replicator.md`; changes by hand are lost. -->

What five documents say of live replication and failover, beside what the emulated pair gives
([docs/emulator.md](../docs/emulator.md)): measured means with 95 % intervals over independent runs, *published* as the source
prints it. Nothing was tuned to meet a published figure but what is called fitted, and where it is, on which rows.

How many machines a load balancer needs, and what it makes of the availability, is a net rather than an emulation:
`fivenines run scenarios/load-balancer.ron`.
";
