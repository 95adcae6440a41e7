import { Type } from 'typebox';
import { pageShape, paging } from './page.ts';

const Time = Type.String({ format: 'date-time' });
const Nothing = Type.Null();
const Text = Type.Union([Type.String(), Nothing]);

const File = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('mix'), Type.Literal('stem'), Type.Literal('manifest'), Type.Literal('peaks')]),
  participant: Type.Union([Type.String(), Nothing], { description: 'Whose track; null where it is nobody’s alone.' }),
  offset_samples: Type.Integer({ description: 'Samples of the recording before the first one of the file.' }),
  bytes: Type.Integer(),
  sha256: Type.String(),
  url: Type.String({ description: 'Where it is downloaded, with ranges; needs the same permission as this answer.' }),
});

const known = {
  id: Type.String(),
  conference: Type.String(),
  instance: Type.String({ description: 'The run of the room.' }),
  name: Text,
  started_at: Time,
  ended_at: Type.Union([Time, Nothing]),
  state: Type.Union(
    [Type.Literal('awaited'), Type.Literal('running'), Type.Literal('storing'), Type.Literal('stored'), Type.Literal('failed')],
    {
      description:
        'awaited: it begins when somebody comes. storing: it is over, can be downloaded, and is on its way to where recordings are kept.',
    },
  ),
  seconds: Type.Number(),
  rate: Type.Integer({ description: 'Hz.' }),
  format: Type.Union([Type.Literal('wav'), Type.Literal('ogg')]),
  place: Type.Union([Type.String(), Nothing], { description: 'folder, or s3://bucket/prefix; null until it is stored.' }),
  reason: Type.Union([Type.String(), Nothing], {
    description: 'asked, room-closed, limit, silence, failed or restart; null while it runs.',
  }),
  words: Type.Union([Type.String(), Nothing], { description: 'What else people should know.' }),
  repaired: Type.Boolean({ description: 'Its files were half made when the server started, and were repaired.' }),
  gaps: Type.Integer({ description: 'Parts that could not be written in time; the manifest names them.' }),
  erased: Type.Array(Type.String(), {
    description: 'Participants who were erased: their tracks are gone, the mix still has their voices.',
  }),
  files: Type.Array(File),
};

/** A recording. */
export const RecordingShape = Type.Object(known);

/** A recording with what its files say of themselves. */
export const WholeRecording = Type.Object({
  ...known,
  manifest: Type.Union([Type.Object({}, { additionalProperties: true }), Nothing], {
    description: 'Who, when, muted spans, offsets, hashes. Null while there is none, or where it cannot be read now.',
  }),
});

/** A page of them. */
export const RecordingPage = pageShape(RecordingShape);

const account = Type.Optional(Type.String({ description: 'Of this descendant of the own account.' }));
const accesskey = Type.Optional(Type.String({ description: 'Instead of the Authorization header.' }));

/** Which ones. */
export const RecordingWish = Type.Object({
  ...paging,
  from: Type.Optional(Type.String({ description: 'Not started before this time (RFC 3339).' })),
  to: Type.Optional(Type.String({ description: 'Started before this time (RFC 3339).' })),
  conference: Type.Optional(Type.String()),
  account,
  accesskey,
});

/** Which recording. */
export const OneRecording = Type.Object({ recording: Type.String() });

/** Which file. */
export const OneFile = Type.Object({ recording: Type.String(), file: Type.String() });

/** How a file is wanted. */
export const FileQuery = Type.Object({
  inline: Type.Optional(Type.Boolean({ default: false, description: 'To be played in place and not to be kept.' })),
  account,
  accesskey,
});

/** How fine a picture is wanted. */
export const PeaksQuery = Type.Object({
  points: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096, default: 800 })),
  account,
  accesskey,
});

/** The least and the most of each part. */
export const PeaksShape = Type.Object({
  seconds: Type.Number(),
  min: Type.Array(Type.Number({ description: 'From -1 to 1.' })),
  max: Type.Array(Type.Number()),
});

/** How long a link shall be good. */
export const LinkWish = Type.Object(
  { expires_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, default: 300 })) },
  { additionalProperties: false },
);

/** A link that needs no permission. */
export const LinkShape = Type.Object({ url: Type.String(), expires_at: Time });

/** A file that a link leads to; its name stands there for players, which look at it. */
export const LinkedFile = Type.Object({ file: Type.String() });

/** What a link is good by. */
export const TicketQuery = Type.Object({ ticket: Type.String() });
