import { Failure } from '../../base/index.ts';
import type { Actor, Destination, Execute, Input } from '../commands.ts';
import type { Conference } from '../conference.ts';
import type { EntryDesk } from '../entry/desk.ts';
import { asksNothing } from '../entry/plan-of.ts';
import { limitOf } from '../room-set.ts';
import { calls, people } from '../rules/which.ts';
import { settingsOf } from '../settings.ts';
import type { FlowPlan } from './plan.ts';
import type { Numbers } from './ports.ts';

/** What finds the way of a call. */
export interface RouteNeeds {
  /** Of the conferences: their `call.route` knows numbers and ids. */
  readonly execute: Execute;
  readonly desk: EntryDesk;
  readonly numbers?: Numbers;
  readonly testNumber?: string;
}

/** Whoever dials this hears himself. */
const TEST: FlowPlan = { actions: [{ id: 'test', type: 'echo_test', option: {} }] };

/** Asks for number, PIN and name, as far as they are not known. */
export const entering = (option: FlowPlan['actions'][number]['option']): FlowPlan => ({
  actions: [{ id: 'enter', type: 'conference_enter', option }],
});

/**
 * What a dialled user part means (rulings "Whose call is it"): extension or device, callflow number, VoIPBIN number, access number, conference number, conference
 * id, the number of the echo test. A conference that asks and says nothing is entered at once, so that a refusal is still an answer of SIP.
 */
export async function route(
  input: Input<'call.route'>,
  actor: Actor,
  { execute, desk, numbers, testNumber }: RouteNeeds,
): Promise<Destination> {
  const { account } = actor;
  const flow = input.only === true ? undefined : await numbers?.find(account, input);
  if (flow !== undefined) return { flow };
  if (input.only !== true && (await numbers?.isAccessNumber(account, input))) return { flow: entering({}) };
  const found = await execute('call.route', input, actor).catch((error: unknown): Destination => {
    if (testNumber === undefined || input.only === true || input.dialled !== testNumber || !isNowhere(error)) throw error;
    return { flow: TEST };
  });
  if (found.flow !== undefined) return found;
  const { conference: id, role, interval } = found;
  const wish = { conference: id, ...(role === undefined ? {} : { role }) };
  const { reception, plan } = await desk.receive({ account, call: '' as never, callerNumber: '' }, wish);
  const { conference } = await execute('conference.read', { conference: id }, actor);
  if (plan !== undefined && asksNothing(reception, plan) && !saysNo(conference, plan)) return found;
  const packets = interval === undefined ? {} : { interval };
  return { flow: entering(wish), conference: id, ...packets };
}

const isNowhere = (error: unknown): boolean => error instanceof Failure && error.kind === 'not-found';

/** Whether who is kept out is told so by a voice, or must wait for somebody to let him in. */
function saysNo(
  conference: Conference,
  { locked, full, role }: { readonly locked?: unknown; readonly full?: unknown; readonly role: string },
): boolean {
  if (settingsOf(conference).waitingRoom && role !== 'moderator') return true;
  if (conference.locked && locked !== undefined) return true;
  const most = limitOf(conference);
  const isFull = most > 0 && calls(conference).length - people(conference).filter((each) => each.ghost).length >= most;
  return isFull && full !== undefined;
}
