import type { Actor, CommandName, Input } from '../commands.ts';
import type { Conference, ParticipantId } from '../conference.ts';
import type { Effect } from '../effects.ts';
import type { Happening } from '../facts.ts';

/** What a rule may know besides the conference and the input. */
export interface Context {
  /** Epoch ms of the decision; its facts carry the same. */
  readonly epoch: number;
  readonly actor: Actor;
  /** What the server is built without. */
  readonly lacks: ReadonlySet<'recorder' | 'player' | 'scribe' | 'streams'>;
  /** A fresh id: 32 hex digits. */
  newId(): string;
  /** A fresh id with dashes. */
  newUuid(): string;
}

/** What one accepted command changes. A change whose `next` is the conference it was given, without facts, is not stored. */
export interface Change {
  /** Its `sequence` is still the old one: whoever numbers the facts moves it. */
  readonly next: Conference;
  readonly facts: readonly Happening[];
  readonly effects: readonly Effect[];
  /** The conference is to be removed from the store, not kept. */
  readonly forget?: true;
  /** Whose keys did it: he is told otherwise than who was meant by others. */
  readonly by?: ParticipantId;
}

/** Commands that one existing conference decides. The others only look, or make one. */
export type RuledCommand = Exclude<
  CommandName,
  | 'conference.create'
  | 'conference.read'
  | 'conference.list'
  | 'conference.running'
  | 'conference.facts'
  | 'conference.state'
  | 'call.route'
  | 'call.digit'
>;

/** A pure decision: the same conference, input and context give the same change. Refuses by throwing a Failure. */
export type Rule<Name extends RuledCommand> = (conference: Conference, input: Input<Name>, context: Context) => Change;

/** The change that changes nothing. */
export const unchanged = (conference: Conference): Change => ({ next: conference, facts: [], effects: [] });
