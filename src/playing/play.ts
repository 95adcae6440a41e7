import { type Clock, Failure } from '../base/index.ts';
import type { PlaySource } from '../conference/index.ts';
import type { Feed } from '../media/index.ts';
import { FeedLine } from './feed-line.ts';
import type { SoundReader } from './sounds.ts';

/** Opens the sounds of a source, one behind the other; of some there is no end. */
export type OpenSource = (source: PlaySource) => AsyncIterable<SoundReader>;

/** What is played, where to, and who is told. */
export interface PlayNeeds {
  readonly feed: Feed;
  readonly clock: Clock;
  readonly open: OpenSource;
  readonly sources: readonly PlaySource[];
  /** 0: until it is stopped. */
  readonly loops: number;
}

/** How it ended by itself. `words` say to people what failed. */
export interface PlayOutcome {
  readonly reason: 'finished' | 'failed';
  readonly words?: string;
  readonly ms: number;
}

/** What comes next: a sound, what could not be opened, or the end of a round. */
type Step = { readonly reader: SoundReader } | { readonly failure: unknown } | 'round';

/** One playing: its sources behind each other without a gap, as often as wanted. A source that fails is left out; the outcome says so. */
export class Play {
  readonly #needs: PlayNeeds;
  readonly #line: FeedLine;
  #words: string | undefined;

  constructor(needs: PlayNeeds) {
    this.#needs = needs;
    this.#line = new FeedLine(needs.feed, needs.clock);
  }

  /** Resolves when everything was played; undefined: it was stopped. */
  async run(): Promise<PlayOutcome | undefined> {
    const steps = this.#steps();
    let ahead = next(steps);
    let heard = 0;
    for (let step = await ahead; step !== undefined && !this.#line.isClosed; step = await ahead) {
      if (step === 'round' && this.#line.ms === heard) break;
      // The next sound is opened while this one is played.
      ahead = next(steps);
      if (step === 'round') heard = this.#line.ms;
      else if ('failure' in step) this.#note(step.failure);
      else await this.#copy(step.reader);
    }
    void letGo(steps, ahead);
    await this.#line.finish();
    if (this.#line.isClosed) return undefined;
    this.#line.close();
    const { ms } = this.#line;
    return this.#words === undefined ? { reason: 'finished', ms } : { reason: 'failed', words: this.#words, ms };
  }

  /** At once. */
  stop(): void {
    this.#line.close();
  }

  /** All sounds of all rounds; what could not be opened stands in its place as a failure. */
  async *#steps(): AsyncGenerator<Step, void, undefined> {
    const { sources, loops, open } = this.#needs;
    for (let round = 0; loops === 0 || round < loops; round++) {
      for (const [index, source] of sources.entries()) {
        try {
          for await (const reader of open(source)) yield { reader };
        } catch (failure) {
          yield { failure: sources.length > 1 ? inPlace(failure, index) : failure };
        }
      }
      yield 'round';
    }
  }

  async #copy(reader: SoundReader): Promise<void> {
    try {
      // What the room would only throw away is not written.
      const next = (): ReturnType<SoundReader['next']> => reader.next(this.#needs.feed.roomRate);
      for (let piece = await next(); piece !== undefined && !this.#line.isClosed; piece = await next()) {
        await this.#line.write(piece.samples, piece.rate);
      }
    } catch (error) {
      this.#note(error);
    } finally {
      reader.close();
    }
  }

  #note(error: unknown): void {
    this.#words ??= wordsOf(error);
  }
}

const next = (steps: AsyncGenerator<Step, void, undefined>): Promise<Step | undefined> =>
  steps.next().then(({ value }) => value ?? undefined);

/** What was opened ahead and is not needed. */
async function letGo(steps: AsyncGenerator<Step, void, undefined>, ahead: Promise<Step | undefined>): Promise<void> {
  const step = await ahead;
  if (typeof step === 'object' && 'reader' in step) step.reader.close();
  await steps.return(undefined);
}

const inPlace = (error: unknown, index: number): unknown =>
  error instanceof Failure ? new Failure(error.kind, error.code, `source ${index + 1}: ${error.message}`, { cause: error }) : error;

/** Of a bug nobody outside is told more than that there is one. */
const wordsOf = (error: unknown): string => (error instanceof Failure ? error.message : 'an unexpected error');
