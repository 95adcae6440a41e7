import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../conference/index.ts';
import { portsOf } from './media-engine.ts';

test('the ports of cut calls are told to the engine once each; a record without one is passed over', () => {
  const record = (leg: CallRecord['leg']) => ({ id: 'c', account: 'a', conference: 'r', dialog: {}, leg }) as unknown as CallRecord;
  assert.deepEqual(portsOf([record({ port: 24_000 }), record({ port: 24_002 }), record({ port: 24_000 })]), [24_000, 24_002]);
  assert.deepEqual(portsOf([record(null), record({}), record({ port: '24000' }), record([1])]), []);
  assert.deepEqual(portsOf([]), []);
});
