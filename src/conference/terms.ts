import { isObject, type Json, type JsonObject } from '../base/index.ts';

/** `connect` takes exactly two, and ends when one of them leaves (voipbin-facts §3.2). */
export type ConferenceType = 'conference' | 'connect';

/** What VoIPBIN knows of a conference beside its name (voipbin-facts §2.2). */
export interface Terms {
  readonly type: ConferenceType;
  readonly detail: string;
  /** The owner's own. */
  readonly data: JsonObject;
  /** Seconds after its creation at which it ends; 0: never. */
  readonly timeout: number;
  /** What happens to a leg before it is heard in the room, and after it has left it while its call is up. */
  readonly preActions: readonly JsonObject[];
  readonly postActions: readonly JsonObject[];
  /** Flows for the same, by 32 hex digits; where there are actions, these count. */
  readonly preFlow?: string;
  readonly postFlow?: string;
  /** `direct.` and 12 hex digits, under which it can be dialled; empty: it cannot. */
  readonly directHash: string;
}

/** What KAZOO made. */
export const usualTerms: Terms = {
  type: 'conference',
  detail: '',
  data: {},
  timeout: 0,
  preActions: [],
  postActions: [],
  directHash: '',
};

/** Its key in a document. KAZOO keeps what begins with `pvt_` from bodies and answers, and through every change. */
const KEY = 'pvt_terms';

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objects = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The terms of a document. Never throws: what has the wrong shape counts as absent. */
export function termsOf(document: JsonObject): Terms {
  const kept = document[KEY];
  if (!isObject(kept)) return usualTerms;
  const { timeout, data } = kept;
  const [preFlow, postFlow] = [text(kept['preFlow']), text(kept['postFlow'])];
  return {
    type: kept['type'] === 'connect' ? 'connect' : 'conference',
    detail: text(kept['detail']),
    data: isObject(data) ? data : {},
    timeout: typeof timeout === 'number' && timeout > 0 ? timeout : 0,
    preActions: objects(kept['preActions']),
    postActions: objects(kept['postActions']),
    ...(preFlow === '' ? {} : { preFlow }),
    ...(postFlow === '' ? {} : { postFlow }),
    directHash: text(kept['directHash']),
  };
}

/** The document with these terms. */
export const withTerms = (document: JsonObject, terms: Terms): JsonObject => ({ ...document, [KEY]: { ...terms } as JsonObject });

/** What stays through every change of the document, unless the change says otherwise: what is not its writer's. */
export const keptPrivately = (document: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key.startsWith('pvt_')));
