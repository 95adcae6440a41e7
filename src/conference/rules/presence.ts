import type { Call, Conference, Consent, Participant, Role } from '../conference.ts';
import type { Recording } from '../recording.ts';
import { settingsOf } from '../settings.ts';

/** Whether members wait for the first moderator, so that nobody hears them and they hear nobody. */
export const isAwaited = (conference: Conference): boolean => conference.room?.started !== true && settingsOf(conference).waitForModerator;

/** Whether somebody waits for a moderator. */
export const waitsForModerator = (conference: Conference, { role }: Participant): boolean => role === 'member' && isAwaited(conference);

/** Whether others hear somebody: nothing mutes him, and he waits for nobody. */
export const isHeard = (conference: Conference, each: Participant): boolean =>
  each.muted.length === 0 && !waitsForModerator(conference, each);

/** Whether somebody leads: ghosts do not (`rulings.md` "ghosts"). */
export const leads = ({ role, ghost }: Participant): boolean => role === 'moderator' && !ghost;

/** Whether `other` is company for somebody: not a ghost, not a program that only listens or is there for another one alone. */
const isCompany = ({ ghost, call: { stream, only } }: Participant, { call }: Participant): boolean =>
  !ghost && stream !== 'out' && (only === undefined || only === call.id);

/** Whether somebody who comes must be admitted: he came by himself and is no moderator. */
export const mustWait = (conference: Conference, { direction, stream, chat }: Call, role: Role): boolean =>
  settingsOf(conference).waitingRoom && direction === 'inbound' && (stream === undefined || chat !== undefined) && role !== 'moderator';

/** Those who would hear music: telephones whose people are alone or wait for a moderator, unless they hold the line, are deaf or want none. */
export function musicEars(conference: Conference): readonly Participant[] {
  const all = conference.room?.participants ?? [];
  const awaited = isAwaited(conference);
  const company = all.filter((each) => !each.ghost && each.call.stream !== 'out');
  const isAlone = (one: Participant): boolean => !company.some((each) => each !== one && isCompany(each, one));
  return all.filter(
    (each) =>
      each.call.stream === undefined &&
      !each.deaf &&
      !each.muted.includes('hold') &&
      each.flags?.noMusic !== true &&
      ((awaited && each.role === 'member') || isAlone(each)),
  );
}

/** Programs are their account's own, and agree to what it records. */
export const isPerson = ({ call }: Participant): boolean => call.stream === undefined;

/** What somebody has said of the recording that is under way; undefined: he was not asked, or nothing is recorded. */
export function consentTo(recording: Recording | undefined, { consent }: Participant): Consent | undefined {
  return recording !== undefined && consent?.recording === recording.id ? consent : undefined;
}

/** Whether somebody may be in the recording that is under way. Who has refused is not in it either when nobody is asked any more. */
export function isRecorded(conference: Conference, one: Participant): boolean {
  const recording = conference.room?.recording;
  if (recording === undefined || !isPerson(one)) return true;
  const said = consentTo(recording, one);
  return said === undefined ? settingsOf(conference).consent === undefined : said.state === 'given';
}
