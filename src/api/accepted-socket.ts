import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../base/index.ts';
import type { AcceptedSocket } from './options.ts';

/** How long the far end may take to close in turn (RFC 6455 §7.1.1), ms: nobody waits longer for one who is gone. */
const PATIENCE = 1000;

/** ws gives a frame in one piece unless it is told otherwise; its type does not know. */
function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}

/** The connection below a websocket. */
export interface Wire {
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array): unknown;
}

/** Texts that go to many, as frames: each is framed once. */
const frames = new WeakMap<Uint8Array, Uint8Array>();

/** A text as one frame: final, not masked, nothing compressed (RFC 6455 §5.2). */
function frameOf(utf8: Uint8Array): Uint8Array {
  const known = frames.get(utf8);
  if (known !== undefined) return known;
  const { length } = utf8;
  const offset = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(offset + length);
  frame[0] = 0x81;
  frame[1] = offset === 2 ? length : offset === 4 ? 126 : 127;
  if (offset === 4) frame.writeUInt16BE(length, 2);
  if (offset === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(utf8, offset);
  frames.set(utf8, frame);
  return frame;
}

/** A websocket as whoever takes it sees it, so that no other room knows the library. */
export function acceptedSocket(socket: WebSocket, { clock, wire }: { readonly clock: Clock; readonly wire: Wire }): AcceptedSocket {
  let isHeld = false;
  /** What is said in one go leaves in one go: a call of the system costs more than a frame. */
  const hold = (): void => {
    if (isHeld) return;
    isHeld = true;
    wire.cork();
    queueMicrotask(() => {
      isHeld = false;
      wire.uncork();
    });
  };
  return {
    send: (data) => {
      if (socket.readyState === socket.OPEN) socket.send(data);
    },
    sendText: (utf8) => {
      if (socket.readyState !== socket.OPEN) return;
      hold();
      // Past ws, which would write head and text apart, anew for each reader. It holds nothing back itself: it does not compress here.
      wire.write(frameOf(utf8));
    },
    close: ({ code = 1000, reason = '', patience = PATIENCE } = {}) => {
      if (socket.readyState !== socket.OPEN) return;
      const alarm = clock.wake(clock.now() + patience, () => socket.terminate());
      socket.once('close', () => alarm.cancel());
      socket.close(code, reason);
    },
    onMessage: (take) => void socket.on('message', (data, isBinary) => take(isBinary ? bytesOf(data) : bytesOf(data).toString())),
    onClose: (gone) => void socket.once('close', () => gone()),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
  };
}
