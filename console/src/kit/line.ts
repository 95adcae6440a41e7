import { type ReadonlySignal, signal } from '@preact/signals';
import { backoff } from './backoff.ts';

/** `connecting` for the first time, `open`, `lost` and trying again, `closed` by us. */
export type LineState = 'connecting' | 'open' | 'lost' | 'closed';

export interface LineOptions<In> {
  /** Path or address; `/api/…` becomes `wss://this-host/api/…`. Asked anew for every attempt. */
  readonly url: () => string | Promise<string>;
  /** Every time it opens; `again`: after a loss. */
  readonly opened: (again: boolean) => void;
  readonly heard: (message: In) => void;
  /** It was lost and is being tried again; `code` of the websocket's close. Answer true to give up. */
  readonly lost?: (code: number, reason: string) => boolean | undefined;
  /** Sent when the line is quiet; without it nothing is, and a dead network is noticed late. */
  readonly ping?: unknown;
  /** After this long without a word we ask, ms. */
  readonly quiet?: number;
  /** An answer that takes longer is none, ms. */
  readonly patience?: number;
}

/** The defaults of `quiet` and `patience`, ms. */
const QUIET = 4000;
const PATIENCE = 2500;
/** After the network changed: ms. */
const PATIENCE_AFTER_CHANGE = 700;

const absolute = (url: string): string => new URL(url, location.href).href.replace(/^http/, 'ws');

/** A websocket of JSON messages that opens again by itself: after a loss, and quickly when the network has changed. */
export class Line<In, Out> {
  readonly #options: LineOptions<In>;
  readonly #state = signal<LineState>('connecting');
  readonly #over = new AbortController();
  #socket: WebSocket | undefined;
  #tries = 0;
  #again = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LineOptions<In>) {
    this.#options = options;
    const { signal } = this.#over;
    const changed = (): void => this.#doubt(PATIENCE_AFTER_CHANGE);
    addEventListener('online', changed, { signal });
    addEventListener('pageshow', changed, { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && changed(), { signal });
    // Not in every browser: Wi-Fi to mobile without ever being offline.
    const { connection } = navigator as { connection?: EventTarget };
    connection?.addEventListener('change', changed, { signal });
    void this.#open();
  }

  get state(): ReadonlySignal<LineState> {
    return this.#state;
  }

  /** Sends now; false when the line is not open, and nothing is kept for later. */
  send(message: Out): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Drops the connection and opens a new one at once: what a network change looks like. */
  renew(): void {
    if (this.#state.value === 'closed') return;
    this.#drop();
    this.#lose(1006, '');
  }

  close(): void {
    this.#state.value = 'closed';
    this.#over.abort();
    clearTimeout(this.#retry);
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  async #open(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    let url: string;
    try {
      url = await this.#options.url();
    } catch {
      this.#lose(1006, '');
      return;
    }
    if (this.#state.value === 'closed' || this.#socket !== undefined) return;
    const socket = new WebSocket(absolute(url));
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#tries = 0;
      this.#state.value = 'open';
      this.#listen();
      this.#options.opened(this.#again);
      this.#again = true;
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#listen();
      this.#hear(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#drop();
      this.#lose(code, reason);
    };
    // A connection that neither opens nor fails, as in a net that swallows packets.
    this.#expect(PATIENCE);
  }

  #hear(data: unknown): void {
    let message: In;
    try {
      message = JSON.parse(String(data)) as In;
    } catch {
      return;
    }
    this.#options.heard(message);
  }

  #lose(code: number, reason: string): void {
    if (this.#state.value === 'closed') return;
    if (this.#options.lost?.(code, reason) === true) {
      this.close();
      return;
    }
    this.#state.value = this.#again ? 'lost' : 'connecting';
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), backoff(this.#tries++, Math.random()));
  }

  /** Something came: the next silence may be long. */
  #listen(): void {
    clearTimeout(this.#watch);
    if (this.#options.ping !== undefined)
      this.#watch = setTimeout(() => this.#doubt(this.#options.patience ?? PATIENCE), this.#options.quiet ?? QUIET);
  }

  /** Is there still somebody? A ping must be answered within `patience` ms; while waiting to try again, tries now. */
  #doubt(patience: number): void {
    if (this.#state.value === 'closed') return;
    if (this.#retry !== undefined) {
      this.#tries = 1;
      void this.#open();
    } else if (this.#socket?.readyState === WebSocket.OPEN && this.#options.ping !== undefined) {
      this.#socket.send(JSON.stringify(this.#options.ping));
      this.#expect(patience);
    }
  }

  #expect(patience: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.renew(), patience);
  }
}
