import { isObject } from '../base/index.ts';

/** One request to LINE, as `Fetch.ask` takes it. */
export interface LineAsking {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** What came of it: no status, no answer. */
export type LineAsked = { readonly status: number; readonly body: Uint8Array } | { readonly refused: string } | { readonly failed: string };

/** Sends requests; by `fetch`, which checks whom it calls. */
export type LineAsk = (asking: LineAsking) => Promise<LineAsked>;

/** `done`: LINE has it. `later`: it may do so yet. `never`: it will not. */
export type LineOutcome = 'done' | 'later' | 'never';

/** Who writes, and where. */
export interface LineSource {
  readonly type: 'user' | 'group' | 'room';
  /** Of the chat: the user's, the group's or the room's. */
  readonly id: string;
  /** Who wrote in it; absent: LINE does not tell. */
  readonly user?: string;
}

/** How somebody calls himself, and which language his LINE speaks (BCP 47); absent: LINE does not tell. */
export interface LineProfile {
  readonly name?: string;
  readonly language?: string;
}

const TIMEOUT = 10_000;
const MOST_BYTES = 65_536;
/** UTF-16 code units of a text (LINE Messaging API, text message). */
const LONGEST_TEXT = 5000;

const messages = (texts: readonly string[]): readonly object[] =>
  texts.map((each) => ({ type: 'text', text: each.slice(0, LONGEST_TEXT) }));

function outcomeOf(asked: LineAsked): LineOutcome {
  if ('refused' in asked) return 'never';
  if ('failed' in asked || asked.status === 429 || asked.status >= 500) return 'later';
  // 409: this retry key was taken before, so it is done.
  return asked.status < 300 || asked.status === 409 ? 'done' : 'never';
}

function profilePath({ type, id, user }: LineSource): string {
  const one = encodeURIComponent(user ?? id);
  return type === 'user' ? `/v2/bot/profile/${one}` : `/v2/bot/${type}/${encodeURIComponent(id)}/member/${one}`;
}

/** What we ask of the LINE Messaging API. Nothing here rejects. */
export class LineApi {
  readonly #ask: LineAsk;
  readonly #base: string;

  /** `base`: without a slash at the end. */
  constructor(ask: LineAsk, base: string) {
    this.#ask = ask;
    this.#base = base;
  }

  /** Where LINE is to send what people write. */
  async register(token: string, endpoint: string): Promise<LineOutcome> {
    return outcomeOf(await this.#send(token, { method: 'PUT', path: '/v2/bot/channel/webhook/endpoint', body: { endpoint } }));
  }

  /** Answers a message: only once, and only for about a minute. */
  async reply(token: string, replyToken: string, texts: readonly string[]): Promise<LineOutcome> {
    return outcomeOf(
      await this.#send(token, { method: 'POST', path: '/v2/bot/message/reply', body: { replyToken, messages: messages(texts) } }),
    );
  }

  /** Says something at any time; what is sent again with the same key (a UUID) comes once. At most five texts. */
  async push(token: string, { to, texts, key }: { to: string; texts: readonly string[]; key: string }): Promise<LineOutcome> {
    const body = { to, messages: messages(texts) };
    return outcomeOf(await this.#send(token, { method: 'POST', path: '/v2/bot/message/push', body, headers: { 'x-line-retry-key': key } }));
  }

  /** How somebody calls himself; undefined: LINE does not tell. */
  async nameOf(token: string, source: LineSource): Promise<string | undefined> {
    return (await this.profileOf(token, source)).name;
  }

  /** What LINE tells of somebody. */
  async profileOf(token: string, source: LineSource): Promise<LineProfile> {
    if (source.type !== 'user' && source.user === undefined) return {};
    const asked = await this.#send(token, { method: 'GET', path: profilePath(source) });
    if (!('status' in asked) || asked.status !== 200) return {};
    try {
      const profile: unknown = JSON.parse(Buffer.from(asked.body).toString('utf8'));
      if (!isObject(profile)) return {};
      const { displayName: name, language } = profile;
      return {
        ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, 100) } : {}),
        ...(typeof language === 'string' && /^[\w-]{2,20}$/.test(language) ? { language } : {}),
      };
    } catch {
      return {};
    }
  }

  #send(
    token: string,
    { method, path, body, headers = {} }: { method: LineAsking['method']; path: string; body?: object; headers?: LineAsking['headers'] },
  ): Promise<LineAsked> {
    return this.#ask({
      url: `${this.#base}${path}`,
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
  }
}
