import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransportName } from '../flow.ts';
import { type Finding, type Names, type PointerRecord, type ServiceRecord, waysTo } from './names.ts';

const service = (host: string, port: number, priority = 1, weight = 0): ServiceRecord => ({ host, port, priority, weight });
const pointer = (order: number, preference: number, name: string, replacement: string, flags = 's'): PointerRecord => ({
  order,
  preference,
  flags,
  service: name,
  replacement,
});

/** A world of names; what was asked, in order. */
function world(records: { a?: Record<string, string[]>; srv?: Record<string, ServiceRecord[]>; naptr?: Record<string, PointerRecord[]> }) {
  const asked: string[] = [];
  const names: Names = {
    addresses: async (host) => records.a?.[host] ?? [],
    services: async (name) => {
      asked.push(name);
      return records.srv?.[name] ?? [];
    },
    pointers: async (domain) => records.naptr?.[domain] ?? [],
  };
  const ways = async (uri: string, more: Partial<Finding> = {}) => {
    const transports = new Set<TransportName>(['UDP', 'TCP', 'TLS']);
    const found = await waysTo(uri, { names, transports, chance: () => 0, family: 4, ...more });
    return found.map(({ transport, address, port }) => `${transport} ${address}:${port}`);
  };
  return { ways, asked };
}

test('NAPTR says which transport a domain prefers, by order before preference (RFC 3263 §4.1)', async () => {
  const { ways, asked } = world({
    a: { 'one.far.test': ['192.0.2.1'], 'two.far.test': ['192.0.2.2'], 'three.far.test': ['192.0.2.3'] },
    srv: {
      '_sips._tcp.far.test': [service('one.far.test', 5061)],
      'tcp.elsewhere.test': [service('two.far.test', 5070)],
      '_sip._udp.far.test': [service('three.far.test', 5060)],
    },
    naptr: {
      'far.test': [
        pointer(20, 1, 'SIP+D2U', '_sip._udp.far.test'),
        pointer(10, 60, 'SIP+D2T', 'tcp.elsewhere.test'),
        pointer(10, 50, 'sips+d2t', '_sips._tcp.far.test', 'S'),
        pointer(1, 1, 'SIP+D2T', 'not-by-srv.test', 'u'),
        pointer(1, 1, 'E2U+email', 'mail.test'),
      ],
    },
  });
  assert.deepEqual(await ways('sip:bob@far.test'), ['TLS 192.0.2.1:5061', 'TCP 192.0.2.2:5070', 'UDP 192.0.2.3:5060']);
  assert.deepEqual(asked.sort(), ['_sip._udp.far.test', '_sips._tcp.far.test', 'tcp.elsewhere.test']);
  assert.deepEqual(await ways('sip:bob@far.test;transport=udp'), ['UDP 192.0.2.3:5060'], 'a transport that is named is the only one');
  assert.deepEqual(await ways('sips:bob@far.test'), ['TLS 192.0.2.1:5061'], 'sips is TLS alone');
  assert.deepEqual(
    await ways('sip:bob@far.test', { transports: new Set<TransportName>(['UDP']) }),
    ['UDP 192.0.2.3:5060'],
    'what we do not speak is left out',
  );
});

test('without NAPTR the services are asked for by their names, without those the host itself', async () => {
  const { ways } = world({
    a: { 'far.test': ['192.0.2.9', '2001:db8::9'], 'b.far.test': ['192.0.2.2'], 'a.far.test': ['192.0.2.1'] },
    srv: {
      '_sip._udp.with.test': [service('b.far.test', 5062, 2), service('a.far.test', 5061, 1)],
      '_sip._tcp.none.test': [service('.', 0)],
    },
  });
  assert.deepEqual(await ways('sip:bob@with.test'), ['UDP 192.0.2.1:5061', 'UDP 192.0.2.2:5062'], 'by priority');
  assert.deepEqual(await ways('sip:bob@far.test'), ['UDP 192.0.2.9:5060']);
  assert.deepEqual(await ways('sip:bob@far.test', { family: 6 }), ['UDP 2001:db8::9:5060']);
  assert.deepEqual(await ways('sip:bob@with.test:5099'), [], 'a port is no service: the host has no address');
  assert.deepEqual(await ways('sip:bob@none.test'), []);
  assert.deepEqual(await ways('sip:bob@192.0.2.7;transport=tcp'), ['TCP 192.0.2.7:5060']);
  assert.deepEqual(await ways('sip:bob@192.0.2.7;transport=sctp'), []);
});

test('of services of one priority the heavier is drawn more often (RFC 2782)', async () => {
  const { ways } = world({
    a: { 'light.test': ['192.0.2.1'], 'heavy.test': ['192.0.2.2'] },
    srv: { '_sip._udp.far.test': [service('light.test', 5060, 1, 1), service('heavy.test', 5060, 1, 9)] },
  });
  let heavy = 0;
  for (let n = 0; n < 110; n++) {
    const [first] = await ways('sip:bob@far.test', { chance: () => n / 110 });
    if (first === 'UDP 192.0.2.2:5060') heavy += 1;
  }
  // Weights 1 and 9: nine tenths, by RFC 2782's way of drawing from 0 up to and with the sum.
  assert.ok(heavy >= 85 && heavy <= 105, `${heavy} of 110`);
});

test('a domain with hundreds of servers is not tried for ever', async () => {
  const hosts = Array.from({ length: 300 }, (_, n) => `h${n}.test`);
  const { ways } = world({
    a: Object.fromEntries(hosts.map((host) => [host, ['192.0.2.1']])),
    srv: { '_sip._udp.far.test': hosts.map((host, n) => service(host, 5000 + n, n)) },
  });
  assert.equal((await ways('sip:bob@far.test')).length, 8);
});
