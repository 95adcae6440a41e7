import type { Chance } from '../base/index.ts';
import type { LegChange } from '../media/index.ts';
import {
  type Agreed,
  acceptAnswer,
  answerOffer,
  describe,
  type LocalDescription,
  type LocalMedia,
  makeOffer,
  parseSdp,
  type Wishes,
} from '../sdp/index.ts';

/** What offer and answer came to, or why not. */
export type Outcome = { readonly agreed: Agreed; readonly text: string } | 'malformed' | 'nothing-in-common';

/** Our packets, in ms. */
const PACKET_TIME = 20;

/** What the engine can do today; the far end's order of preference holds. */
const WISHES: Wishes = {
  codecs: ['PCMU', 'PCMA'],
  order: 'theirs',
  encryption: 'off',
  rtcpMux: false,
  comfortNoise: false,
  audioLevel: false,
};

/** A session id for `o=`: decimal digits that fit 53 bits. */
export const newSessionId = (chance: Chance): string => String(Number(`0x${Buffer.from(chance.bytes(6)).toString('hex')}`));

/** The offers and answers of one dialog: raises the version in `o=` exactly when our text changes (RFC 3264 §8). */
export class MediaSession {
  readonly #local: LocalMedia;
  #said: LocalDescription | undefined;
  #agreed: Agreed | undefined;

  constructor(local: Omit<LocalMedia, 'ptime'>) {
    this.#local = { ...local, ptime: PACKET_TIME };
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
    if ('malformed' in offer) return 'malformed';
    const negotiated = answerOffer(offer, this.#local, WISHES);
    if ('refused' in negotiated) return 'nothing-in-common';
    this.#agreed = negotiated.agreed;
    return { agreed: negotiated.agreed, text: this.#say(negotiated) };
  }

  /** Our offer. It keeps a hold of the far end, who alone may end it. */
  offer(): string {
    const direction = this.#agreed?.direction ?? 'sendrecv';
    return this.#say(makeOffer({ local: this.#local, wishes: WISHES, direction, previous: this.#said }));
  }

  /** Reads the answer to our offer. */
  accept(answerText: string): Outcome {
    const answer = parseSdp(answerText);
    if ('malformed' in answer) return 'malformed';
    const agreed = this.#said === undefined ? undefined : acceptAnswer(answer, this.#said, this.#local);
    if (agreed === undefined || 'refused' in agreed) return 'nothing-in-common';
    this.#agreed = agreed;
    return { agreed, text: '' };
  }

  #say(described: { readonly print: (version: number) => string }): string {
    this.#said = describe(this.#said, described);
    return this.#said.body;
  }
}

/** What the engine must know of an agreement. */
export const legChange = ({ remote, codec, telephoneEvent, direction }: Agreed): LegChange => ({
  ...(remote === undefined ? {} : { remote }),
  ...(codec.name === 'PCMU' || codec.name === 'PCMA'
    ? { codec: { name: codec.name, payloadType: codec.payloadType, ptime: codec.ptime } }
    : {}),
  telephoneEvent: telephoneEvent?.payloadType ?? null,
  direction,
});

/** Can an offer be answered at all? Asked before the domain is. */
export function judgeOffer(text: string): Outcome {
  return new MediaSession({ address: '127.0.0.1', port: 9, sessionId: '0' }).answer(text);
}
