import { readWav } from '../audio/index.ts';
import { failed } from './programs.ts';
import type { Sound } from './speech-types.ts';

/** The sound in a WAV file that somebody made, in one channel. Rejects what is none with unavailable/speech_failed. */
export function soundOf(bytes: Uint8Array, who: string): Sound {
  const wav = readWav(bytes);
  if ('malformed' in wav) throw failed(`${who} gave no WAV of 16 bits (${wav.malformed} at byte ${wav.at})`);
  const { rate, channels, samples } = wav;
  if (rate < 4000 || rate > 192_000) throw failed(`${who} gave sound of ${rate} Hz`);
  if (channels === 1) return { rate, samples };
  const mono = new Int16Array(Math.floor(samples.length / channels));
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += samples[index * channels + channel] ?? 0;
    mono[index] = Math.round(sum / channels);
  }
  return { rate, samples: mono };
}
