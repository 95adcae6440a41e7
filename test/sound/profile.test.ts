import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ThreadPlan } from '../../src/media/thread/messages.ts';
import { goertzel, level } from '../kit/measure.ts';
import { l16, payloadsOf, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { sine, speech } from '../kit/speech.ts';

/** What a conference's profile says, and gains, as a listener hears them. */

/** Ann says a tone in a room whose plan has these parts; gives the house and what Ben hears. */
async function tone(
  parts: Partial<ThreadPlan>,
  { hertz = 1000, dbfs = -26, listener = 1, source = 1 }: { hertz?: number; dbfs?: number; listener?: number; source?: number } = {},
): Promise<{ house: SoundHouse; ann: SoundPhone; ben: SoundPhone; hear: (plan: Partial<ThreadPlan>) => void }> {
  const house = new SoundHouse();
  const ann = await house.phone('ann', { codec: l16(16_000) });
  const ben = await house.phone('ben', { codec: l16(16_000) });
  let version = 0;
  const hear = (plan: Partial<ThreadPlan>): void => {
    version += 1;
    house.thread.obey({
      do: 'hear',
      room: 'room',
      plan: {
        version,
        sources: ['ann', 'ben'].map((leg) => ({ leg, gain: leg === 'ann' ? source : 1 })),
        listeners: ['ann', 'ben'].map((leg) => ({ leg, gains: [], ...(leg === 'ben' ? { gain: listener } : {}) })),
        levels: false,
        ...plan,
      },
    });
  };
  hear(parts);
  ann.say(sine(hertz, { rate: 16_000, seconds: 30, dbfs }), { loop: true });
  return { house, ann, ben, hear };
}

const amplitude = (phone: SoundPhone, from: number, to: number): number => goertzel(phone.between(from, to), 16_000, 1000);

for (const [what, gains] of [
  ['of a source', { source: 0.5 }],
  ['of a listener', { listener: 0.5 }],
] as const) {
  test(`a gain ${what} of 0.5 is half as much at the listener, and nothing else`, async () => {
    const plain = await tone({});
    const half = await tone({}, gains);
    for (const { house } of [plain, half]) house.run(3000);
    const ratio = amplitude(half.ben, 1000, 3000) / amplitude(plain.ben, 1000, 3000);
    assert.ok(Math.abs(ratio - 0.5) < 0.005, `${ratio}`);
    for (const { house } of [plain, half]) await house.close();
  });
}

test('a room has an energy level of its own, and a new one holds at once', async () => {
  const { house, ann, ben, hear } = await tone({ energyLevel: 20 });
  // No frame of such a faint voice has a mean of 900.
  ann.say(payloadsOf(ann.codec, speech({ rate: 16_000, seconds: 20, dbfs: -46 })), { loop: true });
  house.run(5000);
  assert.ok(level(ben.between(2000, 5000)) > -55, 'above 20 he is heard');
  hear({ energyLevel: 900 });
  house.run(5000);
  assert.ok(level(ben.between(5500, 9900)) < -100, 'below 900 he is not');
  hear({ energyLevel: 0 });
  house.run(5000);
  assert.ok(level(ben.between(11_000, 14_900)) > -55, 'at 0 everything is heard');
  await house.close();
});

test('while nobody talks there is silence, or as much comfort noise as the room is to have', async () => {
  for (const comfortNoise of [-42, -62]) {
    const { house, ann, ben, hear } = await tone({});
    ann.say(new Int16Array(0));
    house.run(2000);
    assert.ok(level(ben.between(500, 1900)) < -100, 'silence');
    hear({ comfortNoise });
    house.run(3000);
    // dBov counts from a square wave of full scale, as `level` does.
    const heard = level(ben.between(3000, 4900));
    assert.ok(Math.abs(heard - comfortNoise) < 1, `${heard} dB`);
    hear({ comfortNoise, listeners: [{ leg: 'ann', gains: [] }] });
    house.run(2000);
    assert.ok(level(ben.between(6000, 6900)) < -100, 'who is deaf hears no noise either');
    await house.close();
  }
});

test('while somebody talks there is no comfort noise', async () => {
  const { house, ben } = await tone({ comfortNoise: -42 });
  house.run(3000);
  const heard = ben.between(1000, 2900);
  const noise = level(heard.map((sample, n) => sample - (heard[n - 16] ?? sample)));
  assert.ok(noise < -80, `${noise} dB besides the tone`);
  await house.close();
});

for (const [rate, hertz, heard] of [
  [12_000, 5000, true],
  [12_000, 6500, false],
  [16_000, 6500, true],
  [8000, 3000, true],
  [8000, 5000, false],
] as const) {
  test(`a room of ${rate} Hz ${heard ? 'lets pass' : 'has nothing of'} ${hertz} Hz`, async () => {
    const { house, ann, ben } = await tone({ rate }, { hertz });
    house.run(3000);
    const gain =
      goertzel(ben.between(1000, 2900), 16_000, hertz) / goertzel(sine(hertz, { rate: 16_000, seconds: 1, dbfs: -26 }), 16_000, hertz);
    if (heard) assert.ok(Math.abs(20 * Math.log10(gain)) < 0.5, `${gain}`);
    else assert.ok(20 * Math.log10(gain) < -50, `${gain}`);
    assert.equal(ann.gaps.length + ben.gaps.length, 0);
    await house.close();
  });
}
