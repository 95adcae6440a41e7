/** Bytes that come piece by piece, read by length. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #onClose: () => void;
  #held: Uint8Array = new Uint8Array(0);
  #at = 0;
  #hasEnded = false;
  #isClosed = false;
  /** Bytes that were taken. */
  position = 0;

  constructor(pieces: AsyncIterable<Uint8Array>, onClose: () => void = () => {}) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#onClose = onClose;
  }

  /** All of it at once. */
  static of(bytes: Uint8Array): ByteStream {
    const whole = async function* () {
      yield bytes;
    };
    return new ByteStream(whole());
  }

  /** Bytes that wait to be taken. */
  get waiting(): number {
    return this.#held.length - this.#at;
  }

  /** Waits until so many bytes are there; false: there never will be. */
  async has(count: number): Promise<boolean> {
    while (this.waiting < count && !this.#hasEnded) {
      const piece = await this.#pieces.next();
      if (piece.done === true) this.#hasEnded = true;
      else this.#append(piece.value);
    }
    return this.waiting >= count;
  }

  /** A view of at most so many of the bytes that wait; it is good until more are waited for. */
  peek(count: number): Uint8Array {
    return this.#held.subarray(this.#at, Math.min(this.#held.length, this.#at + count));
  }

  /** The same, and they are gone. */
  take(count: number): Uint8Array {
    const taken = this.peek(count);
    this.#at += taken.length;
    this.position += taken.length;
    return taken;
  }

  /** Leaves out so many bytes; false: there were not so many. */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0 && (await this.has(1))) left -= this.take(left).length;
    return left === 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hasEnded = true;
    this.#onClose();
    this.#pieces.return?.().catch(() => {});
  }

  #append(piece: Uint8Array): void {
    const rest = this.#held.subarray(this.#at);
    if (rest.length === 0) this.#held = piece;
    else {
      const joined = new Uint8Array(rest.length + piece.length);
      joined.set(rest);
      joined.set(piece, rest.length);
      this.#held = joined;
    }
    this.#at = 0;
  }
}
