import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainRtp } from './plain-rtp.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** Two samples; the first one tells the order of its bytes. */
const SAMPLES = Int16Array.of(0x0102, -2);

test('what goes out is RTP: a marker on the first, numbers and samples counted, the payload as RFC 3551 has it', () => {
  const ulaw = new PlainRtp('ulaw', 0x0a0b0c0d);
  // µ-law of 258 is e7 and of -2 is 7f, by the tables of G.711.
  assert.equal(hex(ulaw.pack(SAMPLES)), '8080 0001 00000000 0a0b0c0d e77f'.replaceAll(' ', ''));
  assert.equal(hex(ulaw.pack(SAMPLES)), '8000 0002 00000002 0a0b0c0d e77f'.replaceAll(' ', ''));
  assert.equal(hex(new PlainRtp('alaw', 1).pack(SAMPLES)).slice(0, 4), '8088');
  assert.equal(hex(new PlainRtp('slin', 1).pack(SAMPLES)), '808b 0001 00000000 00000001 0102fffe'.replaceAll(' ', ''), 'network order');
  assert.equal(hex(new PlainRtp('slin16', 1).pack(SAMPLES)).slice(0, 4), '80f6');
  for (let n = 3; n <= 0x10000; n++) ulaw.pack(SAMPLES);
  assert.equal(hex(ulaw.pack(SAMPLES)).slice(4, 8), '0001', 'from 0xffff on to 0 and 1');
});

/** A packet of two bytes of payload. */
const packet = (type: number, sequence: number, { ssrc = 7, payload = 'ffff' } = {}): Uint8Array =>
  bytes(
    `80${type.toString(16).padStart(2, '0')}${(sequence & 0xffff).toString(16).padStart(4, '0')}00000000${ssrc.toString(16).padStart(8, '0')}${payload}`,
  );

test('what comes in is its own payload only, as s16le; no RTP and other types are nothing', () => {
  const ulaw = new PlainRtp('ulaw', 1);
  assert.deepEqual(ulaw.unpack(packet(0, 1, { payload: 'ff7f' })).sound.map(hex), ['00000000']);
  assert.deepEqual(ulaw.unpack(packet(8, 2)).sound, []);
  assert.deepEqual(ulaw.unpack(bytes('80')).sound, []);
  assert.deepEqual(ulaw.unpack(bytes('00'.repeat(20))).sound, []);
  const slin = new PlainRtp('slin', 1);
  assert.deepEqual(slin.unpack(packet(11, 1, { payload: '0102fffe' })).sound.map(hex), ['0201feff']);
  assert.deepEqual(slin.unpack(packet(96, 2, { payload: '0102ff' })).sound.map(hex), ['0201'], 'a dynamic type; half a sample is none');
});

test('lost packets are filled with silence, late ones and copies are left out, a new sender begins anew', () => {
  const rtp = new PlainRtp('slin', 1);
  const heard = (sequence: number, more = {}): number => rtp.unpack(packet(11, sequence, { payload: '0001', ...more })).sound.length;
  assert.equal(heard(0xfffe), 1);
  assert.equal(heard(0xffff), 1);
  assert.equal(heard(2), 3, 'two were lost over the end of the numbers');
  assert.equal(heard(1), 0, 'too late');
  assert.equal(heard(2), 0, 'a copy');
  assert.equal(heard(3), 1);
  assert.equal(heard(1000), 1, 'a long hole is a pause');
  assert.equal(heard(5, { ssrc: 8 }), 1, 'somebody else counts otherwise');
  assert.equal(heard(6, { ssrc: 8 }), 1);
});
