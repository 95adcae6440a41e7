export { Espeak, type EspeakProgram } from './espeak.ts';
export { ESPEAK_PACKAGE, espeakProgram } from './espeak-package.ts';
export { Flite } from './flite.ts';
export { HttpEar, type HttpEarOptions } from './http-ear.ts';
export { HttpVoice, type HttpVoiceOptions } from './http-voice.ts';
export { Pocketsphinx } from './pocketsphinx.ts';
export { Programs, type ProgramsOptions } from './programs.ts';
export { openRecordingScribe, type RecordingScribeOptions } from './recording-scribe.ts';
export { openScribe, type ScribeOptions } from './scribe.ts';
export { openSherpa, type SherpaModule, type SherpaOptions } from './sherpa.ts';
export { openSpeaker, type SpeakerOptions } from './speaker.ts';
export {
  EAR_RATE,
  type EarProvider,
  type Gender,
  type Heard,
  type LiveHearing,
  type Sound,
  type Speaker,
  type Spoken,
  type Voice,
  type VoiceProvider,
  type VoiceWish,
} from './speech-types.ts';
