import type { Account, AccountId, Accounts, TrunkId } from '../../accounts/index.ts';
import { Failure, type Log } from '../../base/index.ts';
import type { CallId, DialRequest, LeaveReason, Refusal } from '../../conference/index.ts';
import type { Call } from '../call.ts';
import type { CallOpening } from '../call-opening.ts';
import { CdrDraft } from '../cdr.ts';
import { isSecure } from '../flow.ts';
import type { Limits } from '../limits.ts';
import { encryptionOver, mediaWishes } from '../media-wishes.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Candidate } from './candidate.ts';
import type { Places } from './places.ts';
import type { DialingRules } from './policy.ts';
import { Ringing } from './ringing.ts';

/** What makes calls. */
export interface OutgoingOptions {
  readonly around: Surroundings;
  readonly log: Log;
  readonly accounts: Accounts;
  readonly places: Places;
  readonly rules: DialingRules;
  readonly limiting: Limits;
  readonly keysInClear: boolean;
  /** Calls that are up or arriving, ours and those of others. */
  readonly calls: ReadonlyMap<CallId, Call>;
  /** What the account has in use besides what rings. */
  readonly inUse: (account: Account) => { readonly legs: number; readonly seconds: number };
  /** There may be one more call. */
  readonly hasRoom: () => boolean;
  /** Makes it a call that is up. */
  readonly connect: (opening: Omit<CallOpening, 'dialled' | 'subscribed' | 'referred' | 'gone'>) => void;
}

/** What is known of a call of ours while it lives. */
interface Known {
  readonly account: AccountId;
  readonly sipCallIds: Set<string>;
  trunk: TrunkId | undefined;
}

/** Makes calls: rings, and hands over what was answered. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #ringing = new Map<CallId, Ringing>();
  readonly #known = new Map<CallId, Known>();
  readonly #waiters = new Map<CallId, (refusal: Refusal | undefined) => void>();
  #waiting: (() => void)[] = [];
  #closing = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** How many ring. */
  get count(): number {
    return this.#ringing.size;
  }

  /** How many of an account ring. */
  ringingOf(account: AccountId): number {
    let count = 0;
    for (const id of this.#ringing.keys()) if (this.#known.get(id)?.account === account) count += 1;
    return count;
  }

  /** Calls of ours that go through a trunk now. */
  callsOf(trunk: TrunkId): number {
    let count = 0;
    for (const each of this.#known.values()) if (each.trunk === trunk) count += 1;
    return count;
  }

  /** Some call of ours has this Call-ID. */
  hasCallId(sipCallId: string): boolean {
    for (const { sipCallIds } of this.#known.values()) if (sipCallIds.has(sipCallId)) return true;
    return false;
  }

  /** Resolves once: undefined when he takes part, else why he does not. Ask before the call is made. */
  outcome(call: CallId): Promise<Refusal | undefined> {
    return new Promise((resolve) => this.#waiters.set(call, resolve));
  }

  /** Nobody waits for the outcome any more, because the call was never made. */
  forgetOutcome(call: CallId): void {
    this.#waiters.delete(call);
  }

  /** Makes a call; its end comes to the domain in any case. */
  dial(request: DialRequest): void {
    const { id } = request.call;
    if (this.#ringing.has(id) || this.#options.calls.has(id)) return;
    this.#known.set(id, { account: request.account, sipCallIds: new Set([request.call.sipCallId]), trunk: undefined });
    const ringing: Ringing = this.#ring(request);
    this.#ringing.set(id, ringing);
    ringing.start();
  }

  hangUp(call: CallId, reason: LeaveReason): void {
    this.#ringing.get(call)?.hangUp(reason);
  }

  /** The call that was answered is over. */
  over(call: CallId): void {
    this.#known.delete(call);
  }

  /** Cancels what rings and makes no more calls. */
  shutDown(): void {
    this.#closing = true;
    for (const each of [...this.#ringing.values()]) each.hangUp('shutdown');
  }

  /** Resolves when nothing rings. */
  emptied(): Promise<void> {
    if (this.#ringing.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Forgets every alarm. */
  abandon(): void {
    for (const each of this.#ringing.values()) each.abandon();
  }

  #ring(request: DialRequest): Ringing {
    const { around, log } = this.#options;
    const { call, account, place } = request;
    const startedAt = around.clock.epoch();
    const { leg: _leg, ...facts } = call;
    const { name = '', number = '' } = request.target.callerId ?? {};
    const start = { ...facts, callerName: name, callerNumber: number, account, calledNumber: request.target.dialled, startedAt };
    around.cdrs.traces?.claim(start);
    const cdr = new CdrDraft(start, around.cdrs);
    // A lobby is no conference: it has the id of the call that stands in it.
    const focus = place === (call.id as string) || this.#options.calls.has(place as string as CallId) ? undefined : place;
    if (focus !== undefined) cdr.toward(focus);
    const own = log.with({ call: call.id, conference: place });
    let owner: Account | undefined;
    const ringing: Ringing = new Ringing({
      request,
      around,
      log: own,
      cdr,
      candidates: async () => {
        owner = await this.#options.accounts.account(account);
        return this.#candidates(request, owner);
      },
      wishes: (candidate) => this.#wishes(owner, candidate),
      callIdOf: (n) => this.#callIdOf(request, n),
      connected: (connected) => {
        this.#ringing.delete(call.id);
        const wishes = this.#wishes(owner, connected.candidate);
        const known = this.#known.get(call.id);
        if (known !== undefined) known.trunk = connected.candidate.trunk;
        if (wishes === undefined) return;
        this.#options.connect({
          id: call.id,
          account,
          conference: place,
          focus,
          invite: undefined,
          connected,
          wishes,
          log: own,
          cdr,
          settled: (refusal) => this.#settle(call.id, refusal),
        });
      },
      failed: (refusal) => this.#settle(call.id, refusal),
      gone: () => this.#gone(call.id),
    });
    return ringing;
  }

  async #candidates({ account, target }: DialRequest, owner: Account | undefined): Promise<readonly (readonly Candidate[])[]> {
    const { rules, limiting, places, inUse, hasRoom } = this.#options;
    if (owner === undefined) throw new Failure('not-found', 'account_not_found', 'there is no such account');
    if (this.#closing || !hasRoom()) throw new Failure('unavailable', 'overloaded', 'the server takes no more calls now');
    const used = await limiting.usedSeconds(owner);
    const { legs, seconds } = inUse(owner);
    const others = this.ringingOf(account) - 1;
    if (owner.limits !== undefined) limiting.check(owner, { legs: legs + others, seconds }, used);
    await rules.begin(owner, () => this.#ofAccount(account) - 1);
    return places.of(owner, target);
  }

  #ofAccount(account: AccountId): number {
    return [...this.#known.values()].filter((each) => each.account === account).length;
  }

  #wishes(account: Account | undefined, { flow, media }: Candidate): CallOpening['wishes'] | undefined {
    const { codecs, order, encryption: policy } = mediaWishes(account?.media, media);
    const encryption = encryptionOver(policy, { secure: isSecure(flow), keysInClear: this.#options.keysInClear });
    return encryption === 'insecure' ? undefined : { codecs, order, encryption };
  }

  /** The n-th branch of a call has its Call-ID with `-n` behind it (rulings "Whose call is it"). */
  #callIdOf({ call }: DialRequest, n: number): string {
    const sipCallId = n === 1 ? call.sipCallId : `${call.sipCallId}-${n}`;
    this.#known.get(call.id)?.sipCallIds.add(sipCallId);
    return sipCallId;
  }

  #settle(call: CallId, refusal: Refusal | undefined): void {
    this.#waiters.get(call)?.(refusal);
    this.#waiters.delete(call);
  }

  #gone(call: CallId): void {
    this.#ringing.delete(call);
    if (!this.#options.calls.has(call)) this.#known.delete(call);
    if (this.#ringing.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
