import { packetTime } from './codecs.ts';
import type { Agreed, AgreedCrypto, ClockedPayload, Direction, MediaLine, NamedCodec, RefusalReason, Refused } from './session.ts';

/** What our side brings to one m= line of the far end: the same for an answer that we write and for one that we read. */
export interface Terms {
  /** The codec of the call among those of their line. */
  readonly pickCodec: (line: MediaLine) => NamedCodec | undefined;
  /** Null: in the clear. */
  readonly pickCrypto: (line: MediaLine) => AgreedCrypto | null | RefusalReason;
  readonly rtcpMux: boolean;
  readonly comfortNoise: boolean;
  readonly audioLevel: boolean;
  /** ms per packet that we like. */
  readonly ptime: number;
  /** ms per packet that it must be, if their maxptime allows. */
  readonly interval: number | undefined;
}

/** The reasons in words that fit into a Warning header (RFC 3261 §20.43). */
const WORDS: Readonly<Record<RefusalReason, string>> = {
  'no-audio': 'No audio stream',
  'no-usable-codec': 'No codec in common',
  'no-address': 'No usable media address',
  'profile-unknown': 'Transport profile of the audio stream not supported',
  'encryption-required': 'Media encryption (SDES, RFC 4568) is required here',
  'encryption-off': 'Encrypted media is not accepted here',
  'no-usable-crypto': 'No usable a=crypto line',
  'mux-only': 'RTCP needs a port of its own here',
};

/** A refusal with its words. */
export const refused = (reason: RefusalReason): Refused => ({ refused: reason, words: WORDS[reason] });

/** RTP in the clear or with SDES; the feedback profiles too, because whoever answers no a=rtcp-fb promises none (RFC 4585 §4.2). */
const PROFILES: ReadonlySet<string> = new Set(['RTP/AVP', 'RTP/SAVP', 'RTP/AVPF', 'RTP/SAVPF']);

/** Says this profile that media is encrypted (RFC 3711 §12.1)? */
export const isSecure = (protocol: string): boolean => protocol.includes('SAVP');

/** Is there an audio stream in this line at all? */
export const isLiveAudio = ({ type, port }: MediaLine): boolean => type === 'audio' && port !== 0;

/** Holds our terms against a line of theirs. */
export function agree(line: MediaLine, terms: Terms): Agreed | Refused {
  const useless = uselessness(line);
  if (useless !== undefined) return refused(useless);
  const codec = terms.pickCodec(line);
  if (codec === undefined) return refused('no-usable-codec');
  const crypto = terms.pickCrypto(line);
  if (typeof crypto === 'string') return refused(crypto);
  const telephoneEvent = eventsFor(codec, line.telephoneEvents);
  const comfortNoise = terms.comfortNoise ? noiseFor(codec, line.comfortNoises) : null;
  const payloadTypes = [codec.payloadType, telephoneEvent?.payloadType ?? 0, comfortNoise ?? 0];
  const rtcpMux = terms.rtcpMux && line.rtcpMux && !payloadTypes.some(looksLikeRtcp);
  if (line.rtcpMuxOnly && !rtcpMux) return refused('mux-only');
  return {
    remote: remote(line, rtcpMux),
    codec: { ...codec, ptime: packetTime(codec, { ptime: terms.interval ?? line.ptime, maxptime: line.maxptime }, terms.ptime) },
    telephoneEvent,
    comfortNoise,
    rtcpMux,
    crypto,
    audioLevelId: terms.audioLevel && line.audioLevel?.sends ? line.audioLevel.id : null,
    ...directions(line),
  };
}

/** What is wrong with a line whatever our terms are. */
function uselessness(line: MediaLine): RefusalReason | undefined {
  if (!isLiveAudio(line)) return 'no-audio';
  if (!PROFILES.has(line.protocol)) return 'profile-unknown';
  return line.address === undefined && !line.blackhole ? 'no-address' : undefined;
}

const remote = ({ address, port, rtcpPort }: MediaLine, rtcpMux: boolean): Agreed['remote'] =>
  address === undefined ? undefined : { address, port, rtcpPort: rtcpMux ? port : rtcpPort };

/** RFC 3264 §6.1: their sending is our receiving. Who does not listen holds us (§8.4). */
function directions({ blackhole, direction }: MediaLine): Pick<Agreed, 'direction' | 'held'> {
  const theirs = blackhole ? deafened(direction) : direction;
  return { direction: MIRROR[theirs], held: theirs === 'sendonly' || theirs === 'inactive' };
}

/**
 * Events share the timestamps of the voice, so their clock ought to be the voice's (RFC 4733 §2.1, RFC 7587 says nothing else). Many phones
 * with Opus name 8000 alone; keys that way are better than none.
 */
const eventsFor = ({ clockRate }: NamedCodec, events: readonly ClockedPayload[]): ClockedPayload | null =>
  events.find((each) => each.clockRate === clockRate) ?? events.find((each) => each.clockRate === 8000) ?? null;

/** RFC 3389 §4: noise has the clock of its codec. Opus has its own way to be silent. */
const noiseFor = ({ name, clockRate }: NamedCodec, noises: readonly ClockedPayload[]): number | null =>
  name === 'opus' ? null : (noises.find((each) => each.clockRate === clockRate)?.payloadType ?? null);

/** RFC 5761 §4: on a shared port these cannot be told from RTCP once the marker is set. */
const looksLikeRtcp = (payloadType: number): boolean => payloadType >= 64 && payloadType <= 95;

/** RFC 2543 hold: whoever gives no address does not listen, whatever else he says. */
const deafened = (direction: Direction): Direction => (direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive');

const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};
