import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStun } from './stun.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

test('tells a STUN message by its first byte and its cookie, RFC 7983 §7 and RFC 8489 §5', () => {
  // The header of the sample request of RFC 5769 §2.1, wherever it lies.
  const header = '0001 0058 2112a442 b7e7a701 bc34d686 fa87dfae';
  assert.equal(isStun(bytes(header), 0, 20), true);
  assert.equal(isStun(bytes(`ffffff ${header}`), 3, 20), true);
  assert.equal(isStun(bytes(header), 0, 19), false, 'cut off');
  assert.equal(isStun(bytes(header.replace('2112a442', '2112a443')), 0, 20), false, 'another cookie');
  assert.equal(isStun(bytes(header.replace('0001', '8001')), 0, 20), false, 'RTP that carries the same bytes');
});
