const digits = '0123456789*#ABCD';
/** The longest a single event can tell in its 16-bit duration; longer ones go on in a further segment, RFC 4733 §2.5.1.3. */
const SEGMENT = 0xffff;
/** A time so far back is not a late packet but a sender that began anew, in timestamp units (10 s). */
const FORGOTTEN = 80_000;

/** What was seen last; for a receiver that goes on elsewhere. */
export interface DigitState {
  readonly event: number;
  readonly timestamp: number;
  readonly duration: number;
}

export interface DigitReceiverOptions {
  /** How long a key without an end packet may be silent before it counts as pressed, ms. Default 200. */
  readonly timeoutMs?: number;
  /** Hz of the timestamps. Default 8000. */
  readonly clockRate?: number;
  /** Goes on where another receiver was. */
  readonly state?: DigitState | undefined;
}

/** Hears telephone-event payloads (RFC 4733) and tells every key once, whatever of its packets is lost or repeated. */
export class DigitReceiver {
  /** How long the key that was told last was pressed, ms, as far as it was seen. */
  ms = 0;
  readonly #timeout: number;
  readonly #perMs: number;
  /** An event that has begun and was not told yet; its number, or -1. */
  #event = -1;
  #timestamp = 0;
  #duration = 0;
  /** Something was seen before, so timestamps can be compared. */
  #seen = false;
  /** A key that ended in the same packet that made another one known. */
  #waiting = '';
  #fresh = false;
  #heardAt = 0;

  constructor({ timeoutMs = 200, clockRate = 8000, state }: DigitReceiverOptions = {}) {
    this.#timeout = timeoutMs;
    this.#perMs = clockRate / 1000;
    if (state === undefined) return;
    this.#event = state.event;
    this.#timestamp = state.timestamp;
    this.#duration = state.duration;
    this.#seen = true;
    this.#fresh = true;
  }

  /** For a receiver that goes on elsewhere; null: nothing was seen. */
  state(): DigitState | null {
    return this.#seen ? { event: this.#event, timestamp: this.#timestamp, duration: this.#duration } : null;
  }

  /** Another sender speaks now (a new SSRC): its times have nothing to do with the old ones. A key that is half heard is kept. */
  reset(): void {
    this.#tell();
    this.#seen = false;
  }

  /** One payload. Returns a key when this packet makes it known. */
  push(timestamp: number, bytes: Uint8Array, at: number, length: number): string | undefined {
    if (length < 4 || at + 4 > bytes.length) return this.#next();
    const event = bytes[at]!;
    if (event >= digits.length) return this.#next();
    const end = (bytes[at + 1]! & 0x80) !== 0;
    const duration = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const step = (timestamp - this.#timestamp) | 0;
    // Of an older event, or of one that was told already: a repetition or a packet that came late.
    if (this.#seen && ((step < 0 && step > -FORGOTTEN) || (step === 0 && this.#event < 0))) return this.#next();
    if (!this.#continues(event, step)) {
      this.#tell();
      this.#event = event;
    }
    this.#seen = true;
    this.#timestamp = timestamp;
    this.#duration = duration;
    this.#fresh = true;
    if (end) this.#tell();
    return this.#next();
  }

  /** To be called now and then (each tick, say): tells a key whose end packets were all lost. */
  due(nowMs: number): string | undefined {
    if (this.#fresh) {
      this.#fresh = false;
      this.#heardAt = nowMs;
    } else if (this.#event >= 0 && nowMs - this.#heardAt >= this.#timeout) {
      this.#tell();
    }
    return this.#next();
  }

  #continues(event: number, step: number): boolean {
    if (event !== this.#event) return false;
    return step === 0 || (step === SEGMENT && this.#duration === SEGMENT);
  }

  #tell(): void {
    if (this.#event < 0) return;
    this.#waiting += digits[this.#event];
    this.ms = Math.round(this.#duration / this.#perMs);
    this.#event = -1;
  }

  #next(): string | undefined {
    if (this.#waiting === '') return undefined;
    const digit = this.#waiting[0];
    this.#waiting = this.#waiting.slice(1);
    return digit;
  }
}
