import { Failure, type JsonObject } from '../../base/index.ts';
import { awaitedRecording, withAwaited } from '../awaited.ts';
import type { Conference, ConferenceId } from '../conference.ts';
import type { Happening } from '../facts.ts';
import { settingsOf } from '../settings.ts';
import { keptPrivately } from '../terms.ts';
import { hangUp, leave } from './leaving.ts';
import { isAwaited, isRecorded } from './presence.ts';
import type { Change, Context, Rule } from './rule.ts';
import { turnAway } from './waiting.ts';
import { calls, people, waiters } from './which.ts';

/** What is known of an id before a conference is made under it. */
export interface Past {
  readonly id: ConferenceId;
  /** The conference that has or had this id. */
  readonly conference: Conference | undefined;
  /** What is left of one that was removed; absent: nothing. */
  readonly traces?: Traces;
}

/** What is left of a removed conference: its first fact that is kept, its last one, and the highest number in between that it gave to anybody. */
export interface Traces {
  readonly first: number;
  readonly last: number;
  readonly number: number;
}

/**
 * The highest number that a removed conference can have given. A store may keep only the newest facts of an id;
 * as every joining is a fact, numbers given before them are below their first sequence.
 */
const lastNumber = ({ first, number }: Traces): number => Math.max(number, first - 1);

/** Makes a conference. Under an id that was used before, counting goes on where it ended: facts and numbers are never given twice. */
export function create(past: Past, document: JsonObject, { actor, epoch }: Context): Change {
  const { id, conference: before, traces } = past;
  if (before !== undefined && before.deletedAt === undefined) {
    throw new Failure('conflict', 'conference_exists', 'there is a conference with this id already', { details: { id } });
  }
  const next: Conference = {
    id,
    account: actor.account,
    document,
    revision: (before?.revision ?? 0) + 1,
    createdAt: epoch,
    modifiedAt: epoch,
    deletedAt: undefined,
    locked: false,
    room: undefined,
    nextNumber: before?.nextNumber ?? (traces === undefined ? 0 : lastNumber(traces)) + 1,
    sequence: before?.sequence ?? traces?.last ?? 0,
  };
  return { next, facts: [{ type: 'conference.created' }], effects: [] };
}

/** Whether what people hear, or what is recorded of them, depends on which of the two it is. */
const soundsAlike = (one: Conference, other: Conference): boolean => {
  const [a, b] = [settingsOf(one).sound, settingsOf(other).sound];
  const isSame = a.rate === b.rate && a.levels === b.levels && a.energyLevel === b.energyLevel && a.comfortNoise === b.comfortNoise;
  const areRecorded = people(one).every((each) => isRecorded(one, each) === isRecorded(other, each));
  return isSame && areRecorded && isAwaited(one) === isAwaited(other);
};

/** Stores another document. People who are in stay as they are, but the sound of a room follows at once. */
export const replace: Rule<'conference.replace'> = (conference, { document, revision }, { epoch }) => {
  if (revision !== undefined && revision !== conference.revision) {
    throw new Failure('conflict', 'revision_changed', 'the conference was changed meanwhile', {
      details: { revision: conference.revision },
    });
  }
  const whole = { ...keptPrivately(conference.document), ...document };
  const next = { ...conference, document: whole, revision: conference.revision + 1, modifiedAt: epoch };
  const rehears = conference.room !== undefined && !soundsAlike(conference, next);
  return { next, facts: [{ type: 'conference.changed', revision: next.revision }], effects: rehears ? [{ do: 'rehear' }] : [] };
};

/** How a conference goes. */
interface Going {
  readonly keep: boolean;
  readonly reason: 'conference-deleted' | 'time-up';
  readonly epoch: number;
}

/** Removes everybody and then the conference. Whatever was opened is closed first, so that facts pair. */
export const remove: Rule<'conference.delete'> = (conference, { keep }, { epoch }) =>
  removed(conference, { keep, epoch, reason: 'conference-deleted' });

/** The same, for whatever reason people are told. */
export function removed(conference: Conference, { keep, reason, epoch }: Going): Change {
  const gone = calls(conference);
  const outside = waiters(conference);
  const left = leave(
    conference,
    [...gone, ...outside.map(({ call }) => call)].map(({ id }) => id),
    reason,
  );
  const facts: Happening[] = [...left.facts];
  if (left.next.locked) facts.push({ type: 'conference.unlocked' });
  if (left.forget !== true) facts.push({ type: 'conference.deleted' });
  const awaited = awaitedRecording(conference.document);
  const document = withAwaited(left.next.document, undefined);
  // What waited for somebody to come is known to wait no longer.
  const nobodyCame = awaited === undefined ? [] : [{ do: 'await-recording', instance: conference.id, awaited, on: false } as const];
  return {
    next: { ...left.next, document, locked: false, deletedAt: epoch },
    facts,
    effects: [
      ...nobodyCame,
      ...left.effects,
      ...gone.map((call) => hangUp(call, reason)),
      ...outside.map((each) => turnAway(each, reason)),
    ],
    ...(keep && left.forget !== true ? {} : { forget: true }),
  };
}
