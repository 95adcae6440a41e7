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
      socket.send(utf8, { binary: false });
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
