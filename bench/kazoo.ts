/** Requests per second of a dialect, KAZOO's or VoIPBIN's, beside the same Fastify with an empty handler; how long a page of many conferences takes. */
import { type ChildProcess, fork } from 'node:child_process';
import { Pool } from 'undici';
import type { Case } from './cases.ts';
import { cpuOf } from './proc.ts';
import { type Result, row, tell } from './report.ts';
import type { Manner } from './talk.ts';

/** How many people are in the room that is asked for. */
export const CROWD = 20;

/** Where the measured process listens, and for whom. */
export interface Door {
  readonly url: string;
  readonly token: string;
  readonly base: string;
  readonly room: string;
}

/** How many requests are under way at the same time. */
const AT_ONCE = 32;
const PAGE = 50;

const word = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`the measured process ended with ${code}`)));
  });

type Mode = 'kazoo' | 'voipbin' | 'bare';

async function opened(mode: Mode, many: number) {
  const child = fork(new URL('./kazoo-process.ts', import.meta.url), [mode, String(many)]);
  const door = await word<Door>(child);
  const pool = new Pool(door.url, { connections: AT_ONCE });
  const headers = mode === 'voipbin' ? { authorization: `Bearer ${door.token}` } : { 'x-auth-token': door.token };
  const get = async (path: string) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${text}`);
    return text;
  };
  /** Its body is only counted, lest whoever asks costs more than whoever answers. */
  const ask = async (path: string) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
    await body.dump();
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}`);
  };
  const heap = () => {
    child.send('memory');
    return word<number>(child);
  };
  const close = async () => {
    await pool.close();
    child.removeAllListeners('exit');
    child.send('end');
  };
  const cpu = () => cpuOf(child.pid ?? 0);
  return { door, get, ask, heap, cpu, close };
}

/** Asks again and again for a second; gives how often. */
async function second(get: () => Promise<void>): Promise<number> {
  const began = performance.now();
  const run = async (): Promise<number> => {
    let count = 0;
    for (; performance.now() < began + 1000; count += 1) await get();
    return count;
  };
  const counts = await Promise.all(Array.from({ length: AT_ONCE }, run));
  return (counts.reduce((sum, each) => sum + each, 0) * 1000) / (performance.now() - began);
}

/** As many as are compiled by then what runs often. */
const WARM = 5;

/** How often a second each of them answers, in turns of a second, so that what else the machine does is the same for all; and CPU per answer, µs. */
async function often(doors: readonly { readonly get: () => Promise<void>; readonly cpu: () => number }[], seconds: number) {
  const sums = doors.map(() => ({ count: 0, cpu: 0 }));
  for (let turn = -WARM; turn < seconds; turn += 1) {
    for (const [index, { get, cpu }] of doors.entries()) {
      const before = cpu();
      const count = await second(get);
      const sum = sums[index]!;
      if (turn >= 0) [sum.count, sum.cpu] = [sum.count + count, sum.cpu + cpu() - before];
    }
  }
  return sums.map(({ count, cpu }) => ({ perSecond: count / seconds, micros: cpu / count }));
}

/** ms of each page, one after the other through the whole list. */
async function pages(get: (path: string) => Promise<string>, base: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let key: string | undefined = ''; key !== undefined; ) {
    const began = performance.now();
    const text = await get(
      `${base}?page_size=${PAGE}${key === '' ? '' : `&start_key=${encodeURIComponent(key)}&page_token=${encodeURIComponent(key)}`}`,
    );
    times.push(performance.now() - began);
    const { next_start_key: start, next_page_token: token } = JSON.parse(text) as { next_start_key?: string; next_page_token?: string };
    key = start ?? (token === '' ? undefined : token);
  }
  return times.sort((a, b) => a - b);
}

const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

export async function kazoo({ name, kind, title, shape, bars }: Case, { seconds }: Manner): Promise<Result> {
  const each = Math.min(5, seconds);
  tell(`${shape.legs} conferences`);
  const [bare, ours] = [await opened('bare', 0), await opened(kind === 'voipbin' ? 'voipbin' : 'kazoo', shape.legs)];
  const { base, room } = ours.door;
  tell(`both in turns, ${each} s each`);
  const { length } = await ours.get(`${base}/${room}`);
  const [asked, empty, same] = await often(
    [
      { get: () => ours.ask(`${base}/${room}`), cpu: ours.cpu },
      { get: () => bare.ask(bare.door.base), cpu: bare.cpu },
      { get: () => bare.ask(`/same/${length}`), cpu: bare.cpu },
    ],
    each,
  );
  if (asked === undefined || empty === undefined || same === undefined) throw new Error('nothing was measured');
  await bare.close();
  tell('pages');
  await pages(ours.get, base);
  const before = await ours.heap();
  const times = await pages(ours.get, base);
  const after = await ours.heap();
  await ours.close();
  const rows = [
    row(`GET of a conference with ${CROWD} people, per second`, asked.perSecond),
    row('an empty handler, per second', empty.perSecond),
    row(`a handler that only sends ${length} bytes, per second`, same.perSecond),
    row('CPU per answer', asked.micros, { unit: ' µs' }),
    row('CPU per answer of the empty handler', empty.micros, { unit: ' µs' }),
    row('CPU per answer of the handler that only sends', same.micros, { unit: ' µs' }),
    row('of the handler that only sends', asked.perSecond / same.perSecond, { digits: 2 }),
    row('of the bare figure', asked.perSecond / empty.perSecond, { digits: 2, least: bars.ofBare }),
    row(`page of ${PAGE}, half of them within`, share(times, 0.5), { digits: 1, unit: ' ms' }),
    row(`page of ${PAGE}, the slowest`, share(times, 1), { digits: 1, unit: ' ms', most: bars.act99 }),
    row('heap after all pages, more than before', (after - before) / 1e6, { digits: 1, unit: ' MB' }),
  ];
  const figures = { asked: asked.perSecond, empty: empty.perSecond, page50: share(times, 0.5), pageMost: share(times, 1) };
  return { case: name, title, rows, figures, failures: [], remarks: [] };
}
