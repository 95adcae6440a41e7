import { Type } from 'typebox';
import { asking, pageShape, paging } from './page.ts';

const Time = Type.String({ format: 'date-time' });
const Nothing = Type.Null();
const Maybe = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Union([shape, Nothing]);

/** One leg, from its first message to its end. */
export const CdrShape = Type.Object({
  id: Type.String(),
  conference: Maybe(Type.String({ description: 'Null: it was refused before it was known where it wants to go.' })),
  participant: Maybe(Type.String()),
  role: Maybe(Type.String()),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  call_id: Type.String({ description: 'The SIP Call-ID.' }),
  caller_name: Type.String(),
  caller_number: Type.String(),
  called_number: Type.String(),
  started_at: Time,
  answered_at: Maybe(Time),
  ended_at: Time,
  duration_seconds: Type.Integer({ description: 'From its start to its end, rounded up.' }),
  billed_seconds: Type.Integer({ description: 'From its answer to its end, rounded up; 0 where it was not answered.' }),
  reason: Type.String({ description: 'hung-up, kicked, conference-deleted, media-lost, refused, failed, shutdown or restart.' }),
  refused_calls: Maybe(
    Type.Integer({ description: 'It stands for so many refused calls, which came too many at once to be kept each; null: for itself.' }),
  ),
  source: Maybe(Type.String({ description: 'Of these: the address or network that they came from; null: more than one.' })),
  sip_status: Type.Integer(),
  cause: Type.Integer({ description: 'Q.850.' }),
  codec: Maybe(Type.String()),
  quality: Maybe(
    Type.Object({}, { additionalProperties: true, description: 'Packets, losses, jitter, round trip, MOS, as we heard them.' }),
  ),
  channel_vars: Type.Record(Type.String(), Type.String()),
  variables: Type.Record(Type.String(), Type.String(), { description: 'What whoever dialled gave along.' }),
  consents: Type.Array(
    Type.Object({
      recording: Type.String(),
      state: Type.Union([Type.Literal('asked'), Type.Literal('given'), Type.Literal('refused')]),
    }),
    { description: 'Of each recording that asked him whether he agrees, what he said last; asked: nothing.' },
  ),
});

/** A page of them. */
export const CdrPage = pageShape(CdrShape);

/** Which ones. */
export const CdrWish = Type.Object({
  ...paging,
  from: Type.Optional(Type.String({ description: 'Not before this time (RFC 3339).' })),
  to: Type.Optional(Type.String({ description: 'Before this time (RFC 3339).' })),
  by: Type.Optional(
    Type.Union([Type.Literal('start'), Type.Literal('end')], {
      description:
        'Which time `from`, `to` and the order mean. Who asks again and again takes the end: so no long call is missed. Default start.',
    }),
  ),
  conference: Type.Optional(Type.String()),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv')], { description: 'As the Accept header, which `text/csv` says the same in.' }),
  ),
  ...asking,
});

/** Which record. */
export const OneCdr = Type.Object({ cdr: Type.String() });

/** Whom to erase. */
export const Erasure = Type.Object(
  {
    number: Type.String({ minLength: 1, maxLength: 128, description: 'Exactly as the records have it.' }),
    whole_recordings: Type.Optional(
      Type.Boolean({ default: false, description: 'Recordings in which he was are removed whole, and not his own tracks alone.' }),
    ),
  },
  { additionalProperties: false },
);

/** What was erased. */
export const ErasureDone = Type.Object({
  facts: Type.Integer(),
  cdrs: Type.Integer(),
  deliveries: Type.Integer(),
  transcripts: Type.Integer(),
  recordings: Type.Integer(),
  lockouts: Type.Integer({ description: 'Conferences, and the numbers of the account, at which wrong PINs of this caller were counted.' }),
  live: Type.Integer({ description: 'Calls of this number that are in a room now: ask again when they have left.' }),
});
