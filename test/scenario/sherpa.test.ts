import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEncoder } from '../../src/audio/index.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { Talker } from '../kit/talker.ts';
import { tonesSaid, writeTinyModel } from '../kit/tiny-model.ts';

/** Payloads of G.722 of 20 ms. */
function said(...words: Parameters<typeof tonesSaid>[1]): Uint8Array[] {
  const samples = tonesSaid(16_000, words);
  const encoder = openEncoder({ name: 'G722', rate: 16_000, clockRate: 8000 });
  const bytes = new Uint8Array(200);
  return Array.from({ length: Math.floor(samples.length / 320) }, (_, n) => {
    const length = encoder.encode(samples.subarray(n * 320, (n + 1) * 320), 320, bytes, 0);
    return bytes.slice(0, length);
  });
}

test('with a folder that has a model, sherpa-onnx writes down what each telephone says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sherpa-'));
  writeTinyModel(folder);
  await using house = await startHouse({ env: { PARLEY_SPEECH_STT_MODEL_DIR: folder } });
  const api = (method: string, path: string, body?: object) =>
    house.fetch(method, path, {
      headers: { authorization: `Bearer ${house.first.access_key}` },
      ...(body === undefined ? {} : { body: body as never }),
    });
  const room = await aRoom(house);
  const ann = await Talker.call(house.sip, { user: 'Ann', number: room.number });
  const ben = await Talker.call(house.sip, { user: 'Ben', number: room.number });
  try {
    const started = await api('POST', `/api/conferences/${room.id}/transcriptions`, {});
    assert.equal(started.status, 201, JSON.stringify(started.body));
    await ann.say(said('low', 'high', 'low'));
    await ben.say(said('high', 'low'));
    const wordsOf = async (name: string): Promise<string> => {
      const { body } = await api('GET', `/api/transcripts?conference=${room.id}`);
      const lines: readonly { caller_name: string; text: string }[] = body.items ?? [];
      return lines.flatMap((each) => (each.caller_name === name ? [each.text] : [])).join(' ');
    };
    await eventually(
      async () => (await wordsOf('Ben')) === 'high low' && (await wordsOf('Ann')) === 'low high low',
      'not what was said',
      40_000,
    ).catch(async (error: unknown) => assert.fail(`${error}: Ann "${await wordsOf('Ann')}", Ben "${await wordsOf('Ben')}"`));
  } finally {
    await Promise.all([ann.close(), ben.close()]);
    rmSync(folder, { recursive: true });
  }
});
