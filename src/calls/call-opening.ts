import type { AccountId } from '../accounts/index.ts';
import type { Log } from '../base/index.ts';
import type { CallId, ConferenceId, Refusal } from '../conference/index.ts';
import type { Wishes } from '../sdp/index.ts';
import type { Page } from './browsers/page.ts';
import type { CdrDraft } from './cdr.ts';
import type { Connected } from './dialling/attempt.ts';
import type { DialogLine } from './dialog-line.ts';
import type { ServerTransaction } from './server-transaction.ts';

/** What makes a call. */
export interface CallOpening {
  readonly id: CallId;
  readonly account: AccountId;
  /** Where it comes first: a conference, or its lobby. */
  readonly conference: ConferenceId;
  /** The conference that its Contact speaks for; undefined: nobody knows yet. */
  readonly focus: ConferenceId | undefined;
  /** The INVITE that came; undefined where we called: then there is what became of ours. */
  readonly invite: ServerTransaction | undefined;
  readonly connected?: Connected;
  /** Neither: a browser came without SIP. */
  readonly browser?: { readonly offer: string; readonly address: string; readonly page: Page };
  /** Told once: he takes part, or why he does not. Of calls of ours only. */
  readonly settled?: (refusal: Refusal | undefined) => void;
  /** The server could not take it on its way to a conference that does not know of it yet. */
  readonly refused?: (refusal: Refusal) => void;
  /** What account and device want of the media. */
  readonly wishes: Wishes;
  readonly log: Log;
  /** Its record, as far as it is known. */
  readonly cdr: CdrDraft;
  /** The dialog exists from now on, under this key. */
  readonly dialled: (key: string) => void;
  /** A SUBSCRIBE in the dialog. */
  readonly subscribed: (transaction: ServerTransaction, line: DialogLine) => void;
  /** A REFER in the dialog. */
  readonly referred: (transaction: ServerTransaction, line: DialogLine) => void;
  /** Nothing is left of the call. */
  readonly gone: () => void;
}
