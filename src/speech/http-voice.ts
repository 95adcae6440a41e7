import type { Fetch } from '../fetch/index.ts';
import { endpoint, outcomeIn } from './http-speech.ts';
import { failed } from './programs.ts';
import { soundOf } from './sound-of.ts';
import type { Sound, Spoken, Voice, VoiceProvider } from './speech-types.ts';

/** A server that speaks as OpenAI's does: `POST /v1/audio/speech`. */
export interface HttpVoiceOptions {
  readonly ask: Fetch['ask'];
  readonly url: string;
  readonly key?: string | undefined;
  readonly model: string;
  /** Voices by language, RFC 5646 in lower case; `*` for every other one. Empty: `alloy` for all. */
  readonly voices: ReadonlyMap<string, string>;
}

const PATIENCE = 30_000;
const MAX_BYTES = 50_000_000;

/** Speaks over HTTP. */
export class HttpVoice implements VoiceProvider {
  readonly name = 'http';
  readonly #options: HttpVoiceOptions;
  readonly #voices: readonly Voice[];

  constructor(options: HttpVoiceOptions) {
    this.#options = options;
    const all = options.voices.size === 0 ? new Map([['*', 'alloy']]) : options.voices;
    this.#voices = [...all].map(([language, name]) => ({ name, languages: [language] }));
  }

  async voices(): Promise<readonly Voice[]> {
    return this.#voices;
  }

  /** Such servers have voices of which nobody can ask; so any name is tried. */
  named(name: string): Voice | undefined {
    return /^[\w.-]{1,64}$/.test(name) ? { name, languages: ['*'] } : undefined;
  }

  async speak({ sentence, voice }: Spoken): Promise<Sound> {
    const { ask, url, key, model } = this.#options;
    const asked = await ask({
      url: endpoint(url, 'audio/speech'),
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model, input: sentence, voice: voice.name, response_format: 'wav' }),
      timeoutMs: PATIENCE,
      maxBytes: MAX_BYTES,
    });
    const body = outcomeIn(asked);
    if (body.length === 0) throw failed('the speech server gave an empty answer');
    return soundOf(body, 'the speech server');
  }
}
