import type { AccountId } from '../../src/accounts/index.ts';
import { type JsonObject, type Log, noLog } from '../../src/base/index.ts';
import { EntryDesk, type EntryDeskOptions } from '../../src/conference/entry/desk.ts';
import type { EntryPlan, Visitor } from '../../src/conference/entry/entry-plan.ts';
import { type Lockout, Shield } from '../../src/conference/entry/shield.ts';
import { allNumbers, type CallId, type Conference, type ConferenceId, type Defaults, noDefaults } from '../../src/conference/index.ts';
import { EntryCaller } from './entry-caller.ts';
import { FakeClock } from './fake-clock.ts';

const account = 'a'.repeat(32) as AccountId;

/** One conference, C, whose document is given, and the desk before it. */
export class EntryHouse {
  readonly clock = new FakeClock();
  readonly locked: Lockout[] = [];
  readonly kept: Map<string, Lockout>;
  readonly shield: Shield;
  readonly desk: EntryDesk;
  document: JsonObject;
  #calls = 0;

  constructor(
    document: JsonObject,
    options: Partial<EntryDeskOptions> & { readonly defaults?: EntryDeskOptions['defaults']; readonly log?: Log } = {},
    kept = new Map<string, Lockout>(),
  ) {
    this.document = document;
    this.kept = kept;
    const key = (each: Pick<Lockout, 'conference' | 'callerNumber'>): string => `${each.conference}/${each.callerNumber}`;
    this.shield = new Shield({
      clock: this.clock,
      keeping: {
        all: async () => [...this.kept.values()],
        find: async (who) => this.kept.get(key(who)),
        save: (each) => void this.kept.set(key(each), each),
        remove: (each) => void this.kept.delete(key(each)),
      },
      locked: (each) => void this.locked.push(each),
    });
    this.desk = new EntryDesk({
      log: noLog,
      shield: this.shield,
      conference: async (_, id) => (id === 'C' ? this.conference() : undefined),
      byNumber: async (_, number) => (allNumbers(this.document).includes(number) ? ('C' as ConferenceId) : undefined),
      defaults: async (): Promise<Defaults> => noDefaults,
      ...options,
    });
  }

  conference(): Conference {
    const id = 'C' as ConferenceId;
    const rest = { revision: 1, createdAt: 0, modifiedAt: 0, deletedAt: undefined, locked: false, room: undefined };
    return { id, account, document: this.document, ...rest, nextNumber: 1, sequence: 1 };
  }

  visitor(more: Partial<Visitor> = {}): Visitor {
    this.#calls += 1;
    return { account, call: `call${this.#calls}` as CallId, callerNumber: '+4930123', address: '192.0.2.1', ...more };
  }

  /** Rings up: what the desk says, the machine hears. `wish`: as `EntryDesk.receive` takes it. */
  async rings(wish: Parameters<EntryDesk['receive']>[1] = {}, who: Partial<Visitor> = {}): Promise<Ringing> {
    const visitor = this.visitor(who);
    const received = await this.desk.receive(visitor, wish);
    return new Ringing(this, visitor, received);
  }
}

/** A caller at the desk, who does nothing but press keys and wait. */
export class Ringing {
  readonly caller = new EntryCaller();
  readonly visitor: Visitor;
  readonly plan: EntryPlan | undefined;
  readonly #house: EntryHouse;
  #asked = 0;

  constructor(house: EntryHouse, visitor: Visitor, received: Awaited<ReturnType<EntryDesk['receive']>>) {
    this.#house = house;
    this.visitor = visitor;
    this.plan = received.plan;
    this.caller.give({ type: 'begun', ...received });
  }

  /** Presses keys, and has what comes of them; gives ms from the last key to the next thing that he hears or that happens. */
  async enters(digits: string): Promise<number> {
    this.caller.press(digits);
    const [at, done] = [this.caller.now, this.caller.done.length];
    await this.#answer();
    const asked = this.caller.done.slice(done);
    // An entry that time ends is judged before nobody seems to answer.
    this.caller.pass(6_000);
    await this.#answer();
    this.caller.pass(24_000);
    const next = this.caller.done.slice(done + asked.length)[0];
    await this.#answer();
    return (next?.at ?? this.caller.now) - at;
  }

  over(): void {
    this.#house.desk.over(this.visitor);
  }

  async #answer(): Promise<void> {
    for (; this.#asked < this.caller.done.length; this.#asked += 1) {
      const effect = this.caller.done[this.#asked]!;
      if (effect.do !== 'find' && effect.do !== 'judge') continue;
      const input = await this.#house.desk.ask(this.visitor, effect);
      if (input !== undefined) this.caller.give(input);
    }
  }
}
