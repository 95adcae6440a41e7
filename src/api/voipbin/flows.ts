import type { AccountDocument, DocumentId, DocumentName, Documents } from '../../accounts/index.ts';
import { type Chance, dashed, Failure, type JsonObject, newId, randomHex } from '../../base/index.ts';
import { actionsIn, type CheckActions } from './actions.ts';
import { listed, readPage } from './page.ts';
import { refusals } from './refused.ts';
import { bodyOf, idIn, type Row, type Scene, textIn, uuidIn } from './scene.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** What the routes need. */
export interface FlowRoutes {
  readonly documents: Documents;
  readonly chance: Chance;
  readonly checkActions: CheckActions;
  /** Epoch ms. */
  readonly now: () => number;
}

const createdAt = ({ createdAt: at, id }: AccountDocument): number => micros(at, id);

/** A flow as VoIPBIN shows it: every key, always (voipbin-facts §2.7). */
const body = ({ id, account, document, createdAt: at, modifiedAt, revision }: AccountDocument, deletedAt?: number): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  type: 'flow',
  name: document['name'] ?? '',
  detail: document['detail'] ?? '',
  actions: document['actions'] ?? [],
  direct_hash: document['direct_hash'] ?? '',
  on_complete_flow_id: document['on_complete_flow_id'] ?? NIL,
  tm_create: stampOfMicros(micros(at, id)),
  tm_update: revision > 1 ? stamp(modifiedAt) : NEVER,
  tm_delete: stamp(deletedAt),
});

const newHash = (chance: Chance): string => `direct.${randomHex(chance, 6)}`;
const keysOf = ({ direct_hash: hash }: JsonObject): readonly string[] => (typeof hash === 'string' ? [hash] : []);

/** What a body says of a flow: all of it, as a change replaces all. */
function wishIn(wish: JsonObject, { chance, checkActions }: FlowRoutes): JsonObject {
  const next = uuidIn(wish, 'on_complete_flow_id');
  return {
    name: textIn(wish, 'name'),
    detail: textIn(wish, 'detail'),
    actions: actionsIn(wish, 'actions', { newId: () => newId(chance, 0), check: checkActions }),
    on_complete_flow_id: next === undefined ? NIL : dashed(next),
  };
}

const nameOf = (scene: Scene): DocumentName => ({ account: scene.person.account, kind: 'flow', id: idIn(scene) as DocumentId });

async function find({ documents }: Pick<FlowRoutes, 'documents'>, scene: Scene): Promise<AccountDocument> {
  const found = await documents.find(nameOf(scene));
  if (found === undefined) throw refusals.notFound('FLOW');
  await scene.onlyAdmins();
  return found;
}

const gone = (error: unknown): never => {
  throw error instanceof Failure && error.code === 'document_not_found' ? refusals.notFound('FLOW') : error;
};

const list =
  ({ documents }: FlowRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    const all = await documents.list({ account: scene.person.account, kind: 'flow' });
    return listed(
      all.map((flow) => ({ at: createdAt(flow), flow })),
      wish,
      ({ flow }) => body(flow),
    );
  };

const create = (routes: FlowRoutes) => async (scene: Scene) => {
  const document = { ...wishIn(bodyOf(scene), routes), direct_hash: newHash(routes.chance) };
  await scene.onlyAdmins();
  return body(await routes.documents.create({ account: scene.person.account, kind: 'flow', document, keys: keysOf(document) }));
};

const change = (routes: FlowRoutes, wished: (scene: Scene) => JsonObject) => async (scene: Scene) => {
  const name = nameOf(scene);
  const wish = wished(scene);
  await find(routes, scene);
  const next = await routes.documents
    .change(name, ({ document: now }) => {
      const document = { ...now, ...wish };
      return { document, keys: keysOf(document) };
    })
    .catch(gone);
  return body(next);
};

const remove = (routes: FlowRoutes) => async (scene: Scene) => {
  await find(routes, scene);
  return body(await routes.documents.remove(nameOf(scene)).catch(gone), routes.now());
};

/** `/v1.0/flows` (voipbin-facts §1.4). */
export const flowRows = (routes: FlowRoutes): readonly Row[] => [
  { method: 'GET', path: '/flows', run: list(routes) },
  { method: 'POST', path: '/flows', run: create(routes) },
  { method: 'GET', path: '/flows/:id', run: async (scene) => body(await find(routes, scene)) },
  { method: 'PUT', path: '/flows/:id', run: change(routes, (scene) => wishIn(bodyOf(scene), routes)) },
  { method: 'DELETE', path: '/flows/:id', run: remove(routes) },
  { method: 'POST', path: '/flows/:id/direct-hash-regenerate', run: change(routes, () => ({ direct_hash: newHash(routes.chance) })) },
  { method: 'POST', path: '/flows/:id/direct_hash_regenerate', run: change(routes, () => ({ direct_hash: newHash(routes.chance) })) },
];
