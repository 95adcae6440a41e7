import type { Chance } from '../base/index.ts';
import type { Codec, LegChange } from '../media/index.ts';
import {
  type Agreed,
  acceptAnswer,
  answerOffer,
  describe,
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

/** A session id for `o=`: decimal digits that fit 53 bits. */
export const newSessionId = (chance: Chance): string => String(Number(`0x${Buffer.from(chance.bytes(6)).toString('hex')}`));

/** The offers and answers of one dialog: raises the version in `o=` exactly when our text changes (RFC 3264 §8). */
export class MediaSession {
  readonly #local: LocalMedia;
  readonly #wishes: Wishes;
  #said: LocalDescription | undefined;
  #agreed: Agreed | undefined;

  constructor(local: Omit<LocalMedia, 'ptime'>, wishes: Wishes) {
    this.#local = { ...local, ptime: PACKET_TIME };
    this.#wishes = wishes;
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
    this.#agreed = negotiated.agreed;
    return { agreed: negotiated.agreed, text: this.#say(negotiated) };
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

/** What the engine must know of an agreement. */
export const legChange = ({ remote, codec, telephoneEvent, comfortNoise, audioLevelId, crypto, direction }: Agreed): LegChange => ({
  ...(remote === undefined ? {} : { remote }),
  codec: codecOf(codec),
  telephoneEvent: telephoneEvent?.payloadType ?? null,
  ...(telephoneEvent === null ? {} : { telephoneEventClock: telephoneEvent.clockRate }),
  comfortNoise,
  audioLevelId,
  crypto: crypto && { suite: crypto.suite, ourKey: crypto.ourKey, theirKey: crypto.theirKey },
  direction,
});

const codecOf = ({ name, payloadType, ptime, rate, clockRate, opus }: Agreed['codec']): Codec => ({
  name,
  payloadType,
  ptime,
  ...(name === 'L16' ? { rate, clockRate } : {}),
  ...(opus === undefined ? {} : { opus }),
});

/** Can an offer be answered at all? Asked before the domain is. */
export function judgeOffer(text: string, wishes: Wishes): Outcome {
  const keys = keyRing((length) => new Uint8Array(length));
  return new MediaSession({ address: '127.0.0.1', port: 9, sessionId: '0', keys }, wishes).answer(text);
}
