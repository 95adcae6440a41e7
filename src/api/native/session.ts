import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Account, User } from '../../accounts/index.ts';
import { type Clock, dashed, isoMillis, type JsonObject } from '../../base/index.ts';
import { Rate } from '../rate.ts';
import { Problem } from './problem.ts';
import { admit, type Pass, placeOf, type Recognition } from './recognise.ts';
import { isOwnPage, SESSION_SECONDS, sessionCookie, sessionIn } from './session-cookie.ts';
import { Login, SessionShape } from './session-shapes.ts';
import { ProblemShape } from './shapes.ts';

/** What the routes of sessions need. */
export interface SessionRoutes extends Recognition {
  readonly clock: Clock;
}

const answers = (status: number, shape: object) => ({
  response: { [status]: shape, '4xx': ProblemShape, '5xx': ProblemShape },
  tags: ['session'],
});

/** Logins of one user, from wherever: whoever guesses on has to wait. Of one address: as all that proves who somebody is. */
const PER_USER = { capacity: 10, perSecond: 1 / 30 };

/** By what the password is kept (rulings "password hashes"). */
const credentialsOf = (username: string, password: string): string =>
  createHash('md5').update(`${username.toLowerCase()}:${password}`).digest('hex');

interface Meant {
  readonly username: string;
  readonly realm?: string;
  readonly accountName?: string;
}

/** Whom a login names: account by realm or name, else what follows @, else the first account of the server. */
async function meant({ account, username }: Static<typeof Login>, { accounts }: Recognition): Promise<Meant> {
  const named = account?.trim() ?? '';
  if (named !== '') return (await accounts.byRealm(named)) === undefined ? { username, accountName: named } : { username, realm: named };
  const at = username.lastIndexOf('@');
  const realm = at < 1 ? undefined : username.slice(at + 1);
  if (realm !== undefined && (await accounts.byRealm(realm)) !== undefined) return { username: username.slice(0, at), realm };
  const first = await accounts.first();
  return { username, realm: first?.realm ?? '.' };
}

const nameOf = ({ username, sheet }: User): string => {
  const parts = ['first_name', 'last_name'].map((key) => sheet?.document[key]).filter((each) => typeof each === 'string' && each !== '');
  return parts.length === 0 ? username : parts.join(' ');
};

/** `/api/session`: a browser logs in by a cookie that no script can read. */
export function sessionRoutes(server: FastifyInstance, routes: SessionRoutes): void {
  const { accounts, clock, tokens } = routes;
  const guesses = new Rate(clock, PER_USER);

  const shown = (account: Account, user: User | undefined, { isAdmin, expiresAt }: Shown): JsonObject => ({
    account: { id: dashed(account.id), name: account.name, realm: account.realm },
    user: user === undefined ? null : { id: dashed(user.id), username: user.username, name: nameOf(user) },
    role: isAdmin ? 'admin' : 'user',
    expires_at: expiresAt === undefined ? null : isoMillis(expiresAt),
  });
  const begin = async (request: FastifyRequest, reply: FastifyReply, { account, user }: { account: Account; user: User }) => {
    const token = await tokens.issueSession({ account: account.id, user: user.id, method: 'session' }, SESSION_SECONDS);
    reply.header('set-cookie', sessionCookie(token, request.protocol === 'https'));
    return shown(account, user, { isAdmin: user.privilege === 'admin', expiresAt: clock.epoch() + SESSION_SECONDS * 1000 });
  };

  server.addHook('onSend', async (_request, reply, payload) => {
    reply.header('cache-control', 'no-store');
    return payload;
  });

  server.post<{ Body: Static<typeof Login> }>(
    '/session',
    {
      schema: {
        body: Login,
        security: [],
        summary: 'Log in',
        description: 'Sets a cookie (HttpOnly, SameSite=Strict), which counts below `/api` and nowhere else.',
        ...answers(200, SessionShape),
      },
    },
    async (request, reply) => {
      mustBeOurs(request, routes);
      const who = await meant(request.body, routes);
      const [address, user] = [`${request.ip} /api`, `${who.realm ?? ''} ${who.accountName ?? ''} ${who.username.toLowerCase()}`];
      if (routes.rate.look(address).remaining < 1 || guesses.look(user).remaining < 1) {
        reply.header('retry-after', '30');
        throw new Problem(429, 'too_many_requests', 'too many failed attempts; wait a little');
      }
      const found = await accounts.logIn({ ...who, credentials: credentialsOf(who.username, request.body.password), method: 'md5' });
      if (found === undefined || !(await accounts.isEnabled(found.account.id, found.user.id))) {
        routes.rate.charge(address);
        guesses.charge(user);
        throw new Problem(401, 'bad_credentials', 'account, username and password do not fit together');
      }
      return begin(request, reply, found);
    },
  );

  server.get('/session', { schema: { summary: 'Who am I', ...answers(200, SessionShape) } }, async (request, reply) => {
    const { own, bySession, expiresAt, isAdmin } = await passOf(request, routes);
    const account = await accounts.account(own.account);
    const user = own.user && (await accounts.directory.user(own.account, own.user));
    if (account === undefined) throw new Problem(401, 'not_recognised', 'nobody was recognised');
    const isLate = expiresAt !== undefined && expiresAt - clock.epoch() < (SESSION_SECONDS * 1000) / 2;
    if (bySession && isLate && user !== undefined) return begin(request, reply, { account, user });
    return shown(account, user, { isAdmin: await isAdmin(), expiresAt });
  });

  server.delete('/session', { schema: { summary: 'Log out', security: [], ...answers(204, {}) } }, async (request, reply) => {
    mustBeOurs(request, routes);
    const isSecure = request.protocol === 'https';
    const token = sessionIn(request.headers['cookie'], isSecure);
    if (token !== undefined) await tokens.revoke(token);
    return reply.code(204).header('set-cookie', sessionCookie('', isSecure)).send();
  });
}

interface Shown {
  readonly isAdmin: boolean;
  readonly expiresAt: number | undefined;
}

const passOf = (request: FastifyRequest, recognition: Recognition): Promise<Pass> =>
  admit({ headers: request.headers, query: {}, address: request.ip, place: placeOf(request, recognition) }, recognition);

/** Nobody is logged in or out by a page of somebody else; programs, which say nothing of pages, may. */
function mustBeOurs(request: FastifyRequest, recognition: Recognition): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined && site === undefined) return;
  if (!isOwnPage(request, placeOf(request, recognition)))
    throw new Problem(403, 'cross_site', 'a session begins and ends on the pages of this server');
}
