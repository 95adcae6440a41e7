import { type CallId, callOfRun, type PhoneCalls } from '../../conference/index.ts';
import { activeflowBody } from './call-encode.ts';
import type { CallRegister } from './call-register.ts';
import { listed, readPage } from './page.ts';
import { refusals } from './refused.ts';
import { idIn, type Row, type Scene } from './scene.ts';
import { type SeenCall, seenLive } from './seen-call.ts';

/** What the routes need. */
export interface ActiveflowRoutes {
  readonly phones: PhoneCalls;
  readonly register: CallRegister;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Every call has one: that of its flow, or of the conference that it went straight into. */
async function find({ register }: ActiveflowRoutes, scene: Scene): Promise<SeenCall> {
  const found = await register.find(scene.person.account, 'activeflow', callOfRun(idIn(scene)) as CallId);
  if (found === undefined) throw refusals.notFound('ACTIVEFLOW');
  await scene.onlyAdmins();
  return found;
}

const list =
  ({ register }: ActiveflowRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    return listed(await register.list(scene.person.account, 'activeflow', wish), wish, ({ call }) => activeflowBody(call));
  };

/** A call without a flow is hung up. Once is as good as twice. */
const ended = ({ phones }: ActiveflowRoutes, found: SeenCall): SeenCall =>
  found.status === 'hangup' ? found : { ...seenLive(phones.hangUp(found.account, found.id)), status: 'hangup' };

const stop = (routes: ActiveflowRoutes) => async (scene: Scene) => activeflowBody(ended(routes, await find(routes, scene)));

const remove = (routes: ActiveflowRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  const last = ended(routes, found);
  await routes.register.remove(found.account, 'activeflow', found.id);
  return activeflowBody(last, routes.now());
};

/** `/v1.0/activeflows` (voipbin-facts §1.4). */
export const activeflowRows = (routes: ActiveflowRoutes): readonly Row[] => [
  { method: 'GET', path: '/activeflows', run: list(routes) },
  { method: 'GET', path: '/activeflows/:id', run: async (scene) => activeflowBody(await find(routes, scene)) },
  { method: 'DELETE', path: '/activeflows/:id', run: remove(routes) },
  { method: 'POST', path: '/activeflows/:id/stop', run: stop(routes) },
];
