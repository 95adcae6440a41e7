import { type User, type UserChange, type UserId, usernameOf } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Scene } from './answer.ts';
import { broken, refusals } from './refuse.ts';
import type { Entry, Resource } from './resource.ts';

/** His document: what it says besides, and his fields; never his password. */
function entryOf(user: User): Entry {
  const username = usernameOf(user);
  const { createdAt = user.sheet?.modifiedAt ?? 0, sheet } = user;
  // Users who were made before they had documents have no names.
  const names = { first_name: username ?? 'User', last_name: '-' };
  const fields = { ...(username === undefined ? {} : { username }), priv_level: user.privilege, enabled: user.enabled };
  return {
    id: user.id,
    document: { ...names, ...sheet?.document, ...fields },
    revision: sheet?.revision ?? 1,
    createdAt,
    modifiedAt: sheet?.modifiedAt ?? createdAt,
  };
}

/** What a document says to his fields. A password without a name to hash it with is refused. */
function partsOf({ username, password, priv_level, enabled, ...document }: JsonObject): UserChange {
  const name = typeof username === 'string' ? username : null;
  const secret = typeof password === 'string' && password !== '' ? password : undefined;
  if (name === null && secret !== undefined) {
    throw broken('username', 'required', { message: 'The username must be provided when updating the password' });
  }
  return {
    username: name,
    ...(secret === undefined ? {} : { password: secret }),
    privilege: priv_level === 'admin' ? 'admin' : 'user',
    enabled: enabled !== false,
    document,
  };
}

async function find({ accounts, account }: Scene, id: string): Promise<User> {
  const user = await accounts.directory.user(account.id, id as UserId);
  if (user === undefined) throw refusals.badId(id);
  return user;
}

const isSelf = ({ person, account }: Scene, id: string | null): boolean => person.user === id && person.account === account.id;

/** Who changes himself stays what he is. */
async function checkRank(scene: Scene, now: User, next: UserChange): Promise<void> {
  if (await scene.isAdmin()) return;
  if (next.privilege !== now.privilege || next.enabled !== now.enabled) throw refusals.forbidden();
}

const NAME_CHANGED = { message: 'The password must be provided when updating the user name' };

/** People who may log in (kazoo-facts §12). */
export const users: Resource = {
  schema: 'user',
  type: 'user',
  path: 'users',
  list: async ({ accounts, account }) => (await accounts.directory.users(account.id)).map(entryOf),
  item: ({ id, document }) => ({
    id,
    features: [],
    ...Object.fromEntries(
      ['username', 'email', 'first_name', 'last_name', 'priv_level', 'timezone', 'flags'].flatMap((key) =>
        document[key] === undefined ? [] : [[key, document[key]]],
      ),
    ),
  }),
  read: async (scene, id) => entryOf(await find(scene, id)),
  create: async ({ accounts, account }, document) =>
    entryOf(await accounts.directory.createUser({ account: account.id, ...partsOf(document) })),
  async change(scene, id, change) {
    const { accounts, account } = scene;
    const before = await find(scene, id);
    const wanted = partsOf(change(entryOf(before)));
    await checkRank(scene, before, wanted);
    return entryOf(
      await accounts.directory.changeUser(account.id, id as UserId, (now) => {
        // Somebody was quicker: what this changes is told anew.
        const next = now.sheet?.revision === before.sheet?.revision ? wanted : partsOf(change(entryOf(now)));
        return next;
      }),
    );
  },
  remove: async ({ accounts, account }, id) => entryOf(await accounts.directory.removeUser(account.id, id as UserId)),
  mayChange: async (scene, id) => isSelf(scene, id) || scene.isAdmin(),
  refuse(error, { username }) {
    if (error.code === 'username_taken')
      return broken('username', 'unique', { message: 'User name already in use', cause: username ?? '' });
    return error.code === 'password_missing' ? broken('password', 'required', NAME_CHANGED) : undefined;
  },
};
