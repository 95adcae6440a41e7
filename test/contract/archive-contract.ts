import assert from 'node:assert/strict';
import type { ConferenceId, ParticipantId, RecordingQuery, RecordingRecord } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, B, hex, T } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const anna = hex(11) as ParticipantId;

/** A finished recording with two people, everything said. */
export const aRecord = (n: number, change: Partial<RecordingRecord> = {}): RecordingRecord => ({
  id: hex(n),
  account: A,
  conference: 'room-1' as ConferenceId,
  instance: '01234567-89ab-7def-8123-456789abcdef',
  name: "Board, \u{1f600} 'quoted'",
  startedAt: T + n,
  endedAt: T + n + 60_000,
  state: 'stored',
  seconds: 59.94,
  rate: 16_000,
  format: 'wav',
  files: [
    { name: 'mix.wav', kind: 'mix', offsetSamples: 0, bytes: 1_918_124, sha256: 'a'.repeat(64) },
    { name: 'stem-1-5f1c.wav', kind: 'stem', participant: anna, offsetSamples: 320, bytes: 1_917_484, sha256: 'b'.repeat(64) },
    { name: 'manifest.json', kind: 'manifest', offsetSamples: 0, bytes: 900, sha256: 'c'.repeat(64) },
  ],
  place: 'folder',
  reason: 'asked',
  words: 'nothing to add',
  people: [{ participant: anna, direction: 'inbound', callerNumber: '+4930123456', callerName: 'Anna' }],
  repaired: false,
  gaps: 2,
  ...change,
});

const ids = (records: readonly RecordingRecord[]): readonly string[] => records.map(({ id }) => id);

/** Every page in a row. */
async function pages({ archive }: AllStores, query: Omit<RecordingQuery, 'before'>): Promise<readonly string[]> {
  const found: RecordingRecord[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await archive.list({ ...query, ...(last === undefined ? {} : { before: { at: last.startedAt, id: last.id } }) });
    assert.ok(page.length <= query.limit);
    if (page.length === 0) return ids(found);
    found.push(...page);
  }
}

/** What every keeper of recordings must do. */
export function archiveContract(withStore: WithStore): void {
  withStore('gives a recording back with every field, to its account alone', async ({ archive }) => {
    await archive.save(aRecord(1));
    assert.deepEqual(await archive.recording(A, hex(1)), aRecord(1));
    assert.equal(await archive.recording(B, hex(1)), undefined);
    assert.deepEqual(await archive.list({ account: B, limit: 9 }), []);
    await archive.save(aRecord(1, { account: B, seconds: 1 }));
    assert.equal((await archive.recording(A, hex(1)))?.seconds, 59.94);
    await archive.remove(B, hex(1));
    await archive.remove(B, hex(1));
    assert.deepEqual(await archive.recording(A, hex(1)), aRecord(1));
  });

  withStore('keeps the newest word of a recording', async ({ archive }) => {
    const { endedAt: _end, reason: _reason, place: _place, words: _words, people: _people, name: _name, ...running } = aRecord(1);
    await archive.save({ ...running, state: 'running', files: [], seconds: 0 });
    assert.deepEqual(await archive.recording(A, hex(1)), { ...running, state: 'running', files: [], seconds: 0 });
    await archive.save(aRecord(1, { state: 'storing' }));
    assert.equal((await archive.recording(A, hex(1)))?.state, 'storing');
    assert.equal((await archive.list({ account: A, limit: 9 })).length, 1);
  });

  withStore('pages the newest recordings first, also those that began at once', async (stores) => {
    for (const n of [1, 2, 3, 4, 5]) await stores.archive.save(aRecord(n, { startedAt: T + (n < 4 ? 7 : n) }));
    await stores.archive.save(aRecord(6, { account: B }));
    for (const limit of [1, 2, 3, 10]) assert.deepEqual(await pages(stores, { account: A, limit }), [3, 2, 1, 5, 4].map(hex));
  });

  withStore('lists the recordings of a conference and of a time', async ({ archive }) => {
    const other = 'room-2' as ConferenceId;
    for (const n of [1, 2, 3, 4]) await archive.save(aRecord(n, n % 2 === 0 ? { conference: other } : {}));
    assert.deepEqual(ids(await archive.list({ account: A, conference: other, limit: 9 })), [4, 2].map(hex));
    assert.deepEqual(ids(await archive.list({ account: A, from: T + 2, to: T + 4, limit: 9 })), [3, 2].map(hex));
  });

  withStore('names what is unfinished of every account, and what is old and over of one', async ({ archive }) => {
    const states = ['running', 'storing', 'stored', 'failed'] as const;
    for (const [index, state] of states.entries()) {
      await archive.save(aRecord(index + 1, { state }));
      await archive.save(aRecord(index + 11, { state, account: B }));
    }
    assert.deepEqual(ids(await archive.unfinished()), [1, 2, 11, 12].map(hex));
    assert.deepEqual(ids(await archive.startedBefore(A, T + 100, 9)), [3, 4].map(hex));
    assert.deepEqual(ids(await archive.startedBefore(A, T + 100, 1)), [hex(3)]);
    assert.deepEqual(ids(await archive.startedBefore(A, T + 4, 9)), [hex(3)]);
  });

  withStore('finds the recordings in which somebody called, and not those of a number that looks alike', async ({ archive }) => {
    const person = (callerNumber: string, direction: 'inbound' | 'outbound' = 'inbound') => ({
      people: [{ participant: anna, direction, callerNumber, callerName: '100%_\\' }],
    });
    await archive.save(aRecord(1));
    await archive.save(aRecord(2, person('+49301234567')));
    await archive.save(aRecord(3, { ...person('+4930123456'), account: B }));
    await archive.save(aRecord(4, person("100%_\\'")));
    assert.deepEqual(ids(await archive.ofCaller({ account: A, number: '+4930123456' })), [hex(1)]);
    assert.deepEqual(ids(await archive.ofCaller({ account: A, number: "100%_\\'" })), [hex(4)]);
    assert.deepEqual(ids(await archive.ofCaller({ account: A, number: '+4930' })), []);
  });
}
