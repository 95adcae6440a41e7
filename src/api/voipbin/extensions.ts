import type { Accounts, Device } from '../../accounts/index.ts';
import { dashed, Failure, type JsonObject, undashed, uuidOf } from '../../base/index.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, type Row, type Scene, textIn } from './scene.ts';
import { micros, NEVER, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface ExtensionRoutes {
  readonly accounts: Accounts;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Its key in a device's document; KAZOO keeps what begins with `pvt_` to itself. */
const DETAIL = 'pvt_detail';

const createdAt = ({ createdAt: at, sheet, id }: Device): number => micros(at ?? sheet?.modifiedAt ?? 0, id);

/** A device of the account as an extension (voipbin-facts §2.8). Whoever sees it is an admin, and may see its password. */
function body(device: Device, realm: string, deletedAt?: number): JsonObject {
  const { id, account, name, username, password, sheet } = device;
  const detail = sheet?.document[DETAIL];
  return {
    id: uuidOf(id, account),
    customer_id: dashed(account),
    name,
    detail: typeof detail === 'string' ? detail : '',
    extension: username,
    domain_name: realm,
    username,
    password,
    direct_hash: '',
    tm_create: stampOfMicros(createdAt(device)),
    tm_update: sheet !== undefined && sheet.revision > 1 ? stamp(sheet.modifiedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}

/** A text that must be there and say something. */
function required(wish: JsonObject, key: string): string {
  const text = textIn(wish, key);
  if (text === '') throw refusals.badArgument(`The field ${key} is required.`);
  return text;
}

/** What a SIP user may be, so that it can be dialled. */
const USER = /^[\w.+!~*'&=$,;?/-]{1,64}$/;

async function realmOf({ accounts }: ExtensionRoutes, { person }: Scene): Promise<string> {
  return (await accounts.account(person.account))?.realm ?? '';
}

async function find({ accounts }: ExtensionRoutes, scene: Scene): Promise<Device> {
  const id = idIn(scene);
  const { account } = scene.person;
  const found = (await accounts.devices(account)).find((each) => undashed(uuidOf(each.id, account)) === id);
  if (found === undefined) throw refusals.notFound('EXTENSION');
  await scene.onlyAdmins();
  return found;
}

const taken = (error: unknown): never => {
  if (!(error instanceof Failure) || error.code !== 'username_taken') throw error;
  throw new Refused('ALREADY_EXISTS', 'ALREADY_EXISTS', 'There is such an extension already.');
};

const list = (routes: ExtensionRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  await scene.onlyAdmins();
  const realm = await realmOf(routes, scene);
  const devices = await routes.accounts.devices(scene.person.account);
  return listed(
    devices.map((device) => ({ at: createdAt(device), device })),
    wish,
    ({ device }) => body(device, realm),
  );
};

const create = (routes: ExtensionRoutes) => async (scene: Scene) => {
  const wish = bodyOf(scene);
  const [username, password] = [required(wish, 'extension'), required(wish, 'password')];
  if (!USER.test(username)) throw refusals.badArgument('The field extension must be what can be dialled.');
  const [name, detail] = [textIn(wish, 'name'), textIn(wish, 'detail')];
  await scene.onlyAdmins();
  const { account } = scene.person;
  const made = routes.accounts.createDevice({ account, username, password, name, document: { [DETAIL]: detail } });
  return body(await made.catch(taken), await realmOf(routes, scene));
};

/** The extension itself stays what it is. */
const update = (routes: ExtensionRoutes) => async (scene: Scene) => {
  idIn(scene);
  const wish = bodyOf(scene);
  const [name, detail, password] = [textIn(wish, 'name'), textIn(wish, 'detail'), textIn(wish, 'password')];
  const { id, account } = await find(routes, scene);
  const next = await routes.accounts.changeDevice(account, id, (now) => ({
    ...now,
    name,
    password: password === '' ? now.password : password,
    sheet: { revision: 0, modifiedAt: 0, ...now.sheet, document: { ...now.sheet?.document, [DETAIL]: detail } },
  }));
  return body(next, await realmOf(routes, scene));
};

const remove = (routes: ExtensionRoutes) => async (scene: Scene) => {
  const device = await find(routes, scene);
  await routes.accounts.removeDevice(device.account, device.id);
  return body(device, await realmOf(routes, scene), routes.now());
};

/** `/v1.0/extensions` (voipbin-facts §1.4): telephones that register at the account's realm. */
export const extensionRows = (routes: ExtensionRoutes): readonly Row[] => [
  { method: 'GET', path: '/extensions', run: list(routes) },
  { method: 'POST', path: '/extensions', run: create(routes) },
  { method: 'GET', path: '/extensions/:id', run: async (scene) => body(await find(routes, scene), await realmOf(routes, scene)) },
  { method: 'PUT', path: '/extensions/:id', run: update(routes) },
  { method: 'DELETE', path: '/extensions/:id', run: remove(routes) },
];
