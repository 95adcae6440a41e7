import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cryptoSuites, keyRing, parseCrypto, printCrypto } from './crypto.ts';

/** A key from the examples of RFC 4568: 16 bytes of key, 14 of salt. */
const KEY = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const KEY_TEXT = 'wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#';
const line = (rest: string): string => `1 AES_CM_128_HMAC_SHA1_80 inline:${rest}`;

test('key, lifetime and MKI of an example of RFC 4568', () => {
  const crypto = parseCrypto(line(`${KEY}|2^20|1:4`));
  assert.deepEqual(crypto, {
    tag: 1,
    suite: 'AES_CM_128_HMAC_SHA1_80',
    key: Uint8Array.from(Buffer.from(KEY_TEXT, 'latin1')),
    lifetime: 2 ** 20,
    mki: Uint8Array.of(0, 0, 0, 1),
  });
});

test('lifetime and MKI may each be missing', () => {
  const limits = (rest: string) => {
    const crypto = parseCrypto(line(KEY + rest));
    return crypto && [crypto.lifetime, crypto.mki && [...crypto.mki]];
  };
  assert.deepEqual(limits(''), [null, null]);
  assert.deepEqual(limits('|2^31'), [2 ** 31, null]);
  assert.deepEqual(limits('|1000'), [1000, null]);
  assert.deepEqual(limits('|258:2'), [null, [1, 2]]);
  assert.deepEqual(limits('|2^48|1066:4'), [2 ** 48, [0, 0, 4, 42]]);
  for (const bad of ['|2^49', '|0', '|', '||', '|1:0', '|1:129', '|256:1', '|1:4|2^20', '|2^20|1:4|x', '|x', '|-1', '|2^', '|2^20|2^20']) {
    assert.equal(limits(bad), undefined, bad);
  }
});

test('each suite has keys of its own length (RFC 4568 §6.2, RFC 7714 §12)', () => {
  const lengths = { AES_CM_128_HMAC_SHA1_80: 30, AES_CM_128_HMAC_SHA1_32: 30, AEAD_AES_128_GCM: 28, AEAD_AES_256_GCM: 44 } as const;
  assert.deepEqual([...cryptoSuites].sort(), Object.keys(lengths).sort());
  for (const suite of cryptoSuites) {
    for (const off of [-1, 0, 1]) {
      const key = Buffer.alloc(lengths[suite] + off, 200).toString('base64');
      assert.equal(parseCrypto(`7 ${suite} inline:${key}`)?.key.length, off === 0 ? lengths[suite] : undefined, `${suite} ${off}`);
    }
  }
});

test('padding may be left out, other letters may not stand in a key', () => {
  const key = Buffer.alloc(28, 1).toString('base64');
  assert.ok(key.endsWith('=='));
  assert.equal(parseCrypto(`1 AEAD_AES_128_GCM inline:${key.slice(0, -2)}`)?.key.length, 28);
  assert.equal(parseCrypto(line(`${KEY.slice(0, -1)}!`)), undefined);
  assert.equal(parseCrypto(line(`${KEY.slice(0, -1)}_`)), undefined);
});

test('session parameters that change packets are refused, hints are not (RFC 4568 §6.3)', () => {
  for (const fine of ['WSH=64', '-X_NEW=1', 'WSH=128 -Y', 'FEC_ORDER=FEC_SRTP']) assert.ok(parseCrypto(`${line(KEY)} ${fine}`), fine);
  for (const bad of [
    'UNENCRYPTED_SRTP',
    'UNENCRYPTED_SRTCP',
    'UNAUTHENTICATED_SRTP',
    'KDR=1',
    'FEC_ORDER=SRTP_FEC',
    'NEW=1',
    'WSH=64 KDR=1',
  ]) {
    assert.equal(parseCrypto(`${line(KEY)} ${bad}`), undefined, bad);
  }
});

test('what is no line of ours is undefined', () => {
  for (const bad of [
    '',
    '1',
    `x AES_CM_128_HMAC_SHA1_80 inline:${KEY}`,
    `1 AES_256_CM_HMAC_SHA1_80 inline:${KEY}`,
    `1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`,
    // Several keys in one line: which of them is meant stands in the MKI of each packet.
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:4;inline:${KEY}|2:4`,
  ]) {
    assert.equal(parseCrypto(bad), undefined, bad);
  }
});

test('a key ring makes one key per suite, of the right length, and keeps it', () => {
  let made = 0;
  const keys = keyRing((length) => {
    made += 1;
    return new Uint8Array(length).fill(made);
  });
  const [first, second, again] = [keys('AES_CM_128_HMAC_SHA1_80'), keys('AEAD_AES_256_GCM'), keys('AES_CM_128_HMAC_SHA1_80')];
  assert.deepEqual([first.length, first[0], second.length, second[0]], [30, 1, 44, 2]);
  assert.equal(again, first);
  for (const [index, suite] of cryptoSuites.entries()) {
    const printed = printCrypto({ tag: index + 1, suite, key: keys(suite) });
    assert.deepEqual(parseCrypto(printed), { tag: index + 1, suite, key: keys(suite), lifetime: null, mki: null });
  }
});
