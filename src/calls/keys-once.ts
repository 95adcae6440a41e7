/** How a key came: by RFC 4733, as a tone in the sound, or by INFO. */
export type KeyWay = 'event' | 'tone' | 'info';

/** A key that was let go just now. */
export interface KeyPress {
  readonly key: string;
  readonly way: KeyWay;
  /** How long it was pressed. */
  readonly ms: number;
}

/** An INFO goes another way than sound, and may say a key when it is pressed or when it is let go, ms. */
const APART = 400;
/** Sound and events come the same way, ms. */
const CLOSE = 60;
/** Keys that are remembered; nobody presses more within a moment. */
const MOST = 32;

interface Told {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** The ways on which it came. */
  readonly ways: KeyWay[];
}

/**
 * Telephones, and what is between us and them, tell one key in several ways. The same key in overlapping time by another way is the same press; by the same
 * way it is the next one. So each way's presses are paired with the others' one by one, in their order.
 */
export class KeysOnce {
  #told: Told[] = [];

  /** True: it is a new press. `now`: ms of any clock that does not go back. */
  take({ key, way, ms }: KeyPress, now: number): boolean {
    const from = now - ms;
    const same = this.#told.find((each) => each.key === key && !each.ways.includes(way) && meet(each, { from, to: now, way }));
    if (same !== undefined) {
      same.ways.push(way);
      return false;
    }
    this.#told = [...this.#told.slice(1 - MOST), { key, from, to: now, ways: [way] }];
    return true;
  }
}

function meet(told: Told, { from, to, way }: { readonly from: number; readonly to: number; readonly way: KeyWay }): boolean {
  const slack = way === 'info' || told.ways.includes('info') ? APART : CLOSE;
  return from - slack <= told.to && told.from - slack <= to;
}
