import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { FlowPlan } from '../flow/plan.ts';
import type { ConferenceId } from '../ids.ts';
import type { Invited } from './entry-plan.ts';

/** Asks somebody who has opened the link of his invitation what is left to ask. */
export const enteringAs = (conference: ConferenceId, invited: Invited): FlowPlan => ({
  actions: [{ id: 'enter', type: 'conference_enter', option: { conference, invited: { ...invited } } }],
});

/** Reads what `enteringAs` wrote; what has the wrong shape counts as absent. */
export function invitedOf(value: Json | undefined): Invited | undefined {
  if (value === undefined || !isObject(value)) return undefined;
  const { invitation, name, role, pin, language, knownAs }: JsonObject = value;
  if (typeof invitation !== 'string' || typeof name !== 'string') return undefined;
  return {
    invitation,
    name,
    role: role === 'moderator' ? 'moderator' : 'member',
    pin: pin === 'none' || pin === 'one-time' ? pin : 'shared',
    ...(typeof language === 'string' ? { language } : {}),
    ...(typeof knownAs === 'string' ? { knownAs } : {}),
  };
}
