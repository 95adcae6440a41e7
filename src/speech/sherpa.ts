import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/index.ts';
import { failed } from './programs.ts';
import { EAR_RATE, type EarProvider, type Heard } from './speech-types.ts';

/** As much of the module sherpa-onnx-node as is used: it decodes in a thread of its own. */
export interface SherpaModule {
  readonly OfflineRecognizer: {
    createAsync(config: object): Promise<SherpaRecognizer>;
  };
}

interface SherpaRecognizer {
  createStream(): { acceptWaveform(wave: { readonly samples: Float32Array; readonly sampleRate: number }): void };
  decodeAsync(stream: object): Promise<{ readonly text?: string }>;
}

/** What the operator says of the model. */
export interface SherpaOptions {
  /** A folder with `tokens.txt` and `*.onnx`: a transducer, whisper, or SenseVoice model. */
  readonly folder: string;
  /** RFC 5646; `*` for any. */
  readonly languages: readonly string[];
  /** Default: the optional package. */
  readonly load?: () => Promise<SherpaModule>;
}

const PACKAGE = 'sherpa-onnx-node';

async function installed(): Promise<SherpaModule> {
  // Optional: `npm ci --omit=optional` leaves it out.
  const loaded = (await import(PACKAGE)) as { readonly default?: SherpaModule } & Partial<SherpaModule>;
  const found = loaded.default ?? loaded;
  if (found.OfflineRecognizer === undefined) throw new Error(`${PACKAGE} has no OfflineRecognizer`);
  return found as SherpaModule;
}

/** The configuration for the model in a folder, told by the names of its files; the lighter ones (int8) first. */
export function modelIn(folder: string, names: readonly string[]): object {
  const file = (part: RegExp): string | undefined => {
    const found = names
      .filter((each) => part.test(each) && each.endsWith('.onnx'))
      .sort((a, b) => Number(b.includes('int8')) - Number(a.includes('int8')));
    return found[0] === undefined ? undefined : join(folder, found[0]);
  };
  const tokens = names.find((each) => each.endsWith('tokens.txt'));
  const [encoder, decoder, joiner, model] = [file(/encoder/), file(/decoder/), file(/joiner/), file(/^model/)];
  if (tokens === undefined) throw new Failure('invalid', 'bad_configuration', `there is no tokens.txt in ${folder} (speech.stt_model_dir)`);
  const common = { tokens: join(folder, tokens), numThreads: 1, debug: false };
  if (encoder !== undefined && decoder !== undefined && joiner !== undefined)
    return { ...common, transducer: { encoder, decoder, joiner } };
  if (encoder !== undefined && decoder !== undefined) return { ...common, whisper: { encoder, decoder } };
  if (model !== undefined) return { ...common, senseVoice: { model } };
  throw new Failure('invalid', 'bad_configuration', `there is no model that is known in ${folder} (speech.stt_model_dir)`);
}

/** Opens the model; refuses with invalid/bad_configuration what cannot be opened. */
export async function openSherpa({ folder, languages, load = installed }: SherpaOptions): Promise<EarProvider> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new Failure('invalid', 'bad_configuration', `the folder ${folder} cannot be read (speech.stt_model_dir)`, { cause });
  });
  const modelConfig = modelIn(folder, names);
  const { OfflineRecognizer } = await load().catch((cause: unknown) => {
    throw new Failure(
      'invalid',
      'bad_configuration',
      `speech.stt needs the optional package ${PACKAGE}, which npm ci installs unless optional ones are omitted`,
      {
        cause,
      },
    );
  });
  const config = { featConfig: { sampleRate: EAR_RATE, featureDim: 80 }, modelConfig };
  const recogniser = await OfflineRecognizer.createAsync(config).catch((cause: unknown) => {
    throw new Failure('invalid', 'bad_configuration', `sherpa-onnx cannot open the model in ${folder} (speech.stt_model_dir)`, { cause });
  });
  return {
    name: 'sherpa-onnx',
    languages,
    recognise: async ({ samples }: Heard) => {
      try {
        const stream = recogniser.createStream();
        stream.acceptWaveform({ samples: Float32Array.from(samples, (each) => each / 32_768), sampleRate: EAR_RATE });
        const { text = '' } = await recogniser.decodeAsync(stream);
        return text.replace(/\s+/g, ' ').trim();
      } catch (cause) {
        throw failed('sherpa-onnx could not recognise what was said', cause);
      }
    },
  };
}
