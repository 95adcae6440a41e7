import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnyRate, loadCodecs } from '../../src/audio/index.ts';
import { ByteStream } from '../../src/playing/byte-stream.ts';
import { openSound } from '../../src/playing/open-sound.ts';
import { eventually } from './house.ts';
import type { Phone } from './phone.ts';

const RATE = 8000;
/** Samples of a prompt that are looked for, and how like they must be: over G.711 the same is 0.9 and more, another one below 0.5. */
const EXCERPT = 4000;
const ALIKE = 0.75;

const known = new Map<string, Promise<Int16Array>>();

/** The loudest half second of a shipped prompt, as a telephone hears it. */
export function excerptOf(name: string, language = 'en-us'): Promise<Int16Array> {
  const path = join(import.meta.dirname, '../../prompts', language, `${name}.opus`);
  const excerpt = known.get(path) ?? cut(path);
  known.set(path, excerpt);
  return excerpt;
}

async function cut(path: string): Promise<Int16Array> {
  await loadCodecs();
  const source = await openSound(ByteStream.of(readFileSync(path)));
  const convert = new AnyRate({ from: source.rate, to: RATE });
  const samples: number[] = [];
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) samples.push(...convert.process(piece));
  samples.push(...convert.flush());
  const length = Math.min(EXCERPT, samples.length);
  let [best, most] = [0, -1];
  for (let from = 0; from + length <= samples.length; from += 200) {
    const energy = samples.slice(from, from + length).reduce((sum, each) => sum + each * each, 0);
    if (energy > most) [best, most] = [from, energy];
  }
  return Int16Array.from(samples.slice(best, best + length));
}

/** How like the likest place of a sound is to an excerpt: 1 is the same. */
export function likest(sound: Int16Array, excerpt: Int16Array): number {
  const length = excerpt.length;
  const own = Math.sqrt(excerpt.reduce((sum, each) => sum + each * each, 0));
  let best = 0;
  let energy = 0;
  for (let at = 0; at < sound.length; at++) {
    energy += sound[at]! ** 2;
    if (at >= length) energy -= sound[at - length]! ** 2;
    const from = at - length + 1;
    if (from < 0 || energy < 1e6) continue;
    let sum = 0;
    // A look at every fourth sample first: most places are nothing like it.
    for (let index = 0; index < length; index += 4) sum += sound[from + index]! * excerpt[index]!;
    if (Math.abs(4 * sum) < 0.4 * own * Math.sqrt(energy)) continue;
    sum = 0;
    for (let index = 0; index < length; index++) sum += sound[from + index]! * excerpt[index]!;
    best = Math.max(best, sum / (own * Math.sqrt(energy)));
  }
  return best;
}

/** Resolves when a phone has heard a prompt within its last six seconds, or hears it now. */
export async function hearsPrompt(phone: Phone, name: string, { language = 'en-us', within = 15_000 } = {}): Promise<void> {
  const excerpt = await excerptOf(name, language);
  let best = 0;
  const heard = (): boolean => {
    best = Math.max(best, likest(phone.ear.since(0), excerpt));
    return best > ALIKE;
  };
  await eventually(heard, '', within).catch(() => {
    throw new Error(`${phone.name} did not hear ${name} in ${language} within ${within} ms; the likest was ${best.toFixed(2)}`);
  });
}
