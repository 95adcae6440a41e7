/** Baresips that the server calls: heard and hearing, with keys; where a device document says, and where one has registered. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Baresip } from '../kit/baresip.ts';
import { settles } from '../kit/ear.ts';
import { eventually, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { amplitudeOf, assertHeard, LOUDNESS } from '../kit/recording.ts';
import { TONES } from '../kit/sound.ts';
import { sine } from '../kit/speech.ts';

const [BARESIP, OTHER] = TONES as readonly [number, number];

test('a baresip is called by a device document, talks, presses keys, and is hung up', { timeout: 90_000 }, async () => {
  const base = mkdtempSync(join(tmpdir(), 'parley-baresip-called-'));
  await using house = await startHouse();
  const room = await aRoom(house);
  const voice = sine(BARESIP, { rate: 8000, seconds: 60, dbfs: LOUDNESS });
  const bare = await Baresip.dial({ name: 'bare', base, codec: 'PCMU', voice });
  try {
    await eventually(() => /baresip is ready/.test(bare.output), 'it is not ready');
    const other = await house.phone({ user: 'other', tone: OTHER });
    await other.call(room.number);
    const { body } = await house.act(room.id, 'dial', { endpoints: [{ name: 'bare', sip: { route: `sip:bare@${bare.address}` } }] });
    assert.equal(body.data.endpoint_responses[0].status, 'success', JSON.stringify(body.data));
    assert.deepEqual(await settles(() => [other.hears()], [[BARESIP]], 12_000), [[BARESIP]]);
    await bare.records(3);
    assertHeard(bare.heard(), { other: OTHER, amplitude: amplitudeOf(LOUDNESS), not: [BARESIP], snr: 20 }, { who: 'bare' });
    await bare.press('*1', 150);
    await eventually(async () => (await participants(house, room.id)).get('bare').speak === false, 'its keys mute it not');
    assert.deepEqual(await settles(() => [other.hears()], [[]], 12_000), [[]]);
    await house.act(`${room.id}/participants`, 'kick');
    await other.ended();
    await emptied(house, room.id);
    await eventually(() => /terminated|closed/i.test(bare.output), bare.output);
  } finally {
    await bare.quit();
    rmSync(base, { recursive: true, force: true });
  }
});

test('a baresip 1.0, which knows MD5 alone, registers at once, and is called where it is', { timeout: 60_000 }, async () => {
  const base = mkdtempSync(join(tmpdir(), 'parley-baresip-registers-'));
  await using house = await startHouse();
  const room = await aRoom(house);
  const [name, password] = ['oldphone', 'correct-horse-7'];
  const { body } = await house.kazoo('PUT', '/devices', { name, sip: { username: name, password } });
  const voice = sine(BARESIP, { rate: 8000, seconds: 60, dbfs: LOUDNESS });
  const bare = await Baresip.dial({ name, base, codec: 'PCMU', voice, registers: { at: house.sip, password } });
  try {
    await eventually(() => /200 OK/.test(bare.output), 'it is not registered').catch((error: unknown) =>
      assert.fail(`${error}\n${bare.output}`),
    );
    const other = await house.phone({ user: 'other', tone: OTHER });
    await other.call(room.number);
    const dialled = await house.act(room.id, 'dial', { endpoints: [body.data.id] });
    assert.equal(dialled.body.data.endpoint_responses[0].status, 'success', JSON.stringify(dialled.body.data));
    assert.deepEqual(await settles(() => [other.hears()], [[BARESIP]], 12_000), [[BARESIP]]);
  } finally {
    await bare.quit();
    rmSync(base, { recursive: true, force: true });
  }
});
