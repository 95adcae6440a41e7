import { isObject, type Json, type JsonObject } from '../../../base/index.ts';
import { callerOf } from '../../../conference/index.ts';
import { check } from '../../document/check.ts';
import { callerIn, orderOf, rowOf } from '../../document/dial-order.ts';
import { adHocDocument, conferenceOrNone } from '../dial.ts';
import { common } from './answers.ts';
import { type Obey, Unfit } from './obey.ts';

/** The keys of the message by those of the body over HTTP (kazoo-facts §8.5). */
const KEYS: Readonly<Record<string, string>> = {
  endpoints: 'Endpoints',
  caller_id_name: 'Caller-ID-Name',
  caller_id_number: 'Caller-ID-Number',
  outbound_call_id: 'Outbound-Call-ID',
  participant_flags: 'Participant-Flags',
  profile_name: 'Profile-Name',
  target_call_id: 'Target-Call-ID',
  timeout: 'Timeout',
};

/** An endpoint of KAZOO's own programs is an object with a route, or what may stand over HTTP. */
function endpointOf(endpoint: Json): Json {
  if (!isObject(endpoint)) return endpoint;
  const [route, name] = [endpoint['Route'], endpoint['Endpoint-ID'] ?? endpoint['Callee-ID-Name']];
  return typeof route === 'string' && route !== ''
    ? { name: String(name ?? 'endpoint'), id: String(name ?? route), sip: { route } }
    : endpoint;
}

function bodyOf(message: JsonObject): JsonObject {
  const body = Object.fromEntries(
    Object.entries(KEYS).flatMap(([key, header]) => (message[header] === undefined ? [] : [[key, message[header] as Json]])),
  );
  const { endpoints } = body;
  return { ...body, ...(Array.isArray(endpoints) ? { endpoints: endpoints.map(endpointOf) } : {}) };
}

/** Calls people into the conference, and tells in `dial_resp` what became of each. */
export const dial: Obey = async ({ message, conference, execute, actor, place, dialling }) => {
  if (dialling === undefined) throw new Unfit('nobody can be called here');
  const result = check('dial', bodyOf(message));
  if (!result.ok) throw new Unfit(result.faults.map(({ path, message: words }) => `${path.join('.')}: ${words}`).join('; '));
  const view = await conferenceOrNone(execute, { conference, account: actor });
  const caller = view === undefined ? callerIn(result.document) : callerOf(view.conference);
  const order = orderOf(result.document, { caller, vars: message['Custom-Application-Vars'] });
  const outcomes = await dialling.dial({ ...order, account: actor.account, conference, adHoc: adHocDocument(result.document) });
  const rows = outcomes.map((outcome) => {
    const row = rowOf(outcome);
    return {
      Status: row['status'] ?? null,
      Message: row['message'] ?? null,
      'Endpoint-ID': row['endpoint_id'] ?? null,
      'Job-ID': row['job_id'] ?? null,
      ...(row['call_id'] === undefined ? {} : { 'Call-ID': row['call_id'] }),
    };
  });
  return { ...common('dial_resp', place.node), 'Conference-ID': conference, 'Endpoint-Responses': rows };
};
