import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { noLog, SystemClock } from '../base/index.ts';
import type { FarSocket, FetchOptions } from './fetch-types.ts';
import { openFetch } from './open-fetch.ts';

const door = (options: Partial<FetchOptions> = {}) => openFetch({ clock: new SystemClock(), log: noLog, allow: ['loopback'], ...options });
const name = '0a'.repeat(16);

async function open(url: string, fetch = door()): Promise<FarSocket> {
  const line = await fetch.line(url, { name });
  assert.ok('socket' in line, JSON.stringify(line));
  return line.socket;
}

/** A place for datagrams. */
async function place() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port, [Symbol.asyncDispose]: async () => void socket.close() };
}

test('datagrams go to one place, and come from there alone', async () => {
  await using there = await place();
  await using stranger = await place();
  const line = await open(`udp://127.0.0.1:${there.port}`);
  const heard: string[] = [];
  line.onMessage((bytes) => heard.push(String(bytes)));
  line.send(Buffer.from('hello'));
  const [bytes, from] = await once(there.socket, 'message');
  assert.equal(String(bytes), 'hello');
  stranger.socket.send('strange', from.port, from.address);
  await new Promise((sent) => there.socket.send('answer', from.port, from.address, sent));
  while (heard.length === 0) await new Promise((wake) => setTimeout(wake, 5));
  assert.deepEqual(heard, ['answer']);
  const gone = new Promise<void>((resolve) => line.onClose(resolve));
  line.close();
  await gone;
  line.close();
  line.send(Buffer.from('late'));
  assert.equal(line.bufferedAmount, 0);
});

test('a name is judged by its addresses for datagrams too; what is not called is refused, what is no line at all likewise', async () => {
  const book: Record<string, readonly string[]> = { 'inside.example': ['10.0.0.1'], 'nobody.example': [] };
  const fetch = openFetch({
    clock: new SystemClock(),
    log: noLog,
    lookup: async (each) => book[each] ?? Promise.reject(new Error('unknown')),
  });
  for (const [url, why] of [
    ['udp://127.0.0.1:9', 'refused'],
    ['udp://[::1]:9', 'refused'],
    ['udp://inside.example:9', 'refused'],
    ['udp://nobody.example:9', 'refused'],
    ['udp://else.example:9', 'failed'],
    ['tcp://127.0.0.1:9', 'refused'],
    ['udp://198.51.100.1', 'refused'],
    ['udp://198.51.100.1:0', 'refused'],
    ['udp://me@198.51.100.1:9', 'refused'],
    ['sctp://198.51.100.1:9', 'refused'],
    ['nothing', 'refused'],
  ] as const) {
    const line = await fetch.line(url, { name });
    assert.ok(why in line, `${url}: ${JSON.stringify(line)}`);
  }
  await fetch.close();
});

test('AudioSocket names the call first, gives whole messages on however they are cut, and says when it is over', async () => {
  const came = Promise.withResolvers<Socket>();
  const server = createServer((socket) => came.resolve(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = await open(`tcp://127.0.0.1:${(server.address() as { port: number }).port}`);
  const socket = await came.promise;
  const got: Buffer[] = [];
  socket.on('data', (bytes) => got.push(bytes));
  const heard: string[] = [];
  line.onMessage((bytes) => heard.push(Buffer.from(bytes as Uint8Array).toString('hex')));
  const gone = new Promise<void>((resolve) => line.onClose(resolve));
  socket.setNoDelay(true);
  for (const part of ['10', '0002', 'aa', 'bb1000', '01cc']) {
    socket.write(Buffer.from(part, 'hex'));
    await new Promise((wake) => setTimeout(wake, 20));
  }
  assert.deepEqual(heard, ['100002aabb', '100001cc']);
  line.close();
  await once(socket, 'end');
  assert.equal(Buffer.concat(got).toString('hex'), `010010${name}000000`);
  socket.end();
  await gone;
  server.close();
});
