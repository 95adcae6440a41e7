import type { Chance } from '../base/index.ts';
import type { Codec, LegAddress, LegChange } from '../media/index.ts';
import {
  type Agreed,
  acceptAnswer,
  answerOffer,
  describe,
  type IceCredentials,
  keyRing,
  type LocalDescription,
  type LocalMedia,
  makeOffer,
  parseSdp,
  type RefusalReason,
  type Wishes,
} from '../sdp/index.ts';

/** What offer and answer came to. */
export interface Agreement {
  readonly agreed: Agreed;
  /** Our description; empty where we had none to say. */
  readonly text: string;
}

/** An offer or answer that comes to nothing: no description at all, or one for which the words of a Warning say why. */
export interface NoAgreement {
  readonly refused: 'malformed' | 'nothing-answered' | RefusalReason;
  readonly words: string;
}

export type Outcome = Agreement | NoAgreement;

/** Our packets, in ms. */
const PACKET_TIME = 20;

/** What makes our end of a leg into a description. */
export interface LocalNeeds {
  readonly chance: Chance;
  /** What descriptions say instead of the address that a leg listens on. */
  readonly mediaAddress: (bound: string) => string;
}

/** Our end of a leg as descriptions say it. */
export function localOf({ address, port, ssrc, webrtc }: LegAddress, { chance, mediaAddress }: LocalNeeds): Omit<LocalMedia, 'ptime'> {
  const told = mediaAddress(address);
  const addresses = [...new Set([told, address])];
  return {
    address: told,
    port,
    sessionId: newSessionId(chance),
    keys: keyRing((length) => chance.bytes(length)),
    // Whoever is in our own network may not get through to the address that others see.
    ...(webrtc === undefined ? {} : { webrtc: { ...webrtc, ssrc, addresses } }),
  };
}

/** A session id for `o=`: decimal digits that fit 53 bits. */
const newSessionId = (chance: Chance): string => String(Number(`0x${Buffer.from(chance.bytes(6)).toString('hex')}`));

/** The offers and answers of one dialog: raises the version in `o=` exactly when our text changes (RFC 3264 §8). */
export class MediaSession {
  readonly #wishes: Wishes;
  readonly #newIce: () => IceCredentials;
  #local: LocalMedia;
  #said: LocalDescription | undefined;
  #agreed: Agreed | undefined;

  /** `newIce`: what we call ourselves after a restart of ICE; only for browsers. */
  constructor(local: Omit<LocalMedia, 'ptime'>, wishes: Wishes, newIce: () => IceCredentials = notABrowser) {
    this.#local = { ...local, ptime: PACKET_TIME };
    this.#wishes = wishes;
    this.#newIce = newIce;
  }

  /** Where our descriptions say that we are. */
  get address(): string {
    return this.#local.address;
  }

  /** What holds now. */
  get agreed(): Agreed | undefined {
    return this.#agreed;
  }

  /** What the far end has of us: our last offer or answer. */
  get description(): string | undefined {
    return this.#said?.body;
  }

  /** Answers an offer of the far end. */
  answer(offerText: string): Outcome {
    const offer = parseSdp(offerText);
    if ('malformed' in offer) return { refused: 'malformed', words: offer.malformed };
    const negotiated = answerOffer(offer, this.#local, this.#wishes);
    if ('refused' in negotiated) return negotiated;
    const { agreed } = negotiated;
    if (!isRestart(this.#agreed, agreed)) return this.#settled(agreed, negotiated);
    const local = this.#newIce();
    this.#local = { ...this.#local, ...(this.#local.webrtc && { webrtc: { ...this.#local.webrtc, ...local } }) };
    const again = answerOffer(offer, this.#local, this.#wishes);
    return 'refused' in again
      ? again
      : this.#settled({ ...again.agreed, ...(agreed.webrtc && { webrtc: { ...agreed.webrtc, local } }) }, again);
  }

  #settled(agreed: Agreed, described: { readonly print: (version: number) => string }): Agreement {
    this.#agreed = agreed;
    return { agreed, text: this.#say(described) };
  }

  /** Our offer. It keeps a hold of the far end, who alone may end it. */
  offer(): string {
    const direction = this.#agreed?.direction ?? 'sendrecv';
    return this.#say(makeOffer({ local: this.#local, wishes: this.#wishes, direction, previous: this.#said }));
  }

  /** Reads the answer to our offer. */
  accept(answerText: string): Outcome {
    const answer = parseSdp(answerText);
    if ('malformed' in answer) return { refused: 'malformed', words: answer.malformed };
    if (this.#said === undefined) return { refused: 'nothing-answered', words: 'no offer of ours is open' };
    const agreed = acceptAnswer(answer, this.#said, { ...this.#wishes, ptime: this.#local.ptime });
    if ('refused' in agreed) return agreed;
    this.#agreed = agreed;
    return { agreed, text: '' };
  }

  #say(described: { readonly print: (version: number) => string }): string {
    this.#said = describe(this.#said, described);
    return this.#said.body;
  }
}

const notABrowser = (): never => {
  throw new TypeError('ICE is for browsers');
};

/** Both sides call themselves otherwise as soon as one does (RFC 8839 §4.4.1.1.1). */
const isRestart = (before: Agreed | undefined, { webrtc }: Agreed): boolean =>
  before?.webrtc != null &&
  webrtc !== null &&
  (before.webrtc.remote.ufrag !== webrtc.remote.ufrag || before.webrtc.remote.pwd !== webrtc.remote.pwd);

/** What the engine must know of an agreement. */
export const legChange = ({ remote, codec, telephoneEvent, comfortNoise, audioLevelId, crypto, webrtc, direction }: Agreed): LegChange => ({
  ...(remote === undefined ? {} : { remote }),
  codec: codecOf(codec),
  telephoneEvent: telephoneEvent?.payloadType ?? null,
  ...(telephoneEvent === null ? {} : { telephoneEventClock: telephoneEvent.clockRate }),
  comfortNoise,
  audioLevelId,
  ...(webrtc === null ? { crypto: crypto && keysOf(crypto) } : { webrtc }),
  direction,
});

const keysOf = ({ suite, ourKey, theirKey, theirMki }: NonNullable<Agreed['crypto']>): NonNullable<LegChange['crypto']> => ({
  suite,
  ourKey,
  theirKey,
  ...(theirMki === null ? {} : { theirMki }),
});

const codecOf = ({ name, payloadType, ptime, rate, clockRate, opus }: Agreed['codec']): Codec => ({
  name,
  payloadType,
  ptime,
  ...(name === 'L16' ? { rate, clockRate } : {}),
  ...(opus === undefined ? {} : { opus }),
});

/** Nobody's: what it answers is thrown away. */
const NOWHERE = { address: '127.0.0.1', port: 9, sessionId: '0', keys: keyRing((length) => new Uint8Array(length)) };
const NO_BROWSER = { ufrag: 'none', pwd: '', fingerprint: { hash: 'sha-256', value: '' }, ssrc: 0, addresses: [] };

/** Can an offer be answered at all, by a leg for telephones or by one for browsers (then `agreed.webrtc` is there)? Asked before the domain is. */
export function judgeOffer(text: string, wishes: Wishes): Outcome {
  const plain = new MediaSession(NOWHERE, wishes).answer(text);
  if (!('refused' in plain) || plain.refused !== 'profile-unknown') return plain;
  return new MediaSession({ ...NOWHERE, webrtc: NO_BROWSER }, wishes).answer(text);
}
