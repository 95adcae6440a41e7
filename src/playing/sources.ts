import { join } from 'node:path';
import type { AccountId } from '../accounts/index.ts';
import { readToneStream } from '../audio/index.ts';
import { Failure } from '../base/index.ts';
import type { MediaDocument, MediaId, PlaySource, Saying } from '../conference/index.ts';
import { fileBytes } from './file-bytes.ts';
import { ForAWhile } from './for-a-while.ts';
import { readSilence, samplesSource, sentencesSource, silenceReader, toneReader } from './made-sounds.ts';
import { soundPath, spokenText } from './media-values.ts';
import { openSound } from './open-sound.ts';
import { OwnPrompts } from './own-prompts.ts';
import type { PlayerOptions } from './player-options.ts';
import {
  findPrompt,
  findStream,
  type Listing,
  listFolder,
  type PromptFile,
  promptFolders,
  readPromptName,
  SYSTEM,
  wishesFor,
} from './prompts.ts';
import type { SoundSource } from './sound-source.ts';
import type { SoundReader, Sounds } from './sounds.ts';
import { fetchBytes } from './url-bytes.ts';

/** How a source is read once somebody wants to hear it. */
type Readers = () => AsyncIterable<SoundReader>;

const notFound = (id: string): Failure => new Failure('not-found', 'media_not_found', 'no such media', { details: { id } });
const badSource = (words: string, id: string): Failure => new Failure('invalid', 'media_bad_source', words, { details: { id } });

/** Finds out what a source means (kazoo-facts §11.2). Rejects with a Failure what can never be played. */
export class Sources {
  readonly #options: PlayerOptions;
  readonly #sounds: Sounds;
  readonly #own: OwnPrompts;
  readonly #list: Listing;

  constructor(options: PlayerOptions, sounds: Sounds) {
    this.#options = options;
    this.#own = new OwnPrompts(options);
    const folders = new ForAWhile(options.clock, listFolder);
    this.#list = (folder) => folders.of(folder);
    this.#sounds = sounds;
  }

  /** Finds it, and opens nothing but to look whether it is there. */
  async find(account: AccountId, source: PlaySource): Promise<Readers> {
    if (typeof source !== 'string') return this.#spoken(source);
    const scheme = /^([a-z_]+):\/\//i.exec(source)?.[1]?.toLowerCase();
    switch (scheme) {
      case undefined:
        return this.#named(account, source);
      case 'http':
      case 'https':
        return this.#url(source);
      case 'tone_stream':
        return tones(source);
      case 'silence_stream':
        return silence(source);
      case 'prompt':
        return this.#prompt(account, source);
      case 'local_stream':
        return this.#stream(source);
      default:
        throw badSource(`nothing is played from ${scheme}://`, source);
    }
  }

  /** A media id, `/ACCOUNT/ID` or `/system_media/NAME`. */
  async #named(account: AccountId, source: string): Promise<Readers> {
    if (source.startsWith('/system_media/')) return this.#prompt(account, source);
    const own = `/${account}/`;
    const id = source.startsWith(own) ? source.slice(own.length) : source;
    const media = id === '' || id.includes('/') ? undefined : await this.#options.documents.find(account, id as MediaId);
    if (media === undefined) throw notFound(source);
    return this.#uploaded(media);
  }

  /** The sound of a document, or its text. */
  async #uploaded(media: MediaDocument): Promise<Readers> {
    const { sound, id } = media;
    if (sound !== undefined) {
      const path = join(this.#options.folder, soundPath(media, sound));
      return one(() => this.#file({ path, key: `sound ${sound.sha256}` }));
    }
    const saying = spokenText(media.document);
    if (saying === undefined) throw new Failure('invalid', 'media_empty', 'nothing was uploaded to this media', { details: { id } });
    return this.#spoken(saying);
  }

  async #spoken({ say: text, ...how }: Saying): Promise<Readers> {
    const { say, sayings } = this.#options;
    if (say === undefined && sayings === undefined)
      throw new Failure('unavailable', 'no_speech', 'there is nobody who could speak a text: see the setting speech.tts');
    if (text.trim() === '') throw badSource('there is no text to be spoken', '');
    await sayings?.check(text, how);
    const key = `said ${JSON.stringify([text, how.language, how.voice])}`;
    const open = async (): Promise<SoundSource> =>
      sayings === undefined ? samplesSource(await say!(text, how)) : sentencesSource(sayings.sentences(text, how));
    return one(() => this.#sounds.read(key, async () => ({ source: await open() })));
  }

  #url(url: string): Readers {
    const { fetch, maxUrlBytes = 200_000_000 } = this.#options;
    const refused = fetch.refuses(url);
    if (refused !== undefined)
      throw new Failure('invalid', 'media_refused', `this URL is not played: ${refused}`, { details: { id: url } });
    return one(() =>
      this.#sounds.read(`url ${url}`, async () => {
        const { bytes, freshMs } = await fetchBytes(fetch, url, maxUrlBytes);
        return { source: await openSound(bytes), freshMs };
      }),
    );
  }

  /** What the account has uploaded for it comes first, then what the operator has put there, then what was shipped. */
  async #prompt(account: AccountId, uri: string): Promise<Readers> {
    const wanted = readPromptName(uri);
    if (wanted === undefined) throw badSource('a prompt is prompt://OWNER/NAME/LANGUAGE', uri);
    const { owner, name, language } = wanted;
    // What another account has is its own.
    if (owner !== SYSTEM && owner !== account) throw notFound(uri);
    const { prompts: operator, shipped } = this.#options;
    const folders = promptFolders({ operator, account, ...(shipped === undefined ? {} : { shipped }) });
    for (const wish of wishesFor(language)) {
      const media = await this.#own.find(account, name, wish);
      if (media !== undefined) return this.#uploaded(media);
      for (const folder of folders) {
        const file = await findPrompt({ folder, name, language: wish }, this.#list);
        if (file !== undefined) return one(() => this.#file(file));
      }
    }
    throw notFound(uri);
  }

  async #stream(uri: string): Promise<Readers> {
    const { prompts, shipped } = this.#options;
    const folders = [prompts, ...(shipped === undefined ? [] : [shipped])];
    const files = await findStream(folders, uri.slice('local_stream://'.length));
    if (files.length === 0) throw notFound(uri);
    return () => this.#withoutEnd(files);
  }

  /** One file behind the other, and from the first again; what cannot be played is left out. */
  async *#withoutEnd(files: readonly PromptFile[]): AsyncGenerator<SoundReader> {
    for (;;) {
      let failure: unknown;
      let opened = 0;
      for (const file of files) {
        try {
          const reader = await this.#file(file);
          opened += 1;
          yield reader;
        } catch (error) {
          failure = error;
        }
      }
      if (opened === 0) throw failure;
    }
  }

  #file({ path, key }: PromptFile): Promise<SoundReader> {
    return this.#sounds.read(key, async () => ({ source: await openSound(fileBytes(path)) }));
  }
}

const one = (open: () => Promise<SoundReader>): Readers =>
  async function* () {
    yield await open();
  };

function tones(source: string): Readers {
  const score = readToneStream(source);
  if ('malformed' in score) throw badSource(`the tone stream cannot be read at character ${score.at + 1}: ${score.malformed}`, source);
  return one(async () => toneReader(score));
}

function silence(source: string): Readers {
  const ms = readSilence(source);
  if (ms === undefined) throw badSource('a silence is silence_stream:// and a number of milliseconds, or -1', source);
  return one(async () => silenceReader(ms));
}
