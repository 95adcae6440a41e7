import { isObject, type Json } from '../base/index.ts';
import type { LineSource } from './line-api.ts';

/** What LINE tells of a chat. */
export interface LineEvent {
  /** Unique; the same one may be told again. */
  readonly id: string;
  readonly source: LineSource;
  /** Good for one answer; absent: there is none. */
  readonly replyToken?: string;
  /** `hello`: we were added or invited. `gone`: we were blocked or removed. */
  readonly what:
    | { readonly is: 'text'; readonly text: string }
    | { readonly is: 'hello' }
    | { readonly is: 'gone' }
    | { readonly is: 'other' };
}

const MOST = 100;
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function sourceOf(value: Json | undefined): LineSource | undefined {
  if (!isObject(value)) return undefined;
  const { type } = value;
  if (type !== 'user' && type !== 'group' && type !== 'room') return undefined;
  const user = text(value['userId']);
  const id = type === 'user' ? user : text(value[`${type}Id`]);
  return id === '' ? undefined : { type, id, ...(user === '' ? {} : { user }) };
}

function whatOf({ type, message }: { readonly type?: Json; readonly message?: Json }): LineEvent['what'] {
  if (type === 'follow' || type === 'join') return { is: 'hello' };
  if (type === 'unfollow' || type === 'leave') return { is: 'gone' };
  if (type === 'message' && isObject(message) && message['type'] === 'text') return { is: 'text', text: text(message['text']) };
  return { is: type === 'message' ? 'other' : 'gone' };
}

const KNOWN = new Set(['message', 'follow', 'join', 'unfollow', 'leave']);

function eventOf(value: Json): LineEvent | undefined {
  if (!isObject(value) || !KNOWN.has(text(value['type'])) || value['mode'] === 'standby') return undefined;
  const source = sourceOf(value['source']);
  if (source === undefined) return undefined;
  const { webhookEventId, replyToken } = value;
  const reply = text(replyToken);
  return { id: text(webhookEventId), source, what: whatOf(value), ...(reply === '' ? {} : { replyToken: reply }) };
}

/** The events of a body; undefined: it is none of LINE's. What is of no use to us is left out. */
export function lineEvents(body: Uint8Array): readonly LineEvent[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (!isObject(value) || !Array.isArray(value['events'])) return undefined;
    return (value['events'] as readonly Json[]).slice(0, MOST).flatMap((each) => eventOf(each) ?? []);
  } catch {
    return undefined;
  }
}
