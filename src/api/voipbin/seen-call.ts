import type { AccountId } from '../../accounts/index.ts';
import { undashed } from '../../base/index.ts';
import type { Action, CallId, CallStatus, Cdr, LeaveReason, PhoneCall, RunHook } from '../../conference/index.ts';
import { micros } from './stamp.ts';

/** A call as this dialect shows it: one that lives, or what its record tells of it. */
export interface SeenCall {
  readonly id: CallId;
  readonly account: AccountId;
  readonly direction: 'inbound' | 'outbound';
  readonly status: CallStatus;
  readonly source: { readonly number: string; readonly name: string };
  readonly destination: { readonly number: string; readonly name: string };
  readonly startedAt: number;
  readonly changedAt: number;
  readonly rangAt?: number | undefined;
  readonly answeredAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly hangupBy: '' | 'remote' | 'local';
  readonly hangupReason: string;
  readonly muted: PhoneCall['muted'];
  readonly recording?: string | undefined;
  readonly recordings?: readonly string[] | undefined;
  readonly master?: CallId | undefined;
  /** Who is told of its run; of a call that is long over nobody knows any more. */
  readonly hook?: RunHook | undefined;
  /** 32 hex digits of the stored flow. */
  readonly flow?: string | undefined;
  readonly current?: Action | undefined;
  readonly executed: readonly Action[];
}

/** Epoch ms of its beginning: its id tells it, the same way from the first moment to its record. */
export const begunAt = ({ id, startedAt }: { readonly id: string; readonly startedAt: number }): number =>
  /^[0-9a-f]{12}7[0-9a-f]{19}$/.test(id) ? Number.parseInt(id.slice(0, 12), 16) : startedAt;

/** Microseconds of its beginning, by which lists go. */
export const begunMicros = (call: { readonly id: string; readonly startedAt: number }): number => micros(begunAt(call), call.id);

const LOST: readonly LeaveReason[] = ['failed', 'media-lost', 'shutdown', 'restart'];

/** Refusals before anybody was called. */
const NOT_OUT: readonly (string | undefined)[] = ['dial_no_trunk', 'dialling_denied', 'dial_limit'];

interface End {
  readonly reason: LeaveReason;
  readonly status: number;
  readonly answered: boolean;
  readonly direction: string;
  readonly code?: string | undefined;
}

/** VoIPBIN's reason (voipbin-facts §2.6). */
function reasonOf({ reason, status, answered, direction, code }: End): string {
  if (!answered) return NOT_OUT.includes(code) ? 'dialout' : unanswered(reason, status, direction);
  if (LOST.includes(reason)) return 'failed';
  return reason === 'time-up' ? 'timeout' : 'normal';
}

function unanswered(reason: LeaveReason, status: number, direction: string): string {
  if (status === 486 || status === 600) return 'busy';
  if (status === 487 || reason === 'hung-up') return 'cancel';
  if (status === 408 || status === 480) return direction === 'outbound' ? 'noanswer' : 'timeout';
  return 'failed';
}

const byWhom = (reason: LeaveReason, isRefused: boolean): 'remote' | 'local' => (reason === 'hung-up' || isRefused ? 'remote' : 'local');

/** A call of the book. */
export function seenLive(call: PhoneCall): SeenCall {
  const { run, reason, refusal, answeredAt, endedAt, direction, byUs, ...rest } = call;
  const isRefused = direction === 'outbound' && answeredAt === undefined && !byUs;
  const status = refusal?.status ?? (byUs && answeredAt === undefined ? 487 : 480);
  return {
    ...rest,
    direction,
    answeredAt,
    endedAt,
    hangupBy: reason === undefined ? '' : byWhom(reason, isRefused),
    hangupReason:
      reason === undefined ? '' : reasonOf({ reason, status, answered: answeredAt !== undefined, direction, code: refusal?.code }),
    ...(run?.flow === undefined ? {} : { flow: undashed(run.flow) }),
    current: run?.current,
    executed: run?.executed ?? [],
  };
}

/** A call that is over, by its record. */
export function seenPast(cdr: Cdr): SeenCall {
  const { id, account, direction, callerName, callerNumber, calledNumber, startedAt, answeredAt, endedAt, reason, sipStatus } = cdr;
  const answered = answeredAt !== undefined;
  const flow = cdr.channelVars['flow_id'];
  return {
    id,
    account,
    direction,
    status: 'hangup',
    source: { number: callerNumber, name: callerName },
    destination: { number: calledNumber, name: '' },
    startedAt,
    changedAt: endedAt,
    answeredAt,
    endedAt,
    hangupBy: byWhom(reason, direction === 'outbound' && !answered && sipStatus !== 487),
    hangupReason: reasonOf({ reason, status: sipStatus, answered, direction }),
    muted: '',
    ...(flow === undefined ? {} : { flow }),
    executed: [],
  };
}
