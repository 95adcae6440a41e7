import type { AccountDocument, Documents } from '../../accounts/index.ts';
import { dashed, Failure, isObject, type JsonObject, undashed, uuidOf } from '../../base/index.ts';
import { numberIdOf } from '../number-id.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, type Row, type Scene, textIn, uuidIn } from './scene.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface NumberRoutes {
  readonly documents: Documents;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What VoIPBIN keeps of a number, under its key in the document that KAZOO shares. */
const KEY = 'pvt_voipbin';
const KEYS = ['name', 'detail', 'call_flow_id', 'message_flow_id'] as const;

const kept = ({ document }: AccountDocument): JsonObject => {
  const found = document[KEY];
  return isObject(found) ? found : {};
};

/** A number is named by itself; here by a UUID made of it. */
const idOf = ({ id, account }: AccountDocument): string => uuidOf(id, account);

/** A number as VoIPBIN shows it. */
function body(number: AccountDocument, deletedAt?: number): JsonObject {
  const { id, account, createdAt, modifiedAt, revision } = number;
  const { name = '', detail = '', call_flow_id = NIL, message_flow_id = NIL } = kept(number);
  return {
    id: idOf(number),
    customer_id: dashed(account),
    number: id,
    type: 'normal',
    status: deletedAt === undefined ? 'active' : 'deleted',
    name,
    detail,
    call_flow_id,
    message_flow_id,
    provider_name: '',
    t38_enabled: false,
    emergency_enabled: false,
    tm_purchase: stampOfMicros(micros(createdAt, id)),
    tm_renew: NEVER,
    tm_create: stampOfMicros(micros(createdAt, id)),
    tm_update: revision > 1 ? stamp(modifiedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}

/** The keys of a body that it has; those left out are as they were. */
function wishIn(wish: JsonObject, keys: readonly (typeof KEYS)[number][]): JsonObject {
  const values = keys.flatMap((key) => {
    if (wish[key] === undefined) return [];
    if (!key.endsWith('_id')) return [[key, textIn(wish, key)] as const];
    const id = uuidIn(wish, key);
    return [[key, id === undefined ? NIL : dashed(id)] as const];
  });
  return Object.fromEntries(values);
}

async function find({ documents }: NumberRoutes, scene: Scene): Promise<AccountDocument> {
  const id = idIn(scene);
  const all = await documents.list({ account: scene.person.account, kind: 'number' });
  const found = all.find((each) => undashed(idOf(each)) === id);
  if (found === undefined) throw refusals.notFound('NUMBER');
  await scene.onlyAdmins();
  return found;
}

/** Flows of others are not found. */
async function checkFlows({ documents }: NumberRoutes, { person }: Scene, wish: JsonObject): Promise<void> {
  for (const key of ['call_flow_id', 'message_flow_id'] as const) {
    const id = wish[key];
    if (typeof id !== 'string' || id === NIL) continue;
    const flow = await documents.find({ account: person.account, kind: 'flow', id: undashed(id) as AccountDocument['id'] });
    if (flow === undefined) throw refusals.notFound('FLOW');
  }
}

const list =
  ({ documents }: NumberRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    const all = await documents.list({ account: scene.person.account, kind: 'number' });
    return listed(
      all.map((number) => ({ at: micros(number.createdAt, number.id), number })),
      wish,
      ({ number }) => body(number),
    );
  };

const create = (routes: NumberRoutes) => async (scene: Scene) => {
  const asked = bodyOf(scene);
  const id = numberIdOf(textIn(asked, 'number'));
  if (id === undefined) throw refusals.badArgument('The field number must be a telephone number.');
  const wish = wishIn(asked, KEYS);
  await scene.onlyAdmins();
  await checkFlows(routes, scene, wish);
  try {
    const { account } = scene.person;
    return body(await routes.documents.create({ account, kind: 'number', id, document: { [KEY]: wish }, keys: [id] }));
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 'document_exists' && error.code !== 'document_key_taken')) throw error;
    throw new Refused('ALREADY_EXISTS', 'ALREADY_EXISTS', 'The number is taken already.');
  }
};

const change = (routes: NumberRoutes, keys: readonly (typeof KEYS)[number][]) => async (scene: Scene) => {
  idIn(scene);
  const wish = wishIn(bodyOf(scene), keys);
  const { account, kind, id } = await find(routes, scene);
  await checkFlows(routes, scene, wish);
  const next = await routes.documents.change({ account, kind, id }, (now) => ({
    document: { ...now.document, [KEY]: { ...kept(now), ...wish } },
    keys: [id],
  }));
  return body(next);
};

const remove = (routes: NumberRoutes) => async (scene: Scene) => {
  const { account, kind, id } = await find(routes, scene);
  return body(await routes.documents.remove({ account, kind, id }, false), routes.now());
};

/** `/v1.0/numbers` (voipbin-facts §1.4). */
export const numberRows = (routes: NumberRoutes): readonly Row[] => [
  { method: 'GET', path: '/numbers', run: list(routes) },
  { method: 'POST', path: '/numbers', run: create(routes) },
  { method: 'GET', path: '/numbers/:id', run: async (scene) => body(await find(routes, scene)) },
  { method: 'PUT', path: '/numbers/:id', run: change(routes, KEYS) },
  { method: 'PUT', path: '/numbers/:id/flow_ids', run: change(routes, ['call_flow_id', 'message_flow_id']) },
  { method: 'DELETE', path: '/numbers/:id', run: remove(routes) },
];
