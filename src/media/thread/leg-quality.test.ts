import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { opus, PCMU, type PhoneOptions, SoundHouse } from '../../../test/kit/sound-house.ts';
import { type SoundOptions, sine, speech } from '../../../test/kit/speech.ts';
import { loadCodecs } from '../../audio/index.ts';
import type { LegMetrics } from '../engine-types.ts';

before(loadCodecs);

const sine440 = (options: SoundOptions): Int16Array => sine(440, options);

/** Two phones; the first one's packets come over this path for so long. */
async function heard(options: PhoneOptions, sound: (options: SoundOptions) => Int16Array = sine440): Promise<LegMetrics> {
  const ms = 10_000;
  await using house = new SoundHouse();
  const ann = await house.phone('ann', options);
  await house.phone('ben', { codec: PCMU });
  house.mix();
  ann.say(sound({ rate: ann.rate, seconds: ms / 1000 }));
  house.run(ms);
  return (await house.legMetrics(ann)) as unknown as LegMetrics;
}

test('a clean call of G.711 sounds as well as G.107 lets it', async () => {
  const { codec, lost, late, bursts, rFactor, mosLq, mosCq, bufferMs } = await heard({});
  assert.deepEqual({ codec, lost, late, bursts }, { codec: 'PCMU', lost: 0, late: 0, bursts: 0 });
  assert.ok(bufferMs > 0 && bufferMs <= 25, `${bufferMs} ms`);
  // With all defaults R is 93.2 (G.107 Table 3), and MOS 4.41 (Annex B).
  assert.ok(Math.abs(mosLq! - 4.41) < 0.02, `MOS ${mosLq}`);
  assert.ok(rFactor! > 90 && mosCq! <= mosLq! && mosCq! > 4.3, `R ${rFactor}, MOS ${mosCq}`);
});

test('nobody is rated of whom nothing came', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  ann.mute = true;
  house.run(500);
  const { rFactor, mosLq, mosCq } = (await house.legMetrics(ann)) as unknown as LegMetrics;
  assert.deepEqual([rFactor, mosLq, mosCq], [null, null, null]);
});

test('losses one by one belong to the gap; runs of them are bursts of their length (RFC 3611 §4.7.2)', async () => {
  // Of a hundred packets three are lost, far from each other or in a row.
  const single = await heard({ path: { lost: (n) => n % 100 === 20 || n % 100 === 50 || n % 100 === 80 } });
  assert.equal(single.lost, 15);
  assert.equal(single.bursts, 0);
  assert.ok(Math.abs(single.gapDensity - 3 / 100) < 0.002, `${single.gapDensity}`);
  const runs = await heard({ path: { lost: (n) => n % 100 >= 20 && n % 100 < 23 } });
  assert.equal(runs.lost, 15);
  assert.equal(runs.bursts, 5);
  assert.ok(Math.abs(runs.burstMs - 60) < 1, `${runs.burstMs} ms`);
  assert.equal(runs.burstDensity, 1);
  assert.equal(runs.gapDensity, 0);
  assert.ok(runs.mosLq! < single.mosLq!, 'as many losses in a row are worse');
  assert.ok(single.mosLq! < 4.3);
});

test('a pause of the sender is no loss', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  ann.say(sine(440, { rate: 8000, seconds: 20, dbfs: -20 }));
  house.mix();
  house.run(2000);
  ann.mute = true;
  house.run(1000);
  ann.mute = false;
  house.run(2000);
  const { lost, bursts, gapDensity } = (await house.legMetrics(ann)) as unknown as LegMetrics;
  assert.deepEqual([lost, bursts, gapDensity], [0, 0, 0]);
});

test('what one sender lost stays lost when another speaks for the same leg', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann', { path: { lost: (n) => n % 25 === 20 } });
  ann.say(sine(440, { rate: 8000, seconds: 20, dbfs: -20 }));
  house.mix();
  house.run(2000);
  const first = await house.legMetrics(ann);
  ann.ssrc += 1;
  house.run(2000);
  assert.ok(first['lost']! >= 3);
  assert.ok((await house.legMetrics(ann))['lost']! >= first['lost']! + 3);
});

test('what Opus brings back of lost packets does not spoil the rating', async () => {
  const path = { lost: (n: number) => n % 10 === 9 };
  const { lost, recovered, mosLq } = await heard({ codec: opus({ fec: true, bitrate: 32_000 }), path }, speech);
  assert.ok(recovered > 0.6 * lost, `${recovered} of ${lost}`);
  assert.ok(mosLq! > 4, `MOS ${mosLq}`);
});
