import type { AccountId } from '../accounts/index.ts';
import {
  type ConferenceId,
  ERASED,
  type Erasing,
  type Fact,
  type ParticipantId,
  type TranscriptionId,
  type TranscriptQuery,
  type TranscriptRecord,
  type Transcripts,
} from '../conference/index.ts';
import type { Step } from './forgetting.ts';
import { jsonObject, number, text } from './rows.ts';
import { type Engine, type Row, rows, run, type Value, type Work } from './work.ts';

const SQL = {
  add: `INSERT INTO transcripts (account, conference, incarnation, sequence, from_at, transcription, participant, caller_number, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
  removeSome: `DELETE FROM transcripts WHERE (account, conference, incarnation, sequence) IN
    (SELECT account, conference, incarnation, sequence FROM transcripts WHERE account = ?1 AND conference = ?2 LIMIT ?3) RETURNING sequence`,
  forget: `DELETE FROM transcripts WHERE (account, conference, incarnation, sequence) IN
    (SELECT account, conference, incarnation, sequence FROM transcripts WHERE account = ?1 AND from_at < ?2 ORDER BY from_at LIMIT ?3)
    RETURNING sequence`,
  ofCaller: 'SELECT * FROM transcripts WHERE account = ?1 AND caller_number = ?2 LIMIT ?3',
  change: `UPDATE transcripts SET caller_number = ?5, body = ?6
    WHERE account = ?1 AND conference = ?2 AND incarnation = ?3 AND sequence = ?4`,
} as const;

/** Rows of one transaction. */
const STEP = 500;

/** Where a record stands among all of its account. */
export interface TranscriptPlace {
  readonly from: number;
  readonly conference: string;
  readonly incarnation: number;
  readonly sequence: number;
}

/** The place as text; the conference, which may be any text, is the last. */
export const transcriptId = ({ from, conference, incarnation, sequence }: TranscriptPlace): string =>
  `${from}.${incarnation}.${sequence}.${conference}`;

/** The place in an id; undefined: it is none. */
export function transcriptPlace(id: string): TranscriptPlace | undefined {
  const [, from, incarnation, sequence, conference] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(.{1,256})$/s.exec(id) ?? [];
  if (conference === undefined || conference.includes('\0')) return undefined;
  return { from: Number(from), incarnation: Number(incarnation), sequence: Number(sequence), conference };
}

/** Whole numbers: times of tapes may have fractions, which the id and the column have not. */
export const beginning = (fact: { readonly from: number }): number => Math.max(0, Math.floor(fact.from));

/** The number by which whoever said it is found; empty where nobody knows it. */
export const callerOf = (fact: Fact & { type: 'transcript.created' }): string =>
  fact.speaker?.callerNumber ?? fact.about?.call.callerNumber ?? '';

/** What of a fact is kept as a record, besides its place and its caller. */
export function transcriptBody(
  fact: Fact & { type: 'transcript.created' },
): Omit<TranscriptRecord, 'id' | 'account' | 'conference' | 'transcription' | 'participant'> {
  const { text: said, language, from, to, tick, gap, way, instance, speaker, about } = fact;
  const who = speaker ?? about?.call;
  return {
    text: said,
    language,
    from,
    to,
    ...(tick === undefined ? {} : { tick }),
    ...(gap === undefined ? {} : { gap }),
    ...(way === undefined ? {} : { way }),
    ...(instance === undefined ? {} : { instance }),
    ...(who === undefined ? {} : { speaker: { direction: who.direction, callerNumber: who.callerNumber, callerName: who.callerName } }),
  };
}

/** The record without who said it and what. */
export const withoutSpeaker = <Body extends Pick<TranscriptRecord, 'text' | 'speaker'>>(body: Body): Body => ({
  ...body,
  text: ERASED,
  ...(body.speaker === undefined ? {} : { speaker: { ...body.speaker, callerNumber: ERASED, callerName: ERASED } }),
});

/** Keeps what facts say of what was said. Part of the transaction of the facts. */
export function* addTranscripts(facts: readonly Fact[], incarnation: number): Work<void> {
  for (const fact of facts) {
    if (fact.type !== 'transcript.created') continue;
    const { account, conference, sequence, transcription, participant } = fact;
    const place = [account, conference, incarnation, sequence, beginning(fact)] as const;
    // PostgreSQL has no character 0.
    const caller = callerOf(fact).replaceAll('\0', '\ufffd');
    yield* run(SQL.add, ...place, transcription, participant, caller, JSON.stringify(transcriptBody(fact)));
  }
}

/** Forgets old ones; says how many. */
export function* forgetTranscripts({ account, before, limit }: Step): Work<number> {
  return (yield* rows(SQL.forget, account, before, limit)).length;
}

/** Takes a caller out of some; says of how many. */
export function* eraseTranscripts({ account, number: meant }: Erasing): Work<number> {
  // What is erased already would be found for ever.
  if (meant === ERASED) return 0;
  const found = yield* rows(SQL.ofCaller, account, meant, STEP);
  for (const each of found) {
    const body = JSON.stringify(withoutSpeaker(jsonObject(each, 'body') as unknown as TranscriptRecord));
    const place = [account, text(each, 'conference'), number(each, 'incarnation'), number(each, 'sequence')] as const;
    yield* run(SQL.change, ...place, ERASED, body);
  }
  return found.length;
}

function recordOf(row: Row): TranscriptRecord {
  const [conference, incarnation] = [text(row, 'conference'), number(row, 'incarnation')];
  return {
    ...(jsonObject(row, 'body') as unknown as ReturnType<typeof transcriptBody>),
    id: transcriptId({ from: number(row, 'from_at'), conference, incarnation, sequence: number(row, 'sequence') }),
    account: text(row, 'account') as AccountId,
    conference: conference as ConferenceId,
    transcription: text(row, 'transcription') as TranscriptionId,
    participant: text(row, 'participant') as ParticipantId,
  };
}

/** The statement of a query and its values: conditions that are not asked for are not in it. */
function listing(
  { account, conference, transcription, participant, from, to, limit }: TranscriptQuery,
  after: TranscriptPlace | undefined,
) {
  const values: Value[] = [account];
  const value = (each: Value): string => `?${values.push(each)}`;
  const conditions = [
    'account = ?1',
    ...(conference === undefined ? [] : [`conference = ${value(conference)}`]),
    ...(transcription === undefined ? [] : [`transcription = ${value(transcription)}`]),
    ...(participant === undefined ? [] : [`participant = ${value(participant)}`]),
    ...(from === undefined ? [] : [`from_at >= ${value(from)}`]),
    ...(to === undefined ? [] : [`from_at < ${value(to)}`]),
    ...(after === undefined
      ? []
      : [
          `(from_at, conference, incarnation, sequence) >
            (${value(after.from)}, ${value(after.conference)}, ${value(after.incarnation)}, ${value(after.sequence)})`,
        ]),
  ];
  const order = 'from_at, conference, incarnation, sequence';
  return rows(`SELECT * FROM transcripts WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${value(limit)}`, ...values);
}

/** Transcripts in a table. */
export class TableTranscripts implements Transcripts {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async list(query: TranscriptQuery): Promise<readonly TranscriptRecord[]> {
    const after = query.after === undefined ? undefined : transcriptPlace(query.after);
    if (query.after !== undefined && after === undefined) return [];
    return (await this.#engine.read(() => listing(query, after))).map(recordOf);
  }

  async remove(account: AccountId, conference: ConferenceId): Promise<number> {
    let sum = 0;
    for (let gone = STEP; gone === STEP; sum += gone) {
      gone = (await this.#engine.write(() => rows(SQL.removeSome, account, conference, STEP))).length;
    }
    return sum;
  }
}
