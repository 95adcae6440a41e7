import { isObject, type Json, type JsonObject } from '../../base/index.ts';

/** The value at a path of keys, or undefined. Only own keys count, so that `constructor` is not found in an empty object. */
export function at(document: Json | undefined, path: readonly string[]): Json | undefined {
  let value = document;
  for (const key of path) {
    if (value === undefined || value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

/** A copy with `value` at an existing path. */
export function put(document: JsonObject, path: readonly string[], value: Json): JsonObject {
  return replaced(document, path, value) as JsonObject;
}

function replaced(node: Json | undefined, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(node)) return node.map((each: Json, index) => (String(index) === key ? replaced(each, rest, value) : each));
  if (!isObject(node)) return node ?? null;
  return Object.fromEntries(Object.entries(node).map(([name, each]) => [name, name === key ? replaced(each, rest, value) : each]));
}

/**
 * Merges a patch into a document (kazoo-facts §5.2): objects merge, lists and scalars replace, `null` deletes at any depth,
 * an empty object replaces.
 */
export function merged(document: JsonObject, patch: JsonObject): JsonObject {
  const next = new Map<string, Json>(Object.entries(document));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) next.delete(key);
    else next.set(key, mergedValue(next.get(key), value));
  }
  return Object.fromEntries(next);
}

function mergedValue(old: Json | undefined, value: Json): Json {
  if (!isObject(value) || Object.keys(value).length === 0) return value;
  return merged(isObject(old) ? old : {}, value);
}

/** How deep a value is nested, counted without recursion; stops counting at `limit`. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
