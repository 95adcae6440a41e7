import { Failure, isObject, type Json, type JsonObject } from '../../../base/index.ts';
import { type AnyAct, act, type Question, type RunInput, type Turn, type Variables } from '../act.ts';
import { readActions } from '../read-actions.ts';
import { flagOf, textOf } from './option.ts';

interface Asked {
  readonly ask: number;
}

/** Asks something and takes the answer. */
const asking = (question: (option: JsonObject) => Question | undefined, take: (answer: Answered) => Turn<Asked>): AnyAct =>
  act<JsonObject, Asked>({
    answers: false,
    read: (option) => option,
    begin(option, { next: ask, variables }) {
      const asked = question({ ...option, _run: variables['voipbin.activeflow.id'] ?? '', _call: variables['voipbin.call.id'] ?? '' });
      if (asked === undefined) return { turn: 'go', failed: 'it does not say what is to be asked' };
      return { turn: 'stay', state: { ask }, effects: [{ do: 'ask', ask, question: asked }] };
    },
    hear: ({ ask }, input) => (input.type === 'answer' && input.ask === ask ? take(input.answer) : undefined),
  });

type Answered = Extract<RunInput, { type: 'answer' }>['answer'];

/** A stored flow of the account: its actions first, then the next one. */
export const fetchFlow = asking(
  (option) => {
    const flow = textOf(option, 'flow_id');
    return flow === '' ? undefined : { what: 'flow', flow };
  },
  (answer) => (answer.what === 'flow' ? { turn: 'go', push: answer.plan.actions, variables: answer.plan.variables ?? {} } : failed(answer)),
);

/** Actions from a server of the client's, told whose run it is. */
export const fetch = asking(
  (option) => {
    const uri = textOf(option, 'event_url');
    const body = JSON.stringify({ activeflow_id: option['_run'] ?? '', reference_id: option['_call'] ?? '' });
    const method = textOf(option, 'event_method') || 'POST';
    return uri === '' ? undefined : { what: 'web', method, uri, type: 'application/json', body };
  },
  (answer) => {
    if (answer.what !== 'web') return failed(answer);
    try {
      return { turn: 'go', push: readActions(json(answer.body), 'fetched') };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { turn: 'go', failed: error.message };
    }
  },
);

/** Tells a server of the client's; with `sync` the texts of its JSON answer become variables. */
export const webhookSend = act<JsonObject, Asked>({
  answers: false,
  read: (option) => option,
  begin(option, { next: ask }) {
    const uri = textOf(option, 'uri');
    if (uri === '') return { turn: 'go', failed: 'it does not say whom to tell' };
    const type = textOf(option, 'data_type') || 'application/json';
    const question: Question = { what: 'web', method: textOf(option, 'method') || 'POST', uri, type, body: textOf(option, 'data') };
    if (!flagOf(option, 'sync')) return { turn: 'go', effects: [{ do: 'tell', question }] };
    return { turn: 'stay', state: { ask }, effects: [{ do: 'ask', ask, question }] };
  },
  hear({ ask }, input) {
    if (input.type !== 'answer' || input.ask !== ask) return undefined;
    return input.answer.what === 'web' ? { turn: 'go', variables: variablesOf(input.answer.body) } : failed(input.answer);
  },
});

const failed = (answer: Answered): Turn<Asked> => ({
  turn: 'go',
  failed: answer.what === 'nothing' ? answer.refusal.words : 'an unexpected answer',
});

/** Undefined: no JSON. */
function json(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function variablesOf(body: string): Variables {
  const told = json(body);
  if (told === undefined || !isObject(told)) return {};
  const texts = Object.entries(told).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, String(value)] as const] : [],
  );
  return Object.fromEntries(texts.filter(([key]) => !key.startsWith('voipbin.')));
}
