/**
 * `npm run prompts`: makes the files of all prompts whose text, voice or making has changed, and the hold music. `prompts/README.md` says which programs it
 * needs; the server needs none of them.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCodecs } from '../../src/audio/index.ts';
import { composeHoldMusic, MUSIC_RATE } from './hold-music.ts';
import { oggFile } from './ogg-file.ts';
import { finish } from './sound.ts';
import { RATE, speak, VOICES } from './voices.ts';

const HELP = `Usage: npm run prompts [-- LANGUAGE...]

Makes the prompts of all languages, or of these, from prompts/texts/LANGUAGE.json. What has not changed stays as it is.

  --help   print this
`;

/** Grows when the same text would become another sound. */
const MAKING = 1;
const SPEECH_BITRATE = 20_000;
const MUSIC_BITRATE = 40_000;
const root = join(import.meta.dirname, '..');
const made = join(root, 'made.json');

type Texts = Readonly<Record<string, string | { readonly say: string }>>;

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
const wishes = process.argv.slice(2);
if (wishes.includes('--help')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const unknown = wishes.find((each) => VOICES[each] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`no voice speaks ${unknown}; there are ${Object.keys(VOICES).join(', ')}\n`);
  process.exit(2);
}

await loadCodecs();
/** What each file was made of. */
const sources: Record<string, string> = existsSync(made) ? JSON.parse(readFileSync(made, 'utf8')) : {};
for (const language of wishes.length > 0 ? wishes : Object.keys(VOICES)) makeLanguage(language);
if (wishes.length === 0) makeMusic();
writeFileSync(made, `${JSON.stringify(Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1))), undefined, 1)}\n`);

function makeLanguage(language: string): void {
  const voice = VOICES[language]!;
  const texts = JSON.parse(readFileSync(join(root, 'texts', `${language}.json`), 'utf8')) as Texts;
  const folder = join(root, language);
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const [name, text] of Object.entries(texts)) {
    const say = typeof text === 'string' ? text : text.say;
    const file = `${language}/${name}.opus`;
    const source = digest([MAKING, SPEECH_BITRATE, voice, say]);
    if (sources[file] === source && existsSync(join(root, file))) continue;
    const samples = finish(speak(say, voice));
    writeFileSync(join(root, file), oggFile({ samples, rate: RATE, bitrate: SPEECH_BITRATE, name: file }));
    sources[file] = source;
    count += 1;
  }
  for (const name of readdirSync(folder)) {
    if (texts[name.replace(/\.opus$/, '')] !== undefined) continue;
    rmSync(join(folder, name));
    delete sources[`${language}/${name}`];
  }
  process.stdout.write(`${language}: ${count} of ${Object.keys(texts).length} made\n`);
}

function makeMusic(): void {
  const file = 'local_stream/moh/evening.opus';
  mkdirSync(join(root, 'local_stream', 'moh'), { recursive: true });
  const samples = composeHoldMusic();
  writeFileSync(join(root, file), oggFile({ samples, rate: MUSIC_RATE, bitrate: MUSIC_BITRATE, name: file, isLoop: true }));
  process.stdout.write(`${file}: ${(samples.length / MUSIC_RATE).toFixed(1)} s\n`);
}
