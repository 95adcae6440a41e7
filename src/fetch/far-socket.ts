import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Found } from './connector.ts';
import type { FarSocket } from './fetch-types.ts';

/** AudioSocket: the first message is the id of the call; a message has a kind, a length in network order, and so many bytes. */
const UUID = 0x01;
const HEADER = 3;
/** That it is over. */
const GOODBYE = Uint8Array.of(0x00, 0, 0);
const MOST_UNREAD = 65_536;

/** A websocket that we have opened, over a connection whose far end was judged. */
export function webSocketOver(socket: Socket, target: string): Promise<FarSocket> {
  // What is secure is so already, below the websocket.
  const far = new WebSocket(target.replace(/^wss:/i, 'ws:'), { createConnection: () => socket, handshakeTimeout: 10_000 });
  far.binaryType = 'nodebuffer';
  return new Promise((resolve, reject) => {
    far.once('error', () => reject(new Error('the server speaks no websocket')));
    far.once('open', () => {
      far.on('error', () => far.terminate());
      resolve({
        send: (data) => far.send(data),
        close: ({ code = 1000, reason = '' } = {}) => far.close(code, reason),
        onMessage: (take) => void far.on('message', (data, isBinary) => take(isBinary ? (data as Buffer) : String(data))),
        onClose: (gone) => void far.once('close', gone),
        get bufferedAmount() {
          return far.bufferedAmount;
        },
      });
    });
  });
}

/** AudioSocket over TCP: a stream of bytes, of which whole messages are given on. */
export function audioSocketOver(socket: Socket, name: string): FarSocket {
  const id = Buffer.from(name, 'hex');
  socket.write(Buffer.concat([Buffer.from([UUID, 0, id.length]), id]));
  socket.on('error', () => socket.destroy());
  return audioSocketTo(socket);
}

/** The same where the first message is over. */
export function audioSocketTo(socket: Socket): FarSocket {
  return {
    send: (data) => void (typeof data !== 'string' && socket.write(data)),
    close: () => void socket.end(GOODBYE),
    onMessage(take) {
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        const all = Buffer.concat([rest, bytes]);
        const whole = wholeMessages(all);
        if (whole > 0) take(all.subarray(0, whole));
        rest = all.subarray(whole);
        // A message has 64 kB at most.
        if (rest.length > MOST_UNREAD + HEADER) socket.destroy();
      });
      socket.resume();
    },
    onClose: (gone) => void socket.once('close', gone),
    get bufferedAmount() {
      return socket.writableLength;
    },
  };
}

/** Datagrams to and from one place, and no other. That nobody is there, or not yet, is no end: datagrams are not answered. */
export function datagramsWith({ address, family, port }: Found & { readonly port: number }): Promise<FarSocket> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      let isOpen = true;
      socket.once('close', () => (isOpen = false));
      resolve({
        send: (data) => void (isOpen && socket.send(data)),
        close: () => void (isOpen && socket.close()),
        onMessage: (take) => void socket.on('message', (bytes) => take(bytes)),
        onClose: (gone) => void socket.once('close', gone),
        get bufferedAmount() {
          return isOpen ? socket.getSendQueueSize() : 0;
        },
      });
    });
  });
}

/** How many bytes of these are whole messages. */
function wholeMessages(bytes: Buffer): number {
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const end = at + HEADER + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) break;
    at = end;
  }
  return at;
}
