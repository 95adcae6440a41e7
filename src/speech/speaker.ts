import { AnyRate } from '../audio/index.ts';
import { type Chance, type Clock, Failure, type Log } from '../base/index.ts';
import { type Choir, type Chosen, chooseVoice, languagesOf } from './choose-voice.ts';
import { closed, Gate } from './gate.ts';
import { tagOf } from './language.ts';
import { LONGEST_TEXT, sentencesOf } from './sentences.ts';
import { cacheKey, SoundCache } from './sound-cache.ts';
import type { Sound, Speaker, VoiceProvider, VoiceWish } from './speech-types.ts';

/** What speech is made from. */
export interface SpeakerOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** In order of preference. None: every text is refused, naming the setting `speech.tts`. */
  readonly providers: readonly VoiceProvider[];
  /** Voices by language (RFC 5646), `de` or `de-ch`. Default none. */
  readonly voices?: ReadonlyMap<string, string>;
  /** Where nobody says a language. Default `en-us`. */
  readonly language?: string;
  /** A folder of its own for spoken sentences; absent: they are kept in memory alone. */
  readonly folder?: string;
  /** Bytes kept on disk, in memory. Default 200 MB, 32 MB. */
  readonly diskBytes?: number;
  readonly memoryBytes?: number;
  /** Sentences that are made at once, and that wait for it. Default 2, 500. */
  readonly atOnce?: number;
  readonly mayWait?: number;
}

/** Opens the speaker. Nothing is asked of the providers before somebody wants to hear something. */
export const openSpeaker = (options: SpeakerOptions): Speaker => new Voices(options);

class Voices implements Speaker {
  readonly #options: SpeakerOptions;
  readonly #gate: Gate;
  readonly #cache: SoundCache;
  /** Sentences that are being made: who wants the same waits for the same. */
  readonly #making = new Map<string, Promise<Sound>>();
  #closing: Promise<void> | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#gate = new Gate({ atOnce: options.atOnce ?? 2, mayWait: options.mayWait ?? 500 });
    this.#cache = new SoundCache(options);
  }

  async check(text: string, wish: VoiceWish = {}): Promise<void> {
    await this.#prepare(text, wish);
  }

  async say(text: string, wish: VoiceWish = {}): Promise<Sound> {
    const pieces: Sound[] = [];
    for await (const piece of this.sentences(text, wish)) pieces.push(piece);
    const all = new Int16Array(pieces.reduce((sum, { samples }) => sum + samples.length, 0));
    let at = 0;
    for (const { samples } of pieces) {
      all.set(samples, at);
      at += samples.length;
    }
    return { rate: pieces[0]?.rate ?? 16_000, samples: all };
  }

  async *sentences(text: string, wish: VoiceWish = {}): AsyncGenerator<Sound, void, undefined> {
    const { chosen, sentences } = await this.#prepare(text, wish);
    let rate: number | undefined;
    let next = this.#begin(chosen, sentences[0]);
    for (let index = 0; index < sentences.length; index++) {
      const sound = await next;
      next = this.#begin(chosen, sentences[index + 1]);
      if (sound === undefined) continue;
      rate ??= sound.rate;
      yield sound.rate === rate ? sound : atRate(sound, rate);
    }
  }

  async languages(): Promise<readonly string[]> {
    return languagesOf(await this.#choirs());
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#gate.close();
    await Promise.allSettled(this.#making.values());
    await this.#cache.settled();
  }

  /** Begins one; that it fails is said to whoever waits for it, or to nobody when it is not wanted any more. */
  #begin(chosen: Chosen, sentence: string | undefined): Promise<Sound | undefined> {
    if (sentence === undefined) return Promise.resolve(undefined);
    const begun = this.#sentence(chosen, sentence);
    begun.catch(() => {});
    return begun;
  }

  async #prepare(text: string, wish: VoiceWish): Promise<{ readonly chosen: Chosen; readonly sentences: readonly string[] }> {
    if (this.#closing !== undefined) throw closed();
    const { language = 'en-us', voices = new Map(), providers } = this.#options;
    if (providers.length === 0) {
      throw new Failure('unavailable', 'no_voices', 'this server cannot speak; see the setting speech.tts', {
        details: { setting: 'speech.tts' },
      });
    }
    if (Buffer.byteLength(text) > LONGEST_TEXT) {
      throw new Failure('invalid', 'text_too_long', `a text may have ${LONGEST_TEXT} bytes`, { details: { limit: LONGEST_TEXT } });
    }
    const chosen = chooseVoice(await this.#choirs(), wish, { language: tagOf(language), voices });
    const sentences = sentencesOf(text, chosen.language);
    if (sentences.length === 0) throw new Failure('invalid', 'text_missing', 'there is nothing to say in this text');
    return { chosen, sentences };
  }

  /** Every provider with its voices. One that cannot be asked has none. */
  async #choirs(): Promise<readonly Choir[]> {
    const { providers, log } = this.#options;
    return Promise.all(
      providers.map(async (provider) => {
        const voices = await provider.voices().catch((error: unknown) => {
          log.warn('a speech provider does not say which voices it has', { provider: provider.name, error });
          return [];
        });
        return { provider, voices };
      }),
    );
  }

  async #sentence({ provider, voice, language, gender }: Chosen, sentence: string): Promise<Sound> {
    const key = cacheKey(provider.name, voice.name, language, gender ?? '', sentence);
    const made = this.#making.get(key);
    if (made !== undefined) return made;
    const making = this.#make(key, () => provider.speak({ sentence, voice, language, ...(gender === undefined ? {} : { gender }) }));
    this.#making.set(key, making);
    try {
      return await making;
    } finally {
      this.#making.delete(key);
    }
  }

  async #make(key: string, speak: () => Promise<Sound>): Promise<Sound> {
    const kept = await this.#cache.get(key);
    if (kept !== undefined) return kept;
    const sound = await this.#gate.pass(speak);
    this.#cache.put(key, sound);
    return sound;
  }
}

function atRate({ rate, samples }: Sound, to: number): Sound {
  const change = new AnyRate({ from: rate, to });
  const [most, rest] = [change.process(samples), change.flush()];
  const all = new Int16Array(most.length + rest.length);
  all.set(most);
  all.set(rest, most.length);
  return { rate: to, samples: all };
}
