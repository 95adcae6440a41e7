import type { Json, JsonObject } from '../base/index.ts';

/** Bytes that are kept beside what they say, at most. */
const MOST = 8_000_000;

interface Known {
  readonly sealed: Uint8Array;
  readonly document: JsonObject;
}

/**
 * Documents that were read last, beside the very bytes they are kept as: a conference that is steered is read and written again and again, and unsealing and
 * sealing its document each time would cost more than the database does. It is believed only where the row still has the same bytes, so that whoever else
 * writes is seen; and nobody can change in place what is shared here.
 */
export class Opened {
  readonly #known = new Map<string, Known>();
  #size = 0;

  /** The document in these bytes, frozen. */
  read(key: string, sealed: Uint8Array, open: () => JsonObject): JsonObject {
    const known = this.#known.get(key);
    if (known !== undefined && Buffer.compare(known.sealed, sealed) === 0) return known.document;
    const document = open();
    freeze(document);
    this.#keep(key, { sealed, document });
    return document;
  }

  /** The bytes of a document; of one that was read so, those it was read from. */
  write(key: string, document: JsonObject, seal: () => Uint8Array): Uint8Array {
    const known = this.#known.get(key);
    return known?.document === document ? known.sealed : seal();
  }

  /** The newest stand last. */
  #keep(key: string, known: Known): void {
    this.#forget(key);
    this.#known.set(key, known);
    this.#size += known.sealed.length;
    for (const oldest of this.#known.keys()) {
      if (this.#size <= MOST) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#size -= this.#known.get(key)?.sealed.length ?? 0;
    this.#known.delete(key);
  }
}

function freeze(value: Json): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
