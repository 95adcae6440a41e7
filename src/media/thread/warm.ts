import type { Leg } from './leg.ts';

/**
 * Reads a little of everything that the legs' next 20 ms will need. Each look waits for memory, but not for the looks before it, so the processor fetches
 * for many legs side by side what it would otherwise fetch one after another, each time in the middle of somebody's work.
 */
export function warm(legs: readonly Leg[]): void {
  let sum = 0;
  for (let i = 0; i < legs.length; i++) sum += legs[i]!.heardAt;
  for (let i = 0; i < legs.length; i++) sum += legs[i]!.warm();
  for (let i = 0; i < legs.length; i++) sum += legs[i]!.voice.warm();
  for (let i = 0; i < legs.length; i++) sum += legs[i]!.voice.warmSound();
  touched[0] = sum;
}

/** Where looks go whose outcome nobody wants; without it they would be left out. */
const touched = new Float64Array(1);
