import { type Json, type JsonObject, undashed } from '../../../base/index.ts';
import type { ConferenceId } from '../../ids.ts';
import { termsOf } from '../../terms.ts';
import { type Around, act, type RunInput, type Turn } from '../act.ts';
import { readActions } from '../read-actions.ts';
import { textOf } from './option.ts';

/** Where somebody is on his way through a conference that asks nothing. */
type Joining =
  | { readonly at: 'looking'; readonly ask: number; readonly conference: ConferenceId }
  | { readonly at: 'entering' | 'waiting' | 'in' };

const idOf = (option: JsonObject, key: string): ConferenceId => undashed(textOf(option, key)) as ConferenceId;

/** Goes straight in and stays until he is out again while his call is up. */
export const confbridgeJoin = act<ConferenceId, Joining>({
  answers: true,
  read: (option) => (textOf(option, 'confbridge_id') === '' ? idOf(option, 'conference_id') : idOf(option, 'confbridge_id')),
  begin: (conference, around) => goIn(conference, around),
  hear: (_, input, around) => stayIn(input, around),
});

/**
 * Into a conference of the account, which asks nothing: what its document has to be done before (`pre_actions`, else `pre_flow_id`) is done on his own leg, then
 * he goes in, and what it has to be done behind (`post_…`) is done while his call is up (voipbin-facts §4.1). An unknown conference ends the call.
 */
export const conferenceJoin = act<ConferenceId, Joining>({
  answers: true,
  read: (option) => idOf(option, 'conference_id'),
  begin(conference, { next: ask }) {
    if (conference === '') return { turn: 'end', status: 404 };
    return {
      turn: 'stay',
      state: { at: 'looking', ask, conference },
      effects: [
        { do: 'joining', conference },
        { do: 'ask', ask, question: { what: 'conference', conference } },
      ],
    };
  },
  hear(state, input, around) {
    if (state.at !== 'looking') return stayIn(input, around);
    if (input.type !== 'answer' || input.ask !== state.ask) return undefined;
    const { answer } = input;
    if (answer.what !== 'conference') return { turn: 'end', status: 404 };
    const before = phase(answer.document, 'pre');
    const behind = phase(answer.document, 'post');
    if (before.length + behind.length === 0) return goIn(state.conference, around);
    const join = { type: 'confbridge_join', option: { confbridge_id: state.conference } };
    return { turn: 'go', push: readActions([...before, join, ...behind], 'pre-post') };
  },
});

/** What a document has to be done before or behind; actions beat the id of a flow. */
function phase(document: JsonObject, when: 'pre' | 'post'): readonly Json[] {
  const { preActions, postActions, preFlow, postFlow } = termsOf(document);
  const [actions, flow] = when === 'pre' ? [preActions, preFlow] : [postActions, postFlow];
  if (actions.length > 0) return actions;
  return flow === undefined ? [] : [{ type: 'fetch_flow', option: { flow_id: flow } }];
}

const goIn = (conference: ConferenceId, { goesOn }: Around): Turn<Joining> => ({
  turn: 'stay',
  state: { at: 'entering' },
  effects: [{ do: 'enter', conference, entrance: { goesOn } }],
});

/** Once he is in, or waits to be, he is until he has left. */
function stayIn(input: RunInput, { goesOn }: Around): Turn<Joining> | undefined {
  if (input.type === 'joined') return { turn: 'stay', state: { at: 'in' } };
  if (input.type === 'waiting') return { turn: 'stay', state: { at: 'waiting' } };
  if (input.type === 'left') return goesOn ? { turn: 'go' } : { turn: 'end', reason: input.reason };
  if (input.type === 'refused') return { turn: 'go', failed: input.refusal.words };
  return undefined;
}
