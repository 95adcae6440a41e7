import { dashed } from '../../../base/index.ts';
import type { Errand, ErrandChange, PhoneCall } from '../../../conference/index.ts';
import { activeflowBody, activeflowIdOf, callBody, errandBody } from '../call-encode.ts';
import { type SeenCall, seenLive } from '../seen-call.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

const ofCall = (type: string, call: SeenCall): VoipbinEvent => ({ type, id: dashed(call.id), data: callBody(call) });
const ofRun = (type: string, call: SeenCall): VoipbinEvent => ({ type, id: activeflowIdOf(call.id), data: activeflowBody(call) });

/** What VoIPBIN tells of a change of a call that lives (voipbin-facts §6.1); `before`: as it was, undefined where it has just begun. */
export function callEvents(now: PhoneCall, before: PhoneCall | undefined): readonly VoipbinEvent[] {
  const call = seenLive(now);
  // Its end is told by its record, which also webhooks are told of.
  if (now.status === 'hangup') return [];
  if (before === undefined) return [ofCall('call_created', call), ofRun('activeflow_created', call), ofCall(`call_${now.status}`, call)];
  if (before.status === now.status) return [ofCall('call_updated', call)];
  const isUp = now.status === 'progressing';
  return [ofCall(`call_${now.status}`, call), ...(isUp ? [ofRun('activeflow_updated', call)] : [])];
}

/** That it is over, and its flow with it. */
export const endEvents = (call: SeenCall): readonly VoipbinEvent[] => [ofCall('call_hangup', call), ofRun('activeflow_updated', call)];

/** The same of a call that the book still knows. */
export const callEndEvents = (call: PhoneCall): readonly VoipbinEvent[] => endEvents(seenLive(call));

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
