import type { AccountStore, DocumentStore, Registrations } from '../accounts/index.ts';
import type { Log } from '../base/index.ts';
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
import { TableAccounts } from './accounts.ts';
import { TableCalls } from './calls.ts';
import { TableChronicle } from './chronicle.ts';
import { TableConferences } from './conferences.ts';
import { TableDocuments } from './documents.ts';
import { TableHistory } from './history.ts';
import { TableJournal } from './journal.ts';
import { TableKeeping } from './keeping.ts';
import { TableMediaDocuments } from './media-documents.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import { TableRecordings } from './recordings.ts';
import { TableRegistrations } from './registrations.ts';
import type { Seal } from './sealing.ts';
import type { AllStores } from './stores.ts';
import { TableTranscripts } from './transcripts.ts';
import { TableWebhooks } from './webhooks.ts';
import type { Engine } from './work.ts';

/** The name of the secret that tells at once whether the master key is the right one. */
export const PROBE = 'master-key-probe';

/** Keeps everything in the tables of one database. A promise that has resolved means: it survives a power cut. */
class TableStore implements AllStores {
  readonly conferences: Store & Diary;
  readonly calls: CallRecords;
  readonly accounts: AccountStore;
  readonly documents: DocumentStore;
  readonly registrations: Registrations;
  readonly journal: Journal;
  readonly history: CallHistory;
  readonly webhooks: WebhookStore;
  readonly archive: Archive;
  readonly media: MediaDocuments;
  readonly transcripts: Transcripts;
  readonly chronicle: Chronicle;
  readonly keeping: Keeping;
  readonly #engine: Engine;

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.conferences = new TableConferences(engine, seal);
    this.calls = new TableCalls(engine, seal);
    this.accounts = new TableAccounts(engine, seal);
    this.documents = new TableDocuments(engine, seal);
    this.registrations = new TableRegistrations(engine);
    this.journal = new TableJournal(engine);
    this.history = new TableHistory(engine);
    this.webhooks = new TableWebhooks(engine, seal);
    this.archive = new TableRecordings(engine);
    this.media = new TableMediaDocuments(engine);
    this.transcripts = new TableTranscripts(engine);
    this.chronicle = new TableChronicle(engine);
    this.keeping = new TableKeeping(engine);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

/** Brings the schema up to date and tries the master key. The engine is closed when that is refused. */
export async function openTables(engine: Engine, seal: Seal, log: Log): Promise<AllStores> {
  try {
    await migrate(engine, migrations, log);
    const store = new TableStore(engine, seal);
    if ((await store.accounts.secret(PROBE)) === undefined) await store.accounts.saveSecret(PROBE, PROBE);
    return store;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
