import { isObject, type JsonObject } from '../../base/index.ts';
import type { Role } from '../conference.ts';
import { replace } from './document.ts';
import type { Rule } from './rule.ts';

/** What happened where people come in: nobody who is in notices. */
export const tellEntry: Rule<'entry.tell'> = (conference, { happening }) => ({ next: conference, facts: [happening], effects: [] });

const ROLES: readonly Role[] = ['member', 'moderator'];

/** New PINs, for those who come from now on. */
export const rotatePins: Rule<'pins.rotate'> = (conference, { pins, invited, revision }, context) => {
  const roles = ROLES.filter((role) => pins[role] !== undefined);
  const changed = roles.map((role): readonly [string, JsonObject] => {
    const now = conference.document[role];
    return [role, { ...(isObject(now) ? now : {}), pins: [...(pins[role] ?? [])] }];
  });
  const document: JsonObject = { ...conference.document, ...Object.fromEntries(changed) };
  const { id } = conference;
  const change = replace(conference, { conference: id, document, ...(revision === undefined ? {} : { revision }) }, context);
  return { ...change, facts: [...change.facts, { type: 'pins.rotated', roles, invited }] };
};
