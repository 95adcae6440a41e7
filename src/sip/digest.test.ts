import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerChallenge, challenge, checkNonce, makeNonce, nonceLifetime, parseDigest, verify } from './digest.ts';

// RFC 7616 §3.9.1.
const realm = 'http-auth@example.org';
const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const responses = {
  MD5: '8ca523f5e9506fed4657c9700eebdbec',
  'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
} as const;

const mufasa = (algorithm: keyof typeof responses) =>
  `Digest username="Mufasa", realm="${realm}", uri="/dir/index.html", algorithm=${algorithm}, nonce="${nonce}", nc=00000001, cnonce="${cnonce}", qop=auth, response="${responses[algorithm]}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

test('verifies the examples of RFC 7616 §3.9.1, and nothing beside them', () => {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    const authorization = mufasa(algorithm);
    const good = { authorization, method: 'GET', password: 'Circle of Life', realm, uri: '/dir/index.html' };
    assert.equal(verify(good), true, algorithm);
    assert.equal(verify({ ...good, password: 'Circle of life' }), false);
    assert.equal(verify({ ...good, method: 'POST' }), false);
    assert.equal(verify({ ...good, realm: 'elsewhere' }), false);
    assert.equal(verify({ ...good, uri: '/other' }), false);
    assert.equal(verify({ ...good, authorization: authorization.replace('nc=00000001', 'nc=00000002') }), false);
    assert.equal(verify({ ...good, authorization: authorization.replace('qop=auth', 'qop=auth-int') }), false);
  }
  assert.equal(verify({ authorization: mufasa('MD5'), method: 'GET', password: 'Circle of Life', algorithms: ['SHA-256'] }), false);
});

test('verifies credentials without qop, as phones older than RFC 2617 send them', () => {
  // The well-known sample of draft-smith-sipping-auth-examples §3.3.
  const authorization =
    'Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", response="bf57e4e0d0bffc0fbaedce64d59add5e"';
  assert.equal(verify({ authorization, method: 'INVITE', password: 'zanzibar' }), true);
  assert.equal(verify({ authorization, method: 'INVITE', password: 'zanzibaR' }), false);
});

test('a client answers the first challenge it knows with the RFC’s response', () => {
  const unknown = `Digest realm="${realm}", nonce="x", algorithm=SHA3-99, qop="auth"`;
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    const known = `Digest realm="${realm}", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="FQhe"`;
    const answer = answerChallenge({
      challenges: [unknown, known],
      method: 'GET',
      uri: '/dir/index.html',
      username: 'Mufasa',
      password: 'Circle of Life',
      cnonce,
    });
    const params = parseDigest(answer ?? '');
    assert.equal(params?.get('response'), responses[algorithm]);
    assert.equal(params?.get('opaque'), 'FQhe');
  }
  assert.equal(
    answerChallenge({ challenges: [unknown, 'Basic realm="x"'], method: 'GET', uri: '/', username: 'a', password: 'b', cnonce }),
    undefined,
  );
});

test('what we challenge with, our own client answers and our server verifies', () => {
  const values = challenge({ realm: 'pärley', nonce: makeNonce('secret', 1_000), stale: true });
  assert.deepEqual(
    values.map((each) => [parseDigest(each)?.get('algorithm'), parseDigest(each)?.get('stale'), parseDigest(each)?.get('qop')]),
    [
      ['SHA-256', 'true', 'auth'],
      ['MD5', 'true', 'auth'],
    ],
  );
  const uri = 'sip:3000@example.com';
  const authorization =
    answerChallenge({ challenges: values, method: 'INVITE', uri, username: 'jürgen "x"', password: 'gehéim', cnonce: 'c' }) ?? '';
  assert.equal(verify({ authorization, method: 'INVITE', password: 'gehéim', realm: 'pärley', uri }), true);
  assert.equal(verify({ authorization, method: 'INVITE', password: 'geheim', realm: 'pärley', uri }), false);
});

test('a nonce is good for its lifetime, then stale; a forged one never is', () => {
  const made = makeNonce('secret', 1_000_000, 'aa');
  assert.equal(checkNonce('secret', made, 1_000_000), 'good');
  assert.equal(checkNonce('secret', made, 1_000_000 + nonceLifetime), 'good');
  assert.equal(checkNonce('secret', made, 1_000_001 + nonceLifetime), 'stale');
  assert.equal(checkNonce('other', made, 1_000_000), 'forged');
  assert.equal(checkNonce('secret', made.replace(/^f4240/, 'f4241'), 1_000_000), 'forged');
  assert.equal(checkNonce('secret', 'junk', 1_000_000), 'forged');
  assert.notEqual(makeNonce('secret', 1, 'a'), makeNonce('secret', 1, 'b'));
});
