import { packetTime } from './codecs.ts';
import type {
  Agreed,
  AgreedCrypto,
  AgreedWebRtc,
  ClockedPayload,
  Direction,
  MediaLine,
  NamedCodec,
  RefusalReason,
  Refused,
} from './session.ts';

/** What our side brings to one m= line of the far end: the same for an answer that we write and for one that we read. */
export interface Terms {
  /** The codec of the call among those of their line. */
  readonly pickCodec: (line: MediaLine) => NamedCodec | undefined;
  /** Null: in the clear. */
  readonly pickCrypto: (line: MediaLine) => AgreedCrypto | null | RefusalReason;
  /** What holds where keys come by DTLS; null: this line and our side have no DTLS. */
  readonly pickWebRtc: (line: MediaLine) => AgreedWebRtc | null | RefusalReason;
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
  'mux-needed': 'RTCP must share the port (a=rtcp-mux)',
  'no-ice': 'No ICE credentials (a=ice-ufrag, a=ice-pwd)',
  'ice-lite': 'Both ends are ICE-lite',
  'no-fingerprint': 'No usable a=fingerprint',
  'dtls-role': 'Only the active side of DTLS can be answered (a=setup)',
};

/** A refusal with its words. */
export const refused = (reason: RefusalReason): Refused => ({ refused: reason, words: WORDS[reason] });

/** RTP in the clear or with SDES; the feedback profiles too, because whoever answers no a=rtcp-fb promises none (RFC 4585 §4.2). */
const PROFILES: ReadonlySet<string> = new Set(['RTP/AVP', 'RTP/SAVP', 'RTP/AVPF', 'RTP/SAVPF']);

/** Are the keys of this line agreed on by DTLS (RFC 5764 §8)? Some say so by the fingerprint alone. */
export const isDtls = ({ protocol, fingerprints, crypto }: MediaLine): boolean =>
  /^(UDP\/TLS|TCP\/DTLS)\/RTP\/SAVPF?$/.test(protocol) || (isSecure(protocol) && fingerprints !== undefined && crypto.length === 0);

/** Says this profile that media is encrypted (RFC 3711 §12.1)? */
export const isSecure = (protocol: string): boolean => protocol.includes('SAVP');

/** Is there an audio stream in this line at all? */
export const isLiveAudio = ({ type, port, bundleOnly }: MediaLine): boolean => type === 'audio' && (port !== 0 || bundleOnly === true);

/** Holds our terms against a line of theirs. */
export function agree(line: MediaLine, terms: Terms): Agreed | Refused {
  if (!isLiveAudio(line)) return refused('no-audio');
  const way = wayOf(line, terms);
  if (typeof way === 'string') return refused(way);
  const codec = terms.pickCodec(line);
  if (codec === undefined) return refused('no-usable-codec');
  const keys = way.webrtc === null ? terms.pickCrypto(line) : null;
  if (typeof keys === 'string') return refused(keys);
  const telephoneEvent = eventsFor(codec, line.telephoneEvents);
  const comfortNoise = terms.comfortNoise ? noiseFor(codec, line.comfortNoises) : null;
  const payloadTypes = [codec.payloadType, telephoneEvent?.payloadType ?? 0, comfortNoise ?? 0];
  const rtcpMux = terms.rtcpMux && line.rtcpMux && !payloadTypes.some(looksLikeRtcp);
  const portless = unmuxed(line, way.webrtc, rtcpMux);
  if (portless !== undefined) return refused(portless);
  return {
    remote: way.webrtc === null ? remote(line, rtcpMux) : undefined,
    codec: { ...codec, ptime: packetTime(codec, { ptime: terms.interval ?? line.ptime, maxptime: line.maxptime }, terms.ptime) },
    telephoneEvent,
    comfortNoise,
    rtcpMux,
    crypto: keys,
    webrtc: way.webrtc,
    audioLevelId: terms.audioLevel && line.audioLevel?.sends ? line.audioLevel.id : null,
    // Before it has looked where it is, a browser says 0.0.0.0 (RFC 8839 §4.4.1.1); it holds nobody with that.
    ...directions(way.webrtc === null ? line : { ...line, blackhole: false }),
  };
}

/** How sound gets to them: to the address that they name, or as ICE finds out. */
function wayOf(line: MediaLine, terms: Terms): { readonly webrtc: AgreedWebRtc | null } | RefusalReason {
  const webrtc = terms.pickWebRtc(line);
  if (typeof webrtc === 'string') return webrtc;
  return (webrtc === null ? uselessness(line) : undefined) ?? { webrtc };
}

/** Where RTCP can have no port. */
function unmuxed(line: MediaLine, webrtc: AgreedWebRtc | null, rtcpMux: boolean): RefusalReason | undefined {
  if (rtcpMux) return undefined;
  if (webrtc !== null) return 'mux-needed';
  return line.rtcpMuxOnly ? 'mux-only' : undefined;
}

/** What is wrong with a line without DTLS whatever our terms are. */
function uselessness(line: MediaLine): RefusalReason | undefined {
  if (!PROFILES.has(line.protocol)) return 'profile-unknown';
  return line.address === undefined && !line.blackhole ? 'no-address' : undefined;
}

const remote = ({ address, port, rtcpPort }: MediaLine, rtcpMux: boolean): Agreed['remote'] =>
  address === undefined ? undefined : { address, port, rtcpPort: rtcpMux ? port : rtcpPort };

/** What a browser's line comes to, when `setup` is one that leaves us the passive side. */
export function webrtcOf(
  { ice, fingerprints, setup }: MediaLine,
  fits: (setup: MediaLine['setup']) => boolean,
): AgreedWebRtc | RefusalReason {
  if (ice === undefined) return 'no-ice';
  if (fingerprints === undefined) return 'no-fingerprint';
  return fits(setup) ? { remote: ice, fingerprints } : 'dtls-role';
}

/** RFC 3264 §6.1: their sending is our receiving. Who does not listen holds us (§8.4). */
function directions({ blackhole, direction }: Pick<MediaLine, 'blackhole' | 'direction'>): Pick<Agreed, 'direction' | 'held'> {
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
