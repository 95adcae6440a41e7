import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { readWav, writeWav } from '../audio/index.ts';
import { Failure, noLog, SystemClock } from '../base/index.ts';
import { openFetch } from '../fetch/index.ts';
import { HttpEar } from './http-ear.ts';
import { endpoint } from './http-speech.ts';
import { HttpVoice } from './http-voice.ts';
import { modelIn, openSherpa } from './sherpa.ts';
import { openSpeaker } from './speaker.ts';

const clock = new SystemClock();

interface Got {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server that answers what the test says. */
async function withServer(
  answer: (got: Got) => { status?: number; body: Uint8Array | string },
  work: (of: { url: string; got: Got[]; ask: ReturnType<typeof openFetch>['ask'] }) => Promise<void>,
): Promise<void> {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    got.push({ url: request.url ?? '', headers: request.headers, body });
    const { status = 200, body: said } = answer(got.at(-1)!);
    response.writeHead(status).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fetch = openFetch({ clock, log: noLog, allow: ['loopback'] });
  try {
    await work({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, ask: (asking) => fetch.ask(asking) });
  } finally {
    await fetch.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const failed = (words: RegExp) => (error: unknown) =>
  error instanceof Failure && error.code === 'speech_failed' && words.test(error.message);

test('a server speaks: model, voice by language, key; stereo becomes one channel', async () => {
  const wav = writeWav({ rate: 24_000, channels: 2, samples: Int16Array.from([100, 300, -100, -300]) });
  await withServer(
    () => ({ body: wav }),
    async ({ url, got, ask }) => {
      const voices = new Map([
        ['de', 'nova'],
        ['*', 'alloy'],
      ]);
      const provider = new HttpVoice({ ask, url: `${url}/v1`, key: 'secret', model: 'tts-1', voices });
      const speaker = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers: [provider] });
      const sound = await speaker.say('Guten Tag.', { language: 'de-AT' });
      assert.deepEqual([sound.rate, [...sound.samples]], [24_000, [200, -200]]);
      await speaker.say('Hello.', { language: 'en', voice: 'shimmer' });
      await speaker.say('Salut.', { language: 'fr' });
      assert.deepEqual(
        got.map(({ url: path, body }) => [path, JSON.parse(body.toString()).voice]),
        [
          ['/v1/audio/speech', 'nova'],
          ['/v1/audio/speech', 'shimmer'],
          ['/v1/audio/speech', 'alloy'],
        ],
      );
      assert.equal(got[0]?.headers.authorization, 'Bearer secret');
      assert.deepEqual(JSON.parse(got[0]?.body.toString() ?? ''), {
        model: 'tts-1',
        input: 'Guten Tag.',
        voice: 'nova',
        response_format: 'wav',
      });
    },
  );
});

test('a server recognises: the sound as a WAV of 16 kHz, the language without region', async () => {
  await withServer(
    () => ({ body: JSON.stringify({ text: ' Hello\nworld ' }) }),
    async ({ url, got, ask }) => {
      const ear = new HttpEar({ ask, chance: new SeededChance(), url, key: 'k', model: 'whisper-1' });
      const samples = Int16Array.from([1, -2, 13, 10]);
      assert.equal(await ear.recognise({ samples, language: 'en-us' }), 'Hello world');
      const form = await new Response(got[0]!.body, { headers: { 'content-type': got[0]!.headers['content-type']! } }).formData();
      assert.deepEqual([got[0]?.url, form.get('model'), form.get('language')], ['/v1/audio/transcriptions', 'whisper-1', 'en']);
      const wav = readWav(new Uint8Array(await (form.get('file') as File).arrayBuffer()));
      assert.deepEqual(wav, { rate: 16_000, channels: 1, samples });
    },
  );
});

test('servers that refuse, talk nonsense, or are not there; what they say is not repeated', async () => {
  let answer: { status?: number; body: string } = { status: 500, body: 'the secret text' };
  await withServer(
    () => answer,
    async ({ url, ask }) => {
      const ear = new HttpEar({ ask, chance: new SeededChance(), url, model: 'm' });
      const voice = new HttpVoice({ ask, url, model: 'm', voices: new Map() });
      const heard = { samples: new Int16Array(320), language: 'en' };
      const spoken = { sentence: 'Hi', language: 'en', voice: { name: 'alloy', languages: ['*'] } };
      await assert.rejects(ear.recognise(heard), failed(/^the speech server answered 500$/));
      await assert.rejects(voice.speak(spoken), failed(/^the speech server answered 500$/));
      for (const body of ['', '<html>', '[]', '{"text": 7}', 'null']) {
        answer = { body };
        await assert.rejects(ear.recognise(heard), failed(/no JSON|no text/), body);
        await assert.rejects(voice.speak(spoken), failed(/no WAV|empty/), body);
      }
      const nobody = new HttpEar({ ask, chance: new SeededChance(), url: 'http://127.0.0.1:1', model: 'm' });
      await assert.rejects(nobody.recognise(heard), failed(/did not answer/));
    },
  );
  assert.deepEqual(
    ['https://x', 'https://x/v1/', 'https://x/v1/audio/speech'].map((each) => endpoint(each, 'audio/speech')),
    Array.from({ length: 3 }, () => 'https://x/v1/audio/speech'),
  );
});

test('a folder tells which model of sherpa-onnx it has; what is missing is said with its setting', async () => {
  const names = ['encoder.onnx', 'encoder.int8.onnx', 'decoder.onnx', 'joiner.onnx', 'tokens.txt', 'README.md'];
  const common = { tokens: '/m/tokens.txt', numThreads: 1, debug: false };
  const transducer = { encoder: '/m/encoder.int8.onnx', decoder: '/m/decoder.onnx', joiner: '/m/joiner.onnx' };
  assert.deepEqual(modelIn('/m', names), { ...common, transducer });
  assert.deepEqual(modelIn('/m', ['tiny.en-encoder.onnx', 'tiny.en-decoder.onnx', 'tiny.en-tokens.txt']), {
    ...common,
    tokens: '/m/tiny.en-tokens.txt',
    whisper: { encoder: '/m/tiny.en-encoder.onnx', decoder: '/m/tiny.en-decoder.onnx' },
  });
  for (const some of [[], ['tokens.txt'], ['model.onnx']])
    assert.throws(
      () => modelIn('/m', some),
      (error: unknown) => error instanceof Failure && error.message.includes('speech.stt_model_dir'),
    );
  await assert.rejects(
    openSherpa({ folder: '/nowhere', languages: ['*'] }),
    (error: unknown) => error instanceof Failure && error.code === 'bad_configuration',
  );
});
