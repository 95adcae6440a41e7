import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DtlsClient } from 'werift';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import type { Fingerprint } from '../thread/messages.ts';
import { Admission } from './admission.ts';
import { newIdentity, SIGNATURE } from './certificate.ts';
import { DtlsDesk, type Line } from './dtls-desk.ts';
import type { DtlsOrder, DtlsReport, Identity } from './messages.ts';
import { isAdmitted, recordsOf } from './records.ts';

const [ours, theirs, others] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);

/** A far end of werift's, at the other end of a desk: what the one sends the other gets, unless `passes` says no. */
function couple({
  fingerprints = [theirs.fingerprint],
  profiles = [7, 1] as (1 | 7)[],
  certificate = theirs.certificate,
  limits = undefined as ConstructorParameters<typeof DtlsDesk>[0]['limits'],
} = {}) {
  const clock = new FakeClock();
  const desk = new DtlsDesk({ clock, identity: ours, ...(limits === undefined ? {} : { limits }) });
  const reports: DtlsReport[] = [];
  const sent: Uint8Array[] = [];
  const settled = Promise.withResolvers<DtlsReport>();
  const transport = {
    type: 'udp',
    address: { address: '', family: 'IPv4', port: 0 },
    closed: false,
    onData: (_: Buffer, __: unknown): void => {},
    send: async (bytes: Buffer): Promise<void> => {
      sent.push(Uint8Array.from(bytes));
      desk.obey(line, { do: 'datagram', id: 'one', bytes: Uint8Array.from(bytes) });
    },
    close: async (): Promise<void> => {},
  };
  const line: Line = {
    report: (report) => {
      reports.push(report);
      if (report.say === 'datagram') setImmediate(() => transport.onData(Buffer.from(report.bytes), undefined));
      else {
        settled.resolve(report);
        if (report.say === 'failed') setImmediate(rest);
      }
    },
  };
  const client = new DtlsClient({
    transport: transport as never,
    cert: certificate,
    key: theirs.key,
    signatureHash: SIGNATURE,
    srtpProfiles: profiles,
    extendedMasterSecret: true,
  });
  const begin = (prints: readonly Fingerprint[] = fingerprints): void =>
    desk.obey(line, { do: 'begin', id: 'one', address: '192.0.2.1', fingerprints: prints });
  begin();
  void client.connect().catch(() => {});
  // Else it says hello again for half a minute.
  const rest = (): void => {
    client.dtls.flight = 99;
    desk.close();
  };
  return { clock, desk, line, reports, sent, client, settled: settled.promise, rest };
}

for (const [profiles, suite, bytes] of [
  [[1, 7], 'AEAD_AES_128_GCM', 28],
  [[1], 'AES_CM_128_HMAC_SHA1_80', 30],
] as const) {
  test(`both ends have the same keys: ${suite}`, async () => {
    const { settled, client } = couple({ profiles: [...profiles] });
    const keys = await settled;
    assert.ok(keys.say === 'keys');
    const { localKey, localSalt, remoteKey, remoteSalt } = client.extractSessionKeys(16, bytes - 16);
    assert.equal(keys.suite, suite);
    assert.deepEqual(Buffer.from(keys.theirKey), Buffer.concat([localKey, localSalt]));
    assert.deepEqual(Buffer.from(keys.ourKey), Buffer.concat([remoteKey, remoteSalt]));
  });
}

test('one fingerprint that fits is enough, in whatever letters; SHA-1 is none', async () => {
  const lower = { hash: 'SHA-256', value: theirs.fingerprint.value.toLowerCase() };
  assert.equal((await couple({ fingerprints: [others.fingerprint, lower] }).settled).say, 'keys');
  const wrong = await couple({ fingerprints: [others.fingerprint] }).settled;
  assert.deepEqual(wrong, { say: 'failed', id: 'one', why: 'wrong-fingerprint' });
  const none = await couple({ fingerprints: [{ hash: 'sha-1', value: '00' }] }).settled;
  assert.deepEqual(none, { say: 'failed', id: 'one', why: 'no-fingerprint' });
});

test('a certificate without its key proves nothing, though its fingerprint fits', async () => {
  const { settled, desk } = couple({ certificate: others.certificate, fingerprints: [others.fingerprint] });
  assert.deepEqual(await settled, { say: 'failed', id: 'one', why: 'refused' });
  assert.equal(desk.size, 0);
});

test('no suite in common is told as that', async () => {
  const { settled } = couple({ profiles: [2 as never] });
  assert.deepEqual(await settled, { say: 'failed', id: 'one', why: 'no-suite' });
});

test('a thread that takes the leg over is told what is known; the end of the old one does not matter then', async () => {
  const { settled, desk, line } = couple();
  const keys = await settled;
  const told: DtlsReport[] = [];
  const next: Line = { report: (report) => void told.push(report) };
  desk.obey(next, { do: 'adopt', id: 'one' });
  assert.deepEqual(told, [keys]);
  desk.leave(line);
  assert.equal(desk.size, 1);
  desk.leave(next);
  assert.equal(desk.size, 0);
  desk.obey(next, { do: 'adopt', id: 'one' });
  assert.deepEqual(told.at(-1), { say: 'later', id: 'one' });
});

test('an alert in the clear is nobody’s; neither is a hello behind the keys', async () => {
  const { settled, desk, line, reports, sent } = couple();
  await settled;
  await new Promise((wake) => setTimeout(wake, 50));
  const before = reports.length;
  const datagram = (bytes: Uint8Array): void => desk.obey(line, { do: 'datagram', id: 'one', bytes });
  datagram(Uint8Array.from(Buffer.from('15fefd000000000000000900020100', 'hex')));
  datagram(Uint8Array.from(Buffer.from('15fefd000100000000000900020100', 'hex')));
  datagram(sent[0]!);
  await new Promise((wake) => setTimeout(wake, 50));
  assert.deepEqual(reports.slice(before), [], 'no word, and no end');
});

test('a handshake that comes to nothing is forgotten', async () => {
  const { desk, clock, rest } = couple();
  assert.equal(desk.size, 1);
  clock.advance(40_000);
  assert.equal(desk.size, 0);
  await new Promise((wake) => setTimeout(wake, 50));
  rest();
});

test('so many handshakes of one address, so many of all; in time there are more', () => {
  const limits = { all: { burst: 5, each: 2 }, address: { burst: 3, each: 1 } };
  const admission = new Admission(0, limits);
  const of = (address: string, count: number, now: number): number =>
    Array.from({ length: count }, () => admission.admits(address, now)).filter(Boolean).length;
  assert.equal(of('a', 10, 0), 3);
  assert.equal(of('b', 10, 0), 2, 'the rest of all');
  assert.equal(of('c', 1, 400), 0);
  assert.equal(of('c', 1, 500), 1);
  assert.equal(of('a', 10, 10_000), 3);
  for (let n = 0; n < 10_000; n++) admission.admits(`address ${n}`, 10_000 + n * 1000);
  assert.equal(of('a', 10, 20_000_000), 3);
});

test('too many at once: "later", and nothing is kept', () => {
  const clock = new FakeClock();
  const desk = new DtlsDesk({ clock, identity: ours, limits: { all: { burst: 2, each: 1 }, address: { burst: 2, each: 1 } } });
  const told: DtlsReport[] = [];
  const line: Line = { report: (report) => void told.push(report) };
  for (const id of ['a', 'b', 'c']) desk.obey(line, { do: 'begin', id, address: '192.0.2.1', fingerprints: [] });
  assert.deepEqual(told, [{ say: 'later', id: 'c' }]);
  assert.equal(desk.size, 2);
});

test('whatever comes is survived, and the handshake goes on', async () => {
  const { settled, desk, line } = couple();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .tuple(fc.integer({ min: 20, max: 23 }), fc.nat(1), fc.uint8Array({ maxLength: 200 }))
          .map(([type, epoch, body]) =>
            Uint8Array.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, body.length >> 8, body.length & 255, ...body]),
          ),
        // A message that is said to be of 16 MB.
        fc.constant(Uint8Array.from(Buffer.from('16fefd000000000000000a000d01ffffff000000000000000100', 'hex'))),
      ),
      (bytes) => {
        for (const record of recordsOf(bytes)) isAdmitted(record, false);
        desk.obey(line, { do: 'datagram', id: 'none', bytes } satisfies DtlsOrder);
      },
    ),
  );
  assert.equal(
    isAdmitted(recordsOf(Uint8Array.from(Buffer.from('16fefd000000000000000a000d01ffffff000000000000000100', 'hex')))[0]!, false),
    false,
  );
  assert.equal((await settled).say, 'keys');
});

test('our fingerprint is that of our certificate, by somebody else’s reckoning', async () => {
  const { X509Certificate } = await import('node:crypto');
  const check = ({ certificate, fingerprint }: Identity): void =>
    assert.equal(new X509Certificate(certificate).fingerprint256, fingerprint.value);
  check(ours);
  check(theirs);
  assert.notEqual(ours.fingerprint.value, theirs.fingerprint.value);
});
