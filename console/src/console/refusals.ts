import type { Problem } from '../kit/api.ts';
import { fill } from '../kit/languages.ts';
import type { refused } from './words/en-us/refusals.ts';
import { t } from './words.ts';

type Text = keyof typeof refused;

/** By text, the codes of docs/errors.md that somebody can meet here. */
const CODES: Readonly<Record<Text, string>> = {
  gone: 'conference_not_found participant_not_found nobody_waits_so call_not_found recording_not_found recording_file_not_found playing_not_found transcription_not_found invitation_not_found lockout_not_found user_not_found device_not_found document_not_found webhook_not_found delivery_not_found trace_not_found report_not_found cdr_not_found facts_forgotten account_not_found route_not_found',
  changed: 'revision_changed sequence_broken',
  numberTaken: 'numbers_taken document_key_taken',
  nameTaken: 'username_taken conference_exists document_exists',
  full: 'conference_full',
  locked: 'conference_locked',
  pin: 'pin_required',
  admission: 'admission_required',
  empty: 'nobody_there',
  noEnd: 'no_end_set',
  notUp: 'call_not_up',
  noPins: 'no_pins_set',
  most: 'too_many_invitations webhooks_full too_many_tests play_queue_full streams_full',
  busy: 'too_many_requests too_many_streams overloaded no_free_port no_socket',
  noSound: 'media_not_found media_empty',
  badSound: 'nothing_to_play media_bad_source media_unplayable bad_loops',
  badAddress: 'media_refused target_refused fetch_refused',
  unfetched: 'media_unfetched fetch_failed',
  notSetUp: 'no_speech no_recorder no_player no_transcriber no_streams',
  writing: 'recording_running',
  storage: 'shelf store_unavailable',
  noEvent: 'unknown_fact_type unknown_type',
  lastAdmin: 'last_admin',
  password: 'password_missing',
  noServer: 'no_server',
  networks: 'bad_networks',
  stopping: 'closed fenced thread_died',
  loggedOut: 'session_over token_expired not_recognised cross_site',
  invalid: 'invalid malformed bad_duration gain_out_of_range',
  broken: 'internal unspecified',
  nobodyCalled: 'no_endpoint bad_endpoint number_not_found',
  itself: 'dial_into_itself',
  noTrunk: 'dial_no_trunk',
  notAllowed: 'dialling_denied',
  lineBusy: 'dial_busy',
  declined: 'dial_declined',
  unanswered: 'dial_unanswered',
  unreachable: 'dial_unreachable',
  callFailed: 'dial_refused dial_cancelled dial_failed',
  callsFull: 'dial_limit trunk_full account_legs_in_use account_minutes_used',
  lockedOut: 'locked_out too_many_attempts',
};

const TEXTS: ReadonlyMap<string, Text> = new Map(
  Object.entries(CODES).flatMap(([text, codes]) => codes.split(' ').map((code) => [code, text as Text] as const)),
);

/** A refusal in the language shown; where only the server has words for it, in its own. */
export function refusalWords({ code, detail }: Pick<Problem, 'code' | 'detail'>): string {
  const text = TEXTS.get(code);
  return text === undefined ? detail : fill(t.value.problem.refused[text], { detail });
}
