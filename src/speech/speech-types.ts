import type { Closable } from '../base/index.ts';

/** Sound in one channel, 16 bit. */
export interface Sound {
  /** Samples in a second. */
  readonly rate: number;
  readonly samples: Int16Array;
}

/** How a text is to be spoken. */
export interface VoiceWish {
  /** RFC 5646, in any case. Default: the voice's, else the setting's. */
  readonly language?: string;
  /** The name of a voice, or `female` or `male`. Default: the one of the setting `speech.voices`, else the first of the language. */
  readonly voice?: string;
  readonly gender?: Gender;
}

/** What a voice sounds like. */
export type Gender = 'female' | 'male';

/** Somebody who can speak. */
export interface Voice {
  /** Unique in its provider. */
  readonly name: string;
  /** RFC 5646, lower case, the first one its own; `*` for any. */
  readonly languages: readonly string[];
  readonly gender?: Gender;
}

/** What one sentence is spoken with. */
export interface Spoken {
  /** At most `LONGEST_SENTENCE` characters, no control characters. */
  readonly sentence: string;
  readonly voice: Voice;
  /** As it was wished. */
  readonly language: string;
  readonly gender?: Gender;
}

/** One way to make speech. What goes wrong rejects with unavailable/speech_failed. */
export interface VoiceProvider {
  readonly name: 'espeak-ng' | 'flite' | 'http';
  voices(): Promise<readonly Voice[]>;
  /** A voice that is not listed but can be had under this name. */
  named?(name: string, voices: readonly Voice[]): Voice | undefined;
  speak(spoken: Spoken): Promise<Sound>;
}

/** Turns texts into sound. After `close` it refuses with unavailable/closed. */
export interface Speaker extends Closable {
  /**
   * Rejects with what `say` would be refused for, without speaking: invalid/text_missing, invalid/text_too_long, invalid/language_without_voice (details
   * {language, languages}), invalid/voice_unknown (details {voice, voices}), unavailable/no_voices.
   */
  check(text: string, wish?: VoiceWish): Promise<void>;
  /** All of it in one piece: for short texts. Refuses as `check`, and with limit/speech_busy, unavailable/speech_failed. */
  say(text: string, wish?: VoiceWish): Promise<Sound>;
  /** Sentence by sentence: while one is taken the next one is made. Every piece has the same rate. */
  sentences(text: string, wish?: VoiceWish): AsyncGenerator<Sound, void, undefined>;
  /** The languages somebody can speak, in order. */
  languages(): Promise<readonly string[]>;
}

/** A stretch of somebody's speech, 16 kHz. */
export interface Heard {
  readonly samples: Int16Array;
  /** RFC 5646. */
  readonly language: string;
}

/** The rate at which speech is recognised, Hz. */
export const EAR_RATE = 16_000;

/** Speech that is being recognised while it is spoken. */
export interface LiveHearing {
  /** Some more of it, 16 kHz. */
  take(samples: Int16Array): void;
  /** What it seems to be so far; undefined: nothing new. */
  partial(): string | undefined;
  /** It has ended: what it was. */
  end(): Promise<string>;
  /** Nobody wants to know any more. */
  drop(): void;
}

/** One way to recognise speech. */
export interface EarProvider {
  readonly name: 'http' | 'sherpa-onnx' | 'pocketsphinx';
  /** RFC 5646, lower case; `*` for any. */
  readonly languages: readonly string[];
  /** What was said; empty: nothing that could be understood. Rejects with unavailable/speech_failed. */
  recognise(heard: Heard): Promise<string>;
  /** Where it can follow speech as it comes; else whole stretches are recognised. */
  follow?(language: string): LiveHearing;
}
