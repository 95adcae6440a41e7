/** The bare library: a ws server that sends the same frame to everybody, as often as they take it. */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** Fifty frames to each reader, then the event loop has its turn: as a bulk act makes them. */
const BATCH = 50;
/** More than this is not left lying before a reader. */
const BOUND = 262_144;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
let frame: Buffer | undefined;
let isBlasting = false;

function blast(): void {
  if (frame === undefined || !isBlasting) return;
  const ready = ({ bufferedAmount }: WebSocket): boolean => bufferedAmount < BOUND;
  for (const each of server.clients) {
    if (ready(each)) for (let n = 0; n < BATCH; n++) each.send(frame, { binary: false });
  }
  setImmediate(blast);
}

server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
server.on('connection', (socket) =>
  socket.on('message', () => {
    if (frame !== undefined) for (const each of server.clients) each.send(frame, { binary: false });
  }),
);
process.on('message', (wish: { bytes: number; blast: boolean }) => {
  frame = wish.bytes === 0 ? undefined : Buffer.alloc(wish.bytes, 120);
  isBlasting = wish.blast;
  blast();
  // A word of a client may come by another way sooner than this wish.
  if (frame !== undefined) process.send?.({ heard: true });
});
process.on('disconnect', () => process.exit());
