import type { AccountId } from '../../accounts/index.ts';
import type { Alarm, Clock } from '../../base/index.ts';
import type { CommandName, Input } from '../commands.ts';
import type { Call } from '../conference.ts';
import type { DialRequest } from '../dialling.ts';
import type { CallId } from '../ids.ts';
import type { LeaveReason } from '../reasons.ts';
import { callNotFound } from '../refusals.ts';
import type { PhoneCall } from './phone-calls.ts';

/** How long a call that has ended is kept here, ms: until its record is surely written, and a client has looked. */
const REMEMBERED = 120_000;
/** Most that have ended. */
const MOST_ENDED = 2000;

/** The longest that a call lasts, ms (voipbin-facts §3.3: a day). */
const LONGEST = 24 * 3_600_000;

/** Told of every change of a call. */
export type CallTold = (call: PhoneCall, before: PhoneCall | undefined) => void;

/** Knows every call: hears what signalling tells the domain, and what the domain wants of signalling. */
export class CallBook {
  readonly #clock: Clock;
  readonly #told: CallTold;
  readonly #calls = new Map<CallId, PhoneCall>();
  readonly #ended = new Set<CallId>();
  /** Of calls that are up: when they have lasted long enough. */
  readonly #limits = new Map<CallId, Alarm>();
  readonly #tooLong: (call: CallId) => void;

  constructor(clock: Clock, told: CallTold = () => {}, tooLong: (call: CallId) => void = () => {}) {
    this.#clock = clock;
    this.#told = told;
    this.#tooLong = tooLong;
  }

  /** Nothing is waited for any more. */
  close(): void {
    for (const each of this.#limits.values()) each.cancel();
    this.#limits.clear();
  }

  list(account: AccountId): readonly PhoneCall[] {
    return [...this.#calls.values()].filter((each) => each.account === account).sort((a, b) => b.startedAt - a.startedAt);
  }

  find(account: AccountId, id: CallId): PhoneCall | undefined {
    const found = this.#calls.get(id);
    return found?.account === account ? found : undefined;
  }

  /** One that lives. Refuses with not-found/call_not_found. */
  live(account: AccountId, id: CallId): PhoneCall {
    const found = this.find(account, id);
    if (found === undefined || found.status === 'hangup') throw callNotFound(id);
    return found;
  }

  /** How many live calls were made for others. */
  chained(account: AccountId): number {
    let count = 0;
    for (const each of this.#calls.values())
      if (each.account === account && each.master !== undefined && each.endedAt === undefined) count += 1;
    return count;
  }

  /** A command of signalling, before it is done. */
  hears<Name extends CommandName>(name: Name, input: Input<Name>, account: AccountId): void {
    if (name === 'call.arrived') this.#arrived(input as Input<'call.arrived'>, account);
    else if (name === 'call.answered') this.#answered((input as Input<'call.answered'>).call);
    else if (name === 'call.ringing') this.#rings((input as Input<'call.ringing'>).call);
    else if (name === 'call.ended') this.#over(input as Input<'call.ended'>);
  }

  /** A call is made; `master`: for whom; `hook`: who is told of its run. */
  dialled({ account, call, target }: DialRequest, { master, hook }: Pick<PhoneCall, 'hook' | 'master'> = {}): PhoneCall {
    const { name = '', number = '' } = target.callerId ?? {};
    const ends = { source: { number, name }, destination: { number: target.dialled, name: call.callerName } };
    const more = { ...(master === undefined ? {} : { master }), ...(hook === undefined ? {} : { hook }) };
    return this.#began({ call, account, ...ends, ...more }, 'dialing');
  }

  /** We end it. */
  ending(id: CallId): void {
    const { status } = this.#calls.get(id) ?? {};
    if (status === undefined || status === 'hangup') return;
    this.#unlimit(id);
    this.change(id, { status: status === 'progressing' || status === 'terminating' ? 'terminating' : 'canceling', byUs: true });
  }

  /** What signalling never took. */
  forget(id: CallId): void {
    this.#calls.delete(id);
  }

  change(id: CallId, change: Partial<PhoneCall>): void {
    const before = this.#calls.get(id);
    if (before === undefined) return;
    const next = { ...before, ...change, changedAt: this.#clock.epoch() };
    this.#calls.set(id, next);
    this.#told(next, before);
  }

  #arrived({ call, dialled = '' }: Input<'call.arrived'>, account: AccountId): void {
    if (call.stream !== undefined || this.#calls.has(call.id)) return;
    const source = { number: call.callerNumber, name: call.callerName };
    this.#began({ call, account, source, destination: { number: dialled, name: '' } }, 'ringing');
  }

  #unlimit(id: CallId): void {
    this.#limits.get(id)?.cancel();
    this.#limits.delete(id);
  }

  #rings(id: CallId): void {
    if (this.#calls.get(id)?.status === 'dialing') this.change(id, { status: 'ringing', rangAt: this.#clock.epoch() });
  }

  #answered(id: CallId): void {
    const call = this.#calls.get(id);
    if (call === undefined || call.status === 'progressing' || call.endedAt !== undefined) return;
    // Who is about to be hung up anyway needs no limit.
    if (!call.byUs) {
      const until = this.#clock.now() + LONGEST;
      this.#limits.set(
        id,
        this.#clock.wake(until, () => this.#tooLong(id)),
      );
    }
    this.change(id, { status: call.byUs ? 'terminating' : 'progressing', answeredAt: this.#clock.epoch() });
  }

  #over({
    call: id,
    reason,
    refusal,
  }: {
    readonly call: CallId;
    readonly reason: LeaveReason;
    readonly refusal?: PhoneCall['refusal'];
  }): void {
    const call = this.#calls.get(id);
    if (call === undefined || call.endedAt !== undefined) return;
    this.#unlimit(id);
    this.change(id, { status: 'hangup', endedAt: this.#clock.epoch(), reason, ...(refusal === undefined ? {} : { refusal }) });
    this.#ended.add(id);
    this.#sweep();
  }

  #began(
    { call, ...rest }: Pick<PhoneCall, 'account' | 'source' | 'destination' | 'master' | 'hook'> & { readonly call: Call },
    status: PhoneCall['status'],
  ): PhoneCall {
    const now = this.#clock.epoch();
    const { id, direction } = call;
    const made: PhoneCall = { ...rest, id, call, direction, status, startedAt: now, changedAt: now, byUs: false, muted: '' };
    this.#calls.set(id, made);
    this.#told(made, undefined);
    return made;
  }

  #sweep(): void {
    const then = this.#clock.epoch() - REMEMBERED;
    for (const id of this.#ended) {
      if (this.#ended.size <= MOST_ENDED && (this.#calls.get(id)?.endedAt ?? 0) > then) return;
      this.#ended.delete(id);
      this.#calls.delete(id);
    }
  }
}
