/** The bare library: a ws server that sends the same frame to everybody, as often as they take it. */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** Fifty frames to each reader, then the event loop has its turn: as a bulk act makes them. */
const BATCH = 50;
/** More than this is not left lying before a reader. */
const BOUND = 262_144;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
let frame: Buffer | undefined;

function blast(): void {
  if (frame === undefined) return;
  const ready = ({ bufferedAmount }: WebSocket): boolean => bufferedAmount < BOUND;
  for (const each of server.clients) {
    if (ready(each)) for (let n = 0; n < BATCH; n++) each.send(frame, { binary: false });
  }
  setImmediate(blast);
}

server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', ({ bytes }: { bytes: number }) => {
  frame = bytes === 0 ? undefined : Buffer.alloc(bytes, 120);
  blast();
});
process.on('disconnect', () => process.exit());
