import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DTMF_HOP, DtmfDetector, readWav } from '../../src/audio/index.ts';
import { chords, Dice, KEYS, type KeyLine, keySound, music } from './keypad-sound.ts';
import { speech } from './speech.ts';

function heard(sound: Int16Array): string {
  const detector = new DtmfDetector();
  let keys = '';
  for (let at = 0; at + DTMF_HOP <= sound.length; at += DTMF_HOP) {
    detector.push(sound, at);
    keys += detector.key ?? '';
  }
  return keys;
}

/** How many of the keys are missing from what was heard, or are too many there (the longest common subsequence). */
function wrong(keys: string, found: string): number {
  let row = new Int32Array(found.length + 1);
  for (const key of keys) {
    const next = new Int32Array(found.length + 1);
    for (let n = 1; n <= found.length; n++) next[n] = key === found[n - 1] ? row[n - 1]! + 1 : Math.max(row[n]!, next[n - 1]!);
    row = next;
  }
  return keys.length + found.length - 2 * row[found.length]!;
}

/** Presses `each` keys on each of 72 lines: 0 to -30 dBm0, 40 ms on and off, ±6 dB, ±1.5 %, down to 15 dB of noise. `missed`: not heard, or heard and not pressed. */
export function pressKeys(each: number): { readonly keys: number; readonly missed: number } {
  const lines: KeyLine[] = [0, -10, -20, -30].flatMap((dbm0) =>
    [-6, 0, 6].flatMap((twist) =>
      [0, 0.015].flatMap((off) =>
        [Number.POSITIVE_INFINITY, 25, 15].map((snr, seed) => ({ dbm0, twist, off, snr, seed: seed + 10 * twist + dbm0 })),
      ),
    ),
  );
  let [all, missed] = [0, 0];
  for (const line of lines) {
    const dice = new Dice(line.seed + 7);
    const keys = Array.from({ length: each }, () => KEYS[Math.floor(16 * dice.next())]!).join('');
    const here = wrong(keys, heard(keySound(keys, line)));
    assert.ok(here <= 1, `${here} of ${each} at ${JSON.stringify(line)}`);
    all += keys.length;
    missed += here;
  }
  return { keys: all, missed };
}

/** A voice of flite's that reads, at 8 kHz; undefined: it is not installed. */
function reads(voice: string, text: string): Int16Array | undefined {
  const base = mkdtempSync(join(tmpdir(), 'parley-voice-'));
  try {
    const [whole, narrow] = [join(base, 'whole.wav'), join(base, 'narrow.wav')];
    if (spawnSync('flite', ['-voice', voice, '-t', text, '-o', whole]).status !== 0) return undefined;
    if (spawnSync('sox', [whole, '-r', '8000', '-c', '1', '-b', '16', narrow]).status !== 0) return undefined;
    const wav = readWav(readFileSync(narrow));
    return 'malformed' in wav ? assert.fail(wav.malformed) : wav.samples;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** So many minutes of four voices, music and chords of two tones, in which no key is pressed: the keys that are heard. `told` hears what is missing here. */
export function hearNoKeys(minutes: number, told: (words: string) => void): { readonly keys: string; readonly seconds: number } {
  const text = readFileSync(new URL('../../docs/media.md', import.meta.url), 'utf8').replace(/[^A-Za-z0-9 .,\n]/g, ' ');
  const all = minutes * 60;
  let [seconds, keys] = [0, ''];
  const listen = (sound: Int16Array): void => {
    seconds += sound.length / 8000;
    keys += heard(sound);
  };
  for (const voice of ['kal', 'awb', 'rms', 'slt']) {
    const sound = reads(voice, text.slice(0, 150 * minutes));
    if (sound === undefined) told(`flite has no voice ${voice}: a made one speaks`);
    listen(sound ?? speech({ rate: 8000, seconds: all / 6, pitch: 90 + voice.charCodeAt(0), seed: voice.charCodeAt(1) }));
  }
  for (const [n, pitch] of [95, 125, 175, 225].entries()) listen(speech({ rate: 8000, seconds: all / 30, pitch, seed: n + 1 }));
  listen(music(all / 7.5, 1));
  listen(chords(all / 30, 2));
  for (let seed = 5; seconds < all; seed++) listen(music(60, seed));
  return { keys, seconds };
}
