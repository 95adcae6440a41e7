/** Noise in place of silence, as a sender described it in a comfort noise payload (RFC 3389; payload type 13). */
export class ComfortNoise {
  /** Loudness of the noise, −dBov: 0 loudest, 127 none. */
  level = 127;

  /** Takes bytes[at, at + length) for the description from now on; false when it is none. */
  learn(_bytes: Uint8Array, _at: number, _length: number): boolean {
    return false;
  }

  /** The next `count` samples of noise. */
  fill(out: Int16Array, count: number): void {
    out.fill(0, 0, count);
  }

  /** No noise until the next description. */
  reset(): void {
    this.level = 127;
  }
}
