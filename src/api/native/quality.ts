import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { dashed, isoMillis, type JsonObject, undashed } from '../../base/index.ts';
import type { Participant } from '../../conference/index.ts';
import type { LegQualities } from '../options.ts';
import type { ConferenceRoutes } from './conferences.ts';
import { talks } from './encode.ts';
import { find } from './find.ts';
import { ProblemShape } from './shapes.ts';

const One = Type.Object({ conference: Type.String() });
/** Each costs the media threads a word; whoever looks at a long list sees a screen of it at a time. */
const MOST = 200;

const Wish = Type.Object({
  participants: Type.Optional(
    Type.String({
      maxLength: 64 * MOST,
      description: `Of these, by numbers or ids with commas between, at most ${MOST}. Default: of the first ${MOST}.`,
    }),
  ),
  account: Type.Optional(Type.String({ description: 'Act on this descendant of the own account.' })),
});

const Maybe = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Union([shape, Type.Null()]);

const Quality = Type.Object({
  id: Type.String(),
  number: Type.Integer(),
  talking: Type.Boolean(),
  energy: Type.Integer({ description: 'Mean absolute sample value just now, 0 to 32767.' }),
  codec: Maybe(Type.String({ description: 'null: nothing is agreed on yet, or it is a program.' })),
  packets_in: Type.Integer(),
  packets_out: Type.Integer(),
  lost: Type.Integer(),
  late: Type.Integer(),
  concealed: Type.Integer(),
  jitter_ms: Maybe(Type.Number()),
  round_trip_ms: Maybe(Type.Number()),
  buffer_ms: Maybe(Type.Number()),
  mos: Maybe(Type.Number({ description: '1 to 4.5, of conversation (RFC 3611 §4.7.5).' })),
});

const Qualities = Type.Object({ at: Type.String({ format: 'date-time' }), items: Type.Array(Quality) });

/** What the resource needs. */
export interface QualityRoutes extends ConferenceRoutes {
  readonly clock: { epoch(): number };
  /** Absent: nobody knows, and it is not there. */
  readonly qualityOf: LegQualities | undefined;
}

const rounded = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Math.round(value * 100) / 100;

/** Those who are named, in the order of the room. */
function meant(people: readonly Participant[], named: string | undefined): readonly Participant[] {
  if (named === undefined) return people.slice(0, MOST);
  const wanted = new Set(
    named
      .split(',')
      .slice(0, MOST)
      .map((each) => undashed(each.trim())),
  );
  return people.filter(({ id, number }) => wanted.has(id) || wanted.has(String(number)));
}

/** `/api/conferences/{id}/quality`: how people sound just now. */
export function qualityRoutes(server: FastifyInstance, { execute, actorOf, qualityOf, clock }: QualityRoutes): void {
  if (qualityOf === undefined) return;
  server.get<{ Params: Static<typeof One>; Querystring: Static<typeof Wish> }>(
    '/conferences/:conference/quality',
    {
      schema: {
        params: One,
        querystring: Wish,
        response: { 200: Qualities, '4xx': ProblemShape, '5xx': ProblemShape },
        tags: ['conferences'],
        description: 'How loud people are and how their telephones do: of a moment, for whoever looks at them.',
      },
    },
    async (request) => {
      const actor = actorOf(request);
      const view = await execute('conference.read', { conference: await find(execute, actor, request.params.conference) }, actor);
      const people = meant(view.conference.room?.participants ?? [], request.query.participants);
      const items = people.map(async (each): Promise<JsonObject> => {
        const { id, number, call } = each;
        const known = call.stream === undefined ? await qualityOf(call.leg) : undefined;
        return {
          id: dashed(id),
          number,
          talking: talks(view, each),
          energy: Math.round(view.levels.get(call.leg)?.energy ?? 0),
          codec: known?.codec ?? null,
          packets_in: known?.packetsIn ?? 0,
          packets_out: known?.packetsOut ?? 0,
          lost: known?.lost ?? 0,
          late: known?.late ?? 0,
          concealed: known?.concealed ?? 0,
          jitter_ms: rounded(known?.jitter),
          round_trip_ms: rounded(known?.roundTrip),
          buffer_ms: rounded(known?.bufferMs),
          mos: rounded(known?.mosCq),
        };
      });
      return { at: isoMillis(clock.epoch()), items: await Promise.all(items) };
    },
  );
}
