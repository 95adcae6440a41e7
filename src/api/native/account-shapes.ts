import { Type } from 'typebox';
import { pageShape } from './page.ts';

const Time = Type.String({ format: 'date-time' });
const Nothing = Type.Null();
const strict = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Days = Type.Integer({ minimum: 1, maximum: 36_500 });

/** Which codecs, the best first, and how encrypted, in KAZOO's words. */
export const Media = Type.Object(
  {
    audio: Type.Optional(
      Type.Object(
        {
          codecs: Type.Optional(
            Type.Array(Type.String({ pattern: '^(?:[Oo][Pp][Uu][Ss]|[Gg]722|[Pp][Cc][Mm][UuAa]|[Ll]16)$' }), {
              minItems: 1,
              maxItems: 10,
              description: 'Opus, G722, PCMU, PCMA, L16.',
            }),
          ),
        },
        strict,
      ),
    ),
    encryption: Type.Optional(
      Type.Object(
        {
          enforce_security: Type.Optional(Type.Boolean({ description: 'Calls without encrypted voice are refused.' })),
          methods: Type.Optional(Type.Array(Type.Literal('srtp'), { maxItems: 1, description: 'An empty list offers no encryption.' })),
        },
        strict,
      ),
    ),
  },
  strict,
);

const orNothing = <Shape extends Parameters<typeof Type.Union>[0][number]>(shape: Shape) => Type.Optional(Type.Union([shape, Nothing]));

const Prefixes = Type.Array(Type.String({ pattern: '^\\+?[0-9*#]{1,20}$' }), {
  maxItems: 1000,
  description: 'What numbers may begin with that go out through a trunk, in E.164. An empty list: none.',
});
const Domains = Type.Array(Type.String({ maxLength: 253, pattern: '^(\\*\\.)?[A-Za-z0-9.:-]+$' }), {
  maxItems: 1000,
  description: 'Hosts of SIP URIs that may be called, `*.example.org` for all below. An empty list: none.',
});

/** Where calls may go that are made; null: as the server's settings say. */
const DialPatch = Type.Object(
  {
    enabled: orNothing(Type.Boolean({ description: 'Whether anybody may dial out at all.' })),
    concurrent: orNothing(Count),
    per_hour: orNothing(Count),
    prefixes: orNothing(Prefixes),
    domains: orNothing(Domains),
  },
  strict,
);

/** What may be used at most; null takes a limit away. */
const LimitsPatch = Type.Object(
  {
    legs: orNothing(Count),
    minutes_per_month: orNothing(Count),
    dial: orNothing(DialPatch),
  },
  strict,
);

const RetentionPatch = Type.Object(
  {
    facts_days: orNothing(Days),
    cdrs_days: orNothing(Days),
    deliveries_days: orNothing(Days),
    recordings_days: orNothing(Days),
    transcripts_days: orNothing(Days),
  },
  strict,
);

/** What can be changed about an account; null takes a part away (RFC 7396), `media` is replaced as a whole. */
export const AccountPatch = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    media: orNothing(Media),
    limits: orNothing(LimitsPatch),
    retention: orNothing(RetentionPatch),
  },
  { ...strict, minProperties: 1 },
);

const number = Type.Union([Type.Integer(), Nothing]);
const texts = Type.Union([Type.Array(Type.String()), Nothing]);

const DialShape = Type.Object(
  { enabled: Type.Union([Type.Boolean(), Nothing]), concurrent: number, per_hour: number, prefixes: texts, domains: texts },
  { description: "Where calls may go that are made. Null: as the server's settings say." },
);

/** An account. */
export const AccountShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  realm: Type.String(),
  parent: Type.Union([Type.String(), Nothing]),
  created_at: Time,
  media: Type.Object({}, { additionalProperties: true }),
  limits: Type.Object({ legs: number, minutes_per_month: number, dial: DialShape }, { description: 'Null: not limited.' }),
  retention: Type.Object(
    { facts_days: number, cdrs_days: number, deliveries_days: number, recordings_days: number, transcripts_days: number },
    { description: "Null: as the server's settings say." },
  ),
  used: Type.Object({
    minutes_this_month: Type.Integer({
      description: 'Of legs that have ended since the first of the month (UTC), in full minutes, rounded up.',
    }),
  }),
});

const username = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_.!~*'()+-]+$" });
const password = Type.String({ minLength: 8, maxLength: 128, pattern: '^[ -~]+$' });
const name = Type.String({ minLength: 1, maxLength: 128 });

/** A device to be made; what is left out is random. */
export const DeviceDraft = Type.Object(
  {
    name: Type.Optional(name),
    username: Type.Optional(username),
    password: Type.Optional(password),
    enabled: Type.Optional(Type.Boolean()),
    media: Type.Optional(Media),
  },
  strict,
);

/** What can be changed about a device. A password of null makes a random one, which the answer shows. */
export const DevicePatch = Type.Object(
  {
    name: Type.Optional(name),
    username: Type.Optional(username),
    password: orNothing(password),
    enabled: Type.Optional(Type.Boolean()),
    media: orNothing(Media),
  },
  { ...strict, minProperties: 1 },
);

/** A device. */
export const DeviceShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  username: Type.String({ description: 'Its SIP user; its SIP domain is the realm of the account.' }),
  enabled: Type.Boolean(),
  owner: Type.Union([Type.String(), Nothing]),
  media: Type.Object({}, { additionalProperties: true }),
  password: Type.Optional(Type.String({ description: 'Only where it was just made or changed.' })),
});

/** Those of an account. */
export const DeviceList = pageShape(DeviceShape);

/** Which device. */
export const OneDevice = Type.Object({ device: Type.String() });
