import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { level, speechLevel } from '../kit/measure.ts';
import { G722, l16, opus, PCMU, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { NOISES, noise, speech } from '../kit/speech.ts';

before(loadCodecs);

const CODECS = [
  { name: 'PCMU', codec: PCMU, rate: 8000 },
  { name: 'G.722', codec: G722, rate: 16_000 },
  { name: 'Opus', codec: opus(), rate: 48_000 },
] as const;

/** When this telephone was said to begin and to stop talking, ms. */
function changes(house: SoundHouse, phone: SoundPhone): { at: number; talking: boolean }[] {
  let talking = false;
  return house.signals.flatMap(({ at, signal }) => {
    if (signal.type !== 'level' || signal.leg !== phone.name || signal.talking === talking) return [];
    talking = signal.talking;
    return [{ at, talking }];
  });
}

for (const name of NOISES) {
  for (const dbfs of [-60, -50, -40]) {
    test(`a minute of noise (${name}, ${dbfs} dBFS): nobody is told that somebody talks`, async () => {
      await using house = new SoundHouse();
      const ann = await house.phone('ann');
      const ben = await house.phone('ben');
      house.mix();
      ann.say(noise(name, { rate: 8000, seconds: 60, dbfs }));
      house.run(60_000);
      const told = changes(house, ann).filter(({ talking }) => talking);
      assert.ok(told.length <= 1, `${told.map(({ at }) => at)}`);
      assert.equal(changes(house, ben).length, 0);
    });
  }
}

for (const { name, codec, rate } of CODECS) {
  for (const behind of [-90, -50]) {
    test(`${name}, noise at ${behind} dBFS: talking is told within 200 ms and stopping within 1 s`, async () => {
      await using house = new SoundHouse();
      const ann = await house.phone('ann', { codec });
      await house.phone('ben');
      house.mix();
      const said = noise('pink', { rate, seconds: 20, dbfs: behind });
      // Talk from second 5 to 9 and 13 to 17.
      const talk = speech({ rate, seconds: 4, dbfs: -26, pauseMs: 150 });
      for (const second of [5, 13]) for (let n = 0; n < talk.length; n++) said[second * rate + n]! += talk[n]!;
      ann.say(said);
      house.run(20_000);
      const told = changes(house, ann);
      assert.deepEqual(
        told.map(({ talking }) => talking),
        [true, false, true, false],
      );
      for (const [n, due] of [5000, 9000, 13_000, 17_000].entries()) {
        // Packets are sent at 7 ms, when their 20 ms are over.
        const late = told[n]!.at - due - ann.saidFrom;
        assert.ok(late >= 0 && late <= (n % 2 === 0 ? 200 : 1000), `${late} ms after ${due}`);
      }
    });
  }
}

for (const { name, codec, rate } of CODECS) {
  test(`${name}: talkers of -40 to -10 dBFS are heard equally loud after 5 s, within 3 dB`, async () => {
    const levels: number[] = [];
    for (const dbfs of [-40, -33, -26, -18, -10]) {
      await using house = new SoundHouse();
      const ann = await house.phone('ann', { codec });
      const ben = await house.phone('ben', { codec: l16(rate), sends: 20 });
      house.mix({ levels: true });
      ann.say(speech({ rate, seconds: 10, dbfs, seed: 3 }));
      house.run(10_000);
      const heard = ben.between(5500, 9900);
      levels.push(speechLevel(heard, rate));
    }
    const middle = (Math.max(...levels) + Math.min(...levels)) / 2;
    for (const each of levels) assert.ok(Math.abs(each - middle) <= 3 && Math.abs(each + 23) <= 3.5, `${levels}`);
  });
}

for (const name of ['white', 'pink', 'hum', 'babble'] as const) {
  test(`noise alone (${name}) becomes less than 1 dB louder`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec: l16(8000) });
    const ben = await house.phone('ben', { codec: l16(8000) });
    house.mix({ levels: true });
    const said = noise(name, { rate: 8000, seconds: 30, dbfs: -40 });
    ann.say(said);
    house.run(30_000);
    const loudest = Math.max(
      ...Array.from({ length: 28 }, (_, n) => level(ben.heard, n * 8000, (n + 1) * 8000) - level(said, n * 8000, (n + 1) * 8000)),
    );
    assert.ok(loudest < 1, `${loudest.toFixed(1)} dB louder`);
  });
}
