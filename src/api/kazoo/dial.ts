import { Failure, isObject, type Json, type JsonObject } from '../../base/index.ts';
import { type ConferenceId, type ConferenceView, callerOf, type DialOutcome, type Execute } from '../../conference/index.ts';
import { check, withDefaults } from '../document/check.ts';
import { callerIn, orderOf, roomOf, rowOf } from '../document/dial-order.ts';
import type { Answer, Asked, Plan, Scene } from './answer.ts';
import { revisionOf } from './encode.ts';
import { broken, invalid, Refusal, refusals } from './refuse.ts';

/** What stands under `data.endpoints` where nobody can be called, also on top of what else is wrong (kazoo-facts §10.3). */
const NOBODY: JsonObject = { minItems: { message: 'endpoints failed to resolve to route-able destinations', target: 1 } };

/** The ids that a room may be named by which nobody configured. */
const ID = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/;

/** Parameters of every request, which are nobody's variables. */
const PLUMBING = new Set(['auth_token', 'pretty_print', 'verb', 'jsonp', 'accept']);

/** The variables of a body with those of the query over them (kazoo-facts §10.1). */
function withQuery(vars: Json | undefined, query: Asked['query']): Json | undefined {
  const asked = [...query].filter(([name]) => !PLUMBING.has(name));
  if (asked.length === 0) return vars;
  return { ...(vars !== undefined && isObject(vars) ? vars : {}), ...Object.fromEntries(asked) };
}

/** What is dialled, in `data` within `data` as deep as clients put it, and the variables, which may stand beside it. */
function dialled({ data, query }: Asked): { readonly inner: JsonObject; readonly vars: Json | undefined } {
  if (!isObject(data)) throw broken('data', 'required', { message: "action 'dial' requires a data object" });
  let [inner, vars] = [data, data['custom_application_vars']];
  for (let next = inner['data']; next !== undefined && isObject(next) && inner['endpoints'] === undefined; next = inner['data']) {
    inner = next;
    vars ??= inner['custom_application_vars'];
  }
  return { inner, vars: withQuery(vars, query) };
}

function checked(inner: JsonObject): JsonObject {
  const result = check('dial', inner);
  if (result.ok) return result.document;
  const refusal = invalid(result.faults);
  throw new Refusal(refusal.status, refusal.code, { ...(refusal.data as JsonObject), 'data.endpoints': NOBODY });
}

const WHY: Readonly<Record<string, (words: string) => JsonObject>> = {
  enum: (words) => ({ enum: { message: words } }),
  not_found: (words) => ({ not_found: { message: words } }),
  minItems: (words) => ({ minItems: { message: words, target: 1 } }),
};

/** 400 for each endpoint that names nobody, and for all of them (kazoo-facts §10.3). */
function nobody({ details }: Failure): Refusal {
  const list = isObject(details ?? null) ? (details as JsonObject)['endpoints'] : undefined;
  const places: Record<string, Json> = { 'data.endpoints': NOBODY };
  for (const each of Array.isArray(list) ? list : []) {
    if (!isObject(each)) continue;
    const words = String(each['words'] ?? '');
    places[`data.endpoints.${each['index']}`] = WHY[String(each['why'])]?.(words) ?? { [String(each['code'])]: { message: words } };
  }
  return new Refusal(400, 'validation error', places);
}

const answered = (outcomes: readonly DialOutcome[], revision: string | undefined): Answer => ({
  status: 201,
  data: { endpoint_responses: outcomes.map(rowOf) },
  revision,
});

/** The document of the room that a dial opens where there is no conference (rulings "Rooms", ad-hoc). */
export function adHocDocument(data: JsonObject): JsonObject {
  const result = check('conference', roomOf(data));
  if (!result.ok) throw invalid(result.faults);
  return withDefaults(result.document);
}

/** Calls people into the conference; the answer comes when all are settled. */
export function dial({ asked, account, dialling }: Scene, conference: ConferenceId): Plan {
  const { inner, vars } = dialled(asked);
  const data = checked(inner);
  if (dialling === undefined) throw refusals.notBuilt('dial');
  if (!ID.test(conference)) throw refusals.badId(conference);
  const adHoc = adHocDocument(data);
  return async (execute, actor) => {
    const view = await conferenceOrNone(execute, { conference, account: actor });
    const caller = view === undefined ? callerIn(data) : callerOf(view.conference);
    try {
      // The room that it opens is his who opens it.
      const room = actor.user === undefined ? adHoc : { ...adHoc, owner_id: actor.user };
      const order = { ...orderOf(data, { caller, vars }), account: account.id, conference, adHoc: room };
      return answered(await dialling.dial(order), view && revisionOf(view));
    } catch (error) {
      throw error instanceof Failure && error.code === 'no_endpoint' ? nobody(error) : error;
    }
  };
}

/** The conference; undefined: a dial opens a room of its own. */
export async function conferenceOrNone(
  execute: Execute,
  { conference, account }: { readonly conference: ConferenceId; readonly account: Parameters<Execute>[2] },
): Promise<ConferenceView | undefined> {
  try {
    return await execute('conference.read', { conference }, account);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not-found') return undefined;
    throw error;
  }
}
