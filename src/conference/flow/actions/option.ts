import { isObject, type Json, type JsonObject } from '../../../base/index.ts';

/** The text under a key; absent: empty. Numbers count as text, as programs write ids and keys both ways. */
export function textOf(option: JsonObject, key: string, otherwise = ''): string {
  const value = option[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : otherwise;
}

/** The texts under a key. */
export function textsOf(option: JsonObject, key: string): readonly string[] {
  const value = option[key];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** The number under a key, held between two; also where a variable made a text of it. */
export function numberOf(option: JsonObject, key: string, { least, most, otherwise }: Range): number {
  const value = numeric(option[key]);
  return value === undefined ? otherwise : Math.min(most, Math.max(least, value));
}

/** What a number may be. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

function numeric(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export const flagOf = (option: JsonObject, key: string): boolean => option[key] === true || option[key] === 'true';

/** The texts of an object. */
export function mapOf(option: JsonObject, key: string): Readonly<Record<string, string>> {
  const value = option[key];
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((each): each is [string, string] => typeof each[1] === 'string'));
}

/** The most that a flow waits for anything, ms. */
export const DAY = 86_400_000;

/** Keys that were pressed, for flows (voipbin-facts §4.3). */
export const DIGITS = 'voipbin.call.digits';
