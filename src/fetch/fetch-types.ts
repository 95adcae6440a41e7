import type { Clock, Closable, Log } from '../base/index.ts';

/** Finds the addresses of a name, as texts. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** What the door needs. */
export interface FetchOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Networks (CIDR), addresses, or the words `private` and `loopback`, that may be called though they are not public. Default none. */
  readonly allow?: readonly string[];
  /** What `user-agent` says. Default `Parley`. */
  readonly agent?: string;
  /** Default: as the operating system does. */
  readonly lookup?: Lookup;
}

/** A request whose answer's status is all that counts. The same shape as the port `Post` of `webhooks`. */
export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default POST. */
  readonly method?: 'POST' | 'PUT';
  /** ms from the call to the status; then it is given up. */
  readonly timeoutMs: number;
}

/** Why there is no answer. `refused`: the target is not one we call. `failed`: it could not be reached, or took too long. */
export type Unanswered = { readonly refused: string } | { readonly failed: string };

/** What came of a `Posting`. */
export type Posted = { readonly status: number; readonly retryAfterMs?: number } | Unanswered;

/** A request whose answer is wanted. */
export interface Asking {
  readonly url: string;
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** ms from the call to the answer's last byte, redirects included. */
  readonly timeoutMs: number;
  /** How many redirects are followed, each to a target that is checked again. Default 0: a 3xx is the answer. */
  readonly redirects?: number;
  /** A longer answer is cut off here. Default 1 000 000. */
  readonly maxBytes?: number;
}

/** What came of an `Asking`. */
export type Asked = Answer | Unanswered;

/** An answer. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body went on after `maxBytes`. */
  readonly isCut: boolean;
  /** Where it came from, after redirects. */
  readonly url: string;
}

/** A request whose answer is read piece by piece. */
export interface Streaming extends Pick<Asking, 'url' | 'headers' | 'body'> {
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** ms until the answer begins, and again for each piece of it that is waited for. */
  readonly timeoutMs: number;
}

/** What came of a `Streaming`. */
export type Streamed = StreamedAnswer | Unanswered;

/** An answer whose body is still to come. */
export interface StreamedAnswer {
  readonly status: number;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Can be read once; throws when it breaks off. No more is taken from the far end than is read. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the connection. Whoever does not read the body to its end calls it; harmless afterwards. */
  cancel(): void;
}

/** A far end that speaks in frames. */
export interface FarSocket {
  send(data: string | Uint8Array): void;
  close(how?: { readonly code?: number; readonly reason?: string }): void;
  onMessage(take: (frame: string | Uint8Array) => void): void;
  /** Called once, also after an error. */
  onClose(gone: () => void): void;
  /** Bytes that the far end has not taken yet. */
  readonly bufferedAmount: number;
}

/** A connection, or why there is none. */
export type FarLine = { readonly socket: FarSocket } | Unanswered;

/** The one door for outgoing HTTP. Nothing here ever rejects. */
export interface Fetch extends Closable {
  /** Sends a body, follows no redirect, reads no more of the answer than it must. */
  post(posting: Posting): Promise<Posted>;
  /** Asks and reads the answer. */
  ask(asking: Asking): Promise<Asked>;
  /** Asks and gives the answer as soon as it begins; follows no redirect. */
  stream(streaming: Streaming): Promise<Streamed>;
  /** A connection of its own: a websocket (`ws:`, `wss:`), AudioSocket over `tcp://host:port`, which is told this name, 32 hex digits, first, or datagrams (`udp://host:port`). Whoever has it closes it. */
  line(url: string, as: { readonly name: string }): Promise<FarLine>;
  /** Why this URL will never be called, in words, as far as can be seen without asking for its name; undefined: it may be tried. */
  refuses(url: string): string | undefined;
}
