/** A slot and how loud it is. */
export interface SlotGain {
  readonly slot: number;
  readonly gain: number;
}

/** Who is in the sum of a room and who hears it. A value: a change makes a new plan. */
export interface MixPlan {
  /** What is in the sum, with its gain into it (1 = as it came). */
  readonly speakers: readonly SlotGain[];
  /** Nobody hears his own slot. `gains` multiplies what a slot has in the sum: 0 = not heard, 1 = as in the sum. */
  readonly listeners: readonly {
    readonly slot: number;
    readonly gains: readonly SlotGain[];
    /** How loud everything is to him. Default 1. */
    readonly gain?: number;
  }[];
}

const nothing: MixPlan = { speakers: [], listeners: [] };
const clip = (sample: number): number => Math.max(-32768, Math.min(32767, sample));

/** Adds up a room once per tick and gives each listener the sum without himself and without what he must not hear. */
export class Mixer {
  readonly #samples: number;
  readonly #sum: Int32Array;
  readonly #mine: Int32Array;
  #plan = nothing;
  /** Gain into the sum by slot; 0 = not a speaker. */
  #gains: Float64Array;
  #own = new Int32Array(0);
  /** Exceptions of all listeners in one row; listener i has those from #from[i] to #from[i + 1]. */
  #from = new Int32Array(1);
  #exceptSlot = new Int32Array(0);
  #exceptGain = new Float64Array(0);
  #frames: readonly Int16Array[] = [];
  #active: Uint8Array = new Uint8Array(0);
  #silent = true;

  /** `samples`: length of a frame. `slots`: how many slots are expected; a plan that names more makes room. */
  constructor(samples: number, slots: number) {
    this.#samples = samples;
    this.#sum = new Int32Array(samples);
    this.#mine = new Int32Array(samples);
    this.#gains = new Float64Array(slots);
  }

  /** Nobody is in this tick's sum. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Adds up one tick. Frames and flags are read until the next call, never written. */
  begin(plan: MixPlan, frames: readonly Int16Array[], active: Uint8Array): void {
    if (plan !== this.#plan) this.#compile(plan);
    this.#frames = frames;
    this.#active = active;
    this.#silent = true;
    this.#sum.fill(0);
    const speakers = plan.speakers;
    for (let index = 0; index < speakers.length; index++) {
      const slot = speakers[index]!.slot;
      if (!this.#isHeard(slot)) continue;
      this.#silent = false;
      this.#add(this.#sum, slot, 1);
    }
  }

  /** The listener of this index in the plan hears the plain sum in this tick, so its encoding can be shared. */
  isShared(listener: number): boolean {
    if (this.#silent) return true;
    if (this.#isHeard(this.#own[listener]!)) return false;
    for (let index = this.#from[listener]!; index < this.#from[listener + 1]!; index++) {
      if (this.#isHeard(this.#exceptSlot[index]!)) return false;
    }
    return true;
  }

  /** The plain sum, for those who share it. */
  shared(out: Int16Array): void {
    const sum = this.#sum;
    for (let index = 0; index < this.#samples; index++) out[index] = clip(sum[index]!);
  }

  /** What the listener of this index in the plan hears. Right for sharers too. */
  mixFor(listener: number, out: Int16Array): void {
    const mine = this.#mine;
    mine.set(this.#sum);
    const own = this.#own[listener]!;
    if (this.#isHeard(own)) this.#add(mine, own, -1);
    for (let index = this.#from[listener]!; index < this.#from[listener + 1]!; index++) {
      const slot = this.#exceptSlot[index]!;
      if (this.#isHeard(slot)) this.#change(mine, slot, this.#exceptGain[index]!);
    }
    for (let index = 0; index < this.#samples; index++) out[index] = clip(mine[index]!);
  }

  #isHeard(slot: number): boolean {
    return this.#active[slot] === 1 && this.#gains[slot] !== 0;
  }

  /** What a slot has in the sum is rounded once, the same way when it is added and when it is taken out. */
  #add(to: Int32Array, slot: number, sign: number): void {
    const frame = this.#frames[slot]!;
    const gain = this.#gains[slot]!;
    if (gain === 1 && sign === 1) for (let index = 0; index < this.#samples; index++) to[index]! += frame[index]!;
    else if (gain === 1) for (let index = 0; index < this.#samples; index++) to[index]! -= frame[index]!;
    else for (let index = 0; index < this.#samples; index++) to[index]! += sign * Math.trunc(frame[index]! * gain);
  }

  #change(to: Int32Array, slot: number, factor: number): void {
    if (factor === 0) {
      this.#add(to, slot, -1);
      return;
    }
    const frame = this.#frames[slot]!;
    const gain = this.#gains[slot]!;
    for (let index = 0; index < this.#samples; index++) {
      const inSum = Math.trunc(frame[index]! * gain);
      to[index]! += Math.trunc(inSum * factor) - inSum;
    }
  }

  /** Runs once per plan, and only here memory is taken. */
  #compile(plan: MixPlan): void {
    const highest = plan.speakers.reduce((most, { slot }) => Math.max(most, slot), this.#gains.length - 1);
    this.#gains = new Float64Array(highest + 1);
    for (const { slot, gain } of plan.speakers) this.#gains[slot] = gain;
    const exceptions = plan.listeners.map((each) => each.gains.filter(({ slot, gain }) => slot !== each.slot && gain !== 1));
    this.#own = Int32Array.from(plan.listeners, ({ slot }) => slot);
    this.#from = new Int32Array(plan.listeners.length + 1);
    exceptions.forEach((each, index) => {
      this.#from[index + 1] = this.#from[index]! + each.length;
    });
    this.#exceptSlot = Int32Array.from(exceptions.flat(), ({ slot }) => slot);
    this.#exceptGain = Float64Array.from(exceptions.flat(), ({ gain }) => gain);
    this.#plan = plan;
  }
}
