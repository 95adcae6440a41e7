import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Documents } from '../../accounts/index.ts';
import type { Chance, Clock, Log } from '../../base/index.ts';
import type {
  CallHistory,
  Chronicle,
  Errands,
  Execute,
  PhoneCalls,
  RecordingScribe,
  Recordings,
  Transcripts,
} from '../../conference/index.ts';
import type { LineDoors } from '../../line/index.ts';
import type { Webhooks } from '../../webhooks/index.ts';
import { baseUrl } from '../links.ts';
import { Rate } from '../rate.ts';
import { mayHave } from '../sight.ts';
import type { Tickets } from '../tickets.ts';
import { Written } from '../written.ts';
import { accessKeyRows } from './accesskeys.ts';
import type { CheckActions } from './actions.ts';
import { activeflowRows } from './activeflows.ts';
import { CallRegister } from './call-register.ts';
import { callRows } from './calls.ts';
import { conferencecallRows } from './conferencecalls.ts';
import { conferenceRows } from './conferences.ts';
import { conversationRows, hangLine } from './conversations.ts';
import { customerRows } from './customers.ts';
import { Removals } from './events/removals.ts';
import { extensionRows } from './extensions.ts';
import { flowRows } from './flows.ts';
import { logIn, meRows, SEVEN_DAYS } from './login.ts';
import { numberRows } from './numbers.ts';
import { type Recognition, recognise } from './recognise.ts';
import { recordingRows } from './recordings.ts';
import { type Refused, refusals, refusedAs, refusedBody } from './refused.ts';
import { newRequestId, requestIdOf } from './request-id.ts';
import { Elsewhere, type Row, type Scene } from './scene.ts';
import { transcribeRows } from './transcribes.ts';

/** What the dialect needs. */
export interface VoipbinOptions extends Recognition {
  readonly execute: Execute;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly publicUrl?: string;
  /** Absent: there are no conferencecalls and no transcribes. */
  readonly chronicle?: Chronicle | undefined;
  /** Absent: there are no transcripts. */
  readonly transcripts?: Transcripts | undefined;
  /** Absent: there are no recordings. */
  readonly recordings?: Recordings | undefined;
  /** By which addresses of recordings are made. */
  readonly tickets?: Tickets | undefined;
  /** Absent: nobody is told of anything. */
  readonly webhooks?: Webhooks | undefined;
  /** Who follows what is deleted. */
  readonly removals?: Removals | undefined;
  /** Flows and numbers. Absent: there are none. */
  readonly documents?: Documents | undefined;
  /** Absent: there are no calls and no activeflows. */
  readonly phones?: PhoneCalls | undefined;
  /** Absent: there are no activeflows but those of calls. */
  readonly errands?: Errands | undefined;
  /** Absent: recordings are not written down. */
  readonly written?: RecordingScribe | undefined;
  readonly history?: CallHistory | undefined;
  /** Default 400 at once, 200 in a second. */
  readonly requestRate?: { readonly capacity: number; readonly perSecond: number };
  /** Absent: there are no conversation accounts. */
  readonly line?: LineDoors | undefined;
  readonly checkActions: CheckActions;
  /** Most conferences of an account; 0: any number. */
  readonly maxConferences: number;
}

/** Requests of an address (voipbin-facts §1.6). */
const REQUESTS = { capacity: 400, perSecond: 200 };
const LOGINS = { capacity: 20, perSecond: 10 };

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, GET, PUT, DELETE, PATCH, HEAD, OPTIONS',
  'access-control-allow-headers': 'Origin, X-Requested-With, Content-Type, Accept, Authorization',
  'access-control-max-age': '43200',
} as const;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Hangs the dialect into the server: `/v1.0`, `/auth/login`, `/ping`. */
export async function voipbin(root: FastifyInstance, options: VoipbinOptions): Promise<void> {
  const dialect = new Dialect(options);
  root.get('/ping', async () => ({ message: 'pong' }));
  const below = (prefix: string, hang: (server: FastifyInstance) => void) =>
    root.register(
      async (server) => {
        dialect.prepare(server);
        server.options('/*', (_request, reply) => reply.code(204).send());
        hang(server);
      },
      { prefix },
    );
  await below('/auth', (server) => hangLogin(server, options));
  const { line } = options;
  if (line !== undefined) await below('/v1.0/conversation', (server) => hangLine(server, line));
  await below('/v1.0', (server) => {
    for (const row of dialect.rows()) {
      server.route({ method: row.method, url: row.path, handler: (request, reply) => dialect.serve(row, request, reply) });
    }
  });
}

function hangLogin(server: FastifyInstance, options: VoipbinOptions): void {
  const rate = new Rate(options.clock, LOGINS);
  server.post('/login', async (request, reply) => {
    charge(rate, request.ip);
    const { body, token } = await logIn(options, textOf(request));
    // Not sent over plain HTTP, as the original has it.
    reply.header('set-cookie', `token=${token}; Path=/; Max-Age=${SEVEN_DAYS}; HttpOnly; Secure; SameSite=Strict`);
    return reply.type(JSON_TYPE).send(JSON.stringify(body));
  });
}

const textOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '');

function charge(rate: Rate, address: string): void {
  if (!rate.charge(address).allowed) throw refusals.tooMany('ip', 1);
}

/** What a request that no route takes is answered: 404, never 405 (voipbin-facts §1.5). */
export function voipbinStray({ chance }: Pick<VoipbinOptions, 'chance'>): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => {
    const id = requestIdOf(request.headers['x-request-id'], () => newRequestId(chance));
    return refuseWith(reply.headers(CORS).header('x-request-id', id), refusals.noRoute(), id);
  };
}

function refuseWith(reply: FastifyReply, refused: Refused, id: string): FastifyReply {
  if (refused.retryAfter !== undefined) reply.header('retry-after', String(refused.retryAfter));
  return reply
    .code(refused.status)
    .type(JSON_TYPE)
    .send(JSON.stringify(refusedBody(refused, id)));
}

class Dialect {
  readonly #options: VoipbinOptions;
  readonly #rate: Rate;
  readonly #ids = new WeakMap<FastifyRequest, string>();

  constructor(options: VoipbinOptions) {
    this.#options = options;
    this.#rate = new Rate(options.clock, options.requestRate ?? REQUESTS);
  }

  /** Ids, CORS, bodies of any media type, refusals. */
  prepare(server: FastifyInstance): void {
    const { chance, log } = this.#options;
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.addHook('onRequest', async (request, reply) => {
      const id = requestIdOf(request.headers['x-request-id'], () => newRequestId(chance));
      this.#ids.set(request, id);
      reply.headers(CORS).header('x-request-id', id);
    });
    server.setErrorHandler((error, request, reply) => {
      const id = this.#ids.get(request) ?? newRequestId(chance);
      const refused = refusedAs(error);
      if (refused === undefined) log.error('a request failed unexpectedly', { request_id: id, error });
      return refuseWith(reply, refused ?? refusals.internal(), id);
    });
    server.setNotFoundHandler((request, reply) => refuseWith(reply, refusals.noRoute(), this.#ids.get(request) ?? newRequestId(chance)));
  }

  rows(): readonly Row[] {
    const { accounts, chronicle, recordings, tickets, transcripts, webhooks, clock, line } = this.#options;
    const now = (): number => clock.epoch();
    return [
      ...meRows(accounts),
      ...accessKeyRows({ accounts, now }),
      ...customerRows({ accounts, webhooks, now }),
      ...conferenceRows(this.#options),
      ...extensionRows({ accounts, now }),
      ...this.#flowAndCallRows(now),
      ...(line === undefined ? [] : conversationRows({ line, now })),
      ...(chronicle === undefined ? [] : conferencecallRows({ chronicle, phones: this.#options.phones })),
      ...(recordings === undefined || tickets === undefined ? [] : recordingRows({ recordings, tickets, now })),
      ...(chronicle === undefined || transcripts === undefined ? [] : transcribeRows({ ...this.#options, chronicle, transcripts })),
    ];
  }

  #flowAndCallRows(now: () => number): readonly Row[] {
    const { documents, phones, history, recordings } = this.#options;
    const flows = documents === undefined ? [] : [...flowRows({ ...this.#options, documents, now }), ...numberRows({ documents, now })];
    if (phones === undefined) return flows;
    const register = new CallRegister({ phones, history, documents, recordings });
    const routes = { ...this.#options, phones, register, now, removals: this.#options.removals ?? new Removals() };
    return [...flows, ...callRows(routes), ...activeflowRows(routes)];
  }

  /** Rate, who asks, then the route, as VoIPBIN goes about it (voipbin-facts §1.5). */
  async serve(row: Row, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { accounts, execute, publicUrl } = this.#options;
    charge(this.#rate, request.ip);
    const query = new URLSearchParams(request.url.split('?').slice(1).join('?'));
    const person = await recognise({ headers: request.headers, query, address: request.ip }, this.#options);
    const scene: Scene = {
      person,
      execute,
      params: request.params as Readonly<Record<string, string>>,
      query,
      text: textOf(request),
      base: baseUrl(request, publicUrl),
      onlyAdmins: async () => {
        if (!(await accounts.isAdmin(person.account, person.user))) throw refusals.denied();
      },
      mayHave: (conference, needed) => mayHave(execute, person.actor, conference, needed),
    };
    const answer = await row.run(scene);
    if (answer instanceof Elsewhere) return reply.code(307).header('location', answer.location).send();
    if (answer === undefined) return reply.code(200).send();
    return reply
      .code(200)
      .type(JSON_TYPE)
      .send(answer instanceof Written ? answer.json : JSON.stringify(answer));
  }
}
