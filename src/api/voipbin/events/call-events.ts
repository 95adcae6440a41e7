import { dashed } from '../../../base/index.ts';
import type { Errand, ErrandChange, PhoneCall } from '../../../conference/index.ts';
import { activeflowBody, activeflowIdOf, callBody, errandBody, groupcallBody, groupcallIdOf, isGroup } from '../call-encode.ts';
import { type SeenCall, seenLive } from '../seen-call.ts';
import { stamp } from '../stamp.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

const ofCall = (type: string, call: SeenCall): VoipbinEvent => ({ type, id: dashed(call.id), data: callBody(call) });
const ofGroup = (type: string, call: SeenCall, deletedAt?: number): readonly VoipbinEvent[] =>
  isGroup(call) ? [{ type, id: groupcallIdOf(call), data: groupcallBody(call, deletedAt === undefined ? {} : { deletedAt }) }] : [];
const ofRun = (type: string, call: SeenCall): VoipbinEvent => ({ type, id: activeflowIdOf(call.id), data: activeflowBody(call) });

/** What VoIPBIN tells of a change of a call that lives (voipbin-facts §6.1); `before`: as it was, undefined where it has just begun. */
export function callEvents(now: PhoneCall, before: PhoneCall | undefined): readonly VoipbinEvent[] {
  const call = seenLive(now);
  // Its end is told by its record, which also webhooks are told of.
  if (now.status === 'hangup') return [];
  if (before === undefined) {
    const begun = [ofCall('call_created', call), ofRun('activeflow_created', call), ofCall(`call_${now.status}`, call)];
    return [...ofGroup('groupcall_created', call), ...begun];
  }
  if (before.status === now.status) return [ofCall('call_updated', call)];
  const isUp = now.status === 'progressing';
  return [
    ofCall(`call_${now.status}`, call),
    ...(isUp ? [...ofGroup('groupcall_progressing', call), ofRun('activeflow_updated', call)] : []),
  ];
}

/** That it is over, and its flow with it. */
export const endEvents = (call: SeenCall): readonly VoipbinEvent[] => [
  ofCall('call_hangup', call),
  ...ofGroup('groupcall_hangup', call),
  ofRun('activeflow_updated', call),
];

/** That its owner has deleted it, at this time (epoch ms); its group goes with it. */
export const removedEvents = (call: SeenCall, at: number): readonly VoipbinEvent[] => [
  { type: 'call_deleted', id: dashed(call.id), data: callBody(call, at) },
  ...ofGroup('groupcall_deleted', call, at),
];

/** The same of its run. */
export const runRemovedEvent = (call: SeenCall, at: number): VoipbinEvent => ({
  type: 'activeflow_deleted',
  id: activeflowIdOf(call.id),
  data: activeflowBody(call, at),
});

/** What was to be told of a run that a restart has ended, at this time (epoch ms). */
export const errandCut = ({ type, data }: Pick<VoipbinEvent, 'type' | 'data'>, at: number) => ({
  type,
  data: { ...data, tm_update: stamp(at) },
});

/** What VoIPBIN tells of a run without a call. */
export const errandEvent = (errand: Errand, what: ErrandChange): VoipbinEvent => ({
  type: ERRANDS[what],
  id: dashed(errand.id),
  data: errandBody(errand, what === 'removed' ? errand.changedAt : undefined),
});

const ERRANDS: Readonly<Record<ErrandChange, string>> = {
  created: 'activeflow_created',
  ended: 'activeflow_updated',
  removed: 'activeflow_deleted',
};
