import { type ParsedMedia, type ParsedSession, parse } from 'sdp-transform';
import type { CodecName, Direction, MalformedSdp, MediaLine, NamedCodec, SessionDescription } from './session.ts';

/** Far more than a telephone writes; what is longer is not even looked at. */
const MOST_CHARACTERS = 16_384;
const MOST_LINES = 400;
const MOST_MEDIA = 16;

const STATIC: ReadonlyMap<number, CodecName> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
]);

const malformed = (reason: string): MalformedSdp => ({ malformed: reason });

/** Reads a session description. Never throws; sizes are capped before anything else looks at the text. */
export function parseSdp(text: string): SessionDescription | MalformedSdp {
  if (text.length > MOST_CHARACTERS) return malformed('too long');
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  if (lines.length > MOST_LINES) return malformed('too many lines');
  if (lines[0] !== 'v=0') return malformed('no v=0');
  if (!lines.some((line) => /^o=\S+ \d+ \d+ \S+ \S+ \S+$/.test(line))) return malformed('bad o=');
  const heads = lines.filter((line) => line.startsWith('m='));
  if (heads.length > MOST_MEDIA) return malformed('too many m=');
  const session = parse(lines.join('\r\n'));
  const media: MediaLine[] = [];
  for (const [index, head] of heads.entries()) {
    const line = mediaLine(head, session, session.media[index]);
    if ('malformed' in line) return line;
    media.push(line);
  }
  return { origin: { sessionId: '0', version: '0' }, media };
}

function mediaLine(head: string, session: ParsedSession, parsed: ParsedMedia | undefined): MediaLine | MalformedSdp {
  const [, type, portText, protocol, formats] = /^m=(\S+) (\d{1,5})(?:\/\d{1,5})? (\S+) (.+)$/.exec(head) ?? [];
  const port = Number(portText);
  if (parsed === undefined || type === undefined || protocol === undefined || formats === undefined || port > 65_535) {
    return malformed('bad m=');
  }
  const plain = type === 'audio' && protocol === 'RTP/AVP';
  const payloads = plain ? payloadTypes(formats) : [];
  const names = new Map(parsed.rtp.map((each) => [Number(each.payload), `${each.codec}/${each.rate}`.toUpperCase()]));
  const address = numeric((parsed.connection ?? session.connection)?.ip);
  const blackhole = address === '0.0.0.0' || address === '::';
  return {
    type,
    port,
    protocol,
    formats,
    codecs: payloads.flatMap((each) => codec(each, names)),
    telephoneEvents: payloads
      .filter((each) => names.get(each) === 'TELEPHONE-EVENT/8000')
      .map((each) => ({ payloadType: each, clockRate: 8000 })),
    comfortNoises: [],
    crypto: [],
    rtcpMux: false,
    rtcpMuxOnly: false,
    audioLevelId: undefined,
    address: blackhole ? undefined : address,
    blackhole,
    rtcpPort: within(parsed.rtcp?.port, 1, 65_535) ?? Math.min(port + 1, 65_535),
    direction: direction(parsed.direction ?? session.direction),
    ptime: within(parsed.ptime, 1, 1000),
    maxptime: within(parsed.maxptime, 1, 1000),
  };
}

/** An address in digits; names are not looked up, because whoever writes the description must not steer our resolver. */
function numeric(value: number | string | undefined): string | undefined {
  const address = String(value ?? '').split('/')[0] ?? '';
  if (address.includes(':')) return /^[0-9a-f:.]{2,45}$/i.test(address) ? address : undefined;
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every((each) => Number(each) < 256) ? address : undefined;
}

const payloadTypes = (formats: string): number[] => [
  ...new Set(
    formats
      .split(/ +/)
      .filter((each) => /^\d{1,3}$/.test(each))
      .map(Number)
      .filter((each) => each < 128),
  ),
];

/** A mapped name wins over the static meaning of the number: a=rtpmap:0 that says another codec is believed (RFC 8866 §6.6). */
function codec(payloadType: number, names: ReadonlyMap<number, string>): NamedCodec[] {
  const mapped = names.get(payloadType);
  const name = mapped === undefined ? STATIC.get(payloadType) : [...STATIC.values()].find((each) => `${each}/8000` === mapped);
  return name === undefined ? [] : [{ name, payloadType, clockRate: 8000, rate: 8000 }];
}

const direction = (value: string | undefined): Direction =>
  value === 'sendonly' || value === 'recvonly' || value === 'inactive' ? value : 'sendrecv';

function within(value: number | string | undefined, least: number, most: number): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}
