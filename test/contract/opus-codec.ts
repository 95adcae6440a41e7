import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CodecSpec, SoundDecoder } from '../../src/audio/codec.ts';
import { OpusDecoder, OpusEncoder } from '../../src/audio/opus.ts';
import { delay, level, power, segmentalSnr, snr } from '../kit/measure.ts';
import { sine, speech } from '../kit/speech.ts';

type Wish = Partial<Omit<CodecSpec, 'name' | 'clockRate'>>;
export const encoderOf = (wish: Wish = {}): OpusEncoder => new OpusEncoder({ name: 'opus', rate: 48000, clockRate: 48000, ...wish });

/** Where two sounds differ first, −1: nowhere. (A failing deepEqual of so many samples takes minutes.) */
const differsAt = (one: Int16Array, other: Int16Array): number =>
  one.length === other.length ? one.findIndex((value, index) => value !== other[index]) : Math.min(one.length, other.length);

/** Which packet of two streams differs first, −1: none. */
export const packetDiffers = (one: readonly Uint8Array[], other: readonly Uint8Array[]): number =>
  one.length === other.length
    ? one.findIndex((packet, index) => Buffer.compare(packet, other[index]!) !== 0)
    : Math.min(one.length, other.length);

/** One packet for every `ms` of the sound. */
export function packets(encoder: OpusEncoder, sound: Int16Array, ms = 20): Uint8Array[] {
  const count = (encoder.rate * ms) / 1000;
  const out = new Uint8Array(4000);
  return Array.from({ length: Math.floor(sound.length / count) }, (_, index) => {
    const frame = sound.subarray(index * count, (index + 1) * count);
    return out.slice(0, encoder.encode(frame, count, out, 0));
  });
}

export function heard(decoder: SoundDecoder, stream: readonly Uint8Array[]): Int16Array {
  const out = new Int16Array(5760);
  return Int16Array.from(stream.flatMap((packet) => [...out.subarray(0, decoder.decode(packet, 0, packet.length, out))]));
}

/** The sound as it comes out for one who lost the packets that `recover` or `conceal` stand for. */
function withLosses(
  stream: readonly Uint8Array[],
  lost: (index: number) => boolean,
  hide: (decoder: OpusDecoder, next: Uint8Array, out: Int16Array) => void,
): Int16Array {
  const decoder = new OpusDecoder(48000);
  const sound = new Int16Array(stream.length * 960);
  stream.forEach((packet, index) => {
    const out = sound.subarray(index * 960, (index + 1) * 960);
    if (lost(index)) hide(decoder, stream[index + 1]!, out);
    else assert.equal(decoder.decode(packet, 0, packet.length, out), 960);
  });
  decoder.close();
  return sound;
}

/** What every libopus must do; one was taken before. */
export function opusContract(): void {
  test('speech comes through at every rate, in frames of 10 to 120 ms', () => {
    for (const rate of [8000, 12000, 16000, 24000, 48000]) {
      const sound = speech({ rate, seconds: 2, dbfs: -20 });
      for (const ms of [10, 20, 40, 60, 120]) {
        const decoder = new OpusDecoder(rate);
        const stream = packets(encoderOf({ rate }), sound, ms);
        for (const packet of stream) assert.equal(decoder.samples(packet, 0, packet.length), (rate * ms) / 1000);
        const out = heard(decoder, stream);
        const late = delay(sound, out, rate / 50);
        const figure = segmentalSnr(sound, out.subarray(late), { frame: rate / 50, silence: -40 });
        assert.ok(figure > 3, `${rate} Hz, ${ms} ms: ${figure.toFixed(1)} dB, ${late} late`);
      }
    }
  });

  test('the decoder gives any rate, whatever the encoder took', () => {
    const stream = packets(encoderOf({ rate: 48000 }), sine(1000, { rate: 48000, seconds: 1, dbfs: -15 }));
    for (const rate of [8000, 16000, 48000]) {
      const out = heard(new OpusDecoder(rate), stream);
      assert.equal(out.length, rate);
      const off = level(out.subarray(rate / 2)) + 15;
      assert.ok(Math.abs(off) < 1, `${rate} Hz: ${off.toFixed(2)} dB off`);
    }
  });

  test('maxaveragebitrate, cbr and maxplaybackrate are obeyed', () => {
    const sound = speech({ rate: 48000, seconds: 4 });
    for (const packet of packets(encoderOf({ maxAverageBitrate: 24000, cbr: true }), sound)) assert.equal(packet.length, 60);
    for (const bitrate of [12000, 20000, 40000]) {
      const sent = packets(encoderOf({ maxAverageBitrate: bitrate }), sound).reduce((sum, packet) => sum + packet.length, 0);
      assert.ok(sent * 2 < 1.05 * bitrate, `${sent * 2} bit/s of ${bitrate}`);
    }
    // RFC 6716 table 2: narrowband are configurations 0 … 3 and 16 … 19, wideband 8 … 11 and 20 … 23.
    const allowed = { 8000: [0, 1, 2, 3, 16, 17, 18, 19], 16000: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23] };
    for (const [rate, configurations] of Object.entries(allowed)) {
      for (const packet of packets(encoderOf({ maxPlaybackRate: Number(rate) }), sound))
        assert.ok(configurations.includes(packet[0]! >> 3));
    }
    assert.ok(packets(encoderOf(), sound).some((packet) => ![...allowed[16000]].includes(packet[0]! >> 3)));
  });

  test('with DTX silence is hardly sent, and speech all the more', () => {
    const quiet = new Int16Array(96000);
    const encoder = encoderOf({ dtx: true });
    const talk = speech({ rate: 48000, seconds: 1, pauseMs: 0 });
    assert.ok(packets(encoder, talk).filter((packet) => packet.length === 0).length < 5);
    const silent = packets(encoder, quiet).slice(25);
    const sent = silent.filter((packet) => packet.length > 0).length;
    assert.ok(sent < silent.length / 10, `${sent} of ${silent.length} sent`);
    assert.ok(packets(encoderOf(), quiet).every((packet) => packet.length > 0));
  });

  test('in-band FEC brings back the frame before: better than concealment in at least 80 % of single losses', () => {
    const sound = speech({ rate: 48000, seconds: 12, dbfs: -20, pauseMs: 100 });
    const stream = packets(encoderOf({ fec: true, maxAverageBitrate: 32000 }), sound);
    const whole = heard(new OpusDecoder(48000), stream);
    const lost = (index: number): boolean => index % 7 === 5 && index + 1 < stream.length;
    let none = 0;
    const recovered = withLosses(stream, lost, (decoder, next, out) => {
      if (decoder.recover(next, 0, next.length, 960, out) === 960) return;
      none++;
      assert.ok(decoder.conceal(out, 960));
    });
    const concealed = withLosses(stream, lost, (decoder, _next, out) => assert.ok(decoder.conceal(out, 960)));
    const places = [...stream.keys()].filter((index) => lost(index) && power(whole, index * 960, (index + 1) * 960) > 100 ** 2);
    const better = places.map((index) => {
      const [from, to] = [index * 960, (index + 1) * 960];
      return snr(whole, recovered, from, to) > snr(whole, concealed, from, to);
    });
    const share = better.filter(Boolean).length / better.length;
    assert.ok(better.length > 50 && share >= 0.8, `${(100 * share).toFixed(0)} % of ${better.length} better, ${none} without FEC`);
  });

  test('FEC asked for is there at every rate; where it was not sent nothing is recovered', () => {
    const out = new Int16Array(960).fill(3);
    /** How many of the packets bring back the one before. */
    const recovered = (wish: Wish, ms = 20): number => {
      const rate = wish.rate ?? 48000;
      const stream = packets(encoderOf(wish), speech({ rate, seconds: 2, pauseMs: 0 }));
      const decoder = new OpusDecoder(rate);
      heard(decoder, stream.slice(0, 30));
      const count = (rate * ms) / 1000;
      return stream.slice(31).filter((packet) => decoder.recover(packet, 0, packet.length, count, out) === count).length;
    };
    assert.equal(recovered({ fec: false }), 0);
    // So many bits, and so little loss, that libopus takes CELT alone.
    assert.equal(recovered({ fec: true, maxAverageBitrate: 128000, expectedLoss: 0 }), 0);
    assert.equal(recovered({ fec: true }, 10), 0, 'a gap shorter than the frame');
    assert.ok(out.every((sample) => sample === 3));
    for (const rate of [8000, 16000, 48000]) assert.ok(recovered({ rate, fec: true }) > 60, `${rate} Hz`);
  });

  test('low delay is CELT alone, comes sooner, and can be followed by its like only', () => {
    const sound = speech({ rate: 48000, seconds: 2, dbfs: -20 });
    const [encoder, twin] = [encoderOf({ lowDelay: true }), encoderOf({ lowDelay: true })];
    const stream = packets(encoder, sound);
    assert.ok(stream.every((packet) => packet[0]! >> 3 >= 16));
    const [out, voip] = [stream, packets(encoderOf(), sound)].map((each) => heard(new OpusDecoder(48000), each));
    assert.ok(delay(sound, out!, 960) + 150 < delay(sound, voip!, 960));
    const figure = segmentalSnr(sound, out!.subarray(delay(sound, out!, 960)), { frame: 960, silence: -40 });
    assert.ok(figure > 9, `${figure.toFixed(1)} dB`);
    twin.follow(encoder);
    assert.equal(packetDiffers(packets(twin, sound), packets(encoder, sound)), -1);
    assert.throws(() => twin.follow(encoderOf()), TypeError);
  });

  test('concealment goes on with the voice, then fades', () => {
    const tone = speech({ rate: 16000, seconds: 1, pauseMs: 0, dbfs: -15 });
    const decoder = new OpusDecoder(16000);
    const before = heard(decoder, packets(encoderOf({ rate: 16000 }), tone).slice(0, 40));
    const out = new Int16Array(321).fill(9);
    assert.ok(decoder.conceal(out, 320));
    assert.ok(level(out, 0, 320) > level(before, before.length - 320) - 10);
    assert.equal(out[320], 9);
    assert.ok(decoder.conceal(out, 70), 'a length that is no multiple of 2.5 ms');
    for (let frame = 0; frame < 50; frame++) decoder.conceal(out, 320);
    assert.ok(level(out, 0, 320) < -60, `${level(out, 0, 320)} dBFS`);
    assert.ok(!decoder.conceal(out, 322));
    assert.ok(!decoder.conceal(out, 0));
  });

  test('a stream goes on in another encoder that follows', () => {
    for (const rate of [8000, 16000, 48000]) {
      const sound = speech({ rate, seconds: 1.5, dbfs: -20, pauseMs: 50 });
      const [start, rest] = [sound.subarray(0, rate), sound.subarray(rate)];
      const [first, second, stranger] = [encoderOf({ rate, fec: true }), encoderOf({ rate, fec: true }), encoderOf({ rate, fec: true })];
      const other = speech({ rate, seconds: 1, seed: 9, pitch: 200 });
      packets(second, other);
      packets(stranger, other);
      const stream = packets(first, start);
      second.follow(first);
      const [on, followed, apart] = [packets(first, rest), packets(second, rest), packets(stranger, rest)];
      assert.equal(packetDiffers(followed, on), -1);
      const uninterrupted = heard(new OpusDecoder(rate), [...stream, ...on]);
      assert.equal(differsAt(heard(new OpusDecoder(rate), [...stream, ...followed]), uninterrupted), -1);
      // Without it the change is heard, so the comparison means something.
      const broken = snr(uninterrupted, heard(new OpusDecoder(rate), [...stream, ...apart]), rate, rate + rate / 50);
      assert.ok(broken < 15, `${rate} Hz: ${broken} dB`);
    }
  });

  test('who follows keeps its own settings, and disturbs neither the followed nor a neighbour in memory', () => {
    const sound = speech({ rate: 48000, seconds: 1 });
    const [first, second, neighbour] = [
      encoderOf({ cbr: true, maxAverageBitrate: 32000 }),
      encoderOf({ cbr: true, maxAverageBitrate: 16000 }),
      encoderOf({ dtx: true }),
    ];
    const [firstTwin, neighbourTwin] = [encoderOf({ cbr: true, maxAverageBitrate: 32000 }), encoderOf({ dtx: true })];
    for (const each of [first, firstTwin, neighbour, neighbourTwin]) packets(each, sound);
    second.follow(first);
    for (const packet of packets(second, sound)) assert.equal(packet.length, 40);
    assert.equal(packetDiffers(packets(first, sound), packets(firstTwin, sound)), -1);
    assert.equal(packetDiffers(packets(neighbour, sound), packets(neighbourTwin, sound)), -1);
    assert.throws(() => second.follow(encoderOf({ rate: 16000 })), TypeError);
  });

  test('after a reset all is as at the beginning', () => {
    const sound = speech({ rate: 16000, seconds: 1 });
    const [encoder, decoder] = [encoderOf({ rate: 16000, fec: true }), new OpusDecoder(16000)];
    const stream = packets(encoder, sound);
    const out = heard(decoder, stream);
    encoder.reset();
    decoder.reset();
    assert.equal(packetDiffers(packets(encoder, sound), stream), -1);
    assert.equal(differsAt(heard(decoder, stream), out), -1);
  });

  test('any bytes are survived', () => {
    const decoder = new OpusDecoder(16000);
    const good = packets(encoderOf({ rate: 16000, fec: true }), speech({ rate: 16000, seconds: 0.2 }));
    const out = new Int16Array(1920);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // A good packet that was cut and changed in a few places.
      fc
        .tuple(fc.nat(good.length - 1), fc.nat(200), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }))
        .map(([index, end, changes]) => {
          const packet = good[index]!.slice(0, end);
          for (const [at, value] of changes) if (at < packet.length) packet[at] = value;
          return packet;
        }),
    );
    fc.assert(
      fc.property(bytes, (packet) => {
        decoder.recover(packet, 0, packet.length, 320, out);
        const count = decoder.decode(packet, 0, packet.length, out);
        assert.ok(count === 0 || count === decoder.samples(packet, 0, packet.length), `${count}`);
        decoder.conceal(out, 320);
      }),
      { numRuns: 500 },
    );
    assert.equal(decoder.decode(new Uint8Array(9000), 0, 9000, out), 0);
    assert.equal(decoder.decode(good[0]!, 0, good[0]!.length, new Int16Array(319)), 0);
    decoder.reset();
    assert.equal(differsAt(heard(decoder, good), heard(new OpusDecoder(16000), good)), -1);
  });

  test('what cannot be is refused at once', () => {
    assert.throws(() => encoderOf({ rate: 44100 }), RangeError);
    assert.throws(() => new OpusDecoder(32000), RangeError);
    assert.throws(() => encoderOf().encode(new Int16Array(961), 961, new Uint8Array(1000), 0), RangeError);
    assert.throws(() => encoderOf({ complexity: 11 }), RangeError);
  });

  test('packets of silence say that they hold no voice, packets of a voice do not', () => {
    const encoder = encoderOf({ fec: true });
    const decoder = new OpusDecoder(48_000);
    const packet = new Uint8Array(1276);
    const pauses = (sound: Int16Array): number => {
      let count = 0;
      for (let at = 0; at + 960 <= sound.length; at += 960) {
        const length = encoder.encode(sound.subarray(at, at + 960), 960, packet, 0);
        if (decoder.isPause(packet, 0, length)) count += 1;
      }
      return count;
    };
    const spoken = speech({ rate: 48_000, seconds: 3 });
    assert.ok(pauses(spoken) < 50, 'of 150 packets of speech');
    const silent = pauses(new Int16Array(48_000 * 2));
    assert.ok(silent > 90, `${silent} of 100 packets of silence`);
    encoder.close();
    decoder.close();
  });
}
