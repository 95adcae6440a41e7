import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Actor, callerOf, type Dialling, type DialOutcome, type Execute } from '../../conference/index.ts';
import { find } from './find.ts';
import type { Idempotency } from './idempotency.ts';
import { ProblemShape } from './shapes.ts';

const One = Type.Object({ conference: Type.String() });

/** Whom to call into a conference. */
const DialRequest = Type.Object(
  {
    endpoints: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
      minItems: 1,
      maxItems: 100,
      description: 'Ids of devices and users, numbers, SIP URIs. All ring at once.',
    }),
    role: Type.Optional(Type.Union([Type.Literal('member'), Type.Literal('moderator')])),
    muted: Type.Optional(Type.Boolean()),
    deaf: Type.Optional(Type.Boolean()),
    ghost: Type.Optional(Type.Boolean({ description: 'Listed, but not counted.' })),
    distributes_digits: Type.Optional(Type.Boolean({ description: 'The keys that they press are sent on to everybody else’s telephone.' })),
    no_music: Type.Optional(Type.Boolean()),
    only_if_running: Type.Optional(Type.Boolean({ description: 'Nobody is called unless somebody is in the conference.' })),
    caller_name: Type.Optional(Type.String({ maxLength: 128 })),
    caller_number: Type.Optional(Type.String({ maxLength: 64 })),
    caller_hidden: Type.Optional(Type.Boolean()),
    timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600, description: 'How long they ring. Default 20.' })),
    variables: Type.Optional(Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 1024 }))),
  },
  { additionalProperties: false },
);

const DialResult = Type.Object({
  endpoint: Type.String(),
  job_id: Type.String(),
  status: Type.Union([Type.Literal('joined'), Type.Literal('failed')]),
  call_id: Type.Union([Type.Null(), Type.String()], { description: 'The SIP Call-ID of the leg; null where none was made.' }),
  code: Type.Union([Type.Null(), Type.String()]),
  message: Type.Union([Type.Null(), Type.String()]),
  sip_status: Type.Union([Type.Null(), Type.Integer()]),
});

/** What became of each, in the order of the request. */
const DialResults = Type.Object({ items: Type.Array(DialResult) });

const shown = ({ endpoint, jobId, callId, refusal }: DialOutcome) => ({
  endpoint,
  job_id: jobId,
  status: refusal === undefined ? 'joined' : 'failed',
  call_id: callId ?? null,
  code: refusal?.code ?? null,
  message: refusal?.words ?? null,
  sip_status: refusal?.status ?? null,
});

/** What the route needs. */
export interface DialRoutes {
  readonly execute: Execute;
  readonly dialling: Dialling;
  readonly idempotency: Idempotency;
  readonly actorOf: (request: FastifyRequest) => Actor;
}

type Body = Static<typeof DialRequest>;

const wishesOf = (body: Body) => ({
  ...(body.role === undefined ? {} : { role: body.role }),
  ...(body.timeout_seconds === undefined ? {} : { timeoutSeconds: body.timeout_seconds }),
  ...(body.variables === undefined ? {} : { vars: body.variables }),
  flags: {
    ...(body.muted === true ? { muted: true } : {}),
    ...(body.deaf === true ? { deaf: true } : {}),
    ...(body.ghost === true ? { ghost: true } : {}),
    ...(body.distributes_digits === true ? { distributesDigits: true } : {}),
    ...(body.no_music === true ? { noMusic: true } : {}),
    ...(body.only_if_running === true ? { joinExisting: true } : {}),
  },
  callerId: {
    ...(body.caller_name === undefined ? {} : { name: body.caller_name }),
    ...(body.caller_number === undefined ? {} : { number: body.caller_number }),
    ...(body.caller_hidden === true ? { hidden: true } : {}),
  },
});

/** `/api/conferences/{id}/dial`. */
export function dialRoutes(server: FastifyInstance, { execute, dialling, idempotency, actorOf }: DialRoutes): void {
  server.post<{ Params: Static<typeof One>; Body: Body }>(
    '/conferences/:conference/dial',
    {
      schema: {
        params: One,
        body: DialRequest,
        response: { 200: DialResults, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['conferences'],
        description: 'Calls people into the conference. The answer comes when all are in or have failed.',
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const conference = await find(execute, actor, request.params.conference);
      const view = await execute('conference.read', { conference }, actor);
      const key = request.headers['idempotency-key'];
      const wishes = wishesOf(request.body);
      const callerId = { ...callerOf(view.conference), ...wishes.callerId };
      const items = await idempotency.once({
        account: actor.account,
        key: typeof key === 'string' && key !== '' ? key : undefined,
        request: { dial: request.body, conference },
        work: async () => {
          const order = { account: actor.account, conference, endpoints: request.body.endpoints, ...wishes, callerId };
          return (await dialling.dial(order)).map(shown);
        },
      });
      return { items };
    },
  );
}
