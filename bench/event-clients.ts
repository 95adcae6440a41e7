/** The readers of events.ts, in a process of their own: stock websocket clients, and whoever acts over HTTP, so that one clock measures both. */
import { once } from 'node:events';
import { type RawData, WebSocket } from 'ws';
import { quantile } from './report.ts';

/** What the readers are to do. */
export type Task =
  | {
      readonly do: 'connect';
      readonly url: string;
      readonly count: number;
      readonly headers: Record<string, string>;
      /** Said first, if anything. */
      readonly hello: string;
      readonly until: string;
    }
  /** One participant is muted and unmuted, so many times a second; every reader's delay counts. */
  | {
      readonly do: 'act';
      readonly url: string;
      readonly headers: Record<string, string>;
      readonly perSecond: number;
      readonly seconds: number;
      /** By which the event of a mute is known, and that of an unmute. */
      readonly words: readonly [string, string];
    }
  /** The first reader says a word, upon which each gets one frame; every reader's delay counts. */
  | { readonly do: 'ask'; readonly perSecond: number; readonly seconds: number }
  /** What comes is counted; meanwhile these two requests are made in turn, as fast as they are answered. */
  | {
      readonly do: 'count';
      readonly seconds: number;
      readonly requests: readonly { url: string; headers: Record<string, string>; body: string }[];
    }
  | { readonly do: 'leave' };

/** What came of it. */
export interface Report {
  readonly perSecond: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
  /** Readers that were cut off. */
  readonly lost: number;
}

const sockets: WebSocket[] = [];
let [count, bytes, lost] = [0, 0, 0];
let seen: ((text: () => string) => void) | undefined;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function listen(socket: WebSocket): void {
  socket.on('message', (data: RawData) => {
    count += 1;
    bytes += (data as Buffer).length;
    seen?.(() => String(data));
  });
  socket.once('close', () => {
    lost += 1;
  });
  socket.on('error', () => {});
}

async function connect({ url, count: wanted, headers, hello, until }: Extract<Task, { do: 'connect' }>): Promise<void> {
  // Not all in the same moment: the system's queue of connections is short.
  for (let n = 0; n < wanted; n += 50) {
    const some = Array.from({ length: Math.min(50, wanted - n) }, () => new WebSocket(url, { headers, perMessageDeflate: false }));
    for (const each of some) listen(each);
    if (hello !== '') for (const each of some) each.once('open', () => each.send(hello));
    const ready = some.map((each) =>
      until === ''
        ? once(each, 'open')
        : new Promise<void>((resolve) => each.on('message', (data) => String(data).includes(until) && resolve())),
    );
    await Promise.all(ready);
    sockets.push(...some);
  }
}

/** Again and again: what `begin` sets off reaches everybody as a frame with this word in it. */
async function repeated(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  wordOf: (n: number) => string,
  begin: (n: number) => Promise<void>,
): Promise<number[]> {
  const delays: number[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const next = performance.now() + 1000 / perSecond;
    const word = wordOf(n);
    let left = sockets.length;
    const began = performance.now();
    const all = new Promise<void>((resolve) => {
      seen = (text) => {
        if (!text().includes(word)) return;
        delays.push(performance.now() - began);
        left -= 1;
        if (left === 0) resolve();
      };
    });
    await begin(n);
    await Promise.race([all, wait(5000)]);
    if (left > 0) throw new Error(`${left} readers did not hear of an act within 5 s`);
    await wait(Math.max(0, next - performance.now()));
  }
  seen = undefined;
  return delays.slice(Math.floor(delays.length / 10)); // What warms up does not count.
}

async function act({ url, headers, words, ...often }: Extract<Task, { do: 'act' }>): Promise<number[]> {
  const patch = async (muted: boolean): Promise<void> => {
    const response = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ muted }) });
    if (!response.ok) throw new Error(`an act was answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  // Muted by what was before, he could not be muted again.
  await patch(false);
  await wait(500);
  const wordOf = (n: number): string => words[n % 2 === 0 ? 0 : 1];
  return repeated(often, wordOf, (n) => patch(n % 2 === 0));
}

const ask = (often: Extract<Task, { do: 'ask' }>): Promise<number[]> =>
  repeated(
    often,
    () => '',
    async () => sockets[0]?.send('now'),
  );

async function counted({ seconds, requests }: Extract<Task, { do: 'count' }>): Promise<number> {
  let isOver = false;
  const acting = (async (): Promise<void> => {
    for (let n = 0; !isOver && requests.length > 0; n++) {
      const { url, ...rest } = requests[n % requests.length]!;
      const response = await fetch(url, { method: 'PUT', ...rest });
      if (!response.ok) throw new Error(`an act was answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    }
  })();
  await wait(1000);
  [count, bytes] = [0, 0];
  const began = performance.now();
  await wait(seconds * 1000);
  const perSecond = (count * 1000) / (performance.now() - began);
  isOver = true;
  await acting;
  return perSecond;
}

async function run(task: Task): Promise<Report> {
  const nothing: Report = { perSecond: 0, bytes: 0, p50: 0, p99: 0, samples: 0, lost };
  if (task.do === 'connect') await connect(task);
  else if (task.do === 'act' || task.do === 'ask') {
    const delays = task.do === 'act' ? await act(task) : await ask(task);
    return { ...nothing, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), samples: delays.length, lost };
  } else if (task.do === 'count') {
    const perSecond = await counted(task);
    return { ...nothing, perSecond, bytes: count === 0 ? 0 : bytes / count, lost };
  } else {
    for (const each of sockets.splice(0)) each.terminate();
    await wait(200);
    lost = 0;
  }
  return nothing;
}

process.on('message', (task: Task) => {
  run(task).then(
    (report) => process.send?.({ report }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit());
