import type { AccountId } from '../accounts/index.ts';
import type { Log } from '../base/index.ts';
import type { CallId, ConferenceId } from '../conference/index.ts';
import type { Wishes } from '../sdp/index.ts';
import type { CdrDraft } from './cdr.ts';
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
  readonly invite: ServerTransaction;
  /** What account and device want of the media. */
  readonly wishes: Wishes;
  readonly log: Log;
  /** Its record, as far as it is known. */
  readonly cdr: CdrDraft;
  /** The dialog exists from now on, under this key. */
  readonly dialled: (key: string) => void;
  /** A SUBSCRIBE in the dialog. */
  readonly subscribed: (transaction: ServerTransaction, line: DialogLine) => void;
  /** Nothing is left of the call. */
  readonly gone: () => void;
}
