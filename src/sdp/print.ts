import { encodingOf, printOpus } from './codecs.ts';
import { type OfferedCrypto, printCrypto } from './crypto.ts';
import { AUDIO_LEVEL } from './parse.ts';
import type { Agreed, ClockedPayload, Direction, LocalMedia, NamedCodec, SessionDescription, Wishes } from './session.ts';

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
}

/** Prints a description: its m= lines are given, ours or refused ones. */
export function printSession({ address, sessionId }: LocalMedia, version: number, media: readonly (readonly string[])[]): string {
  const where = `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`;
  return ['v=0', `o=- ${sessionId} ${version} ${where}`, 's=-', `c=${where}`, 't=0 0', ...media.flat(), ''].join('\r\n');
}

/** Prints an m= line that carries nothing. */
export const printRefused = ({
  type,
  protocol,
  formats,
}: {
  readonly type: string;
  readonly protocol: string;
  readonly formats: string;
}) => [`m=${type} 0 ${protocol} ${formats}`];

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
    });
  const media = offer.media.map((line, index) => (index === chosen ? accepted(line.protocol) : printRefused(line)));
  return printSession(local, version, media);
}
