import type { JsonObject } from '../../../base/index.ts';
import { act, type RunEffect } from '../act.ts';
import type { CallRecordingWish } from '../companions.ts';
import { DAY, flagOf, numberOf, textOf } from './option.ts';

/** A day at most, as of conferences (voipbin-facts §1.1). */
const LONGEST = DAY / 1000;
const SECONDS = { least: 0, most: LONGEST, otherwise: 0 };
const BEEP = 'tone_stream://%(400,0,1000)';

/** Which keys end it, by VoIPBIN's words; empty: none. */
const endKeys = (word: string): string => (word === 'any' ? '0123456789ABCD*#' : word === '*' || word === '#' ? word : '');

/** How a call is to be recorded, as options and bodies say it (voipbin-facts §1.4, §4.4). Formats that there are not become wav. */
export function recordingWish(option: JsonObject): CallRecordingWish {
  const [maxSeconds, maxSilence] = [numberOf(option, 'duration', SECONDS), numberOf(option, 'end_of_silence', SECONDS)];
  const [keys, onEnd] = [endKeys(textOf(option, 'end_of_key')), idOf(option, 'on_end_flow_id')];
  return {
    format: textOf(option, 'format') === 'ogg' ? 'ogg' : 'wav',
    ...(maxSeconds < 1 ? {} : { maxSeconds: Math.ceil(maxSeconds) }),
    ...(maxSilence < 1 ? {} : { maxSilence: Math.ceil(maxSilence) }),
    ...(keys === '' ? {} : { endKeys: keys }),
    ...(onEnd === undefined ? {} : { onEnd }),
  };
}

/** The id of a flow as 32 hex digits; empty and nil stand for none. */
export function idOf(option: JsonObject, key: string): string | undefined {
  const id = textOf(option, key).replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id) ? id : undefined;
}

interface Wanted {
  readonly wish: CallRecordingWish;
  readonly beeps: boolean;
}

/** Records what the call says and hears until it is stopped, wherever the flow takes it. */
export const recordingStart = act<Wanted, { readonly play: number; readonly wish: CallRecordingWish }>({
  answers: true,
  read: (option) => ({ wish: recordingWish(option), beeps: flagOf(option, 'beep_start') }),
  begin({ wish, beeps }, { next: play }) {
    if (!beeps) return { turn: 'go', effects: [recording(wish)] };
    return { turn: 'stay', state: { play, wish }, effects: [{ do: 'play', play, sources: [BEEP], loops: 1 }] };
  },
  hear({ play, wish }, input) {
    return input.type === 'played' && input.play === play ? { turn: 'go', effects: [recording(wish)] } : undefined;
  },
});

const recording = (wish: CallRecordingWish): RunEffect => ({ do: 'record', wish });

export const recordingStop = act({
  answers: false,
  ofCall: true,
  read: () => undefined,
  begin: () => ({ turn: 'go', effects: [{ do: 'stop-recording' }] }),
});
