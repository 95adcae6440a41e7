import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { socketContract } from '../../../test/contract/sockets.ts';
import { SystemClock } from '../../base/index.ts';
import { addressBytes, keyOf, spell } from './address.ts';
import { openSockets } from './open-sockets.ts';

socketContract('dgram', () => openSockets(new SystemClock(), 'dgram').sockets);
// Where batched calls are missing this runs the fallback a second time, which is what a user gets there too.
socketContract('batched', () => openSockets(new SystemClock()).sockets);

test('an address and its spelling are the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const bytes = addressBytes(address);
      assert.deepEqual(addressBytes(spell(bytes)), bytes);
    }),
  );
  assert.deepEqual([...addressBytes('::ffff:10.1.2.3')], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3]);
  for (const bad of ['', '1.2.3', '1.2.3.256', '1::2::3', ':::', 'example.org', '1:2:3']) assert.throws(() => addressBytes(bad), TypeError);
});

test('keys of IPv4 sources are exact', () => {
  assert.equal(keyOf(addressBytes('255.255.255.255'), 65_535), 2 ** 48 - 1);
  assert.notEqual(keyOf(addressBytes('10.0.0.1'), 1), keyOf(addressBytes('10.0.0.2'), 1));
});
