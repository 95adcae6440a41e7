import type { Person, Relationship, RoomState } from '../model.ts';

/** Why somebody does not hear somebody, or how he does. */
export type Hearing = 'self' | 'hears' | 'muted' | 'deaf' | 'apart' | 'coach' | 'coached' | 'waiting' | 'oneway';

/** What a pair of people is told apart by: listener first. */
export const pair = (listener: string, speaker: string): string => `${listener} ${speaker}`;

/** The pairs that hear nothing of each other by a relation: listener, speaker. */
export function apartOf(relationships: readonly Relationship[]): ReadonlySet<string> {
  return new Set(
    relationships.map(({ participant, other, relationship }) =>
      relationship === 'mute' ? pair(other, participant) : pair(participant, other),
    ),
  );
}

export interface Rules {
  readonly apart: ReadonlySet<string>;
  /** Members wait for a moderator who has not come. */
  readonly awaited: boolean;
}

export const rulesOf = (room: Pick<RoomState, 'relationships' | 'started'>, waitsForModerator: boolean): Rules => ({
  apart: apartOf(room.relationships),
  awaited: waitsForModerator && !room.started,
});

/** What the listener hears of the speaker, as the house combines mutes, deafness, relations and coaching. */
export function hearing(listener: Person, speaker: Person, { apart, awaited }: Rules): Hearing {
  if (listener.id === speaker.id) return 'self';
  if (awaited && (listener.role === 'member' || speaker.role === 'member')) return 'waiting';
  if (apart.has(pair(listener.id, speaker.id))) return 'apart';
  if (speaker.stream === 'out' || listener.stream === 'in') return 'oneway';
  if (speaker.mute_reasons.length > 0) return 'muted';
  if (listener.deaf) return 'deaf';
  if (speaker.coaches === undefined) return 'hears';
  return speaker.coaches === listener.id ? 'coach' : 'coached';
}

/** What must be asked so that the listener hears the speaker, or does not: the other direction stays as it is. */
export function turn(relationships: readonly Relationship[], listener: string, speaker: string): readonly Relate[] {
  if (!apartOf(relationships).has(pair(listener, speaker))) return [{ participant: listener, other: speaker, relationship: 'deaf' }];
  const has = (one: string, other: string, kind: string): boolean =>
    relationships.some((each) => each.participant === one && each.other === other && each.relationship === kind);
  const asked: Relate[] = [];
  // To clear a pair takes both of its kinds; the one that is about the other direction is put back.
  if (has(listener, speaker, 'deaf')) {
    asked.push({ participant: listener, other: speaker, relationship: 'clear' });
    if (has(listener, speaker, 'mute')) asked.push({ participant: listener, other: speaker, relationship: 'mute' });
  }
  if (has(speaker, listener, 'mute')) {
    asked.push({ participant: speaker, other: listener, relationship: 'clear' });
    if (has(speaker, listener, 'deaf')) asked.push({ participant: speaker, other: listener, relationship: 'deaf' });
  }
  return asked;
}

export interface Relate {
  readonly participant: string;
  readonly other: string;
  readonly relationship: 'mute' | 'deaf' | 'clear';
}
