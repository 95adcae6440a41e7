import { encodeAlaw, encodeUlaw, Mixer, type MixPlan } from '../../audio/index.ts';
import type { Counters } from './counters.ts';
import type { Leg } from './leg.ts';
import type { Signal, ThreadPlan } from './messages.ts';
import { SAMPLES } from './voice.ts';

const silence = new Int16Array(SAMPLES);
const silentUlaw = new Uint8Array(SAMPLES);
const silentAlaw = new Uint8Array(SAMPLES);
encodeUlaw(silence, SAMPLES, silentUlaw, 0);
encodeAlaw(silence, SAMPLES, silentAlaw, 0);
const mixed = new Int16Array(SAMPLES);

const nobody: MixPlan = { speakers: [], listeners: [] };

/** The legs that are served together, and who of them hears whom. */
export class Room {
  readonly name: string;
  /** Which quarter of the 20 ms is this room's. */
  readonly phase: number;
  plan: ThreadPlan | undefined;
  readonly #mixer = new Mixer(SAMPLES, 16);
  #legs: Leg[] = [];
  #frames: Int16Array[] = [];
  #active = new Uint8Array(0);
  /** Legs by their place in the plan's list of listeners. */
  #listeners: Leg[] = [];
  #deaf: Leg[] = [];
  #mix = nobody;
  readonly #ulaw = new Uint8Array(SAMPLES);
  readonly #alaw = new Uint8Array(SAMPLES);
  #hasUlaw = false;
  #hasAlaw = false;

  constructor(name: string, phase: number) {
    this.name = name;
    this.phase = phase;
  }

  get size(): number {
    return this.#legs.length;
  }

  get isEmpty(): boolean {
    return this.#legs.length === 0 && this.plan === undefined;
  }

  add(leg: Leg): void {
    this.#legs.push(leg);
    this.#compile();
  }

  remove(leg: Leg): void {
    this.#legs = this.#legs.filter((each) => each !== leg);
    this.#compile();
  }

  hear(plan: ThreadPlan): void {
    this.plan = plan.sources.length === 0 && plan.listeners.length === 0 ? undefined : plan;
    this.#compile();
  }

  /** Serves 20 ms: takes what everybody says and lays out what everybody hears as `leg.due`. */
  tick(now: number, signals: Signal[], counters: Counters): void {
    const legs = this.#legs;
    for (let i = 0; i < legs.length; i++) this.#active[i] = legs[i]!.take(now, signals) ? 1 : 0;
    this.#hasUlaw = false;
    this.#hasAlaw = false;
    this.#mixer.begin(this.#mix, this.#frames, this.#active);
    for (let i = 0; i < this.#listeners.length; i++) this.#serve(this.#listeners[i]!, i, counters);
    for (let i = 0; i < this.#deaf.length; i++) this.#deaf[i]!.due = silent(this.#deaf[i]!);
  }

  #serve(leg: Leg, listener: number, counters: Counters): void {
    if (this.#mixer.silent) {
      leg.due = silent(leg);
    } else if (this.#mixer.isShared(listener)) {
      leg.due = leg.codec?.name === 'PCMA' ? this.#sharedAlaw(counters) : this.#sharedUlaw(counters);
    } else {
      this.#mixer.mixFor(listener, mixed);
      leg.due = leg.encode(mixed);
      counters.encoded += 1;
    }
  }

  #sharedUlaw(counters: Counters): Uint8Array {
    if (!this.#hasUlaw) {
      this.#mixer.shared(mixed);
      encodeUlaw(mixed, SAMPLES, this.#ulaw, 0);
      this.#hasUlaw = true;
      counters.encoded += 1;
    }
    return this.#ulaw;
  }

  #sharedAlaw(counters: Counters): Uint8Array {
    if (!this.#hasAlaw) {
      this.#mixer.shared(mixed);
      encodeAlaw(mixed, SAMPLES, this.#alaw, 0);
      this.#hasAlaw = true;
      counters.encoded += 1;
    }
    return this.#alaw;
  }

  /** Turns names into slots, whenever legs or the plan change; names that are not here yet wait for their leg. */
  #compile(): void {
    const slots = new Map(this.#legs.map((leg, slot) => [leg.id, slot]));
    const known = <T extends { readonly leg: string }>(each: T): { each: T; slot: number }[] => {
      const slot = slots.get(each.leg);
      return slot === undefined ? [] : [{ each, slot }];
    };
    const gains = (list: readonly { leg: string; gain: number }[]): { slot: number; gain: number }[] =>
      list.flatMap(known).map(({ each, slot }) => ({ slot, gain: each.gain }));
    const listeners = (this.plan?.listeners ?? []).flatMap(known);
    this.#mix = {
      speakers: gains(this.plan?.sources ?? []),
      listeners: listeners.map(({ each, slot }) => ({ slot, gains: gains(each.gains) })),
    };
    this.#listeners = listeners.map(({ slot }) => this.#legs[slot]!);
    const hearing = new Set(this.#listeners);
    this.#deaf = this.#legs.filter((leg) => !hearing.has(leg));
    this.#frames = this.#legs.map(({ voice }) => voice.frame);
    this.#active = new Uint8Array(this.#legs.length);
  }
}

const silent = (leg: Leg): Uint8Array => (leg.codec?.name === 'PCMA' ? silentAlaw : silentUlaw);
