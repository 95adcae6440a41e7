import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { eventually } from './house.ts';

// biome-ignore lint/suspicious/noExplicitAny: frames of every shape.
export type Frame = any;

/** A stock client that keeps what it was told. */
export class Client {
  readonly socket: WebSocket;
  readonly opened: Promise<unknown>;
  /** Code and reason. */
  readonly closed: Promise<[number, Buffer]>;
  /** Everything that came. */
  readonly frames: Frame[] = [];
  #taken = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.opened = once(socket, 'open');
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, reason])));
    socket.on('error', () => {});
    socket.on('message', (text, isBinary) => {
      assert.equal(isBinary, false);
      this.frames.push(JSON.parse(String(text)));
    });
  }

  /** The next frame that was not looked at yet. */
  async next(): Promise<Frame> {
    const at = this.#taken++;
    return eventually(() => this.frames[at], `frame ${at} did not come; so far ${JSON.stringify(this.frames)}`, 3000);
  }

  /** Sends, and gives the next frame. */
  ask(frame: object | string): Promise<Frame> {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    return this.next();
  }

  /** The events so far, by name. */
  get events(): string[] {
    return this.frames.filter((each) => each.action === 'event').map((each) => each.data.event);
  }
}
