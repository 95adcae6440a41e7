import { formatsOf } from './codecs.ts';
import { cryptoSuites, type OfferedCrypto } from './crypto.ts';
import { parseSdp } from './parse.ts';
import { type OurLine, printLine, printRefused, printSession } from './print.ts';
import type { ClockedPayload, Direction, LocalDescription, LocalMedia, MediaLine, NamedCodec, Wishes } from './session.ts';
import { isLiveAudio, isSecure } from './terms.ts';

/** What a new offer is made of. */
export interface OfferOptions {
  readonly local: LocalMedia;
  readonly wishes: Wishes;
  /** Default `sendrecv`. */
  readonly direction?: Direction;
  /** What we said last in this dialog: its m= lines stay where they are, its payload types keep their meaning (RFC 3264 §8). */
  readonly previous?: LocalDescription | undefined;
}

/** Our own offer, for an INVITE that brought none and for changes. To refresh a session, send the previous description as it is. */
export function makeOffer({ local, wishes, direction = 'sendrecv', previous }: OfferOptions): {
  readonly print: (version: number) => string;
} {
  const before = linesOf(previous);
  const live = before.findIndex(isLiveAudio);
  const offered = offeredLine({ local, wishes, direction }, before[live]);
  const line = printLine(offered);
  const media = live < 0 ? [...before.map(printRefused), line] : before.map((each, index) => (index === live ? line : printRefused(each)));
  return { print: (version) => printSession(local, version, { media, bundle: offered.webrtc?.mid }) };
}

/** The description that holds after this one is said: the version rises by one exactly when the text changed (RFC 3264 §8). */
export function describe(
  previous: LocalDescription | undefined,
  { print }: { readonly print: (version: number) => string },
): LocalDescription {
  if (previous !== undefined && print(previous.version) === previous.body) return previous;
  const version = (previous?.version ?? 0) + 1;
  return { body: print(version), version };
}

function linesOf(previous: LocalDescription | undefined): readonly MediaLine[] {
  if (previous === undefined) return [];
  const parsed = parseSdp(previous.body);
  if ('malformed' in parsed) throw new TypeError(`our own description is malformed: ${parsed.malformed}`);
  return parsed.media;
}

/** RFC 3551 §6. */
const NOISE: ClockedPayload = { payloadType: 13, clockRate: 8000 };

type Plan = Required<Pick<OfferOptions, 'local' | 'wishes' | 'direction'>>;

function offeredLine({ local, wishes, direction }: Plan, before: MediaLine | undefined): OurLine {
  const formats = wishes.codecs.flatMap(formatsOf);
  const numbers = payloadNumbers(before);
  const codecs = formats.map((each) => ({ ...each, payloadType: numbers(each.name, each) }));
  const clocks = [8000, 48_000].filter((clock) => clock === 8000 || codecs.some((each) => each.clockRate === clock));
  const narrow = codecs.some((each) => each.clockRate === 8000);
  return {
    port: local.port,
    protocol: profile({ local, wishes }, before),
    codecs,
    comfortNoises: (wishes.comfortNoise ?? true) && narrow ? [{ payloadType: numbers('CN', NOISE), clockRate: NOISE.clockRate }] : [],
    telephoneEvents: clocks.map((clockRate) => ({
      payloadType: numbers('telephone-event', { clockRate, payloadType: clockRate === 8000 ? 101 : 102 }),
      clockRate,
    })),
    crypto: local.webrtc === undefined ? ourKeys(local, wishes) : [],
    rtcpMux: local.webrtc !== undefined || (wishes.rtcpMux ?? true),
    audioLevelId: (wishes.audioLevel ?? true) ? (before?.audioLevel?.id ?? 1) : null,
    ptime: wishes.interval ?? local.ptime,
    direction,
    opus: wishes.opus,
    // Whoever answers chooses to be active, as RFC 8842 §5.3 wants it; so we are what we can be.
    webrtc: local.webrtc && { local: local.webrtc, setup: 'actpass', mid: before === undefined ? '0' : before.mid },
  };
}

/** The profile of a stream stays what it was, unless the policy says otherwise. */
function profile({ local, wishes: { encryption } }: Pick<Plan, 'local' | 'wishes'>, before: MediaLine | undefined): string {
  const usual = local.webrtc === undefined ? 'RTP/AVP' : 'UDP/TLS/RTP/SAVPF';
  const { protocol } = before ?? { protocol: usual };
  if (local.webrtc !== undefined) return protocol;
  if (encryption === 'required') return isSecure(protocol) ? protocol : 'RTP/SAVP';
  return encryption === 'off' && isSecure(protocol) ? 'RTP/AVP' : protocol;
}

/** One line per suite, each with a key of its own (RFC 4568 §5.1.1). */
function ourKeys({ keys }: LocalMedia, { encryption, suites = cryptoSuites }: Wishes): Pick<OfferedCrypto, 'tag' | 'suite' | 'key'>[] {
  if (encryption === 'required' && keys === undefined) throw new TypeError('encryption is required, and there are no keys');
  if (encryption === 'off' || keys === undefined) return [];
  return suites.map((suite, index) => ({ tag: index + 1, suite, key: keys(suite) }));
}

/** Gives every format the number that it had, else the one that it likes, else a free dynamic one: a number never changes its meaning. */
function payloadNumbers(before: MediaLine | undefined): (name: string, wanted: ClockedPayload) => number {
  const meanings = new Map<number, string>();
  for (const each of before?.codecs ?? []) meanings.set(each.payloadType, meaning(each.name, each));
  for (const each of before?.telephoneEvents ?? []) meanings.set(each.payloadType, meaning('telephone-event', each));
  for (const each of before?.comfortNoises ?? []) meanings.set(each.payloadType, meaning('CN', each));
  return (name, wanted) => {
    const what = meaning(name, wanted);
    const had = [...meanings].find(([, each]) => each === what)?.[0];
    let number = had ?? wanted.payloadType;
    while (had === undefined && meanings.has(number)) number = number < 96 || number === 127 ? 96 : number + 1;
    meanings.set(number, what);
    return number;
  };
}

const meaning = (name: string, { clockRate }: Pick<NamedCodec, 'clockRate'>): string => `${name}/${clockRate}`;
