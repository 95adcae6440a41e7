import type { AccessKey, Accounts } from '../../accounts/index.ts';
import { dashed, type JsonObject } from '../../base/index.ts';
import { listed, readPage } from './page.ts';
import { refusals } from './refused.ts';
import { bodyOf, idIn, integerIn, type Row, type Scene, textIn } from './scene.ts';
import { micros, NEVER, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface AccessKeyRoutes {
  readonly accounts: Accounts;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A day, in seconds: no key is good for less (voipbin-facts §1.4). */
const LEAST = 86_400;

/** A key is named by the beginning of its hash. */
const idOf = ({ hash }: AccessKey): string => hash.slice(0, 32);

/** An access key without what it is (voipbin-facts §2.8). */
const body = (key: AccessKey): JsonObject => ({
  id: dashed(idOf(key)),
  customer_id: dashed(key.account),
  name: key.name ?? '',
  detail: key.detail ?? '',
  token_prefix: key.prefix ?? '',
  tm_expire: stamp(key.expiresAt),
  tm_create: stampOfMicros(micros(key.createdAt, key.hash)),
  tm_update: stamp(key.modifiedAt),
  tm_delete: NEVER,
});

async function find({ accounts }: AccessKeyRoutes, scene: Scene): Promise<AccessKey> {
  const id = idIn(scene);
  const found = (await accounts.accessKeys(scene.person.account)).find((key) => idOf(key) === id);
  if (found === undefined) throw refusals.notFound('ACCESSKEY');
  await scene.onlyAdmins();
  return found;
}

const list =
  ({ accounts }: AccessKeyRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    const keys = await accounts.accessKeys(scene.person.account);
    return listed(
      keys.map((key) => ({ at: micros(key.createdAt, key.hash), key })),
      wish,
      ({ key }) => body(key),
    );
  };

/** It has the power of whoever makes it, and is shown this once. */
const create =
  ({ accounts, now }: AccessKeyRoutes) =>
  async (scene: Scene) => {
    const wish = bodyOf(scene);
    const [name, detail, expire] = [textIn(wish, 'name'), textIn(wish, 'detail'), integerIn(wish, 'expire')];
    if (expire < LEAST) throw refusals.badArgument(`The field expire must be at least ${LEAST} seconds.`);
    await scene.onlyAdmins();
    const { account, user } = scene.person;
    if (user === undefined) throw refusals.badArgument('An API key of the account makes no accesskeys: log in as a user.');
    const { key, token } = await accounts.createAccessKey({ account, user, name, detail, expiresAt: now() + 1000 * expire });
    return { ...body(key), token };
  };

const update = (routes: AccessKeyRoutes) => async (scene: Scene) => {
  idIn(scene);
  const wish = bodyOf(scene);
  const [name, detail] = [textIn(wish, 'name'), textIn(wish, 'detail')];
  const { account, hash } = await find(routes, scene);
  return body(await routes.accounts.changeAccessKey(account, hash, (now) => ({ ...now, name, detail })));
};

const remove = (routes: AccessKeyRoutes) => async (scene: Scene) => {
  const { account, hash } = await find(routes, scene);
  return { ...body(await routes.accounts.removeAccessKey(account, hash)), tm_delete: stamp(routes.now()) };
};

/** `/v1.0/accesskeys`. */
export const accessKeyRows = (routes: AccessKeyRoutes): readonly Row[] => [
  { method: 'GET', path: '/accesskeys', run: list(routes) },
  { method: 'POST', path: '/accesskeys', run: create(routes) },
  { method: 'GET', path: '/accesskeys/:id', run: async (scene) => body(await find(routes, scene)) },
  { method: 'PUT', path: '/accesskeys/:id', run: update(routes) },
  { method: 'DELETE', path: '/accesskeys/:id', run: remove(routes) },
];
