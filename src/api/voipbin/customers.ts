import type { Account, AccountId, Accounts, Sheet } from '../../accounts/index.ts';
import { dashed, isObject, type JsonObject } from '../../base/index.ts';
import type { Webhook, Webhooks } from '../../webhooks/index.ts';
import { listed, readPage } from './page.ts';
import { refusals } from './refused.ts';
import { bodyOf, idIn, type Row, type Scene, textIn } from './scene.ts';
import { micros, NEVER, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface CustomerRoutes {
  readonly accounts: Accounts;
  /** Absent: nobody is told of anything. */
  readonly webhooks?: Webhooks | undefined;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What VoIPBIN keeps of a customer and KAZOO does not know. */
const TEXTS = ['detail', 'email', 'phone_number', 'address'] as const;
/** Its key in the account's document. KAZOO keeps what begins with `pvt_` to itself. */
const KEY = 'pvt_customer';

const kept = ({ sheet }: Account): JsonObject => {
  const found = sheet?.document[KEY];
  return isObject(found) ? found : {};
};

/** The webhook that a customer's `webhook_uri` is. */
async function webhookOf({ webhooks }: CustomerRoutes, account: AccountId): Promise<Webhook | undefined> {
  return (await webhooks?.list(account))?.find(({ format }) => format === 'voipbin');
}

/** An account as a customer (voipbin-facts §2.8). */
async function body(routes: CustomerRoutes, account: Account): Promise<JsonObject> {
  const { id, name, createdAt, sheet } = account;
  const said = kept(account);
  const webhook = await webhookOf(routes, id);
  return {
    id: dashed(id),
    name,
    ...Object.fromEntries(TEXTS.map((key) => [key, typeof said[key] === 'string' ? said[key] : ''])),
    webhook_method: webhook === undefined ? '' : 'POST',
    webhook_uri: webhook?.url ?? '',
    tm_create: stampOfMicros(micros(createdAt, id)),
    tm_update: sheet !== undefined && sheet.revision > 1 ? stamp(sheet.modifiedAt) : NEVER,
    tm_delete: NEVER,
  };
}

/** Own and descendants. What is another's is not found. */
async function find({ accounts }: CustomerRoutes, scene: Scene, id: AccountId): Promise<Account> {
  const account = (await accounts.mayActOn(scene.person.account, id)) ? await accounts.account(id) : undefined;
  if (account === undefined) throw refusals.notFound('CUSTOMER');
  await scene.onlyAdmins();
  return account;
}

const list = (routes: CustomerRoutes) => async (scene: Scene) => {
  const wish = readPage(scene.query);
  const own = await find(routes, scene, scene.person.account);
  const all = [own, ...(await routes.accounts.directory.descendants(own.id))];
  return listed(
    all.map((account) => ({ at: micros(account.createdAt, account.id), account })),
    wish,
    ({ account }) => body(routes, account),
  );
};

/** The address that is told of everything: made, moved, or taken away. Its secret is in the answer when it is made, and never again. */
async function tellAt({ webhooks }: CustomerRoutes, account: AccountId, uri: string): Promise<JsonObject> {
  if (webhooks === undefined) {
    if (uri !== '') throw refusals.badArgument('This server sends no webhooks.');
    return {};
  }
  const known = await webhookOf({ webhooks } as CustomerRoutes, account);
  if (uri === '' && known !== undefined) await webhooks.remove(account, known.id);
  if (uri !== '' && known !== undefined) await webhooks.change(account, known.id, { url: uri, enabled: true });
  if (uri === '' || known !== undefined) return {};
  const made = await webhooks.create(account, { url: uri, format: 'voipbin' });
  return { webhook_secret: made.secrets[0]?.value ?? '' };
}

const update = (routes: CustomerRoutes, whose: (scene: Scene) => AccountId) => async (scene: Scene) => {
  const id = whose(scene);
  const wish = bodyOf(scene);
  const [uri, method] = [textIn(wish, 'webhook_uri'), textIn(wish, 'webhook_method', 'POST')];
  if (method !== '' && method !== 'POST') throw refusals.badArgument('The field webhook_method must be POST.');
  const name = textIn(wish, 'name');
  const said = Object.fromEntries(TEXTS.map((key) => [key, textIn(wish, key)]));
  await find(routes, scene, id);
  const secret = await tellAt(routes, id, uri);
  const next = await routes.accounts.changeAccount(id, (now) => ({
    ...now,
    name: name === '' ? now.name : name,
    sheet: changedSheet(now, said, routes.now()),
  }));
  return { ...(await body(routes, next)), ...secret };
};

const changedSheet = ({ sheet }: Account, said: JsonObject, now: number): Sheet => ({
  document: { ...sheet?.document, [KEY]: said },
  revision: (sheet?.revision ?? 1) + 1,
  modifiedAt: now,
});

const own = ({ person }: Scene): AccountId => person.account;
const named = (scene: Scene): AccountId => idIn(scene) as AccountId;

/** `/v1.0/customer` and `/v1.0/customers` (rulings "VoIPBIN v1.0"). */
export const customerRows = (routes: CustomerRoutes): readonly Row[] => [
  { method: 'GET', path: '/customer', run: async (scene) => body(routes, await find(routes, scene, own(scene))) },
  { method: 'PUT', path: '/customer', run: update(routes, own) },
  { method: 'GET', path: '/customers', run: list(routes) },
  { method: 'GET', path: '/customers/:id', run: async (scene) => body(routes, await find(routes, scene, named(scene))) },
  { method: 'PUT', path: '/customers/:id', run: update(routes, named) },
];
