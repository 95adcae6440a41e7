import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { undashed } from '../../base/index.ts';
import type { Actor, CallId, ConferenceId, ConferenceView, Execute, Input, Which } from '../../conference/index.ts';
import type { ConferenceRoutes } from './conferences.ts';
import * as encode from './encode.ts';
import { exact } from './exact.ts';
import { find } from './find.ts';
import { keypadRoutes } from './keypad.ts';
import { Conference, One, ProblemShape, Somebody } from './shapes.ts';

const answers = { response: { 200: Conference, '4xx': ProblemShape, '5xx': ProblemShape }, tags: ['conferences'] };

/** What can be changed about a participant. */
const Steering = Type.Object(
  {
    muted: Type.Optional(Type.Boolean()),
    by: Type.Optional(
      Type.Union([Type.Literal('self'), Type.Literal('moderator')], {
        description: 'Whose act muting is: his own, as by his keys, or a moderator’s. Default: moderator.',
      }),
    ),
    deaf: Type.Optional(Type.Boolean()),
    role: Type.Optional(Type.Union([Type.Literal('member'), Type.Literal('moderator')])),
    hand_raised: Type.Optional(Type.Boolean()),
    gain_in: Type.Optional(Type.Number({ description: 'How loud the others hear him, 0.01 … 10; 1: as he comes.' })),
    gain_out: Type.Optional(Type.Number({ description: 'How loud he hears the others.' })),
    step_in: Type.Optional(Type.Integer({ minimum: -8, maximum: 8, description: 'So many levels louder or quieter, as by his keys.' })),
    step_out: Type.Optional(Type.Integer({ minimum: -8, maximum: 8 })),
    energy_level: Type.Optional(
      Type.Union([Type.Number(), Type.Null()], {
        description: 'Mean absolute sample value above which he is heard, 0 … 1800; null: as the conference has it.',
      }),
    ),
    step_energy: Type.Optional(Type.Integer({ minimum: -9, maximum: 9, description: 'So many times 200 more or less, as by his keys.' })),
    floor: Type.Optional(Type.Boolean({ description: 'Takes the floor, whoever has it, or gives it back.' })),
    recording_consent: Type.Optional(
      Type.Boolean({ description: 'Whether he agrees to be in the recording that is under way, as he told the program that says so.' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

const Telling = Type.Object(
  {
    what: Type.Union([Type.Literal('count'), Type.Literal('roll_call')], { description: 'How many others there are, or their names too.' }),
  },
  { additionalProperties: false },
);
const Coaching = Type.Object(
  { whom: Type.Union([Type.String(), Type.Integer(), Type.Null()], { description: 'By number or id; null: all hear him again.' }) },
  { additionalProperties: false },
);
const somebody = Type.Union([Type.String(), Type.Integer()], { description: 'By number or id.' });
const Relating = Type.Object(
  {
    participant: somebody,
    other: somebody,
    relationship: Type.Union([Type.Literal('mute'), Type.Literal('deaf'), Type.Literal('clear')], {
      description:
        'mute: the other one does not hear the participant; deaf: the participant does not hear the other one; clear: neither holds of this pair.',
    }),
  },
  { additionalProperties: false },
);
const Extension = Type.Object({ seconds: Type.Integer({ minimum: 1, maximum: 604_800 }) }, { additionalProperties: false });
const Waiter = Type.Object({ conference: Type.String(), call: Type.String({ description: 'The id of the call, `next`, or `all`.' }) });

const numberOrId = (text: string): Which => (/^\d{1,15}$/.test(text) ? Number(text) : undashed(text));

/** In whose name, and which conference. */
async function place({ execute, actorOf }: ConferenceRoutes, request: FastifyRequest): Promise<{ actor: Actor; conference: ConferenceId }> {
  const actor = actorOf(request);
  return { actor, conference: await find(execute, actor, (request.params as Static<typeof One>).conference) };
}

/** What is asked of one participant, one command after the other. */
async function steer(
  execute: Execute,
  actor: Actor,
  { conference, which, wish }: { conference: ConferenceId; which: Which; wish: Static<typeof Steering> },
): Promise<ConferenceView> {
  const { muted, by, deaf, role, hand_raised: raised, floor: taken, recording_consent: agreed } = wish;
  let view = await execute('conference.read', { conference }, actor);
  if (muted !== undefined)
    view = await execute('participants.mute', { conference, which, muted, ...(by === undefined ? {} : { by }) }, actor);
  if (deaf !== undefined) view = await execute('participants.deafen', { conference, which, deaf }, actor);
  if (role !== undefined) view = await execute('participants.promote', { conference, which, role }, actor);
  if (raised !== undefined) view = await execute('participants.hand', { conference, which, raised }, actor);
  const one = which as number | string;
  if (taken !== undefined) view = await execute('participants.floor', { conference, which: one, taken, force: true }, actor);
  const loudness = loudnessOf(wish);
  if (Object.keys(loudness).length > 0) view = await execute('participants.adjust', { conference, which, ...loudness }, actor);
  return agreed === undefined ? view : execute('participants.consent', { conference, which: one, agreed }, actor);
}

/** How loud he is to be heard, and to hear, and from how loud on he is heard. */
function loudnessOf(wish: Static<typeof Steering>): Omit<Input<'participants.adjust'>, 'conference' | 'which'> {
  const {
    gain_in: gainIn,
    gain_out: gainOut,
    step_in: stepIn,
    step_out: stepOut,
    energy_level: energyLevel,
    step_energy: stepEnergy,
  } = wish;
  return Object.fromEntries(
    Object.entries({ gainIn, gainOut, stepIn, stepOut, energyLevel, stepEnergy }).filter(([, value]) => value !== undefined),
  );
}

/** Below `/api/conferences/{id}`: whatever keys can do, too. */
export function steeringRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  personRoutes(server, routes);
  hearingRoutes(server, routes);
  roomRoutes(server, routes);
  keypadRoutes(server, routes);
}

/** `participants/{participant}`. */
function personRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute } = routes;
  const base = '/conferences/:conference/participants/:participant';
  server.patch<{ Params: Static<typeof Somebody>; Body: Static<typeof Steering> }>(
    base,
    // Exactly: null means something here, and is not 0.
    { ...exact, schema: { params: Somebody, body: Steering, ...answers } },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      const which = numberOrId(request.params.participant);
      return encode.conference(await steer(execute, actor, { conference, which, wish: request.body }));
    },
  );
  server.post<{ Params: Static<typeof Somebody>; Body: Static<typeof Telling> }>(
    `${base}/tell`,
    { schema: { params: Somebody, body: Telling, description: 'Tells him, and nobody else, who else is here.', ...answers } },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      const which = numberOrId(request.params.participant);
      return encode.conference(await execute('participants.tell', { conference, which, what: request.body.what }, actor));
    },
  );
}

/** Who hears whom: `coach` and `relationships`. */
function hearingRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute } = routes;
  const which = (named: string | number): number | string => (typeof named === 'number' ? named : (numberOrId(named) as number | string));
  server.put<{ Params: Static<typeof Somebody>; Body: Static<typeof Coaching> }>(
    '/conferences/:conference/participants/:participant/coach',
    {
      ...exact,
      schema: {
        params: Somebody,
        body: Coaching,
        description:
          'From now on he is heard by one alone, and is in no recording. When that one leaves, nobody hears him until this is asked anew.',
        ...answers,
      },
    },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      const { whom } = request.body;
      const input = { conference, which: which(request.params.participant), whom: whom === null ? null : which(whom) };
      return encode.conference(await execute('participants.coach', input, actor));
    },
  );
  server.put<{ Params: Static<typeof One>; Body: Static<typeof Relating> }>(
    '/conferences/:conference/relationships',
    { ...exact, schema: { params: One, body: Relating, description: 'What two people hear of each other, one way.', ...answers } },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      const { participant, other, relationship } = request.body;
      const input = { conference, participant: which(participant), other: which(other), relationship };
      return encode.conference(await execute('participants.relate', input, actor));
    },
  );
}

/** `mute`, `extend`, `waiting/{call}`: what is for a whole room. */
function roomRoutes(server: FastifyInstance, routes: ConferenceRoutes): void {
  const { execute } = routes;
  for (const [method, on] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    server.route<{ Params: Static<typeof One> }>({
      method,
      url: '/conferences/:conference/moh',
      schema: { params: One, description: 'Those who are alone or wait hear music in this run of the room, or hear none.', ...answers },
      handler: async (request) => {
        const { actor, conference } = await place(routes, request);
        return encode.conference(await execute('conference.moh', { conference, on }, actor));
      },
    });
    server.route<{ Params: Static<typeof One> }>({
      method,
      url: '/conferences/:conference/mute',
      schema: { params: One, description: 'Mutes all members and those who will come, or lifts that.', ...answers },
      handler: async (request) => {
        const { actor, conference } = await place(routes, request);
        return encode.conference(await execute('conference.mute', { conference, muted: on }, actor));
      },
    });
  }
  server.post<{ Params: Static<typeof One>; Body: Static<typeof Extension> }>(
    '/conferences/:conference/extend',
    { schema: { params: One, body: Extension, ...answers } },
    async (request) => {
      const { actor, conference } = await place(routes, request);
      return encode.conference(await execute('conference.extend', { conference, seconds: request.body.seconds }, actor));
    },
  );
  for (const act of ['admit', 'deny'] as const) {
    server.post<{ Params: Static<typeof Waiter> }>(
      `/conferences/:conference/waiting/:call/${act}`,
      { schema: { params: Waiter, ...answers } },
      async (request) => {
        const { actor, conference } = await place(routes, request);
        const { call } = request.params;
        const which = call === 'next' || call === 'all' ? call : (undashed(call) as CallId);
        return encode.conference(await execute(`waiting.${act}`, { conference, which }, actor));
      },
    );
  }
}
