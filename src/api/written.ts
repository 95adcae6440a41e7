import type { Json } from '../base/index.ts';

/** JSON that is text already: it goes out as it is. */
export class Written {
  readonly json: string;
  #opening: Uint8Array | undefined;

  constructor(json: string) {
    this.json = json;
  }

  /** How an envelope begins whose data this is. Made once: turning a long text into bytes costs more than sending them. */
  get opening(): Uint8Array {
    this.#opening ??= Buffer.from(`{"data":${this.json},`);
    return this.#opening;
  }

  /** What it says. */
  get value(): Json {
    return JSON.parse(this.json) as Json;
  }
}

/** The value, whether it is text already or not. */
export const inFull = (data: Json | Written): Json => (data instanceof Written ? data.value : data);

/** The text of an object with another key behind the others; `json` is the value of that key, `object` has at least one. */
export const withKey = (object: string, key: string, json: string): string => `${object.slice(0, -1)},${JSON.stringify(key)}:${json}}`;
