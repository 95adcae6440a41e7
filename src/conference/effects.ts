import type { RecordingEnd } from './archive.ts';
import type { AwaitedRecording } from './awaited.ts';
import type { Call, CallId, ConferenceId, Participant } from './conference.ts';
import type { DialTarget } from './dialling.ts';
import type { Playing, PlayingId } from './playing.ts';
import type { Place, Player, Recorder, RoomOf, Scribe } from './ports.ts';
import type { LeaveReason } from './reasons.ts';
import type { Recording, RecordingId } from './recording.ts';
import type { Transcription, TranscriptionId } from './transcription.ts';

/** What must be done outside once a change is stored. Outcomes come back later as commands. */
export type Effect =
  | { readonly do: 'rehear' }
  | { readonly do: 'answer'; readonly call: CallId }
  /** The call goes to another place: this conference, or its lobby. `participant`: who it is there. `reason`: why it left where it was. */
  | {
      readonly do: 'bring';
      readonly call: CallId;
      readonly to: ConferenceId;
      readonly participant?: Participant;
      readonly reason?: LeaveReason;
    }
  | { readonly do: 'dial'; readonly call: Call; readonly target: DialTarget }
  | { readonly do: 'hang-up'; readonly call: CallId; readonly reason: LeaveReason }
  /** By his own keys a caller goes on to a number, an id or a SIP URI; where it leads nowhere he hears so and stays. */
  | { readonly do: 'transfer'; readonly call: CallId; readonly target: string }
  /** By the keys of this call somebody is called into the conference; where nobody can be reached, who pressed hears so. */
  | { readonly do: 'call-in'; readonly call: CallId; readonly target: string }
  /** Who waited in his lobby is told that he is not let in. */
  | { readonly do: 'turn-away'; readonly call: CallId; readonly reason: LeaveReason }
  | { readonly do: 'close-stream'; readonly call: CallId; readonly reason: LeaveReason }
  | SoundEffect;

/** Where a call is brought. */
export const placeOf = ({ to, participant, reason }: Extract<Effect, { do: 'bring' }>): Place => ({
  conference: to,
  ...(participant && { participant }),
  ...(reason && { reason }),
});

/** What records, plays and writes down is to do. */
export type SoundEffect =
  | { readonly do: 'await-recording'; readonly instance: string; readonly awaited: AwaitedRecording; readonly on: boolean }
  | { readonly do: 'record'; readonly instance: string; readonly recording: Recording }
  | { readonly do: 'pause-recording' | 'resume-recording'; readonly instance: string; readonly recording: RecordingId }
  | { readonly do: 'end-recording'; readonly instance: string; readonly recording: RecordingId; readonly reason: RecordingEnd }
  | { readonly do: 'play'; readonly instance: string; readonly playing: Playing }
  | { readonly do: 'end-play'; readonly instance: string; readonly playing: PlayingId }
  | { readonly do: 'transcribe'; readonly instance: string; readonly transcription: Transcription }
  | { readonly do: 'end-transcription'; readonly instance: string; readonly transcription: TranscriptionId };

/** Those who do it; what is absent was never asked for. */
export interface SoundPorts {
  readonly recorder?: Recorder;
  readonly player?: Player;
  readonly scribe?: Scribe;
}

/** Hands an effect to the one who does it. */
export function carryOut(effect: SoundEffect, room: RoomOf, { recorder, player, scribe }: SoundPorts): void {
  switch (effect.do) {
    case 'await-recording':
      recorder?.awaits?.(room, effect.awaited, effect.on);
      break;
    case 'record':
      recorder?.start(room, effect.recording);
      break;
    case 'pause-recording':
      recorder?.pause(room, effect.recording);
      break;
    case 'resume-recording':
      recorder?.resume(room, effect.recording);
      break;
    case 'end-recording':
      recorder?.stop(room, effect.recording, effect.reason);
      break;
    case 'play':
      player?.start(room, effect.playing);
      break;
    case 'end-play':
      player?.stop(room, effect.playing);
      break;
    case 'transcribe':
      scribe?.start(room, effect.transcription);
      break;
    case 'end-transcription':
      scribe?.stop(room, effect.transcription);
      break;
  }
}

/** The first of several `rehear` has said it all: they show the same stored state. */
export const once = (effects: readonly Effect[]): readonly Effect[] => {
  const first = effects.findIndex((each) => each.do === 'rehear');
  return effects.filter((each, index) => each.do !== 'rehear' || index === first);
};
