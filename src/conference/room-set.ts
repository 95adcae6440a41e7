import type { Conference } from './conference.ts';
import type { CallerId } from './dialling.ts';
import { settingsOf } from './settings.ts';

/** How many may be in; 0: as many as like. What was set for this run counts before what was configured. */
export const limitOf = (conference: Pick<Conference, 'document' | 'defaults' | 'room'>): number =>
  conference.room?.set?.maxParticipants ?? settingsOf(conference).maxParticipants;

/** Who was set to be said to call, where this run of the room calls somebody and nobody else is named. */
export function callerSet({ room }: Pick<Conference, 'room'>): CallerId {
  const { callerName: name, callerNumber: number } = room?.set ?? {};
  return { ...(name === undefined ? {} : { name }), ...(number === undefined ? {} : { number }) };
}

/** The same where it is the conference that calls, by its name unless another one was set. */
export function callerOf(conference: Pick<Conference, 'document' | 'defaults' | 'room'>): CallerId {
  const { name } = settingsOf(conference);
  return { ...(name === '' ? {} : { name }), ...callerSet(conference) };
}
