import { parseConnection } from './address.ts';
import { payloadsOf } from './codecs.ts';
import { parseCrypto } from './crypto.ts';
import { type Section, sectionsOf } from './sections.ts';
import type { BrowserAttributes, Direction, MalformedSdp, MediaLine, SessionDescription } from './session.ts';

/** RFC 6464. */
export const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

/** More ways to one browser than any has. */
const MOST_CANDIDATES = 50;
/** More a=crypto lines than there are suites, several times over. */
const MOST_CRYPTO = 16;
/** ms; RFC 8866 knows no bounds, but what lies beyond these is a mistake and no wish. */
const LONGEST_PTIME = 1000;

/** Reads a session description. Never throws; sizes are capped before anything else looks at the text. */
export function parseSdp(text: string): SessionDescription | MalformedSdp {
  const sections = sectionsOf(text);
  if ('malformed' in sections) return sections;
  // Some phones write a display name with spaces into the user name of o=.
  const [, sessionId, version] = /^\S.* (\d+) (\d+) \S+ \S+ \S+$/.exec(sections.origin) ?? [];
  if (sessionId === undefined || version === undefined) return { malformed: 'bad o=' };
  const media: MediaLine[] = [];
  for (const each of sections.media) {
    const line = mediaLine(each, sections.session);
    if ('malformed' in line) return line;
    media.push(line);
  }
  return { origin: { sessionId, version }, media };
}

function mediaLine(section: Section, session: Section): MediaLine | MalformedSdp {
  const [, type, portText, protocol, formats] = /^(\S+) (\d{1,5})(?:\/\d{1,5})? (\S+) (.+)$/.exec(section.head) ?? [];
  const port = Number(portText);
  if (type === undefined || protocol === undefined || formats === undefined || port > 65_535) return { malformed: 'bad m=' };
  const all = (name: string): readonly string[] => section.attributes.get(name) ?? [];
  const audio = type === 'audio' && /(^|\/)RTP\/S?AVPF?$/.test(protocol);
  const rtcpMuxOnly = section.attributes.has('rtcp-mux-only');
  return {
    type,
    port,
    protocol,
    formats,
    ...payloadsOf(audio ? formats : '', all('rtpmap'), all('fmtp')),
    crypto: all('crypto')
      .slice(0, MOST_CRYPTO)
      .flatMap((each) => parseCrypto(each) ?? []),
    ...parseConnection(section.connection ?? session.connection),
    rtcpPort: within(all('rtcp')[0]?.split(' ')[0], 1, 65_535) ?? Math.min(port + 1, 65_535),
    rtcpMux: rtcpMuxOnly || section.attributes.has('rtcp-mux'),
    rtcpMuxOnly,
    direction: direction(section) ?? direction(session) ?? 'sendrecv',
    ptime: within(all('ptime')[0], 1, LONGEST_PTIME),
    maxptime: within(all('maxptime')[0], 1, LONGEST_PTIME),
    audioLevel: audioLevel([...all('extmap'), ...(session.attributes.get('extmap') ?? [])]),
    ...browserAttributes(section, session),
  };
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

const direction = ({ attributes }: Section): Direction | undefined => DIRECTIONS.find((each) => attributes.has(each));

/** `<id>[/<direction>] <URI> …` (RFC 8285 §5). Ids above 14 need the two-byte form, in which nobody sends this extension. */
function audioLevel(maps: readonly string[]): MediaLine['audioLevel'] {
  for (const map of maps) {
    const [, idText, way = 'sendrecv', uri] = /^(\d{1,4})(?:\/(\w+))? +(\S+)/.exec(map) ?? [];
    const id = within(idText, 1, 14);
    if (uri === AUDIO_LEVEL && id !== undefined) return { id, sends: way === 'sendrecv' || way === 'sendonly' };
  }
  return undefined;
}

/** ICE and DTLS may be said once for all lines (RFC 8839 §5.4, RFC 8122 §5); mid and candidates may not. */
function browserAttributes({ attributes }: Section, session: Section): BrowserAttributes {
  const one = (name: string): string | undefined => (attributes.get(name) ?? session.attributes.get(name))?.[0];
  const [mid, candidates] = [attributes.get('mid')?.[0], attributes.get('candidate')?.slice(0, MOST_CANDIDATES)];
  const [iceUfrag, icePwd] = [one('ice-ufrag'), one('ice-pwd')];
  const [, hash, value] = /^(\S+) +([0-9A-Fa-f:]+)$/.exec(one('fingerprint') ?? '') ?? [];
  const setup = SETUPS.find((each) => each === one('setup'));
  return {
    ...(mid ? { mid } : {}),
    ...(iceUfrag ? { iceUfrag } : {}),
    ...(icePwd ? { icePwd } : {}),
    ...(candidates === undefined ? {} : { candidates }),
    ...(hash === undefined || value === undefined ? {} : { fingerprint: { hash: hash.toLowerCase(), value } }),
    ...(setup === undefined ? {} : { setup }),
  };
}

const SETUPS = ['active', 'passive', 'actpass', 'holdconn'] as const;

function within(value: string | undefined, least: number, most: number): number | undefined {
  const number = /^\d{1,7}(\.\d+)?$/.test(value ?? '') ? Math.round(Number(value)) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}
