import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccountId, DeviceId, UserId } from '../../src/accounts/index.ts';
import type { Closable } from '../../src/base/index.ts';
import type { Conference, ConferenceId, Fact, Room } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { archiveContract } from './archive-contract.ts';
import { chronicleContract } from './chronicle-contract.ts';
import { documentsContract } from './documents-contract.ts';
import {
  A,
  aCdr,
  accessKey,
  account,
  B,
  conference,
  device,
  document,
  facts,
  hex,
  oneOfEach,
  record,
  refusal,
  registration,
  room,
  T,
  user,
} from './examples.ts';
import { historyContract } from './history-contract.ts';
import { journalContract } from './journal-contract.ts';
import { keepingContract } from './keeping-contract.ts';
import { aMedia, mediaContract } from './media-contract.ts';
import { transcriptsContract } from './transcripts-contract.ts';
import { aDelivery, aWebhook, webhookSecret, webhooksContract } from './webhooks-contract.ts';

export { A, B, conference, document, facts } from './examples.ts';

/** A store under test. `close` throws away what was kept. */
export interface Opened extends Closable {
  readonly stores: AllStores;
  /** Closes the store and opens what it has kept; absent where nothing outlives a close. */
  readonly reopen?: () => Promise<AllStores>;
}

type Open = () => Promise<Opened>;

/** What every store must do. Call it once per implementation. */
export function storeContract(name: string, open: Open): void {
  const withStore = (title: string, body: (stores: AllStores) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.stores);
      } finally {
        await opened.close();
      }
    });
  };
  describe(`${name} store`, () => {
    conferenceContract(withStore);
    numberContract(withStore);
    factContract(withStore);
    callContract(withStore);
    accountContract(withStore);
    registrationContract(withStore);
    journalContract(withStore);
    historyContract(withStore);
    webhooksContract(withStore);
    keepingContract(withStore);
    transcriptsContract(withStore);
    chronicleContract(withStore);
    mediaContract(withStore);
    documentsContract(withStore);
    archiveContract(withStore);
    closingContract(open);
    reopenContract(open);
  });
}

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

function conferenceContract(withStore: WithStore): void {
  withStore('gives a conference back with every field', async ({ conferences }) => {
    const full = conference('room-1', { room: room(), locked: true, revision: 9, nextNumber: 5, modifiedAt: T + 99, sequence: 14 });
    await conferences.save(full, oneOfEach(full), 1);
    assert.deepEqual(await conferences.load(A, full.id), full);
    const bare = conference('room-1', { sequence: 14, deletedAt: T + 100 });
    await conferences.save(bare, [], 1);
    assert.deepEqual(await conferences.load(A, bare.id), bare);
  });

  withStore('is not changed by what its callers do to their values', async ({ conferences }) => {
    const numbers = ['1'];
    const mine = conference('room-1', { document: { conference_numbers: numbers } });
    await conferences.save(mine, [], 1);
    numbers.push('2');
    assert.deepEqual((await conferences.load(A, mine.id))?.document, { conference_numbers: ['1'] });
  });

  withStore('keeps the same id of two accounts apart', async ({ conferences }) => {
    const [mine, theirs] = [conference('room-1', { revision: 3 }), conference('room-1', { account: B, revision: 4 })];
    await conferences.save(mine, [], 1);
    await conferences.save(theirs, [], 1);
    assert.deepEqual(await conferences.load(A, mine.id), mine);
    assert.deepEqual(await conferences.load(B, mine.id), theirs);
    assert.equal(await conferences.load(hex(0xc) as AccountId, mine.id), undefined);
  });

  withStore('lists the account’s undeleted conferences, id descending', async ({ conferences }) => {
    for (const id of ['b', 'c', 'a', 'B']) await conferences.save(conference(id), [], 1);
    await conferences.save(conference('d', { deletedAt: T }), [], 1);
    await conferences.save(conference('e', { account: B }), [], 1);
    assert.deepEqual(
      (await conferences.list(A)).map(({ id }) => id),
      ['c', 'b', 'a', 'B'],
    );
  });

  withStore('lists a part of them, from an id on, in both directions', async ({ conferences }) => {
    for (const id of ['b', 'c', 'a', 'B', 'd']) await conferences.save(conference(id, { room: id === 'c' ? room() : undefined }), [], 1);
    await conferences.save(conference('bb', { deletedAt: T }), [], 1);
    await conferences.save(conference('b', { account: B }), [], 1);
    const ids = async (cut: Parameters<typeof conferences.list>[1]) => (await conferences.list(A, cut)).map(({ id }) => id).join(' ');
    assert.equal(await ids({ limit: 2 }), 'd c');
    assert.equal(await ids({ from: 'b' as ConferenceId }), 'b a B');
    assert.equal(await ids({ from: 'bb' as ConferenceId, limit: 2 }), 'b a', 'where nothing is, it begins behind it');
    assert.equal(await ids({ order: 'up' }), 'B a b c d');
    assert.equal(await ids({ order: 'up', from: 'bb' as ConferenceId, limit: 1 }), 'c');
    assert.equal(await ids({ order: 'up', from: 'b' as ConferenceId, limit: 2 }), 'b c');
    assert.equal(await ids({ order: 'down', from: 'A' as ConferenceId }), '');
    assert.equal(await ids({ order: 'up', from: 'é' as ConferenceId }), '');
    const full = await conferences.load(A, 'c' as ConferenceId);
    assert.deepEqual(await conferences.list(A, { from: 'c' as ConferenceId, limit: 1 }), [full], 'whole, with its room');
  });

  withStore(
    'lists them by when they were made, newest first, those of one time by their ids, before a time alone',
    async ({ conferences }) => {
      const made: readonly (readonly [id: string, at: number])[] = [
        ['b', T + 3],
        ['z', T + 1],
        ['a', T + 2],
        ['c', T + 2],
        ['y', T + 9],
      ];
      for (const [id, createdAt] of made) await conferences.save(conference(id, { createdAt, modifiedAt: T + 50 - createdAt + T }), [], 1);
      await conferences.save(conference('gone', { createdAt: T + 2, deletedAt: T + 20 }), [], 1);
      await conferences.save(conference('b', { account: B, createdAt: T + 2 }), [], 1);
      const ids = async (cut: Parameters<typeof conferences.list>[1]) => (await conferences.list(A, cut)).map(({ id }) => id).join(' ');
      assert.equal(await ids({ madeBefore: T + 100 }), 'y b c a z');
      assert.equal(await ids({ madeBefore: T + 3 }), 'c a z', 'what was made at that time is not among them');
      assert.equal(await ids({ madeBefore: T + 100, limit: 3 }), 'y b c');
      assert.equal(await ids({ madeBefore: T + 3, limit: 1 }), 'c');
      assert.equal(await ids({ madeBefore: T + 1 }), '');
      assert.equal(await ids({ madeBefore: T + 100, order: 'up', from: 'b' as ConferenceId }), 'y b c a z', 'order and from are not asked');
      // A page ends inside of a time: the next one begins with that time once more.
      await conferences.save(conference('c', { createdAt: T + 2, revision: 2, modifiedAt: T + 99 }), [], 1);
      assert.equal(await ids({ madeBefore: T + 3 }), 'c a z', 'a change moves nothing');
    },
  );

  withStore('gives a room as it is now, however often it was read before', async ({ conferences }) => {
    const one = conference('room-1', { room: room() });
    await conferences.save(one, [], 1);
    for (let n = 0; n < 3; n += 1) assert.deepEqual(await conferences.load(A, one.id), one);
    const other = { ...one, room: { ...one.room!, instance: 'another' } };
    await conferences.save(other, [], 1);
    for (let n = 0; n < 3; n += 1) assert.deepEqual(await conferences.load(A, one.id), other);
    assert.deepEqual(await conferences.list(A), [other]);
    await conferences.save({ ...one, room: undefined }, [], 1);
    assert.equal((await conferences.load(A, one.id))?.room, undefined);
  });

  withStore('finds the conferences of every account in which something waits for time, and when', async ({ conferences }) => {
    await conferences.save(conference('never'), [], 1);
    await conferences.save(conference('one', { document: { timeout: 60 } }), [], 1);
    await conferences.save(conference('two', { document: { timeout: 3_600_000 }, account: B }), [], 1);
    await conferences.save(conference('three', { room: { ...(room() as Room), unattendedUntil: T + 7 } }), [], 1);
    await conferences.save(conference('deleted', { document: { timeout: 60 }, deletedAt: T + 5 }), [], 1);
    await conferences.save(conference('not any more', { document: { timeout: 60 } }), [], 1);
    await conferences.save(conference('not any more', { document: { timeout: 0 } }), [], 1);
    const timed = [...(await conferences.timed())].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(timed, [
      { account: A, id: 'one', at: T + 60_000 },
      { account: A, id: 'three', at: T + 7 },
      { account: B, id: 'two', at: T + 3_600_000_000 },
    ]);
  });

  withStore('finds the running conferences of every account', async ({ conferences }) => {
    await conferences.save(conference('quiet'), [], 1);
    await conferences.save(conference('one', { room: room() }), [], 1);
    await conferences.save(conference('two', { room: room(), account: B }), [], 1);
    await conferences.save(conference('ended', { room: room() }), [], 1);
    await conferences.save(conference('ended'), [], 1);
    const running = await conferences.running();
    assert.deepEqual(running.map(({ id }) => id).sort(), ['one', 'two']);
    assert.deepEqual(
      running.find(({ id }) => id === 'two'),
      conference('two', { room: room(), account: B }),
    );
  });

  withStore('refuses a smaller fence and takes an equal or a larger one', async ({ conferences }) => {
    const fenced = refusal('unavailable', 'fenced');
    const one = conference('room-1');
    await conferences.save(one, [], 5);
    await assert.rejects(conferences.save({ ...one, locked: true }, [], 4), fenced);
    await assert.rejects(conferences.remove(A, one.id, [], 4), fenced);
    assert.deepEqual(await conferences.load(A, one.id), one);
    await conferences.save(one, [], 5);
    await conferences.save(one, [], 6);
    await assert.rejects(conferences.save(one, [], 5), fenced);
    await conferences.remove(A, one.id, [], 6);
    assert.equal(await conferences.load(A, one.id), undefined);
  });

  withStore('removes for good, once', async ({ conferences }) => {
    await conferences.save(conference('room-1'), [], 1);
    await conferences.remove(A, 'room-1' as ConferenceId, [], 1);
    assert.deepEqual(await conferences.list(A), []);
    await assert.rejects(conferences.remove(A, 'room-1' as ConferenceId, [], 1), refusal('not-found', 'conference_not_found'));
  });
}

function numberContract(withStore: WithStore): void {
  withStore('finds by any number, within the account', async ({ conferences }) => {
    const one = conference('room-1', {
      document: { conference_numbers: ['3000'], member: { numbers: ['3001'] }, moderator: { numbers: ['3002', '3000'] } },
    });
    await conferences.save(one, [], 1);
    for (const number of ['3000', '3001', '3002']) assert.equal(await conferences.findByNumber(A, number), one.id);
    assert.equal(await conferences.findByNumber(A, '300'), undefined);
    assert.equal(await conferences.findByNumber(B, '3000'), undefined);
    await conferences.save(conference('room-1', { account: B, document: document(['3000']) }), [], 1);
  });

  withStore('tells which accounts have a conference of this id', async ({ conferences }) => {
    const id = 'room-1' as ConferenceId;
    assert.deepEqual(await conferences.accountsOf(id), []);
    await conferences.save(conference('room-1', { account: B }), [], 1);
    await conferences.save(conference('room-1'), [], 1);
    await conferences.save(conference('room-2'), [], 1);
    assert.deepEqual(await conferences.accountsOf(id), [A, B].sort());
    await conferences.save(conference('room-1', { deletedAt: T }), [], 1);
    assert.deepEqual(await conferences.accountsOf(id), [B]);
  });

  withStore('tells which conferences answer under a domain, oldest first, in lower case', async ({ conferences }) => {
    const under = (domain: string) => ({ document: { domain } });
    await conferences.save(conference('room-2', { account: B, createdAt: T + 1, ...under('Conf.Example.com') }), [], 1);
    await conferences.save(conference('room-1', under('conf.example.com')), [], 1);
    await conferences.save(conference('room-3', under('')), [], 1);
    const found = (domain: string) => conferences.byDomain(domain).then((all) => all.map(({ account, id }) => `${account} ${id}`));
    assert.deepEqual(await found('conf.example.com'), [`${A} room-1`, `${B} room-2`]);
    assert.deepEqual(await found(''), []);
    await conferences.save(conference('room-1', { deletedAt: T, ...under('conf.example.com') }), [], 1);
    await conferences.save(conference('room-2', { account: B, ...under('other.example.com') }), [], 1);
    assert.deepEqual(await found('conf.example.com'), []);
    assert.deepEqual(await found('other.example.com'), [`${B} room-2`]);
  });

  withStore('refuses numbers of another conference, and keeps nothing of that save', async ({ conferences }) => {
    await conferences.save(conference('room-1', { document: document(['3000', '3001']) }), [], 1);
    const second = conference('room-2', { document: document(['2999', '3001', '3000']), sequence: 1 });
    await assert.rejects(
      conferences.save(second, facts(second, 0, 1), 1),
      refusal('conflict', 'numbers_taken', { numbers: ['3001', '3000'] }),
    );
    assert.equal(await conferences.load(A, second.id), undefined);
    assert.equal(await conferences.findByNumber(A, '2999'), undefined);
    assert.deepEqual(await conferences.facts(A, second.id, 0), []);
  });

  withStore('frees numbers that a save drops, a soft delete and a removal', async ({ conferences }) => {
    const one = conference('room-1', { document: document(['1', '2']) });
    await conferences.save(one, [], 1);
    await conferences.save({ ...one, document: document(['2', '3']) }, [], 1);
    assert.equal(await conferences.findByNumber(A, '1'), undefined);
    assert.equal(await conferences.findByNumber(A, '3'), one.id);
    await conferences.save(conference('room-2', { document: document(['1']) }), [], 1);
    await conferences.save({ ...one, document: document(['2', '3']), deletedAt: T }, [], 1);
    assert.equal(await conferences.findByNumber(A, '2'), undefined);
    await conferences.save(conference('room-3', { document: document(['2']) }), [], 1);
    await conferences.remove(A, 'room-3' as ConferenceId, [], 1);
    assert.equal(await conferences.findByNumber(A, '2'), undefined);
    await conferences.save(conference('room-4', { document: document(['2']) }), [], 1);
    // Undeleted again, the first one meets who has its number by now.
    await assert.rejects(
      conferences.save({ ...one, document: document(['2', '3']) }, [], 1),
      refusal('conflict', 'numbers_taken', { numbers: ['2'] }),
    );
  });

  withStore('gives a number to one of many who want it at once', async ({ conferences }) => {
    const saves = Array.from({ length: 20 }, (_, n) => conferences.save(conference(`room-${n}`, { document: document(['77']) }), [], 1));
    const outcomes = await Promise.allSettled(saves);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await conferences.list(A)).length, 1);
  });
}

/** Facts of these types, whatever else they say; enough for who finds them. */
const told = (of: Conference, types: readonly Fact['type'][]): readonly Fact[] =>
  facts(of, of.sequence - types.length, types.length).map((each, n) => ({ ...each, type: types[n] }) as unknown as Fact);

function factContract(withStore: WithStore): void {
  withStore('tells where the room was opened last before a moment, and of the lock that held then', async ({ conferences }) => {
    const one = conference('room-1', { sequence: 9 });
    const types = [
      ...(['room.opened', 'conference.changed', 'conference.locked', 'room.closed', 'room.opened', 'conference.unlocked'] as const),
      ...(['room.closed', 'room.opened', 'conference.changed'] as const),
    ];
    const all = told(one, types);
    await conferences.save(one, all, 1);
    const beside = conference('room-2', { sequence: 2 });
    await conferences.save(beside, told(beside, ['conference.locked', 'room.opened']), 1);
    const opening = async (until: number) => {
      const found = await conferences.opening(A, one.id, until);
      return found && [found.opened.sequence, found.lock?.sequence];
    };
    assert.equal(await opening(0), undefined);
    assert.deepEqual(
      [await opening(1), await opening(4)],
      [
        [1, undefined],
        [1, undefined],
      ],
      'a lock that came later is none',
    );
    assert.deepEqual(
      [await opening(5), await opening(7)],
      [
        [5, 3],
        [5, 3],
      ],
    );
    assert.deepEqual(
      [await opening(8), await opening(9), await opening(99)],
      [
        [8, 6],
        [8, 6],
        [8, 6],
      ],
    );
    assert.deepEqual(await conferences.opening(A, one.id, 9), { opened: all[7], lock: all[5] });
    assert.equal(await conferences.opening(B, one.id, 9), undefined);
    await conferences.remove(A, one.id, [], 1);
    const again = conference('room-1', { sequence: 2 });
    await conferences.save(again, told(again, ['conference.changed', 'room.opened']), 1);
    assert.equal(await opening(1), undefined, 'another conference had this id');
    assert.deepEqual(await opening(2), [2, undefined]);
  });

  withStore('gives every kind of fact back, in order, after a number', async ({ conferences }) => {
    const one = conference('room-1', { sequence: 14 });
    const all = oneOfEach(one);
    await conferences.save({ ...one, sequence: 3 }, all.slice(0, 3), 1);
    await conferences.save(one, all.slice(3), 1);
    assert.deepEqual(await conferences.facts(A, one.id, 0), all);
    assert.deepEqual(await conferences.facts(A, one.id, 12), all.slice(12));
    assert.deepEqual(await conferences.facts(A, one.id, 14), []);
    assert.deepEqual(await conferences.facts(B, one.id, 0), []);
  });

  withStore('gives facts page by page, and the last one of a time, of the latest conference of an id alone', async ({ conferences }) => {
    const one = conference('room-1', { sequence: 7 });
    const all = facts(one, 0, 7).map((each, n) => ({ ...each, at: [10, 20, 30, 15, 15, 40, 50][n]! }));
    await conferences.save(one, all, 1);
    await conferences.save(conference('room-2', { sequence: 1 }), facts(conference('room-2'), 0, 1), 1);
    assert.deepEqual(await conferences.facts(A, one.id, 0, 3), all.slice(0, 3));
    assert.deepEqual(await conferences.facts(A, one.id, 3, 3), all.slice(3, 6));
    assert.deepEqual(await conferences.facts(A, one.id, 6, 3), all.slice(6));
    assert.deepEqual(await conferences.facts(A, one.id, 7, 3), []);
    const last = async (at: number): Promise<number> => conferences.sequenceAt(A, one.id, at);
    assert.deepEqual([await last(9), await last(10), await last(14)], [0, 1, 1]);
    assert.deepEqual([await last(15), await last(29), await last(39)], [5, 5, 5], 'the clock was set back: the later one is meant');
    assert.deepEqual([await last(40), await last(1e12)], [6, 7]);
    assert.equal(await conferences.sequenceAt(B, one.id, 1e12), 0);
    await conferences.remove(A, one.id, [], 1);
    assert.equal(await last(1e12), 7);
    const again = conference('room-1', { sequence: 2 });
    await conferences.save(
      again,
      facts(again, 0, 2).map((each) => ({ ...each, at: 100 })),
      1,
    );
    assert.deepEqual([await last(99), await last(100)], [0, 2]);
    assert.deepEqual(
      (await conferences.facts(A, one.id, 0, 1)).map(({ at }) => at),
      [100],
    );
  });

  withStore('orders facts as numbers, not as texts', async ({ conferences }) => {
    const one = conference('room-1', { sequence: 12 });
    await conferences.save(one, facts(one, 0, 12), 1);
    assert.deepEqual(
      (await conferences.facts(A, one.id, 8)).map(({ sequence }) => sequence),
      [9, 10, 11, 12],
    );
  });

  withStore('refuses facts that repeat, leave a gap, or do not end at the conference’s own', async ({ conferences }) => {
    const broken = refusal('conflict', 'sequence_broken');
    const one = conference('room-1', { sequence: 2 });
    await conferences.save(one, facts(one, 0, 2), 1);
    await assert.rejects(conferences.save({ ...one, locked: true }, facts(one, 1, 1), 1), broken);
    await assert.rejects(conferences.save({ ...one, sequence: 4 }, facts(one, 3, 1), 1), broken);
    await assert.rejects(conferences.save({ ...one, sequence: 4 }, facts(one, 2, 1), 1), broken);
    await assert.rejects(conferences.save({ ...one, sequence: 3 }, [], 1), broken);
    assert.deepEqual(await conferences.load(A, one.id), one);
    assert.deepEqual(await conferences.facts(A, one.id, 0), facts(one, 0, 2));
  });

  withStore('lets one of two win who saw the same state', async ({ conferences }) => {
    const one = conference('room-1');
    await conferences.save(one, [], 1);
    const next = (revision: number): Conference => ({ ...one, revision, sequence: 1 });
    const outcomes = await Promise.allSettled([2, 3, 4].map((n) => conferences.save(next(n), facts(one, 0, 1), 1)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    );
    assert.equal((await conferences.load(A, one.id))?.revision, 2);
  });

  withStore('keeps facts after a removal, and starts again for a new conference of that id', async ({ conferences }) => {
    const one = conference('room-1', { sequence: 2 });
    await conferences.save(one, facts(one, 0, 2), 1);
    await conferences.remove(A, one.id, facts(one, 2, 1), 1);
    assert.deepEqual(await conferences.facts(A, one.id, 0), facts(one, 0, 3));
    const again = conference('room-1', { sequence: 1 });
    await conferences.save(again, facts(again, 0, 1), 1);
    assert.deepEqual(await conferences.facts(A, one.id, 0), facts(again, 0, 1));
  });
}

function callContract(withStore: WithStore): void {
  withStore('keeps calls until they are removed', async ({ calls }) => {
    assert.deepEqual(await calls.all(), []);
    await calls.put(record(2));
    await calls.put(record(1));
    assert.deepEqual(await calls.all(), [record(1), record(2)]);
    const changed = { ...record(1), conference: 'room-2' as ConferenceId, dialog: null, leg: [1, 'two'] };
    await calls.put(changed);
    assert.deepEqual(await calls.all(), [changed, record(2)]);
    await calls.remove(changed.id);
    await calls.remove(changed.id);
    assert.deepEqual(await calls.all(), [record(2)]);
  });
}

function accountContract(withStore: WithStore): void {
  withStore('gives accounts back, oldest first, by id, realm and key', async ({ accounts }) => {
    const child = account({ id: B, realm: 'b.example', parent: A, apiKey: 'ef'.repeat(32), createdAt: T + 1 });
    await accounts.saveAccount(account());
    await accounts.saveAccount(child);
    await accounts.saveAccount(account({ limits: { legs: 2, minutesPerMonth: 100 }, retention: { cdrsDays: 30 } }));
    assert.deepEqual((await accounts.account(A))?.limits, { legs: 2, minutesPerMonth: 100 });
    assert.deepEqual((await accounts.account(A))?.retention, { cdrsDays: 30 });
    await accounts.saveAccount(account({ name: 'Renamed' }));
    const renamed = account({ name: 'Renamed' });
    assert.deepEqual(await accounts.accounts(), [renamed, child]);
    assert.deepEqual(await accounts.account(B), child);
    assert.deepEqual(await accounts.accountByRealm('b.example'), child);
    assert.deepEqual(await accounts.accountByApiKey('ab'.repeat(32)), renamed);
    assert.equal(await accounts.account(hex(0xc) as AccountId), undefined);
    assert.equal(await accounts.accountByRealm('c.example'), undefined);
    assert.equal(await accounts.accountByApiKey('12'.repeat(32)), undefined);
  });

  withStore('gives users, devices and access keys back', async ({ accounts }) => {
    await accounts.saveAccount(account());
    const plain = user({ id: hex(0x52) as UserId, username: 'bob', privilege: 'user', enabled: false });
    await accounts.saveUser(plain);
    await accounts.saveUser(user());
    assert.deepEqual(await accounts.users(A), [user(), plain]);
    assert.deepEqual(await accounts.user(A, plain.id), plain);
    assert.equal(await accounts.user(B, plain.id), undefined);
    const spare = device({ id: hex(0x62) as DeviceId, username: 'spare', owner: undefined, enabled: false });
    await accounts.saveDevice(spare);
    await accounts.saveDevice(device());
    assert.deepEqual(await accounts.devices(A), [device(), spare]);
    assert.deepEqual(await accounts.device(A, 'desk'), device());
    assert.equal(await accounts.device(B, 'desk'), undefined);
    await accounts.saveDevice(device({ password: 'another' }));
    assert.equal((await accounts.device(A, 'desk'))?.password, 'another');
    const media = { audio: { codecs: ['G722'] }, encryption: { enforce_security: true, methods: ['srtp'] } };
    await accounts.saveDevice(device({ media }));
    assert.deepEqual(await accounts.device(A, 'desk'), device({ media }));
    await accounts.saveAccount({ ...account(), media });
    assert.deepEqual((await accounts.account(A))?.media, media);
    await accounts.saveAccount(account());
    await accounts.saveDevice(device());
    assert.deepEqual(await accounts.device(A, 'desk'), device());
    await accounts.removeDevice(B, spare.id);
    assert.equal((await accounts.devices(A)).length, 2, 'it is another account’s');
    await accounts.removeDevice(A, spare.id);
    await accounts.removeDevice(A, spare.id);
    assert.deepEqual(await accounts.devices(A), [device()]);
    await accounts.saveAccessKey(accessKey());
    assert.deepEqual(await accounts.accessKey('cd'.repeat(32)), accessKey());
    assert.equal(await accounts.accessKey('ce'.repeat(32)), undefined);
  });

  withStore('refuses what is taken or hangs in the air', async ({ accounts }) => {
    const [noAccount, noUser] = [refusal('not-found', 'account_not_found'), refusal('not-found', 'user_not_found')];
    const taken = refusal('conflict', 'username_taken');
    await assert.rejects(accounts.saveUser(user()), noAccount);
    await assert.rejects(accounts.saveDevice(device()), noAccount);
    await assert.rejects(accounts.saveAccount(account({ parent: B })), noAccount);
    await accounts.saveAccount(account());
    await assert.rejects(accounts.saveAccount(account({ id: B, apiKey: 'ef'.repeat(32) })), refusal('conflict', 'realm_taken'));
    await assert.rejects(accounts.saveDevice(device()), noUser);
    await assert.rejects(accounts.saveAccessKey(accessKey()), noUser);
    await accounts.saveUser(user());
    await assert.rejects(accounts.saveUser(user({ id: hex(0x59) as UserId })), taken);
    await accounts.saveDevice(device());
    await assert.rejects(accounts.saveDevice(device({ id: hex(0x69) as DeviceId })), taken);
    await accounts.saveAccount(account({ id: B, realm: 'b.example', apiKey: 'ef'.repeat(32) }));
    await accounts.saveUser(user({ id: hex(0x59) as UserId, account: B }));
    await assert.rejects(accounts.saveAccessKey(accessKey({ account: B })), noUser);
  });

  withStore('makes the first account once, whole', async ({ accounts }) => {
    const makers = [1, 2, 3].map(() => accounts.saveFirst(account(), user(), accessKey()));
    assert.deepEqual(await Promise.all(makers), [true, false, false]);
    assert.deepEqual(await accounts.accounts(), [account()]);
    assert.deepEqual(await accounts.users(A), [user()]);
    assert.deepEqual(await accounts.accessKey(accessKey().hash), accessKey());
  });

  withStore('keeps server secrets by name', async ({ accounts }) => {
    assert.equal(await accounts.secret('token-key'), undefined);
    await accounts.saveSecret('token-key', 'one');
    await accounts.saveSecret('other', 'two');
    await accounts.saveSecret('token-key', 'three');
    assert.deepEqual([await accounts.secret('token-key'), await accounts.secret('other')], ['three', 'two']);
  });
}

function registrationContract(withStore: WithStore): void {
  withStore('keeps one registration per account, address and contact', async ({ registrations }) => {
    const { instance: _instance, path: _path, ...bare } = registration({ contact: 'sip:desk@192.0.2.8' });
    await registrations.put(registration());
    await registrations.put(bare);
    await registrations.put(registration({ cseq: 18, expiresAt: T + 5 }));
    assert.deepEqual(await registrations.all(), [registration({ cseq: 18, expiresAt: T + 5 }), bare]);
    await registrations.remove(registration());
    await registrations.remove(registration());
    assert.deepEqual(await registrations.all(), [bare]);
  });
}

/** One question to each port. */
const questions = (stores: AllStores): readonly (() => Promise<unknown>)[] => [
  () => stores.conferences.load(A, 'room-1' as ConferenceId),
  () => stores.conferences.save(conference('room-1'), [], 1),
  () => stores.conferences.remove(A, 'room-1' as ConferenceId, [], 1),
  () => stores.conferences.facts(A, 'room-1' as ConferenceId, 0),
  () => stores.calls.put(record(1)),
  () => stores.calls.all(),
  () => stores.accounts.accounts(),
  () => stores.accounts.saveAccount(account()),
  () => stores.accounts.accountByApiKey('ab'),
  () => stores.accounts.secret('x'),
  () => stores.registrations.put(registration()),
  () => stores.registrations.all(),
  () => stores.journal.read(0, 1),
  () => stores.journal.moveCursor('x', 1),
  () => stores.history.add(aCdr(1)),
  () => stores.history.secondsSince(A, 0),
  () => stores.webhooks.save(aWebhook(1)),
  () => stores.webhooks.due(T, 1, []),
  () => stores.media.save(aMedia(1)),
  () => stores.media.list(A),
  () => stores.keeping.forget({ factsBefore: T }, 1),
  () => stores.keeping.erase({ account: A, number: '1' }),
];

function closingContract(open: Open): void {
  test('closes twice, and rejects everything afterwards', async () => {
    const opened = await open();
    await opened.stores.close();
    await opened.stores.close();
    for (const ask of questions(opened.stores)) await assert.rejects(ask(), refusal('unavailable', 'closed'));
    await opened.close();
  });
}

function reopenContract(open: Open): void {
  test('still has everything when it is opened again', async (context) => {
    const opened = await open();
    const { stores, reopen } = opened;
    try {
      if (reopen === undefined) return context.skip('nothing outlives this store');
      const one = conference('room-1', { room: room(), sequence: 14, document: document(['3000']) });
      await stores.conferences.save(one, oneOfEach(one), 7);
      await stores.calls.put(record(1));
      await stores.accounts.saveFirst(account(), user(), accessKey());
      await stores.accounts.saveDevice(device());
      await stores.accounts.saveSecret('token-key', 'one');
      await stores.registrations.put(registration());
      await stores.history.add(aCdr(1));
      await stores.journal.moveCursor('amqp', 3);
      await stores.webhooks.save(aWebhook(1));
      await stores.webhooks.enqueue([aDelivery(1, 1)]);
      await stores.keeping.forget({ cdrsBefore: T }, 10);
      await stores.media.save(aMedia(1));
      const entries = await stores.journal.read(0, 100);
      const again = await reopen();
      assert.deepEqual(await again.conferences.running(), [one]);
      assert.deepEqual(await again.conferences.facts(A, one.id, 0), oneOfEach(one));
      assert.equal(await again.conferences.findByNumber(A, '3000'), one.id);
      await assert.rejects(again.conferences.save(one, [], 6), refusal('unavailable', 'fenced'));
      assert.deepEqual(await again.calls.all(), [record(1)]);
      assert.deepEqual(await again.accounts.accountByApiKey(account().apiKey), account());
      assert.deepEqual(await again.accounts.device(A, 'desk'), device());
      assert.equal(await again.accounts.secret('token-key'), 'one');
      assert.deepEqual(await again.accounts.accessKey(accessKey().hash), accessKey());
      assert.deepEqual(await again.registrations.all(), [registration()]);
      assert.deepEqual(await again.journal.read(0, 100), entries);
      assert.deepEqual([await again.journal.last(), await again.journal.cursor('amqp')], [15, 3]);
      assert.deepEqual(await again.history.list({ account: A, limit: 2 }), [aCdr(1)]);
      assert.deepEqual(await again.media.list(A), [aMedia(1)]);
      assert.deepEqual(await again.webhooks.webhooks(), [aWebhook(1)]);
      assert.deepEqual(await again.webhooks.due(T + 1, 2, []), [aDelivery(1, 1)]);
    } finally {
      await opened.close();
    }
  });
}

/** Puts one of each secret into the store and returns their clear texts, which must then be nowhere in its files. */
export async function keepSecrets({ accounts, calls, conferences, webhooks }: AllStores): Promise<readonly string[]> {
  await accounts.saveFirst(account(), user(), accessKey());
  await accounts.saveDevice(device());
  await accounts.saveSecret('token-key', 'server-secret-in-clear');
  await calls.put(record(1));
  await conferences.save(conference('guarded', { document: { member: { pins: ['83650917426'] } } }), [], 1);
  await webhooks.save(aWebhook(1));
  const others = ['server-secret-in-clear', 'dialog-secret-tag', 'srtp-master-key-in-clear', '83650917426', 'url-token-in-clear'];
  return [account().apiKey, device().password, webhookSecret, ...others];
}
