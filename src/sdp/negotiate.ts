import { cryptoSuites, type KeyParameters, type OfferedCrypto } from './crypto.ts';
import { parseSdp } from './parse.ts';
import { printAnswer } from './print.ts';
import type {
  Agreed,
  AgreedCrypto,
  AgreedWebRtc,
  LocalDescription,
  LocalMedia,
  MediaLine,
  NamedCodec,
  RefusalReason,
  Refused,
  SessionDescription,
  Wishes,
} from './session.ts';
import { agree, isDtls, isLiveAudio, isSecure, refused, type Terms, webrtcOf } from './terms.ts';

/** What an answer does, and how to say it. */
export interface Negotiated {
  readonly agreed: Agreed;
  /** Prints our description with this o= version. */
  readonly print: (version: number) => string;
}

/**
 * Answers an offer (RFC 3264 §6): the first audio line on which we can agree, the others refused in place. One codec is accepted, so that
 * nobody changes it in the middle of a word. When no line will do, the reason is that of the first line with audio.
 */
export function answerOffer(offer: SessionDescription, local: LocalMedia, wishes: Wishes): Negotiated | Refused {
  const terms = termsOf(local, wishes, offer);
  let reason: Refused | undefined;
  for (const [chosen, line] of offer.media.entries()) {
    const agreed = agree(line, terms);
    if (!('refused' in agreed)) {
      return { agreed, print: (version) => printAnswer({ offer, chosen, agreed, local, wishes, version }) };
    }
    if (isLiveAudio(line)) reason ??= agreed;
  }
  return reason ?? refused('no-audio');
}

/** Reads the answer to an offer of ours. What was offered is read from the offer itself, so nothing can be accepted that it did not say. */
export function acceptAnswer(
  answer: SessionDescription,
  offered: LocalDescription,
  { ptime, interval }: Pick<LocalMedia, 'ptime'> & Pick<Wishes, 'interval'>,
): Agreed | Refused {
  const offer = parseSdp(offered.body);
  if ('malformed' in offer) throw new TypeError(`our own offer is malformed: ${offer.malformed}`);
  const index = offer.media.findIndex(isLiveAudio);
  const [ours, theirs] = [offer.media[index], answer.media[index]];
  if (ours === undefined || theirs === undefined) return refused('no-audio');
  return agree(theirs, {
    pickCodec: (line) => line.codecs.find((each) => ours.codecs.some((own) => own.name === each.name && own.clockRate === each.clockRate)),
    pickCrypto: (line) => acceptedCrypto(ours, line),
    pickWebRtc: (line) => acceptedWebRtc(ours, line, answer),
    rtcpMux: ours.rtcpMux,
    comfortNoise: ours.comfortNoises.length > 0,
    // An answer names the id of the offer or none (RFC 8285 §6).
    audioLevel: ours.audioLevel !== undefined && ours.audioLevel.id === theirs.audioLevel?.id,
    ptime,
    interval,
  });
}

const termsOf = (local: LocalMedia, wishes: Wishes, offer: SessionDescription): Terms => ({
  pickCodec: (line) => pickCodec(line, wishes),
  pickCrypto: (line) => pickCrypto(line, local, wishes),
  pickWebRtc: (line) => pickWebRtc(line, local, offer),
  rtcpMux: wishes.rtcpMux ?? true,
  comfortNoise: wishes.comfortNoise ?? true,
  audioLevel: wishes.audioLevel ?? true,
  ptime: local.ptime,
  interval: wishes.interval,
});

function pickCodec({ codecs }: MediaLine, { codecs: wished, order = 'ours' }: Wishes): NamedCodec | undefined {
  if (order === 'theirs') return codecs.find(({ name }) => wished.includes(name));
  const best = wished.find((name) => codecs.some((each) => each.name === name));
  return codecs.find(({ name }) => name === best);
}

/** The first of their keys that is good enough (RFC 4568 §5.1.2); whether there must be one is a matter of profile and policy. */
function pickCrypto({ protocol, crypto }: MediaLine, { keys }: LocalMedia, wishes: Wishes): AgreedCrypto | null | RefusalReason {
  const { encryption, suites = cryptoSuites } = wishes;
  if (encryption === 'required' && keys === undefined) throw new TypeError('encryption is required, and there are no keys');
  if (encryption === 'off' || keys === undefined) return isSecure(protocol) ? 'encryption-off' : null;
  const taken = crypto.find((each) => suites.includes(each.suite));
  if (taken !== undefined) return agreedCrypto(taken, keys(taken.suite));
  if (isSecure(protocol)) return 'no-usable-crypto';
  if (encryption === 'offered') return null;
  return crypto.length > 0 ? 'no-usable-crypto' : 'encryption-required';
}

/** A leg for browsers takes nothing else, and no other leg takes them. */
function pickWebRtc(line: MediaLine, { webrtc }: LocalMedia, { iceLite }: SessionDescription): AgreedWebRtc | null | RefusalReason {
  if (isDtls(line) !== (webrtc !== undefined)) return 'profile-unknown';
  if (webrtc === undefined) return null;
  // Somebody has to send checks (RFC 8445 §6.1.1).
  if (iceLite) return 'ice-lite';
  // Who says nothing offers to be active (RFC 4145 §4.1).
  return webrtcOf(line, (setup = 'actpass') => setup === 'actpass' || setup === 'active');
}

/** The answer to an offer of ours with DTLS: whoever answers `actpass` ought to be active (RFC 8842 §5.3). */
function acceptedWebRtc(ours: MediaLine, theirs: MediaLine, { iceLite }: SessionDescription): AgreedWebRtc | null | RefusalReason {
  if (isDtls(ours) !== isDtls(theirs)) return 'profile-unknown';
  if (!isDtls(ours)) return null;
  if (iceLite) return 'ice-lite';
  return webrtcOf(theirs, (setup = 'active') => setup === 'active');
}

/** The key under a tag of ours (RFC 4568 §5.1.3). An offer that could be read as being in the clear may be answered so. */
function acceptedCrypto(ours: MediaLine, { protocol, crypto }: MediaLine): AgreedCrypto | null | RefusalReason {
  for (const own of ours.crypto) {
    const taken = crypto.find(({ tag, suite }) => tag === own.tag && suite === own.suite);
    if (taken !== undefined) return agreedCrypto(taken, own.key);
  }
  if (isSecure(ours.protocol) || isSecure(protocol)) return crypto.length > 0 ? 'no-usable-crypto' : 'encryption-required';
  return null;
}

const agreedCrypto = ({ suite, tag, key, mki, lifetime }: OfferedCrypto, ourKey: KeyParameters): AgreedCrypto => ({
  suite,
  tag,
  ourKey,
  theirKey: key,
  theirMki: mki,
  theirLifetime: lifetime,
});
