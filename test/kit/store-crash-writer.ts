/**
 * Creates and changes conferences in a database as fast as it can, until somebody kills it. Arguments: the file or
 * URL, the round. Writes `id revision` on standard output, unbuffered, once a save is acknowledged.
 */
import { writeSync } from 'node:fs';
import { conference, document, facts } from '../contract/store.ts';
import { openDurable } from './durable-store.ts';
import { SeededChance } from './seeded-chance.ts';

const [where = '', round = '0'] = process.argv.slice(2);
const chance = new SeededChance(Number(round));
const store = await openDurable(where, chance);
const revisions: number[] = [];

const nap = new Int32Array(new SharedArrayBuffer(4));

/** Writes a line whole, and waits while the pipe is full because its reader is slow. */
function say(line: string): void {
  for (let rest = Buffer.from(line); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, 1);
    }
  }
}

for (;;) {
  // Every third save makes a conference; the others change one of the last fifty.
  const index = chance.next() < 1 / 3 ? revisions.length : Math.max(0, revisions.length - 1 - Math.floor(chance.next() * 50));
  const revision = (revisions[index] ?? 0) + 1;
  const id = `r${round}-${index}`;
  const next = conference(id, { revision, sequence: revision, document: document([`${id}-${revision}`]) });
  await store.conferences.save(next, facts(next, revision - 1, 1), 1);
  revisions[index] = revision;
  say(`${id} ${revision}\n`);
}
