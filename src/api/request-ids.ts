import { type Chance, randomHex } from '../base/index.ts';

/** Ids drawn at once. */
const AHEAD = 128;
const LENGTH = 32;

/** Ids of requests, 32 hex digits each, drawn many at once: every request has one, and drawing costs as much for many as for one. */
export class RequestIds {
  readonly #chance: Chance;
  #digits = '';
  #at = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  next(): string {
    if (this.#at === this.#digits.length) [this.#digits, this.#at] = [randomHex(this.#chance, (AHEAD * LENGTH) / 2), 0];
    this.#at += LENGTH;
    return this.#digits.slice(this.#at - LENGTH, this.#at);
  }
}
