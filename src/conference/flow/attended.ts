import type { AccountId } from '../../accounts/index.ts';
import { dashed, Failure, type JsonObject, type Log } from '../../base/index.ts';
import type { CallId } from '../ids.ts';
import { usualTerms, withTerms } from '../terms.ts';
import type { CallStatus, PhoneCalls } from './phone-calls.ts';
import type { FlowPlan } from './plan.ts';

/** A call that is to talk to somebody else, once he is there. */
export interface AttendedTransfer {
  readonly account: AccountId;
  readonly call: CallId;
  /** A number, an extension, an id, a SIP URI. */
  readonly target: string;
  /** Who calls, for whoever is called. */
  readonly source?: { readonly number?: string; readonly name?: string };
  readonly log: Log;
}

/** The room of two: nothing is asked or said, and with the first who leaves it is over. */
const PAIR: JsonObject = withTerms(
  { name: 'transfer', play_welcome: false, play_entry_tone: false, play_exit_tone: false, member: { join_muted: false } },
  { ...usualTerms, type: 'connect' },
);

/** Into the room that is named by whoever was called. */
const planOf = (called: string): FlowPlan => ({
  actions: [{ id: 'transfer', type: 'conference_enter', option: { conference: `transfer-${called}`, welcome: false, ad_hoc: PAIR } }],
});

const UP: ReadonlySet<CallStatus> = new Set<CallStatus>(['progressing']);
const OVER: ReadonlySet<CallStatus> = new Set<CallStatus>(['terminating', 'hangup']);

/**
 * Transfers a call only once whoever is called has answered: until then it stays where it is, and if nobody answers nothing happens to it. Resolves when it is
 * rung. What nobody can be called at, a conference or a callflow, answers at once: there the call is sent at once. Refuses as `PhoneCalls.transfer` does.
 */
export async function transferAttended(phones: PhoneCalls, wish: AttendedTransfer): Promise<void> {
  const { account, call, target, source, log } = wish;
  const plan = planOf(`\${voipbin.call.id}`);
  // Nobody is rung for a call that is gone, or not up.
  if (phones.find(account, call)?.status !== 'progressing') throw new Failure('conflict', 'call_not_up', 'the call is not up');
  const made = await phones.make({ account, target, plan, ...(source === undefined ? {} : { source }) }).catch((error: unknown) => {
    if (error instanceof Failure && (error.kind === 'invalid' || error.kind === 'not-found')) return undefined;
    throw error;
  });
  if (made === undefined) return phones.transfer(account, call, target);
  const stop = phones.follow(account, ({ id, status }) => {
    if (id === made.id && UP.has(status)) {
      stop();
      phones.divert(account, call, planOf(dashed(made.id))).catch((error: unknown) => {
        log.info('a call that was to be transferred is gone', { call, error: String(error) });
        letGo();
      });
    }
    if (id === made.id && OVER.has(status)) stop();
    if (id === call && OVER.has(status)) {
      stop();
      letGo();
    }
  });
  const letGo = (): void => {
    try {
      phones.hangUp(account, made.id);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  };
}
