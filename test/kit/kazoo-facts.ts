import assert from 'node:assert/strict';
import type { Json } from '../../src/base/index.ts';
import { type Answer, type House, startHouse } from './house.ts';

/** One line of KAZOO's fact sheet: a request, and what the sheet (or the ruling that overrides it) says of the answer. */
export interface Line {
  /** The paragraph. */
  readonly facts: string;
  readonly says: string;
  readonly ask: readonly [method: string, path: string, body?: Json];
  readonly status: number;
  /** The envelope's `message`. */
  readonly message?: string;
  /** `data`, whole. */
  readonly data?: Json;
  /** Keys of `data` that must be so. */
  readonly some?: Json;
}

/** An answer as it came. */
export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The keys of `part` out of `whole`, at every depth of objects. */
export const having = (whole: Answer['body'], part: Answer['body']): Answer['body'] =>
  part === null || typeof part !== 'object' || Array.isArray(part) || whole === null || typeof whole !== 'object'
    ? whole
    : Object.fromEntries(Object.keys(part).map((key) => [key, having(whole[key], part[key])]));

/** The `data` of a 400: one rule, broken at one place (§2.4). */
export const wrong = (path: string, rule: string, why: Json): { readonly [path: string]: Json } => ({ [path]: { [rule]: why } });
/** The `data` of a 400 for a value of another type (§3.1). */
export const type = (path: string, target: string, value: Json) =>
  wrong(path, 'type', { message: `Value did not match type(s): ${target}`, target, value });
export const FAULTY = { status: 404, message: 'faulty_request', data: { message: 'faulty request' } } as const;
export const NOT_ALLOWED = { status: 405, message: 'invalid_method', data: { message: 'method not allowed' } } as const;
export const INVALID = { status: 400, message: 'validation error' } as const;
/** 404 for a document (§2.3). */
export const unknown = (cause: string) => ({ status: 404, message: 'bad_identifier', data: { cause, message: 'bad identifier' } });
/** What every document has that says nothing else (§3.3). */
export const DEFAULTS = {
  conference_numbers: [],
  play_name: false,
  member: { join_deaf: false, join_muted: true, numbers: [], pins: [] },
  moderator: { join_deaf: false, join_muted: false, numbers: [], pins: [] },
};

/** A running server that is asked in KAZOO's words. */
export class KazooServer {
  readonly house: House;
  readonly token: string;
  /** `/v2/accounts/A/conferences`. */
  readonly base: string;

  private constructor(house: House, token: string) {
    this.house = house;
    this.token = token;
    this.base = `/v2/accounts/${house.first.account_id}/conferences`;
  }

  static async start(): Promise<KazooServer> {
    const house = await startHouse();
    const login = await house.fetch('PUT', '/v2/api_auth', { body: { data: { api_key: house.first.api_key } } });
    return new KazooServer(house, login.body.auth_token);
  }

  /** One request as it stands; the token and the type of JSON are added unless `headers` has them, and one that is empty is not sent. */
  async raw(method: string, path: string, { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {}): Promise<Raw> {
    const named = { 'x-auth-token': this.token, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
    const sent = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ''));
    const answer = await fetch(`${this.house.http}${path}`, { method, headers: sent, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async ask(method: string, path: string, body?: Json): Promise<Answer> {
    const { status, text } = await this.raw(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    return { status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Asks line by line; the first answer that is not as the sheet says fails with the paragraph. */
  async holds(lines: readonly Line[]): Promise<void> {
    for (const { facts, says, ask: question, status, message, data, some } of lines) {
      const answer = await this.ask(...question);
      const where = `${facts} ${says}: ${question.slice(0, 2).join(' ')} answered ${answer.status} ${JSON.stringify(answer.body)}`;
      assert.equal(answer.status, status, where);
      assert.equal(answer.body.status, status < 300 ? 'success' : 'error', where);
      if (status >= 300) assert.equal(answer.body.error, String(status), where);
      if (message !== undefined) assert.equal(answer.body.message, message, where);
      if (data !== undefined) assert.deepEqual(answer.body.data, data, where);
      if (some !== undefined) assert.deepEqual(having(answer.body.data, some), some, where);
    }
  }

  close(): Promise<void> {
    return this.house.close();
  }
}
