import assert from 'node:assert/strict';
import type { AccountId } from '../../src/accounts/index.ts';
import {
  type Call,
  type CallId,
  type Conference,
  type ConferenceId,
  type Fact,
  fold,
  type LegId,
  live,
  type Participant,
  type ParticipantId,
} from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, aCdr, B, conference, facts, hex, T } from './examples.ts';
import { aDelivery, aWebhook } from './webhooks-contract.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const NUMBER = '+4930999888';
const instance = '01234567-89ab-7def-8123-456789abcdef';
/** The facts of `facts` happen at T, T + 1 … */
const always = T + 1_000_000_000;

const sequences = async ({ conferences }: AllStores, id: string, account: AccountId = A): Promise<readonly number[]> =>
  (await conferences.facts(account, id as ConferenceId, 0)).map(({ sequence }) => sequence);

const call = (n: number, change: Partial<Call> = {}): Call => ({
  id: hex(0x200 + n) as CallId,
  leg: hex(0x200 + n) as LegId,
  sipCallId: `${NUMBER}-${n}@phone.example`,
  direction: 'inbound',
  callerName: 'Anna Blume',
  callerNumber: NUMBER,
  channelVars: { username: 'anna-desk' },
  ...change,
});

const person = (n: number, change: Partial<Call> = {}): Participant => ({
  id: hex(0x300 + n) as ParticipantId,
  number: n,
  call: call(n, change),
  role: 'member',
  ghost: false,
  muted: [],
  deaf: false,
  gainIn: 1,
  gainOut: 1,
  joinedAt: T,
});

/** A conference told by what happened in it, with whatever room is left at the end. */
class Told {
  state: Conference;
  readonly #stores: AllStores;
  #at: number;

  constructor(stores: AllStores, id: string, { account = A, at = T }: { account?: AccountId; at?: number } = {}) {
    this.#stores = stores;
    this.#at = at;
    this.state = conference(id, { account });
  }

  async tell(...happenings: readonly (Omit<Fact, 'at' | 'account' | 'conference' | 'sequence'> & { type: Fact['type'] })[]): Promise<void> {
    const { account, id, sequence } = this.state;
    const told = happenings.map(
      (each, index) => ({ ...each, at: this.#at++, account, conference: id, sequence: sequence + index + 1 }) as Fact,
    );
    const before = await this.#stores.conferences.facts(account, id, 0);
    const { instance: open, locked, participants, relationships } = fold([...before, ...told]);
    const room = open === undefined ? undefined : { instance: open, startedAt: T, arrivals: [], participants, relationships };
    this.state = { ...this.state, sequence: sequence + told.length, locked, room };
    await this.#stores.conferences.save(this.state, told, 1);
  }

  /** Opens a room with these people. */
  async open(...people: readonly Participant[]): Promise<void> {
    await this.tell({ type: 'room.opened', instance } as never);
    for (const participant of people) await this.tell({ type: 'participant.joined', participant, about: participant } as never);
  }

  async leave(participant: Participant): Promise<void> {
    await this.tell({ type: 'participant.left', participant: participant.id, reason: 'hung-up', about: participant } as never);
  }
}

/** What every store must do to let go of things. */
export function keepingContract(withStore: WithStore): void {
  forgetContract(withStore);
  heldContract(withStore);
  eraseContract(withStore);
}

function forgetContract(withStore: WithStore): void {
  withStore('forgets old facts, of each conference the oldest, and says how far', async (stores) => {
    const { conferences, journal, keeping } = stores;
    const [one, two, theirs] = [
      conference('room-1', { sequence: 30 }),
      conference('room-2', { sequence: 3 }),
      conference('room-1', { account: B, sequence: 8 }),
    ];
    for (const each of [one, two, theirs]) await conferences.save(each, facts(each, 0, each.sequence), 1);
    assert.deepEqual(await keeping.forget({ factsBefore: T }, 3), { facts: 0, cdrs: 0, deliveries: 0 });
    assert.equal(await journal.forgottenTo(), 0);
    assert.deepEqual(await keeping.forget({ account: A, factsBefore: T + 7 }, 3), { facts: 7 + 3, cdrs: 0, deliveries: 0 });
    assert.deepEqual(
      await sequences(stores, 'room-1'),
      Array.from({ length: 23 }, (_, index) => index + 8),
    );
    assert.deepEqual(await sequences(stores, 'room-2'), []);
    assert.equal((await sequences(stores, 'room-1', B)).length, 8);
    assert.equal(await journal.forgottenTo(A), 33, 'the last fact of the second conference');
    assert.equal(await journal.forgottenTo(B), 0);
    assert.equal(await journal.forgottenTo(), 33);
    assert.equal(await journal.last(), 41);
    assert.equal((await journal.read(0, 100)).length, 31);
    await conferences.save({ ...two, sequence: 4 }, facts(two, 3, 1), 1);
    assert.equal(await journal.last(), 42);
    assert.deepEqual(await keeping.forget({ factsBefore: always }, 5), { facts: 32, cdrs: 0, deliveries: 0 });
    assert.deepEqual([await journal.last(), await journal.forgottenTo(A), await journal.forgottenTo(B)], [42, 42, 41]);
    await conferences.save({ ...two, sequence: 5 }, facts(two, 4, 1), 1);
    assert.deepEqual(
      (await journal.read(0, 9)).map(({ position }) => position),
      [43],
    );
  });

  withStore('leaves no hole where a clock was wrong for a while', async (stores) => {
    const one = conference('room-1', { sequence: 6 });
    const later = facts(one, 0, 6).map((each) => (each.sequence === 3 ? { ...each, at: always } : each));
    await stores.conferences.save(one, later, 1);
    const two = conference('room-2', { sequence: 1 });
    await stores.conferences.save(two, facts(two, 0, 1), 1);
    assert.equal((await stores.keeping.forget({ factsBefore: T + 100 }, 2)).facts, 3);
    assert.deepEqual(await sequences(stores, 'room-1'), [3, 4, 5, 6]);
    assert.deepEqual(await sequences(stores, 'room-2'), []);
  });

  withStore('forgets records of calls by their end, and what the journal has of them', async (stores) => {
    const { history, journal, keeping } = stores;
    for (let n = 1; n <= 9; n += 1) await history.add(aCdr(n, { endedAt: T + n, account: n === 1 ? B : A }));
    assert.deepEqual(await keeping.forget({ account: A, cdrsBefore: T + 5 }, 2), { facts: 3, cdrs: 3, deliveries: 0 });
    assert.deepEqual(
      (await history.list({ account: A, limit: 20 })).map(({ id }) => id),
      [9, 8, 7, 6, 5].map(hex),
    );
    assert.equal((await history.list({ account: B, limit: 20 })).length, 1);
    assert.equal((await journal.read(0, 20)).length, 6);
    assert.equal(await journal.forgottenTo(A), 4);
    assert.deepEqual(await keeping.forget({ factsBefore: T + 7 }, 2), { facts: 3, cdrs: 0, deliveries: 0 });
    assert.equal((await history.list({ account: A, limit: 20 })).length, 5, 'the records have a time of their own');
  });

  withStore('forgets messages that are done with', async ({ webhooks, keeping }) => {
    await webhooks.save(aWebhook(1));
    await webhooks.save(aWebhook(2, { account: B }));
    const states = ['pending', 'delivered', 'dead'] as const;
    await webhooks.enqueue(Array.from({ length: 12 }, (_, index) => aDelivery(1, index + 1, { state: states[index % 3]! })));
    await webhooks.enqueue([aDelivery(2, 1, { account: B, state: 'dead' })]);
    assert.deepEqual(await keeping.forget({ account: A, deliveriesBefore: T + 7 }, 2), { facts: 0, cdrs: 0, deliveries: 4 });
    const left = (await webhooks.list({ account: A, limit: 20 })).map(({ position }) => position);
    assert.deepEqual(left, [12, 11, 10, 9, 8, 7, 4, 1]);
    assert.equal((await keeping.forget({ deliveriesBefore: always }, 100)).deliveries, 5);
    assert.equal((await webhooks.list({ account: A, limit: 20 })).length, 4);
  });
}

function heldContract(withStore: WithStore): void {
  withStore('forgets nothing that somebody has yet to read', async (stores) => {
    const { conferences, journal, history, keeping } = stores;
    const one = conference('room-1', { sequence: 6 });
    await conferences.save(one, facts(one, 0, 6), 1);
    await history.add(aCdr(1));
    await journal.moveCursor('amqp', 4);
    await journal.moveCursor('webhooks', 6);
    assert.equal((await keeping.forget({ factsBefore: always }, 2)).facts, 4);
    assert.deepEqual(await sequences(stores, 'room-1'), [5, 6]);
    assert.equal(await journal.forgottenTo(), 4);
    await journal.removeCursor('amqp');
    assert.equal((await keeping.forget({ factsBefore: always }, 2)).facts, 2);
    await journal.moveCursor('webhooks', 7);
    assert.equal((await keeping.forget({ factsBefore: always }, 2)).facts, 1);
    assert.deepEqual(await journal.read(0, 9), []);
  });

  for (const seed of [1, 2]) {
    withStore(`lets a follower with a cursor miss nothing, whenever something is forgotten (${seed})`, (stores) =>
      forgetting(stores, seed),
    );
  }

  withStore('keeps what tells of the open room and of the lock in force', async (stores) => {
    const { keeping, conferences } = stores;
    const [open, locked, both, closed] = ['open', 'locked', 'both', 'closed'].map((id) => new Told(stores, id)) as [Told, Told, Told, Told];
    const anna = person(1);
    await open.tell({ type: 'conference.created' });
    await open.open(anna);
    await open.leave(anna);
    await open.tell({ type: 'room.closed', instance } as never);
    await open.open(anna, person(2));
    await open.tell({ type: 'conference.locked' });
    await open.tell({ type: 'conference.unlocked' });
    await locked.tell({ type: 'conference.created' }, { type: 'conference.locked' }, { type: 'conference.changed', revision: 2 } as never);
    await both.tell({ type: 'conference.created' }, { type: 'conference.locked' });
    await both.open(anna);
    await both.tell({ type: 'conference.unlocked' });
    await closed.tell({ type: 'conference.created' }, { type: 'conference.locked' });
    await closed.open(anna);
    await closed.leave(anna);
    await closed.tell({ type: 'conference.unlocked' }, { type: 'room.closed', instance } as never);
    assert.equal((await keeping.forget({ factsBefore: always }, 3)).facts, 5 + 1 + 1 + 7);
    assert.deepEqual(await sequences(stores, 'open'), [6, 7, 8, 9, 10]);
    assert.deepEqual(await sequences(stores, 'locked'), [2, 3]);
    assert.deepEqual(await sequences(stores, 'both'), [2, 3, 4, 5]);
    assert.deepEqual(await sequences(stores, 'closed'), []);
    for (const { state } of [open, locked, both, closed]) {
      assert.deepEqual(fold(await conferences.facts(A, state.id, 0)), live((await conferences.load(A, state.id))!));
    }
  });

  withStore('keeps the last fact of a removed conference, by which its id goes on counting', async (stores) => {
    const { conferences, keeping } = stores;
    const one = conference('room-1', { sequence: 2 });
    await conferences.save(one, facts(one, 0, 2), 1);
    await conferences.remove(A, one.id, facts(one, 2, 1), 1);
    assert.equal((await keeping.forget({ factsBefore: always }, 10)).facts, 2);
    assert.deepEqual(await sequences(stores, 'room-1'), [3]);
    const again = conference('room-1', { sequence: 4 });
    await conferences.save(again, facts(again, 3, 1), 1);
    assert.equal((await keeping.forget({ factsBefore: always }, 10)).facts, 2, 'of an older one nothing need be kept');
    assert.equal((await conferences.load(A, one.id))?.sequence, 4);
  });
}

/** Writes, forgets everything that may be forgotten, and follows, all at once. */
async function forgetting(stores: AllStores, seed: number): Promise<void> {
  const { conferences, history, journal, keeping } = stores;
  const chance = new SeededChance(seed);
  const upTo = (n: number): number => Math.floor(chance.next() * n);
  const states = ['room-1', 'room-2', 'room-3'].map((id) => conference(id, { account: id === 'room-3' ? B : A }));
  const seen: number[] = [];
  await journal.moveCursor('one', 0);
  const follow = async (): Promise<number> => {
    const entries = await journal.read((await journal.cursor('one')) ?? 0, 1 + upTo(6));
    seen.push(...entries.map(({ position }) => position));
    if (entries.length > 0) await journal.moveCursor('one', entries.at(-1)!.position);
    return entries.length;
  };
  let records = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    const writes = states.flatMap((state, index) => {
      if (chance.next() < 0.5) return [];
      const next = { ...state, sequence: state.sequence + 1 + upTo(3) };
      states[index] = next;
      return [conferences.save(next, facts(next, state.sequence, next.sequence - state.sequence), 1)];
    });
    if (chance.next() < 0.3) writes.push(history.add(aCdr(++records, { account: chance.next() < 0.5 ? A : B })));
    const forgets =
      chance.next() < 0.4 ? [keeping.forget({ factsBefore: always, ...(chance.next() < 0.5 ? { account: A } : {}) }, 1 + upTo(9))] : [];
    await Promise.all([...writes, ...forgets, follow()]);
    for (const { account, id, sequence } of states) {
      const left = (await conferences.facts(account, id, 0)).map((each) => each.sequence);
      assert.deepEqual(
        left,
        Array.from({ length: left.length }, (_, index) => sequence - left.length + index + 1),
        'what is left has no hole',
      );
    }
  }
  while ((await follow()) > 0);
  assert.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, index) => index + 1),
  );
  assert.equal(seen.length, records + states.reduce((sum, { sequence }) => sum + sequence, 0));
  await keeping.forget({ factsBefore: always }, 100);
  assert.deepEqual([await journal.read(0, 10), await journal.forgottenTo()], [[], seen.length]);
}

function eraseContract(withStore: WithStore): void {
  withStore('erases a caller from facts, records and messages, and leaves numbers and positions', async (stores) => {
    const { conferences, history, journal, webhooks, keeping } = stores;
    const told = new Told(stores, 'room-1');
    const [anna, bert] = [
      person(1),
      person(2, { callerNumber: '+49309998887', callerName: 'Bert', sipCallId: 'bert@x', channelVars: { username: 'desk' } }),
    ];
    await told.open(anna, bert);
    await told.leave(anna);
    await told.tell({
      type: 'call.refused',
      call: hex(0x999),
      sipCallId: 'r@x',
      callerNumber: NUMBER,
      refusal: { code: 'overloaded', words: 'full' },
    } as never);
    await told.leave(bert);
    await told.tell({ type: 'room.closed', instance } as never);
    await history.add(
      aCdr(1, { callerNumber: NUMBER, callerName: 'Anna Blume', sipCallId: call(1).sipCallId, channelVars: { username: 'anna-desk' } }),
    );
    await history.add(aCdr(2));
    const elsewhere = aCdr(3, { callerNumber: NUMBER, account: B });
    await history.add(elsewhere);
    await webhooks.save(aWebhook(1));
    const body = (position: number, words: object) => aDelivery(1, position, { body: JSON.stringify(words) });
    await webhooks.enqueue([
      body(2, { caller_id_name: 'Anna Blume', note: 'without the number' }),
      body(3, { caller_id_name: 'Bert' }),
      { ...body(4, { number: NUMBER }), state: 'dead' },
      body(999, { text: `from ${NUMBER}` }),
    ]);
    const before = await journal.read(0, 100);
    assert.deepEqual(await keeping.erase({ account: A, number: NUMBER }), { facts: 4, cdrs: 1, deliveries: 3, live: 0 });
    const after = await journal.read(0, 100, { account: A });
    assert.deepEqual(
      after.map(({ position, fact: { type } }) => [position, type]),
      before.filter(({ fact }) => fact.account === A).map(({ position, fact: { type } }) => [position, type]),
    );
    assert.deepEqual(await sequences(stores, 'room-1'), [1, 2, 3, 4, 5, 6, 7]);
    const texts = JSON.stringify([after, await history.list({ account: A, limit: 9 }), await webhooks.list({ account: A, limit: 9 })]);
    for (const word of ['"+4930999888"', 'Anna Blume', 'anna-desk', call(1).sipCallId, `from ${NUMBER}`])
      assert.ok(!texts.includes(word), word);
    for (const word of ['+49309998887', 'Bert', 'bert@x', 'without the number', 'desk']) assert.ok(texts.includes(word), word);
    const [joined] = (await conferences.facts(A, told.state.id, 1)) as [Extract<Fact, { type: 'participant.joined' }>];
    assert.deepEqual(joined.participant, {
      ...anna,
      call: { ...anna.call, callerNumber: 'erased', callerName: 'erased', sipCallId: 'erased', channelVars: {} },
    });
    assert.equal((await webhooks.delivery(A, body(4, {}).id))?.body, '{"number":"erased"}');
    assert.deepEqual(await history.cdr(B, elsewhere.id), elsewhere);
    assert.deepEqual(await keeping.erase({ account: A, number: NUMBER }), { facts: 0, cdrs: 0, deliveries: 0, live: 0 });
    assert.deepEqual(await history.list({ account: A, limit: 9 }).then((all) => all.map(({ cause }) => cause)), [16, 16]);
  });

  withStore('leaves who is in a room now until he has left', async (stores) => {
    const { conferences, keeping } = stores;
    const told = new Told(stores, 'room-1');
    const [gone, anna] = [person(1), person(2)];
    await told.open(gone, anna);
    await told.leave(gone);
    await told.tell({ type: 'participant.muted', participant: anna.id, reasons: ['self'], about: { ...anna, muted: ['self'] } } as never);
    assert.deepEqual(await keeping.erase({ account: A, number: NUMBER }), { facts: 2, cdrs: 0, deliveries: 0, live: 1 });
    const now = await conferences.load(A, told.state.id);
    assert.deepEqual(now, told.state);
    assert.deepEqual(fold(await conferences.facts(A, told.state.id, 0)), live(told.state));
    await told.leave(anna);
    assert.deepEqual(await keeping.erase({ account: A, number: NUMBER }), { facts: 3, cdrs: 0, deliveries: 0, live: 0 });
    assert.ok(!JSON.stringify(await conferences.facts(A, told.state.id, 0)).includes('Anna'));
  });

  withStore('finds a caller among very many, and whatever his number is made of', async (stores) => {
    const { conferences, history, keeping } = stores;
    const one = conference('room-1', { sequence: 2500 });
    const odd = '%_"\\\'ä';
    const about = person(1, { callerNumber: odd, sipCallId: 'x@y' });
    const all = facts(one, 0, 2500).map((each) => (each.sequence % 625 === 0 ? { ...each, about } : each));
    await conferences.save(one, all, 1);
    for (let n = 1; n <= 30; n += 1) await history.add(aCdr(n, { callerNumber: n % 2 === 0 ? odd : '%_' }));
    assert.deepEqual(await keeping.erase({ account: A, number: odd }), { facts: 4 + 15, cdrs: 15, deliveries: 0, live: 0 });
    assert.equal((await history.list({ account: A, limit: 99 })).filter(({ callerNumber }) => callerNumber === '%_').length, 15);
  });

  withStore('refuses to erase nobody', async ({ keeping }) => {
    for (const number of ['', 'erased'])
      await assert.rejects(keeping.erase({ account: A, number }), { kind: 'invalid', code: 'number_missing' });
  });
}
