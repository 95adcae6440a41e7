import type { Json } from '../base/index.ts';

/** Of what is kept beside what it says, at most: bytes and characters. */
const MOST = 8_000_000;

/** As it lies in a column: sealed, or as text. */
type Kept = Uint8Array | string;

interface Known {
  readonly kept: Kept;
  /** Undefined: it was read once, which is no reason yet to think that it will be read again. */
  readonly value: object | undefined;
}

const isSame = (one: Kept, other: Kept): boolean =>
  typeof one === 'string' || typeof other === 'string' ? one === other : Buffer.compare(one, other) === 0;

/**
 * What was read last, beside the very bytes or text it is kept as: a conference that is steered is read and written again and again, and unsealing and
 * sealing its document each time would cost more than the database does. It is believed only where the row still has the same, so that whoever else
 * writes is seen; and nobody can change in place what is shared here.
 */
export class Opened<Value extends object> {
  readonly #known = new Map<string, Known>();
  readonly #isPatient: boolean;
  #size = 0;

  /** `isPatient`: what changes more often than it is read is shared only when it was read twice. */
  constructor({ isPatient = false } = {}) {
    this.#isPatient = isPatient;
  }

  /** What this says, frozen where it is shared. */
  read(key: string, kept: Kept, open: () => Value): Value {
    const known = this.#known.get(key);
    const wasRead = known !== undefined && isSame(known.kept, kept);
    if (wasRead && known.value !== undefined) return known.value as Value;
    const value = open();
    const isShared = wasRead || !this.#isPatient;
    if (isShared) freeze(value as Json);
    this.#keep(key, { kept, value: isShared ? value : undefined });
    return value;
  }

  /** The same for what is passed by, in lists of many: what is not known is not kept. */
  glance(key: string, kept: Kept, open: () => Value): Value {
    const known = this.#known.get(key);
    return known?.value !== undefined && isSame(known.kept, kept) ? (known.value as Value) : open();
  }

  /** The bytes of a value; of one that was read so, those it was read from. */
  write<As extends Kept>(key: string, value: Value, seal: () => As): As {
    const known = this.#known.get(key);
    return known?.value === value ? (known.kept as As) : seal();
  }

  /** The newest stand last. */
  #keep(key: string, known: Known): void {
    this.#forget(key);
    this.#known.set(key, known);
    this.#size += known.kept.length;
    for (const oldest of this.#known.keys()) {
      if (this.#size <= MOST) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#size -= this.#known.get(key)?.kept.length ?? 0;
    this.#known.delete(key);
  }
}

function freeze(value: Json): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
