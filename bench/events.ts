/** Events to many websockets of the real server, our own and KAZOO's: how many it delivers beside the bare library, and how long after the act. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Case } from './cases.ts';
import type { Report } from './event-clients.ts';
import { cpuOf } from './proc.ts';
import { type Result, type Row, round, row, tell } from './report.ts';
import { Readers, Scene } from './scene.ts';
import { MEASURED_CORE, pin } from './subjects.ts';
import type { Manner } from './talk.ts';

/** Seconds that the readers let pass before they count. */
const WARM_UP = 1;

/** µs of CPU of a process for each delivered event: true also on a machine that has other things to do. */
export async function priced<T extends { readonly perSecond: number }>(
  pid: number,
  seconds: number,
  work: () => Promise<T>,
): Promise<T & { cpu: number }> {
  const before = cpuOf(pid);
  const report = await work();
  // The second before it is counted is paid for too.
  return { ...report, cpu: (cpuOf(pid) - before) / Math.max(1, report.perSecond * (seconds + WARM_UP)) };
}

interface Alone {
  readonly perSecond: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

/** The bare library with as many readers and frames of the same length. */
async function bare(
  readers: Readers,
  { count, bytes, seconds, isPinned }: { count: number; bytes: number; seconds: number; isPinned: boolean },
): Promise<Alone> {
  const child = fork(new URL('./bare-sockets.ts', import.meta.url));
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    if (isPinned) pin(child.pid ?? 0, MEASURED_CORE);
    await readers.run({ do: 'connect', url: `ws://127.0.0.1:${port}`, count, headers: {}, hello: '', until: '' });
    const pid = child.pid ?? 0;
    const heard = once(child, 'message');
    child.send({ bytes, blast: false });
    await heard;
    const { p50, p99 } = await readers.run({ do: 'ask', perSecond: 10, seconds });
    child.send({ bytes, blast: true });
    const { perSecond, cpu } = await priced(pid, seconds, () => readers.run({ do: 'count', seconds, requests: [] }));
    return { perSecond, cpu, p50, p99 };
  } finally {
    child.send({ bytes: 0, blast: false });
    await readers.run({ do: 'leave' });
    child.disconnect();
  }
}

/** What an event of each door says of a mute and of an unmute. */
const WORDS = {
  events: ['"participant.muted"', '"participant.unmuted"'],
  blackhole: ['"mute-member"', '"unmute-member"'],
} as const;

/** One door with so many readers. */
async function measured(scene: Scene, readers: Readers, { count, seconds, door, isPinned }: Measuring): Promise<Measured> {
  await readers.run(door === 'events' ? scene.connect(count) : await scene.subscribe(count));
  tell(`${count} readers: acts`);
  const acts = await readers.run(scene.act(seconds, WORDS[door]));
  tell(`${count} readers: as many facts as can be`);
  const task = await scene.flood(seconds);
  const flood = await priced(scene.pid, seconds, () => readers.run(task));
  await readers.run({ do: 'leave' });
  tell(`${count} readers: bare ws, frames of ${round(flood.bytes)} bytes`);
  const alone = await bare(readers, { count, bytes: Math.round(flood.bytes), seconds, isPinned });
  return { acts, flood, alone };
}

interface Measuring {
  readonly count: number;
  readonly seconds: number;
  readonly door: keyof typeof WORDS;
  readonly isPinned: boolean;
}

interface Measured {
  readonly acts: Report;
  readonly flood: Report & { readonly cpu: number };
  readonly alone: Alone;
}

const shown = (count: number, { acts, flood, alone }: Measured, bars: Case['bars']): readonly Row[] => [
  row(`${count} readers: act to event p50`, acts.p50, { unit: ' ms', digits: 1, most: bars.act50 }),
  row(`${count} readers: act to event p99`, acts.p99, { unit: ' ms', digits: 1, most: bars.act99 }),
  row(`${count} readers: bare ws, word to frame p50`, alone.p50, { unit: ' ms', digits: 1 }),
  row(`${count} readers: bare ws, word to frame p99`, alone.p99, { unit: ' ms', digits: 1 }),
  row(`${count} readers: events delivered per second`, flood.perSecond),
  row(`${count} readers: bare ws`, alone.perSecond),
  // One reader is as fast as facts are stored, whatever carries them.
  row(`${count} readers: of the bare figure`, flood.perSecond / alone.perSecond, {
    digits: 2,
    least: count < 100 ? undefined : bars.ofBare,
  }),
  row(`${count} readers: CPU per delivery`, flood.cpu, { unit: ' µs', digits: 1 }),
  row(`${count} readers: CPU per delivery of bare ws`, alone.cpu, { unit: ' µs', digits: 1 }),
];

export async function events({ name, title, shape, bars, kind }: Case, manner: Manner): Promise<Result> {
  const seconds = Math.min(5, manner.seconds);
  const door = kind === 'blackhole' ? 'blackhole' : 'events';
  const scene = await Scene.open(shape.room, manner.isPinned);
  const readers = new Readers();
  const rows: Row[] = [];
  const figures: Record<string, number> = {};
  const failures: string[] = [];
  try {
    for (const count of [...new Set([1, 100, 1000].map((each) => Math.min(each, shape.legs)))]) {
      const all = await measured(scene, readers, { count, seconds, door, isPinned: manner.isPinned });
      const { acts, flood, alone } = all;
      if (flood.lost > 0) failures.push(`${flood.lost} of ${count} readers were cut off`);
      rows.push(...shown(count, all, bars));
      Object.assign(figures, {
        [`p50_${count}`]: acts.p50,
        [`p99_${count}`]: acts.p99,
        [`bare_p50_${count}`]: alone.p50,
        [`bare_p99_${count}`]: alone.p99,
        [`delivered_${count}`]: flood.perSecond,
        [`bare_${count}`]: alone.perSecond,
      });
    }
    return { case: name, title, rows, figures, failures, remarks: [] };
  } finally {
    readers.close();
    await scene.close();
  }
}
