import type { JsonObject } from '../../base/index.ts';
import type { Call, ConferenceId, Participant, Role } from '../conference.ts';
import type { PlaySource } from '../playing.ts';
import type { LeaveReason, Refusal } from '../reasons.ts';
import type { Action } from './plan.ts';

/** What a run wants done outside. Ids of plays and questions are the run's own; what becomes of them comes back as inputs. */
export type RunEffect =
  | { readonly do: 'answer' }
  /** Ends the call. `status`: what an INVITE without a final answer gets. */
  | { readonly do: 'hang-up'; readonly reason: LeaveReason; readonly status?: number }
  /** Plays to the call, behind what plays already. Its end comes as `played`. */
  | { readonly do: 'play'; readonly play: number; readonly sources: readonly PlaySource[]; readonly loops: number }
  /** Stops it; its end is not told. */
  | { readonly do: 'hush'; readonly play: number }
  /** The outcome comes as `answer` with the same number. */
  | { readonly do: 'ask'; readonly ask: number; readonly question: Question }
  /** Into a conference. Comes back as joined, waiting or refused, and later as left. */
  | { readonly do: 'enter'; readonly conference: ConferenceId; readonly entrance: Entrance }
  | { readonly do: 'echo'; readonly on: boolean }
  | { readonly do: 'note'; readonly words: string };

/** How a call enters a conference. */
export interface Entrance {
  readonly role?: Role;
}

/** What a run wants to know; whoever runs it finds out. */
export type Question =
  /** A conference by its number. */
  | { readonly what: 'number'; readonly number: string }
  | { readonly what: 'conference'; readonly conference: ConferenceId }
  | { readonly what: 'flow'; readonly flow: string }
  | { readonly what: 'http'; readonly method: string; readonly uri: string; readonly type: string; readonly body: string }
  | { readonly what: 'digits-sent'; readonly digits: string; readonly durationMs: number; readonly intervalMs: number };

/** What happens to a run. */
export type RunInput =
  /** The call is up. */
  | { readonly type: 'answered' }
  | { readonly type: 'held'; readonly held: boolean }
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'played'; readonly play: number; readonly reason: 'finished' | 'failed'; readonly words?: string }
  /** What was asked for; a refusal where it could not be found out. */
  | { readonly type: 'answer'; readonly ask: number; readonly answer?: JsonObject; readonly refusal?: Refusal }
  | { readonly type: 'joined'; readonly conference: ConferenceId; readonly participant: Participant }
  /** He waits to be admitted. */
  | { readonly type: 'waiting'; readonly conference: ConferenceId }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** He is out of the conference, and his call goes on. */
  | { readonly type: 'left'; readonly reason: LeaveReason }
  /** The call is gone. */
  | { readonly type: 'ended'; readonly reason: LeaveReason };

/** What an action may know, and nothing else. */
export interface Around {
  /** Monotonic ms. */
  readonly now: number;
  /** Epoch ms. */
  readonly epoch: number;
  readonly call: Call;
  readonly language: string;
  /** Keys that were pressed and that nobody has taken yet. */
  readonly ahead: string;
  readonly variable: (name: string) => string;
  /** The number of the next play or question. */
  readonly next: number;
}

/** What an action does: it stays, or it is over. */
export type Turn<State> =
  | { readonly then: 'stay'; readonly state: State; readonly effects?: readonly RunEffect[]; readonly taken?: number }
  | ({ readonly then: 'go' } & Going)
  /** The flow is over; the call is hung up. */
  | { readonly then: 'end'; readonly effects?: readonly RunEffect[]; readonly reason?: LeaveReason; readonly status?: number };

/** How it goes on behind an action. */
export interface Going {
  readonly effects?: readonly RunEffect[];
  /** To this action instead of the next one; unknown: the next one. */
  readonly to?: string;
  /** These first, then the next one. */
  readonly push?: readonly Action[];
  /** Changed variables; undefined: gone. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** How many keys of `ahead` it has taken. Default none. */
  readonly taken?: number;
  /** Why it has failed, for the log. */
  readonly failed?: string;
}

/** One type of action. What it needs of the run it is given; it never throws. */
export interface Act<Option, State> {
  /** The call must be answered before: it is, if it is not yet. */
  readonly answers: boolean;
  /** Reads the option; what has the wrong shape counts as absent. */
  read(option: JsonObject): Option;
  begin(option: Option, around: Around): Turn<State>;
  /** What happens while it lasts; undefined: it does not care. */
  hear?(state: State, input: RunInput, around: Around): Turn<State> | undefined;
  /** When it wants to hear `time` next, monotonic ms. */
  deadline?(state: State): number | undefined;
  time?(state: State, around: Around): Turn<State>;
}
