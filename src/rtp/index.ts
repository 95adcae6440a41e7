export { EMPTY, FRAME, JitterBuffer, type JitterBufferOptions, LOST, type Taken } from './jitter-buffer.ts';
export { isMalformed, type Malformed } from './malformed.ts';
export { parseRtp, printRtp, type RtpHeader, type RtpPacket, type RtpReason, RtpView, writeHeader } from './packet.ts';
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
export { ReceiveStatistics } from './statistics.ts';
export { DigitReceiver, type DigitReceiverOptions } from './telephone-event.ts';
