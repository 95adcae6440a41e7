import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../base/index.ts';
import { encryptionOver, mediaWishes } from './media-wishes.ts';

test('codecs: the device before the account before our own order; what we do not know is skipped', () => {
  const rows: [JsonObject | undefined, JsonObject | undefined, string, 'ours' | 'theirs'][] = [
    [undefined, undefined, 'opus G722 PCMU PCMA', 'theirs'],
    [undefined, { audio: { codecs: ['PCMA', 'OPUS'] } }, 'PCMA opus', 'ours'],
    [{ audio: { codecs: ['G722'] } }, undefined, 'G722', 'ours'],
    [{ audio: { codecs: ['G722'] } }, { audio: { codecs: ['PCMU', 'PCMU', 'G729', 7] } }, 'PCMU', 'ours'],
    [{ audio: { codecs: ['L16'] } }, { audio: { codecs: ['G729'] } }, 'L16', 'ours'],
    [{ audio: 'opus' }, { audio: { codecs: 'PCMU' } }, 'opus G722 PCMU PCMA', 'theirs'],
  ];
  for (const [account, device, codecs, order] of rows) {
    const wishes = mediaWishes(account, device);
    assert.deepEqual([wishes.codecs.join(' '), wishes.order], [codecs, order]);
  }
});

test('encryption: enforced is required, methods without srtp are off, silence is offered', () => {
  const rows: [JsonObject, JsonObject, string][] = [
    [{}, {}, 'offered'],
    [{}, { encryption: { methods: ['srtp'] } }, 'offered'],
    [{}, { encryption: { enforce_security: true, methods: ['srtp'] } }, 'required'],
    [{}, { encryption: { enforce_security: true, methods: ['zrtp'] } }, 'required'],
    [{}, { encryption: { enforce_security: false, methods: ['zrtp'] } }, 'off'],
    [{}, { encryption: { methods: [] } }, 'off'],
    [{ encryption: { enforce_security: true } }, {}, 'required'],
    [{ encryption: { enforce_security: true } }, { encryption: { enforce_security: false } }, 'offered'],
    [{ encryption: { methods: [] } }, { encryption: { methods: ['srtp'] } }, 'offered'],
    [{ encryption: { methods: [] } }, { encryption: 'yes' }, 'off'],
  ];
  for (const [account, device, policy] of rows) assert.equal(mediaWishes(account, device).encryption, policy);
});

test('keys travel in SDP only where nobody reads along, unless the operator says otherwise (RFC 4568 §7)', () => {
  const over = (secure: boolean, keysInClear: boolean) =>
    (['required', 'offered', 'off'] as const).map((policy) => encryptionOver(policy, { secure, keysInClear })).join(' ');
  assert.equal(over(true, false), 'required offered off');
  assert.equal(over(false, false), 'insecure off off');
  assert.equal(over(false, true), 'required offered off');
});
