import { Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const Format = Type.Union([Type.Literal('wav'), Type.Literal('ogg')]);
const Language = Type.String({ minLength: 1, maxLength: 64, description: 'RFC 5646, as `en-US`.' });

/** A recording that is under way. */
export const Recording = Type.Object({
  id: Type.String(),
  name: Type.Optional(Type.String()),
  started_at: Time,
  state: Type.Union([Type.Literal('running'), Type.Literal('paused')]),
  stems: Type.Boolean({ description: 'One track per participant beside the mix.' }),
  format: Format,
  max_seconds: Type.Optional(Type.Integer()),
  silence: Type.Boolean({ description: 'Also the time in which nobody is there is written.' }),
});

/** A text that is spoken. */
const Saying = Type.Object(
  {
    say: Type.String({ minLength: 1, maxLength: 65_536 }),
    language: Type.Optional(Language),
    voice: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  { additionalProperties: false },
);

/** What is played. */
const Sources = Type.Array(
  Type.Union([
    Type.String({ minLength: 1, maxLength: 4096, description: 'A media id, a URL, `tone_stream://…`, `silence_stream://ms`.' }),
    Saying,
  ]),
  { minItems: 1, maxItems: 100, description: 'One behind the other.' },
);

/** Something that plays, or waits to. */
export const Playing = Type.Object({
  id: Type.String(),
  sources: Sources,
  to: Type.String({ description: '`all`, or the id of the participant who alone hears it.' }),
  loops: Type.Integer({ description: 'How often; 0: until it is stopped.' }),
  duck: Type.Number({ description: 'What voices are multiplied by meanwhile; 1: they are as loud as ever.' }),
  started_at: Type.Union([Time, Type.Null()], { description: 'Null: it waits for what plays for the same people.' }),
});

/** What is said is being written down. */
export const Transcription = Type.Object({ id: Type.String(), language: Type.String(), started_at: Time });

/** What somebody said in one go. */
export const Utterance = Type.Object({
  sequence: Type.Integer({ description: 'The number of the fact.' }),
  transcription: Type.String(),
  participant: Type.String({ description: 'The id of who said it, also when he has left.' }),
  caller_name: Type.Optional(Type.String()),
  text: Type.String(),
  language: Type.String(),
  from: Time,
  to: Time,
});

/** What goes on in a conference besides people. */
export const sounds = {
  recording: Type.Union([Recording, Type.Null()]),
  playing: Type.Array(Playing, { description: 'What plays and what waits, in the order in which it was asked for.' }),
  transcription: Type.Union([Transcription, Type.Null()]),
};

/** How a recording is wished for; what is left out is as the document of the conference says. */
export const RecordingWish = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    stems: Type.Optional(Type.Boolean()),
    format: Type.Optional(Format),
    max_seconds: Type.Optional(Type.Integer({ minimum: 1 })),
    silence: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** What is to be played, to whom. */
export const PlayWish = Type.Object(
  {
    sources: Sources,
    to: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Integer()], {
        description: '`all` (the default), or a participant by number or id.',
      }),
    ),
    loops: Type.Optional(Type.Integer({ minimum: 0, default: 1 })),
    duck: Type.Optional(Type.Number({ minimum: 0.01, maximum: 1, description: 'Default: as the profile says (`announcement-duck`).' })),
  },
  { additionalProperties: false },
);

/** In which language. */
export const TranscriptionWish = Type.Object({ language: Type.Optional(Language) }, { additionalProperties: false });
