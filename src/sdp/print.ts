import type { Agreed, Direction, LocalMedia, SessionDescription } from './session.ts';

const family = (address: string): string => (address.includes(':') ? 'IP6' : 'IP4');

const head = ({ address, sessionId }: LocalMedia, version: number): string[] => [
  'v=0',
  `o=- ${sessionId} ${version} IN ${family(address)} ${address}`,
  's=-',
  `c=IN ${family(address)} ${address}`,
  't=0 0',
];

const event = (payloadType: number): string[] => [`a=rtpmap:${payloadType} telephone-event/8000`, `a=fmtp:${payloadType} 0-16`];

const joined = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;

/** Prints our answer; it has as many m= lines as the offer, in its order (RFC 3264 §6). */
export function printAnswer(what: {
  readonly offer: SessionDescription;
  /** The line that is accepted. */
  readonly chosen: number;
  readonly agreed: Agreed;
  readonly local: LocalMedia;
  readonly version: number;
}): string {
  const { offer, chosen, agreed, local, version } = what;
  const { codec, telephoneEvent, direction } = agreed;
  const formats = [codec.payloadType, ...(telephoneEvent === null ? [] : [telephoneEvent.payloadType])];
  const accepted = [
    `m=audio ${local.port} RTP/AVP ${formats.join(' ')}`,
    `a=rtpmap:${codec.payloadType} ${codec.name}/8000`,
    ...(telephoneEvent === null ? [] : event(telephoneEvent.payloadType)),
    `a=ptime:${codec.ptime}`,
    `a=${direction}`,
  ];
  const media = offer.media.flatMap((line, index) => (index === chosen ? accepted : [`m=${line.type} 0 ${line.protocol} ${line.formats}`]));
  return joined([...head(local, version), ...media]);
}

/** Prints our offer: both codecs of G.711 and telephone-event. */
export function printOffer(what: { readonly local: LocalMedia; readonly direction: Direction; readonly version: number }): string {
  const { local, direction, version } = what;
  return joined([
    ...head(local, version),
    `m=audio ${local.port} RTP/AVP 0 8 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    ...event(101),
    `a=ptime:${local.ptime}`,
    `a=${direction}`,
  ]);
}
