//! What we think of each table, with the figures that came out.

use super::{fit, table};
use fivenines::emulator::findings::Findings;

/// A figure of a case; no number where there is none.
fn at(findings: &Findings, case: &str, figure: &str) -> f64 {
    let estimate = findings.cases.get(case).and_then(|outcome| outcome.figures.get(figure));
    estimate.and_then(|estimate| estimate.estimate).unwrap_or(f64::NAN)
}

/// What was published of it.
fn published(findings: &Findings, case: &str, figure: &str) -> f64 {
    let verdicts = findings.cases.get(case).map_or(&[][..], |outcome| &outcome.verdicts);
    let stated = verdicts.iter().find(|verdict| verdict.figure == figure && verdict.holds.is_none());
    stated.map_or(f64::NAN, |verdict| verdict.value)
}

fn millis(seconds: f64) -> f64 {
    seconds * 1e3
}

fn percent(share: f64) -> f64 {
    share * 100.0
}

pub fn jitter(findings: &Findings) -> String {
    let held = |figure| at(findings, "everything held, every 400 ms", figure);
    format!(
        "The first two rows are input rather than result; of a virtual machine the study only says that its jitter stays \
         below 0.5 ms. Of the replicated ones the emulator says what the study saw. With everything held a burst of {:.0} \
         packets comes every {:.0} ms (the study: about 20, every 400 ms): the guest runs for 400 ms and pauses. {:.0} % of \
         the packets are late, but in bursts, and the others have waited, which the E-model scores as {:.0}. With only TCP \
         held the guest's pause is all that is left, every {:.0} ms (the study: interruptions every 300 ms), and the score \
         is that of a server by itself.\n",
        held("packets in a burst"),
        millis(held("time between pauses")),
        percent(held("late packets")),
        held("opinion score"),
        millis(at(findings, "TCP held, every 300 ms", "time between pauses")),
    )
}

pub fn voice(findings: &Findings) -> String {
    let (held, tcp) = ("everything held", "TCP held");
    let mut text = format!(
        "Held voice: our mean jitter is {:.0} ms; the study's 61.59 ms can't come from packets of 20 ms without loss or \
         noise, since the estimator is bounded by 2 · 20 ms · (1 − 20/400) = 38 ms there (packets of 30 ms would give 55 ms). \
         Its loss of 92.55 % is about 1 − 30/400: whatever comes more than 30 ms late is discarded, counted from the best \
         packet. Our listener waits 30 ms from his first packet on, which has already been held for a while, so that fewer \
         are late: {:.0} %. Both are as good as no voice at all.\n\n\
         TCP held: the study contradicts itself, with a greatest jitter of 17.02 ms (and a mean of 9.98 ms) in the text and \
         1.3 ms in its table II for the same setting; ours is {:.1} ms, and a mean of {:.2} ms. Its loss of 3.12 % can't be \
         had from replication alone: what is passed is neither lost nor late without a failure.\n\n\
         Of the limits that the study cites:\n\n",
        millis(at(findings, held, "mean jitter")),
        percent(at(findings, held, "late packets")),
        millis(at(findings, tcp, "greatest jitter")),
        millis(at(findings, tcp, "mean jitter")),
    );
    text += &table::head(1, &["limit", "everything held", "published", "TCP held", "published"]);
    for (limit, most, figure, unit) in [
        ("delay below 250 ms", 250.0, "network delay", "ms"),
        ("mean jitter below 30 ms", 30.0, "mean jitter", "ms"),
        ("loss below 5 %, late packets included", 5.0, "late packets", "%"),
    ] {
        let cell = |value: f64| {
            let value = value * if unit == "%" { 100.0 } else { 1e3 };
            let verdict = if value < most { "kept" } else { "broken" };
            if value.is_nan() { "–".to_owned() } else { format!("{value:.2} {unit}, {verdict}") }
        };
        let both = |case| [cell(at(findings, case, figure)), cell(published(findings, case, figure))];
        let [ours, theirs] = both(held);
        let [own, their] = both(tcp);
        text += &table::row(&[limit, &ours, &theirs, &own, &their]);
    }
    text
}

pub fn intervals(findings: &Findings) -> String {
    let figure = "greatest jitter";
    let ratio = |case: &str| published(findings, case, figure) / at(findings, case, figure);
    let apart = |cases: &[&str]| cases.iter().map(|case| (1.0 / ratio(case) - 1.0).abs()).fold(0.0, f64::max);
    let middle = ["400 ms", "500 ms", "600 ms", "700 ms"].map(ratio);
    let ends = (middle.into_iter().fold(f64::INFINITY, f64::min), middle.into_iter().fold(0.0, f64::max));
    format!(
        "One constant is fitted, the pause, on one row; it is a little less than a packet time, so that nearly every pause \
         delays one packet, by anything up to all of it. The other rows of 70 to 300 ms are met within {:.0} %, and that of \
         800 ms within {:.0} %; those of 400 to 700 ms are {:.0} % to {:.0} % of what a constant pause gives. If pauses are \
         all that is behind the study's jitter, they weren't constant, and ten figures can't tell how they grew with the \
         interval. 900 ms is the end of the range that the study names; its table has no row for it.\n\n\
         The row of 40 ms isn't met by pauses ({:.0} ms of 37 ms). A commit of 180 ms, for which the guest waits, comes near \
         with {:.0} ms. But the same commit would hold the guest up at 70 ms too, where the study saw 6.5 ms: no commit time \
         that grows with the dirty pages meets both rows, so something of the study's machine isn't in the model.\n\n\
         The opinion score of the E-model is {:.2} wherever no packet is late. The study's lower scores are from another \
         tool.\n{}",
        percent(apart(&["70 ms", "150 ms", "200 ms", "300 ms"])),
        percent(apart(&["800 ms"])),
        percent(ends.0),
        percent(ends.1),
        millis(at(findings, "40 ms", figure)),
        millis(at(findings, "40 ms, overloaded", figure)),
        at(findings, "100 ms", "opinion score"),
        fit::scores(),
    )
}

pub fn silence(findings: &Findings) -> String {
    let of = |figure| at(findings, "TCP held, every 300 ms", figure);
    let share = |figure| percent(of(figure) / of("silence"));
    format!(
        "Detection is {:.0} % of the silence, the guest's resumption {:.0} %, and the time until the address is announced \
         {:.0} %; fence, address and the way to the client are the rest. The study gives the sum and names the parts, but \
         doesn't measure them; the laws of the parts are our assumptions, chosen for a second in all. After it there are no \
         interruptions, as the study says, since nobody replicates any more: a run has {:.1} checkpoints in the mean, those \
         of the 4 s to 5 s before the failure.\n",
        share("detect"),
        share("resume"),
        share("announce"),
        of("checkpoints"),
    )
}

pub fn registrations(findings: &Findings) -> String {
    let delay = |mode: &str| millis(at(findings, &format!("{mode}, UDP"), "network delay"));
    let completed = |mode: &str, figure| percent(at(findings, mode, figure));
    format!(
        "Without replication nothing of what is asked after the failure is completed, since a request is repeated for 32 s \
         and a cold restart takes longer ({:.0} % of the registrations complete, {:.0} % of the calls, over UDP). Net mode \
         completes all over any transport, as published (of calls, for TCP), and so does comparing, since the other machine \
         has processed the same input; it costs no epochs, so that media come in {:.0} ms in the mean. No-Net mode costs the calls and \
         registrations whose answers were passed and then forgotten with the lost epoch: over one connection for all, TCP's \
         sequence numbers no longer fit and everything on it is reset ({:.0} % of the registrations complete, {:.0} % of the \
         calls). Over UDP it loses {:.1} % of the calls, the slides' \"negligible loss on failure, less consistent\". Holding \
         TCP alone (classified) saves what goes over TCP; holding all but RTP saves all signalling, and leaves media the \
         delay of a server by itself: {:.0} ms instead of {:.0} ms in the mean, with everything held. So No-Net mode suits \
         media, as the slides say, and holding all but RTP suits both.\n\n\
         The loss of media is the silence of the failover in all modes ({:.2} % to {:.2} %), and a little more where held \
         packets of the lost epoch are never sent.\n",
        completed("no replication, UDP", "registrations completed"),
        completed("no replication, UDP", "calls completed"),
        delay("comparing"),
        completed("No-Net mode, TCP_1", "registrations completed"),
        completed("No-Net mode, TCP_1", "calls completed"),
        completed("No-Net mode, UDP", "calls lost"),
        delay("all but RTP"),
        delay("Net mode"),
        completed("all but RTP, UDP", "packet loss"),
        completed("Net mode, UDP", "packet loss"),
    )
}

pub fn gateway(findings: &Findings) -> String {
    let failed = |backup: &str, rate: &str| at(findings, &format!("{backup}, {rate}"), "calls failed");
    let stated = |backup: &str| published(findings, &format!("{backup}, 5 calls/s"), "calls failed");
    let mut text = "Improvement of the recovery, percentage points against no backup:\n\n".to_owned();
    text += &table::head(1, &["backup", "5 calls/s", "10", "20", "50", "100 calls/s", "published"]);
    let mut gains = Vec::new();
    for backup in ["address only", "active"] {
        let gain = |rate| percent(failed("none", rate) - failed(backup, rate));
        let row = ["5 calls/s", "10 calls/s", "20 calls/s", "50 calls/s", "100 calls/s"].map(gain);
        let cells = row.map(|gain| format!("{gain:.2}"));
        let theirs = format!("{:.2}", percent(1.0 - stated(backup)));
        let cells: Vec<&str> = [backup].into_iter().chain(cells.iter().map(String::as_str)).chain([&*theirs]).collect();
        text += &table::row(&cells);
        gains.push(row);
    }
    let more: Vec<f64> = gains[1].iter().zip(gains[0]).map(|(active, address)| active - address).collect();
    let (least, most) = (more.iter().copied().fold(f64::INFINITY, f64::min), more.iter().copied().fold(0.0, f64::max));
    let (without, with) = (stated("address only"), stated("active"));
    // (3 s + g)/T without state; with state 2 g/T, or g/T if only INVITEs are counted.
    let (both, invites) = (3.0 / (without - with / 2.0), 3.0 / (without - with));
    text += &format!(
        "\nThe loss doesn't depend on the call rate but through the time until the next call shows that the service is back. \
         With calls of 3 s over 20 s the order of the three is the published one; active replication gains {least:.1} to \
         {most:.1} points over the address alone, where {:.2} are published. The levels follow from the unknown length T of \
         the test and the silence g: (3 s + g)/T without state, and with state 2 g/T, where neither INVITE nor BYE is sent \
         again. They would be the published ones at T = {both:.1} s and g = {:.2} s, or at T = {invites:.1} s and g = {:.2} s \
         if only INVITEs are counted. Two published figures can't fix three unknowns (the calls' duration is the third), so \
         we fit none.\n",
        percent(without - with),
        with / 2.0 * both,
        with * invites,
    );
    text
}

pub fn timers(findings: &Findings) -> String {
    let failover = |case: &str| at(findings, case, "failover");
    let shorter = |case: &str, stated: f64| percent(1.0 - failover(case) / stated);
    format!(
        "VRRP: three adverts of 1 s, 156/256 s of skew at the default priority of 100, less the advert's phase at the failure: \
         3.109 s in the mean until the failure is detected, as published. Of the others the intervals are our readings: with \
         3 · 200 ms and 3 · 50 ms (the thesis: hellos no shorter than 5 to 50 ms) the mean failovers are {:.0} % and {:.0} % \
         shorter than published; 0.6 s is the bound of our FFF's detection rather than its mean. FFF saves {:.0} % of VRRP's \
         time, and 80 % by the thesis.\n",
        shorter("heartbeats (FFF)", 0.6),
        shorter("BFD", 0.2),
        percent(1.0 - failover("heartbeats (FFF)") / failover("VRRP")),
    )
}

pub fn redirection(findings: &Findings) -> String {
    let seconds = |case: &str, figure: &str| format!("{:.1} s", at(findings, case, figure));
    let both =
        |case: &str| format!("{} in the mean, {} at most", seconds(case, "failover"), seconds(case, "failover max"));
    let (soon, late) = ("DNS SRV, 4 s", "DNS SRV, timers B and F");
    let mut text = table::head(3, &["way to fail over", "published", "ours"]);
    text += &table::row(&["routing protocols", "up to a minute", &both("routes")]);
    text += &table::row(&["DNS SRV", "some seconds", &both(soon)]);
    text += &table::row(&["DNS SRV, by the standards' timers", "–", &both(late)]);
    text += &format!(
        "\nNeither source gives timers, so these are our readings: of OSPF's defaults, and of how long a client waits before \
         it asks the next server. (The classified-replication study has the seconds of a DNS server's time-out, which come \
         before the call; an unanswered server costs its own.) Who calls during the failover waits for up to {} if clients \
         lose patience after 4 s, and for {} if they keep to RFC 3263. Routes take longer than an INVITE is repeated, 32 s: \
         {:.1} % of all calls of that plan are never answered. Calls under way are lost all the same, since the next server \
         doesn't know them.\n",
        seconds(soon, "call set-up delay max"),
        seconds(late, "call set-up delay max"),
        percent(1.0 - at(findings, "routes", "calls established")),
    );
    text
}

pub fn announcements(findings: &Findings) -> String {
    format!(
        "The reply that the slides on IP telephony print has the broadcast address as its target hardware address, which \
         Linux doesn't take for gratuitous: a client that has just refreshed its entry ignores it, and waits {:.0} s in the \
         mean, as if nothing had been announced; one with an old entry waits {:.0} ms.\n",
        at(findings, "fresh entry, broadcast reply", "client"),
        millis(at(findings, "old entry, broadcast reply", "client")),
    )
}

pub fn false_alarms(findings: &Findings) -> String {
    let alarms = |k: u32| at(findings, &format!("H 100 ms, k {k}, 5 % loss"), "false alarms");
    // Runs of k losses among n heartbeats, but for their overlaps.
    let runs = |k: usize| 1.0 / (100.0 * 0.95 * [0.05; 3][..k].iter().product::<f64>());
    format!(
        "With H = 100 ms a loss of 5 % costs a needless takeover in one of {:.1} such spells of 10 s if k = 2, and in one of \
         {:.0} if k = 3 (100 heartbeats have a run of so many losses in one of {:.1} and {:.0}). Hanging longer than k · H is \
         a failure to any detector by time-out: the takeover then counts as after a failure, though the machine comes back, \
         and its generation is over.\n",
        1.0 / alarms(2),
        1.0 / alarms(3),
        runs(2),
        runs(3),
    )
}

pub fn actors(findings: &Findings) -> String {
    format!(
        "How long a restart takes is our assumption, 50 ms for an actor and 5 s for the process, so that the recovery is \
         input: what the table shows is who has something of a failure. Supervised, a dialog is lost only with the session \
         that holds it, its router or the whole server, {:.1} % of the calls over all functions; any failure of the one \
         process takes all calls in progress with it, {:.1} % of all in this plan. Nobody's registration fails in either, \
         since clients ask again for 32 s; what it costs them is time. \"Resumed\" is until the next registration was \
         answered, and there is one in half a second only.\n\n\
         Each function fails once here, so that nothing escalates; the next section is of faults that come again.\n",
        percent(at(findings, "actors", "calls lost")),
        percent(at(findings, "one process", "calls lost")),
    )
}

pub fn escalations(findings: &Findings) -> String {
    let up = |case: &str| at(findings, case, "escalations");
    format!(
        "A failure every 7 s is more than the leaky count forgets, one in 30 s, so that the receiver's supervisor gives up \
         {:.0} times in a run; of windows of 30 s none holds more than 5 ({:.0} and {:.0} escalations). A message that its \
         client repeats at 0, 0.5, 1.5, 3.5, 7.5 and 11.5 s is the sixth failure within any of them. Nobody but its sender \
         fails to register: the supervisor of the transport starts anew, and nothing goes further up.\n",
        up("every 7 s, leaky"),
        up("every 7 s, sliding"),
        up("every 7 s, per child"),
    )
}
