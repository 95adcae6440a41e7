import { Type } from 'typebox';
import { Conference, Person, ProblemShape, Talker } from '../shapes.ts';
import { eventTypes, meaningOf } from './event-types.ts';

const Time = Type.String({ format: 'date-time' });
const Position = Type.Integer({ description: 'Its place in the one order of everything: come back with `after` of the last one seen.' });

/** Something that happened. */
export const Event = Type.Object(
  {
    type: Type.String({ enum: [...eventTypes], description: eventTypes.map((each) => `\`${each}\`: ${meaningOf(each)}`).join('\n\n') }),
    position: Type.Optional(Position),
    sequence: Type.Optional(
      Type.Integer({ description: 'Counts per conference, without gaps; absent of signals and of `call.recorded`.' }),
    ),
    conference: Type.Optional(Type.String({ description: 'A UUID with dashes.' })),
    account: Type.String(),
    at: Time,
    instance: Type.Optional(Type.String({ description: 'The run of the room in which it happened.' })),
    participant: Type.Optional(
      Type.Union([Person, Talker, Type.Object({ id: Type.String() })], {
        description:
          'Whom it is about, as he was right after it; of `participant.left`, right before. Signals say who it is, and `talking`.',
      }),
    ),
    reason: Type.Optional(Type.String()),
    mute_reasons: Type.Optional(Type.Array(Type.String())),
    gain_in: Type.Optional(Type.Number()),
    gain_out: Type.Optional(Type.Number()),
    other: Type.Optional(Type.String({ description: 'Of two people the other one.' })),
    relationship: Type.Optional(Type.String({ enum: ['mute', 'deaf', 'clear'] })),
    revision: Type.Optional(Type.Integer()),
    until: Type.Optional(Time),
    led: Type.Optional(Type.Boolean({ description: 'Of `room.attended`: false where no moderator has come.' })),
    minutes: Type.Optional(Type.Integer({ description: 'Until it ends.' })),
    ends_at: Type.Optional(Time),
    waiting: Type.Optional(
      Type.Object({ id: Type.String() }, { additionalProperties: true, description: 'Who waits to be admitted, by the id of his call.' }),
    ),
    energy: Type.Optional(Type.Number({ description: 'Of signals: how loud, 0 to 32 767.' })),
    call: Type.Optional(Type.String()),
    call_id: Type.Optional(Type.String({ description: 'The SIP Call-ID.' })),
    caller_number: Type.Optional(Type.String()),
    refusal: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
    recording: Type.Optional(Type.Object({ id: Type.String() }, { additionalProperties: true })),
    playing: Type.Optional(Type.Object({ id: Type.String() }, { additionalProperties: true })),
    transcription: Type.Optional(Type.Object({ id: Type.String() }, { additionalProperties: true })),
    text: Type.Optional(Type.String({ description: 'What was said.' })),
    language: Type.Optional(Type.String()),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    lost_ms: Type.Optional(Type.Number()),
    words: Type.Optional(Type.String({ description: 'For people: what went wrong.' })),
    talk: Type.Optional(
      Type.Object(
        { talk_ms: Type.Integer(), overlap_ms: Type.Integer() },
        { additionalProperties: true, description: 'Of `participant.left` also `turns`, of `room.closed` also `silence_ms`.' },
      ),
    ),
    cdr: Type.Optional(Type.Object({}, { additionalProperties: true })),
  },
  { additionalProperties: true },
);

const Snapshot = Type.Object({
  type: Type.Literal('snapshot'),
  position: Position,
  sequence: Type.Integer({ description: 'What happened up to this number is in it.' }),
  conference: Type.String(),
  account: Type.String(),
  at: Time,
  instance: Type.Optional(Type.String()),
  state: Conference,
});

const said = (type: string, description: string, more: Record<string, ReturnType<typeof Type.String>> = {}) =>
  Type.Object({ type: Type.Literal(type), position: Type.Optional(Position), at: Time, ...more }, { description });

const Message = Type.Union([
  Event,
  Snapshot,
  said('live', 'The past is told; from here on it is live.'),
  said('heartbeat', 'Every 15 s: all is well, and this is how far. Server-sent events say it in a comment and an `id`.'),
  said('goodbye', 'The last one; `reason` is a code, `detail` says it in words.', { reason: Type.String(), detail: Type.String() }),
]);

/** `GET /api/events` as OpenAPI shows it. */
export const eventsSchema = {
  tags: ['events'],
  summary: 'What happens, as it happens',
  description: [
    'Server-sent events; the same resource is a websocket when the request upgrades (one JSON text frame per message).',
    'Without `after` it begins with a snapshot of every running conference. Drop what has a `sequence` that was seen already.',
  ].join('\n\n'),
  security: [{ bearer: [] }, { accesskey: [] }, { token: [] }],
  querystring: Type.Object({
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'Begin after this position, without a gap. `Last-Event-ID` is newer.' })),
    conference: Type.Optional(Type.String({ description: 'Only of this one.' })),
    types: Type.Optional(Type.String({ description: 'Only these: `participant.*,conference.locked`.' })),
    signals: Type.Optional(Type.Boolean({ default: true, description: 'Also who talks.' })),
    snapshot: Type.Optional(Type.Boolean({ description: 'Default: true without `after`.' })),
    account: Type.Optional(Type.String({ description: 'Act on this descendant of the own account.' })),
    token: Type.Optional(Type.String({ description: 'A token, access key or API key, for those who cannot set headers.' })),
  }),
  response: {
    200: { description: 'A stream that ends with `goodbye`.', content: { 'text/event-stream': { schema: Message } } },
    '4xx': ProblemShape,
    '5xx': ProblemShape,
  },
};
