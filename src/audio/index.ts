export type { CodecName, CodecSpec, SoundDecoder, SoundEncoder } from './codec.ts';
export { ComfortNoise } from './comfort-noise.ts';
export { Concealer, type ConcealerOptions } from './conceal.ts';
export { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
export { meanLevel, TalkDetector, type TalkDetectorOptions } from './level.ts';
export { Mixer, type MixPlan, type SlotGain } from './mixer.ts';
export { isStateful, loadCodecs, openDecoder, openEncoder } from './open-codec.ts';
export { type Tone, ToneSource, toneAmplitude } from './tone.ts';
export { type MalformedWav, readWav, type Wav, writeWav } from './wav.ts';
