import { type Static, Type } from 'typebox';

/** The longest description that is read; browsers write a fifth of it. */
export const MOST_SDP = 32_768;

const Role = Type.Union([Type.Literal('member'), Type.Literal('moderator')]);
const Sdp = Type.String({ minLength: 1, maxLength: MOST_SDP, description: 'A session description (RFC 8866), as the browser gives it.' });
const Code = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'The last part of the invitation’s link.' });
const type = <const Name extends string>(name: Name) => Type.Literal(name);
const closed = { additionalProperties: false } as const;

/** What a browser finds when it looks for the way through a firewall: `RTCConfiguration.iceServers` as it stands. */
export const IceServers = Type.Array(
  Type.Object({
    urls: Type.Array(Type.String()),
    username: Type.Optional(Type.String({ description: 'Good until the second that stands in front of the colon, where there is one.' })),
    credential: Type.Optional(Type.String()),
  }),
);

/** The first frame of a browser. */
export const Join = Type.Object(
  {
    type: type('join'),
    code: Code,
    sdp: Sdp,
    name: Type.Optional(Type.String({ maxLength: 128, description: 'Instead of the name in the invitation.' })),
    pin: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$', description: 'Saves the question.' })),
    resume: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{43}$',
        description: 'Out of the last `answer`: goes on as the same participant, within 30 s.',
      }),
    ),
    back: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{43}$',
        description:
          'The `resume` of a former call: within a day he is not counted again as a guest of his invitation. Where that is for so many guests, the former call ends.',
      }),
    ),
  },
  closed,
);

/** What moderators do to others by their pages. */
const Moderating = Type.Union([
  Type.Literal('mute'),
  Type.Literal('unmute'),
  Type.Literal('lower_hand'),
  Type.Literal('remove'),
  Type.Literal('admit'),
  Type.Literal('deny'),
  Type.Literal('lock'),
  Type.Literal('unlock'),
  Type.Literal('mute_all'),
  Type.Literal('unmute_all'),
]);

const fromBrowser = [
  Join,
  Type.Object({ type: type('offer'), sdp: Sdp }, { ...closed, description: 'A new offer: ICE restart, another microphone, hold.' }),
  Type.Object({ type: type('pin'), pin: Type.String({ pattern: '^[0-9]{0,16}$', description: 'Empty: without one.' }) }, closed),
  Type.Object(
    { type: type('key'), key: Type.String({ pattern: '^[0-9*#]$' }) },
    { ...closed, description: 'A key of the keypad: the same as on a telephone.' },
  ),
  Type.Object({ type: type('mute'), muted: Type.Boolean() }, closed),
  Type.Object({ type: type('deaf'), deaf: Type.Boolean() }, closed),
  Type.Object({ type: type('hand'), raised: Type.Boolean() }, closed),
  Type.Object(
    { type: type('candidate'), candidate: Type.Optional(Type.String({ maxLength: 1024 })) },
    { ...closed, description: 'Not needed: the server answers checks from wherever they come. Changes nothing.' },
  ),
  Type.Object(
    {
      type: type('moderate'),
      act: Moderating,
      who: Type.Optional(
        Type.String({
          maxLength: 64,
          description:
            'The `id` of a person; with `admit` and `deny` that of a caller, absent: all who wait. Not with locking and muting all.',
        }),
      ),
    },
    { ...closed, description: 'Only of moderators, and only in the conference that they are in.' },
  ),
  Type.Object({ type: type('leave') }, closed),
  Type.Object({ type: type('ping') }, closed),
] as const;

/** What a browser says, one frame of text each. */
export const FromBrowser = Type.Union([...fromBrowser]);
export type FromBrowser = Static<typeof FromBrowser>;

/** The same by its `type`, so that a refusal can say what is wrong with the one that was meant. */
export const fromBrowserByType: ReadonlyMap<string, (typeof fromBrowser)[number]> = new Map(
  fromBrowser.map((shape) => [shape.properties.type.const, shape]),
);

/** Somebody in the conference, as guests see him. */
export const JoinPerson = Type.Object({
  id: Type.String(),
  number: Type.Integer({ description: 'Small number, never given twice.' }),
  name: Type.String({ description: 'May hold anything that somebody called himself: text, never markup.' }),
  role: Role,
  kind: Type.Union([Type.Literal('phone'), Type.Literal('browser'), Type.Literal('program')]),
  talking: Type.Boolean(),
  muted: Type.Boolean(),
  deaf: Type.Boolean(),
  hand: Type.Boolean(),
  hand_raised_at: Type.Optional(Type.String({ format: 'date-time' })),
});
export type JoinPerson = Static<typeof JoinPerson>;

/** Somebody who waits to be let in, as moderators see him. */
export const JoinCaller = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'What he calls himself, else his number: text, never markup.' }),
  since: Type.String({ format: 'date-time' }),
});
export type JoinCaller = Static<typeof JoinCaller>;

/** What is true of the conference as a whole. */
export const JoinConference = Type.Object({
  name: Type.String(),
  language: Type.String({ description: 'RFC 5646.' }),
  locked: Type.Boolean(),
  recording: Type.Boolean(),
  transcribing: Type.Boolean({ description: 'Captions come.' }),
  members_muted: Type.Boolean(),
  waits_for_moderator: Type.Boolean({ description: 'Nobody hears anybody until a moderator is there.' }),
  ends_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
});
export type JoinConference = Static<typeof JoinConference>;

const toBrowser = [
  Type.Object(
    { type: type('answer'), sdp: Sdp, resume: Type.String(), ice_servers: IceServers },
    { description: 'To `join` and to each `offer`. From here on the browser hears what callers hear: welcome, questions, music.' },
  ),
  Type.Object(
    { type: type('pin'), wrong: Type.Boolean() },
    { description: 'A PIN is asked for; `wrong`: again, because the last one was wrong. Send `pin`.' },
  ),
  Type.Object(
    {
      type: type('waiting'),
      why: Type.Union([Type.Literal('welcome'), Type.Literal('name'), Type.Literal('checking'), Type.Literal('admission')], {
        description:
          'welcome: something is said first; name: he is asked for his name, a key ends what he says; checking: the PIN is looked at; admission: a moderator has to let him in.',
      }),
    },
    { description: 'Not in yet.' },
  ),
  Type.Object(
    {
      type: type('joined'),
      participant: Type.String({ description: 'His own id.' }),
      role: Role,
      conference: JoinConference,
    },
    { description: 'He takes part. `people` and `self` follow.' },
  ),
  Type.Object({ type: type('people'), people: Type.Array(JoinPerson) }, { description: 'Everybody, himself included.' }),
  Type.Object({ type: type('person'), person: JoinPerson }, { description: 'Somebody has come or is otherwise than before.' }),
  Type.Object({ type: type('left'), id: Type.String() }),
  Type.Object(
    { type: type('callers'), callers: Type.Array(JoinCaller) },
    { description: 'To moderators alone: everybody who waits to be let in, whenever somebody has come or gone.' },
  ),
  Type.Object({
    type: type('self'),
    role: Role,
    muted: Type.Boolean(),
    mute_reasons: Type.Array(Type.Union([Type.Literal('self'), Type.Literal('moderator'), Type.Literal('room'), Type.Literal('hold')]), {
      description: 'Heard only when it is empty.',
    }),
    can_unmute: Type.Boolean({ description: 'Whether `mute` with false would be heard: a moderator may have forbidden it.' }),
    deaf: Type.Boolean(),
    hand: Type.Boolean(),
    consent: Type.Optional(
      Type.Union([Type.Literal('asked'), Type.Literal('given'), Type.Literal('refused')], {
        description: 'Whether he agrees to be recorded; while he is `asked` the keys 1 and 2 say so. Absent: he was never asked.',
      }),
    ),
  }),
  Type.Object({ type: type('conference'), conference: JoinConference }, { description: 'It is otherwise than before.' }),
  Type.Object(
    {
      type: type('caption'),
      who: Type.Union([Type.String(), Type.Null()], { description: 'The id of who speaks; null: he cannot be told.' }),
      name: Type.String(),
      text: Type.String(),
      final: Type.Boolean({ description: 'False: the next one of the same person takes its place.' }),
      language: Type.String(),
    },
    { description: 'Only while somebody transcribes.' },
  ),
  Type.Object(
    {
      type: type('ended'),
      cause: Type.String({
        description:
          'left, kicked, denied, wrong-pin, locked-out, locked, full, overloaded, used, conference-over, no-moderator, no-consent, media-lost, taken-over, server-stopping, refused, failed.',
      }),
      text: Type.String(),
    },
    { description: 'The last frame: the call is over, and `resume` is worth nothing.' },
  ),
  Type.Object(
    {
      type: type('problem'),
      title: Type.String(),
      detail: Type.String(),
      status: Type.Integer(),
      code: Type.String({ description: 'As in docs/errors.md.' }),
      restarted: Type.Optional(
        Type.Boolean({ description: 'Of `resume_over`: the server was started anew and has forgotten every call; join again at once.' }),
      ),
    },
    { additionalProperties: true, description: 'What was said last was refused (RFC 9457). Before `answer` the socket closes behind it.' },
  ),
  Type.Object({ type: type('pong') }),
] as const;

/** What the server says, one frame of text each. */
export const ToBrowser = Type.Union([...toBrowser]);
export type ToBrowser = Static<typeof ToBrowser>;

/** `GET /api/invitations/{code}`: what the page must know before anybody joins, and nothing else. */
export const InvitationView = Type.Object({
  conference: Type.Object({ name: Type.String() }),
  name: Type.String({ description: 'Of the guest, as he was invited.' }),
  role: Role,
  language: Type.String({ description: 'RFC 5646: in which he is written and spoken to.' }),
  pin: Type.Boolean({ description: 'A PIN is asked for.' }),
  records_name: Type.Boolean({ description: 'He is asked to say his name when he comes in.' }),
  starts_at: Type.Optional(Type.String({ format: 'date-time' })),
  ends_at: Type.Optional(Type.String({ format: 'date-time' })),
  time_zone: Type.Optional(Type.String()),
  expires_at: Type.String({ format: 'date-time' }),
  numbers: Type.Array(Type.String(), { description: 'By which one dials in instead.' }),
  ice_servers: IceServers,
});
export type InvitationView = Static<typeof InvitationView>;
