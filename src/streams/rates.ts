import { type Rate, Resampler } from '../audio/index.ts';
import type { StreamRate } from './options.ts';

/** Frames of 20 ms in a second. */
export const FRAMES = 50;

type Way = (samples: Int16Array) => Int16Array;

const same: Way = (samples) => samples;

/** One resampler after the other, 20 ms at a time. */
function way(...rates: readonly StreamRate[]): Way {
  const stages = rates.slice(1).map((to, stage) => new Resampler({ from: rates[stage]!, to }));
  return (samples) =>
    stages.reduce((from, stage) => {
      const out = new Int16Array((from.length * stage.to) / stage.from);
      stage.process(from, from.length, out);
      return out;
    }, samples);
}

/** Between two rates, at least one of which is the engine's; each use keeps what its filters remember. */
export function bring(from: StreamRate, to: StreamRate): Way {
  if (from === to) return same;
  const isOdd = from === 24_000 ? to !== 48_000 : to === 24_000 && from !== 48_000;
  return isOdd ? way(from, 48_000, to) : way(from, to);
}

/** What the program says goes to the engine at this rate. */
export const feedRate = (rate: StreamRate): Rate => (rate === 24_000 ? 48_000 : rate);

/** What the room should have for this program: beyond 16 kHz only for one that asks for all of it, because every telephone of the room pays. */
export const roomRate = (rate: StreamRate): Rate => (rate === 24_000 ? 16_000 : rate);
