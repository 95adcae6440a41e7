import { Agent, type Dispatcher, request } from 'undici';
import { type Clock, type Log, readHttpDate } from '../base/index.ts';
import { type Judge, judge } from './addresses.ts';
import { guardedAddress, guardedConnector, osLookup } from './connector.ts';
import { openFarLine } from './far-line.ts';
import type {
  Answer,
  Asked,
  Asking,
  FarLine,
  Fetch,
  FetchOptions,
  Posted,
  Posting,
  Streamed,
  StreamedAnswer,
  Streaming,
  Unanswered,
} from './fetch-types.ts';
import { flowing } from './flow.ts';
import { inWords } from './in-words.ts';
import { redirected, type Wish } from './redirect.ts';
import { readTarget } from './target.ts';

/** Connections to one origin, and origins at once. */
const CONNECTIONS = 8;
const ORIGINS = 1024;
/** ms for which an idle connection is kept. */
const KEPT = 4000;
/** What is read of an answer nobody wants, so that its connection can serve again: bytes, ms. */
const DRAINED = { bytes: 65_536, ms: 2000 };

type Got = Dispatcher.ResponseData;

/** Opens the door for outgoing HTTP. Throws when `allow` holds something that is no network. */
export function openFetch({ clock, log, allow = [], agent = 'Parley', lookup = osLookup }: FetchOptions): Fetch {
  return new Door({ clock, log, agent, judge: judge(allow), lookup });
}

interface DoorOptions extends Required<Omit<FetchOptions, 'allow'>> {
  readonly judge: Judge;
}

class Door implements Fetch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #judge: Judge;
  readonly #userAgent: string;
  readonly #agent: Agent;
  readonly #connect: ReturnType<typeof guardedConnector>;
  readonly #find: (host: string) => ReturnType<typeof guardedAddress>;
  readonly #running = new Set<Deadline>();
  #closing: Promise<void> | undefined;

  constructor({ clock, log, agent, judge, lookup }: DoorOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#judge = judge;
    this.#userAgent = agent;
    this.#connect = guardedConnector({ judge, lookup });
    this.#find = (host) => guardedAddress(host, { judge, lookup });
    this.#agent = new Agent({
      connect: this.#connect,
      connections: CONNECTIONS,
      maxOrigins: ORIGINS,
      pipelining: 1,
      keepAliveTimeout: KEPT,
      keepAliveMaxTimeout: KEPT,
      // One deadline, by our clock, is over all of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  line(url: string, { name }: { readonly name: string }): Promise<FarLine> {
    return openFarLine(url, { connect: this.#connect, find: this.#find, name });
  }

  refuses(url: string): string | undefined {
    const target = readTarget(url, this.#judge);
    return 'refused' in target ? target.refused : undefined;
  }

  async post({ url, ...posting }: Posting): Promise<Posted> {
    const target = readTarget(url, this.#judge);
    if ('refused' in target) return this.#unanswered(url, target);
    return this.#inTime(posting.timeoutMs, url, async (deadline) => {
      const got = await this.#send(target.url, { method: 'POST', ...posting }, deadline);
      this.#drain(got);
      const after = retryAfter(got.headers['retry-after'], this.#clock.epoch());
      return { status: got.statusCode, ...(after === undefined ? {} : { retryAfterMs: after }) };
    });
  }

  async ask(asking: Asking): Promise<Asked> {
    return this.#inTime(asking.timeoutMs, asking.url, (deadline) => this.#ask(asking, deadline));
  }

  async stream({ url, method = 'GET', headers = {}, timeoutMs, body }: Streaming): Promise<Streamed> {
    const target = readTarget(url, this.#judge);
    if ('refused' in target) return this.#unanswered(url, target);
    const whole = new Deadline();
    const answer = await this.#inTime(timeoutMs, url, async (deadline) => {
      // The head is in time or not at all; what comes afterwards has deadlines of its own.
      deadline.signal.addEventListener('abort', () => whole.end(deadline.reason ?? 'timeout'), { once: true });
      const wish: Wish = { method, headers, timeoutMs, ...(body === undefined ? {} : { body }) };
      return this.#flow(await this.#send(target.url, wish, whole), whole, timeoutMs);
    });
    return answer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const deadline of this.#running) deadline.end('this server is stopping');
    await this.#agent.destroy();
  }

  async #ask(asking: Asking, deadline: Deadline): Promise<Asked> {
    const { method = 'GET', headers = {}, timeoutMs, redirects = 0, maxBytes = 1_000_000 } = asking;
    let wish: Wish = { method, headers, timeoutMs, ...(asking.body === undefined ? {} : { body: asking.body }) };
    let target = readTarget(asking.url, this.#judge);
    for (let left = redirects; ; left -= 1) {
      if ('refused' in target) return this.#unanswered(asking.url, target);
      const got = await this.#send(target.url, wish, deadline);
      const next =
        left > 0 ? redirected({ from: target.url, wish, status: got.statusCode, location: first(got.headers['location']) }) : undefined;
      if (next === undefined) return read(got, target.url, maxBytes);
      this.#drain(got);
      if ('refused' in next) return this.#unanswered(asking.url, next);
      wish = next.wish;
      target = readTarget(next.url, this.#judge);
    }
  }

  #flow(got: Got, whole: Deadline, idleMs: number): StreamedAnswer {
    this.#running.add(whole);
    const end = (reason: string): void => {
      this.#running.delete(whole);
      whole.end(reason);
    };
    // An end that nobody waits for is no crash.
    got.body.on('error', () => {});
    const body = flowing({
      source: got.body as AsyncIterable<Uint8Array>,
      clock: this.#clock,
      idleMs,
      onIdle: () => whole.end('timeout'),
      onEnd: () => end('let go'),
      inWords: (error) => whole.reason ?? Object.values(inWords(error)).join(),
    });
    return { status: got.statusCode, headers: namesAndValues(got), body, cancel: () => end('let go') };
  }

  #send(url: URL, { method, headers, body }: Wish, { signal }: Deadline): Promise<Got> {
    const all = { 'user-agent': this.#userAgent, ...headers };
    return request(url, { dispatcher: this.#agent, method, headers: all, body: body ?? null, signal });
  }

  /** Lets a short answer end, so that its connection can serve again; a long or slow one is cut off. */
  #drain({ body }: Got): void {
    const alarm = this.#clock.wake(this.#clock.now() + DRAINED.ms, () => void body.destroy());
    body.on('error', () => {});
    body.once('close', () => alarm.cancel());
    void body.dump({ limit: DRAINED.bytes }).catch(() => {});
  }

  /** Does the work under a deadline; whatever goes wrong becomes an outcome. */
  async #inTime<T extends object>(ms: number, url: string, work: (deadline: Deadline) => Promise<T>): Promise<T | Unanswered> {
    if (this.#closing !== undefined) return { failed: 'this server is stopping' };
    const deadline = new Deadline();
    const alarm = this.#clock.wake(this.#clock.now() + ms, () => deadline.end('timeout'));
    this.#running.add(deadline);
    try {
      return await work(deadline);
    } catch (error) {
      return this.#unanswered(url, deadline.reason === undefined ? inWords(error) : { failed: deadline.reason });
    } finally {
      alarm.cancel();
      this.#running.delete(deadline);
    }
  }

  /** Only the origin is logged: paths and queries hold tokens. */
  #unanswered(url: string, outcome: Unanswered): Unanswered {
    this.#log.debug('an outgoing request was not answered', { origin: URL.parse(url)?.origin, ...outcome });
    return outcome;
  }
}

/** Ends a request, once, and knows why. */
class Deadline {
  readonly #controller = new AbortController();
  #reason: string | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  end(reason: string): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}

const first = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'object' ? value[0] : value);

/** How long the far end wants to be left alone, ms (RFC 9110 §10.2.3). */
export function retryAfter(value: string | readonly string[] | undefined, now: number): number | undefined {
  const text = first(value)?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = readHttpDate(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}

const namesAndValues = ({ headers }: Got): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]));

async function read(got: Got, url: URL, maxBytes: number): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of got.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > maxBytes) break;
  }
  const body = new Uint8Array(Buffer.concat(chunks).subarray(0, maxBytes));
  return { status: got.statusCode, headers: namesAndValues(got), body, isCut: length > maxBytes, url: url.href };
}
