import { dashed, type JsonObject, madeAt, uuidOf } from '../../../base/index.ts';
import type { AccountFact, Attendance, Cdr, Fact, InterimSignal, SpeechSignal, TranscriptionEntry } from '../../../conference/index.ts';
import { conferencecallBody } from '../conferencecalls.ts';
import { recordingBody } from '../recordings.ts';
import type { SeenCall } from '../seen-call.ts';
import { NEVER, NIL, stamp } from '../stamp.ts';
import { transcribeBody, transcriptBody, zeroOf } from '../transcribes.ts';
import { endEvents } from './call-events.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

export type { VoipbinEvent } from './voipbin-event.ts';

/** What is looked up for an event: what a fact does not hold. Undefined: it is gone. */
export interface Look {
  /** The conference as it is. `whenOver`: the status of one that is over, of which something is told that came before its end; states never go backward. */
  conference(of: Pick<Fact, 'account' | 'conference'>, whenOver?: 'terminating'): Promise<JsonObject | undefined>;
  recording(of: Pick<Fact, 'account'>, id: string): Promise<JsonObject | undefined>;
  transcription(of: Pick<Fact, 'account'>, id: string): Promise<TranscriptionEntry | undefined>;
  /** With what the book of calls still knows of it. */
  call(cdr: Cdr): SeenCall;
}

/** Reasons for which somebody was sent out, and did not go by himself. */
const SENT_OUT = new Set(['kicked', 'conference-deleted', 'time-up', 'no-moderator', 'no-consent', 'denied']);

const event = (type: string, id: string, data: JsonObject | undefined): readonly VoipbinEvent[] =>
  data === undefined ? [] : [{ type, id, data }];

async function ofConference(fact: Fact, type: string, look: Look, whenOver?: 'terminating'): Promise<readonly VoipbinEvent[]> {
  return event(type, uuidOf(fact.conference, fact.account), await look.conference(fact, whenOver));
}

function comings(fact: Fact & { readonly type: 'participant.joined' }): readonly VoipbinEvent[] {
  const { account, conference, at, participant } = fact;
  const { stream, chat } = participant.call;
  if (stream !== undefined && chat === undefined) return [];
  const entry: Attendance = {
    kind: 'attendance',
    id: participant.id,
    account,
    conference,
    call: participant.call.id,
    ...(chat === undefined ? {} : { chat }),
    startedAt: Math.min(at, madeAt(participant.id, at)),
    changedAt: at,
  };
  const id = dashed(participant.id);
  // Who came through a lobby was told to be on his way when it began.
  const isKnown = participant.call.joiningAs !== undefined;
  return [
    ...(isKnown ? [] : event('conferencecall_joining', id, conferencecallBody(entry, 'joining'))),
    ...event('conferencecall_joined', id, conferencecallBody(entry, 'joined')),
  ];
}

function goings(fact: Fact & { readonly type: 'participant.left' }): readonly VoipbinEvent[] {
  const { account, conference, at, about, participant, reason } = fact;
  const chat = about?.call.chat;
  if (about?.call.stream !== undefined && chat === undefined) return [];
  const entry: Attendance = {
    kind: 'attendance',
    id: participant,
    account,
    conference,
    call: about?.call.id ?? ('' as Attendance['call']),
    ...(chat === undefined ? {} : { chat }),
    startedAt: Math.min(at, madeAt(participant, about?.joinedAt ?? at)),
    changedAt: at,
    endedAt: at,
  };
  const id = dashed(participant);
  return [
    ...(SENT_OUT.has(reason) ? event('conferencecall_leaving', id, conferencecallBody(entry, 'leaving')) : []),
    ...event('conferencecall_leaved', id, conferencecallBody(entry, 'leaved')),
  ];
}

/** Somebody is on his way in. */
function begun({ account, at, participant: id, into: conference, call }: Fact & { readonly type: 'joining.started' }) {
  const entry: Attendance = { kind: 'attendance', id, account, conference, call, startedAt: at, changedAt: at };
  return event('conferencecall_joining', dashed(id), conferencecallBody(entry, 'joining'));
}

/** Who was on his way in and never came. */
function strays(fact: Fact & { readonly type: 'joining.ended' }): readonly VoipbinEvent[] {
  const { account, at, participant: id, into: conference, call, since: startedAt, reason } = fact;
  const entry: Attendance = { kind: 'attendance', id, account, conference, call, startedAt, changedAt: at, endedAt: at };
  return [
    ...(SENT_OUT.has(reason) ? event('conferencecall_leaving', dashed(id), conferencecallBody(entry, 'leaving')) : []),
    ...event('conferencecall_leaved', dashed(id), conferencecallBody(entry)),
  ];
}

async function transcribed(fact: Fact, look: Look): Promise<readonly VoipbinEvent[]> {
  if (fact.type === 'transcription.started') {
    const { account, conference, transcription } = fact;
    const { id, startedAt } = transcription;
    const entry: TranscriptionEntry = { ...transcription, kind: 'transcription', account, conference, changedAt: startedAt };
    const body = transcribeBody(entry);
    return [...event('transcribe_created', dashed(id), body), ...event('transcribe_progressing', dashed(id), body)];
  }
  if (fact.type === 'transcription.stopped') {
    const entry = await look.transcription(fact, fact.transcription);
    return event(
      'transcribe_done',
      dashed(fact.transcription),
      entry && transcribeBody({ ...entry, endedAt: fact.at, changedAt: fact.at }),
    );
  }
  if (fact.type !== 'transcript.created') return [];
  const entry = await look.transcription(fact, fact.transcription);
  const { account, conference, sequence } = fact;
  const record = { ...fact, account, conference, id: `${fact.transcription} ${sequence}` };
  return event('transcript_created', uuidOf(record.id, account), transcriptBody(record, entry === undefined ? fact.from : zeroOf(entry)));
}

async function recorded(fact: Fact, look: Look): Promise<readonly VoipbinEvent[]> {
  if (fact.type === 'recording.started') {
    // Its record is kept a moment later.
    const { account, conference, recording } = fact;
    return event('recording_started', dashed(recording.id), recordingBody({ ...recording, account, conference, state: 'running' }));
  }
  if (fact.type === 'recording.finished')
    return event('recording_finished', dashed(fact.recording), await look.recording(fact, fact.recording));
  return [];
}

/** Facts after which a conference looks otherwise to VoIPBIN. */
const UPDATES = new Set<Fact['type']>([
  'conference.changed',
  'participant.joined',
  'participant.left',
  'recording.started',
  'recording.stopped',
  'transcription.started',
  'transcription.stopped',
]);

/** What VoIPBIN tells of a fact, in order; nothing of what it has no word for. */
export async function eventsOf(fact: Fact | AccountFact, look: Look): Promise<readonly VoipbinEvent[]> {
  if (fact.type === 'call.recorded') return endEvents(look.call(fact.cdr));
  if (fact.type === 'conference.created') return ofConference(fact, 'conference_created', look);
  if (fact.type === 'conference.deleted') return ofConference(fact, 'conference_deleted', look);
  if (fact.type === 'joining.started') return begun(fact);
  if (fact.type === 'joining.ended') return strays(fact);
  const first = fact.type === 'participant.joined' ? comings(fact) : fact.type === 'participant.left' ? goings(fact) : [];
  const others = [...(await recorded(fact, look)), ...(await transcribed(fact, look))];
  const updated = UPDATES.has(fact.type) ? await ofConference(fact, 'conference_updated', look, 'terminating') : [];
  return [...first, ...others, ...updated];
}

/** What somebody seems to be saying: told to those who listen now, and to no webhook that could not keep up. */
export const interimEvent = (signal: InterimSignal): VoipbinEvent =>
  speechEvent('transcribe_speech_interim', signal, { message: signal.text });

/** Somebody begins to say something, or has said it: told as `interimEvent` is, without words. */
export const turnEvent = (signal: SpeechSignal): VoipbinEvent =>
  speechEvent(signal.type === 'speech.started' ? 'transcribe_speech_started' : 'transcribe_speech_ended', signal);

function speechEvent(type: string, signal: InterimSignal | SpeechSignal, words: { readonly message?: string } = {}): VoipbinEvent {
  const { account, transcription, way = 'in', at, from } = signal;
  return {
    type,
    id: dashed(transcription),
    data: {
      id: dashed(transcription),
      customer_id: dashed(account),
      streaming_id: NIL,
      transcribe_id: dashed(transcription),
      direction: way,
      ...words,
      tm_event: stamp(at),
      tm_create: stamp(Math.floor(from)),
      tm_delete: NEVER,
    },
  };
}
