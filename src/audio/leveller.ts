export interface LevellerOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** Brings a talker to the loudness of the others. */
export class Leveller {
  /** What the last sample was multiplied by. */
  gain = 1;

  // biome-ignore lint/complexity/noUselessConstructor: the signature comes first.
  constructor(_options: LevellerOptions = {}) {}

  /** One frame, changed in place. `talking`: the leg's talk decision. */
  push(_frame: Int16Array, _count: number, _talking: boolean): void {}

  /** Another sender: begins anew with gain 1. */
  reset(): void {}
}
