/** A pending wake-up. */
export interface Alarm {
  /** Forgets the wake-up; harmless when it has already rung. */
  cancel(): void;
}

/** The only source of time. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970, for stamps that people read. */
  epoch(): number;
  /** Calls `fn` once when `now()` has reached `at`. */
  wake(at: number, fn: () => void): Alarm;
}
