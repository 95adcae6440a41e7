import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Clock, isoMillis, uuidOf } from '../../base/index.ts';
import {
  type Actor,
  type CallHistory,
  type Cdr,
  type ConferenceId,
  type Execute,
  factPages,
  RunReport,
  runsOf,
} from '../../conference/index.ts';
import { findKept } from './find.ts';
import { Cut, type ListKey, pageOf, pageShape } from './page.ts';
import { Problem } from './problem.ts';
import { type ReportOf, reportBody } from './report-encode.ts';
import { reportPage } from './report-page.ts';
import { One, ProblemShape } from './shapes.ts';

/** What reports need. */
export interface ReportRoutes {
  readonly execute: Execute;
  readonly clock: Clock;
  /** Absent: reports say nothing of quality. */
  readonly history?: CallHistory | undefined;
  readonly actorOf: (request: FastifyRequest) => Actor;
}

/** A call may have begun so long before the first one was let in, ms. */
const BEFORE = 600_000;
const PAGE = 500;
/** Of a run with more calls, the others' quality is left out. */
const MOST_CDRS = 20_000;

const Which = Type.Object({
  conference: Type.String({ minLength: 1, maxLength: 128 }),
  instance: Type.String({ minLength: 1, maxLength: 64, description: 'The run of the room, or `latest`.' }),
});

const Format = Type.Object({
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('html')], { description: 'Default: as Accept says, else json.' })),
});

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const Figure = Type.Union([Type.Number(), Type.Null()]);
const Text = Type.Union([Type.String(), Type.Null()]);

const ReportShape = Type.Object(
  {
    conference: Type.String(),
    name: Type.String(),
    instance: Type.String(),
    started_at: Time,
    ended_at: Time,
    seconds: Figure,
    is_partial: Type.Boolean({ description: 'Not every fact of the run is kept.' }),
    most_people: Type.Integer({ description: 'At the same time, programs not counted.' }),
    talk_seconds: Figure,
    overlap_seconds: Figure,
    silence_seconds: Figure,
    participants: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          number: Type.Integer(),
          joined_at: Time,
          left_at: Time,
          reason: Text,
          late_seconds: Type.Number(),
          talk_seconds: Figure,
          overlap_seconds: Figure,
          turns: Figure,
          codec: Text,
          loss: Figure,
        },
        { additionalProperties: true },
      ),
    ),
    recordings: Type.Array(Type.Object({ id: Type.String(), url: Type.String() }, { additionalProperties: true })),
    transcriptions: Type.Array(Type.Object({ id: Type.String(), url: Type.String() }, { additionalProperties: true })),
    refused_calls: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer() })),
  },
  { additionalProperties: true },
);

const Runs = pageShape(Type.Object({ instance: Type.String(), started_at: Time, url: Type.String() }));

const answers = (shape: object) => ({ response: { 200: shape, '4xx': ProblemShape, '5xx': ProblemShape }, tags: ['history'] });

/** `/api/conferences/{id}/reports`: how each run of a room was, as JSON or as a page. Also of conferences that are deleted. */
export function reportRoutes(server: FastifyInstance, { execute, clock, history, actorOf }: ReportRoutes): void {
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Cut> }>(
    '/conferences/:conference/reports',
    {
      schema: {
        params: One,
        querystring: Cut,
        description: 'The runs of the room that facts are kept of, newest first.',
        ...answers(Runs),
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const id = await findKept(execute, actor, request.params.conference);
      const base = `/api/conferences/${uuidOf(id, actor.account)}/reports`;
      const runs = await runsOf(factPages(execute, { conference: id }, actor));
      const keyOf = (each: (typeof runs)[number]): ListKey => [each.startedAt, each.instance];
      const page = pageOf(runs, { keyOf, order: 'down', ...request.query });
      const shown = ({ instance, startedAt }: (typeof runs)[number]) => ({
        instance,
        started_at: isoMillis(startedAt),
        url: `${base}/${instance}`,
      });
      return { ...page, items: page.items.map(shown) };
    },
  );

  server.get<{ Params: Static<typeof Which>; Querystring: Static<typeof Format> }>(
    '/conferences/:conference/reports/:instance',
    { schema: { params: Which, querystring: Format, ...answers(ReportShape), produces: ['application/json', 'text/html'] } },
    async (request, reply) => {
      const actor = actorOf(request);
      const id = await findKept(execute, actor, request.params.conference);
      const run = await runOf(execute, actor, { id, instance: request.params.instance });
      if (run?.span === undefined) throw new Problem(404, 'report_not_found', 'nothing is kept of such a run of the conference');
      const cdrs = history === undefined ? [] : await cdrsOf(history, { actor, id, span: run.span });
      const told = run.told({ cdrs, now: clock.epoch() });
      const of: ReportOf = { conference: uuidOf(id, actor.account), account: actor.account, name: await nameOf(execute, actor, id) };
      if (!wantsPage(request.query.format, request.headers.accept)) return reportBody(told, of);
      // Nothing in it may run, whatever people call themselves; and its address may carry a key, which no link is to pass on.
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
      reply.header('referrer-policy', 'no-referrer').header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
      return reply
        .type('text/html; charset=utf-8')
        .serializer((page: unknown) => String(page))
        .send(reportPage(told, of));
    },
  );
}

const wantsPage = (format: 'json' | 'html' | undefined, accept: string | undefined): boolean =>
  format === undefined ? /^[^,]*text\/html/.test(accept ?? '') : format === 'html';

/** The run of this name, or the `latest`, as facts tell it; undefined: there was none yet. */
async function runOf(
  execute: Execute,
  actor: Actor,
  { id: conference, instance: asked }: { id: ConferenceId; instance: string },
): Promise<RunReport | undefined> {
  const instance = asked === 'latest' ? (await runsOf(factPages(execute, { conference }, actor)))[0]?.instance : asked;
  if (instance === undefined) return undefined;
  const run = new RunReport(instance);
  for await (const facts of factPages(execute, { conference }, actor)) for (const fact of facts) run.take(fact);
  return run;
}

async function nameOf(execute: Execute, actor: Actor, conference: ConferenceId): Promise<string> {
  const name = await execute('conference.read', { conference }, actor).then(
    (view) => view.conference.document['name'],
    // One that is deleted still has its reports.
    () => undefined,
  );
  return typeof name === 'string' ? name : '';
}

/** The records of the calls of a run. */
async function cdrsOf(
  history: CallHistory,
  { actor: { account }, id, span }: { actor: Actor; id: ConferenceId; span: { readonly from: number; readonly to: number } },
): Promise<readonly Cdr[]> {
  const query = { account, conference: id, from: span.from - BEFORE, to: span.to + 1, limit: PAGE };
  const found: Cdr[] = [];
  let page = await history.list(query);
  while (page.length > 0 && found.length < MOST_CDRS) {
    found.push(...page);
    const { startedAt, id: call } = page.at(-1)!;
    page = page.length < PAGE ? [] : await history.list({ ...query, before: { at: startedAt, id: call } });
  }
  return found;
}
