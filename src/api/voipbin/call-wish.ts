import type { AccountId, Documents } from '../../accounts/index.ts';
import { dashed, isObject, type Json, type JsonObject, undashed } from '../../base/index.ts';
import { checkActions, type FlowPlan, type RunHook } from '../../conference/index.ts';
import type { Webhooks } from '../../webhooks/index.ts';
import { actionsIn, type CheckActions } from './actions.ts';
import { typeOfTarget } from './call-encode.ts';
import { refusals } from './refused.ts';
import { isUuid, listIn, objectIn, textIn, uuidIn } from './scene.ts';

/** Who tells others of runs. */
export type RunWebhooks = Pick<Webhooks, 'refuses' | 'hook' | 'unhook' | 'settled' | 'tell'>;

/** Whom somebody wants to call. */
export interface WishedAddress {
  readonly type: string;
  readonly target: string;
  readonly name: string;
}

/** Most that one request calls. */
const MOST = 100;
/** Targets that a telephone can be (voipbin-facts §2.6). */
const CALLABLE: readonly string[] = ['tel', 'sip', 'extension', 'agent'];

/** An address of a body. Whoever gives no type has the one that the target looks like. */
export function addressIn(value: Json | undefined): WishedAddress {
  const address: JsonObject = typeof value === 'string' ? { target: value } : value !== undefined && isObject(value) ? value : {};
  const target = textIn(address, 'target').trim();
  const name = textIn(address, 'target_name') || textIn(address, 'name');
  return { type: textIn(address, 'type') || typeOfTarget(target), target, name };
}

/** Everybody a body wants to be called. */
export function destinationsIn(body: JsonObject): readonly WishedAddress[] {
  const list = listIn(body, 'destinations') ?? [];
  if (list.length === 0) throw refusals.badArgument('The field destinations must name somebody.');
  if (list.length > MOST) throw refusals.badArgument(`The field destinations may name ${MOST} at most.`);
  return list.map(addressIn);
}

/** As the dialler of calls takes it; undefined: nothing that rings. */
export function targetOf({ type, target }: WishedAddress): string | undefined {
  if (target === '' || !CALLABLE.includes(type)) return undefined;
  if (type === 'sip') return /^sips?:/i.test(target) ? target : `sip:${target}`;
  return type === 'agent' || isUuid(target) ? undashed(target.toLowerCase()) : target;
}

/** Variables of a body; those of VoIPBIN's own are not anybody's to set (voipbin-facts §4.3). */
const variablesIn = (body: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(objectIn(body, 'variables'))
      .filter((each): each is [string, string] => typeof each[1] === 'string')
      .filter(([key]) => !key.startsWith('voipbin.')),
  );

/** Who is to be told of this run alone (voipbin-facts §1.4, §6.2). */
function hookIn(body: JsonObject, webhooks: FlowWishNeeds['webhooks']): RunHook | undefined {
  const [uri, method] = [textIn(body, 'webhook_uri'), textIn(body, 'webhook_method').toUpperCase()];
  if (uri === '') return undefined;
  if (method !== '' && method !== 'POST' && method !== 'PUT') throw refusals.badArgument('The field webhook_method must be POST or PUT.');
  if (webhooks === undefined) throw refusals.badArgument('This server sends no webhooks.');
  const refused = webhooks.refuses(uri);
  if (refused !== undefined) throw refusals.badArgument(`The field webhook_uri names nothing that is called: ${refused}.`);
  return { uri, method: method === 'PUT' ? 'PUT' : 'POST' };
}

/** What the flow of a body needs. */
export interface FlowWishNeeds {
  readonly documents?: Pick<Documents, 'find'> | undefined;
  readonly newId: () => string;
  readonly check: CheckActions;
  /** Why a URL can never be told of anything. */
  readonly webhooks?: Pick<Webhooks, 'refuses'> | undefined;
}

/** The flow of a body: a stored one by `flow_id`, which counts more, else its `actions`. */
export async function flowIn(
  body: JsonObject,
  account: AccountId,
  { documents, newId, check, webhooks }: FlowWishNeeds,
): Promise<FlowPlan> {
  const hook = hookIn(body, webhooks);
  const all = { variables: variablesIn(body), ...(hook === undefined ? {} : { hook }) };
  const id = uuidIn(body, 'flow_id');
  const own = actionsIn(body, 'actions', { newId, check });
  if (id === undefined) return { actions: checkActions([...own], 'action'), ...all };
  const flow = await documents?.find({ account, kind: 'flow', id: id as never });
  if (flow === undefined) throw refusals.notFound('FLOW');
  const onComplete = uuidIn(flow.document, 'on_complete_flow_id');
  const behind = onComplete === undefined ? {} : { onComplete };
  return { actions: checkActions(flow.document['actions'], 'action'), ...all, flow: dashed(id), ...behind };
}
