import { isObject, type Json, type JsonObject, undashed } from '../../base/index.ts';
import type { ConferenceId, Execute } from '../../conference/index.ts';
import type { Written } from '../written.ts';
import type { Person } from './recognise.ts';
import { refusals } from './refused.ts';

/** A request whose sender is known, as routes see it. */
export interface Scene {
  readonly person: Person;
  readonly execute: Execute;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as it came. */
  readonly text: string;
  /** The base of links, without a slash at the end. */
  readonly base: string;
  /** Refuses whoever is no admin of his account (voipbin-facts §1.7). */
  readonly onlyAdmins: () => Promise<void>;
  /** Refuses who is no admin and neither owns nor moderates the conference; with `own`, also who only moderates it. */
  readonly mayHave: (conference: ConferenceId, needed?: 'moderate' | 'own') => Promise<void>;
}

/** What goes back: an object, one that is text already, nothing, or somewhere else. */
export type Answer = JsonObject | Written | undefined | Elsewhere;

/** The answer is to be had at another address (307). */
export class Elsewhere {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }
}

/** One route. */
export interface Row {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly run: (scene: Scene) => Promise<Answer>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID that stands for something. */
export const isUuid = (text: string): boolean => UUID.test(text) && !/^[0-]+$/.test(text);

/** The UUID in the path as 32 hex digits where it is one of ours. */
export function idIn({ params }: Scene): string {
  const id = params['id'] ?? '';
  if (!isUuid(id)) throw refusals.badId();
  return undashed(id.toLowerCase());
}

/** The body. Whatever its media type says, it is read as JSON, as curl sends it (voipbin-facts §0.4); `empty`: what stands for none at all. */
export function bodyOf({ text }: Scene, empty?: JsonObject): JsonObject {
  if (text.trim() === '' && empty !== undefined) return empty;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusals.badJson();
  }
  if (!isObject(value)) throw refusals.badJson();
  return value;
}

const wrongType = (key: string, type: string) => refusals.badJsonOf(key, type);

/** A text of a body; absent and null: `otherwise`. */
export function textIn(body: JsonObject, key: string, otherwise = ''): string {
  const value = body[key];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'string') throw wrongType(key, 'a string');
  return value;
}

/** A whole number of a body. */
export function integerIn(body: JsonObject, key: string, otherwise = 0): number {
  const value = body[key];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(key, 'an integer');
  return value;
}

/** An object of a body. */
export function objectIn(body: JsonObject, key: string): JsonObject {
  const value = body[key];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw wrongType(key, 'an object');
  return value;
}

/** A list of a body. */
export function listIn(body: JsonObject, key: string): readonly Json[] | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(key, 'an array');
  return value as readonly Json[];
}

/** An id of a body as 32 hex digits; nil, empty and what is no UUID stand for none (voipbin-facts §1.1). */
export function uuidIn(body: JsonObject, key: string): string | undefined {
  const text = textIn(body, key);
  return isUuid(text) ? undashed(text.toLowerCase()) : undefined;
}
