import type { JsonObject } from '../../base/index.ts';
import type { OwnTones } from '../announcing/own-tones.ts';
import type { Call, ConferenceId, Role } from '../conference.ts';
import type { EntryPlan, Guest, Invited, Reception } from '../entry/entry-plan.ts';
import type { Effect as EntryEffect, Input as EntryInput } from '../entry/entry-values.ts';
import type { EntryStage } from '../entry/stage.ts';
import type { PlaySource } from '../playing.ts';
import type { LeaveReason, Refusal } from '../reasons.ts';
import type { CallRecordingWish, CallTranscribingWish } from './companions.ts';
import type { HeardLine } from './line.ts';
import type { Action, FlowPlan } from './plan.ts';
import type { ExternalMediaWish } from './ports.ts';

/** What a run wants done outside. The numbers of plays and questions are the run's own; what becomes of them comes back as inputs. */
export type RunEffect =
  | { readonly do: 'answer' }
  /** Ends the call, if it is not over yet. `status`: what an INVITE without a final answer gets. */
  | { readonly do: 'hang-up'; readonly reason: LeaveReason; readonly status?: number }
  /** Plays to the call, behind what plays already. Its end comes as `played`. */
  | { readonly do: 'play'; readonly play: number; readonly sources: readonly PlaySource[]; readonly loops: number }
  /** Stops it; its end is not told. */
  | { readonly do: 'hush'; readonly play: number }
  /** The outcome comes as `answer` with the same number. */
  | { readonly do: 'ask'; readonly ask: number; readonly question: Question }
  /** Nobody waits for the outcome. */
  | { readonly do: 'tell'; readonly question: Question }
  /** Into a conference. Comes back as joined, waiting or refused, and later as left. */
  | { readonly do: 'enter'; readonly conference: ConferenceId; readonly entrance: Entrance }
  /** The INVITE is told that it rings somewhere. */
  | { readonly do: 'ring' }
  /** Calls somebody for the caller; what becomes of it comes as `connection`. With the flow it ends too. */
  | ({ readonly do: 'connect' } & Connection)
  /** Calls somebody, who has a flow of his own; nobody waits for him. `chained`: he is hung up with the caller. */
  | {
      readonly do: 'call';
      readonly target: string;
      readonly actions: readonly Action[];
      readonly callerId: Connection['callerId'];
      readonly chained: boolean;
    }
  /** It is on its way into this conference, and listed so. */
  | { readonly do: 'joining'; readonly conference: ConferenceId }
  /** What the call says is heard no more. */
  | { readonly do: 'mute' }
  /** What the call says and hears is recorded from now on, wherever it is. */
  | { readonly do: 'record'; readonly wish: CallRecordingWish }
  | { readonly do: 'stop-recording' }
  /** The same is written down. */
  | { readonly do: 'transcribe'; readonly wish: CallTranscribingWish }
  | { readonly do: 'stop-transcribing' }
  /** What was recorded of the call is written down. */
  | { readonly do: 'transcribe-recordings'; readonly wish: CallTranscribingWish }
  /** A server of the client's hears the call, and speaks to it, wherever it is. */
  | { readonly do: 'stream'; readonly wish: ExternalMediaWish }
  | { readonly do: 'stop-streams' }
  /** How far he is on his way in, for whoever can show it. */
  | { readonly do: 'stage'; readonly stage: EntryStage }
  /** He hears himself, or does so no longer. */
  | { readonly do: 'echo'; readonly on: boolean };

/** Whom a caller is to talk to. */
export interface Connection {
  /** A number of the run's own. */
  readonly connect: number;
  readonly destinations: readonly { readonly target: string; readonly delayMs?: number; readonly timeoutMs?: number }[];
  readonly timeoutMs: number;
  /** One behind the other, or all together. */
  readonly strategy: 'single' | 'simultaneous';
  readonly callerId: { readonly name?: string; readonly number?: string; readonly hidden?: boolean };
}

/** How a call enters a conference. */
export interface Entrance {
  readonly role?: Role;
  readonly announcedAs?: PlaySource;
  readonly guest?: Guest;
  readonly joinExisting?: boolean;
  readonly adHoc?: JsonObject;
  readonly tones?: OwnTones;
  /** The flow has something to do behind the conference. */
  readonly goesOn: boolean;
}

/** What a run wants to know, or to have done; whoever runs it finds out. */
export type Question =
  /** How he is received: by whoever has the conference, or by whoever asks for its number. */
  | { readonly what: 'reception'; readonly wish: EntryWish }
  | {
      readonly what: 'entry';
      readonly effect: Extract<EntryEffect, { do: 'find' | 'judge' | 'record-name' | 'stop-recording' | 'forget-name' }>;
    }
  | { readonly what: 'conference'; readonly conference: ConferenceId }
  | { readonly what: 'flow'; readonly flow: string }
  | { readonly what: 'web'; readonly method: string; readonly uri: string; readonly type: string; readonly body: string }
  | { readonly what: 'keys'; readonly digits: string; readonly durationMs: number; readonly intervalMs: number }
  /** How he is heard; he must be among the sources of his lobby. */
  | { readonly what: 'line'; readonly ms: number };

/** What somebody who is to be asked wants. */
export interface EntryWish {
  /** Absent: its number is asked for. */
  readonly conference?: ConferenceId;
  /** The role that the dialled number gives. */
  readonly role?: Role;
  /** Whoever knows any PIN has this one. */
  readonly forced?: Role;
  /** False: no welcome; a source: this one instead of the usual. */
  readonly welcome?: false | PlaySource;
  /** Its document, where there is none. */
  readonly adHoc?: JsonObject;
  /** When he comes and goes, instead of the document's. */
  readonly tones?: OwnTones;
  /** Who he is by the link of his invitation. */
  readonly invited?: Invited;
}

/** What came of a question. */
export type Answer =
  | { readonly what: 'reception'; readonly reception: Reception; readonly plan?: EntryPlan }
  | { readonly what: 'entry'; readonly input: EntryInput }
  | { readonly what: 'conference'; readonly document: JsonObject }
  | { readonly what: 'flow'; readonly plan: FlowPlan }
  | { readonly what: 'web'; readonly body: string }
  | { readonly what: 'keys' }
  | { readonly what: 'line'; readonly heard: HeardLine };

/** What happens to a run. */
export type RunInput =
  | { readonly type: 'begun' }
  /** The call is up. */
  | { readonly type: 'answered' }
  | { readonly type: 'held'; readonly held: boolean }
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'played'; readonly play: number; readonly reason: 'finished' | 'failed' }
  /** A refusal where it could not be found out, or done. */
  | { readonly type: 'answer'; readonly ask: number; readonly answer: Answer | { readonly what: 'nothing'; readonly refusal: Refusal } }
  | { readonly type: 'joined' }
  /** He waits to be admitted. */
  | { readonly type: 'waiting'; readonly music?: PlaySource }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** He is out of the conference, and his call goes on. */
  | { readonly type: 'left'; readonly reason: LeaveReason }
  /** Somebody has answered; he is gone again; or nobody has, and why. */
  | { readonly type: 'connection'; readonly connect: number; readonly what: 'connected' | 'parted' | Refusal }
  /** The call is gone. */
  | { readonly type: 'ended' };

/** What an action may know of its run, and nothing else. */
export interface Around {
  /** Monotonic ms. */
  readonly now: number;
  /** Epoch ms. */
  readonly epoch: number;
  /** Undefined: it has none. */
  readonly call: Call | undefined;
  readonly isUp: boolean;
  /** Keys that were pressed and that nobody has taken yet. */
  readonly ahead: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Something follows in the flow. */
  readonly goesOn: boolean;
  /** How often the action with this id has been taken, now included. */
  readonly times: number;
  /** The number of the next play or question; the one after it is one more. */
  readonly next: number;
}

/** What an action does: it stays, it is over, or the flow is. */
export type Turn<State> = Staying<State> | ({ readonly turn: 'go' } & Going) | Ending;

export interface Staying<State> {
  readonly turn: 'stay';
  readonly state: State;
  readonly effects?: readonly RunEffect[];
  /** How many keys of `ahead` it has taken. Default none. */
  readonly taken?: number;
  readonly variables?: Variables;
}

/** Changed variables; undefined: gone. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** How it goes on behind an action. */
export interface Going {
  readonly effects?: readonly RunEffect[];
  /** To this action instead of the next one; unknown: the next one. */
  readonly to?: string;
  /** These first, then the next one. */
  readonly push?: readonly Action[];
  readonly variables?: Variables;
  readonly taken?: number;
  /** Why it has failed, in words for the log. */
  readonly failed?: string;
}

/** The flow is over and the call is hung up. */
export interface Ending {
  readonly turn: 'end';
  readonly effects?: readonly RunEffect[];
  readonly reason?: LeaveReason;
  readonly status?: number;
}

/** One type of action. What it needs of the run it is given; it never throws. */
export interface Act<Option, State> {
  /** The call is answered before it begins. */
  readonly answers: boolean;
  /** It is done to a call, or for one: a run that has none skips it, as it does those that want it answered. */
  readonly ofCall?: true;
  /** Keys are its own affair and are kept from everybody else. */
  readonly secret?: true;
  /** Reads an option; what has the wrong shape counts as absent. */
  read(option: JsonObject): Option;
  begin(option: Option, around: Around): Turn<State>;
  /** What happens while it lasts; undefined: it does not care. */
  hear?(state: State, input: RunInput, around: Around): Turn<State> | undefined;
  /** When it is to be woken, monotonic ms. */
  deadline?(state: State): number | undefined;
  wake?(state: State, around: Around): Turn<State>;
}

/** An action of the table, whatever it remembers. */
export type AnyAct = Act<unknown, unknown>;

/** Puts an action into the table. */
export const act = <Option, State>(one: Act<Option, State>): AnyAct => one as AnyAct;
