import { type Rate, TalkDetector } from '../audio/index.ts';
import { type Clock, Failure } from '../base/index.ts';
import { Cutter, type Stretch } from './cutter.ts';
import type { Gate } from './gate.ts';
import { tagOf } from './language.ts';
import type { EarProvider, Sound } from './speech-types.ts';

/** Stretches in a row that fail before it is given up, and the pause before one is tried again, ms. */
const GIVE_UP = 5;
const AGAIN = 1000;
/** What stands where speech was not recognised. */
const GAP = '[…]';
/** Frames in a second. */
const FRAMES = 50;

/** What reading one recording needs. */
export interface ReadingOptions {
  readonly clock: Clock;
  readonly provider: EarProvider;
  readonly gate: Gate;
  /** RFC 5646, as it was asked for. */
  readonly language: string;
  /** Nobody wants to know any more. */
  readonly isOver: () => boolean;
}

/** What was said in one go: from and to in ticks of 20 ms since the beginning of the recording. */
export interface Said {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Some or all of it could not be recognised. */
  readonly gap: boolean;
}

/** Recognises what was recorded, file by file. */
export class Reading {
  readonly #options: ReadingOptions;
  #failures = 0;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** What is said in a file that begins at this tick of the recording. Rejects with unavailable/speech_failed when the provider does it no more. */
  async *read(pieces: AsyncIterable<Sound>, first: number): AsyncGenerator<Said, void, undefined> {
    for await (const stretch of stretchesOf(pieces, first)) {
      if (this.#options.isOver()) return;
      const said = await this.#recognise(stretch);
      if (said !== undefined) yield said;
    }
  }

  async #recognise({ from, to, samples }: Stretch): Promise<Said | undefined> {
    const { provider, gate, language } = this.#options;
    const recognise = (): Promise<string> => gate.pass(() => provider.recognise({ samples, language: tagOf(language) }));
    try {
      const text = await recognise().catch((error: unknown) => this.#tryAgain(error, recognise));
      this.#failures = 0;
      return text === '' ? undefined : { from, to, text, gap: false };
    } catch (error) {
      this.#failures += 1;
      if (!(error instanceof Failure) || error.code === 'closed' || this.#failures === GIVE_UP) throw error;
      return { from, to, text: GAP, gap: true };
    }
  }

  async #tryAgain(error: unknown, again: () => Promise<string>): Promise<string> {
    const { clock, isOver } = this.#options;
    if (isOver() || this.#failures > 0) throw error;
    await new Promise<void>((resolve) => clock.wake(clock.now() + AGAIN, resolve));
    return again();
  }
}

/** The stretches of speech in a file. */
async function* stretchesOf(pieces: AsyncIterable<Sound>, first: number): AsyncGenerator<Stretch, void, undefined> {
  const cutter = new Cutter();
  let index = first;
  let detector: { readonly rate: number; readonly talk: TalkDetector } | undefined;
  const take = (rate: number, samples: Int16Array): Stretch | undefined => {
    if (detector?.rate !== rate) detector = { rate, talk: new TalkDetector({ rate: rate as Rate }) };
    const { talk } = detector;
    talk.push(samples, samples.length);
    index += 1;
    return cutter.take({ index: index - 1, lost: 0, rate, samples, talking: talk.audible });
  };
  for await (const { rate, samples } of framesOf(pieces)) {
    const stretch = take(rate, samples);
    if (stretch !== undefined) yield stretch;
  }
  const last = cutter.end();
  if (last !== undefined) yield last;
}

/** In frames of 20 ms, whatever pieces it comes in; the last one is filled up with silence. */
async function* framesOf(pieces: AsyncIterable<Sound>): AsyncGenerator<Sound, void, undefined> {
  let held: { rate: number; frame: Int16Array; filled: number } | undefined;
  for await (const { rate, samples } of pieces) {
    if (held?.rate !== rate) held = { rate, frame: new Int16Array(rate / FRAMES), filled: 0 };
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(samples.length - at, held.frame.length - held.filled);
      held.frame.set(samples.subarray(at, at + count), held.filled);
      held.filled += count;
      at += count;
      if (held.filled < held.frame.length) continue;
      yield { rate, samples: held.frame };
      held.filled = 0;
    }
  }
  if (held !== undefined && held.filled > 0) yield { rate: held.rate, samples: held.frame.fill(0, held.filled) };
}
