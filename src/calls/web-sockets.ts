import { isUtf8 } from 'node:buffer';
import type { Alarm } from '../base/index.ts';
import { maxMessageBytes } from '../sip/index.ts';
import { type Bearer, type BearerNeeds, MOST_UNSENT } from './bearer.ts';
import { type Flow, printFlow } from './flow.ts';
import type { SipWebSocket, WebSocketPeer } from './options.ts';

/** How long a websocket may be silent, in ms: longer than the longest registration, for browsers cannot ping. */
const IDLE = 3_700_000;

/** What websockets need. */
export interface WebSocketNeeds extends BearerNeeds {
  readonly maxSockets: number;
  /** Nothing can be sent to this far end any more. */
  readonly gone: (flow: Flow) => void;
}

interface Connection {
  readonly socket: SipWebSocket;
  /** When something last came. */
  heard: number;
  alarm: Alarm;
}

/** SIP over websockets (RFC 7118): one message per frame. Browsers open them; nobody can be called back without. */
export class WebSockets implements Bearer {
  readonly #needs: WebSocketNeeds;
  readonly #connections = new Map<string, Connection>();
  #closing = false;

  constructor(needs: WebSocketNeeds) {
    this.#needs = needs;
  }

  /** Takes over an upgraded socket. */
  adopt(socket: SipWebSocket, { address, port, secure }: WebSocketPeer): void {
    const flow: Flow = { transport: secure ? 'WSS' : 'WS', address, port };
    const key = printFlow(flow);
    if (this.#closing || this.#connections.size >= this.#needs.maxSockets) {
      socket.close();
      return;
    }
    // Whoever has the same address and port now is who has it.
    const former = this.#connections.get(key);
    former?.alarm.cancel();
    former?.socket.close();
    const now = this.#needs.clock.now();
    const connection: Connection = { socket, heard: now, alarm: this.#watch(key, now) };
    this.#connections.set(key, connection);
    socket.onMessage((frame) => {
      connection.heard = this.#needs.clock.now();
      this.#frame(typeof frame === 'string' ? Buffer.from(frame) : frame, flow, socket);
    });
    socket.onClose(() => {
      if (this.#connections.get(key) !== connection) return;
      connection.alarm.cancel();
      this.#connections.delete(key);
      this.#needs.gone(flow);
    });
  }

  send(flow: Flow, bytes: Uint8Array, failed: () => void): void {
    const known = this.#connections.get(printFlow(flow));
    if (known === undefined || (known.socket.bufferedAmount ?? 0) > MOST_UNSENT) {
      known?.socket.close();
      // Later, as with every other bearer: whoever sends has not noted yet what he sent.
      queueMicrotask(failed);
      return;
    }
    // Text where it is text (RFC 7118 §4.2).
    known.socket.send(isUtf8(bytes) ? Buffer.from(bytes).toString() : bytes);
  }

  reaches(flow: Flow): boolean {
    return this.#connections.has(printFlow(flow));
  }

  async close(): Promise<void> {
    this.#closing = true;
    const all = [...this.#connections.values()];
    // Nothing is told of what closes now: the next start knows that no websocket outlived its server.
    this.#connections.clear();
    for (const { socket, alarm } of all) {
      alarm.cancel();
      socket.close();
    }
  }

  #frame(bytes: Uint8Array, flow: Flow, socket: SipWebSocket): void {
    if (bytes.length > maxMessageBytes) {
      socket.close();
      return;
    }
    const blank = bytes.every((byte) => byte === 13 || byte === 10 || byte === 0);
    if (!blank) this.#needs.take(bytes, flow);
    // A keep-alive (RFC 5626 §4.4.1), the only one that a browser can send.
    else if (bytes.length === 4) socket.send('\r\n');
  }

  #watch(key: string, heard: number): Alarm {
    const { clock } = this.#needs;
    return clock.wake(heard + IDLE, () => {
      const known = this.#connections.get(key);
      if (known === undefined) return;
      if (clock.now() - known.heard >= IDLE) known.socket.close();
      else known.alarm = this.#watch(key, known.heard);
    });
  }
}
