import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { discontinuities, goertzel, level, longestStandstill, toneSnr } from '../kit/measure.ts';
import { G722, l16, opus, PCMU, SoundHouse } from '../kit/sound-house.ts';
import { sine, speech } from '../kit/speech.ts';

before(loadCodecs);

const HZ = 1013;

test('Opus with DTX: silence is not sent to who asked for that, and what is said afterwards is heard whole and in its time', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  const ben = await house.phone('ben', { codec: opus({ dtx: true }) });
  house.mix();
  house.run(5000);
  const quiet = ben.packetsHeard;
  assert.ok(quiet < 150, `${quiet} packets in 5 s of silence`);
  ann.say(sine(HZ, { rate: 8000, seconds: 2, dbfs: -20 }));
  house.run(2000);
  const heard = ben.between(5300, 6900);
  assert.deepEqual(discontinuities(heard, 48_000), []);
  assert.ok(toneSnr(heard, 48_000, HZ) > 12);
  assert.equal(ben.oddities, 0);
  assert.ok(level(ben.between(5060, 5160)) > -30, 'from the first word on');
});

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
  { name: 'Opus with DTX', codec: opus({ dtx: true }) },
]) {
  test(`${name}: a far end that sends nothing in its pauses is heard whole when it talks, with no more delay and no loss counted`, async () => {
    await using house = new SoundHouse({ tickJitterMs: 2 });
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec: l16(ann.rate as 8000), sends: 20 });
    house.mix();
    house.run(500);
    for (let round = 0; round < 8; round++) {
      ann.mute = false;
      ann.say(sine(HZ, { rate: ann.rate, seconds: 1, dbfs: -20 }));
      const from = house.now;
      house.run(1000);
      ann.mute = true;
      // Pauses of all sorts, up to what sequence numbers cannot tell from anything.
      house.run([100, 300, 1000, 60, 5000, 40, 700, 20_000][round]!);
      const heard = ben.between(from + 120, from + 980);
      assert.deepEqual(discontinuities(heard, ben.rate), [], `round ${round}`);
      assert.ok(toneSnr(heard, ben.rate, HZ) > 12, `round ${round}: ${toneSnr(heard, ben.rate, HZ)} dB`);
      const begun = ben.between(from, from + 200).findIndex((sample) => Math.abs(sample) > 1000) / ben.rate;
      assert.ok(begun >= 0 && begun <= 0.065, `round ${round}: begins after ${begun} s`);
    }
    const { lost, late } = await house.legMetrics(ann);
    assert.deepEqual([lost, late], [0, 0]);
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });
}

test('comfort noise (RFC 3389) in a pause does not disturb what is said before and after it', async () => {
  await using house = new SoundHouse();
  const ann = await house.phone('ann');
  const ben = await house.phone('ben');
  house.mix();
  for (let round = 0; round < 3; round++) {
    ann.mute = false;
    ann.say(sine(HZ, { rate: 8000, seconds: 1, dbfs: -20 }));
    const from = house.now;
    house.run(1000);
    ann.mute = true;
    for (let n = 0; n < 5; n++) {
      ann.far.send(ann.wrap(Uint8Array.of(60, 127, 127), { payloadType: 13 }), ann.at);
      ann.sequence = (ann.sequence + 1) & 0xffff;
      house.run(200);
    }
    const heard = ben.between(from + 120, from + 980);
    assert.deepEqual(discontinuities(heard, 8000), []);
    assert.ok(goertzel(heard, 8000, HZ) > 3000);
    // -60 dBov, or nothing at all: never louder than it says.
    assert.ok(level(ben.between(from + 1300, from + 1900)) < -55);
  }
  assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
});

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'Opus', codec: opus() },
]) {
  test(`${name}: a machine that stops for 100 and 300 ms loses nothing: all that was said is heard`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    ann.say(sine(HZ, { rate: ann.rate, seconds: 6, dbfs: -20 }));
    house.run(2000);
    for (const ms of [100, 300]) {
      house.clock.oversleep(ms);
      house.run(1500);
    }
    const heard = ben.between(500, 4900);
    assert.deepEqual(discontinuities(heard, ben.rate), []);
    assert.ok(longestStandstill(heard) < ben.rate / 500);
    assert.ok(toneSnr(heard, ben.rate, HZ) > 12);
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
    const { late, lost, concealed } = await house.legMetrics(ann);
    assert.deepEqual([late, lost, concealed], [0, 0, 0]);
  });
}

test('twenty seconds of talk between two who are levelled, each in another codec: no gap in either direction', async () => {
  await using house = new SoundHouse({ tickJitterMs: 5 });
  const ann = await house.phone('ann', { codec: G722, phaseMs: 3 });
  const ben = await house.phone('ben', { codec: opus(), phaseMs: 17 });
  house.mix({ levels: true });
  ann.say(speech({ rate: 16_000, seconds: 20, seed: 4, dbfs: -35 }));
  ben.say(speech({ rate: 48_000, seconds: 20, seed: 5, dbfs: -15, pitch: 200 }));
  house.run(20_000);
  for (const phone of [ann, ben]) {
    assert.deepEqual([phone.gaps, phone.oddities], [[], 0]);
    const { late, lost, concealed } = await house.legMetrics(phone);
    assert.deepEqual([late, lost, concealed], [0, 0, 0]);
    assert.ok(level(phone.between(5000, 19_000)) > -32);
  }
});
