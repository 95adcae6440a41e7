/** Messages to webhooks of the real server: how many a second, beside bare undici, and how long after the act. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Case } from './cases.ts';
import { priced } from './events.ts';
import type { HookReport, HookRequest, HookTask } from './hook-receivers.ts';
import { type Result, type Row, round, row, tell } from './report.ts';
import { Readers, Scene } from './scene.ts';
import { MEASURED_CORE, pin } from './subjects.ts';
import type { Manner } from './talk.ts';

/** Receivers. */
const CROWDS = [1, 16];
/** Messages that wait in the store when it begins; an act gives one of each person to each receiver. */
const BACKLOG = 8000;

type Receivers = Readers<HookTask, HookReport>;

/** The bare library to the same receivers with bodies of the same length. */
async function bare(
  receivers: Receivers,
  { urls, bytes, seconds, isPinned }: { urls: readonly string[]; bytes: number; seconds: number; isPinned: boolean },
): Promise<{ perSecond: number; cpu: number }> {
  const child: ChildProcess = fork(new URL('./bare-posts.ts', import.meta.url));
  const pid = child.pid ?? 0;
  try {
    if (isPinned) pin(pid, MEASURED_CORE);
    child.send({ urls, bytes });
    return await priced(pid, seconds, () =>
      receivers.run({ do: 'count', seconds, acts: 0, messages: Number.MAX_SAFE_INTEGER, requests: [] }),
    );
  } finally {
    child.disconnect();
  }
}

export async function webhooks({ name, title, shape, bars }: Case, { isPinned, ...manner }: Manner): Promise<Result> {
  const seconds = Math.min(5, manner.seconds);
  const receivers: Receivers = new Readers('./hook-receivers.ts');
  const rows: Row[] = [];
  const figures: Record<string, number> = {};
  try {
    for (const count of CROWDS) {
      const scene = await Scene.open(shape.room, isPinned, { PARLEY_FETCH_ALLOW: 'loopback' });
      try {
        const { urls } = await receivers.run({ do: 'listen', count });
        for (const url of urls) await scene.api('POST', '/webhooks', { url });
        const one = steering(scene, 1);
        tell(`${count} receivers: acts`);
        const acts = await receivers.run({ do: 'act', seconds, perSecond: 10, requests: one });
        tell(`${count} receivers: as many messages as can be`);
        const { requests } = await scene.flood(seconds);
        const acted = Math.ceil(BACKLOG / shape.room / count);
        const messages = acted * shape.room * count;
        const flood = await receivers.run({ do: 'count', seconds, acts: acted, messages, requests: requests.map(put) });
        await scene.close();
        await receivers.run({ do: 'quiet' });
        tell(`${count} receivers: bare undici, bodies of ${round(flood.bytes)} bytes`);
        const alone = await bare(receivers, { urls, bytes: Math.round(flood.bytes), seconds, isPinned });
        rows.push(
          row(`${count} receivers: act to message p50`, acts.p50, { unit: ' ms', digits: 1, most: bars.act50 }),
          row(`${count} receivers: act to message p99`, acts.p99, { unit: ' ms', digits: 1, most: bars.act99 }),
          row(`${count} receivers: messages per second`, flood.perSecond),
          row(`${count} receivers: bare undici`, alone.perSecond),
          row(`${count} receivers: of the bare figure`, flood.perSecond / alone.perSecond, { digits: 2, least: bars.ofBare }),
        );
        const shown = { p50: acts.p50, p99: acts.p99, messages: flood.perSecond, bare: alone.perSecond };
        for (const [key, value] of Object.entries(shown)) figures[`${key}_${count}`] = value;
      } finally {
        await scene.close();
      }
    }
    return { case: name, title, rows, figures, failures: [], remarks: [] };
  } finally {
    receivers.close();
  }
}

const put = (each: Omit<HookRequest, 'method'>): HookRequest => ({ method: 'PUT', ...each });

/** One participant is muted and unmuted. */
const steering = (scene: Scene, number: number): HookRequest[] =>
  [true, false].map((muted) => ({ method: 'PATCH', ...scene.steer(number, { muted }) }));
