import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, isSecure, readNetworks } from './networks.ts';

const trust = (...list: string[]) => {
  const trusts = readNetworks(list);
  assert.ok(trusts, `${list} should be readable`);
  return trusts;
};

test('addresses and networks of both families, the mapped form of IPv4 too', () => {
  const trusts = trust('10.0.0.0/8', '192.0.2.7', 'fd00::/8', '2001:db8::1');
  for (const inside of ['10.255.0.1', '::ffff:10.1.2.3', '192.0.2.7', 'fdff::1', '2001:db8:0:0:0:0:0:1']) assert.ok(trusts(inside), inside);
  for (const outside of ['11.0.0.1', '192.0.2.8', 'fe80::1', '2001:db8::2', 'nonsense', '']) assert.ok(!trusts(outside), outside);
  assert.ok(trust('0.0.0.0/0')('203.0.113.9'));
  assert.ok(!trust('0.0.0.0/0')('2001:db8::1'), 'all of IPv4 is not all of IPv6');
  assert.ok(!trust()('127.0.0.1'));
});

test('what is neither an address nor a network is refused', () => {
  for (const wrong of [
    '10.0.0.0/33',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    'proxy.example',
    '::1::',
    'fd00::/129',
    '1:2:3:4:5:6:7',
    '10.0.0.0/8/8',
    '',
  ])
    assert.equal(readNetworks([wrong]), undefined, wrong);
});

test('X-Forwarded-For counts from the right and only behind trusted hops', () => {
  const trusts = trust('127.0.0.1', '10.0.0.0/8');
  const of = (remote: string, forwarded?: string) =>
    clientAddress({ headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, remote, trusts });
  assert.equal(of('127.0.0.1', '203.0.113.9'), '203.0.113.9');
  assert.equal(of('127.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2'), '203.0.113.9', 'what a stranger wrote in front is not believed');
  assert.equal(of('203.0.113.9', '10.0.0.1'), '203.0.113.9');
  assert.equal(of('127.0.0.1', 'unknown'), '127.0.0.1');
  assert.equal(of('127.0.0.1'), '127.0.0.1');
});

test('X-Forwarded-Proto counts from trusted proxies alone', () => {
  const trusts = trust('127.0.0.1');
  const headers = { 'x-forwarded-proto': 'https' };
  assert.equal(isSecure({ headers, remote: '127.0.0.1', trusts }, false), true);
  assert.equal(isSecure({ headers, remote: '127.0.0.2', trusts }, false), false);
  assert.equal(isSecure({ headers: {}, remote: '127.0.0.1', trusts }, true), true);
});
