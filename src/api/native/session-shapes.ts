import { Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });

/** Who logs in. */
export const Login = Type.Object(
  {
    account: Type.Optional(
      Type.String({
        maxLength: 256,
        description: 'Name or realm of the account; absent: the first one of this server, or what follows @ in the username.',
      }),
    ),
    username: Type.String({ minLength: 1, maxLength: 256 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  { additionalProperties: false },
);

/** Who is logged in, and what he may do. */
export const SessionShape = Type.Object({
  account: Type.Object({ id: Type.String({ description: 'A UUID with dashes.' }), name: Type.String(), realm: Type.String() }),
  user: Type.Union([Type.Object({ id: Type.String(), username: Type.String(), name: Type.String() }), Type.Null()], {
    description: 'null: the account’s own key was shown.',
  }),
  role: Type.Union([Type.Literal('admin'), Type.Literal('user')], {
    description: 'admin: all of the account. user: only the conferences that he owns (`owner_id`) or moderates (`moderator.users`).',
  }),
  expires_at: Type.Union([Time, Type.Null()], {
    description: 'When the session ends unless it is used: `GET /api/session` in its second half renews it. null: it does not.',
  }),
});
