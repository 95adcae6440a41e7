import { Failure, isObject, type Log } from '../base/index.ts';
import type { CallRecord } from '../conference/index.ts';
import { cancel, parseMessage } from '../sip/index.ts';
import { CdrDraft } from './cdr.ts';
import { DialogLine } from './dialog-line.ts';
import { parseFlow } from './flow.ts';
import type { Surroundings } from './surroundings.ts';

/** How many ends are told at once. */
const TOLD_AT_ONCE = 20;
/** How many BYEs are unanswered at once; each may stay so for 32 s. */
const BYES_AT_ONCE = 200;

/** What recovering needs. */
export interface RecoverNeeds {
  readonly around: Surroundings;
  readonly log: Log;
  /** Epoch ms at which the last run was alive for certain; 0: nobody knows. */
  readonly lastAlive: number;
}

/**
 * Ends the calls that a crash left behind. Resolves when the domain has heard of every end, so that nobody is in a room who is not there.
 * The BYEs go on by themselves; a call's record stays until its BYE was answered or timed out, so that a second crash says it again.
 */
export async function recoverCalls(records: readonly CallRecord[], needs: RecoverNeeds): Promise<void> {
  const { around } = needs;
  const told = new Map(records.map((record) => [record, Promise.withResolvers<boolean>()]));
  const byes = atMost(BYES_AT_ONCE, records, async (record) => {
    await sendBye(record, around);
    if (await told.get(record)?.promise) await around.records.remove(record.id);
  });
  around.follow(byes);
  await atMost(TOLD_AT_ONCE, records, async (record) => told.get(record)?.resolve(await tellEnded(record, needs)));
}

/** Told until the domain has heard it; false when there is no more time to. */
async function tellEnded(record: CallRecord, needs: RecoverNeeds): Promise<boolean> {
  const { around, log } = needs;
  const { id, account, conference } = record;
  const tell = () => around.execute('call.ended', { conference, call: id, reason: 'restart' }, { account, kind: 'system' });
  try {
    await around.insist(tell);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'unavailable') {
      log.error('the end of a recovered call could not be told', { call: id, conference, error });
      return false;
    }
    // The domain knows the call, or its conference, no more: that is settled.
    log.info('the end of a recovered call was refused', { call: id, conference, error });
  }
  return keepCdr(record, needs);
}

/** The call's CDR, unless it was kept before the crash; false when there is no more time to. */
async function keepCdr({ id, dialog }: CallRecord, { around, log, lastAlive }: RecoverNeeds): Promise<boolean> {
  const cdr = CdrDraft.restored(isObject(dialog) ? dialog['cdr'] : undefined, around.cdrs);
  // A clock that jumped must not make a call that lasts beyond now.
  cdr?.ended('restart', isObject(dialog) && dialog['ringing'] !== undefined ? 487 : 200, Math.min(lastAlive, around.clock.epoch()));
  try {
    await cdr?.write();
    return true;
  } catch (error) {
    log.error('the CDR of a recovered call could not be kept', { call: id, error });
    return false;
  }
}

/** Resolves with the final answer, or when none will come. */
function sendBye({ dialog }: CallRecord, around: Surroundings): Promise<void> {
  return new Promise((resolve) => {
    const line = DialogLine.restored(dialog, around);
    if (line === undefined) {
      cancelRinging(dialog, around);
      resolve();
    } else line.bye('restart', resolve);
  });
}

/** What rang when the server died is cancelled: nobody is here any more to talk to. */
function cancelRinging(dialog: CallRecord['dialog'], around: Surroundings): void {
  const ringing = isObject(dialog) ? dialog['ringing'] : undefined;
  for (const each of Array.isArray(ringing) ? ringing : []) {
    if (!isObject(each) || typeof each['invite'] !== 'string' || typeof each['flow'] !== 'string') continue;
    const [invite, flow] = [parseMessage(Buffer.from(each['invite'], 'base64')), parseFlow(each['flow'])];
    if (invite.type === 'request' && flow !== undefined) around.ask(cancel(invite), flow, () => {});
  }
}

/** Does the work of each in turn, so many at a time; one that fails holds up no other, and the first failure is thrown at the end. */
async function atMost<Item>(count: number, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
