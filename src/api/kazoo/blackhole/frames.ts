import { type Chance, isObject, type JsonObject, randomHex } from '../../../base/index.ts';
import { type KazooEvent, routingKey } from '../events.ts';
import type { Topic } from './topics.ts';

/** What a client sent (kazoo-facts §9.2). */
export interface Request {
  readonly action: string;
  /** As it came: text, or a number of programs that count. */
  readonly id: string | number;
  /** The whole frame. */
  readonly envelope: JsonObject;
  /** `{}` when there is none. */
  readonly data: JsonObject;
}

/** Reads a text frame; what is no JSON object counts as an empty one. */
export function readRequest(text: string, chance: Chance): Request {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    envelope = {};
  }
  if (!isObject(envelope)) envelope = {};
  const { action, request_id: id, data } = envelope as JsonObject;
  return {
    action: typeof action === 'string' && action !== '' ? action : 'noop',
    id: (typeof id === 'string' && id !== '') || typeof id === 'number' ? id : randomHex(chance, 16),
    envelope: envelope as JsonObject,
    data: isObject(data) ? data : {},
  };
}

const reply = (id: string | number, status: 'success' | 'error', data: JsonObject): string =>
  JSON.stringify({ action: 'reply', request_id: id, status, data });

/** What was asked for was done. */
export const done = (id: string | number, data: JsonObject): string => reply(id, 'success', data);

/** It was not, and why. */
export const refused = (id: string | number, errors: readonly string[]): string => reply(id, 'error', { errors });

/** What goes to everybody bound to it: all but the binding's own keys is written once. */
export class Frame {
  readonly #tail: string;
  readonly #action: string;

  constructor(body: JsonObject) {
    this.#action = '{"action":"event",';
    this.#tail = `,${JSON.stringify(body).slice(1)}`;
  }

  /** UTF-8 of the frame as those get it who have this binding. */
  for(topic: Topic<unknown>): Uint8Array {
    return Buffer.from(`${this.#action}${topic.keys}${this.#tail}`);
  }
}

/** An event's frame: facts §9.5, and because the documents show events flat, its keys once more at the top (rulings "events"). */
export function eventFrame(event: KazooEvent): Frame {
  const { routing_key: _, ...flat } = event.body;
  return new Frame({ ...flat, name: 'event', routing_key: routingKey(event), data: event.body });
}

/** The frame of a command that came to a conference. */
export const commandFrame = (key: string, data: JsonObject): Frame => new Frame({ name: 'command', routing_key: key, data });
