import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chords, Dice, KEYS, type KeyLine, keySound, music } from '../../test/kit/keypad-sound.ts';
import { speech } from '../../test/kit/speech.ts';
import { DTMF_HOP, DtmfDetector } from './dtmf.ts';
import { readWav } from './wav.ts';

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

test('of 10 800 keys at 0 to -30 dBm0, 40 ms on and off, ±6 dB, ±1.5 %, 15 dB of noise, 999 of 1000 are heard, and no other', () => {
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
    const keys = Array.from({ length: 150 }, () => KEYS[Math.floor(16 * dice.next())]!).join('');
    const here = wrong(keys, heard(keySound(keys, line)));
    assert.ok(here <= 1, `${here} of 150 at ${JSON.stringify(line)}`);
    all += keys.length;
    missed += here;
  }
  assert.equal(all, 10_800);
  assert.ok(missed <= all / 1000, `${missed} of ${all}`);
});

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

test('an hour of four voices, music and chords of two tones: at most one key is heard in it', { timeout: 600_000 }, (context) => {
  const text = readFileSync(new URL('../../docs/media.md', import.meta.url), 'utf8').replace(/[^A-Za-z0-9 .,\n]/g, ' ');
  let [seconds, keys] = [0, ''];
  const listen = (sound: Int16Array): void => {
    seconds += sound.length / 8000;
    keys += heard(sound);
  };
  for (const voice of ['kal', 'awb', 'rms', 'slt']) {
    const sound = reads(voice, text.slice(0, 9000));
    if (sound === undefined) context.diagnostic(`flite has no voice ${voice}: a made one speaks`);
    listen(sound ?? speech({ rate: 8000, seconds: 600, pitch: 90 + voice.charCodeAt(0), seed: voice.charCodeAt(1) }));
  }
  for (const [n, pitch] of [95, 125, 175, 225].entries()) listen(speech({ rate: 8000, seconds: 120, pitch, seed: n + 1 }));
  listen(music(480, 1));
  listen(chords(120, 2));
  for (let seed = 5; seconds < 3600; seed++) listen(music(60, seed));
  context.diagnostic(`${Math.round(seconds / 60)} minutes, keys: ${keys.length}`);
  assert.ok(keys.length <= 1, `${keys} in ${seconds} s`);
});
