/** What is measured: the server as people start it, its engine alone, or the bare socket loop. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine } from '../src/app/capacity.ts';
import { House } from '../test/kit/house.ts';
import { type BenchCall, Callers, type HangUp } from './calls.ts';
import { clock, type FarLeg, type Load } from './load.ts';
import { cpuOf, descriptorsOf, memoryOf } from './proc.ts';
import type { FarEnd, Start } from './server.ts';

/** What the engine has counted; lateness in ms since the last reading. */
export interface Counts {
  readonly ports: number;
  readonly ticks: number;
  readonly lateTicks: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly sendFailures: number;
  readonly strangers: number;
  readonly lost: number;
  readonly late: number;
  readonly concealed: number;
  readonly encoded: number;
}

/** A look at a process. */
export interface Reading {
  /** ms of the clock. */
  readonly at: number;
  /** µs, all threads. */
  readonly cpu: number;
  readonly memory: number;
  readonly descriptors: number;
  readonly counts: Counts;
}

/** What a process holds before its first leg. */
export type Base = Pick<Reading, 'memory' | 'descriptors'>;

/** Something that telephones can call. */
export interface Subject {
  readonly pid: number;
  /** Sets the legs up and aims the load at them; gives what the process held before. */
  connect(load: Load, told: (done: number) => void): Promise<Base>;
  read(): Promise<Reading>;
  /** Ends these legs; resolves when every answer has come or nobody believes in it any more. `isSudden`: all in the same moment. */
  hangUp(legs: readonly FarLeg[], options?: { readonly isSudden?: boolean }): Promise<HangUp>;
  close(): Promise<void>;
  /** What went wrong beside the measurement. */
  remarks(): readonly string[];
}

const look = async (pid: number, counts: () => Promise<Counts>): Promise<Reading> => {
  const [at, cpu] = [clock.now(), cpuOf(pid)];
  return { at, cpu, memory: memoryOf(pid), descriptors: descriptorsOf(pid), counts: await counts() };
};

/** Keeps a process and all its threads on these cores. */
export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' });
}

/** The core for what is measured when there is more than one; everybody else has the others. */
export const MEASURED_CORE = String(availableParallelism() - 1);

/** So many INVITEs or BYEs at the same time. */
const AT_ONCE = 16;

/** A data directory and settings by which no call is refused, for how much is too much is what is measured; and a key that the bench knows. */
export function dataDirectory(): { readonly dataDir: string; readonly env: Record<string, string> } {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  writeFileSync(join(dataDir, 'capacity.json'), JSON.stringify({ ...machine(), measured: [], legs: {}, limit: 100_000 }));
  const env = {
    PARLEY_LOG_LEVEL: 'error',
    PARLEY_MEDIA_TIMEOUT: '86400',
    PARLEY_MEDIA_CHECK: '0',
    PARLEY_MEDIA_MAX_BUSY: '100',
    PARLEY_MEDIA_MAX_LATE: '10000',
    PARLEY_MASTER_KEY: '5a'.repeat(32),
  };
  return { dataDir, env };
}

/** The real server, started as people start it; its rooms are made over the KAZOO API, its legs by SIP. */
export class Server implements Subject {
  readonly house: House;
  readonly #dataDir: string;
  readonly #calls = new Map<number, BenchCall>();
  #callers: Callers | undefined;
  #rooms = 0;

  private constructor(house: House, dataDir: string) {
    this.house = house;
    this.#dataDir = dataDir;
  }

  static async open({ isPinned }: { isPinned: boolean }): Promise<Server> {
    const { dataDir, env } = dataDirectory();
    const house = await new House({ dataDir, env, patient: false }).start();
    if (isPinned) pin(house.pid, MEASURED_CORE);
    return new Server(house, dataDir);
  }

  get pid(): number {
    return this.house.pid;
  }

  async connect(load: Load, told: (done: number) => void): Promise<Base> {
    const base = { memory: memoryOf(this.pid), descriptors: descriptorsOf(this.pid) };
    const number = (room: number): string => `${70_000 + room}`;
    for (; this.#rooms < load.rooms; this.#rooms++) await this.#makeRoom(number(this.#rooms));
    this.#callers ??= await Callers.open(this.house.sip);
    const callers = this.#callers;
    let next = 0;
    const work = async (): Promise<void> => {
      for (let n = next++; n < load.legs.length; n = next++) {
        const leg = load.legs[n]!;
        const { call, ...to } = await callers.call(n, { ...leg, number: number(leg.room) });
        this.#calls.set(n, call);
        load.aim(n, to);
        told(n + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return base;
  }

  read(): Promise<Reading> {
    return look(this.pid, () => this.#counts());
  }

  async hangUp(legs: readonly FarLeg[], { isSudden = false } = {}): Promise<HangUp> {
    const calls = legs.flatMap(({ n }) => this.#calls.get(n) ?? []);
    for (const { n } of legs) this.#calls.delete(n);
    if (this.#callers === undefined) throw new Error('nobody has called');
    return await this.#callers.hangUp(calls, isSudden ? Number.POSITIVE_INFINITY : AT_ONCE);
  }

  async close(): Promise<void> {
    this.#callers?.close();
    await this.house.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  remarks(): readonly string[] {
    const { ended = 0, postponed = 0 } = this.#callers ?? {};
    return [
      ...(ended > 0 ? [`the server hung up on ${ended} legs`] : []),
      ...(postponed > 0 ? [`while the legs came in, ${postponed} INVITEs were answered 503 and tried again`] : []),
    ];
  }

  /** The API takes a hundred requests at once and ten a second from then on. */
  async #makeRoom(number: string): Promise<void> {
    for (;;) {
      const document = { name: `bench ${number}`, member: { join_muted: false }, conference_numbers: [number] };
      const { status, body } = await this.house.kazoo('PUT', '/conferences', document, { any: true });
      if (status === 201) return;
      if (status !== 429) throw new Error(`a conference was refused with ${status}: ${JSON.stringify(body)}`);
      await new Promise((wake) => setTimeout(wake, 300));
    }
  }

  async #counts(): Promise<Counts> {
    const { status, body } = await this.house.fetch('GET', '/metrics');
    if (status !== 200) throw new Error(`/metrics was answered ${status}`);
    const value = (name: string): number => {
      const line = String(body)
        .split('\n')
        .find((each) => each.startsWith(`parley_media_${name} `));
      if (line === undefined) throw new Error(`/metrics does not show parley_media_${name}`);
      return Number(line.slice(line.lastIndexOf(' ')));
    };
    const late = (quantile: string): number => 1000 * value(`tick_lateness_seconds{quantile="${quantile}"}`);
    return {
      ports: value('ports'),
      ticks: value('ticks_total'),
      lateTicks: value('late_ticks_total'),
      p50: late('0.5'),
      p99: late('0.99'),
      max: late('1'),
      packetsIn: value('packets_received_total'),
      packetsOut: value('packets_sent_total'),
      sendFailures: value('send_failures_total'),
      strangers: value('stranger_packets_total'),
      lost: value('packets_lost_total'),
      late: value('packets_late_total'),
      concealed: value('frames_concealed_total'),
      encoded: value('frames_encoded_total'),
    };
  }
}

/** A process of server.ts: the engine without signalling, or the bare loop. */
export class Alone implements Subject {
  readonly #child: ChildProcess;
  readonly #start: (far: readonly FarEnd[]) => Start;

  private constructor(start: (far: readonly FarEnd[]) => Start, isPinned: boolean) {
    this.#start = start;
    this.#child = fork(new URL('./server.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    if (isPinned) pin(this.pid, MEASURED_CORE);
  }

  static engine({ isPinned }: { isPinned: boolean }): Alone {
    return new Alone((far) => ({ mode: 'engine', far }), isPinned);
  }

  static bare({ ports, phases, isPinned }: { ports: number; phases: number; isPinned: boolean }): Alone {
    return new Alone((far) => ({ mode: 'bare', far, ports, phases }), isPinned);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async connect(load: Load, told: (done: number) => void): Promise<Base> {
    const far = load.legs.map(({ address, port, room, codec }) => ({ address, port, room, codec }));
    const { at, base } = await this.#ask<{ at: { address: string; port: number }[]; base: Base }>(this.#start(far));
    for (const [n, place] of at.entries()) load.aim(n, place);
    told(at.length);
    return base;
  }

  read(): Promise<Reading> {
    return look(this.pid, async () => {
      const { tickLateness, ...counts } = await this.#ask<Counts & { tickLateness?: Pick<Counts, 'p50' | 'p99' | 'max'> }>('read');
      return { ...counts, ...tickLateness };
    });
  }

  async hangUp(): Promise<HangUp> {
    const began = clock.now();
    const { ended } = await this.#ask<{ ended: number }>('hang up');
    return { asked: ended, answered: ended, refused: 0, retransmissions: 0, ms: clock.now() - began };
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send('end');
    await ended;
  }

  remarks(): readonly string[] {
    return [];
  }

  /** Tells the process to do something, and waits until it has. */
  tell<T>(what: string): Promise<T> {
    return this.#ask(what);
  }

  #ask<T>(question: string | Start): Promise<T> {
    return new Promise((resolve, reject) => {
      const died = (code: number | null): void => reject(new Error(`the measured process ended with ${code}`));
      this.#child.once('exit', died);
      this.#child.once('message', (message) => {
        this.#child.off('exit', died);
        resolve(message as T);
      });
      this.#child.send(question);
    });
  }
}
