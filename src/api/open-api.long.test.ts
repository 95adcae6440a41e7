import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { openHouse } from '../../test/kit/api-house.ts';
import { selfSigned } from '../../test/kit/certificate.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SystemClock } from '../base/index.ts';
import { type AcceptedSocket, type ApiOptions, openApi, type SocketPeer } from './index.ts';

const first = await selfSigned('localhost', ['127.0.0.1']);
const second = await selfSigned('localhost.example', ['127.0.0.1']);

/** A certificate that can be changed. */
function certificates() {
  let now = first;
  const told = new Set<() => void>();
  return {
    told,
    context: () => now,
    onChange: (tell: () => void) => {
      told.add(tell);
      return () => void told.delete(tell);
    },
    renew: () => {
      now = second;
      for (const tell of told) tell();
    },
  };
}

/** A whole API that listens; every accepted socket is kept and, unless `echo` is off, answers what it hears. */
async function open(change: Partial<ApiOptions> = {}, { echo = true } = {}) {
  const { options } = await openHouse();
  const source = certificates();
  const taken: { socket: AcceptedSocket; peer: SocketPeer }[] = [];
  const api = await openApi({
    ...options,
    clock: new SystemClock(),
    secure: { port: 0, certificates: source },
    onSipSocket: (socket, peer) => {
      taken.push({ socket, peer });
      if (echo) socket.onMessage((frame) => socket.send(typeof frame === 'string' ? `text ${frame}` : Buffer.from(frame).reverse()));
    },
    ...change,
  });
  const [plain, secure] = [api.url, api.secureUrl ?? ''].map((url) => Number(new URL(url).port));
  return { api, source, taken, plain: plain ?? 0, secure: secure ?? 0, [Symbol.asyncDispose]: () => api.close() };
}

async function get(url: string, headers: Record<string, string> = {}) {
  const ask = url.startsWith('https') ? httpsRequest : httpRequest;
  const request = ask(url, { headers, ca: [first.cert, second.cert], agent: false }).end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const bytes of response) body += bytes;
  return { status: response.statusCode as number, headers: response.headers, body };
}

/** Opens a websocket; gives the status when it is refused. */
async function socketTo(url: string, protocol: string | string[] = 'sip', headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, protocol, { ca: [first.cert, second.cert], headers });
  const refused = once(socket, 'unexpected-response').then(([request, response]) => {
    request.destroy();
    return response.statusCode as number;
  });
  socket.on('error', () => {});
  const opened = once(socket, 'open').then(() => undefined);
  const status = await Promise.race([opened, refused]);
  return { socket, status };
}

test('HTTP and HTTPS serve the same routes; TLS 1.1 is refused', async () => {
  await using house = await open();
  assert.equal((await get(`${house.api.url}/healthz`)).body, '{"status":"ok"}');
  assert.equal((await get(`${house.api.secureUrl}/healthz`)).body, '{"status":"ok"}');
  assert.equal(JSON.parse((await get(`${house.api.secureUrl}/`)).body).url, house.api.secureUrl);
  assert.equal((await get(`${house.api.secureUrl}/`)).headers['strict-transport-security'], undefined);
  const old = connectTls({ port: house.secure, host: '127.0.0.1', ca: first.cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
  const [error] = await once(old, 'error');
  assert.match(String(error), /protocol|version|ssl/i);
});

test('a renewed certificate is shown to new connections and leaves the old ones alone', async () => {
  await using house = await open();
  const shown = async () => {
    const socket = connectTls({ port: house.secure, host: '127.0.0.1', ca: [first.cert, second.cert], servername: '' });
    await once(socket, 'secureConnect');
    return socket;
  };
  const serial = (socket: TLSSocket) => socket.getPeerCertificate().serialNumber;
  const old = await shown();
  house.source.renew();
  const young = await shown();
  assert.notEqual(serial(old), serial(young));
  old.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await once(old, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 200/);
  for (const socket of [old, young]) socket.destroy();
});

test('a websocket of subprotocol sip is handed over, by ws and wss, with text and binary frames apart', async () => {
  await using house = await open();
  for (const url of [`ws://127.0.0.1:${house.plain}/sip`, `wss://127.0.0.1:${house.secure}/sip?x=1`]) {
    const { socket, status } = await socketTo(url, ['other', 'sip']);
    assert.equal(status, undefined);
    assert.equal(socket.protocol, 'sip');
    assert.equal(socket.extensions, '', 'no compression');
    socket.send('hello');
    assert.deepEqual((await once(socket, 'message')).map(String)[0], 'text hello');
    socket.send(Buffer.from([1, 2, 3]));
    assert.deepEqual([...(await once(socket, 'message'))[0]], [3, 2, 1]);
    const { peer } = house.taken.at(-1)!;
    assert.equal(peer.address, '127.0.0.1');
    assert.equal(peer.secure, url.startsWith('wss'));
    assert.ok(peer.port > 0);
    const gone = once(socket, 'close');
    house.taken.at(-1)!.socket.close();
    assert.equal((await gone)[0], 1000);
  }
});

test('a wrong path is 404, a wrong subprotocol 400, no websocket 426, other upgrades are not done', async () => {
  await using house = await open();
  const ws = `ws://127.0.0.1:${house.plain}`;
  assert.equal((await socketTo(`${ws}/sop`)).status, 404);
  assert.equal((await socketTo(`${ws}/v2/accounts`)).status, 404);
  assert.equal((await socketTo(`${ws}/sip`, 'mqtt')).status, 400);
  assert.equal((await socketTo(`${ws}/sip`, [])).status, 400);
  assert.equal((await get(`${house.api.url}/sip`)).status, 426);
  assert.equal((await get(`${house.api.url}/healthz`, { connection: 'upgrade', upgrade: 'h2c' })).status, 200);
  assert.equal(house.taken.length, 0);
  await using closed = await open({ onSipSocket: undefined as never });
  assert.equal((await socketTo(`ws://127.0.0.1:${closed.plain}/sip`)).status, 404);
});

test('a frame above 64 KiB closes the socket with 1009; one of 64 KiB is taken', async () => {
  await using house = await open();
  const { socket } = await socketTo(`ws://127.0.0.1:${house.plain}/sip`);
  socket.send('x'.repeat(65_531));
  assert.equal(String((await once(socket, 'message'))[0]).length, 65_536);
  const gone = new Promise<void>((resolve) => house.taken[0]!.socket.onClose(resolve));
  socket.send('x'.repeat(65_537));
  assert.equal((await once(socket, 'close'))[0], 1009);
  await gone;
});

test('one address opens 200 sockets and no more; a closed one makes room', async () => {
  await using house = await open();
  const url = `ws://127.0.0.1:${house.plain}/sip`;
  const sockets = await Promise.all(Array.from({ length: 200 }, () => socketTo(url)));
  assert.ok(sockets.every(({ status }) => status === undefined));
  assert.equal((await socketTo(url)).status, 429);
  const gone = new Promise<void>((resolve) => house.taken[0]!.socket.onClose(resolve));
  house.taken[0]!.socket.close();
  await gone;
  const again = await socketTo(url);
  assert.equal(again.status, undefined);
  for (const { socket } of [...sockets, again]) socket.terminate();
});

test('a far end that shows no life for a minute is forgotten; one that answers pings stays', { timeout: 5000 }, async () => {
  const clock = new FakeClock();
  await using house = await open({ clock });
  const url = `ws://127.0.0.1:${house.plain}/sip`;
  const { socket: alive } = await socketTo(url);
  const dead = new WebSocket(url, 'sip', { autoPong: false });
  await once(dead, 'open');
  const gone = once(dead, 'close');
  for (let beat = 0; beat < 3; beat += 1) {
    const pinged = once(alive, 'ping');
    clock.advance(30_000);
    await pinged;
    alive.send('beat');
    await once(alive, 'message');
  }
  assert.equal((await gone)[0], 1006);
  assert.equal(alive.readyState, WebSocket.OPEN);
  const left = new Promise<void>((resolve) => house.taken[0]!.socket.onClose(resolve));
  alive.terminate();
  await left;
  assert.equal(clock.armed, 0, 'nothing beats for nobody');
});

test('X-Forwarded headers count from trusted proxies alone, for requests and for sockets', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'parley.example' };
  for (const trustedProxies of [[], ['127.0.0.0/8']]) {
    await using house = await open({ trustedProxies });
    const isTrusted = trustedProxies.length > 0;
    const { url } = JSON.parse((await get(`${house.api.url}/`, headers)).body);
    assert.equal(url, isTrusted ? 'https://parley.example' : house.api.url);
    const { socket } = await socketTo(`ws://127.0.0.1:${house.plain}/sip`, 'sip', headers);
    const { address, secure } = house.taken[0]!.peer;
    assert.deepEqual({ address, secure }, isTrusted ? { address: '203.0.113.9', secure: true } : { address: '127.0.0.1', secure: false });
    socket.terminate();
  }
});

test('the public URL is the base of every link', async () => {
  await using house = await open({ publicUrl: 'https://parley.example/base' });
  assert.equal(JSON.parse((await get(`${house.api.url}/`)).body).url, 'https://parley.example/base');
  assert.equal(JSON.parse((await get(`${house.api.url}/api/openapi.json`)).body).servers[0].url, 'https://parley.example/base');
});

test('an ACME challenge is answered while there is one', async () => {
  await using house = await open({ acmeAnswer: (token) => (token === 'abc' ? 'abc.thumb' : undefined) });
  assert.equal((await get(`${house.api.url}/.well-known/acme-challenge/abc`)).body, 'abc.thumb');
  assert.equal((await get(`${house.api.url}/.well-known/acme-challenge/abd`)).status, 404);
});

test('close ends HTTP and half-made TLS, and leaves upgraded sockets to their taker', { timeout: 5000 }, async () => {
  const house = await open();
  const idle = connect(house.secure, '127.0.0.1');
  await once(idle, 'connect');
  const tls = connectTls({ port: house.secure, host: '127.0.0.1', ca: first.cert, servername: 'localhost' });
  await once(tls, 'secureConnect');
  const plain = await socketTo(`ws://127.0.0.1:${house.plain}/sip`);
  const secure = await socketTo(`wss://127.0.0.1:${house.secure}/sip`);
  const ended = [once(idle, 'close'), once(tls, 'close')];
  idle.on('error', () => {});
  tls.on('error', () => {});
  const closing = house.api.close();
  assert.equal(house.api.close(), closing);
  await Promise.all([closing, ...ended]);
  assert.equal(house.source.told.size, 0);
  await assert.rejects(get(`${house.api.url}/healthz`));
  for (const { socket } of [plain, secure]) {
    socket.send('still here');
    assert.equal(String((await once(socket, 'message'))[0]), 'text still here');
    socket.terminate();
  }
});
