import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { lagAt } from '../kit/lag.ts';
import { discontinuities, level, longestClip, longestStandstill, toneSnr } from '../kit/measure.ts';
import { G722, l16, opus, PCMA, PCMU, rateOf, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { sine, speech } from '../kit/speech.ts';

before(loadCodecs);

/** A tone that is there for `on` ms and away for `off` ms, with soft ends. */
function bursts(
  hz: number,
  { rate, seconds, on, off, dbfs }: { rate: number; seconds: number; on: number; off: number; dbfs: number },
): Int16Array {
  const soft = (10 * rate) / 1000;
  return sine(hz, { rate, seconds, dbfs }).map((sample, n) => {
    const at = n % (((on + off) * rate) / 1000);
    const left = (on * rate) / 1000 - at;
    return sample * Math.max(0, Math.min(1, at / soft, left / soft));
  });
}

/** No break, no standstill, and the tone far above all else. */
function assertWhole(
  heard: Int16Array,
  { rate, hz, snr = 15, name = '' }: { rate: number; hz: number; snr?: number; name?: string },
): void {
  assert.deepEqual(
    discontinuities(heard, rate).map((at) => ((at * 1000) / rate).toFixed(1)),
    [],
    `${name}: ms where it breaks`,
  );
  assert.ok(longestStandstill(heard) < rate / 500, `${name}: ${longestStandstill(heard)} equal samples`);
  const found = toneSnr(heard, rate, hz);
  assert.ok(found >= snr, `${name}: ${found.toFixed(1)} dB`);
}

for (const [name, sound, dbfs] of [
  ['tones', (n: number) => sine(300 + 137 * n, { rate: 8000, seconds: 6, dbfs: -6 }), -6],
  // Voices whose loudest moments fill the scale.
  ['voices', (n: number) => speech({ rate: 8000, seconds: 6, seed: n + 1, pitch: 95 + 15 * n, dbfs: -12, pauseMs: 100 }), -12],
] as const) {
  test(`ten talkers at ${dbfs} dBFS each (${name}): nothing wraps, and no more than two samples in a row are at the end of the scale`, async () => {
    await using house = new SoundHouse();
    const sounds = Array.from({ length: 10 }, (_, n) => sound(n));
    const talkers: SoundPhone[] = [];
    for (const [n, said] of sounds.entries()) {
      const talker = await house.phone(`talker ${n}`, { codec: l16(8000) });
      talker.say(said);
      talkers.push(talker);
    }
    const ben = await house.phone('ben', { codec: l16(8000) });
    house.mix();
    house.run(6000);
    for (const listener of [ben, talkers[0]!, talkers[9]!]) {
      const others = sounds.filter((_, n) => talkers[n] !== listener);
      const sum = Float64Array.from(sounds[0]!, (_, at) => others.reduce((all, said) => all + said[at]!, 0));
      const meant = Int16Array.from(sum, (sample) => sample / 10);
      const { heard } = listener;
      const lag = lagAt(meant, heard, { at: 8000, length: 8000, to: 800 });
      const wrapped = sum.findIndex(
        (sample, at) => Math.abs(sample) > 12_000 && at > 1600 && at < 40_000 && Math.sign(heard[at + lag]!) === -Math.sign(sample),
      );
      assert.equal(wrapped, -1, `${listener.name}: ${sum[wrapped]} became ${heard[wrapped + lag]}`);
      assert.ok(longestClip(heard) <= 2, `${longestClip(heard)} samples at the end of the scale`);
      assert.ok(level(heard, 8000, 40_000) > -14, 'turned down too far');
    }
  });
}

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'PCMA with packets of 30 ms', codec: { ...PCMA, ptime: 30 } },
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
  { name: 'Opus with packets of 10 ms', codec: opus({ ptime: 10 }) },
  { name: 'Opus with packets of 60 ms', codec: opus({ ptime: 60 }) },
]) {
  for (const room of [8000, 16_000, 48_000] as const) {
    if (room < Math.min(48_000, rateOf(codec))) continue;
    test(`${name} in a room of ${room / 1000} kHz: who begins and stops talking hears the others without a click`, async () => {
      await using house = new SoundHouse();
      const ann = await house.phone('ann', { codec: l16(room) });
      // One who is served before ben, and one after him.
      const abe = await house.phone('abe', { codec });
      const ben = await house.phone('ben', { codec });
      const cid = await house.phone('cid', { codec });
      house.mix();
      const [hz, seconds] = [1013, 8];
      ann.say(sine(hz, { rate: room, seconds, dbfs: -20 }));
      house.run(1000);
      // Shorter and longer than the ticks after which an ear is shared again.
      ben.say(bursts(370, { rate: ben.rate, seconds: 4, on: 400, off: 1100, dbfs: -20 }));
      house.run(4000);
      const isOpus = codec.name === 'opus';
      assertWhole(ben.between(500, 4950), { rate: ben.rate, hz, name: 'ben', snr: isOpus ? 10 : 25 });
      assert.ok(level(cid.between(1200, 1400)) > level(cid.between(800, 1000)) + 2, 'cid hears both');
      for (const phone of [abe, ben, cid]) assert.deepEqual([phone.gaps, phone.oddities], [[], 0]);
    });
  }
}

for (const { name, codec, talks } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'L16', codec: l16(8000) },
  { name: 'G.722', codec: G722 },
].flatMap((each) => [
  { ...each, talks: false },
  { ...each, talks: true },
])) {
  const who = talks ? 'for one who talks too' : 'for the others';
  test(`${name}: the room becomes wide when an Opus leg joins, and narrow when it leaves, without a gap or a click ${who}`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    const hz = 1013;
    ann.say(sine(hz, { rate: ann.rate, seconds: 12, dbfs: -20 }));
    if (talks) ben.say(sine(370, { rate: ben.rate, seconds: 12, dbfs: -20 }));
    house.run(2000);
    for (let round = 0; round < 2; round++) {
      const cid = await house.phone(`cid ${round}`, { codec: opus() });
      house.mix();
      house.run(1500);
      if (!talks) assert.ok(toneSnr(cid.between(house.now - 1000, house.now - 40), 48_000, hz) > 15, 'cid hears her');
      await house.end(cid);
      house.mix();
      house.run(1500);
    }
    // Filters of a wide room are slower by some ms: the tone moves, but it neither breaks nor stands still.
    const heard = ben.between(500, 7900);
    assert.deepEqual(
      discontinuities(heard, ben.rate).map((at) => 500 + (at * 1000) / ben.rate),
      [],
      'ms where it breaks',
    );
    assert.ok(longestStandstill(heard) < ben.rate / 500, `${longestStandstill(heard)} equal samples`);
    for (const from of [500, 2100, 3600, 5100, 6600]) {
      assertWhole(ben.between(from, from + 1300), { rate: ben.rate, hz, name, snr: 25 });
    }
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });
}

for (const { name, codec } of [
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
]) {
  test(`${name}: who joins while somebody talks, or may hear again, hears it at once and not louder than it is`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    ann.say(sine(1013, { rate: ann.rate, seconds: 10, dbfs: -20 }));
    house.run(1000);
    const peak = 32_768 * Math.SQRT2 * 10 ** (-20 / 20);
    const cid = await house.phone('cid', { codec });
    house.mix();
    house.run(1000);
    house.mix({ listeners: [ann, cid].map(({ name: leg }) => ({ leg, gains: [] })) });
    house.run(500);
    assert.ok(level(ben.between(house.now - 300, house.now)) < -70, 'ben is deaf');
    const from = house.now;
    house.mix();
    house.run(1000);
    const loudest = (samples: Int16Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / peak;
    // A decoder that is new cannot know where the encoder of the others is; that is over within a few ms.
    assert.ok(loudest(cid.heard) < 1.5, `joined: ${loudest(cid.heard)}`);
    assert.ok(loudest(ben.between(from, house.now)) < 1.3, `hears again: ${loudest(ben.between(from, house.now))}`);
    assert.ok(level(cid.between(1100, 1200)) > -23 && level(ben.between(from + 80, from + 200)) > -23, 'at once');
    assertWhole(cid.between(1300, 2000), { rate: cid.rate, hz: 1013 });
  });
}

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
]) {
  test(`${name}: others who are muted, whispered to, turned up and down in the middle of a tone leave the rest of the room without a click`, async () => {
    await using house = new SoundHouse();
    const phones: SoundPhone[] = [];
    for (const each of ['ann', 'ben', 'cid', 'dan']) phones.push(await house.phone(each, { codec }));
    const [ann, ben, cid, dan] = phones as [SoundPhone, SoundPhone, SoundPhone, SoundPhone];
    const everybody = phones.map((phone) => ({ leg: phone.name, gains: [] as { leg: string; gain: number }[] }));
    house.mix();
    ann.say(sine(1013, { rate: ann.rate, seconds: 9, dbfs: -20 }));
    house.run(1000);
    // Cid is deaf to ben, who begins to talk; ben is muted and unmuted; dan hears ann at half, then as she is.
    const plans = [
      { listeners: everybody.map((each) => (each.leg === 'cid' ? { ...each, gains: [{ leg: 'ben', gain: 0 }] } : each)) },
      {
        listeners: everybody.map((each) => (each.leg === 'cid' ? { ...each, gains: [{ leg: 'ben', gain: 0 }] } : each)),
        speakers: [ann, cid, dan],
      },
      {
        listeners: everybody.map((each) => (each.leg === 'dan' ? { ...each, gains: [{ leg: 'ann', gain: 0.5 }] } : each)),
        speakers: [ann, cid, dan],
      },
      { listeners: everybody, speakers: [ann, cid] },
      { listeners: everybody.map((each) => (each.leg === 'cid' ? { ...each, gains: [{ leg: 'ben', gain: 0 }] } : each)) },
    ];
    ben.say(sine(370, { rate: ben.rate, seconds: 8, dbfs: -30 }));
    for (const plan of plans) {
      house.mix(plan);
      house.run(700);
    }
    assertWhole(cid.between(500, 900), { rate: cid.rate, hz: 1013, name: 'cid', snr: 12 });
    for (const phone of [cid, dan]) {
      const heard = phone.between(500, 4400);
      assert.deepEqual(
        discontinuities(heard, phone.rate, 3).map((at) => 500 + (at * 1000) / phone.rate),
        [],
        `${phone.name}: ms where it breaks`,
      );
      assert.deepEqual([phone.gaps, phone.oddities], [[], 0]);
    }
    assert.ok(level(dan.between(3000, 3090)) < level(dan.between(600, 900)) - 4, 'dan hears ann at half');
  });
}

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'Opus', codec: opus() },
]) {
  test(`${name}: ten in a room of whom two talk are three encodings a tick, and one when nobody talks`, async () => {
    await using house = new SoundHouse();
    const phones: SoundPhone[] = [];
    for (let n = 0; n < 10; n++) phones.push(await house.phone(`phone ${n}`, { codec }));
    house.mix();
    house.run(1000);
    const encodings = async (): Promise<number> => {
      const before = await house.metrics();
      house.run(1000);
      const after = await house.metrics();
      return (after['encoded']! - before['encoded']!) / 50;
    };
    assert.equal(await encodings(), 1);
    for (const talker of phones.slice(3, 5)) talker.say(sine(500, { rate: talker.rate, seconds: 10, dbfs: -20 }));
    house.run(500);
    assert.equal(await encodings(), 3);
  });
}
