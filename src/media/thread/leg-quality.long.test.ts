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

test('how long ago the last packet came is one thing, how long ago anything was heard another', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  await house.phone('ben');
  house.mix();
  const ago = async (): Promise<(number | null)[]> => {
    const { lastPacketMs, lastSoundMs } = (await house.legMetrics(ann)) as unknown as LegMetrics;
    return [lastPacketMs, lastSoundMs];
  };
  assert.deepEqual(await ago(), [null, null]);
  ann.say(speech({ rate: ann.rate, seconds: 2 }));
  house.run(1900);
  const [packet, sound] = await ago();
  assert.ok(packet! <= 40 && sound! <= 400, `${packet} ms, ${sound} ms`);
  // Zeros are packets, and no sound.
  house.run(3000);
  const [then, since] = await ago();
  assert.ok(then! <= 40, `${then} ms`);
  assert.ok(since! > 1800 && since! < 3000, `${since} ms`);
  ann.mute = true;
  house.run(1000);
  const [gone, before] = await ago();
  assert.ok(gone! > 950 && gone! < 1050, `${gone} ms`);
  assert.equal(Math.round(before! - since!), 1000);
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

test('legs are counted by how they sounded when they reported last, and no longer when they are gone', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  // So much is lost of him that nobody understands a word.
  const ben = await house.phone('ben', { path: { lost: (n) => n % 5 < 3 } });
  house.mix();
  house.run(10_000);
  const { mos1, mos2, mos3, mos4, bufferMs } = await house.metrics();
  assert.deepEqual([mos1! + mos2!, mos3, mos4], [1, 0, 1]);
  assert.ok(bufferMs! > 0);
  await house.end(ben);
  await house.end(ann);
  const left = await house.metrics();
  assert.deepEqual([left['mos1'], left['mos2'], left['mos3'], left['mos4'], left['bufferMs']], [0, 0, 0, 0, 0]);
});

test('who sends extended reports is sent some (RFC 3611 §4.7), and nobody else', async () => {
  await using house = new SoundHouse();
  const [ann, ben] = [await house.phone('ann', { path: { lost: (n) => n % 25 === 20 } }), await house.phone('ben')];
  ann.say(sine(440, { rate: 8000, seconds: 60, dbfs: -20 }));
  house.mix();
  house.run(1000);
  // An empty receiver report and an extended report without a block, as who can do it may begin.
  const report = Buffer.alloc(16);
  for (const [at, type] of [
    [0, 201],
    [8, 207],
  ] as const) {
    report.set([0x80, type, 0, 1], at);
    report.writeUInt32BE(ann.ssrc, at + 4);
  }
  ann.far.send(report, { ...ann.at, port: ann.at.port + 1 });
  const [annReports, benReports] = [ann, ben].map(({ far }) => house.network.far(far.place.address, far.place.port + 1).got);
  house.run(20_000);
  const typesOf = (bytes: Uint8Array): { type: number; at: number }[] => {
    const parts = [];
    for (let at = 0; at < bytes.length; at += 4 * (Buffer.from(bytes).readUInt16BE(at + 2) + 1)) parts.push({ type: bytes[at + 1]!, at });
    return parts;
  };
  assert.ok(benReports!.length > 0 && benReports!.every(({ bytes }) => typesOf(bytes).every(({ type }) => type !== 207)));
  const last = Buffer.from(annReports!.at(-1)!.bytes);
  const extended = typesOf(last).find(({ type }) => type === 207);
  assert.ok(extended !== undefined, 'an extended report');
  const block = last.subarray(extended.at + 8);
  assert.deepEqual([block[0], block.readUInt16BE(2)], [7, 8], 'of VoIP metrics');
  assert.equal(block.readUInt32BE(4), ann.ssrc);
  assert.ok(Math.abs(block[8]! / 256 - 1 / 25) < 0.01, `loss ${block[8]} of 256`);
  assert.equal(block[23], 16);
  assert.ok(block[26]! > 30 && block[26]! < 44, `MOS ${block[26]} tenths`);
});

test('what Opus brings back of lost packets does not spoil the rating', async () => {
  const path = { lost: (n: number) => n % 10 === 9 };
  const { lost, recovered, mosLq } = await heard({ codec: opus({ fec: true, bitrate: 32_000 }), path }, speech);
  assert.ok(recovered > 0.6 * lost, `${recovered} of ${lost}`);
  assert.ok(mosLq! > 4, `MOS ${mosLq}`);
});
