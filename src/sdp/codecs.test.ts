import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetTime, parseOpus, payloadsOf, printOpus } from './codecs.ts';

const codecs = (formats: string, ...maps: string[]) =>
  payloadsOf(formats, maps, []).codecs.map((each) => [each.name, each.payloadType, each.clockRate, each.rate]);

test('static payload types of RFC 3551 §6, and G.722 whose clock is not its rate', () => {
  assert.deepEqual(codecs('9 0 8 18 3 4'), [
    ['G722', 9, 8000, 16_000],
    ['PCMU', 0, 8000, 8000],
    ['PCMA', 8, 8000, 8000],
  ]);
  assert.deepEqual(codecs('9', '9 G722/16000'), [], 'a clock of 16000 would run at twice the speed');
});

test('L16 in one channel at 8, 16 and 48 kHz; neither stereo nor 44.1 kHz', () => {
  assert.deepEqual(codecs('10 11'), []);
  assert.deepEqual(codecs('96 97 98 99 100', '96 L16/48000/2', '97 L16/48000', '98 L16/44100', '99 l16/16000/1', '100 L16/8000'), [
    ['L16', 97, 48_000, 48_000],
    ['L16', 99, 16_000, 16_000],
    ['L16', 100, 8000, 8000],
  ]);
});

test('Opus is 48000/2 whatever is inside (RFC 7587 §7)', () => {
  assert.deepEqual(codecs('111 112 113', '111 OPUS/48000/2', '112 opus/48000', '113 opus/16000/1'), [
    ['opus', 111, 48_000, 48_000],
    ['opus', 112, 48_000, 48_000],
  ]);
});

test('telephone-event and CN with each clock', () => {
  const { telephoneEvents, comfortNoises } = payloadsOf(
    '13 96 97 98 99 100',
    ['96 telephone-event/48000', '97 Telephone-Event/8000', '98 CN/16000', '99 telephone-event/11025', '100 telephone-event'],
    [],
  );
  assert.deepEqual(telephoneEvents, [
    { payloadType: 96, clockRate: 48_000 },
    { payloadType: 97, clockRate: 8000 },
  ]);
  assert.deepEqual(comfortNoises, [
    { payloadType: 13, clockRate: 8000 },
    { payloadType: 98, clockRate: 16_000 },
  ]);
});

test('200 payload types, twice the same, numbers beyond seven bits', () => {
  const many = Array.from({ length: 200 }, (_, index) => index).join(' ');
  assert.equal(codecs(many).length, 3);
  assert.deepEqual(codecs('0 0 0 8 0'), [
    ['PCMU', 0, 8000, 8000],
    ['PCMA', 8, 8000, 8000],
  ]);
  assert.deepEqual(codecs('96 96', '96 PCMU/8000', '96 opus/48000/2'), [['PCMU', 96, 8000, 8000]], 'of two maps the first counts');
  assert.deepEqual(codecs('128 999 -1 x 0x0'), []);
});

test("an Opus receiver's wishes (RFC 7587 §6.1)", () => {
  assert.deepEqual(parseOpus(''), {
    useInbandFec: false,
    useDtx: false,
    cbr: false,
    maxAverageBitrate: null,
    maxPlaybackRate: 48_000,
    maxCaptureRate: 48_000,
  });
  assert.deepEqual(
    parseOpus('maxplaybackrate=8000; sprop-maxcapturerate=16000 ;maxaveragebitrate=20000;stereo=1; UseInbandFEC=1;usedtx=1;cbr = 1'),
    { useInbandFec: true, useDtx: true, cbr: true, maxAverageBitrate: 20_000, maxPlaybackRate: 8000, maxCaptureRate: 16_000 },
  );
  const absurd = parseOpus('maxaveragebitrate=5;maxplaybackrate=banana;sprop-maxcapturerate=-1;useinbandfec=yes;;=;a=b=c');
  assert.deepEqual(absurd, parseOpus(''));
  const ours = { useDtx: true, maxAverageBitrate: 32_000, maxPlaybackRate: 16_000 };
  assert.deepEqual(parseOpus(printOpus(ours)), { ...parseOpus(''), useInbandFec: true, ...ours });
  assert.equal(printOpus({}), 'useinbandfec=1');
});

test('packet times: what they like, what the codec can, what fits into a packet', () => {
  const time = (name: 'PCMU' | 'opus' | 'L16', rate: number, ptime?: number, maxptime?: number) =>
    packetTime({ name, rate }, { ptime, maxptime }, 20);
  assert.deepEqual(
    [1, 14, 15, 30, 40, 120, 121, 1000].map((ptime) => time('PCMU', 8000, ptime)),
    [10, 10, 20, 30, 40, 120, 120, 120],
  );
  assert.equal(time('PCMU', 8000, undefined, 1), 10, 'a maxptime below every packet');
  assert.equal(time('PCMU', 8000, 60, 45), 40);
  // RFC 6716: one packet of 10, 20, 40, 60, 80, 100 or 120 ms.
  assert.deepEqual(
    [10, 20, 30, 40, 50, 60, 70, 90, 110, 120].map((ptime) => time('opus', 48_000, ptime)),
    [10, 20, 20, 40, 40, 60, 60, 80, 100, 120],
  );
  assert.equal(time('opus', 48_000, 60, 30), 20);
  // 20 ms of 48 kHz are 1920 bytes, more than Ethernet carries.
  assert.deepEqual([time('L16', 48_000, 20), time('L16', 16_000, 20), time('L16', 16_000, 60), time('L16', 8000, 120)], [10, 20, 40, 80]);
});
