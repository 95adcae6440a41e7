import type { AccountId } from '../accounts/index.ts';
import type { RecordingEnd } from './archive.ts';
import type { Cdr } from './cdr.ts';
import type {
  CallId,
  ConferenceId,
  ConsentBy,
  MuteReason,
  Participant,
  ParticipantId,
  Relationship,
  Role,
  RoomSet,
  Waiting,
} from './conference.ts';
import type { PlayEnd, Playing, PlayingId } from './playing.ts';
import type { LeaveReason, Refusal } from './reasons.ts';
import type { Recording, RecordingId, RecordingOutcome } from './recording.ts';
import type { RoomTalk, TalkShare } from './talk-time.ts';
import type { Transcription, TranscriptionEnd, TranscriptionId, Utterance } from './transcription.ts';

/** What has happened, without its stamp. */
export type Happening =
  | { readonly type: 'conference.created' }
  /** `endsAt`: epoch ms at which the room that is open ends by itself now; absent: never, or none is open. */
  | { readonly type: 'conference.changed'; readonly revision: number; readonly endsAt?: number }
  | { readonly type: 'conference.deleted' }
  | { readonly type: 'conference.locked' }
  | { readonly type: 'conference.unlocked' }
  /** `endsAt`: epoch ms at which it ends by itself; absent: never. */
  | { readonly type: 'room.opened'; readonly instance: string; readonly endsAt?: number }
  /** The first moderator is there: those who waited for him hear each other. */
  | { readonly type: 'room.started' }
  /** All members are muted, and so is who comes from now on; each who changes has a fact of his own. */
  | { readonly type: 'room.muted' }
  | { readonly type: 'room.unmuted' }
  /** Nobody hears music any more in this run, be he alone or waiting; and again. */
  | { readonly type: 'room.moh_off' }
  | { readonly type: 'room.moh_on' }
  /** All that is set for this run alone now; what is absent is as the document has it. */
  | ({ readonly type: 'room.set' } & RoomSet)
  /** The last moderator has left: at `until` (epoch ms) members are sent away unless one comes. */
  | { readonly type: 'room.unattended'; readonly until: number }
  /** A moderator is there in time; `led: false`: nobody is waited for any more, for another reason (the time is over, the rule is off). */
  | { readonly type: 'room.attended'; readonly led?: false }
  /** It ends at `endsAt` (epoch ms), in about so many minutes: 10, 5, 1. */
  | { readonly type: 'room.ending'; readonly minutes: number; readonly endsAt: number }
  /** It ends later than it would have: at `endsAt` (epoch ms). */
  | { readonly type: 'room.extended'; readonly endsAt: number }
  /** Somebody asks to be admitted; he is no participant yet. */
  | { readonly type: 'waiting.joined'; readonly waiting: Waiting }
  /** Who waited is let in: he joins right behind it. */
  | { readonly type: 'waiting.admitted'; readonly call: CallId }
  /** Who waited is not there any more; `denied`: a moderator turned him away. */
  | { readonly type: 'waiting.left'; readonly call: CallId; readonly reason: LeaveReason }
  /** A call is on its way into `into` from now on: what comes before it is in is done. Noted in the diary of the call. */
  | {
      readonly type: 'joining.started';
      readonly participant: ParticipantId;
      readonly into: ConferenceId;
      readonly call: CallId;
    }
  /** A call was on its way into `into` since then (epoch ms), and never came in. Noted in the diary of the call. */
  | {
      readonly type: 'joining.ended';
      readonly participant: ParticipantId;
      readonly into: ConferenceId;
      readonly call: CallId;
      readonly since: number;
      readonly reason: LeaveReason;
    }
  /** `talk`: absent when it was not listened to until its end. */
  | { readonly type: 'room.closed'; readonly instance: string; readonly talk?: RoomTalk }
  | { readonly type: 'participant.joined'; readonly participant: Participant }
  | { readonly type: 'participant.left'; readonly participant: ParticipantId; readonly reason: LeaveReason; readonly talk?: TalkShare }
  /** The reasons that hold now; muted again with another reason is a fact of its own. */
  | { readonly type: 'participant.muted'; readonly participant: ParticipantId; readonly reasons: readonly MuteReason[] }
  | { readonly type: 'participant.unmuted'; readonly participant: ParticipantId }
  /** Nothing has been heard of them since they joined; `reason` says to people why. Changes nothing that is live. */
  | { readonly type: 'participant.silent'; readonly participant: ParticipantId; readonly reason: string }
  | { readonly type: 'participant.promoted'; readonly participant: ParticipantId }
  | { readonly type: 'participant.demoted'; readonly participant: ParticipantId }
  | { readonly type: 'participant.deafened'; readonly participant: ParticipantId }
  | { readonly type: 'participant.undeafened'; readonly participant: ParticipantId }
  | { readonly type: 'participant.hand_raised'; readonly participant: ParticipantId; readonly raisedAt: number }
  | { readonly type: 'participant.hand_lowered'; readonly participant: ParticipantId }
  /** He has the floor, whoever talks, until he gives it back, a moderator takes it or he leaves. */
  | { readonly type: 'participant.floor_taken'; readonly participant: ParticipantId }
  | { readonly type: 'participant.floor_released'; readonly participant: ParticipantId }
  /** Only `whom` hears him from now on. */
  | { readonly type: 'participant.coaching'; readonly participant: ParticipantId; readonly whom: ParticipantId }
  | { readonly type: 'participant.coaching_ended'; readonly participant: ParticipantId }
  /** A key was pressed that the room's map gives to whoever follows: `data` is what the map says. Never the digits. */
  | { readonly type: 'participant.keyed'; readonly participant: ParticipantId; readonly data: string }
  /** The gains that hold now; `energyLevel`: how loud he must be to be heard, absent: as the room has it. */
  | {
      readonly type: 'participant.adjusted';
      readonly participant: ParticipantId;
      readonly gainIn: number;
      readonly gainOut: number;
      readonly energyLevel?: number;
    }
  /** The server did not take a call: it could not, though the conference had let it in, or the account had used up what it may. Changes nothing that is live. */
  | {
      readonly type: 'call.refused';
      readonly call: CallId;
      readonly sipCallId: string;
      readonly callerNumber: string;
      readonly refusal: Refusal;
    }
  | {
      readonly type: 'participants.related';
      readonly participant: ParticipantId;
      readonly other: ParticipantId;
      readonly relationship: Relationship['kind'] | 'clear';
    }
  | EntryHappening
  | SoundHappening;

/** How people come in. Changes nothing that is live; PINs are never in it. */
export type EntryHappening =
  /** So many of his calls ended after wrong PINs: he may try no more until then, epoch ms. An empty number was withheld. */
  | { readonly type: 'caller.locked_out'; readonly callerNumber: string; readonly failedCalls: number; readonly until: number }
  /** Somebody let him try again before. */
  | { readonly type: 'caller.released'; readonly callerNumber: string }
  | { readonly type: 'invitation.created' | 'invitation.used' | 'invitation.revoked'; readonly invitation: string; readonly role: Role }
  /** These roles have new PINs; those who were `invited` with the old ones must be told. */
  | { readonly type: 'pins.rotated'; readonly roles: readonly Role[]; readonly invited: readonly string[] };

/** Recordings, prompts and transcripts. Whatever starts is stopped or ended, at latest before its room is closed. */
export type SoundHappening =
  | { readonly type: 'recording.started'; readonly recording: Recording }
  | { readonly type: 'recording.paused'; readonly recording: RecordingId }
  | { readonly type: 'recording.resumed'; readonly recording: RecordingId }
  /** So much sound is missing, because it could not be written in time; the recording goes on. */
  | {
      readonly type: 'recording.gapped';
      readonly recording: RecordingId;
      readonly from: number;
      readonly lostMs: number;
      readonly words: string;
    }
  /** Nothing more is recorded. `words` say to people what failed. */
  | { readonly type: 'recording.stopped'; readonly recording: RecordingId; readonly reason: RecordingEnd; readonly words?: string }
  /** All of it is written and can be fetched, or never will be; once, some time after it was stopped, perhaps by a later run of the server. */
  | ({ readonly type: 'recording.finished'; readonly recording: RecordingId } & RecordingOutcome)
  /** Somebody was told that this is recorded, and was there until the end of it. */
  | { readonly type: 'notice.heard'; readonly participant: ParticipantId; readonly recording: RecordingId }
  /** He is asked whether he agrees to be in this recording, and is not in it until he does; at `until` (epoch ms) he has not agreed. */
  | { readonly type: 'consent.asked'; readonly participant: ParticipantId; readonly recording: RecordingId; readonly until: number }
  /** He agrees. `by`: his own keys, or a program that says so for him. */
  | { readonly type: 'consent.given'; readonly participant: ParticipantId; readonly recording: RecordingId; readonly by: ConsentBy }
  /** He does not agree, or agrees no longer; `time`: he has not said anything in time. */
  | {
      readonly type: 'consent.refused';
      readonly participant: ParticipantId;
      readonly recording: RecordingId;
      readonly by: ConsentBy | 'time';
    }
  /** It must wait for something that plays for the same people. */
  | { readonly type: 'play.queued'; readonly playing: Playing }
  | { readonly type: 'play.started'; readonly playing: Playing }
  /** Also of one that waited and was never started. `words` say to people what failed. */
  | { readonly type: 'play.ended'; readonly playing: PlayingId; readonly reason: PlayEnd; readonly words?: string }
  | { readonly type: 'transcription.started'; readonly transcription: Transcription }
  | {
      readonly type: 'transcription.stopped';
      readonly transcription: TranscriptionId;
      readonly reason: TranscriptionEnd;
      readonly words?: string;
    }
  /** May come after the transcription was stopped, or the participant left: recognising takes its time. */
  | ({ readonly type: 'transcript.created' } & Utterance);

/** A stored fact. `sequence` counts per conference from 1, without gaps; `at` is epoch ms. */
export type Fact = Happening & {
  readonly at: number;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly sequence: number;
  /** The run of the room in which it happened (`Room.instance`); absent when there was none. */
  readonly instance?: string;
  /** The participant whom the fact names, as he was right after it; of `participant.left`, right before. */
  readonly about?: Participant;
};

/** What happened to an account outside the facts of any one conference; it has no number of its own but its place in the journal. */
export type AccountFact = { readonly type: 'call.recorded'; readonly cdr: Cdr } & { readonly at: number; readonly account: AccountId };
