/** The receivers of webhooks.ts, in a process of their own: HTTP servers that count; and whoever acts, so that one clock measures both. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { quantile } from './report.ts';

/** What the receivers are to do. */
export type HookTask =
  | { readonly do: 'listen'; readonly count: number }
  /** So many acts, these requests in turn; then what comes is counted until so many messages are through, or the time is over. */
  | {
      readonly do: 'count';
      readonly seconds: number;
      readonly acts: number;
      readonly messages: number;
      readonly requests: readonly HookRequest[];
    }
  /** These requests in turn; the delay of the first message of each receiver counts. */
  | { readonly do: 'act'; readonly seconds: number; readonly perSecond: number; readonly requests: readonly HookRequest[] }
  | { readonly do: 'quiet' };

export interface HookRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What came of it. */
export interface HookReport {
  readonly urls: readonly string[];
  readonly perSecond: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
}

const servers: Server[] = [];
const agent = new Agent();
let [count, bytes] = [0, 0];
let seen: ((receiver: number) => void) | undefined;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nothing: HookReport = { urls: [], perSecond: 0, bytes: 0, p50: 0, p99: 0 };

/** Each has an address and a port of its own, as different hosts have. */
async function listen(wanted: number): Promise<readonly string[]> {
  for (const each of servers.splice(0)) {
    each.closeAllConnections();
    each.close();
  }
  for (let n = 0; n < wanted; n++) {
    const server = createServer((message, response) => {
      message.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      message.on('end', () => {
        count += 1;
        response.writeHead(204).end();
        seen?.(n);
      });
    });
    server.listen(0, `127.0.2.${n + 1}`);
    await once(server, 'listening');
    servers.push(server);
  }
  return servers.map((each, n) => `http://127.0.2.${n + 1}:${(each.address() as AddressInfo).port}/hook`);
}

async function make({ url, method, headers, body }: HookRequest): Promise<void> {
  const answer = await request(url, { dispatcher: agent, method: method as 'PUT', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode > 299) throw new Error(`an act was answered ${answer.statusCode}: ${text}`);
}

async function counted({ seconds, acts, messages, requests }: Extract<HookTask, { do: 'count' }>): Promise<HookReport> {
  [count, bytes] = [0, 0];
  for (let n = 0; n < acts; n++) await make(requests[n % requests.length]!);
  // What came while it was stored does not count: the server had other things to do.
  const before = count;
  const began = performance.now();
  let ended = began;
  const through = new Promise<void>((resolve) => {
    seen = () => {
      ended = performance.now();
      if (count >= messages) resolve();
    };
  });
  await Promise.race([through, wait(seconds * 1000)]);
  seen = undefined;
  return {
    ...nothing,
    perSecond: ((count - before) * 1000) / (ended - began),
    bytes: bytes / Math.max(1, count),
  };
}

async function act({ seconds, perSecond, requests }: Extract<HookTask, { do: 'act' }>): Promise<HookReport> {
  const delays: number[] = [];
  for (let n = 0; n < seconds * perSecond; n++) {
    const next = performance.now() + 1000 / perSecond;
    const waiting = new Set(servers.keys());
    const began = performance.now();
    const all = new Promise<void>((resolve) => {
      seen = (receiver) => {
        if (!waiting.delete(receiver)) return;
        delays.push(performance.now() - began);
        if (waiting.size === 0) resolve();
      };
    });
    await make(requests[n % requests.length]!);
    await Promise.race([all, wait(5000)]);
    if (waiting.size > 0) throw new Error(`${waiting.size} receivers did not hear of an act within 5 s`);
    await wait(Math.max(0, next - performance.now()));
  }
  seen = undefined;
  const some = delays.slice(Math.floor(delays.length / 10)); // What warms up does not count.
  return { ...nothing, p50: quantile(some, 0.5), p99: quantile(some, 0.99) };
}

/** Until nothing has come for a while. */
async function quiet(): Promise<HookReport> {
  for (let before = -1; before !== count; ) {
    before = count;
    await wait(1000);
  }
  return nothing;
}

async function run(task: HookTask): Promise<HookReport> {
  if (task.do === 'listen') return { ...nothing, urls: await listen(task.count) };
  if (task.do === 'count') return counted(task);
  return task.do === 'act' ? act(task) : quiet();
}

process.on('message', (task: HookTask) => {
  run(task).then(
    (report) => process.send?.({ report }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit());
