import type { JsonObject } from '../../../base/index.ts';
import { act } from '../act.ts';
import type { CallTranscribingWish } from '../companions.ts';
import { textOf } from './option.ts';
import { idOf } from './recording.ts';

/** How a call is to be written down, as options and bodies say it (voipbin-facts §4.4). */
export function transcribingWish(option: JsonObject): CallTranscribingWish {
  const [language, direction, onEnd] = [textOf(option, 'language'), textOf(option, 'direction'), idOf(option, 'on_end_flow_id')];
  return {
    ...(language === '' ? {} : { language }),
    direction: direction === 'in' || direction === 'out' ? direction : 'both',
    ...(onEnd === undefined ? {} : { onEnd }),
  };
}

/** Writes down what the call says and hears until it is stopped, wherever the flow takes it. */
export const transcribeStart = act<CallTranscribingWish, never>({
  answers: true,
  read: transcribingWish,
  begin: (wish) => ({ turn: 'go', effects: [{ do: 'transcribe', wish }] }),
});

export const transcribeStop = act({
  answers: false,
  ofCall: true,
  read: () => undefined,
  begin: () => ({ turn: 'go', effects: [{ do: 'stop-transcribing' }] }),
});

/** Writes down what was recorded of the call so far. */
export const transcribeRecording = act<CallTranscribingWish, never>({
  answers: false,
  ofCall: true,
  read: transcribingWish,
  begin: (wish) => ({ turn: 'go', effects: [{ do: 'transcribe-recordings', wish }] }),
});
