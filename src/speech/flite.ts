import { once } from './once.ts';
import type { Programs } from './programs.ts';
import { soundOf } from './sound-of.ts';
import type { Sound, Spoken, Voice, VoiceProvider } from './speech-types.ts';

const PATIENCE = 20_000;

/** The voices of 16 kHz that Debian's flite has; its others are of 8 kHz or tell the time. */
const KNOWN: readonly Voice[] = [
  { name: 'slt', languages: ['en-us', 'en'], gender: 'female' },
  { name: 'rms', languages: ['en-us', 'en'], gender: 'male' },
  { name: 'awb', languages: ['en-gb-scotland', 'en'], gender: 'male' },
  { name: 'kal16', languages: ['en-us', 'en'], gender: 'male' },
];

/** Speaks English by the program flite. */
export class Flite implements VoiceProvider {
  readonly name = 'flite';
  readonly #programs: Programs;
  readonly #file: string;
  readonly voices = once(() => this.#list());

  constructor(programs: Programs, file: string) {
    this.#programs = programs;
    this.#file = file;
  }

  async speak({ sentence, voice }: Spoken): Promise<Sound> {
    // By files, because flite opens what it is given by name, and a socket cannot be opened.
    const wav = await this.#programs.throughFiles(`${sentence}\n`, (from, to) => ({
      file: this.#file,
      args: ['-voice', voice.name, '-f', from, '-o', to],
      timeoutMs: PATIENCE,
      maxBytes: 1_000_000,
    }));
    return soundOf(wav, this.name);
  }

  async #list(): Promise<readonly Voice[]> {
    const run = { file: this.#file, args: ['-lv'], timeoutMs: PATIENCE, maxBytes: 100_000 };
    const there = Buffer.from(await this.#programs.run(run))
      .toString()
      .split(/\s+/);
    return KNOWN.filter(({ name }) => there.includes(name));
  }
}
