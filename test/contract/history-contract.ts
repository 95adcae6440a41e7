import assert from 'node:assert/strict';
import type { CallId, Cdr, CdrQuery, ConferenceId, ParticipantId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, aCdr, B, hex, T } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const full: Cdr = aCdr(1, {
  conference: 'room-1' as ConferenceId,
  participant: hex(11) as ParticipantId,
  role: 'moderator',
  codec: 'opus',
  quality: { mos: 4.3, lost: 0, nested: { list: [1, null, 'x'] } },
});

const { answeredAt: _answeredAt, ...unanswered } = aCdr(2, {
  direction: 'outbound',
  reason: 'failed',
  sipStatus: 486,
  cause: 17,
  refusals: { calls: 12, source: '192.0.2.1' },
});

const ids = (cdrs: readonly Cdr[]): readonly CallId[] => cdrs.map(({ id }) => id);

/** Every page in a row. */
async function pages({ history }: AllStores, query: Omit<CdrQuery, 'before'>): Promise<readonly CallId[]> {
  const found: Cdr[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await history.list({ ...query, ...(last === undefined ? {} : { before: { at: last.startedAt, id: last.id } }) });
    assert.ok(page.length <= query.limit);
    if (page.length === 0) return ids(found);
    found.push(...page);
  }
}

/** What every keeper of call detail records must do. */
export function historyContract(withStore: WithStore): void {
  withStore('gives a record back with every field, to its account', async ({ history }) => {
    await history.add(full);
    await history.add(unanswered);
    assert.deepEqual(await history.cdr(A, full.id), full);
    assert.deepEqual(await history.cdr(A, unanswered.id), unanswered);
    assert.deepEqual(await history.list({ account: A, limit: 10 }), [unanswered, full]);
    assert.equal(await history.cdr(B, full.id), undefined);
    assert.equal(await history.cdr(A, hex(99) as CallId), undefined);
  });

  withStore('keeps a record whatever a telephone sends as its number', async ({ history, journal }) => {
    for (const [index, odd] of ['a\0b', '\ud800', "'; DROP TABLE cdrs; --", '%', '\u{1f600}'.repeat(500)].entries()) {
      const { id } = aCdr(index + 1);
      await history.add(aCdr(index + 1, { callerNumber: odd, calledNumber: odd, callerName: odd, sipCallId: odd, channelVars: { odd } }));
      assert.equal((await history.cdr(A, id))?.callerNumber.length, odd.length);
    }
    assert.equal((await journal.read(0, 10)).length, 5);
  });

  withStore('keeps the first record of a call, and one entry in the journal', async ({ history, journal }) => {
    await Promise.all([history.add(full), history.add({ ...full, cause: 31 }), history.add({ ...full, account: B })]);
    await history.add({ ...full, cause: 41 });
    assert.deepEqual(await history.cdr(A, full.id), full);
    assert.deepEqual(await history.list({ account: B, limit: 10 }), []);
    const entries = await journal.read(0, 10);
    assert.deepEqual(
      entries.map(({ fact }) => fact),
      [{ type: 'call.recorded', at: full.endedAt, account: A, cdr: full }],
    );
  });

  withStore('lists the newest first, in pages, also where many began at once', async (stores) => {
    const times = [5, 3, 3, 9, 3, 3, 1, 9, 3];
    for (const [index, at] of times.entries()) await stores.history.add(aCdr(index + 1, { startedAt: T + at }));
    await stores.history.add(aCdr(50, { account: B }));
    const expected = times
      .map((at, index) => ({ at, id: hex(index + 1) }))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    for (const limit of [1, 2, 4, 100]) assert.deepEqual(await pages(stores, { account: A, limit }), expected);
  });

  withStore('lists those of a conference and of a time, its end not included', async (stores) => {
    const [one, two] = ['room-1', 'room-2'] as ConferenceId[];
    for (let n = 1; n <= 8; n += 1) await stores.history.add(aCdr(n, n === 8 ? {} : { conference: n % 2 === 0 ? one! : two! }));
    const of = (query: Partial<CdrQuery>) => stores.history.list({ account: A, limit: 10, ...query });
    assert.deepEqual(ids(await of({ conference: one! })), [6, 4, 2].map(hex));
    assert.deepEqual(ids(await of({ from: T + 3, to: T + 6 })), [5, 4, 3].map(hex));
    assert.deepEqual(ids(await of({ conference: one!, from: T + 3, to: T + 6 })), [4].map(hex));
    assert.deepEqual(ids(await of({ from: T + 3, before: { at: T + 5, id: hex(5) as CallId } })), [4, 3].map(hex));
    assert.deepEqual(ids(await of({ from: T + 9 })), []);
  });

  withStore('lists by the end as well: who ended last stands first', async (stores) => {
    for (const [n, ms] of [9, 30, 30, 5].entries()) await stores.history.add(aCdr(n + 1, { endedAt: T + ms }));
    const of = (query: Partial<CdrQuery>) => stores.history.list({ account: A, by: 'end', limit: 10, ...query });
    assert.deepEqual(ids(await of({})), [3, 2, 1, 4].map(hex));
    assert.deepEqual(ids(await of({ from: T + 9, to: T + 30 })), [1].map(hex));
    assert.deepEqual(ids(await of({ before: { at: T + 30, id: hex(3) as CallId }, limit: 2 })), [2, 1].map(hex));
  });

  withStore('sums answered seconds, each call rounded up, by when it ended', async ({ history }) => {
    const call = (n: number, ms: number, change: Partial<Cdr> = {}) => history.add(aCdr(n, { answeredAt: T, endedAt: T + ms, ...change }));
    assert.equal(await history.secondsSince(A, 0), 0);
    await call(1, 1000);
    await call(2, 1001);
    await call(3, 0);
    await call(4, 59_999);
    await call(5, 7000, { account: B });
    await history.add({ ...unanswered, id: hex(6) as CallId });
    // A clock that was set back takes nothing off.
    await call(7, -5000);
    assert.equal(await history.secondsSince(A, 0), 1 + 2 + 0 + 60);
    assert.equal(await history.secondsSince(A, T + 1001), 2 + 60);
    assert.equal(await history.secondsSince(A, T + 60_000), 0);
    assert.equal(await history.secondsSince(B, 0), 7);
  });
}
