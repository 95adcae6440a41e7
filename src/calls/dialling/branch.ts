import type { Alarm, Log } from '../../base/index.ts';
import type { Refusal } from '../../conference/index.ts';
import type { Agreed, LocalMedia, Wishes } from '../../sdp/index.ts';
import { contacts, parseUri, printUri, type SipRequest } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import { MediaSession } from '../media-session.ts';
import type { FinalAnswer } from '../server-transaction.ts';
import { flowOfUri, type Surroundings } from '../surroundings.ts';
import { Attempt, type Connected } from './attempt.ts';
import type { Candidate } from './candidate.ts';
import { disagreed, isTemporary, refusalOfAnswer, unreachable } from './outcome.ts';

/** How long a place may say nothing at all while there is another one to try, in ms. */
const SILENT = 4_000;
/** How many places 3xx answers may add to one branch. */
const MOST_REDIRECTS = 5;

/** What a branch tells. */
export interface BranchSide {
  /** An INVITE went out. */
  readonly sent: () => void;
  /** The far end rings; perhaps more than once. */
  readonly rings: () => void;
  readonly early: (agreed: Agreed) => void;
  readonly connected: (connected: Connected) => void;
  /** None of its places took the call. Told once. */
  readonly failed: (refusal: Refusal) => void;
  /** Something of it that was still busy is not any more. */
  readonly gone: () => void;
}

/** What a branch is made of. */
export interface BranchNeeds {
  readonly around: Surroundings;
  readonly log: Log;
  readonly candidates: readonly Candidate[];
  readonly callId: string;
  readonly focus: () => string | undefined;
  /** Our end as it is described to that place. */
  readonly local: (candidate: Candidate) => Omit<LocalMedia, 'ptime'>;
  readonly wishes: (candidate: Candidate) => Wishes | undefined;
  readonly side: BranchSide;
}

/** One telephone or number, by the places where it may be reached: one after the other, until one gives an answer that holds. */
export class Branch {
  readonly #needs: BranchNeeds;
  readonly #left: Candidate[];
  readonly #attempts = new Set<Attempt>();
  #now: Attempt | undefined;
  #flow: Flow | undefined;
  #alarm: Alarm | undefined;
  #tries = 0;
  #redirects = 0;
  #over = false;

  constructor(needs: BranchNeeds) {
    this.#needs = needs;
    this.#left = [...needs.candidates];
  }

  /** The INVITE that is out. */
  get invite(): SipRequest | undefined {
    return this.#now?.invite;
  }

  /** Where it went. */
  get flow(): Flow | undefined {
    return this.#flow;
  }

  /** Something of it waits for an answer. */
  get isBusy(): boolean {
    return this.#attempts.size > 0;
  }

  start(): void {
    this.#next(undefined);
  }

  /** Nobody wants it any more; `elsewhere`: because another telephone was quicker. */
  cancel(why: { readonly elsewhere?: boolean } = {}): void {
    this.#over = true;
    this.#alarm?.cancel();
    for (const each of this.#attempts) each.cancel(why);
  }

  /** Forgets its alarms. */
  close(): void {
    this.#alarm?.cancel();
    for (const each of this.#attempts) each.close();
  }

  /** Tries the next place; `last` is why the one before did not take the call. */
  #next(last: Refusal | undefined): void {
    if (this.#over) return;
    this.#alarm?.cancel();
    const candidate = this.#left.shift();
    if (candidate === undefined) {
      this.#over = true;
      this.#needs.side.failed(last ?? unreachable('nobody can be reached there'));
      return;
    }
    const wishes = this.#needs.wishes(candidate);
    if (wishes === undefined) this.#next(disagreed('encryption is required and its keys need SIP over TLS'));
    else this.#try(candidate, wishes);
  }

  #try(candidate: Candidate, wishes: Wishes): void {
    const { around, callId, focus, local, side } = this.#needs;
    this.#tries += 1;
    const attempt: Attempt = new Attempt({
      around,
      candidate,
      focus,
      // A Call-ID is never used for two INVITEs that are no resends (RFC 3261 §8.1.1.4).
      callId: this.#tries === 1 ? callId : `${callId}-try${this.#tries}`,
      media: new MediaSession(local(candidate), wishes, () => around.engine.iceCredentials()),
      headers: [],
      side: {
        heard: (status) => {
          if (status > 100) this.#needs.side.rings();
          if (attempt === this.#now) this.#alarm?.cancel();
        },
        early: (agreed) => {
          if (attempt === this.#now && !this.#over) side.early(agreed);
        },
        connected: (connected) => this.#connected(attempt, connected),
        failed: (answer, words) => this.#failed(attempt, { candidate, answer, words }),
        gone: () => {
          this.#attempts.delete(attempt);
          side.gone();
        },
      },
    });
    this.#now = attempt;
    this.#flow = candidate.flow;
    this.#attempts.add(attempt);
    this.#watch(attempt, candidate);
    attempt.start();
    side.sent();
  }

  /** Where there is another place, silence is not waited for as long as RFC 3261 would (RFC 3263 §4.3). */
  #watch(attempt: Attempt, candidate: Candidate): void {
    if (this.#left.length === 0) return;
    const { clock } = this.#needs.around;
    this.#alarm = clock.wake(clock.now() + SILENT, () => {
      if (attempt !== this.#now || attempt.at !== 'calling') return;
      candidate.tell?.('unreachable');
      attempt.cancel();
      this.#next(refusalOfAnswer(undefined));
    });
  }

  #connected(attempt: Attempt, connected: Connected): void {
    this.#attempts.delete(attempt);
    connected.candidate.tell?.('answered');
    if (attempt !== this.#now || this.#over) {
      // Another place was quicker.
      connected.line.bye('hung-up', () => {});
      return;
    }
    this.#over = true;
    this.#alarm?.cancel();
    this.#needs.side.connected(connected);
  }

  #failed(attempt: Attempt, { candidate, answer, words }: { candidate: Candidate; answer: FinalAnswer; words: string | undefined }): void {
    this.#attempts.delete(attempt);
    if (attempt !== this.#now || this.#over) return;
    if (words !== undefined) {
      this.#end(disagreed(words));
      return;
    }
    candidate.tell?.(isTemporary(answer) ? 'unreachable' : 'answered');
    if (answer !== undefined && answer.status >= 300 && answer.status < 400) this.#redirected(candidate, answer);
    const refusal = refusalOfAnswer(answer);
    const isRedirect = answer !== undefined && answer.status < 400;
    if (isRedirect || isTemporary(answer)) this.#next(refusal);
    else this.#end(refusal);
  }

  #end(refusal: Refusal): void {
    this.#over = true;
    this.#alarm?.cancel();
    this.#needs.side.failed(refusal);
  }

  /** The places that a 3xx names come next, where they are allowed (RFC 3261 §8.1.3.4). */
  #redirected(candidate: Candidate, answer: NonNullable<FinalAnswer>): void {
    const list = contacts(answer);
    if (list === undefined || list === '*') return;
    const more: Candidate[] = [];
    for (const { uri } of list) {
      const text = printUri(uri);
      const flow = flowOfUri(text);
      const host = parseUri(text)?.host;
      if (flow === undefined || host === undefined || this.#redirects >= MOST_REDIRECTS || candidate.mayRedirect?.(host) !== true) continue;
      this.#redirects += 1;
      // The password is for whom it was made, not for whom he names.
      const { credentials: _, ...rest } = candidate;
      const isSameHost = host.toLowerCase() === parseUri(candidate.uri)?.host.toLowerCase();
      more.push({ ...(isSameHost ? candidate : rest), uri: text, flow, translated: false, routes: [] });
    }
    this.#left.unshift(...more);
  }
}
