import assert from 'node:assert/strict';
import type { AccountFact, Conference, ConferenceId, Entry, Fact, JournalOf } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, aCdr, B, conference, document, facts, room } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const factsOf = (entries: readonly Entry[]): readonly (Fact | AccountFact)[] => entries.map(({ fact }) => fact);
const positionsOf = (entries: readonly Entry[]): readonly number[] => entries.map(({ position }) => position);
const rising = (numbers: readonly number[]): boolean =>
  numbers.every((each, index) => index === 0 || each > (numbers[index - 1] as number));

/** What every journal must do. */
export function journalContract(withStore: WithStore): void {
  withStore('is empty before anything happened', async ({ journal }) => {
    assert.deepEqual(await journal.read(0, 10), []);
    assert.deepEqual([await journal.last(), await journal.forgottenTo(), await journal.forgottenTo(A)], [0, 0, 0]);
  });

  withStore('has every fact of every conference in one order, as it was stored', async ({ conferences, journal, history }) => {
    const [one, two] = [conference('room-1', { sequence: 2 }), conference('room-2', { account: B, sequence: 1 })];
    const [person] = room()!.participants;
    const rich: Fact = { ...facts(two, 0, 1)[0]!, instance: room()!.instance, about: person! };
    const cdr = aCdr(5);
    await conferences.save({ ...one, sequence: 1 }, facts(one, 0, 1), 1);
    await conferences.save(two, [rich], 1);
    await conferences.save(one, facts(one, 1, 1), 1);
    await history.add(cdr);
    await conferences.remove(A, one.id, facts(one, 2, 1), 1);
    const entries = await journal.read(0, 10);
    const recorded: AccountFact = { type: 'call.recorded', at: cdr.endedAt, account: cdr.account, cdr };
    assert.deepEqual(factsOf(entries), [...facts(one, 0, 1), rich, ...facts(one, 1, 1), recorded, ...facts(one, 2, 1)]);
    assert.ok(rising(positionsOf(entries)));
    assert.equal(await journal.last(), entries.at(-1)?.position);
    assert.deepEqual(await conferences.facts(B, two.id, 0), [rich]);
  });

  withStore(
    'reads on from any position, so many at a time, of one account or one conference',
    async ({ conferences, journal, history }) => {
      const [one, two] = [conference('room-1', { sequence: 6 }), conference('room-2', { sequence: 2 })];
      const other = conference('room-1', { account: B, sequence: 3 });
      await conferences.save({ ...one, sequence: 4 }, facts(one, 0, 4), 1);
      await conferences.save(other, facts(other, 0, 3), 1);
      await conferences.save(two, facts(two, 0, 2), 1);
      await history.add(aCdr(5, { conference: one.id }));
      await conferences.save(one, facts(one, 4, 2), 1);
      const all = await journal.read(0, 100);
      assert.equal(all.length, 12);
      const of = (which: JournalOf) =>
        all.filter(({ fact: { account, ...fact } }) => isOf(which, account, 'conference' in fact ? fact.conference : undefined));
      for (const which of [
        {},
        { account: A },
        { account: B },
        { account: A, conference: one.id },
        { conference: one.id },
        { account: A, conference: 'none' as ConferenceId },
      ]) {
        const meant = of(which);
        assert.deepEqual(await journal.read(0, 100, which), meant);
        for (const { position } of all) {
          const rest = meant.filter((each) => each.position > position);
          assert.deepEqual(await journal.read(position, 100, which), rest);
          assert.deepEqual(await journal.read(position, 2, which), rest.slice(0, 2));
        }
      }
    },
  );

  withStore('keeps what was told of removed conferences of the same id', async ({ conferences, journal }) => {
    const stored: Fact[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const one = conference('room-1', { sequence: n });
      const fresh = facts(one, 0, n + 1);
      await conferences.save(one, fresh.slice(0, n), 1);
      await conferences.remove(A, one.id, fresh.slice(n), 1);
      stored.push(...fresh);
      assert.deepEqual(await conferences.facts(A, one.id, 0), fresh);
    }
    assert.deepEqual(factsOf(await journal.read(0, 100)), stored);
    assert.deepEqual(factsOf(await journal.read(0, 100, { account: A, conference: 'room-1' as ConferenceId })), stored);
  });

  withStore('has nothing of a save that was refused', async ({ conferences, journal }) => {
    const one = conference('room-1', { sequence: 1, document: document(['3000']) });
    await conferences.save(one, facts(one, 0, 1), 2);
    const last = await journal.last();
    const taken = conference('room-2', { sequence: 1, document: document(['3000']) });
    await assert.rejects(conferences.save(taken, facts(taken, 0, 1), 1), { code: 'numbers_taken' });
    await assert.rejects(conferences.save({ ...one, sequence: 2 }, facts(one, 1, 1), 1), { code: 'fenced' });
    await assert.rejects(conferences.save({ ...one, sequence: 3 }, facts(one, 2, 1), 2), { code: 'sequence_broken' });
    assert.equal(await journal.last(), last);
    assert.equal((await journal.read(0, 100)).length, 1);
  });

  withStore('keeps a cursor per name, which goes where it is put', async ({ journal }) => {
    assert.equal(await journal.cursor('amqp'), undefined);
    await journal.moveCursor('amqp', 7);
    await journal.moveCursor('webhooks', 3);
    await journal.moveCursor('amqp', 5);
    assert.deepEqual([await journal.cursor('amqp'), await journal.cursor('webhooks')], [5, 3]);
    await journal.removeCursor('amqp');
    await journal.removeCursor('amqp');
    assert.deepEqual([await journal.cursor('amqp'), await journal.cursor('webhooks')], [undefined, 3]);
  });

  for (const seed of [1, 2, 3]) {
    withStore(`whoever follows in steps, while others write, sees each fact once and in order (${seed})`, (stores) => crowd(stores, seed));
  }
}

const isOf = (which: JournalOf, account: string, id: ConferenceId | undefined): boolean =>
  (which.account === undefined || which.account === account) && (which.conference === undefined || which.conference === id);

/** Somebody who reads on from where he was. */
class Follower {
  readonly seen: Entry[] = [];
  readonly of: JournalOf;
  readonly #stores: AllStores;

  constructor(stores: AllStores, of: JournalOf) {
    this.#stores = stores;
    this.of = of;
  }

  async step(limit: number): Promise<number> {
    const entries = await this.#stores.journal.read(this.seen.at(-1)?.position ?? 0, limit, this.of);
    this.seen.push(...entries);
    return entries.length;
  }
}

/** Writers who do not wait for each other, some of them refused, and readers among them. */
async function crowd(stores: AllStores, seed: number): Promise<void> {
  const chance = new SeededChance(seed);
  const upTo = (n: number): number => Math.floor(chance.next() * n);
  const followers = [{}, { account: A }, { account: B }, { account: A, conference: 'room-2' as ConferenceId }].map(
    (of) => new Follower(stores, of),
  );
  const states = new Map<string, Conference>();
  const acknowledged: string[] = [];
  const name = (fact: Fact | AccountFact): string =>
    'conference' in fact ? `${fact.account}/${fact.conference}/${fact.sequence}` : `${fact.account}/${fact.cdr.id}`;
  const write = (n: number): Promise<void> => {
    if (chance.next() < 0.2) {
      const cdr = aCdr(n, { account: chance.next() < 0.5 ? A : B });
      return stores.history.add(cdr).then(() => void acknowledged.push(`${cdr.account}/${cdr.id}`));
    }
    const [account, id] = [chance.next() < 0.5 ? A : B, `room-${upTo(4)}`];
    const before = states.get(`${account}/${id}`) ?? conference(id, { account });
    const count = 1 + upTo(3);
    const fresh = facts(before, before.sequence + (chance.next() < 0.2 ? 1 : 0), count);
    const next = { ...before, sequence: fresh.at(-1)!.sequence };
    const isBroken = fresh[0]!.sequence !== before.sequence + 1 && states.has(`${account}/${id}`);
    if (isBroken) return assert.rejects(stores.conferences.save({ ...next, sequence: before.sequence + count }, fresh, 1));
    states.set(`${account}/${id}`, next);
    return stores.conferences.save(next, fresh, 1).then(() => void acknowledged.push(...fresh.map(name)));
  };
  for (let turn = 0; turn < 60; turn += 1) {
    const writes = Array.from({ length: 1 + upTo(4) }, (_, index) => write(turn * 10 + index));
    const reads = followers.map((each) => (chance.next() < 0.4 ? each.step(1 + upTo(5)) : 0));
    await Promise.all(chance.next() < 0.5 ? writes : reads);
    await Promise.all([...writes, ...reads]);
  }
  for (const each of followers) while ((await each.step(7)) > 0);
  const [all] = followers;
  assert.deepEqual([...all!.seen.map(({ fact }) => name(fact))].sort(), acknowledged.sort());
  for (const { seen, of } of followers) {
    assert.ok(rising(positionsOf(seen)));
    const meant = all!.seen.filter(({ fact }) => isOf(of, fact.account, 'conference' in fact ? fact.conference : undefined));
    assert.deepEqual(seen, meant);
  }
  const numbers = new Map<string, number>();
  for (const { fact } of all!.seen) {
    if (!('conference' in fact)) continue;
    const key = `${fact.account}/${fact.conference}`;
    assert.equal(fact.sequence, (numbers.get(key) ?? fact.sequence - 1) + 1);
    numbers.set(key, fact.sequence);
  }
}
