import type { AccountId } from '../../accounts/index.ts';
import type { Role } from '../conference.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import type { PlaySource } from '../playing.ts';
import type { InvitationPin } from './invitation.ts';

/** What somebody hears before it is known which conference he wants. */
export interface Reception {
  /** As `prompt://` spells it: `en-us`. */
  readonly language: string;
  /** Said first; absent: nothing is. */
  readonly welcome?: PlaySource;
  /** ms without a digit that end the entry of a number. */
  readonly numberTimeout: number;
}

/** What is asked of somebody who wants into one conference, and what he hears. Holds no PIN. */
export interface EntryPlan {
  readonly conference: ConferenceId;
  readonly language: string;
  /** Absent: no PIN is asked for. */
  readonly pin?: PinQuestion;
  /** Who comes in without a PIN. */
  readonly role: Role;
  /** How he is called: as he says himself, as `source` says, or not at all. `review`: he hears it and may say it again. */
  readonly name?: { readonly source: PlaySource } | { readonly review: boolean };
  /** Said before members are let in. */
  readonly memberPrompt?: PlaySource;
  /** Said to whom the limit, and to whom the lock keeps out; absent: nothing is. */
  readonly full?: PlaySource;
  readonly locked?: PlaySource;
  /** He comes only into a room that is open. */
  readonly joinExisting: boolean;
  /** Who he is by the link that he has opened. */
  readonly guest?: Guest;
}

/** How a PIN is asked for. */
export interface PinQuestion {
  /** The role that the number gives; absent: the PIN does. */
  readonly role?: Role;
  /** Whoever knows a PIN of any role comes in as this one. */
  readonly forced?: Role;
  /** How many digits every PIN has that could be right; absent: they differ, so that `#` or time ends the entry. */
  readonly length?: number;
  /** ms without a digit that end the entry. */
  readonly timeout: number;
  /** Only the PIN of this invitation counts. */
  readonly own?: string;
  /** By what its guest is told from others of it. */
  readonly knownAs?: string;
}

/** Who somebody is by the PIN that he gave. */
export interface Recognised {
  readonly role: Role;
  /** Of an invited guest. */
  readonly guest?: Guest;
}

/** An invitation that somebody used. */
export interface Guest {
  readonly invitation: string;
  readonly name: string;
  readonly language?: string;
}

/** Who has opened the link of his invitation: nobody needs to find out who he is. */
export interface Invited extends Guest {
  readonly role: Role;
  /** Which PIN he gives besides. */
  readonly pin: InvitationPin;
  /** By what he is told from others who have the same link. Absent: by his number. */
  readonly knownAs?: string;
}

/** Who wants in, as the shield counts him. */
export interface Visitor {
  readonly account: AccountId;
  readonly call: CallId;
  /** Empty: it was withheld. */
  readonly callerNumber: string;
  /** Where the signalling of the call comes from; absent: nobody knows. */
  readonly address?: string;
  /** The user to whom his telephone belongs; absent: nobody's. */
  readonly owner?: string;
  /** The trunk that brings it; absent: none does. */
  readonly trunk?: string;
}
