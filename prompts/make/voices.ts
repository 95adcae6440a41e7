import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnyRate, readWav } from '../../src/audio/index.ts';

/** Samples per second of every prompt. */
export const RATE = 16_000;

/** A voice of somebody else's program. `prompts/README.md` says where it comes from, what its licence is and why it was chosen. */
export interface Voice {
  readonly program: 'flite' | 'pico2wave' | 'RHVoice-test' | 'espeak-ng';
  readonly voice: string;
  /** Words per minute; only of espeak-ng. */
  readonly speed?: number;
}

export const VOICES: Readonly<Record<string, Voice>> = {
  'en-us': { program: 'flite', voice: 'rms' },
  'de-de': { program: 'pico2wave', voice: 'de-DE' },
  'fr-fr': { program: 'pico2wave', voice: 'fr-FR' },
  'es-es': { program: 'pico2wave', voice: 'es-ES' },
  'it-it': { program: 'pico2wave', voice: 'it-IT' },
  'pt-br': { program: 'RHVoice-test', voice: 'Leticia-F123' },
  'ru-ru': { program: 'RHVoice-test', voice: 'irina' },
  'pt-pt': { program: 'espeak-ng', voice: 'pt+f2', speed: 150 },
  'zh-cn': { program: 'espeak-ng', voice: 'cmn-latn-pinyin+f2', speed: 150 },
  'ja-jp': { program: 'espeak-ng', voice: 'ja+f2', speed: 150 },
  'ar-sa': { program: 'espeak-ng', voice: 'ar+f2', speed: 150 },
};

/** A text as sound of 16 kHz in one channel, as the program gave it. */
export function speak(text: string, voice: Voice): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'parley-prompt-'));
  const out = join(folder, 'out.wav');
  try {
    run(text, voice, out);
    const wav = readWav(readFileSync(out));
    if ('malformed' in wav) throw new Error(`${voice.program} made no WAV: ${wav.malformed}`);
    if (wav.channels !== 1) throw new Error(`${voice.program} made ${wav.channels} channels`);
    return toRate(wav.samples, wav.rate);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(text: string, { program, voice, speed = 160 }: Voice, out: string): void {
  const how: Record<Voice['program'], { args: readonly string[]; input?: string }> = {
    flite: { args: ['-voice', voice, '-t', text, '-o', out] },
    pico2wave: { args: ['-l', voice, '-w', out, text] },
    'RHVoice-test': { args: ['-p', voice, '-o', out], input: `${text}\n` },
    'espeak-ng': { args: ['-v', voice, '-s', String(speed), '-b', '1', '-w', out, '--stdin'], input: `${text}\n` },
  };
  const { args, input } = how[program];
  const { status, stderr, error } = spawnSync(program, args, input === undefined ? {} : { input });
  if (error !== undefined) throw new Error(`${program} cannot be run (${error.message}); prompts/README.md says what is needed`);
  if (status !== 0) throw new Error(`${program} failed: ${String(stderr).slice(0, 300)}`);
}

function toRate(samples: Int16Array, from: number): Int16Array {
  if (from === RATE) return samples;
  const convert = new AnyRate({ from, to: RATE });
  const first = Int16Array.from(convert.process(samples));
  const rest = convert.flush();
  const all = new Int16Array(first.length + rest.length);
  all.set(first);
  all.set(rest, first.length);
  return all;
}
