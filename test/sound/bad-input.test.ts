import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import type { ThreadCodec } from '../../src/media/thread/messages.ts';
import { discontinuities, toneSnr } from '../kit/measure.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { G722, l16, opus, PCMU, SoundHouse, type SoundPhone } from '../kit/sound-house.ts';
import { sine, speech } from '../kit/speech.ts';

before(loadCodecs);

const HZ = 1013;
/** The largest packet that the sockets take; the kernel cuts the rest off. */
const LARGEST = 1536;

/**
 * Ann says a tone and ben hears it; mallory, who has a leg of his own or none, does something every `every` ms for two seconds.
 * Ben must hear the tone and nothing else, whatever it is.
 */
async function disturbed(
  codec: ThreadCodec,
  disturb: (house: SoundHouse, phones: { ann: SoundPhone; ben: SoundPhone; mallory: SoundPhone }, n: number) => void,
  { every = 5, mute = true }: { every?: number; mute?: boolean } = {},
): Promise<{ metrics: Readonly<Record<string, number>>; mallory: Readonly<Record<string, number>> }> {
  await using house = new SoundHouse();
  const ann = await house.phone('ann', { codec });
  const ben = await house.phone('ben', { codec });
  const mallory = await house.phone('mallory', { codec });
  house.mix();
  ann.say(sine(HZ, { rate: ann.rate, seconds: 6, dbfs: -20 }));
  house.run(1000);
  mallory.mute = mute;
  for (let n = 0; n < 2000 / every; n++) {
    disturb(house, { ann, ben, mallory }, n);
    house.run(every);
  }
  mallory.mute = false;
  house.run(500);
  const heard = ben.between(800, house.now - 20);
  assert.deepEqual(
    discontinuities(heard, ben.rate).map((at) => 800 + (at * 1000) / ben.rate),
    [],
    'ms where it breaks',
  );
  assert.ok(toneSnr(heard, ben.rate, HZ) > (codec.name === 'opus' ? 12 : 25), `${toneSnr(heard, ben.rate, HZ)} dB`);
  assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  return { metrics: await house.metrics(), mallory: await house.legMetrics(mallory) };
}

const loud = (length: number, seed = 1): Uint8Array => new SeededChance(seed).bytes(length);

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
  { name: 'L16', codec: l16(8000) },
]) {
  test(`${name}: packets of a payload type that was not agreed on are not heard`, async () => {
    const { mallory } = await disturbed(codec, (_, { mallory: phone }, n) => {
      const payloadType = [0, 3, 8, 9, 18, 34, 72, 96, 126].filter((each) => each !== codec.payloadType)[n % 8]!;
      const packet = phone.wrap(loud(160, n), { payloadType });
      phone.far.send(packet, phone.at);
      phone.sequence = (phone.sequence + 1) & 0xffff;
      phone.timestamp += 160;
    });
    assert.ok(mallory['packetsIn']! >= 390, 'they are counted');
  });

  test(`${name}: packets cut off anywhere are not heard and counted`, async () => {
    const { metrics } = await disturbed(codec, (_, { mallory }, n) => {
      const whole = mallory.wrap(loud(60, n));
      // Promises of more CSRCs, of an extension, of padding than there are bytes; and another version.
      whole[0] = [0x8f, 0x90, 0xa0, 0x40, 0xbf, 0x00][n % 6]!;
      whole[whole.length - 1] = 255;
      mallory.far.send(n % 2 === 0 ? whole.subarray(0, n % 13) : whole.subarray(0, 12 + (n % 3)), mallory.at);
    });
    assert.ok(metrics['malformed']! >= 300, `${metrics['malformed']}`);
  });

  test(`${name}: packets too long for the codec, empty ones and payloads of chance never throw and break nothing`, async () => {
    await disturbed(codec, (_, { mallory }, n) => {
      const lengths = [LARGEST - 12, 1400, 1, 2, 3, 0, 1277, 967];
      mallory.sequence = (mallory.sequence + 1) & 0xffff;
      mallory.timestamp = (mallory.timestamp + 160) >>> 0;
      // Silence where any bytes are sound; for Opus a promise of 63 frames, which no packet may hold (RFC 6716 §3.4, R5).
      const payload = new Uint8Array(lengths[n % lengths.length]!).fill(codec.name === 'PCMU' || codec.name === 'opus' ? 0xff : 0);
      if (codec.name !== 'G722') mallory.far.send(mallory.wrap(payload), mallory.at);
      else mallory.far.send(mallory.wrap(payload.subarray(0, 0)), mallory.at);
    });
  });

  test(`${name}: sound of chance, numbers and times of chance: never a throw, and who talks is still understood afterwards`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    house.run(500);
    const chance = new SeededChance(5);
    const { sequence, timestamp } = ann;
    ann.mute = true;
    for (let n = 0; n < 1000; n++) {
      ann.sequence = Math.floor(chance.next() * 65_536);
      ann.timestamp = Math.floor(chance.next() * 2 ** 32);
      ann.marker = chance.next() < 0.2;
      ann.far.send(ann.wrap(chance.bytes(Math.floor(chance.next() * (LARGEST - 12)))), ann.at);
      house.run(5);
    }
    Object.assign(ann, { sequence, timestamp, marker: true, mute: false });
    const from = house.now;
    ann.say(sine(HZ, { rate: ann.rate, seconds: 4, dbfs: -20 }));
    house.run(3500);
    const heard = ben.between(from + 1500, from + 3300);
    assert.ok(toneSnr(heard, ben.rate, HZ) > (codec.name === 'opus' ? 12 : 25), `${toneSnr(heard, ben.rate, HZ)} dB`);
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });

  test(`${name}: strangers who send to the port, with whatever SSRC, are not heard and counted`, async () => {
    const { metrics } = await disturbed(
      codec,
      (house, { ann, mallory }, n) => {
        const stranger = house.network.far('203.0.113.9', 5000 + (n % 7));
        for (const phone of [ann, mallory]) {
          stranger.send(phone.wrap(loud(160, n)), phone.at);
          stranger.send(phone.wrap(loud(160, n), { ssrc: 4242 }), phone.at);
        }
        assert.equal(stranger.got.length, 0);
      },
      { mute: false },
    );
    assert.equal(metrics['strangers'], 1600);
  });

  test(`${name}: floods of RTCP, true and false, on both ports: nothing is heard of them`, async () => {
    const { metrics } = await disturbed(codec, (house, { ann, mallory }, n) => {
      // A receiver report, a BYE for ann's SSRC, an application packet, and a length that is a lie.
      const report = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);
      report.writeUInt32BE(ann.ssrc, 4);
      const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 0]);
      bye.writeUInt32BE(ann.ssrc, 4);
      const lie = Buffer.from([0x81, 200, 0xff, 0xff, 1, 2, 3, 4]);
      const control = { address: mallory.at.address, port: mallory.at.port + 1 };
      const stranger = house.network.far('203.0.113.9', 5000);
      for (const packet of [
        report,
        bye,
        Buffer.concat([report, bye]),
        lie,
        Buffer.from([0x80, 204, 0, 2, 0, 0, 0, 1, 0x61, 0x62, 0x63, 0x64]),
      ]) {
        for (const from of [mallory.far, stranger]) for (const to of [mallory.at, control]) from.send(packet, to);
      }
      stranger.got.length = 0;
      assert.ok(n < 1e6);
    });
    assert.ok(metrics['malformed']! > 1000, `${metrics['malformed']}`);
  });
}

test('another SSRC from the right place is a new sender: heard without a click once it talks', async () => {
  for (const codec of [PCMU, G722, opus()]) {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    ann.say(speech({ rate: ann.rate, seconds: 2 }));
    house.run(2000);
    Object.assign(ann, { ssrc: 99, sequence: 5, timestamp: 77, marker: true });
    const from = house.now;
    ann.say(sine(HZ, { rate: ann.rate, seconds: 3, dbfs: -20 }));
    house.run(2500);
    const heard = ben.between(from + 300, from + 2300);
    assert.deepEqual(discontinuities(heard, ben.rate), []);
    assert.ok(toneSnr(heard, ben.rate, HZ) > 12);
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  }
});
