/** Where a packet goes, worked out once so that sending it costs nothing. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  /** Equal for equal address and port; the same number as `Arrivals.source` gives for packets from there. */
  readonly key: number;
}

/** The packets that the last `receive` of any port of the same `Sockets` brought. Valid until the next one. */
export interface Arrivals {
  readonly bytes: Uint8Array;
  /** Where each packet begins in `bytes`. */
  readonly offset: Int32Array;
  readonly length: Int32Array;
  /** Who sent each: compare with `Destination.key`. */
  readonly source: Float64Array;
  /** When each arrived, in ms of the thread's clock: the kernel's own stamp where it can be had. */
  readonly at: Float64Array;
}

/** One bound UDP port that is read and written in batches and never calls back. */
export interface SocketPort {
  readonly address: string;
  readonly port: number;
  /** Takes what has come, at most one batch, into `arrivals`; says how many. Less than a batch: there is nothing left. */
  receive(now: number): number;
  /** Room for one packet of up to `PACKET` bytes: where in `out` to write it. */
  reserve(): number;
  readonly out: Uint8Array;
  /** Queues what was written at the place that `reserve` gave. */
  commit(to: Destination, length: number): void;
  /** Sends what is queued. Says how many the system refused. */
  flush(): number;
  close(): Promise<void>;
}

/** A way of moving packets, with the memory that all its ports share. */
export interface Sockets {
  readonly kind: 'batched' | 'dgram';
  readonly arrivals: Arrivals;
  /** Fails when the address or port is not to be had. Port 0: any. */
  bind(address: string, port: number): Promise<SocketPort>;
  destination(address: string, port: number): Destination;
  /** The destination behind `arrivals` entry `index`, for learning a source. */
  sender(index: number): Destination;
}

/** The largest packet that is read or written, in bytes. */
export const PACKET = 1536;
/** From one packet of a batch to the next. Not a multiple of a power of two, or all headers would fall into the same few lines of the cache. */
export const STRIDE = PACKET + 64;
/** Packets per system call. */
export const BATCH = 64;

/** Arrivals whose packets lie so many bytes apart in `bytes`, with room for one batch. */
export const arrivalsIn = (bytes: Uint8Array, stride: number): Arrivals => ({
  bytes,
  offset: Int32Array.from({ length: BATCH }, (_, i) => i * stride),
  length: new Int32Array(BATCH),
  source: new Float64Array(BATCH),
  at: new Float64Array(BATCH),
});
