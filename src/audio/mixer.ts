import { Limiter } from './limiter.ts';
import { emptyTable, type MixPlan, type MixTable, settle, tabulate } from './mix-table.ts';

export type { MixPlan, SlotGain } from './mix-table.ts';

/** Limiters this close to each other may change places unheard (0.2 dB). */
const ALIKE = 0.02;

export interface MixerOptions {
  /** Samples in a second. Default: 50 frames are a second. */
  readonly rate?: number;
}

/**
 * Adds up a room once per tick and gives each listener the sum without himself and without what he must not hear.
 * Gains that change with the plan glide over one frame. Sums that are too loud are turned down by a limiter: one for all who hear the
 * plain sum, one for each who hears something else.
 */
export class Mixer {
  readonly #samples: number;
  readonly #rate: number;
  readonly #sum: Int32Array;
  readonly #mine: Int32Array;
  readonly #plain: Int16Array;
  readonly #limiter: Limiter;
  /** The shared limiter as it was when the tick began. */
  readonly #limiterBefore: Limiter;
  /** One for each listener, and the tick in which it was used last. */
  #limiters: Limiter[] = [];
  #usedAt = new Float64Array(0);
  #table: MixTable = emptyTable;
  #settled = true;
  #frames: readonly Int16Array[] = [];
  #active: Uint8Array = new Uint8Array(0);
  #silent = true;
  #hasPlain = true;
  #tick = 1;

  /** `samples`: length of a frame. `slots`: how many are expected; a plan that names more makes room. */
  constructor(samples: number, slots: number, { rate = samples * 50 }: MixerOptions = {}) {
    this.#samples = samples;
    this.#rate = rate;
    this.#sum = new Int32Array(samples);
    this.#mine = new Int32Array(samples);
    this.#plain = new Int16Array(samples);
    this.#limiter = new Limiter({ rate });
    this.#limiterBefore = new Limiter({ rate });
    this.#usedAt = new Float64Array(slots);
  }

  /** Nobody is in this tick's sum. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Adds up one tick. Frames and flags are read until the next call, never written. A leg is known by its frame, whatever its slot. */
  begin(plan: MixPlan, frames: readonly Int16Array[], active: Uint8Array): void {
    // The shared limiter comes back to 1 even while nobody shares.
    if (!this.#hasPlain && this.#limiter.gain !== 1) this.#limiter.process(this.#sum, this.#samples, this.#plain);
    this.#limiterBefore.follow(this.#limiter);
    if (plan !== this.#table.plan) this.#compile(plan, frames);
    else if (!this.#settled) {
      settle(this.#table);
      this.#settled = true;
    }
    this.#tick++;
    this.#hasPlain = false;
    this.#frames = frames;
    this.#active = active;
    this.#silent = true;
    this.#sum.fill(0);
    const { speakers } = this.#table;
    for (let index = 0; index < speakers.length; index++) {
      const slot = speakers[index]!;
      if (!this.#isHeard(slot)) continue;
      this.#silent = false;
      this.#add(this.#sum, slot, 1);
    }
  }

  /** The listener of this index in the plan hears the plain sum in this tick, so its encoding can be shared. */
  isShared(listener: number): boolean {
    if (this.#silent) return this.isSilentFor(listener);
    const { own, from, hearing } = this.#table;
    if (!this.#isEcho(listener) && this.#isHeard(own[listener]!)) return false;
    if (hearing.now[listener] !== 1 || hearing.before[listener] !== 1) return false;
    for (let index = from[listener]!; index < from[listener + 1]!; index++) {
      if (this.#isException(index)) return false;
    }
    return !this.#isLimitedOtherwise(listener);
  }

  /** Nothing is in this tick's sum, and nothing beside it is for the listener of this index in the plan. */
  isSilentFor(listener: number): boolean {
    if (!this.#silent) return false;
    const { from, exceptSlot, aside } = this.#table;
    for (let index = from[listener]!; index < from[listener + 1]!; index++) {
      if (aside[exceptSlot[index]!] === 1 && this.#isException(index)) return false;
    }
    return true;
  }

  /** The plain sum, for those who share it. */
  shared(out: Int16Array): void {
    if (!this.#hasPlain) this.#limiter.process(this.#sum, this.#samples, this.#plain);
    this.#hasPlain = true;
    out.set(this.#plain);
  }

  /** What the listener of this index in the plan hears. Right for sharers too. */
  mixFor(listener: number, out: Int16Array): void {
    const mine = this.#mine;
    const { own, from, hearing, echo, except, exceptSlot, aside } = this.#table;
    mine.set(this.#sum);
    const slot = own[listener]!;
    if (!this.#isEcho(listener) && this.#isHeard(slot)) this.#change(mine, slot, echo.before[listener]!, echo.now[listener]!);
    for (let index = from[listener]!; index < from[listener + 1]!; index++) {
      if (!this.#isException(index)) continue;
      const other = exceptSlot[index]!;
      if (aside[other] === 1) this.#addAside(mine, other, index);
      else this.#change(mine, other, except.before[index]!, except.now[index]!);
    }
    scale(mine, hearing.before[listener]!, hearing.now[listener]!);
    const limiter = this.#limiters[listener]!;
    if (this.#usedAt[listener]! < this.#tick - 1) limiter.follow(this.#limiterBefore);
    this.#usedAt[listener] = this.#tick;
    limiter.process(mine, this.#samples, out);
  }

  #isHeard(slot: number): boolean {
    const { now, before } = this.#table.speaking;
    return this.#active[slot] === 1 && slot < now.length && (now[slot] !== 0 || before[slot] !== 0);
  }

  /** The listener hears himself as the others do, and did so until now. */
  #isEcho(listener: number): boolean {
    const { now, before } = this.#table.echo;
    return now[listener] === 1 && before[listener] === 1;
  }

  #isException(index: number): boolean {
    const { except, exceptSlot, aside } = this.#table;
    const slot = exceptSlot[index]!;
    if (aside[slot] === 1 && (except.now[index] !== 0 || except.before[index] !== 0) && this.#active[slot] === 1) return true;
    return (except.now[index] !== 1 || except.before[index] !== 1) && this.#isHeard(slot);
  }

  /** Who was turned down by himself until now keeps his own mix until that makes no difference, so that joining the others does not click. */
  #isLimitedOtherwise(listener: number): boolean {
    if (this.#usedAt[listener]! < this.#tick - 1) return false;
    return Math.abs(this.#limiters[listener]!.gain - this.#limiterBefore.gain) > ALIKE * this.#limiterBefore.gain;
  }

  /** What a slot has in the sum is rounded once, the same way when it is added and when it is taken out. Positional: runs for every frame. */
  #add(to: Int32Array, slot: number, sign: number): void {
    const frame = this.#frames[slot]!;
    const samples = this.#samples;
    const gain = this.#table.speaking.now[slot]!;
    const before = this.#table.speaking.before[slot]!;
    if (gain !== before) {
      const slope = (gain - before) / samples;
      for (let index = 0; index < samples; index++) to[index]! += sign * Math.trunc(frame[index]! * (before + slope * (index + 1)));
    } else if (gain === 1 && sign === 1) for (let index = 0; index < samples; index++) to[index]! += frame[index]!;
    else if (gain === 1) for (let index = 0; index < samples; index++) to[index]! -= frame[index]!;
    else for (let index = 0; index < samples; index++) to[index]! += sign * Math.trunc(frame[index]! * gain);
  }

  /** Takes out what the slot has in the sum and puts in what one listener hears of it. Positional: runs for every frame. */
  #change(to: Int32Array, slot: number, factorBefore: number, factor: number): void {
    const { speaking } = this.#table;
    if (factor === 0 && factorBefore === 0) {
      this.#add(to, slot, -1);
      return;
    }
    const frame = this.#frames[slot]!;
    const before = speaking.before[slot]!;
    const slope = (speaking.now[slot]! - before) / this.#samples;
    const factorSlope = (factor - factorBefore) / this.#samples;
    for (let index = 0; index < this.#samples; index++) {
      const inSum = Math.trunc(frame[index]! * (before + slope * (index + 1)));
      to[index]! += Math.trunc(inSum * (factorBefore + factorSlope * (index + 1))) - inSum;
    }
  }

  /** Adds what is not in the sum. What the slot has there still, because it has just been put aside, is taken out. */
  #addAside(to: Int32Array, slot: number, exception: number): void {
    if (this.#isHeard(slot)) this.#add(to, slot, -1);
    const frame = this.#frames[slot]!;
    const { before, now } = this.#table.except;
    const first = before[exception]!;
    const slope = (now[exception]! - first) / this.#samples;
    for (let index = 0; index < this.#samples; index++) to[index]! += Math.trunc(frame[index]! * (first + slope * (index + 1)));
  }

  /** Runs once per plan, and only here memory is taken. */
  #compile(plan: MixPlan, frames: readonly Int16Array[]): void {
    // Limiters in use go on with their listener; the others are as good as new.
    const inUse = new Map<Int16Array, Limiter>();
    const spare: Limiter[] = [];
    this.#limiters.forEach((limiter, listener) => {
      const frame = this.#table.frames[this.#table.own[listener]!];
      if (this.#usedAt[listener] === this.#tick && frame !== undefined) inUse.set(frame, limiter);
      else spare.push(limiter);
    });
    this.#table = tabulate(plan, frames, this.#table);
    this.#settled = false;
    this.#usedAt = new Float64Array(plan.listeners.length);
    this.#limiters = plan.listeners.map(({ slot }, listener) => {
      const frame = frames[slot]!;
      const own = inUse.get(frame);
      if (own === undefined) return spare.pop() ?? new Limiter({ rate: this.#rate });
      inUse.delete(frame);
      this.#usedAt[listener] = this.#tick;
      return own;
    });
  }
}

/** Multiplies in place, from one gain to the next; nothing to do for 1. Positional: runs for every frame. */
function scale(samples: Int32Array, before: number, now: number): void {
  if (before === 1 && now === 1) return;
  const slope = (now - before) / samples.length;
  for (let index = 0; index < samples.length; index++) samples[index] = Math.trunc(samples[index]! * (before + slope * (index + 1)));
}
