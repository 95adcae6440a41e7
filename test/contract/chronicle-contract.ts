import assert from 'node:assert/strict';
import type { CallId, Fact, ParticipantId, TranscriptionId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, B, conference, hex, T } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const fact = (n: number, what: object): Fact => ({ account: A, conference: 'room-1', sequence: n, at: T + n, ...what }) as unknown as Fact;

const joined = (n: number, change: object = {}): Fact =>
  fact(n, { type: 'participant.joined', participant: { id: hex(n) as ParticipantId, call: { id: hex(0x100 + n) as CallId } }, ...change });

const left = (n: number, who: number): Fact =>
  fact(n, { type: 'participant.left', participant: hex(who) as ParticipantId, reason: 'kicked' });

async function keep({ conferences }: AllStores, facts: readonly Fact[], id = 'room-1', account = A): Promise<void> {
  await conferences.save(conference(id, { account, sequence: facts.at(-1)?.sequence ?? 0 }), facts, 1);
}

/** What every keeper of the chronicle must do. */
export function chronicleContract(withStore: WithStore): void {
  withStore('keeps who took part from when to when, newest first, page by page, of one conference or all', async (stores) => {
    const { chronicle } = stores;
    await keep(stores, [joined(1), joined(2), left(3, 1), joined(4)]);
    await keep(
      stores,
      [joined(1, { conference: 'room-2', at: T + 9, participant: { id: hex(9), call: { id: hex(0x109), stream: 'out' } } })],
      'room-2',
    );
    await keep(stores, [joined(1, { account: B })], 'room-1', B);
    const all = await chronicle.list({ account: A, kind: 'attendance', limit: 10 });
    assert.deepEqual(
      all.map(({ id }) => id),
      [hex(9), hex(4), hex(2), hex(1)],
    );
    assert.deepEqual(all.at(-1), {
      kind: 'attendance',
      id: hex(1),
      account: A,
      conference: 'room-1',
      call: hex(0x101),
      startedAt: T + 1,
      changedAt: T + 3,
      endedAt: T + 3,
      reason: 'kicked',
    });
    assert.deepEqual([all[0]?.stream, all[0]?.endedAt], [true, undefined]);
    const page = await chronicle.list({ account: A, kind: 'attendance', before: { at: T + 4, id: hex(4) }, limit: 1 });
    assert.deepEqual(
      page.map(({ id }) => id),
      [hex(2)],
    );
    const some = await chronicle.list({ account: A, kind: 'attendance', conference: 'room-1' as Fact['conference'], limit: 2 });
    assert.deepEqual(
      some.map(({ id }) => id),
      [hex(4), hex(2)],
    );
  });

  withStore('what has ended stays as it ended, whatever is told later', async (stores) => {
    const again = fact(3, { type: 'participant.left', participant: hex(1), reason: 'restart' });
    await keep(stores, [joined(1), left(2, 1), again]);
    const found = await stores.chronicle.find(A, 'attendance', hex(1));
    assert.deepEqual([found?.reason, found?.endedAt], ['kicked', T + 2]);
  });

  withStore('keeps who was on his way in and never came, in the conference that he wanted into', async (stores) => {
    const { chronicle } = stores;
    const missed = { type: 'joining.ended', participant: hex(5), into: 'room-2', call: hex(0x105), since: T - 50, reason: 'hung-up' };
    await keep(stores, [joined(1), fact(2, missed)]);
    const found = await chronicle.find(A, 'attendance', hex(5));
    const times = { startedAt: T - 50, changedAt: T + 2, endedAt: T + 2 };
    assert.deepEqual(found, {
      kind: 'attendance',
      id: hex(5),
      account: A,
      conference: 'room-2',
      call: hex(0x105),
      ...times,
      reason: 'hung-up',
    });
  });

  withStore('keeps transcriptions beside them, finds by id, and nothing of another account', async (stores) => {
    const { chronicle } = stores;
    const transcription = { id: hex(0x71) as TranscriptionId, language: 'de-DE', startedAt: T };
    await keep(stores, [joined(1), fact(2, { type: 'transcription.started', transcription })]);
    const known = await chronicle.find(A, 'transcription', hex(0x71));
    assert.deepEqual([known?.language, known?.startedAt, known?.endedAt], ['de-DE', T, undefined]);
    assert.deepEqual(await chronicle.unfinished(), [known], 'what goes on is found without asking for its account');
    await keep(stores, [fact(3, { type: 'transcription.stopped', transcription: transcription.id, reason: 'asked' })]);
    const over = await chronicle.find(A, 'transcription', hex(0x71));
    assert.deepEqual([over?.endedAt, over?.reason], [T + 3, 'asked']);
    assert.deepEqual(await chronicle.unfinished(), []);
    assert.equal(await chronicle.find(B, 'transcription', hex(0x71)), undefined);
    assert.equal(await chronicle.find(A, 'attendance', hex(0x71)), undefined);
    await chronicle.remove(A, 'attendance', hex(1));
    assert.equal((await chronicle.find(A, 'attendance', hex(1)))?.id, hex(1), 'what goes on is not forgotten');
    await chronicle.remove(A, 'transcription', hex(0x71));
    assert.equal(await chronicle.find(A, 'transcription', hex(0x71)), undefined);
  });

  withStore('the last ones leave with the removal of the conference', async (stores) => {
    const { chronicle, conferences } = stores;
    await keep(stores, [joined(1)]);
    await conferences.remove(A, 'room-1' as Fact['conference'], [left(2, 1)], 1);
    assert.equal((await chronicle.find(A, 'attendance', hex(1)))?.endedAt, T + 2);
  });
}
