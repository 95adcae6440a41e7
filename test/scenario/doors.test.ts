import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { WebSocket } from 'ws';
import { selfSigned } from '../kit/certificate.ts';
import { FakeAcme } from '../kit/fake-acme.ts';
import { eventually, House, startHouse } from '../kit/house.ts';

async function get(url: string, trust: { ca: string; servername?: string }): Promise<{ status: number; body: string }> {
  const asked = request(url, { ...trust, agent: false }).end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const bytes of response) body += bytes;
  return { status: response.statusCode, body };
}

test('the first start makes a certificate; HTTPS, wss and SIP over TLS stand beside HTTP and SIP, and the ready line names them', async () => {
  await using house = await startHouse();
  const own = readFileSync(join(house.dataDir, 'tls/own-cert.pem'), 'utf8');
  assert.equal(statSync(join(house.dataDir, 'tls/own-key.pem')).mode & 0o777, 0o600);
  assert.ok(house.https);
  assert.equal((await get(`${house.https}/healthz`, { ca: own })).body, '{"status":"ok"}');
  const port = new URL(house.https).port;
  assert.equal((await get(`https://localhost:${port}/readyz`, { ca: own })).status, 200);
  const socket = new WebSocket(`wss://localhost:${port}/sip`, 'sip', { ca: own });
  await once(socket, 'open');
  assert.equal(socket.protocol, 'sip');
  socket.terminate();
  assert.ok(house.sips);
  const [host, sipPort] = house.sips.split(':');
  const phone = connect({ host, port: Number(sipPort), ca: own });
  await once(phone, 'secureConnect');
  assert.ok(phone.authorized);
  phone.destroy();
  assert.ok(
    house.output.includes(
      `dial sip:3000@${house.sip} (UDP, TCP) or sips:3000@${house.sips} (TLS), console ${house.http}/console, HTTP ${house.http}, HTTPS ${house.https}, events ${house.blackhole}, data in`,
    ),
  );
});

/** Asks over a websocket, and gives the answers to it in order. */
async function overSocket(house: House, method: string, body = '') {
  const socket = new WebSocket(`${house.http.replace('http', 'ws')}/sip`, 'sip');
  const answers: string[] = [];
  socket.on('message', (data) => answers.push(String(data)));
  await once(socket, 'open');
  const lines = [
    `${method} sip:3000@${house.sip} SIP/2.0`,
    `Via: SIP/2.0/WS phone.invalid;branch=z9hG4bK${method}`,
    'From: <sip:me@phone.invalid>;tag=1',
    `To: <sip:3000@${house.sip}>`,
    `Call-ID: ${method}-1`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:me@phone.invalid;transport=ws>',
    'Max-Forwards: 70',
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
  ];
  socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const last = await eventually(() => answers.find((each) => /^SIP\/2\.0 [2-6]/.test(each)), `${method} was not answered`);
  return { last, [Symbol.dispose]: () => socket.terminate() };
}

test('an OPTIONS over a websocket is answered over it', async () => {
  await using house = await startHouse();
  using asked = await overSocket(house, 'OPTIONS');
  assert.match(asked.last, /^SIP\/2\.0 200 /);
});

test('behind NAT, Contact and SDP tell the addresses that were named; ready.json tells where the server listens', async () => {
  await using house = await startHouse({ env: { PARLEY_SIP_ADVERTISE: 'sip.example', PARLEY_MEDIA_ADVERTISE: '203.0.113.9' } });
  const offer = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 4000 RTP/AVP 0', ''].join('\r\n');
  using call = await overSocket(house, 'INVITE', offer);
  assert.match(call.last, /^SIP\/2\.0 200 /);
  assert.match(call.last, /^Contact: <sip:(\S+@)?sip\.example:\d+/m);
  assert.match(call.last, /^c=IN IP4 203\.0\.113\.9\r$/m);
  assert.match(house.sip, /^127\.0\.0\.1:/);
});

test('without TLS ports no certificate is made', async () => {
  await using house = await startHouse({ env: { PARLEY_HTTPS_PORT: 'off', PARLEY_SIP_TLS_PORT: 'off' } });
  assert.equal(house.https, undefined);
  assert.equal(house.sips, undefined);
  assert.equal(existsSync(join(house.dataDir, 'tls')), false);
  assert.ok(!house.output.includes('HTTPS'));
});

test('a certificate in files is shown, and another one put in its place while the server runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pem-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const [one, two] = [await selfSigned('one.example', ['127.0.0.1']), await selfSigned('two.example', ['127.0.0.1'])];
  const write = (pair: { cert: string; key: string }) => {
    writeFileSync(key, pair.key);
    writeFileSync(cert, pair.cert);
  };
  write(one);
  await using house = await startHouse({ env: { PARLEY_TLS_CERT: cert, PARLEY_TLS_KEY: key } });
  assert.equal((await get(`${house.https}/healthz`, { ca: one.cert })).status, 200);
  await assert.rejects(get(`${house.https}/healthz`, { ca: two.cert }));
  write(two);
  await eventually(
    () =>
      get(`${house.https}/healthz`, { ca: two.cert }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    'the new one is not shown',
    12_000,
  );
});

test('a certificate comes by ACME while the server runs, its challenge answered on the HTTP port, and is there at the next start', async () => {
  const port = Promise.withResolvers<number>();
  await using authority = await FakeAcme.open({ challengePort: () => port.promise });
  const env = { PARLEY_TLS_ACME_DOMAINS: 'parley.example', PARLEY_TLS_ACME_DIRECTORY: authority.directory };
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-acme-'));
  const house = await startHouse({ env, dataDir });
  const named = { ca: authority.root, servername: 'parley.example' };
  const own = readFileSync(join(dataDir, 'tls/own-cert.pem'), 'utf8');
  assert.equal((await get(`${house.https}/healthz`, { ca: own })).status, 200, 'our own serves meanwhile');
  port.resolve(Number(new URL(house.http).port));
  const isShown = () =>
    get(`${house.https}/healthz`, named).then(
      ({ status }) => status === 200,
      () => false,
    );
  await eventually(isShown, 'the certificate is not shown', 15_000);
  const phone = connect({ host: '127.0.0.1', port: Number(house.sips?.split(':')[1]), ...named });
  await once(phone, 'secureConnect');
  phone.destroy();
  await house.close();
  authority.trouble = { status: 503, body: {} };
  await using again = await startHouse({ env, dataDir });
  assert.equal((await get(`${again.https}/healthz`, named)).status, 200);
  assert.equal(authority.asked.filter((each) => each === 'POST /order').length, 1);
});

test('two servers on one data directory: the second is refused with a line; a killed one keeps nobody out', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-twice-'));
  const first = await startHouse({ dataDir });
  const second = new House({ dataDir });
  await assert.rejects(
    second.start(),
    new RegExp(`ended with 2:\nparley: a Parley with process id ${first.pid} uses ${dataDir}; stop it, or give`),
  );
  assert.equal((await first.fetch('GET', '/healthz')).status, 200);
  assert.ok(existsSync(first.readyFile), 'the refused one touched nothing');
  await first.kill();
  await second.start();
  await second.close();
  rmSync(dataDir, { recursive: true });
});

test('two servers that start at once on one data directory: one becomes ready', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-race-'));
  const both = [new House({ dataDir }), new House({ dataDir })];
  const outcomes = await Promise.allSettled(both.map((each) => each.start()));
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const refused = outcomes.find((each) => each.status === 'rejected');
  assert.match(String(refused?.reason), /ended with 2:\nparley: a Parley.* uses /);
  for (const [index, { status }] of outcomes.entries()) if (status === 'fulfilled') await both[index]!.close();
  rmSync(dataDir, { recursive: true });
});

test('PARLEY_HOST=auto listens on an address that others can reach, or says that there is none', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && !each.address.startsWith('fe80:'));
  const house = new House({ env: { PARLEY_HOST: 'auto' } });
  if (outside.length === 0) {
    await assert.rejects(house.start(), /parley: host is auto, but this machine has no external address; name one in PARLEY_HOST/);
    return;
  }
  await house.start();
  const { hostname } = new URL(house.http);
  assert.ok(outside.map(({ address }) => address).includes(hostname.replace(/^\[|\]$/g, '')), hostname);
  assert.doesNotMatch(hostname, /^(127\.|0\.0\.0\.0|\[::1?\])/);
  assert.equal(new URL(`sip://${house.sip}`).hostname, hostname);
  assert.equal((await house.fetch('GET', '/healthz')).status, 200);
  const own = readFileSync(join(house.dataDir, 'tls/own-cert.pem'), 'utf8');
  assert.equal((await get(`${house.https}/healthz`, { ca: own })).status, 200, 'the certificate names that address');
  await house.close();
});

test('PARLEY_HOST=auto without an external address is one clear line', async () => {
  // A network of its own (unshare) has the loopback at most; where that is not allowed the test above has to do.
  const env = { PATH: process.env['PATH'], PARLEY_HOST: 'auto', PARLEY_DATA_DIR: mkdtempSync(join(tmpdir(), 'parley-alone-')) };
  const alone = spawn('unshare', ['--net', '--map-root-user', process.execPath, 'src/cli/main.ts', 'start'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [alone.stdout, alone.stderr]) stream.on('data', (bytes) => (said += bytes));
  alone.on('error', () => {});
  const code = await new Promise<number | null>((resolve) => alone.once('close', resolve));
  if (/unshare/.test(said) || code === null || code < 0) return;
  assert.equal(code, 2, said);
  assert.match(said, /^parley: host is auto, but this machine has no external address; name one in PARLEY_HOST\n$/);
});
