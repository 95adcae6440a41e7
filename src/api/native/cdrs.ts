import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Log } from '../../base/index.ts';
import { dashed, isoMillis, type JsonObject, readTime, undashed } from '../../base/index.ts';
import type {
  Actor,
  CallHistory,
  CallId,
  CallTraces,
  Cdr,
  CdrQuery,
  ConferenceId,
  EntryDoors,
  Execute,
  Keeping,
  Recordings,
} from '../../conference/index.ts';
import { allCdrs, billedSeconds } from '../cdr-pages.ts';
import { attachment, csvLine, wantsCsv } from '../csv.ts';
import { CdrPage, CdrShape, CdrWish, Erasure, ErasureDone, OneCdr } from './cdr-shapes.ts';
import { exact } from './exact.ts';
import { findKept } from './find.ts';
import { readCursor, writeCursor } from './page.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';

/** What the records' routes need. */
export interface CdrRoutes {
  readonly execute: Execute;
  readonly history: CallHistory;
  /** Absent: nothing can be erased, and 404. */
  readonly keeping?: Keeping | undefined;
  /** Absent: there are none from which a caller could be erased. */
  readonly recordings?: Recordings | undefined;
  /** Absent: nobody guesses here. */
  readonly entry?: Pick<EntryDoors, 'lockouts'> | undefined;
  /** Absent: none are kept. */
  readonly traces?: Pick<CallTraces, 'erase'> | undefined;
  readonly log: Log;
  /** In whose name somebody comes who may see what belongs to the account; refuses others. */
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

const answers = (shape: object) => ({ response: { 200: shape, '4xx': ProblemShape, '5xx': ProblemShape }, tags: ['cdrs'] });

const idOf = (id: string): string => (/^[0-9a-f]{32}$/.test(id) ? dashed(id) : id);

/** What somebody said to being recorded. */
export const consentsOf = ({ consents = [] }: Pick<Cdr, 'consents'>): readonly JsonObject[] =>
  consents.map(({ recording, state }) => ({ recording: dashed(recording), state }));

/** A record as clients see it. */
export const cdrBody = (cdr: Cdr): JsonObject => ({
  id: idOf(cdr.id),
  conference: cdr.conference === undefined ? null : idOf(cdr.conference),
  participant: cdr.participant === undefined ? null : idOf(cdr.participant),
  role: cdr.role ?? null,
  direction: cdr.direction,
  call_id: cdr.sipCallId,
  caller_name: cdr.callerName,
  caller_number: cdr.callerNumber,
  called_number: cdr.calledNumber,
  started_at: isoMillis(cdr.startedAt),
  answered_at: cdr.answeredAt === undefined ? null : isoMillis(cdr.answeredAt),
  ended_at: isoMillis(cdr.endedAt),
  duration_seconds: Math.ceil((cdr.endedAt - cdr.startedAt) / 1000),
  billed_seconds: billedSeconds(cdr),
  reason: cdr.reason,
  refused_calls: cdr.refusals?.calls ?? null,
  source: cdr.refusals?.source ?? null,
  sip_status: cdr.sipStatus,
  cause: cdr.cause,
  codec: cdr.codec ?? null,
  quality: cdr.quality ?? null,
  channel_vars: { ...cdr.channelVars },
  variables: { ...cdr.applicationVars },
  consents: consentsOf(cdr),
});

/** The columns of CSV: what of the body is text or a number, and of the quality what people look at. */
const COLUMNS = Object.keys(CdrShape.properties).filter((name) => !['quality', 'channel_vars', 'variables', 'consents'].includes(name));
const QUALITY = ['packetsIn', 'packetsOut', 'lost', 'late', 'concealed', 'jitter', 'roundTrip', 'mosCq'];

async function* csvOf(pages: AsyncIterable<readonly Cdr[]>): AsyncGenerator<string> {
  yield csvLine([...COLUMNS, ...QUALITY.map((name) => `quality_${name}`)]);
  const plain = (value: unknown): string | number | undefined =>
    typeof value === 'string' || typeof value === 'number' ? value : undefined;
  for await (const page of pages) {
    const lines = page.map((cdr) => {
      const body = cdrBody(cdr);
      return csvLine([...COLUMNS.map((name) => plain(body[name])), ...QUALITY.map((name) => plain(cdr.quality?.[name]))]);
    });
    yield lines.join('');
  }
}

function timeOf(name: string, text: string | undefined): number | undefined {
  const time = text === undefined ? undefined : readTime(text);
  if (text !== undefined && time === undefined) throw new Problem(400, 'invalid', `${name} must be a time with its zone (RFC 3339)`);
  return time;
}

const cursorOf = (cdr: Cdr, { by }: Pick<CdrQuery, 'by'>): string => writeCursor([by === 'end' ? cdr.endedAt : cdr.startedAt, cdr.id]);

function behind(cursor: string | undefined): CdrQuery['before'] {
  const key = readCursor(cursor);
  return key && { at: key[0], id: key[1] as CallId };
}

/** `/api/cdrs`. */
export function cdrRoutes(server: FastifyInstance, { execute, history, adminOf }: CdrRoutes): void {
  const queryOf = async (wish: Static<typeof CdrWish>, actor: Actor): Promise<Omit<CdrQuery, 'limit'>> => {
    const [from, to, before] = [timeOf('from', wish.from), timeOf('to', wish.to), behind(wish.cursor)];
    return {
      account: actor.account,
      by: wish.by ?? 'start',
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(before === undefined ? {} : { before }),
      ...(wish.conference === undefined ? {} : { conference: await conferenceOf(execute, actor, wish.conference) }),
    };
  };

  server.get<{ Querystring: Static<typeof CdrWish> }>(
    '/cdrs',
    { schema: { querystring: CdrWish, ...answers(CdrPage), produces: ['application/json', 'text/csv'] } },
    async (request, reply): Promise<JsonObject | FastifyReply> => {
      const query = await queryOf(request.query, await adminOf(request));
      const isCsv = request.query.format === undefined ? wantsCsv(request.headers.accept) : request.query.format === 'csv';
      if (isCsv) {
        reply.type('text/csv; charset=utf-8').header('content-disposition', attachment(undefined, 'cdrs.csv'));
        return reply.send(Readable.from(csvOf(allCdrs(history, query))));
      }
      const { limit = 50 } = request.query;
      const found = await history.list({ ...query, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(cdrBody),
        next_cursor: last === undefined || found.length <= limit ? null : cursorOf(last, query),
      };
    },
  );

  server.get<{ Params: Static<typeof OneCdr> }>('/cdrs/:cdr', { schema: { params: OneCdr, ...answers(CdrShape) } }, async (request) => {
    const { account } = await adminOf(request);
    const cdr = await history.cdr(account, undashed(request.params.cdr) as CallId);
    if (cdr === undefined) throw new Problem(404, 'cdr_not_found', 'there is no such record');
    return cdrBody(cdr);
  });
}

/** Records outlive their conference: what is not known any more may still be in them. */
async function conferenceOf(execute: Execute, actor: Actor, id: string): Promise<ConferenceId> {
  return findKept(execute, actor, id).catch(() => undashed(id) as ConferenceId);
}

/** `POST /api/erasures`: everything about a caller. */
export function erasureRoutes(server: FastifyInstance, { keeping, recordings: library, entry, traces, adminOf, log }: CdrRoutes): void {
  if (keeping === undefined) return;
  server.post<{ Body: Static<typeof Erasure> }>(
    '/erasures',
    { ...exact, schema: { body: Erasure, response: { 200: ErasureDone, '4xx': ProblemShape, '5xx': ProblemShape }, tags: ['account'] } },
    async (request) => {
      const { account } = await adminOf(request);
      const { number, whole_recordings: whole = false } = request.body;
      const { facts, cdrs, deliveries, live, transcripts = 0 } = await keeping.erase({ account, number });
      const recordings = (await library?.erase({ account, number, whole })) ?? 0;
      const lockouts = entry?.lockouts.erase(account, number) ?? 0;
      await traces?.erase(account, number);
      // That it was done is to be proved later; whose it was is what was erased.
      log.info('a caller was erased', { account, facts, cdrs, deliveries, transcripts, recordings, lockouts, live });
      return { facts, cdrs, deliveries, transcripts, recordings, lockouts, live };
    },
  );
}
