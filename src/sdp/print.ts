import { encodingOf, printOpus } from './codecs.ts';
import { type OfferedCrypto, printCrypto } from './crypto.ts';
import { AUDIO_LEVEL } from './parse.ts';
import type {
  Agreed,
  ClockedPayload,
  Direction,
  LocalMedia,
  LocalWebRtc,
  MediaLine,
  NamedCodec,
  SessionDescription,
  Wishes,
} from './session.ts';

/** One m= line of ours, with everything that stands below it. */
export interface OurLine {
  readonly port: number;
  readonly protocol: string;
  readonly codecs: readonly Pick<NamedCodec, 'name' | 'payloadType' | 'clockRate'>[];
  readonly comfortNoises: readonly ClockedPayload[];
  readonly telephoneEvents: readonly ClockedPayload[];
  readonly crypto: readonly Pick<OfferedCrypto, 'tag' | 'suite' | 'key'>[];
  readonly rtcpMux: boolean;
  /** The id under which we take their audio level. */
  readonly audioLevelId: number | null;
  readonly ptime: number;
  readonly direction: Direction;
  readonly opus: Wishes['opus'];
  /** Keys by DTLS, the way by ICE. */
  readonly webrtc?: OurWebRtc | undefined;
}

/** What a line of ours says to a browser. */
export interface OurWebRtc {
  readonly local: LocalWebRtc;
  readonly setup: 'actpass' | 'passive';
  /** Undefined: the offer has none. */
  readonly mid: string | undefined;
}

/** Prints a description: its m= lines are given, ours or refused ones. `bundle`: the mid of the one that has a transport. */
export function printSession(
  { address, sessionId, webrtc }: LocalMedia,
  version: number,
  { media, bundle }: { readonly media: readonly (readonly string[])[]; readonly bundle?: string | undefined },
): string {
  const where = `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`;
  // Chromium looks for ice-lite above the lines only, as RFC 8839 §5.3 has it.
  const browser = webrtc === undefined ? [] : ['a=ice-lite', ...(bundle === undefined ? [] : [`a=group:BUNDLE ${bundle}`])];
  return ['v=0', `o=- ${sessionId} ${version} ${where}`, 's=-', `c=${where}`, 't=0 0', ...browser, ...media.flat(), ''].join('\r\n');
}

/** Prints an m= line that carries nothing. */
export const printRefused = ({ type, protocol, formats, mid }: Pick<MediaLine, 'type' | 'protocol' | 'formats' | 'mid'>): string[] => [
  `m=${type} 0 ${protocol} ${formats}`,
  ...(mid === undefined ? [] : [`a=mid:${mid}`]),
];

/** RFC 8839 §5.1; preferences of §5.1.2 in RFC 8445: we have nothing but hosts. */
const candidate = (address: string, port: number, index: number): string =>
  `a=candidate:${index + 1} 1 UDP ${126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255} ${address} ${port} typ host`;

/** Prints what a browser needs to find us and to know us. */
function printWebRtc({ local, setup, mid }: OurWebRtc, port: number): string[] {
  return [
    ...(mid === undefined ? [] : [`a=mid:${mid}`]),
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.pwd}`,
    `a=fingerprint:${local.fingerprint.hash} ${local.fingerprint.value}`,
    `a=setup:${setup}`,
    'a=msid:parley sound',
    `a=ssrc:${local.ssrc} cname:parley`,
    ...local.addresses.map((address, index) => candidate(address, port, index)),
    'a=end-of-candidates',
  ];
}

/** Prints an m= line of ours. */
export function printLine(line: OurLine): string[] {
  const payloads = [...line.codecs, ...line.comfortNoises, ...line.telephoneEvents];
  return [
    `m=audio ${line.port} ${line.protocol} ${payloads.map((each) => each.payloadType).join(' ')}`,
    ...line.codecs.flatMap((each) => [
      `a=rtpmap:${each.payloadType} ${encodingOf(each)}`,
      ...(each.name === 'opus' ? [`a=fmtp:${each.payloadType} ${printOpus(line.opus ?? {})}`] : []),
    ]),
    ...line.comfortNoises.map((each) => `a=rtpmap:${each.payloadType} CN/${each.clockRate}`),
    ...line.telephoneEvents.flatMap(({ payloadType, clockRate }) => [
      `a=rtpmap:${payloadType} telephone-event/${clockRate}`,
      `a=fmtp:${payloadType} 0-16`,
    ]),
    ...line.crypto.map((each) => `a=crypto:${printCrypto(each)}`),
    ...(line.rtcpMux ? ['a=rtcp-mux'] : []),
    // We read their level and send none (RFC 8285 §6 lets an answer narrow the direction).
    ...(line.audioLevelId === null ? [] : [`a=extmap:${line.audioLevelId}/recvonly ${AUDIO_LEVEL}`]),
    `a=ptime:${line.ptime}`,
    `a=${line.direction}`,
    ...(line.webrtc === undefined ? [] : printWebRtc(line.webrtc, line.port)),
  ];
}

/** Prints our answer; it has as many m= lines as the offer, in its order (RFC 3264 §6). */
export function printAnswer(what: {
  readonly offer: SessionDescription;
  /** The line that is accepted. */
  readonly chosen: number;
  readonly agreed: Agreed;
  readonly local: LocalMedia;
  readonly wishes: Wishes;
  readonly version: number;
}): string {
  const { offer, chosen, agreed, local, wishes, version } = what;
  const { codec, telephoneEvent, comfortNoise, crypto } = agreed;
  const mid = offer.media[chosen]?.mid;
  const bundle = offer.bundles.some((each) => mid !== undefined && each.includes(mid)) ? mid : undefined;
  const accepted = (protocol: string): string[] =>
    printLine({
      port: local.port,
      protocol,
      codecs: [codec],
      comfortNoises: comfortNoise === null ? [] : [{ payloadType: comfortNoise, clockRate: codec.clockRate }],
      telephoneEvents: telephoneEvent === null ? [] : [telephoneEvent],
      crypto: crypto === null ? [] : [{ tag: crypto.tag, suite: crypto.suite, key: crypto.ourKey }],
      rtcpMux: agreed.rtcpMux,
      audioLevelId: agreed.audioLevelId,
      ptime: codec.ptime,
      direction: agreed.direction,
      opus: wishes.opus,
      webrtc: local.webrtc && { local: local.webrtc, setup: 'passive', mid },
    });
  const media = offer.media.map((line, index) => (index === chosen ? accepted(line.protocol) : printRefused(line)));
  return printSession(local, version, { media, bundle });
}
