import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type AccountId, type Accounts, type User, type UserId, usernameOf } from '../../accounts/index.ts';
import { dashed, isoMillis, type JsonObject, undashed } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import { exact } from './exact.ts';
import { Cut, type ListKey, pageOf, pageShape } from './page.ts';
import { Problem } from './problem.ts';
import { ProblemShape } from './shapes.ts';

const strict = { additionalProperties: false } as const;
const username = Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\s~][^\\s]*$' });
const password = Type.String({ minLength: 8, maxLength: 128 });
const name = Type.String({ maxLength: 128, description: 'Empty: none.' });
const role = Type.Union([Type.Literal('admin'), Type.Literal('user')], {
  description: 'admin: all of the account. user: only the conferences that he owns or moderates.',
});
const optional = {
  first_name: Type.Optional(name),
  last_name: Type.Optional(name),
  role: Type.Optional(role),
  enabled: Type.Optional(Type.Boolean()),
};

const Draft = Type.Object({ username, password: Type.Optional(password), ...optional }, strict);
const Patch = Type.Object(
  {
    username: Type.Optional(username),
    password: Type.Optional(Type.String({ minLength: 8, maxLength: 128, description: 'Needed with a new username.' })),
    ...optional,
  },
  { ...strict, minProperties: 1 },
);
const Shape = Type.Object({
  id: Type.String(),
  username: Type.Union([Type.String(), Type.Null()], { description: 'null: he cannot log in.' }),
  first_name: Type.String(),
  last_name: Type.String(),
  role,
  enabled: Type.Boolean(),
  created_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  password: Type.Optional(Type.String({ description: 'Only where it was just made up.' })),
});
const List = pageShape(Shape);
const One = Type.Object({ user: Type.String() });

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['users'],
});

/** What the resource needs. */
export interface UserRoutes {
  readonly accounts: Accounts;
  /** In whose name somebody comes who may change what belongs to the account; refuses others. */
  readonly adminOf: (request: FastifyRequest) => Promise<Actor>;
}

const said = (user: User, key: string): string => {
  const value = user.sheet?.document[key];
  return typeof value === 'string' ? value : '';
};

const body = (user: User, secret?: string): JsonObject => ({
  id: dashed(user.id),
  username: usernameOf(user) ?? null,
  first_name: said(user, 'first_name'),
  last_name: said(user, 'last_name'),
  role: user.privilege,
  enabled: user.enabled,
  created_at: user.createdAt === undefined ? null : isoMillis(user.createdAt),
  ...(secret === undefined ? {} : { password: secret }),
});

/** A document with the names that are asked for; an empty one goes. */
function named(document: JsonObject | undefined, { first_name: first, last_name: last }: Static<typeof Patch>): JsonObject {
  const wishes = Object.entries({ first_name: first, last_name: last }).filter((each): each is [string, string] => each[1] !== undefined);
  const kept = Object.entries(document ?? {}).filter(([key]) => !wishes.some(([wish]) => wish === key));
  return Object.fromEntries([...kept, ...wishes.filter(([, value]) => value !== '')]);
}

/** Somebody must be left who can put things right. */
async function keepAnAdmin(accounts: Accounts, account: AccountId, gone: UserId): Promise<void> {
  const users = await accounts.directory.users(account);
  const [admins, left] = [users.filter(isChief), users.filter((each) => each.id !== gone && isChief(each))];
  if (left.length === 0 && admins.some(({ id }) => id === gone)) {
    throw new Problem(409, 'last_admin', 'an account keeps at least one admin who can log in');
  }
}

const isChief = (user: User): boolean => user.privilege === 'admin' && user.enabled && usernameOf(user) !== undefined;

/** `/api/users`: who may log in. */
export function userRoutes(server: FastifyInstance, { accounts, adminOf }: UserRoutes): void {
  const { directory } = accounts;
  const idOf = ({ params }: { readonly params: Static<typeof One> }): UserId => undashed(params.user) as UserId;

  server.get<{ Querystring: Static<typeof Cut> }>('/users', { schema: { querystring: Cut, ...answers(200, List) } }, async (request) => {
    const { account } = await adminOf(request);
    const keyOf = ({ createdAt = 0, id }: User): ListKey => [createdAt, id];
    const page = pageOf(await directory.users(account), { keyOf, ...request.query });
    return { ...page, items: page.items.map((each) => body(each)) };
  });

  server.post<{ Body: Static<typeof Draft> }>(
    '/users',
    { ...exact, schema: { body: Draft, ...answers(201, Shape) } },
    async (request, reply) => {
      const { account } = await adminOf(request);
      const { username, password: chosen, role: privilege = 'user', enabled = true, ...rest } = request.body;
      const wish = {
        account,
        username,
        privilege,
        enabled,
        document: named(undefined, rest),
        ...(chosen === undefined ? {} : { password: chosen }),
      };
      const made = await directory.createUser(wish);
      return reply
        .code(201)
        .header('location', `/api/users/${dashed(made.id)}`)
        .header('cache-control', 'no-store')
        .send(body(made, chosen === undefined ? made.password : undefined));
    },
  );

  server.get<{ Params: Static<typeof One> }>('/users/:user', { schema: { params: One, ...answers(200, Shape) } }, async (request) => {
    const user = await directory.user((await adminOf(request)).account, idOf(request));
    if (user === undefined) throw new Problem(404, 'user_not_found', 'there is no such user');
    return body(user);
  });

  server.patch<{ Params: Static<typeof One>; Body: Static<typeof Patch> }>(
    '/users/:user',
    { ...exact, schema: { params: One, body: Patch, ...answers(200, Shape) } },
    async (request) => {
      const { account } = await adminOf(request);
      const { username, password: secret, role: privilege, enabled } = request.body;
      if (privilege === 'user' || enabled === false) await keepAnAdmin(accounts, account, idOf(request));
      const changed = await directory.changeUser(account, idOf(request), (now) => ({
        username: username ?? usernameOf(now) ?? null,
        ...(secret === undefined ? {} : { password: secret }),
        privilege: privilege ?? now.privilege,
        enabled: enabled ?? now.enabled,
        document: named(now.sheet?.document, request.body),
      }));
      return body(changed);
    },
  );

  server.delete<{ Params: Static<typeof One> }>(
    '/users/:user',
    { schema: { params: One, ...answers(204, Type.Null({ description: 'No content.' })) } },
    async (request, reply) => {
      const { account } = await adminOf(request);
      await keepAnAdmin(accounts, account, idOf(request));
      await directory.removeUser(account, idOf(request));
      return reply.code(204).send();
    },
  );
}
