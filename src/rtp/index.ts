export { BurstCounter } from './burst-counter.ts';
export { HmacSha1 } from './hmac-sha1.ts';
export { EMPTY, FRAME, JitterBuffer, type JitterBufferOptions, LOST, SOLID, type Taken } from './jitter-buffer.ts';
export { isMalformed, type Malformed } from './malformed.ts';
export { parseRtp, printRtp, type RtpHeader, type RtpPacket, type RtpReason, RtpView, writeHeader } from './packet.ts';
export { ASTRAY, HELD, LATE, PacketOrder, READY, REPEATED, TOO_LONG } from './packet-order.ts';
export { mosOf, type Quality, type QualityCodec, type QualityCounters, quality } from './quality.ts';
export {
  type Bye,
  type Description,
  isRtcp,
  middleOfNtp,
  type Ntp,
  ntpOf,
  type OtherRtcp,
  parseRtcp,
  type ReceiverReport,
  type ReportBlock,
  type RtcpPacket,
  roundTripMs,
  type SenderReport,
} from './rtcp.ts';
export { printRtcp } from './rtcp-print.ts';
export { SrtpReceiver } from './srtp-receiver.ts';
export { SrtpSender } from './srtp-sender.ts';
export {
  BAD_TAG,
  EXHAUSTED,
  REPLAYED,
  SHORT,
  SRTP_ROOM,
  type SrtpOptions,
  type SrtpState,
  type SrtpStreamState,
  type SrtpSuite,
  srtpKeyLength,
  srtpSuites,
  TOO_OLD,
  UNENCRYPTED,
} from './srtp-suite.ts';
export { ReceiveStatistics } from './statistics.ts';
export { BINDING_REQUEST, isStun, type Reflexive, STUN_ANSWER, StunView } from './stun.ts';
export { DigitReceiver, type DigitReceiverOptions, type DigitState } from './telephone-event.ts';
export type { ExtendedReport, VoipMetrics } from './voip-metrics.ts';
