export interface LimiterOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** Fits a sum of voices into 16 bit. */
export class Limiter {
  /** What the last sample was multiplied by; 1: nothing was too loud. May be set, to go on from another limiter. */
  gain = 1;

  // biome-ignore lint/complexity/noUselessConstructor: the signature comes first.
  constructor(_options: LimiterOptions = {}) {}

  /** `count` samples of a sum into 16 bit. */
  process(sum: Int32Array, count: number, out: Int16Array): void {
    for (let index = 0; index < count; index++) out[index] = Math.max(-32768, Math.min(32767, sum[index]!));
  }
}
