import type { ConferenceView, Output } from '../commands.ts';
import type { CallId } from '../conference.ts';
import type { PlayingId } from '../playing.ts';
import { adjust } from './adjust.ts';
import { answered, arrived, ended, held, refused, silent } from './call.ts';
import { coach } from './coach.ts';
import { configured } from './configured.ts';
import { consent } from './consent.ts';
import { deafen } from './deafen.ts';
import { dial } from './dial.ts';
import { divert } from './divert.ts';
import { remove, replace } from './document.ts';
import { enter } from './enter.ts';
import { rotatePins, tellEntry } from './entry.ts';
import { takeFloor } from './floor.ts';
import { hand } from './hand.ts';
import { act } from './keypad.ts';
import { kick } from './kick.ts';
import { lock } from './lock.ts';
import { moh } from './moh.ts';
import { mute, muteRoom } from './mute.ts';
import { playEnded, playings, startPlay, stopPlay } from './play.ts';
import { promote } from './promote.ts';
import { gapped, pauseRecording, recordingEnded, resumeRecording, startRecording, stopRecording } from './recording.ts';
import { relate } from './relate.ts';
import { type Rule, type RuledCommand, unchanged } from './rule.ts';
import { set } from './set.ts';
import { openStream, streamClosed } from './stream.ts';
import { tell } from './tell.ts';
import { extend, time } from './time.ts';
import { addTranscript, startTranscription, stopTranscription, transcriptionEnded } from './transcription.ts';
import { admit, deny } from './waiting.ts';
import { people } from './which.ts';

/** One rule per command. A command without a rule does not compile. */
export const rules: { readonly [Name in RuledCommand]: Rule<Name> } = {
  'conference.replace': replace,
  'conference.delete': remove,
  'conference.lock': lock,
  'conference.mute': muteRoom,
  'conference.moh': moh,
  'conference.set': set,
  'conference.extend': extend,
  'conference.time': time,
  'conference.configured': configured,
  'participants.mute': mute,
  'participants.promote': promote,
  'waiting.admit': admit,
  'waiting.deny': deny,
  'participants.deafen': deafen,
  'participants.adjust': adjust,
  'participants.hand': hand,
  'participants.floor': takeFloor,
  'participants.consent': consent,
  'participants.tell': tell,
  'participants.coach': coach,
  'participants.kick': kick,
  'keypad.act': act,
  'participants.relate': relate,
  'call.arrived': arrived,
  'call.dial': dial,
  'call.enter': enter,
  'call.answered': answered,
  'call.refused': refused,
  'entry.tell': tellEntry,
  'pins.rotate': rotatePins,
  'call.ringing': unchanged,
  'call.held': held,
  'call.silent': silent,
  'call.divert': divert,
  'call.ended': ended,
  'recording.start': startRecording,
  'recording.pause': pauseRecording,
  'recording.resume': resumeRecording,
  'recording.stop': stopRecording,
  'recording.gapped': gapped,
  'recording.ended': recordingEnded,
  'play.start': startPlay,
  'play.stop': stopPlay,
  'play.ended': playEnded,
  'transcription.start': startTranscription,
  'transcription.stop': stopTranscription,
  'transcription.ended': transcriptionEnded,
  'transcript.add': addTranscript,
  'stream.open': openStream,
  'stream.closed': streamClosed,
};

const look = (view: ConferenceView): ConferenceView => view;
const nothing = (): undefined => undefined;

/** What the caller of each command gets to see of the stored change. */
export const answers: { readonly [Name in RuledCommand]: (view: ConferenceView) => Output<Name> } = {
  'conference.replace': look,
  'conference.delete': look,
  'conference.lock': look,
  'conference.mute': look,
  'conference.moh': look,
  'conference.set': look,
  'conference.extend': look,
  'conference.time': nothing,
  'conference.configured': nothing,
  'participants.mute': look,
  'participants.promote': look,
  'waiting.admit': look,
  'waiting.deny': look,
  'participants.deafen': look,
  'participants.adjust': look,
  'participants.hand': look,
  'participants.floor': look,
  'participants.consent': look,
  'participants.tell': look,
  'participants.coach': look,
  'participants.kick': look,
  'keypad.act': nothing,
  'participants.relate': look,
  'call.arrived': nothing,
  'call.dial': nothing,
  'call.enter': look,
  'call.answered': look,
  'call.refused': nothing,
  'entry.tell': nothing,
  'pins.rotate': look,
  'call.ringing': nothing,
  'call.held': nothing,
  'call.silent': nothing,
  'call.divert': nothing,
  'call.ended': nothing,
  'recording.start': look,
  'recording.pause': look,
  'recording.resume': look,
  'recording.stop': look,
  'recording.gapped': nothing,
  'recording.ended': nothing,
  // What was asked for last is the last of all.
  'play.start': (view) => ({ view, playing: playings(view.conference.room).at(-1)?.id as PlayingId }),
  'play.stop': look,
  'play.ended': nothing,
  'transcription.start': look,
  'transcription.stop': look,
  'transcription.ended': nothing,
  'transcript.add': nothing,
  'stream.open': (view) => ({ view, call: people(view.conference).at(-1)?.call.id as CallId }),
  'stream.closed': nothing,
};
