import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Chance, type Clock, type Closable, Failure, type Log, type Owner } from '../base/index.ts';
import type {
  Diary,
  Events,
  Execute,
  FileOf,
  Interim,
  LegId,
  LiveSpeech,
  RecordingScribe,
  Recordings,
  Scribe,
} from '../conference/index.ts';
import { type Fetch, openFetch } from '../fetch/index.ts';
import type { Engine } from '../media/index.ts';
import { soundOf } from '../recording/index.ts';
import {
  EAR_RATE,
  type EarProvider,
  ESPEAK_PACKAGE,
  Espeak,
  type EspeakProgram,
  Flite,
  HttpEar,
  HttpVoice,
  openRecordingScribe,
  openScribe,
  openSherpa,
  openSpeaker,
  Pocketsphinx,
  Programs,
  type Speaker,
  type VoiceProvider,
} from '../speech/index.ts';
import type { Config, SpeechConfig } from './config.ts';

/** What speech is made and recognised with. */
export interface SpeechNeeds {
  readonly config: Pick<Config, 'dataDir' | 'fetchAllow' | 'speech'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly owner: Owner;
  readonly engine: Pick<Engine, 'tap'>;
  readonly execute: Execute;
  /** `Conferences.interim`. */
  readonly interim: (leg: LegId, words: Interim) => void;
  /** `Conferences.speech`. */
  readonly speech: () => Pick<LiveSpeech, 'on' | 'off'>;
  readonly recordings: Pick<Recordings, 'get' | 'open'>;
  readonly diary: Diary;
  readonly events: Pick<Events, 'publish'>;
  /** Where programs are looked for, as in PATH. */
  readonly path?: string | undefined;
}

/** Who speaks, and who writes down what is said; without a provider no scribe, and every start is refused. */
export interface Speech {
  readonly speaker: Speaker;
  /** Whoever opened it closes it, before the conferences and after the calls. */
  readonly scribe: (Scribe & Closable) | undefined;
  /** The same for what was recorded. */
  readonly written: (RecordingScribe & Closable) | undefined;
}

/** Opens both. `owner` closes the speaker and what both need. */
export async function openSpeech({ config, owner, engine, ...needs }: SpeechNeeds): Promise<Speech> {
  const { clock, chance, log, path } = needs;
  const { speech } = config;
  const programs = owner.own(new Programs({ clock, ...(path === undefined ? {} : { path }) }));
  // The operator named these servers himself, so they may be in his own network; no redirect is followed.
  const fetch = owner.own(openFetch({ clock, log, allow: ['private', 'loopback', ...config.fetchAllow] }));
  const ask: Fetch['ask'] = (asking) => fetch.ask(asking);
  const speaker = owner.own(
    openSpeaker({
      clock,
      chance,
      log,
      providers: voicesOf(speech, programs, ask),
      voices: speech.voices,
      language: speech.language,
      diskBytes: speech.cacheBytes,
      ...(speech.cacheBytes === 0 ? {} : { folder: join(config.dataDir, 'speech') }),
    }),
  );
  const provider = await earOf(speech, programs, { ask, chance });
  if (provider === undefined) return { speaker, scribe: undefined, written: undefined };
  const { language, sttAtOnce: atOnce } = speech;
  const scribe = openScribe({ ...needs, provider, language, atOnce, tap: (...tapped) => engine.tap(...tapped) });
  const written = openRecordingScribe({ ...needs, provider, language, sound: (of) => recordedSound(of, needs) });
  return { speaker, scribe, written };
}

/** A file of a recording, at the rate at which speech is recognised where it can be had. */
async function* recordedSound(of: FileOf, { recordings, clock }: Pick<SpeechNeeds, 'recordings' | 'clock'>) {
  const { type, chunks } = await recordings.open(of);
  const breathe = (): Promise<void> => new Promise((resolve) => void clock.wake(clock.now(), resolve));
  yield* soundOf(type, chunks, { breathe, rate: EAR_RATE });
}

type Ask = Fetch['ask'];

const missing = (program: string, setting: string): Failure => {
  const install = program === 'espeak-ng' ? `apt-get install espeak-ng, or npm install ${ESPEAK_PACKAGE}` : `apt-get install ${program}`;
  return new Failure('invalid', 'bad_configuration', `${setting} is ${program}, but this program is not installed: ${install}`);
};

/** In order of preference: of voices that fit equally well the first one speaks. */
function voicesOf(speech: SpeechConfig, programs: Programs, ask: Ask): readonly VoiceProvider[] {
  const { tts, ttsUrl: url, ttsKey: key, ttsModel: model, voices } = speech;
  const found: VoiceProvider[] = [];
  if (url !== undefined && (tts === 'auto' || tts === 'http')) found.push(new HttpVoice({ ask, url, key, model, voices }));
  for (const [name, open] of [
    ['flite', openFlite],
    ['espeak-ng', openEspeak],
  ] as const) {
    if (tts !== 'auto' && tts !== name) continue;
    const voice = open(programs);
    if (voice !== undefined) found.push(voice);
    else if (tts === name) throw missing(name, 'speech.tts');
  }
  return found;
}

function openFlite(programs: Programs): VoiceProvider | undefined {
  const file = programs.locate('flite');
  return file === undefined ? undefined : new Flite(programs, file);
}

function openEspeak(programs: Programs): VoiceProvider | undefined {
  const program = programs.locate('espeak-ng') ?? espeakPackage();
  return program === undefined ? undefined : new Espeak(programs, program);
}

/** Where no espeak-ng is installed, its WebAssembly does the same in a process of its own; undefined: this was left out when Parley was installed. */
function espeakPackage(): EspeakProgram | undefined {
  try {
    import.meta.resolve(ESPEAK_PACKAGE);
  } catch {
    return undefined;
  }
  return { file: process.execPath, before: [fileURLToPath(new URL('./espeak-program.ts', import.meta.url))] };
}

async function earOf(
  speech: SpeechConfig,
  programs: Programs,
  { ask, chance }: { ask: Ask; chance: Chance },
): Promise<EarProvider | undefined> {
  const { stt, sttUrl: url, sttKey: key, sttModel: model, sttModelDir: folder } = speech;
  if (url !== undefined && (stt === 'auto' || stt === 'http')) return new HttpEar({ ask, chance, url, key, model });
  // Which languages a model knows is written nowhere in it.
  if (folder !== undefined && (stt === 'auto' || stt === 'sherpa-onnx')) return openSherpa({ folder, languages: ['*'] });
  if (stt !== 'pocketsphinx') return undefined;
  const file = programs.locate('pocketsphinx_continuous');
  if (file === undefined) throw missing('pocketsphinx', 'speech.stt');
  return new Pocketsphinx(programs, file);
}
