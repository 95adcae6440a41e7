import type { Account, AccountId } from '../../accounts/index.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import { check } from '../document/check.ts';
import { merged } from '../document/paths.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { page } from './list.ts';
import type { Authenticate } from './login.ts';
import { broken, invalid, Refusal, refusals, refuse } from './refuse.ts';
import { objectData } from './request.ts';
import { type Entry, entryRevision, kept } from './resource.ts';

/** What is told of an account and never taken from a body. */
const TOLD = new Set(['created', 'is_reseller', 'reseller_id', 'superduper_admin', 'parent_id', 'descendants_count']);

const bodyOf = (data: JsonObject): JsonObject => Object.fromEntries(Object.entries(kept(data)).filter(([key]) => !TOLD.has(key)));

function checked(data: JsonObject): JsonObject {
  const result = check('account', data);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
}

/** The account's document: what it says besides, and its fields. */
export const entryOf = ({ id, name, realm, media, createdAt, sheet }: Account): Entry => ({
  id,
  document: { enabled: true, ...sheet?.document, name, realm, ...(media === undefined ? {} : { media }) },
  revision: sheet?.revision ?? 1,
  createdAt,
  modifiedAt: sheet?.modifiedAt ?? createdAt,
});

/** What a document says besides the fields. */
function partsOf({ name, realm, media, ...document }: JsonObject) {
  return {
    name: String(name),
    ...(realm === undefined ? {} : { realm: String(realm) }),
    ...(media === undefined ? {} : { media: media as JsonObject }),
    document,
  };
}

function answerOf(status: number, account: Account): Answer {
  const entry = entryOf(account);
  const told = {
    created: gregorian(account.createdAt),
    is_reseller: false,
    reseller_id: account.parent ?? account.id,
    superduper_admin: false,
  };
  return { status, data: { ...entry.document, ...told, id: entry.id }, revision: entryRevision(entry) };
}

/** What the domain refuses, in KAZOO's words. */
function inKazooWords(error: unknown, id: string, realm: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.code === 'realm_taken') return broken('realm', 'unique', { message: 'Account realm already in use', cause: String(realm) });
  if (error.code === 'account_has_children') {
    return new Refusal(409, 'account_has_descendants', { message: 'account has descendants' });
  }
  return refuse(error, id);
}

const read: Decode =
  ({ account }) =>
  async () => {
    const answer = answerOf(200, account);
    return { ...answer, headers: { etag: `"${answer.revision}"` } };
  };

/** Changes are the admins' affair. */
const byAdmin =
  (run: (scene: Scene) => Promise<Answer>, said: (scene: Scene) => JsonObject): Decode =>
  (scene) => {
    const { realm } = said(scene);
    return async () => {
      if (!(await scene.isAdmin())) throw refusals.forbidden();
      try {
        return await run(scene);
      } catch (error) {
        throw inKazooWords(error, scene.account.id, realm);
      }
    };
  };

async function changed({ accounts, account }: Scene, change: (now: JsonObject) => JsonObject): Promise<Answer> {
  const next = await accounts.changeAccount(account.id, (now) => {
    const { name, realm = now.realm, media, document } = partsOf(change(entryOf(now).document));
    const { media: _media, ...rest } = now;
    const sheet = { document, revision: 0, modifiedAt: 0 };
    return { ...rest, name, realm, ...(media === undefined ? {} : { media }), sheet };
  });
  return answerOf(200, next);
}

const replace: Decode = (scene) => {
  const document = checked(bodyOf(objectData(scene.asked)));
  return byAdmin(
    (asker) => changed(asker, () => document),
    () => document,
  )(scene);
};

const patch: Decode = (scene) => {
  const change = bodyOf(objectData(scene.asked));
  return byAdmin(
    (asker) => changed(asker, (now) => checked(bodyOf(merged(now, change)))),
    () => change,
  )(scene);
};

async function made(accounts: Scene['accounts'], parent: AccountId, document: JsonObject): Promise<Answer> {
  const account = await accounts.directory.createAccount({ ...partsOf(document), parent });
  return { ...answerOf(201, account), headers: { location: `/v2/accounts/${account.id}` } };
}

const create: Decode = (scene) => {
  const document = checked(bodyOf(objectData(scene.asked)));
  return byAdmin(
    ({ accounts, account }) => made(accounts, account.id, document),
    () => document,
  )(scene);
};

/** `PUT /v2/accounts`: below the account of whoever asks. */
const createBelowOwn: Authenticate = async ({ asked, accounts, identify }) => {
  const person = await identify();
  const document = checked(bodyOf(objectData(asked)));
  if (!(await accounts.isAdmin(person.account, person.user))) throw refusals.forbidden();
  try {
    return await made(accounts, person.account, document);
  } catch (error) {
    throw inKazooWords(error, person.account, document['realm']);
  }
};

/** The account goes with all that is live in it; whoever asks cannot take the ground from under his own feet. */
const remove: Decode = (scene) => {
  const plain = byAdmin(
    async ({ accounts, account }) => {
      await accounts.directory.removeAccount(account.id);
      const answer = answerOf(200, account);
      return { ...answer, data: { ...(answer.data as JsonObject), _read_only: { deleted: true } } };
    },
    () => ({}),
  )(scene);
  return async (execute, actor) => {
    const { accounts, account, person } = scene;
    if (!(await scene.isAdmin()) || person.account === account.id) throw refusals.forbidden();
    if ((await accounts.directory.children(account.id)).length > 0) {
      throw inKazooWords(new Failure('conflict', 'account_has_children', ''), account.id, undefined);
    }
    for (const { conference } of await execute('conference.list', {}, actor)) {
      await execute('conference.delete', { conference: conference.id, keep: true }, actor);
    }
    return plain(execute, actor);
  };
};

/** Accounts below this one, as a list. */
const below =
  (which: 'children' | 'descendants'): Decode =>
  ({ asked, accounts, account }) => {
    return async () => {
      const [found, all] = [await accounts.directory[which](account.id), await accounts.directory.descendants(account.id)];
      const parents = new Map(all.map(({ id, parent }) => [id, parent]));
      const tree = (id: AccountId | undefined): readonly AccountId[] =>
        id === undefined || id === account.id ? [account.id] : [...tree(parents.get(id)), id];
      const answer = page<Account>(asked.query, {
        idOf: ({ id }) => id,
        stored: (each) => ({
          ...entryOf(each).document,
          id: each.id,
          _id: each.id,
          pvt_type: 'account',
          pvt_created: gregorian(each.createdAt),
        }),
        shown: ({ id, name, realm, parent, sheet }) => ({
          id,
          name,
          realm,
          ...(which === 'descendants' ? { tree: tree(parent) } : {}),
          descendants_count: all.filter((each) => each.parent === id).length,
          flags: sheet?.document['flags'] ?? [],
        }),
      });
      return answer(found);
    };
  };

const apiKey: Decode =
  ({ account, isAdmin }) =>
  async () => {
    if (!(await isAdmin())) throw refusals.forbidden();
    return { status: 200, data: { api_key: account.apiKey }, revision: 'automatic' };
  };

const newApiKey: Decode = (scene) =>
  byAdmin(
    async ({ accounts, account }) => {
      const { apiKey: key } = await accounts.directory.newApiKey(account.id);
      return { status: 201, data: { api_key: key }, revision: 'automatic' };
    },
    () => ({}),
  )(scene);

/** `/accounts`. */
export const ownAccounts: Readonly<Record<string, Authenticate>> = { PUT: createBelowOwn, POST: createBelowOwn };
/** `/accounts/{A}`: PUT makes one below. */
export const oneAccount: Readonly<Record<string, Decode>> = { GET: read, PUT: create, POST: replace, PATCH: patch, DELETE: remove };
/** `/accounts/{A}/children`, `/descendants`, `/api_key`. */
export const childAccounts: Readonly<Record<string, Decode>> = { GET: below('children') };
export const descendantAccounts: Readonly<Record<string, Decode>> = { GET: below('descendants') };
export const accountKey: Readonly<Record<string, Decode>> = { GET: apiKey, PUT: newApiKey };
