import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, Fact, TranscriptQuery, TranscriptRecord, Transcripts } from '../conference/index.ts';
import { beginning, callerOf, type TranscriptPlace, transcriptBody, transcriptId, transcriptPlace } from './transcripts.ts';

/** A record and where it stands. */
export interface KeptTranscript {
  readonly place: TranscriptPlace;
  caller: string;
  record: TranscriptRecord;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (a: TranscriptPlace, b: TranscriptPlace): number =>
  a.from - b.from || byText(a.conference, b.conference) || a.incarnation - b.incarnation || a.sequence - b.sequence;

const isMeant = (record: TranscriptRecord, from: number, query: TranscriptQuery): boolean =>
  record.account === query.account &&
  (query.conference === undefined || record.conference === query.conference) &&
  (query.transcription === undefined || record.transcription === query.transcription) &&
  (query.participant === undefined || record.participant === query.participant) &&
  from >= (query.from ?? 0) &&
  from < (query.to ?? Number.POSITIVE_INFINITY);

/** Transcripts in memory. `guard` throws once the store is closed. */
export class MemoryTranscripts implements Transcripts {
  /** The records themselves, by account and id; whoever has them may change and forget them. */
  readonly rows = new Map<string, KeptTranscript>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async list(query: TranscriptQuery): Promise<readonly TranscriptRecord[]> {
    this.#guard();
    const after = query.after === undefined ? undefined : transcriptPlace(query.after);
    if (query.after !== undefined && after === undefined) return [];
    const meant = [...this.rows.values()].filter(({ record, place }) => isMeant(record, place.from, query));
    const behind = meant.filter(({ place }) => after === undefined || inOrder(place, after) > 0);
    return structuredClone(
      behind
        .sort((a, b) => inOrder(a.place, b.place))
        .slice(0, query.limit)
        .map(({ record }) => record),
    );
  }

  async remove(account: AccountId, conference: ConferenceId): Promise<number> {
    this.#guard();
    const gone = [...this.rows].filter(([, { record }]) => record.account === account && record.conference === conference);
    for (const [key] of gone) this.rows.delete(key);
    return gone.length;
  }

  /** Keeps what facts say of what was said. */
  note(facts: readonly Fact[], incarnation: number): void {
    for (const fact of facts) {
      if (fact.type !== 'transcript.created') continue;
      const { account, conference, sequence, transcription, participant } = fact;
      const place = { from: beginning(fact), conference, incarnation, sequence };
      const id = transcriptId(place);
      const record = structuredClone({ ...transcriptBody(fact), id, account, conference, transcription, participant });
      this.rows.set(`${account}/${id}`, { place, caller: callerOf(fact), record });
    }
  }
}
