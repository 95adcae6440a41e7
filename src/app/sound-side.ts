import type { Closable } from '../base/index.ts';
import type { Conferences, MediaLibrary, RecordingScribe, Scribe } from '../conference/index.ts';
import type { OpenPlayer } from '../playing/index.ts';
import { openSounds, type SoundNeeds } from './sounds.ts';
import { openSpeech, type SpeechNeeds } from './speech.ts';

/** What plays, speaks and writes down is opened with. */
export interface SoundSideNeeds extends Omit<SoundNeeds, 'say' | 'config'>, Pick<SpeechNeeds, 'path' | 'recordings' | 'diary' | 'events'> {
  readonly config: SoundNeeds['config'] & SpeechNeeds['config'];
  /** Opened after these, because it needs them. */
  readonly conferences: () => Conferences;
}

/** What the conferences need of it. */
export interface SoundSide {
  readonly player: OpenPlayer;
  readonly library: MediaLibrary;
  /** Whoever opened it closes it, before the conferences; absent: nobody writes down what is said. */
  readonly scribe?: Scribe & Closable;
  /** As the scribe, and closed likewise. */
  readonly written?: RecordingScribe & Closable;
}

/** Opens the player with a voice, and the scribe where there is a provider. */
export async function openSoundSide({ conferences, path, ...needs }: SoundSideNeeds): Promise<SoundSide> {
  const { execute } = needs;
  const interim: SpeechNeeds['interim'] = (leg, words) => conferences().interim(leg, words);
  const { speaker, scribe, written } = await openSpeech({ ...needs, execute, interim, speech: () => conferences().speech(), path });
  const sounds = openSounds({ ...needs, sayings: speaker });
  return { ...sounds, ...(scribe && { scribe }), ...(written && { written }) };
}
