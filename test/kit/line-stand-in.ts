import { createHmac } from 'node:crypto';

/** What a stand-in for the LINE Messaging API was asked. */
export interface LineRequest {
  readonly method: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any;
  readonly retryKey: string | undefined;
}

/** Answers as api.line.me does: who has no token of the channel gets 401, a reply token is good once, a retry key too, a webhook is `https` or local. */
export class LineStandIn {
  readonly token: string;
  readonly secret: string;
  readonly requests: LineRequest[] = [];
  /** What is answered instead, first to last. */
  readonly trouble: number[] = [];
  /** By user. */
  readonly names = new Map<string, string>();
  /** By user; absent: it tells none. */
  readonly languages = new Map<string, string>();
  /** Where it sends what people write. */
  endpoint = '';
  readonly #replyTokens = new Set<string>();
  readonly #keys = new Set<string>();
  #events = 0;

  constructor(token: string, secret: string) {
    this.token = token;
    this.secret = secret;
  }

  /** Answers one request. */
  answer(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | undefined>>,
    text: string,
  ): { status: number; body: string } {
    const status = this.trouble.shift();
    if (status !== undefined) return { status, body: '{}' };
    if (headers['authorization'] !== `Bearer ${this.token}`) return { status: 401, body: '{"message":"Authentication failed"}' };
    const body = text === '' ? undefined : JSON.parse(text);
    const retryKey = headers['x-line-retry-key'];
    this.requests.push({ method, path, body, retryKey });
    if (method === 'GET') return this.#profile(path);
    if (method === 'PUT' && path === '/v2/bot/channel/webhook/endpoint') {
      if (!/^(https:|http:\/\/(127\.|localhost))/.test(body.endpoint))
        return { status: 400, body: '{"message":"Invalid webhook endpoint URL"}' };
      this.endpoint = body.endpoint;
      return { status: 200, body: '{}' };
    }
    const isRight = body.messages.length >= 1 && body.messages.length <= 5 && body.messages.every(isText);
    if (!isRight) return { status: 400, body: '{"message":"The request body has errors"}' };
    return method === 'POST' && path === '/v2/bot/message/reply' ? this.#reply(body.replyToken) : this.#push(path, retryKey);
  }

  /** The texts that went to a chat, replies among them. */
  get said(): readonly string[] {
    return this.requests.flatMap(({ body }) => (body?.messages ?? []).map((each: { text: string }) => each.text));
  }

  /** What LINE would send when somebody does something, and how it signs it. */
  event(user: string, more: object, id = `event-${++this.#events}`): { body: string; signature: string } {
    const replyToken = `reply-${this.#events}`;
    this.#replyTokens.add(replyToken);
    const event = { mode: 'active', webhookEventId: id, timestamp: 1, source: { type: 'user', userId: user }, replyToken, ...more };
    return this.signed({ destination: 'U0', events: [event] });
  }

  write(user: string, text: string): { body: string; signature: string } {
    return this.event(user, { type: 'message', message: { type: 'text', id: '1', text } });
  }

  signed(value: object): { body: string; signature: string } {
    const body = JSON.stringify(value);
    return { body, signature: createHmac('sha256', this.secret).update(body).digest('base64') };
  }

  #profile(path: string): { status: number; body: string } {
    const user = path.split('/').at(-1) ?? '';
    const [displayName, language] = [this.names.get(user), this.languages.get(user)];
    return displayName === undefined && language === undefined
      ? { status: 404, body: '{"message":"Not found"}' }
      : { status: 200, body: JSON.stringify({ displayName: displayName ?? user, language }) };
  }

  #reply(token: string): { status: number; body: string } {
    return this.#replyTokens.delete(token) ? { status: 200, body: '{}' } : { status: 400, body: '{"message":"Invalid reply token"}' };
  }

  #push(path: string, key: string | undefined): { status: number; body: string } {
    if (path !== '/v2/bot/message/push') return { status: 404, body: '{}' };
    if (key !== undefined && this.#keys.has(key)) return { status: 409, body: '{"message":"The retry key is already accepted"}' };
    if (key !== undefined) this.#keys.add(key);
    return { status: 200, body: '{}' };
  }
}

const isText = (each: { type?: unknown; text?: unknown }): boolean =>
  each.type === 'text' && typeof each.text === 'string' && each.text.length >= 1 && each.text.length <= 5000;
