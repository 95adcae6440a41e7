import { parseConnection } from './address.ts';
import { payloadsOf } from './codecs.ts';
import { parseCrypto } from './crypto.ts';
import { type Section, sectionsOf } from './sections.ts';
import type { BrowserAttributes, Direction, Fingerprint, MalformedSdp, MediaLine, SessionDescription } from './session.ts';

/** RFC 6464. */
export const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

/** More ways to one browser than any has. */
const MOST_CANDIDATES = 100;
/** More certificates than one end shows, and hashes of each. */
const MOST_FINGERPRINTS = 8;
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
  const bundles = (sections.session.attributes.get('group') ?? []).flatMap((each) => bundle(each));
  const iceLite = sections.session.attributes.has('ice-lite');
  return { origin: { sessionId, version }, media: media.map((each) => bundled(each, media, bundles)), bundles, iceLite };
}

/** `BUNDLE <mid> …` (RFC 8843 §5). */
function bundle(value: string): (readonly string[])[] {
  const [semantics, ...mids] = value.trim().split(/ +/);
  return semantics === 'BUNDLE' ? [mids] : [];
}

/** What a line leaves to the first one of its bundle, it has from there (RFC 8843 §7.1.3). */
function bundled(line: MediaLine, media: readonly MediaLine[], bundles: SessionDescription['bundles']): MediaLine {
  const { mid } = line;
  if (mid === undefined) return line;
  const first = bundles.find((each) => each.includes(mid))?.[0];
  const { ice, fingerprints, setup } = media.find((each) => each.mid === first) ?? {};
  return {
    ...(ice === undefined ? {} : { ice }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
    ...(setup === undefined ? {} : { setup }),
    ...line,
  };
}

function mediaLine(section: Section, session: Section): MediaLine | MalformedSdp {
  const [, type, portText, protocol, formats] = /^(\S+) (\d{1,5})(?:\/\d{1,5})? (\S+) (.+)$/.exec(section.head) ?? [];
  const port = Number(portText);
  if (type === undefined || protocol === undefined || formats === undefined || port > 65_535) return { malformed: 'bad m=' };
  const all = (name: string): readonly string[] => section.attributes.get(name) ?? [];
  const audio = type === 'audio' && /(^|\/)RTP\/S?AVPF?$/.test(protocol);
  if (all('candidate').length > MOST_CANDIDATES) return { malformed: 'too many candidates' };
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

/** ICE and DTLS may be said once for all lines (RFC 8839 §5.4, RFC 8122 §5); the mid may not. */
function browserAttributes({ attributes }: Section, session: Section): BrowserAttributes {
  const every = (name: string): readonly string[] => attributes.get(name) ?? session.attributes.get(name) ?? [];
  const mid = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/.exec(attributes.get('mid')?.[0] ?? '')?.[0];
  const [ufrag, pwd] = [iceText(every('ice-ufrag')[0], 4), iceText(every('ice-pwd')[0], 22)];
  const fingerprints = every('fingerprint').slice(0, MOST_FINGERPRINTS).flatMap(fingerprint);
  const said = every('setup')[0];
  const setup = SETUPS.find((each) => each === said);
  return {
    ...(mid === undefined ? {} : { mid }),
    ...(ufrag === undefined || pwd === undefined ? {} : { ice: { ufrag, pwd } }),
    ...(fingerprints.length === 0 ? {} : { fingerprints }),
    ...(setup === undefined ? {} : { setup }),
    ...(attributes.has('bundle-only') ? { bundleOnly: true } : {}),
  };
}

/** `4*256ice-char`, `22*256ice-char` (RFC 8839 §5.4). */
const iceText = (value: string | undefined, least: number): string | undefined =>
  value !== undefined && value.length >= least && /^[A-Za-z0-9+/]{1,256}$/.test(value) ? value : undefined;

/** `<hash> <AB:CD:…>` (RFC 8122 §5). */
function fingerprint(text: string): Fingerprint[] {
  const [, hash, value] = /^([\w-]{1,16}) +((?:[0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2})$/.exec(text) ?? [];
  return hash === undefined || value === undefined ? [] : [{ hash: hash.toLowerCase(), value: value.toUpperCase() }];
}

const SETUPS = ['active', 'passive', 'actpass', 'holdconn'] as const;

function within(value: string | undefined, least: number, most: number): number | undefined {
  const number = /^\d{1,7}(\.\d+)?$/.test(value ?? '') ? Math.round(Number(value)) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}
