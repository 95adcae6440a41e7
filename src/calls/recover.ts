import { isObject, type Json } from '../base/index.ts';
import type { CallRecord } from '../conference/index.ts';
import { type Dialog, requestInDialog } from '../sip/index.ts';
import { reasonHeaders } from './call-values.ts';
import { parseFlow } from './flow.ts';
import { type Surroundings, viaOf, wayOf } from './surroundings.ts';

/** Ends one call that a crash left behind: BYE, `call.ended`, record removed. Does not wait for the far end. */
export async function recoverCall(record: CallRecord, around: Surroundings): Promise<void> {
  const { id, account, conference } = record;
  sendBye(record.dialog, around);
  await around.execute('call.ended', { conference, call: id, reason: 'restart' }, { account, kind: 'system' });
  await around.records.remove(id);
}

function sendBye(stored: Json, around: Surroundings): void {
  const kept = readDialog(stored);
  if (kept === undefined) return;
  const flow = wayOf(kept.dialog, { ...kept, reaches: around.reaches });
  const { request } = requestInDialog(kept.dialog, 'BYE', {
    via: viaOf(around, flow),
    headers: [['User-Agent', around.userAgent], ...reasonHeaders('restart')],
  });
  around.ask(request, flow, () => {});
}

/** Reads what `dialogJson` wrote; undefined for anything else. */
function readDialog(stored: Json) {
  if (!isObject(stored) || !isObject(stored['dialog'] ?? null) || typeof stored['flow'] !== 'string') return undefined;
  const flow = parseFlow(stored['flow']);
  const dialog = stored['dialog'] as unknown as Dialog;
  const whole = typeof dialog.callId === 'string' && typeof dialog.remoteTarget === 'string' && Array.isArray(dialog.routeSet);
  return flow === undefined || !whole ? undefined : { dialog, flow, translated: stored['translated'] === true };
}
