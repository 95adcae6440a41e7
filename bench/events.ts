/** Events to many websockets of the real server: how many it delivers beside the bare library, and how long after the act. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { House } from '../test/kit/house.ts';
import { Callers } from './calls.ts';
import type { Case } from './cases.ts';
import type { Report, Task } from './event-clients.ts';
import { cpuOf } from './proc.ts';
import { type Result, type Row, round, row, tell } from './report.ts';
import { dataDirectory, MEASURED_CORE, pin } from './subjects.ts';
import type { Manner } from './talk.ts';

const NUMBER = '70001';
/** Seconds that the readers let pass before they count. */
const WARM_UP = 1;

/** The process with the readers. */
class Readers {
  readonly #child: ChildProcess = fork(new URL('./event-clients.ts', import.meta.url));

  async run(task: Task): Promise<Report> {
    const over = new AbortController();
    try {
      const { signal } = over;
      const told = once(this.#child, 'message', { signal });
      const died = once(this.#child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`the readers ended with ${code}`)));
      this.#child.send(task);
      const [{ report, error }] = (await Promise.race([told, died])) as [{ report?: Report; error?: string }];
      died.catch(() => {});
      if (report === undefined) throw new Error(error);
      return report;
    } finally {
      over.abort();
    }
  }

  close(): void {
    this.#child.removeAllListeners('exit');
    this.#child.disconnect();
  }
}

/** The real server with a conference that has people in it; their telephones are silent. */
class Scene {
  readonly #house: House;
  readonly #dataDir: string;
  #callers: Callers | undefined;
  #conference = '';

  private constructor(house: House, dataDir: string) {
    this.#house = house;
    this.#dataDir = dataDir;
  }

  static async open(people: number, isPinned: boolean): Promise<Scene> {
    const { dataDir, env } = dataDirectory();
    const house = await new House({ dataDir, env }).start();
    if (isPinned) pin(house.pid, MEASURED_CORE);
    const scene = new Scene(house, dataDir);
    const document = { name: 'bench', member: { join_muted: false }, conference_numbers: [NUMBER] };
    scene.#conference = (await house.kazoo('PUT', '/conferences', document)).body.data.id;
    scene.#callers = await Callers.open(house.sip);
    // Nothing is said: the far ends need not exist.
    for (let n = 0; n < people; n++) await scene.#callers.call(n, { number: NUMBER, codec: 'PCMU', address: '127.0.0.1', port: 9 });
    return scene;
  }

  get pid(): number {
    return this.#house.pid;
  }

  get #http(): string {
    return this.#house.http;
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#house.first.access_key}`, 'content-type': 'application/json' };
  }

  connect(count: number): Task {
    return { do: 'connect', url: `${this.#http.replace('http', 'ws')}/api/events`, count, headers: this.#headers, until: '"live"' };
  }

  act(seconds: number): Task {
    const url = `${this.#http}/api/conferences/${this.#conference}/participants/1`;
    return { do: 'act', url, headers: this.#headers, perSecond: 10, seconds };
  }

  /** Everybody is muted and unmuted in turn: as many facts as there are people, each time. */
  async flood(seconds: number): Promise<Task> {
    const { account_id: account } = this.#house.first;
    const url = `${this.#http}/v2/accounts/${account}/conferences/${this.#conference}/participants`;
    const headers = { 'x-auth-token': await this.#token(), 'content-type': 'application/json' };
    const requests = ['mute', 'unmute'].map((action) => ({ url, headers, body: JSON.stringify({ data: { action } }) }));
    return { do: 'count', seconds, requests };
  }

  /** With a token, requests are not counted against the rate. */
  async #token(): Promise<string> {
    const { username, password, account_name } = this.#house.first;
    const credentials = createHash('md5').update(`${username}:${password}`).digest('hex');
    const { body } = await this.#house.fetch('PUT', '/v2/user_auth', { body: { data: { credentials, account_name } } });
    return body.auth_token;
  }

  async close(): Promise<void> {
    this.#callers?.close();
    await this.#house.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** µs of CPU of a process for each delivered event: true also on a machine that has other things to do. */
async function priced<T extends Report>(pid: number, seconds: number, work: () => Promise<T>): Promise<T & { cpu: number }> {
  const before = cpuOf(pid);
  const report = await work();
  // The second before it is counted is paid for too.
  return { ...report, cpu: (cpuOf(pid) - before) / Math.max(1, report.perSecond * (seconds + WARM_UP)) };
}

/** The bare library with as many readers and frames of the same length. */
async function bare(
  readers: Readers,
  { count, bytes, seconds, isPinned }: { count: number; bytes: number; seconds: number; isPinned: boolean },
): Promise<{ perSecond: number; cpu: number }> {
  const child = fork(new URL('./bare-sockets.ts', import.meta.url));
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    if (isPinned) pin(child.pid ?? 0, MEASURED_CORE);
    await readers.run({ do: 'connect', url: `ws://127.0.0.1:${port}`, count, headers: {}, until: '' });
    const pid = child.pid ?? 0;
    child.send({ bytes });
    return await priced(pid, seconds, () => readers.run({ do: 'count', seconds, requests: [] }));
  } finally {
    child.send({ bytes: 0 });
    await readers.run({ do: 'leave' });
    child.disconnect();
  }
}

export async function events({ name, title, shape, bars }: Case, manner: Manner): Promise<Result> {
  const seconds = Math.min(5, manner.seconds);
  const scene = await Scene.open(shape.room, manner.isPinned);
  const readers = new Readers();
  const rows: Row[] = [];
  const figures: Record<string, number> = {};
  const failures: string[] = [];
  try {
    for (const count of [...new Set([1, 100, 1000].map((each) => Math.min(each, shape.legs)))]) {
      await readers.run(scene.connect(count));
      tell(`${count} readers: acts`);
      const acts = await readers.run(scene.act(seconds));
      tell(`${count} readers: as many facts as can be`);
      const task = await scene.flood(seconds);
      const flood = await priced(scene.pid, seconds, () => readers.run(task));
      if (flood.lost > 0) failures.push(`${flood.lost} of ${count} readers were cut off`);
      await readers.run({ do: 'leave' });
      tell(`${count} readers: bare ws, frames of ${round(flood.bytes)} bytes`);
      const alone = await bare(readers, { count, bytes: Math.round(flood.bytes), seconds, isPinned: manner.isPinned });
      rows.push(
        row(`${count} readers: act to event p50`, acts.p50, { unit: ' ms', digits: 1, most: bars.act50 }),
        row(`${count} readers: act to event p99`, acts.p99, { unit: ' ms', digits: 1, most: bars.act99 }),
        row(`${count} readers: events delivered per second`, flood.perSecond),
        row(`${count} readers: bare ws`, alone.perSecond),
        // One reader is as fast as facts are stored, whatever carries them.
        row(`${count} readers: of the bare figure`, flood.perSecond / alone.perSecond, {
          digits: 2,
          least: count < 100 ? undefined : bars.ofBare,
        }),
        row(`${count} readers: CPU per delivery`, flood.cpu, { unit: ' µs', digits: 1 }),
        row(`${count} readers: CPU per delivery of bare ws`, alone.cpu, { unit: ' µs', digits: 1 }),
      );
      Object.assign(figures, {
        [`p50_${count}`]: acts.p50,
        [`p99_${count}`]: acts.p99,
        [`delivered_${count}`]: flood.perSecond,
        [`bare_${count}`]: alone,
      });
    }
    return { case: name, title, rows, figures, failures, remarks: [] };
  } finally {
    readers.close();
    await scene.close();
  }
}
