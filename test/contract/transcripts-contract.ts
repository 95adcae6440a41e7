import assert from 'node:assert/strict';
import type { ConferenceId, Fact, ParticipantId, TranscriptionId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, B, conference, hex, T } from './examples.ts';
import { aDelivery, aWebhook } from './webhooks-contract.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

const NUMBER = '+4930123456';

/** Somebody said something: the `n`th fact of a conference. */
const said = (n: number, change: object = {}): Fact =>
  ({
    type: 'transcript.created',
    account: A,
    conference: 'room-1',
    sequence: n,
    at: T + n * 1000,
    instance: '01234567-89ab-7def-8123-456789abcdef',
    transcription: hex(0x71) as TranscriptionId,
    participant: hex(0x300 + (n % 2)) as ParticipantId,
    text: `sentence ${n}`,
    language: 'en-US',
    from: T + n * 1000,
    to: T + n * 1000 + 800,
    tick: n * 50,
    speaker: { direction: 'inbound', callerNumber: n % 2 === 0 ? NUMBER : '+49301', callerName: n % 2 === 0 ? 'Anna' : 'Bert' },
    ...change,
  }) as unknown as Fact;

async function keep({ conferences }: AllStores, facts: readonly Fact[], id = 'room-1', account = A): Promise<void> {
  await conferences.save(conference(id, { account, sequence: facts.at(-1)?.sequence ?? 0 }), facts, 1);
}

/** What every keeper of transcripts must do. */
export function transcriptsContract(withStore: WithStore): void {
  withStore('keeps what was said together with the fact, and gives it back in order, page by page', async (stores) => {
    const { transcripts, conferences } = stores;
    await keep(stores, [
      said(1),
      said(2),
      { type: 'conference.locked', account: A, conference: 'room-1', sequence: 3, at: T } as unknown as Fact,
    ]);
    // Recognised late: said before the others.
    await keep(stores, [said(4, { from: T + 500, text: 'first of all', gap: true })]);
    await keep(stores, [said(1, { conference: 'room-2', transcription: hex(0x72) })], 'room-2');
    await keep(stores, [said(1, { account: B })], 'room-1', B);
    const all = await transcripts.list({ account: A, limit: 10 });
    assert.deepEqual(
      all.map(({ conference: where, text }) => [where, text]),
      [
        ['room-1', 'first of all'],
        ['room-1', 'sentence 1'],
        ['room-2', 'sentence 1'],
        ['room-1', 'sentence 2'],
      ],
    );
    const { id, ...first } = all[1]!;
    const { at: _at, sequence: _sequence, type: _type, ...fact } = said(1) as Fact & { text: string };
    assert.deepEqual(first, fact);
    assert.equal(all[0]?.gap, true);
    const pages: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await transcripts.list({ account: A, limit: 1, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      pages.push(page[0]!.text);
      after = page[0]!.id;
    }
    assert.deepEqual(
      pages,
      all.map(({ text }) => text),
    );
    const count = async (query: object) => (await transcripts.list({ account: A, limit: 10, ...query })).length;
    assert.equal(await count({ conference: 'room-1' }), 3);
    assert.equal(await count({ transcription: hex(0x72) }), 1);
    assert.equal(await count({ participant: hex(0x300) }), 2);
    assert.equal(await count({ from: T + 1000, to: T + 2000 }), 2);
    for (const after of ['', 'x', '1.2.3', '1.2.3.a\0', id.slice(1)]) assert.ok((await count({ after })) <= 4, after);
    assert.equal(await count({ after: 'nonsense' }), 0);
    // A refused save keeps nothing.
    await assert.rejects(conferences.save(conference('room-1', { sequence: 9 }), [said(9)], 1));
    assert.equal(await count({}), 4);
    assert.equal(await transcripts.remove(A, 'room-1' as ConferenceId), 3);
    assert.deepEqual([await count({}), (await transcripts.list({ account: B, limit: 9 })).length], [1, 1]);
    assert.equal((await conferences.facts(A, 'room-1' as ConferenceId, 0)).length, 4, 'the facts have a time of their own');
  });

  withStore('keeps transcripts of a name that is used again, and odd texts', async (stores) => {
    const { conferences, transcripts } = stores;
    const odd = "'; DROP TABLE transcripts; -- \u{1f600} %_\\";
    await keep(stores, [said(1, { text: odd, speaker: { direction: 'inbound', callerNumber: 'a\0b', callerName: odd } })]);
    const [kept] = await conferences.list(A);
    assert.ok(kept);
    await conferences.remove(
      A,
      kept.id,
      [{ type: 'conference.deleted', account: A, conference: 'room-1', sequence: 2, at: T } as unknown as Fact],
      1,
    );
    await conferences.save(conference('room-1', { sequence: 4 }), [said(3), said(4)], 1);
    const texts = (await transcripts.list({ account: A, limit: 9 })).map(({ text }) => text);
    assert.deepEqual(texts, [odd, 'sentence 3', 'sentence 4']);
  });

  withStore('forgets old transcripts by their own time', async (stores) => {
    const { keeping, transcripts, conferences } = stores;
    await keep(
      stores,
      Array.from({ length: 9 }, (_, n) => said(n + 1)),
    );
    await keep(stores, [said(1, { account: B })], 'room-1', B);
    assert.equal((await keeping.forget({ account: A, transcriptsBefore: T + 5000 }, 3)).transcripts, 4);
    assert.deepEqual(
      (await transcripts.list({ account: A, limit: 1 })).map(({ text }) => text),
      ['sentence 5'],
    );
    assert.equal((await conferences.facts(A, 'room-1' as ConferenceId, 0)).length, 9);
    assert.equal((await keeping.forget({ transcriptsBefore: T + 6000 }, 3)).transcripts, 2);
    assert.equal((await keeping.forget({ factsBefore: T + 9_000_000 }, 3)).facts > 0, true);
    assert.equal((await transcripts.list({ account: A, limit: 9 })).length, 4, 'facts that are forgotten take no transcript along');
  });

  withStore('erases what a caller said: from transcripts, facts and messages', async (stores) => {
    const { keeping, transcripts, conferences, webhooks, journal } = stores;
    await keep(
      stores,
      Array.from({ length: 4 }, (_, n) => said(n + 1)),
    );
    await keep(stores, [said(2, { account: B, sequence: 1 })], 'room-1', B);
    await webhooks.save(aWebhook(1));
    const secret = (await journal.read(0, 9)).find(({ fact }) => 'text' in fact && fact.text === 'sentence 2');
    assert.ok(secret);
    const body = JSON.stringify({ type: 'transcript.created', data: { text: 'sentence 2', caller_number: NUMBER } });
    await webhooks.enqueue([aDelivery(1, secret.position, { body, conference: 'room-1' as ConferenceId })]);
    const erased = await keeping.erase({ account: A, number: NUMBER });
    assert.deepEqual([erased.transcripts, erased.facts, erased.deliveries], [2, 2, 1]);
    const everything = JSON.stringify([
      await transcripts.list({ account: A, limit: 9 }),
      await conferences.facts(A, 'room-1' as ConferenceId, 0),
      await webhooks.list({ account: A, limit: 9 }),
    ]);
    for (const gone of ['sentence 2', 'sentence 4', NUMBER, 'Anna']) assert.equal(everything.includes(gone), false, gone);
    for (const stays of ['sentence 1', 'sentence 3', 'Bert']) assert.equal(everything.includes(stays), true, stays);
    assert.equal((await transcripts.list({ account: B, limit: 9 }))[0]?.text, 'sentence 2');
    assert.equal((await keeping.erase({ account: A, number: NUMBER })).transcripts, undefined);
  });
}
