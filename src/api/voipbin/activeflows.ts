import { type Chance, Failure, type JsonObject, newId, undashed } from '../../base/index.ts';
import { type CallId, callOfRun, type Errand, type Errands, type ErrandWish, type PhoneCalls } from '../../conference/index.ts';
import type { CheckActions } from './actions.ts';
import { activeflowBody, errandBody } from './call-encode.ts';
import type { CallRegister, CallSources } from './call-register.ts';
import { flowIn, type RunWebhooks } from './call-wish.ts';
import { errandEvent, runRemovedEvent } from './events/call-events.ts';
import type { Removals } from './events/removals.ts';
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
  readonly webhooks?: RunWebhooks | undefined;
  readonly removals: Removals;
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
  return errandBody(await begin(routes, errands, { account, plan, reference: { type: 'api', id: '' }, ...(wished && { id: wished }) }));
};

/** Begins a run. What is told of it is surely told, from its beginning on, when this resolves. */
async function begin({ chance, now, webhooks }: ActiveflowRoutes, errands: Errands, wish: ErrandWish): Promise<Errand> {
  const { account, plan, reference, id = newId(chance, now()) } = wish;
  const { hook } = plan;
  try {
    if (errands.find(account, id) !== undefined) throw new Failure('conflict', 'errand_exists', 'there is a run with this id already');
    if (hook !== undefined) await webhooks?.hook({ account, run: id, to: hook }, endingOf({ id, account, plan, reference }, now()));
    const started = start(errands, { ...wish, id }, () => webhooks?.unhook(account, id));
    await webhooks?.settled(account, id);
    return started;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'errand_exists') throw error;
    throw new Refused('ALREADY_EXISTS', 'ALREADY_EXISTS', 'There is an activeflow with this id already.');
  }
}

function start(errands: Errands, wish: ErrandWish, unhook: () => unknown): Errand {
  try {
    return errands.start(wish);
  } catch (error) {
    void unhook();
    throw error;
  }
}

/** What is told of it where a restart ends it. */
const endingOf = ({ id, account, plan, reference }: Required<Omit<ErrandWish, 'behind'>>, now: number) =>
  errandEvent(
    {
      ...{ id, account, reference, executed: [], startedAt: now, changedAt: now, endedAt: now },
      ...(plan.flow === undefined ? {} : { flow: undashed(plan.flow) }),
      ...(plan.onComplete === undefined ? {} : { onComplete: plan.onComplete }),
      ...(plan.hook === undefined ? {} : { hook: plan.hook }),
    },
    'ended',
  );

/** A call without a flow is hung up. Once is as good as twice. */
const ended = ({ phones, errands }: ActiveflowRoutes, found: SeenCall | Errand): SeenCall | Errand => {
  if (isErrand(found)) return errands?.stop(found.account, found.id) ?? found;
  return found.status === 'hangup' ? found : { ...seenLive(phones.hangUp(found.account, found.id)), status: 'hangup' };
};

const stop = (routes: ActiveflowRoutes) => async (scene: Scene) => bodyFor(ended(routes, await find(routes, scene)));

const remove = (routes: ActiveflowRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  const last = ended(routes, found);
  const now = routes.now();
  const { account, id } = found;
  if (isErrand(last)) {
    routes.errands?.remove(account, id);
    await routes.webhooks?.settled(account, id);
  } else {
    await routes.register.remove(account, 'activeflow', last.id);
    const told = { run: id, key: `${id} activeflow deleted`, events: [runRemovedEvent(last, now)] };
    await routes.removals.tell(account, told, routes.webhooks);
  }
  return bodyFor(last, now);
};

/** `/v1.0/activeflows` (voipbin-facts §1.4). */
export const activeflowRows = (routes: ActiveflowRoutes): readonly Row[] => [
  { method: 'GET', path: '/activeflows', run: list(routes) },
  { method: 'POST', path: '/activeflows', run: create(routes) },
  { method: 'GET', path: '/activeflows/:id', run: async (scene) => bodyFor(await find(routes, scene)) },
  { method: 'DELETE', path: '/activeflows/:id', run: remove(routes) },
  { method: 'POST', path: '/activeflows/:id/stop', run: stop(routes) },
];
