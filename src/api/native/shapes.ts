import { Type } from 'typebox';
import { pageShape } from './page.ts';
import { sounds } from './sounds-shapes.ts';

const Document = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'The settings of the conference: name, conference_numbers, member, moderator, max_participants …',
  },
);

/** What a client sends to make or change a conference. */
export const Draft = Type.Object(
  {
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$' })),
    document: Type.Optional(Document),
  },
  { additionalProperties: false },
);

/** A merge patch of the settings (RFC 7396): `null` deletes. */
export const Patch = Type.Object({ document: Document }, { additionalProperties: false });

const Time = Type.String({ format: 'date-time' });
const Nothing = Type.Null();

const known = {
  id: Type.String(),
  number: Type.Integer(),
  role: Type.Union([Type.Literal('member'), Type.Literal('moderator')]),
  caller_name: Type.String(),
  caller_number: Type.String(),
  call_id: Type.String({ description: 'The SIP Call-ID.' }),
  ghost: Type.Boolean({ description: 'Listed, but not counted.' }),
  joined_at: Time,
  stream: Type.Optional(
    Type.Union([Type.Literal('in'), Type.Literal('out'), Type.Literal('both')], {
      description: 'A program, and which way its sound goes: into the room, out of it, or both. Absent: a telephone.',
    }),
  ),
};

const steered = {
  muted: Type.Boolean(),
  mute_reasons: Type.Array(Type.String(), { description: 'self, moderator, room, hold: heard only when it is empty.' }),
  deaf: Type.Boolean(),
  gain_in: Type.Number({ description: 'How loud the others hear him: times his own loudness.' }),
  gain_out: Type.Number({ description: 'How loud he hears the others.' }),
  energy_level: Type.Optional(
    Type.Number({ description: 'Mean absolute sample value above which he is heard, 0 … 1800. Absent: as the conference has it.' }),
  ),
  hand_raised_at: Type.Optional(Type.String({ format: 'date-time', description: 'He wants to speak; absent: his hand is down.' })),
  coaches: Type.Optional(Type.String({ description: 'Only this participant hears him. Absent: all do.' })),
  notice_heard: Type.Optional(Type.String({ description: 'The recording that he was told of to the end of the words.' })),
  consent: Type.Optional(
    Type.Object(
      {
        recording: Type.String(),
        state: Type.Union([Type.Literal('asked'), Type.Literal('given'), Type.Literal('refused')]),
        until: Type.Optional(Time),
      },
      { description: 'Whether he agrees to be in that recording: only who does is in its files. Absent: he was never asked.' },
    ),
  ),
};

/** Somebody, as facts know him. */
export const Person = Type.Object({ ...known, ...steered });

/** Somebody who starts or stops talking. */
export const Talker = Type.Object({ ...known, talking: Type.Boolean() });

/** Somebody in a conference. */
export const Participant = Type.Object({ ...known, ...steered, talking: Type.Boolean() });

/** Two people who do not hear each other, one way. */
export const Relationship = Type.Object({
  participant: Type.String(),
  other: Type.String(),
  relationship: Type.Union([Type.Literal('mute'), Type.Literal('deaf')], {
    description: 'mute: the other one does not hear the participant; deaf: the participant does not hear the other one.',
  }),
});

/** Who waits to be admitted. */
export const waiters = Type.Array(
  Type.Object({
    id: Type.String({ description: 'The id of his call.' }),
    caller_name: Type.String(),
    caller_number: Type.String(),
    call_id: Type.String(),
    waits_since: Time,
  }),
  { description: 'Who waits to be admitted, longest first; neither listed nor counted.' },
);

/** What was set for one run of a room alone. */
export const SetAlone = Type.Object(
  {
    max_participants: Type.Union([Type.Integer(), Nothing]),
    caller_name: Type.Union([Type.String(), Nothing]),
    caller_number: Type.Union([Type.String(), Nothing]),
  },
  {
    description:
      'What was set for this run of the room alone: how many may be in, who is said to call others in; null: as the document has it.',
  },
);

/** A conference. */
export const Conference = Type.Object({
  id: Type.String({ description: 'A UUID with dashes.' }),
  name: Type.String(),
  document: Document,
  revision: Type.Integer(),
  created_at: Time,
  modified_at: Time,
  locked: Type.Boolean(),
  started: Type.Boolean({ description: 'A moderator has come whom people waited for.' }),
  members_muted: Type.Boolean({ description: 'All members are muted, and so is who comes.' }),
  moh: Type.Boolean({ description: 'Who is alone or waits hears music, where the conference has any.' }),
  set: SetAlone,
  floor_taken: Type.Union([Type.String(), Nothing], { description: 'Who has taken the floor, whoever talks; null: nobody has.' }),
  ends_at: Type.Union([Time, Nothing], { description: 'When everybody is sent away; null: when the last one leaves.' }),
  unattended_until: Type.Union([Time, Nothing], {
    description: 'The last moderator has left: when members are sent away unless one comes.',
  }),
  waiting: waiters,
  running_since: Type.Union([Time, Nothing]),
  instance: Type.Union([Type.String(), Nothing], { description: 'Names this run of the room; null while nobody is in.' }),
  sequence: Type.Integer({ description: 'The number of the last thing that happened in it; events carry the same numbers.' }),
  participants: Type.Array(Participant),
  relationships: Type.Array(Relationship),
  ...sounds,
});

/** A page of conferences. */
export const Page = pageShape(Conference);

/** A page of who is in one. */
export const People = pageShape(Participant);

/** Which conference. */
export const One = Type.Object({ conference: Type.String() });

/** Which participant: the small number, or the id. */
export const Somebody = Type.Object({ conference: Type.String(), participant: Type.String() });

/** RFC 9457. */
export const ProblemShape = Type.Object(
  { type: Type.String(), title: Type.String(), status: Type.Integer(), detail: Type.String(), code: Type.String() },
  { additionalProperties: true },
);
