import type { SrtpOptions, SrtpState } from './srtp-suite.ts';

/** Protects what we send, RFC 3711 and RFC 7714, in place; the bytes behind the packet must have `SRTP_ROOM`. */
export class SrtpSender {
  constructor(options: SrtpOptions) {
    throw new Error(`not built yet: ${options.suite}`);
  }

  /** One RTP packet. The new length, or REPLAYED, TOO_OLD, SHORT or EXHAUSTED. Positional, because it runs for every packet. */
  protect(_bytes: Uint8Array, _at: number, _length: number): number {
    throw new Error('not built yet');
  }

  /** One compound RTCP packet. The new length, or SHORT or EXHAUSTED. */
  protectControl(_bytes: Uint8Array, _at: number, _length: number): number {
    throw new Error('not built yet');
  }

  state(): SrtpState {
    throw new Error('not built yet');
  }
}
