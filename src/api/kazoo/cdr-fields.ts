import type { Account } from '../../accounts/index.ts';
import { isoTime, type JsonObject } from '../../base/index.ts';
import type { Cdr } from '../../conference/index.ts';
import { billedSeconds } from '../cdr-pages.ts';
import { gregorian } from '../stamp.ts';

/** Names of Q.850 causes, as FreeSWITCH and so KAZOO spell them. */
const CAUSES: Readonly<Record<number, string>> = {
  1: 'UNALLOCATED_NUMBER',
  2: 'NO_ROUTE_TRANSIT_NET',
  3: 'NO_ROUTE_DESTINATION',
  6: 'CHANNEL_UNACCEPTABLE',
  16: 'NORMAL_CLEARING',
  17: 'USER_BUSY',
  18: 'NO_USER_RESPONSE',
  19: 'NO_ANSWER',
  20: 'SUBSCRIBER_ABSENT',
  21: 'CALL_REJECTED',
  22: 'NUMBER_CHANGED',
  25: 'EXCHANGE_ROUTING_ERROR',
  26: 'LOSE_RACE',
  27: 'DESTINATION_OUT_OF_ORDER',
  28: 'INVALID_NUMBER_FORMAT',
  29: 'FACILITY_REJECTED',
  31: 'NORMAL_UNSPECIFIED',
  34: 'NORMAL_CIRCUIT_CONGESTION',
  38: 'NETWORK_OUT_OF_ORDER',
  41: 'NORMAL_TEMPORARY_FAILURE',
  42: 'SWITCH_CONGESTION',
  44: 'REQUESTED_CHAN_UNAVAIL',
  50: 'FACILITY_NOT_SUBSCRIBED',
  57: 'BEARERCAPABILITY_NOTAUTH',
  58: 'BEARERCAPABILITY_NOTAVAIL',
  63: 'SERVICE_UNAVAILABLE',
  65: 'BEARERCAPABILITY_NOTIMPL',
  69: 'FACILITY_NOT_IMPLEMENTED',
  79: 'SERVICE_NOT_IMPLEMENTED',
  88: 'INCOMPATIBLE_DESTINATION',
  102: 'RECOVERY_ON_TIMER_EXPIRE',
  127: 'INTERWORKING',
};

/** The word for how a leg ended; a caller who gave up has one of his own. */
export const hangupCause = ({ sipStatus, cause }: Pick<Cdr, 'sipStatus' | 'cause'>): string =>
  sipStatus === 487 && cause === 16 ? 'ORIGINATOR_CANCEL' : (CAUSES[cause] ?? 'UNSPECIFIED');

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The spellings of one moment that KAZOO gives. */
function stamps(epoch: number): JsonObject {
  const [date = '', time = ''] = isoTime(epoch).slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return {
    datetime: `${date} ${time}`,
    unix_timestamp: Math.floor(epoch / 1000),
    rfc_1036: `${DAYS[Math.floor(epoch / 86_400_000) % 7]}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${time} GMT`,
    iso_8601: date,
    iso_8601_combined: isoTime(epoch),
  };
}

/** What the legs that came of one another have in common: the id of the first of them. */
export const interactionOf = ({ id, channelVars }: Pick<Cdr, 'id' | 'channelVars'>): string => channelVars['call_interaction_id'] ?? id;

/** Where a record is shown. */
export interface CdrPlace {
  readonly account: Account;
  readonly node: string;
}

const seconds = (from: number, to: number): number => Math.ceil((to - from) / 1000);

const addresses = ({ callerNumber, calledNumber, channelVars }: Cdr, { account }: CdrPlace) => {
  const realm = channelVars['realm'] ?? account.realm;
  return { from: `${callerNumber}@${realm}`, to: `${calledNumber}@${realm}`, request: `${calledNumber}@${realm}` };
};

/** KAZOO has no word for one record that stands for many refused calls; beside its columns two of ours say so. */
const counted = ({ refusals }: Cdr): JsonObject =>
  refusals === undefined ? {} : { refused_calls: refusals.calls, source: refusals.source ?? '' };

/** One element of the list as JSON. */
export const cdrShown = (cdr: Cdr, place: CdrPlace): JsonObject => ({ ...cdrItem(cdr, place), ...counted(cdr) });

/** One element of the list of records: the columns of KAZOO's own list, what we have no word for left empty as there. */
export function cdrItem(cdr: Cdr, place: CdrPlace): JsonObject {
  return {
    id: cdr.id,
    call_id: cdr.sipCallId,
    caller_id_number: cdr.callerNumber,
    caller_id_name: cdr.callerName,
    callee_id_number: cdr.calledNumber,
    callee_id_name: '',
    duration_seconds: seconds(cdr.startedAt, cdr.endedAt),
    billing_seconds: billedSeconds(cdr),
    timestamp: gregorian(cdr.endedAt),
    hangup_cause: hangupCause(cdr),
    other_leg_call_id: '',
    owner_id: cdr.channelVars['owner_id'] ?? '',
    ...addresses(cdr, place),
    direction: cdr.direction,
    authorizing_id: cdr.channelVars['authorizing_id'] ?? '',
    cost: '',
    dialed_number: cdr.calledNumber,
    calling_from: cdr.callerNumber,
    ...stamps(cdr.endedAt),
    call_type: '',
    rate: '',
    rate_name: '',
    bridge_id: cdr.sipCallId,
    recording_url: '',
    media_recordings: '',
    media_server: place.node,
    call_priority: '',
    interaction_id: interactionOf(cdr),
  };
}

/** One whole record. What KAZOO has no key for stands under `_read_only`. */
export function cdrEntity(cdr: Cdr, place: CdrPlace): JsonObject {
  const { from, to, request } = addresses(cdr, place);
  return {
    id: cdr.id,
    call_id: cdr.sipCallId,
    call_direction: cdr.direction,
    caller_id_name: cdr.callerName,
    caller_id_number: cdr.callerNumber,
    callee_id_name: '',
    callee_id_number: cdr.calledNumber,
    from,
    from_uri: `sip:${from}`,
    to,
    to_uri: `sip:${to}`,
    request,
    duration_seconds: seconds(cdr.startedAt, cdr.endedAt),
    billing_seconds: billedSeconds(cdr),
    ringing_seconds: seconds(cdr.startedAt, cdr.answeredAt ?? cdr.endedAt),
    timestamp: gregorian(cdr.endedAt),
    hangup_cause: hangupCause(cdr),
    hangup_code: `sip:${cdr.sipStatus}`,
    media_server: place.node,
    node: place.node,
    app_name: 'parley',
    interaction_id: interactionOf(cdr),
    custom_channel_vars: { ...cdr.channelVars },
    ...(cdr.applicationVars === undefined ? {} : { custom_application_vars: { ...cdr.applicationVars } }),
    _read_only: {
      conference_id: cdr.conference ?? null,
      participant_id: cdr.participant ?? null,
      role: cdr.role ?? null,
      reason: cdr.reason,
      cause: cdr.cause,
      started_at: gregorian(cdr.startedAt),
      answered_at: cdr.answeredAt === undefined ? null : gregorian(cdr.answeredAt),
      ended_at: gregorian(cdr.endedAt),
      codec: cdr.codec ?? null,
      quality: cdr.quality ?? null,
      recording_consents: (cdr.consents ?? []).map(({ recording, state }) => ({ recording_id: recording, state })),
      ...counted(cdr),
    },
  };
}
