import type { JsonObject } from '../base/index.ts';
import type { EntryStage, LeaveReason, Place } from '../conference/index.ts';
import type { MediaSession } from './media-session.ts';
import type { SilentCall } from './silence-cause.ts';

/** Why a call is refused, in words and by its code in docs/errors.md. */
export interface Words {
  readonly code: string;
  readonly words: string;
}

/** Who is at the other end of a call, and how one speaks with him: a telephone by SIP, or the page of a browser. */
export interface FarEnd {
  /** The description that came with the call; empty: ours comes first. */
  readonly offer: string;
  /** Where ours comes first: one for browsers is wanted. */
  readonly wantsBrowser: boolean;
  /** It rings somewhere for him. */
  ring(): void;
  /** He is not let in, with this SIP status. */
  refuse(status: number, words: Words | undefined): void;
  /** His call is answered with this media; gives the status that refuses it when that cannot be. */
  accept(media: MediaSession): number | undefined;
  /** There is sound from now on. */
  connected(): void;
  /** How far he is on his way into a conference. */
  stage(stage: EntryStage): void;
  /** He is somewhere else. */
  brought(place: Place): void;
  /** He is to go before he has said that he has our answer. */
  hurry(): void;
  refresh(): void;
  /** Nothing has come of its media for so long, ms: is it still there? */
  quiet(silentMs: number): void;
  /** Says goodbye; `done` when he has heard it, or never will. */
  bye(reason: LeaveReason, done: () => void): void;
  /** What is stored of him, so that a later start can say goodbye; undefined: nothing yet. */
  json(): JsonObject | undefined;
  /** Where both ends are said to be; undefined: nobody has said yet. */
  ends(): SilentCall | undefined;
  /** Forgets its alarms. */
  close(): void;
}
