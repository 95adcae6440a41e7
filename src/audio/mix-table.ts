/** A slot and how loud it is. */
export interface SlotGain {
  readonly slot: number;
  readonly gain: number;
}

/** Who is in the sum of a room and who hears it. A value: a change makes a new plan. */
export interface MixPlan {
  /** What is in the sum, with its gain into it (1 = as it came). `aside`: it is not in the sum, and only those hear it whose `gains` name it. */
  readonly speakers: readonly (SlotGain & { readonly aside?: boolean })[];
  /**
   * Nobody hears his own slot, but for those with `echo`. `gains` multiplies what a slot has in the sum: 0 = not heard, 1 = as in the sum; of one that is
   * aside it multiplies what came, and who is not named is not heard.
   */
  readonly listeners: readonly {
    readonly slot: number;
    readonly gains: readonly SlotGain[];
    /** How loud everything is to him. Default 1. */
    readonly gain?: number;
    /** Hears his own slot as the others do. */
    readonly echo?: boolean;
  }[];
}

/** A gain for each row: what it was at the end of the last tick and what it is to be at the end of this one. */
export interface Gains {
  readonly before: Float64Array;
  readonly now: Float64Array;
}

/** A plan as the tick wants it: typed arrays without names. */
export interface MixTable {
  readonly plan: MixPlan;
  /** The frames of the slots. A leg keeps its frame although its slot changes: that is how it is found again in the next plan. */
  readonly frames: readonly Int16Array[];
  /** Slots that are in the sum, or were until now. */
  readonly speakers: Int32Array;
  /** By slot; 0 = not a speaker. */
  readonly speaking: Gains;
  /** By slot; 1 = heard only by those who name it. */
  readonly aside: Uint8Array;
  /** Slots of the listeners. */
  readonly own: Int32Array;
  /** How loud everything is, by listener. */
  readonly hearing: Gains;
  /** How much of himself he hears, by listener: 0 or 1. */
  readonly echo: Gains;
  /** Exceptions of all listeners in one row; listener i has those from `from[i]` to `from[i + 1]`. */
  readonly from: Int32Array;
  readonly exceptSlot: Int32Array;
  readonly except: Gains;
}

const gains = (now: Float64Array): Gains => ({ before: now.slice(), now });

export const emptyTable: MixTable = {
  plan: { speakers: [], listeners: [] },
  frames: [],
  speakers: new Int32Array(0),
  speaking: gains(new Float64Array(0)),
  aside: new Uint8Array(0),
  own: new Int32Array(0),
  hearing: gains(new Float64Array(0)),
  echo: gains(new Float64Array(0)),
  from: new Int32Array(1),
  exceptSlot: new Int32Array(0),
  except: gains(new Float64Array(0)),
};

/** Where each slot of the new frames was in the old table; -1: it was not there. Frames that two slots share tell nothing. */
function formerSlots(frames: readonly Int16Array[], old: MixTable): Int32Array {
  const slots = new Map<Int16Array, number>();
  old.frames.forEach((frame, slot) => {
    slots.set(frame, slots.has(frame) ? -1 : slot);
  });
  const claimed = new Set<number>();
  return Int32Array.from(frames, (frame) => {
    const slot = slots.get(frame) ?? -1;
    if (claimed.has(slot)) return -1;
    if (slot >= 0) claimed.add(slot);
    return slot;
  });
}

interface Exception {
  readonly slot: number;
  readonly before: number;
  readonly now: number;
}

/** Where the slots were, and which of them are aside. */
interface Slots {
  readonly former: Int32Array;
  readonly aside: Uint8Array;
}

/** The exceptions of one listener, and those that he had until now and that fade back to what all hear. `had`: gains until now, by former slot. */
function exceptionsOf(
  { slot: own, gains: wished }: MixPlan['listeners'][number],
  { former, aside }: Slots,
  had: ReadonlyMap<number, number> | undefined,
): Exception[] {
  const usual = (slot: number): number => (aside[slot] === 1 ? 0 : 1);
  const isNew = (former[own] ?? -1) < 0;
  const rows = wished
    .filter(({ slot }) => slot !== own)
    .map(({ slot, gain }): Exception => {
      const was = former[slot] ?? -1;
      return { slot, now: gain, before: isNew || was < 0 ? gain : (had?.get(was) ?? usual(slot)) };
    });
  const gone = [...(had ?? [])]
    .map(([was, gain]): [number, number] => [former.indexOf(was), gain])
    .map(([slot, before]): Exception => ({ slot, now: usual(slot), before }))
    .filter(({ slot }) => slot >= 0 && !rows.some((row) => row.slot === slot));
  return [...rows, ...gone].filter(({ slot, before, now }) => before !== usual(slot) || now !== usual(slot));
}

/** What listeners heard differently until now: gains by former slot of the listener and of the speaker. */
function formerExceptions(old: MixTable): Map<number, Map<number, number>> {
  const had = new Map<number, Map<number, number>>();
  old.own.forEach((slot, listener) => {
    const [from, to] = [old.from[listener]!, old.from[listener + 1]!];
    if (from === to) return;
    const row = new Map<number, number>();
    for (let index = from; index < to; index++) row.set(old.exceptSlot[index]!, old.except.now[index]!);
    had.set(slot, row);
  });
  return had;
}

/** Which slots are aside: what the plan says, and of those that it does not name any more what was, so that they fade out where they were heard. */
function asideOf({ speakers }: MixPlan, former: Int32Array, old: MixTable): Uint8Array {
  const aside = Uint8Array.from(former, (was) => (was >= 0 && old.aside[was] === 1 ? 1 : 0));
  for (const each of speakers) if (each.slot < aside.length) aside[each.slot] = each.aside === true ? 1 : 0;
  return aside;
}

/** Turns a plan into a table, once per plan; memory is taken only here. Gains that change between the old table and this one are `before` and `now`. */
export function tabulate(plan: MixPlan, frames: readonly Int16Array[], old: MixTable): MixTable {
  const former = formerSlots(frames, old);
  const highest = plan.speakers.reduce((most, { slot }) => Math.max(most, slot), frames.length - 1);
  const speaking = gains(new Float64Array(highest + 1));
  for (const { slot, gain, aside } of plan.speakers) speaking.now[slot] = aside === true ? 0 : gain;
  speaking.before.set(speaking.now);
  former.forEach((was, slot) => {
    if (was >= 0) speaking.before[slot] = old.speaking.now[was] ?? 0;
  });
  const aside = asideOf(plan, former, old);
  const inSum = Int32Array.from(speaking.now.keys()).filter((slot) => speaking.now[slot] !== 0 || speaking.before[slot] !== 0);

  const hearing = gains(Float64Array.from(plan.listeners, ({ gain = 1 }) => gain));
  const echo = gains(Float64Array.from(plan.listeners, (each) => (each.echo === true ? 1 : 0)));
  const formerListener = new Map(Array.from(old.own, (slot, listener) => [slot, listener]));
  plan.listeners.forEach(({ slot }, listener) => {
    const was = formerListener.get(former[slot] ?? -1);
    if (was === undefined) return;
    hearing.before[listener] = old.hearing.now[was]!;
    echo.before[listener] = old.echo.now[was]!;
  });

  const had = formerExceptions(old);
  const slots = { former, aside };
  const exceptions = plan.listeners.map((listener) => exceptionsOf(listener, slots, had.get(former[listener.slot] ?? -1)));
  const from = new Int32Array(plan.listeners.length + 1);
  exceptions.forEach((each, index) => {
    from[index + 1] = from[index]! + each.length;
  });
  const rows = exceptions.flat();
  return {
    plan,
    frames: [...frames],
    speakers: inSum,
    speaking,
    aside,
    own: Int32Array.from(plan.listeners, ({ slot }) => slot),
    hearing,
    echo,
    from,
    exceptSlot: Int32Array.from(rows, ({ slot }) => slot),
    except: { before: Float64Array.from(rows, ({ before }) => before), now: Float64Array.from(rows, ({ now }) => now) },
  };
}

/** The tick after a change: what has faded in or out stays so. */
export function settle({ speaking, hearing, echo, except }: MixTable): void {
  speaking.before.set(speaking.now);
  hearing.before.set(hearing.now);
  echo.before.set(echo.now);
  except.before.set(except.now);
}
