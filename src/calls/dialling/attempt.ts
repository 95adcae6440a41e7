import { Runner } from '../../base/index.ts';
import type { Agreed } from '../../sdp/index.ts';
import {
  cancel,
  cseq,
  dialogFromResponse,
  type Headers,
  headerNumber,
  lists,
  newTag,
  offerSessionTimer,
  type SipRequest,
  type SipResponse,
  to,
  wishAfter422,
} from '../../sip/index.ts';
import { bodyOf, SDP } from '../call-values.ts';
import { authorisation } from '../credentials.ts';
import { DialogLine } from '../dialog-line.ts';
import type { MediaSession } from '../media-session.ts';
import type { FinalAnswer } from '../server-transaction.ts';
import { dialogHeaders, type Surroundings, viaOf } from '../surroundings.ts';
import { attemptMachine, type Effect, type Input, type State } from './attempt.machine.ts';
import type { Candidate } from './candidate.ts';
import { receiveEarly } from './early-dialog.ts';

/** The extensions that an INVITE of ours lists (RFC 4028, RFC 3262, RFC 3891). */
const CAN = 'timer, 100rel, replaces';

/** What keeps a telephone from telling of a call that was missed (RFC 3326 §2). */
const ELSEWHERE: Headers = [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']];

/** How often one INVITE is said again in the words that the far end asks for: password, stale nonce, longer session. */
const MOST_AGAIN = 3;

/** An INVITE of ours that became a call. */
export interface Connected {
  readonly line: DialogLine;
  /** The 2xx. */
  readonly answer: SipResponse;
  readonly media: MediaSession;
  readonly agreed: Agreed;
  /** The place that answered. */
  readonly candidate: Candidate;
  /** The 2xx came again, or another one by a fork: what acknowledges it. */
  readonly again: () => void;
}

/** What an attempt tells. */
export interface AttemptSide {
  /** A provisional answer came, 100 among them. */
  readonly heard: (status: number) => void;
  /** The far end may send sound already. */
  readonly early: (agreed: Agreed) => void;
  readonly connected: (connected: Connected) => void;
  /** Undefined: no answer came. A success without a description that fits is a `disagreement`. */
  readonly failed: (answer: FinalAnswer, disagreement?: string) => void;
  /** Nothing more comes of it. */
  readonly gone: () => void;
}

/** What an attempt is made of. */
export interface AttemptNeeds {
  readonly around: Surroundings;
  readonly candidate: Candidate;
  readonly callId: string;
  readonly focus: () => string | undefined;
  readonly media: MediaSession;
  /** More headers for this INVITE, such as Replaces. */
  readonly headers: Headers;
  readonly side: AttemptSide;
}

/** A dialog that a provisional answer began, and the last of these answers that we said PRACK to (RFC 3262). */
interface Early {
  readonly line: DialogLine;
  sequence: number;
  agreed: Agreed | undefined;
}

/** One INVITE to one place: its answers, its PRACKs, its CANCEL, its forks. */
export class Attempt {
  readonly #needs: AttemptNeeds;
  readonly #runner: Runner<State, Input, Effect>;
  readonly #tag: string;
  readonly #offer: string;
  readonly #early = new Map<string, Early>();
  /** Dialogs of a 2xx, by the far end's tag: what the next one of the same tag is answered with. */
  readonly #taken = new Map<string, () => void>();
  #invite: SipRequest;
  #number = 1;
  #authorised: Headers = [];
  #timer: Headers = offerSessionTimer();
  #saidAgain = 0;
  /** What a CANCEL gives as its reason. */
  #reason: Headers = [];
  #final: FinalAnswer;
  #disagreement: string | undefined;

  constructor(needs: AttemptNeeds) {
    this.#needs = needs;
    this.#tag = newTag(needs.around.chance);
    this.#offer = needs.media.offer();
    this.#invite = this.#made();
    this.#runner = new Runner(attemptMachine, { at: 'calling' }, needs.around.clock, (effect) => this.#perform(effect));
  }

  /** Where it is in its life. */
  get at(): State['at'] {
    return this.#runner.state.at;
  }

  /** The INVITE as it was sent last. */
  get invite(): SipRequest {
    return this.#invite;
  }

  /** Sends the INVITE. */
  start(): void {
    const { around, candidate } = this.#needs;
    const sent = this.#invite;
    around.ask(sent, candidate.flow, {
      provisional: (answer) => {
        if (sent === this.#invite) this.#provisional(answer);
      },
      final: (answer) => {
        if (sent === this.#invite) this.#answered(answer);
      },
    });
  }

  /** Nobody wants the call any more; `elsewhere`: because another telephone was quicker. */
  cancel({ elsewhere = false } = {}): void {
    this.#reason = elsewhere ? ELSEWHERE : [];
    this.#runner.feed({ type: 'cancel' });
  }

  /** Forgets its alarm; nothing more is said. */
  close(): void {
    this.#leaveEarly();
    this.#runner.close();
  }

  #made(): SipRequest {
    const { around, candidate, callId, focus, headers } = this.#needs;
    const secure = /^sips:/i.test(candidate.uri);
    return {
      type: 'request',
      method: 'INVITE',
      uri: candidate.uri,
      headers: [
        ['Via', viaOf(around, candidate.flow)],
        ['Max-Forwards', '70'],
        ...candidate.routes.map((route) => ['Route', route] as const),
        ['From', `${candidate.from};tag=${this.#tag}`],
        ['To', `<${candidate.to}>`],
        ['Call-ID', callId],
        ['CSeq', `${this.#number} INVITE`],
        ...dialogHeaders(around, candidate.flow, { secure, focus: focus() }).filter(([name]) => name !== 'Supported'),
        ['Supported', CAN],
        ...this.#timer,
        ...this.#authorised,
        ...candidate.headers,
        ...headers,
        ['User-Agent', around.userAgent],
        ...SDP,
      ],
      body: Buffer.from(this.#offer),
    };
  }

  #provisional(answer: SipResponse): void {
    this.#runner.feed({ type: 'provisional' });
    const { side } = this.#needs;
    const tag = to(answer)?.params.get('tag');
    if (this.at !== 'ringing') return;
    side.heard(answer.status);
    if (answer.status === 100 || tag === undefined) return;
    const early = this.#earlyOf(tag, answer);
    const isReliable = lists(answer, 'Require', '100rel') && headerNumber(answer, 'RSeq') !== undefined;
    if (isReliable && (early === undefined || !this.#acknowledged(early, answer))) return;
    if (answer.body.length === 0) return;
    const outcome = this.#needs.media.accept(bodyOf(answer));
    if (!('agreed' in outcome)) return;
    if (early !== undefined) early.agreed = outcome.agreed;
    side.early(outcome.agreed);
  }

  #earlyOf(tag: string, answer: SipResponse): Early | undefined {
    const known = this.#early.get(tag);
    if (known !== undefined) return known;
    const dialog = dialogFromResponse(this.#invite, answer);
    if (dialog === undefined) return undefined;
    const made: Early = { line: this.#line(dialog), sequence: 0, agreed: undefined };
    this.#early.set(tag, made);
    const { around, media, focus, side } = this.#needs;
    const settle = (agreed: Agreed): void => {
      made.agreed = agreed;
      side.early(agreed);
    };
    const isAgreed = (): boolean => made.sequence > 0 && made.agreed !== undefined;
    around.early.set(made.line.key, (transaction) =>
      receiveEarly(transaction, { around, line: made.line, media, focus, isAgreed, settle }),
    );
    return made;
  }

  /** Says PRACK (RFC 3262 §4); false: one that came already, or too early. */
  #acknowledged(early: Early, answer: SipResponse): boolean {
    const sequence = headerNumber(answer, 'RSeq') ?? 0;
    if (early.sequence !== 0 && sequence !== early.sequence + 1) return false;
    early.sequence = sequence;
    early.line.ask('PRACK', { headers: [['RAck', `${sequence} ${cseq(answer)?.number ?? this.#number} INVITE`]] }, () => {});
    return true;
  }

  #line(dialog: NonNullable<ReturnType<typeof dialogFromResponse>>): DialogLine {
    const { around, candidate, focus } = this.#needs;
    const { flow, translated, credentials } = candidate;
    return new DialogLine(dialog, { flow, translated, focus, ...(credentials === undefined ? {} : { credentials }) }, around);
  }

  #answered(answer: FinalAnswer): void {
    if (answer !== undefined && answer.status < 300) {
      this.#success(answer);
      return;
    }
    this.#final = answer;
    if (answer !== undefined && this.#sayAgain(answer)) {
      this.#runner.feed({ type: 'again' });
      if (this.at === 'calling') {
        this.#number += 1;
        this.#invite = this.#made();
        this.start();
      }
      return;
    }
    this.#runner.feed({ type: 'failure' });
  }

  /** Whether the far end asked for the same in other words that we have. */
  #sayAgain(answer: SipResponse): boolean {
    const { around, candidate } = this.#needs;
    if (this.#saidAgain >= MOST_AGAIN) return false;
    const authorised = authorisation({ answer, request: this.#invite, credentials: candidate.credentials, chance: around.chance });
    if (authorised !== undefined) {
      // The same password is wrong twice unless the nonce was too old.
      const [name] = authorised;
      if (this.#authorised.some(([each]) => each === name) && !isStale(answer)) return false;
      this.#authorised = [...this.#authorised.filter(([each]) => each !== name), authorised];
    } else if (answer.status === 422) {
      const wish = wishAfter422(answer);
      if (wish === undefined) return false;
      this.#timer = offerSessionTimer(wish);
    } else return false;
    this.#saidAgain += 1;
    return true;
  }

  /** A 2xx: the first makes the call, one of another fork gets ACK and BYE (RFC 3261 §13.2.2.4), one that comes again its ACK. */
  #success(answer: SipResponse): void {
    const tag = to(answer)?.params.get('tag') ?? '';
    const known = this.#taken.get(tag);
    if (known !== undefined) {
      known();
      return;
    }
    const first = this.#taken.size === 0 && this.at !== 'over';
    this.#final = answer;
    if (first) this.#runner.feed({ type: 'success' });
    else this.#decline(answer);
  }

  #leaveEarly(): void {
    for (const { line } of this.#early.values()) this.#needs.around.early.delete(line.key);
  }

  #perform(effect: Effect): void {
    const { around, candidate, side } = this.#needs;
    // A cancelled call rings on until its final answer comes.
    if (effect.do !== 'cancel') this.#leaveEarly();
    switch (effect.do) {
      case 'cancel':
        around.ask(withHeaders(cancel(this.#invite), this.#reason), candidate.flow, () => {});
        return;
      case 'connect':
        if (this.#final !== undefined) this.#connect(this.#final);
        return;
      case 'decline':
        if (this.#final !== undefined) this.#decline(this.#final);
        return;
      case 'fail':
        side.failed(this.#final, this.#disagreement);
        return;
      case 'forget':
        if (this.#final === undefined) around.drop(this.#invite);
        side.gone();
    }
  }

  #connect(answer: SipResponse): void {
    const { media, side, candidate } = this.#needs;
    const tag = to(answer)?.params.get('tag') ?? '';
    const line = this.#dialogOf(answer, tag);
    if (line === undefined) {
      side.failed(answer, 'its answer names no place to send to');
      return;
    }
    const again = () => line.acknowledge(answer, this.#authorised);
    this.#taken.set(tag, again);
    again();
    const early = this.#early.get(tag);
    // Behind an answer that came reliably, the 2xx says nothing new (RFC 6337 §3.1).
    const isSettled = early !== undefined && early.sequence > 0 && early.agreed !== undefined;
    const outcome = answer.body.length > 0 && !isSettled ? media.accept(bodyOf(answer)) : undefined;
    const agreed = outcome !== undefined && 'agreed' in outcome ? outcome.agreed : early?.agreed;
    if (agreed === undefined) {
      line.bye('failed', () => {});
      side.failed(answer, outcome !== undefined && 'words' in outcome ? outcome.words : 'it describes no sound');
    } else side.connected({ line, answer, media, agreed, candidate, again });
  }

  /** The dialog of a 2xx; its numbers go on from those of its PRACKs. */
  #dialogOf(answer: SipResponse, tag: string): DialogLine | undefined {
    const dialog = dialogFromResponse(this.#invite, answer);
    const said = this.#early.get(tag)?.line.sequence ?? 0;
    return dialog && this.#line({ ...dialog, localSequence: Math.max(dialog.localSequence, said) });
  }

  #decline(answer: SipResponse): void {
    const tag = to(answer)?.params.get('tag') ?? '';
    const line = this.#dialogOf(answer, tag);
    if (line === undefined) return;
    const again = () => line.acknowledge(answer, this.#authorised);
    this.#taken.set(tag, again);
    again();
    line.bye('hung-up', () => {});
  }
}

const withHeaders = (request: SipRequest, more: Headers): SipRequest => ({ ...request, headers: [...request.headers, ...more] });

const isStale = ({ headers }: SipResponse): boolean =>
  headers.some(([name, value]) => /^(www|proxy)-authenticate$/i.test(name) && /\bstale\s*=\s*"?true/i.test(value));
