//! What those who call say and hear.

use super::{Agents, Timer, Wishes};
use crate::emulator::message::voice_packet;
use crate::emulator::packet::{Flow, Packet, Protocol};
use crate::emulator::server::RTP_PORT;
use crate::emulator::time::Instant;

impl Agents<'_> {
    /// Says the next packet of a call, and that there is another one to come.
    pub(super) fn talk(&mut self, now: Instant, id: u32, wishes: &mut Wishes) {
        let (Some(voice), Some(call)) = (&self.plan.voice, self.calls.get_mut(id as usize)) else { return };
        if !call.talking || now >= self.until {
            return;
        }
        let samples = voice.packet_time.nanos() / 125_000;
        let flow = Flow { client: id, protocol: Protocol::Udp, port: RTP_PORT };
        wishes.packets.push(Packet { flow, payload: voice_packet(id, call.sent, samples) });
        call.sent += 1;
        wishes.timers.push((now + voice.packet_time, Timer::Voice(id)));
    }

    /// A packet of a call has come.
    pub(super) fn listen(&mut self, now: Instant, id: u32, number: u16) {
        let (Some(voice), Some(call)) = (&self.plan.voice, self.calls.get_mut(id as usize)) else { return };
        let Some(listener) = call.listener.as_mut().filter(|_| call.sent > 0) else { return };
        // The number is that of the latest packet with these 16 bits.
        let last = call.sent - 1;
        let back = u64::from((last as u16).wrapping_sub(number));
        if let Some(number) = last.checked_sub(back) {
            listener.receive(number, call.began + voice.packet_time.times(number), now);
        }
    }

    /// What a call's voice was worth, up to its end or that of the run.
    pub(super) fn account(&mut self, id: usize) {
        let (Some(voice), Some(call)) = (&self.plan.voice, self.calls.get_mut(id)) else { return };
        let now = call.ended.unwrap_or(self.until);
        if let Some(mut listener) = call.listener.take() {
            self.heard.push(listener.account(call.sent, voice.packet_time, voice.codec, now));
        }
    }
}
