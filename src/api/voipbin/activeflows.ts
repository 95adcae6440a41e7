import { type Chance, Failure, type JsonObject, newId } from '../../base/index.ts';
import { type CallId, callOfRun, type Errand, type Errands, type PhoneCalls } from '../../conference/index.ts';
import type { Webhooks } from '../../webhooks/index.ts';
import type { CheckActions } from './actions.ts';
import { activeflowBody, errandBody } from './call-encode.ts';
import type { CallRegister, CallSources } from './call-register.ts';
import { flowIn } from './call-wish.ts';
import { listed, readPage } from './page.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, idIn, type Row, type Scene, uuidIn } from './scene.ts';
import { type SeenCall, seenLive } from './seen-call.ts';
import { micros } from './stamp.ts';

/** What the routes need. */
export interface ActiveflowRoutes extends Pick<CallSources, 'documents'> {
  readonly phones: PhoneCalls;
  readonly register: CallRegister;
  readonly checkActions: CheckActions;
  readonly chance: Chance;
  /** Absent: there are none but those of calls. */
  readonly errands?: Errands | undefined;
  /** Who tells others of runs. */
  readonly webhooks?: Pick<Webhooks, 'refuses'> | undefined;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Every call has one, that of its flow, or of the conference that it went straight into; the others have no call. */
async function find({ register, errands }: ActiveflowRoutes, scene: Scene): Promise<SeenCall | Errand> {
  const id = idIn(scene);
  const found =
    errands?.find(scene.person.account, id) ?? (await register.find(scene.person.account, 'activeflow', callOfRun(id) as CallId));
  if (found === undefined) throw refusals.notFound('ACTIVEFLOW');
  await scene.onlyAdmins();
  return found;
}

const isErrand = (found: SeenCall | Errand): found is Errand => 'reference' in found;

const bodyFor = (found: SeenCall | Errand, deletedAt?: number): JsonObject =>
  isErrand(found) ? errandBody(found, deletedAt) : activeflowBody(found, deletedAt);

const list =
  ({ register, errands }: ActiveflowRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    const { account } = scene.person;
    const alone = (errands?.list(account) ?? []).map((call) => ({ at: micros(call.startedAt, call.id), call }));
    return listed([...alone, ...(await register.list(account, 'activeflow', wish))], wish, ({ call }) => bodyFor(call));
  };

/** Runs a stored flow, or these actions, without a call: what needs one is left out (voipbin-facts §1.4). */
const create = (routes: ActiveflowRoutes) => async (scene: Scene) => {
  const body = bodyOf(scene);
  const wished = uuidIn(body, 'id');
  await scene.onlyAdmins();
  const { account } = scene.person;
  const { errands, documents, chance, checkActions, webhooks } = routes;
  if (errands === undefined) throw refusals.noRoute();
  const plan = await flowIn(body, account, { documents, newId: () => newId(chance, 0), check: checkActions, webhooks });
  const id = wished === undefined ? {} : { id: wished };
  try {
    return errandBody(errands.start({ account, plan, reference: { type: 'api', id: '' }, ...id }));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'errand_exists') throw error;
    throw new Refused('ALREADY_EXISTS', 'ALREADY_EXISTS', 'There is an activeflow with this id already.');
  }
};

/** A call without a flow is hung up. Once is as good as twice. */
const ended = ({ phones, errands }: ActiveflowRoutes, found: SeenCall | Errand): SeenCall | Errand => {
  if (isErrand(found)) return errands?.stop(found.account, found.id) ?? found;
  return found.status === 'hangup' ? found : { ...seenLive(phones.hangUp(found.account, found.id)), status: 'hangup' };
};

const stop = (routes: ActiveflowRoutes) => async (scene: Scene) => bodyFor(ended(routes, await find(routes, scene)));

const remove = (routes: ActiveflowRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  const last = ended(routes, found);
  if (isErrand(found)) routes.errands?.remove(found.account, found.id);
  else await routes.register.remove(found.account, 'activeflow', found.id);
  return bodyFor(last, routes.now());
};

/** `/v1.0/activeflows` (voipbin-facts §1.4). */
export const activeflowRows = (routes: ActiveflowRoutes): readonly Row[] => [
  { method: 'GET', path: '/activeflows', run: list(routes) },
  { method: 'POST', path: '/activeflows', run: create(routes) },
  { method: 'GET', path: '/activeflows/:id', run: async (scene) => bodyFor(await find(routes, scene)) },
  { method: 'DELETE', path: '/activeflows/:id', run: remove(routes) },
  { method: 'POST', path: '/activeflows/:id/stop', run: stop(routes) },
];
