import { type Chance, Failure, type JsonObject, newId } from '../../base/index.ts';
import {
  type CallId,
  type CallWish,
  type FlowPlan,
  LONGEST_TALK,
  type MuteDirection,
  type PhoneCall,
  type PhoneCalls,
  recordingWish,
} from '../../conference/index.ts';
import type { CheckActions } from './actions.ts';
import { callBody, groupcallBody, isGroup } from './call-encode.ts';
import type { CallRegister, CallSources } from './call-register.ts';
import { addressIn, destinationsIn, flowIn, type RunWebhooks, targetOf, type WishedAddress } from './call-wish.ts';
import { removedEvents } from './events/call-events.ts';
import type { Removals } from './events/removals.ts';
import { listed, readPage } from './page.ts';
import { refusals } from './refused.ts';
import { bodyOf, idIn, integerIn, type Row, type Scene, textIn } from './scene.ts';
import { type SeenCall, seenLive } from './seen-call.ts';

/** What the routes need. */
export interface CallRoutes extends CallSources {
  readonly register: CallRegister;
  readonly chance: Chance;
  readonly checkActions: CheckActions;
  /** Who tells others of runs. */
  readonly webhooks?: RunWebhooks | undefined;
  readonly removals: Removals;
  /** Epoch ms. */
  readonly now: () => number;
}

async function find({ register }: Pick<CallRoutes, 'register'>, scene: Scene): Promise<SeenCall> {
  const found = await register.find(scene.person.account, 'call', idIn(scene) as CallId);
  if (found === undefined) throw refusals.notFound('CALL');
  await scene.onlyAdmins();
  return found;
}

/** A call that something can still be done with. */
async function findLive(routes: CallRoutes, scene: Scene): Promise<SeenCall> {
  const found = await find(routes, scene);
  if (found.status === 'hangup') throw refusals.wrongState('The call is over.');
  return found;
}

const list =
  ({ register }: CallRoutes) =>
  async (scene: Scene) => {
    const wish = readPage(scene.query);
    await scene.onlyAdmins();
    return listed(await register.list(scene.person.account, 'call', wish), wish, async ({ call }) => callBody(await register.whole(call)));
  };

interface Made {
  readonly address: WishedAddress;
  readonly call: PhoneCall;
}

/** Calls somebody. What is told of it is surely told, from its beginning on, when this resolves. */
async function call({ phones, webhooks, chance, now }: CallRoutes, wish: CallWish): Promise<PhoneCall> {
  const { account, plan } = wish;
  const id = newId(chance, now()) as CallId;
  if (plan.hook !== undefined) await webhooks?.hook({ account, run: id, to: plan.hook });
  try {
    const made = await phones.make({ ...wish, id });
    await webhooks?.settled(account, id);
    return made;
  } catch (error) {
    if (plan.hook !== undefined) await webhooks?.unhook(account, id);
    throw error;
  }
}

/** Calls everybody. Whoever cannot be called is left out, unless that is all of them (voipbin-facts §2.6). */
async function callAll(
  routes: CallRoutes,
  { person: { account } }: Scene,
  { addresses, plan, source }: { addresses: readonly WishedAddress[]; plan: FlowPlan; source: Parameters<PhoneCalls['make']>[0]['source'] },
): Promise<readonly Made[]> {
  const made: Made[] = [];
  let first: unknown;
  for (const address of addresses) {
    const target = targetOf(address);
    try {
      if (target === undefined) throw refusals.badArgument(`The destination type ${address.type || '(none)'} cannot be called.`);
      const wish = { account, target, plan, ...(source === undefined ? {} : { source }) };
      made.push({ address, call: await call(routes, wish) });
    } catch (error) {
      if (!(error instanceof Failure) && target !== undefined) throw error;
      first ??= error;
    }
  }
  if (made.length === 0) throw first;
  return made;
}

const create = (routes: CallRoutes) => async (scene: Scene) => {
  const body = bodyOf(scene);
  const addresses = destinationsIn(body);
  const from = addressIn(body['source']);
  const anonymous = textIn(body, 'anonymous');
  if (!['', 'yes', 'no', 'auto'].includes(anonymous)) throw refusals.badArgument('The field anonymous must be yes, no or auto.');
  await scene.onlyAdmins();
  const needs = {
    documents: routes.documents,
    newId: () => newId(routes.chance, 0),
    check: routes.checkActions,
    webhooks: routes.webhooks,
  };
  const plan = await flowIn(body, scene.person.account, needs);
  const source = {
    ...(from.target === '' ? {} : { number: from.target }),
    ...(from.name === '' ? {} : { name: from.name }),
    ...(anonymous === 'yes' ? { hidden: true } : {}),
  };
  const made = await callAll(routes, scene, { addresses, plan, source });
  return {
    calls: made.map(({ call }) => callBody(seenLive(call))),
    groupcalls: made.filter(({ call }) => isGroup(call)).map(({ call, address: { type } }) => groupcallBody(seenLive(call), { type })),
  };
};

/** Ends it; one that is over already is as it is. */
const hangUp = (routes: CallRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  return callBody(ended(routes, found));
};

function ended({ phones }: CallRoutes, found: SeenCall): SeenCall {
  return found.status === 'hangup' ? found : seenLive(phones.hangUp(found.account, found.id));
}

const remove = (routes: CallRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  const last = ended(routes, found);
  const { account, id } = found;
  const now = routes.now();
  await routes.register.remove(account, 'call', id);
  await routes.removals.tell(account, { run: id, key: `${id} call deleted`, events: removedEvents(last, now) }, routes.webhooks);
  return callBody(last, now);
};

/** Something that is switched on by POST and off by DELETE; both answer nothing (voipbin-facts §1.4). */
const switching = (
  routes: CallRoutes,
  name: 'hold' | 'moh' | 'silence' | 'mute',
  set: (call: SeenCall, on: boolean, direction: MuteDirection) => Promise<void>,
): readonly Row[] => {
  const run = (on: boolean) => async (scene: Scene) => {
    idIn(scene);
    const direction = name === 'mute' ? directionIn(bodyOf(scene, {})) : 'both';
    await set(await findLive(routes, scene), on, direction);
    return undefined;
  };
  const path = `/calls/:id/${name}`;
  return [
    { method: 'POST', path, run: run(true) },
    { method: 'DELETE', path, run: run(false) },
  ];
};

function directionIn(body: JsonObject): MuteDirection {
  const text = textIn(body, 'direction', 'both');
  if (text === 'in' || text === 'out' || text === 'both') return text;
  throw refusals.badArgument('The field direction must be in, out or both.');
}

const recordingStart = (routes: CallRoutes) => async (scene: Scene) => {
  idIn(scene);
  const body = bodyOf(scene, {});
  const format = textIn(body, 'format');
  if (format !== '' && format !== 'wav' && format !== 'ogg') throw refusals.badArgument('The field format must be wav or ogg.');
  for (const key of ['duration', 'end_of_silence']) {
    if (integerIn(body, key) < 0) throw refusals.badArgument(`The field ${key} must be 0 (none) or a number of seconds.`);
  }
  const keys = textIn(body, 'end_of_key', 'none');
  if (!['', 'none', 'any', '*', '#'].includes(keys)) throw refusals.badArgument('The field end_of_key must be none, any, * or #.');
  const { account, id } = await findLive(routes, scene);
  return callBody(seenLive(await routes.phones.record(account, id, recordingWish(body))));
};

/** Once is as good as twice. */
const recordingStop = (routes: CallRoutes) => async (scene: Scene) => {
  const found = await find(routes, scene);
  return callBody(found.status === 'hangup' ? found : seenLive(routes.phones.stopRecording(found.account, found.id)));
};

const talk = (routes: CallRoutes) => async (scene: Scene) => {
  idIn(scene);
  const body = bodyOf(scene);
  const say = textIn(body, 'text').trim();
  if (say === '') throw refusals.badArgument('The field text is required.');
  if (say.length > LONGEST_TALK) throw refusals.badArgument(`The field text may have ${LONGEST_TALK} characters at most.`);
  const [language, voice] = [textIn(body, 'language'), textIn(body, 'voice_id')];
  const { account, id } = await findLive(routes, scene);
  await routes.phones.talk(account, id, { say, ...(language === '' ? {} : { language }), ...(voice === '' ? {} : { voice }) });
  return undefined;
};

/** `/v1.0/calls` (voipbin-facts §1.4). */
export const callRows = (routes: CallRoutes): readonly Row[] => {
  const { phones } = routes;
  return [
    { method: 'GET', path: '/calls', run: list(routes) },
    { method: 'POST', path: '/calls', run: create(routes) },
    { method: 'GET', path: '/calls/:id', run: async (scene) => callBody(await find(routes, scene)) },
    { method: 'DELETE', path: '/calls/:id', run: remove(routes) },
    { method: 'POST', path: '/calls/:id/hangup', run: hangUp(routes) },
    ...switching(routes, 'hold', ({ account, id }, on) => phones.hold(account, id, on)),
    ...switching(routes, 'moh', ({ account, id }, on) => phones.music(account, id, on)),
    ...switching(routes, 'silence', ({ account, id }, on) => phones.silence(account, id, on)),
    ...switching(routes, 'mute', ({ account, id }, on, direction) => phones.mute(account, id, { direction, on })),
    { method: 'POST', path: '/calls/:id/talk', run: talk(routes) },
    { method: 'POST', path: '/calls/:id/recording_start', run: recordingStart(routes) },
    { method: 'POST', path: '/calls/:id/recording_stop', run: recordingStop(routes) },
  ];
};
