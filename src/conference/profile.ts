import { isObject, type JsonObject } from '../base/index.ts';
import type { Defaults } from './defaults.ts';

/** The profile that holds for a conference. */
export function effectiveProfile(document: JsonObject, _defaults: Defaults): JsonObject {
  const own = isObject(document.profile) ? document.profile : {};
  return typeof document.max_participants === 'number' ? { ...own, 'max-members': document.max_participants } : own;
}
