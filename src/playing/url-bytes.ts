import { Failure } from '../base/index.ts';
import type { Fetch, StreamedAnswer } from '../fetch/index.ts';
import { ByteStream } from './byte-stream.ts';
import { unplayable } from './sound-source.ts';

const REDIRECTS = 5;
/** ms until the answer begins, and between two pieces of it. */
const PATIENCE = 10_000;
const ACCEPT = 'audio/wav, audio/ogg, audio/mpeg;q=0.9, audio/*;q=0.5, */*;q=0.1';

/** Why nothing comes from a URL; `details.url` is without its query, which may hold a key. */
export const unfetched = (words: string): Failure => new Failure('unavailable', 'media_unfetched', `the sound cannot be fetched: ${words}`);

/** What a URL answers, after redirects, each of which is checked like the first; for how many ms it may be used again. */
export interface Fetched {
  readonly bytes: ByteStream;
  readonly freshMs: number;
}

/** Asks for a sound; it can be read as soon as it begins. `maxBytes`: where it is cut off, with a failure. */
export async function fetchBytes(fetch: Pick<Fetch, 'stream'>, url: string, maxBytes: number): Promise<Fetched> {
  let target = url;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const answer = await fetch.stream({ url: target, headers: { accept: ACCEPT }, timeoutMs: PATIENCE });
    if ('refused' in answer) throw unfetched(answer.refused);
    if ('failed' in answer) throw unfetched(answer.failed);
    const location = answer.headers['location'];
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return bodyOf(answer, maxBytes);
    answer.cancel();
    target = nextTarget(location, target);
  }
  throw unfetched('it redirects too often');
}

function nextTarget(location: string, from: string): string {
  const next = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (next === undefined) throw unfetched('it redirects to no URL');
  if (new URL(from).protocol === 'https:' && next.protocol !== 'https:') throw unfetched('it redirects from https to http');
  return next.href;
}

function bodyOf(answer: StreamedAnswer, maxBytes: number): Fetched {
  const { status, headers } = answer;
  const length = Number(headers['content-length'] ?? 0);
  if (status !== 200 || length > maxBytes) {
    answer.cancel();
    throw unfetched(status === 200 ? `it has ${length} bytes, at most ${maxBytes} are played` : `the answer is ${status}`);
  }
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    let sum = 0;
    try {
      for await (const piece of answer.body) {
        sum += piece.length;
        if (sum > maxBytes) throw unplayable(`it has more than ${maxBytes} bytes`);
        yield piece;
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw unplayable('what was fetched broke off', { cause: error });
    }
  };
  return { bytes: new ByteStream(pieces(), () => answer.cancel()), freshMs: freshness(headers['cache-control']) };
}

/** RFC 9111 §5.2.2, and a minute where nothing is said. */
function freshness(control = ''): number {
  if (/\b(no-store|no-cache|private)\b/i.test(control)) return 0;
  const seconds = /\bmax-age=(\d{1,9})\b/i.exec(control)?.[1];
  return seconds === undefined ? 60_000 : Math.min(Number(seconds), 86_400) * 1000;
}
