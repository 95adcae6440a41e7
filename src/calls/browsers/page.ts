import type { AccountId } from '../../accounts/index.ts';
import type { CallId, ConferenceId, EntryStage, Invited, LeaveReason, Place } from '../../conference/index.ts';
import type { Words } from '../far-end.ts';

/** Why a page's call is over. */
export interface PageEnd {
  readonly reason: LeaveReason;
  /** Where he was not let in, or nothing could be heard of him. */
  readonly why?: Words;
}

/** The page of a browser, as its call speaks to it. It may come and go; nothing of this is awaited. */
export interface Page {
  /** The answer to the offer with which it came. */
  answered(sdp: string): void;
  /** There is sound from now on. */
  connected(): void;
  stage(stage: EntryStage): void;
  /** He takes part there, or waits in his lobby again. */
  brought(place: Place): void;
  /** Told once; nothing comes behind it. */
  ended(end: PageEnd): void;
}

/** A browser that wants into a conference. */
export interface BrowserWish {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Whose link it has opened, by the name that he wants to have. */
  readonly invited: Invited;
  /** Where it comes from. */
  readonly address: string;
  /** Its description. */
  readonly offer: string;
  readonly page: Page;
}

/** The call of a browser, as its page speaks to it. */
export interface BrowserCall {
  readonly id: CallId;
  /** A new offer of it (RFC 3264 §8): the answer. Refuses with invalid/bad_offer, conflict/call_not_up. */
  offer(sdp: string): string;
  /** A key, as a telephone has it. */
  press(key: string): void;
  /** He goes. */
  leave(): void;
}

/** By what number the guest of an invitation is known: nobody else has it, and it says nothing about his link. */
export const guestNumber = (invitation: string): string => `guest-${invitation.slice(0, 12)}`;
