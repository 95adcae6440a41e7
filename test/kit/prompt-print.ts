/** What a spoken sound is told by: how loud each of sixteen bands is over its time, in twenty-four parts, without its loudness and length. */
export type PromptPrint = Float64Array;

const BANDS = 16;
const PARTS = 24;
/** Hz; what a telephone carries. */
const [LOW, HIGH] = [250, 3400] as const;

/** The print of a sound of 8 kHz or more. */
export function printOf(samples: Int16Array, rate: number): PromptPrint {
  const frame = Math.round(rate * 0.025);
  const print = new Float64Array(BANDS * PARTS);
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part / PARTS) * Math.max(0, samples.length - frame));
    for (let band = 0; band < BANDS; band++) {
      const hertz = LOW * (HIGH / LOW) ** (band / (BANDS - 1));
      print[part * BANDS + band] = Math.log10(1 + power(samples, { from, frame, hertz, rate }));
    }
  }
  const mean = print.reduce((sum, each) => sum + each, 0) / print.length;
  const length = Math.sqrt(print.reduce((sum, each) => sum + (each - mean) ** 2, 0)) || 1;
  return print.map((each) => (each - mean) / length);
}

/** 1: the same sound; 0: nothing in common. */
export const likeness = (one: PromptPrint, other: PromptPrint): number => one.reduce((sum, each, at) => sum + each * other[at]!, 0);

function power(samples: Int16Array, { from, frame, hertz, rate }: { from: number; frame: number; hertz: number; rate: number }): number {
  const step = (2 * Math.PI * hertz) / rate;
  let [real, imaginary] = [0, 0];
  for (let at = 0; at < frame; at++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / frame);
    const value = (samples[from + at] ?? 0) * window;
    real += value * Math.cos(step * at);
    imaginary += value * Math.sin(step * at);
  }
  return (real ** 2 + imaginary ** 2) / frame ** 2;
}
