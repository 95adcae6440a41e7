import type { Clock } from '../../base/index.ts';
import {
  type Description,
  isMalformed,
  isRtcp,
  isStun,
  type Malformed,
  middleOfNtp,
  ntpOf,
  type OtherRtcp,
  parseRtcp,
  printRtcp,
  type ReceiverReport,
  type ReportBlock,
  type RtcpPacket,
  roundTripMs,
  type SenderReport,
} from '../../rtp/index.ts';
import type { Leg } from './leg.ts';
import { extendedReportOf } from './leg-quality.ts';

/** RFC 3550 §6.2: reports about every 5 s, spread so that the legs of a room do not report together. */
const EVERY = 5000;

/** When a leg's next report is due: between half and one and a half intervals away, by its own random beginning. */
export function nextReport(leg: Leg, now: number): number {
  return now + EVERY * (0.5 + ((leg.sender.ssrc ^ (leg.sender.packets * 2_654_435_761)) >>> 0) / 2 ** 32);
}

/** Sends a sender or receiver report with the source description, and BYE at the end. Never on the tick, for it makes objects. */
export function sendReport(leg: Leg, clock: Clock, options: { readonly bye: boolean }): void {
  if (leg.rtcp === null || leg.codec === null) return;
  const isMuxed = leg.rtcp.port === leg.destination?.port;
  const port = isMuxed ? leg.pair.rtp : leg.pair.rtcp;
  const bytes = printRtcp(compound(leg, clock, options));
  const place = port.reserve();
  port.out.set(bytes, place);
  const length = leg.security === null ? bytes.length : leg.security.sender.protectControl(port.out, place, bytes.length);
  if (length > 0) port.commit(leg.rtcp, length);
  // The next port's packets take the same memory.
  port.flush();
}

function compound(leg: Leg, clock: Clock, { bye }: { readonly bye: boolean }): Exclude<RtcpPacket, OtherRtcp>[] {
  const blocks: ReportBlock[] = leg.statistics === null ? [] : [leg.statistics.block(leg.remoteSsrc, clock.now())];
  const report: SenderReport | ReceiverReport =
    leg.sender.packets === 0
      ? { type: 'receiver-report', ssrc: leg.sender.ssrc, blocks }
      : {
          type: 'sender-report',
          ssrc: leg.sender.ssrc,
          ntp: ntpOf(clock.epoch()),
          timestamp: leg.sender.timestamp,
          packets: leg.sender.packets,
          octets: leg.sender.octets,
          blocks,
        };
  const description: Description = { type: 'description', chunks: [{ ssrc: leg.sender.ssrc, cname: leg.cname }] };
  const extended = leg.extended ? [extendedReportOf(leg)] : [];
  return bye
    ? [report, description, ...extended, { type: 'bye', ssrcs: [leg.sender.ssrc], reason: undefined }]
    : [report, description, ...extended];
}

/** A report in the clear, whoever sent it; undefined: it is not by whom it says. `packet` is changed in place. */
export function openReport(packet: Uint8Array, legs: readonly Leg[]): Uint8Array | undefined {
  if (packet.length < 8) return packet;
  const ssrc = new DataView(packet.buffer, packet.byteOffset).getUint32(4);
  // Of a browser every report is protected, whichever source it is about; of others those of the sender that we know.
  const leg = legs.length === 1 && legs[0]!.ice !== null ? legs[0] : legs.find(({ remoteSsrc }) => remoteSsrc === ssrc);
  if (leg?.ice != null && leg.security === null) return undefined;
  if (leg?.security === undefined || leg.security === null) return packet;
  const length = leg.security.receiver.unprotectControl(packet, 0, packet.length);
  return length > 0 ? packet.subarray(0, length) : undefined;
}

/** Reads a report from a far end and gives it to the leg whose source it is. False: malformed. */
export function readReport(packet: Uint8Array, legs: Iterable<Leg>, { arrival, clock }: { arrival: number; clock: Clock }): boolean {
  const packets = parseRtcp(packet);
  if (isMalformed(packets)) return isHarmless(packet, packets);
  for (const each of packets) {
    if (each.type === 'extended-report') for (const leg of legs) leg.extended ||= leg.remoteSsrc === each.ssrc;
    if (each.type !== 'sender-report' && each.type !== 'receiver-report') continue;
    for (const leg of legs) if (leg.remoteSsrc === each.ssrc) learn(leg, each, { arrival, epoch: clock.epoch() });
  }
  return true;
}

/** What keeps a way open and says nothing: STUN, or RTCP without a report, which we did not agree to read (RFC 5506). */
const isHarmless = (packet: Uint8Array, { malformed }: Malformed): boolean =>
  isStun(packet, 0, packet.length) || (malformed === 'first' && isRtcp(packet, 0, packet.length));

function learn(leg: Leg, report: SenderReport | ReceiverReport, { arrival, epoch }: { arrival: number; epoch: number }): void {
  if (report.type === 'sender-report') leg.statistics?.senderReport(middleOfNtp(report.ntp), arrival);
  leg.reportedAt = arrival;
  const block = report.blocks.find(({ ssrc }) => ssrc === leg.sender.ssrc);
  if (block !== undefined) leg.roundTrip = roundTripMs(block, epoch) ?? leg.roundTrip;
}
