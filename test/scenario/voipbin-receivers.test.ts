import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { TONES } from '../kit/sound.ts';
import { soundAction, VoipbinDesk } from '../kit/voipbin-desk.ts';

let house: House;
const { done, ask, callOut } = new VoipbinDesk(() => house);
const BEHIND = TONES[6]!;
const GIGABYTE = 1024 ** 3;

/** What came, by path, and how many bytes of an answer went out. */
const came = new Map<string, string[]>();
let sent = 0;
const sockets = new Set<Socket>();

const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/hangs': () => {},
  '/drips': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 500);
    response.on('close', () => clearInterval(timer));
  },
  '/round': (_, response) => void response.writeHead(302, { location: '/round' }).end(),
  '/away': (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/file': (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/huge': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const piece = Buffer.alloc(1024 * 1024, 32);
    const more = (): void => {
      while (sent < GIGABYTE && !response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  },
  '/cut': (request) => void request.socket.destroy(),
};

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    const path = request.url ?? '';
    came.set(path, [...(came.get(path) ?? []), text]);
    const answer = answers[path];
    if (answer === undefined) response.end('{}');
    else answer(request, response);
  });
});
server.on('connection', (socket) => sockets.add(socket));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(async () => {
  for (const each of sockets) each.destroy();
  server.close();
  await house.close();
});

const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
/** Bytes that the server's process has in memory (proc(5), statm). */
const memory = (): number => Number(readFileSync(`/proc/${house.pid}/statm`, 'utf8').split(' ')[1]) * 4096;

for (const path of ['/round', '/away', '/file', '/huge', '/cut', '/hangs', '/drips']) {
  test(`a flow asks a server that answers ${path}: the action is skipped, the call goes on, nothing is read without end`, {
    timeout: 60_000,
  }, async () => {
    const ann = await house.phone({ user: 'ann' });
    const before = memory();
    sent = 0;
    const asking = [
      { type: 'fetch', option: { event_url: `${base()}${path}`, event_method: 'POST' } },
      { type: 'webhook_send', option: { sync: true, uri: `${base()}/behind`, method: 'POST', data_type: 'text/plain', data: path } },
      soundAction(BEHIND, 60_000),
    ];
    const call = await callOut(ann, asking);
    await eventually(() => came.get('/behind')?.includes(path), 'the action behind it is not done', 40_000);
    assert.deepEqual(await settles(() => [ann.hears()], [[BEHIND]]), [[BEHIND]]);
    assert.ok(came.has(path), 'it was asked');
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
    assert.ok(memory() - before < 128 * 1024 * 1024, `${memory() - before} bytes more are in memory`);
    await done('POST', `/calls/${call.id}/hangup`);
    await ann.ended();
  });
}

test('a customer’s webhook that hangs, redirects in circles or answers a gigabyte holds up nothing', { timeout: 60_000 }, async () => {
  for (const path of ['/hangs', '/round', '/huge']) {
    came.clear();
    sent = 0;
    const before = memory();
    await done('PUT', '/customer', { name: house.first.account_name, webhook_method: 'POST', webhook_uri: `${base()}${path}` });
    const made = await done('POST', '/conferences', { type: 'conference', name: path });
    await eventually(() => came.get(path)?.some((text) => text.includes(made.id)), `${path} is not told`, 20_000);
    const started = Date.now();
    for (let n = 0; n < 50; n += 1) assert.equal((await ask('GET', `/conferences/${made.id}`)).status, 200);
    assert.ok(Date.now() - started < 10_000, 'the server answers meanwhile');
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken of ${path}`);
    assert.ok(memory() - before < 128 * 1024 * 1024, `${memory() - before} bytes more are in memory`);
    assert.ok((came.get('/round')?.length ?? 0) < 50, 'it is not followed for ever');
  }
});
