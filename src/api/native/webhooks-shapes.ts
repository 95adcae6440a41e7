import { Type } from 'typebox';
import { factTypes } from '../../webhooks/index.ts';
import { asking, pageShape, paging } from './page.ts';

const Time = Type.String({ format: 'date-time' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(shape: T, description?: string) =>
  Type.Union([shape, Type.Null()], description === undefined ? {} : { description });

const Url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'http or https, to an address that everybody can reach; who runs the server may allow others (PARLEY_FETCH_ALLOW).',
});
const Types = Type.Array(Type.String(), {
  minItems: 1,
  maxItems: 64,
  description: `Types of facts, groups of them (\`participant.*\`) or \`*\`: ${factTypes.join(', ')}. \`cdr\` is another name of call.recorded.`,
});
const Order = Type.Union([Type.Literal('none'), Type.Literal('conference')], {
  description: 'conference: nothing of a conference is sent before what came before it was taken or given up.',
});

/** What a client sends to make a webhook. */
export const WebhookDraft = Type.Object(
  {
    url: Url,
    types: Type.Optional(Types),
    // Null comes first: where a text is tried first, Ajv turns null into an empty one.
    conference: Type.Optional(Type.Union([Type.Null(), Type.String()], { description: 'Facts of this one only; null or absent: of all.' })),
    order: Type.Optional(Order),
    enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** What a client sends to change one; what is absent stays. */
export const WebhookPatch = Type.Object(Type.Partial(WebhookDraft).properties, { additionalProperties: false, minProperties: 1 });

const known = {
  id: Type.String({ description: 'A UUID with dashes.' }),
  url: Type.String(),
  types: Type.Array(Type.String()),
  conference: orNull(Type.String()),
  order: Order,
  enabled: Type.Boolean(),
  disabled_reason: orNull(Type.String(), 'Why it was switched off by itself; null when it was not.'),
  rotation_ends_at: orNull(Time, 'Until then messages are signed by an old secret too.'),
  created_at: Time,
};

/** A webhook. Its secret is not told any more. */
export const WebhookShape = Type.Object(known);

/** A webhook with its secret: told once. */
export const WebhookWithSecret = Type.Object({
  ...known,
  secret: Type.String({ description: '`whsec_` and base64. Keep it: it is not told again.' }),
});

/** All webhooks of an account, oldest first. */
export const WebhookList = pageShape(WebhookShape);

/** Which webhook. */
export const OneWebhook = Type.Object({ webhook: Type.String() });

/** Which message. */
export const OneDelivery = Type.Object({ webhook: Type.String(), delivery: Type.String() });

/** How a secret is replaced. */
export const Rotation = Type.Object(
  {
    overlap_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        description: 'How long the old secret signs beside the new one; default a day, 0 when it leaked.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** What came of a test message. */
export const TestResult = Type.Object({
  id: Type.String({ description: 'Its webhook-id.' }),
  taken: Type.Boolean({ description: 'Whether it would count as delivered.' }),
  outcome: Type.String({ description: 'The status, or why there was none.' }),
  took_ms: Type.Integer(),
});

const State = Type.Union([Type.Literal('pending'), Type.Literal('delivered'), Type.Literal('dead')]);

/** A message on its way. */
export const DeliveryShape = Type.Object({
  id: Type.String({ description: 'The webhook-id of every attempt.' }),
  type: Type.String(),
  conference: orNull(Type.String()),
  state: State,
  attempts: Type.Integer(),
  outcome: orNull(Type.String(), 'What the last attempt gave: a status, or why there was none.'),
  next_attempt_at: orNull(Time),
  last_attempt_at: orNull(Time, 'Of what is delivered or dead.'),
  payload: Type.Object({}, { additionalProperties: true, description: 'What is sent.' }),
});

/** A page of messages, newest fact first. */
export const DeliveryPage = Type.Object({ items: Type.Array(DeliveryShape), next_cursor: orNull(Type.String()) });

/** How a list of messages is cut. */
export const DeliveryCut = Type.Object({
  state: Type.Optional(State),
  ...paging,
  ...asking,
});

/** Which messages are sent once more. */
export const ReplayWish = Type.Object(
  {
    state: Type.Optional(Type.Literal('dead', { description: 'All that were given up.' })),
    from: Type.Optional(Type.String({ description: 'All facts since this time (RFC 3339), also what was never sent.' })),
    to: Type.Optional(Type.String({ description: 'Until before this time; absent: until now.' })),
  },
  { additionalProperties: false, minProperties: 1, examples: [{ state: 'dead' }] },
);

/** How many will be sent once more. */
export const ReplayResult = Type.Object({
  replayed: Type.Integer(),
  next_from: orNull(Time, 'There is more: ask again with this as `from` (and the same `to`).'),
});
