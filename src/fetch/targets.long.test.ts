import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { noLog } from '../base/index.ts';
import { isAllowance } from './addresses.ts';
import type { Lookup } from './fetch-types.ts';
import { openFetch } from './open-fetch.ts';

const open = (allow: readonly string[] = [], lookup?: Lookup) =>
  openFetch({ clock: new FakeClock(), log: noLog, allow, ...(lookup === undefined ? {} : { lookup }) });

// Every one means an address inside, in one of the spellings by which filters were passed before.
const INSIDE = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.255.255.254:8080/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.0.0.1./',
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http://①②⑦.0.0.1/',
  'http://0/',
  'http://0.0.0.0/',
  'http://0.1.2.3/',
  'http://[::1]/',
  'http://[::]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[0:0:0:0:0:ffff:a00:1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[64:ff9b:1::a00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:53aa:64c::1]/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://100.127.255.255/',
  'http://169.254.169.254/latest/meta-data/',
  'http://168.63.129.16/',
  'http://[fd00:ec2::254]/',
  'http://[fc00::1]/',
  'http://[fdff::1]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://224.0.0.1/',
  'http://239.255.255.255/',
  'http://255.255.255.255/',
  'http://240.0.0.1/',
  'http://[ff02::1]/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://[2001:db8::1]/',
  'http://localhost/',
  'http://LOCALHOST:8000/',
  'http://localhost./',
  'http://parley.localhost/',
  'http://public.example@127.0.0.1/',
  'http://127.0.0.1#@public.example/',
  'http://127.0.0.1\\@public.example/',
  'http:127.0.0.1',
  'http:////127.0.0.1/',
  ' http://127.0.0.1/',
  'ht\ntp://127.0.0.1/',
];

test('no spelling of an address inside is taken', async () => {
  const door = open([], async () => assert.fail('an address is not looked up'));
  for (const url of INSIDE) {
    assert.notEqual(door.refuses(url), undefined, url);
    assert.ok('refused' in (await door.post({ url, headers: {}, body: '', timeoutMs: 1000 })), url);
    assert.ok('refused' in (await door.ask({ url, timeoutMs: 1000 })), url);
  }
  await door.close();
});

test('other schemes, users in URLs and nonsense are not taken', async () => {
  const door = open();
  for (const url of ['file:///etc/passwd', 'ftp://public.example/', 'gopher://public.example/', 'data:,x', '', 'public.example', 'http://'])
    assert.notEqual(door.refuses(url), undefined, url);
  assert.match(door.refuses('https://user:secret@public.example/') ?? '', /user or password/);
  assert.match(door.refuses('http://[fe80::1%25eth0]/') ?? '', /not a URL/);
  await door.close();
});

test('what is public may be tried', async () => {
  const door = open();
  for (const url of [
    'https://public.example/hook?x=1',
    'http://8.8.8.8/',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'http://192.0.1.1/',
    'http://[2606:4700::1111]/',
    'http://[64:ff9b::808:808]/',
    'https://xn--bcher-kva.example:8443/',
    'https://localhost.example/',
  ])
    assert.equal(door.refuses(url), undefined, url);
  await door.close();
});

test('what is allowed may be tried, and nothing beside it', async () => {
  const some = open(['192.168.1.0/24', 'fd12::/16']);
  assert.equal(some.refuses('http://192.168.1.7/'), undefined);
  assert.equal(some.refuses('http://[fd12::7]/'), undefined);
  for (const url of ['http://192.168.2.7/', 'http://127.0.0.1/', 'http://[fd13::7]/']) assert.notEqual(some.refuses(url), undefined, url);
  const words = open(['private', 'loopback']);
  for (const url of [
    'http://10.1.2.3/',
    'http://172.20.0.1/',
    'http://[fd00::1]/',
    'http://localhost/',
    'http://[::1]/',
    'http://127.0.0.2/',
  ])
    assert.equal(words.refuses(url), undefined, url);
  for (const url of ['http://100.64.0.1/', 'http://169.254.1.1/']) assert.notEqual(words.refuses(url), undefined, url);
  await some.close();
  await words.close();
});

test('a wide network does not give away the secrets of the cloud; the address itself does', async () => {
  const wide = open(['0.0.0.0/0', '::/0', '169.254.0.0/16', 'private']);
  assert.equal(wide.refuses('http://169.254.1.1/'), undefined);
  for (const url of [
    'http://169.254.169.254/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fd00:ec2::254]/',
    'http://168.63.129.16/',
  ])
    assert.match(wide.refuses(url) ?? '', /cloud metadata/, url);
  const named = open(['169.254.169.254']);
  assert.equal(named.refuses('http://169.254.169.254/'), undefined);
  assert.notEqual(named.refuses('http://169.254.169.253/'), undefined);
  await wide.close();
  await named.close();
});

test('what may stand in the list', () => {
  for (const good of ['10.0.0.0/8', '192.168.1.7', 'fd00::/8', 'private', 'loopback']) assert.ok(isAllowance(good), good);
  for (const bad of ['', 'lan', 'example.org', '10.0.0.0/40', 'constructor']) assert.ok(!isAllowance(bad), bad);
  assert.throws(() => open(['lan']), TypeError);
});
