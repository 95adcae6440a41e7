import {
  agreedSessionTimer,
  type Headed,
  type Headers,
  lists,
  offerSessionTimer,
  type SessionTimer,
  type SessionTimerWish,
  type SipResponse,
  sessionTimerWaits,
  wishAfter422,
} from '../sip/index.ts';
import type { SessionTimes } from './call.machine.ts';
import { SDP } from './call-values.ts';
import { ALLOW, SUPPORTED } from './check-request.ts';
import type { Said } from './dialog-line.ts';
import type { FinalAnswer } from './server-transaction.ts';

/** What a refresh needs of its call. */
export interface RefreshNeeds {
  readonly now: () => number;
  /** The description that the far end has of us. */
  readonly description: () => string | undefined;
  readonly ask: (method: string, what: Said, done: (answer: FinalAnswer) => void) => void;
  readonly acknowledge: (answer: SipResponse) => void;
  readonly outcome: (outcome: RefreshOutcome) => void;
}

/** How a refresh of ours ended. */
export type RefreshOutcome =
  | { readonly type: 'refreshed'; readonly answer: SipResponse }
  /** The far end knows nothing of the dialog any more, or says nothing. */
  | { readonly type: 'lost' }
  /** It met a request of the far end. */
  | { readonly type: 'later' }
  /** The session goes on until it expires. */
  | { readonly type: 'refused'; readonly status: number };

/** Keeps the session timer of one dialog (RFC 4028) and refreshes where that is our duty. */
export class SessionRefresh {
  readonly #needs: RefreshNeeds;
  readonly #method: 'UPDATE' | 'INVITE';
  #timer: SessionTimer | undefined;
  #least: number | undefined;
  #asking = false;

  /** UPDATE where the far end knows it, else a re-INVITE (RFC 4028 §7.4). */
  constructor(far: Headed, needs: RefreshNeeds) {
    this.#needs = needs;
    this.#method = lists(far, 'Allow', 'UPDATE') ? 'UPDATE' : 'INVITE';
  }

  /** A request of ours has no final answer yet. */
  get asking(): boolean {
    return this.#asking;
  }

  /** What was agreed on, as the far end's transaction says it. */
  agree(timer: SessionTimer): void {
    this.#timer = timer;
  }

  /** The deadlines, counted from now. */
  times(): SessionTimes | undefined {
    if (this.#timer === undefined) return undefined;
    const now = this.#needs.now();
    const { refreshAfter, endAfter } = sessionTimerWaits(this.#timer);
    return { refreshAt: this.#timer.refresher === 'uas' ? now + refreshAfter : undefined, expiresAt: now + endAfter };
  }

  /** Asks the far end to go on with the session as it is. */
  refresh(): void {
    if (this.#timer === undefined || this.#asking) return;
    const { intervalSeconds } = this.#timer;
    this.#ask({ intervalSeconds, ...(this.#least === undefined ? {} : { minSeconds: this.#least }) }, true);
  }

  #ask(wish: SessionTimerWish, first: boolean): void {
    // The same description says that nothing changes but the time (RFC 4028 §7.4, RFC 3264 §8).
    const body = this.#method === 'INVITE' ? (this.#needs.description() ?? '') : '';
    const headers: Headers = [['Supported', SUPPORTED], ['Allow', ALLOW], ...offerSessionTimer(wish, 'uac'), ...(body === '' ? [] : SDP)];
    this.#asking = true;
    this.#needs.ask(this.#method, { headers, body }, (answer) => this.#answered(answer, wish, first));
  }

  #answered(answer: FinalAnswer, wish: SessionTimerWish, first: boolean): void {
    const success = answer !== undefined && answer.status < 300;
    // A 2xx of an INVITE that comes again was not acknowledged.
    if (success && this.#method === 'INVITE') this.#needs.acknowledge(answer);
    if (!this.#asking) return;
    this.#asking = false;
    if (answer?.status === 422 && first && this.#askLonger(answer, wish)) return;
    if (success) this.#agreed(answer);
    this.#needs.outcome(outcomeOf(answer));
  }

  /** The far end, or a proxy, wants longer intervals (RFC 4028 §7.3). */
  #askLonger(answer: SipResponse, { intervalSeconds = 0 }: SessionTimerWish): boolean {
    const wish = wishAfter422(answer);
    if (wish?.intervalSeconds === undefined) return false;
    this.#least = wish.intervalSeconds;
    this.#ask({ intervalSeconds: Math.max(wish.intervalSeconds, intervalSeconds), minSeconds: wish.intervalSeconds }, false);
    return true;
  }

  #agreed(answer: SipResponse): void {
    const agreed = agreedSessionTimer(answer);
    if (agreed === undefined) return;
    // In the words of a transaction of ours `uac` is us; the timer is kept as the far end would say it.
    this.#timer = { intervalSeconds: agreed.intervalSeconds, refresher: agreed.refresher === 'uac' ? 'uas' : 'uac' };
  }
}

function outcomeOf(answer: FinalAnswer): RefreshOutcome {
  if (answer === undefined || answer.status === 408 || answer.status === 481) return { type: 'lost' };
  if (answer.status < 300) return { type: 'refreshed', answer };
  return answer.status === 491 ? { type: 'later' } : { type: 'refused', status: answer.status };
}
