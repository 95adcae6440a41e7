import type { AnyAct } from '../act.ts';
import { answer } from './answer.ts';
import { call } from './call.ts';
import { conditionCallDigits, conditionCallStatus, conditionDatetime, conditionVariable } from './conditions.ts';
import { conferenceEnter } from './conference-enter.ts';
import { confbridgeJoin, conferenceJoin } from './conference-join.ts';
import { connect } from './connect.ts';
import { digitsReceive } from './digits-receive.ts';
import { digitsSend } from './digits-send.ts';
import { echo } from './echo.ts';
import { echoTest } from './echo-test.ts';
import { externalMediaStart, externalMediaStop } from './external-media.ts';
import { fetch, fetchFlow, webhookSend } from './flows.ts';
import { hangup, stop } from './hangup.ts';
import { branch, goto } from './jumps.ts';
import { mute } from './mute.ts';
import { beep, play, talk } from './play.ts';
import { recordingStart, recordingStop } from './recording.ts';
import { sleep } from './sleep.ts';
import { transcribeRecording, transcribeStart, transcribeStop } from './transcribing.ts';
import { variableSet } from './variable-set.ts';

/** Every type of action there is; whatever is not here is refused where a flow is made. */
export const acts: ReadonlyMap<string, AnyAct> = new Map([
  ['answer', answer],
  ['beep', beep],
  ['branch', branch],
  ['call', call],
  ['condition_call_digits', conditionCallDigits],
  ['condition_call_status', conditionCallStatus],
  ['condition_datetime', conditionDatetime],
  ['condition_variable', conditionVariable],
  ['confbridge_join', confbridgeJoin],
  ['conference_enter', conferenceEnter],
  ['conference_join', conferenceJoin],
  ['connect', connect],
  ['digits_receive', digitsReceive],
  ['digits_send', digitsSend],
  ['echo', echo],
  ['echo_test', echoTest],
  ['external_media_start', externalMediaStart],
  ['external_media_stop', externalMediaStop],
  ['fetch', fetch],
  ['fetch_flow', fetchFlow],
  ['goto', goto],
  ['hangup', hangup],
  ['mute', mute],
  ['play', play],
  ['recording_start', recordingStart],
  ['recording_stop', recordingStop],
  ['sleep', sleep],
  ['stop', stop],
  // The engine gives back what comes, keys among it.
  ['stream_echo', echo],
  ['talk', talk],
  ['transcribe_recording', transcribeRecording],
  ['transcribe_start', transcribeStart],
  ['transcribe_stop', transcribeStop],
  ['variable_set', variableSet],
  ['webhook_send', webhookSend],
]);
