import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { SeededChance } from '../../../test/kit/seeded-chance.ts';
import { fixture, pcm16 } from '../../../test/kit/sound-files.ts';
import type { JsonObject } from '../../base/index.ts';
import { openMediaLibrary } from '../../playing/index.ts';
import { MemoryStore } from '../../store/index.ts';

const WAV = pcm16(8000, [0, 0.5, 0]);

/** A server with a media folder; asks as its first user. */
async function house() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-media-'));
  const { media: documents } = new MemoryStore();
  const media = openMediaLibrary({ documents, folder, clock: new FakeClock(), chance: new SeededChance() });
  const { server, account, stranger, token } = await openHouse({ options: { media } });
  const ask = (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    payload?: unknown,
    headers: Record<string, string> = {},
    of = account,
  ) =>
    server.inject({
      method,
      url: `/v2/accounts/${of}/media${path}`,
      headers: { 'x-auth-token': token, ...headers },
      ...(payload === undefined
        ? {}
        : { payload: payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify({ data: payload }) }),
    });
  const made = async (document: JsonObject = { name: 'moh' }): Promise<string> => (await ask('PUT', '', document)).json().data.id;
  return { ask, made, stranger, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const raw = (type: string) => ({ 'content-type': type });

test('a document is made with its defaults, changed, listed and deleted', async () => {
  await using home = await house();
  const answer = await home.ask('PUT', '', { name: 'moh', own_key: [1] });
  assert.equal(answer.statusCode, 201);
  const { data, revision } = answer.json();
  const { id, ...rest } = data;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, { name: 'moh', own_key: [1], media_source: 'upload', streamable: true, language: 'en-us' });
  assert.match(revision, /^1-[0-9a-f]{32}$/);
  const changed = await home.ask('POST', `/${id}`, { ...data, name: 'new' });
  assert.deepEqual([changed.statusCode, changed.json().data], [200, { ...data, name: 'new' }]);
  assert.match(changed.json().revision, /^2-/);
  const listed = await home.ask('GET', '');
  assert.deepEqual(listed.json().data, [{ id, name: 'new', media_type: '', media_source: 'upload', language: 'en-us', is_prompt: false }]);
  assert.equal(listed.json().page_size, 1);
  assert.equal((await home.ask('DELETE', `/${id}`)).json().data._read_only.deleted, true);
  for (const method of ['GET', 'DELETE'] as const) assert.equal((await home.ask(method, `/${id}`)).statusCode, 404);
  assert.deepEqual((await home.ask('GET', `/${id}`)).json().data, { cause: id, message: 'bad identifier' });
});

test('what is wrong with a document is said at its place', async () => {
  await using home = await house();
  const cases: readonly (readonly [JsonObject, string, string])[] = [
    [{}, 'name', 'required'],
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(129) }, 'name', 'maxLength'],
    [{ name: 'x', media_source: 'tape' }, 'media_source', 'enum'],
    [{ name: 'x', content_length: 0 }, 'content_length', 'minimum'],
    [{ name: 'x', content_type: 'text/plain' }, 'content_type', 'enum'],
    [{ name: 'x', media_source: 'tts' }, 'tts', 'required'],
    [{ name: 'x', media_source: 'tts', tts: {} }, 'tts.text', 'required'],
  ];
  for (const [document, place, rule] of cases) {
    const answer = await home.ask('PUT', '', document);
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(Object.keys(answer.json().data[place] ?? {}), [rule], `${place} of ${answer.body}`);
  }
});

test('a sound is uploaded and comes back byte by byte, whatever its type was called', async () => {
  await using home = await house();
  const id = await home.made();
  assert.equal((await home.ask('GET', `/${id}/raw`)).statusCode, 404, 'nothing is there yet');
  const mp3 = fixture('tone-44100-stereo.mp3');
  const files: readonly (readonly [string, Uint8Array])[] = [
    ['audio/x-wav', WAV],
    ['audio/mpeg', mp3],
    ['application/octet-stream', fixture('tone.opus')],
  ];
  for (const [type, bytes] of files) {
    const answer = await home.ask('POST', `/${id}/raw`, bytes, raw(type));
    assert.equal(answer.statusCode, 200, answer.body);
    assert.deepEqual([answer.json().data.content_type, answer.json().data.content_length], [type, bytes.length]);
    const back = await home.ask('GET', `/${id}/raw`);
    assert.equal(back.headers['content-type'], type);
    assert.deepEqual(new Uint8Array(back.rawPayload), bytes);
  }
  const text = Buffer.from(`data:audio/wav;base64,${Buffer.from(WAV).toString('base64')}`);
  assert.equal((await home.ask('POST', `/${id}/raw`, text, raw('application/x-base64'))).statusCode, 200);
  assert.deepEqual(new Uint8Array((await home.ask('GET', `/${id}/raw`)).rawPayload), WAV);
  assert.equal((await home.ask('POST', `/${id}/raw`, WAV, raw('application/x-www-form-urlencoded'))).statusCode, 200, 'curl --data-binary');
});

test('what cannot be uploaded is refused in KAZOO’s words', async () => {
  await using home = await house();
  const id = await home.made();
  const nothing = await home.ask('POST', `/${id}/raw`, undefined, raw('audio/wav'));
  assert.equal(nothing.statusCode, 400);
  assert.deepEqual(nothing.json().data, { file: { required: { message: 'Please provide an media file' } } });
  const garbage = await home.ask('POST', `/${id}/raw`, Buffer.from('{"data":{}}'), raw('audio/wav'));
  assert.deepEqual([garbage.statusCode, Object.keys(garbage.json().data)], [400, ['file']]);
  assert.equal((await home.ask('POST', `/${id}/raw`, WAV, raw('image/png'))).statusCode, 415);
  for (const length of [11_534_337, 12_100_000]) {
    const long = await home.ask('POST', `/${id}/raw`, new Uint8Array(length), raw('audio/wav'));
    assert.deepEqual(long.json().data, { file: { maxSize: { message: 'Files must not be more than the maximum size' } } });
  }
  assert.equal((await home.ask('POST', `/${'0'.repeat(32)}/raw`, WAV, raw('audio/wav'))).statusCode, 404);
  assert.equal((await home.ask('DELETE', `/${id}/raw`)).statusCode, 405);
});

test('another account has none of it', async () => {
  await using home = await house();
  const id = await home.made();
  assert.equal((await home.ask('GET', `/${id}`, undefined, {}, home.stranger)).statusCode, 403);
});

test('languages and prompts: how many there are, and which (kazoo-facts §11.1)', async () => {
  await using home = await house();
  const data = async (path: string) => (await home.ask('GET', path)).json().data;
  assert.deepEqual([await data('/languages'), await data('/prompts')], [[], []]);
  const [plain, alone, german] = [
    await home.made(),
    await home.made({ name: 'alone', prompt_id: 'conf-alone' }),
    await home.made({ name: 'allein', prompt_id: 'conf-alone', language: 'de-DE' }),
  ];
  assert.deepEqual(await data('/languages'), [{ 'de-de': 1, 'en-us': 2 }]);
  assert.deepEqual(await data('/prompts'), [{ 'conf-alone': 2 }]);
  assert.deepEqual((await data('/languages/en-us')).sort(), [plain, alone].sort());
  assert.deepEqual(await data('/languages/DE-de'), [german]);
  assert.deepEqual((await data('/prompts/conf-alone')).sort(), [alone, german].sort());
  assert.deepEqual(await data('/prompts/conf-nothing'), []);
  assert.equal((await home.ask('PUT', '/prompts', { name: 'x' })).statusCode, 405);
  assert.equal((await home.ask('GET', '/prompts', undefined, {}, home.stranger)).statusCode, 403);
});
