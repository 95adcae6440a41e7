import { webcrypto } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { type Chance, type Clock, type Closable, Failure, isoTime, type Log } from '../base/index.ts';
import { textIn } from './s3-xml.ts';

/** Why there is no answer; see the room `fetch`. */
type Unanswered = { readonly refused: string } | { readonly failed: string };

/** The guarded door for outgoing HTTP, as the room `fetch` opens it. */
export interface HttpDoor extends Closable {
  ask(asking: {
    readonly url: string;
    readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
    readonly timeoutMs: number;
    readonly maxBytes?: number;
  }): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array } | Unanswered>;
  stream(streaming: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number }): Promise<
    | {
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: AsyncIterable<Uint8Array>;
        cancel(): void;
      }
    | Unanswered
  >;
}

/** Which store, and as whom. */
export interface S3Place {
  /** `https://s3.eu-central-1.amazonaws.com`, without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key; empty, or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The bucket stands in the path and not in the name of the host. */
  readonly isPathStyle: boolean;
}

/** What speaking with a store needs. */
export interface S3Options {
  readonly place: S3Place;
  /** It is closed with this. */
  readonly door: HttpDoor;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** One request. `key` is the whole name of an object; absent: the bucket is meant. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer of the store, whatever it says. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the answer's XML. */
  readonly text: string;
}

const EMPTY = new Uint8Array();
/** ms for a request without a body; for one with a part of a file. */
const PATIENCE = { plain: 30_000, body: 180_000 };
/** ms between attempts; after the last one whoever asked comes back later. */
const PAUSES = [500, 1500, 4000];
/** The store may be asked the same again; 501 says that it will never do it. */
const isPassing = (status: number): boolean => (status >= 500 && status !== 501) || status === 429 || status === 408;
/** Longest answer: a list of 1000 names of 1 KB. */
const MOST = 2_000_000;

/** The store did not do what it was asked. */
export const unavailable = (words: string, options: ErrorOptions = {}): Failure =>
  new Failure('unavailable', 'shelf', `the store of recordings: ${words}`, options);

/** What an answer says went wrong: the store's own code, else its status. */
export const wrongIn = ({ status, text }: Pick<S3Answer, 'status' | 'text'>): string => {
  const code = textIn(text, 'Code');
  return code === undefined ? `it answers ${status}` : `it answers ${status} ${code.replace(/[^\w.-]/g, '').slice(0, 64)}`;
};

/** Signs requests to a bucket (Signature Version 4), sends them, and asks again what failed in passing. */
export class S3Requests implements Closable {
  readonly #options: S3Options;
  readonly #keys = new Map<string, ArrayBuffer>();
  readonly #waiting = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(options: S3Options) {
    this.#options = options;
  }

  /** Whoever waits hears unavailable/shelf; what is under way is broken off. */
  close(): Promise<void> {
    this.#closing ??= this.#options.door.close();
    for (const wake of this.#waiting) wake();
    return this.#closing;
  }

  /** Resolves with the answer, also a refusal; rejects with unavailable/shelf when the store cannot be reached or fails, after some attempts. */
  async ask(request: S3Request): Promise<S3Answer> {
    return this.#again(async () => {
      const timeoutMs = request.body === undefined ? PATIENCE.plain : PATIENCE.body;
      const got = await this.#options.door.ask({ ...(await this.#signed(request)), timeoutMs, maxBytes: MOST });
      if (!('status' in got)) return got;
      const answer = { status: got.status, headers: got.headers, text: Buffer.from(got.body).toString() };
      return isPassing(got.status) ? { failed: wrongIn(answer) } : { answer };
    });
  }

  /** The same for an object's bytes. The body must be read or cancelled. */
  async stream(key: string, headers: Readonly<Record<string, string>>) {
    return this.#again(async () => {
      const { url, headers: signed } = await this.#signed({ method: 'GET', key, headers });
      const got = await this.#options.door.stream({ url, headers: signed, timeoutMs: PATIENCE.plain });
      if (!('status' in got)) return got;
      if (!isPassing(got.status)) return { answer: got };
      got.cancel();
      return { failed: `it answers ${got.status}` };
    });
  }

  async #again<T>(attempt: () => Promise<{ readonly answer: T } | Unanswered>): Promise<T> {
    for (const pause of [...PAUSES, undefined]) {
      if (this.#closing !== undefined) break;
      const outcome = await attempt();
      if ('answer' in outcome) return outcome.answer;
      const words = 'refused' in outcome ? `not called: ${outcome.refused}` : outcome.failed;
      if (pause === undefined || 'refused' in outcome) throw unavailable(words);
      this.#options.log.debug('the store of recordings is asked again', { reason: words, again_in_ms: pause });
      await this.#wait(pause);
    }
    throw unavailable('this server is stopping');
  }

  #wait(ms: number): Promise<void> {
    const { clock, chance } = this.#options;
    const [byte = 0] = chance.bytes(1);
    return new Promise((resolve) => {
      const alarm = clock.wake(clock.now() + ms * (0.75 + byte / 512), () => wake());
      const wake = (): void => {
        alarm.cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  async #signed({ method, key, query = {}, headers = {}, body }: S3Request) {
    const { place, clock } = this.#options;
    // Off this thread: a part has megabytes.
    const hash = Buffer.from(await webcrypto.subtle.digest('SHA-256', body ?? EMPTY)).toString('hex');
    const signer = new AwsV4Signer({
      method,
      url: urlOf(place, key, query),
      headers: { ...headers, 'x-amz-content-sha256': hash },
      accessKeyId: place.accessKeyId,
      secretAccessKey: place.secretAccessKey,
      service: 's3',
      region: place.region,
      cache: this.#keys,
      datetime: isoTime(clock.epoch()).replace(/[:-]/g, ''),
    });
    const signed = await signer.sign();
    // One key a day and region: yesterday's are not needed again.
    if (this.#keys.size > 2) this.#keys.clear();
    return { url: signed.url.href, method, headers: Object.fromEntries(signed.headers), ...(body === undefined ? {} : { body }) };
  }
}

function urlOf({ endpoint, bucket, isPathStyle }: S3Place, key: string | undefined, query: Readonly<Record<string, string>>): string {
  const base = new URL(endpoint);
  const inPath = isPathStyle ? [bucket] : [];
  if (!isPathStyle) base.host = `${bucket}.${base.host}`;
  const path = [...inPath, ...(key === undefined ? [] : key.split('/'))].map(encodeURIComponent).join('/');
  const search = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const root = base.pathname.replace(/\/$/, '');
  return `${base.origin}${root}/${path}${search.length === 0 ? '' : `?${search.join('&')}`}`;
}
