interface Known<Value> {
  readonly said: readonly unknown[];
  readonly value: Value;
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index]);

/** What was made of a thing that never changes, with whatever else went into it: it is made again only when something of that is another. */
export class Remembered<Of extends object, Value> {
  readonly #known = new WeakMap<Of, Known<Value>>();

  /** `said`: everything besides the thing that the value depends on. */
  of(thing: Of, said: readonly unknown[], make: () => Value): Value {
    const known = this.#known.get(thing);
    if (known !== undefined && isSame(known.said, said)) return known.value;
    const value = make();
    this.#known.set(thing, { said, value });
    return value;
  }
}
