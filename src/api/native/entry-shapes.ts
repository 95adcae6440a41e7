import { Type } from 'typebox';
import { pageShape } from './page.ts';

const Time = Type.String({ format: 'date-time' });
const Role = Type.Union([Type.Literal('member'), Type.Literal('moderator')]);

/** Whom to invite. */
export const InvitationDraft = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, description: 'Of the guest.' }),
    role: Type.Optional(Role),
    language: Type.Optional(
      Type.String({ pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$', maxLength: 35, description: 'RFC 5646; absent: the conference’s.' }),
    ),
    pin: Type.Optional(
      Type.Union([Type.Literal('one-time'), Type.Literal('shared'), Type.Literal('none')], {
        description:
          'one-time: a PIN of his own, told in this answer and never again; shared: the conference’s. Absent: shared where his role has a PIN.',
      }),
    ),
    starts_at: Type.Optional(Time),
    ends_at: Type.Optional(Time),
    time_zone: Type.Optional(
      Type.String({ maxLength: 64, description: 'In which the text writes these times, such as Europe/Berlin; absent: UTC.' }),
    ),
    max_uses: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: 1000 }), Type.Null()], {
        description:
          'How many guests may come in by its link, or by the PIN of their own. Who comes back within a day is not counted again. Absent: one with a PIN of his own, else, as with null, no limit.',
      }),
    ),
    expires_at: Type.Optional(Type.String({ format: 'date-time', description: 'Absent: a day after `ends_at`, else in 30 days.' })),
  },
  {
    additionalProperties: false,
    examples: [
      {
        name: 'Ada',
        role: 'moderator',
        language: 'en-GB',
        starts_at: '2026-11-21T14:00:00Z',
        ends_at: '2026-11-21T15:00:00Z',
        time_zone: 'Europe/Berlin',
      },
    ],
  },
);

const known = {
  id: Type.String(),
  name: Type.String(),
  role: Role,
  language: Type.Optional(Type.String()),
  pin: Type.String({ description: 'one-time, shared or none.' }),
  link: Type.String({ description: 'Where the guest reads his invitation; whoever has it sees it.' }),
  created_at: Time,
  expires_at: Time,
  starts_at: Type.Optional(Time),
  ends_at: Type.Optional(Time),
  time_zone: Type.Optional(Type.String()),
  max_uses: Type.Union([Type.Integer(), Type.Null()], { description: 'How many guests may come in by it; null: no limit.' }),
  uses: Type.Integer({ description: 'How many have come in by its link or its own PIN; without a limit, how often somebody has.' }),
  used_at: Type.Optional(Type.String({ format: 'date-time', description: 'When somebody came in by it for the first time.' })),
};

/** An invitation. */
export const InvitationShape = Type.Object(known);

/** An invitation with what the guest is to get. */
export const InvitationLetter = Type.Object({
  ...known,
  one_time_pin: Type.Optional(Type.String({ description: 'Told once, when the guest is invited.' })),
  subject: Type.String(),
  text: Type.String(),
  ics: Type.Union([Type.String(), Type.Null()], { description: 'A calendar entry (RFC 5545); null without `starts_at`.' }),
});

/** Invitations of a conference, newest first. */
export const InvitationList = pageShape(InvitationShape);

/** Which invitation. */
export const OneInvitation = Type.Object({ conference: Type.String(), invitation: Type.String() });

/** Whose PINs to change. */
export const RotationWish = Type.Object(
  { roles: Type.Optional(Type.Array(Role, { minItems: 1, uniqueItems: true, description: 'Absent: all that have PINs.' })) },
  { additionalProperties: false },
);

/** The new PINs. */
export const NewPins = Type.Object({
  member: Type.Optional(Type.Array(Type.String())),
  moderator: Type.Optional(Type.Array(Type.String())),
});

/** Somebody who may try no more. */
export const LockoutShape = Type.Object({
  conference: Type.Union([Type.String(), Type.Null()], { description: 'null: he guessed numbers of conferences.' }),
  caller_number: Type.String({ description: 'Empty: withheld; all who withhold theirs are one.' }),
  failed_calls: Type.Integer(),
  until: Time,
});

/** Who may try no more. */
export const LockoutList = pageShape(LockoutShape);

/** Whom to let try again. */
export const Release = Type.Object({ caller_number: Type.String({ maxLength: 128 }) }, { additionalProperties: true });
