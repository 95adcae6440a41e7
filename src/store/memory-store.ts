import type { AccountStore, DocumentStore, Registration, Registrations } from '../accounts/index.ts';
import type {
  Archive,
  CallHistory,
  CallId,
  CallRecord,
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
import { MemoryAccounts } from './memory-accounts.ts';
import { MemoryChronicle } from './memory-chronicle.ts';
import { MemoryConferences } from './memory-conferences.ts';
import { MemoryDocuments } from './memory-documents.ts';
import { MemoryHistory } from './memory-history.ts';
import { MemoryJournal } from './memory-journal.ts';
import { MemoryKeeping } from './memory-keeping.ts';
import { MemoryMediaDocuments } from './memory-media-documents.ts';
import { MemoryRecordings } from './memory-recordings.ts';
import { MemoryTranscripts } from './memory-transcripts.ts';
import { MemoryWebhooks } from './memory-webhooks.ts';
import { closed } from './refusals.ts';
import type { AllStores } from './stores.ts';

class MemoryCalls implements CallRecords {
  readonly #rows = new Map<CallId, CallRecord>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async put(record: CallRecord): Promise<void> {
    this.#guard();
    this.#rows.set(record.id, structuredClone(record));
  }

  async remove(id: CallId): Promise<void> {
    this.#guard();
    this.#rows.delete(id);
  }

  async all(): Promise<readonly CallRecord[]> {
    this.#guard();
    return structuredClone([...this.#rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }
}

type RegistrationKey = Pick<Registration, 'account' | 'aor' | 'contact'>;

class MemoryRegistrations implements Registrations {
  readonly #rows = new Map<string, Registration>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async put(registration: Registration): Promise<void> {
    this.#guard();
    this.#rows.set(this.#keyOf(registration), structuredClone(registration));
  }

  async remove(registration: RegistrationKey): Promise<void> {
    this.#guard();
    this.#rows.delete(this.#keyOf(registration));
  }

  async all(): Promise<readonly Registration[]> {
    this.#guard();
    const inOrder = [...this.#rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return structuredClone(inOrder.map(([, registration]) => registration));
  }

  #keyOf({ account, aor, contact }: RegistrationKey): string {
    return [account, aor, contact].join('\n');
  }
}

function keptBehind(guard: () => void) {
  const journal = new MemoryJournal(guard);
  const transcripts = new MemoryTranscripts(guard);
  const chronicle = new MemoryChronicle(guard);
  return {
    journal,
    transcripts,
    chronicle,
    conferences: new MemoryConferences({ journal, transcripts, chronicle, guard }),
    history: new MemoryHistory(journal, guard),
    webhooks: new MemoryWebhooks(guard),
  };
}

/** Keeps everything until the process ends. For tests and trials; it obeys the same contract as the durable stores. */
export class MemoryStore implements AllStores {
  #closed = false;
  readonly #guard = (): void => {
    if (this.#closed) throw closed();
  };
  readonly #kept = keptBehind(this.#guard);
  readonly conferences: Store & Diary = this.#kept.conferences;
  readonly journal: Journal = this.#kept.journal;
  readonly history: CallHistory = this.#kept.history;
  readonly webhooks: WebhookStore = this.#kept.webhooks;
  readonly archive: Archive = new MemoryRecordings(this.#guard);
  readonly media: MediaDocuments = new MemoryMediaDocuments(this.#guard);
  readonly transcripts: Transcripts = this.#kept.transcripts;
  readonly chronicle: Chronicle = this.#kept.chronicle;
  readonly keeping: Keeping = new MemoryKeeping(this.#kept, this.#guard);
  readonly calls: CallRecords = new MemoryCalls(this.#guard);
  readonly accounts: AccountStore = new MemoryAccounts(this.#guard, (account) => this.#documents.forget(account));
  readonly #documents: MemoryDocuments = new MemoryDocuments(this.accounts, this.#guard);
  readonly documents: DocumentStore = this.#documents;
  readonly registrations: Registrations = new MemoryRegistrations(this.#guard);

  async close(): Promise<void> {
    this.#closed = true;
  }
}
