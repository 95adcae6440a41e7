import { Failure } from '../../base/index.ts';
import type { Input } from '../commands.ts';
import type { Room, RoomSet } from '../conference.ts';
import { nobodyThere } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';

/** Longest name and number of a caller, in characters. */
const LONGEST_NAME = 128;
const LONGEST_NUMBER = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get into a header.
const CONTROL = /[\x00-\x1f\x7f]/;

const bad = (setting: string, words: string): Failure => new Failure('invalid', 'bad_room_setting', words, { details: { setting } });

function refuseBad({ maxParticipants = 0, callerName = '', callerNumber = '' }: RoomSet): void {
  if (!Number.isSafeInteger(maxParticipants) || maxParticipants < 0) {
    throw bad('max_participants', 'a limit is a whole number from 1, or 0: as the document has it');
  }
  if (callerName.length > LONGEST_NAME || CONTROL.test(callerName)) {
    throw bad('caller_name', `a caller's name has at most ${LONGEST_NAME} characters, none of them a control character`);
  }
  if (callerNumber.length > LONGEST_NUMBER || CONTROL.test(callerNumber)) {
    throw bad('caller_number', `a caller's number has at most ${LONGEST_NUMBER} characters, none of them a control character`);
  }
}

/** What is set afterwards: 0 and an empty text are as the document has it. */
const kept = ({ maxParticipants = 0, callerName = '', callerNumber = '' }: RoomSet): RoomSet => ({
  ...(maxParticipants === 0 ? {} : { maxParticipants }),
  ...(callerName === '' ? {} : { callerName }),
  ...(callerNumber === '' ? {} : { callerNumber }),
});

/** Sets something for this run of the room alone. A limit below those who are in removes nobody: nobody more comes in. */
export const set: Rule<'conference.set'> = (conference, { conference: _, ...wish }: Input<'conference.set'>) => {
  refuseBad(wish);
  const { room } = conference;
  if (room === undefined) throw nobodyThere();
  const { set: before = {}, ...rest } = room;
  const after = kept({ ...before, ...wish });
  const isSame = (['maxParticipants', 'callerName', 'callerNumber'] as const).every((key) => before[key] === after[key]);
  if (isSame) return unchanged(conference);
  const next: Room = Object.keys(after).length === 0 ? rest : { ...rest, set: after };
  return { next: { ...conference, room: next }, facts: [{ type: 'room.set', ...after }], effects: [] };
};
