import type { Leg } from './leg.ts';

const FREE = Number.NaN;

/**
 * Whose packet is it? Legs by the key of their source. A `Map` would make an object of every key that is looked up, and the media tick makes none:
 * here the keys lie side by side in a table that is never more than half full.
 */
export class SourceTable {
  #keys = new Float64Array(16).fill(FREE);
  #legs: (Leg | undefined)[] = new Array<undefined>(16).fill(undefined);
  #mask = 15;
  #count = 0;

  get(key: number): Leg | undefined {
    const keys = this.#keys;
    for (let place = hash(key) & this.#mask; ; place = (place + 1) & this.#mask) {
      const held = keys[place]!;
      if (held === key) return this.#legs[place];
      if (Number.isNaN(held)) return undefined;
    }
  }

  set(key: number, leg: Leg): void {
    if (this.#count * 2 >= this.#keys.length) this.#rebuild(this.#keys.length * 2);
    let place = hash(key) & this.#mask;
    while (!Number.isNaN(this.#keys[place]!) && this.#keys[place] !== key) place = (place + 1) & this.#mask;
    if (this.#keys[place] !== key) this.#count += 1;
    this.#keys[place] = key;
    this.#legs[place] = leg;
  }

  delete(key: number): void {
    if (this.get(key) === undefined) return;
    this.#drop((held) => held === key);
  }

  /** Forgets all sources of a leg. */
  forget(leg: Leg): void {
    this.#drop((_, each) => each === leg);
  }

  #drop(isGone: (key: number, leg: Leg) => boolean): void {
    const [keys, legs] = [this.#keys, this.#legs];
    this.#clear(keys.length);
    for (const [place, leg] of legs.entries()) if (leg !== undefined && !isGone(keys[place]!, leg)) this.set(keys[place]!, leg);
  }

  #rebuild(size: number): void {
    const [keys, legs] = [this.#keys, this.#legs];
    this.#clear(size);
    for (const [place, leg] of legs.entries()) if (leg !== undefined) this.set(keys[place]!, leg);
  }

  #clear(size: number): void {
    this.#keys = new Float64Array(size).fill(FREE);
    this.#legs = new Array<undefined>(size).fill(undefined);
    this.#mask = size - 1;
    this.#count = 0;
  }
}

/** The port and the lower half of the address are in the lower 32 bits; multiplying spreads them. */
const hash = (key: number): number => Math.imul(key, 0x9e3779b1) >>> 20;
