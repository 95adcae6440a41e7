import { tagOf } from './language.ts';
import { once } from './once.ts';
import type { Programs } from './programs.ts';
import { soundOf } from './sound-of.ts';
import type { Gender, Sound, Spoken, Voice, VoiceProvider } from './speech-types.ts';

/** ms for one sentence; it takes some hundredths of a second. */
const PATIENCE = 20_000;
const MAX_BYTES = 50_000_000;

/** What makes a voice of espeak-ng another one. */
const VARIANTS: Readonly<Record<Gender, string>> = { female: '+f3', male: '+m3' };

/** Where espeak-ng is: a program, or what runs one that understands the same options, and what is said before them. */
export interface EspeakProgram {
  readonly file: string;
  readonly before: readonly string[];
}

/** Speaks by the program espeak-ng (GPL-3: a process of its own, never a library): many languages, not beautiful. */
export class Espeak implements VoiceProvider {
  readonly name = 'espeak-ng';
  readonly #programs: Programs;
  readonly #program: EspeakProgram;
  readonly voices = once(() => this.#list());

  constructor(programs: Programs, program: string | EspeakProgram) {
    this.#programs = programs;
    this.#program = typeof program === 'string' ? { file: program, before: [] } : program;
  }

  /** A voice with a variant: `de+f2`. */
  named(name: string, voices: readonly Voice[]): Voice | undefined {
    const [, base, variant] = /^([a-z0-9-]{2,40})\+([a-z0-9_-]{1,20})$/i.exec(name) ?? [];
    const voice = voices.find((each) => each.name === base?.toLowerCase());
    return voice && { ...voice, name: `${voice.name}+${variant}` };
  }

  async speak({ sentence, voice, gender }: Spoken): Promise<Sound> {
    const variant = gender === undefined || voice.name.includes('+') ? '' : VARIANTS[gender];
    const wav = await this.#programs.run({
      ...this.#run,
      // The text comes by stdin, as UTF-8 (-b 1), so that it is never taken for an option.
      args: [...this.#program.before, '-v', `${voice.name}${variant}`, '-b', '1', '--stdin', '--stdout'],
      // Two brackets would begin phonemes.
      input: `${sentence.replaceAll('[[', '[ [')}\n`,
      timeoutMs: PATIENCE,
      maxBytes: MAX_BYTES,
    });
    return soundOf(wav, this.name);
  }

  get #run(): { readonly file: string; readonly name: string } {
    return { file: this.#program.file, name: this.name };
  }

  async #list(): Promise<readonly Voice[]> {
    const run = { ...this.#run, args: [...this.#program.before, '--voices'], timeoutMs: PATIENCE, maxBytes: 1_000_000 };
    return voicesIn(Buffer.from(await this.#programs.run(run)).toString());
  }
}

/** The voices in espeak-ng's table: priority, language, age and gender, name, file, other languages. Voices of mbrola need files that are hardly ever there. */
export function voicesIn(table: string): readonly Voice[] {
  const found = new Map<string, Voice>();
  for (const line of table.split('\n').slice(1)) {
    const [, language, file, others] = /^\s*\d+\s+(\S+)\s+\S+\s+\S+\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    if (language === undefined || file === undefined || file.startsWith('mb/')) continue;
    const name = language.toLowerCase();
    const more = Array.from((others ?? '').matchAll(/\((\S+) \d+\)/g), ([, each]) => tagOf(each ?? ''));
    if (!found.has(name)) found.set(name, { name, languages: [tagOf(language), ...more] });
  }
  return [...found.values()];
}
