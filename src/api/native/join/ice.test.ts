import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iceServers } from './ice.ts';

const urls = ['stun:stun.example.org', 'turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:443'];

test('a shared secret makes a name and password for each guest and time; STUN needs none', () => {
  const [stun, turn] = iceServers({ urls, secret: 'north', lifetime: 3600 }, 'guest-1', 1_700_000_000_999);
  assert.deepEqual(stun, { urls: ['stun:stun.example.org'] });
  assert.equal(turn?.username, '1700003600:guest-1');
  // printf %s 1700003600:guest-1 | openssl dgst -sha1 -hmac north -binary | base64
  assert.equal(turn?.credential, 'dia5kzhSZwCyhEhiKvJ4X5rsuiY=');
  assert.deepEqual(turn?.urls, urls.slice(1));
});

test('one name for all, or nobody', () => {
  const [, turn] = iceServers({ urls, username: 'all', password: 'them', lifetime: 1 }, 'x', 0);
  assert.deepEqual(turn, { urls: urls.slice(1), username: 'all', credential: 'them' });
  assert.deepEqual(iceServers(undefined, 'x', 0), []);
  assert.deepEqual(iceServers({ urls: [], lifetime: 1 }, 'x', 0), []);
});
