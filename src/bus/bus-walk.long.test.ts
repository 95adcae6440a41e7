import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aParticipant, BusHouse, settled } from '../../test/kit/bus-house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import type { AccountId } from '../accounts/index.ts';
import { type ConferenceId, type Entry, type Fact, isSpeech, type Participant } from '../conference/index.ts';
import type { Following, FollowOptions, Item } from './bus-types.ts';

const accounts = ['a', 'b'].map((each) => each.repeat(32) as AccountId);
const conferences = ['x', 'y', 'z'].map((each) => each.repeat(32) as ConferenceId);
const people: readonly Participant[] = [1, 2, 3].map((n) => aParticipant(n));

type Act =
  | {
      readonly do: 'happen';
      readonly count: number;
      readonly room: number;
      readonly who: number;
      readonly publish: 'now' | 'later' | 'never';
    }
  | { readonly do: 'signal'; readonly type: 'started' | 'stopped'; readonly room: number; readonly who: number }
  | { readonly do: 'come'; readonly after: number | undefined; readonly of: number; readonly patience: number }
  | { readonly do: 'go'; readonly which: number }
  | { readonly do: 'trouble'; readonly on: boolean }
  | { readonly do: 'time'; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('happen' as const),
      count: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 8 }) },
        { weight: 1, arbitrary: fc.integer({ min: 400, max: 1300 }) },
      ),
      room: fc.nat(5),
      who: fc.nat(2),
      publish: fc.constantFrom('now' as const, 'now' as const, 'later' as const, 'never' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('signal' as const),
      type: fc.constantFrom('started' as const, 'stopped' as const),
      room: fc.nat(5),
      who: fc.nat(2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('come' as const),
      after: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      of: fc.nat(8),
      patience: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 700 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('go' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trouble' as const), on: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
);

type Filter = Pick<FollowOptions, 'account' | 'conference'>;
const filters: readonly Filter[] = [
  {},
  ...accounts.map((account) => ({ account })),
  ...conferences.map((conference) => ({ conference })),
  ...conferences.map((conference) => ({ account: accounts[0] as AccountId, conference })),
];

/** One who follows, and comes back behind what he has when his take threw after so many items. */
class Client {
  readonly items: Item[] = [];
  /** How many items came before it came back: pairs of signals do not reach across. */
  readonly returns: number[] = [];
  readonly #house: BusHouse;
  readonly filter: Filter;
  /** Where it begins; known late when that is now. */
  begin: number | undefined;
  gone = false;
  #patience: number;
  #following: Following | undefined;

  constructor(house: BusHouse, filter: Filter, begin: { after: number | undefined; patience: number }) {
    this.#house = house;
    this.filter = filter;
    this.begin = begin.after;
    this.#patience = begin.patience;
  }

  async come(after = this.begin): Promise<void> {
    this.#following = await this.#house.bus.follow({
      ...this.filter,
      ...(after !== undefined && { after }),
      caughtUp: (position) => (this.begin ??= position),
      take: (item) => this.#take(item),
      ended: () => this.comeBack(),
    });
    if (this.gone) this.#following.close();
  }

  /** As a program would, it asks again while the journal is away. */
  comeBack(): void {
    this.returns.push(this.items.length);
    const { clock } = this.#house;
    this.come(lastOf(this.items) ?? this.begin).catch(() => clock.wake(clock.now() + 500, () => this.comeBack()));
  }

  go(): void {
    this.gone = true;
    this.#following?.close();
  }

  #take(item: Item): void {
    if (this.gone) return;
    this.#patience -= 1;
    if (this.#patience === 0) {
      this.#patience = 300;
      throw new Error('no more');
    }
    this.items.push(item);
  }
}

const lastOf = (items: readonly Item[]): number | undefined => items.findLast((each) => each.kind === 'fact')?.entry.position;

const fits = ({ fact }: Entry, filter: Filter): boolean =>
  (filter.account === undefined || fact.account === filter.account) &&
  (filter.conference === undefined || (fact as Fact).conference === filter.conference);

class Walk {
  readonly house = new BusHouse({ pollMs: 250 });
  readonly clients: Client[] = [];
  readonly #chance: SeededChance;
  readonly #later: Fact[][] = [];
  readonly consumed = new Map<string, number[]>();
  #trouble = false;

  constructor(seed: number) {
    this.#chance = new SeededChance(seed);
    const { journal } = this.house;
    journal.before = async () => {
      await this.#linger();
      if (this.#trouble && this.#chance.next() < 0.3) throw new Error('the journal is away');
    };
    journal.answering = () => this.#linger();
  }

  /** Some of the time that a database takes. */
  async #linger(): Promise<void> {
    for (let hops = Math.floor(this.#chance.next() ** 3 * 12); hops > 0; hops--) await new Promise((next) => setImmediate(next));
  }

  async begin(): Promise<void> {
    for (const [name, batch] of Object.entries({ few: 25, many: 100, all: 5000 })) {
      const seen: number[] = [];
      this.consumed.set(name, seen);
      await this.house.bus.consume({
        name,
        batch,
        from: 'start',
        take: async (entries) => {
          // Some of it arrives although it is refused.
          const taken = this.#chance.next() < 0.9 ? entries.length : Math.floor(this.#chance.next() * entries.length);
          seen.push(...entries.slice(0, taken).map((each) => each.position));
          if (this.#chance.next() < 0.3) await new Promise((next) => setImmediate(next));
          if (taken < entries.length) throw new Error('half of it');
        },
      });
    }
  }

  async act(act: Act): Promise<void> {
    if (act.do === 'happen') this.#happen(act);
    if (act.do === 'signal') this.house.bus.signal(this.house.signal(act.type, this.#who(act), room(act.room)));
    if (act.do === 'come') this.#come(act);
    if (act.do === 'go') this.clients[act.which % Math.max(1, this.clients.length)]?.go();
    if (act.do === 'trouble') this.#trouble = act.on;
    if (act.do === 'time') await this.time(act.ms);
  }

  async time(ms: number): Promise<void> {
    this.house.clock.advance(ms);
    await settled();
  }

  async end(): Promise<void> {
    this.#trouble = false;
    for (const facts of this.#later.splice(0)) this.house.bus.publish(facts);
    const last = this.house.journal.entries.length;
    const done = (): boolean =>
      [...this.consumed.values()].every((each) => each.includes(last) || last === 0) &&
      this.house.bus.counts().consumers.every((each) => each.lag === 0);
    for (let i = 0; i < 4000 && !done(); i++) await this.time(10_000);
    for (let i = 0; i < 10; i++) await this.time(5000);
  }

  check(): void {
    const all = this.house.journal.entries;
    for (const client of this.clients) {
      const facts = client.items.flatMap((each) => (each.kind === 'fact' ? [each.entry.position] : []));
      const wanted = all
        .filter((each) => client.begin !== undefined && each.position > client.begin && fits(each, client.filter))
        .map((each) => each.position);
      assert.deepEqual(facts, client.gone ? wanted.slice(0, facts.length) : wanted);
      checkPairs(client);
    }
    for (const [name, seen] of this.consumed) {
      assert.deepEqual(
        [...new Set(seen)],
        all.map((each) => each.position),
        name,
      );
    }
  }

  #who({ room, who }: { room: number; who: number }): Participant {
    // Nobody is in two rooms.
    return { ...(people[who] as Participant), id: `${room} ${who}` as Participant['id'] };
  }

  #happen({ count, room: which, who, publish }: Act & { do: 'happen' }): void {
    const participant = this.#who({ room: which, who });
    const facts = Array.from({ length: count }, (_, i) =>
      this.house.fact(
        i % 3 === 2 ? { type: 'participant.muted', participant: participant.id, reasons: ['self'] } : { type: 'conference.locked' },
        room(which),
      ),
    );
    this.house.journal.store(facts);
    if (publish === 'now') this.house.bus.publish(facts);
    if (publish === 'later') this.#later.push(facts);
    if (publish === 'now' && this.#chance.next() < 0.5) for (const each of this.#later.splice(0)) this.house.bus.publish(each);
  }

  #come({ after, of, patience }: Act & { do: 'come' }): void {
    const newest = this.house.journal.entries.length;
    const client = new Client(this.house, filters[of] ?? {}, {
      after: after === undefined ? undefined : Math.floor(after * newest),
      patience,
    });
    this.clients.push(client);
    client.comeBack();
  }
}

const room = (n: number): { account: AccountId; conference: ConferenceId } => ({
  account: accounts[n % 2] as AccountId,
  conference: conferences[n % 3] as ConferenceId,
});

/** Nobody starts twice or stops without a start, and nobody is muted while he talks. */
function checkPairs({ items, returns }: Client): void {
  const talking = new Set<string>();
  for (const [i, item] of items.entries()) {
    if (returns.includes(i)) talking.clear();
    if (item.kind === 'fact') {
      const { fact } = item.entry;
      if (fact.type === 'participant.muted') assert.ok(!talking.has(fact.participant), 'stopped before muted');
      continue;
    }
    if (isSpeech(item.signal)) continue;
    const { type, about } = item.signal;
    if (type === 'participant.started-talking') {
      assert.ok(!talking.has(about.id), 'no second start');
      talking.add(about.id);
    } else {
      assert.ok(talking.delete(about.id), 'no stop without a start');
    }
  }
}

test('whatever happens: who follows sees each fact once and in order, consumers at least once, signals come in pairs before what silences', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60, size: 'max' }), fc.nat(), async (acts, seed) => {
      const walk = new Walk(seed);
      await walk.begin();
      for (const each of acts) {
        await walk.act(each);
        if (seed % 3 === 0) await settled();
      }
      await walk.end();
      walk.check();
      await walk.house.bus.close();
      assert.equal(walk.house.clock.armed, 0);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
