import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import type { Account, AccountId } from '../accounts/index.ts';
import { noLog } from '../base/index.ts';
import type { CallId, Cdr } from '../conference/index.ts';
import { MemoryStore } from '../store/index.ts';
import { Retention } from './retention.ts';

const DAY = 86_400_000;
const [A, B] = ['a'.repeat(32) as AccountId, 'b'.repeat(32) as AccountId];

const anAccount = (id: AccountId, change: Partial<Account> = {}): Account => ({
  id,
  name: id,
  realm: `${id}.test`,
  parent: undefined,
  apiKey: id,
  createdAt: 0,
  ...change,
});

/** Lets everything happen that waits for nothing. */
const turns = async (): Promise<void> => {
  for (let left = 50; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
};

test('a few minutes after the start, then daily: by the settings, and by what an account says itself', async () => {
  const clock = new FakeClock(1_700_000_000_000);
  const store = new MemoryStore();
  await store.accounts.saveAccount(anAccount(A));
  await store.accounts.saveAccount(anAccount(B, { retention: { cdrsDays: 100 } }));
  const add = (account: AccountId, id: string, daysAgo: number) =>
    store.history.add({
      id: id as CallId,
      account,
      direction: 'inbound',
      callerNumber: '1',
      calledNumber: '2',
      startedAt: 0,
      endedAt: clock.epoch() - daysAgo * DAY + 1000,
      channelVars: {},
    } as unknown as Cdr);
  for (const [account, name] of [
    [A, 'a'],
    [B, 'b'],
  ] as const)
    for (const days of [5, 30, 60, 101]) await add(account, `${name}${days}`, days);
  const retention = new Retention({ clock, log: noLog, keeping: store.keeping, accounts: store.accounts, defaults: { cdrsDays: 30 } });
  const left = async () =>
    (await Promise.all([A, B].map((account) => store.history.list({ account, limit: 9 }))))
      .flat()
      .map(({ id }) => id as string)
      .sort();
  clock.advance(299_000);
  await turns();
  assert.equal((await left()).length, 8);
  clock.advance(1_000);
  await turns();
  assert.deepEqual(await left(), ['a5', 'b30', 'b5', 'b60']);
  await add(A, 'late', 29.5);
  clock.advance(DAY - 1);
  await turns();
  assert.ok((await left()).includes('late'));
  clock.advance(1);
  await turns();
  assert.deepEqual(await left(), ['a5', 'b30', 'b5', 'b60']);
  await retention.close();
  assert.equal(clock.armed, 0);
});

test('an account that cannot be done holds up no other, and tomorrow comes', async () => {
  const clock = new FakeClock();
  const done: string[] = [];
  const errors: string[] = [];
  const log = { ...noLog, error: (message: string) => void errors.push(message) };
  const keeping = {
    forget: async ({ account }: { account?: AccountId }) => {
      if (account === A) throw new Error('disk full');
      done.push(String(account));
      return { facts: 0, cdrs: 0, deliveries: 0 };
    },
  };
  const accounts = { accounts: async () => [anAccount(A), anAccount(B)] };
  const retention = new Retention({ clock, log, keeping, accounts, defaults: { deliveriesDays: 7 } });
  clock.advance(300_000);
  await turns();
  assert.deepEqual([done, errors.length], [[B], 1]);
  clock.advance(DAY);
  await turns();
  assert.equal(done.length, 2);
  await retention.close();
  assert.equal(clock.armed, 0);
});

test('where everything is kept for ever nobody is asked', async () => {
  const clock = new FakeClock();
  const keeping = { forget: () => Promise.reject(new Error('nobody asked for it')) };
  const log = { ...noLog, error: () => assert.fail() };
  const retention = new Retention({ clock, log, keeping, accounts: { accounts: async () => [anAccount(A)] }, defaults: {} });
  clock.advance(300_000);
  await turns();
  await retention.close();
});

test('recordings go by the settings and by what an account says, in steps; one account that fails holds up no other', async () => {
  const clock = new FakeClock(1_700_000_000_000);
  const asked: [string, number][] = [];
  let left = 2;
  const recordings = {
    async forget({ account, before }: { account: AccountId; before: number }) {
      asked.push([account, (clock.epoch() - before) / DAY]);
      if (account === B) throw new Error('the store is away');
      return left-- > 0 ? 50 : 0;
    },
  };
  const C = 'c'.repeat(32) as AccountId;
  const errors: string[] = [];
  const log = { ...noLog, error: (message: string) => void errors.push(message) };
  const keeping = { forget: () => Promise.reject(new Error('nobody asked for it')) };
  const accounts = { accounts: async () => [anAccount(B), anAccount(A, { retention: { recordingsDays: 10 } }), anAccount(C)] };
  const retention = new Retention({ clock, log, keeping, accounts, recordings, defaults: { recordingsDays: 90 } });
  clock.advance(300_000);
  await turns();
  assert.deepEqual(asked, [
    [B, 90],
    [A, 10],
    [A, 10],
    [A, 10],
    [C, 90],
  ]);
  assert.deepEqual(errors, ['old recordings could not be removed, trying again tomorrow']);
  await retention.close();
  assert.equal(clock.armed, 0);
});
