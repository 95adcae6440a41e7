import { type JsonObject, undashed } from '../../base/index.ts';
import type { Actor, Call, ConferenceView, Execute, Participant, PhoneCall } from '../../conference/index.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Decode, Scene } from './answer.ts';
import { interactionOf } from './cdr-fields.ts';
import { type Live, runChain, type Step } from './chain.ts';
import { channelVarsOf } from './encode.ts';
import { page } from './list.ts';
import { byAction, byMetaflow } from './metaflow.ts';
import { refusals } from './refuse.ts';

/** A call of the account, and where it is. */
interface Channel {
  readonly call: Call;
  /** Absent in its lobby, and while it is called into none. */
  readonly view?: ConferenceView;
  /** Absent while it rings, and in its lobby. */
  readonly participant?: Participant;
  readonly isAnswered: boolean;
  /** Epoch ms. */
  readonly since: number;
}

function channelsIn(view: ConferenceView): readonly Channel[] {
  const { room } = view.conference;
  return [
    ...(room?.participants ?? []).map((participant) => ({
      view,
      participant,
      call: participant.call,
      since: participant.joinedAt,
      isAnswered: true,
    })),
    ...(room?.arrivals ?? []).map(({ call, at }) => ({ view, call, since: at, isAnswered: false })),
  ].filter(({ call }) => call.stream === undefined);
}

/** The calls of the account that live, or those of the user or device in the path. */
async function channels({ params, phones, account }: Scene, execute: Execute, actor: Actor): Promise<readonly Channel[]> {
  const { user, device_id: device } = params;
  const isMeant = ({ call: { channelVars: vars } }: Channel): boolean =>
    (user === undefined || vars['owner_id'] === undashed(user)) && (device === undefined || vars['authorizing_id'] === undashed(device));
  const inside = (await execute('conference.running', {}, actor)).flatMap(channelsIn);
  const known = new Set(inside.map(({ call }) => call.id));
  const isHis = ({ call }: PhoneCall): boolean => actor.user === undefined || call.channelVars['owner_id'] === actor.user;
  const living = (phones?.list(account.id) ?? []).filter((each) => each.status !== 'hangup' && !known.has(each.id) && isHis(each));
  const outside = living.map(outsideOf);
  return [...inside, ...outside].filter(isMeant);
}

/** A call in its lobby, or on its way to or from somewhere. */
const outsideOf = ({ call, startedAt, answeredAt }: PhoneCall): Channel => ({
  call,
  since: startedAt,
  isAnswered: answeredAt !== undefined,
});

/** What KAZOO tells of a channel; what has no true value is absent. */
function shown({ call, view, participant, since, isAnswered }: Channel, { account, clock, node }: Scene): JsonObject {
  const vars = call.channelVars;
  const known = (key: string): JsonObject => (vars[key] === undefined ? {} : { [key]: vars[key] });
  return {
    uuid: call.sipCallId,
    call_id: call.sipCallId,
    interaction_id: interactionOf(call),
    answered: isAnswered,
    direction: call.direction,
    caller_id_name: call.callerName,
    caller_id_number: call.callerNumber,
    ...(view === undefined ? {} : { conference_id: view.conference.id }),
    is_onhold: participant?.muted.includes('hold') ?? false,
    ...(participant === undefined ? {} : { participant_id: participant.number }),
    elapsed_s: Math.max(0, Math.floor((clock.epoch() - since) / 1000)),
    timestamp: gregorian(since),
    realm: vars['realm'] ?? account.realm,
    ...known('username'),
    ...known('authorizing_id'),
    ...known('authorizing_type'),
    ...known('owner_id'),
    custom_channel_vars: { account_id: account.id, ...(view === undefined ? {} : { is_conference: 'true' }), ...channelVarsOf(call, node) },
    ...(call.applicationVars === undefined ? {} : { custom_application_vars: { ...call.applicationVars } }),
  };
}

const list: Decode = (scene) => {
  const answer = page<Channel>(scene.asked.query, {
    idOf: ({ call }) => call.sipCallId,
    stored: (each) => shown(each, scene),
    shown: (each) => shown(each, scene),
  });
  return async (execute, actor) => answer(await channels(scene, execute, actor));
};

const idIn = ({ params }: Scene): string => params['channel'] ?? '';

/** The call in the URL, by its Call-ID or Parley's own id; one that is over, or another account's, is unknown. */
async function find(scene: Scene, execute: Execute, actor: Actor): Promise<Channel> {
  const all = await channels(scene, execute, actor);
  const id = idIn(scene);
  const found = all.find(({ call }) => call.sipCallId === id) ?? all.find(({ call }) => call.id === undashed(id));
  if (found === undefined) throw refusals.badId(id);
  return found;
}

const read: Decode = (scene) => async (execute, actor) => ({
  status: 200,
  data: shown(await find(scene, execute, actor), scene),
  revision: 'automatic',
});

/** The same steps for whoever comes: read what is wanted, find the call, do it. */
const acting =
  (steps: (scene: Scene) => readonly Step[], answer: Answer): Decode =>
  (scene) => {
    const wanted = steps(scene);
    return async (execute, actor) => {
      const live = async (): Promise<Live> => {
        const { call, view, participant, isAnswered } = await find(scene, execute, actor);
        return { call, conference: view?.conference.id, participant, isAnswered };
      };
      await runChain(wanted, { execute, actor, follow: scene.follow, phones: scene.phones, log: scene.log, find: live });
      return answer;
    };
  };

/** `/channels`. */
export const channelList: Readonly<Record<string, Decode>> = { GET: list };
/** `/channels/{call_id}`. */
export const oneChannel: Readonly<Record<string, Decode>> = {
  GET: read,
  PUT: acting(byMetaflow, { status: 201, data: 'metaflow sent', revision: 'automatic' }),
  POST: acting(byAction, { status: 200, data: {}, revision: 'automatic' }),
};
