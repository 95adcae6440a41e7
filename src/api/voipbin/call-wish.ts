import type { AccountId, Documents } from '../../accounts/index.ts';
import { dashed, isObject, type Json, type JsonObject, undashed } from '../../base/index.ts';
import { checkActions, type FlowPlan } from '../../conference/index.ts';
import { actionsIn, type CheckActions } from './actions.ts';
import { typeOfTarget } from './call-encode.ts';
import { refusals } from './refused.ts';
import { isUuid, listIn, objectIn, textIn, uuidIn } from './scene.ts';

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

/** What the flow of a body needs. */
export interface FlowWishNeeds {
  readonly documents?: Pick<Documents, 'find'> | undefined;
  readonly newId: () => string;
  readonly check: CheckActions;
}

/** The flow of a body: a stored one by `flow_id`, which counts more, else its `actions`. */
export async function flowIn(body: JsonObject, account: AccountId, { documents, newId, check }: FlowWishNeeds): Promise<FlowPlan> {
  const variables = variablesIn(body);
  const id = uuidIn(body, 'flow_id');
  const own = actionsIn(body, 'actions', { newId, check });
  if (id === undefined) return { actions: checkActions([...own], 'action'), variables };
  const flow = await documents?.find({ account, kind: 'flow', id: id as never });
  if (flow === undefined) throw refusals.notFound('FLOW');
  const onComplete = uuidIn(flow.document, 'on_complete_flow_id');
  const behind = onComplete === undefined ? {} : { onComplete };
  return { actions: checkActions(flow.document['actions'], 'action'), variables, flow: dashed(id), ...behind };
}
