import type { AccountId } from '../accounts/index.ts';
import { madeAt } from '../base/index.ts';
import type {
  Chronicle,
  ChronicleEntry,
  ChronicleKind,
  ChronicleQuery,
  ConferenceId,
  Fact,
  TranscriptionEntry,
} from '../conference/index.ts';
import { jsonObject, number, optional, text } from './rows.ts';
import { type Engine, type Row, row, rows, run, type Value, type Work } from './work.ts';

const SQL = {
  begin: `INSERT INTO chronicle (account, kind, id, conference, started_at, changed_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?7, ?6)
    ON CONFLICT (account, kind, id) DO UPDATE SET changed_at = excluded.changed_at, body = excluded.body WHERE chronicle.ended_at IS NULL`,
  end: 'UPDATE chronicle SET ended_at = ?4, changed_at = ?4, reason = ?5 WHERE account = ?1 AND kind = ?2 AND id = ?3 AND ended_at IS NULL',
  one: 'SELECT * FROM chronicle WHERE account = ?1 AND kind = ?2 AND id = ?3',
  unfinished: "SELECT * FROM chronicle WHERE kind = 'transcription' AND ended_at IS NULL",
  remove: 'DELETE FROM chronicle WHERE account = ?1 AND kind = ?2 AND id = ?3 AND ended_at IS NOT NULL',
} as const;

/** What a fact says of an entry: that it begins, or is otherwise than when it began; or that it ends. */
export type Mark =
  | {
      readonly do: 'begin';
      readonly kind: ChronicleKind;
      readonly id: string;
      readonly at: number;
      /** Of its last change; absent: it has not changed since. */
      readonly changedAt?: number;
      readonly body: object;
      /** Where it is; absent: where the fact is. */
      readonly conference?: ConferenceId;
    }
  | { readonly do: 'end'; readonly kind: ChronicleKind; readonly id: string; readonly at: number; readonly reason: string };

/** What a fact changes in the chronicle. */
export function marksOf(fact: Fact): readonly Mark[] {
  const { at } = fact;
  switch (fact.type) {
    case 'participant.joined': {
      const { id, call } = fact.participant;
      const kind = call.chat === undefined ? call.stream !== undefined && { stream: true } : { chat: call.chat };
      const body = { call: call.id, ...kind };
      // Whoever was on his way in has had his id since then.
      const since = Math.min(at, madeAt(id, at));
      return [{ do: 'begin', kind: 'attendance', id, at: since, changedAt: at, body }];
    }
    case 'participant.left':
      return [{ do: 'end', kind: 'attendance', id: fact.participant, at, reason: fact.reason }];
    case 'joining.started': {
      const { participant: id, into: conference, call } = fact;
      return [{ do: 'begin', kind: 'attendance', id, at, body: { call, joining: true }, conference }];
    }
    case 'joining.ended': {
      const { participant: id, into: conference, call, since, reason } = fact;
      return [
        { do: 'begin', kind: 'attendance', id, at: since, body: { call }, conference },
        { do: 'end', kind: 'attendance', id, at, reason },
      ];
    }
    case 'transcription.started': {
      const { id, startedAt, ...body } = fact.transcription;
      return [{ do: 'begin', kind: 'transcription', id, at: startedAt, body }];
    }
    case 'transcription.stopped':
      return [{ do: 'end', kind: 'transcription', id: fact.transcription, at, reason: fact.reason }];
    default:
      return [];
  }
}

/** Keeps what facts say of beginnings and ends. Part of the transaction of the facts. */
export function* chronicled(facts: readonly Fact[]): Work<void> {
  for (const fact of facts) {
    const { account, conference: where } = fact;
    for (const mark of marksOf(fact)) {
      // Whole numbers: times of tests may have fractions.
      const at = Math.floor(mark.at);
      if (mark.do === 'begin') {
        const { kind, id, body, conference = where, changedAt = at } = mark;
        yield* run(SQL.begin, account, kind, id, conference, at, JSON.stringify(body), Math.floor(changedAt));
      } else yield* run(SQL.end, account, mark.kind, mark.id, at, mark.reason);
    }
  }
}

function entryOf(found: Row): ChronicleEntry {
  const [endedAt, reason] = [optional(found, 'ended_at', number), optional(found, 'reason', text)];
  return {
    ...jsonObject(found, 'body'),
    kind: text(found, 'kind'),
    id: text(found, 'id'),
    account: text(found, 'account') as AccountId,
    conference: text(found, 'conference') as ConferenceId,
    startedAt: number(found, 'started_at'),
    changedAt: number(found, 'changed_at'),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(reason === undefined ? {} : { reason }),
  } as unknown as ChronicleEntry;
}

/** The statement of a query and its values: conditions that are not asked for are not in it. */
function listing({ account, kind, conference, before, limit }: ChronicleQuery): [sql: string, ...values: Value[]] {
  const values: Value[] = [account, kind];
  const value = (each: Value): string => `?${values.push(each)}`;
  const conditions = [
    'account = ?1 AND kind = ?2',
    ...(conference === undefined ? [] : [`conference = ${value(conference)}`]),
    ...(before === undefined ? [] : [`(started_at, id) < (${value(before.at)}, ${value(before.id)})`]),
  ];
  const sql = `SELECT * FROM chronicle WHERE ${conditions.join(' AND ')} ORDER BY started_at DESC, id DESC LIMIT ${value(limit)}`;
  return [sql, ...values];
}

/** The chronicle in a table. */
export class TableChronicle implements Chronicle {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async list<Kind extends ChronicleKind>(query: ChronicleQuery<Kind>): Promise<readonly (ChronicleEntry & { readonly kind: Kind })[]> {
    const found = await this.#engine.read(() => rows(...listing(query)));
    return found.map((each) => entryOf(each) as ChronicleEntry & { readonly kind: Kind });
  }

  async find<Kind extends ChronicleKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): Promise<(ChronicleEntry & { readonly kind: Kind }) | undefined> {
    const found = await this.#engine.read(() => row(SQL.one, account, kind, id));
    return found && (entryOf(found) as ChronicleEntry & { readonly kind: Kind });
  }

  async unfinished(): Promise<readonly TranscriptionEntry[]> {
    const found = await this.#engine.read(() => rows(SQL.unfinished));
    return found.map((each) => entryOf(each) as TranscriptionEntry);
  }

  async remove(account: AccountId, kind: ChronicleKind, id: string): Promise<void> {
    await this.#engine.write(() => run(SQL.remove, account, kind, id));
  }
}
