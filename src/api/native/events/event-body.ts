import { dashed, isoMillis, type JsonObject, uuidOf } from '../../../base/index.ts';
import type { AccountFact, Cdr, Entry, Fact, InterimSignal, RoomTalk, TalkShare } from '../../../conference/index.ts';
import { identity, person, setOf, waiter } from '../encode.ts';
import * as write from '../sounds-encode.ts';
import type { ToldSignal } from './event-types.ts';

type Happened = Fact | AccountFact | ToldSignal;

/** What every event says: what, when, where. */
function stamp(happened: Happened): JsonObject {
  const { type, at, account } = happened;
  const conference = type === 'call.recorded' ? happened.cdr.conference : happened.conference;
  const instance = type === 'call.recorded' ? undefined : happened.instance;
  return {
    type,
    ...(conference === undefined ? {} : { conference: uuidOf(conference, account) }),
    account,
    at: isoMillis(at),
    ...(instance === undefined ? {} : { instance }),
  };
}

/** What a fact says beside that and beside whom it is about. */
function particulars(fact: Fact): JsonObject {
  switch (fact.type) {
    case 'conference.changed':
      return { revision: fact.revision, ...endOf(fact) };
    case 'room.opened':
      return { instance: fact.instance, ...endOf(fact) };
    case 'room.closed':
      return { instance: fact.instance, ...talkOf(fact) };
    case 'participant.left':
      return { reason: fact.reason, ...talkOf(fact) };
    case 'participant.silent':
      return { reason: fact.reason };
    case 'participant.muted':
      return { mute_reasons: fact.reasons };
    case 'participant.adjusted':
      return {
        gain_in: fact.gainIn,
        gain_out: fact.gainOut,
        ...(fact.energyLevel === undefined ? {} : { energy_level: fact.energyLevel }),
      };
    case 'participant.hand_raised':
      return { hand_raised_at: isoMillis(fact.raisedAt) };
    case 'participant.keyed':
      return { data: fact.data };
    case 'participant.coaching':
      return { other: dashed(fact.whom) };
    case 'participants.related':
      return { other: dashed(fact.other), relationship: fact.relationship };
    case 'call.refused':
      return {
        call: dashed(fact.call),
        call_id: fact.sipCallId,
        caller_number: fact.callerNumber,
        refusal: { code: fact.refusal.code, detail: fact.refusal.words },
      };
    default:
      return { ...roomParticulars(fact), ...entryParticulars(fact), ...soundParticulars(fact) };
  }
}

/** When the room ends by itself, where a fact tells it. */
const endOf = ({ endsAt }: { readonly endsAt?: number }): JsonObject => (endsAt === undefined ? {} : { ends_at: isoMillis(endsAt) });

/** What facts about the room as a whole, and about those who wait outside, say. */
function roomParticulars(fact: Fact): JsonObject {
  switch (fact.type) {
    case 'room.set':
      return setOf(fact);
    case 'room.unattended':
      return { until: isoMillis(fact.until) };
    case 'room.attended':
      return fact.led === false ? { led: false } : {};
    case 'room.ending':
      return { minutes: fact.minutes, ends_at: isoMillis(fact.endsAt) };
    case 'room.extended':
      return { ends_at: isoMillis(fact.endsAt) };
    case 'waiting.joined':
      return { waiting: waiter(fact.waiting) };
    case 'waiting.admitted':
      return { waiting: { id: dashed(fact.call) } };
    case 'waiting.left':
      return { waiting: { id: dashed(fact.call) }, reason: fact.reason };
    default:
      return {};
  }
}

/** What facts about coming in say. */
function entryParticulars(fact: Fact): JsonObject {
  switch (fact.type) {
    case 'caller.locked_out':
      return { caller_number: fact.callerNumber, failed_calls: fact.failedCalls, until: isoMillis(fact.until) };
    case 'caller.released':
      return { caller_number: fact.callerNumber };
    case 'invitation.created':
    case 'invitation.used':
    case 'invitation.revoked':
      return { invitation: dashed(fact.invitation), role: fact.role };
    case 'joining.started':
      return { into: uuidOf(fact.into, fact.account), call: dashed(fact.call) };
    case 'joining.ended':
      return {
        into: uuidOf(fact.into, fact.account),
        call: dashed(fact.call),
        since: isoMillis(fact.since),
        reason: fact.reason,
      };
    case 'pins.rotated':
      return { roles: fact.roles, invited: fact.invited.map(dashed) };
    default:
      return {};
  }
}

/** What facts of recordings, prompts and transcripts say. */
function soundParticulars(fact: Fact): JsonObject {
  switch (fact.type) {
    case 'recording.started':
      return { recording: write.recording(fact.recording) };
    case 'recording.paused':
    case 'recording.resumed':
      return { recording: { id: dashed(fact.recording) } };
    case 'recording.gapped':
      return { recording: { id: dashed(fact.recording) }, from: isoMillis(fact.from), lost_ms: fact.lostMs, words: fact.words };
    case 'recording.stopped':
      return { recording: { id: dashed(fact.recording) }, reason: fact.reason, ...wordsOf(fact) };
    case 'recording.finished':
      return {
        recording: { id: dashed(fact.recording), state: fact.state, seconds: fact.seconds, bytes: fact.bytes },
        ...wordsOf(fact),
      };
    case 'notice.heard':
      return { recording: { id: dashed(fact.recording) } };
    case 'consent.asked':
      return { recording: { id: dashed(fact.recording) }, until: isoMillis(fact.until) };
    case 'consent.given':
    case 'consent.refused':
      return { recording: { id: dashed(fact.recording) }, by: fact.by };
    case 'play.queued':
    case 'play.started':
      return { playing: write.playing(fact.playing) };
    case 'play.ended':
      return { playing: { id: dashed(fact.playing) }, reason: fact.reason, ...wordsOf(fact) };
    case 'transcription.started':
      return { transcription: write.transcription(fact.transcription) };
    case 'transcription.stopped':
      return { transcription: { id: dashed(fact.transcription) }, reason: fact.reason, ...wordsOf(fact) };
    case 'transcript.created':
      return { ...write.utterance(fact), transcription: { id: dashed(fact.transcription) } };
    default:
      return {};
  }
}

/** How much was talked, ms. */
function talkOf({ talk }: { readonly talk?: RoomTalk | TalkShare }): JsonObject {
  if (talk === undefined) return {};
  const { talkMs, overlapMs } = talk;
  const rest = 'turns' in talk ? { turns: talk.turns } : { silence_ms: talk.silenceMs };
  return { talk: { talk_ms: talkMs, overlap_ms: overlapMs, ...rest } };
}

const wordsOf = ({ words }: { readonly words?: string }): JsonObject => (words === undefined ? {} : { words });

/** Whom a fact is about, as he was right after it. Facts of older versions know of some only the id. */
function somebody(fact: Fact): JsonObject {
  if (fact.about !== undefined) return { participant: person(fact.about) };
  if (!('participant' in fact)) return {};
  return { participant: typeof fact.participant === 'string' ? { id: dashed(fact.participant) } : person(fact.participant) };
}

/** A call detail record. What is not known of the call is absent. */
export function cdr({ id, account, conference, participant, startedAt, answeredAt, endedAt, ...rest }: Cdr): JsonObject {
  return {
    id: dashed(id),
    ...(conference === undefined ? {} : { conference: uuidOf(conference, account) }),
    ...(participant === undefined ? {} : { participant: dashed(participant) }),
    ...(rest.role === undefined ? {} : { role: rest.role }),
    direction: rest.direction,
    call_id: rest.sipCallId,
    caller_name: rest.callerName,
    caller_number: rest.callerNumber,
    called_number: rest.calledNumber,
    started_at: isoMillis(startedAt),
    ...(answeredAt === undefined ? {} : { answered_at: isoMillis(answeredAt) }),
    ended_at: isoMillis(endedAt),
    reason: rest.reason,
    sip_status: rest.sipStatus,
    cause: rest.cause,
    ...(rest.codec === undefined ? {} : { codec: rest.codec }),
    ...(rest.quality === undefined ? {} : { quality: rest.quality }),
    ...(rest.refusals === undefined ? {} : { refused_calls: rest.refusals.calls }),
    ...(rest.refusals?.source === undefined ? {} : { source: rest.refusals.source }),
    channel_vars: rest.channelVars,
    ...(rest.applicationVars === undefined ? {} : { variables: rest.applicationVars }),
  };
}

/** A fact as it is told. */
export const fact = (happened: Fact): JsonObject => ({
  ...stamp(happened),
  sequence: happened.sequence,
  ...somebody(happened),
  ...particulars(happened),
});

/** A fact with its place in the journal. */
export function factBody({ position, fact: happened }: Entry): JsonObject {
  const { type, ...rest } = happened.type === 'call.recorded' ? { ...stamp(happened), cdr: cdr(happened.cdr) } : fact(happened);
  return { type: type ?? '', position, ...rest };
}

/**
 * What is true for a moment: without position and number, for it is not stored. Who comes late is told of a start that is older than facts he knows:
 * so nothing is in it that they may have changed.
 */
export const signalBody = (signal: ToldSignal): JsonObject =>
  signal.type === 'transcript.interim'
    ? { ...stamp(signal), participant: identity(signal.about), ...interim(signal) }
    : {
        ...stamp(signal),
        participant: { ...identity(signal.about), talking: signal.type === 'participant.started-talking' },
        energy: signal.energy,
      };

const interim = ({ transcription, text, language, from }: InterimSignal): JsonObject => ({
  transcription: { id: dashed(transcription) },
  text,
  language,
  from: isoMillis(from),
});
