import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../app/index.ts';
import { Failure } from '../base/index.ts';

/** A JSON answer of a running server. */
export type Json = Readonly<Record<string, unknown>>;

/** Asks a running server's `/api`. */
export type Ask = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Json>;

const bad = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);

/** Where the server is and who asks, as far as the command line says. */
export interface Whom {
  readonly url: string | undefined;
  readonly key: string | undefined;
}

/** Reaches the server that runs here, by the address and the key that it left in its data directory, or another one. */
export function reach({ url, key }: Whom, config: () => Config): Ask {
  const base = (url ?? told(config().dataDir, 'ready.json', 'http', 'no Parley runs here; start it, or name one by --url')).replace(
    /\/+$/,
    '',
  );
  const token = key ?? told(config().dataDir, 'first-account.json', 'access_key', 'name a key by --key: the first account has none here');
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    let answer: Response;
    try {
      answer = await fetch(`${base}/api${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    } catch (cause) {
      throw new Failure('unavailable', 'server_unreachable', `no Parley answers at ${base}`, { cause });
    }
    const told = (await answer.json().catch(() => ({}))) as Json;
    if (!answer.ok) throw new Failure('invalid', 'server_refused', `the server refuses: ${String(told['detail'] ?? answer.status)}`);
    return told;
  };
}

function told(dataDir: string, file: string, key: string, otherwise: string): string {
  try {
    const value = (JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as Json)[key];
    if (typeof value === 'string') return value;
  } catch {
    // Said below.
  }
  throw bad(otherwise);
}
