const HEAD = 27;

/** Takes the packets of one stream out of pages of Ogg (RFC 3533 §6) that come in pieces of any size. A file of ours has one stream and whole pages. */
export class OggPackets {
  #held: Uint8Array = new Uint8Array();
  #begun: Uint8Array[] = [];

  /** The packets that are complete with these bytes. Bytes that are no page are passed over until one begins. */
  *add(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    let at = 0;
    for (;;) {
      const next = this.#pageFrom(at);
      if (next === undefined) break;
      at = next.at + next.bytes;
      if (next.bytes > 1) yield* this.#packetsOf(next.at);
    }
    this.#held = this.#held.slice(at);
  }

  /** Where the next page begins, and how long it is; one byte that is none is a page of 1. Undefined: more bytes are needed. */
  #pageFrom(at: number): { readonly at: number; readonly bytes: number } | undefined {
    const held = this.#held;
    if (at + HEAD > held.length) return undefined;
    const isPage = held[at] === 0x4f && held[at + 1] === 0x67 && held[at + 2] === 0x67 && held[at + 3] === 0x53;
    if (!isPage) return { at, bytes: 1 };
    const segments = held[at + 26] ?? 0;
    if (at + HEAD + segments > held.length) return undefined;
    let bytes = HEAD + segments;
    for (let each = 0; each < segments; each++) bytes += held[at + HEAD + each] ?? 0;
    return at + bytes > held.length ? undefined : { at, bytes };
  }

  *#packetsOf(page: number): Generator<Uint8Array, void, undefined> {
    const segments = this.#held[page + 26] ?? 0;
    let from = page + HEAD + segments;
    let to = from;
    for (let each = 0; each < segments; each++) {
      const lace = this.#held[page + HEAD + each] ?? 0;
      to += lace;
      if (lace === 255) continue;
      this.#begun.push(this.#held.subarray(from, to));
      yield this.#begun.length === 1 ? (this.#begun[0] ?? new Uint8Array()) : Buffer.concat(this.#begun);
      this.#begun = [];
      from = to;
    }
    // A packet that goes on in the next page outlives this one's bytes.
    if (to > from) this.#begun.push(this.#held.slice(from, to));
  }
}
