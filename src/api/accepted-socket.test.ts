import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { SystemClock } from '../base/index.ts';
import { acceptedSocket } from './accepted-socket.ts';

/** Where the length of a frame is written in another way (RFC 6455 §5.2), and both sides of it. */
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

test('texts of every length reach a stock client whole and in order, also between others, and before the end', async () => {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const texts = LENGTHS.map((length) => new Uint8Array(Buffer.alloc(length, length % 2 === 0 ? 'a' : 'b')));
  http.on('upgrade', (request, wire, head) =>
    server.handleUpgrade(request, wire, head, (socket) => {
      const accepted = acceptedSocket(socket, { clock: new SystemClock(), wire });
      for (const text of [...texts, ...texts]) {
        accepted.sendText(text);
        accepted.send(`after ${text.length}`);
        socket.ping();
      }
      assert.ok(accepted.bufferedAmount > 0, 'what waits is seen');
      accepted.close({ code: 4000, reason: 'over' });
      accepted.sendText(texts[1]!);
    }),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const got: string[] = [];
  client.on('message', (data, isBinary) => {
    assert.equal(isBinary, false);
    got.push(String(data));
  });
  const [code, reason] = await once(client, 'close');
  assert.deepEqual([code, String(reason)], [4000, 'over']);
  const each = texts.flatMap((text) => [Buffer.from(text).toString(), `after ${text.length}`]);
  assert.deepEqual(got, [...each, ...each]);
  http.close();
});
