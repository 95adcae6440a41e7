import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Documents } from '../../accounts/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import type {
  Actor,
  CallHistory,
  CallTraces,
  Dialling,
  EntryDoors,
  Execute,
  Keeping,
  Recordings,
  Transcripts,
} from '../../conference/index.ts';
import type { Webhooks } from '../../webhooks/index.ts';
import type { ApiOptions, LegQualities, TrunkDoors } from '../options.ts';
import type { Pages } from '../pages.ts';
import type { Tickets } from '../tickets.ts';
import { accountRoutes, deviceRoutes } from './accounts.ts';
import { cdrRoutes, erasureRoutes } from './cdrs.ts';
import { type ConferenceRoutes, conferenceRoutes, participantRoutes } from './conferences.ts';
import { described } from './described.ts';
import { dialRoutes } from './dial.ts';
import type { EventStreams } from './events/event-streams.ts';
import { eventRoutes } from './events/routes.ts';
import { explainRoutes } from './explain.ts';
import { historyRoutes } from './history.ts';
import { Idempotency } from './idempotency.ts';
import type { BrowserDoors } from './join/doors.ts';
import type { IceSettings } from './join/ice.ts';
import { invitationViewRoute } from './join/invitation.ts';
import { joinRoutes } from './join.ts';
import { entryRoutes } from './lockouts.ts';
import { onceEach } from './once.ts';
import { Problem, problemBody, problemOf } from './problem.ts';
import { qualityRoutes } from './quality.ts';
import { type Pass, type Recognition, recognise } from './recognise.ts';
import { archiveLinkRoutes, archiveRoutes } from './recordings.ts';
import { reportRoutes } from './reports.ts';
import { sessionRoutes } from './session.ts';
import { playRoutes, recordRoutes, transcriptionRoutes } from './sounds.ts';
import { steeringRoutes } from './steering.ts';
import { traceRoutes } from './trace.ts';
import { transcriptRoutes } from './transcripts.ts';
import { trunkRoutes } from './trunks.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';
import { deliveryRoutes } from './webhooks-deliveries.ts';

/** What our own API needs. */
export interface NativeOptions extends Recognition {
  readonly execute: Execute;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Absent: `/api/cdrs` is not there. */
  readonly history?: CallHistory | undefined;
  /** Absent: `/api/transcripts` is not there. */
  readonly transcripts?: Transcripts | undefined;
  /** Absent: nothing can be erased. */
  readonly keeping?: Keeping | undefined;
  /** Absent: `/api/recordings` is not there. */
  readonly recordings?: Recordings | undefined;
  /** By which links to recordings are made and read. */
  readonly tickets?: Tickets | undefined;
  /** Absent: `GET /api/events` is not there. */
  readonly streams?: EventStreams | undefined;
  /** Absent: there are no invitations and lockouts. */
  readonly entry?: EntryDoors | undefined;
  /** Absent: nobody can be called. */
  readonly dialling?: Dialling | undefined;
  /** Absent, like the documents: `/api/trunks` is not there. */
  readonly trunks?: TrunkDoors | undefined;
  readonly documents?: Documents | undefined;
  /** Absent: how telephones do is not told. */
  readonly qualityOf?: LegQualities | undefined;
  /** Absent: `/api/webhooks` is not there. */
  readonly webhooks?: Webhooks | undefined;
  /** Absent: nobody joins by a browser. */
  readonly browsers?: BrowserDoors | undefined;
  readonly iceServers?: IceSettings | undefined;
  /** Absent: no program listens or speaks. */
  readonly programs?: ApiOptions['programs'];
  /** How calls are signalled. Absent: `/api/calls` is not there. */
  readonly traces?: CallTraces | undefined;
  /** Where the sound of a leg goes. */
  readonly legOf?: ApiOptions['legOf'] | undefined;
  readonly headersOf?: ApiOptions['headersOf'] | undefined;
  /** The pages for people. */
  readonly pages?: Pages | undefined;
}

/** Answers with a problem. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply => {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem)));
};

/** Answers what went wrong as a problem; what nobody expected is logged. */
const problemsTo =
  (log: Log) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error);
    if (problem === undefined) log.error('a request failed unexpectedly', { request_id: request.id, error });
    return sendProblem(reply, problem ?? new Problem(500, 'unspecified', 'something went wrong', { request_id: request.id }));
  };

/** Hangs our own API into the server, below `/api`. */
export async function native(root: FastifyInstance, options: NativeOptions): Promise<void> {
  await root.register(async (server) => hang(server, options), { prefix: '/api' });
  const { entry, execute, publicUrl, log, pages } = options;
  if (entry === undefined) return;
  await root.register(async (server) => {
    server.setErrorHandler(problemsTo(log));
    joinRoutes(server, { entry, execute, publicUrl, pages });
  });
}

async function hang(server: FastifyInstance, options: NativeOptions): Promise<void> {
  const { execute, log, version, clock, publicUrl } = options;
  server.removeContentTypeParser('text/plain');
  server.setSerializerCompiler(() => (body) => JSON.stringify(body));
  server.setErrorHandler(problemsTo(log));
  server.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new Problem(404, 'route_not_found', 'no such resource; see /api/openapi.json')),
  );
  const { programs, browsers: guests } = options;
  const sockets = [
    ...(guests && options.entry ? (['/api/join'] as const) : []),
    ...(programs ? (['/api/conferences/{conference}/stream'] as const) : []),
  ];
  await described(server, { version, publicUrl, sockets });
  await server.register(async (open) => sessionRoutes(open, options));
  // These recognise by themselves: also by a token in the query.
  if (options.streams !== undefined) eventRoutes(server, { ...options, streams: options.streams, recognition: options });
  const { recordings, tickets, entry, browsers, iceServers: ice } = options;
  if (entry !== undefined && browsers !== undefined) invitationViewRoute(server, { ...options, entry, browsers, ice });
  const sounds = recordings && tickets && { ...options, recordings, tickets };
  if (sounds !== undefined) archiveLinkRoutes(server, sounds);
  await server.register(async (guarded) => {
    const passes = new WeakMap<FastifyRequest, Pass>();
    guarded.addHook('onRequest', async (request) => {
      passes.set(request, await recognise(request, options));
    });
    const passOf = (request: FastifyRequest): Pass => {
      const pass = passes.get(request);
      if (pass === undefined) throw new Problem(401, 'not_recognised', 'nobody was recognised');
      return pass;
    };
    const actorOf = (request: FastifyRequest): Actor => passOf(request).actor;
    const adminOf = async (request: FastifyRequest): Promise<Actor> => {
      if (!(await passOf(request).isAdmin())) throw new Problem(403, 'not_admin', 'only an admin of the account may do this');
      return actorOf(request);
    };
    onceEach(guarded, { clock, actorOf });
    const routes = { execute, idempotency: new Idempotency(clock), actorOf };
    conferenceRoutes(guarded, routes);
    participantRoutes(guarded, routes);
    if (options.dialling !== undefined) dialRoutes(guarded, { ...routes, dialling: options.dialling });
    if (options.trunks !== undefined && options.documents !== undefined) {
      trunkRoutes(guarded, { documents: options.documents, trunks: options.trunks, adminOf });
    }
    steeringRoutes(guarded, routes);
    callRoutes(guarded, options, routes);
    if (options.entry !== undefined) entryRoutes(guarded, { ...routes, adminOf, entry: options.entry, publicUrl });
    recordRoutes(guarded, routes);
    playRoutes(guarded, routes);
    transcriptionRoutes(guarded, routes);
    historyRoutes(guarded, routes);
    reportRoutes(guarded, { ...options, actorOf });
    accountRoutes(guarded, { ...options, adminOf });
    deviceRoutes(guarded, { ...options, adminOf });
    userRoutes(guarded, { ...options, adminOf });
    qualityRoutes(guarded, { ...routes, clock, qualityOf: options.qualityOf });
    if (options.webhooks !== undefined) {
      const hooks = { ...routes, clock, adminOf, webhooks: options.webhooks };
      webhookRoutes(guarded, hooks);
      deliveryRoutes(guarded, hooks);
    }
    if (sounds !== undefined) archiveRoutes(guarded, { ...sounds, actorOf });
    if (options.transcripts !== undefined) transcriptRoutes(guarded, { execute, transcripts: options.transcripts, actorOf });
    if (options.history === undefined) return;
    cdrRoutes(guarded, { ...options, history: options.history, adminOf });
    erasureRoutes(guarded, { ...options, history: options.history, adminOf });
  });
}

/** What is told of single calls: why they are not heard, and how they were signalled. */
function callRoutes(guarded: FastifyInstance, options: NativeOptions, routes: ConferenceRoutes): void {
  const { clock, qualityOf, legOf, traces } = options;
  explainRoutes(guarded, { ...routes, clock, qualityOf, legOf, traces });
  if (traces !== undefined) traceRoutes(guarded, { ...routes, traces, legOf, headersOf: options.headersOf });
}
