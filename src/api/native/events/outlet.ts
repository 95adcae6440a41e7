import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../base/index.ts';
import type { AcceptedSocket } from '../../options.ts';
import type { Line } from './line.ts';

/** Where a stream goes. */
export interface Outlet {
  send(line: Line): void;
  /** Bytes that the far end has not taken yet. */
  readonly buffered: number;
  /** Says the last line and closes; `code` and `reason` are for websockets (RFC 6455 §7.4). Resolves when nothing is left. */
  end(line: Line, code: number, reason: string): Promise<void>;
  /** Called once when the far end is gone, or we are; at once when that is so already. */
  onGone(gone: () => void): void;
}

/** How long the far end may take for what it has not read yet when it is to go, ms. */
const PATIENCE = 1000;

/** A websocket: one text frame per line. Make it at once when the socket is taken, or its end may be missed. */
export function socketOutlet(socket: AcceptedSocket): Outlet {
  const gone = new Promise<void>((resolve) => socket.onClose(resolve));
  return {
    send: (line) => socket.sendText(line.text),
    get buffered() {
      return socket.bufferedAmount;
    },
    end: (line, code, reason) => {
      socket.sendText(line.text);
      socket.close({ code, reason, patience: PATIENCE });
      return gone;
    },
    onGone: (tell) => void gone.then(tell),
  };
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Some proxies keep an answer to themselves until it is whole; nginx reads this.
  'x-accel-buffering': 'no',
} as const;

/** Server-sent events, which begin with a head. */
export interface EventOutlet extends Outlet {
  /** Says that events will come; harmless when it was said. */
  begin(): void;
}

/** Server-sent events (WHATWG HTML §9.2). `retryMs`: how long the reader waits before he comes back. `taken` is called before the first byte. */
export function eventOutlet(
  raw: ServerResponse,
  { clock, retryMs, taken }: { clock: Clock; retryMs: number; taken: () => void },
): EventOutlet {
  const gone = new Promise<void>((resolve) => (raw.destroyed ? resolve() : void raw.once('close', resolve)));
  const begin = (): void => {
    if (raw.headersSent || raw.destroyed) return;
    taken();
    raw.writeHead(200, HEADERS);
    raw.write(`retry: ${retryMs}\n\n`);
  };
  return {
    begin,
    send: (line) => {
      begin();
      if (!raw.writableEnded) raw.write(line.event);
    },
    get buffered() {
      return raw.writableLength;
    },
    end: (line) => {
      begin();
      const alarm = clock.wake(clock.now() + PATIENCE, () => raw.destroy());
      // An answer that is whole leaves its connection open for the next request: nobody asks one here.
      raw.end(line.event, () => raw.socket?.end());
      return gone.then(() => alarm.cancel());
    },
    onGone: (tell) => void gone.then(tell),
  };
}
