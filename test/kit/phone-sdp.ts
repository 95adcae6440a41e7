import type { CodecName } from './sound.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The payload type under which the kit's phones send keys. */
export const EVENTS = 101;

/** What a phone says about its media (RFC 4566, RFC 3264). */
export function printSdp(media: {
  port: number;
  codec: CodecName;
  ptime: number;
  direction: Direction;
  version: number;
  address?: string;
}): string {
  const payloadType = media.codec === 'PCMU' ? 0 : 8;
  return [
    'v=0',
    `o=kit 1 ${media.version} IN IP4 127.0.0.1`,
    's=-',
    `c=IN IP4 ${media.address ?? '127.0.0.1'}`,
    't=0 0',
    `m=audio ${media.port} RTP/AVP ${payloadType} ${EVENTS}`,
    `a=rtpmap:${payloadType} ${media.codec}/8000`,
    `a=rtpmap:${EVENTS} telephone-event/8000`,
    `a=fmtp:${EVENTS} 0-16`,
    `a=ptime:${media.ptime}`,
    `a=${media.direction}`,
    '',
  ].join('\r\n');
}

/** What the far end says of its first audio medium. */
export interface FarMedia {
  readonly address: string;
  readonly port: number;
  readonly payloadTypes: readonly number[];
  readonly direction: Direction;
  readonly events: number | undefined;
}

export function parseSdp(text: string): FarMedia | undefined {
  const [session = '', ...media] = text.replace(/\r/g, '').split(/\n(?=m=)/);
  const audio = media.find((each) => each.startsWith('m=audio '));
  if (audio === undefined) return undefined;
  const [, port = '0', list = ''] = /^m=audio (\d+) \S+ (.*)/.exec(audio) ?? [];
  const address = /^c=IN IP4 (\S+)/m.exec(audio)?.[1] ?? /^c=IN IP4 (\S+)/m.exec(session)?.[1] ?? '';
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m;
  const events = /^a=rtpmap:(\d+) telephone-event\/8000/im.exec(audio)?.[1];
  return {
    address,
    port: Number(port),
    payloadTypes: list.trim().split(/\s+/).map(Number),
    direction: (direction.exec(audio)?.[1] ?? direction.exec(session)?.[1] ?? 'sendrecv') as Direction,
    events: events === undefined ? undefined : Number(events),
  };
}
