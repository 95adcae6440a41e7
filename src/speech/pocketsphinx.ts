import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWav } from '../audio/index.ts';
import type { Programs } from './programs.ts';
import { EAR_RATE, type EarProvider, type Heard } from './speech-types.ts';

/** ms for a stretch of 20 s at most; it takes a fifth of that. */
const PATIENCE = 60_000;

/** Recognises American English by the program pocketsphinx_continuous, with the model of Debian's pocketsphinx-en-us: for trials and tests. */
export class Pocketsphinx implements EarProvider {
  readonly name = 'pocketsphinx';
  readonly languages = ['en-us', 'en'];
  readonly #programs: Programs;
  readonly #file: string;

  constructor(programs: Programs, file: string) {
    this.#programs = programs;
    this.#file = file;
  }

  async recognise({ samples }: Heard): Promise<string> {
    return this.#programs.inFolder(async (folder) => {
      const wav = join(folder, 'heard.wav');
      await writeFile(wav, writeWav({ rate: EAR_RATE, channels: 1, samples }), { mode: 0o600 });
      const args = ['-infile', wav, '-logfn', '/dev/null'];
      const said = await this.#programs.run({ file: this.#file, args, timeoutMs: PATIENCE, maxBytes: 1_000_000 });
      return Buffer.from(said).toString().replace(/\s+/g, ' ').trim();
    });
  }
}
