import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserSettings, browsersFrom } from './browser-settings.ts';

const from = (values: Readonly<Record<string, string>>) =>
  browsersFrom((key) => values[key.slice('browsers.'.length)] ?? String(browserSettings.find((each) => each.key === key)?.preset));

test('a relay without a password is refused, and so are two ways to one', () => {
  assert.deepEqual(from({ ice_servers: 'stun:a.example, turns:b.example:443', turn_secret: 'north' }), {
    urls: ['stun:a.example', 'turns:b.example:443'],
    secret: 'north',
    lifetime: 43_200,
    username: undefined,
    password: undefined,
  });
  assert.deepEqual(from({ ice_servers: 'stun:a.example' }).urls, ['stun:a.example']);
  for (const wrong of [
    { ice_servers: 'turn:b.example' },
    { ice_servers: 'turn:b.example', turn_username: 'all' },
    { ice_servers: 'turn:b.example', turn_username: 'all', turn_password: 'them', turn_secret: 'north' },
  ]) {
    assert.throws(() => from(wrong), { code: 'bad_configuration' });
  }
});

test('what is no STUN or TURN server is refused', () => {
  const read = browserSettings[0]!.read;
  for (const good of ['', 'stun:a.example', 'turn:a.example:3478?transport=udp', 'stun:[2001:db8::1]:3478']) assert.equal(read(good), good);
  for (const bad of ['https://a.example', 'a.example', 'turn://a.example', 'turn:user@a.example', 'turn:a.example?transport=sctp']) {
    assert.equal(typeof read(bad), 'object', bad);
  }
});
