import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ConferenceId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A } from '../contract/store.ts';
import { openDurable } from './durable-store.ts';
import { SeededChance } from './seeded-chance.ts';

/** Starts a writer, kills it with SIGKILL after so many acknowledgements, and returns the last acknowledged revision of each id. */
async function killedWriter({ where, round, after }: { where: string; round: number; after: number }): Promise<Map<string, number>> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'store-crash-writer.ts'), where, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(writer, 'exit');
  const acknowledged = new Map<string, number>();
  let lines = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    const [, id, revision] = /^(\S+) (\d+)$/.exec(line) ?? [];
    // What the writer said while the signal was on its way counts too; only a line cut short does not.
    if (id !== undefined) acknowledged.set(id, Number(revision));
    if (++lines === after) writer.kill('SIGKILL');
  }
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  return acknowledged;
}

/** Fails unless the conference is there as it was acknowledged, whole. */
export async function check({ conferences }: AllStores, id: string, revision: number): Promise<void> {
  const kept = await conferences.load(A, id as ConferenceId);
  // One more may have been stored whose acknowledgement was not spoken any more.
  assert.ok(kept !== undefined && kept.revision >= revision && kept.revision <= revision + 1, `${id}: ${kept?.revision} of ${revision}`);
  const sequences = (await conferences.facts(A, kept.id, 0)).map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    Array.from({ length: kept.sequence }, (_, index) => index + 1),
  );
  assert.equal(await conferences.findByNumber(A, `${id}-${kept.revision}`), kept.id);
  assert.equal(await conferences.findByNumber(A, `${id}-${kept.revision - 1}`), undefined);
}

/** Every fact of every conference is in the journal, once, at a place of its own. */
async function checkJournal({ conferences, journal }: AllStores): Promise<void> {
  const seen = new Map<string, number>();
  let last = 0;
  for (let entries = await journal.read(0, 500); entries.length > 0; entries = await journal.read(last, 500)) {
    for (const { position, fact } of entries) {
      assert.ok('conference' in fact);
      assert.deepEqual([position, fact.sequence], [last + 1, (seen.get(fact.conference) ?? 0) + 1]);
      last = position;
      seen.set(fact.conference, fact.sequence);
    }
  }
  assert.equal(await journal.last(), last);
  for (const { id, sequence } of await conferences.list(A)) assert.equal(seen.get(id), sequence);
}

/** Kills a writing process `rounds` times and looks for everything it had acknowledged. `url`: over PostgreSQL; else a file is made. */
export async function crashStore({
  rounds,
  seed,
  url,
  told = () => {},
}: {
  rounds: number;
  seed: number;
  url?: string;
  told?: (round: number) => void;
}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-crash-'));
  const where = url ?? join(folder, 'crash.sqlite');
  const chance = new SeededChance(seed);
  const all = new Map<string, number>();
  try {
    for (let round = 0; round < rounds; round++) {
      const after = 1 + Math.floor(chance.next() * 600);
      const acknowledged = await killedWriter({ where, round, after });
      for (const [id, revision] of acknowledged) all.set(id, revision);
      const store = await openDurable(where, chance);
      for (const [id, revision] of acknowledged) await check(store, id, revision);
      await store.close();
      told(round + 1);
    }
    const store = await openDurable(where, chance);
    for (const [id, revision] of all) await check(store, id, revision);
    await checkJournal(store);
    const unspoken = (await store.conferences.list(A)).filter(({ id }) => !all.has(id));
    assert.ok(unspoken.length <= rounds, 'at most one conference per kill was stored without a word');
    assert.ok(all.size > 100, `${all.size} conferences were written`);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
