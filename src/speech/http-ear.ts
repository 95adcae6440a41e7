import { writeWav } from '../audio/index.ts';
import { type Chance, isObject, randomHex } from '../base/index.ts';
import type { Fetch } from '../fetch/index.ts';
import { endpoint, outcomeIn } from './http-speech.ts';
import { primaryOf } from './language.ts';
import { failed } from './programs.ts';
import { EAR_RATE, type EarProvider, type Heard } from './speech-types.ts';

/** A server that recognises as OpenAI's does: `POST /v1/audio/transcriptions`. */
export interface HttpEarOptions {
  readonly ask: Fetch['ask'];
  readonly chance: Chance;
  readonly url: string;
  readonly key?: string | undefined;
  readonly model: string;
}

const PATIENCE = 60_000;

/** Recognises over HTTP. */
export class HttpEar implements EarProvider {
  readonly name = 'http';
  readonly languages = ['*'];
  readonly #options: HttpEarOptions;

  constructor(options: HttpEarOptions) {
    this.#options = options;
  }

  async recognise({ samples, language }: Heard): Promise<string> {
    const { ask, chance, url, key, model } = this.#options;
    const boundary = `parley-${randomHex(chance, 16)}`;
    // These servers know languages by ISO 639-1: without regions.
    const fields = { model, language: primaryOf(language), response_format: 'json', temperature: '0' };
    const asked = await ask({
      url: endpoint(url, 'audio/transcriptions'),
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: multipart(boundary, fields, writeWav({ rate: EAR_RATE, channels: 1, samples })),
      timeoutMs: PATIENCE,
    });
    return textIn(outcomeIn(asked));
  }
}

/** RFC 7578: fields, and the sound as a file. */
function multipart(boundary: string, fields: Readonly<Record<string, string>>, wav: Uint8Array): Uint8Array {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="speech.wav"\r\ncontent-type: audio/wav\r\n\r\n`;
  return new Uint8Array(Buffer.concat([Buffer.from(parts.join('') + file), wav, Buffer.from(`\r\n--${boundary}--\r\n`)]));
}

function textIn(body: Uint8Array): string {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw failed('the speech server gave no JSON', cause);
  }
  if (!isObject(answer) || typeof answer['text'] !== 'string') throw failed('the speech server gave no text');
  return answer['text'].replace(/\s+/g, ' ').trim();
}
