import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import { type Action, type Errand, type RunHook, runOf } from '../../conference/index.ts';
import { isUuid } from './scene.ts';
import { begunAt, begunMicros, type SeenCall } from './seen-call.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** What somebody is to VoIPBIN who gives no type (voipbin-facts §2.6). */
export const typeOfTarget = (target: string): string =>
  /^\+[0-9]+$/.test(target) ? 'tel' : target.includes('@') || /^sips?:/i.test(target) ? 'sip' : target === '' ? '' : 'extension';

/** An address (voipbin-facts §2.6). */
export const addressBody = ({ number, name }: { readonly number: string; readonly name: string }): JsonObject => ({
  type: typeOfTarget(number),
  target: number,
  target_name: name,
  name,
  detail: '',
});

const id = (text: string | undefined): string => (text === undefined ? NIL : dashed(text));

/** Ids that clients gave are UUIDs; those that we made of a place in a list are shown as one. */
const actionId = (account: string, { id: own }: Action): string => (isUuid(own) ? own : uuidOf(own, account));

/** An action as it is shown; none: the empty one (voipbin-facts §2.7). */
export const actionBody = (account: string, action: Action | undefined): JsonObject => ({
  id: action === undefined ? NIL : actionId(account, action),
  next_id: action?.nextId ?? NIL,
  type: action?.type ?? '',
  option: action?.option ?? {},
  tm_execute: '',
});

/** The id of the run of a call. */
export const activeflowIdOf = (call: SeenCall['id']): string => dashed(runOf(call));

/** The group of calls that an extension's telephones are. */
export const groupcallIdOf = ({ id: call, account }: Pick<SeenCall, 'id' | 'account'>): string => uuidOf(`groupcall ${call}`, account);

/** A call as VoIPBIN shows it: every key, always (voipbin-facts §2.6). */
export function callBody(call: SeenCall, deletedAt?: number): JsonObject {
  const { account, direction, status, source, destination, changedAt, answeredAt, endedAt } = call;
  return {
    id: dashed(call.id),
    customer_id: dashed(account),
    owner_type: '',
    owner_id: NIL,
    flow_id: id(call.flow),
    activeflow_id: activeflowIdOf(call.id),
    type: 'flow',
    master_call_id: id(call.master),
    chained_call_ids: [],
    recording_id: id(call.recording),
    recording_ids: (call.recordings ?? []).map(dashed),
    groupcall_id: isGroup(call) ? groupcallIdOf(call) : NIL,
    source: addressBody(source),
    destination: addressBody(destination),
    status,
    action: actionBody(account, call.current),
    metadata: {},
    direction: direction === 'inbound' ? 'incoming' : 'outgoing',
    mute_direction: call.muted,
    hangup_by: call.hangupBy,
    hangup_reason: call.hangupReason,
    // Who calls us hears it ring from the first moment.
    tm_ringing: stamp(direction === 'inbound' ? begunAt(call) : call.rangAt),
    tm_progressing: stamp(answeredAt),
    tm_hangup: stamp(endedAt),
    tm_create: stampOfMicros(begunMicros(call)),
    tm_update: changedAt > call.startedAt ? stamp(changedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}

/** Whether a call of ours is a group: an extension's telephones ring together, and who answers first has it (voipbin-facts §2.6). */
export const isGroup = ({ direction, destination }: Pick<SeenCall, 'direction' | 'destination'>): boolean =>
  direction === 'outbound' && typeOfTarget(destination.number) === 'extension';

/** The group of one call. `type`: what its destination was said to be. */
export function groupcallBody(
  call: SeenCall,
  { type, deletedAt }: { readonly type?: string; readonly deletedAt?: number } = {},
): JsonObject {
  const { account, status, changedAt, startedAt, source, destination, answeredAt } = call;
  const isOver = status === 'hangup';
  const answered = answeredAt === undefined ? NIL : dashed(call.id);
  return {
    id: groupcallIdOf(call),
    customer_id: dashed(account),
    owner_type: '',
    owner_id: NIL,
    status: isOver ? 'hangup' : status === 'terminating' || status === 'canceling' ? 'hangingup' : 'progressing',
    flow_id: id(call.flow),
    source: addressBody(source),
    destinations: [{ ...addressBody(destination), ...(type === undefined ? {} : { type }) }],
    master_call_id: id(call.master),
    master_groupcall_id: NIL,
    ring_method: 'ring_all',
    answer_method: 'hangup_others',
    answer_call_id: answered,
    call_ids: [dashed(call.id)],
    answer_groupcall_id: NIL,
    groupcall_ids: [],
    call_count: isOver ? 0 : 1,
    groupcall_count: 0,
    dial_index: 0,
    tm_create: stampOfMicros(begunMicros(call)),
    tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}

const hookBody = (hook: RunHook | undefined): JsonObject => ({ webhook_uri: hook?.uri ?? '', webhook_method: hook?.method ?? '' });

/** The run of a call as VoIPBIN shows it (voipbin-facts §2.7). */
export function activeflowBody(call: SeenCall, deletedAt?: number): JsonObject {
  const { account, status, changedAt, startedAt, current, executed } = call;
  const isOver = status === 'hangup';
  return {
    id: activeflowIdOf(call.id),
    customer_id: dashed(account),
    flow_id: id(call.flow),
    status: isOver ? 'ended' : 'running',
    reference_type: 'call',
    reference_id: dashed(call.id),
    reference_activeflow_id: call.master === undefined ? NIL : activeflowIdOf(call.master),
    on_complete_flow_id: NIL,
    ...hookBody(call.hook),
    current_action: actionBody(account, isOver ? undefined : current),
    forward_action_id: NIL,
    executed_actions: executed.map((each) => actionBody(account, each)),
    tm_create: stampOfMicros(begunMicros(call)),
    tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}

/** A run without a call as VoIPBIN shows it. */
export function errandBody(errand: Errand, deletedAt?: number): JsonObject {
  const { account, reference, startedAt, changedAt, endedAt, current, executed } = errand;
  return {
    id: dashed(errand.id),
    customer_id: dashed(account),
    flow_id: id(errand.flow),
    status: endedAt === undefined ? 'running' : 'ended',
    reference_type: reference.type,
    reference_id: reference.id === '' ? NIL : dashed(reference.id),
    reference_activeflow_id: id(errand.behind),
    on_complete_flow_id: id(errand.onComplete),
    ...hookBody(errand.hook),
    current_action: actionBody(account, current),
    forward_action_id: NIL,
    executed_actions: executed.map((each) => actionBody(account, each)),
    tm_create: stampOfMicros(micros(startedAt, errand.id)),
    tm_update: changedAt > startedAt ? stamp(changedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}
