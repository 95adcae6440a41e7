/** Cases about numbers: thousands hang up at once; tens of thousands of conferences lie idle. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId } from '../src/accounts/index.ts';
import { noLog, SystemChance } from '../src/base/index.ts';
import { Conferences } from '../src/conference/index.ts';
import { openSqlite } from '../src/store/index.ts';
import { House } from '../test/kit/house.ts';
import type { Case } from './cases.ts';
import { clock, Load } from './load.ts';
import { cpuOf, descriptorsOf, memoryOf, sleepsOf } from './proc.ts';
import { type Result, type Row, round, row, tell } from './report.ts';
import { dataDirectory, MEASURED_CORE, pin, type Subject } from './subjects.ts';
import { connect, type Manner, openSubject, wait } from './talk.ts';

const megabytes = (bytes: number): number => bytes / 2 ** 20;

/** RFC 3261 keeps transactions for 32 s (timers H, J and L), and the collector comes after that. */
const FORGOTTEN = 40_000;

/** What a process holds once nobody is there any more. */
async function settled(pid: number, descriptors: number): Promise<{ memory: number; descriptors: number }> {
  tell('waiting 40 s, until the transactions are forgotten');
  await wait(FORGOTTEN);
  for (let tries = 0; tries < 5 && descriptorsOf(pid) > descriptors; tries++) await wait(1000);
  return { memory: memoryOf(pid), descriptors: descriptorsOf(pid) };
}

/** All but one room hang up in the same moment, and that room talks on. */
export async function hangUp(it: Case, manner: Manner): Promise<Result> {
  const load = new Load(it.shape);
  await load.open();
  let subject: Subject | undefined;
  try {
    // The engine alone ends all of its legs or none; there nobody stays.
    subject = await openSubject({ ...manner, isDirect: false });
    const base = await connect(subject, load);
    load.start();
    await wait(manner.warmUp * 1000);
    // The first wave shows how large the process becomes; what the second one leaves beyond that would be lost for good.
    load.stop();
    load.part();
    const first = await subject.hangUp(load.legs);
    tell(`${first.answered} legs have come and gone once`);
    const between = await settled(subject.pid, base.descriptors);
    await connect(subject, load);
    load.start();
    await wait(manner.warmUp * 1000);
    load.clear();
    const full = await subject.read();
    await wait(2000);
    const calm = await subject.read();
    const leaving = load.legs.filter(({ room }) => room > 0);
    const staying = load.legs.filter(({ room }) => room === 0);
    load.part(leaving);
    tell(`${leaving.length} legs hang up`);
    const { answered, refused, retransmissions, ms } = await subject.hangUp(leaving, { isSudden: true });
    await wait(1000);
    const after = await subject.read();
    const { asked, wrong } = load.wrongEars();
    const lost = staying.reduce((sum, each) => sum + each.lost, 0);
    const remarks = subject.remarks();
    const missing = leaving.length - answered;
    load.stop();
    const rest = await subject.hangUp(staying);
    const end = await settled(subject.pid, base.descriptors);
    const rows: Row[] = [
      {
        name: 'BYEs answered',
        value: `${round(answered)} of ${round(leaving.length)}`,
        bar: 'every one',
        isMet: missing === 0 && refused === 0,
      },
      { name: 'until the last answer, retransmissions', value: `${round(ms)} ms, ${retransmissions}` },
      row('worst tick meanwhile', after.counts.max, { unit: ' ms late', digits: 1, most: 20 }),
      { name: 'worst tick before', value: `${round(calm.counts.max, 1)} ms late` },
      { name: 'frames lost to who talked on', value: round(lost), bar: 'none', isMet: lost === 0 },
      { name: 'ears of who talked on', value: `${asked} asked`, bar: 'every one', isMet: wrong.length === 0 },
      {
        name: 'descriptors at the start / full / at the end',
        value: `${base.descriptors} / ${full.descriptors} / ${end.descriptors}`,
        bar: 'as at the start',
        isMet: end.descriptors <= base.descriptors,
      },
      {
        name: 'memory at the start / full / at the end',
        value: `${round(megabytes(base.memory))} / ${round(megabytes(full.memory))} / ${round(megabytes(end.memory))} MB`,
        bar: 'start and a tenth',
        isMet: end.memory <= 1.1 * base.memory,
      },
      {
        name: 'memory after the first wave / the second',
        value: `${round(megabytes(between.memory))} / ${round(megabytes(end.memory))} MB`,
        bar: 'a twentieth more',
        isMet: end.memory <= 1.05 * between.memory,
      },
    ];
    const failures = [
      ...(missing + refused > 0 ? [`${missing} BYEs were not answered, ${refused} refused`] : []),
      ...(first.answered < load.shape.legs ? [`${load.shape.legs - first.answered} BYEs of the first wave were not answered`] : []),
      ...(rest.answered < staying.length ? [`${staying.length - rest.answered} BYEs of those who stayed were not answered`] : []),
      ...wrong,
      ...(lost > 0 ? [`${lost} frames were lost to who talked on`] : []),
    ];
    const figures = { ms, worst: after.counts.max, answered, memoryStart: base.memory, memoryFull: full.memory, memoryEnd: end.memory };
    return { case: it.name, title: it.title, rows, figures, failures, remarks };
  } finally {
    load.stop();
    await subject?.close();
    await load.close();
  }
}

/** Conferences that nobody is in. They are made by the domain in a stopped server's database: the API would let ten in a second. */
async function fill(dataDir: string, masterKey: string, { account, count }: { account: string; count: number }): Promise<void> {
  const chance = new SystemChance();
  const store = await openSqlite({ path: join(dataDir, 'parley.db'), chance, masterKey: Buffer.from(masterKey, 'hex') });
  const ignored = {
    publish: () => {},
    signal: () => {},
    hear: () => {},
    answer: () => {},
    hangUp: () => {},
    dial: () => {},
    bring: () => {},
    ring: () => {},
  };
  const outside = { events: ignored, media: ignored, telephony: ignored };
  const conferences = new Conferences({ clock, chance, log: noLog, store: store.conferences, ...outside });
  const actor = { account: account as AccountId, kind: 'system' } as const;
  for (let n = 0; n < count; n++) {
    const document = { name: `idle ${n}`, conference_numbers: [`8${String(n).padStart(6, '0')}`] };
    await conferences.execute('conference.create', { document }, actor);
    if (n % 500 === 0) tell(`${n} of ${count} conferences are in the store`, { passing: true });
  }
  tell(`${count} conferences are in the store`);
  await conferences.close();
  await store.close();
}

/** A server with very many conferences and nobody in them. */
export async function idle(it: Case, { isPinned, seconds }: Manner): Promise<Result> {
  const { dataDir, env } = dataDirectory();
  const house = new House({ dataDir, env, patient: false });
  const count = it.shape.legs;
  try {
    await house.start();
    await wait(2000);
    const empty = memoryOf(house.pid);
    const { account_id: account } = house.first;
    await house.stop();
    await fill(dataDir, env['PARLEY_MASTER_KEY']!, { account, count });
    const began = clock.now();
    await house.start();
    const startMs = clock.now() - began;
    if (isPinned) pin(house.pid, MEASURED_CORE);
    const last = `8${String(count - 1).padStart(6, '0')}`;
    await wait(3000);
    const before = { cpu: cpuOf(house.pid), at: clock.now(), sleeps: sleepsOf(house.pid) };
    tell(`${count} conferences lie idle, the server is watched for ${Math.max(10, seconds)} s`);
    await wait(Math.max(10, seconds) * 1000);
    const elapsed = (clock.now() - before.at) / 1000;
    const share = ((cpuOf(house.pid) - before.cpu) / 1e6 / elapsed) * 100;
    const wakes = (sleepsOf(house.pid) - before.sleeps) / elapsed;
    const memory = memoryOf(house.pid);
    // They are really there: the last one made can be dialled.
    const ann = await house.phone({ user: 'Ann' });
    const status = await ann.tries(last);
    if (status === 200) await ann.hangUp();
    const rows: Row[] = [
      row('CPU', share, { unit: ' %', digits: 2, most: 1 }),
      // A timer per conference, however slow, would wake it hundreds of times a second.
      row('wakes of all threads per second', wakes, { digits: 1, most: 20 }),
      { name: 'memory, without them', value: `${round(megabytes(memory))} MB, ${round(megabytes(empty))} MB` },
      { name: 'start', value: `${round(startMs / 1000, 1)} s` },
      { name: 'one of them, dialled', value: `${status}`, bar: '200', isMet: status === 200 },
    ];
    const failures = status === 200 ? [] : [`the last conference made was dialled and answered ${status}`];
    return { case: it.name, title: it.title, rows, figures: { share, wakes, memory, empty }, failures, remarks: [] };
  } finally {
    await house.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
