import type { AccountStore, DocumentStore, Registrations } from '../accounts/index.ts';
import type { Closable } from '../base/index.ts';
import type {
  Archive,
  CallHistory,
  CallRecords,
  Chronicle,
  Diary,
  Journal,
  Keeping,
  MediaDocuments,
  Store,
  Transcripts,
} from '../conference/index.ts';
import type { WebhookStore } from '../webhooks/index.ts';

/** Everything that is kept, behind the ports of those who need it. After `close` all of it rejects with unavailable/closed. */
export interface AllStores extends Closable {
  readonly conferences: Store & Diary;
  readonly calls: CallRecords;
  readonly accounts: AccountStore;
  /** Callflows, trunks, numbers … of accounts. */
  readonly documents: DocumentStore;
  readonly registrations: Registrations;
  readonly journal: Journal;
  readonly history: CallHistory;
  readonly webhooks: WebhookStore;
  readonly archive: Archive;
  /** Media documents; their sounds are files of `playing`. */
  readonly media: MediaDocuments;
  readonly transcripts: Transcripts;
  readonly chronicle: Chronicle;
  readonly keeping: Keeping;
}
