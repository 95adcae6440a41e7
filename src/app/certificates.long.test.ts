import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../test/kit/certificate.ts';
import { FakeAcme } from '../../test/kit/fake-acme.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { eventually } from '../../test/kit/house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { type Log, noLog } from '../base/index.ts';
import { namesOf } from './build.ts';
import { type CertificateNeeds, openCertificates } from './certificates.ts';

const DAY = 86_400_000;

/** A data directory, a clock, and a log whose lines are kept. */
function setting(change: Partial<CertificateNeeds> = {}) {
  const clock = new FakeClock();
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const line =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push({ level, message, fields: { ...fields } });
  const log: Log = { ...noLog, info: line('info'), warn: line('warn'), error: line('error') };
  const needs: CertificateNeeds = {
    dataDir: mkdtempSync(join(tmpdir(), 'parley-tls-')),
    tls: { from: 'own' },
    names: ['192.0.2.1', 'localhost', '127.0.0.1', '::1', 'box.example'],
    clock,
    chance: new SeededChance(3),
    log,
    ...change,
  };
  return { clock, lines, needs, path: (name: string) => join(needs.dataDir, 'tls', name) };
}

const leafOf = ({ cert }: { cert: string }) => new X509Certificate(cert);

test('our own certificate names every way to the server, lasts 825 days, and its key is for us alone', async () => {
  const { needs, clock, path } = setting();
  const certificates = await openCertificates(needs);
  const leaf = leafOf(certificates.context());
  for (const address of ['192.0.2.1', '127.0.0.1', '::1']) assert.ok(leaf.checkIP(address), address);
  for (const name of ['localhost', 'box.example']) assert.ok(leaf.checkHost(name), name);
  assert.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(certificates.expiresAt, Date.parse(leaf.validTo));
  assert.equal((Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / DAY, 825);
  assert.ok(Date.parse(leaf.validFrom) < clock.epoch());
  assert.ok(leaf.verify(leaf.publicKey));
  assert.equal(statSync(path('own-key.pem')).mode & 0o777, 0o600);
  assert.equal(readFileSync(path('own-cert.pem'), 'utf8'), certificates.context().cert);
  await certificates.close();
  assert.equal(clock.armed, 0);
});

test('our own certificate is kept over restarts, and made anew for a new host or a broken pair', async () => {
  const { needs, path } = setting();
  const open = async (names = needs.names) => {
    const certificates = await openCertificates({ ...needs, names });
    await certificates.close();
    return certificates.context();
  };
  const first = await open();
  assert.deepEqual(await open(), first);
  const moved = await open([...needs.names, '192.0.2.2']);
  assert.notEqual(moved.cert, first.cert);
  assert.ok(leafOf(moved).checkIP('192.0.2.2'));
  assert.deepEqual(await open(), moved, 'fewer names need no new one');
  writeFileSync(path('own-key.pem'), first.key);
  assert.notEqual((await open()).cert, moved.cert, 'a crash between the two files leaves a pair that does not match');
});

test('names that DNS would not have, and every form of address, are kept as they are and not made anew each time', async () => {
  const names = namesOf({ host: 'FD00::1', publicUrl: 'https://[2001:db8::5]:8443', sipAdvertise: '12345' });
  for (const name of ['fd00::1', '2001:db8::5', '12345', 'localhost']) assert.ok(names.includes(name), name);
  assert.ok(!namesOf({ host: 'fe80::1%eth0', publicUrl: undefined, sipAdvertise: undefined }).includes('fe80::1%eth0'));
  const { needs } = setting({ names: [...names, 'my_box', 'a--b'] });
  const first = await openCertificates(needs);
  const second = await openCertificates(needs);
  assert.equal(first.context().cert, second.context().cert);
  assert.ok(leafOf(first.context()).checkIP('2001:db8::5'));
  await first.close();
  await second.close();
});

test('our own certificate is renewed 30 days before its end while the server runs', async () => {
  const { needs, clock } = setting();
  const certificates = await openCertificates(needs);
  const first = certificates.context();
  let told = 0;
  certificates.onChange(() => {
    told += 1;
  });
  for (let day = 0; day < 793; day += 1) clock.advance(DAY);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(certificates.context(), first);
  clock.advance(2 * DAY);
  await eventually(() => told > 0, 'nobody was told');
  const left = Date.parse(leafOf(certificates.context()).validTo) - clock.epoch();
  assert.ok(left > 800 * DAY);
  await certificates.close();
});

test('files are shown, followed while they change, and never given up for broken ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pem-'));
  const tls = { from: 'files', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') } as const;
  const write = (pair: { cert?: string; key?: string }) => {
    if (pair.cert !== undefined) writeFileSync(tls.cert, pair.cert);
    if (pair.key !== undefined) writeFileSync(tls.key, pair.key);
  };
  const { needs, clock, lines } = setting({ tls });
  const made = { from: clock.epoch() - DAY, days: 90 };
  const [one, two] = [await selfSigned('one.example', [], made), await selfSigned('two.example', [], made)];
  write(one);
  const certificates = await openCertificates(needs);
  let told = 0;
  certificates.onChange(() => {
    told += 1;
  });
  assert.deepEqual(certificates.context(), one);
  clock.advance(60_000);
  assert.equal(told, 0);
  write({ cert: two.cert });
  clock.advance(5000);
  assert.deepEqual(certificates.context(), one, 'half of a change is no change');
  write({ key: two.key });
  clock.advance(5000);
  assert.deepEqual(certificates.context(), two);
  assert.equal(told, 1);
  assert.equal(lines.length, 0, 'a change that was seen half-way is not worth a line');
  write({ key: 'nonsense' });
  clock.advance(60_000);
  assert.deepEqual(certificates.context(), two);
  assert.equal(lines.length, 1, 'said once');
  assert.match(String(lines[0]?.message), /cannot be used; the one in use stays/);
  await certificates.close();
  assert.equal(clock.armed, 0);
});

test('files that are not there are said in one line, our own certificate serves, and they are taken when they come', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pem-'));
  const tls = { from: 'files', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') } as const;
  const { needs, clock, lines } = setting({ tls });
  const certificates = await openCertificates(needs);
  assert.ok(leafOf(certificates.context()).checkHost('box.example'));
  clock.advance(60_000);
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, String(fields['reason']).slice(0, 6)]),
    [['error', 'ENOENT']],
  );
  const pair = await selfSigned('late.example', [], { from: clock.epoch() - DAY, days: 90 });
  writeFileSync(tls.key, pair.key);
  writeFileSync(tls.cert, pair.cert);
  clock.advance(5000);
  assert.deepEqual(certificates.context(), pair);
  await certificates.close();
});

/** A certificate authority, and a server that answers its challenges as the HTTP side does. */
async function withAuthority(days = 90) {
  let answer: (token: string) => string | undefined = () => undefined;
  const web = createServer((request, response) => {
    const found = answer(request.url?.replace('/.well-known/acme-challenge/', '') ?? '');
    response.writeHead(found === undefined ? 404 : 200).end(found);
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  let now = (): number => 0;
  const at = setting();
  now = () => at.clock.epoch();
  const authority = await FakeAcme.open({ challengePort: () => (web.address() as AddressInfo).port, days, now: () => now() });
  const tls = { from: 'acme' as const, domains: ['a.example', 'b.example'], email: 'me@a.example', directory: authority.directory };
  const opened: { close(): Promise<void> }[] = [];
  return {
    ...at,
    authority,
    /** Opens, and asks the authority. */
    start: async (change: Partial<typeof tls> = {}) => {
      const certificates = await openCertificates({ ...at.needs, tls: { ...tls, ...change } });
      opened.push(certificates);
      answer = (token) => certificates.acmeAnswer(token);
      certificates.begin();
      at.clock.advance(0);
      return certificates;
    },
    serveNothing: () => {
      answer = () => undefined;
    },
    /** Lets the client's pauses pass until something is so. */
    until: (look: () => boolean, otherwise: string) =>
      eventually(() => {
        if (look()) return true;
        at.clock.advance(2000);
        return false;
      }, otherwise),
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each.close();
      await authority.close();
      web.close();
      web.closeAllConnections();
    },
  };
}

test('ACME: a certificate for every name comes after the challenges, is kept, and needs no order at the next start', async () => {
  await using house = await withAuthority();
  const certificates = await house.start();
  assert.ok(leafOf(certificates.context()).checkHost('box.example'), 'our own serves meanwhile');
  await house.until(() => leafOf(certificates.context()).issuer.includes('Fake authority'), 'no certificate came');
  const { cert } = certificates.context();
  const leaf = leafOf({ cert });
  for (const name of ['a.example', 'b.example']) assert.ok(leaf.checkHost(name), name);
  assert.ok(leaf.verify(new X509Certificate(house.authority.root).publicKey));
  assert.equal(cert.match(/BEGIN CERTIFICATE/g)?.length, 2, 'with its chain');
  assert.deepEqual(
    house.authority.accounts.map(({ contact }) => contact),
    [['mailto:me@a.example']],
  );
  for (const name of ['acme-account-key.pem', 'acme-key.pem']) assert.equal(statSync(house.path(name)).mode & 0o777, 0o600, name);
  const orders = () => house.authority.asked.filter((each) => each === 'POST /order').length;
  await certificates.close();
  assert.deepEqual((await house.start()).context(), { cert, key: certificates.context().key });
  house.clock.advance(50 * DAY);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(orders(), 1);
  const other = await house.start({ domains: ['c.example'] });
  assert.ok(leafOf(other.context()).checkHost('box.example'), 'a kept certificate for other names is not shown');
  await house.until(() => leafOf(other.context()).checkHost('c.example') !== undefined, 'no certificate for the new name');
  assert.equal(house.authority.accounts.length, 1, 'the account key is kept');
});

test('ACME: renewal comes 30 days before the end, without a gap', async () => {
  await using house = await withAuthority();
  const certificates = await house.start();
  await house.until(() => leafOf(certificates.context()).checkHost('a.example') !== undefined, 'no certificate came');
  const first = certificates.context();
  house.clock.advance(59 * DAY);
  assert.deepEqual(certificates.context(), first);
  const asked = house.authority.asked.length;
  house.clock.advance(DAY);
  await house.until(() => certificates.context().cert !== first.cert, 'it was not renewed');
  assert.ok(house.authority.asked.length > asked);
  assert.equal(house.lines.filter(({ level }) => level !== 'info').length, 0);
});

test('ACME: a short-lived certificate is renewed after two thirds of its life, not at once', async () => {
  await using house = await withAuthority(6);
  const certificates = await house.start();
  await house.until(() => leafOf(certificates.context()).checkHost('a.example') !== undefined, 'no certificate came');
  const first = certificates.context();
  const orders = () => house.authority.asked.filter((each) => each === 'POST /order').length;
  const wait = async (days: number) => {
    house.clock.advance(days * DAY);
    // Whoever orders is heard of after some turns of the loop at the latest.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await fetch(house.authority.directory);
  };
  for (let hour = 0; hour < 93; hour += 1) await wait(1 / 24);
  assert.equal(orders(), 1);
  await wait(0.2);
  await house.until(() => certificates.context().cert !== first.cert, 'it was not renewed');
  assert.equal(orders(), 2);
});

test('ACME: a failure is one line with the reason, our own certificate serves, and the next try is ever later', async () => {
  await using house = await withAuthority();
  house.authority.trouble = {
    status: 403,
    body: { type: 'urn:ietf:params:acme:error:rejectedIdentifier', detail: 'we do not serve a.example' },
  };
  const certificates = await house.start();
  const failures = () => house.lines.filter(({ level }) => level === 'warn');
  await eventually(() => failures().length === 1, 'the failure was not said');
  house.clock.advance(59_000);
  assert.equal(failures().length, 1);
  house.clock.advance(1000);
  await eventually(() => failures().length === 2, 'there was no second try');
  assert.deepEqual(
    failures().map(({ fields }) => fields['retry_in_s']),
    [60, 240],
  );
  house.authority.trouble = undefined;
  house.serveNothing();
  house.clock.advance(240_000);
  await house.until(() => failures().length === 3, 'a challenge that is not answered did not fail');
  assert.match(String(failures()[2]?.fields['reason']), /[ab]\.example answered wrongly/);
  assert.ok(leafOf(certificates.context()).checkHost('box.example'));
});

test('ACME: closing in the middle of an order waits for nothing', { timeout: 5000 }, async () => {
  await using house = await withAuthority();
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const certificates = await house.start({ directory: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/` });
  await once(silent, 'request');
  await certificates.close();
  assert.equal(house.clock.armed, 0);
  assert.equal(house.lines.length, 0);
  silent.closeAllConnections();
  silent.close();
});
