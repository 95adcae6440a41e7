/** Requests per second of the KAZOO dialect, beside the same Fastify with an empty handler; how long a page of many conferences takes. */
import { type ChildProcess, fork } from 'node:child_process';
import { Pool } from 'undici';
import type { Case } from './cases.ts';
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

async function opened(mode: 'ours' | 'bare', many: number) {
  const child = fork(new URL('./kazoo-process.ts', import.meta.url), [mode, String(many)]);
  const door = await word<Door>(child);
  const pool = new Pool(door.url, { connections: AT_ONCE });
  const get = async (path: string) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers: { 'x-auth-token': door.token } });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${text}`);
    return text;
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
  return { door, get, heap, close };
}

/** Asks again and again; gives how often a second. */
async function often(get: (path: string) => Promise<string>, path: string, seconds: number): Promise<number> {
  const run = async (until: number): Promise<number> => {
    let count = 0;
    for (; performance.now() < until; count += 1) await get(path);
    return count;
  };
  const all = async (length: number): Promise<number> => {
    const began = performance.now();
    const counts = await Promise.all(Array.from({ length: AT_ONCE }, () => run(began + length * 1000)));
    return (counts.reduce((sum, each) => sum + each, 0) * 1000) / (performance.now() - began);
  };
  await all(Math.min(2, seconds));
  return all(seconds);
}

/** ms of each page, one after the other through the whole list. */
async function pages(get: (path: string) => Promise<string>, base: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let key: string | undefined = ''; key !== undefined; ) {
    const began = performance.now();
    const text = await get(`${base}?page_size=${PAGE}${key === '' ? '' : `&start_key=${key}`}`);
    times.push(performance.now() - began);
    key = (JSON.parse(text) as { next_start_key?: string }).next_start_key;
  }
  return times.sort((a, b) => a - b);
}

const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

export async function kazoo({ name, title, shape, bars }: Case, { seconds }: Manner): Promise<Result> {
  const each = Math.min(5, seconds);
  tell(`an empty handler, ${each} s`);
  const bare = await opened('bare', 0);
  const empty = await often(bare.get, bare.door.base, each);
  await bare.close();
  tell(`${shape.legs} conferences`);
  const ours = await opened('ours', shape.legs);
  const { base, room } = ours.door;
  const asked = await often(ours.get, `${base}/${room}`, each);
  await pages(ours.get, base);
  const before = await ours.heap();
  const times = await pages(ours.get, base);
  const after = await ours.heap();
  await ours.close();
  const rows = [
    row(`GET of a conference with ${CROWD} people, per second`, asked),
    row('an empty handler, per second', empty),
    row('of the bare figure', asked / empty, { digits: 2, least: bars.ofBare }),
    row(`page of ${PAGE}, half of them within`, share(times, 0.5), { digits: 1, unit: ' ms' }),
    row(`page of ${PAGE}, the slowest`, share(times, 1), { digits: 1, unit: ' ms', most: bars.act99 }),
    row('heap after all pages, more than before', (after - before) / 1e6, { digits: 1, unit: ' MB' }),
  ];
  const figures = { asked, empty, page50: share(times, 0.5), pageMost: share(times, 1) };
  return { case: name, title, rows, figures, failures: [], remarks: [] };
}
