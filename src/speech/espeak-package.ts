import { writeWav } from '../audio/index.ts';

/** The package: espeak-ng as WebAssembly, GPL-3. Nothing loads it but what follows, in a process of its own. */
export const ESPEAK_PACKAGE = '@echogarden/espeak-ng-emscripten';

/** The part of the package that is used. */
interface Worker {
  readonly samplerate: number;
  list_voices(): readonly {
    readonly name: string;
    readonly identifier: string;
    readonly languages: readonly { readonly priority: number; readonly name: string }[];
  }[];
  /** 0: there is such a voice. */
  set_voice(name: string): number;
  /** Calls again and again with some sound; true would end it. */
  synthesize(text: string, take: (samples: Int16Array | undefined) => boolean): void;
}
type Load = () => Promise<{ readonly eSpeakNGWorker: new () => Worker }>;

async function open(): Promise<Worker> {
  // Its name is a value: the package has no types, and may be left out.
  const { default: load } = (await import(ESPEAK_PACKAGE as string)) as { readonly default: Load };
  const { eSpeakNGWorker } = await load();
  return new eSpeakNGWorker();
}

/** The table that espeak-ng prints: priority, language, age and gender, name, file, other languages. */
function table(worker: Worker): string {
  const lines = worker.list_voices().map(({ name, identifier, languages: [own, ...others] }) => {
    const more = others.map((each) => `(${each.name} ${each.priority})`).join('');
    return ` ${own?.priority ?? 5}  ${own?.name ?? identifier}  --/-  ${name.replace(/\s/g, '_')}  ${identifier}  ${more}`;
  });
  return `Pty Language Age/Gender VoiceName File Other Languages\n${lines.join('\n')}\n`;
}

/** As a file of WAV. The package reads SSML, which a text of ours never is. */
function spoken(worker: Worker, voice: string, words: string): Uint8Array {
  if (worker.set_voice(voice) !== 0) throw new Error(`there is no voice ${voice}`);
  const parts: Int16Array[] = [];
  const plain = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  worker.synthesize(plain, (samples) => {
    if (samples !== undefined && samples.length > 0) parts.push(samples);
    return false;
  });
  const samples = new Int16Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return writeWav({ rate: worker.samplerate, channels: 1, samples });
}

/** What the program espeak-ng does, as far as `Espeak` asks it to: `--voices`, or `-v VOICE`, which gives WAV of what `input` reads. In a process of its own. */
export async function espeakProgram(args: readonly string[], input: () => Promise<string>): Promise<Uint8Array | string> {
  const worker = await open();
  if (args[0] === '--voices') return table(worker);
  const voice = args[args.indexOf('-v') + 1];
  if (!args.includes('-v') || voice === undefined) throw new Error('-v VOICE is missing');
  return spoken(worker, voice, await input());
}
