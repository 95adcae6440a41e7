import type { SrtpOptions, SrtpState } from './srtp-suite.ts';

/** Opens what the far end protected, in place. */
export class SrtpReceiver {
  constructor(options: SrtpOptions) {
    throw new Error(`not built yet: ${options.suite}`);
  }

  /** One SRTP packet. The new length, or BAD_TAG, REPLAYED, TOO_OLD, SHORT or EXHAUSTED. Positional, because it runs for every packet. */
  unprotect(_bytes: Uint8Array, _at: number, _length: number): number {
    throw new Error('not built yet');
  }

  /** One SRTCP packet; the same results. */
  unprotectControl(_bytes: Uint8Array, _at: number, _length: number): number {
    throw new Error('not built yet');
  }

  state(): SrtpState {
    throw new Error('not built yet');
  }
}
