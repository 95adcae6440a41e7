import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { CallerId, DialEndpoint, DialFlags, DialOrder, DialOutcome } from '../../conference/index.ts';

/** Keys of a dial that are no keys of a conference. */
const OWN = new Set([
  'endpoints',
  'caller_id_name',
  'caller_id_number',
  'target_call_id',
  'outbound_call_id',
  'participant_flags',
  'timeout',
  'custom_application_vars',
  'action',
  'data',
  'id',
  // Numbers belong to documents: what lives as long as its room claims none.
  'conference_numbers',
]);

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The conference keys that came along, for a room that nobody configured. */
export const roomOf = (data: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !OWN.has(key) && !key.startsWith('_') && !key.startsWith('pvt_')));

/** KAZOO's `participant_flags` (kazoo-facts §10.4). */
export function flagsOf(list: Json | undefined): Pick<DialOrder, 'role' | 'flags'> {
  const given = new Set(Array.isArray(list) ? list : []);
  const flags: DialFlags = {
    ...(given.has('mute') ? { muted: true } : {}),
    ...(given.has('deaf') ? { deaf: true } : {}),
    ...(given.has('ghost') ? { ghost: true } : {}),
    ...(given.has('distribute_dtmf') ? { distributesDigits: true } : {}),
    ...(given.has('disable_moh') ? { noMusic: true } : {}),
    ...(given.has('join_existing') ? { joinExisting: true } : {}),
    ...(given.has('video_mute') ? { videoMuted: true } : {}),
  };
  return { role: given.has('is_moderator') ? 'moderator' : 'member', flags };
}

/** What a checked body asks of a dial; `caller` is the conference, which calls where nobody else is named. */
export function orderOf(
  data: JsonObject,
  { caller, vars }: { readonly caller: CallerId; readonly vars: Json | undefined },
): Omit<DialOrder, 'account' | 'conference' | 'adHoc'> {
  const [callerName, number, outboundCallId, targetCallId] = [
    text(data['caller_id_name']),
    text(data['caller_id_number']),
    text(data['outbound_call_id']),
    text(data['target_call_id']),
  ];
  return {
    endpoints: data['endpoints'] as unknown as readonly DialEndpoint[],
    ...flagsOf(data['participant_flags']),
    callerId: { ...caller, ...(callerName === undefined ? {} : { name: callerName }), ...(number === undefined ? {} : { number }) },
    ...(typeof data['timeout'] === 'number' ? { timeoutSeconds: data['timeout'] } : {}),
    ...(outboundCallId === undefined ? {} : { outboundCallId }),
    ...(targetCallId === undefined ? {} : { targetCallId }),
    ...varsOf(vars),
  };
}

function varsOf(vars: Json | undefined): Pick<DialOrder, 'vars'> {
  if (vars === undefined || !isObject(vars)) return {};
  const plain = Object.entries(vars).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { vars: Object.fromEntries(plain.map(([key, value]) => [key, String(value)])) };
}

/** KAZOO's hangup causes of refusals, where it has one. */
const CAUSES: Readonly<Record<string, string>> = {
  dial_busy: 'USER_BUSY',
  dial_declined: 'CALL_REJECTED',
  dial_unanswered: 'NO_ANSWER',
  dial_unreachable: 'USER_NOT_REGISTERED',
  dial_cancelled: 'ORIGINATOR_CANCEL',
};

/** One row of `endpoint_responses` (rulings "dial"). */
export function rowOf({ endpoint, jobId, callId, refusal }: DialOutcome): JsonObject {
  const common = { endpoint_id: endpoint, job_id: jobId, ...(callId === undefined ? {} : { call_id: callId }) };
  if (refusal === undefined) return { ...common, status: 'success', message: `dial resulted in call id ${callId}` };
  const message = CAUSES[refusal.code] ?? refusal.words;
  return {
    ...common,
    status: 'error',
    message,
    error: refusal.code,
    ...(refusal.status === undefined ? {} : { sip_status: refusal.status }),
  };
}

/** Who calls into a room that nobody configured: what was said of it may name it. */
export function callerIn(data: JsonObject): CallerId {
  const name = text(data['name']);
  return name === undefined ? {} : { name };
}
