/** The measured process of facts.ts: the domain over SQLite with the bus behind it, or bare inserts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import { openBus } from '../src/bus/index.ts';
import { type Call, type ConferenceId, Conferences } from '../src/conference/index.ts';
import { openSqlite } from '../src/store/index.ts';
import { AT_ONCE, type Rate, type Stored } from './facts.ts';

const [mode, seconds, bytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
const path = join(directory, 'parley.db');

/** Does it again and again for so many seconds; gives how often a second, and µs of CPU for each. */
async function often(work: (n: number) => Promise<number>): Promise<Rate> {
  for (let n = 0; n < 200; n++) await work(n);
  const began = performance.now();
  const before = process.cpuUsage();
  let count = 0;
  for (let n = 0; performance.now() - began < seconds * 1000; n++) count += await work(n);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (count * 1000) / (performance.now() - began), cpu: (user + system) / count };
}

async function ours(): Promise<Stored> {
  const [clock, chance] = [new SystemClock(), new SystemChance()];
  const store = await openSqlite({ path, chance, masterKey: new Uint8Array(32), soon: setImmediate });
  const bus = openBus({ clock, log: noLog, journal: store.journal });
  const outside = { media: { hear() {} }, telephony: { answer() {}, hangUp() {}, dial() {}, bring() {}, ring() {} } };
  const conferences = new Conferences({ clock, chance, log: noLog, store: store.conferences, events: bus, ...outside });
  const actor = { account: 'a'.repeat(32) as AccountId, kind: 'api' as const };
  const rooms = Array.from({ length: AT_ONCE }, (_, n) => n.toString(16).padStart(32, '0') as ConferenceId);
  for (const [n, conference] of rooms.entries()) {
    await conferences.execute('conference.create', { id: conference, document: { member: { join_muted: false } } }, actor);
    const id = `c${n}`.padEnd(32, '0');
    const about = {
      direction: 'inbound',
      callerName: 'Ann Bench',
      callerNumber: '1001',
      channelVars: {},
      sipCallId: `${id}@phone.example`,
    };
    const call = { id, leg: id, ...about } as unknown as Call;
    await conferences.execute('call.arrived', { conference, call, role: undefined }, actor);
    await conferences.execute('call.answered', { conference, call: call.id }, actor);
  }
  const mute = (conference: ConferenceId, muted: boolean) =>
    conferences.execute('participants.mute', { conference, which: 1, muted }, actor);
  const single = await often(async (n) => {
    await mute(rooms[0]!, n % 2 === 0);
    return 1;
  });
  const many = await often(async (n) => {
    await Promise.all(rooms.map((each) => mute(each, n % 2 === 0)));
    return rooms.length;
  });
  const [fact] = (await store.conferences.facts(actor.account, rooms[1]!, 0)).slice(-1);
  await conferences.close();
  await bus.close();
  await store.close();
  return { single, many, bytes: JSON.stringify(fact).length };
}

async function bare(): Promise<Stored> {
  const database = new DatabaseSync(path);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) database.exec(`PRAGMA ${pragma}`);
  database.exec('CREATE TABLE facts (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO facts (body) VALUES (?)');
  const body = 'x'.repeat(bytes);
  const commit = (count: number) => async (): Promise<number> => {
    database.exec('BEGIN IMMEDIATE');
    for (let n = 0; n < count; n++) insert.run(body);
    database.exec('COMMIT');
    return count;
  };
  const stored = { single: await often(commit(1)), many: await often(commit(AT_ONCE)), bytes };
  database.close();
  return stored;
}

const stored = await (mode === 'ours' ? ours() : bare());
rmSync(directory, { recursive: true, force: true });
process.send?.(stored, () => process.disconnect());
