import { type JsonObject, undashed } from '../../base/index.ts';
import type { Actor, Call, ConferenceView, Execute, Participant } from '../../conference/index.ts';
import { gregorian } from '../stamp.ts';
import type { Answer, Decode, Plan, Scene } from './answer.ts';
import { page } from './list.ts';
import { byAction, byMetaflow, type Live } from './metaflow.ts';
import { refusals } from './refuse.ts';

/** A call of the account, and where it is. */
interface Channel {
  readonly call: Call;
  readonly view: ConferenceView;
  /** Absent while it rings. */
  readonly participant?: Participant;
  /** Epoch ms. */
  readonly since: number;
}

function channelsIn(view: ConferenceView): readonly Channel[] {
  const { room } = view.conference;
  return [
    ...(room?.participants ?? []).map((participant) => ({ view, participant, call: participant.call, since: participant.joinedAt })),
    ...(room?.arrivals ?? []).map(({ call, at }) => ({ view, call, since: at })),
  ].filter(({ call }) => call.stream === undefined);
}

/** The calls of the account that live, or those of the user or device in the path. */
async function channels({ params }: Scene, execute: Execute, actor: Actor): Promise<readonly Channel[]> {
  const { user, device_id: device } = params;
  const isMeant = ({ call: { channelVars: vars } }: Channel): boolean =>
    (user === undefined || vars['owner_id'] === undashed(user)) && (device === undefined || vars['authorizing_id'] === undashed(device));
  return (await execute('conference.running', {}, actor)).flatMap(channelsIn).filter(isMeant);
}

/** What KAZOO tells of a channel; what has no true value is absent. */
function shown({ call, view, participant, since }: Channel, { account }: Scene): JsonObject {
  const vars = call.channelVars;
  const known = (key: string): JsonObject => (vars[key] === undefined ? {} : { [key]: vars[key] });
  return {
    uuid: call.sipCallId,
    call_id: call.sipCallId,
    interaction_id: call.id,
    answered: participant !== undefined,
    direction: call.direction,
    caller_id_name: call.callerName,
    caller_id_number: call.callerNumber,
    conference_id: view.conference.id,
    is_onhold: participant?.muted.includes('hold') ?? false,
    ...(participant === undefined ? {} : { participant_id: participant.number }),
    elapsed_s: Math.max(0, Math.floor((view.at - since) / 1000)),
    timestamp: gregorian(since),
    realm: vars['realm'] ?? account.realm,
    ...known('username'),
    ...known('authorizing_id'),
    ...known('authorizing_type'),
    ...known('owner_id'),
    custom_channel_vars: { account_id: account.id, is_conference: 'true', ...vars },
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
  (steps: (scene: Scene) => readonly ((live: Live) => Plan)[], answer: Answer): Decode =>
  (scene) => {
    const wanted = steps(scene);
    return async (execute, actor) => {
      const { call, view, participant } = await find(scene, execute, actor);
      const live: Live = { call, conference: view.conference.id, participant };
      for (const step of wanted) await step(live)(execute, actor);
      return answer;
    };
  };

/** `/channels`. */
export const channelList: Readonly<Record<string, Decode>> = { GET: list };
/** `/channels/{call_id}`. */
export const oneChannel: Readonly<Record<string, Decode>> = {
  GET: read,
  PUT: acting(({ asked }) => byMetaflow(asked), { status: 201, data: 'metaflow sent', revision: 'automatic' }),
  POST: acting(({ asked }) => byAction(asked), { status: 200, data: {}, revision: 'automatic' }),
};
