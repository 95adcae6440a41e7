import type { AccountId } from '../../src/accounts/index.ts';
import { Failure } from '../../src/base/index.ts';
import type {
  Call,
  CallHistory,
  CallId,
  ConferenceId,
  DialRequest,
  Execute,
  LeaveReason,
  Place,
  Refusal,
  Telephony,
} from '../../src/conference/index.ts';
import type { FakeClock } from './fake-clock.ts';

/** A call as the signalling knows it. */
export interface WiredCall {
  readonly account: AccountId;
  readonly call: Call;
  readonly calledNumber: string;
  /** The conference, or the lobby, that its commands are addressed to. */
  place: ConferenceId;
  readonly startedAt: number;
  answeredAt: number | undefined;
}

/**
 * A signalling without wires: what the domain wants of telephones is done when `settled` is asked for, and not before, as the network takes its time; and every
 * call that is over has its record.
 */
export class MemorySwitchboard implements Telephony {
  /** Of the lobbies, or of the conferences: set before the first call comes. */
  execute!: Execute;
  history: Pick<CallHistory, 'add'> | undefined;
  readonly calls = new Map<CallId, WiredCall>();
  /** What went wrong and is no refusal. */
  readonly errors: unknown[] = [];
  readonly #clock: FakeClock;
  #queue: (() => Promise<unknown>)[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Somebody calls. Rejects as the domain does. */
  async arrives(of: Pick<WiredCall, 'account' | 'call' | 'calledNumber' | 'place'>, more: object = { role: 'member' }): Promise<WiredCall> {
    const wired: WiredCall = { ...of, startedAt: this.#clock.epoch(), answeredAt: undefined };
    this.calls.set(of.call.id, wired);
    const input = { conference: of.place, call: of.call, dialled: of.calledNumber, ...more };
    await this.execute('call.arrived', input as never, { account: of.account, kind: 'call' }).catch((error: unknown) => {
      this.calls.delete(of.call.id);
      throw error;
    });
    return wired;
  }

  /** The far end of a call has taken it. */
  takes(id: CallId): void {
    this.#queue.push(() => this.#up(id));
  }

  rings(id: CallId): void {
    this.#tell(id, ({ place }) => ['call.ringing', { conference: place, call: id }]);
  }

  presses(id: CallId, digit: string): void {
    this.#tell(id, ({ place }) => ['call.digit', { conference: place, call: id, digit }]);
  }

  /** The far end has gone. */
  goes(id: CallId, reason: LeaveReason = 'hung-up', refusal?: Refusal): void {
    this.#queue.push(() => this.#over(id, reason, refusal));
  }

  answer(call: CallId): void {
    this.takes(call);
  }

  ring(): void {}

  hangUp(call: CallId, reason: LeaveReason): void {
    this.goes(call, reason);
  }

  bring(call: CallId, place: Place): void {
    const wired = this.calls.get(call);
    if (wired !== undefined) wired.place = place.conference;
  }

  dial({ account, call, place, target }: DialRequest): void {
    this.calls.set(call.id, { account, call, place, calledNumber: target.dialled, startedAt: this.#clock.epoch(), answeredAt: undefined });
  }

  /** How much the network still has to do. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Does what is under way, and what comes of it. */
  async settled(turns = 6): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      const work = this.#queue;
      this.#queue = [];
      for (const each of work) await each();
      await new Promise((wake) => setImmediate(wake));
      if (this.#queue.length > 0) turn = 0;
    }
  }

  #tell(id: CallId, what: (wired: WiredCall) => readonly [string, object]): void {
    this.#queue.push(async () => {
      const wired = this.calls.get(id);
      if (wired !== undefined) await this.#do(wired, what(wired));
    });
  }

  async #up(id: CallId): Promise<void> {
    const wired = this.calls.get(id);
    if (wired === undefined || wired.answeredAt !== undefined) return;
    wired.answeredAt = this.#clock.epoch();
    await this.#do(wired, ['call.answered', { conference: wired.place, call: id }]);
  }

  async #over(id: CallId, reason: LeaveReason, refusal: Refusal | undefined): Promise<void> {
    const wired = this.calls.get(id);
    if (wired === undefined) return;
    this.calls.delete(id);
    await this.#do(wired, ['call.ended', { conference: wired.place, call: id, reason, ...(refusal === undefined ? {} : { refusal }) }]);
    const { call, account, calledNumber, startedAt, answeredAt } = wired;
    const { leg: _, ...known } = call;
    const sipStatus = answeredAt === undefined ? (refusal?.status ?? 487) : 200;
    const times = { startedAt, endedAt: this.#clock.epoch(), ...(answeredAt === undefined ? {} : { answeredAt }) };
    await this.history?.add({ ...known, account, calledNumber, ...times, reason, sipStatus, cause: 16 });
  }

  /** What is refused is no failure: the domain may have forgotten the call already. */
  async #do({ account }: WiredCall, [name, input]: readonly [string, object]): Promise<void> {
    try {
      await this.execute(name as 'call.digit', input as never, { account, kind: 'call' });
    } catch (error) {
      if (!(error instanceof Failure)) this.errors.push(error);
    }
  }
}
